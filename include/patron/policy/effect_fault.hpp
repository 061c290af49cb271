/// What a proposal can lack, in words.
#pragma once
#include <patron/base/text.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace patron::inline v1::policy {

/// What can be wrong with a proposal.
enum class effect_fault : std::uint8_t {
    rule_missing,
    reason_missing,  ///< nothing says why (BASE-4)
    since_missing,
    amount_missing,
    amount_not_positive,
    target_missing,
    deadline_missing,
    deadline_before_start,
    until_before_start,     ///< or before the deadline of a reward
    severity_out_of_range,  ///< a sanction has 1 … 5, a reward 0
    way_back_missing,       ///< POW-14
    review_missing,
    review_before_start,
    person_missing,
    end_missing,           ///< it ends by date, and has no last day
    end_of_the_permanent,  ///< permanent, and yet with a last day
};

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

[[nodiscard]] constexpr std::string_view name_of(effect_fault f) noexcept {
    return detail::fault_table[static_cast<std::size_t>(f)].name;
}
/// The fault for people: what would mend it.
[[nodiscard]] constexpr text label_of(effect_fault f) noexcept {
    return detail::fault_table[static_cast<std::size_t>(f)].label;
}
/// The fault of that name, or nothing.
[[nodiscard]] constexpr std::optional<effect_fault> effect_fault_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i < std::size(detail::fault_table); ++i) {
        if (detail::fault_table[i].name == name) return static_cast<effect_fault>(i);
    }
    return std::nullopt;
}

}  // namespace patron::v1::policy
