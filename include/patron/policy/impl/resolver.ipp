#pragma once
#include <patron/policy/resolver.hpp>

#include <algorithm>
#include <compare>
#include <tuple>
#include <utility>

namespace patron::inline v1::policy {

namespace detail {

inline constexpr effect_conflict conflict_table[] = {
    {effect_code::terminate, effect_code::suspend_supply},
    {effect_code::terminate, effect_code::add_distributor},
    {effect_code::suspend_supply, effect_code::add_distributor},  // one rung at a time (POW-3)
    {effect_code::terminate, effect_code::credit_increase},
    {effect_code::terminate, effect_code::staff_support},
    {effect_code::terminate, effect_code::promotion_support},
    {effect_code::terminate, effect_code::special_award},
    {effect_code::terminate, effect_code::training},
    {effect_code::terminate, effect_code::vehicles},
    {effect_code::terminate, effect_code::tier},
    {effect_code::terminate, effect_code::exclusivity},
    {effect_code::suspend_supply, effect_code::credit_increase},  // what was earned before is still paid
    {effect_code::suspend_supply, effect_code::staff_support},
    {effect_code::suspend_supply, effect_code::promotion_support},
    {effect_code::suspend_supply, effect_code::special_award},
    {effect_code::suspend_supply, effect_code::training},
    {effect_code::suspend_supply, effect_code::vehicles},
    {effect_code::suspend_supply, effect_code::tier},
    {effect_code::suspend_supply, effect_code::exclusivity},
    {effect_code::add_distributor, effect_code::exclusivity, true},
    {effect_code::exclusivity, effect_code::add_distributor, true},  // one given is reversed first
    {effect_code::credit_cut, effect_code::credit_increase},
    {effect_code::cash_only, effect_code::credit_increase},
    {effect_code::staff_withdrawn, effect_code::staff_support},
    {effect_code::promotion_withdrawn, effect_code::promotion_support},
    {effect_code::year_end_award_cancelled, effect_code::year_end_rebate},
    {effect_code::year_end_award_cancelled, effect_code::profit_share},
    {effect_code::tier_loss, effect_code::tier},
};

inline bool excludes(effect_code stands, std::string_view its_target, effect const& other) noexcept {
    for (auto const& c : conflict_table) {
        if (c.stands == stands && c.yields == other.code && (!c.same_target || its_target == other.target)) return true;
    }
    return false;
}

inline std::strong_ordering compare(reasons const& a, reasons const& b) {
    auto const key = [](reason const& r) {
        return std::tuple{r.rule, std::string_view{r.what}, r.unit, r.saw, r.threshold, r.verdict};
    };
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        if (auto const c = key(a[i]) <=> key(b[i]); c != 0) return c;
    }
    return a.size() <=> b.size();
}

/// Families by gravity, and codes within: 0 is the gravest.
inline int rank_of(effect_code c) noexcept {
    auto const n = static_cast<int>(c);
    auto const all = static_cast<int>(effect_count);
    switch (family_of(c)) {
        case effect_family::deterrent: return all - 1 - n;
        case effect_family::penalty: return all + n;
        case effect_family::reward: break;
    }
    return 2 * all + n;
}

inline auto start_of_key(effect const& e) noexcept { return std::tuple{rank_of(e.code), std::string_view{e.target}}; }

class resolver {
public:
    resolver(context const& c, resolver_rules const& rules) : c_{c}, rules_{rules} {
        for (std::size_t i = 0; i < effect_count; ++i) {
            if (traits_of(static_cast<effect_code>(i)).is_spent) spent_year_ += c.position.granted_year[i];
        }
    }

    void decide(effect e, std::optional<effect_family> hook) {
        auto why = refusal_of(e, hook);
        if (!why) why = lower(e);
        if (why) {
            out_.refused.push_back({std::move(e), why->first, std::move(why->second)});
            return;
        }
        take(e);
        out_.granted.push_back(std::move(e));
    }

    resolution done() { return std::move(out_); }

private:
    __extension__ using wide = __int128;
    using refusal = std::optional<std::pair<refusal_kind, reason>>;

    static refusal refuse(refusal_kind kind, std::string_view rule, std::string_view what) {
        return {{kind, reason{.rule = rule, .verdict = verdict::not_met, .what = std::string{what}}}};
    }

    refusal refusal_of(effect const& e, std::optional<effect_family> hook) const {
        if (auto const faults = validate(e); !faults.empty()) {
            auto const lasts = std::find(faults.begin(), faults.end(), effect_fault::way_back_missing) != faults.end();
            auto const shown = lasts ? effect_fault::way_back_missing : faults.front();
            return refuse(lasts ? refusal_kind::no_way_back : refusal_kind::incomplete, "effect_incomplete",
                          name_of(shown));
        }
        if (hook && *hook != family_of(e.code)) {
            return refuse(refusal_kind::other_hook, "effect_of_other_hook", patron::name_of(*hook));
        }
        for (auto const& granted : out_.granted) {
            if (granted.code == e.code && granted.target == e.target) {
                return refuse(refusal_kind::duplicate, "effect_duplicate", granted.rule);
            }
        }
        for (auto const& k : c_.kept) {
            if (k.code == e.code && k.target == e.target && is_given(k, e)) {
                return refuse(refusal_kind::already_given, "effect_already_given", k.rule);
            }
        }
        for (auto const& granted : out_.granted) {
            if (excludes(granted.code, granted.target, e)) {
                return refuse(refusal_kind::conflict, "effect_conflict", patron::name_of(granted.code));
            }
        }
        for (auto const& k : c_.kept) {
            if (k.holds() && excludes(k.code, k.target, e)) {
                return refuse(refusal_kind::conflict, "effect_conflict", patron::name_of(k.code));
            }
        }
        if (!is_sanction(e.code)) return {};
        auto const weight = weight_of(e);
        auto const least = rules_.least_severity[static_cast<std::size_t>(e.code)];
        if (weight >= least) return {};
        return {{refusal_kind::disproportionate, reason{.rule = "effect_disproportionate",
                                                        .unit = measure::count,
                                                        .saw = weight,
                                                        .threshold = least,
                                                        .verdict = verdict::not_met}}};
    }

    static bool is_given(kept_effect const& k, effect const& e) noexcept {
        if (!is_sanction(e.code)) return k.rule == e.rule && k.since == e.since;
        return k.step == effect_step::noticed || k.step == effect_step::appealed || k.step == effect_step::in_force;
    }

    int weight_of(effect const& e) const noexcept {
        int weight = e.severity;
        for (auto const& k : c_.kept) {
            auto const recent = k.since <= e.since && wide{e.since} - k.since <= rules_.recurrence_days;
            if (is_sanction(k.code) && k.step != effect_step::proposed && k.step != effect_step::withdrawn && recent) {
                ++weight;
            }
        }
        return std::min(weight, 5);
    }

    /// Lowers the amount to what is left everywhere; refuses where that is nothing.
    refusal lower(effect& e) const {
        if (!e.amount) return {};
        auto const asked = *e.amount;
        auto const i = static_cast<std::size_t>(e.code);
        auto const bind = [&](std::optional<std::int64_t> most, wide used, std::string_view rule) -> refusal {
            if (!most) return {};
            wide const rest = wide{*most} - used;
            auto const left = rest < 0 ? std::int64_t{0} : static_cast<std::int64_t>(rest);
            if (*e.amount <= left) return {};
            reason why{.rule = rule, .unit = measure::amount, .saw = asked, .threshold = left};
            if (left == 0) {
                why.verdict = verdict::not_met;
                auto const kind = rule == "effect_deposit" ? refusal_kind::no_deposit : refusal_kind::over_budget;
                return {{kind, std::move(why)}};
            }
            e.amount = left;
            e.why.push_back(std::move(why));
            return {};
        };
        refusal no;
        if (e.code == effect_code::deposit_forfeited) {
            no = bind(std::max<std::int64_t>(c_.position.deposit_held, 0), forfeited_, "effect_deposit");
        }
        if (!no) no = bind(rules_.most_each[i], 0, "effect_cap");
        if (!no) no = bind(rules_.most_year[i], wide{c_.position.granted_year[i]} + taken_[i], "effect_budget");
        if (!no && traits_of(e.code).is_spent) {
            no = bind(rules_.rewards_each, spent_, "rewards_cap");
            if (!no) no = bind(rules_.rewards_year, spent_year_ + spent_, "rewards_budget");
        }
        return no;
    }

    void take(effect const& e) noexcept {
        if (!e.amount) return;
        taken_[static_cast<std::size_t>(e.code)] += *e.amount;
        if (traits_of(e.code).is_spent) spent_ += *e.amount;
        if (e.code == effect_code::deposit_forfeited) forfeited_ += *e.amount;
    }

    context const& c_;
    resolver_rules const& rules_;
    resolution out_{};
    std::array<wide, effect_count> taken_{};
    wide spent_ = 0;
    wide spent_year_ = 0;
    wide forfeited_ = 0;
};

}  // namespace detail

PATRON_FN std::string_view name_of(refusal_kind k) noexcept {
    constexpr std::string_view names[] = {"incomplete",    "no_way_back", "other_hook",       "duplicate",
                                          "already_given", "conflict",    "disproportionate", "over_budget",
                                          "no_deposit",    "too_many"};
    return names[static_cast<std::size_t>(k)];
}

PATRON_FN std::span<effect_conflict const> conflicts() noexcept { return detail::conflict_table; }

PATRON_FN bool before(effect const& a, effect const& b) noexcept {
    auto const start = detail::start_of_key(a) <=> detail::start_of_key(b);
    if (start != 0) return start < 0;
    if (a.amount != b.amount) return a.amount > b.amount;  // nothing is the least
    if (a.severity != b.severity) return a.severity > b.severity;
    auto const rest = [](effect const& e) {
        return std::tuple{e.rule,
                          e.since,
                          e.until,
                          e.deadline,
                          e.way_back.ends_when,
                          e.way_back.review_on,
                          std::string_view{e.way_back.person}};
    };
    auto const c = rest(a) <=> rest(b);
    return c != 0 ? c < 0 : detail::compare(a.why, b.why) < 0;
}

PATRON_FN resolution resolve(effects const& proposals, context const& c, resolver_rules const& rules) {
    if (proposals.empty()) return {};
    std::vector<effects::proposal const*> sorted;
    sorted.reserve(proposals.size());
    for (auto const& p : proposals.all()) sorted.push_back(&p);
    std::sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) {
        if (before(a->what, b->what)) return true;
        return !before(b->what, a->what) && a->hook < b->hook;
    });
    if (proposals.left_out() > 0) {
        resolution all;
        auto const seen = static_cast<std::int64_t>(proposals.size() + proposals.left_out());
        for (auto const* p : sorted) {
            all.refused.push_back({p->what, refusal_kind::too_many,
                                   reason{.rule = "effect_too_many",
                                          .unit = measure::count,
                                          .saw = seen,
                                          .threshold = static_cast<std::int64_t>(effects::most),
                                          .verdict = verdict::not_met}});
        }
        return all;
    }
    detail::resolver deciding{c, rules};
    for (auto const* p : sorted) deciding.decide(p->what, p->hook);
    return deciding.done();
}

}  // namespace patron::v1::policy
