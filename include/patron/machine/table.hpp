/// The notation of a state machine: a table of rows, each "from a state, on an event, when a guard
/// holds, does an action, to a state".
///
///     struct leasing {
///         enum class state : std::uint8_t { offered, running, overdue, closed };
///         enum class event : std::uint8_t { signed_, missed, paid, ended };
///         enum class guard : std::uint8_t { in_grace };
///         static constexpr std::string_view name = "leasing";
///         static constexpr auto start = state::offered;
///         static constexpr std::array finals{state::closed};
///         static constexpr auto table = machine::table(
///             from(state::offered).on(event::signed_).to(state::running),
///             from(state::running).on(event::missed).when(guard::in_grace).stays(),
///             from(state::running).on(event::missed).to(state::overdue),
///             from(state::closed).on(event::missed, event::paid, event::ended).ignored(), ...);
///     };
///     static_assert(machine::sound<leasing>);
///
/// Source: DOMAIN REL-1, REL-9.
#pragma once
#include <patron/machine/names.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace patron::inline v1::machine {

/// Stands in a row for "no guard" or "no action".
inline constexpr std::uint8_t nothing = 255;

/// One row as plain data: the positions of the names in their lists.
struct row {
    std::uint8_t from{};
    std::uint8_t event{};
    std::uint8_t guard = nothing;   ///< must hold for the row to be taken
    std::uint8_t action = nothing;  ///< what the caller does when it is taken
    std::uint8_t to{};              ///< equal to `from` when the state stays
    bool ignored = false;           ///< the event is of no concern here, on purpose

    friend constexpr bool operator==(row const&, row const&) = default;
};

/// The guard or action type of a machine that has none.
enum class none : std::uint8_t {};

namespace detail {

template <class S, class E, class G, class A, std::size_t N>
struct rows {
    std::array<row, N> list;
};

template <class T>
inline constexpr bool is_rows = false;
template <class S, class E, class G, class A, std::size_t N>
inline constexpr bool is_rows<rows<S, E, G, A, N>> = true;

/// A row, or one for each pair of some states and some events, that does not yet say where it leads.
template <class S, class E, class G, class A, std::size_t States, std::size_t Events>
struct draft {
    std::array<S, States> states;
    std::array<E, Events> events;
    std::uint8_t guard = nothing;
    std::uint8_t action = nothing;

    /// Taken only when `g` holds. Rows of one state and event are tried in the order of the table.
    template <byte_enum Guard>
        requires std::same_as<G, none>
    [[nodiscard]] constexpr draft<S, E, Guard, A, States, Events> when(Guard g) const noexcept {
        return {states, events, static_cast<std::uint8_t>(g), action};
    }

    /// Names what the caller does when the row is taken; the machine itself executes nothing.
    template <byte_enum Action>
        requires std::same_as<A, none>
    [[nodiscard]] constexpr draft<S, E, G, Action, States, Events> does(Action a) const noexcept {
        return {states, events, guard, static_cast<std::uint8_t>(a)};
    }

    /// Leads to `target`.
    [[nodiscard]] constexpr rows<S, E, G, A, States * Events> to(S target) const noexcept {
        return each([target](S) { return target; }, false);
    }

    /// Answers the event and remains where it is.
    [[nodiscard]] constexpr rows<S, E, G, A, States * Events> stays() const noexcept {
        return each([](S state) { return state; }, false);
    }

    /// States that the event is of no concern here.
    [[nodiscard]] constexpr rows<S, E, G, A, States * Events> ignored() const noexcept
        requires std::same_as<A, none>
    {
        return each([](S state) { return state; }, true);
    }

private:
    template <class Target>
    constexpr rows<S, E, G, A, States * Events> each(Target target, bool ignored) const noexcept {
        rows<S, E, G, A, States * Events> all{};
        std::size_t i = 0;
        for (S const s : states)
            for (E const e : events)
                all.list[i++] = {static_cast<std::uint8_t>(s),
                                 static_cast<std::uint8_t>(e),
                                 guard,
                                 action,
                                 static_cast<std::uint8_t>(target(s)),
                                 ignored};
        return all;
    }
};

template <class S, std::size_t N>
struct leaving {
    std::array<S, N> states;

    template <byte_enum E, std::same_as<E>... More>
    [[nodiscard]] constexpr draft<S, E, none, none, N, 1 + sizeof...(More)> on(E first, More... more) const noexcept {
        return {states, {first, more...}};
    }
};

/// The one type among some that is not `none`, `void` when they differ.
template <class A, class B>
using either = std::conditional_t<std::same_as<A, none> || std::same_as<A, B>, B,
                                  std::conditional_t<std::same_as<B, none>, A, void>>;

}  // namespace detail

/// Rows as written, with the types that they are about.
template <class S, class E, class G, class A, std::size_t N>
struct rows_of {
    using state = S;
    using event = E;
    using guard = G;
    using action = A;

    std::array<row, N> rows;  ///< in document order

    [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }
};

/// Begins a row that leaves one state, or the same row for each of several.
template <byte_enum S, std::same_as<S>... More>
[[nodiscard]] constexpr detail::leaving<S, 1 + sizeof...(More)> from(S first, More... more) noexcept {
    return {{first, more...}};
}

/// Begins a row that leaves every state of `S`.
template <byte_enum S>
[[nodiscard]] constexpr detail::leaving<S, count_of<S>> from_any() noexcept {
    detail::leaving<S, count_of<S>> all{};
    for (std::size_t i = 0; i < count_of<S>; ++i) all.states[i] = static_cast<S>(i);
    return all;
}

namespace detail {

template <class S, class E, class G, class A, std::size_t N, class S2, class E2, class G2, class A2, std::size_t M>
constexpr auto join(rows<S, E, G, A, N> const& a, rows<S2, E2, G2, A2, M> const& b) noexcept {
    static_assert(std::same_as<S, S2>, "the rows of a table leave and reach states of one type");
    static_assert(std::same_as<E, E2>, "the rows of a table are about events of one type");
    static_assert(!std::is_void_v<either<G, G2>>, "the rows of a table have guards of one type");
    static_assert(!std::is_void_v<either<A, A2>>, "the rows of a table have actions of one type");
    rows<S, E, either<G, G2>, either<A, A2>, N + M> both{};
    for (std::size_t i = 0; i < N; ++i) both.list[i] = a.list[i];
    for (std::size_t i = 0; i < M; ++i) both.list[N + i] = b.list[i];
    return both;
}

template <class S, class E, class G, class A, std::size_t N, class S2, class E2, class G2, class A2, std::size_t M>
constexpr auto operator+(rows<S, E, G, A, N> const& a, rows<S2, E2, G2, A2, M> const& b) noexcept {
    return join(a, b);
}

template <class S, class E, class G, class A, std::size_t N>
constexpr rows_of<S, E, G, A, N> finish(rows<S, E, G, A, N> const& all) noexcept {
    return {all.list};
}

}  // namespace detail

/// The table of a machine. Of rows with the same state and event the first whose guard holds is taken.
template <class... Rows>
[[nodiscard]] constexpr auto table(Rows const&... rows) noexcept {
    static_assert(sizeof...(Rows) > 0, "a table has at least one row");
    static_assert((detail::is_rows<Rows> && ...), "a row ends in .to(state), .stays() or .ignored()");
    if constexpr ((detail::is_rows<Rows> && ...)) return detail::finish((rows + ...));
}

/// A machine: a type with `state`, `event`, `name`, `start` and `table`; if it needs them also `guard`,
/// `action`, `finals` (states in which it may end) and `labels` (a `patron::text` for each state).
template <class M>
concept definition = byte_enum<typename M::state> && byte_enum<typename M::event> && requires {
    { M::name } -> std::convertible_to<std::string_view>;
    { M::start } -> std::convertible_to<typename M::state>;
    { M::table.rows };
    requires std::same_as<typename decltype(M::table)::state, typename M::state>;
    requires std::same_as<typename decltype(M::table)::event, typename M::event>;
};

namespace detail {

template <class M>
struct guard_type : std::type_identity<none> {};
template <class M>
    requires requires { typename M::guard; }
struct guard_type<M> : std::type_identity<typename M::guard> {};

template <class M>
struct action_type : std::type_identity<none> {};
template <class M>
    requires requires { typename M::action; }
struct action_type<M> : std::type_identity<typename M::action> {};

template <class M>
constexpr auto finals() noexcept {
    if constexpr (requires { M::finals; }) {
        std::array<std::uint8_t, M::finals.size()> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(M::finals[i]);
        return all;
    } else {
        return std::array<std::uint8_t, 0>{};
    }
}

}  // namespace detail

template <definition M>
using state_of = typename M::state;
template <definition M>
using event_of = typename M::event;
template <definition M>
using guard_of = typename detail::guard_type<M>::type;
template <definition M>
using action_of = typename detail::action_type<M>::type;

}  // namespace patron::v1::machine
