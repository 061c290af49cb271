#pragma once
#include <patron/lifecycle/effect_life.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace patron::inline v1::lifecycle {

namespace effect_detail {

using event = effect_life::event;
using guard = effect_life::guard;
using guards = machine::guard_set<effect_life>;

inline error refuse(kept_effect const& e, std::string remedy) {
    return {.code = errc::impossible_now,
            .field = std::string{name_of(e.code)},
            .saw = std::string{name_of(e.step)},
            .remedy = std::move(remedy)};
}
inline error nothing_given(std::string field) {
    return {.code = errc::missing_field, .field = std::move(field), .saw = {}, .remedy = "say why"};
}

/// The day after `last`; nothing where there is none.
inline std::optional<day_number> after(day_number last) {
    if (last == no_day || last == INT32_MAX) return std::nullopt;
    return last + 1;
}

/// Steps on that day; notes the days that a step stands for.
inline bool move(kept_effect& e, event what, day_number on, guards holding = {}) {
    auto const was = e.step;
    auto const came = machine::step<effect_life>(e.step, what, holding);
    if (e.step == was) return false;
    if (came.to == effect_step::in_force && e.in_force_on == no_day) e.in_force_on = on;
    switch (came.to) {
        case effect_step::lapsed:
        case effect_step::reversed:
        case effect_step::lifted:
        case effect_step::expired:
        case effect_step::withdrawn: e.ended_on = on; break;
        default: break;
    }
    return true;
}

inline bool is_reward(kept_effect const& e) noexcept { return !is_sanction(e.code); }

inline std::optional<error> out_of_place(kept_effect const& e, day_number on, bool of_reward) {
    if (is_reward(e) != of_reward) return refuse(e, of_reward ? "that is for rewards" : "that is for sanctions");
    if (e.step == effect_step::proposed) return refuse(e, "grant it first");
    if (on < e.since) {
        return error{.code = errc::out_of_range,
                     .field = "on",
                     .saw = to_string(day_of(on)),
                     .remedy = "a day from " + to_string(day_of(e.since)) + " on, when it was given"};
    }
    return std::nullopt;
}

}  // namespace effect_detail

PATRON_FN result<kept_effect> grant(kept_effect decided, effect_rules const& rules) {
    using namespace effect_detail;
    if (decided.step != effect_step::proposed) return refuse(decided, "it was granted before");
    if (decided.since == no_day) {
        return error{.code = errc::missing_field, .field = "since", .saw = {}, .remedy = "state its first day"};
    }
    guards holding;
    holding.set(guard::is_reward, is_reward(decided));
    if (!is_reward(decided)) {
        auto const grave = decided.severity >= rules.grave_severity;
        auto const quiet = decided.code == effect_code::written_warning && !rules.warning_needs_notice;
        auto const days = family_of(decided.code) == effect_family::deterrent ? rules.deterrent_notice_days
                                                                              : rules.penalty_notice_days;
        auto const notice = grave || quiet ? 0 : std::max(days, 0);
        holding.set(guard::needs_no_notice, notice == 0);
        if (notice > 0) decided.notice_until = decided.since + notice - 1;
        if (rules.appeal_days > 0) decided.appeal_until = decided.since + rules.appeal_days;
    }
    move(decided, event::grant, decided.since, holding);
    return decided;
}

PATRON_FN bool advance(kept_effect& e, day_number on) {
    using namespace effect_detail;
    if (e.step == effect_step::proposed || e.is_over()) return false;
    bool changed = false;
    auto const pass = [&](day_number last, event what) {
        if (auto const first = after(last); first && *first <= on) changed = move(e, what, *first) || changed;
    };
    if (is_reward(e)) {
        pass(e.deadline, event::deadline_passed);
        // a lasting reward that was fulfilled after its last day lapses when it is fulfilled
        if (auto const first = after(e.until); first && *first <= on && e.step == effect_step::done) {
            changed = move(e, event::end_passed, std::max(*first, e.fulfilled_on)) || changed;
        }
        return changed;
    }
    auto const ends_first = e.until != no_day && e.notice_until != no_day && e.until <= e.notice_until;
    if (!ends_first) pass(e.notice_until, event::notice_passed);
    pass(e.until, event::end_passed);
    return changed;
}

PATRON_FN result<bool> acknowledge(kept_effect& e, day_number on) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, true)) return std::move(*wrong);
    if (e.fulfilled_on != no_day) return false;
    if (e.is_over()) return refuse(e, "it is not owed any more");
    move(e, event::acknowledge, on);
    e.fulfilled_on = on;
    advance(e, on);
    return true;
}

PATRON_FN result<bool> reverse(kept_effect& e, day_number on, std::string_view cause) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, true)) return std::move(*wrong);
    if (cause.empty()) return nothing_given("cause");
    advance(e, on);
    if (e.step == effect_step::reversed) return false;
    if (!move(e, event::reverse, on)) return refuse(e, "it has run out by itself");
    e.cause = cause;
    return true;
}

PATRON_FN result<bool> reinstate(kept_effect& e, day_number on) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, true)) return std::move(*wrong);
    guards holding;
    holding.set(guard::is_fulfilled, e.fulfilled_on != no_day);
    if (!move(e, event::reinstate, on, holding)) return false;
    e.ended_on = no_day;
    e.cause.clear();
    advance(e, on);
    return true;
}

PATRON_FN result<bool> appeal(kept_effect& e, day_number on) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, false)) return std::move(*wrong);
    advance(e, on);
    if (e.step == effect_step::appealed) return false;
    guards holding;
    holding.set(guard::in_appeal_window, e.appeal_until != no_day && on <= e.appeal_until);
    if (move(e, event::appeal, on, holding)) return true;
    if (e.is_over()) return refuse(e, "it is over");
    return refuse(e, e.appeal_until == no_day ? std::string{"there is no appeal against it"}
                                              : "an appeal is made by " + to_string(day_of(e.appeal_until)));
}

PATRON_FN result<bool> decide_appeal(kept_effect& e, day_number on, bool is_upheld) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, false)) return std::move(*wrong);
    advance(e, on);
    if (e.step != effect_step::appealed) return refuse(e, "there is no appeal to decide");
    if (!is_upheld) {
        e.cause = "appeal";
        return move(e, event::withdraw, on);
    }
    guards holding;
    holding.set(guard::notice_is_over, e.notice_until == no_day || on > e.notice_until);
    return move(e, event::uphold, on, holding);
}

PATRON_FN result<bool> withdraw(kept_effect& e, day_number on, std::string_view cause) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, false)) return std::move(*wrong);
    if (cause.empty()) return nothing_given("cause");
    advance(e, on);
    if (e.step == effect_step::withdrawn) return false;
    if (!move(e, event::withdraw, on)) return refuse(e, "it is over");
    e.cause = cause;
    return true;
}

PATRON_FN result<bool> comply(kept_effect& e, day_number on) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, false)) return std::move(*wrong);
    advance(e, on);
    guards holding;
    holding.set(guard::way_back_met, e.ends_when == way_back_kind::compliance);
    return move(e, event::lift, on, holding);
}

PATRON_FN result<bool> lift(kept_effect& e, day_number on, std::string_view person) {
    using namespace effect_detail;
    if (auto wrong = out_of_place(e, on, false)) return std::move(*wrong);
    advance(e, on);
    if (e.step == effect_step::lifted) return false;
    if (e.is_over()) return refuse(e, "it is over");
    if (e.ends_when == way_back_kind::permanent) return refuse(e, "it is permanent; it can only be withdrawn");
    auto const may = !e.person.empty() && e.person == person;
    guards holding;
    holding.set(guard::way_back_met, may);
    if (!move(e, event::lift, on, holding)) {
        return refuse(e, e.person.empty() ? std::string{"no person may lift it"} : "only " + e.person + " may lift it");
    }
    return true;
}

PATRON_FN std::int64_t days_late(kept_effect const& e, day_number on) noexcept {
    if (is_sanction(e.code) || e.deadline == no_day || e.step == effect_step::proposed) return 0;
    auto last = on;
    if (e.fulfilled_on != no_day) last = std::min(last, e.fulfilled_on);
    else if (e.ended_on != no_day) last = std::min(last, e.ended_on);
    return std::max<std::int64_t>(std::int64_t{last} - e.deadline, 0);
}

PATRON_FN fulfilment fulfilment_of(std::span<kept_effect const> all, day_number on) noexcept {
    fulfilment f;
    for (auto const& e : all) {
        if (is_sanction(e.code) || e.step == effect_step::proposed || e.step == effect_step::reversed || on < e.since) {
            continue;
        }
        auto const days = days_late(e, on);
        f.worst_days_late = std::max(f.worst_days_late, days);
        if (e.fulfilled_on != no_day && e.fulfilled_on <= on) ++(days > 0 ? f.kept_late : f.kept);
        else ++(days > 0 ? f.late : f.owed);
    }
    return f;
}

}  // namespace patron::v1::lifecycle
