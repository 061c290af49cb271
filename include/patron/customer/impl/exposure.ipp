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

PATRON_FN result<credit_exposure> recount(ledger const& of, day_number on, exposure_beside_ledger const& beside) {
    credit_exposure e{.quotations = beside.quotations,
                      .unallocated = of.unallocated(),
                      .credit_notes = beside.credit_notes,
                      .reservations = beside.reservations,
                      .security = beside.security};
    for (auto const& order : of.orders()) {
        auto const parts = exposure_of(order);
        if (__builtin_add_overflow(e.open_orders, parts.open, &e.open_orders)) {
            return exposure_detail::too_much("open_orders");
        }
        if (__builtin_add_overflow(e.delivered, parts.delivered, &e.delivered)) {
            return exposure_detail::too_much("delivered");
        }
    }
    for (auto i = of.first_open(); i < of.invoices().size(); ++i) {
        auto const& invoice = of.invoices()[i];
        auto& category = invoice.disputed ? e.disputed : on > invoice.due ? e.overdue : e.not_due;
        if (__builtin_add_overflow(category, invoice.open, &category)) {
            return exposure_detail::too_much(invoice.disputed ? "disputed" : on > invoice.due ? "overdue" : "not_due");
        }
    }
    for (auto const& c : exposure_categories) {
        if (e.*c.amount < 0) return exposure_detail::below_zero(c.name, e.*c.amount);
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
