#pragma once
#include <patron/engine/explain.hpp>
#include <patron/fact/fact.hpp>
#include <patron/machine/names.hpp>

#include <algorithm>

namespace patron::inline v1 {

namespace detail {

inline text const& event_words(std::string_view event) {
    static constexpr std::pair<std::string_view, text> words[] = {
        {"order_placed", {"an order", "下单"}},
        {"agreement_signed", {"an agreement was signed", "签订协议"}},
        {"agreement_lapsed", {"the agreement lapsed", "协议到期"}},
        {"review_held", {"the review", "定期评审"}},
        {"relationship_ended", {"the break", "关系终止"}},
        {"relationship_reopened", {"the reopening", "关系重开"}},
        {"corrected", {"a correction", "更正"}},
        {"rebate_settled", {"rebate settled", "返利结算"}},
        {"standing_changed", {"credit standing changed", "信用状态变更"}},
        {"effect_granted", {"effects given", "给予措施"}},
        {"effect_changed", {"effects changed", "措施变化"}},
        {"effect_refused", {"effects refused", "措施未获批"}},
        {"tier_changed", {"tier changed", "等级变更"}},
        {"promotion_plan_ended", {"planned promotion ended", "计划晋级结束"}},
        {"limit_proposed", {"credit limit proposed", "信用额度建议"}},
        {"price_off_list", {"ordered off the price list", "订购价与目录价不符"}},
        {"breach_detected", {"a breach was detected", "发现违规"}},
        {"dealer_margin_low", {"the dealer earns too little", "经销商毛利过低"}},
    };
    for (auto const& [name, both] : words) {
        if (name == event) return both;
    }
    static constexpr text none{"", ""};
    return none;
}

inline void tell_effects(std::string& out, std::vector<decided_effect> const& effects, currency in, language l) {
    for (auto const& e : effects) {
        out += "      * ";
        out += label_of(e.code).in(l);
        if (!e.target.empty()) out += ' ' + e.target;
        if (e.amount) out += ' ' + money{*e.amount, in}.to_string();
        out += (l == language::zh ? "：" : ": ") + std::string{label_of(e.step).in(l)};
        if (e.step == effect_step::due && e.deadline != no_day)
            out += (l == language::zh ? "，期限 " : ", by ") + to_string(day_of(e.deadline));
        out += " [" + e.id + "]\n";
    }
}

inline void tell_reasons(std::string& out, std::vector<reason> const& why, currency in, language l) {
    for (auto const& r : why) {
        out += r.verdict == verdict::met ? "      + " : r.verdict == verdict::unknown ? "      ? " : "      - ";
        out += sentence(r, in, l) + '\n';
    }
}

inline void tell_expert(std::string& out, lifecycle::expert_record const& e, language l) {
    auto const zh = l == language::zh;
    out += (zh ? "\n  对我方专业意见：" : "\n  Our judgement: ") + std::string{label_of(e.standing).in(l)};
    out += zh ? "（建议 " : " (advice given ";
    out += std::to_string(e.advice_given) + (zh ? " 次，采纳 " : ", taken ") + std::to_string(e.advice_taken);
    out += (zh ? " 次，效果好 " : ", good ") + std::to_string(e.good) + (zh ? "、差 " : ", poor ") +
           std::to_string(e.poor);
    out += (zh ? "；委托订单 " : "; orders left to us ") + std::to_string(e.orders_delegated) + (zh ? "）" : ")");
}

}  // namespace detail

PATRON_FN std::string to_text(explanation const& e, language l) {
    auto const zh = l == language::zh;
    auto const& s = e.row.state;
    std::string out = e.code + "  " + e.name + '\n';
    out += zh ? "  截至 " + to_string(e.on) + "，阶段：" : "  on " + to_string(e.on) + ": ";
    out += label_of(s.stage).in(l);
    if (e.row.since) out += zh ? "（自 " + to_string(*e.row.since) + "）" : " since " + to_string(*e.row.since);
    if (s.stage == stage::declining) {
        out += zh ? "，此前为" : ", fell from ";
        out += label_of(s.fell_from).in(l);
    }
    out += zh ? "。规则手册：" + e.rulebook + "\n" : ". Rulebook: " + e.rulebook + "\n";
    out += zh ? "  采购份额依据：" : "  Share of wallet rests on: ";
    out += name_of(s.basis);
    if (s.basis == share_basis::own_history) {
        out += zh ? "（未知其采购总额，以自身历史判断）" : " (its wallet is unknown; regularity and volume serve)";
    }
    if (s.in != currency{}) {
        auto const amount = [&](std::int64_t units) { return money{units, s.in}.to_string(); };
        out += zh ? "\n  信用：占用 " : "\n  Credit: exposure ";
        out += amount(s.exposure);
        if (auto const rest = e.row.available()) out += (zh ? "，可用 " : ", available ") + rest->to_string();
        out += (zh ? "，状态" : ", standing ") + std::string{label_of(s.credit_standing).in(l)};
        for (auto const& r : e.row.rebates) {
            out += (zh ? "\n  返利 " : "\n  Rebate ") + r.agreement;
            if (r.is_out_of_range) {
                out += zh ? "：超出可记录的范围，请更正费率或设上限"
                          : ": beyond what can be told; correct its rates, or give it a cap";
                continue;
            }
            out += (zh ? "：应计 " : ": accrued ") + amount(r.balance.accrued) + (zh ? "，已付 " : ", paid ") +
                   amount(r.balance.paid) + (zh ? "，未付 " : ", open ") + amount(r.balance.open);
            if (r.balance.reversed > 0) out += (zh ? "，冲回 " : ", reversed ") + amount(r.balance.reversed);
            if (r.balance.clawed_back > 0) out += (zh ? "，追回 " : ", clawed back ") + amount(r.balance.clawed_back);
        }
    }
    if (e.row.tier && e.row.supply) {
        out += (zh ? "\n  等级：" : "\n  Tier: ") + std::string{label_of(*e.row.tier).in(l)};
        out += zh ? "；" : "; ";
        out += label_of(*e.row.supply).in(l);
        if (e.row.planned_tier) {
            out += (zh ? "；计划晋级 " : "; planned: ") + std::string{label_of(*e.row.planned_tier).in(l)} +
                   (zh ? "，期限 " : " by ") + to_string(*e.row.planned_by);
        }
        for (auto const& k : e.row.open_effects) {
            out += "\n    ";
            out += label_of(k.code).in(l);
            if (k.amount) out += ' ' + money{*k.amount, s.in}.to_string();
            out += (zh ? "，" : ", ") + std::string{label_of(k.step).in(l)} + " [" + id_of(k) + ']';
        }
        if (e.row.fulfilment && *e.row.fulfilment != lifecycle::fulfilment{}) {
            auto const& f = *e.row.fulfilment;
            auto const count = [](std::size_t n) { return std::to_string(n); };
            out += (zh ? "\n    承诺：按期兑现 " : "\n    Promises: kept in time ") + count(f.kept) +
                   (zh ? "，逾期兑现 " : ", kept late ") + count(f.kept_late) + (zh ? "，待兑现 " : ", owed ") +
                   count(f.owed) + (zh ? "，逾期未兑现 " : ", late ") + count(f.late);
        }
    }
    if (e.expert != lifecycle::expert_record{}) detail::tell_expert(out, e.expert, l);
    out += zh ? "\n\n  经过\n" : "\n\n  How it came to this\n";
    if (std::none_of(e.decisions.begin(), e.decisions.end(), concerns_stage))
        out += zh ? "    阶段没有变化\n" : "    the stage never changed\n";
    for (auto const& d : e.decisions) {
        out += "    " + d.at.to_string() + "  ";
        if (!concerns_stage(d)) {
            out.append(detail::event_words(d.event).in(l)).append(" [").append(d.ref).append("]\n");
            detail::tell_effects(out, d.effects, s.in, l);
            detail::tell_reasons(out, d.why, s.in, l);
            continue;
        }
        if (d.from && d.to) {
            out.append(label_of(*d.from).in(l)).append(" -> ").append(label_of(*d.to).in(l));
        } else {
            out += zh ? "未变动" : "no change";
        }
        out.append(zh ? "，因" : ", by ")
            .append(detail::event_words(d.event).in(l))
            .append(" [")
            .append(d.ref)
            .append("]\n");
        detail::tell_reasons(out, d.why, s.in, l);
    }
    if (!e.present.empty()) {
        out += zh ? "\n  目前的判断\n" : "\n  Where it stands now\n";
        detail::tell_reasons(out, e.present, s.in, l);
    }
    out += zh ? "\n  建议的下一步\n" : "\n  What to do next\n";
    for (auto const& a : e.next_actions) {
        out.append("    * ")
            .append(a.what.in(l))
            .append(zh ? "（" : " (")
            .append(a.why.in(l))
            .append(zh ? "）\n" : ")\n");
    }
    out += zh ? "\n  记录的事实（" : "\n  Facts on record (";
    out += std::to_string(e.facts.size()) + (zh ? "）\n" : ")\n");
    constexpr std::size_t most_shown = 12;
    auto const hidden = e.facts.size() > most_shown ? e.facts.size() - most_shown : 0;
    if (hidden > 0) {
        out += zh ? "    …… 较早的 " + std::to_string(hidden) + " 条从略（--format json 列出全部）\n"
                  : "    ... " + std::to_string(hidden) + " earlier ones left out (--format json lists all)\n";
    }
    for (auto i = hidden; i < e.facts.size(); ++i) {
        auto const& f = e.facts[i];
        auto const kind = fact_kind_of(f.fact);
        out += "    " + f.at.to_string() + "  ";
        out += kind ? title_of(*kind, zh) : f.fact;
        if (!f.details.empty()) out += "  " + f.details;
        if (f.corrected)
            out.append(zh ? "  （已更正，原为 " : "  (as corrected; told as ")
                .append(f.as_told)
                .append(zh ? "）" : ")");
        out += '\n';
    }
    return out;
}

PATRON_FN std::string to_json(explanation const& e) {
    std::string out = "{";
    auto const field = [&out](std::string_view name, std::string_view value) {
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
        out += ',';
    };
    auto const end_list = [&out](bool any) {
        if (any) out.pop_back();
        out += "],";
    };
    auto const reasons = [&](std::vector<reason> const& why) {
        for (auto const& r : why) {
            out += '{';
            field("rule", r.rule);
            field("saw", saw_text(r, e.row.state.in));
            field("threshold", threshold_text(r, e.row.state.in));
            field("verdict", name_of(r.verdict));
            if (!r.what.empty()) field("what", r.what);
            field("en", sentence(r, e.row.state.in, language::en));
            field("zh", sentence(r, e.row.state.in, language::zh));
            out.back() = '}';
            out += ',';
        }
        end_list(!why.empty());
    };
    field("customer", e.code);
    field("on", to_string(e.on));
    field("rulebook", e.rulebook);
    out += "\"row\":";
    append_json(out, e.row);
    out += ",\"decisions\":[";
    for (auto const& d : e.decisions) {
        append_json(out, d, e.row.state.in);
        out += ',';
    }
    end_list(!e.decisions.empty());
    out += "\"present\":[";
    reasons(e.present);
    out += "\"expert\":{";
    field("standing", name_of(e.expert.standing));
    for (auto const& [name, count] :
         {std::pair{"advice_given", e.expert.advice_given}, std::pair{"advice_taken", e.expert.advice_taken},
          std::pair{"good", e.expert.good}, std::pair{"poor", e.expert.poor},
          std::pair{"orders_delegated", e.expert.orders_delegated}}) {
        append_json_string(out, name);
        out += ':' + std::to_string(count) + ',';
    }
    out.back() = '}';
    out += ",\"next_actions\":[";
    for (auto const& a : e.next_actions) {
        out += '{';
        field("code", a.code);
        field("en", a.what.en);
        field("zh", a.what.zh);
        field("why", a.why.en);
        field("why_zh", a.why.zh);
        out.back() = '}';
        out += ',';
    }
    end_list(!e.next_actions.empty());
    out += "\"facts\":[";
    for (auto const& f : e.facts) {
        out += '{';
        field("ref", f.ref);
        field("at", f.at.to_string());
        field("fact", f.fact);
        field("details", f.details);
        out += "\"corrected\":";
        out += f.corrected ? "true," : "false,";
        if (f.corrected) field("as_told", f.as_told);
        out.back() = '}';
        out += ',';
    }
    end_list(!e.facts.empty());
    out += "\"facts_later\":" + std::to_string(e.facts_later) + '}';
    return out;
}

}  // namespace patron::v1
