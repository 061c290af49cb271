// A decision under a rulebook of two hundred rules, beside the same rules written by hand.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <random>
#include <vector>

#include "../tests/policy/two_hundred_rules.hpp"

namespace {

using namespace patron::tests;

/// More than caches of branches and data hold.
std::vector<two_hundred::customer_case> const& cases() {
    static auto const all = [] {
        std::mt19937_64 random{42};
        std::vector<two_hundred::customer_case> some;
        for (int i = 0; i < 65'536; ++i) some.push_back(two_hundred::random_case(random));
        return some;
    }();
    return all;
}

template <class Decide>
void decide(benchmark::State& state, Decide const& one) {
    auto const& all = cases();
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(one(all[i]));
        i = (i + 1) % all.size();
    }
}

void by_tables(benchmark::State& state) {
    auto const book = two_hundred::book();
    two_hundred::by_tables const tables{book};
    decide(state, [&](two_hundred::customer_case const& c) { return tables.decide(c); });
}
void by_hand(benchmark::State& state) {
    decide(state, [](two_hundred::customer_case const& c) { return two_hundred::by_hand::decide(c); });
}

BENCHMARK(by_tables)->Name("rules/200/tables");
BENCHMARK(by_hand)->Name("rules/200/by_hand");

}  // namespace
