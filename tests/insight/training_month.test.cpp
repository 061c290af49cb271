#include <patron/insight/training_month.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <vector>

using namespace patron;
using namespace patron::insight;

TEST_CASE("a month has each feature of its customers in a row", "[insight][training_month]") {
    training_month month{.at = first_day, .customers = {4, 7, 9}};
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        for (auto const c : month.customers) month.features.push_back(100.0 * static_cast<double>(f) + c);
    }
    for (std::size_t f = 0; f < risk_feature_count; ++f) {
        auto const base = 100.0 * static_cast<double>(f);
        CHECK(std::ranges::equal(month.feature(f), std::vector{base + 4, base + 7, base + 9}));
    }
    auto other = month;
    CHECK(other == month);
    other.silent = {1, 0, 0};
    CHECK(other != month);
}
