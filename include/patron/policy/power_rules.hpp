/// Every number of the powers, with its default (POW-1 to POW-3, POW-10, POW-14).
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/rate.hpp>
#include <patron/customer/profit_share.hpp>
#include <patron/lifecycle/effect_life.hpp>
#include <patron/lifecycle/supply.hpp>
#include <patron/policy/resolver.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace patron::inline v1::policy {

/// The year-end profit share of a house (POW-7). With a rate of zero there is none.
struct profit_share_rules {
    basis_points rate{0};               ///< of the fiscal year's purchases
    std::optional<std::int64_t> cap{};  ///< nothing: none
    int disclosed_after_days = 60;      ///< after the year's last day: until then the customer does not know of it
    int last_months = 2;                ///< 1 … 11; the purchases of the year's last months …
    basis_points dumping_from{20'000};  ///< … are dumping from so much of their usual amount on; above 100 %
    std::int64_t dumping_least = 0;     ///< and from at least this amount on

    friend bool operator==(profit_share_rules const&, profit_share_rules const&) = default;
};

/// Every number of the powers that is not a policy's own. Amounts are in minor units of the customer's currency.
struct power_rules {
    resolver_rules resolver{};
    lifecycle::effect_rules effects{};
    lifecycle::supply_rules supply{};
    int complies_after_days = 90;  ///< without a breach, before what ends by compliance is lifted
    int review_again_days = 30;    ///< after a review that found no compliance yet
    int keeps_ended_days = 730;    ///< what ended longer ago is forgotten; at least `resolver.recurrence_days`
    int reward_months = 6;         ///< tables are asked for rewards at the reviews that end so many months; 1 … 6
    std::int64_t large_from = 1'000'000'00;  ///< purchases in a year from which a customer is large (POW-10)
    basis_points limit_step{2'500};          ///< CRE-7: a change of more than this part of the limit needs approval
    std::chrono::month fiscal_year_begins{1};
    profit_share_rules profit_share{};
};

/// The terms of the share for the fiscal year that holds the month.
[[nodiscard]] PATRON_API profit_share_terms terms_of(power_rules const& rules, period month);

/// Errors: errc::out_of_range for a number that no engine could honour, with its name in a rulebook file as the field.
[[nodiscard]] PATRON_API result<void> check(power_rules const& rules);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/power_rules.ipp>
#endif
