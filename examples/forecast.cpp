// What will we sell in the next quarter: to each customer, to a group of them, to all, and how sure is that?
#include <patron/insight/forecast_backtest.hpp>
#include <patron/insight/whole_units.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;

int main() {
    constexpr day today{2025y / 12 / 31};
    constexpr auto cny = currency::literal("CNY");
    // dealers who come over two and a half years, differ in how often they order and how much, and leave one day
    std::minstd_rand roll{7};
    auto const share = [&roll] { return (static_cast<double>(roll()) - 0.5) / std::minstd_rand::max(); };
    std::vector<std::vector<dated_amount>> orders;
    for (int i = 0; i < 600; ++i) {
        auto const gap = -25 * std::log(share() * share());  // days
        auto const stays = -500 * std::log(share());         // days
        auto const spends = 1'000 - 800 * std::log(share());
        auto const first = day{2023y / 7 / 1} + std::chrono::days{static_cast<int>(900 * share())};
        std::vector<dated_amount> own;
        for (double at = 0; at <= stays; at += 1 - gap * std::log(share())) {
            auto const on = first + std::chrono::days{static_cast<int>(at)};
            if (on > today) break;
            own.push_back({on, {static_cast<std::int64_t>(-50 * spends * std::log(share() * share())), cny}});
        }
        orders.push_back(std::move(own));
    }

    // tag::forecast[]
    auto const quarter = forecast_sales(orders, {.as_of = today, .months = 3}).value();
    auto const say = [](char const* who, sales_forecast const& of) {
        auto const [low, high] = of.amount.within_80;
        std::printf("%-10s %6.1f purchases, %8.0f CNY, four times in five %7.0f to %7.0f\n", who, of.purchases.mean,
                    of.amount.mean, low, high);
    };
    for (std::size_t i : {0U, 1U, 2U}) say("a dealer", quarter.customers[i]);
    say("a group", total_of(quarter, std::vector<std::size_t>{0, 1, 2, 5, 8, 13, 21}));
    say("dealers", quarter.existing);
    say("newcomers", quarter.newcomers);
    say("the book", quarter.book);
    // end::forecast[]
    std::printf("in common %.1f %%, learnt from %u past forecasts\n", 100 * quarter.book_off.amount.spread,
                quarter.origins);

    // tag::backtest[]
    auto const past = backtest_sales(orders, {.until = today, .months = 3, .origins = 8}).value();
    for (auto const& then : past.origins) {
        auto const [low, high] = then.book.amount.within_80;
        std::printf("%s: %8.0f to %8.0f, was %8.0f\n", to_string(then.as_of).c_str(), low, high,
                    whole_units(then.actual_book.amount));
    }
    auto const& score = past.customers.amount;
    std::printf("customers: 80 %% held %.1f, 95 %% held %.1f; errors are %.2f of those of \"as in the last quarter\"\n",
                100 * score.coverage_80, 100 * score.coverage_95, score.last_period.scaled());
    // end::backtest[]
}
