/// Why the deterrent ladder or a tier moved or did not, as reasons (BASE-4).
#pragma once
#include <patron/lifecycle/supply.hpp>
#include <patron/lifecycle/tier.hpp>
#include <patron/policy/effect.hpp>

namespace patron::inline v1::policy {

/// What the ladder looked at, each with its threshold and verdict: for `escalate` the breach, the authority, the
/// cool-down and the uses of the year; for `comply` the days of compliance; for `restore` the authority.
[[nodiscard]] PATRON_API reasons reasons_of(lifecycle::supply_ladder::event what,
                                            lifecycle::supply_standing const& standing,
                                            lifecycle::supply_case const& seen,
                                            lifecycle::supply_rules const& rules = {});

/// What a review of the tier looked at: the entry of the next tier and the stay in this one where there is a next; what
/// keeps the tier, and the grace where that is not reached.
[[nodiscard]] PATRON_API reasons reasons_of(lifecycle::tier_standing const& standing, std::int64_t year_purchases,
                                            day_number on, lifecycle::tier_rules const& rules = {});

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/ladder_reasons.ipp>
#endif
