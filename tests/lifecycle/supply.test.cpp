#include <patron/lifecycle/supply.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <ostream>
#include <random>
#include <vector>

#include "lifecycle/subject.hpp"

namespace patron::inline v1 {
inline std::ostream& operator<<(std::ostream& out, supply_rung r) { return out << name_of(r); }
}  // namespace patron::v1

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

using enum supply_rung;
using event = supply_ladder::event;

supply_case breach(int day, std::uint8_t severity = 3, std::string_view authority = "Wang") {
    return {.on = on_day(day), .last_breach = on_day(day), .severity = severity, .authority = authority};
}
supply_case quiet(int day, int last_breach) { return {.on = on_day(day), .last_breach = on_day(last_breach)}; }

}  // namespace

TEST_CASE("the last resort goes up one rung for each new breach, and cools down in between", "[lifecycle][supply]") {
    supply_standing s;
    CHECK(move(s, event::escalate, breach(0)).taken());
    CHECK(s.rung == warned);
    CHECK(move(s, event::escalate, breach(89)).refused_by() == supply_ladder::guard::gravest_cause);
    CHECK(s.rung == warned);
    CHECK(look_at(s, breach(89)).days_since_use == 89);
    CHECK(move(s, event::escalate, breach(90)).taken());
    CHECK(s.rung == distributor_added);
    // twice in a year is the limit
    CHECK(!move(s, event::escalate, breach(200)).taken());
    CHECK(look_at(s, breach(200)).uses_in_year == 2);
    CHECK(!move(s, event::escalate, breach(364)).taken());
    CHECK(move(s, event::escalate, breach(365)).taken());
    CHECK(s.rung == suspended);
    CHECK(move(s, event::escalate, breach(500)).taken());
    CHECK(s.rung == terminated);
    CHECK(move(s, event::escalate, breach(900)).kind == machine::answer::ignored);
}

TEST_CASE("nobody is threatened without a name, a breach and a weight", "[lifecycle][supply]") {
    supply_standing s;
    CHECK(!move(s, event::escalate, breach(0, 3, "")).taken());
    CHECK(!move(s, event::escalate, breach(0, 2)).taken());
    CHECK(!move(s, event::escalate, {.on = on_day(0), .authority = "Wang"}).taken());
    CHECK(!move(s, event::escalate, breach(0, 5, "")).taken());
    CHECK(s == supply_standing{});
    // the breach that was answered does not count again
    CHECK(move(s, event::escalate, breach(0)).taken());
    auto old = breach(0);
    old.on = on_day(400);
    CHECK(!move(s, event::escalate, old).taken());
}

TEST_CASE("a rung is skipped for grave cause only", "[lifecycle][supply]") {
    supply_standing s;
    CHECK(move(s, event::escalate, breach(0, 5)).taken());
    CHECK(s.rung == suspended);
    supply_standing t;
    CHECK(move(t, event::escalate, breach(0, 4)).taken());
    CHECK(t.rung == warned);
    CHECK(move(t, event::escalate, breach(1, 5)).taken());  // grave cause waits for no cool-down
    CHECK(t.rung == suspended);
    supply_standing u;
    supply_rules const strict{.terminates_at_once = 5};
    CHECK(move(u, event::escalate, breach(0, 5), strict).taken());
    CHECK(u.rung == terminated);
}

TEST_CASE("compliance ends what was done and leaves a warning, then that goes too", "[lifecycle][supply]") {
    supply_standing s;
    (void)move(s, event::escalate, breach(0, 5));
    REQUIRE(s.rung == suspended);
    CHECK(!move(s, event::comply, quiet(89, 0)).taken());
    CHECK(!move(s, event::comply, quiet(95, 40)).taken());  // a breach on the way counts from then
    CHECK(move(s, event::comply, quiet(130, 40)).taken());
    CHECK(s.rung == warned);
    CHECK(!move(s, event::comply, quiet(131, 40)).taken());
    CHECK(move(s, event::comply, quiet(220, 40)).taken());
    CHECK(s.rung == normal);
    CHECK(move(s, event::comply, quiet(400, 40)).kind == machine::answer::ignored);
}

TEST_CASE("a named person restores everything at once, also after a termination", "[lifecycle][supply]") {
    supply_standing s;
    (void)move(s, event::escalate, breach(0, 5), {.terminates_at_once = 5});
    REQUIRE(s.rung == terminated);
    CHECK(!move(s, event::comply, quiet(900, 0)).taken());
    CHECK(!move(s, event::restore, quiet(900, 0)).taken());
    CHECK(move(s, event::restore, {.on = on_day(900), .authority = "Wang"}).taken());
    CHECK(s.rung == normal);
    CHECK(s.since == on_day(900));
}

TEST_CASE("whatever happens, no rung is skipped without grave cause and the year's limit holds",
          "[lifecycle][supply]") {
    std::mt19937_64 random{7};
    for (int times = 0; times < 300; ++times) {
        supply_standing s;
        int last_breach = -1;
        std::vector<int> used;
        for (int day = 0; day < 1'500; day += 1 + static_cast<int>(random() % 30)) {
            auto const severity = static_cast<std::uint8_t>(random() % 6);
            if (severity > 0) last_breach = day;
            supply_case seen{.on = on_day(day),
                             .last_breach = last_breach < 0 ? no_day : on_day(last_breach),
                             .severity = severity,
                             .authority = random() % 4 == 0 ? "" : "Wang"};
            auto const what = severity > 0 ? event::escalate : event::comply;
            auto const before = s;
            auto const came = move(s, what, seen);
            if (came.kind != machine::answer::moved) {
                REQUIRE(s == before);
                continue;
            }
            auto const up = static_cast<int>(s.rung) - static_cast<int>(before.rung);
            if (what == event::comply) {
                REQUIRE(up < 0);
                REQUIRE(day - last_breach >= 90);
                continue;
            }
            REQUIRE(up > 0);
            REQUIRE(!seen.authority.empty());
            if (severity < 5) {
                REQUIRE(up == 1);
                if (!used.empty()) REQUIRE(day - used.back() >= 90);
                auto const in_year = std::count_if(used.begin(), used.end(), [&](int u) { return day - u < 365; });
                REQUIRE(in_year < 2);
            }
            used.push_back(day);
        }
    }
}
