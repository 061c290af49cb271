#include <patron/insight/gamma_gamma.hpp>

#include "models.hpp"

#include <numeric>

using namespace models;

namespace {

std::vector<spend_summary> simulated(std::size_t customers, gamma_gamma const& m) {
    draws from{13};
    std::vector<spend_summary> rows;
    for (std::size_t i = 0; i < customers; ++i) {
        auto const scale = from.gamma(m.q) / m.gamma;
        spend_summary row{.x = static_cast<std::uint32_t>(1 + i % 7)};
        for (std::uint32_t k = 0; k < row.x; ++k) row.mean += from.gamma(m.p) / scale / row.x;
        rows.push_back(row);
    }
    return rows;
}

}  // namespace

TEST_CASE("the published Gamma-Gamma parameters of CDNOW's sample are reproduced", "[insight][gamma_gamma]") {
    // Fader and Hardie 2013: 6.25, 3.74, 15.44, on 946 repeat buyers
    auto const fit = fit_gamma_gamma(published_sample{}.spending).value();
    REQUIRE(fit.converged);
    REQUIRE(fit.customers == 946);
    REQUIRE(fit.model.p == Catch::Approx(6.25).margin(.005));
    REQUIRE(fit.model.q == Catch::Approx(3.74).margin(.005));
    REQUIRE(fit.model.gamma == Catch::Approx(15.44).margin(.01));  // on two decimals of the means; from the log below
    REQUIRE(fit.log_likelihood == Catch::Approx(-4055.923244).margin(1e-5).epsilon(0));  // expected/README.md

    auto const wanted = json_in(shared("expected/fit_anchors.json")).at("own_sample_gg");
    REQUIRE(near(fit.model.p, number(wanted.at("params").at("p")), 1e-5));
    REQUIRE(near(fit.model.q, number(wanted.at("params").at("q")), 1e-5));
    REQUIRE(near(fit.model.gamma, number(wanted.at("params").at("gamma")), 1e-5));
    REQUIRE(near(fit.model.population_mean().value(), number(wanted.at("pop_mean")), 1e-5));
}

TEST_CASE("from the log itself Gamma-Gamma is the published one to the digit", "[insight][gamma_gamma]") {
    std::vector<spend_summary> rows;
    for (auto const& [id, orders] : orders_of(true)) rows.push_back(spend_of(orders, calibration_end).value());
    auto const fit = fit_gamma_gamma(rows).value();
    REQUIRE(fit.model.gamma == Catch::Approx(15.44).margin(.005));
    REQUIRE(fit.log_likelihood == Catch::Approx(-4055.917695).margin(1e-5).epsilon(0));  // expected/README.md
}

TEST_CASE("Gamma-Gamma finds the parameters that amounts were drawn from, in any unit", "[insight][gamma_gamma]") {
    gamma_gamma const truth{3, 4, 20};
    auto rows = simulated(5'000, truth);
    auto const fit = fit_gamma_gamma(rows).value();
    REQUIRE(fit.converged);
    double sum = 0;
    for (auto const& row : rows) sum += log_likelihood(fit.model, row);
    REQUIRE(sum == Catch::Approx(fit.log_likelihood).epsilon(1e-11));
    for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(i, fit.model.parameters()[i], fit.standard_errors[i]);
        CHECK(std::abs(fit.model.parameters()[i] - truth.parameters()[i]) < 4 * fit.standard_errors[i]);
    }
    for (auto& row : rows) row.mean *= 1e9;
    auto const minor = fit_gamma_gamma(rows).value();
    REQUIRE(near(minor.model.gamma, 1e9 * fit.model.gamma, 1e-6));
    REQUIRE(near(minor.standard_errors[2], 1e9 * fit.standard_errors[2], 1e-5));
}

TEST_CASE("what a purchase is worth lies between the customer's own mean and that of all", "[insight][gamma_gamma]") {
    gamma_gamma const model{6.25, 3.74, 15.44};
    auto const all = model.population_mean().value();
    REQUIRE(all == Catch::Approx(6.25 * 15.44 / 2.74));
    REQUIRE(expected_spend(model, {.x = 0}).value() == Catch::Approx(all));
    auto const once = expected_spend(model, {.x = 1, .mean = 100}).value();
    auto const often = expected_spend(model, {.x = 50, .mean = 100}).value();
    REQUIRE((all < once && once < often && often < 100));
    REQUIRE(once == Catch::Approx(6.25 * (15.44 + 100) / (6.25 + 3.74 - 1)));  // equation (5) by hand
    REQUIRE_FALSE(expected_spend({.p = 1, .q = .9, .gamma = 1}, {.x = 0}));
    REQUIRE_FALSE(gamma_gamma{.p = 1, .q = 1, .gamma = 1}.population_mean());
}

TEST_CASE("Gamma-Gamma refuses what it cannot fit, and says when its supposition fails", "[insight][gamma_gamma]") {
    auto const fault = [](std::vector<spend_summary> const& rows) { return fit_gamma_gamma(rows).error(); };
    REQUIRE(fault({}).code == errc::missing_field);
    REQUIRE(fault({{.x = 0}}).code == errc::missing_field);
    REQUIRE(fault({{.x = 1, .mean = 4}, {.x = 1, .mean = 0}}).line == 2);
    REQUIRE(fault({{.x = 1, .mean = -4}}).field == "mean");
    REQUIRE(fault({{.x = 1, .mean = 4, .weight = 0}}).field == "weight");
    REQUIRE(fault({{.x = most_repeats + 1, .mean = 4}}).field == "x");

    auto rows = simulated(500, {3, 4, 20});
    for (auto& row : rows) row.mean *= 1 + row.x;
    auto const fit = fit_gamma_gamma(rows).value();
    auto const said = std::accumulate(fit.warnings.begin(), fit.warnings.end(), std::string{});
    REQUIRE(said.find("correlated") != std::string::npos);
}

TEST_CASE("where all customers spend the same, that is what each purchase is worth", "[insight][gamma_gamma]") {
    std::vector<spend_summary> const rows{{.x = 1, .mean = 250}, {.x = 5, .mean = 250, .weight = 3}, {.x = 0}};
    auto const fit = fit_gamma_gamma(rows).value();
    CHECK_FALSE(fit.converged);
    REQUIRE(fit.warnings.size() == 1);
    CHECK(fit.warnings.front().find("spend the same") != std::string::npos);
    CHECK(fit.customers == 4);
    CHECK(std::isfinite(fit.log_likelihood));
    CHECK(std::isnan(fit.standard_errors[0]));
    auto const single = fit_gamma_gamma(std::vector<spend_summary>{{.x = 2, .mean = 250}}).value();
    CHECK(single.warnings.front().find("a single customer") != std::string::npos);
    for (auto const& row : rows) CHECK(expected_spend(fit.model, row).value() == Catch::Approx(250).epsilon(1e-9));
    CHECK(fit.model.population_mean().value() == Catch::Approx(250).epsilon(1e-9));
}
