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

// Three policies on a context, composed when it compiles, called one by one, and each behind a virtual call. Their breach is
// below what any of them answers: what is measured is the calls, not the making of effects.
template <int Least>
struct answers {
    void penalise(policy::context const& c, policy::effects& out) const {
        if (c.breach->severity >= Least) out.propose({.code = effect_code::written_warning, .since = c.on});
    }
};
struct occasion {
    customer_state state{};
    kept_breach breach{};
    lifecycle::assessment const assessment{};
    policy::context context{.customer = {state, nullptr}, .on = 20'000, .applied = nullptr, .assessment = assessment};
    policy::effects out{};
};
template <class Call>
void penalise(benchmark::State& state, Call const& call) {
    occasion o;
    o.context.breach = &o.breach;
    for (auto _ : state) {
        for (int i = 0; i < 1'000; ++i) {
            benchmark::DoNotOptimize(o.breach.severity);
            call(o.context, o.out);
            benchmark::ClobberMemory();
        }
    }
}
void composed(benchmark::State& state) {
    policy::policies const all{answers<3>{}, answers<4>{}, answers<5>{}};
    penalise(state, [&](policy::context const& c, policy::effects& out) { all.penalise(c, out); });
}
void written_down(benchmark::State& state) {
    penalise(state, [](policy::context const& c, policy::effects& out) {
        out.enter(effect_family::penalty);
        answers<3>{}.penalise(c, out);
        answers<4>{}.penalise(c, out);
        answers<5>{}.penalise(c, out);
    });
}
void at_run_time(benchmark::State& state) {
    policy::any_penalty_policy const all[] = {answers<3>{}, answers<4>{}, answers<5>{}};
    penalise(state, [&](policy::context const& c, policy::effects& out) {
        for (auto const& one : all) one.penalise(c, out);
    });
}

BENCHMARK(composed)->Name("policies/composed");
BENCHMARK(written_down)->Name("policies/written_down");
BENCHMARK(at_run_time)->Name("policies/at_run_time");
BENCHMARK(with_none)->Name("powers/none")->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(with_all)->Name("powers/all")->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
