// Which numbers does the lifecycle use when nobody says otherwise? Printed from the structure that it reads.
#include <patron/lifecycle/rules.hpp>

#include <iomanip>
#include <iostream>
#include <string>

using namespace patron;

namespace {

void heading(std::string_view text) { std::cout << text << '\n'; }

void line(std::string_view name, std::string const& value) {
    std::cout << "  " << std::left << std::setw(38) << name << value << '\n';
}
void share(std::string_view name, basis_points value) { line(name, std::to_string(value.count() / 100) + " %"); }
void number(std::string_view name, int value, std::string_view unit) {
    line(name, std::to_string(value) + (unit.empty() ? "" : " ") + std::string{unit});
}
void weight(std::string_view name, std::int32_t thousandths) {
    auto digits = std::to_string(thousandths % 1'000 + 1'000).substr(1);
    while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
    line(name, std::to_string(thousandths / 1'000) + '.' + digits);
}

}  // namespace

int main() {
    lifecycle::lifecycle_rules const rules;
    auto const& p = rules.promotion;
    heading("promotion (REL-2)");
    share("promote_share", p.promote_share);
    share("keep_share", p.keep_share);
    number("window_months", p.window_months, "months");
    number("consecutive_reviews", p.consecutive_reviews, "reviews");
    number("least_dwell_days", p.least_dwell_days, "days");

    auto const& o = rules.own_history;
    heading("own_history (REL-3)");
    number("statement_valid_months", o.statement_valid_months, "months");
    number("least_purchase_days", o.least_purchase_days, "days with an order");
    number("least_tenure_days", o.least_tenure_days, "days");
    number("gap_multiple", o.gap_multiple, "usual gaps");
    share("least_volume", o.least_volume);

    auto const& c = rules.coverage;
    heading("coverage (strategic partnership)");
    number("executives", c.executives, "at an executive level");
    number("departments", c.departments, "departments");
    std::string levels;
    for (auto const& level : c.executive_levels) levels += (levels.empty() ? "" : " ") + level;
    line("executive_levels", levels);

    auto const& d = rules.decline;
    heading("decline (REL-4); weights");
    weight("confirms_initial", d.confirms_initial);
    weight("confirms_stable", d.confirms_stable);
    weight("confirms_strategic", d.confirms_strategic);
    number("fades_over_days", d.fades_over_days, "days");
    number("least_purchase_days", d.least_purchase_days, "days with an order");
    number("default_gap_days", d.default_gap_days, "days");
    number("least_gap_days", d.least_gap_days, "days");
    number("late_from_gaps", d.late_from_gaps, "usual gaps");
    weight("per_missed_gap", d.per_missed_gap);
    weight("most_for_rhythm", d.most_for_rhythm);
    number("least_history_months", d.least_history_months, "months");
    share("volume_falls_below", d.volume_falls_below);
    weight("falling_volume", d.falling_volume);
    share("volume_collapses_below", d.volume_collapses_below);
    weight("collapsed_volume", d.collapsed_volume);
    weight("per_review_below_share", d.per_review_below_share);
    weight("most_for_share", d.most_for_share);
    std::string limits;
    for (auto const days : d.complaint_limit_days) limits += (limits.empty() ? "" : ", ") + std::to_string(days);
    line("complaint_limit_days, severity 1 to 5", limits);
    weight("per_complaint_severity", d.per_complaint_severity);
    weight("lost_contact", d.lost_contact);
    weight("lost_last_contact", d.lost_last_contact);
    weight("competitor_at_full_strength", d.competitor_at_full_strength);
    weight("competitor_strength_unknown", d.competitor_strength_unknown);
    weight("per_breach_severity", d.per_breach_severity);
    number("overdue_days", d.overdue_days, "days past due");
    number("long_overdue_days", d.long_overdue_days, "days past due");
    weight("overdue_item", d.overdue_item);
    weight("long_overdue_item", d.long_overdue_item);

    heading("recovery (REL-5)");
    share("evidence_at_most", rules.recovery.evidence_at_most);
    number("orders_within_gaps", rules.recovery.orders_within_gaps, "usual gaps");

    heading("ending (REL-6)");
    number("silent_days", rules.ending.silent_days, "days");
    number("silent_gaps", rules.ending.silent_gaps, "usual gaps");
}
