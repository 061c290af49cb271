#include <patron/customer/order_monitors.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <cmath>
#include <cstring>

using namespace patron;
using Catch::Matchers::WithinAbs;

TEST_CASE("orders of nothing have no amount, and those without lines no range", "[customer][order_monitors]") {
    order_monitors monitors;
    monitors.ordered(0, 3);
    monitors.ordered(5'00, 0);
    monitors.ordered(-5, 0);
    CHECK(monitors.amounts().count() == 1);
    CHECK(monitors.lines().count() == 1);
    monitors.came_back_after(10);
    monitors.came_back_after(40);
    CHECK(monitors.gaps() == 2);
    CHECK(monitors.gap_days() == 50);
    CHECK_THAT(monitors.log_gaps(), WithinAbs(std::log(400.0), 3e-4));
    CHECK(monitors.is_sound());
}

TEST_CASE("bytes that no orders lead to are told", "[customer][order_monitors]") {
    order_monitors monitors;
    for (int i = 1; i < 30; ++i) {
        monitors.came_back_after(i);
        monitors.ordered(i * 1000, static_cast<std::size_t>(i));
    }
    REQUIRE(monitors.is_sound());
    unsigned char bytes[sizeof monitors];
    std::memcpy(bytes, &monitors, sizeof bytes);
    int told = 0;
    for (std::size_t at = 7; at < sizeof bytes; at += 8) {  // the high byte of each pair or sum
        auto broken = bytes[at];
        std::swap(broken, bytes[at]);
        bytes[at] = 0x80;
        order_monitors other;
        std::memcpy(static_cast<void*>(&other), bytes, sizeof bytes);
        told += other.is_sound() ? 0 : 1;
        bytes[at] = broken;
    }
    CHECK(told >= 5);
}
