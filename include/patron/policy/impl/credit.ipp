#pragma once
#include <patron/base/money.hpp>
#include <patron/fact/impl/json_members.hpp>
#include <patron/policy/credit.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <utility>

namespace patron::inline v1 {

namespace credit_detail {

__extension__ using wide = __int128;

inline constexpr std::size_t most_groups = 8;

/// A number in a rule's answer: the nearest that 64 bits hold, and whether it is that itself.
struct number {
    std::int64_t value = 0;
    bool is_known = false;
    bool fits = true;

    constexpr number() noexcept = default;
    constexpr number(wide v) noexcept  // NOLINT: reads as the number
        : value{static_cast<std::int64_t>(v > INT64_MAX   ? INT64_MAX
                                          : v < INT64_MIN ? INT64_MIN
                                                          : v)},
          is_known{true},
          fits{v == value} {}
};

/// A rule's answer without its texts.
struct answer_of {
    credit_rule rule{};
    patron::verdict verdict = patron::verdict::met;
    credit_verdict outcome = credit_verdict::approve;
    measure unit = measure::none;
    number saw{};
    number threshold{};
    number margin{};
    std::string_view what{};
};

/// What changes when somebody pays, or time goes by.
struct situation {
    day_number on = no_day;
    wide exposure = 0;  ///< what counts
    wide relief = 0;    ///< how much less than in the picture
    wide open = 0;      ///< items not disputed, without residues
    wide late = 0;      ///< items that the rule of overdue amounts counts
    int oldest = 0;     ///< days past due
    std::string_view oldest_item{};
};

inline bool is_overdue(open_item const& item, day_number on) noexcept { return !item.disputed && on > item.due; }
inline bool is_late(open_item const& item, std::int64_t open, day_number on, credit_rules const& rules) noexcept {
    return is_overdue(item, on) && open > rules.residue && on - item.due > rules.overdue_days;
}

/// Rounded down. Precondition: not negative.
inline wide part_of(wide amount, int basis_points) noexcept {
    if (basis_points == 10'000) return amount;
    auto const product = amount * basis_points;
    if (product <= INT64_MAX) return static_cast<std::int64_t>(product) / 10'000;  // 128 bits divide slowly
    return product / 10'000;
}

/// The limit as it is on that day, of which nothing is left after its last.
inline limit_in_force limit_on(credit_limit const& limit, situation const& now) noexcept {
    return patron::limit_on(limit, {}, now.on);
}

inline limit_in_force own_limit(credit_picture const& p, credit_rules const& rules, situation const& now,
                                standing s) noexcept {
    auto own = patron::limit_on(p.limit, p.temporary, now.on);
    own.amount -= std::min<wide>(own.amount, p.limit_cut);
    for (auto const& g : p.groups) {
        if (own.kind != limit_kind::not_set || own.is_expired) break;
        if (g.mode != pool_mode::default_only) continue;
        own = limit_on(g.limit, now);
        own.is_expired = false;  // a group's default that ran out leaves the member without a limit
    }
    auto const points = rules.by_standing[static_cast<std::size_t>(s)].limit_basis_points;
    if (points == 0) return {.kind = limit_kind::amount, .amount = 0};
    if (points < 10'000) own.amount = part_of(own.amount, points);
    return own;
}

/// Whether what goes beyond the own limit may be taken from a pool of the group.
inline bool pool_is_open(credit_rules const& rules, standing s) noexcept {
    return rules.by_standing[static_cast<std::size_t>(s)].limit_basis_points == 10'000;
}

/// Whether what is to be delivered then does not count yet.
inline bool is_later(day_number delivery_date, credit_rules const& rules, day_number on) noexcept {
    return rules.horizon_days && delivery_date != no_day && std::int64_t{delivery_date} - on > *rules.horizon_days;
}

inline bool is_covered(credit_picture const& p, credit_request const& r, credit_rules const& rules,
                       day_number on) noexcept {
    if (!r.rate_missing.is_own()) return false;
    return std::any_of(p.overrides.begin(), p.overrides.end(), [&](credit_override const& o) {
        auto const tolerance = std::max(o.tolerance_basis_points, rules.override_tolerance_basis_points);
        auto const is_for_it = o.order.empty() ? p.held_by.empty() : o.order == r.order;
        return on <= o.until && is_for_it && is_within(r.amount, o.amount, tolerance);
    });
}

/// What of these runs out from the day of the picture on, before that day.
inline wide run_out(std::span<running_amount const> all, day_number from, day_number on) noexcept {
    wide sum = 0;
    for (auto const& r : all) sum += r.until >= from && r.until < on ? r.amount : 0;
    return sum;
}

/// What the members of a pool use of it, at the most.
inline wide used_of(group_pool const& g, credit_picture const& p, credit_rules const& rules,
                    situation const& now) noexcept {
    auto const relief = g.mode == pool_mode::shared ? now.relief : 0;
    return g.used - relief + (rules.counts.security ? run_out(g.guarantees, p.on, now.on) : 0);
}

/// Asks every rule of the step, in their order, and hands each answer to `sink`.
template <class Sink>
void ask(credit_picture const& p, credit_request const& r, credit_rules const& rules, situation const& now, standing s,
         Sink&& sink) {
    if (r.step == credit_step::invoice) return;
    auto const asked = rules.asked[static_cast<std::size_t>(r.step)];
    auto const amount_known = r.rate_missing.is_own();
    wide const delta = amount_known ? wide{r.amount} - r.replaces : 0;
    auto const adds_nothing = amount_known && delta <= 0;
    auto const passes_limits = adds_nothing && r.step != credit_step::delivery;
    auto const is_counted = r.step == credit_step::delivery || !is_later(r.delivery_date, rules, now.on);
    auto const is_replaced = !is_later(r.replaced_delivery_date, rules, now.on);
    auto const delivered = std::min(r.replaced_delivered, r.replaces);  // counts whatever the dates
    wide const own_delta = amount_known ? wide{is_counted ? r.amount : std::min(r.amount, delivered)} -
                                              (is_replaced ? r.replaces : delivered)
                                        : 0;
    auto const passes_own_limit = amount_known && own_delta <= 0 && r.step != credit_step::delivery;
    auto const lowers = adds_nothing && own_delta <= 0 && r.step == credit_step::change;

    auto const tell = [&](answer_of&& a) {
        if (!asked.has(a.rule)) return;
        if (a.verdict == verdict::unknown) a.outcome = std::max(a.outcome, credit_verdict::hold);
        if (a.verdict == verdict::not_met) {
            a.outcome = std::max(a.outcome, rules.refusing.has(a.rule) ? credit_verdict::refuse : credit_verdict::hold);
        }
        if (lowers && a.rule != credit_rule::exchange_rate && a.rule != credit_rule::payment_terms) {
            a.outcome = credit_verdict::approve;
        }
        sink(a);
    };
    // a rule on an amount: passes up to the threshold
    auto const tell_amount = [&](credit_rule rule, number saw, number threshold, bool beside, std::string_view what) {
        answer_of a{.rule = rule, .unit = measure::amount, .saw = saw, .threshold = threshold, .what = what};
        if (threshold.is_known && saw.is_known) {
            a.margin = wide{threshold.value} - saw.value;
            if (a.margin.value < 0) a.verdict = verdict::not_met;
        } else if (threshold.is_known) {
            a.verdict = verdict::unknown;
        }
        if (beside && asked.has(rule)) {  // told, without a say
            if (lowers || a.verdict == verdict::met) return tell(std::move(a));
            return sink(a);
        }
        tell(std::move(a));
    };

    auto const effect = rules.by_standing[static_cast<std::size_t>(s)];
    tell({.rule = credit_rule::standing, .verdict = verdict::met, .outcome = effect.verdict, .what = name_of(s)});
    tell({.rule = credit_rule::customer_ended, .verdict = p.is_ended ? verdict::not_met : verdict::met});
    auto const missing = amount_known ? p.rate_missing : r.rate_missing;
    tell({.rule = credit_rule::exchange_rate,
          .verdict = missing.is_own() ? verdict::met : verdict::unknown,
          .what = missing.code()});

    auto const own = own_limit(p, rules, now, s);
    auto const need = amount_known ? number{now.exposure + own_delta} : number{};
    auto const may_spill = pool_is_open(rules, s) && asked.has(credit_rule::group_limit);
    auto const pooled =
        may_spill && std::any_of(p.groups.begin(), p.groups.end(), [&](group_pool const& g) {
            return g.mode == pool_mode::own_plus_pool && limit_on(g.limit, now).kind != limit_kind::not_set;
        });
    auto const shared =
        asked.has(credit_rule::group_limit) && std::any_of(p.groups.begin(), p.groups.end(), [&](group_pool const& g) {
            return g.mode == pool_mode::shared && limit_on(g.limit, now).kind != limit_kind::not_set;
        });
    switch (own.kind) {
        case limit_kind::amount:
            tell_amount(credit_rule::credit_limit, need, own.amount, passes_own_limit || (pooled && amount_known), {});
            break;
        case limit_kind::unlimited: tell_amount(credit_rule::credit_limit, need, {}, false, "unlimited"); break;
        case limit_kind::not_set: {
            answer_of a{.rule = credit_rule::credit_limit,
                        .verdict = verdict::unknown,
                        .unit = measure::amount,
                        .saw = need,
                        .what = "not_set"};
            if (!asked.has(a.rule)) break;
            if (passes_limits || ((pooled || shared) && amount_known)) sink(a);
            else tell(std::move(a));
        }
    }
    tell({.rule = credit_rule::limit_expired,
          .verdict = own.is_expired && !passes_limits ? verdict::not_met : verdict::met,
          .unit = p.limit.until == no_day || p.limit.kind == limit_kind::not_set ? measure::none : measure::days,
          .saw = p.limit.until == no_day || p.limit.kind == limit_kind::not_set ? number{}
                                                                                : number{wide{now.on} - p.limit.until},
          .threshold = p.limit.until == no_day || p.limit.kind == limit_kind::not_set ? number{} : number{0},
          .margin = p.limit.until == no_day || p.limit.kind == limit_kind::not_set
                        ? number{}
                        : number{wide{p.limit.until} - now.on}});
    for (auto const& g : p.groups) {
        if (g.mode == pool_mode::default_only) continue;
        auto const limit = limit_on(g.limit, now);
        auto const is_shared = g.mode == pool_mode::shared;
        wide const excess =
            own.kind == limit_kind::unlimited || !may_spill
                ? 0
                : std::max<wide>(0, now.exposure + own_delta - (own.kind == limit_kind::amount ? own.amount : 0));
        auto const used = used_of(g, p, rules, now);
        auto const saw = !amount_known ? number{} : number{used + (is_shared ? delta : excess)};
        auto const beside = passes_limits || (!is_shared && amount_known && excess == 0);
        if (limit.is_expired && is_shared && !passes_limits) {
            tell({.rule = credit_rule::group_limit, .verdict = verdict::not_met, .what = g.group});
            continue;
        }
        tell_amount(credit_rule::group_limit, saw, limit.kind == limit_kind::amount ? number{limit.amount} : number{},
                    beside, g.group);
    }

    auto const amount = amount_known ? number{r.amount} : number{};
    auto lowest = rules.document_limit;
    if (p.document_limit) lowest = std::min(lowest.value_or(INT64_MAX), *p.document_limit);
    tell_amount(credit_rule::document_limit, amount, lowest ? number{*lowest} : number{}, passes_limits, {});
    {
        answer_of a{
            .rule = credit_rule::oldest_item, .unit = measure::days, .saw = now.oldest, .what = now.oldest_item};
        if (rules.oldest_item_days) {
            a.threshold = *rules.oldest_item_days;
            a.margin = wide{*rules.oldest_item_days} - now.oldest;
            if (a.margin.value < 0) a.verdict = verdict::not_met;
        }
        tell(std::move(a));
    }
    {
        answer_of a{.rule = credit_rule::overdue_amount, .unit = measure::amount, .saw = now.late};
        if (rules.overdue_amount) {
            a.threshold = *rules.overdue_amount;
            a.margin = *rules.overdue_amount - now.late;
            if (a.margin.value < 0 && now.late * 10'000 > now.open * rules.overdue_share_basis_points) {
                a.verdict = verdict::not_met;
            }
        }
        tell(std::move(a));
    }
    {
        auto const level = dunning_level(p.dunning_level, now.oldest, rules.dunning);
        answer_of a{.rule = credit_rule::dunning_level, .unit = measure::count, .saw = level};
        if (rules.dunning_level) {
            a.threshold = *rules.dunning_level;
            a.margin = *rules.dunning_level - 1 - level;
            if (a.margin.value < 0) a.verdict = verdict::not_met;
        }
        tell(std::move(a));
    }
    {
        answer_of a{.rule = credit_rule::payment_terms};
        if (r.terms_days) {
            a.unit = measure::days;
            a.saw = *r.terms_days;
            if (!p.terms_days) a.verdict = verdict::unknown;
            else {
                a.threshold = *p.terms_days;
                a.margin = wide{*p.terms_days} - *r.terms_days;
                if (a.margin.value < 0) a.verdict = verdict::not_met;
            }
        }
        tell(std::move(a));
    }
    auto const known_orders = r.step == credit_step::change || r.step == credit_step::reopen ? 1 : 0;  // itself
    if (p.orders <= known_orders) {
        tell_amount(credit_rule::first_order, amount, rules.first_order ? number{*rules.first_order} : number{},
                    passes_limits, {});
    } else {
        tell({.rule = credit_rule::first_order});
    }
    {
        answer_of a{.rule = credit_rule::risk_class, .what = p.risk_class};
        auto const& held = rules.risk_classes_held;
        if (!held.empty() && p.risk_class.empty()) a.verdict = verdict::unknown;
        if (std::find(held.begin(), held.end(), p.risk_class) != held.end()) a.verdict = verdict::not_met;
        tell(std::move(a));
    }
    {
        answer_of a{.rule = credit_rule::order_hold};
        if (!p.held_by.empty() && (p.is_rejected || p.held_until == no_day || now.on <= p.held_until)) {
            a.verdict = verdict::not_met;
            a.what = p.held_by;
            if (p.is_rejected) a.outcome = credit_verdict::refuse;
        }
        tell(std::move(a));
    }
    {
        answer_of a{.rule = credit_rule::limit_review};
        if (p.limit.review_on != no_day && p.limit.kind != limit_kind::not_set) {
            a.unit = measure::days;
            a.saw = wide{now.on} - p.limit.review_on;
            if (rules.limit_review_days) {
                a.threshold = *rules.limit_review_days;
                a.margin = wide{*rules.limit_review_days} - a.saw.value;
                if (a.margin.value < 0 && !passes_limits) a.verdict = verdict::not_met;
            }
        }
        tell(std::move(a));
    }
}

/// A way of asking again that only wants to know whether it passes.
struct trial {
    credit_picture const& picture;
    credit_rules const& rules;

    [[nodiscard]] bool passes(credit_request const& r, situation const& now, standing s,
                              credit_rule_set ignored = {}) const {
        auto worst = credit_verdict::approve;
        ask(picture, r, rules, now, s, [&](answer_of const& a) {
            if (!ignored.has(a.rule)) worst = std::max(worst, a.outcome);
        });
        return worst == credit_verdict::approve ||
               (worst == credit_verdict::hold && is_covered(picture, r, rules, now.on));
    }
};

/// The least number from `low` to `high` that `passes`. Precondition: `high` does, and whatever is above one that does.
template <class Passes>
std::int64_t least(std::int64_t low, std::int64_t high, Passes&& passes) {
    while (low < high) {
        auto const middle = low + (high - low) / 2;
        if (passes(middle)) high = middle;
        else low = middle + 1;
    }
    return high;
}

inline bool counts(open_item const& item, day_number on, exposure_switches const& s) noexcept {
    return item.disputed ? s.disputed : on > item.due ? s.overdue : s.not_due;
}

inline situation situation_on(credit_picture const& p, credit_rules const& rules, wide exposure, day_number on) {
    situation now{.on = on, .exposure = exposure};
    for (auto const& item : p.items) {
        if (on != p.on && counts(item, on, rules.counts) != counts(item, p.on, rules.counts)) {
            now.exposure += counts(item, on, rules.counts) ? item.open : -wide{item.open};
        }
        if (item.disputed) continue;
        if (item.open > rules.residue) now.open += item.open;
        if (is_late(item, item.open, on, rules)) now.late += item.open;
        if (is_overdue(item, on) && item.open > rules.residue && on - item.due > now.oldest) {
            now.oldest = on - item.due;
            now.oldest_item = item.invoice;
        }
    }
    if (on != p.on) {
        if (rules.counts.reservations) now.exposure -= run_out(p.reservations, p.on, on);
        if (rules.counts.quotations) now.exposure -= run_out(p.quotations, p.on, on);
        if (rules.counts.security) now.exposure += run_out(p.guarantees, p.on, on);
    }
    now.relief = exposure - now.exposure;
    for (auto const& o : p.later_orders) {
        if (on != p.on && is_later(o.delivery_date, rules, p.on) && !is_later(o.delivery_date, rules, on)) {
            now.exposure += o.open;  // a limit of the group counted it all the time
        }
    }
    return now;
}

/// A receipt settles item after item. Within one everything improves with the amount, but for the share of what is overdue
/// where the item itself is not late: there the other rules say how much it takes, and then the share is looked at.
inline std::optional<std::int64_t> least_payment(trial const& t, credit_request const& r, situation const& before) {
    auto const& p = t.picture;
    auto const& rules = t.rules;
    auto const on = before.on;
    std::vector<int> oldest_behind(p.items.size() + 1, 0);
    for (auto i = p.items.size(); i-- > 0;) {
        auto const& item = p.items[i];
        auto const days = is_overdue(item, on) && item.open > rules.residue ? on - item.due : 0;
        oldest_behind[i] = std::max(oldest_behind[i + 1], days);
    }
    auto now = before;
    wide paid = 0;
    for (std::size_t i = 0; i < p.items.size(); ++i) {
        auto const& item = p.items[i];
        if (item.open == 0) continue;
        auto const late = is_late(item, item.open, on, rules);
        auto const after = [&](std::int64_t part) {
            auto s = now;
            auto const rest = item.open - part;
            if (counts(item, on, rules.counts)) s.exposure -= part;
            auto const without_residue = rest > rules.residue ? part : item.open;
            if (!item.disputed && item.open > rules.residue) s.open -= without_residue;
            if (late) s.late -= without_residue;
            s.oldest = std::max(oldest_behind[i + 1], is_overdue(item, on) && rest > rules.residue ? on - item.due : 0);
            s.relief = before.exposure - s.exposure;
            return s;
        };
        credit_rule_set const aside = late ? credit_rule_set{} : credit_rule_set{credit_rule::overdue_amount};
        auto const passes = [&](std::int64_t part) { return t.passes(r, after(part), p.standing, aside); };
        if (passes(item.open)) {
            auto const part = least(1, item.open, passes);
            if (paid + part > INT64_MAX) return std::nullopt;  // no receipt can be so large
            if (t.passes(r, after(part), p.standing)) return static_cast<std::int64_t>(paid + part);
        }
        now = after(item.open);
        paid += item.open;
    }
    if (paid > INT64_MAX) return std::nullopt;
    auto const in_all = static_cast<std::int64_t>(paid);
    auto const room = INT64_MAX - std::max(in_all, p.exposure.unallocated);
    auto const after = [&](std::int64_t more) {
        auto s = now;
        if (rules.counts.unallocated) s.exposure -= more;
        s.relief = before.exposure - s.exposure;
        return s;
    };
    auto const passes = [&](std::int64_t more) { return t.passes(r, after(more), p.standing); };
    if (room < 1 || !passes(room)) return std::nullopt;
    return in_all + least(1, room, passes);
}

inline std::optional<std::int64_t> largest_part(trial const& t, credit_request const& r, situation const& now) {
    if (!r.rate_missing.is_own() || r.amount < 2) return std::nullopt;
    auto const cut = [&](std::int64_t amount) {
        auto part = r;
        part.amount = amount;
        if (r.step == credit_step::delivery) part.replaces = std::min(r.replaces, amount);
        return part;
    };
    auto const passes = [&](std::int64_t amount) { return t.passes(cut(amount), now, t.picture.standing); };
    if (!passes(1)) return std::nullopt;
    return least(2, r.amount, [&](std::int64_t amount) { return !passes(amount); }) - 1;
}

inline std::optional<day_number> first_date(trial const& t, credit_request const& r, wide exposure) {
    auto const& p = t.picture;
    std::vector<day_number> days;  // between them nothing gets better
    auto const first = [&](day_number on) {
        if (on > p.on) days.push_back(on);
    };
    auto const last = [&](day_number on) {
        if (on >= p.on && on < INT32_MAX) days.push_back(on + 1);
    };
    // a limit's end may help too: it gives way to the group's, or leaves one group's the only one
    for (auto const& x : p.temporary) {
        first(x.from);
        last(x.until);
    }
    for (auto const& g : p.groups) last(g.limit.until);
    for (auto const& x : p.reservations) last(x.until);
    for (auto const& x : p.quotations) last(x.until);
    if (p.held_until != no_day) last(p.held_until);
    for (auto const& x : p.items) {
        if (counts(x, x.due, t.rules.counts)) last(x.due);  // where an overdue item doesn't count
    }
    if (p.limit.has_seasons() || std::ranges::any_of(p.groups, [](auto const& g) { return g.limit.has_seasons(); })) {
        auto const month = period{day_of(p.on)};
        for (int i = 1; i <= 12; ++i) days.push_back(number_of((month + i).first()));
    }
    std::ranges::sort(days);
    days.erase(std::unique(days.begin(), days.end()), days.end());
    for (auto const on : days) {
        if (t.passes(r, situation_on(p, t.rules, exposure, on), p.standing)) return on;
    }
    return std::nullopt;
}

inline std::vector<credit_clearance> what_clears(trial const& t, credit_request const& r, situation const& now,
                                                 credit_verdict verdict) {
    std::vector<credit_clearance> out;
    auto const& p = t.picture;
    if (auto const of = r.rate_missing.is_own() ? p.rate_missing : r.rate_missing; !of.is_own()) {
        out.push_back({.by = clearance::rate, .of = of});
    }
    if (auto const amount = least_payment(t, r, now)) out.push_back({.by = clearance::payment, .amount = *amount});
    if (auto const amount = largest_part(t, r, now)) out.push_back({.by = clearance::reduction, .amount = *amount});
    if (auto const on = first_date(t, r, now.exposure)) out.push_back({.by = clearance::date, .on = *on});
    if (verdict == credit_verdict::hold && r.rate_missing.is_own()) {
        auto const enough = [&](std::int64_t amount) {
            return is_within(r.amount, amount, t.rules.override_tolerance_basis_points);
        };
        out.push_back({.by = clearance::approval, .amount = least(0, r.amount, enough), .on = p.on});
    }
    for (auto s = static_cast<std::uint8_t>(p.standing); s-- > 0;) {
        if (!t.passes(r, now, static_cast<standing>(s))) continue;
        out.push_back({.by = clearance::standing, .to = static_cast<standing>(s)});
        break;
    }
    return out;
}

inline error refuse(errc code, std::string field, std::string saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = std::move(saw), .remedy = std::move(remedy)};
}
inline error negative(std::string field, std::int64_t saw) {
    return refuse(errc::out_of_range, std::move(field), std::to_string(saw), "give an amount from zero on");
}
inline error too_much(std::string field) {
    return refuse(errc::amount_overflow, std::move(field), "a sum beyond 64 bits of minor units",
                  "state the credit in a currency of fewer digits");
}

inline result<void> check(credit_limit const& limit, std::string const& field) {
    if (limit.kind == limit_kind::amount && limit.amount < 0) return negative(field + ".amount", limit.amount);
    for (auto const n : limit.season_basis_points) {
        if (n < 0) return negative(field + ".season_basis_points", n);
    }
    return {};
}

inline result<void> check(credit_picture const& p, credit_request const& r) {
    if (r.amount < 0) return negative("amount", r.amount);
    if (r.replaces < 0) return negative("replaces", r.replaces);
    if (r.replaced_delivered < 0) return negative("replaced_delivered", r.replaced_delivered);
    if (auto const sound = check(p.limit, "limit"); !sound) return sound.error();
    if (p.limit_cut < 0) return negative("limit_cut", p.limit_cut);
    if (p.document_limit && *p.document_limit < 0) return negative("document_limit", *p.document_limit);
    for (auto const& t : p.temporary) {
        if (!t.is_unlimited && t.amount < 0) return negative("temporary.amount", t.amount);
        if (t.until == no_day || t.from == no_day || t.until < t.from) {
            return refuse(errc::out_of_range, "temporary.until", t.until == no_day ? "none" : std::to_string(t.until),
                          "a temporary limit has a first day and a last one, not before it");
        }
    }
    if (p.groups.size() > most_groups) {
        return refuse(errc::out_of_range, "groups", std::to_string(p.groups.size()) + " levels",
                      "give at most " + std::to_string(most_groups));
    }
    for (auto const& g : p.groups) {
        if (auto const sound = check(g.limit, "groups.limit"); !sound) return sound.error();
    }
    auto const first_negative = [](std::span<running_amount const> all) {
        return std::find_if(all.begin(), all.end(), [](running_amount const& x) { return x.amount < 0; });
    };
    struct named_list {
        char const* field;
        std::span<running_amount const> all;
    };
    for (auto const& list :
         {named_list{"reservations.amount", p.reservations}, named_list{"quotations.amount", p.quotations},
          named_list{"guarantees.amount", p.guarantees}}) {
        if (auto const x = first_negative(list.all); x != list.all.end()) return negative(list.field, x->amount);
    }
    for (auto const& o : p.overrides) {
        if (o.amount < 0) return negative("overrides.amount", o.amount);
        if (o.until == no_day) {
            return refuse(errc::out_of_range, "overrides.until", "none", "an override has a last day");
        }
        if (o.tolerance_basis_points < 0) return negative("overrides.tolerance_basis_points", o.tolerance_basis_points);
    }
    for (auto const& item : p.items) {
        if (item.open < 0) return negative("items.open", item.open);
    }
    for (auto const& o : p.later_orders) {
        if (o.open < 0) return negative("later_orders.open", o.open);
    }
    return {};
}

inline bool fits(wide n) noexcept { return n >= INT64_MIN && n <= INT64_MAX; }
inline std::optional<std::int64_t> told(number const& n) noexcept {
    return n.is_known ? std::optional{n.value} : std::nullopt;
}

inline result<credit_room> room(credit_picture const& p, credit_rules const& rules, situation const& now) {
    auto const own = own_limit(p, rules, now, p.standing);
    auto const may_spill = pool_is_open(rules, p.standing);
    auto kind = own.kind;
    wide lowest = 0;
    auto const lower = [&](wide left) {
        lowest = kind == limit_kind::amount ? std::min(lowest, left) : left;
        kind = limit_kind::amount;
    };
    wide const own_room = own.amount - now.exposure;
    wide pool = -1;  // the least that any level's pool has left; -1: there is none
    for (auto const& g : p.groups) {
        auto const limit = limit_on(g.limit, now);
        if (g.mode != pool_mode::own_plus_pool || limit.kind == limit_kind::not_set || !may_spill) continue;
        if (limit.kind == limit_kind::unlimited) {
            if (pool < 0) pool = INT64_MAX;
            continue;
        }
        auto const left = std::max<wide>(0, limit.amount - used_of(g, p, rules, now));
        pool = pool < 0 ? left : std::min(pool, left);
    }
    if (own.kind != limit_kind::unlimited) {
        if (pool == INT64_MAX) kind = limit_kind::unlimited;
        else if (pool >= 0) {
            kind = limit_kind::amount;
            lowest = own_room + pool;
        } else if (own.kind == limit_kind::amount) {
            lowest = own_room;
        }
    }
    for (auto const& g : p.groups) {
        auto const limit = limit_on(g.limit, now);
        if (g.mode != pool_mode::shared) continue;
        if (limit.kind == limit_kind::amount) lower(limit.amount - used_of(g, p, rules, now));
        else if (limit.kind == limit_kind::unlimited && kind == limit_kind::not_set) kind = limit_kind::unlimited;
    }
    if (kind != limit_kind::amount) return credit_room{.kind = kind};
    if (!fits(lowest)) return too_much("available");
    return credit_room{.kind = kind, .amount = static_cast<std::int64_t>(lowest)};
}

inline result<void> fill(credit_answer& answer, credit_picture const& picture, credit_request const& request,
                         credit_rules const& rules) {
    if (auto const sound = credit_detail::check(picture, request); !sound) return sound.error();
    auto const exposure = total(picture.exposure, rules.counts);
    if (!exposure) return exposure.error();
    auto const now = situation_on(picture, rules, exposure.value(), picture.on);

    answer.exposure = exposure.value();
    answer.by_category = picture.exposure;
    std::optional<credit_rule> beyond;
    ask(picture, request, rules, now, picture.standing, [&](answer_of const& a) {
        if (!beyond && !(a.saw.fits && a.threshold.fits && a.margin.fits)) beyond = a.rule;
        answer.verdict = std::max(answer.verdict, a.outcome);
        auto& f = answer.rules.emplace_back();
        f.why.rule = name_of(a.rule);
        f.why.unit = a.unit;
        f.why.saw = told(a.saw);
        f.why.threshold = told(a.threshold);
        f.why.verdict =
            a.outcome != credit_verdict::approve && a.verdict == verdict::met ? verdict::not_met : a.verdict;
        if (!a.what.empty()) f.why.what = a.what;
        f.outcome = a.outcome;
        f.margin = told(a.margin);
    });
    if (beyond) return too_much(std::string{name_of(*beyond)});
    auto const left = room(picture, rules, now);
    if (!left) return left.error();
    answer.available = left.value();
    if (answer.verdict == credit_verdict::approve) return {};
    if (answer.verdict == credit_verdict::hold && is_covered(picture, request, rules, picture.on)) {
        answer.verdict = credit_verdict::approve;
        for (auto& f : answer.rules) f.overridden = f.outcome == credit_verdict::hold;
        return {};
    }
    answer.clears = what_clears({picture, rules}, request, now, answer.verdict);
    return {};
}

}  // namespace credit_detail

PATRON_FN std::string_view name_of(clearance c) noexcept {
    constexpr std::string_view names[] = {"payment", "reduction", "date", "approval", "standing", "rate"};
    return names[static_cast<std::size_t>(c)];
}

PATRON_FN result<credit_answer> check_credit(credit_picture const& picture, credit_request const& request,
                                             credit_rules const& rules) {
    result<credit_answer> out;  // one object, filled where the caller has it: an answer is large
    if (auto const wrong = credit_detail::fill(out.value(), picture, request, rules); !wrong) out = wrong.error();
    return out;
}

PATRON_FN void receive(credit_exposure& exposure, std::span<open_item> items, std::int64_t amount,
                       day_number on) noexcept {
    BOOST_ASSERT(amount >= 0);
    for (auto& item : items) {
        auto const part = std::min(item.open, amount);
        item.open -= part;
        amount -= part;
        (item.disputed ? exposure.disputed : on > item.due ? exposure.overdue : exposure.not_due) -= part;
    }
    exposure.unallocated += amount;
}

PATRON_FN void append_json_open(std::string& out, credit_answer const& answer, currency in) {
    detail::json_members const members{out};
    auto const amount = [&](std::int64_t minor_units) { return money{minor_units, in}.to_string(); };
    out += '{';
    members.text("verdict", name_of(answer.verdict));
    members.name("rules");
    out += '[';
    for (auto const& f : answer.rules) {
        out += &f == &answer.rules.front() ? "{" : ",{";
        members.text("rule", f.why.rule);
        members.text("verdict", name_of(f.outcome));
        members.text("found", name_of(f.why.verdict));
        members.text("saw", !f.why.saw && f.why.verdict != verdict::unknown ? f.why.what : saw_text(f.why, in));
        members.name("threshold");
        if (f.why.threshold) append_json_string(out, threshold_text(f.why, in));
        else out += "null";
        members.name("margin");
        if (f.margin) append_json_string(out, saw_text({.rule = f.why.rule, .unit = f.why.unit, .saw = f.margin}, in));
        else out += "null";
        if (!f.why.what.empty()) members.text("what", f.why.what);
        if (f.overridden) members.flag("overridden", true);
        out += '}';
    }
    out += ']';
    members.text("exposure", amount(answer.exposure));
    members.name("by_category");
    out += '{';
    for (auto const& c : exposure_categories) { members.text(c.name, amount(answer.by_category.*c.amount)); }
    out += '}';
    members.name("available");
    switch (answer.available.kind) {
        case limit_kind::not_set: out += "null"; break;
        case limit_kind::unlimited: out += R"("unlimited")"; break;
        case limit_kind::amount: append_json_string(out, amount(answer.available.amount)); break;
    }
    members.name("clears");
    out += '[';
    for (auto const& c : answer.clears) {
        out += &c == &answer.clears.front() ? "{" : ",{";
        members.text("by", name_of(c.by));
        switch (c.by) {
            case clearance::payment:
            case clearance::reduction: members.text("amount", amount(c.amount)); break;
            case clearance::approval:
                members.text("amount", amount(c.amount));
                members.text("until", to_string(day_of(c.on)));
                break;
            case clearance::date: members.text("on", to_string(day_of(c.on))); break;
            case clearance::standing: members.text("to", name_of(c.to)); break;
            case clearance::rate: members.text("of", c.of.code()); break;
        }
        out += '}';
    }
    out += ']';
}

PATRON_FN void append_json(std::string& out, credit_answer const& answer, currency in) {
    append_json_open(out, answer, in);
    out += '}';
}

PATRON_FN std::string to_text(credit_answer const& answer, currency in, language l) {
    auto const zh = l == language::zh;
    auto const amount = [&](std::int64_t minor_units) { return money{minor_units, in}.to_string(); };
    constexpr text verdicts[] = {{"approved", "批准"}, {"held", "暂挂"}, {"refused", "拒绝"}};
    std::string out{verdicts[static_cast<std::size_t>(answer.verdict)].in(l)};
    out += (zh ? "：信用占用 " : ": exposure ") + amount(answer.exposure);
    switch (answer.available.kind) {
        case limit_kind::not_set: out += zh ? "，未设额度" : ", no limit is set"; break;
        case limit_kind::unlimited: out += zh ? "，额度不限" : ", without limit"; break;
        case limit_kind::amount: out += (zh ? "，可用 " : ", available ") + amount(answer.available.amount); break;
    }
    out += '\n';
    for (auto const& f : answer.rules) {
        if (f.outcome == credit_verdict::approve) continue;
        out += "  - " + sentence(f.why, in, l);
        if (f.overridden) out += zh ? "（已特批放行）" : " (lifted by an override)";
        out += '\n';
    }
    for (auto const& c : answer.clears) {
        out += zh ? "  可解除：" : "  cleared by ";
        switch (c.by) {
            case clearance::payment: out += (zh ? "收款 " : "a payment of ") + amount(c.amount); break;
            case clearance::reduction: out += (zh ? "减至 " : "a reduction to ") + amount(c.amount); break;
            case clearance::date: out += (zh ? "等到 " : "waiting until ") + to_string(day_of(c.on)); break;
            case clearance::approval:
                out += (zh ? "特批 " : "an approval of ") + amount(c.amount) + (zh ? "，有效至 " : ", valid until ") +
                       to_string(day_of(c.on));
                break;
            case clearance::standing:
                out += zh ? "信用状态恢复为“" : "the standing \"";
                out += label_of(c.to).in(l);
                out += zh ? "”" : "\"";
                break;
            case clearance::rate:
                out += zh ? "录入汇率：" : "a rate of ";
                out += c.of.code();
                break;
        }
        out += '\n';
    }
    return out;
}

PATRON_FN std::ostream& operator<<(std::ostream& out, credit_clearance const& c) {
    return out << name_of(c.by) << ' ' << c.amount << ' ' << c.on << ' ' << name_of(c.to) << ' ' << c.of;
}

}  // namespace patron::v1
