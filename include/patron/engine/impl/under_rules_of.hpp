#pragma once
// Which rules a day goes by.
#include <patron/engine/fold.hpp>

namespace patron::inline v1::detail {

/// Runs `act` under the rules of a day.
template <class Act>
decltype(auto) under_rules_of(fold_rules const& how, day_number on, Act&& act) {
    for (auto const& e : how.earlier) {
        if (on >= e.until) continue;
        fold_rules const then{.rules = *e.rules,
                              .reviews = how.reviews,
                              .assessor = how.assessor,
                              .credit = e.credit,
                              .powers = e.powers,
                              .memory = how.memory,
                              .resale = e.resale,
                              .market = how.market,
                              .earlier = {},
                              .until = e.until};
        return act(then);
    }
    return act(how);
}

}  // namespace patron::v1::detail
