/// Exact amounts of one currency (BASE-1).
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/rate.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// An exact amount of one currency, in its minor units (cents for EUR).
///
/// There is no operator+: adding can fail, and `add` says so.
class money {
public:
    constexpr money() noexcept = default;
    constexpr money(std::int64_t minor_units, currency in) noexcept : minor_units_{minor_units}, in_{in} {}

    [[nodiscard]] constexpr std::int64_t minor_units() const noexcept { return minor_units_; }
    [[nodiscard]] constexpr currency in() const noexcept { return in_; }

    /// Reads "1200.00 CNY", or "1200.00" as an amount in *own* currency.
    /// Errors: errc::malformed, errc::unknown_currency, errc::wrong_scale when there are more decimal
    ///         digits than the currency has, errc::amount_overflow.
    [[nodiscard]] PATRON_API static result<money> parse(std::string_view text);

    /// "1200.00 CNY": all the digits of the currency, a point, no grouping; `parse` reads it back.
    [[nodiscard]] PATRON_API std::string to_string() const;

    /// The same amount given the currency that *own* stands for; others keep theirs.
    /// Errors: errc::wrong_scale when digits would be lost, errc::amount_overflow.
    [[nodiscard]] PATRON_API result<money> owned_as(currency own) const;

    friend constexpr bool operator==(money, money) noexcept = default;

private:
    std::int64_t minor_units_ = 0;
    currency in_{};
};

/// Sum of two amounts of one currency.
/// Errors: errc::currency_mismatch, errc::amount_overflow.
[[nodiscard]] PATRON_API result<money> add(money a, money b);

/// Difference of two amounts of one currency.
/// Errors: errc::currency_mismatch, errc::amount_overflow.
[[nodiscard]] PATRON_API result<money> subtract(money a, money b);

/// `rate` of `amount`, rounded once.
/// Errors: errc::amount_overflow. Example: 12.5 % of EUR 10.01, half_even: EUR 1.25.
[[nodiscard]] PATRON_API result<money> share_of(money amount, basis_points rate, rounding mode);

/// Writes `to_string()`.
PATRON_API std::ostream& operator<<(std::ostream&, money);

namespace detail {

template <char... Chars>
consteval std::int64_t minor_units_of(int minor_digits) {
    constexpr char text[] = {Chars...};
    std::int64_t units = 0;
    int decimals = -1;
    for (char const c : text) {
        if (c == '\'') continue;
        if (c == '.') {
            if (decimals >= 0) throw "an amount with two points";
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') throw "an amount is written in plain decimal digits";
        if (decimals >= 0 && ++decimals > minor_digits) throw "more decimal digits than the currency has";
        if (__builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, c - '0', &units)) {
            throw "an amount out of range";
        }
    }
    for (int d = decimals < 0 ? 0 : decimals; d < minor_digits; ++d) {
        if (__builtin_mul_overflow(units, 10, &units)) throw "an amount out of range";
    }
    return units;
}

}  // namespace detail

/// `1'200.50_CNY` and so on for the currencies most traded; any other: `money{units, currency::literal("...")}`.
namespace literals {
#define PATRON_MONEY_LITERAL(CODE)                                                            \
    template <char... Chars>                                                                  \
    consteval money operator""_##CODE() {                                                     \
        constexpr auto in = currency::literal(#CODE);                                         \
        return {detail::minor_units_of<Chars...>(in.minor_digits()), in};                     \
    }
PATRON_MONEY_LITERAL(AUD)
PATRON_MONEY_LITERAL(BRL)
PATRON_MONEY_LITERAL(CAD)
PATRON_MONEY_LITERAL(CHF)
PATRON_MONEY_LITERAL(CNY)
PATRON_MONEY_LITERAL(EUR)
PATRON_MONEY_LITERAL(GBP)
PATRON_MONEY_LITERAL(HKD)
PATRON_MONEY_LITERAL(INR)
PATRON_MONEY_LITERAL(JPY)
PATRON_MONEY_LITERAL(KRW)
PATRON_MONEY_LITERAL(KWD)
PATRON_MONEY_LITERAL(SEK)
PATRON_MONEY_LITERAL(SGD)
PATRON_MONEY_LITERAL(USD)
#undef PATRON_MONEY_LITERAL
}  // namespace literals

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/money.ipp>
#endif
