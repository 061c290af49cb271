#pragma once
#include <patron/base/rate.hpp>

namespace patron::inline v1::detail {

/// `n` by a divisor above zero, rounded: in 128 bits, since products of two amounts are divided.
__extension__ constexpr __int128 divided(__int128 n, __int128 by, rounding mode) noexcept {
    auto whole = n / by;
    auto const rest = n % by;
    auto const away = n < 0 ? -1 : 1;
    auto const size = rest < 0 ? -rest : rest;
    auto const other_side = by - size;
    switch (mode) {
        case rounding::half_even:
            if (size > other_side || (size == other_side && whole % 2 != 0)) whole += away;
            break;
        case rounding::half_up:
            if (size >= other_side) whole += away;
            break;
        case rounding::down: break;
        case rounding::up:
            if (rest != 0) whole += away;
            break;
    }
    return whole;
}

}  // namespace patron::v1::detail
