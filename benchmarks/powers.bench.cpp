// Facts under all powers of the default rulebook, beside the same facts under none. The feed is simulated: trade, breaches
// of the agreements, and what answers them; the months are reviewed as they end.
#include <patron/engine/engine.hpp>
#include <patron/policy/rulebook.hpp>
#include <patron/testing/simulation.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <variant>
#include <vector>

namespace {

using namespace patron;

struct feed {
    std::vector<received> rows;
    std::size_t breaches = 0;
    day end{};

    feed() {
        testing::simulation from{{.customers = 4'000, .months = 24, .seed = 1}};
        while (auto next = from.next()) {
            breaches += std::holds_alternative<breach_reported>(*next) ? 1U : 0U;
            rows.push_back({rows.size() + 1, std::move(*next)});
        }
        end = testing::simulation_options{}.from.first();
        for (auto const& row : rows) end = std::max(end, head_of(row.content.value()).at.on());
    }
};
feed const& facts() {
    static feed const all;
    return all;
}

void apply(benchmark::State& state, house_rules const& rules) {
    auto rows = facts().rows;
    for (auto _ : state) {
        engine book{{.rules = rules}};
        for (std::span<received> rest{rows}; !rest.empty();) {
            auto const size = std::min<std::size_t>(rest.size(), 4'096);
            if (!book.apply(rest.first(size)).rejected.empty()) std::abort();
            rest = rest.subspan(size);
        }
        benchmark::DoNotOptimize(book.advance_to(period{facts().end}.last()));
    }
    auto const count = static_cast<double>(rows.size());
    state.counters["facts_per_second"] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["facts"] = count;
    state.counters["breaches"] = static_cast<double>(facts().breaches);
}
void with_none(benchmark::State& state) { apply(state, {}); }
void with_all(benchmark::State& state) { apply(state, rules_of(policy::default_rulebook()).value()); }

BENCHMARK(with_none)->Name("powers/none")->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(with_all)->Name("powers/all")->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
