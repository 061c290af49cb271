#pragma once
#include <patron/lifecycle/rules_text.hpp>

#include <charconv>
#include <cstdint>
#include <type_traits>

namespace patron::inline v1::lifecycle {

namespace detail {

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
    visit("recovery.evidence_at_most", r.recovery.evidence_at_most);
    visit("recovery.orders_within_gaps", r.recovery.orders_within_gaps);
    visit("ending.silent_days", r.ending.silent_days);
    visit("ending.silent_gaps", r.ending.silent_gaps);
}

inline std::string rule_text(std::string const& s) { return s; }
inline std::string rule_text(basis_points b) { return std::to_string(b.count()); }
inline std::string rule_text(std::int32_t n) { return std::to_string(n); }
template <class List>
std::string rule_text(List const& list) {
    std::string text;
    for (auto const& one : list) text += (text.empty() ? "" : " ") + rule_text(one);
    return text;
}

inline bool read_rule(std::string& into, std::string_view text) {
    into = text;
    return true;
}
inline bool read_rule(std::int32_t& into, std::string_view text) {
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc{} && end == text.data() + text.size();
}
inline bool read_rule(basis_points& into, std::string_view text) {
    std::int32_t count = 0;
    if (!read_rule(count, text)) return false;
    into = basis_points{count};
    return true;
}
inline std::string_view next_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}
inline bool read_rule(std::vector<std::string>& into, std::string_view text) {
    into.clear();
    for (auto word = next_word(text); !word.empty(); word = next_word(text)) into.emplace_back(word);
    return true;
}
template <std::size_t N>
bool read_rule(std::array<int, N>& into, std::string_view text) {
    for (auto& one : into) {
        if (!read_rule(one, next_word(text))) return false;
    }
    return next_word(text).empty();
}

}  // namespace detail

PATRON_FN std::string to_text(lifecycle_rules const& rules) {
    std::string text;
    detail::each_rule(rules, [&](std::string_view name, auto const& value) {
        text.append(name).append(" = ").append(detail::rule_text(value)).append(1, '\n');
    });
    return text;
}

PATRON_FN result<lifecycle_rules> parse_rules(std::string_view text) {
    lifecycle_rules rules;
    std::uint64_t number = 0;
    while (!text.empty()) {
        ++number;
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.find_first_not_of(" \r") == std::string_view::npos || line.front() == '#') continue;
        auto const equals = line.find(" = ");
        if (equals == std::string_view::npos) {
            return error{.code = errc::malformed,
                         .saw = std::string{line.substr(0, 80)},
                         .remedy = "give lines of the form \"promotion.window_months = 3\"",
                         .line = number};
        }
        auto const name = line.substr(0, equals);
        bool known = false;
        bool sound = false;
        detail::each_rule(rules, [&](std::string_view field, auto& value) {
            if (field != name) return;
            known = true;
            sound = detail::read_rule(value, line.substr(equals + 3));
        });
        if (!known) {
            return error{.code = errc::unknown_field,
                         .field = std::string{name.substr(0, 80)},
                         .remedy = "a rulebook of this release has no such number",
                         .line = number};
        }
        if (!sound) {
            return error{.code = errc::out_of_range,
                         .field = std::string{name},
                         .saw = std::string{line.substr(equals + 3, 80)},
                         .remedy = "give a whole number, or as many as the field takes",
                         .line = number};
        }
    }
    return rules;
}

}  // namespace patron::v1::lifecycle
