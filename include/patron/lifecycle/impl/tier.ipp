#pragma once
#include <patron/lifecycle/tier.hpp>

#include <algorithm>
#include <string>

namespace patron::inline v1::lifecycle {

namespace tier_detail {

inline std::size_t index(customer_tier t) noexcept { return static_cast<std::size_t>(t); }

inline std::int64_t keeps_from(customer_tier t, tier_rules const& rules) noexcept {
    __extension__ using wide = __int128;
    return static_cast<std::int64_t>(wide{rules.entry[index(t)]} * rules.keeps_from.count() / 10'000);
}

/// The same day so many months later, or the last of that month.
inline day_number months_after(day_number on, int months) noexcept {
    std::chrono::year_month_day const date{day_of(on)};
    period const month = period{date.year(), date.month()} + months;
    auto const same = month.first() + std::chrono::days{static_cast<int>(static_cast<unsigned>(date.day())) - 1};
    return number_of(std::min(same, month.last()));
}

inline machine::outcome<tier_ladder> moved(tier_standing& s, tier_ladder::event what, day_number on,
                                           machine::guard_set<tier_ladder> guards = {}) noexcept {
    auto const came = machine::step<tier_ladder>(s.tier, what, guards);
    if (came.kind != machine::answer::moved) return came;
    s.since = on;
    s.below_since = no_day;
    if (s.planned <= s.tier) {
        s.planned = customer_tier::standard;
        s.planned_by = no_day;
    }
    return came;
}

inline error wrong(std::string field, std::int64_t saw, std::string remedy) {
    return {
        .code = errc::out_of_range, .field = std::move(field), .saw = std::to_string(saw), .remedy = std::move(remedy)};
}

}  // namespace tier_detail

PATRON_FN result<void> check(tier_rules const& rules) {
    using tier_detail::wrong;
    if (rules.entry[0] != 0) return wrong("entry[0]", rules.entry[0], "the lowest tier begins at 0");
    for (std::size_t i = 1; i < customer_tier_count; ++i) {
        auto const field = "entry[" + std::to_string(i) + ']';
        if (rules.entry[i] <= rules.entry[i - 1]) return wrong(field, rules.entry[i], "more than the tier beneath it");
        auto const keeps = tier_detail::keeps_from(static_cast<customer_tier>(i), rules);
        if (keeps < rules.entry[i - 1]) {
            return wrong("keeps_from", rules.keeps_from.count(),
                         "what keeps a tier is not below the entry of the one beneath it: raise it for " + field);
        }
    }
    if (rules.keeps_from.count() < 0 || rules.keeps_from.count() >= 10'000) {
        return wrong("keeps_from", rules.keeps_from.count(), "0 to 9 999 basis points, so that a tier does not flap");
    }
    if (rules.grace_days < 0) return wrong("grace_days", rules.grace_days, "0 or more");
    if (rules.least_stay_days < 0) return wrong("least_stay_days", rules.least_stay_days, "0 or more");
    if (rules.review_months < 1) return wrong("review_months", rules.review_months, "1 or more");
    return {};
}

PATRON_FN tier_findings look_at(tier_standing const& standing, std::int64_t year_purchases, day_number on,
                                tier_rules const& rules) noexcept {
    tier_findings f;
    auto const i = tier_detail::index(standing.tier);
    f.is_due = standing.next_review == no_day || on >= standing.next_review;
    if (i + 1 < customer_tier_count) f.entry_of_next = rules.entry[i + 1];
    f.keeps_from = tier_detail::keeps_from(standing.tier, rules);
    if (standing.since != no_day) f.days_in_tier = std::int64_t{on} - standing.since;
    auto const below = year_purchases < f.keeps_from;
    if (below && standing.below_since != no_day) f.days_below = std::int64_t{on} - standing.below_since;
    using guard = tier_ladder::guard;
    f.guards.set(guard::earns_next, f.entry_of_next > 0 && year_purchases >= f.entry_of_next &&
                                        (f.days_in_tier < 0 || f.days_in_tier >= rules.least_stay_days));
    f.guards.set(guard::grace_is_over, below && f.days_below >= rules.grace_days);
    return f;
}

PATRON_FN machine::outcome<tier_ladder> review(tier_standing& standing, std::int64_t year_purchases, day_number on,
                                               tier_rules const& rules) noexcept {
    auto const f = look_at(standing, year_purchases, on, rules);
    if (!f.is_due) return {machine::answer::ignored, standing.tier, standing.tier};
    auto const came = tier_detail::moved(standing, tier_ladder::event::review_held, on, f.guards);
    standing.next_review = tier_detail::months_after(on, rules.review_months);
    auto const below = year_purchases < tier_detail::keeps_from(standing.tier, rules);
    if (!below) standing.below_since = no_day;
    else if (standing.below_since == no_day) standing.below_since = on;
    return came;
}

PATRON_FN machine::outcome<tier_ladder> award(tier_standing& standing, day_number on) noexcept {
    return tier_detail::moved(standing, tier_ladder::event::award, on);
}
PATRON_FN machine::outcome<tier_ladder> take_away(tier_standing& standing, day_number on) noexcept {
    return tier_detail::moved(standing, tier_ladder::event::take_away, on);
}

PATRON_FN tier_outlook outlook(tier_standing const& standing, std::int64_t year_purchases,
                               tier_rules const& rules) noexcept {
    tier_outlook o;
    auto const i = tier_detail::index(standing.tier);
    o.is_planned = standing.planned > standing.tier;
    o.towards = o.is_planned                  ? standing.planned
                : i + 1 < customer_tier_count ? static_cast<customer_tier>(i + 1)
                                              : standing.tier;
    o.by = o.is_planned ? standing.planned_by : standing.next_review;
    auto const entry = o.towards == standing.tier ? 0 : rules.entry[tier_detail::index(o.towards)];
    auto const bought = std::max<std::int64_t>(year_purchases, 0);
    o.missing = std::max<std::int64_t>(entry - bought, 0);
    return o;
}

}  // namespace patron::v1::lifecycle
