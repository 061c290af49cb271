#pragma once
#include <patron/engine/impl/assess_by.hpp>
#include <patron/engine/impl/power_context.hpp>
#include <patron/engine/impl/retold_customer.hpp>
#include <patron/engine/impl/told_book.hpp>
#include <patron/engine/why_not.hpp>
#include <patron/fact/impl/json_members.hpp>
#include <patron/machine/names.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1 {

PATRON_FN bool tables_explained::keep_only(std::string_view name) {
    if (name.empty()) return true;
    if (auto const is_named = [&](policy::table_look const& t) { return t.table == name; };
        std::ranges::any_of(tables, is_named)) {
        std::erase_if(tables, [&](policy::table_look const& t) { return !is_named(t); });
        return true;
    }
    auto const is_rule = [&](policy::rule_look const& r) { return r.rule == name; };
    auto const has_rule = [&](policy::table_look const& t) { return std::ranges::any_of(t.rules, is_rule); };
    if (!std::ranges::any_of(tables, has_rule)) return false;
    std::erase_if(tables, [&](policy::table_look const& t) { return !has_rule(t); });
    for (auto& t : tables) std::erase_if(t.rules, [&](policy::rule_look const& r) { return !is_rule(r); });
    return true;
}

PATRON_FN result<tables_explained> explain_tables(engine const& book, std::string_view code, std::optional<day> on) {
    auto const story = detail::told_book{book}.of(code);
    if (!story) return story.error();
    auto const last = on ? on : book.latest_day();
    detail::retold_customer told{book.options()};
    bool is_known = false;
    for (auto const& one : story.value()) {
        if (last && (one.review ? one.on() >= *last : one.on() > *last)) continue;
        is_known = told.tell(one) || is_known;
    }
    if (!is_known || !last) {
        return error{.code = errc::unknown_customer,
                     .field = "customer",
                     .saw = std::string{code},
                     .remedy = "no fact up to that day is about it"};
    }
    told.come_to(*last);
    auto const& rules = told.rules_on(*last);
    if (rules.rulebook_file.empty()) {
        return error{.code = errc::impossible_now,
                     .field = "rulebook",
                     .saw = rules.version,
                     .remedy = "the rules of that day are a program's own: a rulebook file has tables to ask"};
    }
    auto const read = policy::parse_rulebook(rules.rulebook_file);
    if (!read) return read.error();
    auto asked = policy::rulebook_policy::make(read.value());
    if (!asked) return asked.error();
    return detail::under_rules_of(told.how(), number_of(*last), [&](fold_rules const& how) -> result<tables_explained> {
        customer_view const customer{told.state(), &told.records()};
        auto const assessed = detail::assess_by(how, customer, number_of(*last), false);
        auto const& breaches = told.records().powers->breaches;
        kept_breach const* breach = nullptr;
        for (auto const& b : breaches) {
            if (breach == nullptr || b.on >= breach->on) breach = &b;
        }
        auto const c = detail::power_context(how, customer, number_of(*last), assessed,
                                             {.breach = breach, .reviewed = period{*last}});
        tables_explained out{asked.value()};
        out.customer = code;
        out.on = *last;
        out.rulebook = rules.version;
        if (breach != nullptr) {  // the word that the feed has for it
            out.breach = std::string{machine::name_of(breach->rule)} + ' ' + to_string(day_of(breach->on));
        }
        out.tables = asked.value().look(c);
        return out;
    });
}

PATRON_FN std::string to_json(tables_explained const& all) {
    std::string out;
    detail::json_members const members{out};
    out += '{';
    members.text("customer", all.customer);
    members.text("on", to_string(all.on));
    members.text("rulebook", all.rulebook);
    if (!all.breach.empty()) members.text("breach", all.breach);
    members.name("tables");
    out += '[';
    for (auto const& t : all.tables) {
        out += &t == &all.tables.front() ? "{" : ",{";
        members.text("table", t.table);
        members.text("kind", name_of(t.kind));
        if (!t.unknown.empty()) members.text("unknown", t.unknown);
        members.name("rules");
        out += '[';
        for (auto const& r : t.rules) {
            out += &r == &t.rules.front() ? "{" : ",{";
            members.text("rule", r.rule);
            members.text("id", r.id);
            members.flag("fired", r.fired());
            if (r.yielded) members.text("yielded", *r.yielded);
            members.name("cells");
            out += '[';
            for (auto const& c : r.cells) {
                out += &c == &r.cells.front() ? "{" : ",{";
                members.text("input", c.input);
                members.text("saw", c.saw);
                members.text("wanted", c.wanted);
                members.text("verdict", name_of(c.verdict));
                out += '}';
            }
            out += "]}";
        }
        out += "]}";
    }
    return out + "]}";
}

PATRON_FN std::string to_text(tables_explained const& all, language l) {
    auto const zh = l == language::zh;
    auto out = all.customer + (zh ? "，" : ", ") + to_string(all.on) + (zh ? "，规则手册 " : ", rulebook ") +
               all.rulebook + '\n';
    if (!all.breach.empty()) out += (zh ? "最近违规：" : "latest breach: ") + all.breach + '\n';
    for (auto const& t : all.tables) {
        out.append(t.table).append(":\n");
        if (!t.unknown.empty()) {
            out.append(zh ? "  未询问，未知：" : "  not asked, for it is not known: ").append(t.unknown) += '\n';
        }
        for (auto const& r : t.rules) out += "  " + sentence(r, l) + '\n';
    }
    return out;
}

}  // namespace patron::v1
