/// What must be true of a machine before anyone steps it, found by one implementation for machines
/// that are compiled and machines that are loaded (REL-1, REL-9).
#pragma once
#include <patron/machine/table.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace patron::inline v1::machine {

/// What can be wrong with a table.
enum class problem : std::uint8_t {
    duplicate_row,      ///< the row was written before
    shadowed_row,       ///< never taken: an earlier row of its state and event has the same guard, or none
    unreachable_state,  ///< no way leads there from the start
    dead_end,           ///< not final, and no way leads out of it to a final state (without finals: to another state)
    unanswered_event,   ///< the state neither answers nor ignores the event
};

/// One thing wrong, and where. Fields that the problem does not need are zero.
struct finding {
    problem what{};
    std::uint8_t state{};
    std::uint8_t event{};
    std::uint16_t row{};  ///< in document order, from 0

    friend constexpr bool operator==(finding const&, finding const&) = default;
};

namespace detail {

/// A table without its names: all that the checks look at.
struct shape {
    std::span<row const> rows;
    std::size_t states;
    std::size_t events;
    std::uint8_t start;
    std::span<std::uint8_t const> finals;

    [[nodiscard]] constexpr std::size_t cells() const noexcept { return states * events; }
    [[nodiscard]] constexpr std::size_t cell(row const& r) const noexcept { return r.from * events + r.event; }
};

/// Brings the rows of one state and event together, in document order: those of cell `c` are
/// `order[first[c]]` up to but not `order[first[c + 1]]`. `first` has `cells() + 1` zeros.
constexpr void bring_together(shape const& m, std::span<std::uint16_t> first, std::span<std::uint16_t> order) noexcept {
    for (row const& r : m.rows) ++first[m.cell(r)];
    for (std::size_t c = 1; c <= m.cells(); ++c) first[c] = static_cast<std::uint16_t>(first[c] + first[c - 1]);
    for (std::size_t i = m.rows.size(); i-- > 0;) order[--first[m.cell(m.rows[i])]] = static_cast<std::uint16_t>(i);
}

template <class Sink>
constexpr void check_cells(shape const& m, std::span<std::uint16_t const> first, std::span<std::uint16_t const> order,
                           Sink& report) {
    // position in `order`, plus one, of the latest first row with each guard; older cells' are below `begin`
    std::array<std::uint32_t, 256> seen{};
    for (std::size_t c = 0; c < m.cells(); ++c) {
        auto const state = static_cast<std::uint8_t>(c / m.events);
        auto const event = static_cast<std::uint8_t>(c % m.events);
        std::size_t const begin = first[c];
        std::size_t const end = first[c + 1];
        if (begin == end) report(finding{problem::unanswered_event, state, event, 0});
        for (std::size_t i = begin; i < end; ++i) {
            row const& r = m.rows[order[i]];
            if (seen[r.guard] > begin) {
                bool const same = m.rows[order[seen[r.guard] - 1]] == r;
                report(finding{same ? problem::duplicate_row : problem::shadowed_row, state, event, order[i]});
            } else {
                if (seen[nothing] > begin) report(finding{problem::shadowed_row, state, event, order[i]});
                seen[r.guard] = static_cast<std::uint32_t>(i + 1);
            }
        }
    }
}

template <class Sink>
constexpr void check_ways(shape const& m, std::span<std::uint16_t const> first, std::span<std::uint16_t const> order,
                          Sink& report) {
    std::array<bool, 256> reached{};
    std::array<std::uint8_t, 256> queue{};
    std::size_t queued = 0;
    reached[m.start] = true;
    queue[queued++] = m.start;
    for (std::size_t q = 0; q < queued; ++q) {
        std::size_t const end = first[(queue[q] + 1U) * m.events];
        for (std::size_t i = first[queue[q] * m.events]; i < end; ++i) {
            std::uint8_t const to = m.rows[order[i]].to;
            if (!reached[to]) queue[queued++] = to;
            reached[to] = true;
        }
    }
    std::array<bool, 256> leads_out{};
    for (std::uint8_t const f : m.finals) leads_out[f] = true;
    if (m.finals.empty())
        for (row const& r : m.rows) leads_out[r.from] = leads_out[r.from] || r.to != r.from;
    for (bool changed = true; changed;) {
        changed = false;
        for (row const& r : m.rows)
            if (leads_out[r.to] && !leads_out[r.from]) changed = leads_out[r.from] = true;
    }
    for (std::size_t s = 0; s < m.states; ++s) {
        if (!reached[s]) report(finding{problem::unreachable_state, static_cast<std::uint8_t>(s), 0, 0});
        if (!leads_out[s]) report(finding{problem::dead_end, static_cast<std::uint8_t>(s), 0, 0});
    }
}

/// Calls `report` with each finding, in the order of the states.
/// Complexity: linear in rows and cells, but for the search of dead ends: states times rows at worst.
template <class Sink>
constexpr void check(shape const& m, std::span<std::uint16_t const> first, std::span<std::uint16_t const> order,
                     Sink&& report) {
    check_cells(m, first, order, report);
    check_ways(m, first, order, report);
}

template <definition M>
inline constexpr auto finals_of = finals<M>();

template <definition M>
inline constexpr shape shape_of{M::table.rows, count_of<state_of<M>>, count_of<event_of<M>>,
                                static_cast<std::uint8_t>(M::start), finals_of<M>};

template <definition M>
struct grouped {
    std::array<std::uint16_t, shape_of<M>.cells() + 1> first{};
    std::array<std::uint16_t, M::table.size()> order{};

    constexpr grouped() noexcept { bring_together(shape_of<M>, first, order); }
};

template <definition M>
inline constexpr grouped<M> grouped_rows{};

template <definition M>
constexpr std::size_t count_findings() {
    std::size_t n = 0;
    check(shape_of<M>, grouped_rows<M>.first, grouped_rows<M>.order, [&n](finding const&) { ++n; });
    return n;
}

template <definition M>
constexpr auto collect_findings() {
    std::array<finding, count_findings<M>()> all{};
    std::size_t n = 0;
    check(shape_of<M>, grouped_rows<M>.first, grouped_rows<M>.order, [&](finding const& f) { all[n++] = f; });
    return all;
}

template <definition M>
inline constexpr auto findings_in = collect_findings<M>();

template <auto...>
inline constexpr bool not_in_a_sound_machine = false;

}  // namespace detail

/// What is wrong with `M`, as data; empty when it is sound.
template <definition M>
[[nodiscard]] constexpr std::span<finding const> findings() noexcept {
    return detail::findings_in<M>;
}

// What the compiler prints when a machine is not sound: the template's name is the problem, its arguments are the place.

template <auto State, auto Event, unsigned Row>
struct duplicate_row {
    static_assert(detail::not_in_a_sound_machine<State, Event, Row>,
                  "this row of the table (counted from 0) was written before: delete one");
};
template <auto State, auto Event, unsigned Row>
struct shadowed_row {
    static_assert(detail::not_in_a_sound_machine<State, Event, Row>,
                  "this row of the table (counted from 0) is never taken: an earlier row of the same state and event "
                  "has the same guard or none; move it up or give it another guard");
};
template <auto State>
struct unreachable_state {
    static_assert(detail::not_in_a_sound_machine<State>,
                  "no row leads to this state from the start: add one or remove the state");
};
template <auto State>
struct dead_end {
    static_assert(detail::not_in_a_sound_machine<State>,
                  "no way leads out of this state to a final one: add a row, or name the state in finals");
};
template <auto State, auto Event>
struct unanswered_event {
    static_assert(detail::not_in_a_sound_machine<State, Event>,
                  "no row of this state answers this event: add one, if only .ignored()");
};

namespace detail {

template <class M, std::size_t I>
constexpr void reveal() {
    constexpr finding f = findings_in<M>[I];
    constexpr auto s = static_cast<state_of<M>>(f.state);
    constexpr auto e = static_cast<event_of<M>>(f.event);
    if constexpr (f.what == problem::duplicate_row) (void)sizeof(duplicate_row<s, e, f.row>);
    if constexpr (f.what == problem::shadowed_row) (void)sizeof(shadowed_row<s, e, f.row>);
    if constexpr (f.what == problem::unreachable_state) (void)sizeof(unreachable_state<s>);
    if constexpr (f.what == problem::dead_end) (void)sizeof(dead_end<s>);
    if constexpr (f.what == problem::unanswered_event) (void)sizeof(unanswered_event<s, e>);
}

template <definition M>
constexpr bool reveal_all() {
    static_assert(count_of<state_of<M>> > 0 && count_of<event_of<M>> > 0, "a machine has states and events");
    static_assert(count_of<guard_of<M>> < 256 && count_of<action_of<M>> < 256, "at most 255 guards and 255 actions");
    static_assert(names_differ<state_of<M>>() && names_differ<event_of<M>>() && names_differ<guard_of<M>>() &&
                      names_differ<action_of<M>>(),
                  "two names differ only by a trailing underscore, which is not part of a name");
    static_assert(M::table.size() < 65'536, "at most 65,535 rows");
    static_assert(std::same_as<typename decltype(M::table)::guard, guard_of<M>> ||
                      std::same_as<typename decltype(M::table)::guard, none>,
                  "the guards of the table are the machine's own `guard`");
    static_assert(std::same_as<typename decltype(M::table)::action, action_of<M>> ||
                      std::same_as<typename decltype(M::table)::action, none>,
                  "the actions of the table are the machine's own `action`");
    return []<std::size_t... I>(std::index_sequence<I...>) {
        (reveal<M, I>(), ...);
        return sizeof...(I) == 0;
    }(std::make_index_sequence<findings_in<M>.size()>{});
}

}  // namespace detail

/// `static_assert(machine::sound<leasing>)`: no duplicate or shadowed row, no unreachable state, no dead
/// end, every event answered or ignored in every state. A machine that is not sound does not compile, and
/// the diagnostic names state and event, e.g. `unanswered_event<leasing::state::running, leasing::event::paid>`.
/// To look without failing, use `findings<M>()`.
template <definition M>
inline constexpr bool sound = detail::reveal_all<M>();

}  // namespace patron::v1::machine
