#include <patron/machine/dynamic.hpp>

#include <catch2/catch_test_macros.hpp>

#include "machines.hpp"

using namespace machine_tests;
using machine::dynamic;
using patron::errc;

TEST_CASE("a machine made at run time answers as its rows say", "[machine][dynamic]") {
    std::size_t sound = 0;
    for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
        auto const d = random_machine(seed);
        auto const m = dynamic::make(d);
        CAPTURE(seed);
        REQUIRE(m.has_value() == machine::findings(d).empty());
        if (!m) continue;
        ++sound;
        std::size_t const combinations = std::size_t{1} << d.guards.size();
        for (std::uint8_t s = 0; s < d.states.size(); ++s)
            for (std::uint8_t e = 0; e < d.events.size(); ++e)
                for (std::size_t bits = 0; bits < combinations; ++bits) {
                    auto const holds = [bits](std::uint8_t g) { return (bits >> g & 1U) != 0; };
                    auto const expected = walk(d, s, e, holds);
                    std::uint8_t state = s;
                    auto const o = m.value().step(state, e, holds);
                    if (o != expected || state != expected.to)
                        FAIL("differs in " << int{s} << ' ' << int{e} << ' ' << bits);
                }
    }
    REQUIRE(sound > 100);
}

TEST_CASE("a machine made at run time is as the compiled one that it describes", "[machine][dynamic]") {
    auto const m = dynamic::make(machine::describe<leasing>()).value();
    REQUIRE(m.start() == machine::to_integer(leasing::start));
    for (std::uint8_t s = 0; s < 4; ++s) {
        auto const compiled = machine::allowed<leasing>(static_cast<leasing::state>(s));
        std::vector<std::uint8_t> codes;
        for (auto const e : compiled) codes.push_back(static_cast<std::uint8_t>(e));
        REQUIRE(m.allowed(s) == codes);
        for (std::uint8_t e = 0; e < 4; ++e)
            for (std::uint64_t bits = 0; bits < 8; ++bits) {
                auto const one = m.decide(s, e, [bits](std::uint8_t g) { return (bits >> g & 1U) != 0; });
                auto const other =
                    machine::decide<leasing>(static_cast<leasing::state>(s), static_cast<leasing::event>(e),
                                             machine::guard_set<leasing>::from_bits(bits));
                REQUIRE(one.kind == other.kind);
                REQUIRE(one.to == machine::to_integer(other.to));
                REQUIRE(one.row == other.row);
                REQUIRE(one.action_code == other.action_code);
                REQUIRE(one.guard_code == other.guard_code);
            }
    }
}

TEST_CASE("an unsound machine is refused, and told what would mend it", "[machine][dynamic]") {
    auto d = machine::describe<leasing>();
    std::erase_if(d.rows, [](machine::row const& r) { return r.from == 1 && r.event == 2; });
    auto const refused = dynamic::make(d);
    REQUIRE(refused.has_error());
    REQUIRE(refused.error().code == errc::unsound_machine);
    REQUIRE(refused.error().saw == "leasing");
    REQUIRE(refused.error().remedy == "state running does not answer event paid: add a row, if only an ignored one");

    d.rows.clear();
    auto const remedy = dynamic::make(d).error().remedy;
    REQUIRE(remedy.find("state offered does not answer event signed") != std::string::npos);
    REQUIRE(remedy.ends_with("and 19 more"));  // 4 x 4 events, 3 unreachable states, 3 dead ends; three are told
}

TEST_CASE("what is not well formed is refused before it is checked", "[machine][dynamic]") {
    auto d = machine::describe<leasing>();
    d.rows[0].to = 77;
    auto const refused = dynamic::make(d);
    REQUIRE(refused.has_error());
    REQUIRE(refused.error().field == "rows[0].to");
}

TEST_CASE("names are found, numbers restored, unknown ones refused", "[machine][dynamic]") {
    auto const m = dynamic::make(machine::describe<leasing>()).value();
    REQUIRE(m.state_named("overdue") == 2);
    REQUIRE(m.event_named("signed") == 0);
    REQUIRE(m.guard_named("settled") == 2);
    REQUIRE(m.state_named("signed") == std::nullopt);
    REQUIRE(m.event_named("") == std::nullopt);
    REQUIRE(m.from_integer(3).value() == 3);
    REQUIRE(m.from_integer(4).error().code == errc::out_of_range);
    REQUIRE(m.from_integer(259).has_error());
}

TEST_CASE("many machines made at run time are stepped as their events arrive", "[machine][dynamic]") {
    auto const m = dynamic::make(machine::describe<leasing>()).value();
    dice d{3};
    std::vector<dynamic::arrival> arrivals(2'000);
    for (auto& a : arrivals) a = {static_cast<std::uint32_t>(d.below(50)), static_cast<std::uint8_t>(d.below(4))};
    auto const guards_at = [](std::size_t k) { return [k](std::uint8_t g) { return (k >> g & 1U) != 0; }; };
    std::vector<std::uint8_t> expected(50, m.start());
    std::size_t moves = 0;
    for (std::size_t k = 0; k < arrivals.size(); ++k)
        moves += m.step(expected[arrivals[k].machine], arrivals[k].event, guards_at(k)).kind == machine::answer::moved;
    std::vector<std::uint8_t> states(50, m.start());
    std::size_t heard = 0;
    auto const moved = m.step_all(states, arrivals, guards_at, [&heard](std::size_t k, auto const&) { heard += k; });
    REQUIRE(moves > 50);
    REQUIRE(moved == moves);
    REQUIRE(states == expected);
    REQUIRE(heard == 1'999 * 2'000 / 2);
}

TEST_CASE("a line is an event and the guards that hold, and is answered by the state", "[machine][dynamic]") {
    auto const m = dynamic::make(machine::describe<leasing>()).value();
    machine::runner r{m};
    REQUIRE(r.state() == "offered");
    REQUIRE(r.run_line("paid").value() == "offered");
    REQUIRE(r.run_line("signed").value() == "running");
    REQUIRE(r.run_line("missed in_grace").value() == "running");
    REQUIRE(r.run_line("  missed\tsettled \r").value() == "overdue");
    REQUIRE(r.run_line("paid").value() == "overdue");
    REQUIRE(r.run_line("paid settled settled in_grace").value() == "running");
}

TEST_CASE("a line that names what the machine does not have changes nothing and says where", "[machine][dynamic]") {
    auto const m = dynamic::make(machine::describe<leasing>()).value();
    machine::runner r{m};
    REQUIRE(r.run_line("signed").has_value());
    auto const event = r.run_line("burnt settled");
    REQUIRE(event.error().code == errc::unknown_reference);
    REQUIRE(event.error().field == "event");
    REQUIRE(event.error().saw == "burnt");
    REQUIRE(event.error().line == 2);
    auto const guard = r.run_line("ended settled paid");  // an event's name is no guard's
    REQUIRE(guard.error().field == "guard");
    REQUIRE(guard.error().saw == "paid");
    REQUIRE(guard.error().line == 3);
    auto const empty = r.run_line(" \r");
    REQUIRE(empty.error().code == errc::malformed);
    REQUIRE(empty.error().line == 4);
    REQUIRE(r.run_line(std::string(1'000'000, 'x')).error().saw.size() == 80);
    REQUIRE(r.state() == "running");
}
