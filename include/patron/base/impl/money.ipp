#pragma once
#include <patron/base/id.hpp>
#include <patron/base/impl/divided.hpp>
#include <patron/base/money.hpp>

#include <limits>
#include <ostream>

namespace patron::inline v1 {

namespace detail {

inline constexpr std::int64_t powers_of_ten[] = {1, 10, 100, 1000, 10000};

inline error mismatch(money a, money b) {
    return {.code = errc::currency_mismatch,
            .field = {},
            .saw = a.to_string() + " and " + b.to_string(),
            .remedy = "bring both amounts into one currency first"};
}

inline error overflow(std::string saw) {
    return {.code = errc::amount_overflow,
            .field = {},
            .saw = std::move(saw),
            .remedy = "amounts are at most 2^63 - 1 minor units"};
}

inline error not_money(std::string_view text, std::string remedy) {
    return {.code = errc::malformed, .field = {}, .saw = shown(text), .remedy = std::move(remedy)};
}

}  // namespace detail

PATRON_FN result<money> money::parse(std::string_view text) {
    // one pass over the digits: this stands on the path of every fact;
    // summed below zero, where there is room for one more
    std::int64_t units = 0;
    int decimals = -1;
    std::size_t at = 0;
    bool const negative = !text.empty() && text.front() == '-';
    if (negative) ++at;
    auto const first = at;
    bool too_large = false;
    for (; at < text.size() && text[at] != ' '; ++at) {
        char const c = text[at];
        if (c == '.' && decimals < 0 && at > first) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') { return detail::not_money(text, "give an amount such as \"1200.00 CNY\""); }
        if (decimals >= 0) ++decimals;
        too_large |= __builtin_mul_overflow(units, 10, &units) || __builtin_sub_overflow(units, c - '0', &units);
    }
    if (at == first || decimals == 0) return detail::not_money(text, "give an amount such as \"1200.00 CNY\"");
    currency in{};
    if (at < text.size()) {
        auto found = currency::of(text.substr(at + 1));
        if (!found) return found.error();
        in = found.value();
    }
    if (decimals > in.minor_digits()) {
        return error{.code = errc::wrong_scale,
                     .field = {},
                     .saw = detail::shown(text),
                     .remedy = "give at most " + std::to_string(in.minor_digits()) + " digits after the point"};
    }
    for (int d = decimals < 0 ? 0 : decimals; d < in.minor_digits(); ++d) {
        too_large |= __builtin_mul_overflow(units, 10, &units);
    }
    if (!negative) too_large |= __builtin_sub_overflow(std::int64_t{0}, units, &units);
    if (too_large) return detail::overflow(detail::shown(text));
    return money{units, in};
}

PATRON_FN std::string money::to_string() const {
    auto text = detail::decimal_text(minor_units_, in_.minor_digits());
    if (!in_.is_own()) (text += ' ') += in_.code();
    return text;
}

PATRON_FN result<money> money::owned_as(currency own) const {
    if (!in_.is_own() || own.is_own()) return *this;
    auto const scale = detail::powers_of_ten[in_.minor_digits() - own.minor_digits()];
    if (minor_units_ % scale != 0) {
        return error{.code = errc::wrong_scale,
                     .field = {},
                     .saw = to_string(),
                     .remedy = std::string{own.code()} + " has " + std::to_string(own.minor_digits()) +
                               " digits after the point"};
    }
    return money{minor_units_ / scale, own};
}

PATRON_FN result<money> add(money a, money b) {
    if (a.in() != b.in()) return detail::mismatch(a, b);
    std::int64_t sum{};
    if (__builtin_add_overflow(a.minor_units(), b.minor_units(), &sum)) {
        return detail::overflow(a.to_string() + " + " + b.to_string());
    }
    return money{sum, a.in()};
}

PATRON_FN result<money> subtract(money a, money b) {
    if (a.in() != b.in()) return detail::mismatch(a, b);
    std::int64_t difference{};
    if (__builtin_sub_overflow(a.minor_units(), b.minor_units(), &difference)) {
        return detail::overflow(a.to_string() + " - " + b.to_string());
    }
    return money{difference, a.in()};
}

PATRON_FN result<money> share_of(money amount, basis_points rate, rounding mode) {
    __extension__ using wide = __int128;
    auto const units = detail::divided(wide{amount.minor_units()} * rate.count(), 10'000, mode);
    if (units > std::numeric_limits<std::int64_t>::max() || units < std::numeric_limits<std::int64_t>::min()) {
        return detail::overflow(amount.to_string());
    }
    return money{static_cast<std::int64_t>(units), amount.in()};
}

PATRON_FN std::ostream& operator<<(std::ostream& out, money m) { return out << m.to_string(); }

}  // namespace patron::v1
