// One credit check in memory: 20 open items, a group of three levels, all rules asked. The figure is the median's.
//
// `approve`: the request passes. `hold`: it exceeds the limit, and what would clear it is found as well.
#include <patron/policy/credit.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace patron;

constexpr day_number today = 20'000;

struct customer {
    credit_picture picture{.in = currency::literal("CNY"), .on = today, .orders = 40, .terms_days = 30};
    std::vector<std::string> names;
    std::vector<open_item> items;
    std::array<group_pool, 3> groups{
        {{.group = "region", .limit = credit_limit::of(9'000'000'00), .used = 5'000'000'00},
         {.group = "country", .limit = credit_limit::of(50'000'000'00), .used = 1'00},
         {.group = "world", .limit = credit_limit::of(90'000'000'00), .used = 1'00}}};

    customer() {
        for (int i = 0; i < 20; ++i) names.push_back("INV-" + std::to_string(i));
        for (int i = 0; i < 20; ++i) {
            auto const due = today + i - 4;  // four are overdue, none for long
            items.push_back({names[static_cast<std::size_t>(i)], 1'000'00, due, i == 7});
            (i == 7        ? picture.exposure.disputed
             : today > due ? picture.exposure.overdue
                           : picture.exposure.not_due) += 1'000'00;
        }
        picture.exposure.open_orders = 30'000'00;
        picture.limit = credit_limit::of(100'000'00);
        picture.items = items;
        picture.groups = groups;
    }
};

void check(benchmark::State& state, std::int64_t amount, credit_verdict expected) {
    customer const c;
    credit_rules const rules;
    credit_request const request{.amount = amount, .order = "SO-1"};
    using clock = std::chrono::steady_clock;
    constexpr int batch = 16;  // so that reading the clock costs little beside it
    std::vector<double> nanoseconds;
    for (auto _ : state) {
        auto const begin = clock::now();
        for (int i = 0; i < batch; ++i) {
            auto const answer = check_credit(c.picture, request, rules);
            if (!answer || answer.value().verdict != expected) state.SkipWithError("another verdict");
            benchmark::DoNotOptimize(answer);
        }
        auto const took = std::chrono::duration<double, std::nano>{clock::now() - begin} / batch;
        nanoseconds.push_back(took.count());
    }
    if (nanoseconds.empty()) return;
    auto const middle = nanoseconds.begin() + static_cast<std::ptrdiff_t>(nanoseconds.size() / 2);
    std::nth_element(nanoseconds.begin(), middle, nanoseconds.end());
    state.counters["median_ns"] = *middle;
}

}  // namespace

BENCHMARK_CAPTURE(check, credit / approve, 40'000'00, credit_verdict::approve)->Name("credit/check/approve");
BENCHMARK_CAPTURE(check, credit / hold, 60'000'00, credit_verdict::hold)->Name("credit/check/hold");
