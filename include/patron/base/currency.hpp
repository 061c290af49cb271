/// Currencies and their minor units (BASE-1).
#pragma once
#include <patron/base/id.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <iterator>
#include <string>
#include <string_view>

namespace patron::inline v1 {

namespace detail {

struct currency_entry {
    char code[4];
    std::uint8_t minor_digits;
};

// ISO 4217 active codes of monetary use, by alphabet; the digits are the standard's "minor unit" column.
// The first row stands for "the customer's own currency" and keeps the most digits that any currency has.
inline constexpr currency_entry currencies[] = {
    {"", 4},    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
    {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2},
    {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2},
    {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2},
    {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2},
    {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2},
    {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2},
    {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2},
    {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3},
    {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2},
    {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2},
    {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2},
    {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2},
    {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2},
    {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};
inline constexpr std::size_t currency_count = std::size(currencies);

}  // namespace detail

/// A currency of ISO 4217, one byte wide; the default value is *own*.
///
/// *own* means "the currency of the customer whom the amount concerns": a feed may leave the
/// currency out. An amount in it has four decimal digits until the engine gives it its currency.
class currency {
public:
    constexpr currency() noexcept = default;

    /// The currency of the alphabetic code, upper case.
    /// Errors: errc::unknown_currency. Complexity: logarithmic in the size of the standard's list.
    [[nodiscard]] static result<currency> of(std::string_view code) {
        if (auto const found = find(code); found != 0) return currency{found};
        return error{.code = errc::unknown_currency,
                     .field = {},
                     .saw = detail::shown(code),
                     .remedy = "give an ISO 4217 code in upper case, such as \"CNY\""};
    }

    /// The same for a code known when the program is written; any other does not compile.
    template <std::size_t N>
    [[nodiscard]] static consteval currency literal(char const (&code)[N]) {
        auto const found = find({code, N - 1});
        if (found == 0) throw "not an ISO 4217 code";
        return currency{found};
    }

    /// The alphabetic code, or an empty view for *own*.
    [[nodiscard]] constexpr std::string_view code() const noexcept {
        return {detail::currencies[index_].code, index_ == 0 ? 0U : 3U};
    }
    /// Digits after the decimal point: EUR 2, JPY 0, KWD 3, *own* 4.
    [[nodiscard]] constexpr int minor_digits() const noexcept { return detail::currencies[index_].minor_digits; }
    [[nodiscard]] constexpr bool is_own() const noexcept { return index_ == 0; }

    friend constexpr auto operator<=>(currency, currency) noexcept = default;

private:
    explicit constexpr currency(std::uint8_t index) noexcept : index_{index} {}

    static constexpr std::uint8_t find(std::string_view code) noexcept {
        std::size_t low = 1;
        std::size_t high = detail::currency_count;
        while (low < high) {
            auto const middle = (low + high) / 2;
            auto const order = std::string_view{detail::currencies[middle].code, 3}.compare(code);
            if (order == 0) return static_cast<std::uint8_t>(middle);
            (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
        }
        return 0;
    }

    std::uint8_t index_ = 0;
};

/// Writes the code, "own" for the customer's own.
PATRON_API std::ostream& operator<<(std::ostream&, currency);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/currency.ipp>
#endif
