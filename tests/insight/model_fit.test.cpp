// What a fit says of itself: how sure its parameters are, and what speaks against them (FOR-1).
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/model_fit.hpp>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "insight/models.hpp"

using namespace patron::insight;

namespace {

/// Customers of known parameters, watched for 60 weeks.
std::vector<purchase_summary> simulated(std::uint64_t seed, int customers, double a, double b) {
    models::draws from{seed};
    std::vector<purchase_summary> out;
    for (int i = 0; i < customers; ++i) {
        auto const rate = from.gamma(0.8) / 6;
        auto const drop = from.beta(a, b);
        purchase_summary one{.T = 60};
        for (double t = from.exponential() / rate; t < one.T; t += from.exponential() / rate) {
            ++one.x;
            one.t_x = t;
            if (from.uniform() < drop) break;
        }
        out.push_back(one);
    }
    return out;
}
bool says(std::vector<std::string> const& warnings, std::string_view part) {
    return std::any_of(warnings.begin(), warnings.end(),
                       [&](std::string const& w) { return w.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("four times as many customers are fitted twice as surely", "[insight][model_fit]") {
    auto rows = simulated(7, 2'000, 0.8, 2.5);
    auto const once = fit_bg_nbd(rows).value();
    for (auto& row : rows) row.weight = 4;
    auto const four = fit_bg_nbd(rows).value();
    CHECK(once.customers == 2'000);
    CHECK(four.customers == 8'000);
    CHECK(four.rows == once.rows);
    CHECK(once.warnings.empty());
    CHECK(four.log_likelihood == Catch::Approx(4 * once.log_likelihood).epsilon(1e-9));
    for (std::size_t i = 0; i < once.size; ++i) {
        CHECK(four.model.parameters()[i] == Catch::Approx(once.model.parameters()[i]).epsilon(1e-5));
        CHECK(2 * four.standard_errors[i] == Catch::Approx(once.standard_errors[i]).epsilon(1e-4));
    }
}

TEST_CASE("parameters lie within what their standard errors say", "[insight][model_fit]") {
    // 20 books: of 80 parameters about 4 lie beyond two standard errors
    int beyond = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto const found = fit_bg_nbd(simulated(seed, 4'000, 0.8, 2.5)).value();
        double const truth[] = {0.8, 6, 0.8, 2.5};
        for (std::size_t i = 0; i < found.size; ++i) {
            beyond += std::abs(found.model.parameters()[i] - truth[i]) > 2 * found.standard_errors[i] ? 1 : 0;
        }
    }
    CHECK(beyond >= 1);
    CHECK(beyond <= 12);
}

TEST_CASE("a parameter that runs away has no standard error, and is named", "[insight][model_fit]") {
    // nobody drops out, and all buy at one rate
    models::draws from{3};
    std::vector<purchase_summary> rows;
    for (int i = 0; i < 400; ++i) {
        purchase_summary one{.T = 60};
        for (double t = 10 * from.exponential(); t < one.T; t += 10 * from.exponential()) {
            ++one.x;
            one.t_x = t;
        }
        rows.push_back(one);
    }
    auto const found = fit_bg_nbd(rows).value();
    CHECK(says(found.warnings, "almost nobody drops out"));
    auto const unsure = std::count_if(found.standard_errors.begin(), found.standard_errors.end(),
                                      [](double e) { return std::isnan(e); });
    CHECK((unsure > 0 || found.warnings.size() > 1));
}

TEST_CASE("few who came back are few to rest on", "[insight][model_fit]") {
    std::vector<purchase_summary> const rows{{.x = 0, .T = 10, .weight = 50},
                                             {.x = 3, .t_x = 8, .T = 10, .weight = 4},
                                             {.x = 1, .t_x = 2, .T = 12, .weight = 3}};
    CHECK(says(fit_bg_nbd(rows).value().warnings, "only 7 customers came back"));
}
