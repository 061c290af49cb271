#pragma once
// A customer as the credit check looks at it.
#include <patron/customer/profile.hpp>
#include <patron/policy/credit.hpp>

#include <vector>

namespace patron::inline v1::detail {

/// A picture and what its views are of.
struct credit_view {
    credit_picture picture;
    std::vector<open_item> items;
    std::vector<running_reservation> reservations;
    std::vector<credit_override> overrides;
    std::vector<group_pool> groups;
};

/// Days past due of the oldest item that counts; zero for none.
inline int days_past_due(customer_records const* records, day_number on, std::int64_t residue) {
    if (records == nullptr || records->ledger.none_due_before() >= on) return 0;
    auto const owed = receivables_of(records->ledger, on, {.residue = residue, .ageing_edges = {}});
    return owed ? owed.value().oldest_days_past_due : 0;  // its sums are parts of the exposure: they fit
}

/// The customer's own limit, without those for a time.
inline credit_limit base_limit(customer_state const& state, customer_records const* records) noexcept {
    if (records != nullptr && records->credit->base) return *records->credit->base;
    if (!state.limit_is_set) return {};
    return state.limit_is_unlimited ? credit_limit::unlimited() : credit_limit::of(state.limit);
}

/// Fills in all but the groups and what other currencies are about. The view lives as long as the records.
/// Errors: errc::amount_overflow.
inline result<void> look(credit_view& into, customer_state const& state, customer_records const* records,
                         customer_profile const& profile, day_number on) {
    auto& p = into.picture;
    p.in = state.in;
    p.on = on;
    p.is_ended = state.stage == stage::ended;
    p.orders = state.orders;
    p.terms_days = profile.terms_days;
    p.limit = base_limit(state, records);
    if (records == nullptr) {  // nothing but orders came yet
        p.exposure.open_orders = state.exposure;
        return {};
    }
    auto const& credit = *records->credit;
    for (auto const& r : credit.reservations) {
        if (auto const kept = r.kept(on); kept > 0) into.reservations.push_back({kept, r.until});
    }
    for (auto const& o : credit.overrides) {
        if (o.in_force(on)) {
            into.overrides.push_back({.amount = o.amount, .until = o.until, .order = o.order, .by = o.by});
        }
    }
    exposure_beside_ledger beside{.security = credit.deposit};
    for (auto const& r : into.reservations)
        beside.reservations += r.amount;  // their sum fits, or one of them would have been refused
    if (records->ledger_is_complete) {
        auto const counted = recount(records->ledger, on, beside);
        if (!counted) return counted.error();
        p.exposure = counted.value();
        append_open_items(into.items, records->ledger);
    } else {
        p.exposure.reservations = beside.reservations;
        p.exposure.security = beside.security;
        p.exposure.open_orders = state.exposure - credit.reserved() + credit.deposit;
    }
    p.temporary = credit.temporary_limits;
    p.items = into.items;
    p.reservations = into.reservations;
    p.overrides = into.overrides;
    return {};
}

}  // namespace patron::v1::detail
