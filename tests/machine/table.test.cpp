#include <patron/machine/table.hpp>

#include <catch2/catch_test_macros.hpp>

#include "machines.hpp"

using namespace machine_tests;
using machine::nothing;
using machine::row;

TEST_CASE("a row says from where, on what, when, doing what, to where", "[machine][table]") {
    using L = leasing;
    constexpr auto rows = machine::table(from(L::state::running)
                                             .on(L::event::missed)
                                             .when(L::guard::insured)
                                             .does(L::action::file)
                                             .to(L::state::overdue));
    STATIC_REQUIRE(rows.size() == 1);
    STATIC_REQUIRE(rows.rows[0] == row{.from = 1, .event = 1, .guard = 1, .action = 1, .to = 2});
    constexpr auto swapped = machine::table(from(L::state::running)
                                                .on(L::event::missed)
                                                .does(L::action::file)
                                                .when(L::guard::insured)
                                                .to(L::state::overdue));
    STATIC_REQUIRE(swapped.rows == rows.rows);
}

TEST_CASE("one line of the table can stand for several states and events", "[machine][table]") {
    using L = leasing;
    constexpr auto t =
        machine::table(from(L::state::offered, L::state::closed).on(L::event::paid, L::event::ended).ignored(),
                       from_any<L::state>().on(L::event::missed).stays());
    STATIC_REQUIRE(t.size() == 8);
    STATIC_REQUIRE(t.rows[0] == row{.from = 0, .event = 2, .to = 0, .ignored = true});
    STATIC_REQUIRE(t.rows[1] == row{.from = 0, .event = 3, .to = 0, .ignored = true});
    STATIC_REQUIRE(t.rows[2] == row{.from = 3, .event = 2, .to = 3, .ignored = true});
    STATIC_REQUIRE(t.rows[6] == row{.from = 2, .event = 1, .to = 2});
}

TEST_CASE("a table knows what its rows are about", "[machine][table]") {
    using table = decltype(leasing::table);
    STATIC_REQUIRE(std::same_as<table::state, leasing::state>);
    STATIC_REQUIRE(std::same_as<table::event, leasing::event>);
    STATIC_REQUIRE(std::same_as<table::guard, leasing::guard>);
    STATIC_REQUIRE(std::same_as<table::action, leasing::action>);
    STATIC_REQUIRE(std::same_as<decltype(scattered::table)::action, machine::none>);
}

TEST_CASE("a machine is any type with states, events, a start and a table", "[machine][table]") {
    struct not_one {
        enum class state : std::uint8_t { a };
    };
    STATIC_REQUIRE(machine::definition<leasing>);
    STATIC_REQUIRE(machine::definition<scattered>);
    STATIC_REQUIRE_FALSE(machine::definition<not_one>);
    STATIC_REQUIRE(std::same_as<machine::guard_of<leasing>, leasing::guard>);
    STATIC_REQUIRE(std::same_as<machine::action_of<scattered>, machine::none>);
}
