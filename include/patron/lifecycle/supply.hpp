/// The deterrent ladder (POW-3): how far the last resort has gone, and what takes it further or back.
#pragma once
#include <patron/customer/state.hpp>
#include <patron/customer/supply_rung.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/step.hpp>
#include <patron/machine/table.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// Up one rung at a time, but for grave cause; down by compliance: what was done to the customer ends at once and a
/// warning remains, which the next compliance takes away. A named person restores all at once.
struct supply_ladder {
    using state = patron::supply_rung;
    enum class event : std::uint8_t {
        escalate,  ///< a deterrent is to be used for a breach
        comply,    ///< the customer has kept the rules for long enough
        restore,   ///< a named person takes everything back
    };
    enum class guard : std::uint8_t {
        gravest_cause,  ///< a breach grave enough for termination at once, under an authority
        grave_cause,    ///< a breach grave enough to suspend supply at once, under an authority
        may_escalate,   ///< a new breach, cool-down over, uses left this year, an authority
        has_complied,
        has_authority,
    };

    static constexpr std::string_view name = "supply";
    static constexpr state start = state::normal;
    static constexpr std::array finals{state::terminated};
    static constexpr std::array labels{label_of(state::normal), label_of(state::warned),
                                       label_of(state::distributor_added), label_of(state::suspended),
                                       label_of(state::terminated)};

    static constexpr auto table = [] {
        using enum patron::supply_rung;
        using enum event;
        using enum guard;
        using machine::from;
        return machine::table(
            from(normal, warned, distributor_added, suspended).on(escalate).when(gravest_cause).to(terminated),
            from(normal, warned, distributor_added).on(escalate).when(grave_cause).to(suspended),
            from(normal).on(escalate).when(may_escalate).to(warned),
            from(warned).on(escalate).when(may_escalate).to(distributor_added),
            from(distributor_added).on(escalate).when(may_escalate).to(suspended),
            from(suspended).on(escalate).when(may_escalate).to(terminated), from(terminated).on(escalate).ignored(),

            from(suspended, distributor_added).on(comply).when(has_complied).to(warned),
            from(warned).on(comply).when(has_complied).to(normal), from(normal, terminated).on(comply).ignored(),

            from(warned, distributor_added, suspended, terminated).on(restore).when(has_authority).to(normal),
            from(normal).on(restore).ignored());
    }();
};
static_assert(machine::sound<supply_ladder>);

/// Every number of the ladder.
struct supply_rules {
    int cool_down_days = 90;              ///< between two uses
    int uses_a_year = 2;                  ///< at most so many in any 365 days
    std::uint8_t least_severity = 3;      ///< of the breach that takes it up a rung
    std::uint8_t suspends_at_once = 5;    ///< from this severity on supply is suspended whatever the rung; 6: never
    std::uint8_t terminates_at_once = 6;  ///< from this severity on it is terminated; 6: never
    int complies_after_days = 90;         ///< without a breach, and on its rung, before it goes down
};

using patron::supply_standing;

/// What happened that may move the ladder.
struct supply_case {
    day_number on = no_day;
    day_number last_breach = no_day;  ///< no_day: none
    std::uint8_t severity = 0;        ///< of the gravest breach that was not answered yet, 1 … 5; 0: none
    std::string_view authority{};     ///< who decides; empty: nobody
};

/// What the guards of the ladder rest on.
struct supply_findings {
    std::int64_t days_since_use = -1;  ///< -1: it was never used
    std::int64_t uses_in_year = 0;     ///< in the 365 days that end with the day
    std::int64_t days_complied = 0;    ///< without a breach, on this rung
    machine::guard_set<supply_ladder> guards{};
};

/// Looks at a case. Complexity: constant; no allocation.
[[nodiscard]] PATRON_API supply_findings look_at(supply_standing const& standing, supply_case const& seen,
                                                 supply_rules const& rules = {}) noexcept;

/// Moves the ladder where its guards allow; returns how it was answered. `why_not` in policy/ladder_reasons.hpp tells the
/// reasons.
PATRON_API machine::outcome<supply_ladder> move(supply_standing& standing, supply_ladder::event what,
                                                supply_case const& seen, supply_rules const& rules = {}) noexcept;

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/supply.ipp>
#endif
