#include <patron/machine/checks.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "machines.hpp"

#include <algorithm>
#include <tuple>

using namespace machine_tests;
using machine::finding;
using machine::nothing;
using machine::problem;
using machine::row;

namespace {

/// Two states, two events and everything wrong: e1 has a duplicate and a shadowed row in `a`, no row in `b`,
/// which nothing leads to or out of.
struct broken {
    enum class state : std::uint8_t { a, b };
    enum class event : std::uint8_t { e0, e1 };
    enum class guard : std::uint8_t { g };
    static constexpr std::string_view name = "broken";
    static constexpr auto start = state::a;
    static constexpr auto table =
        machine::table(from_any<state>().on(event::e0).ignored(), from(state::a).on(event::e1).stays(),
                       from(state::a).on(event::e1).stays(), from(state::a).on(event::e1).when(guard::g).to(state::a));
};

std::vector<finding> sorted(std::vector<finding> all) {
    std::ranges::sort(all, before);
    return all;
}

machine::description two_states(std::vector<row> rows) {
    return {.name = "two", .states = {"a", "b"}, .events = {"e"}, .guards = {"g", "h"}, .rows = std::move(rows)};
}

}  // namespace

TEST_CASE("a sound machine has no findings", "[machine][checks]") {
    STATIC_REQUIRE(machine::sound<leasing>);
    STATIC_REQUIRE(machine::sound<scattered>);
    STATIC_REQUIRE(machine::findings<leasing>().empty());
    REQUIRE(machine::findings(machine::describe<leasing>()).empty());
}

TEST_CASE("every kind of mistake in a compiled table is found and placed", "[machine][checks]") {
    std::vector<finding> const expected{{problem::duplicate_row, 0, 1, 3},     {problem::shadowed_row, 0, 1, 4},
                                        {problem::unreachable_state, 1, 0, 0}, {problem::dead_end, 0, 0, 0},
                                        {problem::dead_end, 1, 0, 0},          {problem::unanswered_event, 1, 1, 0}};
    auto const found = machine::findings<broken>();
    REQUIRE(sorted({found.begin(), found.end()}) == sorted(expected));
    REQUIRE(sorted(machine::findings(machine::describe<broken>())) == sorted(expected));
}

TEST_CASE("every kind of mistake in a table made at run time is found alone", "[machine][checks]") {
    row const there{.from = 0, .event = 0, .to = 1};
    row const back{.from = 1, .event = 0, .to = 0};
    REQUIRE(machine::findings(two_states({there, back})).empty());

    SECTION("a row written twice") {
        REQUIRE(machine::findings(two_states({there, back, there})) ==
                std::vector<finding>{{problem::duplicate_row, 0, 0, 2}});
    }
    SECTION("a row behind one without a guard") {
        row const late{.from = 0, .event = 0, .guard = 1, .to = 0};
        REQUIRE(machine::findings(two_states({there, back, late})) ==
                std::vector<finding>{{problem::shadowed_row, 0, 0, 2}});
    }
    SECTION("a row behind one with the same guard") {
        row const guarded{.from = 0, .event = 0, .guard = 1, .to = 1};
        row const other_way{.from = 0, .event = 0, .guard = 1, .to = 0};
        REQUIRE(machine::findings(two_states({guarded, back, other_way})) ==
                std::vector<finding>{{problem::shadowed_row, 0, 0, 2}});
    }
    SECTION("a state that nothing leads to") {
        row const stays{.from = 0, .event = 0, .to = 0};
        auto d = two_states({stays, back});
        d.finals = {0};
        REQUIRE(machine::findings(d) == std::vector<finding>{{problem::unreachable_state, 1, 0, 0}});
    }
    SECTION("a state without a way out") {
        row const stays{.from = 1, .event = 0, .to = 1};
        REQUIRE(machine::findings(two_states({there, stays})) == std::vector<finding>{{problem::dead_end, 1, 0, 0}});
    }
    SECTION("states that lead to each other but never to the final one") {
        machine::description const d{.name = "three",
                                     .states = {"a", "b", "c"},
                                     .events = {"e", "stop"},
                                     .guards = {"g"},
                                     .rows = {{.from = 0, .event = 0, .to = 1},
                                              {.from = 0, .event = 1, .to = 2},
                                              {.from = 1, .event = 0, .guard = 0, .to = 1},
                                              {.from = 1, .event = 1, .to = 1, .ignored = true},
                                              {.from = 2, .event = 0, .to = 2, .ignored = true},
                                              {.from = 2, .event = 1, .to = 2, .ignored = true}},
                                     .finals = {2}};
        REQUIRE(machine::findings(d) == std::vector<finding>{{problem::dead_end, 1, 0, 0}});
    }
    SECTION("an event that a state neither answers nor ignores") {
        auto d = two_states({there, back});
        d.events.push_back("f");
        d.rows.push_back({.from = 0, .event = 1, .to = 0, .ignored = true});
        REQUIRE(machine::findings(d) == std::vector<finding>{{problem::unanswered_event, 1, 1, 0}});
    }
}

TEST_CASE("a final state may have a way back, and must still answer or ignore every event", "[machine][checks]") {
    auto d = two_states({{.from = 0, .event = 0, .to = 1}, {.from = 1, .event = 0, .to = 0}});
    d.finals = {1};
    REQUIRE(machine::findings(d).empty());
    d.rows.pop_back();
    REQUIRE(machine::findings(d) == std::vector<finding>{{problem::unanswered_event, 1, 0, 0}});
}

TEST_CASE("the checks agree with their definitions on random tables", "[machine][checks]") {
    std::size_t sound = 0;
    std::size_t unsound = 0;
    for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
        auto const d = random_machine(seed);
        CAPTURE(seed);
        auto const found = machine::findings(d);
        REQUIRE(sorted(found) == sorted(findings_by_definition(d)));
        ++(found.empty() ? sound : unsound);
    }
    REQUIRE(sound > 300);  // or the property says little
    REQUIRE(unsound > 300);
}
