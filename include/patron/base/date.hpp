/// Days, moments and calendar months (BASE-2). Nothing here reads a clock.
#pragma once
#include <patron/base/result.hpp>

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// A calendar day, UTC.
using day = std::chrono::sys_days;

inline constexpr day first_day{std::chrono::year{1900} / 1 / 1};   ///< the earliest day that a fact may bear
inline constexpr day last_day{std::chrono::year{2199} / 12 / 31};  ///< the latest

/// Reads "YYYY-MM-DD" in the proleptic Gregorian calendar.
/// Errors: errc::malformed; errc::out_of_range before first_day, after last_day or for a day that its month lacks.
[[nodiscard]] PATRON_API result<day> parse_day(std::string_view text);
/// "YYYY-MM-DD".
[[nodiscard]] PATRON_API std::string to_string(day);

/// When a fact happened: a day, or a second of it, UTC.
class moment {
public:
    constexpr moment() noexcept = default;
    constexpr moment(std::chrono::sys_seconds at) noexcept : at_{at} {}          // NOLINT: a day is a moment
    constexpr moment(day at) noexcept : at_{at} {}                               // NOLINT
    constexpr moment(std::chrono::year_month_day at) noexcept : at_{day{at}} {}  // NOLINT

    /// Reads "YYYY-MM-DD" or "YYYY-MM-DDThh:mm:ssZ". Errors: as parse_day.
    [[nodiscard]] PATRON_API static result<moment> parse(std::string_view text);

    [[nodiscard]] constexpr day on() const noexcept { return std::chrono::floor<std::chrono::days>(at_); }
    [[nodiscard]] constexpr std::chrono::sys_seconds seconds() const noexcept { return at_; }
    /// The day alone at midnight, else the full form; `parse` reads it back.
    [[nodiscard]] PATRON_API std::string to_string() const;

    friend constexpr auto operator<=>(moment, moment) noexcept = default;

private:
    std::chrono::sys_seconds at_{};
};

namespace detail {

/// The first day of each month from that of first_day to the one after that of last_day, as days of the epoch: every
/// fact and review asks for months, and the calendar's divisions cost more than a look-up.
struct month_table {
    static constexpr int first_index = 1900 * 12;
    static constexpr int count = 300 * 12;

    static constexpr auto make() {
        std::array<std::int32_t, count + 1> starts{};
        auto on = static_cast<std::int32_t>(first_day.time_since_epoch().count());
        for (int i = 0; i <= count; ++i) {
            starts[static_cast<std::size_t>(i)] = on;
            auto const year = std::chrono::year{1900 + i / 12};
            constexpr std::array<std::int32_t, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
            on += i % 12 == 1 && year.is_leap() ? 29 : lengths[static_cast<std::size_t>(i % 12)];
        }
        return starts;
    }
};
inline constexpr auto month_starts = month_table::make();
static_assert(month_starts.back() == (last_day + std::chrono::days{1}).time_since_epoch().count());

}  // namespace detail

/// A calendar month: the period that reviews close.
class period {
public:
    constexpr period() noexcept = default;
    constexpr period(std::chrono::year year, std::chrono::month month) noexcept
        : months_{static_cast<int>(year) * 12 + static_cast<int>(static_cast<unsigned>(month)) - 1} {}
    /// The month that `on` lies in.
    explicit constexpr period(day on) noexcept {
        using table = detail::month_table;
        auto const since = std::int64_t{on.time_since_epoch().count()} - detail::month_starts.front();
        if (on < first_day || on > last_day) {
            std::chrono::year_month_day const date{on};
            *this = period{date.year(), date.month()};
            return;
        }
        constexpr std::int64_t months_per_day = 137'804;  // in parts of 2^22; off by one month at most
        auto at = static_cast<std::size_t>((since * months_per_day) >> 22U);
        while (at > 0 && detail::month_starts[at] > since + detail::month_starts.front()) --at;
        while (detail::month_starts[at + 1] <= since + detail::month_starts.front()) ++at;
        months_ = table::first_index + static_cast<int>(at);
    }
    /// The inverse of `index()`.
    [[nodiscard]] static constexpr period at_index(int index) noexcept {
        period p;
        p.months_ = index;
        return p;
    }

    /// Reads "YYYY-MM". Errors: errc::malformed, errc::out_of_range outside 1900-01 … 2199-12.
    [[nodiscard]] PATRON_API static result<period> parse(std::string_view text);

    [[nodiscard]] constexpr std::chrono::year year() const noexcept { return std::chrono::year{months_ / 12}; }
    [[nodiscard]] constexpr std::chrono::month month() const noexcept {
        return std::chrono::month{static_cast<unsigned>(months_ % 12 + 1)};
    }
    [[nodiscard]] constexpr day first() const noexcept {
        using table = detail::month_table;
        if (months_ < table::first_index || months_ > table::first_index + table::count) {
            return day{year() / month() / 1};
        }
        return day{std::chrono::days{detail::month_starts[static_cast<std::size_t>(months_ - table::first_index)]}};
    }
    [[nodiscard]] constexpr day last() const noexcept { return at_index(months_ + 1).first() - std::chrono::days{1}; }
    /// Months since January of year 0: consecutive months have consecutive indices.
    [[nodiscard]] constexpr int index() const noexcept { return months_; }

    /// The year in which the fiscal year that holds this month begins. Precondition: `first_month` is a month.
    [[nodiscard]] constexpr std::chrono::year fiscal_year(std::chrono::month first_month) const noexcept {
        return month() < first_month ? year() - std::chrono::years{1} : year();
    }

    /// "YYYY-MM".
    [[nodiscard]] PATRON_API std::string to_string() const;

    friend constexpr period operator+(period p, int months) noexcept { return at_index(p.months_ + months); }
    friend constexpr period operator-(period p, int months) noexcept { return at_index(p.months_ - months); }
    friend constexpr int operator-(period a, period b) noexcept { return a.months_ - b.months_; }
    friend constexpr auto operator<=>(period, period) noexcept = default;

private:
    int months_ = 0;
};

PATRON_API std::ostream& operator<<(std::ostream&, moment);
PATRON_API std::ostream& operator<<(std::ostream&, period);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/date.ipp>
#endif
