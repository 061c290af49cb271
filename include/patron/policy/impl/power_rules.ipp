#pragma once
#include <patron/policy/impl/house_numbers.hpp>
#include <patron/policy/power_rules.hpp>

#include <string>

namespace patron::inline v1::policy {

PATRON_FN profit_share_terms terms_of(power_rules const& rules, period month) {
    auto const& share = rules.profit_share;
    period const first{month.fiscal_year(rules.fiscal_year_begins), rules.fiscal_year_begins};
    auto const last_day = number_of((first + (profit_share_account::months - 1)).last());
    return {.rate = share.rate,
            .cap = share.cap,
            .first_month = first,
            .disclosed_on = last_day + share.disclosed_after_days,
            .last_months = share.last_months,
            .dumping_from = share.dumping_from,
            .dumping_least = share.dumping_least};
}

PATRON_FN result<void> check(power_rules const& rules) {
    auto const in_range =
        detail::check_numbers(detail::power_notes, [&](auto const& visit) { detail::each_power_rule(rules, visit); });
    if (!in_range) return in_range;
    constexpr int months_of_year = 12;
    if (months_of_year % rules.reward_months != 0) {
        return error{.code = errc::out_of_range,
                     .field = "rewards.reward_months",
                     .saw = std::to_string(rules.reward_months),
                     .remedy = "parts of a fiscal year are of equal length: give 1, 2, 3, 4 or 6"};
    }
    if (rules.keeps_ended_days < rules.resolver.recurrence_days) {
        return error{.code = errc::out_of_range,
                     .field = "sanctions.keeps_ended_days",
                     .saw = std::to_string(rules.keeps_ended_days),
                     .remedy = "what ended counts for recurrence_days: keep it at least " +
                               std::to_string(rules.resolver.recurrence_days) + " days"};
    }
    return {};
}

}  // namespace patron::v1::policy
