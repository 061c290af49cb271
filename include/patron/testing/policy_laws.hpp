/// The laws of policies: what patron relies on, whatever the model. Works in any test framework.
///
/// Each function tries a policy on the contexts that it is given and returns what it breaks, in words; an empty list means
/// that no law was seen broken. The contexts should differ: stages, facts, effects kept, deposits, strain.
#pragma once
#include <patron/policy/hooks.hpp>
#include <patron/policy/resolver.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1::testing {

namespace detail {

inline void report_policy_law(std::vector<std::string>& broken, std::size_t context, std::string const& what) {
    broken.push_back("context " + std::to_string(context) + ": " + what);
}

inline std::vector<policy::effect> proposed_in(policy::effects const& all) {
    std::vector<policy::effect> out;
    for (auto const& p : all.all()) out.push_back(p.what);
    return out;
}

/// What holds of every resolution, whatever was proposed.
inline void check_resolution(std::vector<std::string>& broken, std::size_t i, policy::effects const& proposals,
                             policy::context const& c, policy::resolver_rules const& rules) {
    auto const r = policy::resolve(proposals, c, rules);
    if (r.granted.size() + r.refused.size() != proposals.size()) {
        report_policy_law(broken, i, "the resolver drops a proposal in silence");
    }
    __extension__ using wide = __int128;
    wide forfeited = 0;
    for (auto const& e : r.granted) {
        if (!policy::validate(e).empty()) report_policy_law(broken, i, "an incomplete effect is granted");
        if (e.code == effect_code::deposit_forfeited) forfeited += *e.amount;
        for (auto const& other : r.granted) {
            for (auto const& x : policy::conflicts()) {
                if (x.stands == e.code && x.yields == other.code && (!x.same_target || e.target == other.target)) {
                    report_policy_law(broken, i, "effects that exclude each other are granted");
                }
            }
        }
    }
    if (forfeited > std::max<std::int64_t>(c.position.deposit_held, 0)) {
        report_policy_law(broken, i, "more than the deposit is forfeited (POW-8)");
    }
}

/// `ask(policy, context, effects)` calls the hook of that family.
template <class P, class Ask>
std::vector<std::string> effect_policy_laws(P const& p, std::span<policy::context const> contexts, effect_family family,
                                            policy::resolver_rules const& rules, Ask ask) {
    std::vector<std::string> broken;
    std::vector<std::vector<policy::effect>> first;
    for (std::size_t i = 0; i < contexts.size(); ++i) {
        policy::effects out;
        ask(p, contexts[i], out);
        first.push_back(proposed_in(out));
        if (out.left_out() > 0) report_policy_law(broken, i, "it proposes more than there is room for");
        for (auto const& e : first.back()) {
            auto const name = std::string{name_of(e.code)};
            if (family_of(e.code) != family) {
                report_policy_law(broken, i,
                                  name + " is no " + std::string{name_of(family)} + ": it belongs in another hook");
            }
            for (auto const fault : policy::validate(e)) {
                report_policy_law(broken, i, name + ": " + std::string{policy::label_of(fault).en});
            }
            if (e.since != no_day && e.since < contexts[i].on) {
                report_policy_law(broken, i, name + " begins before the day that is decided about");
            }
        }
        check_resolution(broken, i, out, contexts[i], rules);
    }
    auto const copy = p;
    for (std::size_t i = contexts.size(); i-- > 0;) {
        policy::effects again;
        ask(copy, contexts[i], again);
        if (proposed_in(again) != first[i]) {
            report_policy_law(broken, i,
                              "not pure: asked again, in another order and of a copy, it proposes otherwise");
        }
        policy::effect other;  // of another policy, already there
        other.rule = "other_policy";
        policy::effects behind;
        behind.propose(other);
        ask(p, contexts[i], behind);
        auto const all = proposed_in(behind);
        if (all.empty() || !(all.front() == other)) {
            report_policy_law(broken, i, "it changes what another policy proposed");
        } else if (!std::equal(all.begin() + 1, all.end(), first[i].begin(), first[i].end())) {
            report_policy_law(broken, i, "its proposals depend on what another policy proposed");
        }
    }
    return broken;
}

}  // namespace detail

/// The laws of a `reward_policy`:
///  - it is pure: the same context gives the same proposals, in any order of calls, from a copy too;
///  - it appends, and does not look at what others proposed;
///  - it proposes rewards only, each complete (policy::validate), from the day decided about on;
///  - what the resolver makes of it breaks no invariant.
/// Complexity: three passes over the contexts.
template <policy::reward_policy P>
[[nodiscard]] std::vector<std::string> reward_policy_laws(P const& p, std::span<policy::context const> contexts,
                                                          policy::resolver_rules const& rules = {}) {
    return detail::effect_policy_laws(
        p, contexts, effect_family::reward, rules,
        [](P const& q, policy::context const& c, policy::effects& out) { q.reward(c, out); });
}

/// The laws of a `penalty_policy`: as for rewards, with penalties; each has its way back or is permanent (POW-14).
template <policy::penalty_policy P>
[[nodiscard]] std::vector<std::string> penalty_policy_laws(P const& p, std::span<policy::context const> contexts,
                                                           policy::resolver_rules const& rules = {}) {
    return detail::effect_policy_laws(
        p, contexts, effect_family::penalty, rules,
        [](P const& q, policy::context const& c, policy::effects& out) { q.penalise(c, out); });
}

/// The laws of a `deterrent_policy`: as for penalties, with deterrents.
template <policy::deterrent_policy P>
[[nodiscard]] std::vector<std::string> deterrent_policy_laws(P const& p, std::span<policy::context const> contexts,
                                                             policy::resolver_rules const& rules = {}) {
    return detail::effect_policy_laws(
        p, contexts, effect_family::deterrent, rules,
        [](P const& q, policy::context const& c, policy::effects& out) { q.deter(c, out); });
}

/// The laws of a `limit_policy`:
///  - it is pure;
///  - a limit is not negative, names its rule and says why.
template <policy::limit_policy P>
[[nodiscard]] std::vector<std::string> limit_policy_laws(P const& p, std::span<policy::context const> contexts) {
    std::vector<std::string> broken;
    std::vector<std::optional<policy::limit_proposal>> first;
    for (std::size_t i = 0; i < contexts.size(); ++i) {
        first.push_back(p.limit(contexts[i]));
        if (!first.back()) continue;
        auto const& l = *first.back();
        if (!l.is_unlimited && l.amount < 0) detail::report_policy_law(broken, i, "the limit is negative");
        if (l.rule.empty()) detail::report_policy_law(broken, i, "the limit names no rule");
        if (l.why.empty()) detail::report_policy_law(broken, i, "the limit gives no reason");
    }
    auto const copy = p;
    for (std::size_t i = contexts.size(); i-- > 0;) {
        if (copy.limit(contexts[i]) != first[i]) {
            detail::report_policy_law(broken, i,
                                      "not pure: asked again, in another order and of a copy, it answers otherwise");
        }
    }
    return broken;
}

}  // namespace patron::v1::testing
