// Early warning on one thread: a purchase told, and the risks of a million customers.
//
// Beside the risks stands BG/NBD's chance alone, by a plain loop over the same customers: a small part of what a risk needs.
// Beside the purchase stands the least that a detector by silence could do: keep the day.
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/early_warning.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace {

using namespace patron;
using namespace patron::insight;

constexpr auto usd = currency::literal("USD");
constexpr int horizon = 91;

day on(int number) { return day{std::chrono::days{18'000 + number}}; }

struct told {
    std::uint32_t customer;
    int on;
};

/// Who buys when, for two years: rhythms of 10 to 100 days, and a chance to leave at each purchase.
std::vector<told> purchases_of(std::uint32_t customers) {
    constexpr int days = 730;
    std::mt19937_64 from{1};
    auto const uniform = [&] { return (static_cast<double>(from() >> 11U) + 0.5) / 9007199254740992.0; };
    std::vector<std::vector<std::uint32_t>> by_day(days);
    for (std::uint32_t c = 0; c < customers; ++c) {
        auto const mean_gap = std::exp(2.3 + 2.3 * uniform());
        auto const leaves = 0.2 * uniform();
        auto at = 500.0 * c / customers;  // numbered by their first purchase
        while (at < days) {
            by_day[static_cast<std::size_t>(at)].push_back(c);
            if (uniform() < leaves) break;
            at += 1 - mean_gap * std::log(uniform());
        }
    }
    std::vector<told> all;
    for (int d = 0; d < days; ++d) {
        for (auto const c : by_day[static_cast<std::size_t>(d)]) all.push_back({c, d});
    }
    return all;
}

purchase_day bought(told const& one) {
    return {.on = on(one.on), .amount = money{10'000 + one.customer % 1'000, usd}, .lines = 1 + one.customer % 7};
}

/// A detector that was told a book and trained on its months; `customers` of it.
early_warning trained(std::uint32_t customers) {
    early_warning detector;
    int month = 1;
    for (auto const& one : purchases_of(customers)) {
        for (; one.on > 30 * month; ++month) {
            // a few months are enough to train on
            if (month >= 16 && month % 2 == 0) detector.month_ended(on(30 * month));
        }
        detector.bought(one.customer, bought(one));
    }
    detector.month_ended(on(730));
    if (!detector.model().trained()) std::abort();
    return detector;
}

/// The model of a trained detector of ten thousand, with the statistics of a million.
early_warning const& million() {
    static early_warning const all = [] {
        auto const small = trained(10'000);
        early_warning_memory memory{.options = small.memory().options, .model = small.model()};
        early_warning big{std::move(memory)};
        for (auto const& one : purchases_of(1'000'000)) big.bought(one.customer, bought(one));
        return big;
    }();
    return all;
}

std::vector<std::uint32_t> everybody(early_warning const& of) {
    std::vector<std::uint32_t> all(of.memory().customers.size());
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

void risks_of_million(benchmark::State& state) {
    auto const& all = million();
    auto const of = everybody(all);
    std::vector<double> out(of.size());
    for (auto _ : state) {
        all.risks(on(730), of, out);
        benchmark::ClobberMemory();
    }
    state.counters["seconds"] =
        benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void bg_nbd_of_million(benchmark::State& state) {
    auto const& all = million();
    auto const of = everybody(all);
    std::vector<double> out(of.size());
    auto const model = all.model().purchases();
    auto const now = on(730).time_since_epoch().count();
    for (auto _ : state) {
        for (auto const c : of) {
            auto const& one = all.memory().customers[c];
            out[c] = p_no_purchase(model,
                                   {.x = one.purchases - 1,
                                    .t_x = (one.last - one.first) / 7.0,
                                    .T = static_cast<double>(now - one.first) / 7},
                                   horizon / 7.0);
        }
        benchmark::ClobberMemory();
    }
}

std::vector<told> const& thousand() {  // their state stays in the caches
    static auto const all = purchases_of(1'000);
    return all;
}
void purchases_told(benchmark::State& state) {
    auto const& all = thousand();
    std::vector<std::pair<std::uint32_t, purchase_day>> days;
    for (auto const& one : all) days.emplace_back(one.customer, bought(one));
    for (auto _ : state) {
        early_warning detector{{.trained = false}};
        for (auto const& [customer, what] : days) detector.bought(customer, what);
        benchmark::DoNotOptimize(detector.memory().customers.data());
    }
    state.counters["ns"] =
        benchmark::Counter(static_cast<double>(days.size()) / 1e9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void keep_the_day(benchmark::State& state) {
    auto const& all = thousand();
    for (auto _ : state) {
        std::vector<std::int32_t> last;
        for (auto const& one : all) {
            if (one.customer >= last.size()) last.resize(one.customer + 1);
            last[one.customer] = one.on;
        }
        benchmark::DoNotOptimize(last.data());
    }
}

void month_end(benchmark::State& state) {
    auto const all = trained(10'000);
    for (auto _ : state) {
        auto detector = all;
        detector.month_ended(on(730) + std::chrono::days{1});
        benchmark::DoNotOptimize(detector.model().r);
    }
}

BENCHMARK(risks_of_million)->Name("early_warning/risks/million")->Unit(benchmark::kMillisecond);
BENCHMARK(bg_nbd_of_million)->Name("early_warning/bg_nbd/million")->Unit(benchmark::kMillisecond);
BENCHMARK(purchases_told)->Name("early_warning/bought")->Unit(benchmark::kMicrosecond);
BENCHMARK(keep_the_day)->Name("early_warning/last_day")->Unit(benchmark::kMicrosecond);
BENCHMARK(month_end)->Name("early_warning/month_end/ten_thousand")->Unit(benchmark::kMillisecond);

}  // namespace
