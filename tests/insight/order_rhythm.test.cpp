#include <patron/insight/order_rhythm.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>

using namespace patron;
using namespace patron::insight;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

order_monitors gaps_of(std::initializer_list<int> days) {
    order_monitors out;
    for (auto const d : days) out.came_back_after(d);
    return out;
}

/// A law of gaps with a mean of one.
struct gap_law {
    std::string name;
    std::function<double(std::mt19937&)> draw;
    double most_at_5;  ///< per cent of gaps taken for late at a chance of 5 %
    double most_at_1;
};

/// How many of 100 gaps of steady customers with `past` gaps are taken for late at that chance.
double false_alarms(gap_law const& law, int past, double chance) {
    std::mt19937 random{static_cast<unsigned>(past)};
    constexpr int customers = 6'000;
    int alarms = 0;
    for (int i = 0; i < customers; ++i) {
        auto const mean = 10.0 + static_cast<double>(random() % 60);
        auto const gap = [&] { return std::max(1, static_cast<int>(std::lround(mean * law.draw(random)))); };
        order_monitors monitors;
        for (int n = 0; n < past; ++n) monitors.came_back_after(gap());
        alarms += order_clock{monitors}.silence_chance(gap() - 1) <= chance ? 1 : 0;
    }
    return 100.0 * alarms / customers;
}

}  // namespace

TEST_CASE("of a customer who buys at random a silence has Lomax's chance", "[insight][order_rhythm]") {
    // gaps with ln(mean) - mean(ln) of Euler's constant have a shape of one, whatever it is drawn towards
    order_monitors monitors;
    for (int i = 1; i < 2'000; ++i) { monitors.came_back_after(1 + static_cast<int>(-10'000 * std::log(i / 2'000.0))); }
    order_clock const clock{monitors};
    CHECK_THAT(clock.shape(), WithinAbs(1, 0.02));
    auto const mean = monitors.gap_days() / monitors.gaps();
    CHECK_THAT(clock.silence_chance(mean), WithinAbs(std::exp(-1.0), 0.01));
    CHECK_THAT(clock.silence_chance(3 * mean), WithinAbs(std::exp(-3.0), 0.005));
}

TEST_CASE("the chance falls from one, and its silence is found back", "[insight][order_rhythm]") {
    order_clock const clock{gaps_of({28, 35, 30, 22, 41, 30})};
    CHECK(clock.silence_chance(0) == 1);
    CHECK(clock.silence_chance(-3) == 1);
    double before = 1;
    for (int days = 1; days < 400; ++days) {
        auto const chance = clock.silence_chance(days);
        REQUIRE(chance <= before);
        REQUIRE(chance >= 0);
        before = chance;
    }
    for (double const chance : {0.5, 0.05, 0.011, 0.001}) {
        CHECK_THAT(clock.silence_chance(clock.silence_of(chance)), WithinAbs(chance, 1e-6));
    }
    CHECK(clock.silence_of(1) == 0);
    CHECK(std::round(clock.silence_chance(77) * 1e6) / 1e6 == clock.silence_chance(77));
}

TEST_CASE("the more even the gaps, the sooner a silence is rare", "[insight][order_rhythm]") {
    auto const even = order_clock{gaps_of({30, 30, 31, 29, 30, 30, 31, 29, 30, 30})};
    auto const uneven = order_clock{gaps_of({5, 80, 2, 60, 10, 45, 3, 70, 15, 10})};
    CHECK(even.shape() > 3);
    CHECK(uneven.shape() < 1.2);
    CHECK(even.silence_chance(75) < 0.05);
    CHECK(uneven.silence_chance(75) > 0.05);
    // few gaps tell less than many
    CHECK(order_clock{gaps_of({30, 30})}.silence_chance(75) > even.silence_chance(75));
}

TEST_CASE("steady customers are taken for late no more often than is said", "[insight][order_rhythm]") {
    auto const law = GENERATE(values<gap_law>({
        {"even", [](auto& r) { return std::gamma_distribution<>{20, 0.05}(r); }, 2.5, 0.5},
        {"by quarters of the mean", [](auto& r) { return std::gamma_distribution<>{4, 0.25}(r); }, 5.5, 1.4},
        {"at random", [](auto& r) { return std::exponential_distribution<>{1}(r); }, 9.0, 3.7},
        {"log-normal", [](auto& r) { return std::lognormal_distribution<>{-0.125, 0.5}(r); }, 6.0, 2.0},
        {"log-normal, wide", [](auto& r) { return std::lognormal_distribution<>{-0.5, 1}(r); }, 9.6, 4.8},
    }));
    for (int const past : {2, 4, 8, 20, 60}) {
        CAPTURE(law.name, past);
        CHECK(false_alarms(law, past, 0.05) <= law.most_at_5);
        CHECK(false_alarms(law, past, 0.011) <= law.most_at_1);
    }
}

TEST_CASE("a customer who stopped is late sooner or later", "[insight][order_rhythm]") {
    std::mt19937 random{5};
    for (int i = 0; i < 500; ++i) {
        order_monitors monitors;
        auto const gaps = 2 + random() % 30;
        for (unsigned n = 0; n < gaps; ++n) monitors.came_back_after(1 + static_cast<int>(random() % 90));
        auto const silence = order_clock{monitors}.silence_of(0.011);
        REQUIRE(std::isfinite(silence));
        REQUIRE(silence > monitors.gap_days() / monitors.gaps());
    }
}

TEST_CASE("steady levels fall no more often than is said, and levels that halve are found", "[insight][order_rhythm]") {
    std::mt19937 random{11};
    auto const spread = GENERATE(0.2, 0.5, 1.2);
    std::lognormal_distribution<> amount{9, spread};
    for (int const orders : {8, 16, 40, 120}) {
        constexpr int customers = 6'000;
        int false_at_5 = 0, false_at_1 = 0, rises_at_5 = 0, rises_at_1 = 0;
        for (int i = 0; i < customers; ++i) {
            running_level level;
            for (int n = 0; n < orders; ++n) level.add(static_cast<std::uint64_t>(amount(random)) + 1);
            auto const chance = fall_chance(level);
            false_at_5 += chance <= 0.05 ? 1 : 0;
            false_at_1 += chance <= 0.01 ? 1 : 0;
            rises_at_5 += rise_chance(level) <= 0.05 ? 1 : 0;
            rises_at_1 += rise_chance(level) <= 0.01 ? 1 : 0;
        }
        CAPTURE(spread, orders);
        CHECK(false_at_5 <= customers * 6 / 100);
        CHECK(false_at_1 <= customers * 14 / 1'000);
        CHECK(rises_at_5 <= customers * 6 / 100);
        CHECK(rises_at_1 <= customers * 14 / 1'000);
    }
    running_level halved;
    for (int n = 0; n < 40; ++n) halved.add(static_cast<std::uint64_t>(amount(random)) + 1);
    for (int n = 0; n < 20; ++n) halved.add(static_cast<std::uint64_t>(amount(random) * std::exp(-2 * spread)) + 1);
    CHECK(fall_chance(halved) < 0.01);
    CHECK(recent_percent(halved) < 100);
    CHECK(rise_chance(halved) > 0.99);
    running_level doubled;
    for (int n = 0; n < 40; ++n) doubled.add(static_cast<std::uint64_t>(amount(random)) + 1);
    for (int n = 0; n < 20; ++n) doubled.add(static_cast<std::uint64_t>(amount(random) * std::exp(2 * spread)) + 1);
    CHECK(rise_chance(doubled) < 0.01);
    CHECK(std::abs(rise_chance(doubled) + fall_chance(doubled) - 1) < 2e-6);
}

TEST_CASE("few orders, and amounts that never vary, alarm nobody", "[insight][order_rhythm]") {
    running_level level;
    CHECK(fall_chance(level) == 1);
    CHECK(recent_percent(level) == 100);
    for (int n = 0; n < 7; ++n) {
        level.add(n < 4 ? 10'000 : 1);
        CHECK(fall_chance(level) == 1);
        CHECK(rise_chance(level) == 1);
    }
    running_level same;
    for (int n = 0; n < 50; ++n) same.add(500);
    CHECK_THAT(fall_chance(same), WithinAbs(0.5, 0.01));
    for (int n = 0; n < 3; ++n) same.add(499);
    CHECK(fall_chance(same) > 0.01);
    for (int n = 0; n < 6; ++n) same.add(250);
    CHECK(fall_chance(same) < 0.001);
    CHECK(recent_percent(same) < 85);
}
