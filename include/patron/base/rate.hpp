/// Rates and proportions without rounding (BASE-1).
#pragma once
#include <patron/base/result.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// How a result that falls between two representable values is rounded.
enum class rounding : std::uint8_t {
    half_even,  ///< to the nearest; a tie to the even neighbour
    half_up,    ///< to the nearest; a tie away from zero
    down,       ///< toward zero
    up,         ///< away from zero
};

/// A rate in basis points: 10 000 bp = 100 % = 1.
class basis_points {
public:
    constexpr basis_points() noexcept = default;
    explicit constexpr basis_points(std::int32_t count) noexcept : count_{count} {}

    [[nodiscard]] constexpr std::int32_t count() const noexcept { return count_; }
    friend constexpr auto operator<=>(basis_points, basis_points) noexcept = default;

private:
    std::int32_t count_ = 0;
};

namespace literals {
/// `50_percent` is 5 000 basis points.
consteval basis_points operator""_percent(unsigned long long percent) {
    if (percent > 200'000) throw "a rate of more than 200 000 %";
    return basis_points{static_cast<std::int32_t>(percent * 100)};
}
/// `45_bp` is 45 basis points.
consteval basis_points operator""_bp(unsigned long long count) {
    if (count > 2'000'000'000) throw "a rate of more than 2 000 000 000 basis points";
    return basis_points{static_cast<std::int32_t>(count)};
}
}  // namespace literals

/// An exact decimal number: `units` x 10^-`digits`. Holds quantities, exchange rates and weights.
///
/// Two decimals are equal when their values are: 1.50 equals 1.5.
class decimal {
public:
    static constexpr int most_digits = 18;

    constexpr decimal() noexcept = default;
    /// Precondition: 0 <= digits <= most_digits.
    constexpr decimal(std::int64_t units, int digits) noexcept
        : units_{units}, digits_{static_cast<std::uint8_t>(digits)} {
        while (digits_ > 0 && units_ % 10 == 0) {
            units_ /= 10;
            --digits_;
        }
    }

    /// Reads "12", "-0.5", "1200.00": digits with at most one point, no exponent, no grouping.
    /// Errors: errc::malformed, errc::out_of_range beyond 64 bits of units (18 significant digits always fit)
    ///         or 18 digits after the point.
    [[nodiscard]] PATRON_API static result<decimal> parse(std::string_view text);

    [[nodiscard]] constexpr std::int64_t units() const noexcept { return units_; }
    [[nodiscard]] constexpr int digits() const noexcept { return digits_; }
    /// The shortest form that `parse` reads back, e.g. "1.5".
    [[nodiscard]] PATRON_API std::string to_string() const;
    /// The nearest double, for statistics; never for money.
    [[nodiscard]] constexpr double approximate() const noexcept {
        double scale = 1;
        for (int i = 0; i < digits_; ++i) scale *= 10;
        return static_cast<double>(units_) / scale;
    }

    friend constexpr bool operator==(decimal, decimal) noexcept = default;  // the form is unique
    [[nodiscard]] PATRON_API std::strong_ordering operator<=>(decimal other) const noexcept;

private:
    std::int64_t units_ = 0;
    std::uint8_t digits_ = 0;
};

namespace detail {
/// units x 10^-digits as text, keeping trailing zeros.
[[nodiscard]] PATRON_API std::string decimal_text(std::int64_t units, int digits);
}  // namespace detail

PATRON_API std::ostream& operator<<(std::ostream&, decimal);
PATRON_API std::ostream& operator<<(std::ostream&, basis_points);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/rate.ipp>
#endif
