// One rounding for all amounts that are divided (BASE-1).
#include <patron/base/impl/divided.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>

using namespace patron;

namespace {
std::int64_t of(std::int64_t n, std::int64_t by, rounding mode) {
    return static_cast<std::int64_t>(detail::divided(n, by, mode));
}
}  // namespace

TEST_CASE("halves go to the even neighbour, away from zero, down or up as asked", "[base][divided]") {
    using enum rounding;
    for (auto const sign : {1, -1}) {
        CHECK(of(sign * 5, 2, half_even) == sign * 2);
        CHECK(of(sign * 7, 2, half_even) == sign * 4);
        CHECK(of(sign * 5, 2, half_up) == sign * 3);
        CHECK(of(sign * 5, 2, down) == sign * 2);
        CHECK(of(sign * 4, 3, up) == sign * 2);
        CHECK(of(sign * 4, 3, half_even) == sign * 1);
        CHECK(of(sign * 6, 3, up) == sign * 2);
    }
    CHECK(of(-1, 3, half_up) == 0);
    CHECK(of(-1, 3, up) == -1);
}

TEST_CASE("nothing overflows on the way, however large the divisor", "[base][divided]") {
    __extension__ using wide = __int128;
    wide const most = (wide{INT64_MAX} << 64) | wide{INT64_MAX};
    CHECK(detail::divided(most - 1, most, rounding::half_even) == 1);
    CHECK(detail::divided(most / 2, most, rounding::half_even) == 0);
}
