#pragma once
#include <patron/base/id.hpp>
#include <patron/base/rate.hpp>

#include <ostream>

namespace patron::inline v1 {

namespace detail {

inline error not_a_decimal(std::string_view text) {
    return {.code = errc::malformed,
            .field = {},
            .saw = shown(text),
            .remedy = "give digits with at most one point, such as \"1200.50\""};
}

inline error decimal_out_of_range(std::string_view text) {
    return {
        .code = errc::out_of_range, .field = {}, .saw = shown(text), .remedy = "give at most 18 significant digits"};
}

PATRON_FN std::string decimal_text(std::int64_t units, int digits) {
    auto text = std::to_string(units);
    std::size_t const sign = units < 0 ? 1 : 0;
    auto const places = static_cast<std::size_t>(digits);
    if (text.size() < places + 1 + sign) text.insert(sign, places + 1 + sign - text.size(), '0');
    if (places > 0) text.insert(text.size() - places, 1, '.');
    return text;
}

}  // namespace detail

PATRON_FN result<decimal> decimal::parse(std::string_view text) {
    auto rest = text;
    bool const negative = !rest.empty() && rest.front() == '-';
    if (negative) rest.remove_prefix(1);
    std::int64_t units = 0;
    int digits = 0;
    bool point = false;
    bool any = false;
    for (char const c : rest) {
        if (c == '.' && !point && any) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return detail::not_a_decimal(text);
        any = true;
        // summed below zero, where there is room for one more
        if (__builtin_mul_overflow(units, 10, &units) || __builtin_sub_overflow(units, c - '0', &units) ||
            digits + (point ? 1 : 0) > most_digits) {
            return detail::decimal_out_of_range(text);
        }
        if (point) ++digits;
    }
    if (!any || (point && digits == 0)) return detail::not_a_decimal(text);
    if (!negative && __builtin_sub_overflow(std::int64_t{0}, units, &units)) return detail::decimal_out_of_range(text);
    return decimal{units, digits};
}

PATRON_FN std::string decimal::to_string() const { return detail::decimal_text(units_, digits_); }

PATRON_FN std::strong_ordering decimal::operator<=>(decimal other) const noexcept {
    // 64-bit units scaled by at most 10^18 stay within 128 bits
    __extension__ using wide = __int128;
    wide left = units_;
    wide right = other.units_;
    for (int i = digits_; i < other.digits_; ++i) left *= 10;
    for (int i = other.digits_; i < digits_; ++i) right *= 10;
    return left < right ? std::strong_ordering::less
                        : (left > right ? std::strong_ordering::greater : std::strong_ordering::equal);
}

PATRON_FN std::ostream& operator<<(std::ostream& out, decimal d) { return out << d.to_string(); }
PATRON_FN std::ostream& operator<<(std::ostream& out, basis_points rate) {
    return out << detail::decimal_text(rate.count(), 2) << '%';
}

}  // namespace patron::v1
