/// The types of the fields that facts are made of: each is a value with one text form.
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>
#include <patron/base/rate.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// A whole number from `Low` to `High`, both included. Construction outside is a broken precondition.
template <int Low, int High>
class ranged {
public:
    static constexpr int lowest = Low;
    static constexpr int highest = High;

    constexpr ranged() noexcept = default;
    constexpr ranged(int value) noexcept : value_{static_cast<std::int32_t>(value)} {}  // NOLINT: reads as the number
    [[nodiscard]] constexpr int value() const noexcept { return value_; }
    friend constexpr auto operator<=>(ranged, ranged) noexcept = default;

private:
    std::int32_t value_ = Low;
};

/// An exact decimal from `Low` to `High`, both included.
template <int Low, int High>
class bounded {
public:
    static constexpr int lowest = Low;
    static constexpr int highest = High;

    constexpr bounded() noexcept = default;
    constexpr bounded(decimal value) noexcept : value_{value} {}  // NOLINT: reads as the number
    [[nodiscard]] constexpr decimal value() const noexcept { return value_; }
    friend constexpr bool operator==(bounded, bounded) noexcept = default;

private:
    decimal value_{Low, 0};
};

using severity = ranged<1, 5>;                    ///< 1 slight … 5 grave
using survey_mark = bounded<0, 10>;               ///< 0 worst … 10 best
using proportion = bounded<0, 1>;                 ///< a part of a whole
using unit_quantity = bounded<0, 1'000'000'000>;  ///< units of a product; never negative

/// A credit limit as a fact states it: an amount, or without bound. "Not set" is its absence (BASE-8).
class limit_amount {
public:
    constexpr limit_amount() noexcept = default;
    constexpr limit_amount(money amount) noexcept : amount_{amount} {}  // NOLINT: an amount is a limit
    [[nodiscard]] static constexpr limit_amount unlimited() noexcept {
        limit_amount l;
        l.unlimited_ = true;
        return l;
    }
    [[nodiscard]] constexpr bool is_unlimited() const noexcept { return unlimited_; }
    /// Precondition: not unlimited.
    [[nodiscard]] constexpr money amount() const noexcept { return amount_; }
    friend constexpr bool operator==(limit_amount, limit_amount) noexcept = default;

private:
    money amount_{};
    bool unlimited_ = false;
};

/// Where a rebate band begins: an amount or a quantity.
struct band_edge {
    bool by_quantity = false;
    money value{};    ///< when by value
    decimal units{};  ///< when by quantity
    friend constexpr bool operator==(band_edge const&, band_edge const&) = default;
};

/// What a rebate band pays: a percentage of the value, or an amount per unit.
struct band_rate {
    bool per_unit = false;
    decimal percent{};  ///< 2.5 for "2.5%"
    money amount{};     ///< when per unit
    friend constexpr bool operator==(band_rate const&, band_rate const&) = default;
};

}  // namespace patron::v1
