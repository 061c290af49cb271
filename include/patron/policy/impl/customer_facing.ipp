#pragma once
#include <patron/policy/customer_facing.hpp>
#include <patron/policy/impl/rule_numbers.hpp>

#include <patron/base/money.hpp>
#include <patron/fact/fact.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1::policy {

PATRON_FN customer_facing customer_facing::of(std::span<kept_effect const> kept, std::int64_t deposit_held,
                                              std::span<profit_share_account const> shares, day_number on) {
    customer_facing out;
    auto const is_of = [](profit_share_account const& share, kept_effect const& k) {
        auto const at = period{day_of(k.since)} - share.terms().first_month;
        return at >= 0 && at < profit_share_account::months;
    };
    auto const is_disclosed = [&](kept_effect const& k) {
        for (auto const& share : shares) {
            if (is_of(share, k)) return share.is_disclosed(on);
        }
        return k.deadline != no_day && on >= k.deadline;
    };
    for (auto const& k : kept) {
        if (k.step == effect_step::proposed || k.since > on) continue;
        auto const is_of_year = k.code == effect_code::profit_share || k.code == effect_code::year_end_award_cancelled;
        auto const hides = is_of_year && !is_disclosed(k);
        if (hides && k.code == effect_code::profit_share) continue;
        shown_effect s;
        s.code = k.code;
        s.step = k.step;
        s.amount = k.amount;
        s.since = k.since;
        s.deadline = k.deadline;
        s.until = k.until;
        s.review_on = k.review_on;
        s.notice_until = k.notice_until;
        s.appeal_until = k.appeal_until;
        s.ends_when = k.ends_when;
        s.target = k.target;
        s.lifted_by = k.person;
        if (hides) s.amount.reset();
        out.effects_.push_back(std::move(s));
    }
    out.deposit_held_ = deposit_held;
    for (auto const& share : shares) {
        if (!share.is_disclosed(on)) continue;
        out.share_ = shown_profit_share{.rate = share.terms().rate};
        for (auto const& k : kept) {
            auto const is_given = k.code == effect_code::profit_share && k.step != effect_step::proposed &&
                                  k.step != effect_step::reversed && k.since <= on;
            if (is_given && is_of(share, k)) out.share_->payable += k.amount.value_or(0);
        }
    }
    return out;
}

namespace customer_facing_detail {

/// Days of an effect, with what they are for.
struct shown_day {
    std::string_view name;
    text label;
    day_number shown_effect::* day;
};
inline constexpr shown_day shown_days[] = {
    {"since", {"from", "自"}, &shown_effect::since},
    {"deadline", {"by", "兑现期限"}, &shown_effect::deadline},
    {"until", {"until", "至"}, &shown_effect::until},
    {"notice_until", {"notice until", "通知期至"}, &shown_effect::notice_until},
    {"appeal_until", {"appeal until", "申诉期至"}, &shown_effect::appeal_until},
    {"review_on", {"reviewed on", "复核日"}, &shown_effect::review_on},
};

}  // namespace customer_facing_detail

PATRON_FN std::string to_text(customer_facing const& shown, currency in, language l) {
    auto const zh = l == language::zh;
    auto const amount = [&](std::int64_t n) { return money{n, in}.to_string(); };
    std::string out;
    for (auto const& e : shown.effects()) {
        out.append(label_of(e.code).in(l)).append(zh ? "，" : ", ").append(label_of(e.step).in(l));
        if (e.amount) out.append(zh ? "，" : ", ").append(amount(*e.amount));
        for (auto const& d : customer_facing_detail::shown_days) {
            if (e.*d.day == no_day) continue;
            out.append(zh ? "，" : ", ").append(d.label.in(l)).append(" ").append(to_string(day_of(e.*d.day)));
        }
        if (!e.target.empty()) out.append(zh ? "，" : ", ").append(e.target);
        if (!e.lifted_by.empty()) out.append(zh ? "，可由其解除：" : ", lifted by ").append(e.lifted_by);
        out += '\n';
    }
    if (auto const& share = shown.profit_share()) {
        out.append(zh ? "年终利润分享 " : "profit share of ")
            .append(detail::number_text(share->rate.count(), detail::rule_unit::share));
        out.append(zh ? "：" : ": ").append(amount(share->payable)).append("\n");
    }
    return out.append(zh ? "保证金余额：" : "deposit held: ").append(amount(shown.deposit_held())).append("\n");
}

PATRON_FN std::string to_json(customer_facing const& shown, currency in) {
    std::string out = "{\"effects\":[";
    auto const word = [&](std::string_view name, std::string_view value) {
        append_json_string(out.append(",\"").append(name).append("\":"), value);
    };
    bool first = true;
    for (auto const& e : shown.effects()) {
        out.append(first ? "{\"effect\":" : ",{\"effect\":");
        first = false;
        append_json_string(out, name_of(e.code));
        word("step", name_of(e.step));
        if (e.amount) word("amount", money{*e.amount, in}.to_string());
        for (auto const& d : customer_facing_detail::shown_days) {
            if (e.*d.day != no_day) word(d.name, to_string(day_of(e.*d.day)));
        }
        if (e.ends_when != way_back_kind::unstated) word("ends_when", name_of(e.ends_when));
        if (!e.target.empty()) word("target", e.target);
        if (!e.lifted_by.empty()) word("lifted_by", e.lifted_by);
        out += '}';
    }
    out += ']';
    word("deposit_held", money{shown.deposit_held(), in}.to_string());
    if (auto const& share = shown.profit_share()) {
        append_json_string(out.append(",\"profit_share\":{\"rate\":"),
                           detail::number_text(share->rate.count(), detail::rule_unit::share));
        word("payable", money{share->payable, in}.to_string());
        out += '}';
    }
    return out += '}';
}

}  // namespace patron::v1::policy
