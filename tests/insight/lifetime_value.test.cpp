#include <patron/insight/lifetime_value.hpp>

#include "models.hpp"

using namespace models;

namespace {
constexpr purchase_summary regular{.x = 7, .t_x = 29.43, .T = 38.86};
constexpr gamma_gamma spend{6.25, 3.74, 15.44};
}  // namespace

TEST_CASE("without a discount the purchases of the horizon count in full", "[insight][lifetime_value]") {
    auto const check = [](auto const& model) {
        REQUIRE(discounted_purchases(model, regular, {.length = 39}) == expected_purchases(model, regular, 39));
        REQUIRE(discounted_purchases(model, regular, {.length = 0, .discount = .01}) == 0);
    };
    check(bg_nbd{.243, 4.414, .793, 2.426});
    check(mbg_nbd{.525, 6.183, .891, 1.614});
    check(pareto_nbd{.553, 10.578, .606, 11.669});
}

TEST_CASE("a unit's purchases count as of its end, a part of a unit's as of its own", "[insight][lifetime_value]") {
    pareto_nbd const model{.553, 10.578, .606, 11.669};
    auto const until = [&](double t) { return expected_purchases(model, regular, t); };
    auto const by_hand =
        until(1) / 1.02 + (until(2) - until(1)) / (1.02 * 1.02) + (until(2.5) - until(2)) / std::pow(1.02, 2.5);
    REQUIRE(discounted_purchases(model, regular, {.length = 2.5, .discount = .02}) ==
            Catch::Approx(by_hand).epsilon(1e-13));
    REQUIRE(discounted_purchases(model, regular, {.length = 2, .discount = .02}) ==
            Catch::Approx(until(1) / 1.02 + (until(2) - until(1)) / 1.0404).epsilon(1e-13));
}

TEST_CASE("the value of a customer is its purchases to come at what it spends", "[insight][lifetime_value]") {
    bg_nbd const model{.243, 4.414, .793, 2.426};
    spend_summary const spent{.x = 7, .mean = 73.74};
    value_horizon const year{.length = 52, .discount = .0025};
    auto const value = lifetime_value(model, spend, regular, spent, year);
    REQUIRE(value.value() ==
            Catch::Approx(expected_spend(spend, spent).value() * discounted_purchases(model, regular, year)));
    REQUIRE(*value < *lifetime_value(model, spend, regular, spent, {.length = 52}));
    REQUIRE_FALSE(lifetime_value(model, gamma_gamma{1, .5, 1}, regular, {}, year));
}
