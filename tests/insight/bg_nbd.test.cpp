#include <patron/insight/bg_nbd.hpp>

#include "models.hpp"

#include <patron/insight/impl/dropout.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

using namespace models;

namespace {

template <class Model>
Model model_of(boost::json::value const& p) {
    return {number(p.at(0)), number(p.at(1)), number(p.at(2)), number(p.at(3))};
}

template <class Model>
void compare_with_golden() {
    for (auto const& set : golden().at(Model::name).as_array()) {
        auto const model = model_of<Model>(set.at("parameters").as_array());
        CAPTURE(model.r, model.alpha, model.a, model.b);
        for (auto const& wanted : set.at("rows").as_array()) {
            auto const row = row_of(wanted);
            CAPTURE(row.x, row.t_x, row.T);
            REQUIRE(near(log_likelihood(model, row), number(wanted.at("log_likelihood")), 1e-13));
            REQUIRE(near(p_alive(model, row), number(wanted.at("p_alive")), 1e-12));
            for (auto const* horizon : {"1", "39", "2000"}) {
                CAPTURE(horizon);
                auto const h = std::stod(horizon);
                auto const saw = expected_purchases(model, row, h);
                CHECK(near(saw, number(wanted.at(std::string{"expected_"} + horizon)), 1e-11));
                CHECK(std::abs(p_no_purchase(model, row, h) -
                               number(wanted.at(std::string{"p_no_purchase_"} + horizon))) < 1e-13);
            }
        }
        auto const& fresh = set.at("new");
        for (auto const* horizon : {"1", "39", "2000"}) {
            auto const wanted = number(fresh.at(std::string{"expected_"} + horizon));
            CHECK(near(expected_purchases(model, std::stod(horizon)), wanted, 1e-11));
        }
        for (auto const n : {0U, 1U, 2U, 9U}) {
            auto const wanted = number(fresh.at("p_" + std::to_string(n) + "_in_39"));
            CHECK(near(p_purchases(model, n, 39), wanted, 1e-12));
        }
    }
}

/// Customers of a model, watched for a year of weeks or less.
template <bool AtFirst>
std::vector<purchase_summary> simulated(std::size_t customers, double r, double alpha, double a, double b) {
    draws from{7};
    std::vector<purchase_summary> rows;
    for (std::size_t i = 0; i < customers; ++i) {
        auto const rate = from.gamma(r) / alpha;
        auto const p = from.beta(a, b);
        purchase_summary row{.T = 30 + static_cast<double>(i % 30)};
        bool active = !AtFirst || from.uniform() >= p;
        for (double t = from.exponential() / rate; active && t <= row.T; t += from.exponential() / rate) {
            row.t_x = t;
            ++row.x;
            active = from.uniform() >= p;
        }
        rows.push_back(row);
    }
    return rows;
}

}  // namespace

TEST_CASE("BG/NBD and MBG/NBD agree with their integrals at 40 digits", "[insight][bg_nbd]") {
    compare_with_golden<bg_nbd>();
    compare_with_golden<mbg_nbd>();
}

TEST_CASE("points of the reference implementation are reproduced", "[insight][bg_nbd]") {
    auto const all = json_in(shared("expected/golden_btyd.json"));
    auto const bg = model_of<bg_nbd>(all.at("bg").as_array());
    auto const mbg = model_of<mbg_nbd>(all.at("mbg").as_array());
    for (auto const& wanted : all.at("rows").as_array()) {
        auto const row = row_of(wanted);
        CAPTURE(row.x, row.t_x, row.T);
        CHECK(near(p_alive(bg, row), number(wanted.at("bg_palive")), 1e-9));
        CHECK(near(p_alive(mbg, row), number(wanted.at("mbg_palive")), 1e-9));
        CHECK(near(log_likelihood(bg, row), number(wanted.at("bg_ll")), 1e-9));
        CHECK(near(expected_purchases(bg, row, 39), number(wanted.at("bg_condexp39")), 1e-9));
    }
    for (auto const& [t, wanted] : all.at("bg_expected").as_object()) {
        CHECK(near(expected_purchases(bg, std::stod(std::string{t})), number(wanted), 1e-9));
    }
}

TEST_CASE("the published parameters of CDNOW's sample are reproduced to the digits published", "[insight][bg_nbd]") {
    auto const rows = published_sample{}.purchases;
    auto const round_to = [](double value, double unit) { return std::round(value / unit) * unit; };

    // Fader, Hardie and Lee 2005, table 2
    auto const bg = fit_bg_nbd(rows).value();
    REQUIRE(bg.converged);
    REQUIRE(bg.warnings.empty());
    REQUIRE(bg.customers == 2357);
    REQUIRE(round_to(bg.model.r, 1e-3) == Catch::Approx(.243));
    REQUIRE(round_to(bg.model.alpha, 1e-3) == Catch::Approx(4.414));
    REQUIRE(round_to(bg.model.a, 1e-3) == Catch::Approx(.793));
    REQUIRE(round_to(bg.model.b, 1e-3) == Catch::Approx(2.426));
    REQUIRE(round_to(bg.log_likelihood, 1e-1) == Catch::Approx(-9582.4).epsilon(1e-9));

    // Batislam, Denizel and Filiztekin 2007
    auto const mbg = fit_mbg_nbd(rows).value();
    REQUIRE(round_to(mbg.model.r, 1e-3) == Catch::Approx(.525));
    REQUIRE(round_to(mbg.model.alpha, 1e-3) == Catch::Approx(6.183));
    REQUIRE(round_to(mbg.model.a, 1e-3) == Catch::Approx(.891));
    REQUIRE(round_to(mbg.model.b, 1e-3) == Catch::Approx(1.614));

    // expected/README.md: an independent fit of the same summary
    REQUIRE(bg.log_likelihood == Catch::Approx(-9582.425561).margin(1e-5));
    REQUIRE(mbg.log_likelihood == Catch::Approx(-9582.132685).margin(1e-5));
}

TEST_CASE("from CDNOW's logs themselves the independent optimum is found", "[insight][bg_nbd]") {
    auto const anchors = json_in(shared("expected/fit_anchors.json"));
    auto const compare = [&](auto const& fit, char const* name) {
        auto const& wanted = anchors.at(name);
        auto const& p = wanted.at("params");
        CAPTURE(name);
        CHECK(fit.log_likelihood == Catch::Approx(number(wanted.at("LL"))).margin(1e-5).epsilon(0));
        CHECK(near(fit.model.r, number(p.at("r")), 1e-5));
        CHECK(near(fit.model.alpha, number(p.at("alpha")), 1e-5));
        CHECK(near(fit.model.a, number(p.at("a")), 1e-5));
        CHECK(near(fit.model.b, number(p.at("b")), 1e-5));
        CHECK(fit.customers == 23'570);
    };
    auto const rows = summaries_of(orders_of(false));
    compare(fit_bg_nbd(rows).value(), "own_full_bgnbd");
    compare(fit_mbg_nbd(rows).value(), "own_full_mbgnbd");

    // expected/README.md: "from the raw log without rounding"
    auto const sample = summaries_of(orders_of(true));
    REQUIRE(fit_bg_nbd(sample).value().log_likelihood == Catch::Approx(-9582.429207).margin(1e-5).epsilon(0));
    REQUIRE(fit_mbg_nbd(sample).value().log_likelihood == Catch::Approx(-9582.135716).margin(1e-5).epsilon(0));
}

TEST_CASE("a fit finds the parameters that customers were drawn from", "[insight][bg_nbd]") {
    auto const compare = [](auto const& fit, std::array<double, 4> const& truth) {
        REQUIRE(fit.converged);
        for (std::size_t i = 0; i < truth.size(); ++i) {
            CAPTURE(i, truth[i], fit.model.parameters()[i], fit.standard_errors[i]);
            CHECK(fit.standard_errors[i] > 0);
            CHECK(std::abs(fit.model.parameters()[i] - truth[i]) < 4 * fit.standard_errors[i]);
            CHECK(fit.standard_errors[i] < truth[i] / 2);
        }
    };
    compare(fit_bg_nbd(simulated<false>(20'000, .8, 6, .9, 3)).value(), {.8, 6, .9, 3});
    compare(fit_mbg_nbd(simulated<true>(20'000, .8, 6, .9, 3)).value(), {.8, 6, .9, 3});
}

TEST_CASE("at the fit the likelihood has no slope, and falls on every side", "[insight][bg_nbd]") {
    auto const rows = simulated<false>(500, .8, 6, .9, 3);
    auto const fit = fit_bg_nbd(rows).value();
    auto const total = [&](bg_nbd const& m) {
        double sum = 0;
        for (auto const& row : rows) sum += log_likelihood(m, row);
        return sum;
    };
    auto const best = total(fit.model);
    REQUIRE(best == Catch::Approx(fit.log_likelihood).epsilon(1e-12));
    for (std::size_t i = 0; i < 4; ++i) {
        for (auto const by : {.99, 1.01}) {
            auto p = fit.model.parameters();
            p[i] *= by;
            CAPTURE(i, by);
            CHECK(total({p[0], p[1], p[2], p[3]}) < best);
        }
    }
    // the standard error says by how much: half a unit of likelihood at one, were the others free to follow
    auto p = fit.model.parameters();
    p[0] += fit.standard_errors[0];
    CHECK(best - total({p[0], p[1], p[2], p[3]}) > 0.5);
}

TEST_CASE("the same customers give the same fit to the last bit, in any order and merged or not", "[insight][bg_nbd]") {
    auto rows = simulated<false>(600, .8, 6, .9, 3);
    for (auto& row : rows) {
        row.t_x = std::ceil(row.t_x);
        row.T = std::max(row.T, row.t_x);
    }
    auto const one = fit_bg_nbd(rows).value();
    std::reverse(rows.begin(), rows.end());
    auto const other = fit_bg_nbd(rows).value();
    auto const merged = fit_bg_nbd(deduplicated(rows)).value();
    REQUIRE(one.rows < one.customers);
    for (auto const& fit : {other, merged}) {
        REQUIRE(fit.model.parameters() == one.model.parameters());
        REQUIRE(fit.log_likelihood == one.log_likelihood);
        REQUIRE(fit.customers == one.customers);
    }
}

TEST_CASE("times in another unit change the scale and nothing else", "[insight][bg_nbd]") {
    auto rows = simulated<false>(800, .8, 6, .9, 3);
    auto const weeks = fit_bg_nbd(rows).value();
    for (auto& row : rows) {
        row.t_x *= 7;
        row.T *= 7;
    }
    auto const days = fit_bg_nbd(rows).value();
    REQUIRE(near(days.model.alpha, 7 * weeks.model.alpha, 1e-6));
    REQUIRE(near(days.model.r, weeks.model.r, 1e-6));
    double purchases = 0;
    for (auto const& row : rows) purchases += row.x;
    REQUIRE(days.log_likelihood == Catch::Approx(weeks.log_likelihood - purchases * std::log(7)).epsilon(1e-9));
}

TEST_CASE("chances are chances, and add up", "[insight][bg_nbd]") {
    bg_nbd const bg{.243, 4.414, .793, 2.426};
    mbg_nbd const mbg{.525, 6.183, .891, 1.614};
    purchase_summary const row{.x = 7, .t_x = 29.43, .T = 38.86};
    auto const check = [&](auto const& model) {
        double sum = 0;
        double mean = 0;
        double fresh = 0;
        for (std::uint32_t n = 0; n < 400; ++n) {
            auto const p = p_purchases(model, row, n, 39);
            sum += p;
            mean += n * p;
            fresh += n * p_purchases(model, n, 39);
        }
        CHECK(sum == Catch::Approx(1).epsilon(1e-10));
        CHECK(mean == Catch::Approx(expected_purchases(model, row, 39)).epsilon(1e-9));
        CHECK(fresh == Catch::Approx(expected_purchases(model, 39)).epsilon(1e-9));
        CHECK(p_purchases(model, row, 0, 39) == Catch::Approx(p_no_purchase(model, row, 39)).epsilon(1e-12));
        CHECK(p_purchases(model, row, 0, 0) == Catch::Approx(1));
        CHECK(p_purchases(model, row, 1, 0) == 0);
        CHECK(expected_purchases(model, row, 0) == 0);
    };
    check(bg);
    check(mbg);
    REQUIRE(p_alive(bg, {.x = 0, .t_x = 0, .T = 1000}) == 1);
    REQUIRE(p_alive(mbg, {.x = 0, .t_x = 0, .T = 1000}) < .2);
}

TEST_CASE("the two ways to expect purchases agree where both hold, through a = 1", "[insight][bg_nbd]") {
    for (auto const a : {.2, .9, 1 - 1e-9, 1.0, 1 + 1e-9, 1.4, 6.0}) {
        for (auto const b : {1.5, 4.0, 30.0}) {
            for (auto const w : {.01, .5, 4.0}) {
                for (auto const n : {.3, 1.2}) {
                    auto const series = insight::detail::dropout_mean_by_series(n, a, b, w);
                    if (std::isnan(series)) continue;
                    CAPTURE(a, b, w, n);
                    CHECK(near(series, insight::detail::dropout_mean_by_quadrature(n, a, b, w), 2e-12));
                }
            }
        }
    }
    REQUIRE_FALSE(std::isnan(insight::detail::dropout_mean_by_series(.3, 1, 4, .5)));
}

TEST_CASE("large counts and long silences neither overflow nor become NaN", "[insight][bg_nbd]") {
    bg_nbd const model{.243, 4.414, .793, 2.426};
    purchase_summary const many{.x = 100'000, .t_x = 36'000, .T = 36'500};
    REQUIRE(std::isfinite(log_likelihood(model, many)));
    REQUIRE(p_alive(model, many) == 0);
    REQUIRE(expected_purchases(model, many, 365) == 0);
    REQUIRE(p_no_purchase(model, many, 365) == 1);
    purchase_summary const busy{.x = 100'000, .t_x = 36'500, .T = 36'500};
    REQUIRE(p_alive(model, busy) > .99999);
    // at this rate and with hardly a chance to drop out it buys on as it did
    REQUIRE(expected_purchases(model, busy, 365) == Catch::Approx(1000).epsilon(.01));
}

TEST_CASE("a fit that the data leave open says so", "[insight][bg_nbd]") {
    // everybody comes every week to the end: nothing tells of dropping out
    std::vector<purchase_summary> rows;
    for (std::uint32_t i = 0; i < 60; ++i) rows.push_back({.x = 20 + i % 5, .t_x = 39.5, .T = 40});
    auto const fit = fit_bg_nbd(rows).value();
    auto const said = std::accumulate(fit.warnings.begin(), fit.warnings.end(), std::string{});
    CAPTURE(said);
    REQUIRE(said.find("almost nobody drops out") != std::string::npos);
    REQUIRE(fit.warnings.size() > 1);

    std::vector<purchase_summary> const two{{1, 3, 9, 1}, {2, 8, 9, 1}, {0, 0, 9, 1}};
    auto const few = fit_bg_nbd(two).value();
    auto const told = std::accumulate(few.warnings.begin(), few.warnings.end(), std::string{});
    REQUIRE(told.find("only 2 customers came back") != std::string::npos);
}

TEST_CASE("rows that are no histories are refused, with their place and what would do", "[insight][bg_nbd]") {
    auto const fault = [](std::vector<purchase_summary> const& rows) { return fit_bg_nbd(rows).error(); };
    purchase_summary const good{1, 3, 9, 1};
    auto const nan = std::numeric_limits<double>::quiet_NaN();

    REQUIRE(fault({}).code == errc::missing_field);
    REQUIRE(fault({good, {1, 10, 9, 1}}).field == "t_x");
    REQUIRE(fault({good, {1, 10, 9, 1}}).line == 2);
    REQUIRE(fault({good, {1, -1, 9, 1}}).field == "t_x");
    REQUIRE(fault({good, {1, nan, 9, 1}}).field == "t_x");
    REQUIRE(fault({good, {1, 3, nan, 1}}).field == "T");
    REQUIRE(fault({good, {1, 3, -4, 1}}).field == "T");
    REQUIRE(fault({good, {0, 3, 9, 1}}).field == "t_x");
    REQUIRE(fault({good, {2, 0, 9, 1}}).field == "t_x");
    REQUIRE(fault({good, {1, 3, 9, 0}}).field == "weight");
    REQUIRE(fault({good, {most_repeats + 1, 3, 9, 1}}).field == "x");
    REQUIRE(fault({{0, 0, 9, 1}, {0, 0, 4, 1}}).field == "x");
    REQUIRE(fault({{0, 0, 0, 1}}).field == "T");
    REQUIRE_FALSE(fault({{0, 0, 9, 1}}).remedy.empty());
}
