#pragma once
#include <patron/policy/credit_rules.hpp>

#include <string>

namespace patron::inline v1 {

PATRON_FN std::string_view name_of(credit_rule r) noexcept {
    constexpr std::string_view names[] = {"standing",       "customer_ended", "exchange_rate",  "credit_limit",
                                          "limit_expired",  "group_limit",    "document_limit", "oldest_item",
                                          "overdue_amount", "dunning_level",  "payment_terms",  "first_order",
                                          "risk_class",     "order_hold",     "limit_review"};
    static_assert(std::size(names) == credit_rule_count);
    return names[static_cast<std::size_t>(r)];
}

PATRON_FN std::optional<credit_rule> credit_rule_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i < credit_rule_count; ++i) {
        if (auto const rule = static_cast<credit_rule>(i); name_of(rule) == name) return rule;
    }
    return std::nullopt;
}

PATRON_FN std::string_view name_of(credit_step s) noexcept {
    constexpr std::string_view names[] = {"quote", "order", "change", "reopen", "delivery", "invoice"};
    return names[static_cast<std::size_t>(s)];
}

PATRON_FN std::string_view name_of(credit_verdict v) noexcept {
    constexpr std::string_view names[] = {"approve", "hold", "refuse"};
    return names[static_cast<std::size_t>(v)];
}

PATRON_FN result<void> check(credit_rules const& rules) {
    auto const negative = [](std::string field, std::int64_t saw) {
        return error{.code = errc::out_of_range,
                     .field = std::move(field),
                     .saw = std::to_string(saw),
                     .remedy = "give a number from zero on"};
    };
    auto const limit_is = [&](std::optional<std::int64_t> const& limit) { return limit && *limit < 0; };
    if (limit_is(rules.document_limit)) return negative("document_limit", *rules.document_limit);
    if (limit_is(rules.overdue_amount)) return negative("overdue_amount", *rules.overdue_amount);
    if (limit_is(rules.first_order)) return negative("first_order", *rules.first_order);
    if (rules.residue < 0) return negative("residue", rules.residue);
    if (rules.overdue_days < 0) return negative("overdue_days", rules.overdue_days);
    if (rules.reserve_days_ahead < 0) return negative("reserve_days_ahead", rules.reserve_days_ahead);
    auto const days_are = [&](std::optional<int> const& days) { return days && *days < 0; };
    if (days_are(rules.oldest_item_days)) return negative("oldest_item_days", *rules.oldest_item_days);
    if (days_are(rules.horizon_days)) return negative("horizon_days", *rules.horizon_days);
    if (days_are(rules.limit_review_days)) return negative("limit_review_days", *rules.limit_review_days);
    if (rules.dunning_level && *rules.dunning_level < 1) {
        return error{.code = errc::out_of_range,
                     .field = "dunning_level",
                     .saw = std::to_string(*rules.dunning_level),
                     .remedy = "give a level from 1 on; 0 is that of a customer who is not dunned"};
    }
    auto const part = [](std::string field, int saw) {
        return error{.code = errc::out_of_range,
                     .field = std::move(field),
                     .saw = std::to_string(saw),
                     .remedy = "give basis points from 0 to 10000"};
    };
    auto const is_part = [](int n) { return n >= 0 && n <= 10'000; };
    if (!is_part(rules.overdue_share_basis_points)) {
        return part("overdue_share_basis_points", rules.overdue_share_basis_points);
    }
    if (!is_part(rules.override_tolerance_basis_points)) {
        return part("override_tolerance_basis_points", rules.override_tolerance_basis_points);
    }
    for (std::size_t i = 0; i < rules.by_standing.size(); ++i) {
        auto const points = rules.by_standing[i].limit_basis_points;
        if (!is_part(points)) return part("by_standing[" + std::to_string(i) + "].limit_basis_points", points);
    }
    if (auto const standings = check(rules.standings); !standings) {
        auto e = standings.error();
        e.field = "standings." + e.field;
        return e;
    }
    if (auto const dunning = check(rules.dunning); !dunning) {
        auto e = dunning.error();
        e.field = "dunning." + e.field;
        return e;
    }
    return {};
}

}  // namespace patron::v1
