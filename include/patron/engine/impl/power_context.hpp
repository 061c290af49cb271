#pragma once
// What policies see of a customer.
#include <patron/engine/fold.hpp>
#include <patron/lifecycle/evidence.hpp>
#include <patron/lifecycle/strain.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace patron::inline v1::detail {

/// What was given under powers lives on by their default numbers where none are in force any more.
inline policy::power_rules const& power_rules_of(fold_rules const& how) noexcept {
    static policy::power_rules const standard{};
    return how.powers == nullptr ? standard : how.powers->rules();
}

/// What the decision is about: a fact, a breach, a review; nothing for whoever only looks.
struct power_occasion {
    fact const* applied = nullptr;
    kept_breach const* breach = nullptr;
    std::optional<period> reviewed{};
};

/// A view: what it is made of outlives it.
inline policy::context power_context(fold_rules const& how, customer_view customer, day_number on,
                                     lifecycle::assessment const& a, power_occasion const& occasion) {
    auto const& f = powers_in(customer.records);
    policy::context c{.customer = customer, .on = on, .applied = occasion.applied, .assessment = a};
    c.strain = lifecycle::strain_of(f.effects, on, lifecycle::strain_rules_of(how.rules));
    c.kept = f.effects;
    c.breaches = f.breaches;
    c.breach = occasion.breach;
    c.reviewed = occasion.reviewed;
    c.supply = f.supply;
    c.territory = how.market.territory;
    c.position.tier = f.tier_of(customer.state.tier);
    if (customer.records != nullptr) {
        auto const& credit = *customer.records->credit;
        c.position.deposit_held = credit.deposit;
        c.position.guaranteed = static_cast<std::int64_t>(std::min<wide_amount>(credit.guaranteed(on), INT64_MAX));
    }
    auto const begins = power_rules_of(how).fiscal_year_begins;
    auto const year = period{day_of(on)}.fiscal_year(begins);
    for (auto const& e : f.effects) {
        if (!e.amount || e.step == effect_step::reversed || e.step == effect_step::withdrawn || e.since > on) continue;
        if (period{day_of(e.since)}.fiscal_year(begins) != year) continue;
        auto& sum = c.position.granted_year[static_cast<std::size_t>(e.code)];
        if (__builtin_add_overflow(sum, *e.amount, &sum)) sum = INT64_MAX;
    }
    return c;
}

}  // namespace patron::v1::detail
