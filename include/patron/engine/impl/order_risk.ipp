#pragma once
#include <patron/engine/order_risk.hpp>

#include <cmath>
#include <vector>

namespace patron::inline v1 {

namespace detail {

/// The days with an order of a customer, as the models see them; nothing without one by that day.
inline std::optional<insight::purchase_summary> summary_of(customer_state const& of, day_number on) noexcept {
    if (of.purchase_days == 0 || of.first_order == no_day || of.last_order > on) return std::nullopt;
    constexpr auto week = insight::days_in(insight::time_unit::week);
    return insight::purchase_summary{.x = of.last_order == of.first_order ? 0 : of.purchase_days - 1,
                                     .t_x = (of.last_order - of.first_order) / week,
                                     .T = (on - of.first_order) / week};
}

}  // namespace detail

PATRON_FN order_risk::order_risk(engine const& book, day on) : on_{number_of(on)} {
    std::vector<insight::purchase_summary> rows;
    rows.reserve(book.size());
    book.each_state([&](customer_state const& state) {
        if (auto const bought = detail::summary_of(state, on_)) rows.push_back(*bought);
    });
    if (auto const fit = insight::fit_bg_nbd(rows)) model_ = fit.value().model;
}

PATRON_FN std::optional<std::int32_t> order_risk::millionths(customer_state const& of) const noexcept {
    if (!model_) return std::nullopt;
    auto const bought = detail::summary_of(of, on_);
    if (!bought) return std::nullopt;
    auto const chance =
        insight::p_no_purchase(*model_, *bought, horizon_days / insight::days_in(insight::time_unit::week));
    return static_cast<std::int32_t>(std::lround(chance * 1e6));
}

}  // namespace patron::v1
