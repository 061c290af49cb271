#pragma once
#include <patron/customer/exposure.hpp>

#include <algorithm>
#include <ostream>
#include <string>

namespace patron::inline v1 {

namespace exposure_detail {

inline error too_much(std::string_view field) {
    return {.code = errc::amount_overflow,
            .field = std::string{field},
            .saw = "a sum beyond 64 bits of minor units",
            .remedy = "state the credit in a currency of fewer digits"};
}
inline error below_zero(std::string_view field, std::int64_t saw) {
    return {.code = errc::out_of_range,
            .field = std::string{field},
            .saw = std::to_string(saw),
            .remedy = "give an amount from zero on; the sign is that of the category"};
}

}  // namespace exposure_detail

PATRON_FN result<std::int64_t> total(credit_exposure const& exposure, exposure_switches const& switches) {
    __extension__ using wide = __int128;
    wide sum = 0;
    for (auto const& c : exposure_categories) {
        auto const amount = exposure.*c.amount;
        if (amount < 0) return exposure_detail::below_zero(c.name, amount);
        if (switches.*c.is_on) sum += c.taken_off ? -wide{amount} : wide{amount};
    }
    if (sum > INT64_MAX || sum < INT64_MIN) return exposure_detail::too_much("exposure");
    return static_cast<std::int64_t>(sum);
}

PATRON_FN order_exposure exposure_of(ledger_order const& order) noexcept {
    auto const rest = order.uninvoiced();
    auto const delivered = std::clamp<std::int64_t>(order.delivered - order.invoiced, 0, rest);
    return {.open = rest - delivered, .delivered = delivered};
}

PATRON_FN result<credit_exposure> recount(ledger const& of, day_number on, exposure_beside_ledger const& beside,
                                          exposure_switches const& switches, day_number horizon) {
    exposure_sums sums;
    sums.add(of, on, horizon);
    sums.add(&credit_exposure::quotations, beside.quotations);
    sums.add(&credit_exposure::credit_notes, beside.credit_notes);
    sums.add(&credit_exposure::reservations, beside.reservations);
    sums.add(&credit_exposure::security, beside.security);
    return sums.exposure(switches);
}

PATRON_FN void exposure_sums::add(ledger const& of, day_number on, day_number horizon) noexcept {
    detail::wide_amount open_orders = 0;
    detail::wide_amount later_orders = 0;
    detail::wide_amount delivered = 0;
    for (auto const& order : of.orders()) {
        auto const parts = exposure_of(order);
        (order.is_beyond(horizon) ? later_orders : open_orders) += parts.open;
        delivered += parts.delivered;
    }
    detail::wide_amount not_due = 0;
    detail::wide_amount overdue = 0;
    detail::wide_amount disputed = 0;
    for (auto i = of.first_open(); i < of.invoices().size(); ++i) {
        auto const& invoice = of.invoices()[i];
        (invoice.disputed ? disputed : on > invoice.due ? overdue : not_due) += invoice.open;
    }
    add(&credit_exposure::unallocated, of.unallocated());
    add(&credit_exposure::open_orders, open_orders);
    add(&credit_exposure::later_orders, later_orders);
    add(&credit_exposure::delivered, delivered);
    add(&credit_exposure::not_due, not_due);
    add(&credit_exposure::overdue, overdue);
    add(&credit_exposure::disputed, disputed);
}

PATRON_FN void exposure_sums::add(std::int64_t credit_exposure::* category, detail::wide_amount amount) noexcept {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        if (exposure_categories[i].amount == category) sums_[i] += amount;
    }
}

PATRON_FN result<credit_exposure> exposure_sums::exposure(exposure_switches const& switches) const {
    auto sums = sums_;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        auto const& c = exposure_categories[i];
        if (c.taken_off || !(switches.*c.is_on)) continue;
        for (std::size_t off = 0; off < sums.size() && sums[i] > INT64_MAX; ++off) {
            auto const& against = exposure_categories[off];
            if (!against.taken_off || !(switches.*against.is_on) || sums[off] <= 0) continue;
            auto const part = std::min(sums[i] - INT64_MAX, sums[off]);
            sums[i] -= part;
            sums[off] -= part;
        }
    }
    credit_exposure e;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        auto const& c = exposure_categories[i];
        if (sums[i] > INT64_MAX) return exposure_detail::too_much(c.name);
        if (sums[i] < 0) return exposure_detail::below_zero(c.name, static_cast<std::int64_t>(sums[i]));
        e.*c.amount = static_cast<std::int64_t>(sums[i]);
    }
    return e;
}

PATRON_FN std::ostream& operator<<(std::ostream& out, credit_exposure const& e) {
    char const* before = "";
    for (auto const& c : exposure_categories) {
        out << before << c.name << ' ' << e.*c.amount;
        before = ", ";
    }
    return out;
}

}  // namespace patron::v1
