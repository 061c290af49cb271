#pragma once
#include <patron/lifecycle/standing.hpp>
#include <patron/machine/step.hpp>

#include <utility>

namespace patron::inline v1::lifecycle {

namespace standing_detail {

struct input {
    std::string_view name;
    int standing_inputs::* saw;
    std::optional<int> standing_threshold::* threshold;
};
inline constexpr input inputs[] = {
    {"days_past_due", &standing_inputs::days_past_due, &standing_threshold::days_past_due},
    {"dunning_level", &standing_inputs::dunning_level, &standing_threshold::dunning_level},
    {"penalty_severity", &standing_inputs::penalty_severity, &standing_threshold::penalty_severity},
};

inline bool reaches(standing_inputs const& seen, standing_threshold const& enter) noexcept {
    for (auto const& i : inputs) {
        auto const& threshold = enter.*i.threshold;
        if (threshold && seen.*i.saw >= *threshold) return true;
    }
    return false;
}
inline bool lies_above(standing_inputs const& seen, standing_threshold const& leave) noexcept {
    for (auto const& i : inputs) {
        auto const& threshold = leave.*i.threshold;
        if (threshold && seen.*i.saw > *threshold) return true;
    }
    return false;
}

}  // namespace standing_detail

PATRON_FN result<void> check(standing_rules const& rules) {
    auto const refuse = [](std::string const& side, std::size_t at, std::string_view input, std::string saw,
                           std::string remedy) {
        return error{.code = errc::out_of_range,
                     .field = side + '[' + std::to_string(at) + "]." + std::string{input},
                     .saw = std::move(saw),
                     .remedy = std::move(remedy)};
    };
    for (auto const& i : standing_detail::inputs) {
        std::optional<int> enter_before;
        std::optional<int> leave_before;
        for (std::size_t at = 0; at < rules.enter.size(); ++at) {
            auto const& enter = rules.enter[at].*i.threshold;
            auto const& leave = rules.leave[at].*i.threshold;
            if (enter.has_value() != leave.has_value()) {
                return refuse(enter ? "leave" : "enter", at, i.name, "none", "give both thresholds, or neither");
            }
            if (!enter) continue;
            if (*leave < 0) return refuse("leave", at, i.name, std::to_string(*leave), "give a number from zero on");
            if (*leave >= *enter) {
                return refuse("leave", at, i.name, std::to_string(*leave),
                              "leave below " + std::to_string(*enter) + ", where it is entered");
            }
            if (enter_before && *enter < *enter_before) {
                return refuse("enter", at, i.name, std::to_string(*enter), "a worse standing takes no less");
            }
            if (leave_before && *leave < *leave_before) {
                return refuse("leave", at, i.name, std::to_string(*leave), "a worse standing is left no later");
            }
            enter_before = enter;
            leave_before = leave;
        }
    }
    return {};
}

PATRON_FN standing_assessment assess_standing(standing now, standing_inputs const& inputs,
                                              standing_rules const& rules) noexcept {
    using guard = credit_standing::guard;
    constexpr guard earns[] = {guard::earns_watch, guard::earns_reduced, guard::earns_cash_only, guard::earns_blocked};
    constexpr guard keeps[] = {guard::keeps_watch, guard::keeps_reduced, guard::keeps_cash_only, guard::keeps_blocked};
    machine::guard_set<credit_standing> guards;
    for (std::size_t i = 0; i < rules.enter.size(); ++i) {
        auto const ordered = static_cast<std::size_t>(inputs.at_least) >= i + 1;
        guards.set(earns[i], ordered || standing_detail::reaches(inputs, rules.enter[i]));
        guards.set(keeps[i], ordered || standing_detail::lies_above(inputs, rules.leave[i]));
    }
    standing_assessment out{.from = now, .to = now};
    machine::step<credit_standing>(out.to, credit_standing::event::assessed, guards);
    if (out.to == standing::good) return out;

    auto const at = static_cast<std::size_t>(out.to) - 1;
    if (inputs.at_least >= out.to) out.causes.push_back({.input = "ordered", .speaks_for = out.to, .is_entry = true});
    for (auto const& i : standing_detail::inputs) {
        auto const saw = inputs.*i.saw;
        auto const& enter = rules.enter[at].*i.threshold;
        auto const& leave = rules.leave[at].*i.threshold;
        if (enter && saw >= *enter) out.causes.push_back({i.name, out.to, true, saw, *enter});
        else if (leave && saw > *leave) out.causes.push_back({i.name, out.to, false, saw, *leave});
    }
    return out;
}

PATRON_FN std::string sentence(standing_cause const& cause, language l) {
    auto const zh = l == language::zh;
    if (cause.input == "ordered") return zh ? "处罚或人工指定" : "ordered by a penalty or a person";
    std::string out;
    if (cause.input == "days_past_due") out = zh ? "最早欠款逾期天数" : "days past due of the oldest item";
    else if (cause.input == "dunning_level") out = zh ? "催款级别" : "dunning level";
    else out = zh ? "生效处罚的严重度合计" : "severity of the penalties in force";
    out += (zh ? "为 " : ": ") + std::to_string(cause.saw);
    auto const threshold = std::to_string(cause.threshold);
    if (cause.is_entry) return out + (zh ? "，达到 " + threshold : ", at least " + threshold);
    return out + (zh ? "，降至 " + threshold + " 才解除" : ", left at " + threshold);
}

}  // namespace patron::v1::lifecycle
