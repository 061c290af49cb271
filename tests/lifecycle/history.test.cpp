#include <patron/lifecycle/history.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <numeric>
#include <vector>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;
using event = relationship::event;

namespace {

// prospect 10 days, initial 40, declining 20, initial again 30 and counting
std::vector<stage_change> const there_and_back{{on_day(10), stage::prospect, stage::initial, event::order_placed},
                                               {on_day(50), stage::initial, stage::declining, event::review_held},
                                               {on_day(70), stage::declining, stage::initial, event::review_held}};

stage_times const& times(stage_history const& h, stage s) { return h.by_stage[static_cast<std::size_t>(s)]; }

}  // namespace

TEST_CASE("every stay has its entry, exit and cause, and times add up", "[lifecycle][history]") {
    auto const h = make_history(there_and_back, on_day(0), on_day(100));
    REQUIRE(h.stays.size() == 4);
    CHECK(h.stays[0] == stay{stage::prospect, on_day(0), on_day(10), {}});
    CHECK(h.stays[1] == stay{stage::initial, on_day(10), on_day(50), event::order_placed});
    CHECK(h.stays[3] == stay{stage::initial, on_day(70), no_day, event::review_held});
    CHECK(h.highest == stage::initial);

    auto const& initial = times(h, stage::initial);
    CHECK(initial.entries == 2);
    CHECK(initial.first_entered == on_day(10));
    CHECK(initial.last_entered == on_day(70));
    CHECK(initial.last_left == no_day);
    CHECK(initial.latest_days == 30);
    CHECK(initial.cumulative_days == 40 + 30);
    CHECK(times(h, stage::declining).cumulative_days == 20);
    CHECK(times(h, stage::declining).last_left == on_day(70));
    CHECK(times(h, stage::stable).entries == 0);

    auto const sum = std::accumulate(h.by_stage.begin(), h.by_stage.end(), 0,
                                     [](int days, stage_times const& t) { return days + t.cumulative_days; });
    CHECK(sum == 100);
}

TEST_CASE("without a change there is one stay", "[lifecycle][history]") {
    auto const h = make_history({}, on_day(5), on_day(9));
    REQUIRE(h.stays.size() == 1);
    CHECK(times(h, stage::prospect).latest_days == 4);
    CHECK(h.highest == stage::prospect);
}

TEST_CASE("the highest stage ever reached stays, beside the present one", "[lifecycle][history]") {
    std::vector<stage_change> const fell{{on_day(1), stage::prospect, stage::initial, event::order_placed},
                                         {on_day(90), stage::initial, stage::stable, event::review_held},
                                         {on_day(200), stage::stable, stage::ended, event::relationship_ended}};
    auto const h = make_history(fell, on_day(0), on_day(300));
    CHECK(h.highest == stage::stable);
    CHECK(h.stays.back().stage == stage::ended);
}

TEST_CASE("flows count transitions, rates, ageing, the funnel and cohorts", "[lifecycle][history]") {
    stage_flows flows;
    flows.add(make_history(there_and_back, on_day(0), on_day(100)));
    std::vector<stage_change> const won{{on_day(40), stage::prospect, stage::initial, event::order_placed}};
    flows.add(make_history(won, on_day(35), on_day(100)));  // known since February
    flows.add(make_history({}, on_day(0), on_day(100)));

    auto const at = [](stage s) { return static_cast<std::size_t>(s); };
    CHECK(flows.transitions[at(stage::prospect)][at(stage::initial)] == 2);
    CHECK(flows.transitions[at(stage::initial)][at(stage::declining)] == 1);
    CHECK(flows.present[at(stage::initial)] == 2);
    CHECK(flows.present[at(stage::prospect)] == 1);
    CHECK(flows.ever[at(stage::prospect)] == 3);
    CHECK(flows.ever[at(stage::declining)] == 1);
    CHECK(flows.days[at(stage::initial)] == 70 + 60);
    CHECK(flows.present_days[at(stage::initial)] == 30 + 60);
    CHECK(flows.rate(stage::prospect, stage::initial) == 1'000'000);
    CHECK(flows.rate(stage::initial, stage::stable) == 0);
    CHECK(flows.rate(stage::ended, stage::initial) == 0);  // nobody left it

    REQUIRE(flows.cohorts.size() == 2);
    CHECK(flows.cohorts[0].month == month_of_2024(1));
    CHECK(flows.cohorts[1].month == month_of_2024(2));
    CHECK(flows.cohorts[0].present[at(stage::initial)] == 1);
    CHECK(flows.cohorts[0].present[at(stage::prospect)] == 1);
    CHECK(flows.cohorts[1].present[at(stage::initial)] == 1);
}

TEST_CASE("rates out of a stage are parts of all transitions out of it", "[lifecycle][history]") {
    stage_flows flows;
    std::vector<stage_change> const to_stable{{on_day(0), stage::initial, stage::stable, event::review_held}};
    std::vector<stage_change> const to_declining{{on_day(0), stage::initial, stage::declining, event::review_held}};
    flows.add(make_history(to_stable, on_day(0), on_day(1)));
    flows.add(make_history(to_declining, on_day(0), on_day(1)));
    flows.add(make_history(to_declining, on_day(0), on_day(1)));
    CHECK(flows.rate(stage::initial, stage::stable) == 333'333);
    CHECK(flows.rate(stage::initial, stage::declining) == 666'666);
}
