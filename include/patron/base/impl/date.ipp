#pragma once
#include <patron/base/date.hpp>
#include <patron/base/id.hpp>

#include <cstddef>
#include <ostream>

namespace patron::inline v1 {

namespace detail {

/// The number that `width` digits of `text` at `from` spell, or -1.
inline int digits_at(std::string_view text, std::size_t from, std::size_t width) noexcept {
    int number = 0;
    for (auto const c : text.substr(from, width)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

inline error bad_date(errc code, std::string_view text, char const* remedy) {
    return {.code = code, .field = {}, .saw = shown(text), .remedy = remedy};
}

inline void append_digits(std::string& text, unsigned number, std::size_t width) {
    auto const digits = std::to_string(number);
    if (digits.size() < width) text.append(width - digits.size(), '0');
    text += digits;
}

}  // namespace detail

PATRON_FN result<day> parse_day(std::string_view text) {
    auto const form = "give a day as YYYY-MM-DD";
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return detail::bad_date(errc::malformed, text, form);
    auto const y = detail::digits_at(text, 0, 4);
    auto const m = detail::digits_at(text, 5, 2);
    auto const d = detail::digits_at(text, 8, 2);
    if (y < 0 || m < 0 || d < 0) return detail::bad_date(errc::malformed, text, form);
    std::chrono::year_month_day const date{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(m)},
                                           std::chrono::day{static_cast<unsigned>(d)}};
    if (!date.ok()) return detail::bad_date(errc::out_of_range, text, "the calendar has no such day");
    day const found{date};
    if (found < first_day || found > last_day) {
        return detail::bad_date(errc::out_of_range, text, "give a day from 1900-01-01 to 2199-12-31");
    }
    return found;
}

PATRON_FN std::string to_string(day d) {
    std::chrono::year_month_day const date{d};
    std::string text;
    detail::append_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    text += '-';
    detail::append_digits(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    detail::append_digits(text, static_cast<unsigned>(date.day()), 2);
    return text;
}

PATRON_FN result<moment> moment::parse(std::string_view text) {
    auto const date = parse_day(text.substr(0, 10));
    if (!date) return detail::bad_date(date.error().code, text, date.error().remedy.c_str());
    if (text.size() == 10) return moment{date.value()};
    auto const form = "give a moment as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ";
    if (text.size() != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z') {
        return detail::bad_date(errc::malformed, text, form);
    }
    auto const h = detail::digits_at(text, 11, 2);
    auto const m = detail::digits_at(text, 14, 2);
    auto const s = detail::digits_at(text, 17, 2);
    if (h < 0 || m < 0 || s < 0) return detail::bad_date(errc::malformed, text, form);
    if (h > 23 || m > 59 || s > 59)
        return detail::bad_date(errc::out_of_range, text, "a day has 24 hours of 60 minutes");
    return moment{date.value() + std::chrono::hours{h} + std::chrono::minutes{m} + std::chrono::seconds{s}};
}

PATRON_FN std::string moment::to_string() const {
    auto text = patron::to_string(on());
    std::chrono::hh_mm_ss const time{at_ - on()};
    if (time.to_duration().count() == 0) return text;
    text += 'T';
    detail::append_digits(text, static_cast<unsigned>(time.hours().count()), 2);
    text += ':';
    detail::append_digits(text, static_cast<unsigned>(time.minutes().count()), 2);
    text += ':';
    detail::append_digits(text, static_cast<unsigned>(time.seconds().count()), 2);
    text += 'Z';
    return text;
}

PATRON_FN result<period> period::parse(std::string_view text) {
    auto const y = text.size() == 7 && text[4] == '-' ? detail::digits_at(text, 0, 4) : -1;
    auto const m = y < 0 ? -1 : detail::digits_at(text, 5, 2);
    if (y < 0 || m < 0) return detail::bad_date(errc::malformed, text, "give a month as YYYY-MM");
    if (y < 1900 || y > 2199 || m < 1 || m > 12) {
        return detail::bad_date(errc::out_of_range, text, "give a month from 1900-01 to 2199-12");
    }
    return period{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(m)}};
}

PATRON_FN std::string period::to_string() const { return patron::to_string(first()).substr(0, 7); }

PATRON_FN std::ostream& operator<<(std::ostream& out, moment at) { return out << at.to_string(); }
PATRON_FN std::ostream& operator<<(std::ostream& out, period p) { return out << p.to_string(); }

}  // namespace patron::v1
