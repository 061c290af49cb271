#include <patron/customer/running_level.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <cmath>

using namespace patron;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("integer logarithms are right to a 4096th up to 511, and to 1 in 256 beyond", "[customer][running_level]") {
    CHECK(detail::log_4096(0) == 0);
    CHECK(detail::log_4096(1) == 0);
    for (std::uint64_t v = 2; v < 512; ++v) {
        REQUIRE(std::abs(detail::log_4096(v) - 4096 * std::log(static_cast<double>(v))) <= 0.5);
    }
    std::int32_t before = 0;
    for (std::uint64_t v = 512; v > 0 && v < UINT64_MAX / 3; v += v / 700 + 1) {
        auto const exact = 4096 * std::log(static_cast<double>(v));
        REQUIRE(detail::log_4096(v) <= exact + 40);  // 56 halvings are off by half a unit each at most
        REQUIRE(detail::log_4096(v) >= exact - 4096 / 256.0 - 40);
        REQUIRE(detail::log_4096(v) >= before);
        before = detail::log_4096(v);
    }
}

TEST_CASE("a level knows mean and spread of all, and leans to the latest", "[customer][running_level]") {
    running_level level;
    double sum = 0, squares = 0, recent = 0;
    for (int i = 0; i < 50; ++i) {
        auto const value = 20 + (i * 37) % 90;
        auto const log = std::log(value);
        level.add(static_cast<std::uint64_t>(value));
        sum += log;
        squares += log * log;
        recent = i == 0 ? log : recent + (log - recent) / 8;
    }
    CHECK(level.count() == 50);
    CHECK_THAT(level.mean(), WithinAbs(sum / 50, 2e-4));
    CHECK_THAT(level.squared_differences(), WithinRel(squares - sum * sum / 50, 1e-3));
    CHECK_THAT(level.recent(), WithinAbs(recent, 1e-3));
}

TEST_CASE("a small step of the level is not lost in rounding", "[customer][running_level]") {
    running_level level;
    level.add(500);
    for (int i = 0; i < 200; ++i) level.add(499);
    CHECK_THAT(level.recent(), WithinAbs(std::log(499.0), 2e-4));
}
