#pragma once
#include <patron/policy/effect.hpp>

namespace patron::inline v1::policy {

PATRON_FN effect_faults validate(effect const& e) noexcept {
    using enum effect_fault;
    effect_faults out;
    auto const& takes = traits_of(e.code);
    auto const sanction = is_sanction(e.code);
    auto const note = [&out](bool is_wrong, effect_fault f) {
        if (is_wrong) out.push_back(f);
    };
    note(e.rule.empty(), rule_missing);
    note(e.why.empty(), reason_missing);
    note(e.since == no_day, since_missing);
    note(takes.takes_amount && !e.amount, amount_missing);
    note(e.amount && *e.amount <= 0, amount_not_positive);
    note(takes.takes_target && e.target.empty(), target_missing);
    note(!sanction && e.deadline == no_day, deadline_missing);
    note(e.deadline != no_day && e.deadline < e.since, deadline_before_start);
    note(e.until != no_day && (e.until < e.since || (e.deadline != no_day && e.until < e.deadline)),
         until_before_start);
    note(sanction ? e.severity < 1 || e.severity > 5 : e.severity != 0, severity_out_of_range);
    if (!sanction) return out;
    auto const& back = e.way_back;
    auto const permanent = back.ends_when == way_back_kind::permanent;
    note(back.ends_when == way_back_kind::unstated, way_back_missing);
    note(!permanent && back.review_on == no_day, review_missing);
    note(back.review_on != no_day && back.review_on <= e.since, review_before_start);
    note(back.ends_when == way_back_kind::named_person && back.person.empty(), person_missing);
    note(back.ends_when == way_back_kind::date && e.until == no_day, end_missing);
    note(permanent && e.until != no_day, end_of_the_permanent);
    return out;
}

PATRON_FN kept_effect to_keep(effect const& e) {
    kept_effect k;
    k.code = e.code;
    k.severity = e.severity;
    k.ends_when = e.way_back.ends_when;
    k.amount = e.amount;
    k.since = e.since;
    k.deadline = e.deadline;
    k.until = e.until;
    k.review_on = e.way_back.review_on;
    k.rule = e.rule;
    k.target = e.target;
    k.person = e.way_back.person;
    return k;
}

}  // namespace patron::v1::policy
