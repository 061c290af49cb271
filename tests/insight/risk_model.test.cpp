#include <patron/insight/risk_model.hpp>

#include <patron/insight/bg_nbd.hpp>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

using namespace patron;
using namespace patron::insight;
using Catch::Approx;
using enum risk_feature;

namespace {

constexpr auto usd = currency::literal("USD");

day on(int number) { return day{std::chrono::days{number}}; }

risk_model model() {
    return {.r = 0.25, .alpha = 4.4, .a = 0.8, .b = 2.4, .mean_log_gap = std::log(30), .log_gap_variance = 0.5};
}

/// Bought on 19'700 for 100, on 19'710 for less than nothing, on 19'730 for 300 and on 19'770 for 50.
purchase_statistics customer() {
    purchase_statistics c;
    add_purchase(c, {.on = on(19'700), .amount = money{100'00, usd}, .lines = 3});
    add_purchase(c, {.on = on(19'710), .amount = money{-5'00, usd}});
    add_purchase(c, {.on = on(19'730), .amount = money{300'00, usd}, .lines = 1});
    add_purchase(c, {.on = on(19'770), .amount = money{50'00, usd}, .lines = 7});
    return c;
}

double value(purchase_statistics const& of, int at, risk_feature which, int horizon = 91) {
    auto by = model();
    by.horizon_days = horizon;
    return features_of(by, of, on(at))[static_cast<std::size_t>(which)];
}

purchase_statistics buying_on(std::initializer_list<int> days) {
    purchase_statistics c;
    for (auto const d : days) add_purchase(c, {.on = on(d), .amount = money{10'00, usd}});
    return c;
}

double risk(risk_model const& by, purchase_statistics const& of, int at) {
    auto const* const one = &of;
    double out = -1;
    risks_of(by, {&one, 1}, on(at), {&out, 1});
    return out;
}

}  // namespace

TEST_CASE("features are what their definitions give", "[insight][risk_model]") {
    // worked out by Python's math module, from the purchase days and the definitions in the header, on day 19'800
    struct row {
        risk_feature which;
        double value;
    };
    auto const all = std::array{
        row{silence, 3.43398720449},                    // ln 31
        row{purchases, 1.38629436112},                  // ln 4
        row{mean_amount, 4.73180283692},                // ln(1 + 450 / 4)
        row{tenure, 4.61512051684},                     // ln 101
        row{silence_to_mean_gap, 0.242140052005},       // ln(31 / (70 / 3 + 1))
        row{last_horizon, 1.18958406687},               // ln(1 + 2 + 2 x 2 / 14): 19'709 lies in the first fortnight
        row{last_two_horizons, 1.60943791243},          // ln 5
        row{bg_nbd_no_purchase, -0.306530946015},       //
        row{bg_nbd_inactive, -0.858022071234},          // ln(.8 / 4.4) + 3.25 ln((4.4 + 100 / 7) / (4.4 + 10))
        row{nbd_no_purchase, -1.51823514266},           //
        row{recent_15, -1.15251741404},                 //
        row{recent_30, -0.0794353867825},               // ln(.001 + 2^-1 + 2^(-7/3) + 2^-3 + 2^(-10/3))
        row{recent_60, 0.599984080457},                 //
        row{recent_120, 0.980260687907},                //
        row{recent_240, 1.18026008318},                 //
        row{recent_480, 1.28263325073},                 //
        row{silence_deviation, 0.481158308523},         //
        row{gap_irregularity, -1.27121057549},          //
        row{silence_to_longest_gap, -0.279584862219},   // ln(31 / 41)
        row{mean_log_gap, 3.09709855058},               // (ln 10 + ln 20 + ln 40 + ln 30) / 4
        row{log_gap_spread, -0.356443867793},           // ln((2 ln^2 2 + 2 x .5) / 4) / 2
        row{renewal_no_purchase, -3.08307728709},       //
        row{renewal_silence, -1.09821285899},           //
        row{year_ago, 0},                               //
        row{around_year_ago, 0},                        //
        row{last_four_horizons, 1.60943791243},         // ln 5
        row{season, -0.271239076688},                   //
        row{season_quarter, 0.533126637417},            //
        row{half_year_season, -0.215016169611},         //
        row{half_year_season_eighth, -0.362960453458},  //
        row{recent_amount, -0.00438513044946},          //
        row{last_amount, -0.799977204197},              // ln 51 - mean_amount
        row{lines, 1.03972077084},                      // (ln 4 + ln 1 + ln 2 + ln 8) / 4
    };
    STATIC_REQUIRE(all.size() == risk_feature_count);
    for (auto const& [which, wanted] : all) {
        CAPTURE(name_of(which));
        CHECK(value(customer(), 19'800, which) == Approx(wanted).margin(1e-9));
    }
}

TEST_CASE("BG/NBD's part is the model's own chance of no purchase", "[insight][risk_model]") {
    purchase_summary const row{.x = 3, .t_x = 10, .T = 100.0 / 7};
    for (auto const horizon : {7, 91, 365}) {
        auto const p = p_no_purchase(model().purchases(), row, horizon / 7.0);
        CHECK(value(customer(), 19'800, bg_nbd_no_purchase, horizon) == Approx(std::log(p / (1 - p))));
    }
    auto const alive = p_alive(model().purchases(), row);
    CHECK(value(customer(), 19'800, bg_nbd_inactive) == Approx(std::log((1 - alive) / alive)));
}

TEST_CASE("purchases of a year ago count in the horizon's place, as far as they are kept", "[insight][risk_model]") {
    // fortnights begin on 19'446 = 14 x 1389 and on 19'460
    auto const c = buying_on({19'446, 19'460, 19'700});
    // on 19'795: (19'430, 19'458] with a horizon of 28: 13 days of the first's fortnight, none of the second's
    CHECK(value(c, 19'795, year_ago, 28) == Approx(std::log(1 + 13.0 / 14)));
    // (19'416, 19'472]
    CHECK(value(c, 19'795, around_year_ago, 28) == Approx(std::log(1 + 1 + 13.0 / 14)));
    // 4 x 182 days are more than 32 fortnights: what is older is not there
    CHECK(value(buying_on({19'300, 19'700}), 19'795, last_four_horizons, 182) == Approx(std::log(2)));
}

TEST_CASE("features are finite for every customer with a purchase", "[insight][risk_model]") {
    auto daily = buying_on({});
    for (int d = 0; d < 400; ++d) add_purchase(daily, {.on = on(19'000 + d), .amount = money{1, usd}});
    auto const worst =
        std::array{buying_on({19'700}), buying_on({-20'000, 19'700}), buying_on({19'699, 19'700}), daily};
    // fits on their bounds, as of books where nobody drops out, or all buy alike
    auto const extremes = std::array{bg_nbd{.25, 4.4, .8, 2.4}, bg_nbd{5e5, 8.8e6, 1.2e-7, 8.8e6},
                                     bg_nbd{1.2e-7, 8.8e6, 8.8e6, 1.2e-7}, bg_nbd{8.8e6, 1.2e-7, 1.2e-7, 1.2e-7}};
    for (auto const& fit : extremes) {
        for (auto const& c : worst) {
            for (auto const horizon : {7, 91, 365}) {
                for (auto const at : {19'700, 19'701, 19'900, 60'000}) {
                    risk_model const by{
                        .horizon_days = horizon, .r = fit.r, .alpha = fit.alpha, .a = fit.a, .b = fit.b};
                    auto const values = features_of(by, c, on(at));
                    CAPTURE(fit.r, fit.a, c.purchases, horizon, at);
                    for (std::size_t f = 0; f < values.size(); ++f) {
                        CAPTURE(name_of(static_cast<risk_feature>(f)), values[f]);
                        REQUIRE(std::isfinite(values[f]));
                    }
                    auto const p = risk(by, c, at);
                    REQUIRE((p >= 0 && p <= 1));
                }
            }
        }
    }
}

TEST_CASE("an effect is level outside of what was seen, but for its free part", "[insight][risk_model]") {
    risk_effect const bent{.low = 1, .high = 4, .knots = {2, 3}, .slope = 1, .hinges = {2, -4}};
    CHECK(bent.at(-7) == 1);
    CHECK(bent.at(1.5) == 1.5);
    CHECK(bent.at(2.5) == 3.5);
    CHECK(bent.at(3.5) == 4.5);  // 3.5 + 2 x 1.5 - 4 x .5
    CHECK(bent.at(4) == bent.at(400));
    risk_effect const line{.free = 2};
    CHECK(line.at(-7) == -14);
}

TEST_CASE("who bought once, or is silent for two horizons, has BG/NBD's own risk", "[insight][risk_model]") {
    auto const bg = model().purchases();
    CHECK(risk(model(), buying_on({19'700}), 19'800) ==
          Approx(p_no_purchase(bg, {.x = 0, .t_x = 0, .T = 100.0 / 7}, 13)).margin(1e-9));
    auto const c = customer();
    CHECK(is_candidate(c, 91, on(19'770 + 181)));
    CHECK_FALSE(is_candidate(c, 91, on(19'770 + 182)));
    CHECK(risk(model(), c, 19'770 + 182) ==
          Approx(p_no_purchase(bg, {.x = 3, .t_x = 10, .T = 252.0 / 7}, 13)).margin(1e-9));
    CHECK_FALSE(explain_risk(model(), c, on(19'770 + 182)).candidate);
    CHECK(risk(model(), {}, 19'800) == 1);  // never bought
}

TEST_CASE("what moved a risk sums up to it, the largest first", "[insight][risk_model]") {
    auto by = model();
    by.log_odds.intercept = -0.7;
    by.log_odds.effects[static_cast<std::size_t>(silence)] = {.free = 1.5, .mean = 3};
    by.log_odds.effects[static_cast<std::size_t>(recent_120)] = {
        .low = 0, .high = 2, .knots = {0.5, 1}, .slope = -2, .hinges = {-1, 0.5}, .mean = 0.25};
    by.log_odds.effects[static_cast<std::size_t>(lines)] = {.free = -0.01, .mean = 1};
    auto const why = explain_risk(by, customer(), on(19'800));
    REQUIRE(why.candidate);
    CHECK(why.baseline == Approx(-0.7 + 1.5 * 3 - 2 * 0.25 - 0.01));
    REQUIRE(why.contributions.size() == 3);
    CHECK(why.contributions[0].feature == recent_120);
    CHECK(why.contributions[0].log_odds == Approx(-2 * (0.980260687907 - 0.25) - (0.980260687907 - 0.5)));
    CHECK(why.contributions[1].feature == silence);
    CHECK(why.contributions[1].log_odds == Approx(1.5 * (3.43398720449 - 3)));
    CHECK(why.contributions[2].feature == lines);
    double sum = why.baseline;
    for (auto const& c : why.contributions) sum += c.log_odds;
    CHECK(why.log_odds == Approx(sum));
    CHECK(why.risk == Approx(1 / (1 + std::exp(-sum))));
}

TEST_CASE("every feature has a name of its own", "[insight][risk_model]") {
    std::set<std::string_view> names;
    for (std::size_t f = 0; f < risk_feature_count; ++f) names.insert(name_of(static_cast<risk_feature>(f)));
    CHECK(names.size() == risk_feature_count);
    CHECK(name_of(silence) == "silence");
    CHECK(name_of(lines) == "lines");
}

TEST_CASE("a risk does not depend on who stands beside", "[insight][risk_model]") {
    std::vector<purchase_statistics> all;
    for (int i = 0; i < 300; ++i)
        all.push_back(i % 7 == 0 ? purchase_statistics{} : buying_on({19'000 + i, 19'400 + 2 * i}));
    std::vector<purchase_statistics const*> of;
    for (auto const& c : all) of.push_back(&c);
    auto by = model();
    by.log_odds.effects[static_cast<std::size_t>(silence_deviation)].free = 1;
    std::vector<double> out(all.size(), -1);
    risks_of(by, of, on(20'000), out);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(out[i] == Approx(risk(by, all[i], 20'000)).margin(1e-12));
    risks_of(by, {}, on(20'000), {});
}
