#include <patron/insight/tracking.hpp>

#include "models.hpp"

#include <numeric>

using namespace models;
using namespace std::chrono_literals;

namespace {

constexpr day start{2024y / 1 / 1};
day after(int n) { return start + std::chrono::days{n}; }

bg_nbd bg_of(boost::json::value const& p) {
    return {number(p.at("r")), number(p.at("alpha")), number(p.at("a")), number(p.at("b"))};
}
pareto_nbd pareto_of(boost::json::value const& p) {
    return {number(p.at("r")), number(p.at("alpha")), number(p.at("s")), number(p.at("beta"))};
}

template <class Model>
void compare_with_reference(Model const& model, boost::json::value const& cohort, char const* name,
                            std::vector<std::vector<day>> const& days) {
    CAPTURE(name);
    auto const& wanted = cohort.at(name);
    holdout_split const split{
        .order_days = days, .calibrated_until = calibration_end, .until = day{1998y / 6 / 30}, .unit = time_unit::week};
    auto const weeks = tracking(model, split).value();
    REQUIRE(weeks.size() == 78);
    REQUIRE(weeks.back().until == split.until);
    for (std::size_t i = 0; i < weeks.size(); ++i) {
        CAPTURE(i);
        CHECK(static_cast<double>(weeks[i].actual) == number(cohort.at("actual_cum").at(i)));
        // the reference is written with three decimals
        CHECK(std::abs(weeks[i].expected - number(wanted.at("expected_cum").at(i))) < 0.00051);
    }
    CHECK(100 * mean_percentage_error(weeks, calibration_end) ==
          Catch::Approx(number(wanted.at("holdout_cum_MAPE_weeks40_78"))).epsilon(1e-6));
    auto const table = holdout(model, split).value();
    CHECK(static_cast<double>(table.actual) == number(cohort.at("holdout_total")));
    CHECK(table.expected == Catch::Approx(number(wanted.at("condexp_total"))).epsilon(1e-6));
    CHECK(table.mean_absolute_error == Catch::Approx(number(wanted.at("condexp_MAE"))).epsilon(1e-6));
    CHECK(table.root_mean_square_error == Catch::Approx(number(wanted.at("condexp_RMSE"))).epsilon(1e-6));
    CHECK(table.correlation == Catch::Approx(number(wanted.at("condexp_corr"))).epsilon(1e-6));
    auto const& groups = wanted.at("by_freq").as_array();
    REQUIRE(table.by_x.size() == groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        CAPTURE(i);
        CHECK(static_cast<double>(table.by_x[i].customers) == number(groups[i].at("n")));
        CHECK(table.by_x[i].actual == Catch::Approx(number(groups[i].at("actual"))).epsilon(1e-6));
        CHECK(table.by_x[i].expected == Catch::Approx(number(groups[i].at("expected"))).epsilon(1e-6));
    }
}

}  // namespace

TEST_CASE("CDNOW's 78 weeks, actual and expected, are the reference's", "[insight][tracking]") {
    auto const all = json_in(shared("expected/holdout_cdnow.json"));
    for (auto const sample : {true, false}) {
        std::vector<std::vector<day>> days;
        for (auto const& [id, orders] : orders_of(sample)) days.push_back(days_of(orders));
        auto const& cohort = all.at(sample ? "sample" : "full");
        compare_with_reference(bg_of(cohort.at("bgnbd").at("params")), cohort, "bgnbd", days);
        compare_with_reference(pareto_of(cohort.at("pnbd").at("params")), cohort, "pnbd", days);
    }
}

TEST_CASE("repeat purchases are counted to the end of each week, first purchases are not", "[insight][tracking]") {
    mbg_nbd const model{.525, 6.183, .891, 1.614};
    // one after the calibration is no part of the cohort, one after the end is not known
    std::vector<std::vector<day>> const days{
        {after(0), after(6), after(6), after(7), after(99)}, {after(3), after(20)}, {after(15)}};
    holdout_split const split{
        .order_days = days, .calibrated_until = after(13), .until = after(22), .unit = time_unit::day};
    auto const weeks = tracking(model, split).value();
    REQUIRE(weeks.size() == 3);
    REQUIRE(weeks[0].until == after(6));
    REQUIRE(weeks[0].actual == 1);
    REQUIRE(weeks[1].actual == 2);
    REQUIRE(weeks[2].actual == 3);
    REQUIRE(weeks[1].expected == expected_purchases(model, 13) + expected_purchases(model, 10));

    auto const table = holdout(model, split).value();
    REQUIRE(table.customers == 2);
    REQUIRE(table.actual == 1);
    REQUIRE(table.by_x.size() == 2);
    REQUIRE((table.by_x[0].x == 0 && table.by_x[0].actual == 1));
    REQUIRE((table.by_x[1].x == 2 && table.by_x[1].actual == 0));
    auto const expected = expected_purchases(model, {.x = 2, .t_x = 7, .T = 13}, 9);
    REQUIRE(table.by_x[1].expected == Catch::Approx(expected));

    auto const by_two = tracking(model, split, std::chrono::days{2}).value();
    REQUIRE(by_two.size() == 11);
}

TEST_CASE("the error of tracking is that of the hold-out alone", "[insight][tracking]") {
    std::vector<tracked_total> const periods{{after(6), 10, 90}, {after(13), 10, 11}, {after(20), 20, 17}};
    REQUIRE(mean_percentage_error(periods, after(6)) == Catch::Approx((.1 + .15) / 2));
    REQUIRE(std::isnan(mean_percentage_error(periods, after(20))));
}

TEST_CASE("a split that holds nothing out, or nobody in, is refused", "[insight][tracking]") {
    bg_nbd const model{.243, 4.414, .793, 2.426};
    std::vector<std::vector<day>> const days{{after(5)}, {}};
    REQUIRE(tracking(model, {days, after(9), after(8)}).error().field == "until");
    REQUIRE(tracking(model, {days, after(4), after(8)}).error().code == errc::missing_field);
    REQUIRE(tracking(model, {days, after(9), after(20)}, std::chrono::days{0}).error().field == "step");
    REQUIRE(holdout(model, {days, after(9), after(9)}).error().field == "until");
    REQUIRE(holdout(model, {{}, after(9), after(12)}).error().code == errc::missing_field);
}
