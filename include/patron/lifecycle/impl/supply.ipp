#pragma once
#include <patron/lifecycle/supply.hpp>

#include <algorithm>

namespace patron::inline v1::lifecycle {

PATRON_FN supply_findings look_at(supply_standing const& standing, supply_case const& seen,
                                  supply_rules const& rules) noexcept {
    using guard = supply_ladder::guard;
    supply_findings f;
    auto const days = [on = seen.on](day_number from) { return std::int64_t{on} - from; };
    for (auto const used : standing.uses) {
        if (used != no_day && days(used) < 365) ++f.uses_in_year;
    }
    auto const last = standing.uses.front();
    if (last != no_day) f.days_since_use = days(last);
    if (standing.since != no_day) f.days_complied = days(standing.since);
    if (seen.last_breach != no_day && (standing.since == no_day || seen.last_breach > standing.since)) {
        f.days_complied = days(seen.last_breach);
    }
    f.days_complied = std::max<std::int64_t>(f.days_complied, 0);

    auto const authority = !seen.authority.empty();
    auto const answered = last != no_day && seen.last_breach <= last;  // one breach takes it up once
    auto const breach = seen.severity > 0 && seen.last_breach != no_day && !answered;
    f.guards.set(guard::gravest_cause, authority && breach && seen.severity >= rules.terminates_at_once);
    f.guards.set(guard::grave_cause, authority && breach && seen.severity >= rules.suspends_at_once);
    f.guards.set(guard::may_escalate, authority && breach && seen.severity >= rules.least_severity &&
                                          (f.days_since_use < 0 || f.days_since_use >= rules.cool_down_days) &&
                                          f.uses_in_year < rules.uses_a_year);
    f.guards.set(guard::has_complied, f.days_complied >= rules.complies_after_days);
    f.guards.set(guard::has_authority, authority);
    return f;
}

PATRON_FN machine::outcome<supply_ladder> move(supply_standing& standing, supply_ladder::event what,
                                               supply_case const& seen, supply_rules const& rules) noexcept {
    auto const came = machine::step<supply_ladder>(standing.rung, what, look_at(standing, seen, rules).guards);
    if (came.kind != machine::answer::moved) return came;
    standing.since = seen.on;
    if (what == supply_ladder::event::escalate) {
        std::shift_right(standing.uses.begin(), standing.uses.end(), 1);
        standing.uses.front() = seen.on;
    }
    return came;
}

}  // namespace patron::v1::lifecycle
