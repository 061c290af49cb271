#include <patron/lifecycle/effect_life.hpp>

#include <catch2/catch_test_macros.hpp>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "lifecycle/subject.hpp"

namespace patron::inline v1 {
inline std::ostream& operator<<(std::ostream& out, effect_step s) { return out << name_of(s); }
}  // namespace patron::v1

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

using enum effect_step;

/// Owed from day 0, to be fulfilled by day 30.
kept_effect owed(effect_code code = effect_code::special_award) {
    kept_effect e;
    e.code = code;
    e.since = on_day(0);
    e.deadline = on_day(30);
    return grant(e).value();
}
/// Imposed on day 0, of severity 3, under notice to day 13; an appeal may be made to day 14.
kept_effect imposed(effect_code code = effect_code::cash_only, way_back_kind ends = way_back_kind::compliance) {
    kept_effect e;
    e.code = code;
    e.severity = 3;
    e.since = on_day(0);
    e.ends_when = ends;
    e.review_on = on_day(90);
    return grant(e).value();
}

}  // namespace

TEST_CASE("a reward is due until its deadline, then late, and done when the host has fulfilled it",
          "[lifecycle][effect_life]") {
    auto e = owed();
    CHECK(e.step == due);
    CHECK(!advance(e, on_day(30)));
    CHECK(e.step == due);
    CHECK(advance(e, on_day(31)));
    CHECK(e.step == late);
    CHECK(days_late(e, on_day(40)) == 10);
    CHECK(acknowledge(e, on_day(41)).value());
    CHECK(e.step == done);
    CHECK(e.fulfilled_on == on_day(41));
    CHECK(days_late(e, on_day(400)) == 11);
    // fulfilled in time and reported late, it was in time
    auto told_late = owed();
    advance(told_late, on_day(35));
    CHECK(acknowledge(told_late, on_day(29)).value());
    CHECK(days_late(told_late, on_day(50)) == 0);
}

TEST_CASE("fulfilling a reward twice has one effect", "[lifecycle][effect_life]") {
    auto e = owed();
    CHECK(acknowledge(e, on_day(5)).value());
    auto const once = e;
    CHECK(!acknowledge(e, on_day(50)).value());
    CHECK(e == once);
    CHECK(acknowledge(e, on_day(-1)).error().code == errc::out_of_range);
    auto sanction = imposed();
    CHECK(acknowledge(sanction, on_day(5)).error().code == errc::impossible_now);
    auto back = owed();
    CHECK(reverse(back, on_day(3), "the order was cancelled").value());
    CHECK(!reverse(back, on_day(9), "again").value());
    CHECK(back.ended_on == on_day(3));
    CHECK(back.cause == "the order was cancelled");
    CHECK(acknowledge(back, on_day(4)).error().code == errc::impossible_now);
}

TEST_CASE("a reward that was taken back by mistake is owed by the same deadline, or given, again",
          "[lifecycle][effect_life]") {
    auto e = owed();
    auto const before = e;
    CHECK(!reinstate(e, on_day(2)).value());
    reverse(e, on_day(3), "x").value();
    CHECK(reinstate(e, on_day(4)).value());
    CHECK(e == before);
    acknowledge(e, on_day(5)).value();
    auto const given = e;
    reverse(e, on_day(6), "x").value();
    CHECK(reinstate(e, on_day(7)).value());
    CHECK(e == given);
    auto overdue = owed();
    reverse(overdue, on_day(3), "x").value();
    reinstate(overdue, on_day(500)).value();
    CHECK(overdue.step == late);
    auto sanction = imposed();
    CHECK(reinstate(sanction, on_day(5)).error().code == errc::impossible_now);
}

TEST_CASE("a reward that lasts lapses after its last day, and one that we still owe does not",
          "[lifecycle][effect_life]") {
    auto given = owed(effect_code::staff_support);
    given.until = on_day(100);
    auto forgotten = given;
    CHECK(acknowledge(given, on_day(10)).value());
    advance(given, on_day(100));
    CHECK(given.step == done);
    advance(given, on_day(101));
    CHECK(given.step == lapsed);
    CHECK(given.ended_on == on_day(101));
    CHECK(reverse(given, on_day(102), "x").error().code == errc::impossible_now);
    advance(forgotten, on_day(200));
    CHECK(forgotten.step == late);
    CHECK(acknowledge(forgotten, on_day(201)).value());
    CHECK(forgotten.step == lapsed);
    CHECK(forgotten.ended_on == on_day(201));
    CHECK(!acknowledge(forgotten, on_day(202)).value());
}

TEST_CASE("what we promised and did not keep in time counts against us", "[lifecycle][effect_life]") {
    std::vector<kept_effect> all(5, owed());
    acknowledge(all[0], on_day(30)).value();
    acknowledge(all[1], on_day(45)).value();
    reverse(all[2], on_day(2), "cancelled").value();
    all[3].deadline = on_day(80);
    all.push_back(imposed());
    CHECK(fulfilment_of(all, on_day(50)) ==
          fulfilment{.owed = 1, .late = 1, .kept = 1, .kept_late = 1, .worst_days_late = 20});
    CHECK(fulfilment_of(all, on_day(20)) == fulfilment{.owed = 4});
    CHECK(fulfilment_of({}, on_day(20)) == fulfilment{});
}

TEST_CASE("a sanction binds after its notice, at once when the breach is grave", "[lifecycle][effect_life]") {
    auto e = imposed();
    CHECK(e.step == noticed);
    advance(e, on_day(13));
    CHECK(e.step == noticed);
    advance(e, on_day(14));
    CHECK(e.step == in_force);
    CHECK(e.in_force_on == on_day(14));
    CHECK(imposed(effect_code::written_warning).step == in_force);
    CHECK(imposed(effect_code::suspend_supply).notice_until == on_day(29));
    kept_effect grave;
    grave.code = effect_code::suspend_supply;
    grave.severity = 5;
    grave.since = on_day(0);
    CHECK(grant(grave).value().step == in_force);
    CHECK(grant(grave, {.grave_severity = 6}).value().step == noticed);
    CHECK(grant(grant(grave).value()).error().code == errc::impossible_now);
    CHECK(grant(kept_effect{}).error().code == errc::missing_field);
}

TEST_CASE("an appeal stops a sanction until it is decided", "[lifecycle][effect_life]") {
    auto e = imposed();
    CHECK(appeal(e, on_day(5)).value());
    CHECK(!appeal(e, on_day(6)).value());
    advance(e, on_day(40));
    CHECK(e.step == appealed);
    auto upheld = e;
    CHECK(decide_appeal(upheld, on_day(40), true).value());
    CHECK(upheld.step == in_force);
    CHECK(upheld.in_force_on == on_day(40));
    CHECK(decide_appeal(e, on_day(40), false).value());
    CHECK(e.step == withdrawn);
    CHECK(e.cause == "appeal");
    CHECK(decide_appeal(e, on_day(41), true).error().code == errc::impossible_now);

    auto early = imposed();
    appeal(early, on_day(2)).value();
    decide_appeal(early, on_day(4), true).value();
    CHECK(early.step == noticed);  // its notice is not over
    auto late_appeal = imposed();
    CHECK(appeal(late_appeal, on_day(14)).value());
    auto too_late = imposed();
    auto const refused = appeal(too_late, on_day(15));
    REQUIRE(refused.has_error());
    CHECK(refused.error().remedy == "an appeal is made by 2024-01-15");
}

TEST_CASE("a sanction ends as it says: by compliance, by date, by the named person", "[lifecycle][effect_life]") {
    auto by_compliance = imposed();
    advance(by_compliance, on_day(20));
    CHECK(comply(by_compliance, on_day(50)).value());
    CHECK(by_compliance.step == lifted);
    CHECK(!comply(by_compliance, on_day(60)).value());
    CHECK(by_compliance.ended_on == on_day(50));

    auto by_date = imposed(effect_code::cash_only, way_back_kind::date);
    by_date.until = on_day(60);
    CHECK(!comply(by_date, on_day(50)).value());
    advance(by_date, on_day(60));
    CHECK(by_date.step == in_force);
    advance(by_date, on_day(61));
    CHECK(by_date.step == expired);

    auto by_person = imposed(effect_code::suspend_supply, way_back_kind::named_person);
    by_person.person = "Wang";
    CHECK(!comply(by_person, on_day(50)).value());
    auto const other = lift(by_person, on_day(50), "Li");
    REQUIRE(other.has_error());
    CHECK(other.error().remedy == "only Wang may lift it");
    CHECK(lift(by_person, on_day(50), "Wang").value());
    CHECK(by_person.step == lifted);
    CHECK(!lift(by_person, on_day(70), "Wang").value());

    auto for_good = imposed(effect_code::terminate, way_back_kind::permanent);
    for_good.person = "Wang";
    CHECK(lift(for_good, on_day(50), "Wang").has_error());
    CHECK(!comply(for_good, on_day(50)).value());
    CHECK(withdraw(for_good, on_day(50), "").error().code == errc::missing_field);
    CHECK(withdraw(for_good, on_day(50), "another customer was meant").value());
    CHECK(for_good.step == withdrawn);
}

TEST_CASE("letting days pass one by one or at once comes to the same", "[lifecycle][effect_life]") {
    std::mt19937_64 random{4};
    auto const below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int times = 0; times < 2'000; ++times) {
        kept_effect e;
        e.code = static_cast<effect_code>(below(static_cast<int>(effect_count)));
        e.since = on_day(0);
        e.severity = is_sanction(e.code) ? static_cast<std::uint8_t>(1 + below(5)) : std::uint8_t{0};
        e.deadline = is_sanction(e.code) ? no_day : on_day(below(40));
        if (below(2) == 0) e.until = on_day(below(90));
        e.ends_when = static_cast<way_back_kind>(1 + below(4));
        e = grant(e).value();
        auto const act = [what = below(6), when = below(60)](kept_effect& x, int today) {
            if (today != when) return;
            auto const on = on_day(today);
            switch (what) {
                case 0: (void)acknowledge(x, on); break;
                case 1: (void)appeal(x, on); break;
                case 2: (void)comply(x, on); break;
                case 3: (void)reverse(x, on, "x"); break;
                case 4: (void)withdraw(x, on, "x"); break;
                default: break;
            }
        };
        auto daily = e;
        for (int d = 0; d <= 120; ++d) {
            advance(daily, on_day(d));
            act(daily, d);
        }
        auto at_once = e;
        for (int d = 0; d <= 120; ++d) act(at_once, d);
        advance(at_once, on_day(120));
        CAPTURE(times, name_of(e.code), daily.step, at_once.step);
        REQUIRE(daily == at_once);
        REQUIRE(!advance(at_once, on_day(120)));
    }
}
