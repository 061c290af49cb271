/// What we have given to a customer and hold against it: breaches, rewards, sanctions, the rung of the ladder (POW-1 to
/// POW-3).
#pragma once
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/profit_share.hpp>
#include <patron/customer/supply_rung.hpp>
#include <patron/customer/tier.hpp>
#include <patron/fact/vocabulary.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A breach of a rule, as a case of its own (POW-5).
struct kept_breach {
    breach_rule rule{};
    std::uint8_t severity = 1;  ///< 1 slight … 5 grave
    day_number on = no_day;

    friend bool operator==(kept_breach const&, kept_breach const&) = default;
};

/// What came of powers since the beginning, also what has been forgotten meanwhile.
struct power_totals {
    std::uint32_t rewards = 0;    ///< granted
    std::uint32_t sanctions = 0;  ///< imposed, penalties and deterrents
    std::int64_t rewarded = 0;    ///< money spent on rewards, less what was reversed; minor units

    friend bool operator==(power_totals const&, power_totals const&) = default;
};

/// All of it. Thread safety: as a plain value.
struct power_file {
    std::vector<kept_breach> breaches{};   ///< in the order in which they came
    std::vector<kept_effect> effects{};    ///< in the order in which they were given
    supply_standing supply{};              ///< the deterrent ladder
    day_number below_tier_since = no_day;  ///< the review that first found too little for the tier; no_day: enough
    customer_tier planned_tier = customer_tier::standard;  ///< agreed on as a goal; standard: none
    day_number planned_by = no_day;                        ///< the last day of that plan
    day_number limit_review_on = no_day;  ///< when the credit limit is looked at again; no_day: at the next review

    power_totals totals{};

    /// The profit shares of this fiscal year and those before it, oldest first (POW-7). Ours: what the customer may see of
    /// them is made by policy::customer_facing.
    std::vector<profit_share_account> profit_shares{};
    static constexpr std::size_t profit_shares_kept = 3;

    [[nodiscard]] bool empty() const noexcept {
        return profit_shares.empty() && limit_review_on == no_day && totals == power_totals{} && breaches.empty() &&
               effects.empty() && supply == supply_standing{} && below_tier_since == no_day && !has_plan();
    }
    [[nodiscard]] bool has_plan() const noexcept { return planned_tier != customer_tier::standard; }
    /// The latest breach; no_day without one.
    [[nodiscard]] day_number last_breach() const noexcept {
        auto last = no_day;
        for (auto const& b : breaches) last = std::max(last, b.on);
        return last;
    }
    /// The one that facts mean by that id: where several bear it, the latest. Null when there is none.
    [[nodiscard]] kept_effect const* find(std::string_view id) const {
        auto const found =
            std::find_if(effects.rbegin(), effects.rend(), [&](kept_effect const& e) { return id_of(e) == id; });
        return found == effects.rend() ? nullptr : &*found;
    }
    /// The tier that counts: raised by each reward `tier` that we gave, to the tier that it names or by one (POW-1), and one
    /// less for each tier loss in force (POW-2).
    [[nodiscard]] customer_tier tier_of(customer_tier reviewed) const noexcept {
        constexpr auto highest = static_cast<int>(customer_tier::diamond);
        auto tier = static_cast<int>(reviewed);
        for (auto const& e : effects) {
            if (e.code != effect_code::tier || e.step != effect_step::done) continue;
            auto const named = patron::tier_of(e.target);
            tier = std::min(highest, std::max(tier, named ? static_cast<int>(*named) : tier + 1));
        }
        for (auto const& e : effects) {
            if (e.code == effect_code::tier_loss && e.step == effect_step::in_force) --tier;
        }
        return static_cast<customer_tier>(std::max(tier, 0));
    }
    /// By how much credit cuts in force lower the limit, in minor units; beyond 64 bits, the most that fits.
    [[nodiscard]] std::int64_t limit_cut() const noexcept {
        std::int64_t sum = 0;
        for (auto const& e : effects) {
            if (e.code != effect_code::credit_cut || e.step != effect_step::in_force) continue;
            if (__builtin_add_overflow(sum, e.amount.value_or(0), &sum)) return INT64_MAX;
        }
        return sum;
    }
    /// What the sanctions in force make of the credit standing: cash only, or blocked while nothing is supplied.
    [[nodiscard]] standing least_standing() const noexcept {
        auto least = standing::good;
        for (auto const& e : effects) {
            if (e.step != effect_step::in_force) continue;
            if (e.code == effect_code::cash_only) least = std::max(least, standing::cash_only);
            if (e.code == effect_code::suspend_supply || e.code == effect_code::terminate) least = standing::blocked;
        }
        return least;
    }
    /// The severities of the penalties in force, summed.
    [[nodiscard]] int penalty_severity() const noexcept {
        int sum = 0;
        for (auto const& e : effects) {
            if (family_of(e.code) == effect_family::penalty && e.step == effect_step::in_force) sum += e.severity;
        }
        return sum;
    }
};

}  // namespace patron::v1
