/// What comes of the proposals of all policies: one order, conflicts, caps, and what no policy may break (POW-4).
#pragma once
#include <patron/policy/effect.hpp>
#include <patron/policy/hooks.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::policy {

namespace detail {
constexpr std::array<std::uint8_t, effect_count> default_severities() {
    std::array<std::uint8_t, effect_count> least{};
    auto const set = [&least](effect_code c, std::uint8_t n) { least[static_cast<std::size_t>(c)] = n; };
    using enum effect_code;
    set(written_warning, 1);
    set(credit_cut, 2);
    set(staff_withdrawn, 2);
    set(promotion_withdrawn, 2);
    set(cash_only, 3);
    set(deposit_forfeited, 3);
    set(year_end_award_cancelled, 3);
    set(tier_loss, 3);
    set(add_distributor, 4);
    set(suspend_supply, 4);
    set(terminate, 5);
    return least;
}
}  // namespace detail

/// Caps, budgets and proportion. Amounts are minor units of the customer's currency; nothing is no bound, zero is one.
struct resolver_rules {
    using bound = std::optional<std::int64_t>;
    std::array<bound, effect_count> most_each{};  ///< of one effect, by code
    std::array<bound, effect_count> most_year{};  ///< in a fiscal year, by code
    bound rewards_each{};                         ///< all that is spent in one decision
    bound rewards_year{};                         ///< all that is spent in a fiscal year

    /// POW-2: what a breach must weigh for each sanction, 1 … 5. Its severity counts, and one more for each sanction
    /// of the days before that was not withdrawn.
    std::array<std::uint8_t, effect_count> least_severity = detail::default_severities();
    int recurrence_days = 365;
};

/// Why a proposal was refused. Values are stable.
enum class refusal_kind : std::uint8_t {
    incomplete,        ///< validate() found it wanting
    no_way_back,       ///< a sanction that would last for ever by oversight (POW-14)
    other_hook,        ///< a reward policy proposed a sanction, or the like
    duplicate,         ///< another rule gives the same, and as much or more
    already_given,     ///< it is in force, under notice or under appeal, or this rule gave it that day
    conflict,          ///< what else is decided, or in force, excludes it
    disproportionate,  ///< the breach is too light for it
    over_budget,       ///< nothing is left of a cap or budget
    no_deposit,        ///< nothing is held that could be forfeited (POW-8)
    too_many,          ///< more proposals than can be compared
};

[[nodiscard]] PATRON_API std::string_view name_of(refusal_kind k) noexcept;

/// A proposal that was refused, and why: what it met and what would have to change.
struct refused_effect {
    effect what{};
    refusal_kind kind{};
    reason why{};

    friend bool operator==(refused_effect const&, refused_effect const&) = default;
};

/// What came of all proposals, both lists in the order of the resolver.
struct resolution {
    std::vector<effect> granted;
    std::vector<refused_effect> refused;

    friend bool operator==(resolution const&, resolution const&) = default;
};

/// Two effects that exclude each other. Where both are proposed the first stands; where the first is in force already,
/// the second is refused.
struct effect_conflict {
    effect_code stands;
    effect_code yields;
    bool same_target = false;  ///< only where both are about the same tier or territory
};

/// All conflicts there are.
[[nodiscard]] PATRON_API std::span<effect_conflict const> conflicts() noexcept;

/// The one order of effects: deterrents (the gravest first), then penalties, then rewards, these by code; then by target,
/// amount (the larger first, none last), severity (the graver first), rule, and everything else that an effect holds.
///
/// What protects comes before what costs, so that a reward is judged by what is decided against it the same day.
[[nodiscard]] PATRON_API bool before(effect const& a, effect const& b) noexcept;

/// Decides all proposals about one customer on one day.
///
/// In the order of `before`, each proposal is taken or refused: it is complete (validate), comes from the hook for its
/// kind, is the only one of its code and target (the larger amount stays), is not given already, is not excluded by what
/// was taken or is in force, is in proportion, and is lowered to what caps, budgets and the deposit leave. A lowered
/// effect has one more reason that says so. What comes out does not depend on the order in which policies proposed.
///
/// No policy can break: no effect lowers a supply price, since there is none (POW-6); forfeitures together are at most the
/// deposit held (POW-8); each sanction has a way back or says that it is permanent (POW-14).
/// Complexity: n log n in the proposals and n times the effects kept. Allocates only when there are proposals.
[[nodiscard]] PATRON_API resolution resolve(effects const& proposals, context const& c,
                                            resolver_rules const& rules = {});

/// Asks the policies and resolves what they propose.
template <class Policies>
    requires(deterrent_policy<Policies> && penalty_policy<Policies> && reward_policy<Policies>)
[[nodiscard]] resolution decide(Policies const& asked, context const& c, resolver_rules const& rules = {}) {
    effects proposals;
    asked.deter(c, proposals);
    asked.penalise(c, proposals);
    asked.reward(c, proposals);
    return resolve(proposals, c, rules);
}

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/resolver.ipp>
#endif
