#pragma once
#include <patron/insight/impl/gap_table.hpp>
#include <patron/insight/purchase_statistics.hpp>
#include <patron/insight/whole_units.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace patron::inline v1::insight::detail {

inline constexpr int days_a_fortnight = 14;

[[nodiscard]] inline std::int32_t number_of(day on) noexcept {
    return static_cast<std::int32_t>(on.time_since_epoch().count());
}
[[nodiscard]] constexpr std::int32_t fortnight_of(std::int32_t on) noexcept {
    return on >= 0 ? on / days_a_fortnight : -((-on + days_a_fortnight - 1) / days_a_fortnight);
}

/// An angle that goes round once a mean year.
[[nodiscard]] inline double place_in_year(double on) noexcept {
    constexpr double mean_year = 365.25;
    return 2 * std::numbers::pi / mean_year * on;
}
/// cos and sin of a day's place in the year, and of twice of it.
[[nodiscard]] inline std::array<double, 4> season_phases(double on) noexcept {
    auto const once = place_in_year(on);
    return {std::cos(once), std::sin(once), std::cos(2 * once), std::sin(2 * once)};
}

/// The sum, or the nearest that fits.
[[nodiscard]] inline std::int64_t added(std::int64_t to, std::int64_t more) noexcept {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(to, more, &sum)) return sum;
    return more > 0 ? INT64_MAX : INT64_MIN;
}

/// Moves all counts to so many fortnights before.
inline void age(std::array<std::uint64_t, 2>& counts, std::int32_t by) noexcept {
    constexpr std::int32_t a_word = 16;
    if (by <= 0) return;
    if (by >= 2 * a_word) {
        counts = {};
    } else if (by >= a_word) {
        counts = {0, counts[0] << (4 * (by - a_word))};
    } else {
        counts = {counts[0] << (4 * by), (counts[1] << (4 * by)) | (counts[0] >> (64 - 4 * by))};
    }
}

/// `season`: of the purchase's day. Whoever adds the purchases of many customers works it out once a day.
inline void add_purchase(purchase_statistics& to, purchase_day const& bought, std::array<double, 4> const& season) {
    auto const on = number_of(bought.on);
    auto const amount = bought.amount.minor_units();
    to.in = bought.amount.in();
    auto const count_amount = [&to](std::int64_t minor_units) {
        to.amount = added(to.amount, minor_units);
        to.decayed_amount += whole_units({minor_units, to.in});
    };
    auto const log_lines = bought.lines == 0 ? 0 : std::log1p(static_cast<double>(bought.lines));
    BOOST_ASSERT(to.purchases == 0 || on >= to.last);
    if (to.purchases != 0 && on == to.last) {
        auto const before = std::max<std::int64_t>(to.last_amount, 0);
        to.last_amount = added(to.last_amount, amount);
        count_amount(std::max<std::int64_t>(to.last_amount, 0) - before);
        to.log_lines -= std::log1p(static_cast<double>(to.last_lines));
        to.last_lines += bought.lines;
        to.log_lines += std::log1p(static_cast<double>(to.last_lines));
        return;
    }
    if (to.purchases == 0) {
        to.first = on;
    } else {
        auto const gap = static_cast<std::uint32_t>(on - to.last);
        auto const pass = [&to](gap_terms const& over) {
            for (std::size_t h = 0; h < to.decayed.size(); ++h) to.decayed[h] *= over.decay[h];
            to.decayed_amount *= over.decay[half_life_of_amounts];
            to.log_gaps += over.log;
            to.squared_log_gaps += over.log * over.log;
        };
        gap < gap_table::size ? pass(gaps()[gap]) : pass(terms_of_gap(gap));
        to.longest_gap = std::max(to.longest_gap, gap);
        age(to.by_fortnight, fortnight_of(on) - fortnight_of(to.last));
    }
    for (auto& count : to.decayed) count += 1;
    for (std::size_t i = 0; i < season.size(); ++i) to.season[i] += season[i];
    to.by_fortnight[0] += 1;
    count_amount(std::max<std::int64_t>(amount, 0));
    to.last_amount = amount;
    to.log_lines += log_lines;
    to.last_lines = bought.lines;
    to.last = on;
    ++to.purchases;
}

}  // namespace patron::v1::insight::detail
