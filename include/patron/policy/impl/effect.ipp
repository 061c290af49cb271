#pragma once
#include <patron/policy/effect.hpp>

namespace patron::inline v1::policy {

namespace detail {

struct fault_words {
    std::string_view name;
    text label;
};
inline constexpr fault_words fault_table[] = {
    {"rule_missing", {"name the rule that gives it", "缺少规则代码"}},
    {"reason_missing", {"give at least one reason", "缺少理由"}},
    {"since_missing", {"state the day that it is given", "缺少起始日"}},
    {"amount_missing", {"state its amount", "缺少金额"}},
    {"amount_not_positive", {"its amount is above zero", "金额必须大于零"}},
    {"target_missing", {"state the tier or territory that it is about", "缺少等级或区域"}},
    {"deadline_missing", {"state the day by which it is fulfilled", "缺少兑现期限"}},
    {"deadline_before_start", {"its deadline is not before the day that it is given", "兑现期限早于起始日"}},
    {"until_before_start",
     {"its last day is not before its first, nor before its deadline", "截止日早于起始日或兑现期限"}},
    {"severity_out_of_range",
     {"the severity of a sanction is 1 to 5, that of a reward 0", "严重程度应为 1 至 5（奖励为 0）"}},
    {"way_back_missing", {"state how it ends, or that it is permanent", "未说明如何解除"}},
    {"review_missing", {"state the day on which it is looked at again", "缺少复审日"}},
    {"review_before_start", {"its review is after the day that it is imposed", "复审日应晚于起始日"}},
    {"person_missing", {"name the person who may lift it", "缺少有权解除的人员"}},
    {"end_missing", {"state its last day", "缺少截止日"}},
    {"end_of_the_permanent", {"what is permanent has no last day", "永久措施不得有截止日"}},
};

}  // namespace detail

PATRON_FN std::string_view name_of(effect_fault f) noexcept {
    return detail::fault_table[static_cast<std::size_t>(f)].name;
}
PATRON_FN text label_of(effect_fault f) noexcept { return detail::fault_table[static_cast<std::size_t>(f)].label; }

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
