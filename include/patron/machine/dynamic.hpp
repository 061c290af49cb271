/// A machine that is known only at run time: the same checks, outcomes and exports as a compiled one (REL-9).
#pragma once
#include <patron/machine/description.hpp>
#include <patron/machine/step.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::machine {

/// Tells of a guard, by its position in `description::guards`, whether it holds.
template <class F>
concept guards_by_position = requires(F& holds, std::uint8_t guard) {
    { holds(guard) } -> std::convertible_to<bool>;
};

/// A sound machine made at run time. States, events, guards and actions are positions in the lists of its
/// description; as with compiled machines the caller owns the state, one byte.
///
/// Thread safety: immutable once made; any number of threads may step states of theirs.
class dynamic {
public:
    using outcome = basic_outcome<std::uint8_t, std::uint8_t, std::uint8_t>;

    /// An event and the place of the machine that it is for.
    struct arrival {
        std::uint32_t machine{};
        std::uint8_t event{};
    };

    /// Takes over `d` when it is well formed and its table has no findings.
    ///
    /// Errors: those of `well_formed`; errc::unsound_machine with the first findings in words as the remedy.
    /// Complexity: that of `findings`; allocates two numbers a cell and a row.
    [[nodiscard]] static PATRON_API result<dynamic> make(description d);

    [[nodiscard]] description const& described() const noexcept { return described_; }
    [[nodiscard]] std::uint8_t start() const noexcept { return described_.start; }

    /// What `event` would come to, changing nothing. Guards are asked only as far as they matter, in row order.
    /// Requires: `state` and `event` are positions in the lists of `described()`.
    /// Complexity: one look-up more than a compiled machine: the table is found through a pointer.
    template <guards_by_position Guards>
    [[nodiscard]] outcome decide(std::uint8_t state, std::uint8_t event, Guards&& holds) const {
        BOOST_ASSERT(state < described_.states.size());
        BOOST_ASSERT(event < described_.events.size());
        std::size_t const c = state * described_.events.size() + event;
        return detail::try_rows<outcome>(state, entries_.data() + first_[c], entries_.data() + first_[c + 1], holds);
    }

    /// Decides `event` and moves `state`; writes to it only when it changes. Executes no action.
    template <guards_by_position Guards>
    outcome step(std::uint8_t& state, std::uint8_t event, Guards&& holds) const {
        outcome const o = decide(state, event, holds);
        if (o.to != state) state = o.to;
        return o;
    }

    /// Steps many machines as events arrive; as `machine::step_all` for compiled ones.
    template <class GuardsAt, class Heed = detail::heed_nothing>
    std::size_t step_all(std::span<std::uint8_t> machines, std::span<arrival const> arrivals, GuardsAt&& guards_at,
                         Heed&& heed = {}) const {
        std::size_t moved = 0;
        for (std::size_t k = 0; k < arrivals.size(); ++k) {
            if (k + detail::ahead < arrivals.size())
                detail::fetch(machines.data() + arrivals[k + detail::ahead].machine);
            BOOST_ASSERT(arrivals[k].machine < machines.size());
            std::uint8_t& state = machines[arrivals[k].machine];
            outcome const o = decide(state, arrivals[k].event, guards_at(k));
            state = o.to;
            moved += o.kind == answer::moved;
            heed(k, o);
        }
        return moved;
    }

    /// The events that `state` answers, guards permitting, in the order of the list. Linear; allocates.
    [[nodiscard]] PATRON_API std::vector<std::uint8_t> allowed(std::uint8_t state) const;

    /// The state that was stored as `number`; runs nothing.
    /// Errors: errc::out_of_range when the machine has no such state.
    [[nodiscard]] PATRON_API result<std::uint8_t> from_integer(std::uint64_t number) const;

    /// The position of that name, or nothing. Linear in the number of names.
    [[nodiscard]] PATRON_API std::optional<std::uint8_t> state_named(std::string_view name) const noexcept;
    [[nodiscard]] PATRON_API std::optional<std::uint8_t> event_named(std::string_view name) const noexcept;
    [[nodiscard]] PATRON_API std::optional<std::uint8_t> guard_named(std::string_view name) const noexcept;

private:
    explicit dynamic(description d) : described_{std::move(d)} {}

    description described_;
    std::vector<std::uint16_t> first_;
    std::vector<detail::entry> entries_;
};

/// Runs a machine over lines of text, each an event's name and the names of the guards that hold, for
/// comparison with other interpreters. The machine must outlive it.
class runner {
public:
    explicit runner(dynamic const& m) noexcept : machine_{&m}, state_{m.start()} {}

    /// The name of the present state.
    [[nodiscard]] PATRON_API std::string_view state() const noexcept;

    /// Steps by one line and gives the name of the state after it. Names are separated by spaces or tabs;
    /// guards that are not named don't hold; a carriage return at the end is dropped.
    ///
    /// Errors: errc::malformed for a line without an event, errc::unknown_reference for a name that the machine
    /// does not have, both with the line's number; the state is as before.
    [[nodiscard]] PATRON_API result<std::string_view> run_line(std::string_view line);

private:
    dynamic const* machine_;
    std::uint8_t state_;
    std::uint64_t lines_ = 0;
};

}  // namespace patron::v1::machine

#if defined(PATRON_HEADER_ONLY)
#    include <patron/machine/impl/dynamic.ipp>
#endif
