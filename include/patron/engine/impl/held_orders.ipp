#pragma once
#include <patron/engine/held_orders.hpp>
#include <patron/engine/impl/keeper.hpp>
#include <patron/fact/impl/json_members.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace patron::inline v1 {

namespace held_orders_detail {

constexpr credit_step step_of(hold_step s) noexcept {
    constexpr std::array all{credit_step::order, credit_step::change, credit_step::reopen, credit_step::delivery};
    return all[static_cast<std::size_t>(s)];
}

inline bool speaks(credit_finding const& f) noexcept { return f.outcome != credit_verdict::approve && !f.overridden; }

inline std::vector<held_order::cause> causes_of(kept_hold const& hold, credit_answer const* now, currency in) {
    std::vector<held_order::cause> all;
    all.reserve(hold.reasons.size());
    for (auto const& r : hold.reasons) all.push_back({.rule = r.rule, .said = r.said, .is_open = false});
    if (now == nullptr) return all;
    for (auto const& f : now->rules) {
        if (!speaks(f)) continue;
        auto const known = std::find_if(all.begin(), all.end(),
                                        [&](held_order::cause const& c) { return !c.is_open && c.rule == f.why.rule; });
        auto& c = known == all.end() ? all.emplace_back() : *known;
        c = {.rule = std::string{f.why.rule}, .said = sentence(f.why, in, language::en), .is_open = true};
    }
    return all;
}

inline result<void> append_holds(std::vector<held_order>& out, engine& book, std::string const& code,
                                 held_orders_query const& wanted) {
    auto const* credit = detail::keeper{book}.credit_of(code);
    if (credit == nullptr || credit->holds.empty()) return {};
    auto const holds = credit->holds;  // a check may read older orders in
    auto const on = wanted.on ? wanted.on : book.latest_day();
    auto const in = book.state_of(code).value().in;
    for (auto const& hold : holds) {
        if (on && number_of(*on) < hold.from) continue;
        held_order one{.customer = code, .in = in, .hold = hold, .state = hold.state, .causes = {}, .now = {}};
        if (on && hold.waits(number_of(*on))) {
            std::optional<day> delivery;  // that has passed it counts as for any day
            if (hold.delivery_date != no_day) delivery = std::max(day_of(hold.delivery_date), *on);
            auto answer = book.check(
                code,
                {.amount = {hold.amount, in},
                 .step = step_of(hold.step),
                 .order = hold.order,
                 .reservation = {},
                 .quotation = hold.step == hold_step::order ? std::string_view{hold.quotation} : std::string_view{},
                 .terms_days = hold.terms_days,
                 .delivery_date = delivery,
                 .on = on});
            if (!answer) return answer.error();
            if (answer.value().verdict == credit_verdict::approve) one.state = hold_state::ready;
            one.now = std::move(answer.value());
        } else if (hold.state == hold_state::held) {
            one.state = hold_state::expired;
        }
        if (!one.now && !wanted.ended_too) continue;
        one.causes = causes_of(hold, one.now ? &*one.now : nullptr, in);
        out.push_back(std::move(one));
    }
    return {};
}

}  // namespace held_orders_detail

PATRON_FN result<std::vector<held_order>> held_orders(engine& book, held_orders_query const& wanted) {
    std::vector<held_order> out;
    std::vector<std::string> codes;
    if (wanted.customer.empty()) {
        book.each_by_code([&](customer_row const& row) {
            codes.emplace_back(row.profile.code);
            return true;
        });
    } else {
        if (auto const known = book.state_of(wanted.customer); !known) return known.error();
        codes.emplace_back(wanted.customer);
    }
    for (auto const& code : codes) {
        if (auto const told = held_orders_detail::append_holds(out, book, code, wanted); !told) return told.error();
    }
    return out;
}

PATRON_FN void append_json(std::string& out, held_order const& held) {
    auto const& hold = held.hold;
    detail::json_members const members{out};
    auto const if_told = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) members.text(name, value);
    };
    out += '{';
    members.text("customer", held.customer);
    members.text("order", hold.order);
    members.text("amount", money{hold.amount, held.in}.to_string());
    members.text("state", name_of(held.state));
    members.text("step", name_of(held_orders_detail::step_of(hold.step)));
    members.text("since", to_string(day_of(hold.from)));
    if (hold.until != no_day) members.text("until", to_string(day_of(hold.until)));
    if_told("by", hold.by);
    if_told("reason", hold.reason);
    members.name("reasons");
    out += '[';
    for (auto const& c : held.causes) {
        out += &c == &held.causes.front() ? "{" : ",{";
        members.text("rule", c.rule);
        members.text("said", c.said);
        members.flag("open", c.is_open);
        out += '}';
    }
    out += ']';
    if (hold.state != hold_state::held) {
        if_told("decided_by", hold.decided_by);
        if_told("decided_because", hold.decided_because);
        members.text("decided_on", to_string(day_of(hold.decided_on)));
    }
    if (held.now) {
        members.name("check");
        append_json(out, *held.now, held.in);
    }
    out += '}';
}

PATRON_FN std::string to_text(held_order const& held, language l) {
    auto const zh = l == language::zh;
    auto const& hold = held.hold;
    auto out = held.customer + (zh ? "，订单 " : ", order ") + hold.order + (zh ? "，金额 " : " of ") +
               money{hold.amount, held.in}.to_string() + (zh ? "：" : ": ") + std::string{label_of(held.state).in(l)} +
               (zh ? "，自 " : ", since ") + to_string(day_of(hold.from));
    if (hold.until != no_day) out += (zh ? "，至 " : ", until ") + to_string(day_of(hold.until));
    out += '\n';
    if (hold.is_forced())
        out += (zh ? "  - 人工暂挂：" : "  - held by ") + hold.by + (zh ? "，" : ": ") + hold.reason + '\n';
    for (auto const& c : held.causes) {
        if (!c.is_open) out += (zh ? "  - 已消除：" : "  - no longer: ") + c.said + '\n';
    }
    if (hold.state != hold_state::held && !hold.decided_by.empty()) {
        out += "  - " + std::string{label_of(hold.state).in(l)} + (zh ? "，" : " by ") + hold.decided_by +
               (zh ? "，" : ": ") + hold.decided_because + '\n';
    }
    if (held.now) out += to_text(*held.now, held.in, l);
    return out;
}

}  // namespace patron::v1
