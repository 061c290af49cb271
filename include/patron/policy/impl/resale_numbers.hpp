/// The numbers of resale: their names in a rulebook, what they mean and what they may be.
#pragma once
#include <patron/policy/impl/number_ranges.hpp>

namespace patron::inline v1::policy::detail {

/// Visits every number of the resale rules with its name.
template <class Rules, class Visit>
void each_resale_rule(Rules& r, Visit&& visit) {
    visit("breaches.tolerance", r.tolerance);
    visit("breaches.severity_from", r.severity_from);
    visit("breaches.outside_territory", r.outside_territory);
    visit("margins.least_margin", r.least_margin);
}

inline constexpr rule_note resale_notes[] = {
    {"breaches.tolerance", rule_unit::share, 0, whole_share, "POW-5",
     "part of the floor by which a resale price may lie below it and still be no breach"},
    {"breaches.severity_from", rule_unit::share, 1, whole_share, "POW-5",
     "parts of the floor: a price so much or more below it is of severity 2, 3, 4 and 5; by less, of 1"},
    {"breaches.outside_territory", rule_unit::count, 1, gravest, "POW-5",
     "severity of a resale outside of the dealer's territory"},
    {"margins.least_margin", rule_unit::share, 0, whole_share, "POW-9",
     "part of the resale price that a dealer has to be left with; exactly that is enough"},
};

}  // namespace patron::v1::policy::detail
