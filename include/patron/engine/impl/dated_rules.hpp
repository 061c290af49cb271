#pragma once
// The rules of a house as folds take them, each by its days.
#include <patron/engine/engine.hpp>
#include <patron/engine/impl/under_rules_of.hpp>

#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// Rules with all that were in force before them. Stays where it is: folds refer to it.
class dated_rules {
public:
    explicit dated_rules(house_rules rules) : rules_{std::move(rules)} {
        auto const* r = &rules_;
        for (; r->from && r->before; r = r->before.get()) {
            auto const& b = *r->before;
            earlier_.insert(earlier_.begin(), {.until = number_of(*r->from),
                                               .rules = &b,
                                               .credit = &b.credit,
                                               .powers = b.powers ? &b.powers : nullptr,
                                               .resale = &b.resale});
        }
    }
    dated_rules(dated_rules const&) = delete;
    dated_rules& operator=(dated_rules const&) = delete;

    [[nodiscard]] house_rules const& rules() const noexcept { return rules_; }
    [[nodiscard]] house_rules const& on(day_number d) const noexcept { return rules_.on(day_of(d)); }
    [[nodiscard]] fold_rules under(engine_options const& options) const noexcept {
        return {.rules = rules_,
                .reviews = options.reviews,
                .assessor = &options.assessor,
                .credit = &rules_.credit,
                .powers = rules_.powers ? &rules_.powers : nullptr,
                .resale = &rules_.resale,
                .earlier = earlier_};
    }

private:
    house_rules rules_;
    std::vector<earlier_rules> earlier_;  ///< oldest first
};

}  // namespace patron::v1::detail
