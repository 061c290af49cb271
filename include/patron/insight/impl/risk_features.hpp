#pragma once
// The features of many customers at once, by columns.
#include <patron/insight/impl/purchase_statistics.hpp>
#include <patron/insight/impl/vector_math.hpp>
#include <patron/insight/risk_model.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

namespace patron::inline v1::insight::detail {

[[nodiscard]] constexpr std::size_t index_of(risk_feature of) noexcept { return static_cast<std::size_t>(of); }

/// As many customers as are worked on at once: their columns stay in the nearest caches.
inline constexpr std::size_t feature_rows = 128;

using feature_column = std::array<double, feature_rows>;

struct feature_block {
    alignas(64) std::array<feature_column, risk_feature_count> columns{};
    alignas(64) feature_column no_purchase{};  ///< BG/NBD's chance of none within the horizon

    [[nodiscard]] feature_column& operator[](risk_feature of) noexcept { return columns[index_of(of)]; }
    [[nodiscard]] feature_column const& operator[](risk_feature of) const noexcept { return columns[index_of(of)]; }
};

/// e^y - 1 for y from zero on, where `power` is e^y: exact to about 12 digits for small y too.
[[nodiscard]] inline double less_one(double power, double y) noexcept {
    constexpr double small = 1e-3;
    return y < small ? y * (1 + y * (1.0 / 2 + y * (1.0 / 6 + y / 24))) : power - 1;
}

/// Days (from, to] before a day, as parts of the fortnights back from the day's own.
class fortnight_window {
public:
    fortnight_window(double from, double to, std::int32_t at) noexcept {
        auto const now = fortnight_of(at);
        for (std::int32_t back = 0; back < purchase_statistics::fortnights; ++back) {
            auto const begin = (now - back) * days_a_fortnight;
            auto const end = std::min(begin + days_a_fortnight - 1, at);
            auto const days = std::min<double>(end, to) - std::max<double>(begin, from + 1) + 1;
            if (days <= 0) continue;
            auto const share = days / (end - begin + 1);
            if (newest_ < 0) {
                newest_ = back;
                newest_share_ = share;
            }
            oldest_ = back;
            oldest_share_ = share;
        }
    }
    /// `before`: [i + 1] purchases in the i newest fortnights from the customer's last purchase on, which lies `ago`
    /// fortnights back.
    template <class Sums>
    [[nodiscard]] double count(Sums const& before, std::int32_t ago) const noexcept {
        if (newest_ < 0) return 0;
        auto const sum = [&](std::int32_t back) {  // of the fortnights newer than `back`
            return static_cast<double>(
                before[static_cast<std::size_t>(std::clamp(back - ago, 0, purchase_statistics::fortnights))]);
        };
        auto const newest = sum(newest_ + 1) - sum(newest_);
        if (oldest_ == newest_) return newest * newest_share_;
        return newest * newest_share_ + (sum(oldest_) - sum(newest_ + 1)) +
               (sum(oldest_ + 1) - sum(oldest_)) * oldest_share_;
    }

private:
    std::int32_t newest_ = -1;
    std::int32_t oldest_ = -1;
    double newest_share_ = 0;
    double oldest_share_ = 0;
};

/// Works out features on a day by what is known of the book.
class feature_maker {
public:
    feature_maker(risk_model const& by, day at) noexcept
        : by_{by},
          at_{number_of(at)},
          horizon_{static_cast<double>(by.horizon_days)},
          windows_{windows_before(at_, horizon_)},
          season_{season_phases(at_ + horizon_ / 2)} {}

    /// Preconditions: at most `feature_rows` customers, each with a purchase, none later than the day.
    void make(std::span<purchase_statistics const* const> of, feature_block& out) {
        using enum risk_feature;
        rows_ = of.size();
        gather(of, out);
        counts(of, out);
        by_bg_nbd(out);
        by_own_gaps(out);
        auto const& silence_log = out[silence];
        auto const& mean_log = out[mean_amount];
        each([&](std::size_t i) {
            out[silence_to_mean_gap][i] = silence_log[i] - out[silence_to_mean_gap][i];
            out[silence_to_longest_gap][i] = silence_log[i] - out[silence_to_longest_gap][i];
            out[recent_amount][i] -= mean_log[i];
            out[last_amount][i] -= mean_log[i];
        });
    }

private:
    using windows = std::array<fortnight_window, 5>;

    static windows windows_before(std::int32_t at, double horizon) noexcept {
        double const now = at;
        auto const year_ago = now - 365;
        return {{{now - horizon, now, at},
                 {now - 2 * horizon, now, at},
                 {now - 4 * horizon, now, at},
                 {year_ago, year_ago + horizon, at},
                 {year_ago - horizon / 2, year_ago + 1.5 * horizon, at}}};
    }

    template <class F>
    void each(F const& f) const {
        for (std::size_t i = 0; i < rows_; ++i) f(i);
    }
    void log_of(feature_column& column) const { log_each(column.data(), rows_); }
    void exp_of(feature_column& column) const { exp_each(column.data(), rows_); }

    /// What is a sum or a quotient of what is kept, and its logarithm.
    void gather(std::span<purchase_statistics const* const> of, feature_block& out) {
        using enum risk_feature;
        each([&](std::size_t i) {
            auto const& c = *of[i];
            auto const days = std::max(at_ - c.last, 0);
            double const n = c.purchases;
            auto const gap_count = std::max(n - 1, 1.0);
            auto const mean_gap = std::max((c.last - c.first) / gap_count, 1.0);
            silent_[i] = days;
            repeats_[i] = n - 1;
            active_[i] = (c.last - c.first) / days_a_week;
            watched_[i] = std::max(at_ - c.first, 0) / days_a_week;
            gap_count_[i] = gap_count;
            log_gaps_[i] = c.log_gaps;
            gap_scatter_[i] = std::max(c.squared_log_gaps - c.log_gaps * c.log_gaps / gap_count, 0.0);
            out[silence][i] = days + 1.0;
            out[purchases][i] = n;
            out[mean_amount][i] = 1 + whole_units({c.amount, c.in}) / n;
            out[tenure][i] = 1.0 + std::max(at_ - c.first, 0);
            out[silence_to_mean_gap][i] = mean_gap + 1;
            out[silence_to_longest_gap][i] = c.longest_gap + 1.0;
            out[gap_irregularity][i] = mean_gap;
            // beyond the table only those who are no candidates
            auto const& over = gaps()[std::min<std::size_t>(static_cast<std::size_t>(days), gap_table::size - 1)];
            constexpr double floor = 1e-3;
            for (std::size_t h = 0; h < c.decayed.size(); ++h) {
                out.columns[index_of(recent_15) + h][i] = c.decayed[h] * over.decay[h] + floor;
            }
            auto const& s = c.season;
            auto const shrunk = 1 / (n + 2);
            out[season][i] = (s[0] * season_[0] + s[1] * season_[1]) * shrunk;
            out[season_quarter][i] = (s[0] * season_[1] - s[1] * season_[0]) * shrunk;
            out[half_year_season][i] = (s[2] * season_[2] + s[3] * season_[3]) * shrunk;
            out[half_year_season_eighth][i] = (s[2] * season_[3] - s[3] * season_[2]) * shrunk;
            out[recent_amount][i] = 1 + c.decayed_amount / c.decayed[half_life_of_amounts];
            out[last_amount][i] = 1 + std::max(whole_units({c.last_amount, c.in}), 0.0);
            out[lines][i] = c.log_lines / n;
        });
        for (auto const f :
             {silence, purchases, mean_amount, tenure, silence_to_mean_gap, silence_to_longest_gap, gap_irregularity,
              recent_15, recent_30, recent_60, recent_120, recent_240, recent_480, recent_amount, last_amount}) {
            log_of(out[f]);
        }
    }

    /// Purchases in windows of days.
    void counts(std::span<purchase_statistics const* const> of, feature_block& out) {
        using enum risk_feature;
        constexpr std::array in{last_horizon, last_two_horizons, last_four_horizons, year_ago,
                                around_year_ago};  // windows_
        auto const now = fortnight_of(at_);
        each([&](std::size_t i) {
            std::array<std::uint32_t, purchase_statistics::fortnights + 1> before{};
            std::uint32_t sum = 0;
            std::size_t back = 0;
            for (auto word : of[i]->by_fortnight) {
                for (int k = 0; k < 16; ++k, word >>= 4U)
                    before[++back] = sum += static_cast<std::uint32_t>(word & 15U);
            }
            auto const ago = now - fortnight_of(of[i]->last);
            for (std::size_t w = 0; w < in.size(); ++w) out[in[w]][i] = 1 + windows_[w].count(before, ago);
        });
        for (auto const f : in) log_of(out[f]);
    }

    void by_bg_nbd(feature_block& out) {
        using enum risk_feature;
        auto& inactive = out[bg_nbd_inactive];
        auto& none = out[bg_nbd_no_purchase];
        auto& if_active = out[nbd_no_purchase];
        auto const r = by_.r;
        auto const alpha = by_.alpha;
        auto const weeks = horizon_ / days_a_week;
        auto const log_a = std::log(by_.a);
        feature_column drop{};
        feature_column power{};
        each([&](std::size_t i) {
            inactive[i] = (alpha + watched_[i]) / (alpha + active_[i]);
            drop[i] = by_.b + std::max(repeats_[i], 1.0) - 1;
            if_active[i] = (alpha + watched_[i]) / (alpha + watched_[i] + weeks);
        });
        log_of(inactive);
        log_of(drop);
        log_of(if_active);
        constexpr double most = 30;
        each([&](std::size_t i) {
            auto const shape = r + repeats_[i];
            inactive[i] = std::clamp(log_a - drop[i] + shape * inactive[i], -most, most);
            // by BG/NBD nobody drops out at the first purchase
            if (repeats_[i] == 0) inactive[i] = -most;
            if_active[i] = std::min(-shape * if_active[i], most);
            if_active[i] = std::max(if_active[i], tiny);
            drop[i] = inactive[i];
            power[i] = if_active[i];
        });
        exp_of(drop);
        exp_of(power);
        each([&](std::size_t i) {
            // -lq = if_active: 1 - e^lq = (e^-lq - 1) e^lq
            auto const one = less_one(power[i], if_active[i]);
            auto const buys = std::clamp(one / (power[i] * (1 + drop[i])), tiny, 1 - tiny);
            none[i] = (1 - buys) / buys;
            out.no_purchase[i] = 1 - buys;
            if_active[i] = one;
        });
        log_of(none);
        log_of(if_active);
        each([&](std::size_t i) { if_active[i] = -if_active[i]; });
    }

    /// The customer's own rhythm: gaps are lognormal, its mean and spread shrunk to the book's.
    void by_own_gaps(feature_block& out) {
        using enum risk_feature;
        auto& spread = out[log_gap_spread];
        auto& mean = out[mean_log_gap];
        auto& longer = out[renewal_silence];
        auto& much_longer = out[renewal_no_purchase];
        feature_column far{};
        each([&](std::size_t i) {
            auto const k = gap_count_[i];
            mean[i] = (log_gaps_[i] + by_.mean_log_gap) / (k + 1);
            spread[i] = (gap_scatter_[i] + 2 * by_.log_gap_variance) / (k + 1);
            auto const root = std::sqrt(spread[i]);
            out[silence_deviation][i] = (out[silence][i] - mean[i]) / root;
            auto const predictive = std::sqrt(spread[i] * (1 + 1 / (k + 1)));
            longer[i] = (out[silence][i] - mean[i]) / predictive;
            far[i] = silent_[i] + 1 + horizon_;
            much_longer[i] = predictive;
            constexpr double usual = 0.47000362924573563;  // ln 1.6
            out[gap_irregularity][i] =
                (k * std::max(out[gap_irregularity][i] - log_gaps_[i] / k, 1e-6) + 2 * usual) / (k + 2);
        });
        log_of(spread);
        log_of(out[gap_irregularity]);
        log_of(far);
        each([&](std::size_t i) {
            spread[i] *= 0.5;
            much_longer[i] = (far[i] - mean[i]) / much_longer[i];
        });
        log_of_tail(longer);
        log_of_tail(much_longer);
        each([&](std::size_t i) {
            much_longer[i] = std::clamp(much_longer[i] - longer[i], -12.0, -1e-6);
            longer[i] = std::clamp(longer[i], -12.0, 0.0);
            far[i] = -much_longer[i];
        });
        exp_of(far);
        each([&](std::size_t i) { far[i] = less_one(far[i], -much_longer[i]); });
        log_of(far);
        // d - ln(1 - e^d) = -ln(e^-d - 1)
        each([&](std::size_t i) { much_longer[i] = -far[i]; });
    }
    /// z becomes ln of the chance that a standard normal number is above z.
    void log_of_tail(feature_column& z) const {
        constexpr double far = 5;
        feature_column tail{};
        each([&](std::size_t i) {
            tail[i] = z[i] > far ? 1 / (z[i] * std::sqrt(2 * std::numbers::pi))
                                 : std::erfc(z[i] * std::numbers::sqrt2 / 2) / 2;
        });
        log_of(tail);
        each([&](std::size_t i) { z[i] = z[i] > far ? tail[i] - z[i] * z[i] / 2 - 1 / (z[i] * z[i]) : tail[i]; });
    }

    static constexpr double days_a_week = 7;
    static constexpr double tiny = 1e-12;

    risk_model const& by_;
    std::int32_t at_;
    double horizon_;
    windows windows_;
    std::array<double, 4> season_;
    // of the customers at hand
    std::size_t rows_ = 0;
    feature_column silent_{};     ///< days
    feature_column repeats_{};    ///< purchases after the first
    feature_column active_{};     ///< weeks from the first to the last
    feature_column watched_{};    ///< weeks from the first to the day
    feature_column gap_count_{};  ///< repeats, and one where there is none
    feature_column log_gaps_{};
    feature_column gap_scatter_{};  ///< sum of squares of ln(gap) about its mean
};

}  // namespace patron::v1::insight::detail
