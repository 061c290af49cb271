#pragma once
// A customer as the credit check looks at it.
#include <patron/customer/profile.hpp>
#include <patron/lifecycle/effect_life.hpp>
#include <patron/lifecycle/standing.hpp>
#include <patron/policy/credit.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace patron::inline v1::detail {

/// A picture and what its views are of.
struct credit_view {
    credit_picture picture;
    std::vector<open_item> items;
    std::vector<running_amount> reservations;
    std::vector<running_amount> quotations;
    std::vector<running_amount> guarantees;
    std::vector<later_order> later_orders;
    std::vector<credit_override> overrides;
    std::vector<group_pool> groups;
    std::vector<std::vector<running_amount>> group_guarantees;
};

/// Days past due of the oldest item that counts; zero for none.
inline int days_past_due(customer_records const* records, day_number on, std::int64_t residue) noexcept {
    if (records == nullptr || records->ledger.none_due_before() >= on) return 0;
    auto const& owed = records->ledger;
    int oldest = 0;
    for (auto i = owed.first_open(); i < owed.invoices().size(); ++i) {
        auto const& invoice = owed.invoices()[i];
        if (!invoice.disputed && invoice.open > residue) oldest = std::max(oldest, on - invoice.due);
    }
    return oldest;
}

/// Those given, or the defaults where there are none.
inline credit_rules const& credit_rules_of(credit_rules const* given) {
    static credit_rules const standard;
    return given == nullptr ? standard : *given;
}

/// The last day of delivery that counts; no_day: any does.
inline day_number horizon_on(day_number on, credit_rules const& rules) noexcept {
    if (!rules.horizon_days) return no_day;
    return static_cast<day_number>(std::min<std::int64_t>(std::int64_t{on} + *rules.horizon_days, INT32_MAX));
}

/// What an order, or a reservation for it, uses of overrides, and what a release gives back (CRE-5).
template <class F>
void note_override_use(customer_records& records, F const& f, std::int64_t amount, credit_rules const* rules) {
    if (records.credit->overrides.empty()) return;
    auto const on = number_of(f.at.on());
    auto const use = [&](std::string const& order, std::int64_t in_all) {
        records.credit.edit().use_override(order, in_all, on, credit_rules_of(rules).override_tolerance_basis_points);
    };
    if constexpr (std::is_same_v<F, order_placed>) {
        use(f.order, amount);
    } else if constexpr (std::is_same_v<F, reservation_made>) {
        use(f.order.value_or(f.reservation), amount);
    } else if constexpr (std::is_same_v<F, reservation_released>) {
        records.credit.edit().give_back(records.credit->find_reservation(f.reservation)->for_order(), amount);
    }
}

/// The powers over a customer as they stand on a day that may not have come: notices that are over bind, and what has run
/// out does not.
///
/// Only its effects: that is what binds credit.
inline power_file powers_on(customer_records const* records, day_number on) {
    power_file file;
    file.effects = powers_in(records).effects;
    for (auto& e : file.effects) lifecycle::advance(e, on);
    return file;
}

/// The dunning level at the end of a day: the one that letters on each day would have come to. Between changes of what is
/// owed the oldest item only grows older, so that looks at the day of the last change and at this one see all.
inline int dunning_level_on(customer_records const* records, day_number on, credit_rules const& rules) noexcept {
    if (records == nullptr) return 0;
    auto level = int{records->dunning.level};
    auto const look = [&](day_number d) {
        level = dunning_level(level, days_past_due(records, d, rules.residue), rules.dunning);
    };
    if (records->dunning.on != no_day && records->dunning.on > on) level = 0;  // that is of a later day
    if (records->dunning.on != no_day && records->dunning.on < on) look(records->dunning.on);
    look(on);
    return level;
}

/// Called before a fact changes what is owed: from then on its past can't be seen any more.
template <class F>
void note_dunning(customer_records& records, F const& f, credit_rules const& rules) noexcept {
    constexpr auto is_trade = std::is_same_v<F, payment_received> || std::is_same_v<F, credit_note_issued> ||
                              std::is_same_v<F, invoice_disputed> || std::is_same_v<F, dispute_settled> ||
                              std::is_same_v<F, invoice_issued>;
    if constexpr (is_trade) {
        auto const on = number_of(f.at.on());
        if constexpr (std::is_same_v<F, invoice_issued>) {
            if (number_of(f.due) >= on) return;  // leaves the oldest item as it is
        }
        if (records.dunning.on != no_day && on <= records.dunning.on) return;
        records.dunning = {.level = static_cast<std::uint8_t>(dunning_level_on(&records, on - 1, rules)), .on = on};
    }
}

/// What a customer's credit standing is judged by on a day.
inline lifecycle::standing_inputs standing_inputs_of(customer_records const* records, power_file const& powers,
                                                     day_number on, credit_rules const& rules) {
    return {.days_past_due = days_past_due(records, on, rules.residue),
            .dunning_level = dunning_level_on(records, on, rules),
            .penalty_severity = powers.penalty_severity(),
            .at_least = powers.least_standing()};
}

/// The customer's own limit, without those for a time.
inline credit_limit base_limit(customer_state const& state, customer_records const* records) noexcept {
    if (records != nullptr && records->credit->base) return *records->credit->base;
    if (!state.limit_is_set) return {};
    return state.limit_is_unlimited ? credit_limit::unlimited() : credit_limit::of(state.limit);
}

/// The exposure on a day that time may not have come to: what runs out by then has.
/// `horizon`: as of `recount`. Errors: errc::amount_overflow.
inline result<credit_exposure> exposure_on(customer_state const& state, customer_records const* records, day_number on,
                                           exposure_switches const& counts, day_number horizon = no_day) {
    exposure_sums sums;
    if (records == nullptr) {  // nothing but orders came yet
        sums.add(&credit_exposure::open_orders, state.exposure);
        return sums.exposure(counts);
    }
    auto const& credit = *records->credit;
    sums.add(&credit_exposure::quotations, credit.quoted(on));
    sums.add(&credit_exposure::security, credit.deposit + credit.guaranteed(on));
    for (auto const& r : credit.reservations) sums.add(&credit_exposure::reservations, r.kept(on));
    if (records->ledger_is_complete) {
        sums.add(records->ledger, on, horizon);
    } else {
        sums.add(&credit_exposure::open_orders,
                 wide_amount{state.exposure} - credit.reserved() + credit.deposit + credit.guaranteed());
    }
    return sums.exposure(counts);
}

/// The same in one sum.
/// Complexity: linear in what is granted beside the limit; where the rules count by other switches than the state, in
/// orders and open items too.
inline result<std::int64_t> counted_on(customer_state const& state, customer_records const* records, day_number on,
                                       exposure_switches const& counts) {
    auto as_state = counts;
    as_state.quotations = false;
    if (as_state != exposure_switches{}) {
        auto const by_category = exposure_on(state, records, on, counts);
        if (!by_category) return by_category.error();
        return total(by_category.value(), counts);
    }
    if (records == nullptr) return state.exposure;
    auto const& credit = *records->credit;
    wide_amount sum = state.exposure;
    for (auto const& r : credit.reservations) sum -= r.left - r.kept(on);
    for (auto const& g : credit.guarantees) sum += g.left - g.kept(on);
    if (counts.quotations) sum += credit.quoted(on);
    if (sum == static_cast<std::int64_t>(sum)) return static_cast<std::int64_t>(sum);
    return error{.code = errc::amount_overflow,
                 .field = "exposure",
                 .saw = "a sum beyond 64 bits of minor units",
                 .remedy = "state the credit in a currency of fewer digits"};
}

/// What of a document the exposure counts already by its reservation and its quotation: what it replaces. That does not run
/// out beside it: it is of the document from now on.
inline std::int64_t take_own(credit_view& view, reservation const* reserved, quotation const* offer,
                             std::int64_t of_offer, day_number on, exposure_switches const& counts) {
    auto const take = [](std::vector<running_amount>& from, running_amount const& kept, std::int64_t part) {
        auto const at = std::find(from.begin(), from.end(), kept);
        if (at != from.end()) at->amount -= part;
        return part;
    };
    wide_amount sum = 0;
    if (reserved != nullptr && counts.reservations) {
        auto const kept = reserved->kept(on);
        sum += take(view.reservations, {kept, reserved->until}, kept);
    }
    if (offer != nullptr && counts.quotations) sum += take(view.quotations, {offer->open(on), offer->until}, of_offer);
    return static_cast<std::int64_t>(std::min<wide_amount>(sum, INT64_MAX));
}

/// Fills in all but the groups and what other currencies are about. The view lives as long as the records.
/// `order`: that is asked about; what it has used of an override is there for it.
/// Errors: errc::amount_overflow.
inline result<void> look(credit_view& into, customer_state const& state, customer_records const* records,
                         customer_profile const& profile, day_number on, std::string_view order,
                         credit_rules const& rules) {
    auto& p = into.picture;
    p.in = state.in;
    p.on = on;
    p.is_ended = state.stage == stage::ended;
    p.orders = state.orders;
    p.terms_days = profile.terms_days;
    p.limit = base_limit(state, records);
    auto const powers = powers_on(records, on);
    p.limit_cut = powers.limit_cut();
    p.standing = lifecycle::assess_standing(state.credit_standing, standing_inputs_of(records, powers, on, rules),
                                            rules.standings)
                     .to;
    auto const horizon = horizon_on(on, rules);
    auto const exposure = exposure_on(state, records, on, rules.counts, horizon);
    if (!exposure) return exposure.error();
    p.exposure = exposure.value();
    if (records == nullptr) return {};
    auto const& credit = *records->credit;
    for (auto const& r : credit.reservations) {
        if (auto const kept = r.kept(on); kept > 0) into.reservations.push_back({kept, r.until});
    }
    for (auto const& q : credit.quotations) {
        if (auto const open = q.open(on); open > 0) into.quotations.push_back({open, q.until});
    }
    for (auto const& g : credit.guarantees) {
        if (auto const kept = g.kept(on); kept > 0) into.guarantees.push_back({kept, g.until});
    }
    auto const* const hold = order.empty() ? nullptr : credit.find_hold(order);
    auto const needs_release = hold != nullptr && hold->needs_release(on);
    for (auto const& o : credit.overrides) {
        // what was granted before a person held the order does not release it
        if (needs_release && (hold->state == hold_state::held || o.from < hold->from)) continue;
        if (o.in_force(on)) {
            into.overrides.push_back({.amount = o.left_for(order),
                                      .until = o.until,
                                      .order = o.order,
                                      .by = o.by,
                                      .tolerance_basis_points = o.tolerance_basis_points});
        }
    }
    if (hold != nullptr) {
        p.is_rejected = hold->state == hold_state::rejected;
        if (p.is_rejected) p.held_by = hold->decided_by;
        else if (needs_release) p.held_by = hold->by;
        if (!p.held_by.empty()) p.held_until = hold->until;
    }
    if (records->ledger_is_complete) {
        append_open_items(into.items, records->ledger);
        if (p.exposure.later_orders > 0) {
            for (auto const& o : records->ledger.orders()) {
                if (!o.is_beyond(horizon)) continue;
                if (auto const open = exposure_of(o).open; open > 0)
                    into.later_orders.push_back({open, o.delivery_date});
            }
        }
    }
    p.dunning_level = dunning_level_on(records, on, rules);
    p.temporary = credit.temporary_limits;
    p.document_limit = credit.document_limit;
    p.items = into.items;
    p.reservations = into.reservations;
    p.later_orders = into.later_orders;
    p.quotations = into.quotations;
    p.guarantees = into.guarantees;
    p.overrides = into.overrides;
    return {};
}

}  // namespace patron::v1::detail
