#include <patron/machine/description.hpp>

#include <catch2/catch_test_macros.hpp>

#include "machines.hpp"

#include <functional>

using namespace machine_tests;
using patron::errc;

TEST_CASE("a compiled machine describes itself", "[machine][description]") {
    auto const d = machine::describe<leasing>();
    REQUIRE(d.name == "leasing");
    REQUIRE(d.states == std::vector<std::string>{"offered", "running", "overdue", "closed"});
    REQUIRE(d.events == std::vector<std::string>{"signed", "missed", "paid", "ended"});
    REQUIRE(d.guards == std::vector<std::string>{"in_grace", "insured", "settled"});
    REQUIRE(d.actions == std::vector<std::string>{"remind", "file"});
    REQUIRE(d.start == 0);
    REQUIRE(d.finals == std::vector<std::uint8_t>{3});
    REQUIRE(d.labels[2] == machine::label{"Overdue", "逾期"});
    REQUIRE(d.rows.size() == leasing::table.size());
    REQUIRE(d.rows[4] == machine::row{.from = 1, .event = 1, .guard = 1, .action = 1, .to = 1});
    REQUIRE(machine::well_formed(d).has_value());

    auto const plain = machine::describe<scattered>();
    REQUIRE(plain.finals.empty());
    REQUIRE(plain.actions.empty());
    REQUIRE(plain.labels.empty());
}

TEST_CASE("what cannot be a machine is refused with the field and a remedy", "[machine][description]") {
    struct broken {
        std::string field;
        errc code;
        std::function<void(machine::description&)> breaks;
    };
    std::vector<broken> const all{
        {"machine", errc::malformed, [](auto& d) { d.name.clear(); }},
        {"machine", errc::malformed, [](auto& d) { d.name = "two words"; }},
        {"states", errc::missing_field, [](auto& d) { d.states.clear(); }},
        {"events", errc::missing_field, [](auto& d) { d.events.clear(); }},
        {"states[1]", errc::malformed, [](auto& d) { d.states[1] = "1st"; }},
        {"states[1]", errc::malformed, [](auto& d) { d.states[1] = std::string(65, 'a'); }},
        {"events[0]", errc::malformed, [](auto& d) { d.events[0] = "error.execution"; }},  // has a meaning in SCXML
        {"guards[2]", errc::malformed, [](auto& d) { d.guards[2] = "a\"b"; }},
        {"actions[0]", errc::malformed, [](auto& d) { d.actions[0] = "逾期"; }},
        {"states", errc::malformed, [](auto& d) { d.states[3] = "offered"; }},
        {"states", errc::too_long, [](auto& d) { d.states.resize(257, "s"); }},
        {"guards", errc::too_long, [](auto& d) { d.guards.resize(256, "g"); }},
        {"start", errc::out_of_range, [](auto& d) { d.start = 4; }},
        {"final[0]", errc::out_of_range, [](auto& d) { d.finals[0] = 9; }},
        {"labels", errc::out_of_range, [](auto& d) { d.labels.pop_back(); }},
        {"labels[1]", errc::malformed, [](auto& d) { d.labels[1].zh = "\xff"; }},
        {"labels[1]", errc::malformed, [](auto& d) { d.labels[1].en = "two\nlines"; }},
        {"rows", errc::too_long, [](auto& d) { d.rows.resize(65'536); }},
        {"rows[2].from", errc::out_of_range, [](auto& d) { d.rows[2].from = 4; }},
        {"rows[2].on", errc::out_of_range, [](auto& d) { d.rows[2].event = 4; }},
        {"rows[2].to", errc::out_of_range, [](auto& d) { d.rows[2].to = 200; }},
        {"rows[2].when", errc::out_of_range, [](auto& d) { d.rows[2].guard = 3; }},
        {"rows[2].does", errc::out_of_range, [](auto& d) { d.rows[2].action = 2; }},
        {"rows[2]", errc::malformed, [](auto& d) { d.rows[2].to = 3; }},  // that row ignores
        {"rows[2]", errc::malformed, [](auto& d) { d.rows[2].action = 0; }},
    };
    for (broken const& b : all) {
        auto d = machine::describe<leasing>();
        b.breaks(d);
        auto const refused = machine::well_formed(d);
        CAPTURE(b.field);
        REQUIRE(refused.has_error());
        CHECK(refused.error().field == b.field);
        CHECK(refused.error().code == b.code);
        CHECK_FALSE(refused.error().remedy.empty());
        CHECK(refused.error().saw.size() <= 80);
    }
}

TEST_CASE("the largest machine that is allowed is checked in good time", "[machine][description]") {
    machine::description d{.name = "large", .states = {}, .events = {}, .rows = {}};
    for (int i = 0; i < 256; ++i) {
        d.states.push_back("s" + std::to_string(i));
        d.events.push_back("e" + std::to_string(i));
    }
    // a chain, written backwards so that what leads out of it is found one state at a time
    for (int s = 255; s >= 0; --s)
        for (int e = 0; e < 255; ++e)
            d.rows.push_back({.from = static_cast<std::uint8_t>(s),
                              .event = static_cast<std::uint8_t>(e),
                              .to = static_cast<std::uint8_t>(s < 255 ? s + 1 : 255),
                              .ignored = false});
    d.finals = {255};
    REQUIRE(machine::well_formed(d).has_value());
    auto const found = machine::findings(d);
    REQUIRE(found.size() == 256);  // the last event, in every state
    REQUIRE(found[7] == machine::finding{machine::problem::unanswered_event, 7, 255, 0});
}

TEST_CASE("a finding is put in words that name state and event", "[machine][description]") {
    using machine::problem;
    auto const d = machine::describe<leasing>();
    REQUIRE(machine::words({problem::unanswered_event, 1, 2, 0}, d) ==
            "state running does not answer event paid: add a row, if only an ignored one");
    REQUIRE(machine::words({problem::duplicate_row, 1, 1, 5}, d) ==
            "row 5 (state running, event missed) was written before: delete one");
    REQUIRE(machine::words({problem::shadowed_row, 1, 1, 5}, d)
                .starts_with("row 5 (state running, event missed) is never"));
    REQUIRE(machine::words({problem::unreachable_state, 2, 0, 0}, d).starts_with("state overdue cannot be reached"));
    REQUIRE(machine::words({problem::dead_end, 2, 0, 0}, d).starts_with("no way leads out of state overdue"));
}
