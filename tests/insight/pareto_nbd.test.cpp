#include <patron/insight/pareto_nbd.hpp>

#include "models.hpp"

#include <array>
#include <numeric>
#include <string>

using namespace models;

namespace {

pareto_nbd model_of(boost::json::value const& p) {
    return {number(p.at(0)), number(p.at(1)), number(p.at(2)), number(p.at(3))};
}

std::vector<purchase_summary> simulated(std::size_t customers, pareto_nbd const& m) {
    draws from{11};
    std::vector<purchase_summary> rows;
    for (std::size_t i = 0; i < customers; ++i) {
        auto const rate = from.gamma(m.r) / m.alpha;
        auto const gone = from.exponential() / (from.gamma(m.s) / m.beta);
        purchase_summary row{.T = 30 + static_cast<double>(i % 30)};
        for (double t = from.exponential() / rate; t <= std::min(row.T, gone); t += from.exponential() / rate) {
            row.t_x = t;
            ++row.x;
        }
        rows.push_back(row);
    }
    return rows;
}

}  // namespace

TEST_CASE("Pareto/NBD agrees with its integrals at 40 digits", "[insight][pareto_nbd]") {
    for (auto const& set : golden().at("paretonbd").as_array()) {
        auto const model = model_of(set.at("parameters").as_array());
        CAPTURE(model.r, model.alpha, model.s, model.beta);
        for (auto const& wanted : set.at("rows").as_array()) {
            auto const row = row_of(wanted);
            CAPTURE(row.x, row.t_x, row.T);
            CHECK(near(log_likelihood(model, row), number(wanted.at("log_likelihood")), 1e-12));
            CHECK(near(p_alive(model, row), number(wanted.at("p_alive")), 1e-11));
            for (auto const* horizon : {"1", "39", "2000"}) {
                CAPTURE(horizon);
                auto const h = std::stod(horizon);
                CHECK(near(expected_purchases(model, row, h), number(wanted.at(std::string{"expected_"} + horizon)),
                           1e-11));
                CHECK(std::abs(p_no_purchase(model, row, h) -
                               number(wanted.at(std::string{"p_no_purchase_"} + horizon))) < 1e-12);
            }
        }
        auto const& fresh = set.at("new");
        for (auto const* horizon : {"1", "39", "2000"}) {
            auto const wanted = number(fresh.at(std::string{"expected_"} + horizon));
            CHECK(near(expected_purchases(model, std::stod(horizon)), wanted, 1e-12));
        }
        for (auto const n : {0U, 1U, 2U, 9U}) {
            CAPTURE(n);
            auto const wanted = number(fresh.at("p_" + std::to_string(n) + "_in_39"));
            CHECK(near(p_purchases(model, n, 39), wanted, 1e-10));
        }
    }
}

TEST_CASE("points of the reference implementation of Pareto/NBD are reproduced", "[insight][pareto_nbd]") {
    auto const all = json_in(shared("expected/golden_btyd.json"));
    auto const model = model_of(all.at("pnbd").as_array());
    for (auto const& wanted : all.at("rows").as_array()) {
        auto const row = row_of(wanted);
        CAPTURE(row.x, row.t_x, row.T);
        CHECK(near(p_alive(model, row), number(wanted.at("pnbd_palive")), 1e-9));
        CHECK(near(log_likelihood(model, row), number(wanted.at("pnbd_ll")), 1e-9));
        CHECK(near(expected_purchases(model, row, 39), number(wanted.at("pnbd_condexp39")), 1e-9));
    }
    for (auto const& [t, wanted] : all.at("pnbd_expected").as_object()) {
        CHECK(near(expected_purchases(model, std::stod(std::string{t})), number(wanted), 1e-9));
    }
}

TEST_CASE("the published parameters of Pareto/NBD are reproduced to the digits published", "[insight][pareto_nbd]") {
    // Fader, Hardie and Lee 2005, table 2; the last digits of beta are flat in the likelihood
    auto const fit = fit_pareto_nbd(published_sample{}.purchases).value();
    auto const round_to = [](double value, double unit) { return std::round(value / unit) * unit; };
    REQUIRE(fit.converged);
    REQUIRE(fit.warnings.empty());
    REQUIRE(round_to(fit.model.r, 1e-3) == Catch::Approx(.553));
    REQUIRE(round_to(fit.model.alpha, 1e-3) == Catch::Approx(10.578));
    REQUIRE(round_to(fit.model.s, 1e-3) == Catch::Approx(.606));
    REQUIRE(fit.model.beta == Catch::Approx(11.669).epsilon(1e-3));
    REQUIRE(round_to(fit.log_likelihood, 1e-1) == Catch::Approx(-9595.0).epsilon(1e-9));
    REQUIRE(fit.log_likelihood == Catch::Approx(-9594.973930).margin(1e-5).epsilon(0));
}

TEST_CASE("from CDNOW's logs the independent optimum of Pareto/NBD is found", "[insight][pareto_nbd]") {
    auto const wanted = json_in(shared("expected/fit_anchors.json")).at("own_full_pnbd");
    auto const fit = fit_pareto_nbd(summaries_of(orders_of(false))).value();
    REQUIRE(fit.log_likelihood == Catch::Approx(number(wanted.at("LL"))).margin(1e-5).epsilon(0));
    REQUIRE(near(fit.model.r, number(wanted.at("params").at("r")), 1e-5));
    REQUIRE(near(fit.model.alpha, number(wanted.at("params").at("alpha")), 1e-5));
    REQUIRE(near(fit.model.s, number(wanted.at("params").at("s")), 1e-5));
    REQUIRE(near(fit.model.beta, number(wanted.at("params").at("beta")), 1e-5));

    auto const sample = fit_pareto_nbd(summaries_of(orders_of(true))).value();
    REQUIRE(sample.log_likelihood == Catch::Approx(-9594.976178).margin(1e-5).epsilon(0));  // expected/README.md
}

TEST_CASE("a fit of Pareto/NBD finds the parameters that customers were drawn from", "[insight][pareto_nbd]") {
    pareto_nbd const truth{.8, 6, .7, 9};
    auto const rows = simulated(20'000, truth);
    auto const fit = fit_pareto_nbd(rows).value();
    REQUIRE(fit.converged);
    double sum = 0;
    for (auto const& row : rows) sum += log_likelihood(fit.model, row);
    REQUIRE(sum == Catch::Approx(fit.log_likelihood).epsilon(1e-11));
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i, fit.model.parameters()[i], fit.standard_errors[i]);
        CHECK(std::abs(fit.model.parameters()[i] - truth.parameters()[i]) < 4 * fit.standard_errors[i]);
    }
}

TEST_CASE("chances of Pareto/NBD add up, near s = 1 and where alpha and beta are far apart", "[insight][pareto_nbd]") {
    purchase_summary const row{.x = 7, .t_x = 29.43, .T = 38.86};
    for (auto const& model :
         {pareto_nbd{.553, 10.578, .606, 11.669}, pareto_nbd{2, 5, 1, 40}, pareto_nbd{2, 5, 1 + 1e-12, 40},
          pareto_nbd{.5, 900, 2, .4}, pareto_nbd{.5, .02, 2, 60}}) {
        CAPTURE(model.alpha, model.s, model.beta);
        double sum = 0;
        double mean = 0;
        for (std::uint32_t n = 0; n < 600; ++n) {
            auto const p = p_purchases(model, row, n, 39);
            sum += p;
            mean += n * p;
        }
        CHECK(sum == Catch::Approx(1).epsilon(1e-9));
        CHECK(mean == Catch::Approx(expected_purchases(model, row, 39)).epsilon(1e-7));
        CHECK(p_purchases(model, row, 0, 39) == Catch::Approx(p_no_purchase(model, row, 39)).epsilon(1e-10));
    }
}

TEST_CASE("large counts and long silences of Pareto/NBD stay finite", "[insight][pareto_nbd]") {
    pareto_nbd const model{.553, 10.578, .606, 11.669};
    REQUIRE(p_alive(model, {.x = 100'000, .t_x = 36'000, .T = 36'500}) == 0);
    purchase_summary const busy{.x = 100'000, .t_x = 36'500, .T = 36'500};
    REQUIRE(p_alive(model, busy) == 1);
    REQUIRE(std::isfinite(log_likelihood(model, busy)));
    REQUIRE(expected_purchases(model, busy, 365) == Catch::Approx(1000).epsilon(.01));
    REQUIRE(p_no_purchase(model, busy, 365) < 1e-3);
    REQUIRE(p_alive(model, {.x = 3, .t_x = 5, .T = 5}) == 1);
}

TEST_CASE("Pareto/NBD refuses rows that are no histories, and says when nobody drops out", "[insight][pareto_nbd]") {
    REQUIRE(fit_pareto_nbd({}).error().code == errc::missing_field);
    std::vector<purchase_summary> const wrong{{1, 10, 9, 1}};
    REQUIRE(fit_pareto_nbd(wrong).error().field == "t_x");
    std::vector<purchase_summary> rows;
    for (std::uint32_t i = 0; i < 60; ++i) rows.push_back({.x = 20 + i % 5, .t_x = 39.5, .T = 40});
    auto const fit = fit_pareto_nbd(rows).value();
    REQUIRE_FALSE(fit.warnings.empty());
}
