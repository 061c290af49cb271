#pragma once
#include <patron/base/hash.hpp>
#include <patron/engine/fold.hpp>
#include <patron/engine/impl/assess_by.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/document_rate.hpp>
#include <patron/engine/impl/power_desk.hpp>
#include <patron/engine/impl/under_rules_of.hpp>
#include <patron/lifecycle/complaint.hpp>
#include <patron/machine/step.hpp>
#include <patron/policy/uniform_price.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace patron::inline v1 {

namespace detail {

using relationship_event = lifecycle::relationship::event;

inline void enter_stage(customer_state& s, stage to, day_number on) noexcept {
    if (to == stage::declining) {
        s.fell_from = s.stage;
    } else {
        s.reviews_below = 0;  // what counts against a stage goes with it; a decline keeps what confirmed it
    }
    s.stage = to;
    s.since = on;
    s.reviews_above = 0;
    if (to <= stage::strategic) s.highest = std::max(s.highest, to);
}

inline decision begin_decision(fold_report const& report, std::string ref, moment at, relationship_event e,
                               fold_rules const& how) {
    return {.ref = std::move(ref),
            .at = at,
            .customer = std::string{report.customer},
            .from = {},
            .to = {},
            .event = machine::name_of(e),
            .why = {},
            .rulebook = how.rules.version};
}

/// Steps the machine and reports what came of it. `why` is asked only when decisions are wanted.
template <class Why>
void step_relationship(fold_rules const& how, customer_state& state, relationship_event e,
                       lifecycle::assessment const* a, day_number on, fold_report& report, std::string_view ref,
                       moment at, Why&& why) {
    auto const guards = a == nullptr ? machine::guard_set<lifecycle::relationship>{} : a->guards;
    auto const outcome = machine::decide<lifecycle::relationship>(state.stage, e, guards);
    bool const moved = outcome.kind == machine::answer::moved;
    bool const refused = outcome.kind == machine::answer::refused && e == relationship_event::agreement_signed;
    if (report.want_decisions && (moved || refused)) {
        auto d = begin_decision(report, std::string{ref}, at, e, how);
        d.why = a == nullptr ? std::vector<reason>{} : reasons_for(state, *a, e, outcome.to, how.rules);
        why(d.why);
        if (moved) {
            d.from = outcome.from;
            d.to = outcome.to;
        }
        report.decisions.push_back(std::move(d));
    }
    if (!moved) return;
    report.changes.push_back({on, outcome.from, outcome.to, e});
    enter_stage(state, outcome.to, on);
}

inline day_number next_lapse(fold_rules const& how, customer_records const& records, day_number after) noexcept {
    day_number next = no_day;
    auto const consider = [&](std::int64_t on) {
        if (on <= after || on > INT32_MAX) return;
        if (next == no_day || on < next) next = static_cast<day_number>(on);
    };
    auto const lapses_after = [&](day_number last) {
        if (last != no_day) consider(std::int64_t{last} + 1);
    };
    for (auto const& a : records.agreements) lapses_after(a.until);
    auto const& credit = *records.credit;
    if (credit.base) lapses_after(credit.base->until);
    if (credit.base && credit.base->has_seasons()) consider(number_of((period{day_of(after)} + 1).first()));
    for (auto const& t : credit.temporary_limits) {
        consider(t.from);  // a late fact may have brought the customer to a day before it once more
        lapses_after(t.until);
    }
    for (auto const& r : credit.reservations) {
        if (r.left > 0) lapses_after(r.until);
    }
    for (auto const& g : credit.guarantees) {
        if (g.left > 0) lapses_after(g.until);
    }
    each_change(*records.powers, consider);
    if (auto const complies = complies_on(*records.powers, power_rules_of(how))) {
        // by rules that have come into force since, it may have been due already
        consider(std::max(*complies, std::int64_t{after} + 1));
        if (how.until != no_day) consider(how.until);
    }
    return next;
}

/// A document in a currency other than the customer's; nothing for one in that.
inline detail::seldom<foreign_document> foreign_document_of(money amount, currency own) {
    detail::seldom<foreign_document> out;
    if (!amount.in().is_own() && amount.in() != own) {
        out.edit().in = amount.in();
        out.edit().amount = amount.minor_units();
    }
    return out;
}

/// An order as a ledger keeps it. `amount`: in minor units of `own`.
inline ledger_order ledger_order_of(order_placed const& f, std::int64_t amount, currency own) {
    ledger_order order{.order = f.order, .ordered = amount};
    if (f.delivery_date) order.delivery_date = number_of(*f.delivery_date);
    order.foreign = foreign_document_of(f.amount, own);
    return order;
}

/// Whether a limit is more than an amount for good.
inline bool is_special(limit_set const& f) noexcept {
    return f.until || f.per_document || f.review_on || !f.seasons.empty() ||
           f.mode.value_or(pool_mode::shared) != pool_mode::shared;
}

/// The limit in force, where more than one was granted.
inline void put_in_force(customer_state& state, credit_file const& credit, day_number on) noexcept {
    if (!credit.base) return;
    auto const limit = credit.limit_on(on);
    state.limit = limit.amount;
    state.limit_is_set = limit.kind != limit_kind::not_set;
    state.limit_is_unlimited = limit.kind == limit_kind::unlimited;
}

/// What of credit runs out of itself on the day: limits for a time, reservations, and guarantees.
inline void lapse_credit(customer_state& state, credit_file const& credit, day_number on) noexcept {
    put_in_force(state, credit, on);
    for (auto const& r : credit.reservations) {
        if (r.until != no_day && r.until + 1 == on) state.exposure -= r.left;  // it was added when it was made
    }
    for (auto const& g : credit.guarantees) {
        if (g.until != no_day && g.until + 1 == on) state.exposure += g.left;  // fits: each fact has seen to that
    }
}
/// Reservations and guarantees that have lapsed until the day are marked so, once the state that they lapsed in stands.
/// Quotations need no mark: the state does not count them.
inline void mark_lapsed(customer_records* records, day_number until) noexcept {
    if (records == nullptr || until == no_day) return;
    auto* const credit = records->credit.if_held();
    if (credit == nullptr) return;
    for (auto& r : credit->reservations) {
        if (r.until == no_day || r.until + 1 > until || r.left == 0) continue;
        credit->give_back(r.for_order(), r.left);
        r.left = 0;
    }
    for (auto& g : credit->guarantees) {
        if (g.until != no_day && g.until + 1 <= until) g.left = 0;
    }
}

/// What lapses, or changes by itself, on the day that is due.
inline void lapse(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& held,
                  fold_report& report, power_undo* undo) {
    auto const on = state.next_due;
    auto const& records = *held;
    lapse_credit(state, *records.credit, on);
    power_desk{how, state, held, report, undo}.pass(on);
    state.next_due = next_lapse(how, records, on);
    if (state.stage != stage::strategic || lifecycle::strategic_agreement_in_force(records, on)) return;
    auto const a = assess_by(how, {state, &records}, on, false);
    step_relationship(how, state, relationship_event::agreement_lapsed, &a, on, report, "agreement lapsed", day_of(on),
                      [](auto&) {});
}

/// Assesses the credit standing, and tells when it changes.
inline void review_standing(fold_rules const& how, customer_state& state, customer_records const* records, period month,
                            fold_report& report) {
    auto const& rules = credit_rules_of(how.credit);
    auto const on = number_of(month.last());
    auto const inputs = standing_inputs_of(records, powers_in(records), on, rules);
    auto const quiet = inputs.days_past_due == 0 && inputs.dunning_level == 0 && inputs.penalty_severity == 0 &&
                       inputs.at_least == standing::good;
    if (quiet && state.credit_standing == standing::good) return;
    auto const assessed = lifecycle::assess_standing(state.credit_standing, inputs, rules.standings);
    state.credit_standing = assessed.to;
    if (assessed.to == assessed.from || !report.want_decisions) return;
    reason why{.rule = assessed.to > assessed.from ? "standing_lowered" : "standing_raised",
               .unit = measure::days,
               .saw = inputs.days_past_due,
               .what = std::string{name_of(assessed.to)}};
    if (!assessed.causes.empty()) {
        auto const is_entry = [](lifecycle::standing_cause const& c) { return c.is_entry; };
        auto const entered = std::find_if(assessed.causes.begin(), assessed.causes.end(), is_entry);
        auto const& cause = entered == assessed.causes.end() ? assessed.causes.front() : *entered;
        why.saw = cause.saw;
        why.threshold = cause.threshold;
        if (cause.input != "days_past_due") why.unit = measure::count;
        if (cause.input == "penalty_severity") why.rule = "standing_by_penalties";
        if (cause.input == "dunning_level") why.rule = "standing_by_dunning";
        if (cause.input == "ordered") why = {.rule = "standing_ordered", .what = std::move(why.what)};
    }
    report.decisions.push_back({.ref = "review " + month.to_string(),
                                .at = day_of(on),
                                .customer = std::string{report.customer},
                                .from = {},
                                .to = {},
                                .event = "standing_changed",
                                .why = {std::move(why)},
                                .rulebook = how.rules.version});
}

/// What an observed resale tells, and whether its margin is news.
struct resale_findings {
    policy::detected_breaches breaches{};
    std::optional<policy::dealer_margin> margin{};
    bool margin_was_thin = false;

    [[nodiscard]] bool margin_is_thin() const noexcept { return margin && margin->verdict == verdict::not_met; }
    [[nodiscard]] bool leave_a_record() const noexcept { return !breaches.empty() || margin_is_thin(); }
};

/// The amounts that a fact moves, settled before anything changes. Minor units.
struct plan {
    std::int64_t amount = 0;     ///< of the fact, in the customer's currency
    std::int64_t foreign = 0;    ///< the same in the currency of the document that it is a part of, if that is another
    std::int64_t purchases = 0;  ///< added to purchases
    std::int64_t exposure = 0;   ///< added to exposure
    std::string_view taken{};    ///< the reservation that the order takes
    std::int64_t quoted = 0;     ///< what it takes of its quotation
    std::optional<std::int64_t> document_limit{};
    std::optional<kept_effect> changed{};  ///< what an effect comes to
    rebate_book::moves rebates{};
    std::unique_ptr<resale_findings> resale{};  ///< null: the resale tells nothing
};

inline error refuse(errc code, std::string_view field, std::string saw, std::string remedy) {
    return {.code = code, .field = std::string{field}, .saw = std::move(saw), .remedy = std::move(remedy)};
}

/// Judges one fact against what is known, changes the flat state, and plans the records' change.
class judge {
public:
    judge(fold_rules const& how, customer_state& next, customer_records const* records, plan& planned)
        : how_{how}, next_{next}, records_{records}, plan_{planned} {}

    result<void> operator()(customer_enrolled const& f) {
        if (f.currency) {
            if (!next_.in.is_own() && next_.in != *f.currency) {
                return refuse(errc::currency_mismatch, "currency", std::string{f.currency->code()},
                              "the customer's amounts are in " + std::string{next_.in.code()} + " already");
            }
            next_.in = *f.currency;
        }
        if (f.parent && *f.parent == f.customer) {
            return refuse(errc::impossible_now, "parent", *f.parent, "name another customer as the parent");
        }
        next_.enrolled = true;
        return {};
    }
    result<void> operator()(wallet_stated const& f) { return take_amount(f.amount); }
    result<void> operator()(order_placed const& f) {
        auto const hash = stable_hash(f.order);
        if (records_ != nullptr && records_->ledger_is_complete && records_->ledger.find_order(f.order) != nullptr) {
            return refuse(errc::impossible_now, "order", f.order,
                          "the order was placed before; change it by order_cancelled or corrected");
        }
        if (auto const ends = ends_later(f.delivery_date, f.at, "delivery_date"); !ends) return ends;
        if (auto const taken = take_amount(f.amount, f.rate); !taken) return taken;
        if (f.cost) {
            if (auto const known = check_cost(*f.cost, f); !known) return known;
        }
        auto const* offer = f.quotation ? find_quotation(*f.quotation) : nullptr;
        if (f.quotation && offer == nullptr) return unknown_quotation(*f.quotation);
        if (offer != nullptr) plan_.quoted = offer->taken_by(plan_.amount, number_of(f.at.on()));
        plan_.purchases = plan_.amount;
        plan_.exposure = plan_.amount;
        auto const on = number_of(f.at.on());
        if (records_ != nullptr) {
            if (auto const* kept = records_->credit->reserved_for(f.order, on)) {
                plan_.exposure -= kept->left;
                plan_.taken = kept->name;
            }
        }
        rebate([&](auto const& b) { return b.placed(f, plan_.amount, next_.in); });
        // the silence that an end was found by is no gap of the rhythm, and one told late makes no gap shorter
        if (next_.last_order != no_day && on > next_.last_order && next_.stage != stage::ended) {
            next_.monitors.came_back_after(on - next_.last_order);
        }
        next_.monitors.ordered(plan_.amount, f.lines.size());
        if (on != next_.last_order && on != next_.first_order) ++next_.purchase_days;
        if (next_.first_order == no_day || on < next_.first_order) next_.first_order = on;
        if (next_.last_order == no_day || on > next_.last_order) next_.last_order = on;
        ++next_.orders;
        next_.order_numbers.add(hash);
        return settle(f.at);
    }
    result<void> operator()(order_cancelled const& f) {
        auto const* order = find_order(f.order);
        if (order == nullptr) return unknown_order(f.order);
        auto const most = order->ordered - order->cancelled - std::max(order->delivered, order->invoiced);
        if (auto const taken = take_part(*order, f.amount, most, left_of(*order, &foreign_document::cancelled),
                                         "is still open to cancel");
            !taken)
            return taken;
        plan_.purchases = -plan_.amount;
        plan_.exposure = -plan_.amount;
        rebate([&](auto const& b) { return b.cancelled(part_of(*order), number_of(f.at.on())); });
        return settle(f.at);
    }
    result<void> operator()(order_reopened const& f) {
        auto const* order = find_order(f.order);
        if (order == nullptr) return unknown_order(f.order);
        if (auto const part = take_part(*order, f.amount, order->cancelled, order->foreign->cancelled, "was cancelled");
            !part)
            return part;
        plan_.purchases = plan_.amount;
        auto reopened = *order;  // what was invoiced beyond the order in the meantime is owed already
        reopened.cancelled -= plan_.amount;
        plan_.exposure = reopened.uninvoiced() - order->uninvoiced();
        rebate([&](auto const& b) { return b.reopened(part_of(*order), number_of(f.at.on())); });
        return settle(f.at);
    }
    result<void> operator()(goods_delivered const& f) {
        auto const* order = find_order(f.order);
        if (order == nullptr) return unknown_order(f.order);
        if (auto const taken = take_part(*order, f.amount, order->undelivered(),
                                         left_of(*order, &foreign_document::delivered), "is still to be delivered");
            !taken) {
            return taken;
        }
        rebate([&](auto const& b) { return b.delivered(part_of(*order), number_of(f.at.on())); });
        return {};
    }
    result<void> operator()(goods_returned const& f) {
        auto const* order = f.order ? find_order(*f.order) : nullptr;
        if (f.order && order == nullptr) return unknown_order(*f.order);
        auto const of = order == nullptr ? document_rate{} : rate_of(*order, order->ordered, order->foreign->amount);
        if (auto const taken = take_amount(f.amount, f.rate, of); !taken) return taken;
        plan_.purchases = -plan_.amount;
        auto const ordered = order == nullptr ? 0 : order->ordered;
        rebate([&](auto const& b) { return b.returned(f, plan_.amount, ordered, next_.in); });
        return settle(f.at);
    }
    result<void> operator()(invoice_issued const& f) {
        if (ledger_of()->find_invoice(f.invoice) != nullptr) {
            return refuse(errc::impossible_now, "invoice", f.invoice, "the invoice was issued before");
        }
        auto const* order = f.order ? find_order(*f.order) : nullptr;
        if (f.order && order == nullptr) return unknown_order(*f.order);
        auto const of = order == nullptr
                            ? document_rate{}
                            : rate_of(*order, order->uninvoiced(), left_of(*order, &foreign_document::invoiced));
        if (auto const taken = take_amount(f.amount, f.rate, of); !taken) return taken;
        plan_.exposure = plan_.amount;
        order_progress part{.order = {}, .ordered = 0, .amount = plan_.amount};
        if (order != nullptr) {
            plan_.exposure -= std::min(plan_.amount, order->uninvoiced());
            if (auto const sum = fits(order->invoiced); !sum) return sum;
            part = part_of(*order);
        }
        auto const drawn = std::min(ledger_of()->unallocated(), plan_.amount);
        rebate([&](auto const& b) { return b.invoiced(f.invoice, part, drawn, number_of(f.at.on())); });
        return settle(f.at);
    }
    result<void> operator()(payment_received const& f) {
        auto const* invoice = f.invoice ? ledger_of()->find_invoice(*f.invoice) : nullptr;
        if (f.invoice && invoice == nullptr) return unknown_invoice(*f.invoice);
        if (auto const taken = take_amount(f.amount, f.rate, rate_of(invoice)); !taken) return taken;
        plan_.exposure = -plan_.amount;
        if (auto const sum = fits(ledger_of()->unallocated()); !sum) return sum;
        rebate([&](auto const& b) { return b.paid(plan_.amount, settled_by(f), number_of(f.at.on())); });
        return settle(f.at);
    }
    result<void> operator()(credit_note_issued const& f) {
        auto const* invoice = ledger_of()->find_invoice(f.invoice);
        if (invoice == nullptr) return unknown_invoice(f.invoice);
        if (auto const taken = take_amount(f.amount, {}, rate_of(invoice)); !taken) return taken;
        plan_.exposure = -plan_.amount;
        if (auto const sum = fits(ledger_of()->unallocated()); !sum) return sum;
        rebate([&](auto const& b) { return b.credited(f.invoice, plan_.amount, invoice->open, number_of(f.at.on())); });
        return settle(f.at);
    }
    result<void> operator()(invoice_disputed const& f) {
        return ledger_of()->find_invoice(f.invoice) == nullptr ? unknown_invoice(f.invoice) : result<void>{};
    }
    result<void> operator()(dispute_settled const& f) {
        return ledger_of()->find_invoice(f.invoice) == nullptr ? unknown_invoice(f.invoice) : result<void>{};
    }
    result<void> operator()(limit_set const& f) {
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        if (auto const later = ends_later(f.review_on, f.at, "review_on"); !later) return later;
        if (f.amount.is_unlimited()) {
            next_.limit_is_unlimited = true;
        } else {
            if (auto const taken = take_amount(f.amount.amount()); !taken) return taken;
            next_.limit = plan_.amount;
            next_.limit_is_unlimited = false;
        }
        next_.limit_is_set = true;
        if (f.per_document) {
            auto const own = in_own_currency(*f.per_document, "per_document");
            if (!own) return own.error();
            plan_.document_limit = own.value();
        }
        for (auto const& season : f.seasons) {
            if (std::ranges::count(f.seasons, season.month, &limit_season::month) == 1) continue;
            return refuse(errc::malformed, "seasons", std::to_string(season.month.value()), "name each month once");
        }
        return {};
    }
    result<void> operator()(temporary_limit_granted const& f) {
        if (!f.until) {
            return refuse(errc::missing_field, "until", {},
                          "a temporary limit needs its last day; a limit for good is set by limit_set");
        }
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        return f.amount.is_unlimited() ? result<void>{} : take_amount(f.amount.amount());
    }
    result<void> operator()(override_granted const& f) {
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        return take_amount(f.amount);
    }
    result<void> operator()(order_held const& f) {
        if (records_ != nullptr) {
            for (auto const& h : records_->credit->holds) {
                if (h.order != f.order) continue;
                if (h.state == hold_state::rejected) {
                    return refuse(errc::impossible_now, "order", f.order,
                                  "the order was turned down: place it anew under another number");
                }
                if (h.is_open(number_of(f.at.on()))) {
                    return refuse(errc::impossible_now, "order", f.order,
                                  "the order is held already: release or reject that hold first");
                }
            }
        }
        auto const says = [](std::optional<std::string> const& text) { return text && !text->empty(); };
        if (f.by.has_value() != f.reason.has_value() || (f.by && (!says(f.by) || !says(f.reason)))) {
            return refuse(errc::missing_field, says(f.by) ? "reason" : "by", {},
                          "a hold by a person says who and why; one by a check says neither");
        }
        if (f.step == hold_step::order && find_order(f.order) != nullptr) {
            return refuse(errc::impossible_now, "step", "order", "the order was placed already: hold its delivery");
        }
        if (f.quotation && find_quotation(*f.quotation) == nullptr) return unknown_quotation(*f.quotation);
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        return take_amount(f.amount);
    }
    result<void> operator()(promotion_planned const& f) {
        if (auto const later = ends_later(f.due, f.at, "due"); !later) return later;
        auto const now = powers_in(records_).tier_of(next_.tier);
        if (tier_of(machine::name_of(f.tier)).value() > now) return {};
        return refuse(errc::impossible_now, "tier", std::string{machine::name_of(f.tier)},
                      "the customer is " + std::string{name_of(now)} + " already: plan a higher tier");
    }
    result<void> operator()(dealer_support_set const& f) {
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        return take_amount(f.amount);
    }
    result<void> operator()(hold_rejected const& f) {
        auto const* known = records_ == nullptr ? nullptr : records_->credit->find_hold(f.order);
        if (known != nullptr && known->waits(number_of(f.at.on()))) return {};
        return refuse(known == nullptr ? errc::unknown_reference : errc::impossible_now, "order", f.order,
                      known == nullptr ? "the order was never held" : "its hold has ended: a hold is decided once");
    }
    result<void> operator()(reservation_made const& f) {
        if (records_ != nullptr && records_->credit->find_reservation(f.reservation) != nullptr) {
            return refuse(errc::impossible_now, "reservation", f.reservation,
                          "it was made before; give another reservation its own name");
        }
        auto const& order = f.order ? *f.order : f.reservation;
        if (records_ != nullptr && records_->credit->reserved_for(order, number_of(f.at.on())) != nullptr) {
            return refuse(errc::impossible_now, "order", order,
                          "something is reserved for the order already: release that first");
        }
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        plan_.exposure = plan_.amount;
        if (auto const sum = fits(records_ == nullptr ? 0 : records_->credit->reserved()); !sum) return sum;
        return settle(f.at);
    }
    result<void> operator()(reservation_released const& f) {
        auto const* kept = records_ == nullptr ? nullptr : records_->credit->find_reservation(f.reservation);
        if (kept == nullptr) {
            return refuse(errc::unknown_reference, "reservation", f.reservation,
                          "no reservation of that name was made for the customer");
        }
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        if (auto const most = kept->kept(number_of(f.at.on())); plan_.amount > most) {
            return refuse(errc::impossible_now, "amount", money{plan_.amount, next_.in}.to_string(),
                          "at most " + money{most, next_.in}.to_string() +
                              " is still reserved: an order has taken the rest, or it was released or has expired");
        }
        plan_.exposure = -plan_.amount;
        return settle(f.at);
    }
    result<void> operator()(deposit_paid const& f) {
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        plan_.exposure = -plan_.amount;
        if (auto const sum = fits(security()); !sum) return sum;
        return settle(f.at);
    }
    result<void> operator()(deposit_refunded const& f) {
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        auto const held = records_ == nullptr ? 0 : records_->credit->deposit;
        if (plan_.amount > held) {
            return refuse(errc::impossible_now, "amount", money{plan_.amount, next_.in}.to_string(),
                          "at most " + money{held, next_.in}.to_string() + " of deposit is held");
        }
        plan_.exposure = plan_.amount;
        return settle(f.at);
    }
    result<void> operator()(quotation_made const& f) {
        if (find_quotation(f.quotation) != nullptr) {
            return refuse(errc::impossible_now, "quotation", f.quotation,
                          "it was made before; give another quotation its own name");
        }
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        wide_amount sum = 0;
        if (records_ != nullptr) {
            for (auto const& q : records_->credit->quotations) sum += q.left;
        }
        return fits(sum);
    }
    result<void> operator()(quotation_withdrawn const& f) {
        auto const* offer = find_quotation(f.quotation);
        if (offer == nullptr) return unknown_quotation(f.quotation);
        return take_part(offer->amount, f.amount, offer->open(number_of(f.at.on())), {},
                         "is still offered: the rest was ordered or withdrawn, or its last day is over");
    }
    result<void> operator()(guarantee_received const& f) {
        if (records_ != nullptr && records_->credit->find_guarantee(f.guarantee) != nullptr) {
            return refuse(errc::impossible_now, "guarantee", f.guarantee,
                          "it was received before; give another guarantee its own name");
        }
        if (auto const ends = ends_later(f.until, f.at); !ends) return ends;
        if (auto const taken = take_amount(f.amount); !taken) return taken;
        if (auto const sum = fits(security()); !sum) return sum;
        plan_.exposure = -plan_.amount;
        return settle(f.at);
    }
    result<void> operator()(guarantee_returned const& f) {
        auto const* held = records_ == nullptr ? nullptr : records_->credit->find_guarantee(f.guarantee);
        if (held == nullptr) {
            return refuse(errc::unknown_reference, "guarantee", f.guarantee,
                          "no guarantee of that name was received for the customer");
        }
        auto const part = take_part(held->amount, f.amount, held->kept(number_of(f.at.on())), {},
                                    "is still held: the rest was returned, or its last day is over");
        if (!part) return part;
        plan_.exposure = plan_.amount;
        if (__builtin_add_overflow(next_.exposure, plan_.exposure, &next_.exposure)) return too_much();
        return {};
    }
    result<void> operator()(rebate_agreed const& f) {
        if (next_.in.is_own()) next_.in = currency_of(f);
        if (next_.in.is_own()) {
            return refuse(errc::unknown_currency, "bands", f.agreement,
                          "enrol the customer with a currency, or write it behind an amount of the agreement");
        }
        static rebate_book const none{};
        return (records_ == nullptr ? none : *records_->rebates).can_open(f, next_.in);
    }
    result<void> operator()(rebate_settled const& f) {
        auto const* agreed = records_ == nullptr ? nullptr : records_->rebates->find(f.agreement);
        auto const is_known = agreed != nullptr && agreed->is_in_effect;
        if (!is_known && !f.amount) {
            return refuse(errc::unknown_reference, "agreement", f.agreement,
                          "agree on the rebate before it is settled");
        }
        if (!is_known || agreed->is_of_members()) {  // the account is not here, so that the amount has to be told
            if (f.amount) return take_amount(*f.amount);
            return refuse(errc::missing_field, "amount", f.agreement,
                          "say what was paid out: it is an agreement on what the members of a group trade");
        }
        if (f.amount) {
            return refuse(errc::not_supported, "amount", f.amount->to_string(),
                          "leave it out: what the settlement of a customer's own agreement pays is worked out");
        }
        auto account = agreed->account;
        auto const due = account.settle(f.kind);
        if (!due) return due.error();
        plan_.amount = due.value();
        return {};
    }
    result<void> operator()(contact_left const& f) {
        auto const* known = records_ == nullptr ? nullptr : records_->find_contact(f.person);
        if (known == nullptr) {
            return refuse(errc::unknown_reference, "person", f.person, "add the contact before it leaves");
        }
        if (known->is_there()) return {};
        return refuse(errc::impossible_now, "person", f.person,
                      "the contact has left already; add it again if it came back");
    }
    result<void> operator()(complaint_raised const& f) {
        if (find_complaint(f.complaint) == nullptr) return {};
        return refuse(errc::impossible_now, "complaint", f.complaint, "it was raised before; use complaint_reopened");
    }
    result<void> operator()(complaint_acknowledged const& f) { return known_complaint(f.complaint); }
    result<void> operator()(complaint_acted const& f) { return known_complaint(f.complaint); }
    result<void> operator()(complaint_confirmed const& f) { return known_complaint(f.complaint); }
    result<void> operator()(complaint_reopened const& f) { return known_complaint(f.complaint); }
    result<void> operator()(agreement_signed const& f) {
        if (f.until && *f.until < f.at.on()) {
            return refuse(errc::out_of_range, "until", to_string(*f.until),
                          "an agreement ends on the day it is signed or later");
        }
        return {};
    }
    result<void> operator()(agreement_ended const& f) {
        if (records_ != nullptr && records_->find_agreement(f.agreement) != nullptr) return {};
        return refuse(errc::unknown_reference, "agreement", f.agreement, "sign the agreement before it ends");
    }
    result<void> operator()(reward_fulfilled const& f) {
        return change(f.effect, [&](kept_effect& e) { return lifecycle::acknowledge(e, number_of(f.at.on())); });
    }
    result<void> operator()(reward_reversed const& f) {
        return change(f.effect, [&](kept_effect& e) { return lifecycle::reverse(e, number_of(f.at.on()), f.cause); });
    }
    result<void> operator()(sanction_appealed const& f) {
        return change(f.effect, [&](kept_effect& e) { return lifecycle::appeal(e, number_of(f.at.on())); });
    }
    result<void> operator()(appeal_decided const& f) {
        return change(f.effect,
                      [&](kept_effect& e) { return lifecycle::decide_appeal(e, number_of(f.at.on()), f.upheld); });
    }
    result<void> operator()(sanction_withdrawn const& f) {
        return change(f.effect, [&](kept_effect& e) { return lifecycle::withdraw(e, number_of(f.at.on()), f.cause); });
    }
    result<void> operator()(sanction_lifted const& f) {
        return change(f.effect, [&](kept_effect& e) { return lifecycle::lift(e, number_of(f.at.on()), f.by); });
    }
    result<void> operator()(relationship_ended const&) {
        if (next_.stage != stage::ended) return {};
        return refuse(errc::impossible_now, "fact", "relationship_ended", "the relationship has ended already");
    }
    result<void> operator()(relationship_reopened const&) {
        if (next_.stage == stage::ended) return {};
        return refuse(errc::impossible_now, "fact", "relationship_reopened",
                      "only a relationship that has ended is reopened");
    }
    result<void> operator()(resale_observed const& f) {
        static policy::resale_rules const standard;
        auto const& rules = how_.resale == nullptr ? standard : *how_.resale;
        auto market = how_.market;
        market.in = next_.in;
        if (records_ != nullptr) market.support = *records_->support;
        resale_findings found{.breaches = policy::detect_breaches(f, market, rules),
                              .margin = policy::observed_margin(f, market, rules)};
        if (found.breaches.empty() && !found.margin) return {};
        if (records_ != nullptr) {
            auto const& thin = *records_->thin_margins;
            found.margin_was_thin =
                std::any_of(thin.begin(), thin.end(), [&](thin_margin const& m) { return m.product == f.product; });
        }
        plan_.resale = std::make_unique<resale_findings>(std::move(found));
        return {};
    }
    /// Facts whose consequences are nobody's yet, but whose amounts must still be in the customer's currency.
    template <class F>
    result<void> operator()(F const& f) {
        if constexpr (requires {
                          { f.amount } -> std::convertible_to<money>;
                      })
            return take_amount(f.amount);
        return {};
    }

private:
    /// What the fact makes of an effect, found by its id.
    template <class Change>
    result<void> change(std::string const& id, Change const& work) {
        auto const* known = records_ == nullptr ? nullptr : records_->powers->find(id);
        if (known == nullptr) {
            return refuse(errc::unknown_reference, "effect", id,
                          "name an effect that was given to the customer by its id, as open_effects has it");
        }
        plan_.changed = *known;
        if (auto const done = work(*plan_.changed); !done) return done.error();
        return {};
    }
    static result<void> ends_later(std::optional<day> until, moment at, std::string_view field = "until") {
        if (!until || *until >= at.on()) return {};
        return refuse(errc::out_of_range, field, to_string(*until), "the day is that of the fact or a later one");
    }
    [[nodiscard]] order_progress part_of(ledger_order const& order) const noexcept {
        return {.order = order.order, .ordered = order.ordered, .amount = plan_.amount};
    }
    /// The invoices that a payment settles, as the ledger will.
    [[nodiscard]] std::vector<invoice_payment> settled_by(payment_received const& f) const {
        std::vector<invoice_payment> parts;
        ledger_of()->each_settled_by(f.invoice, plan_.amount, [&](ledger_invoice const& i, std::int64_t part) {
            parts.push_back({i.invoice, part});
        });
        return parts;
    }
    /// What the fact changes in rebates, where there are any.
    template <class Work>
    void rebate(Work const& work) {
        if (records_ != nullptr && !records_->rebates->empty()) plan_.rebates = work(*records_->rebates);
    }
    result<std::int64_t> in_own_currency(money amount, std::string_view field,
                                         std::optional<decimal> const& rate = {}) {
        if (amount.in().is_own()) {
            if (next_.in.is_own()) {
                return refuse(errc::unknown_currency, field, amount.to_string(),
                              "enrol the customer with a currency, or write it behind the amount");
            }
            auto const owned = amount.owned_as(next_.in);
            if (!owned) {
                auto e = owned.error();
                e.field = field;
                return e;
            }
            return owned.value().minor_units();
        }
        if (next_.in.is_own()) next_.in = amount.in();
        if (next_.in == amount.in()) {
            if (!rate) return amount.minor_units();
            return refuse(errc::out_of_range, "rate", rate->to_string(),
                          "the amount is in the customer's own currency: leave the rate out");
        }
        if (rate) {
            if (auto const own = converted(amount, *rate, next_.in, conversion::half_even)) return *own;
            return refuse(errc::amount_overflow, field, amount.to_string(),
                          "it is beyond 64 bits in " + std::string{next_.in.code()});
        }
        return refuse(
            errc::currency_mismatch, field, amount.to_string(),
            "the customer's amounts are in " + std::string{next_.in.code()} +
                ": an order, return, invoice or payment in " + std::string{amount.in().code()} +
                " takes the rate of its day, told by rate_set before it, or one of its own, as its field rate");
    }
    /// What an order costs us goes by the order's rate where it is in the order's currency; no other rate is kept for it.
    result<void> check_cost(money cost, order_placed const& of) {
        auto const in = cost.in();
        if (!in.is_own() && in != next_.in && in != of.amount.in()) {
            return refuse(
                errc::currency_mismatch, "cost", cost.to_string(),
                "give it in the currency of the order, or in the customer's, " + std::string{next_.in.code()});
        }
        auto const own = in_own_currency(cost, "cost", in == of.amount.in() ? of.rate : std::nullopt);
        return own ? result<void>{} : own.error();
    }
    result<void> take_amount(money amount, std::optional<decimal> const& rate = {}) {
        auto const own = in_own_currency(amount, "amount", rate);
        if (!own) return own.error();
        plan_.amount = own.value();
        return {};
    }
    /// By the rate of a document where the amount is in its currency.
    result<void> take_amount(money amount, std::optional<decimal> const& rate, document_rate const& of) {
        if (!of.is_for(amount)) {
            if (auto const taken = take_amount(amount, rate); !taken) return taken;
            plan_.foreign = of.foreign_part(plan_.amount);
            return {};
        }
        auto const own = of.own_part(amount.minor_units());
        if (!own) return too_much();
        plan_.amount = *own;
        plan_.foreign = amount.minor_units();
        return {};
    }
    static document_rate rate_of(ledger_order const& order, std::int64_t rest, std::int64_t left) {
        return {*order.foreign, order.ordered, rest, left};
    }
    static document_rate rate_of(ledger_invoice const* invoice) {
        return invoice == nullptr ? document_rate{} : document_rate::of_open(*invoice);
    }
    /// What of an order is left for more of that, in its own currency where that is another.
    static std::int64_t left_of(ledger_order const& order, std::int64_t foreign_document::* what) {
        auto const& d = *order.foreign;
        if (what == &foreign_document::cancelled) return d.amount - d.cancelled - std::max(d.delivered, d.invoiced);
        return d.amount - d.cancelled - d.*what;
    }
    /// `left`: the most in the order's own currency, where that is another than the customer's.
    result<void> take_part(ledger_order const& order, std::optional<money> const& stated, std::int64_t most,
                           std::int64_t left, char const* limit) {
        plan_.foreign = left;
        return take_part(order.ordered, stated, most, rate_of(order, most, left), limit);
    }
    /// `amount` of something, or all of `most` where none is stated; of a whole of zero that is zero.
    result<void> take_part(std::int64_t whole, std::optional<money> const& stated, std::int64_t most,
                           document_rate const& of, char const* limit) {
        most = std::max<std::int64_t>(most, 0);  // an order invoiced beyond its amount has nothing left
        plan_.amount = most;
        if (stated) {
            if (auto const taken = take_amount(*stated, {}, of); !taken) return taken;
        }
        auto const nothing_left = !stated && most == 0 && whole > 0;
        if (nothing_left) plan_.amount = whole;  // what the fact means to move
        if (plan_.amount <= most) return {};
        return refuse(errc::impossible_now, "amount", money{plan_.amount, next_.in}.to_string(),
                      "at most " + money{most, next_.in}.to_string() + ' ' + limit);
    }
    result<void> settle(moment at) {
        period const month{at.on()};
        std::int64_t of_month = 0;  // months of either sign may pass what their total stays within
        if (__builtin_add_overflow(next_.purchases, plan_.purchases, &next_.purchases) ||
            __builtin_add_overflow(next_.monthly.in(month), plan_.purchases, &of_month) ||
            __builtin_add_overflow(next_.exposure, plan_.exposure, &next_.exposure)) {
            return too_much();
        }
        if (plan_.exposure > 0 && next_.exposure > INT64_MAX - lapsing_on(number_of(at.on()))) return too_much();
        if (plan_.purchases != 0) next_.monthly.add(month, plan_.purchases);
        return {};
    }
    /// Whether the ledger's own sum can take the amount as well.
    result<void> fits(wide_amount sum) const {
        if (sum + plan_.amount > INT64_MAX) return too_much();
        return {};
    }
    [[nodiscard]] wide_amount security() const noexcept {
        return records_ == nullptr ? 0 : records_->credit->deposit + records_->credit->guaranteed();
    }
    /// What guarantees will add to the exposure when they run out.
    [[nodiscard]] wide_amount lapsing_on(day_number on) const noexcept {
        wide_amount sum = 0;
        if (records_ == nullptr) return sum;
        for (auto const& g : records_->credit->guarantees) sum += g.until == no_day ? 0 : g.kept(on);
        return sum;
    }
    [[nodiscard]] error too_much() const {
        return refuse(errc::amount_overflow, "amount", money{plan_.amount, next_.in}.to_string(),
                      "the customer's total would pass 2^63 - 1 minor units");
    }
    [[nodiscard]] ledger const* ledger_of() const {
        static ledger const empty{};
        return records_ == nullptr ? &empty : &records_->ledger;
    }
    [[nodiscard]] ledger_order const* find_order(std::string const& name) const {
        return ledger_of()->find_order(name);
    }
    [[nodiscard]] complaint const* find_complaint(std::string const& name) const {
        return records_ == nullptr ? nullptr : records_->find_complaint(name);
    }
    result<void> known_complaint(std::string const& name) const {
        if (find_complaint(name) != nullptr) return {};
        return refuse(errc::unknown_reference, "complaint", name, "raise the complaint first");
    }
    [[nodiscard]] quotation const* find_quotation(std::string_view name) const noexcept {
        return records_ == nullptr ? nullptr : records_->credit->find_quotation(name);
    }
    static error unknown_quotation(std::string const& name) {
        return refuse(errc::unknown_reference, "quotation", name,
                      "no quotation of that name was made to the customer: tell of it first, or leave the field out");
    }
    static error unknown_order(std::string const& name) {
        return refuse(errc::unknown_reference, "order", name, "the customer has placed no order of that number");
    }
    static error unknown_invoice(std::string const& name) {
        return refuse(errc::unknown_reference, "invoice", name, "no invoice of that number was issued to the customer");
    }

    fold_rules const& how_;
    customer_state& next_;
    customer_records const* records_;
    plan& plan_;
};

/// Carries a judged fact into the records. Cannot fail.
class recorder {
public:
    recorder(customer_records& records, customer_state& next, plan const& planned, fold_rules const& how)
        : r_{records}, next_{next}, plan_{planned}, rules_{how.rules}, keeps_cases_{how.powers != nullptr} {}

    void operator()(wallet_stated const& f) {
        auto const month = f.period.index();
        auto at = std::lower_bound(r_.wallet.begin(), r_.wallet.end(), month,
                                   [](wallet_statement const& w, int m) { return w.month < m; });
        if (at == r_.wallet.end() || at->month != month) at = r_.wallet.insert(at, {month, 0});
        at->minor_units = plan_.amount;  // the latest statement for a month stands
    }
    void operator()(order_placed const& f) {
        if (r_.ledger_is_complete) r_.ledger.add(ledger_order_of(f, plan_.amount, next_.in));
        if (!plan_.taken.empty()) find_reservation(plan_.taken).left = 0;
        if (plan_.quoted > 0) find(r_.credit.edit().quotations, *f.quotation).left -= plan_.quoted;
        hold_goes_on(f.order, f.at, hold_step::order);
        take_rebates();
        if (f.delegated.value_or(false)) expert_on(f.at).delegated.push_back(number_of(f.at.on()));
    }
    void operator()(advice_given const& f) { advised(f, false); }
    void operator()(advice_taken const& f) { advised(f, true); }
    void operator()(order_cancelled const& f) {
        auto& cancelled = order(f.order);
        cancelled.cancelled += plan_.amount;
        note_foreign(cancelled, &foreign_document::cancelled);
        if (cancelled.cancelled == cancelled.ordered) hold_goes_on(f.order, f.at, std::nullopt);
        take_rebates();
    }
    void operator()(order_reopened const& f) {
        auto& reopened = order(f.order);
        reopened.cancelled -= plan_.amount;
        if (auto* foreign = reopened.foreign.if_held())
            foreign->cancelled -= std::min(foreign->cancelled, plan_.foreign);
        hold_goes_on(f.order, f.at, hold_step::reopen);
        take_rebates();
    }
    void operator()(goods_delivered const& f) {
        auto& sent = order(f.order);
        sent.delivered += plan_.amount;
        note_foreign(sent, &foreign_document::delivered);
        if (sent.delivered + sent.cancelled >= sent.ordered) hold_goes_on(f.order, f.at, hold_step::delivery);
        take_rebates();
    }
    void operator()(goods_returned const&) { take_rebates(); }
    void operator()(invoice_issued const& f) {
        take_rebates();
        if (f.order) {
            auto& of = order(*f.order);
            of.invoiced += plan_.amount;
            note_foreign(of, &foreign_document::invoiced);
        }
        r_.ledger.add({.invoice = f.invoice,
                       .amount = plan_.amount,
                       .open = plan_.amount,
                       .issued = number_of(f.at.on()),
                       .due = number_of(f.due),
                       .foreign = foreign_document_of(f.amount, next_.in)});
    }
    void operator()(payment_received const& f) {
        take_rebates();
        r_.ledger.each_settled_by(f.invoice, plan_.amount, [&](ledger_invoice const& i, std::int64_t part) {
            if (i.was_disputed) return;  // the dispute took its time, not the customer
            r_.payments.paid({.invoiced = i.amount, .settled = part, .issued = i.issued, .due = i.due},
                             number_of(f.at.on()), next_.won_back_on);
        });
        if (f.invoice) {
            settle(*r_.ledger.find_invoice(*f.invoice));
        } else {
            r_.ledger.settle_oldest(plan_.amount);
        }
    }
    void operator()(credit_note_issued const& f) {
        take_rebates();
        settle(*r_.ledger.find_invoice(f.invoice));
    }
    void operator()(limit_set const& f) {
        if (!r_.credit->base && !is_special(f)) return;
        auto& credit = r_.credit.edit();
        auto const until = f.until ? number_of(*f.until) : no_day;
        credit.base = f.amount.is_unlimited() ? credit_limit::unlimited(until) : credit_limit::of(plan_.amount, until);
        for (auto const& s : f.seasons)
            credit.base->season_basis_points[static_cast<std::size_t>(s.month.value()) - 1] = s.percent.value() * 100;
        if (f.review_on) credit.base->review_on = number_of(*f.review_on);
        credit.document_limit = plan_.document_limit;
        credit.mode = f.mode.value_or(pool_mode::shared);
        put_in_force(next_, credit, number_of(f.at.on()));
    }
    void operator()(temporary_limit_granted const& f) {
        auto& credit = r_.credit.edit();
        if (!credit.base) {
            credit.base = !next_.limit_is_set        ? credit_limit{}
                          : next_.limit_is_unlimited ? credit_limit::unlimited()
                                                     : credit_limit::of(next_.limit);
        }
        credit.temporary_limits.push_back({.from = number_of(f.at.on()),
                                           .until = number_of(*f.until),
                                           .is_unlimited = f.amount.is_unlimited(),
                                           .amount = plan_.amount});
        put_in_force(next_, credit, number_of(f.at.on()));
    }
    void operator()(override_granted const& f) {
        r_.credit.edit().overrides.push_back(
            {.order = f.order.value_or(""),
             .by = f.by,
             .reason = f.reason,
             .amount = plan_.amount,
             .tolerance_basis_points = f.tolerance_percent ? f.tolerance_percent->value() * 100 : 0,
             .from = number_of(f.at.on()),
             .until = number_of(f.until)});
        if (f.order) end_hold(*f.order, f.at, hold_state::released, f.by, f.reason);
    }
    void operator()(order_held const& f) {
        auto const is_placed = r_.ledger.find_order(f.order) != nullptr;
        r_.credit.edit().hold({.order = f.order,
                               .by = f.by.value_or(""),
                               .reason = f.reason.value_or(""),
                               .reasons = f.reasons,
                               .amount = plan_.amount,
                               .terms_days = f.terms_days ? std::optional{f.terms_days->value()} : std::nullopt,
                               .delivery_date = f.delivery_date ? number_of(*f.delivery_date) : no_day,
                               .quotation = f.quotation.value_or(""),
                               .step = f.step.value_or(is_placed ? hold_step::delivery : hold_step::order),
                               .from = number_of(f.at.on()),
                               .until = f.until ? number_of(*f.until) : no_day});
    }
    void operator()(promotion_planned const& f) {
        auto& file = r_.powers.edit();
        file.planned_tier = tier_of(machine::name_of(f.tier)).value();
        file.planned_by = number_of(f.due);
    }
    void operator()(dealer_support_set const& f) {
        auto& all = r_.support.edit();
        auto const from = number_of(f.at.on());
        std::erase_if(all, [&](dealer_support const& s) { return s.product == f.product && s.from == from; });
        all.push_back({.product = f.product,
                       .amount = plan_.amount,
                       .from = from,
                       .until = f.until ? number_of(*f.until) : no_day});
    }
    void operator()(hold_rejected const& f) { end_hold(f.order, f.at, hold_state::rejected, f.by, f.reason); }
    void operator()(reservation_made const& f) {
        r_.credit.edit().reservations.push_back({.name = f.reservation,
                                                 .order = f.order.value_or(""),
                                                 .amount = plan_.amount,
                                                 .left = plan_.amount,
                                                 .until = f.until ? number_of(*f.until) : no_day});
    }
    void operator()(reservation_released const& f) { find_reservation(f.reservation).left -= plan_.amount; }
    void operator()(deposit_paid const&) { r_.credit.edit().deposit += plan_.amount; }
    void operator()(deposit_refunded const&) { r_.credit.edit().deposit -= plan_.amount; }
    void operator()(quotation_made const& f) {
        r_.credit.edit().quotations.push_back({.name = f.quotation,
                                               .amount = plan_.amount,
                                               .left = plan_.amount,
                                               .until = f.until ? number_of(*f.until) : no_day});
    }
    void operator()(quotation_withdrawn const& f) {
        find(r_.credit.edit().quotations, f.quotation).left -= plan_.amount;
    }
    void operator()(guarantee_received const& f) {
        r_.credit.edit().guarantees.push_back({.name = f.guarantee,
                                               .by = f.by.value_or(""),
                                               .amount = plan_.amount,
                                               .left = plan_.amount,
                                               .until = f.until ? number_of(*f.until) : no_day});
    }
    void operator()(guarantee_returned const& f) {
        find(r_.credit.edit().guarantees, f.guarantee).left -= plan_.amount;
    }
    void operator()(rebate_agreed const& f) { r_.rebates.edit().open(f, next_.in, true); }
    void operator()(rebate_settled const& f) {
        if (f.amount) return;  // the account is worked out by whoever holds all that it counts
        auto const settled = r_.rebates.edit().settle(f.agreement, f.kind);
        BOOST_ASSERT(settled.has_value());
        (void)settled;
    }
    void operator()(invoice_disputed const& f) {
        auto& invoice = *r_.ledger.find_invoice(f.invoice);
        invoice.disputed = invoice.was_disputed = true;
    }
    void operator()(dispute_settled const& f) { r_.ledger.find_invoice(f.invoice)->disputed = false; }
    void operator()(contact_added const& f) {
        auto* known = r_.find_contact(f.person);
        if (known == nullptr) known = &r_.contacts.emplace_back();
        *known = {f.person,
                  f.role,
                  f.department.value_or(""),
                  f.level.value_or(""),
                  f.known_by.value_or(""),
                  number_of(f.at.on()),
                  no_day};
    }
    void operator()(contact_left const& f) { r_.find_contact(f.person)->left = number_of(f.at.on()); }
    void operator()(visit_made const& f) {
        for (auto const& level : rules_.coverage.executive_levels) {
            if (f.level && *f.level == level) r_.executive_visit = std::max(r_.executive_visit, number_of(f.at.on()));
        }
    }
    void operator()(complaint_raised const& f) {
        r_.complaints.push_back(
            {f.complaint, static_cast<std::uint8_t>(f.severity.value()), complaint_step::raised, number_of(f.at.on())});
    }
    void operator()(complaint_acknowledged const& f) {
        handle(f.complaint, lifecycle::complaint_handling::event::acknowledge, f.at);
    }
    void operator()(complaint_acted const& f) { handle(f.complaint, lifecycle::complaint_handling::event::act, f.at); }
    void operator()(complaint_confirmed const& f) {
        handle(f.complaint, lifecycle::complaint_handling::event::confirm, f.at);
    }
    void operator()(complaint_reopened const& f) {
        handle(f.complaint, lifecycle::complaint_handling::event::reopen, f.at);
    }
    void operator()(agreement_signed const& f) {
        auto* known = r_.find_agreement(f.agreement);
        if (known == nullptr) known = &r_.agreements.emplace_back();
        *known = {f.agreement, f.kind.value_or(agreement_kind::supply), number_of(f.at.on()),
                  f.until ? number_of(*f.until) : no_day};
    }
    void operator()(agreement_ended const& f) {
        auto& until = r_.find_agreement(f.agreement)->until;
        auto const last_in_force = number_of(f.at.on()) - 1;
        if (until == no_day || last_in_force < until) until = last_in_force;
    }
    void operator()(competitor_observed const& f) {
        auto const strength =
            f.strength ? thousandths(f.strength->value()) : rules_.decline.competitor_strength_unknown;
        observe(r_.competitors, f.competitor, f.at, strength);
    }
    void operator()(breach_reported const& f) {
        auto const detected = std::find_if(r_.breaches.begin(), r_.breaches.end(), [&](observation const& o) {
            return !o.ref.empty() && o.ref == f.evidence && o.what == machine::name_of(f.rule);
        });
        if (detected != r_.breaches.end()) {  // one breach, seen by us before it was reported
            detected->thousandths = std::max(detected->thousandths, f.severity.value() * 200);
            return;
        }
        observe(r_.breaches, std::string{machine::name_of(f.rule)}, f.at, f.severity.value() * 200);
        open_case(f.rule, f.severity, f.at);
    }
    void operator()(resale_observed const& f) {
        if (!plan_.resale) return;
        for (auto const& breach : plan_.resale->breaches) {
            observe(r_.breaches, std::string{machine::name_of(breach.rule)}, f.at, breach.severity.value() * 200);
            r_.breaches.back().ref = f.ref;
            open_case(breach.rule, breach.severity, f.at);
        }
        if (plan_.resale->margin_is_thin()) {
            if (!plan_.resale->margin_was_thin) r_.thin_margins.edit().push_back({f.product, number_of(f.at.on())});
        } else if (plan_.resale->margin && plan_.resale->margin_was_thin) {
            std::erase_if(r_.thin_margins.edit(), [&](thin_margin const& m) { return m.product == f.product; });
        }
    }
    template <class F>
    void operator()(F const&) noexcept {}

private:
    void open_case(breach_rule rule, severity how_grave, moment at) {
        if (!keeps_cases_) return;
        r_.powers.edit().breaches.push_back({rule, static_cast<std::uint8_t>(how_grave.value()), number_of(at.on())});
    }
    static std::int32_t thousandths(decimal d) noexcept {
        std::int64_t n = d.units();
        for (int i = d.digits(); i > 3; --i) n /= 10;
        for (int i = d.digits(); i < 3; ++i) n *= 10;
        return static_cast<std::int32_t>(n);
    }
    template <class F>
    void advised(F const& f, bool is_taken) {
        expert_on(f.at).advice.push_back({number_of(f.at.on()), is_taken, advice_result_of(f.result)});
    }
    expert_file& expert_on(moment at) {
        constexpr int longest_month = 31;
        auto& file = r_.expert.edit();
        file.forget_before(number_of(at.on()) - expert_file::months_kept * longest_month);
        return file;
    }
    void take_rebates() {
        if (!plan_.rebates.empty()) r_.rebates.edit().take(plan_.rebates);
    }
    ledger_order& order(std::string const& name) { return *r_.ledger.find_order(name); }
    /// Notes what has become of a document in its own currency, where that is another than the customer's.
    template <class Document>
    void note_foreign(Document& of, std::int64_t foreign_document::* what) {
        auto* const foreign = of.foreign.if_held();
        if (foreign == nullptr) return;
        auto& sum = foreign->*what;
        sum = plan_.foreign > foreign->amount - sum ? foreign->amount : sum + plan_.foreign;
    }
    void settle(ledger_invoice& invoice) {
        r_.ledger.settle(invoice, plan_.amount);
        note_foreign(invoice, &foreign_document::settled);
    }
    /// A person decides on the order's hold, if any waits.
    void end_hold(std::string const& name, moment at, hold_state now, std::string who, std::string why) {
        auto const* waiting = r_.credit->find_hold(name);
        auto const on = number_of(at.on());
        if (waiting == nullptr || !waiting->waits(on)) return;
        r_.credit.edit().find_hold(name)->decide(now, on, std::move(who), std::move(why));
    }
    /// The order went on at the step, or, at none, was cancelled. What a person holds waits on unless it was let go.
    void hold_goes_on(std::string const& name, moment at, std::optional<hold_step> step) {
        auto const* known = r_.credit->find_hold(name);
        auto const on = number_of(at.on());
        if (known == nullptr || known->has_gone_on || known->state == hold_state::rejected) return;
        if (step && (known->step != *step || (known->is_forced() && known->state == hold_state::held))) return;
        if (known->state == hold_state::held && !known->is_open(on)) return;
        auto& hold = *r_.credit.edit().find_hold(name);
        if (hold.state == hold_state::held) hold.decide(hold_state::released, on, {}, {});
        hold.has_gone_on = true;
    }
    template <class Kept>
    static Kept& find(std::vector<Kept>& all, std::string_view name) {
        return *std::find_if(all.begin(), all.end(), [&](Kept const& one) { return one.name == name; });
    }
    reservation& find_reservation(std::string_view name) { return find(r_.credit.edit().reservations, name); }
    void handle(std::string const& name, lifecycle::complaint_handling::event e, moment at) {
        auto& c = *r_.find_complaint(name);
        auto const outcome = machine::step<lifecycle::complaint_handling>(c.step, e);
        if (outcome.kind == machine::answer::moved && e == lifecycle::complaint_handling::event::reopen) {
            c.since = number_of(at.on());
        }
    }
    void observe(std::vector<observation>& seen, std::string what, moment at, std::int32_t strength) {
        auto const on = number_of(at.on());
        std::erase_if(seen, [&](observation const& o) { return on - o.on >= rules_.decline.fades_over_days; });
        seen.push_back({std::move(what), on, strength});
    }

    customer_records& r_;
    customer_state& next_;
    plan const& plan_;
    lifecycle::lifecycle_rules const& rules_;
    bool keeps_cases_;
};

/// Facts that leave something in the records.
template <class F>
inline constexpr bool is_recorded = false;
#define PATRON_RECORDED(NAME)  \
    template <>                \
    inline constexpr bool is_recorded<NAME> = true;
PATRON_RECORDED(wallet_stated)
PATRON_RECORDED(order_cancelled)
PATRON_RECORDED(order_reopened)
PATRON_RECORDED(goods_delivered)
PATRON_RECORDED(invoice_issued)
PATRON_RECORDED(payment_received)
PATRON_RECORDED(credit_note_issued)
PATRON_RECORDED(invoice_disputed)
PATRON_RECORDED(dispute_settled)
PATRON_RECORDED(contact_added)
PATRON_RECORDED(contact_left)
PATRON_RECORDED(visit_made)
PATRON_RECORDED(complaint_raised)
PATRON_RECORDED(complaint_acknowledged)
PATRON_RECORDED(complaint_acted)
PATRON_RECORDED(complaint_confirmed)
PATRON_RECORDED(complaint_reopened)
PATRON_RECORDED(agreement_signed)
PATRON_RECORDED(agreement_ended)
PATRON_RECORDED(competitor_observed)
PATRON_RECORDED(breach_reported)
PATRON_RECORDED(advice_given)
PATRON_RECORDED(advice_taken)
PATRON_RECORDED(temporary_limit_granted)
PATRON_RECORDED(override_granted)
PATRON_RECORDED(order_held)
PATRON_RECORDED(hold_rejected)
PATRON_RECORDED(dealer_support_set)
PATRON_RECORDED(promotion_planned)
PATRON_RECORDED(reservation_made)
PATRON_RECORDED(reservation_released)
PATRON_RECORDED(deposit_paid)
PATRON_RECORDED(deposit_refunded)
PATRON_RECORDED(quotation_made)
PATRON_RECORDED(quotation_withdrawn)
PATRON_RECORDED(guarantee_received)
PATRON_RECORDED(guarantee_returned)
PATRON_RECORDED(rebate_agreed)
PATRON_RECORDED(rebate_settled)
#undef PATRON_RECORDED

/// Whether the customer needs records to take the fact.
template <class F>
[[nodiscard]] bool leaves_a_record(F const& f) noexcept {
    if constexpr (std::is_same_v<F, limit_set>) return is_special(f);
    if constexpr (std::is_same_v<F, order_placed>) return f.delegated.value_or(false);
    return is_recorded<F>;
}

/// What the fact means to the relationship, once it is recorded.
class consequence {
public:
    consequence(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                plan const& planned, fold_report& report, fact const& told)
        : how_{how}, state_{state}, records_{records}, plan_{planned}, report_{report}, told_{told} {}

    void operator()(order_placed const& f) {
        auto const won_back = state_.stage == stage::ended;
        if (won_back || (state_.stage == stage::prospect && state_.orders > 1)) {
            state_.won_back_on = number_of(f.at.on());
            state_.purchases_before = state_.purchases - plan_.purchases;
        }
        step(relationship_event::order_placed, f, nullptr, [&](std::vector<reason>& why) {
            why.push_back({.rule = won_back ? "won_back" : "first_order",
                           .unit = measure::amount,
                           .saw = plan_.amount,
                           .what = f.order});
        });
        if (!report_.want_decisions || f.lines.empty() || how_.market.prices == nullptr) return;
        auto market = how_.market;
        market.in = state_.in;
        if (auto const off_list = policy::off_list_reasons(f, market); !off_list.empty()) {
            decide(f, "price_off_list", off_list);
        }
    }
    void operator()(resale_observed const& f) {
        if (!plan_.resale) return;
        if (report_.want_decisions) {
            for (auto const& breach : plan_.resale->breaches) {
                decide(f, "breach_detected", {breach.why.begin(), breach.why.end()});
            }
            if (plan_.resale->margin_is_thin() && !plan_.resale->margin_was_thin) {
                auto const why = policy::margin_reasons(*plan_.resale->margin, f.product);
                decide(f, "dealer_margin_low", {why.begin(), why.end()});
            }
        }
        answer(f, plan_.resale->breaches.size());
    }
    void operator()(agreement_signed const& f) {
        state_.next_due = next_lapse(how_, *records_, number_of(f.at.on()));
        if (f.kind != agreement_kind::strategic) return lapse_if_none_is_left(f);  // it may replace a strategic one
        auto const a = assess_by(how_, {state_, records_.get()}, number_of(f.at.on()), false);
        step(relationship_event::agreement_signed, f, &a, [](auto&) {});
    }
    void operator()(agreement_ended const& f) {
        state_.next_due = next_lapse(how_, *records_, number_of(f.at.on()));
        lapse_if_none_is_left(f);
    }
    void operator()(limit_set const& f) {
        // a late one may have to wait for what has lapsed meanwhile once more
        if (records_ != nullptr && records_->credit->base)
            state_.next_due = next_lapse(how_, *records_, number_of(f.at.on()));
    }
    void operator()(temporary_limit_granted const& f) {
        state_.next_due = next_lapse(how_, *records_, number_of(f.at.on()));
    }
    void operator()(reservation_made const& f) { state_.next_due = next_lapse(how_, *records_, number_of(f.at.on())); }
    void operator()(guarantee_received const& f) {
        state_.next_due = next_lapse(how_, *records_, number_of(f.at.on()));
    }
    void operator()(rebate_settled const& f) {
        if (!report_.want_decisions) return;
        report_.decisions.push_back(
            {.ref = f.ref,
             .at = f.at,
             .customer = std::string{report_.customer},
             .from = {},
             .to = {},
             .event = "rebate_settled",
             .why = {{.rule = f.kind == settlement_kind::final_ ? "final_settlement" : "partial_settlement",
                      .unit = measure::amount,
                      .saw = plan_.amount,
                      .what = f.agreement}},
             .rulebook = how_.rules.version});
    }
    void operator()(breach_reported const& f) { answer(f, 1); }
    void operator()(reward_fulfilled const& f) { carry_out(f, f.by.value_or("")); }
    void operator()(reward_reversed const& f) { carry_out(f, {}); }
    void operator()(sanction_appealed const& f) { carry_out(f, {}); }
    void operator()(appeal_decided const& f) { carry_out(f, f.by); }
    void operator()(sanction_withdrawn const& f) { carry_out(f, f.by.value_or(f.cause)); }
    void operator()(sanction_lifted const& f) { carry_out(f, f.by); }
    void operator()(relationship_ended const& f) {
        step(relationship_event::relationship_ended, f, nullptr, [&](std::vector<reason>& why) {
            why.push_back({.rule = "relationship_ended", .what = std::string{machine::name_of(f.by)} + ", " + f.cause});
        });
    }
    void operator()(relationship_reopened const& f) {
        step(relationship_event::relationship_reopened, f, nullptr, [&](std::vector<reason>& why) {
            why.push_back({.rule = "relationship_reopened", .what = f.cause.value_or("")});
        });
    }
    template <class F>
    void operator()(F const&) noexcept {}

private:
    /// The latest breaches, which the fact has told.
    template <class F>
    void answer(F const& f, std::size_t count) {
        if (how_.powers == nullptr || count == 0) return;
        auto const on = number_of(f.at.on());
        auto const a = assess_by(how_, {state_, records_.get()}, on, false);
        auto const all = records_->powers->breaches;
        for (auto breach = all.end() - static_cast<std::ptrdiff_t>(count); breach != all.end(); ++breach) {
            desk().answer(*breach, &told_, a, f.ref, f.at);
        }
        state_.next_due = next_lapse(how_, *records_, on);
    }
    [[nodiscard]] power_desk desk() { return {how_, state_, records_, report_, nullptr}; }
    template <class F>
    void carry_out(F const& f, std::string_view by) {
        auto const on = number_of(f.at.on());
        desk().carry_out(*plan_.changed, on, f.ref, f.at, by);
        state_.next_due = next_lapse(how_, *records_, on);
    }
    /// Reports what was decided without the machine.
    template <class F>
    void decide(F const& f, std::string_view event, std::vector<reason> const& why) {
        report_.decisions.push_back({.ref = f.ref,
                                     .at = f.at,
                                     .customer = std::string{report_.customer},
                                     .from = {},
                                     .to = {},
                                     .event = event,
                                     .why = why,
                                     .rulebook = how_.rules.version});
    }
    template <class F>
    void lapse_if_none_is_left(F const& f) {
        auto const on = number_of(f.at.on());
        if (state_.stage != stage::strategic || lifecycle::strategic_agreement_in_force(*records_, on)) return;
        auto const a = assess_by(how_, {state_, records_.get()}, on, false);
        step(relationship_event::agreement_lapsed, f, &a, [](auto&) {});
    }
    template <class F, class Why>
    void step(relationship_event e, F const& f, lifecycle::assessment const* a, Why&& why) {
        step_relationship(how_, state_, e, a, number_of(f.at.on()), report_, f.ref, f.at, why);
    }

    fold_rules const& how_;
    customer_state& state_;
    std::unique_ptr<customer_records>& records_;
    plan const& plan_;
    fold_report& report_;
    fact const& told_;
};

}  // namespace detail

namespace detail {

inline void review_one(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                       period month, fold_report& report, power_undo* undo) {
    state.closed_through = month.index();
    auto const on = number_of(month.last());
    if (state.stage == stage::prospect || state.stage == stage::ended || state.known_since > on) return;
    review_standing(how, state, records.get(), month, report);
    auto const a = assess_by(how, {state, records.get()}, on, true);
    state.share_millionths = a.share.millionths;
    state.basis = a.share.basis;
    state.reviews_above = static_cast<std::uint8_t>(a.reviews_above);
    state.reviews_below = static_cast<std::uint8_t>(a.reviews_below);
    auto const outcome =
        machine::decide<lifecycle::relationship>(state.stage, relationship_event::review_held, a.guards);
    if (outcome.kind == machine::answer::moved) {
        step_relationship(how, state, relationship_event::review_held, &a, on, report, "review " + month.to_string(),
                          day_of(on), [](auto&) {});
    }
    if (how.powers == nullptr || state.stage == stage::ended) return;
    power_desk{how, state, records, report, undo}.review(month, a);
    if (records) state.next_due = next_lapse(how, *records, on);
}

}  // namespace detail

PATRON_FN void hold_review(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                           period month, fold_report& report) {
    detail::under_rules_of(how, number_of(month.last()), [&](fold_rules const& then) {
        detail::review_one(then, state, records, month, report, nullptr);
    });
}

PATRON_FN due_by due_by::the(day to, bool inclusive, review_mode reviews) {
    if (reviews == review_mode::by_fact) return {INT32_MIN, number_of(to)};
    period const month{to};
    auto const ends_today = inclusive && month.last() == to;
    return {month.index() - (ends_today ? 0 : 1), number_of(to)};
}

namespace detail {

/// Lets pass what is due, without a change to the records. Returns the latest day on which something lapsed.
inline day_number pass(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                       due_by to, fold_report& report, power_undo* undo) {
    auto const last_review = to.last_review;
    auto lapsed = no_day;
    for (;;) {
        auto const review_due = state.closed_through < last_review;
        auto const lapse_due = state.next_due != no_day && state.next_due <= to.today;
        if (!review_due && !lapse_due) return lapsed;
        if (!lapse_due && (state.stage == stage::prospect || state.stage == stage::ended)) {
            state.closed_through = last_review;  // reviews of these stages conclude nothing
            return lapsed;
        }
        auto const reviewed = period::at_index(state.closed_through + 1);
        if (lapse_due && (!review_due || state.next_due <= number_of(reviewed.last()))) {
            lapsed = state.next_due;
            under_rules_of(how, lapsed, [&](fold_rules const& then) { lapse(then, state, records, report, undo); });
        } else {
            under_rules_of(how, number_of(reviewed.last()),
                           [&](fold_rules const& then) { review_one(then, state, records, reviewed, report, undo); });
        }
    }
}

}  // namespace detail

PATRON_FN void let_pass(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                        due_by to, fold_report& report) {
    auto const lapsed = detail::pass(how, state, records, to, report, nullptr);
    detail::mark_lapsed(records.get(), lapsed);
}

PATRON_FN bool needs_ledger(customer_state const& state, fact const& f) noexcept {
    switch (kind_of(f)) {
        case fact_kind::order_placed: return state.order_numbers.maybe(stable_hash(std::get<order_placed>(f).order));
        case fact_kind::order_held:
        case fact_kind::order_cancelled:
        case fact_kind::order_reopened:
        case fact_kind::goods_delivered:
        case fact_kind::goods_returned:
        case fact_kind::invoice_issued:
        case fact_kind::payment_received:
        case fact_kind::credit_note_issued:
        case fact_kind::invoice_disputed:
        case fact_kind::dispute_settled: return true;
        default: return false;
    }
}

PATRON_FN void enter_order(ledger& into, customer_state const& state, order_placed const& order) {
    if (!order.amount.in().is_own() && order.amount.in() != state.in) {
        auto const amount =
            detail::converted(order.amount, order.rate.value_or(decimal{}), state.in, detail::conversion::half_even);
        BOOST_ASSERT(amount.has_value());
        into.add(detail::ledger_order_of(order, *amount, state.in));
        return;
    }
    auto const amount = order.amount.owned_as(state.in);
    BOOST_ASSERT(amount.has_value());
    into.add(detail::ledger_order_of(order, amount.value().minor_units(), state.in));
}

namespace detail {

/// A fact on its day: `next` is the state that it meets, and leaves; `lapsed` the latest day on which something lapsed.
template <class F>
result<void> take(fold_rules const& how, customer_state const& state, customer_state& next,
                  std::unique_ptr<customer_records>& records, F const& typed, fact const& f, day_number lapsed,
                  fold_report& report, power_undo& undo) {
    plan planned;
    if (auto judged = judge{how, next, records.get(), planned}(typed); !judged) {
        report.clear();
        undo.put_back(records.get());
        return judged;
    }
    auto const is_seen = planned.resale != nullptr && planned.resale->leave_a_record();
    if (!records && (is_seen || leaves_a_record(typed))) records = std::make_unique<customer_records>(how.memory);
    mark_lapsed(records.get(), lapsed);
    if (records) {
        note_dunning(*records, typed, credit_rules_of(how.credit));
        recorder{*records, next, planned, how}(typed);
        note_override_use(*records, typed, planned.amount, how.credit);
    }
    accrue_profit_share(how, state, records, period{typed.at.on()}, planned.purchases);
    consequence{how, next, records, planned, report, f}(typed);
    return {};
}

}  // namespace detail

PATRON_FN result<void> fold(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                            fact const& f, fold_report& report) {
    return std::visit(
        [&](auto const& typed) -> result<void> {
            auto next = state;
            detail::power_undo undo;
            auto const on = typed.at.on();
            auto const lapsed = detail::pass(how, next, records, due_by::the(on, false, how.reviews), report, &undo);
            auto taken = detail::under_rules_of(how, number_of(on), [&](fold_rules const& then) {
                return detail::take(then, state, next, records, typed, f, lapsed, report, undo);
            });
            if (taken) state = next;
            return taken;
        },
        f);
}

}  // namespace patron::v1
