/// The numbers of credit and of the powers: their names in a rulebook, what they mean and what they may be.
#pragma once
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/impl/number_ranges.hpp>
#include <patron/policy/power_rules.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace patron::inline v1::policy::detail {

/// One field of each of several structures, as a list.
template <class Owner, class Field>
struct field_list {
    std::span<Owner> owners;
    Field std::remove_const_t<Owner>::* field;

    [[nodiscard]] constexpr std::size_t size() const noexcept { return owners.size(); }
    [[nodiscard]] constexpr auto& operator[](std::size_t i) const noexcept { return owners[i].*field; }
};
template <class Array, class Owner, class Field>
constexpr auto list_of(Array& owners, Field Owner::* field) noexcept {
    return field_list<std::remove_reference_t<decltype(owners[0])>, Field>{owners, field};
}

/// By the effect's code, in the order of the codes.
template <class T>
using by_effect = std::array<T, effect_count>;

/// Visits every number of the credit rules with its name: the one list behind writing, reading and the schema.
template <class Rules, class Visit>
void each_credit_rule(Rules& r, Visit&& visit) {
    visit("counts.quotations", r.counts.quotations);
    visit("counts.open_orders", r.counts.open_orders);
    visit("counts.delivered", r.counts.delivered);
    visit("counts.not_due", r.counts.not_due);
    visit("counts.overdue", r.counts.overdue);
    visit("counts.disputed", r.counts.disputed);
    visit("counts.unallocated", r.counts.unallocated);
    visit("counts.credit_notes", r.counts.credit_notes);
    visit("counts.reservations", r.counts.reservations);
    visit("counts.security", r.counts.security);
    visit("counts.horizon_days", r.horizon_days);
    visit("asked.quote", r.asked[0]);
    visit("asked.order", r.asked[1]);
    visit("asked.change", r.asked[2]);
    visit("asked.reopen", r.asked[3]);
    visit("asked.delivery", r.asked[4]);
    visit("asked.refusing", r.refusing);
    using threshold = lifecycle::standing_threshold;
    visit("standings.enter_days_past_due", list_of(r.standings.enter, &threshold::days_past_due));
    visit("standings.leave_days_past_due", list_of(r.standings.leave, &threshold::days_past_due));
    visit("standings.enter_dunning_level", list_of(r.standings.enter, &threshold::dunning_level));
    visit("standings.leave_dunning_level", list_of(r.standings.leave, &threshold::dunning_level));
    visit("standings.enter_penalty_severity", list_of(r.standings.enter, &threshold::penalty_severity));
    visit("standings.leave_penalty_severity", list_of(r.standings.leave, &threshold::penalty_severity));
    visit("standings.verdict", list_of(r.by_standing, &standing_effect::verdict));
    visit("standings.limit_share", list_of(r.by_standing, &standing_effect::limit_basis_points));
    visit("documents.document_limit", r.document_limit);
    visit("documents.first_order", r.first_order);
    visit("documents.risk_classes_held", r.risk_classes_held);
    visit("documents.limit_review_days", r.limit_review_days);
    visit("overdue.oldest_item_days", r.oldest_item_days);
    visit("overdue.residue", r.residue);
    visit("overdue.overdue_days", r.overdue_days);
    visit("overdue.overdue_amount", r.overdue_amount);
    visit("overdue.overdue_share", r.overdue_share_basis_points);
    visit("dunning.steps", r.dunning.steps);
    visit("dunning.dunning_level", r.dunning_level);
    visit("releases.override_tolerance", r.override_tolerance_basis_points);
    visit("releases.reserve_days_ahead", r.reserve_days_ahead);
}

/// The same for those of the powers.
template <class Rules, class Visit>
void each_power_rule(Rules& r, Visit&& visit) {
    visit("rewards.reward_months", r.reward_months);
    visit("rewards.fiscal_year_begins", r.fiscal_year_begins);
    visit("rewards.large_from", r.large_from);
    visit("rewards.rewards_each", r.resolver.rewards_each);
    visit("rewards.rewards_year", r.resolver.rewards_year);
    visit("rewards.most_each", r.resolver.most_each);
    visit("rewards.most_year", r.resolver.most_year);
    visit("limits.limit_step", r.limit_step);
    visit("profit_share.rate", r.profit_share.rate);
    visit("profit_share.cap", r.profit_share.cap);
    visit("profit_share.disclosed_after_days", r.profit_share.disclosed_after_days);
    visit("profit_share.last_months", r.profit_share.last_months);
    visit("profit_share.dumping_from", r.profit_share.dumping_from);
    visit("profit_share.dumping_least", r.profit_share.dumping_least);
    visit("sanctions.least_severity", r.resolver.least_severity);
    visit("sanctions.recurrence_days", r.resolver.recurrence_days);
    visit("sanctions.penalty_notice_days", r.effects.penalty_notice_days);
    visit("sanctions.deterrent_notice_days", r.effects.deterrent_notice_days);
    visit("sanctions.warning_needs_notice", r.effects.warning_needs_notice);
    visit("sanctions.grave_severity", r.effects.grave_severity);
    visit("sanctions.appeal_days", r.effects.appeal_days);
    visit("sanctions.complies_after_days", r.complies_after_days);
    visit("sanctions.review_again_days", r.review_again_days);
    visit("sanctions.keeps_ended_days", r.keeps_ended_days);
    visit("supply.cool_down_days", r.supply.cool_down_days);
    visit("supply.uses_a_year", r.supply.uses_a_year);
    visit("supply.least_severity", r.supply.least_severity);
    visit("supply.suspends_at_once", r.supply.suspends_at_once);
    visit("supply.terminates_at_once", r.supply.terminates_at_once);
    visit("supply.complies_after_days", r.supply.complies_after_days);
}

inline constexpr std::int64_t most_levels = 100;
inline constexpr std::int64_t most_uses =
    std::tuple_size_v<decltype(supply_standing::uses)>;  ///< more are not remembered
inline constexpr std::int64_t never_so_grave = gravest + 1;

// one row for each number of each_credit_rule, in its order; a test compares the two
inline constexpr rule_note credit_notes[] = {
    {"counts.quotations", rule_unit::yes_no, 0, 1, "CRE-2", "open quotations count against a limit"},
    {"counts.open_orders", rule_unit::yes_no, 0, 1, "CRE-2", "what is ordered and not delivered counts"},
    {"counts.delivered", rule_unit::yes_no, 0, 1, "CRE-2", "what is delivered and not invoiced counts"},
    {"counts.not_due", rule_unit::yes_no, 0, 1, "CRE-2", "invoices that are not due count"},
    {"counts.overdue", rule_unit::yes_no, 0, 1, "CRE-2", "overdue invoices count"},
    {"counts.disputed", rule_unit::yes_no, 0, 1, "CRE-2", "disputed invoices count"},
    {"counts.unallocated", rule_unit::yes_no, 0, 1, "CRE-2", "receipts that no invoice took are taken off"},
    {"counts.credit_notes", rule_unit::yes_no, 0, 1, "CRE-2", "credit notes that no invoice took are taken off"},
    {"counts.reservations", rule_unit::yes_no, 0, 1, "CRE-4", "reservations count"},
    {"counts.security", rule_unit::yes_no, 0, 1, "CRE-2", "deposits and guarantees are taken off"},
    {"counts.horizon_days", rule_unit::days, 0, longest_days, "CRE-3",
     "open orders count that are to be delivered within so many days, or on no day that was named; null: all do"},
    {"asked.quote", rule_unit::choice, 0, credit_rule_count, "CRE-3", "rules of the check of a quotation"},
    {"asked.order", rule_unit::choice, 0, credit_rule_count, "CRE-3", "rules of the check of an order"},
    {"asked.change", rule_unit::choice, 0, credit_rule_count, "CRE-3", "rules of the check of what a change adds"},
    {"asked.reopen", rule_unit::choice, 0, credit_rule_count, "CRE-3",
     "rules of the check of an order that was cancelled"},
    {"asked.delivery", rule_unit::choice, 0, credit_rule_count, "CRE-3", "rules of the check of a delivery"},
    {"asked.refusing", rule_unit::choice, 0, credit_rule_count, "CRE-3",
     "rules that refuse where they are not met; the others hold"},
    {"standings.enter_days_past_due", rule_unit::days, 0, longest_days, "CRE-6",
     "days past due that lead to watch, reduced, cash only and blocked, at or above; null: no number of them does"},
    {"standings.leave_days_past_due", rule_unit::days, 0, longest_days, "CRE-6",
     "days past due up to which each of the four is left again"},
    {"standings.enter_dunning_level", rule_unit::count, 0, most_levels, "CRE-6",
     "dunning level that leads to each of the four"},
    {"standings.leave_dunning_level", rule_unit::count, 0, most_levels, "CRE-6",
     "dunning level up to which each of the four is left again"},
    {"standings.enter_penalty_severity", rule_unit::count, 0, most_levels, "CRE-6",
     "severity of all penalties in force, in sum, that leads to each of the four"},
    {"standings.leave_penalty_severity", rule_unit::count, 0, most_levels, "CRE-6",
     "severity in sum up to which each of the four is left again"},
    {"standings.verdict", rule_unit::choice, 0, 2, "CRE-6",
     "what a check says at least to a customer in good standing, on watch, reduced, cash only and blocked"},
    {"standings.limit_share", rule_unit::share, 0, whole_share, "CRE-6",
     "part of the own limit that each of the five has"},
    {"documents.document_limit", rule_unit::minor_units, 0, most_money, "CRE-1",
     "most that one document may come to; null: no bound"},
    {"documents.first_order", rule_unit::minor_units, 0, most_money, "CRE-3",
     "most that a first order may come to; null: no bound"},
    {"documents.risk_classes_held", rule_unit::words, 0, 64, "CRE-3",
     "risk classes that hold; where there are any, an unknown class holds too"},
    {"documents.limit_review_days", rule_unit::days, 0, longest_days, "CRE-1",
     "days that the review of a limit may be late; null: no bound"},
    {"overdue.oldest_item_days", rule_unit::days, 0, longest_days, "CRE-3",
     "days that the oldest item may be past due; null: no bound"},
    {"overdue.residue", rule_unit::minor_units, 0, most_money, "CRE-3", "an item of at most this is not overdue"},
    {"overdue.overdue_days", rule_unit::days, 0, longest_days, "CRE-3",
     "days past due beyond which an item counts to overdue_amount and overdue_share"},
    {"overdue.overdue_amount", rule_unit::minor_units, 0, most_money, "CRE-3",
     "such items may add up to this or to overdue_share, whichever is more; null: no bound"},
    {"overdue.overdue_share", rule_unit::share, 0, whole_share, "CRE-3", "such items may be this part of what is open"},
    {"dunning.steps", rule_unit::days, 0, longest_days, "CRE-8",
     "days past due from which each dunning level is reached, and up to which it is left again"},
    {"dunning.dunning_level", rule_unit::count, 1, most_levels, "CRE-3",
     "dunning level from which on orders are held; null: none"},
    {"releases.override_tolerance", rule_unit::share, 0, whole_share, "CRE-5",
     "part of an override's amount that may be added to it"},
    {"releases.reserve_days_ahead", rule_unit::days, 0, longest_days, "CRE-4",
     "days after the latest that the book knows, for which a check may reserve"},
};

inline constexpr rule_note power_notes[] = {
    {"rewards.reward_months", rule_unit::months, 1, 6, "POW-1",
     "rewards are decided at the reviews that end so many months of the fiscal year"},
    {"rewards.fiscal_year_begins", rule_unit::count, 1, 12, "POW-1", "month that the fiscal year begins with"},
    {"rewards.large_from", rule_unit::minor_units, 0, most_money, "POW-10",
     "purchases of a year from which a customer is a large one"},
    {"rewards.rewards_each", rule_unit::minor_units, 0, most_money, "POW-1",
     "most that is spent on a customer in one decision; null: no bound"},
    {"rewards.rewards_year", rule_unit::minor_units, 0, most_money, "POW-1",
     "most that is spent on a customer in a fiscal year; null: no bound"},
    {"rewards.most_each", rule_unit::minor_units, 0, most_money, "POW-1",
     "most of one effect in one decision, by the effect's code"},
    {"rewards.most_year", rule_unit::minor_units, 0, most_money, "POW-1",
     "most of one effect in a fiscal year, by the effect's code"},
    {"limits.limit_step", rule_unit::share, 0, 100 * whole_share, "CRE-7",
     "part of a credit limit beyond which its change needs approval"},
    {"profit_share.rate", rule_unit::share, 0, whole_share, "POW-7",
     "part of the fiscal year's purchases that a customer gets at its end; 0 %: no share"},
    {"profit_share.cap", rule_unit::minor_units, 0, most_money, "POW-7", "most that it comes to; null: no bound"},
    {"profit_share.disclosed_after_days", rule_unit::days, 0, longest_days, "POW-7",
     "days after the year's end from which on the customer may know of it"},
    {"profit_share.last_months", rule_unit::months, 1, profit_share_account::months - 1, "POW-7",
     "months at the year's end whose purchases are looked at for dumping"},
    {"profit_share.dumping_from", rule_unit::share, whole_share + 1, 100 * whole_share, "POW-7",
     "part of their usual amount from which on they are dumping, and cost the share"},
    {"profit_share.dumping_least", rule_unit::minor_units, 0, most_money, "POW-7",
     "amount from which on they are: small customers buy in lumps"},
    {"sanctions.least_severity", rule_unit::count, 0, gravest, "POW-2",
     "severity that a breach must have for each sanction, by the effect's code"},
    {"sanctions.recurrence_days", rule_unit::days, 0, longest_days, "POW-2",
     "days in which an earlier sanction adds a degree to a breach"},
    {"sanctions.penalty_notice_days", rule_unit::days, 0, longest_days, "POW-2",
     "days of notice before a penalty binds, where its row does not say"},
    {"sanctions.deterrent_notice_days", rule_unit::days, 0, longest_days, "POW-3",
     "days of notice before a deterrent binds, where its row does not say"},
    {"sanctions.warning_needs_notice", rule_unit::yes_no, 0, 1, "POW-2", "a written warning has notice too"},
    {"sanctions.grave_severity", rule_unit::count, 1, never_so_grave, "POW-2",
     "severity from which on a sanction binds at once; 6: never"},
    {"sanctions.appeal_days", rule_unit::days, 0, longest_days, "POW-2",
     "days in which a sanction may be appealed, where its row does not say; 0: no appeal"},
    {"sanctions.complies_after_days", rule_unit::days, 0, longest_days, "POW-14",
     "days without a breach after which a customer complies again"},
    {"sanctions.review_again_days", rule_unit::days, 1, longest_days, "POW-14",
     "days to the next look, after a review that found no compliance"},
    {"sanctions.keeps_ended_days", rule_unit::days, 0, longest_days, "POW-14",
     "days that an ended effect is remembered; at least recurrence_days"},
    {"supply.cool_down_days", rule_unit::days, 0, longest_days, "POW-3", "days between two uses of a deterrent"},
    {"supply.uses_a_year", rule_unit::count, 0, most_uses, "POW-3", "uses of deterrents in any 365 days, at most"},
    {"supply.least_severity", rule_unit::count, 1, gravest, "POW-3",
     "severity of the breach that takes supply down a rung"},
    {"supply.suspends_at_once", rule_unit::count, 1, never_so_grave, "POW-3",
     "severity from which on supply is suspended whatever the rung; 6: never"},
    {"supply.terminates_at_once", rule_unit::count, 1, never_so_grave, "POW-3",
     "severity from which on it is terminated; 6: never"},
    {"supply.complies_after_days", rule_unit::days, 0, longest_days, "POW-3",
     "days without a breach, and on its rung, before supply goes up one"},
};

}  // namespace patron::v1::policy::detail
