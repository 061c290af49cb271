#include <patron/machine/step.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include "machines.hpp"

#include <type_traits>

using namespace machine_tests;
using machine::answer;
using L = leasing;
using S = leasing::state;
using E = leasing::event;
using G = leasing::guard;

TEST_CASE("the state is one byte that the caller owns", "[machine][step]") {
    STATIC_REQUIRE(sizeof(S) == 1);
    STATIC_REQUIRE(sizeof(machine::outcome<L>) == 8);
    STATIC_REQUIRE(std::is_trivially_copyable_v<machine::outcome<L>>);
    S state = L::start;
    machine::step<L>(state, E::signed_);
    REQUIRE(state == S::running);
}

TEST_CASE("an outcome tells moved, stayed, ignored and refused apart", "[machine][step]") {
    auto const moved = machine::decide<L>(S::running, E::missed);
    REQUIRE(moved.kind == answer::moved);
    REQUIRE(moved.from == S::running);
    REQUIRE(moved.to == S::overdue);
    REQUIRE(moved.action() == L::action::remind);
    REQUIRE(moved.refused_by() == G::in_grace);  // the first guard that stood in the way of an earlier row
    REQUIRE(moved.row == 5);                     // the rows before it: 1 + 2 + 1 + 1

    auto const stayed = machine::decide<L>(S::running, E::missed, {G::insured});
    REQUIRE(stayed.kind == answer::stayed);
    REQUIRE(stayed.action() == L::action::file);
    REQUIRE(stayed.taken());

    auto const ignored = machine::decide<L>(S::running, E::missed, {G::in_grace, G::insured});
    REQUIRE(ignored.kind == answer::ignored);
    REQUIRE_FALSE(ignored.taken());
    REQUIRE(ignored.action() == std::nullopt);
    REQUIRE(ignored.refused_by() == std::nullopt);

    auto const refused = machine::decide<L>(S::overdue, E::paid);
    REQUIRE(refused.kind == answer::refused);
    REQUIRE(refused.refused_by() == G::settled);
    REQUIRE(refused.to == S::overdue);
}

TEST_CASE("an event without a row is told as such in a machine that was not checked", "[machine][step]") {
    struct gappy {
        enum class state : std::uint8_t { a, b };
        enum class event : std::uint8_t { go };
    };
    machine::description const d{.name = "gappy", .states = {"a", "b"}, .events = {"go"}, .rows = {}};
    REQUIRE(walk(d, 0, 0, [](auto) { return true; }).kind == answer::no_row);
    auto const o = machine::detail::try_rows<machine::basic_outcome<gappy::state, machine::none, machine::none>>(
        gappy::state::b, nullptr, nullptr, [](auto) { return true; });
    REQUIRE(o.kind == answer::no_row);
    REQUIRE(o.to == gappy::state::b);
}

TEST_CASE("deciding moves nothing, stepping executes nothing", "[machine][step]") {
    S state = S::running;
    REQUIRE(machine::decide<L>(state, E::ended).to == S::closed);
    REQUIRE(state == S::running);
    REQUIRE(machine::step<L>(state, E::ended).to == S::closed);
    REQUIRE(state == S::closed);
}

TEST_CASE("guards given as a function are asked only as far as they matter, in row order", "[machine][step]") {
    std::vector<G> asked;
    auto const first = [&](G g) {
        asked.push_back(g);
        return g == G::in_grace;
    };
    REQUIRE(machine::decide<L>(S::running, E::missed, first).kind == answer::ignored);
    REQUIRE(asked == std::vector{G::in_grace});
    asked.clear();
    auto const second = [&](G g) {
        asked.push_back(g);
        return g == G::insured;
    };
    REQUIRE(machine::decide<L>(S::running, E::missed, second).kind == answer::stayed);
    REQUIRE(asked == std::vector{G::in_grace, G::insured});
    asked.clear();
    REQUIRE(machine::decide<L>(S::offered, E::signed_, second).kind == answer::moved);
    REQUIRE(asked.empty());
}

TEST_CASE("a set of guards remembers which hold", "[machine][step]") {
    machine::guard_set<L> set{G::settled};
    REQUIRE(set(G::settled));
    REQUIRE_FALSE(set(G::in_grace));
    set.set(G::in_grace).set(G::settled, false);
    REQUIRE(set.bits() == 0b001);
    REQUIRE(machine::guard_set<L>::from_bits(~std::uint64_t{0}).bits() == 0b111);
    REQUIRE(machine::guard_set<L>::from_bits(0b100) == machine::guard_set<L>{G::settled});
}

TEST_CASE("stepping can be done while compiling", "[machine][step]") {
    STATIC_REQUIRE(machine::decide<L>(S::overdue, E::paid, {G::settled}).to == S::running);
    STATIC_REQUIRE(machine::can<L>(S::overdue, E::missed));
}

TEST_CASE("what can happen is not what is ignored or refused", "[machine][step]") {
    REQUIRE(machine::can<L>(S::overdue, E::paid, {G::settled}));
    REQUIRE_FALSE(machine::can<L>(S::overdue, E::paid));
    REQUIRE_FALSE(machine::can<L>(S::running, E::paid));
    REQUIRE(machine::can<L>(S::running, E::missed, {G::insured}));
    REQUIRE_FALSE(machine::can<L>(S::running, E::missed, [](G g) { return g == G::in_grace; }));
}

TEST_CASE("the events that a state answers are known", "[machine][step]") {
    auto const in = [](S s) {
        auto const all = machine::allowed<L>(s);
        return std::vector<E>{all.begin(), all.end()};
    };
    REQUIRE(in(S::offered) == std::vector{E::signed_, E::ended});
    REQUIRE(in(S::running) == std::vector{E::missed, E::ended});
    REQUIRE(in(S::overdue) == std::vector{E::missed, E::paid, E::ended});
    REQUIRE(in(S::closed).empty());
    STATIC_REQUIRE(machine::allowed<L>(S::overdue).size() == 3);
}

TEST_CASE("a state is stored as a number and restored, or refused, without running anything", "[machine][step]") {
    for (S const s : {S::offered, S::running, S::overdue, S::closed})
        REQUIRE(machine::from_integer<L>(machine::to_integer(s)).value() == s);
    for (std::uint64_t const bad : {std::uint64_t{4}, std::uint64_t{256}, ~std::uint64_t{0}}) {
        auto const refused = machine::from_integer<L>(bad);
        REQUIRE(refused.has_error());
        REQUIRE(refused.error().code == patron::errc::out_of_range);
        REQUIRE(refused.error().field == "state");
        REQUIRE(refused.error().saw == std::to_string(bad));
        REQUIRE(refused.error().remedy.find("0 to 3") != std::string::npos);
    }
}

TEMPLATE_TEST_CASE("every state, event and combination of guards is answered as the rows say", "[machine][step]",
                   leasing, scattered) {
    using M = TestType;
    auto const d = machine::describe<M>();
    std::size_t const combinations = std::size_t{1} << d.guards.size();
    for (std::uint8_t s = 0; s < d.states.size(); ++s) {
        for (std::uint8_t e = 0; e < d.events.size(); ++e) {
            for (std::size_t bits = 0; bits < combinations; ++bits) {
                auto const holds = [bits](auto g) { return (bits >> static_cast<unsigned>(g) & 1U) != 0; };
                auto const state = static_cast<machine::state_of<M>>(s);
                auto const event = static_cast<machine::event_of<M>>(e);
                auto const expected = walk(d, s, e, holds);
                CAPTURE(int{s}, int{e}, bits);
                for (auto const& o : {machine::decide<M>(state, event, machine::guard_set<M>::from_bits(bits)),
                                      machine::decide<M>(state, event, holds)}) {
                    REQUIRE(o.kind == expected.kind);
                    REQUIRE(machine::to_integer(o.from) == expected.from);
                    REQUIRE(machine::to_integer(o.to) == expected.to);
                    REQUIRE(o.action_code == expected.action_code);
                    REQUIRE(o.guard_code == expected.guard_code);
                    REQUIRE(o.row == expected.row);
                }
            }
        }
    }
}

TEST_CASE("a machine whose guards are declared far apart is stepped row by row", "[machine][step]") {
    STATIC_REQUIRE(machine::one_look_up<leasing>);
    STATIC_REQUIRE_FALSE(machine::one_look_up<scattered>);
}

TEST_CASE("stepping in bulk is stepping one by one", "[machine][step]") {
    constexpr std::size_t machines = 100;
    constexpr std::size_t events = 5'000;
    dice d{7};
    std::vector<machine::arrival<L>> arrivals(events);
    std::vector<machine::guard_set<L>> guards;
    for (auto& a : arrivals) {
        a = {static_cast<std::uint32_t>(d.below(machines)), static_cast<E>(d.below(4))};
        guards.push_back(machine::guard_set<L>::from_bits(d.below(8)));
    }
    std::vector<S> expected(machines, L::start);
    std::vector<machine::outcome<L>> outcomes;
    std::size_t moves = 0;
    for (std::size_t k = 0; k < events; ++k) {
        outcomes.push_back(machine::step<L>(expected[arrivals[k].machine], arrivals[k].event, guards[k]));
        moves += outcomes.back().kind == answer::moved;
    }
    REQUIRE(moves > 100);

    std::vector<S> states(machines, L::start);
    std::vector<machine::outcome<L>> heard;
    auto const moved = machine::step_all<L>(
        states, std::span{std::as_const(arrivals)}, [&](std::size_t k) { return guards[k]; },
        [&](std::size_t, machine::outcome<L> const& o) { heard.push_back(o); });
    REQUIRE(moved == moves);
    REQUIRE(states == expected);
    REQUIRE(heard == outcomes);

    std::vector<E> one_each(machines);
    for (E& e : one_each) e = static_cast<E>(d.below(4));
    auto again = expected;
    for (std::size_t i = 0; i < machines; ++i) machine::step<L>(again[i], one_each[i], guards[i]);
    machine::step_all<L>(states, std::span{std::as_const(one_each)}, [&](std::size_t i) { return guards[i]; });
    REQUIRE(states == again);
}
