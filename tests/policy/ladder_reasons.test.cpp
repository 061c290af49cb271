#include <patron/policy/ladder_reasons.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

constexpr auto cny = currency::literal("CNY");
using event = supply_ladder::event;

std::vector<std::string> told(policy::reasons const& all, language l = language::en) {
    std::vector<std::string> out;
    for (auto const& r : all) out.push_back(sentence(r, cny, l));
    return out;
}
bool all_met(policy::reasons const& all) {
    return std::all_of(all.begin(), all.end(), [](auto const& r) { return r.verdict == verdict::met; });
}

}  // namespace

TEST_CASE("the ladder tells what held it back", "[policy][ladder_reasons]") {
    supply_standing s;
    (void)move(s, event::escalate, {.on = on_day(0), .last_breach = on_day(0), .severity = 3, .authority = "Wang"});
    supply_case const soon{.on = on_day(30), .last_breach = on_day(30), .severity = 3, .authority = "Wang"};
    CHECK(told(policy::reasons_of(event::escalate, s, soon)) ==
          std::vector<std::string>{"a breach of severity 3 that was not answered yet, at least 3", "decided by Wang",
                                   "only 30 days since the last use, 90 days are needed",
                                   "used 1 times in a year, fewer than 2"});
    CHECK(told(policy::reasons_of(event::escalate, s, soon), language::zh)[2] == "距上次使用仅 30 天（需要 90 天）");
    auto grave = soon;
    grave.severity = 5;
    CHECK(told(policy::reasons_of(event::escalate, s, grave)).back() == "grave cause: severity 5, at least 5");
    CHECK(told(policy::reasons_of(event::comply, s, {.on = on_day(30)})) ==
          std::vector<std::string>{"the rules were kept for only 30 days, 90 days are needed"});
    CHECK(told(policy::reasons_of(event::restore, s, {.on = on_day(30)})) ==
          std::vector<std::string>{"nobody has decided it by name"});
}

TEST_CASE("the tier tells what is missing", "[policy][ladder_reasons]") {
    tier_standing const s{.tier = customer_tier::silver, .since = on_day(0), .below_since = on_day(10)};
    CHECK(told(policy::reasons_of(s, 70'000'00, on_day(40))) ==
          std::vector<std::string>{"purchases of 70000.00 CNY in a year, the next tier begins at 500000.00 CNY",
                                   "only 40 days in the present tier, 90 days are needed",
                                   "purchases of 70000.00 CNY in a year, the tier takes 80000.00 CNY",
                                   "too little for the tier for 30 days, the grace is 90 days"});
}

TEST_CASE("the ladder goes up exactly when every reason is met", "[policy][ladder_reasons]") {
    std::mt19937_64 random{13};
    auto const day = [&] { return on_day(static_cast<int>(random() % 500)); };
    int moved = 0;
    for (int times = 0; times < 5'000; ++times) {
        supply_standing s{.rung = static_cast<supply_rung>(random() % 4)};
        if (s.rung != supply_rung::normal) {
            s.since = s.uses[0] = day();
            if (random() % 2 == 0) s.uses[1] = s.uses[0] - static_cast<day_number>(random() % 500);
        }
        supply_case seen{.on = on_day(500 + static_cast<int>(random() % 200)),
                         .last_breach = random() % 5 == 0 ? no_day : on_day(300 + static_cast<int>(random() % 200)),
                         .severity = static_cast<std::uint8_t>(random() % 6),
                         .authority = random() % 4 == 0 ? "" : "Wang"};
        for (auto const what : {event::escalate, event::comply, event::restore}) {
            if (what != event::escalate && s.rung == supply_rung::normal) continue;
            auto after = s;
            auto const came = move(after, what, seen);
            CAPTURE(times, name_of(s.rung), static_cast<int>(what));
            REQUIRE(came.taken() == all_met(policy::reasons_of(what, s, seen)));
            moved += came.taken();
        }
    }
    CHECK(moved > 500);
}
