/// Stepping a machine whose state, one byte, belongs to the caller.
#pragma once
#include <patron/base/result.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/table.hpp>

#include <boost/assert.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace patron::inline v1::machine {

/// How a machine answered an event.
enum class answer : std::uint8_t {
    moved,    ///< a row was taken and the state changed
    stayed,   ///< a row was taken that keeps the state
    ignored,  ///< the table says that the event is of no concern in this state
    refused,  ///< there are rows for it, but no guard held
    no_row,   ///< the table says nothing; cannot happen in a sound machine
};

/// What came of one event. Eight bytes, trivially copyable.
template <class State, class Guard, class Action>
struct basic_outcome {
    answer kind = answer::no_row;
    State from{};
    State to{};
    std::uint8_t action_code = nothing;  ///< read it as `action()`
    std::uint8_t guard_code = nothing;   ///< read it as `refused_by()`
    std::uint16_t row = 0;               ///< the row taken, in document order; 0 when none was

    /// What the caller is to do now: the action of the row taken, if it has one.
    [[nodiscard]] constexpr std::optional<Action> action() const noexcept {
        if (action_code == nothing) return std::nullopt;
        return static_cast<Action>(action_code);
    }
    /// The first guard that did not hold on the way, also when a later row was taken.
    [[nodiscard]] constexpr std::optional<Guard> refused_by() const noexcept {
        if (guard_code == nothing) return std::nullopt;
        return static_cast<Guard>(guard_code);
    }
    /// A row was taken, be it to stay.
    [[nodiscard]] constexpr bool taken() const noexcept { return kind == answer::moved || kind == answer::stayed; }

    friend constexpr bool operator==(basic_outcome const&, basic_outcome const&) = default;
};

template <definition M>
using outcome = basic_outcome<state_of<M>, guard_of<M>, action_of<M>>;

/// Which guards hold, decided beforehand: one bit each. Stepping with it is one table look-up.
template <definition M>
class guard_set {
public:
    using guard = guard_of<M>;
    static_assert(count_of<guard> <= 63, "more than 63 guards: pass a function object instead");

    constexpr guard_set() noexcept = default;
    constexpr guard_set(std::initializer_list<guard> holding) noexcept {
        for (guard const g : holding) set(g);
    }
    /// From `bits()`; bits beyond the last guard are dropped.
    [[nodiscard]] static constexpr guard_set from_bits(std::uint64_t bits) noexcept {
        guard_set s;
        s.bits_ = bits & ((std::uint64_t{1} << count_of<guard>)-1);
        return s;
    }

    constexpr guard_set& set(guard g, bool holds = true) noexcept {
        std::uint64_t const bit = std::uint64_t{1} << static_cast<unsigned>(g);
        bits_ = holds ? bits_ | bit : bits_ & ~bit;
        return *this;
    }
    [[nodiscard]] constexpr bool operator()(guard g) const noexcept {
        return (bits_ >> static_cast<unsigned>(g) & 1U) != 0;
    }
    [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }

    friend constexpr bool operator==(guard_set, guard_set) = default;

private:
    std::uint64_t bits_ = 0;
};

/// Tells of a guard whether it holds: a `guard_set`, or any function object. The latter is asked only
/// for the guards that matter, in the order of the rows.
template <class F, class M>
concept guards_for = definition<M> && requires(F& holds, guard_of<M> g) {
    { holds(g) } -> std::convertible_to<bool>;
};

namespace detail {

/// A row as stepping wants it: beside the others of its state and event, its answer known.
struct entry {
    std::uint8_t guard = nothing;
    std::uint8_t action = nothing;
    std::uint8_t to = 0;
    answer kind = answer::no_row;
    std::uint16_t row = 0;
};

constexpr entry entry_of(row const& r, std::uint16_t position) noexcept {
    answer const kind = r.ignored ? answer::ignored : r.to == r.from ? answer::stayed : answer::moved;
    return {r.guard, r.action, r.to, kind, position};
}

/// The rows of one cell, tried in order; `holds` is asked by position of the guard.
template <class Outcome, class State, class Holds>
constexpr Outcome try_rows(State state, entry const* begin, entry const* end, Holds&& holds) {
    std::uint8_t refused = nothing;
    for (entry const* e = begin; e != end; ++e) {
        if (e->guard == nothing || holds(e->guard))
            return {e->kind, state, static_cast<State>(e->to), e->action, refused, e->row};
        if (refused == nothing) refused = e->guard;
    }
    return {begin == end ? answer::no_row : answer::refused, state, state, nothing, refused, 0};
}

template <definition M>
struct entries {
    std::array<entry, M::table.size()> all{};

    constexpr entries() noexcept {
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::uint16_t const position = grouped_rows<M>.order[i];
            all[i] = entry_of(M::table.rows[position], position);
        }
    }
    [[nodiscard]] constexpr entry const* begin_of(std::size_t cell) const noexcept {
        return all.data() + grouped_rows<M>.first[cell];
    }
};

template <definition M>
inline constexpr entries<M> entries_of{};

/// The answers to every state, event and combination of the guards that the event may ask for.
///
/// The guards of an event are taken out of the set as one number, by a shift and a mask, which does not
/// wait for the state; what does wait for it is a single load. That takes guards which are declared close
/// to each other; a machine whose answers would fill more than a first-level cache is stepped row by row.
template <definition M>
struct answers {
    static constexpr std::size_t states = count_of<state_of<M>>;
    static constexpr std::size_t events = count_of<event_of<M>>;
    static constexpr std::size_t most = 4'096;

    /// The guards of one event lie in `count` bits from `lowest`.
    struct bits {
        unsigned lowest = 0;
        unsigned count = 0;
    };
    static constexpr bits bits_of(std::size_t event) noexcept {
        unsigned low = nothing;
        unsigned high = 0;
        for (row const& r : M::table.rows) {
            if (r.event != event || r.guard == nothing) continue;
            low = r.guard < low ? r.guard : low;
            high = r.guard > high ? r.guard : high;
        }
        return low == nothing ? bits{} : bits{low, high - low + 1};
    }
    static constexpr std::size_t total() noexcept {
        std::size_t n = 0;
        for (std::size_t e = 0; e < events && n <= most; ++e) {
            unsigned const wide = bits_of(e).count;
            n += wide > 12 ? most + 1 : states << wide;
        }
        return n;
    }

    static constexpr std::size_t size = total();
    static constexpr bool fit = size <= most && count_of<guard_of<M>> < 64;

    struct event_entry {
        std::uint64_t mask = 0;
        std::uint32_t first = 0;  ///< its first cell
        std::uint32_t shift = 0;
    };
    struct filled {
        std::array<event_entry, events> event{};
        std::array<outcome<M>, fit ? size : 1> cell{};
    };

    static constexpr filled fill() noexcept {
        filled t;
        std::size_t next = 0;
        for (std::size_t e = 0; e < events; ++e) {
            bits const used = bits_of(e);
            t.event[e] = {(std::uint64_t{1} << used.count) - 1, static_cast<std::uint32_t>(next), used.lowest};
            for (std::uint64_t holding = 0; holding <= t.event[e].mask; ++holding) {
                for (std::size_t s = 0; s < states; ++s) {
                    std::size_t const c = s * events + e;
                    t.cell[next++] = try_rows<outcome<M>>(
                        static_cast<state_of<M>>(s), entries_of<M>.begin_of(c), entries_of<M>.begin_of(c + 1),
                        [=](std::uint8_t g) { return (holding >> (g - used.lowest) & 1U) != 0; });
                }
            }
        }
        return t;
    }
    static constexpr filled fill_if_fit() noexcept {
        if constexpr (fit) return fill();
        else return {};
    }
    static constexpr filled table = fill_if_fit();

    static constexpr outcome<M> look_up(state_of<M> state, event_of<M> event, std::uint64_t holding) noexcept {
        event_entry const& e = table.event[static_cast<std::size_t>(event)];
        std::size_t const combination = holding >> e.shift & e.mask;
        return table.cell[e.first + combination * states + static_cast<std::size_t>(state)];
    }
};

}  // namespace detail

/// Whether stepping `M` with a `guard_set` is one look-up in a table of all answers. It is unless the guards of
/// some event are declared far apart or are very many; then, as with function objects, rows are tried in order.
template <definition M>
inline constexpr bool one_look_up = detail::answers<M>::fit;

/// What `event` would come to, changing nothing.
///
/// Requires: `state` and `event` are enumerators (what a stored byte holds is checked by `from_integer`).
/// Complexity: with a `guard_set` one look-up; with a function object one look-up and the guards it takes.
/// Thread safety: reads constants only.
template <definition M, guards_for<M> Guards = guard_set<M>>
[[nodiscard]] constexpr outcome<M> decide(state_of<M> state, event_of<M> event, Guards&& holds = {}) {
    BOOST_ASSERT(static_cast<std::size_t>(state) < count_of<state_of<M>>);
    BOOST_ASSERT(static_cast<std::size_t>(event) < count_of<event_of<M>>);
    if constexpr (std::same_as<std::remove_cvref_t<Guards>, guard_set<M>> && detail::answers<M>::fit) {
        return detail::answers<M>::look_up(state, event, holds.bits());
    } else {
        std::size_t const c = static_cast<std::size_t>(state) * count_of<event_of<M>> + static_cast<std::size_t>(event);
        return detail::try_rows<outcome<M>>(
            state, detail::entries_of<M>.begin_of(c), detail::entries_of<M>.begin_of(c + 1),
            [&holds](std::uint8_t g) -> bool { return holds(static_cast<guard_of<M>>(g)); });
    }
}

/// Decides `event` and moves `state`; writes to it only when it changes. Executes no action.
template <definition M, guards_for<M> Guards = guard_set<M>>
constexpr outcome<M> step(state_of<M>& state, event_of<M> event, Guards&& holds = {}) {
    outcome<M> const o = decide<M>(state, event, std::forward<Guards>(holds));
    if (o.to != state) state = o.to;
    return o;
}

/// Whether a row would be taken now (ignoring is not taking).
template <definition M, guards_for<M> Guards = guard_set<M>>
[[nodiscard]] constexpr bool can(state_of<M> state, event_of<M> event, Guards&& holds = {}) {
    return decide<M>(state, event, std::forward<Guards>(holds)).taken();
}

namespace detail {

template <definition M>
struct allowed_events {
    std::array<event_of<M>, shape_of<M>.cells()> events{};
    std::array<std::size_t, count_of<state_of<M>> + 1> first{};

    constexpr allowed_events() noexcept {
        constexpr std::size_t kinds = count_of<event_of<M>>;
        std::size_t n = 0;
        for (std::size_t c = 0; c < shape_of<M>.cells(); ++c) {
            if (c % kinds == 0) first[c / kinds] = n;
            bool answered = false;
            for (std::size_t i = grouped_rows<M>.first[c]; i < grouped_rows<M>.first[c + 1]; ++i)
                answered = answered || !M::table.rows[grouped_rows<M>.order[i]].ignored;
            if (answered) events[n++] = static_cast<event_of<M>>(c % kinds);
        }
        first.back() = n;
    }
};

template <definition M>
inline constexpr allowed_events<M> allowed_in{};

}  // namespace detail

/// The events that `state` answers, guards permitting, in the order of the enumeration. Constant time.
template <definition M>
[[nodiscard]] constexpr std::span<event_of<M> const> allowed(state_of<M> state) noexcept {
    auto const s = static_cast<std::size_t>(state);
    auto const& all = detail::allowed_in<M>;
    return std::span{all.events}.subspan(all.first[s], all.first[s + 1] - all.first[s]);
}

/// The state as the number to store.
template <byte_enum S>
[[nodiscard]] constexpr std::uint8_t to_integer(S state) noexcept {
    return static_cast<std::uint8_t>(state);
}

/// The state that was stored as `number`. Restoring runs nothing: no action, no guard.
///
/// Errors: errc::out_of_range when the machine has no such state.
template <definition M>
[[nodiscard]] result<state_of<M>> from_integer(std::uint64_t number) {
    if (number < count_of<state_of<M>>) return static_cast<state_of<M>>(number);
    return error{.code = errc::out_of_range,
                 .field = "state",
                 .saw = std::to_string(number),
                 .remedy = "a number from 0 to " + std::to_string(count_of<state_of<M>> - 1) + ", the states of " +
                           std::string{M::name}};
}

namespace detail {

inline constexpr std::size_t ahead = 16;  // how far bulk stepping fetches in advance

inline void fetch(void const* address) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(address, 1);
#else
    (void)address;
#endif
}

struct heed_nothing {
    template <class Outcome>
    constexpr void operator()(std::size_t, Outcome const&) const noexcept {}
};

}  // namespace detail

/// An event and the machine, by its place in a span, that it is for.
template <definition M>
struct arrival {
    std::uint32_t machine{};
    event_of<M> event{};
};

/// Steps `machines[i]` by `events[i]` for every `i`; the spans are of one length.
///
/// `guards_at(i)` gives the guards of the i-th event; `heed(i, outcome)` hears of each outcome.
/// Returns how many machines moved. Complexity: linear; no allocation.
template <definition M, class GuardsAt, class Heed = detail::heed_nothing>
std::size_t step_all(std::span<state_of<M>> machines, std::span<event_of<M> const> events, GuardsAt&& guards_at,
                     Heed&& heed = {}) {
    BOOST_ASSERT(machines.size() == events.size());
    std::size_t moved = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        outcome<M> const o = decide<M>(machines[i], events[i], guards_at(i));
        machines[i] = o.to;
        moved += o.kind == answer::moved;
        heed(i, o);
    }
    return moved;
}

/// Steps machines as their events arrive, in that order: `arrivals[k]` says which machine and event,
/// `guards_at(k)` which guards hold then, `heed(k, outcome)` hears of the outcome.
///
/// For many machines in random order: the states are fetched ahead of their turn, so that `guards_at`
/// and `heed` overlap with memory. Requires: every `machine` is less than `machines.size()`.
/// Returns how often a machine moved. Complexity: linear; no allocation.
template <definition M, class GuardsAt, class Heed = detail::heed_nothing>
std::size_t step_all(std::span<state_of<M>> machines, std::span<arrival<M> const> arrivals, GuardsAt&& guards_at,
                     Heed&& heed = {}) {
    std::size_t moved = 0;
    for (std::size_t k = 0; k < arrivals.size(); ++k) {
        if (k + detail::ahead < arrivals.size()) detail::fetch(machines.data() + arrivals[k + detail::ahead].machine);
        BOOST_ASSERT(arrivals[k].machine < machines.size());
        state_of<M>& state = machines[arrivals[k].machine];
        outcome<M> const o = decide<M>(state, arrivals[k].event, guards_at(k));
        state = o.to;  // at random, foreseeing whether it changes fails too often to be worth sparing the store
        moved += o.kind == answer::moved;
        heed(k, o);
    }
    return moved;
}

}  // namespace patron::v1::machine
