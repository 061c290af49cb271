#pragma once
// Amounts in another currency, at a given rate (CRE-10).
#include <patron/base/currency.hpp>
#include <patron/base/money.hpp>
#include <patron/base/rate.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>

namespace patron::inline v1::detail {

/// What becomes of less than a minor unit.
enum class conversion : std::uint8_t {
    half_even,
    up,  ///< of what somebody wants on credit: never less is counted than is wanted
    down,
};

/// `up / down`, rounded. Nothing beyond 64 bits. Precondition: `down` is more than zero.
inline std::optional<std::int64_t> rounded(boost::multiprecision::int256_t const& up,
                                           boost::multiprecision::int256_t const& down, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact units = up / down;
    exact rest = up % down;
    if (how != conversion::half_even) {
        if (how == conversion::up && rest > 0) ++units;
        if (how == conversion::down && rest < 0) --units;
        rest = 0;
    }
    if (rest < 0) rest = -rest;
    if (2 * rest > down || (2 * rest == down && units % 2 != 0)) units += up < 0 ? -1 : 1;
    if (units > INT64_MAX || units < INT64_MIN) return std::nullopt;
    return static_cast<std::int64_t>(units);
}

/// `amount` at so many units of `to` for one of its own currency. Nothing beyond 64 bits.
inline std::optional<std::int64_t> converted(money amount, decimal rate, currency to, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact up = amount.minor_units();
    up *= rate.units();
    exact down = 1;
    for (int i = 0; i < rate.digits() + amount.in().minor_digits(); ++i) down *= 10;
    for (int i = 0; i < to.minor_digits(); ++i) up *= 10;
    return rounded(up, down, how);
}

/// `amount` at so many units of its own currency for one of `to`. Nothing beyond 64 bits.
/// Precondition: the rate is more than zero.
inline std::optional<std::int64_t> converted_back(money amount, decimal rate, currency to, conversion how) {
    using exact = boost::multiprecision::int256_t;
    exact up = amount.minor_units();
    for (int i = 0; i < rate.digits() + to.minor_digits(); ++i) up *= 10;
    exact down = rate.units();
    for (int i = 0; i < amount.in().minor_digits(); ++i) down *= 10;
    return rounded(up, down, how);
}

}  // namespace patron::v1::detail
