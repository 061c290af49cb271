#pragma once
#include <patron/lifecycle/rules_text.hpp>
#include <patron/policy/impl/house_numbers.hpp>
#include <patron/policy/rulebook_check.hpp>
#include <patron/policy/rulebook_policy.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace patron::inline v1::policy {

namespace detail {

class book_check {
public:
    book_check(rulebook const& book, table_check_limits limits) noexcept : book_{book}, limits_{limits} {}

    std::vector<finding> run() {
        ranges();
        promotion();
        decline();
        other_numbers();
        credit();
        powers();
        if (auto const sound = policy::check(book_.resale); !sound) wrong("resale", "POW-5", sound.error());
        std::set<std::string_view> names;
        for (auto const& t : book_.tables) {
            if (!names.insert(t.text().name).second)
                tell(gravity::error, "duplicate_table", "ENG-9", t.text().name, {}, {}, "two tables have this name",
                     "两张表同名");
            auto in_table = policy::check(t, limits_);
            std::ranges::move(in_table, std::back_inserter(found_));
            effects(t);
        }
        return std::move(found_);
    }

private:
    void tell(gravity g, std::string code, std::string id, std::string where, std::vector<std::string> rules,
              std::vector<finding::input> example, std::string en, std::string zh) {
        found_.push_back({.gravity = g,
                          .code = std::move(code),
                          .id = std::move(id),
                          .where = std::move(where),
                          .rules = std::move(rules),
                          .en = std::move(en),
                          .zh = std::move(zh),
                          .example = std::move(example)});
    }

    void range(rule_note const& note, std::int64_t n) {
        if (n >= note.least && n <= note.most) return;
        tell(gravity::error, "out_of_range", std::string{note.id}, "lifecycle", {std::string{note.name}},
             {{std::string{note.name}, number_text(n, note.unit)}}, "outside of its range; " + range_text(note),
             "超出允许范围：" + number_text(note.least, note.unit) + " 至 " + number_text(note.most, note.unit));
    }
    template <class Number>
    void range(rule_note const& note, Number const& value) {
        each_number(value, [&](std::int64_t n) { range(note, n); });
    }
    void range(rule_note const& note, std::string const& s) { range(note, static_cast<std::int64_t>(s.size())); }
    void range(rule_note const& note, std::vector<std::string> const& all) {
        range(note, static_cast<std::int64_t>(all.size()));
    }

    void ranges() {
        lifecycle::detail::each_rule(book_.lifecycle, [&](std::string_view name, auto const& value) {
            if (auto const* const note = lifecycle::detail::note_of(name)) range(*note, value);
        });
        if (book_.version() == lifecycle::lifecycle_rules{}.version && !(book_ == default_rulebook()))
            tell(gravity::warning, "version_taken", "ENG-9", "version", {"version"}, {{"version", book_.version()}},
                 "the book differs from the default one but bears its version; give it one of its own",
                 "规则与默认规则不同却使用其版本号，请另设版本号");
    }

    void credit() {
        if (auto const sound = patron::check(book_.credit); !sound) wrong("credit", "CRE-3", sound.error());
        for (std::size_t i = 1; i < book_.credit.by_standing.size(); ++i) {
            auto const& better = book_.credit.by_standing[i - 1];
            auto const& worse = book_.credit.by_standing[i];
            if (worse.verdict >= better.verdict && worse.limit_basis_points <= better.limit_basis_points) continue;
            tell(gravity::warning, "worse_standing_has_more", "CRE-6", "credit",
                 {"standings.verdict", "standings.limit_share"},
                 {{"standing", std::string{machine::name_of(static_cast<standing>(i))}}},
                 "a customer in this standing has a milder check or more of its limit than in the better one before it",
                 "该信用状态的审核更宽或可用额度更高，优于上一级较好的状态");
        }
    }
    void powers() {
        if (auto const sound = policy::check(book_.powers); !sound) wrong("powers", "POW-2", sound.error());
        auto const& s = book_.powers.supply;
        if (s.terminates_at_once <= s.suspends_at_once && s.suspends_at_once <= gravest)
            tell(gravity::warning, "unreachable", "POW-3", "powers",
                 {"supply.suspends_at_once", "supply.terminates_at_once"},
                 {{"severity", std::to_string(s.suspends_at_once)}},
                 "a breach that would suspend supply at once terminates it instead",
                 "本应暂停供货的违规会直接终止供货");
    }
    void wrong(std::string section, std::string id, error const& e) {
        tell(gravity::error, "out_of_range", std::move(id), std::move(section), {e.field}, {{e.field, e.saw}},
             "no engine could honour this; " + e.remedy, "无法执行该数值：" + e.remedy);
    }

    static std::string share(basis_points b) { return number_text(b.count(), rule_unit::share); }
    static std::string weight(std::int32_t w) { return number_text(w, rule_unit::weight); }

    void promotion() {
        auto const& p = book_.lifecycle.promotion;
        if (p.keep_share > p.promote_share) {
            tell(gravity::error, "keep_above_promote", "REL-2", "lifecycle",
                 {"promotion.promote_share", "promotion.keep_share"},
                 {{"share_of_wallet", share(p.promote_share)}, {"reviews", std::to_string(p.consecutive_reviews)}},
                 "a customer whose share stays as it is wins a stage and at once counts as losing it; keep_share is at "
                 "most "
                 "promote_share",
                 "份额不变的客户刚晋级即被计为流失；保级份额不得高于晋级份额");
        } else if (p.keep_share == p.promote_share && p.consecutive_reviews <= 1 && p.least_dwell_days == 0) {
            tell(gravity::warning, "no_hysteresis", "REL-2", "lifecycle",
                 {"promotion.promote_share", "promotion.keep_share", "promotion.consecutive_reviews",
                  "promotion.least_dwell_days"},
                 {{"share_of_wallet", "now above, now below " + share(p.promote_share)}},
                 "a customer at the border is won by one review and counted against by the next",
                 "处于边界的客户会在相邻评审间反复升降");
        }
    }

    void decline() {
        auto const& d = book_.lifecycle.decline;
        struct step {
            char const* stage;
            char const* rule;
            std::int32_t takes;
        };
        std::array const steps{step{"initial", "decline.confirms_initial", d.confirms_initial},
                               step{"stable", "decline.confirms_stable", d.confirms_stable},
                               step{"strategic", "decline.confirms_strategic", d.confirms_strategic}};
        if (auto const most = book_.lifecycle.recovery.evidence_at_most; most.count() >= lifecycle::detail::whole)
            tell(gravity::error, "recovery_at_once", "REL-5", "lifecycle",
                 {"recovery.evidence_at_most", "decline.confirms_initial"},
                 {{"stage", "initial"}, {"evidence", weight(d.confirms_initial)}},
                 "evidence that stays as it is confirms a decline and a recovery in turn; evidence_at_most is below "
                 "100 %",
                 "证据不变的客户会在衰退与恢复之间往复；恢复门槛须低于 100%");
        for (std::size_t i = 1; i < steps.size(); ++i) {
            if (steps[i].takes >= steps[i - 1].takes) continue;
            tell(gravity::warning, "evidence_not_rising", "REL-4", "lifecycle", {steps[i - 1].rule, steps[i].rule},
                 {{"stage", steps[i].stage}, {"evidence", weight(steps[i].takes)}},
                 "the higher stage is lost by less evidence than the lower one", "较高阶段所需的衰退证据反而更少");
        }
        for (auto const& s : steps) {
            if (d.per_missed_gap > 0 && d.most_for_rhythm >= s.takes) continue;
            tell(gravity::warning, "silence_unseen", "REL-4", "lifecycle",
                 {d.per_missed_gap == 0 ? "decline.per_missed_gap" : "decline.most_for_rhythm", s.rule},
                 {{"stage", s.stage},
                  {"orders", "none, for ever"},
                  {"evidence", weight(d.per_missed_gap == 0 ? 0 : d.most_for_rhythm)}},
                 "a customer that never orders again would not be found declining by that alone, nor ended",
                 "仅凭不再下单无法认定衰退，也不会认定终止");
            break;  // the first says it
        }
        if (d.volume_collapses_below >= d.volume_falls_below)
            tell(gravity::error, "unreachable", "REL-4", "lifecycle",
                 {"decline.falling_volume", "decline.volume_collapses_below"},
                 {{"volume", "just below " + share(d.volume_falls_below) + " of the average"}},
                 "every falling volume counts as collapsed; volume_collapses_below is below volume_falls_below",
                 "任何下降都被计为骤降；骤降门槛须低于下降门槛");
        if (d.long_overdue_days <= d.overdue_days)
            tell(gravity::error, "unreachable", "REL-4", "lifecycle",
                 {"decline.overdue_item", "decline.long_overdue_days"},
                 {{"days_past_due", std::to_string(d.overdue_days)}},
                 "every overdue item counts as long overdue; long_overdue_days is more than overdue_days",
                 "任何逾期都被计为长期逾期；长期逾期天数须大于逾期天数");
    }

    void other_numbers() {
        auto const& days = book_.lifecycle.decline.complaint_limit_days;
        for (std::size_t i = 1; i < days.size(); ++i) {
            if (days[i] <= days[i - 1]) continue;
            tell(gravity::warning, "limits_not_falling", "RET-3", "lifecycle", {"decline.complaint_limit_days"},
                 {{"severity", std::to_string(i + 1)}, {"days_open", std::to_string(days[i])}},
                 "a graver complaint may stay open for longer than a slighter one", "较严重的投诉期限反而更长");
        }
        auto const& c = book_.lifecycle.coverage;
        if (c.executive_levels.empty() && c.executives > 1)  // a visit counts for one
            tell(gravity::error, "never_met", "ARC-3", "lifecycle",
                 {"coverage.executives", "coverage.executive_levels"}, {{"executives", "1"}},
                 "no level counts as executive, so that nobody becomes a strategic partner",
                 "没有任何级别被视为高层，战略伙伴条件永远无法满足");
    }

    [[nodiscard]] std::vector<finding::input> example_of(decision_table const& t, std::size_t r) const {
        std::vector<finding::input> all;
        all.reserve(t.text().inputs.size());
        for (std::size_t c = 0; c < t.text().inputs.size(); ++c)
            all.push_back({t.text().inputs[c].name, t.text().rules[r].when[c]});
        return all;
    }

    void effects(decision_table const& t) {
        auto const kind = t.text().kind;
        if (kind != table_kind::reward && kind != table_kind::penalty && kind != table_kind::deterrent) return;
        auto const* const id = kind == table_kind::reward ? "POW-1" : kind == table_kind::penalty ? "POW-2" : "POW-3";
        auto const& outputs = t.text().outputs;
        auto const find = [&](std::string_view name) -> std::optional<std::size_t> {
            auto const found = std::ranges::find(outputs, name, &column::name);
            if (found == outputs.end()) return std::nullopt;
            return static_cast<std::size_t>(found - outputs.begin());
        };
        auto const effect = find("effect");
        if (!effect || outputs[*effect].type != column_type::word) {
            tell(gravity::error, "no_effect", id, t.text().name, {}, {}, "the table has no output \"effect\" of words",
                 "该表没有名为 effect 的词语输出列");
            return;
        }
        auto const lifted = find("lifted_when");
        auto const review = find("review_after_days");
        auto const permanent = find("permanent");
        for (std::size_t r = 0; r < t.text().rules.size(); ++r) {
            auto const put_out = t.outputs(r);
            auto const given = [&](std::optional<std::size_t> c) { return c && put_out[*c].is_known(); };
            auto const at_rule = [&](std::string code, std::string requirement, std::string en, std::string zh) {
                tell(gravity::error, std::move(code), std::move(requirement), t.text().name, {t.text().rules[r].code},
                     example_of(t, r), std::move(en), std::move(zh));
            };
            if (!put_out[*effect].is_known()) continue;  // nothing happens
            auto const name = outputs[*effect].shown(put_out[*effect]);
            auto const all = known_effects();
            auto const known = std::ranges::find(all, name, &effect_note::code);
            if (known != all.end() && known->lowers_price) {
                at_rule("lowers_price", "POW-6", "\"" + name + "\" lowers the supply price, which is the same for all",
                        "“" + name + "”会降低供货价，而供货价对所有经销商一致");
            } else if (known == all.end() || known->kind != kind) {
                std::string names;
                for (auto const& e : all) {
                    if (e.kind == kind && !e.lowers_price) names.append(names.empty() ? "" : ", ").append(e.code);
                }
                auto en = "\"" + name;
                auto zh = "“" + name;
                en.append("\" is none of: ").append(names);
                zh.append("”不在允许之列：").append(names);
                at_rule("unknown_effect", id, std::move(en), std::move(zh));
            }
            if (kind == table_kind::reward) continue;
            auto const for_good = given(permanent) && outputs[*permanent].shown(put_out[*permanent]) == "yes";
            if (for_good && (given(lifted) || given(review))) {
                at_rule("both_ways", "POW-14", "it says permanent, and how it is lifted",
                        "既声明永久，又规定了解除方式");
            } else if (!for_good && (!given(lifted) || !given(review))) {
                at_rule("no_way_back", "POW-14",
                        "nothing lifts \"" + name + "\": give lifted_when and review_after_days, or permanent",
                        "“" + name + "”没有解除途径：请给出 lifted_when 与 review_after_days，或声明 permanent");
            }
        }
    }

    rulebook const& book_;
    table_check_limits limits_;
    std::vector<finding> found_;
};

}  // namespace detail

PATRON_FN std::vector<finding> check(rulebook const& book, table_check_limits limits) {
    auto found = detail::book_check{book, limits}.run();
    for (auto const& table : book.tables) {
        auto const is_told = [&](finding const& f) {
            return f.gravity == gravity::error && f.where == table.text().name;
        };
        if (std::ranges::any_of(found, is_told)) continue;  // one fault is told once
        rulebook one;
        one.tables.push_back(table);
        auto const asked = rulebook_policy::make(one);
        if (asked) continue;
        auto const& e = asked.error();
        found.push_back({.code = "not_askable",
                         .id = "ENG-9",
                         .where = table.text().name,
                         .en = "the engine cannot ask this: " + e.message(),
                         .zh = "引擎无法按此提问：" + e.message()});
    }
    return found;
}

PATRON_FN bool is_sound(std::span<finding const> findings) noexcept {
    return std::ranges::none_of(findings, [](finding const& f) { return f.gravity == gravity::error; });
}

}  // namespace patron::v1::policy
