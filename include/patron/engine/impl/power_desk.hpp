#pragma once
// What the powers of a house do to one customer: breaches answered, rewards and tiers at reviews, and the days on which
// what was given changes by itself.
#include <patron/engine/fold.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/power_context.hpp>
#include <patron/lifecycle/effect_life.hpp>
#include <patron/lifecycle/evidence.hpp>
#include <patron/lifecycle/supply.hpp>
#include <patron/lifecycle/tier.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// What a fold that is refused has to put back: what time, passing before it, had changed.
class power_undo {
public:
    /// Called before anything of it changes; the first call notes what there was.
    void note(customer_records const& records) {
        if (noted_) return;
        noted_ = true;
        before_ = records.powers;
        deposit_ = records.credit->deposit;
    }
    void put_back(customer_records* records) {
        if (!noted_ || records == nullptr) return;
        records->powers = std::move(before_);
        if (records->credit->deposit != deposit_) records->credit.edit().deposit = deposit_;
    }

private:
    bool noted_ = false;
    seldom<power_file> before_{};
    std::int64_t deposit_ = 0;
};

/// Calls `consider` with each day on which something of it may change by itself, past ones too.
template <class Consider>
void each_change(power_file const& file, Consider const& consider) {
    auto const day_after = [&](day_number last) {
        if (last != no_day) consider(std::int64_t{last} + 1);
    };
    for (auto const& e : file.effects) {
        if (e.is_over()) continue;
        if (!is_sanction(e.code)) {
            if (e.step == effect_step::due) day_after(e.deadline);
            if (e.step == effect_step::done) day_after(e.until);
            continue;
        }
        if (e.step == effect_step::noticed) day_after(e.notice_until);
        day_after(e.until);
        auto const is_reviewed =
            e.ends_when == way_back_kind::compliance && family_of(e.code) == effect_family::penalty;
        if (is_reviewed && e.review_on != no_day) consider(std::int64_t{e.review_on});
    }
}

/// The day on which the deterrent ladder goes down a rung by compliance; nothing where it does not.
inline std::optional<std::int64_t> complies_on(power_file const& file, policy::power_rules const& rules) noexcept {
    auto const& ladder = file.supply;
    if (ladder.rung == supply_rung::normal || ladder.rung == supply_rung::terminated) return std::nullopt;
    return std::int64_t{std::max(ladder.since, file.last_breach())} + rules.supply.complies_after_days;
}

/// Counts what a fact adds to purchases, or takes off, to the year's profit share, of which nobody hears before it is due
/// (POW-7). Called before the state counts it.
inline void accrue_profit_share(fold_rules const& how, customer_state const& state,
                                std::unique_ptr<customer_records>& records, period month, std::int64_t purchases) {
    if (how.powers == nullptr || purchases == 0) return;
    auto const terms = policy::terms_of(how.powers->rules(), month);
    auto const is_of_year = [&](profit_share_account const& s) { return s.terms().first_month == terms.first_month; };
    auto const& held = powers_in(records.get()).profit_shares;
    auto const is_held = std::any_of(held.begin(), held.end(), is_of_year);
    if (terms.rate == basis_points{0}) {
        if (is_held) std::erase_if(records->powers.edit().profit_shares, is_of_year);
        return;
    }
    if (!records) records = std::make_unique<customer_records>(how.memory);
    auto& shares = records->powers.edit().profit_shares;
    if (!is_held) {
        profit_share_account fresh{terms};
        for (auto past = terms.first_month; past <= month; past = past + 1)
            (void)fresh.count(past, state.monthly.in(past));
        shares.push_back(fresh);
        std::sort(shares.begin(), shares.end(), [](profit_share_account const& a, profit_share_account const& b) {
            return a.terms().first_month < b.terms().first_month;
        });
        if (shares.size() > power_file::profit_shares_kept) shares.erase(shares.begin());
    }
    auto const share = std::find_if(shares.begin(), shares.end(), is_of_year);
    if (share == shares.end()) return;  // of a year that is too long ago to be kept
    share->revise(terms);
    (void)share->count(month, purchases);  // the state refuses what does not fit
}

/// Everything about one customer that powers decide. Made for one fact or one day; what it refers to outlives it.
class power_desk {
public:
    power_desk(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
               fold_report& report, power_undo* undo)
        : how_{how}, rules_{power_rules_of(how)}, state_{state}, records_{records}, report_{report}, undo_{undo} {}

    /// Answers a breach of that day, which is in the file already.
    void answer(kept_breach const& breach, fact const* applied, lifecycle::assessment const& a, std::string_view ref,
                moment at) {
        auto const c = context_of(breach.on, applied, a, &breach, std::nullopt);
        decide(c, ref, at);
    }

    /// The tier, and the rewards of that review.
    void review(period month, lifecycle::assessment const& a) {
        auto const on = number_of(month.last());
        forget(on);
        auto const ref = "review " + month.to_string();
        if (auto const deserved = how_.powers->tier(context_of(on, nullptr, a, nullptr, month))) {
            grade(*deserved, on, ref);
        }
        if (file().has_plan()) look_at_plan(on, ref);
        review_limit(month, a, ref);
        decide(context_of(on, nullptr, a, nullptr, month), ref, day_of(on));
    }

    /// Lets the day come on which something changes by itself.
    void pass(day_number on) {
        if (file().empty()) return;
        auto& f = edit();
        std::vector<decided_effect> changed;
        auto const money_owed = owes(on);
        auto const complied = [&](day_number since) {
            auto const last = std::max(since, f.last_breach());
            return std::int64_t{on} - last >= rules_.complies_after_days;
        };
        for (auto& e : f.effects) {
            auto const before = e.step;
            lifecycle::advance(e, on);
            auto const reviewed = family_of(e.code) == effect_family::penalty && !e.is_over() &&
                                  e.ends_when == way_back_kind::compliance && e.review_on != no_day &&
                                  e.review_on <= on;
            if (reviewed) {
                auto const of_payment = e.code == effect_code::credit_cut || e.code == effect_code::cash_only;
                if (complied(e.since) && !(of_payment && money_owed)) (void)lifecycle::comply(e, on);
                else e.review_on = on + std::max(rules_.review_again_days, 1);
            }
            if (e.step == before) continue;
            took_effect(e, before, on);
            changed.push_back(shown(e));
        }
        auto const rung = f.supply.rung;
        lifecycle::move(f.supply, lifecycle::supply_ladder::event::comply, {.on = on, .last_breach = f.last_breach()},
                        rules_.supply);
        if (f.supply.rung != rung) {
            for (auto& e : f.effects) {
                if (family_of(e.code) != effect_family::deterrent || e.is_over()) continue;
                if (auto const lifted = lifecycle::comply(e, on); lifted && lifted.value()) changed.push_back(shown(e));
            }
        }
        std::vector<reason> why;
        if (f.supply.rung != rung) why.push_back(rung_reason(f.supply.rung));
        tell("effect_changed", "effects due", day_of(on), std::move(changed), std::move(why));
    }

    /// What the host said of an effect; it was judged, and `now` is what it came to.
    void carry_out(kept_effect const& now, day_number on, std::string_view ref, moment at, std::string_view by) {
        auto& f = edit();
        for (auto e = f.effects.rbegin(); e != f.effects.rend(); ++e) {
            if (e->rule != now.rule || e->since != now.since || e->target != now.target) continue;
            auto const before = e->step;
            *e = now;
            took_effect(*e, before, on);
            auto const over = e->step == effect_step::lifted || e->step == effect_step::withdrawn;
            std::vector<reason> why;
            if (over && family_of(e->code) == effect_family::deterrent) {
                lifecycle::move(f.supply, lifecycle::supply_ladder::event::restore, {.on = on, .authority = by},
                                rules_.supply);
                why.push_back(rung_reason(f.supply.rung));
            }
            tell("effect_changed", ref, at, {shown(*e)}, std::move(why));
            return;
        }
    }

private:
    [[nodiscard]] power_file const& file() const noexcept { return powers_in(records_.get()); }
    power_file& edit() {
        if (!records_) records_ = std::make_unique<customer_records>(how_.memory);
        if (undo_ != nullptr) undo_->note(*records_);
        return records_->powers.edit();
    }

    [[nodiscard]] policy::context context_of(day_number on, fact const* applied, lifecycle::assessment const& a,
                                             kept_breach const* breach, std::optional<period> reviewed) const {
        return power_context(how_, {state_, records_.get()}, on, a, {applied, breach, reviewed});
    }

    /// Proposes another credit limit, as often as the policy asks to be asked. Only the house's own fact sets it (CRE-7).
    void review_limit(period month, lifecycle::assessment const& a, std::string_view ref) {
        auto const on = number_of(month.last());
        if (!state_.limit_is_set || (file().limit_review_on != no_day && on < file().limit_review_on)) return;
        auto const proposed = how_.powers->limit(context_of(on, nullptr, a, nullptr, month));
        if (!proposed) return;
        edit().limit_review_on = number_of((month + std::max(proposed->review_after_months, 1)).last());
        auto const same = proposed->is_unlimited == state_.limit_is_unlimited &&
                          (proposed->is_unlimited || proposed->amount == state_.limit);
        if (same) return;
        std::vector<reason> why(proposed->why.begin(), proposed->why.end());
        auto const bounded = !proposed->is_unlimited && !state_.limit_is_unlimited;
        if (bounded) {
            why.push_back({.rule = "limit_proposed",
                           .unit = measure::amount,
                           .saw = proposed->amount,
                           .threshold = state_.limit});
        } else if (proposed->is_unlimited) {
            why.push_back({.rule = "limit_unbounded_proposed"});
        } else {
            why.push_back({.rule = "limit_bound_proposed", .unit = measure::amount, .saw = proposed->amount});
        }
        auto const change = wide_amount{proposed->amount} - state_.limit;
        auto const beyond = !bounded || (change < 0 ? -change : change) * 10'000 >
                                            wide_amount{state_.limit} * rules_.limit_step.count();
        if (proposed->needs_approval || beyond) why.push_back({.rule = "limit_needs_approval"});
        if (!proposed->is_unlimited && proposed->amount < state_.exposure) {
            why.push_back({.rule = "limit_below_exposure",
                           .unit = measure::amount,
                           .saw = state_.exposure,
                           .threshold = proposed->amount});
        }
        tell("limit_proposed", ref, day_of(on), {}, std::move(why));
    }

    /// At the fiscal year's last review its profit share is proposed, as a reward like any other. Where stock was dumped
    /// nobody else's proposal of one stands either.
    void share_profit(policy::context const& c, policy::effects& proposals, std::vector<reason>& why) const {
        if (!c.reviewed || rules_.profit_share.rate == basis_points{0}) return;
        auto const& shares = file().profit_shares;
        auto const share = std::find_if(shares.begin(), shares.end(), [&](profit_share_account const& s) {
            return *c.reviewed == s.terms().first_month + (profit_share_account::months - 1);
        });
        if (share == shares.end() || share->accrued() <= 0) return;
        reason const at_rate{.rule = "profit_share_accrued",
                             .unit = measure::share,
                             .saw = share->terms().rate.count() * std::int64_t{100}};
        if (share->is_dumped()) {
            proposals = without_profit_share(proposals);
            why.push_back(at_rate);
            why.push_back({.rule = "profit_share_dumped", .verdict = verdict::not_met});
            return;
        }
        policy::effect e;
        e.code = effect_code::profit_share;
        e.amount = share->payable();
        e.since = c.on;
        e.deadline = share->terms().disclosed_on;
        e.rule = "profit_share";
        e.why.push_back(at_rate);
        proposals.enter(effect_family::reward);
        proposals.propose(std::move(e));
    }
    static policy::effects without_profit_share(policy::effects const& all) {
        policy::effects out;
        for (auto const& p : all.all()) {
            if (p.what.code == effect_code::profit_share) continue;
            if (p.hook) out.enter(*p.hook);
            out.propose(p.what);
        }
        return out;
    }

    void decide(policy::context const& c, std::string_view ref, moment at) {
        policy::effects proposals;
        how_.powers->propose(c, proposals);
        std::vector<reason> why;
        share_profit(c, proposals, why);
        if (proposals.empty() && why.empty()) return;
        auto const came = policy::resolve(proposals, c, rules_.resolver);
        std::vector<decided_effect> given;
        for (auto const& e : came.granted) {
            if (family_of(e.code) == effect_family::deterrent && !climb(e, c, why)) continue;
            auto kept = lifecycle::grant(policy::to_keep(e), life_of(e, rules_.effects));
            if (!kept) continue;  // the resolver has seen that it is complete
            auto& mine = edit().effects.emplace_back(std::move(kept.value()));
            took_effect(mine, effect_step::proposed, c.on);
            given.push_back(shown(mine));
            why.insert(why.end(), e.why.begin(), e.why.end());
        }
        if (report_.want_decisions) {
            for (auto const& r : came.refused) {
                // each review proposes again what lasts
                if (c.breach == nullptr && r.kind == policy::refusal_kind::already_given) continue;
                auto why_not = r.why;
                why_not.what = std::string{name_of(r.what.code)} + (why_not.what.empty() ? "" : ": ") + why_not.what;
                why.push_back(std::move(why_not));
            }
        }
        auto const* const event = given.empty() ? "effect_refused" : "effect_granted";
        tell(event, ref, at, std::move(given), std::move(why));
    }

    /// A deterrent is one rung of the ladder, and none is skipped but for grave cause (POW-3). False where the ladder stays
    /// below what was proposed: a warning comes first.
    bool climb(policy::effect const& e, policy::context const& c, std::vector<reason>& why) {
        auto ladder = file().supply;
        lifecycle::move(ladder, lifecycle::supply_ladder::event::escalate,
                        {.on = c.on,
                         .last_breach = c.breach == nullptr ? file().last_breach() : c.breach->on,
                         .severity = e.severity,
                         .authority = e.way_back.person},
                        rules_.supply);
        if (ladder == file().supply) {
            why.push_back(
                {.rule = "supply_stays", .verdict = verdict::not_met, .what = std::string{name_of(ladder.rung)}});
            return false;
        }
        edit().supply = ladder;
        why.push_back(rung_reason(ladder.rung));
        switch (e.code) {
            case effect_code::add_distributor: return ladder.rung == supply_rung::distributor_added;
            case effect_code::suspend_supply: return ladder.rung == supply_rung::suspended;
            default: return ladder.rung == supply_rung::terminated;
        }
    }

    static reason rung_reason(supply_rung r) { return {.rule = "supply_rung", .what = std::string{name_of(r)}}; }

    static lifecycle::effect_rules life_of(policy::effect const& e, lifecycle::effect_rules rules) {
        if (e.notice_days) {
            rules.penalty_notice_days = rules.deterrent_notice_days = *e.notice_days;
            rules.grave_severity = INT32_MAX;
            rules.warning_needs_notice = true;
        }
        if (e.appeal_days) rules.appeal_days = *e.appeal_days;
        return rules;
    }

    /// What a step does beside: a forfeited deposit is no security any more, a cancelled award is taken back; and both are
    /// given back where the sanction does not bind any more because it was wrong.
    void took_effect(kept_effect& e, effect_step before, day_number on) {
        count(e, before);
        auto const binds = e.step == effect_step::in_force;
        auto const freed =
            before == effect_step::in_force && (e.step == effect_step::withdrawn || e.step == effect_step::appealed);
        if (e.code == effect_code::deposit_forfeited && (binds || freed) && before != e.step) {
            auto& held = records_->credit.edit().deposit;
            auto const part = binds ? std::min(held, e.amount.value_or(0)) : -e.amount.value_or(0);
            if (binds) e.amount = part > 0 ? std::optional{part} : std::nullopt;  // what there was to forfeit
            held -= part;
            state_.exposure += part;  // what was security is owed in full
        }
        if (e.code == effect_code::year_end_award_cancelled && (binds || freed)) {
            auto const begins = rules_.fiscal_year_begins;
            auto const cause = id_of(e);
            for (auto& award : records_->powers.edit().effects) {
                auto const of_year =
                    award.code == effect_code::year_end_rebate || award.code == effect_code::profit_share;
                if (!of_year ||
                    period{day_of(award.since)}.fiscal_year(begins) != period{day_of(e.since)}.fiscal_year(begins)) {
                    continue;
                }
                auto const was = award.step;
                auto const at = std::max(on, award.since);
                if (binds) (void)lifecycle::reverse(award, at, cause);
                else if (award.cause == cause) (void)lifecycle::reinstate(award, at);
                count(award, was);
            }
        }
    }

    void count(kept_effect const& e, effect_step before) {
        auto& totals = records_->powers.edit().totals;
        auto const spent = traits_of(e.code).is_spent ? e.amount.value_or(0) : 0;
        if (before == effect_step::proposed) {
            ++(is_sanction(e.code) ? totals.sanctions : totals.rewards);
            if (__builtin_add_overflow(totals.rewarded, spent, &totals.rewarded)) totals.rewarded = INT64_MAX;
        } else if (e.step == effect_step::reversed && before != e.step) {
            totals.rewarded -= spent;
        } else if (before == effect_step::reversed && before != e.step) {
            if (__builtin_add_overflow(totals.rewarded, spent, &totals.rewarded)) totals.rewarded = INT64_MAX;
        }
    }

    /// A planned promotion ends when it is reached, or its day has passed (SEG-4).
    void look_at_plan(day_number on, std::string_view ref) {
        auto const plan = file().planned_tier;
        auto const is_reached = file().tier_of(state_.tier) >= plan;
        if (!is_reached && on <= file().planned_by) return;
        reason why{.rule = is_reached ? "promotion_reached" : "promotion_missed", .what = std::string{name_of(plan)}};
        edit().planned_tier = customer_tier::standard;
        edit().planned_by = no_day;
        tell("promotion_plan_ended", ref, day_of(on), {}, {std::move(why)});
    }

    void grade(policy::tier_proposal const& deserved, day_number on, std::string_view ref) {
        auto const now = state_.tier;
        auto const falls = deserved.tier < now;
        if (falls && file().below_tier_since == no_day) edit().below_tier_since = on;
        machine::guard_set<lifecycle::tier_ladder> guards;
        guards.set(lifecycle::tier_ladder::guard::earns_next, deserved.tier > now);
        guards.set(lifecycle::tier_ladder::guard::grace_is_over,
                   falls && on - file().below_tier_since >= deserved.grace_days);
        auto tier = now;
        machine::step<lifecycle::tier_ladder>(tier, lifecycle::tier_ladder::event::review_held, guards);
        if ((!falls || tier != now) && file().below_tier_since != no_day) edit().below_tier_since = no_day;
        if (tier == now) return;
        state_.tier = tier;
        std::vector<reason> why{{.rule = tier > now ? "tier_raised" : "tier_lowered",
                                 .what = std::string{name_of(now)} + " -> " + std::string{name_of(tier)}}};
        tell("tier_changed", ref, day_of(on), {}, std::move(why));
    }

    /// What ended long ago weighs nothing any more, and is not kept for ever.
    void forget(day_number on) {
        auto const least = rules_.keeps_ended_days;
        auto const is_old = [&](kept_effect const& e) {
            if (e.step == effect_step::done && traits_of(e.code).is_once)
                return std::int64_t{on} - e.fulfilled_on > least;
            return e.is_over() && std::int64_t{on} - e.ended_on > least;
        };
        auto const is_old_breach = [&](kept_breach const& b) { return std::int64_t{on} - b.on > least; };
        auto const& f = file();
        if (std::any_of(f.effects.begin(), f.effects.end(), is_old)) std::erase_if(edit().effects, is_old);
        if (std::any_of(f.breaches.begin(), f.breaches.end(), is_old_breach)) {
            std::erase_if(edit().breaches, is_old_breach);
        }
    }

    [[nodiscard]] bool owes(day_number on) const {
        auto const& rules = credit_rules_of(how_.credit);
        return days_past_due(records_.get(), on, rules.residue) > 0;
    }

    static decided_effect shown(kept_effect const& e) {
        return {.id = id_of(e),
                .code = e.code,
                .step = e.step,
                .amount = e.amount,
                .since = e.since,
                .deadline = e.deadline,
                .rule = e.rule,
                .target = e.target};
    }

    void tell(std::string_view event, std::string_view ref, moment at, std::vector<decided_effect> changed,
              std::vector<reason> why) {
        if (!report_.want_decisions || (changed.empty() && why.empty())) return;
        report_.decisions.push_back({.ref = std::string{ref},
                                     .at = at,
                                     .customer = std::string{report_.customer},
                                     .from = {},
                                     .to = {},
                                     .event = event,
                                     .why = std::move(why),
                                     .rulebook = how_.rules.version,
                                     .effects = std::move(changed)});
    }

    fold_rules const& how_;
    policy::power_rules const& rules_;
    customer_state& state_;
    std::unique_ptr<customer_records>& records_;
    fold_report& report_;
    power_undo* undo_;
};

}  // namespace patron::v1::detail
