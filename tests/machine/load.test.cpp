#include <patron/machine/load.hpp>
#include <patron/machine/render.hpp>

#include <catch2/catch_test_macros.hpp>

#include "machines.hpp"

using namespace machine_tests;
using patron::errc;

namespace {

constexpr std::string_view door = R"({
  "machine": "door",
  "start": "shut",
  "states": ["shut", "open"],
  "events": ["push", "slam"],
  "guards": ["locked"],
  "actions": ["squeak"],
  "labels": { "open": { "en": "Open", "zh": "开" } },
  "rows": [
    { "from": "shut", "on": "push", "when": "locked", "ignored": true },
    { "from": "shut", "on": "push", "does": "squeak", "to": "open" },
    { "from": "shut", "on": "slam", "ignored": true },
    { "from": "open", "on": "push", "to": "open" },
    { "from": "open", "on": "slam", "to": "shut", "ignored": false }
  ]
})";

std::string with(std::string_view old, std::string_view now) {
    std::string text{door};
    auto const at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
}

}  // namespace

TEST_CASE("a machine is read from a file", "[machine][load]") {
    machine::description const expected{.name = "door",
                                        .states = {"shut", "open"},
                                        .events = {"push", "slam"},
                                        .guards = {"locked"},
                                        .actions = {"squeak"},
                                        .rows = {{.from = 0, .event = 0, .guard = 0, .to = 0, .ignored = true},
                                                 {.from = 0, .event = 0, .action = 0, .to = 1},
                                                 {.from = 0, .event = 1, .to = 0, .ignored = true},
                                                 {.from = 1, .event = 0, .to = 1},
                                                 {.from = 1, .event = 1, .to = 0}},
                                        .labels = {{"shut", "shut"}, {"Open", "开"}}};
    auto const d = machine::parse(door);
    REQUIRE(d.has_value());
    REQUIRE(d.value() == expected);
    auto const m = machine::load(door);
    REQUIRE(m.has_value());
    REQUIRE(m.value().decide(0, 0, [](auto) { return false; }).kind == machine::answer::moved);
}

TEST_CASE("what is printed as JSON is read back as it was", "[machine][load]") {
    REQUIRE(machine::parse(machine::render(machine::describe<leasing>(), machine::format::json)).value() ==
            machine::describe<leasing>());
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        auto const d = random_machine(seed);
        CAPTURE(seed);
        REQUIRE(machine::parse(machine::render(d, machine::format::json)).value() == d);
    }
}

TEST_CASE("a file that is wrong is refused with its field and a remedy", "[machine][load]") {
    struct bad {
        std::string text;
        errc code;
        std::string field;
        std::uint64_t line = 0;
    };
    std::vector<bad> const all{
        {"", errc::malformed, "", 1},
        {"[]", errc::malformed, ""},
        {"{\n\"machine\": \"door\",\n oops }", errc::malformed, "", 3},
        {std::string{door} + "\n}", errc::malformed, "", 17},
        {std::string{door}.substr(0, 300), errc::malformed, "", 11},
        {with("\"machine\": \"door\",", ""), errc::missing_field, "machine"},
        {with("\"door\"", "7"), errc::malformed, "machine"},
        {with("\"door\"", "\"a door\""), errc::malformed, "machine"},
        {with("\"door\"", "\"\xff\""), errc::malformed, "", 2},
        {with("\"door\"", "\"\\u0000\""), errc::malformed, "machine"},
        {with("\"start\"", "\"strat\""), errc::unknown_field, ""},
        {with("\"start\": \"shut\",", ""), errc::missing_field, "start"},
        {with("\"start\": \"shut\"", "\"start\": \"ajar\""), errc::unknown_reference, "start"},
        {with("\"start\": \"shut\"", "\"start\": \"shut\", \"final\": [\"ajar\"]"), errc::unknown_reference,
         "final[0]"},
        {with("[\"shut\", \"open\"]", "\"shut\""), errc::malformed, "states"},
        {with("[\"shut\", \"open\"]", "[\"shut\", \"open\", 3]"), errc::malformed, "states[2]"},
        {with("[\"shut\", \"open\"]", "[\"shut\", \"open\", \"shut\"]"), errc::malformed, "states"},
        {with("{ \"open\": { \"en\"", "{ \"ajar\": { \"en\""), errc::unknown_reference, "labels.ajar"},
        {with("\"zh\": \"开\"", "\"fr\": \"o\""), errc::unknown_field, "labels.open"},
        {with(", \"zh\": \"开\"", ""), errc::missing_field, "labels.open.zh"},
        {with("\"zh\": \"开\"", "\"zh\": \"\\n\""), errc::malformed, "labels[1]"},
        {with("\"rows\"", "\"raws\""), errc::unknown_field, ""},
        {with("{ \"from\": \"shut\", \"on\": \"slam\", \"ignored\": true }", "7"), errc::malformed, "rows[2]"},
        {with("\"from\": \"open\", \"on\": \"push\"", "\"on\": \"push\""), errc::missing_field, "rows[3].from"},
        {with("\"from\": \"open\"", "\"from\": \"ajar\""), errc::unknown_reference, "rows[3].from"},
        {with("\"on\": \"slam\", \"to\"", "\"on\": \"kick\", \"to\""), errc::unknown_reference, "rows[4].on"},
        {with("\"when\": \"locked\"", "\"when\": \"barred\""), errc::unknown_reference, "rows[0].when"},
        {with("\"does\": \"squeak\"", "\"does\": null"), errc::malformed, "rows[1].does"},
        {with(", \"to\": \"open\" },\n    { \"from\": \"shut\", \"on\": \"slam\"",
              " },\n    { \"from\": \"shut\", \"on\": \"slam\""),
         errc::missing_field, "rows[1].to"},
        {with("\"ignored\": false", "\"ignored\": 0"), errc::malformed, "rows[4].ignored"},
        {with("\"ignored\": false", "\"ignored\": true"), errc::malformed, "rows[4]"},
        {with("\"ignored\": false", "\"then\": \"x\""), errc::unknown_field, "rows[4]"},
    };
    for (bad const& b : all) {
        auto const refused = machine::parse(b.text);
        CAPTURE(b.text);
        REQUIRE(refused.has_error());
        CAPTURE(refused.error().message());
        CHECK(refused.error().code == b.code);
        CHECK(refused.error().field == b.field);
        CHECK(refused.error().line == b.line);
        CHECK_FALSE(refused.error().remedy.empty());
    }
}

TEST_CASE("a hostile file costs little", "[machine][load]") {
    REQUIRE(machine::parse(std::string(20'000, '[')).error().code == errc::too_long);
    REQUIRE(machine::parse("{\"machine\":" + std::string(20'000, '{')).error().code == errc::malformed);
    REQUIRE(machine::parse(std::string(5U << 20U, ' ')).error().code == errc::too_long);
    std::string names;
    for (int i = 0; i < 200'000; ++i) names += (i == 0 ? "\"s" : ",\"s") + std::to_string(i) + '"';
    REQUIRE(machine::parse(with("\"shut\", \"open\"", names)).error().code == errc::too_long);
    REQUIRE(machine::parse(with("\"door\"", "\"" + std::string(1'000'000, 'd') + "\"")).error().saw.size() == 80);
    std::string rows;
    for (int i = 0; i < 65'536; ++i) rows += R"({"from":"open","on":"push","to":"open"},)";
    REQUIRE(machine::parse(with("\"rows\": [", "\"rows\": [" + rows)).error().code == errc::too_long);
}

TEST_CASE("a file whose table is unsound is read but not loaded", "[machine][load]") {
    auto const text = with("{ \"from\": \"shut\", \"on\": \"slam\", \"ignored\": true },", "");
    REQUIRE(machine::parse(text).has_value());
    REQUIRE(machine::load(text).error().code == errc::unsound_machine);
    REQUIRE(machine::load(text).error().remedy.find("state shut does not answer event slam") != std::string::npos);
    REQUIRE(machine::load("{").has_error());
}
