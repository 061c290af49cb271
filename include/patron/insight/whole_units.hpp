/// Amounts as the models of this room take them.
#pragma once
#include <patron/base/money.hpp>

#include <array>
#include <cstddef>

namespace patron::inline v1::insight {

/// An exact amount in whole units of its currency, as a number for a model: 12.5 for 12.50 EUR, 1200 for 1200 JPY. Beyond
/// 2^53 minor units the nearest. Never to be added up in place of money. Constant time; thread-safe.
[[nodiscard]] constexpr double whole_units(money amount) noexcept {
    constexpr std::array<double, 5> minor_units{1, 10, 100, 1'000, 10'000};
    return static_cast<double>(amount.minor_units()) /
           minor_units[static_cast<std::size_t>(amount.in().minor_digits())];
}

}  // namespace patron::v1::insight
