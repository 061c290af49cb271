#pragma once
#include <patron/base/money.hpp>
#include <patron/customer/effect_code.hpp>
#include <patron/policy/effect_fault.hpp>
#include <patron/policy/reason.hpp>

#include <algorithm>

namespace patron::inline v1 {

PATRON_FN std::string_view name_of(verdict v) noexcept {
    constexpr std::string_view names[] = {"met", "not_met", "unknown"};
    return names[static_cast<std::size_t>(v)];
}

namespace detail {

struct rule_words {
    std::string_view rule;
    text met;      ///< %w what, %s saw, %t threshold
    text not_met;  ///< empty: as `met`
    text unknown{"", ""};
};

/// What a reason is about, where that is a code or may be left out: the rest is names, the same in all languages.
struct what_words {
    std::string_view rule;
    std::string_view what;
    text words;
};
inline constexpr what_words what_sentences[] = {
    {"share_of_wallet", "stated", {"stated", "依据申报"}},
    {"share_of_wallet", "estimated", {"estimated", "估计"}},
    {"breach", "price", {"price", "价格"}},
    {"breach", "territory", {"territory", "区域"}},
    {"breach", "promotion", {"promotion", "促销"}},
    {"breach", "outlet", {"outlet", "网点"}},
    {"breach", "payment", {"payment", "付款"}},
    {"breach", "exclusivity", {"exclusivity", "独家"}},
    {"relationship_reopened", "", {"no cause given", "未说明原因"}},
    {"standing_lowered", "good", {"good", "良好"}},
    {"standing_lowered", "watch", {"on watch", "观察"}},
    {"standing_lowered", "reduced", {"reduced", "降额"}},
    {"standing_lowered", "cash_only", {"cash only", "现款"}},
    {"standing_lowered", "blocked", {"blocked", "冻结"}},
    {"standing_raised", "good", {"good", "良好"}},
    {"standing_raised", "watch", {"on watch", "观察"}},
    {"standing_raised", "reduced", {"reduced", "降额"}},
    {"standing_raised", "cash_only", {"cash only", "现款"}},
    {"standing_raised", "blocked", {"blocked", "冻结"}},
    {"standing_by_penalties", "good", {"good", "良好"}},
    {"standing_by_penalties", "watch", {"on watch", "观察"}},
    {"standing_by_penalties", "reduced", {"reduced", "降额"}},
    {"standing_by_penalties", "cash_only", {"cash only", "现款"}},
    {"standing_by_penalties", "blocked", {"blocked", "冻结"}},
    {"standing_by_dunning", "good", {"good", "良好"}},
    {"standing_by_dunning", "watch", {"on watch", "观察"}},
    {"standing_by_dunning", "reduced", {"reduced", "降额"}},
    {"standing_by_dunning", "cash_only", {"cash only", "现款"}},
    {"standing_by_dunning", "blocked", {"blocked", "冻结"}},
    {"standing_ordered", "good", {"good", "良好"}},
    {"standing_ordered", "watch", {"on watch", "观察"}},
    {"standing_ordered", "reduced", {"reduced", "降额"}},
    {"standing_ordered", "cash_only", {"cash only", "现款"}},
    {"standing_ordered", "blocked", {"blocked", "冻结"}},
    {"standing", "good", {"good", "良好"}},
    {"standing", "watch", {"on watch", "观察"}},
    {"standing", "reduced", {"reduced", "降额"}},
    {"standing", "cash_only", {"cash only", "现款"}},
    {"standing", "blocked", {"blocked", "冻结"}},
    {"effect_of_other_hook", "reward", {"reward", "奖励"}},
    {"effect_of_other_hook", "penalty", {"penalty", "处罚"}},
    {"effect_of_other_hook", "deterrent", {"deterrent", "威慑"}},
};

inline std::string what_in(reason const& r, language l) {
    for (auto const& words : what_sentences) {
        if (words.rule == r.rule && words.what == r.what) return std::string{words.words.in(l)};
    }
    if (r.rule == "effect_incomplete") {
        if (auto const fault = policy::effect_fault_of(r.what)) return std::string{policy::label_of(*fault).in(l)};
    }
    if (r.rule == "effect_conflict") {
        if (auto const code = effect_code_of(r.what)) return std::string{label_of(*code).in(l)};
    }
    if (r.rule == "relationship_ended") {  // "us, the cause" or "them, the cause"
        auto const by_us = r.what.starts_with("us, ");
        auto const cause = r.what.substr(std::min(r.what.size(), r.what.find(' ') + 1));
        return std::string{(by_us ? text{"by us, ", "由我方，"} : text{"by them, ", "由对方，"}).in(l)} + cause;
    }
    return r.what;
}

inline constexpr rule_words rule_sentences[] = {
    {"first_order", {"the first order %w of %s", "首次下单 %w，金额 %s"}, {"", ""}},
    {"won_back", {"an order %w of %s came after the end", "关系终止后再次下单 %w，金额 %s"}, {"", ""}},
    {"relationship_ended", {"the relationship was ended: %w", "关系被终止：%w"}, {"", ""}},
    {"relationship_reopened", {"the relationship was reopened: %w", "关系重新开启：%w"}, {"", ""}},
    {"agreement_lapsed", {"the last strategic agreement in force has ended", "最后一份有效的战略协议已到期"}, {"", ""}},
    {"share_of_wallet",
     {"our share of wallet is %s (%w), at or above %t", "我方采购份额为 %s（%w），达到 %t"},
     {"our share of wallet is %s (%w), below %t", "我方采购份额为 %s（%w），低于 %t"},
     {"our share of wallet is unknown, so that the customer's own history stands for it",
      "我方采购份额未知，以客户自身历史代替判断"}},
    {"regular_orders",
     {"own history: purchases on %s days, at least %t, and they keep their rhythm and volume",
      "自身历史：共 %s 个采购日（至少 %t），节奏与数量稳定"},
     {"own history: purchases on %s days (needed: %t), rhythm or volume do not hold yet",
      "自身历史：共 %s 个采购日（需要 %t），节奏或数量尚不稳定"}},
    {"consecutive_reviews",
     {"at %s consecutive reviews, as needed (%t)", "连续 %s 次评审达标（需要 %t 次）"},
     {"at %s consecutive reviews of the %t needed", "连续 %s 次评审达标（需要 %t 次）"}},
    {"least_dwell",
     {"%s in the present stage, at least %t", "在当前阶段已 %s（至少 %t）"},
     {"only %s in the present stage, %t are needed", "在当前阶段仅 %s（需要 %t）"}},
    {"strategic_agreement",
     {"a strategic agreement is in force", "战略协议有效"},
     {"no strategic agreement is in force", "没有有效的战略协议"}},
    {"executive_coverage",
     {"%s ties at executive level, at least %t", "高层联系 %s 个（至少 %t）"},
     {"%s ties at executive level, %t needed", "高层联系 %s 个（需要 %t）"}},
    {"department_coverage",
     {"contacts in %s departments, at least %t", "联系覆盖 %s 个部门（至少 %t）"},
     {"contacts in %s departments, %t needed", "联系覆盖 %s 个部门（需要 %t）"}},
    {"decline_evidence",
     {"the evidence of decline adds up to %s, which confirms it at %t", "衰退证据合计 %s，达到确认值 %t"},
     {"the evidence of decline adds up to %s, below the %t that confirms it", "衰退证据合计 %s，未达确认值 %t"}},
    {"missed_order", {"no order for %s, the usual gap is %t", "已 %s 没有订单，通常间隔为 %t"}, {"", ""}},
    {"missed_order_default_gap",
     {"no order for %s; too few orders for a rhythm of its own, a gap of %t is assumed",
      "已 %s 没有订单；订单太少，按 %t 的间隔估计"},
     {"", ""}},
    {"falling_volume",
     {"the window's volume is %s of the average before it, below %t", "近期采购量为此前平均的 %s，低于 %t"},
     {"", ""}},
    {"falling_amounts",
     {"orders of late are %s of the usual amount, which is rare for a steady customer",
      "近期订单金额为平时的 %s，对稳定客户而言少见"},
     {"", ""}},
    {"narrowing_range",
     {"orders of late have %s of the usual lines, which is rare for a steady customer",
      "近期订单行数为平时的 %s，对稳定客户而言少见"},
     {"", ""}},
    {"slowing_payment",
     {"payment of late takes %s of the terms, where it used to take %t", "近期付款用去账期的 %s，以往为 %t"},
     {"", ""}},
    {"falling_share",
     {"the share of wallet is %s, below the %t that keeps the stage", "采购份额为 %s，低于保持阶段所需的 %t"},
     {"", ""}},
    {"overdue_complaint",
     {"complaint %w is open for %s, the limit is %t", "投诉 %w 已 %s 未解决，期限为 %t"},
     {"", ""}},
    {"lost_contact",
     {"%w, whom we knew there, has left; %s contacts remain", "联系人 %w 已离开，尚有联系人 %s 个"},
     {"", ""}},
    {"competitor", {"competitor %w was seen (%s observations)", "发现竞争者 %w（%s 次）"}, {"", ""}},
    {"breach", {"breach of the %w rule (%s reports)", "违反%w规则（%s 次报告）"}, {"", ""}},
    {"overdue_payment", {"invoice %w is %s past due", "发票 %w 已逾期 %s"}, {"", ""}},
    {"strain",
     {"our sanctions strain the relationship by %s (latest: %w)", "我方处罚造成的关系紧张度 %s（最近：%w）"},
     {"", ""}},
    {"partial_settlement", {"a partial settlement of agreement %w pays %s", "协议 %w 的部分结算支付 %s"}, {"", ""}},
    {"final_settlement", {"the final settlement of agreement %w pays %s", "协议 %w 的最终结算支付 %s"}, {"", ""}},
    {"silence",
     {"no order for %s, at least %t: the relationship is broken", "已 %s 没有订单（至少 %t），关系已中断"},
     {"no order for %s, a break takes %t", "已 %s 没有订单，认定中断需 %t"}},
    {"rulebook_rule", {"rule %w of the rulebook", "规则手册条目 %w"}, {"", ""}},
    {"breach_answered", {"a breach of the %w rule, severity %s", "违反%w规则，严重程度 %s"}, {"", ""}},
    {"limit_proposed", {"a credit limit of %s instead of %t is proposed", "建议信用额度由 %t 调整为 %s"}, {"", ""}},
    {"limit_bound_proposed",
     {"a credit limit of %s is proposed where there is no bound", "建议将无限额改为 %s"},
     {"", ""}},
    {"limit_unbounded_proposed", {"credit without a bound is proposed", "建议取消信用额度上限"}, {"", ""}},
    {"limit_needs_approval", {"the change needs approval", "此项调整须经批准"}, {"", ""}},
    {"limit_below_exposure",
     {"it lies below the exposure of %s: no order passes until that is down to %t, and nothing is called in",
      "低于当前风险敞口 %s：在降至 %t 之前新订单不予通过，已有欠款不提前收回"},
     {"", ""}},
    {"profit_share_accrued",
     {"a profit share of %s on the year's purchases", "年度采购额的 %s 作为利润分享"},
     {"", ""}},
    {"profit_share_dumped",
     {"%w", "%w"},
     {"stock was dumped at the year's end: it costs the profit share", "年末压货，取消利润分享"}},
    {"promotion_reached", {"the planned tier is reached: %w", "已达到计划等级：%w"}, {"", ""}},
    {"promotion_missed", {"the planned tier was not reached in time: %w", "未按期达到计划等级：%w"}, {"", ""}},
    {"tier_raised", {"the tier rises: %w", "等级上升：%w"}, {"", ""}},
    {"tier_lowered", {"the tier falls: %w", "等级下降：%w"}, {"", ""}},
    {"supply_rung", {"the deterrent ladder stands at %w", "威慑级别：%w"}, {"", ""}},
    {"supply_stays", {"%w", "%w"}, {"the deterrent ladder stays at %w", "威慑级别维持 %w"}},
    {"effect_incomplete", {"%w", "%w"}, {"the proposal is incomplete: %w", "提案不完整：%w"}},
    {"effect_of_other_hook", {"%w", "%w"}, {"a %w policy may not propose it", "%w策略无权提出此项"}},
    {"effect_duplicate", {"%w", "%w"}, {"%w gives the same already", "%w 已给予同样内容"}},
    {"effect_already_given", {"%w", "%w"}, {"%w has given it already, and it is not over", "%w 已给予，尚未结束"}},
    {"effect_conflict", {"%w", "%w"}, {"%w excludes it", "与“%w”冲突"}},
    {"effect_disproportionate",
     {"a weight of %s, at least %t", "违规程度 %s（至少 %t）"},
     {"the breach weighs %s with what came before, this takes %t", "违规程度连同前科为 %s，此项需要 %t"}},
    {"effect_cap",
     {"%s were asked, the cap leaves %t", "申请 %s，上限为 %t"},
     {"%s were asked, the cap leaves %t", "申请 %s，上限为 %t"}},
    {"effect_budget",
     {"%s were asked, the year's budget for it leaves %t", "申请 %s，本年度该项预算余 %t"},
     {"%s were asked, the year's budget for it leaves %t", "申请 %s，本年度该项预算余 %t"}},
    {"rewards_cap",
     {"%s were asked, the cap on all rewards of a decision leaves %t", "申请 %s，单次奖励总上限余 %t"},
     {"%s were asked, the cap on all rewards of a decision leaves %t", "申请 %s，单次奖励总上限余 %t"}},
    {"rewards_budget",
     {"%s were asked, the year's budget for all rewards leaves %t", "申请 %s，本年度奖励总预算余 %t"},
     {"%s were asked, the year's budget for all rewards leaves %t", "申请 %s，本年度奖励总预算余 %t"}},
    {"effect_deposit",
     {"%s were to be forfeited, %t of the deposit are held", "拟没收 %s，保证金余额 %t"},
     {"%s were to be forfeited, %t of the deposit are held", "拟没收 %s，保证金余额 %t"}},
    {"effect_too_many",
     {"%s", "%s"},
     {"%s proposals at once, at most %t can be compared", "一次提案 %s 项，最多可比较 %t 项"}},
    {"supply_breach",
     {"a breach of severity %s that was not answered yet, at least %t", "未处理的违规，严重程度 %s（至少 %t）"},
     {"no breach of severity %t that was not answered yet (%s)", "没有严重程度达到 %t 的未处理违规（%s）"}},
    {"supply_authority", {"decided by %w", "由 %w 决定"}, {"nobody has decided it by name", "无具名决定人"}},
    {"supply_grave_cause", {"grave cause: severity %s, at least %t", "情节严重：严重程度 %s（至少 %t）"}, {"", ""}},
    {"supply_cool_down",
     {"%s since the last use, at least %t", "距上次使用 %s（至少 %t）"},
     {"only %s since the last use, %t are needed", "距上次使用仅 %s（需要 %t）"}},
    {"supply_uses",
     {"used %s times in a year, fewer than %t", "一年内使用 %s 次（少于 %t 次）"},
     {"used %s times in a year, the limit is %t", "一年内已使用 %s 次，上限为 %t 次"}},
    {"supply_compliance",
     {"the rules were kept for %s, at least %t", "已合规 %s（至少 %t）"},
     {"the rules were kept for only %s, %t are needed", "合规仅 %s（需要 %t）"}},
    {"tier_entry",
     {"purchases of %s in a year reach the next tier's %t", "一年采购 %s，达到上一等级的 %t"},
     {"purchases of %s in a year, the next tier begins at %t", "一年采购 %s，上一等级从 %t 起"}},
    {"tier_stay",
     {"%s in the present tier, at least %t", "在当前等级已 %s（至少 %t）"},
     {"only %s in the present tier, %t are needed", "在当前等级仅 %s（需要 %t）"}},
    {"tier_keep",
     {"purchases of %s in a year keep the tier, from %t on", "一年采购 %s，达到保级所需的 %t"},
     {"purchases of %s in a year, the tier takes %t", "一年采购 %s，保级需要 %t"}},
    {"tier_grace",
     {"too little for the tier for %s, the grace was %t", "未达保级标准已 %s，宽限期为 %t"},
     {"too little for the tier for %s, the grace is %t", "未达保级标准 %s，宽限期为 %t"}},
    {"recovery_evidence",
     {"the evidence of decline has fallen to %s, at most %t", "衰退证据降至 %s（不超过 %t）"},
     {"the evidence of decline is still %s, recovery takes %t", "衰退证据仍为 %s，恢复需降至 %t"}},
    {"recovery_orders",
     {"the latest order is %s ago, at most %t", "最近订单在 %s 前（不超过 %t）"},
     {"the latest order is %s ago, recovery takes at most %t", "最近订单在 %s 前，恢复需不超过 %t"}},
    {"standing_lowered",
     {"the credit standing falls to %w: the oldest item is %s past due, at least %t",
      "信用状态降为%w：最久欠款已逾期 %s（至少 %t）"},
     {"", ""}},
    {"standing_by_dunning",
     {"the credit standing comes to %w: the dunning level is %s", "信用状态变为%w：催款级别为 %s"},
     {"", ""}},
    {"standing_by_penalties",
     {"the credit standing comes to %w: the penalties in force add up to severity %s, at least %t",
      "信用状态变为%w：生效处罚的严重度合计 %s（至少 %t）"},
     {"", ""}},
    {"standing_ordered", {"the credit standing comes to %w, as a sanction orders", "信用状态按处罚变为%w"}, {"", ""}},
    {"standing_raised",
     {"the credit standing rises to %w: the oldest item is %s past due", "信用状态升为%w：最久欠款逾期 %s"},
     {"", ""}},
    {"standing", {"the credit standing is %w", "信用状态为%w"}, {"", ""}},
    {"customer_ended",
     {"the relationship has not ended", "合作关系未终止"},
     {"the relationship has ended", "合作关系已终止"}},
    {"exchange_rate",
     {"all amounts can be converted", "所有金额均可折算"},
     {"", ""},
     {"the rate of %w is missing", "缺少 %w 的汇率"}},
    {"credit_limit",
     {"the exposure comes to %s, within the limit", "信用占用将达 %s，在额度之内"},
     {"the exposure would come to %s, the limit is %t", "信用占用将达 %s，额度为 %t"},
     {"no credit limit can be applied: none is set, or the amount is not known", "无法核对额度：未设额度或金额未知"}},
    {"limit_expired", {"the limit is valid", "额度在有效期内"}, {"the limit ran out %s ago", "额度已过期 %s"}},
    {"group_limit",
     {"group %w stays within its limit at %s", "集团 %w 占用 %s，在额度之内"},
     {"group %w would come to %s, its limit is %t", "集团 %w 占用将达 %s，额度为 %t"},
     {"what group %w would come to is not known", "集团 %w 的占用未知"}},
    {"document_limit",
     {"the document comes to %s", "单据金额为 %s"},
     {"the document comes to %s, one may come to %t", "单据金额 %s，单笔上限为 %t"},
     {"the document's amount is not known", "单据金额未知"}},
    {"oldest_item",
     {"the oldest item is %s past due", "最早欠款逾期 %s"},
     {"item %w is %s past due, at most %t are tolerated", "欠款 %w 已逾期 %s，容许 %t"}},
    {"overdue_amount",
     {"%s are overdue for long", "长期逾期金额为 %s"},
     {"%s are overdue for long, more than %t and more than the tolerated share", "长期逾期 %s，超过 %t 及容许比例"}},
    {"dunning_level",
     {"the dunning level is %s", "催款级别为 %s"},
     {"the dunning level is %s, orders are held from %t on", "催款级别为 %s，自 %t 级起暂挂"}},
    {"payment_terms",
     {"the terms are no better than the customer's own", "付款期不优于客户约定"},
     {"terms of %s are better than the customer's own %t", "付款期 %s 优于客户约定的 %t"},
     {"terms of %s are asked for, the customer's own are not known", "要求付款期 %s，客户约定未知"}},
    {"first_order",
     {"the first order is within its limit", "首单在限额之内"},
     {"the first order comes to %s, it may come to %t", "首单金额 %s，上限为 %t"},
     {"the first order's amount is not known", "首单金额未知"}},
    {"risk_class",
     {"the risk class is tolerated", "风险等级可接受"},
     {"risk class %w is held", "风险等级 %w 须暂挂"},
     {"the risk class is not known", "风险等级未知"}},
    {"order_hold",
     {"nobody holds the order", "订单无人工暂挂"},
     {"the order is held or turned down by %w", "订单被人工暂挂或驳回：%w"}},
    {"limit_review",
     {"the limit's review is not late", "额度复核未逾期"},
     {"the limit was to be reviewed %s ago, at most %t are tolerated", "额度复核已逾期 %s，容许 %t"}},
    {"uniform_price",
     {"%w is ordered at the list price, %t", "%w 按目录价 %t 订购"},
     {"%w is ordered at %s, the list price is %t", "%w 订购价为 %s，目录价为 %t"},
     {"%w is ordered at %s, no list price to compare with is known", "%w 订购价为 %s，没有可比的目录价"}},
    {"resale_below_floor", {"%w is resold at %s, below the floor of %t", "%w 转售价为 %s，低于最低价 %t"}, {"", ""}},
    {"resale_outside_territory", {"resold outside of the territory: %w", "跨区域转售：%w"}, {"", ""}},
    {"breach_severity", {"a breach of severity %s of 5", "违规严重程度 %s（最高 5）"}, {"", ""}},
    {"dealer_margin",
     {"%w leaves the dealer %s a unit, at least %t", "%w 每件为经销商留利 %s（至少 %t）"},
     {"%w leaves the dealer only %s a unit, %t are needed", "%w 每件仅为经销商留利 %s（需要 %t）"}},
    {"not_held_against_dealer",
     {"a warning to the supplier, not held against the dealer", "提醒供应商，不计为经销商的过失"},
     {"", ""}},
};

inline rule_words const* words_of(std::string_view rule) noexcept {
    for (auto const& words : rule_sentences) {
        if (words.rule == rule) return &words;
    }
    return nullptr;
}

inline std::string measured(std::int64_t n, measure unit, currency in, language l) {
    auto const hundredths = [](std::int64_t v) {
        auto text = std::to_string(v / 100) + '.';
        auto const rest = (v < 0 ? -v : v) % 100;
        return text += (rest < 10 ? "0" : "") + std::to_string(rest);
    };
    switch (unit) {
        case measure::share: return hundredths(n / 100) + " %";
        case measure::weight: return hundredths(n / 10);
        case measure::days: return std::to_string(n) + (l == language::zh ? " 天" : n == 1 ? " day" : " days");
        case measure::percent: return std::to_string(n) + " %";
        case measure::amount: return money{n, in}.to_string();
        case measure::count:
        case measure::none: break;
    }
    return std::to_string(n);
}

}  // namespace detail

PATRON_FN std::string saw_text(reason const& r, currency in) {
    if (r.unit == measure::none) return r.what;
    return r.saw ? detail::measured(*r.saw, r.unit, in, language::en) : "unknown";
}

PATRON_FN std::string threshold_text(reason const& r, currency in) {
    return r.threshold ? detail::measured(*r.threshold, r.unit, in, language::en) : std::string{};
}

PATRON_FN std::string sentence(reason const& r, currency in, language l) {
    auto const* words = detail::words_of(r.rule);
    if (words == nullptr) return std::string{r.rule};
    auto const& said = r.verdict == verdict::unknown && !words->unknown.en.empty() ? words->unknown
                       : r.verdict == verdict::met || words->not_met.en.empty()    ? words->met
                                                                                   : words->not_met;
    auto const form = said.in(l);
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '%' || i + 1 == form.size() || form[i + 1] == ' ') {
            out += form[i];
            continue;
        }
        switch (form[++i]) {
            case 'w': out += detail::what_in(r, l); break;
            case 's':
                out += r.saw ? detail::measured(*r.saw, r.unit, in, l)
                             : std::string{l == language::zh ? "未知" : "unknown"};
                break;
            case 't': out += r.threshold ? detail::measured(*r.threshold, r.unit, in, l) : std::string{}; break;
            default: out += form[i];
        }
    }
    return out;
}

}  // namespace patron::v1
