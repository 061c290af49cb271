// Which customers are slipping away, and what are they worth?
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/gamma_gamma.hpp>
#include <patron/insight/lifetime_value.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <utility>
#include <vector>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;

int main() {
    constexpr day today{2025y / 12 / 31};
    constexpr auto cny = currency::literal("CNY");
    // customers who differ in how often they order, how soon they leave and how much they spend
    std::minstd_rand roll{42};
    auto const share = [&roll] { return (static_cast<double>(roll()) - 0.5) / std::minstd_rand::max(); };
    std::vector<std::vector<dated_amount>> orders;
    for (int i = 0; i < 400; ++i) {
        auto const gap = 5 + 60 * share() * share() / (0.05 + share());  // days
        auto const leaves = 0.4 * share() * share();                     // after an order, for good
        auto const spends = -100 / std::log(share() * share() * share());
        std::vector<dated_amount> own;
        auto on = day{2025y / 1 / 1} + std::chrono::days{static_cast<int>(120 * share())};
        do {
            own.push_back({on, {static_cast<std::int64_t>(-1'000 * spends * std::log(share() * share())), cny}});
            on += std::chrono::days{1 + static_cast<int>(-gap * std::log(share()))};
        } while (on <= today && share() > leaves);
        orders.push_back(std::move(own));
    }

    // tag::fit[]
    std::vector<purchase_summary> bought;
    std::vector<spend_summary> spent;
    for (auto const& own : orders) {
        std::vector<day> days;
        for (auto const& order : own) days.push_back(order.on);
        bought.push_back(summary_of(days, today, time_unit::week).value());
        spent.push_back(spend_of(own, today).value());
    }
    auto const purchases = fit_bg_nbd(bought).value();
    auto const spending = fit_gamma_gamma(spent).value();
    // end::fit[]
    std::printf("r %.3f alpha %.3f a %.3f b %.3f, p %.2f q %.2f gamma %.1f\n", purchases.model.r, purchases.model.alpha,
                purchases.model.a, purchases.model.b, spending.model.p, spending.model.q, spending.model.gamma);

    // tag::score[]
    for (std::size_t i : {0U, 1U, 2U, 3U}) {
        auto const alive = p_alive(purchases.model, bought[i]);
        auto const expected = expected_purchases(purchases.model, bought[i], 26);  // weeks
        auto const value =
            lifetime_value(purchases.model, spending.model, bought[i], spent[i], {.length = 52, .discount = 0.002});
        std::printf("customer %zu: alive %.3f, half a year %.2f purchases, a year is worth %.0f CNY\n", i, alive,
                    expected, value.value_or(0));
    }
    // end::score[]
}
