/// The list of the lifecycle's rules: their names, what they mean and what they may be, in one place.
#pragma once
#include <patron/customer/expert_file.hpp>
#include <patron/lifecycle/rules.hpp>

#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle::detail {

/// Visits every field of a rulebook with its name: the one list behind writing and reading.
template <class Rules, class Visit>
void each_rule(Rules& r, Visit&& visit) {
    visit("version", r.version);
    visit("promotion.promote_share", r.promotion.promote_share);
    visit("promotion.keep_share", r.promotion.keep_share);
    visit("promotion.window_months", r.promotion.window_months);
    visit("promotion.consecutive_reviews", r.promotion.consecutive_reviews);
    visit("promotion.least_dwell_days", r.promotion.least_dwell_days);
    visit("own_history.statement_valid_months", r.own_history.statement_valid_months);
    visit("own_history.least_purchase_days", r.own_history.least_purchase_days);
    visit("own_history.least_tenure_days", r.own_history.least_tenure_days);
    visit("own_history.gap_multiple", r.own_history.gap_multiple);
    visit("own_history.least_volume", r.own_history.least_volume);
    visit("coverage.executives", r.coverage.executives);
    visit("coverage.departments", r.coverage.departments);
    visit("coverage.executive_levels", r.coverage.executive_levels);
    visit("decline.confirms_initial", r.decline.confirms_initial);
    visit("decline.confirms_stable", r.decline.confirms_stable);
    visit("decline.confirms_strategic", r.decline.confirms_strategic);
    visit("decline.fades_over_days", r.decline.fades_over_days);
    visit("decline.least_purchase_days", r.decline.least_purchase_days);
    visit("decline.default_gap_days", r.decline.default_gap_days);
    visit("decline.least_gap_days", r.decline.least_gap_days);
    visit("decline.late_from_gaps", r.decline.late_from_gaps);
    visit("decline.per_missed_gap", r.decline.per_missed_gap);
    visit("decline.most_for_rhythm", r.decline.most_for_rhythm);
    visit("decline.late_chance", r.decline.late_chance);
    visit("decline.late_weight", r.decline.late_weight);
    visit("decline.per_tenfold", r.decline.per_tenfold);
    visit("decline.trend_chance", r.decline.trend_chance);
    visit("decline.falling_amounts", r.decline.falling_amounts);
    visit("decline.narrowing_range", r.decline.narrowing_range);
    visit("decline.slowing_payment", r.decline.slowing_payment);
    visit("decline.least_history_months", r.decline.least_history_months);
    visit("decline.volume_falls_below", r.decline.volume_falls_below);
    visit("decline.falling_volume", r.decline.falling_volume);
    visit("decline.volume_collapses_below", r.decline.volume_collapses_below);
    visit("decline.collapsed_volume", r.decline.collapsed_volume);
    visit("decline.per_review_below_share", r.decline.per_review_below_share);
    visit("decline.most_for_share", r.decline.most_for_share);
    visit("decline.complaint_limit_days", r.decline.complaint_limit_days);
    visit("decline.per_complaint_severity", r.decline.per_complaint_severity);
    visit("decline.lost_contact", r.decline.lost_contact);
    visit("decline.lost_last_contact", r.decline.lost_last_contact);
    visit("decline.competitor_at_full_strength", r.decline.competitor_at_full_strength);
    visit("decline.competitor_strength_unknown", r.decline.competitor_strength_unknown);
    visit("decline.per_breach_severity", r.decline.per_breach_severity);
    visit("decline.overdue_days", r.decline.overdue_days);
    visit("decline.long_overdue_days", r.decline.long_overdue_days);
    visit("decline.overdue_item", r.decline.overdue_item);
    visit("decline.long_overdue_item", r.decline.long_overdue_item);
    visit("decline.share_of_strain", r.decline.share_of_strain);
    visit("decline.strain_fades_over_days", r.decline.strain_fades_over_days);
    visit("decline.most_for_strain", r.decline.most_for_strain);
    visit("recovery.evidence_at_most", r.recovery.evidence_at_most);
    visit("recovery.orders_within_gaps", r.recovery.orders_within_gaps);
    visit("ending.silent_days", r.ending.silent_days);
    visit("ending.silent_gaps", r.ending.silent_gaps);
    visit("expert.window_months", r.expert.window_months);
    visit("expert.trusted_from_taken", r.expert.trusted_from_taken);
    visit("expert.trusted_from_share", r.expert.trusted_from_share);
    visit("expert.relied_on_from_orders", r.expert.relied_on_from_orders);
}

/// How a rule's number is written in a file.
enum class rule_unit : std::uint8_t {
    text,
    words,
    share,   ///< basis points, written "50 %"
    weight,  ///< thousandths, written "1.5"
    months,
    days,
    count,
    minor_units,  ///< of the customer's credit currency
    yes_no,
    choice,  ///< one word of a closed list
};

/// What a rule means, and what it may be. Both bounds are included, in the unit that the structure keeps.
struct rule_note {
    std::string_view name;
    rule_unit unit;
    std::int64_t least;
    std::int64_t most;
    std::string_view id;
    std::string_view meaning;
};

inline constexpr std::int32_t whole = 10'000;        ///< 100 %
inline constexpr std::int32_t heaviest = 1'000'000;  ///< a weight of 1 000
inline constexpr std::int32_t longest_days = 36'500;
inline constexpr std::int32_t most_counted = 1'000;

// one row for each field of each_rule, in its order; a test compares the two
inline constexpr rule_note rule_notes[] = {
    {"version", rule_unit::text, 1, 64, "ENG-9", "named in every decision"},
    {"promotion.promote_share", rule_unit::share, 1, whole, "REL-2", "share of wallet that wins a stage, at or above"},
    {"promotion.keep_share", rule_unit::share, 0, whole, "REL-2",
     "share of wallet that counts against a stage, below; at most promote_share"},
    {"promotion.window_months", rule_unit::months, 1, 6, "REL-2", "trailing window that a share is taken over"},
    {"promotion.consecutive_reviews", rule_unit::count, 1, 120, "REL-2", "reviews in a row that must say so"},
    {"promotion.least_dwell_days", rule_unit::days, 0, longest_days, "REL-2",
     "days in the present stage before it is promoted"},
    {"own_history.statement_valid_months", rule_unit::months, 0, 120, "REL-3",
     "age up to which a wallet statement serves as an estimate"},
    {"own_history.least_purchase_days", rule_unit::count, 1, most_counted, "REL-3",
     "days with an order that make a history to judge by"},
    {"own_history.least_tenure_days", rule_unit::days, 0, longest_days, "REL-3",
     "days since the first order that make a history to judge by"},
    {"own_history.gap_multiple", rule_unit::count, 1, 100, "REL-3",
     "usual gaps within which the latest order must lie"},
    {"own_history.least_volume", rule_unit::share, 0, 20 * whole, "REL-3",
     "volume of the window against the average before it, at least"},
    {"coverage.executives", rule_unit::count, 0, most_counted, "ARC-3",
     "ties at an executive level that a strategic partnership takes"},
    {"coverage.departments", rule_unit::count, 0, most_counted, "ARC-3",
     "departments with a contact that a strategic partnership takes"},
    {"coverage.executive_levels", rule_unit::words, 0, 64, "ARC-3", "levels of contacts that count as executive"},
    {"decline.confirms_initial", rule_unit::weight, 1, heaviest, "REL-4",
     "evidence that confirms the decline of an initial cooperation"},
    {"decline.confirms_stable", rule_unit::weight, 1, heaviest, "REL-4",
     "evidence that confirms the decline of a stable cooperation"},
    {"decline.confirms_strategic", rule_unit::weight, 1, heaviest, "REL-4",
     "evidence that confirms the decline of a strategic partnership"},
    {"decline.fades_over_days", rule_unit::days, 1, longest_days, "REL-4",
     "days over which an observation's weight falls evenly to nothing"},
    {"decline.least_purchase_days", rule_unit::count, 2, most_counted, "REL-4",
     "days with an order that give a rhythm of one's own"},
    {"decline.default_gap_days", rule_unit::days, 1, longest_days, "REL-4",
     "usual gap of a customer that has no rhythm yet"},
    {"decline.least_gap_days", rule_unit::days, 1, longest_days, "REL-4", "a shorter usual gap is taken as this"},
    {"decline.late_from_gaps", rule_unit::count, 1, 100, "REL-4", "usual gaps from which on an order is missed"},
    {"decline.per_missed_gap", rule_unit::weight, 0, heaviest, "REL-4", "weight of each usual gap missed"},
    {"decline.most_for_rhythm", rule_unit::weight, 0, heaviest, "REL-4", "most that missed orders weigh"},
    {"decline.late_chance", rule_unit::share, 1, whole, "RET-4",
     "silences that a customer of this rhythm has no rarer than this weigh nothing"},
    {"decline.late_weight", rule_unit::weight, 0, heaviest, "RET-4", "the most that a silence as rare as that weighs"},
    {"decline.per_tenfold", rule_unit::weight, 0, heaviest, "RET-4",
     "how much more it may weigh for each tenth of that chance"},
    {"decline.trend_chance", rule_unit::share, 1, whole, "RET-4",
     "amounts and ranges fall, and payment slows, when steady customers show the like no more often"},
    {"decline.falling_amounts", rule_unit::weight, 0, heaviest, "RET-4", "weight of orders that become smaller"},
    {"decline.narrowing_range", rule_unit::weight, 0, heaviest, "RET-4", "weight of orders of fewer lines"},
    {"decline.slowing_payment", rule_unit::weight, 0, heaviest, "RET-4", "weight of payment that becomes slower"},
    {"decline.least_history_months", rule_unit::months, 1, 12, "REL-4",
     "months before the window that give an average to fall from"},
    {"decline.volume_falls_below", rule_unit::share, 0, whole, "REL-4",
     "part of the average below which a volume is falling"},
    {"decline.falling_volume", rule_unit::weight, 0, heaviest, "REL-4", "weight of a falling volume"},
    {"decline.volume_collapses_below", rule_unit::share, 0, whole, "REL-4",
     "part of the average below which a volume has collapsed; below volume_falls_below"},
    {"decline.collapsed_volume", rule_unit::weight, 0, heaviest, "REL-4", "weight of a collapsed volume"},
    {"decline.per_review_below_share", rule_unit::weight, 0, heaviest, "REL-4",
     "weight of each review in a row below keep_share"},
    {"decline.most_for_share", rule_unit::weight, 0, heaviest, "REL-4", "most that a falling share weighs"},
    {"decline.complaint_limit_days", rule_unit::days, 0, longest_days, "RET-3",
     "days that a complaint may be open, by its severity 1 to 5"},
    {"decline.per_complaint_severity", rule_unit::weight, 0, heaviest, "REL-4",
     "weight of an overdue complaint for each degree of severity"},
    {"decline.lost_contact", rule_unit::weight, 0, heaviest, "REL-4", "weight of a contact that has left"},
    {"decline.lost_last_contact", rule_unit::weight, 0, heaviest, "REL-4", "weight when no other contact remains"},
    {"decline.competitor_at_full_strength", rule_unit::weight, 0, heaviest, "REL-4",
     "weight of a competitor seen at strength 1"},
    {"decline.competitor_strength_unknown", rule_unit::weight, 0, 1'000, "REL-4",
     "strength, 0 to 1, of a competitor seen without one"},
    {"decline.per_breach_severity", rule_unit::weight, 0, heaviest, "REL-4",
     "weight of a breach for each degree of severity"},
    {"decline.overdue_days", rule_unit::days, 1, longest_days, "REL-4",
     "days past due from which on an item is a sign"},
    {"decline.long_overdue_days", rule_unit::days, 1, longest_days, "REL-4",
     "days past due from which on it is a grave one; more than overdue_days"},
    {"decline.overdue_item", rule_unit::weight, 0, heaviest, "REL-4", "weight of an overdue item"},
    {"decline.long_overdue_item", rule_unit::weight, 0, heaviest, "REL-4", "weight of a long overdue item"},
    {"decline.share_of_strain", rule_unit::share, 0, whole, "POW-3",
     "part of the strain of our sanctions that weighs as evidence"},
    {"decline.strain_fades_over_days", rule_unit::days, 1, longest_days, "POW-3",
     "days over which the strain of a sanction fades to nothing"},
    {"decline.most_for_strain", rule_unit::weight, 0, heaviest, "POW-3", "most that strain weighs"},
    {"recovery.evidence_at_most", rule_unit::share, 0, whole, "REL-5",
     "part of what confirmed the decline that may be left; below 100 %"},
    {"recovery.orders_within_gaps", rule_unit::count, 1, 100, "REL-5",
     "usual gaps within which the latest order must lie"},
    {"ending.silent_days", rule_unit::days, 1, longest_days, "REL-6", "days without an order that are a break"},
    {"ending.silent_gaps", rule_unit::count, 1, 1'000, "REL-6",
     "and usual gaps without an order; both must have passed"},
    {"expert.window_months", rule_unit::months, 1, expert_file::months_kept, "POW-11",
     "months over which advice and orders left to us count"},
    {"expert.trusted_from_taken", rule_unit::count, 1, most_counted, "POW-11", "advice taken that makes us trusted"},
    {"expert.trusted_from_share", rule_unit::share, 0, whole, "POW-11", "advice taken of advice given, at least"},
    {"expert.relied_on_from_orders", rule_unit::count, 1, most_counted, "POW-11",
     "orders left to us, beside that, that make us relied on"},
};

/// Nothing when there is no such rule.
inline constexpr rule_note const* note_of(std::string_view name) noexcept {
    for (auto const& note : rule_notes) {
        if (note.name == name) return &note;
    }
    return nullptr;
}

}  // namespace patron::v1::lifecycle::detail
