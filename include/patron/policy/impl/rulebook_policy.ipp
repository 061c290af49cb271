#pragma once
#include <patron/machine/names.hpp>
#include <patron/policy/rulebook_policy.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace patron::inline v1::policy {

namespace rulebook_detail {

__extension__ using wide = __int128;

inline constexpr int days_of_year = 365;

/// A number with its own scale; nothing when it is unknown.
struct number {
    std::int64_t units = 0;
    int digits = 0;
};

inline std::optional<number> whole(std::int64_t n) { return number{n, 0}; }

/// All that tables can be asked about. A word is given by its position among `words`.
struct source {
    table_input shown;
    std::vector<std::string_view> words{};
    std::optional<number> (*look)(context const&, power_rules const&) = nullptr;
};

inline std::int64_t year_of(customer_view const& v, day_number on) {
    return v.state.monthly.over(period{day_of(on)}, monthly_purchases::months_kept);
}

inline std::int64_t breaches_in_year(context const& c, std::optional<breach_rule> of) {
    return std::count_if(c.breaches.begin(), c.breaches.end(), [&](kept_breach const& b) {
        return b.on <= c.on && c.on - b.on < days_of_year && (!of || b.rule == *of);
    });
}

/// Penalties of the year that another breach came after.
inline std::int64_t penalties_ignored(context const& c) {
    return std::count_if(c.kept.begin(), c.kept.end(), [&](kept_effect const& k) {
        if (family_of(k.code) != effect_family::penalty || k.step == effect_step::withdrawn) return false;
        return c.on - k.since < days_of_year &&
               std::any_of(c.breaches.begin(), c.breaches.end(), [&](kept_breach const& b) { return b.on > k.since; });
    });
}

inline std::vector<source> const& sources() {
    static std::vector<source> const all = [] {
        using rules = power_rules;
        using found = std::optional<number>;
        std::vector<source> s;
        auto const word = [&](std::string_view name, patron::text label, std::vector<std::string_view> words,
                              found (*look)(context const&, rules const&)) {
            s.push_back({{name, column_type::word, label}, std::move(words), look});
        };
        auto const count = [&](std::string_view name, patron::text label, found (*look)(context const&, rules const&)) {
            s.push_back({{name, column_type::number, label}, {}, look});
        };
        word("stage", {"the stage of the relationship", "关系阶段"},
             {"prospect", "initial", "stable", "strategic", "declining", "ended"},
             [](context const& c, rules const&) { return whole(static_cast<int>(c.stage())); });
        word("tier", {"the tier", "客户等级"}, {"standard", "silver", "gold", "diamond"},
             [](context const& c, rules const&) { return whole(static_cast<int>(c.position.tier)); });
        word("standing", {"the credit standing", "信用状态"}, {"good", "watch", "reduced", "cash_only", "blocked"},
             [](context const& c, rules const&) { return whole(static_cast<int>(c.customer.state.credit_standing)); });
        word("size", {"large or small, by the purchases of half a year, doubled", "规模（半年采购额的两倍）"},
             {"small", "large"}, [](context const& c, rules const& r) {
                 auto const year = wide{2} * year_of(c.customer, c.on);
                 return whole(year >= r.large_from ? 1 : 0);
             });
        word("breach", {"the rule that was broken", "违反的规则"},
             {"price", "territory", "promotion", "outlet", "payment", "exclusivity"},
             [](context const& c, rules const&) -> found {
                 if (c.breach == nullptr) return std::nullopt;
                 return whole(static_cast<int>(c.breach->rule));
             });
        word("rung", {"how far deterrents have gone", "威慑所处级别"},
             {"none", "distributor_added", "supply_suspended"}, [](context const& c, rules const&) -> found {
                 switch (c.supply.rung) {
                     case supply_rung::normal:
                     case supply_rung::warned: return whole(0);
                     case supply_rung::distributor_added: return whole(1);
                     case supply_rung::suspended: return whole(2);
                     case supply_rung::terminated: break;
                 }
                 return std::nullopt;
             });
        word("expert_standing", {"how far it trusts our representatives' judgement", "对我方专业意见的信任"},
             {"unproven", "heard", "trusted", "relied_on"},
             [](context const& c, rules const&) { return whole(static_cast<int>(c.assessment.expert.standing)); });
        count("share_of_wallet", {"our part of all they purchase, in per cent", "采购份额"},
              [](context const& c, rules const&) -> found {
                  if (c.customer.state.share_millionths < 0) return std::nullopt;
                  return number{c.customer.state.share_millionths, 4};
              });
        count("tenure_months", {"whole months since the first order of this cooperation", "合作月数"},
              [](context const& c, rules const&) -> found {
                  auto const since = c.customer.state.cooperating_since();
                  if (since == no_day || since > c.on) return whole(0);
                  auto const months = period{day_of(c.on + 1)} - period{day_of(since)};
                  std::chrono::year_month_day const first{day_of(since)};
                  std::chrono::year_month_day const last{day_of(c.on + 1)};
                  return whole(std::max(months - (last.day() < first.day() ? 1 : 0), 0));
              });
        count("breaches_in_year", {"breaches of any rule in 365 days", "一年内违规次数"},
              [](context const& c, rules const&) { return whole(breaches_in_year(c, std::nullopt)); });
        count("severity", {"of the breach, 1 slight to 5 grave", "违规严重程度"},
              [](context const& c, rules const&) -> found {
                  if (c.breach == nullptr) return std::nullopt;
                  return whole(c.breach->severity);
              });
        count("times_in_year", {"breaches of this rule in 365 days, this one included", "一年内同类违规次数"},
              [](context const& c, rules const&) -> found {
                  if (c.breach == nullptr) return std::nullopt;
                  return whole(breaches_in_year(c, c.breach->rule));
              });
        count("penalties_ignored", {"penalties of the last 365 days that a breach came after", "未奏效的处罚次数"},
              [](context const& c, rules const&) { return whole(penalties_ignored(c)); });
        count("days_since_last", {"days since a deterrent was last used", "距上次威慑的天数"},
              [](context const& c, rules const&) -> found {
                  auto const last = c.supply.uses.front();
                  if (last == no_day) return std::nullopt;
                  return whole(std::int64_t{c.on} - last);
              });
        count("uses_in_year", {"uses of a deterrent in 365 days", "一年内威慑次数"},
              [](context const& c, rules const&) {
                  return whole(std::count_if(c.supply.uses.begin(), c.supply.uses.end(), [&](day_number used) {
                      return used != no_day && c.on - used < days_of_year;
                  }));
              });
        count("overdue_share", {"what is overdue of what is open, in per cent", "逾期占比"},
              [](context const& c, rules const&) -> found {
                  if (c.customer.records == nullptr || !c.customer.records->ledger_is_complete) return std::nullopt;
                  wide open = 0;
                  wide overdue = 0;
                  for (auto const& i : c.customer.records->ledger.invoices()) {
                      if (i.disputed) continue;
                      open += i.open;
                      if (c.on > i.due) overdue += i.open;
                  }
                  if (c.customer.records->ledger.invoices().empty()) return std::nullopt;
                  return number{open == 0 ? 0 : static_cast<std::int64_t>(overdue * 10'000 / open), 2};
              });
        count("security", {"the deposit held and what is guaranteed, in the customer's currency", "保证金余额与担保额"},
              [](context const& c, rules const&) -> found {
                  auto const sum = wide{c.position.deposit_held} + c.position.guaranteed;
                  return number{static_cast<std::int64_t>(std::min<wide>(sum, INT64_MAX)),
                                c.customer.state.in.minor_digits()};
              });
        count("strain", {"on the relationship; 1 is what a termination strains", "关系紧张度"},
              [](context const& c, rules const&) -> found { return number{c.strain, 3}; });
        return s;
    }();
    return all;
}

inline std::int64_t rescaled(number n, int digits) {
    wide units = n.units;
    for (int i = n.digits; i < digits; ++i) units *= 10;
    for (int i = digits; i < n.digits; ++i) units /= 10;
    return static_cast<std::int64_t>(std::clamp<wide>(units, INT64_MIN, INT64_MAX));
}

/// A table with what its columns are about.
struct asked_table {
    struct input {
        source const* from = nullptr;
        int digits = 0;
        std::optional<std::int64_t> least{};
        std::optional<std::int64_t> most{};
        std::vector<std::size_t> positions{};  ///< of words, by the source's own
    };
    /// Positions of the outputs that the kind of table knows; nothing where the table has none of that name.
    struct known_outputs {
        std::optional<std::size_t> effect, budget, part, fulfil_within_days, notice_days, appeal_days, lifted_when,
            review_after_days, lifted_by, authority, permanent, tier, grace_days, change, needs_approval,
            review_after_months;
    };

    decision_table table;
    std::vector<input> inputs{};
    known_outputs out{};

    explicit asked_table(decision_table t) : table{std::move(t)} {}

    /// The values of a customer. Gives the first input that the table requires and nobody knows; empty: there is none.
    [[nodiscard]] std::string_view read(context const& c, power_rules const& rules,
                                        std::array<value, most_table_columns>& into) const {
        std::string_view unknown;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            auto const seen = inputs[i].from->look(c, rules);
            auto const& column = table.text().inputs[i];
            if (!seen) {
                if (column.required && unknown.empty()) unknown = column.name;
                into[i] = {};
                continue;
            }
            if (column.type == column_type::word) {
                into[i] = value::word(inputs[i].positions[static_cast<std::size_t>(seen->units)]);
                continue;
            }
            auto n = rescaled(*seen, inputs[i].digits);
            if (inputs[i].least) n = std::max(n, *inputs[i].least);
            if (inputs[i].most) n = std::min(n, *inputs[i].most);
            into[i] = value::number(n);
        }
        return unknown;
    }
    /// Calls `each(rule position, its outputs)` for every rule that stands.
    template <class Each>
    void ask(context const& c, power_rules const& rules, Each const& each) const {
        std::array<value, most_table_columns> in;
        if (!read(c, rules, in).empty()) return;
        std::array<std::uint16_t, effects::most> hit{};
        auto const answer = table.evaluate({in.data(), inputs.size()}, hit);
        if (!answer) return;  // a sound table always answers
        if (table.text().hits == hit_policy::collect) {
            for (std::size_t i = 0; i < std::min(answer.value().hits, hit.size()); ++i)
                each(hit[i], table.outputs(hit[i]));
        } else if (answer.value().rule) {
            each(*answer.value().rule, table.outputs(*answer.value().rule));
        }
    }
    [[nodiscard]] std::string_view word(std::optional<std::size_t> column, std::span<value const> outputs) const {
        if (!column || !outputs[*column].is_known()) return {};
        return table.text().outputs[*column].words[static_cast<std::size_t>(outputs[*column].units())];
    }
    [[nodiscard]] static std::optional<std::int64_t> amount(std::optional<std::size_t> column,
                                                            std::span<value const> outputs) {
        if (!column || !outputs[*column].is_known()) return std::nullopt;
        return outputs[*column].units();
    }
    /// Days or months of an output that has none after the point.
    [[nodiscard]] std::optional<int> whole(std::optional<std::size_t> column, std::span<value const> outputs) const {
        auto const n = amount(column, outputs);
        if (!n) return std::nullopt;
        return static_cast<int>(
            std::min<std::int64_t>(rescaled({*n, table.text().outputs[*column].digits}, 0), 36'500));
    }
    /// That part, in per cent, of an amount, rounded down.
    [[nodiscard]] std::optional<std::int64_t> percent_of(std::int64_t of, std::optional<std::size_t> column,
                                                         std::span<value const> outputs) const {
        auto const n = amount(column, outputs);
        if (!n) return std::nullopt;
        wide product = wide{of} * *n;
        wide down = 100;
        for (int i = 0; i < table.text().outputs[*column].digits; ++i) down *= 10;
        return static_cast<std::int64_t>(std::clamp<wide>(product / down, INT64_MIN, INT64_MAX));
    }
};

inline error wrong(errc code, std::string field, std::string saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = std::move(saw), .remedy = std::move(remedy)};
}

inline result<asked_table> made(decision_table const& from) {
    asked_table t{from};
    auto const& text = from.text();
    for (auto const& column : text.inputs) {
        auto const at = "tables." + text.name + '.' + column.name;
        auto const& all = sources();
        auto const known =
            std::find_if(all.begin(), all.end(), [&](auto const& s) { return s.shown.name == column.name; });
        if (known == all.end()) {
            std::string names;
            for (auto const& s : all) names.append(names.empty() ? "" : ", ").append(s.shown.name);
            return wrong(errc::unknown_field, at, column.name, "a table can be asked about " + names);
        }
        if (known->shown.type != column.type) {
            return wrong(errc::malformed, at, std::string{name_of(column.type)},
                         "it is a " + std::string{name_of(known->shown.type)});
        }
        asked_table::input in{.from = &*known, .digits = column.digits};
        for (auto const word : known->words) {
            auto const found = std::find(column.words.begin(), column.words.end(), word);
            if (found == column.words.end()) {
                return wrong(errc::unknown_reference, at, std::string{word}, "add the word to the column: it can come");
            }
            in.positions.push_back(static_cast<std::size_t>(found - column.words.begin()));
        }
        auto const bound = [&](std::optional<decimal> const& b) -> std::optional<std::int64_t> {
            if (!b) return std::nullopt;
            return rescaled({b->units(), b->digits()}, column.digits);
        };
        in.least = bound(column.least);
        in.most = bound(column.most);
        t.inputs.push_back(std::move(in));
    }
    auto const output = [&](std::string_view name, column_type type) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < text.outputs.size(); ++i) {
            if (text.outputs[i].name == name && text.outputs[i].type == type) return i;
        }
        return std::nullopt;
    };
    using enum column_type;
    t.out = {.effect = output("effect", word),
             .budget = output("budget", number),
             .part = output("part", number),
             .fulfil_within_days = output("fulfil_within_days", number),
             .notice_days = output("notice_days", number),
             .appeal_days = output("appeal_days", number),
             .lifted_when = output("lifted_when", word),
             .review_after_days = output("review_after_days", number),
             .lifted_by = output("lifted_by", word),
             .authority = output("authority", word),
             .permanent = output("permanent", yes_no),
             .tier = output("tier", word),
             .grace_days = output("grace_days", number),
             .change = output("change", number),
             .needs_approval = output("needs_approval", yes_no),
             .review_after_months = output("review_after_months", number)};
    auto const missing = [&](bool is_there, std::string_view name) -> std::optional<error> {
        if (is_there) return std::nullopt;
        return wrong(errc::missing_field, "tables." + text.name + '.' + std::string{name}, {},
                     "a table of kind " + std::string{name_of(text.kind)} + " puts it out");
    };
    auto const need = [&](std::initializer_list<std::pair<bool, std::string_view>> all) -> std::optional<error> {
        for (auto const& [is_there, name] : all) {
            if (auto e = missing(is_there, name)) return e;
        }
        return std::nullopt;
    };
    std::optional<error> e;
    switch (text.kind) {
        case table_kind::plain: break;
        case table_kind::reward:
            e = need(
                {{t.out.effect.has_value(), "effect"}, {t.out.fulfil_within_days.has_value(), "fulfil_within_days"}});
            break;
        case table_kind::penalty: e = need({{t.out.effect.has_value(), "effect"}}); break;
        case table_kind::deterrent:
            e = need({{t.out.effect.has_value(), "effect"}, {t.out.authority.has_value(), "authority"}});
            break;
        case table_kind::limit: e = need({{t.out.change.has_value(), "change"}}); break;
        case table_kind::tier: e = need({{t.out.tier.has_value(), "tier"}}); break;
    }
    if (e) return *e;
    auto const family = text.kind == table_kind::reward    ? effect_family::reward
                        : text.kind == table_kind::penalty ? effect_family::penalty
                                                           : effect_family::deterrent;
    auto const gives_effects =
        text.kind == table_kind::reward || text.kind == table_kind::penalty || text.kind == table_kind::deterrent;
    for (std::size_t r = 0; gives_effects && r < text.rules.size(); ++r) {
        auto const word = t.word(t.out.effect, from.outputs(r));
        auto const code = effect_code_of(word);
        if (code && family_of(*code) == family) continue;
        return wrong(errc::unknown_reference, "tables." + text.name + '.' + text.rules[r].code + ".effect",
                     std::string{word}, "give an effect of this kind of table; known_effects lists them");
    }
    return t;
}

/// The last day of the fiscal year that holds the day.
inline day_number year_end(day_number on, std::chrono::month begins) {
    period const month{day_of(on)};
    auto const into =
        (static_cast<int>(month.index() % 12) - static_cast<int>(static_cast<unsigned>(begins)) + 1 + 12) % 12;
    return number_of((month + (11 - into)).last());
}

}  // namespace rulebook_detail

struct rulebook_policy::impl {
    std::vector<rulebook_detail::asked_table> asked;  ///< those of a kind, in the book's order
    std::array<int, customer_tier_count> grace_days{};
    power_rules rules;

    template <class Each>
    void each(table_kind kind, context const& c, Each const& call) const {
        for (auto const& t : asked) {
            if (t.table.text().kind != kind) continue;
            t.ask(c, rules, [&](std::size_t rule, std::span<value const> outputs) {
                call(t, t.table.text().rules[rule], outputs);
            });
        }
    }
    static reason because(rulebook_detail::asked_table const& t, table_rule const& r) {
        return {.rule = "rulebook_rule", .what = t.table.text().name + '.' + r.code};
    }
    /// A sanction as the table's row has it, but for its amount.
    static effect sanction(context const& c, rulebook_detail::asked_table const& t, table_rule const& r,
                           std::span<value const> outputs, power_rules const& rules) {
        effect e;
        e.code = *effect_code_of(t.word(t.out.effect, outputs));
        e.since = c.on;
        e.severity = c.breach->severity;
        e.rule = r.code;
        e.notice_days = t.whole(t.out.notice_days, outputs);
        e.appeal_days = t.whole(t.out.appeal_days, outputs);
        auto const when = t.word(t.out.lifted_when, outputs);
        auto const by = t.word(t.out.lifted_by, outputs);
        auto const after = t.whole(t.out.review_after_days, outputs);
        if (t.out.permanent && outputs[*t.out.permanent] == value::yes_no(true)) {
            e.way_back.ends_when = way_back_kind::permanent;
        } else if (when == "year_ended") {
            e.way_back.ends_when = way_back_kind::date;
            e.until = rulebook_detail::year_end(c.on, rules.fiscal_year_begins);
        } else if (!by.empty() && by != "itself") {
            e.way_back.ends_when = way_back_kind::named_person;
            e.way_back.person = by;
        } else if (!when.empty()) {
            e.way_back.ends_when = way_back_kind::compliance;
        }
        if (e.way_back.ends_when != way_back_kind::permanent && after) e.way_back.review_on = c.on + *after;
        e.why.push_back(because(t, r));
        e.why.push_back({.rule = "breach_answered",
                         .unit = measure::count,
                         .saw = c.breach->severity,
                         .what = std::string{machine::name_of(c.breach->rule)}});
        return e;
    }
};

PATRON_FN std::span<table_input const> known_inputs() noexcept {
    static std::vector<table_input> const all = [] {
        std::vector<table_input> out;
        for (auto const& s : rulebook_detail::sources()) out.push_back(s.shown);
        return out;
    }();
    return all;
}

PATRON_FN result<rulebook_policy> rulebook_policy::make(rulebook const& book) {
    auto held = std::make_shared<impl>();
    held->rules = book.powers;
    for (auto const& table : book.tables) {
        if (table.text().kind == table_kind::plain) continue;
        auto one = rulebook_detail::made(table);
        if (!one) return one.error();
        auto const& t = held->asked.emplace_back(std::move(one.value()));
        if (table.text().kind != table_kind::tier) continue;
        for (auto r = table.text().rules.size(); r-- > 0;) {  // the first row of a tier says how long it is kept
            auto const tier = tier_of(t.word(t.out.tier, table.outputs(r)));
            if (!tier) {
                return rulebook_detail::wrong(errc::unknown_reference, "tables." + table.text().name + ".tier",
                                              std::string{t.word(t.out.tier, table.outputs(r))},
                                              "the tiers are standard, silver, gold and diamond");
            }
            held->grace_days[static_cast<std::size_t>(*tier)] = t.whole(t.out.grace_days, table.outputs(r)).value_or(0);
        }
    }
    return rulebook_policy{std::move(held)};
}

PATRON_FN void rulebook_policy::reward(context const& c, effects& out) const {
    if (!c.reviewed) return;
    auto const& rules = held_->rules;
    auto const begins = static_cast<int>(static_cast<unsigned>(rules.fiscal_year_begins)) - 1;
    if ((c.reviewed->index() + 1 - begins) % rules.reward_months != 0) return;
    auto const bought = c.customer.state.monthly.over(*c.reviewed, rules.reward_months);
    held_->each(table_kind::reward, c, [&](auto const& t, table_rule const& r, std::span<value const> outputs) {
        effect e;
        e.code = *effect_code_of(t.word(t.out.effect, outputs));
        e.since = c.on;
        e.rule = r.code;
        auto from = c.on;
        if (e.code == effect_code::year_end_rebate || e.code == effect_code::profit_share) {
            from = rulebook_detail::year_end(c.on, rules.fiscal_year_begins);
        }
        e.deadline = from + t.whole(t.out.fulfil_within_days, outputs).value_or(0);
        e.why.push_back(impl::because(t, r));
        if (e.code == effect_code::credit_increase) {
            auto const proposed = limit(c);
            if (!proposed || proposed->is_unlimited || !c.customer.state.limit_is_set) return;
            auto const more = proposed->amount - c.customer.state.limit;
            if (more <= 0) return;
            e.amount = more;
            for (auto const& why : proposed->why) e.why.push_back(why);
        } else if (auto const part = t.percent_of(bought, t.out.budget, outputs)) {
            if (*part <= 0) return;  // nothing was bought
            e.amount = part;
        }
        if (e.code == effect_code::exclusivity) e.target = c.territory;
        if (e.code == effect_code::tier) e.target = name_of(c.position.tier);
        out.propose(std::move(e));
    });
}

PATRON_FN void rulebook_policy::penalise(context const& c, effects& out) const {
    if (c.breach == nullptr) return;
    held_->each(table_kind::penalty, c, [&](auto const& t, table_rule const& r, std::span<value const> outputs) {
        auto e = impl::sanction(c, t, r, outputs, held_->rules);
        auto const& s = c.customer.state;
        if (e.code == effect_code::credit_cut && s.limit_is_set && !s.limit_is_unlimited) {
            e.amount = t.percent_of(s.limit, t.out.part, outputs);
        } else if (e.code == effect_code::deposit_forfeited) {
            e.amount = t.percent_of(c.position.deposit_held, t.out.part, outputs);
        }
        out.propose(std::move(e));
    });
}

PATRON_FN void rulebook_policy::deter(context const& c, effects& out) const {
    if (c.breach == nullptr) return;
    held_->each(table_kind::deterrent, c, [&](auto const& t, table_rule const& r, std::span<value const> outputs) {
        auto e = impl::sanction(c, t, r, outputs, held_->rules);
        e.way_back.person = t.word(t.out.authority, outputs);
        if (e.code == effect_code::add_distributor) e.target = c.territory;
        out.propose(std::move(e));
    });
}

PATRON_FN std::optional<limit_proposal> rulebook_policy::limit(context const& c) const {
    std::optional<limit_proposal> lowest;
    auto const& s = c.customer.state;
    if (!s.limit_is_set) return lowest;
    held_->each(table_kind::limit, c, [&](auto const& t, table_rule const& r, std::span<value const> outputs) {
        limit_proposal p{.is_unlimited = s.limit_is_unlimited, .amount = s.limit, .rule = r.code};
        auto const change = t.percent_of(s.limit, t.out.change, outputs).value_or(0);
        auto const ends_credit = t.percent_of(100, t.out.change, outputs) == -100;
        if (s.limit_is_unlimited && ends_credit) p = {.is_unlimited = false, .amount = 0, .rule = r.code};
        else if (__builtin_add_overflow(s.limit, change, &p.amount)) p.amount = INT64_MAX;
        p.amount = std::max<std::int64_t>(p.amount, 0);
        p.needs_approval = t.out.needs_approval && outputs[*t.out.needs_approval] == value::yes_no(true);
        if (auto const months = t.whole(t.out.review_after_months, outputs))
            p.review_after_months = std::max(*months, 1);
        p.why.push_back(impl::because(t, r));
        if (!lowest || rules_over(p, *lowest)) lowest = std::move(p);
    });
    return lowest;
}

PATRON_FN std::optional<tier_proposal> rulebook_policy::tier(context const& c) const {
    std::optional<tier_proposal> proposed;
    held_->each(table_kind::tier, c, [&](auto const& t, table_rule const&, std::span<value const> outputs) {
        auto const tier = tier_of(t.word(t.out.tier, outputs));
        if (!tier || (proposed && proposed->tier <= *tier)) return;  // of several tables the lowest tier rules
        proposed = tier_proposal{*tier, held_->grace_days[static_cast<std::size_t>(c.customer.state.tier)]};
    });
    return proposed;
}

PATRON_FN std::vector<table_look> rulebook_policy::look(context const& c) const {
    std::vector<table_look> out;
    for (auto const& t : held_->asked) {
        auto const& text = t.table.text();
        table_look one{.table = text.name, .kind = text.kind};
        std::array<value, most_table_columns> in;
        one.unknown = t.read(c, held_->rules, in);
        for (std::size_t r = 0; r < text.rules.size(); ++r) {
            if (auto seen = t.table.look(r, {in.data(), t.inputs.size()})) one.rules.push_back(std::move(seen.value()));
        }
        out.push_back(std::move(one));
    }
    return out;
}

PATRON_FN result<powers> powers_of(rulebook const& book) {
    if (auto const sound = check(book.powers); !sound) return sound.error();
    auto made = rulebook_policy::make(book);
    if (!made) return made.error();
    return powers{std::move(made.value()), book.powers};
}

}  // namespace patron::v1::policy
