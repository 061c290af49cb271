#pragma once
#include <patron/insight/forecast.hpp>
#include <patron/insight/impl/forecast_book.hpp>
#include <patron/insight/impl/forecast_law.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace patron::inline v1::insight {

namespace detail {

inline constexpr std::array<std::string_view, 3> purchase_model_names{bg_nbd::name, mbg_nbd::name, pareto_nbd::name};

}  // namespace detail

PATRON_FN std::string_view name_of(purchase_model model) noexcept {
    return detail::purchase_model_names.at(static_cast<std::size_t>(model));
}

PATRON_FN std::optional<purchase_model> purchase_model_of(std::string_view name) noexcept {
    auto const& names = detail::purchase_model_names;
    auto const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<purchase_model>(found - names.begin());
}

PATRON_FN sales_forecast forecast_of(bg_nbd const& purchases, gamma_gamma const& spend, purchase_summary const& bought,
                                     spend_summary const& spent, double horizon) {
    return detail::forecast_one(purchases, spend, bought, spent, horizon);
}
PATRON_FN sales_forecast forecast_of(mbg_nbd const& purchases, gamma_gamma const& spend, purchase_summary const& bought,
                                     spend_summary const& spent, double horizon) {
    return detail::forecast_one(purchases, spend, bought, spent, horizon);
}
PATRON_FN sales_forecast forecast_of(pareto_nbd const& purchases, gamma_gamma const& spend,
                                     purchase_summary const& bought, spend_summary const& spent, double horizon) {
    return detail::forecast_one(purchases, spend, bought, spent, horizon);
}

PATRON_FN day months_after(day on, int months) noexcept {
    period const from{on};
    auto const to = from + months;
    if (on == from.last()) return to.last();
    return std::min(to.first() + (on - from.first()), to.last());
}

PATRON_FN season season_of(std::span<double const> purchases, period first) {
    season out;
    auto const n = purchases.size();
    if (n < 24) return out;
    std::array<double, 12> sum{};
    std::array<double, 12> times{};
    for (std::size_t i = 6; i + 6 < n; ++i) {
        double about = (purchases[i - 6] + purchases[i + 6]) / 2;
        for (auto j = i - 5; j < i + 6; ++j) about += purchases[j];
        if (!(about > 0)) return out;
        auto const month = static_cast<std::size_t>((first + static_cast<int>(i)).index() % 12);
        sum[month] += 12 * purchases[i] / about;
        ++times[month];
    }
    double all = 0;
    for (std::size_t m = 0; m < 12; ++m) {
        out.index[m] = (1 + sum[m]) / (1 + times[m]);
        all += out.index[m];
    }
    for (auto& index : out.index) index *= 12 / all;
    out.years = static_cast<std::uint32_t>((n - 12) / 12);
    return out;
}

PATRON_FN result<book_forecast> forecast_sales(orders_known const& known, forecast_terms const& terms) {
    if (auto const sound = detail::check_terms(terms); !sound) return sound.error();
    auto const now = detail::histories_of(known, terms.as_of);
    if (!now) return now.error();
    auto origin = detail::origin_at(now.value(), terms.as_of, terms);
    if (!origin) return origin.error();
    detail::past_errors past;
    auto const least = months_after(now.value().first, detail::least_months);
    for (int back = terms.months + terms.past_origins - 1; back >= terms.months; --back) {
        auto const at = months_after(terms.as_of, -back);
        if (at < least) continue;
        auto const then = detail::histories_of(known, at);
        if (!then) return then.error();
        auto const made = detail::origin_at(then.value(), at, terms);
        if (!made) continue;  // too little was known then
        past.add(made.value(), detail::actual_of(made.value(), now.value(), terms.newcomers));
    }
    auto const most = static_cast<std::size_t>(terms.past_origins);
    return detail::finished(std::move(origin.value()), past.common(terms.months, most));
}

PATRON_FN result<book_forecast> forecast_sales(std::span<std::vector<dated_amount> const> orders,
                                               forecast_terms const& terms) {
    return forecast_sales(detail::cut_by_day(orders), terms);
}

PATRON_FN sales_forecast total_of(book_forecast const& of, std::span<std::size_t const> customers) {
    std::size_t bought = 0;
    std::size_t last = 0;
    sales_forecast out;
    double log_none = 0;
    for (auto const i : customers) {
        auto const& one = of.customers[i];
        if (one.purchases.none == 1) continue;
        ++bought;
        last = i;
        detail::add_up(out, one, log_none);
    }
    if (bought == 0) return {};
    if (bought == 1) return of.customers[last];
    out.purchases.none = out.amount.none = std::exp(log_none);
    detail::set_ranges(out.purchases, of.existing_off.purchases, true);
    detail::set_ranges(out.amount, of.existing_off.amount, false);
    return out;
}

}  // namespace patron::v1::insight
