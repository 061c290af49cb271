/// What a supplier can grant, withhold or threaten: the closed list of effects, and what each of them takes.
#pragma once
#include <patron/base/text.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::inline v1 {

/// Which of the three powers an effect is a use of.
enum class effect_family : std::uint8_t {
    reward,     ///< POW-1
    penalty,    ///< POW-2
    deterrent,  ///< POW-3, the last resort
};

/// Every effect there is (POW-1 to POW-3). Values are stable.
///
/// None of them touches the supply price: it is the same for every distributor (POW-6), and a policy has no word with
/// which to lower it.
enum class effect_code : std::uint8_t {
    credit_increase,
    staff_support,
    promotion_support,
    special_award,
    year_end_rebate,
    profit_share,
    training,
    vehicles,
    tier,
    exclusivity,
    written_warning,
    credit_cut,
    cash_only,
    staff_withdrawn,
    promotion_withdrawn,
    deposit_forfeited,
    year_end_award_cancelled,
    tier_loss,
    add_distributor,
    suspend_supply,
    terminate,
};

inline constexpr std::size_t effect_count = 21;

/// What an effect of a code takes to be complete, as data.
struct effect_traits {
    effect_code code{};
    effect_family family{};
    std::string_view name;  ///< the stable code
    text label;
    text inverse;               ///< what undoes it; of a reward, its reversal
    bool takes_amount = false;  ///< an amount above zero must be stated; the others may have one
    bool takes_target = false;  ///< which tier or territory must be stated
    bool is_spent = false;      ///< its amount is money spent on the customer and counts in a budget
    bool is_once = false;       ///< done with when it takes effect: nothing remains in force
};

namespace detail {
inline constexpr std::array<effect_traits, effect_count> effect_table = [] {
    using enum effect_code;
    using enum effect_family;
    return std::array<effect_traits, effect_count>{{
        {.code = credit_increase,
         .family = reward,
         .name = "credit_increase",
         .label = {"credit increase", "提高信用额度"},
         .inverse = {"the limit goes back", "恢复原信用额度"},
         .takes_amount = true},
        {.code = staff_support,
         .family = reward,
         .name = "staff_support",
         .label = {"staff support", "人员支持"},
         .inverse = {"the staff are called back", "撤回人员"},
         .takes_amount = true,
         .is_spent = true},
        {.code = promotion_support,
         .family = reward,
         .name = "promotion_support",
         .label = {"promotion support", "促销支持"},
         .inverse = {"the support is taken back", "收回促销支持"},
         .takes_amount = true,
         .is_spent = true,
         .is_once = true},
        {.code = special_award,
         .family = reward,
         .name = "special_award",
         .label = {"special award", "专项奖励"},
         .inverse = {"the award is reclaimed", "追回奖励"},
         .takes_amount = true,
         .is_spent = true,
         .is_once = true},
        {.code = year_end_rebate,
         .family = reward,
         .name = "year_end_rebate",
         .label = {"year-end rebate", "年终返利"},
         .inverse = {"the rebate is clawed back", "追回年终返利"},
         .takes_amount = true,
         .is_spent = true,
         .is_once = true},
        {.code = profit_share,
         .family = reward,
         .name = "profit_share",
         .label = {"year-end profit share", "年终利润分享"},
         .inverse = {"the share is cancelled", "取消利润分享"},
         .takes_amount = true,
         .is_spent = true,
         .is_once = true},
        {.code = training,
         .family = reward,
         .name = "training",
         .label = {"training", "培训"},
         .inverse = {"the training is called off", "取消培训"},
         .is_spent = true,
         .is_once = true},
        {.code = vehicles,
         .family = reward,
         .name = "vehicles",
         .label = {"vehicles", "车辆支持"},
         .inverse = {"the vehicles are returned", "收回车辆"},
         .is_spent = true},
        {.code = tier,
         .family = reward,
         .name = "tier",
         .label = {"higher tier", "等级晋升"},
         .inverse = {"the tier goes back", "恢复原等级"},
         .takes_target = true},
        {.code = exclusivity,
         .family = reward,
         .name = "exclusivity",
         .label = {"exclusivity", "独家经销权"},
         .inverse = {"the territory is open again", "取消独家"},
         .takes_target = true},
        {.code = written_warning,
         .family = penalty,
         .name = "written_warning",
         .label = {"written warning", "书面警告"},
         .inverse = {"the warning is struck off", "撤销警告"}},
        {.code = credit_cut,
         .family = penalty,
         .name = "credit_cut",
         .label = {"credit cut", "降低信用额度"},
         .inverse = {"the limit is restored", "恢复信用额度"},
         .takes_amount = true},
        {.code = cash_only,
         .family = penalty,
         .name = "cash_only",
         .label = {"cash only", "现款现货"},
         .inverse = {"the payment terms are restored", "恢复账期"}},
        {.code = staff_withdrawn,
         .family = penalty,
         .name = "staff_withdrawn",
         .label = {"staff withdrawn", "撤回人员支持"},
         .inverse = {"the staff come back", "恢复人员支持"}},
        {.code = promotion_withdrawn,
         .family = penalty,
         .name = "promotion_withdrawn",
         .label = {"promotion withdrawn", "取消促销支持"},
         .inverse = {"promotion is supported again", "恢复促销支持"}},
        {.code = deposit_forfeited,
         .family = penalty,
         .name = "deposit_forfeited",
         .label = {"deposit forfeited", "没收保证金"},
         .inverse = {"the deposit is credited again", "退还被没收的保证金"},
         .takes_amount = true,
         .is_once = true},
        {.code = year_end_award_cancelled,
         .family = penalty,
         .name = "year_end_award_cancelled",
         .label = {"year-end award cancelled", "取消年终奖励"},
         .inverse = {"the year-end award is restored", "恢复年终奖励"}},
        {.code = tier_loss,
         .family = penalty,
         .name = "tier_loss",
         .label = {"tier loss", "降级"},
         .inverse = {"the tier is restored", "恢复等级"}},
        {.code = add_distributor,
         .family = deterrent,
         .name = "add_distributor",
         .label = {"a distributor is added", "增设经销商"},
         .inverse = {"no further distributor is added", "不再增设经销商"},
         .takes_target = true},
        {.code = suspend_supply,
         .family = deterrent,
         .name = "suspend_supply",
         .label = {"supply suspended", "暂停供货"},
         .inverse = {"supply is taken up again", "恢复供货"}},
        {.code = terminate,
         .family = deterrent,
         .name = "terminate",
         .label = {"terminated", "终止合作"},
         .inverse = {"the customer is admitted again", "重新合作"}},
    }};
}();
static_assert([] {
    for (std::size_t i = 0; i < effect_count; ++i) {
        if (static_cast<std::size_t>(effect_table[i].code) != i || effect_table[i].name.empty()) return false;
    }
    return true;
}());
}  // namespace detail

/// All there is to know of a code. Constant time.
[[nodiscard]] constexpr effect_traits const& traits_of(effect_code c) noexcept {
    return detail::effect_table[static_cast<std::size_t>(c)];
}
/// The stable code, e.g. "promotion_support".
[[nodiscard]] constexpr std::string_view name_of(effect_code c) noexcept { return traits_of(c).name; }
/// The label for people.
[[nodiscard]] constexpr text label_of(effect_code c) noexcept { return traits_of(c).label; }
[[nodiscard]] constexpr effect_family family_of(effect_code c) noexcept { return traits_of(c).family; }
/// A penalty or a deterrent: it carries a way back (POW-14).
[[nodiscard]] constexpr bool is_sanction(effect_code c) noexcept { return family_of(c) != effect_family::reward; }

[[nodiscard]] constexpr std::string_view name_of(effect_family f) noexcept {
    constexpr std::string_view names[] = {"reward", "penalty", "deterrent"};
    return names[static_cast<std::size_t>(f)];
}
[[nodiscard]] constexpr text label_of(effect_family f) noexcept {
    constexpr text labels[] = {{"reward", "奖励"}, {"penalty", "处罚"}, {"deterrent", "威慑"}};
    return labels[static_cast<std::size_t>(f)];
}

/// The effect of that name, or nothing. Linear in the number of effects.
[[nodiscard]] constexpr std::optional<effect_code> effect_code_of(std::string_view name) noexcept {
    for (auto const& t : detail::effect_table) {
        if (t.name == name) return t.code;
    }
    return std::nullopt;
}

/// How a sanction ends (POW-14). Values are stable.
enum class way_back_kind : std::uint8_t {
    unstated,      ///< refused: it would last for ever by oversight
    compliance,    ///< lifted by itself when the customer complies again
    date,          ///< runs out after its last day
    named_person,  ///< lifted by the person named
    permanent,     ///< for good, and said so
};

[[nodiscard]] constexpr std::string_view name_of(way_back_kind k) noexcept {
    constexpr std::string_view names[] = {"unstated", "compliance", "date", "named_person", "permanent"};
    return names[static_cast<std::size_t>(k)];
}

}  // namespace patron::v1
