/// The relationship machine: the one table from which steps, checks, history, diagrams and exports come (REL-1).
#pragma once
#include <patron/customer/stage.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/table.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// How a relationship with a customer lives: prospect, initial, stable, strategic, declining, ended.
///
/// No stage is lost but through `declining` or a break; the one exception is a strategic agreement that
/// runs out while all is well (REL-2).
struct relationship {
    using state = patron::stage;

    enum class event : std::uint8_t {
        order_placed,
        agreement_signed,
        agreement_lapsed,  ///< the last strategic agreement in force ended or ran out
        review_held,
        relationship_ended,
        relationship_reopened,
    };

    enum class guard : std::uint8_t {
        main_supplier,           ///< the share of wallet has promoted for long enough
        strategic_ready,         ///< a strategic agreement is in force, with the coverage it takes
        decline_confirmed,       ///< the evidence adds up to what the stage takes (REL-4)
        silent,                  ///< no order for far longer than the customer's own rhythm (REL-6)
        recovered_to_strategic,  ///< evidence has gone, and the share justifies the stage (REL-5)
        recovered_to_stable,
        recovered_to_initial,
    };

    static constexpr std::string_view name = "relationship";
    static constexpr state start = state::prospect;
    static constexpr std::array finals{state::ended};
    static constexpr std::array labels{label_of(state::prospect),  label_of(state::initial),   label_of(state::stable),
                                       label_of(state::strategic), label_of(state::declining), label_of(state::ended)};

    static constexpr auto table = [] {
        using enum patron::stage;
        using enum event;
        using enum guard;
        using machine::from;
        using machine::from_any;
        return machine::table(
            from(prospect).on(order_placed).to(initial),
            from(initial, stable, strategic, declining).on(order_placed).ignored(),
            from(ended).on(order_placed).to(initial),

            from(stable).on(agreement_signed).when(strategic_ready).to(strategic),
            from(prospect, initial, strategic, declining, ended).on(agreement_signed).ignored(),

            from(strategic).on(agreement_lapsed).when(decline_confirmed).to(declining),
            from(strategic).on(agreement_lapsed).to(stable),
            from(prospect, initial, stable, declining, ended).on(agreement_lapsed).ignored(),

            from(initial).on(review_held).when(decline_confirmed).to(declining),
            from(initial).on(review_held).when(main_supplier).to(stable),
            from(stable).on(review_held).when(decline_confirmed).to(declining),
            from(stable).on(review_held).when(strategic_ready).to(strategic),
            from(strategic).on(review_held).when(decline_confirmed).to(declining),
            from(declining).on(review_held).when(silent).to(ended),
            from(declining).on(review_held).when(recovered_to_strategic).to(strategic),
            from(declining).on(review_held).when(recovered_to_stable).to(stable),
            from(declining).on(review_held).when(recovered_to_initial).to(initial),
            from(prospect, ended).on(review_held).ignored(),

            from(prospect, initial, stable, strategic, declining).on(relationship_ended).to(ended),
            from(ended).on(relationship_ended).ignored(),

            from(ended).on(relationship_reopened).to(prospect),
            from(prospect, initial, stable, strategic, declining).on(relationship_reopened).ignored());
    }();
};
static_assert(machine::sound<relationship>);

}  // namespace patron::v1::lifecycle
