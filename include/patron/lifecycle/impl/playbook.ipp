#pragma once
#include <patron/lifecycle/playbook.hpp>

#include <algorithm>

namespace patron::inline v1::lifecycle {

namespace detail {

inline constexpr action prospect_actions[] = {
    {"spot_an_opening",
     {"wait for or make an opening: a new product, the yearly supplier evaluation, a change of buyer",
      "等待或创造机会：新产品、年度供应商评审、采购人员变动"}},
    {"find_key_people", {"find the key people and their part in buying", "找到关键人物及其采购角色"}},
    {"prove_value", {"prove value: a demonstration, an exchange, a site visit", "证明价值：演示、交流、现场参观"}},
};
inline constexpr action initial_actions[] = {
    {"earn_trust", {"earn trust: deliver the trial orders without a fault", "赢得信任：无差错交付试单"}},
    {"widen_contacts", {"widen contacts to further departments and levels", "扩大联系：更多部门与层级"}},
    {"exceed_the_incumbent",
     {"exceed the main supplier's service where it is weakest", "在主供应商薄弱处提供更好的服务"}},
};
inline constexpr action stable_actions[] = {
    {"executive_ties", {"tie executives to executives", "建立高层互访"}},
    {"make_staying_pleasant",
     {"make staying pleasant: service by name, early information", "让合作愉快：专人服务、信息优先"}},
    {"make_leaving_costly",
     {"make leaving costly: joint processes, stock, training", "提高转换成本：流程对接、备货、培训"}},
};
inline constexpr action strategic_actions[] = {
    {"complement_each_other", {"plan together where each lacks what the other has", "优势互补，联合规划"}},
    {"lock_in_mutually", {"bind both sides: long agreements, shared investment", "相互绑定：长期协议、共同投资"}},
    {"develop_jointly", {"develop products jointly", "联合开发产品"}},
    {"steer_by_executives", {"steer by an executive committee of both sides", "双方高层共同指导"}},
};
inline constexpr action declining_actions[] = {
    {"find_the_causes", {"find the causes, objective and subjective, in person", "当面查明主客观原因"}},
    {"agree_on_measures", {"agree on measures with an owner and a date", "商定措施、负责人与期限"}},
    {"judge_the_rescue", {"judge whether a rescue is worth it and possible", "判断挽救是否值得与可行"}},
};
inline constexpr action ended_actions[] = {
    {"record_the_cause", {"record the cause of the break and what it taught", "记录中断原因与教训"}},
    {"keep_the_door_open",
     {"keep the door open: a greeting, a new product, a win-back offer", "保持联系：问候、新品、赢回方案"}},
};

inline constexpr playbook playbooks[] = {
    {stage::prospect,
     {"an outsider; another supplier holds the business", "局外者，业务由其他供应商掌握"},
     {"openings and the people who decide", "机会与决策人"},
     {"the first order", "首个订单"},
     prospect_actions},
    {stage::initial,
     {"a secondary supplier on probation", "试用中的次要供应商"},
     {"trust and service against the main supplier", "信任与优于主供应商的服务"},
     {"become the main supplier", "成为主供应商"},
     initial_actions},
    {stage::stable,
     {"the main supplier", "主供应商"},
     {"convenience, personal ties, cost of switching", "便利、人际关系与转换成本"},
     {"a committed partnership, or at least no rival", "走向战略合作，至少不给对手机会"},
     stable_actions},
    {stage::strategic,
     {"a partner with a part in its plans", "参与其规划的伙伴"},
     {"complementarity and mutual commitment", "互补与相互承诺"},
     {"grow together for years", "长期共同成长"},
     strategic_actions},
    {stage::declining,
     {"a supplier that is losing ground", "正在失去份额的供应商"},
     {"causes that are not yet named", "尚未查明的原因"},
     {"recover the stage it fell from, or part in good order", "恢复原阶段，或体面退出"},
     declining_actions},
    {stage::ended,
     {"a former supplier", "前供应商"},
     {"memory of how it ended", "对结束方式的记忆"},
     {"win back when the time comes", "择机赢回"},
     ended_actions},
};

/// What answers to each kind of evidence, in the order of evidence_kind.
inline constexpr action answers_to_evidence[evidence_kinds] = {
    {"ask_about_the_missing_order",
     {"call: the order that its rhythm promises has not come", "致电了解：按节奏应到的订单没有到"}},
    {"find_where_volume_went", {"find where the volume went", "查明采购量的去向"}},
    {"win_share_back", {"find who took the share, and offer what wins it back", "查明份额被谁取得并制定赢回方案"}},
    {"settle_the_complaint", {"settle the overdue complaint, with an executive's word", "由高层出面解决逾期投诉"}},
    {"replace_the_contact", {"make contact with whoever takes over", "与接任者建立联系"}},
    {"answer_the_competitor", {"answer the competitor's move", "应对竞争者的动作"}},
    {"talk_about_the_breach", {"talk about the breach and what follows from it", "就违约及后果沟通"}},
    {"clear_the_overdue", {"clear the overdue invoice before the next delivery", "在下次发货前清理逾期款"}},
    {"ease_the_strain",
     {"show the way back from our sanctions, and look at each again", "说明解除处罚的途径，并逐项复审"}},
    {"ask_about_smaller_orders", {"ask why its orders became smaller", "询问订单金额变小的原因"}},
    {"widen_the_range_again", {"look with it at the lines that it no longer orders", "与客户一起查看不再订购的品类"}},
};

/// What a customer is open to that trusts our judgement (POW-11).
inline constexpr action lead_by_advice = {
    "lead_by_advice",
    {"propose range and quantities, and stand by the result: it follows our advice where pressure would not move it",
     "以专业建议引导品类与数量，并对结果负责：压力做不到的，信任可以做到"}};

inline constexpr text because_of_evidence[evidence_kinds] = {
    {"an order is missed", "订单缺失"},
    {"volume is falling", "采购量下降"},
    {"the share of wallet is falling", "份额下降"},
    {"a complaint is overdue", "投诉逾期"},
    {"a contact has left", "联系人离开"},
    {"a competitor was seen", "发现竞争者"},
    {"a rule was broken", "发生违约"},
    {"payment is overdue", "付款逾期"},
    {"our sanctions strain the relationship", "我方处罚造成关系紧张"},
    {"orders become smaller", "订单金额变小"},
    {"orders have fewer lines", "订单品类变窄"},
};

}  // namespace detail

PATRON_FN playbook const& playbook_of(stage s) noexcept { return detail::playbooks[static_cast<std::size_t>(s)]; }

PATRON_FN std::vector<advice> next_actions(customer_view view, assessment const& a, lifecycle_rules const& rules) {
    std::vector<advice> out;
    auto const cooperates = view.state.stage != stage::prospect && view.state.stage != stage::ended;
    for (auto const& e : a.evidence) {
        if (!cooperates) break;  // nothing there that could decline
        auto const i = static_cast<std::size_t>(e.kind);
        out.push_back({detail::answers_to_evidence[i].code, detail::answers_to_evidence[i].what,
                       detail::because_of_evidence[i], 1'000 + e.weight});
    }
    auto const& book = playbook_of(view.state.stage);
    auto const lacks_cover = a.coverage.departments < rules.coverage.departments;
    auto const lacks_executives = a.coverage.executives < rules.coverage.executives;
    std::int32_t urgency = 900;
    for (auto const& recommended : book.actions) {
        advice next{recommended.code, recommended.what, book.goal, urgency};
        if (recommended.code == "widen_contacts" && lacks_cover) {
            next.urgency += 50;
            next.why = {"too few departments know us", "联系部门过少"};
        }
        if (recommended.code == "executive_ties" && lacks_executives) {
            next.urgency += 50;
            next.why = {"no executive ties yet", "尚无高层联系"};
        }
        out.push_back(next);
        urgency -= 100;
    }
    if (cooperates && a.expert.standing >= expert_standing::trusted) {
        // where sanctions strain, it comes before what pressure would do
        auto const is_strained = std::any_of(a.evidence.begin(), a.evidence.end(),
                                             [](auto const& e) { return e.kind == evidence_kind::strain; });
        std::int32_t most_urgent = 0;
        for (auto const& other : out) most_urgent = std::max(most_urgent, other.urgency);
        out.push_back({detail::lead_by_advice.code, detail::lead_by_advice.what,
                       a.expert.standing == expert_standing::relied_on
                           ? text{"it relies on our judgement", "客户依赖我方的专业判断"}
                           : text{"it trusts our judgement", "客户信任我方的专业判断"},
                       is_strained ? most_urgent + 1 : 950});
    }
    std::stable_sort(out.begin(), out.end(), [](advice const& x, advice const& y) { return x.urgency > y.urgency; });
    constexpr std::size_t most = 10;
    if (out.size() > most) out.resize(most);
    return out;
}

}  // namespace patron::v1::lifecycle
