#pragma once
#include <patron/machine/step.hpp>
#include <patron/policy/credit_hold.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1 {

namespace credit_hold_detail {

using event = credit_hold_handling::event;

inline machine::guard_set<credit_hold_handling> guards(bool forced) noexcept {
    machine::guard_set<credit_hold_handling> g;
    g.set(credit_hold_handling::guard::forced, forced);
    return g;
}
inline error missing(std::string field) {
    return {.code = errc::missing_field, .field = std::move(field), .saw = "none", .remedy = "say who, and why"};
}
inline error impossible(hold_state state, std::string remedy) {
    return {
        .code = errc::impossible_now, .field = "hold", .saw = std::string{name_of(state)}, .remedy = std::move(remedy)};
}
inline error out_of_range(std::string field, std::int64_t saw) {
    return {.code = errc::out_of_range,
            .field = std::move(field),
            .saw = std::to_string(saw),
            .remedy = "give a number from zero on, and days up to the end of the calendar"};
}

}  // namespace credit_hold_detail

PATRON_FN std::string_view name_of(hold_state s) noexcept {
    constexpr std::string_view names[] = {"held", "ready", "released", "rejected", "expired"};
    return names[static_cast<std::size_t>(s)];
}

PATRON_FN result<credit_hold> credit_hold::of(std::string_view order, credit_answer const& answer, day_number on,
                                              day_number until) {
    if (order.empty()) return credit_hold_detail::missing("order");
    if (answer.verdict == credit_verdict::approve) {
        return error{.code = errc::impossible_now,
                     .field = "answer",
                     .saw = "approve",
                     .remedy = "an order that passes is not held; force a hold where a person wants one"};
    }
    credit_hold out;
    out.order_ = order;
    out.until_ = until;
    out.note(answer, on);
    return out;
}

PATRON_FN result<credit_hold> credit_hold::forced(std::string_view order, std::string_view by, std::string_view reason,
                                                  day_number on, day_number until) {
    if (order.empty()) return credit_hold_detail::missing("order");
    if (by.empty()) return credit_hold_detail::missing("by");
    if (reason.empty()) return credit_hold_detail::missing("reason");
    credit_hold out;
    out.order_ = order;
    out.until_ = until;
    out.forced_ = hold_decision{std::string{by}, std::string{reason}, on};
    return out;
}

PATRON_FN void credit_hold::note(credit_answer const& answer, day_number on) {
    is_refused_ = answer.verdict == credit_verdict::refuse;
    std::vector<bool> seen(causes_.size(), false);
    for (auto const& f : answer.rules) {
        auto const speaks = f.outcome != credit_verdict::approve && !f.overridden;
        // of one rule there may be several answers, one a group; of another what it is about changes with the days
        auto const is_group = f.why.rule == name_of(credit_rule::group_limit);
        auto const at = std::find_if(causes_.begin(), causes_.end(), [&](cause const& c) {
            return c.finding.why.rule == f.why.rule && (!is_group || c.finding.why.what == f.why.what);
        });
        if (at == causes_.end()) {
            if (speaks) causes_.push_back({.finding = f, .since = on, .is_open = true});
            continue;
        }
        if (auto const i = static_cast<std::size_t>(at - causes_.begin()); i < seen.size()) seen[i] = true;
        if (speaks && !at->is_open) at->since = on;
        at->finding = f;
        at->is_open = speaks;
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!seen[i]) causes_[i].is_open = false;  // no longer asked
    }
}

PATRON_FN void credit_hold::reassess(credit_answer const& answer, day_number on) {
    pass_day(on);
    if (is_final()) return;
    note(answer, on);
    using credit_hold_detail::event;
    machine::step<credit_hold_handling>(state_,
                                        answer.verdict == credit_verdict::approve ? event::passed : event::failed,
                                        credit_hold_detail::guards(is_forced()));
}

PATRON_FN void credit_hold::pass_day(day_number on) noexcept {
    if (until_ == no_day || on <= until_) return;
    machine::step<credit_hold_handling>(state_, credit_hold_detail::event::expire);
}

PATRON_FN result<credit_override> credit_hold::release(hold_release const& release, day_number on) {
    using namespace credit_hold_detail;
    if (release.by.empty()) return missing("by");
    if (release.reason.empty()) return missing("reason");
    if (release.amount < 0) return out_of_range("amount", release.amount);
    auto const last = number_of(last_day);
    if (release.days < 0 || std::int64_t{on} + release.days > last) return out_of_range("days", release.days);
    if (release.tolerance_basis_points < 0) {
        return out_of_range("tolerance_basis_points", release.tolerance_basis_points);
    }
    auto next = *this;
    next.pass_day(on);
    if (next.is_final()) return impossible(next.state_, "a hold is decided once; check the order again");
    if (next.is_refused_) return impossible(next.state_, "the order is refused: what refuses it must go first");
    machine::step<credit_hold_handling>(next.state_, event::release, guards(is_forced()));
    next.decided_ = hold_decision{release.by, release.reason, on};
    *this = std::move(next);
    return credit_override{.amount = release.amount,
                           .until = on + release.days,
                           .order = order_,
                           .by = decided_->by,
                           .tolerance_basis_points = release.tolerance_basis_points};
}

PATRON_FN result<void> credit_hold::resume(day_number on) {
    auto next = state_;
    if (until_ != no_day && on > until_) machine::step<credit_hold_handling>(next, credit_hold_detail::event::expire);
    if (!machine::can<credit_hold_handling>(next, credit_hold_detail::event::resume)) {
        return credit_hold_detail::impossible(next, "only what is ready goes on by itself");
    }
    machine::step<credit_hold_handling>(state_, credit_hold_detail::event::resume);
    return {};
}

PATRON_FN result<void> credit_hold::reject(hold_decision const& decision) {
    if (decision.by.empty()) return credit_hold_detail::missing("by");
    if (decision.reason.empty()) return credit_hold_detail::missing("reason");
    auto next = *this;
    next.pass_day(decision.on);
    if (next.is_final()) return credit_hold_detail::impossible(next.state_, "a hold is decided once");
    machine::step<credit_hold_handling>(next.state_, credit_hold_detail::event::reject);
    next.decided_ = decision;
    *this = std::move(next);
    return {};
}

}  // namespace patron::v1
