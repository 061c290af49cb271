#pragma once
#include <patron/insight/baseline_detectors.hpp>

#include <cmath>

namespace patron::inline v1::insight {

namespace detail {

/// What is kept of the customer, made room for.
template <class T>
T& kept_of(std::vector<T>& all, std::uint32_t customer) {
    if (all.size() <= customer) all.resize(std::size_t{customer} + 1);
    return all[customer];
}

inline double days_from(day from, day to) noexcept { return static_cast<double>((to - from).count()); }

inline void count(std::vector<purchase_count>& all, std::uint32_t customer, day on) {
    auto& kept = kept_of(all, customer);
    if (kept.days++ == 0) kept.first = on;
    kept.last = on;
}

inline purchase_summary weeks_of(purchase_count const& kept, day at) noexcept {
    constexpr auto week = days_in(time_unit::week);
    return {.x = kept.days - 1, .t_x = days_from(kept.first, kept.last) / week, .T = days_from(kept.first, at) / week};
}

}  // namespace detail

PATRON_FN void recency_detector::bought(std::uint32_t customer, purchase_day const& purchase) {
    detail::kept_of(last_, customer) = purchase.on;
}

PATRON_FN void recency_detector::risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
    for (std::size_t i = 0; i < of.size(); ++i) out[i] = detail::days_from(last_[of[i]], at);
}

PATRON_FN void gap_ratio_detector::bought(std::uint32_t customer, purchase_day const& purchase) {
    detail::count(customers_, customer, purchase.on);
}

PATRON_FN void gap_ratio_detector::risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
    constexpr double without_gap = 365;
    for (std::size_t i = 0; i < of.size(); ++i) {
        auto const& kept = customers_[of[i]];
        auto const gap =
            kept.days < 2 ? without_gap : detail::days_from(kept.first, kept.last) / static_cast<double>(kept.days - 1);
        out[i] = detail::days_from(kept.last, at) / gap;
    }
}

PATRON_FN void decayed_count_detector::bought(std::uint32_t customer, purchase_day const& purchase) {
    auto& kept = detail::kept_of(customers_, customer);
    kept.count = kept.count * std::exp2(-detail::days_from(kept.last, purchase.on) / half_life_days) + 1;
    kept.last = purchase.on;
}

PATRON_FN void decayed_count_detector::risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
    for (std::size_t i = 0; i < of.size(); ++i) {
        auto const& kept = customers_[of[i]];
        out[i] = -kept.count * std::exp2(-detail::days_from(kept.last, at) / half_life_days);
    }
}

PATRON_FN void bg_nbd_detector::bought(std::uint32_t customer, purchase_day const& purchase) {
    detail::count(customers_, customer, purchase.on);
}

PATRON_FN void bg_nbd_detector::month_ended(day at) {
    std::vector<purchase_summary> rows;
    rows.reserve(customers_.size());
    for (auto const& kept : customers_) rows.push_back(detail::weeks_of(kept, at));
    auto const fit = fit_bg_nbd(rows);
    model_ = fit ? std::optional{fit.value().model} : std::nullopt;
}

PATRON_FN void bg_nbd_detector::risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
    for (std::size_t i = 0; i < of.size(); ++i) {
        auto const& kept = customers_[of[i]];
        auto const silent = detail::days_from(kept.last, at);
        out[i] = model_ ? p_no_purchase(*model_, detail::weeks_of(kept, at), horizon_days_ / days_in(time_unit::week))
                        : silent / (silent + horizon_days_);
    }
}

}  // namespace patron::v1::insight
