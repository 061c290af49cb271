#pragma once
#include <patron/base/money.hpp>
#include <patron/engine/decision.hpp>
#include <patron/fact/fact.hpp>
#include <patron/machine/names.hpp>

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
};

inline std::string what_in(reason const& r, language l) {
    for (auto const& words : what_sentences) {
        if (words.rule == r.rule && words.what == r.what) return std::string{words.words.in(l)};
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
    {"silence",
     {"no order for %s, at least %t: the relationship is broken", "已 %s 没有订单（至少 %t），关系已中断"},
     {"no order for %s, a break takes %t", "已 %s 没有订单，认定中断需 %t"}},
    {"recovery_evidence",
     {"the evidence of decline has fallen to %s, at most %t", "衰退证据降至 %s（不超过 %t）"},
     {"the evidence of decline is still %s, recovery takes %t", "衰退证据仍为 %s，恢复需降至 %t"}},
    {"recovery_orders",
     {"the latest order is %s ago, at most %t", "最近订单在 %s 前（不超过 %t）"},
     {"the latest order is %s ago, recovery takes at most %t", "最近订单在 %s 前，恢复需不超过 %t"}},
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

namespace detail {

inline std::string_view basis_word(share_basis b) { return patron::name_of(b); }

inline verdict met_if(bool holds) noexcept { return holds ? verdict::met : verdict::not_met; }

inline void add_evidence(std::vector<reason>& out, lifecycle::assessment const& a) {
    for (auto const& e : a.evidence) {
        reason r{.rule = lifecycle::name_of(e.kind), .what = std::string{e.what}};
        using enum lifecycle::evidence_kind;
        switch (e.kind) {
            case missed_order:
                if (!a.gap_is_own) r.rule = "missed_order_default_gap";
                [[fallthrough]];
            case overdue_complaint:
            case overdue_payment: r.unit = measure::days; break;
            case falling_volume:
            case falling_share: r.unit = measure::percent; break;
            case lost_contact:
            case competitor:
            case breach: r.unit = measure::count; break;
        }
        r.saw = e.saw;
        if (e.against != 0 && e.kind != lost_contact) r.threshold = e.against;
        out.push_back(std::move(r));
    }
}

inline void add_share(std::vector<reason>& out, lifecycle::assessment const& a, lifecycle::lifecycle_rules const& rules,
                      customer_state const& state, std::int64_t threshold_bp) {
    if (a.share.is_known()) {
        out.push_back({.rule = "share_of_wallet",
                       .unit = measure::share,
                       .saw = a.share.millionths,
                       .threshold = threshold_bp * 100,
                       .verdict = met_if(a.share.millionths >= threshold_bp * 100),
                       .what = std::string{basis_word(a.share.basis)}});
    } else {
        out.push_back({.rule = "share_of_wallet",
                       .unit = measure::share,
                       .saw = std::nullopt,
                       .threshold = threshold_bp * 100,
                       .verdict = verdict::unknown,
                       .what = std::string{basis_word(share_basis::own_history)}});
        out.push_back({.rule = "regular_orders",
                       .unit = measure::count,
                       .saw = state.purchase_days,
                       .threshold = rules.own_history.least_purchase_days,
                       .verdict = met_if(a.regular)});
    }
}

inline void add_strategic(std::vector<reason>& out, lifecycle::assessment const& a,
                          lifecycle::lifecycle_rules const& rules) {
    out.push_back({.rule = "strategic_agreement", .verdict = met_if(a.agreement_in_force)});
    out.push_back({.rule = "executive_coverage",
                   .unit = measure::count,
                   .saw = a.coverage.executives,
                   .threshold = rules.coverage.executives,
                   .verdict = met_if(a.coverage.executives >= rules.coverage.executives)});
    out.push_back({.rule = "department_coverage",
                   .unit = measure::count,
                   .saw = a.coverage.departments,
                   .threshold = rules.coverage.departments,
                   .verdict = met_if(a.coverage.departments >= rules.coverage.departments)});
}

inline void add_dwell(std::vector<reason>& out, lifecycle::assessment const& a,
                      lifecycle::lifecycle_rules const& rules) {
    out.push_back({.rule = "least_dwell",
                   .unit = measure::days,
                   .saw = a.dwell_days,
                   .threshold = rules.promotion.least_dwell_days,
                   .verdict = met_if(a.dwell_days >= rules.promotion.least_dwell_days)});
}

inline void add_decline(std::vector<reason>& out, lifecycle::assessment const& a) {
    out.push_back({.rule = "decline_evidence",
                   .unit = measure::weight,
                   .saw = a.evidence_total,
                   .threshold = a.evidence_needed,
                   .verdict = met_if(a.evidence_total >= a.evidence_needed)});
    add_evidence(out, a);
}

inline void add_recovery(std::vector<reason>& out, customer_state const& state, lifecycle::assessment const& a,
                         lifecycle::lifecycle_rules const& rules) {
    auto const at_most = std::int64_t{a.evidence_needed} * rules.recovery.evidence_at_most.count() / 10'000;
    out.push_back({.rule = "recovery_evidence",
                   .unit = measure::weight,
                   .saw = a.evidence_total,
                   .threshold = at_most,
                   .verdict = met_if(a.evidence_total <= at_most)});
    add_evidence(out, a);
    std::int64_t const within = std::int64_t{rules.recovery.orders_within_gaps} * a.gap_days;
    out.push_back({.rule = "recovery_orders",
                   .unit = measure::days,
                   .saw = a.silent_days,
                   .threshold = within,
                   .verdict = met_if(a.silent_days <= within)});
    if (state.fell_from >= stage::stable) add_share(out, a, rules, state, rules.promotion.keep_share.count());
}

}  // namespace detail

PATRON_FN std::vector<reason> reasons_for(customer_state const& state, lifecycle::assessment const& a,
                                          lifecycle::relationship::event event, stage to,
                                          lifecycle::lifecycle_rules const& rules) {
    using enum lifecycle::relationship::event;
    std::vector<reason> out;
    switch (event) {
        case agreement_lapsed:
            out.push_back({.rule = "agreement_lapsed"});
            detail::add_decline(out, a);
            break;
        case agreement_signed:
            detail::add_strategic(out, a, rules);
            detail::add_dwell(out, a, rules);
            break;
        case review_held:
            switch (to) {
                case stage::declining:
                    if (state.stage == stage::declining) {
                        detail::add_recovery(out, state, a, rules);
                    } else {
                        detail::add_decline(out, a);
                    }
                    break;
                case stage::ended: {
                    if (state.stage == stage::ended) break;  // what ended it is told by the decision that did
                    std::int64_t const needed = std::max<std::int64_t>(
                        rules.ending.silent_days, std::int64_t{rules.ending.silent_gaps} * a.gap_days);
                    out.push_back({.rule = "silence",
                                   .unit = measure::days,
                                   .saw = a.silent_days,
                                   .threshold = needed,
                                   .verdict = detail::met_if(a.silent_days >= needed)});
                    break;
                }
                default:
                    if (state.stage == stage::declining) {
                        detail::add_recovery(out, state, a, rules);
                        break;
                    }
                    if (state.stage == stage::initial) {
                        detail::add_share(out, a, rules, state, rules.promotion.promote_share.count());
                        out.push_back(
                            {.rule = "consecutive_reviews",
                             .unit = measure::count,
                             .saw = a.reviews_above,
                             .threshold = rules.promotion.consecutive_reviews,
                             .verdict = detail::met_if(a.reviews_above >= rules.promotion.consecutive_reviews)});
                        detail::add_dwell(out, a, rules);
                    } else if (state.stage == stage::stable) {
                        detail::add_share(out, a, rules, state, rules.promotion.keep_share.count());
                        detail::add_strategic(out, a, rules);
                    } else if (state.stage == stage::strategic) {
                        detail::add_share(out, a, rules, state, rules.promotion.keep_share.count());
                    }
                    if (to == state.stage && to != stage::prospect) detail::add_decline(out, a);
            }
            break;
        case order_placed:
        case relationship_ended:
        case relationship_reopened: break;
    }
    return out;
}

PATRON_FN void append_json(std::string& out, decision const& d, currency in) {
    auto const field = [&out](std::string_view name, std::string_view value) {
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
        out += ',';
    };
    out += '{';
    field("ref", d.ref);
    field("at", d.at.to_string());
    field("customer", d.customer);
    if (d.from && d.to) {
        field("from", name_of(*d.from));
        field("to", name_of(*d.to));
    }
    field("event", d.event);
    out += "\"effects\":[],\"why\":[";
    for (auto const& r : d.why) {
        out += &r == &d.why.front() ? "{" : ",{";
        field("rule", r.rule);
        field("saw",
              r.unit == measure::none || r.what.empty() ? saw_text(r, in) : saw_text(r, in) + " (" + r.what + ')');
        field("threshold", threshold_text(r, in));
        field("verdict", name_of(r.verdict));
        out.back() = '}';
    }
    out += "],";
    field("rulebook", d.rulebook);
    out.back() = '}';
}

}  // namespace patron::v1
