/// The tier machine (SEG-4): standard, silver, gold, diamond, by what a customer buys in a year.
#pragma once
#include <patron/base/rate.hpp>
#include <patron/base/result.hpp>
#include <patron/customer/effect_code.hpp>
#include <patron/customer/state.hpp>
#include <patron/customer/tier.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/step.hpp>
#include <patron/machine/table.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::lifecycle {

/// One tier at a time, at a review; in between it is taken away as a penalty or awarded as a reward.
struct tier_ladder {
    using state = patron::customer_tier;
    enum class event : std::uint8_t {
        review_held,
        award,     ///< the reward `tier`
        take_away  ///< the penalty `tier_loss`
    };
    enum class guard : std::uint8_t {
        earns_next,     ///< the year's purchases reach the entry of the next tier, after the least stay in this one
        grace_is_over,  ///< they have stayed below what keeps the tier for longer than the grace period
    };

    static constexpr std::string_view name = "tier";
    static constexpr state start = state::standard;
    static constexpr std::array labels{label_of(state::standard), label_of(state::silver), label_of(state::gold),
                                       label_of(state::diamond)};

    static constexpr auto table = [] {
        using enum patron::customer_tier;
        using enum event;
        using enum guard;
        using machine::from;
        return machine::table(from(standard).on(review_held).when(earns_next).to(silver),
                              from(silver).on(review_held).when(earns_next).to(gold),
                              from(gold).on(review_held).when(earns_next).to(diamond),
                              from(silver).on(review_held).when(grace_is_over).to(standard),
                              from(gold).on(review_held).when(grace_is_over).to(silver),
                              from(diamond).on(review_held).when(grace_is_over).to(gold),

                              from(standard).on(award).to(silver), from(silver).on(award).to(gold),
                              from(gold).on(award).to(diamond), from(diamond).on(award).ignored(),

                              from(diamond).on(take_away).to(gold), from(gold).on(take_away).to(silver),
                              from(silver).on(take_away).to(standard), from(standard).on(take_away).ignored());
    }();
};
static_assert(machine::sound<tier_ladder>);

/// Every number of the tiers. Amounts are minor units of the customer's currency.
struct tier_rules {
    /// The purchases of 12 months from which a tier is earned; the edge belongs to the higher tier.
    std::array<std::int64_t, customer_tier_count> entry{0, 100'000'00, 500'000'00, 2'000'000'00};
    basis_points keeps_from{
        8'000};                ///< of its entry: less counts against the tier. Below 100 %, so that it never flaps
    int grace_days = 90;       ///< below that for so long, before it is lost
    int least_stay_days = 90;  ///< in a tier before the next is earned
    int review_months = 3;     ///< from one review to the next
    std::array<std::vector<effect_code>, customer_tier_count> benefits{
        std::vector<effect_code>{},
        {effect_code::training},
        {effect_code::training, effect_code::staff_support, effect_code::promotion_support},
        {effect_code::training, effect_code::staff_support, effect_code::promotion_support, effect_code::vehicles}};
};

/// Whether a rulebook's tiers make sense: entries ascend from zero, what keeps a tier is less than what earns it and not
/// below the tier beneath it, periods are not negative. Errors: errc::out_of_range, with the field.
[[nodiscard]] PATRON_API result<void> check(tier_rules const& rules);

/// Where one customer's tier stands.
struct tier_standing {
    customer_tier tier = customer_tier::standard;
    day_number since = no_day;        ///< no_day: always
    day_number below_since = no_day;  ///< the review that first found too little for the tier; no_day: enough
    day_number next_review = no_day;  ///< no_day: at once
    customer_tier planned = customer_tier::standard;  ///< the tier agreed on as a goal; not above `tier`: none
    day_number planned_by = no_day;

    friend bool operator==(tier_standing const&, tier_standing const&) = default;
};

/// What a review found.
struct tier_findings {
    bool is_due = false;             ///< the review date has come
    std::int64_t entry_of_next = 0;  ///< 0 for the highest
    std::int64_t keeps_from = 0;     ///< what the present tier takes; 0 for the lowest
    std::int64_t days_in_tier = -1;  ///< -1: always
    std::int64_t days_below = 0;     ///< too little for so long
    machine::guard_set<tier_ladder> guards{};
};

/// Precondition: check(rules) has passed.
[[nodiscard]] PATRON_API tier_findings look_at(tier_standing const& standing, std::int64_t year_purchases,
                                               day_number on, tier_rules const& rules = {}) noexcept;

/// Reviews the tier on that day, when its review is due, over the purchases of the 12 months before; negative ones earn
/// nothing. With purchases that do not change it moves in one direction only, and then rests.
PATRON_API machine::outcome<tier_ladder> review(tier_standing& standing, std::int64_t year_purchases, day_number on,
                                                tier_rules const& rules = {}) noexcept;

/// Gives the next tier, or takes one away, outside of reviews. The grace period begins anew.
PATRON_API machine::outcome<tier_ladder> award(tier_standing& standing, day_number on) noexcept;
PATRON_API machine::outcome<tier_ladder> take_away(tier_standing& standing, day_number on) noexcept;

/// What is missing to a tier.
struct tier_outlook {
    customer_tier towards = customer_tier::standard;
    std::int64_t missing = 0;  ///< purchases in 12 months, minor units; 0: reached, it waits for the review
    day_number by = no_day;    ///< the day of the plan, else of the next review
    bool is_planned = false;   ///< agreed on as a goal

    friend bool operator==(tier_outlook const&, tier_outlook const&) = default;
};

/// The planned promotion where there is one, else the next tier; of the highest tier, itself with nothing missing.
[[nodiscard]] PATRON_API tier_outlook outlook(tier_standing const& standing, std::int64_t year_purchases,
                                              tier_rules const& rules = {}) noexcept;

/// The rewards that a tier gives a title to. The view lives as long as the rules.
[[nodiscard]] inline std::span<effect_code const> benefits_of(customer_tier t, tier_rules const& rules) noexcept {
    return rules.benefits[static_cast<std::size_t>(t)];
}

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/tier.ipp>
#endif
