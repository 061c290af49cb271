#include <patron/lifecycle/tier.hpp>

#include <catch2/catch_test_macros.hpp>

#include <ostream>
#include <random>

#include "lifecycle/subject.hpp"

namespace patron::inline v1 {
inline std::ostream& operator<<(std::ostream& out, customer_tier t) { return out << name_of(t); }
}  // namespace patron::v1

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

using enum customer_tier;

/// The first review of each quarter after day 0.
int quarter(int n) { return 95 * n; }

}  // namespace

TEST_CASE("a tier is earned from its entry on, at a review, one at a time", "[lifecycle][tier]") {
    tier_standing s;
    CHECK(!review(s, 99'999'99, on_day(0)).taken());
    CHECK(s.tier == standard);
    CHECK(s.next_review == number_of(day{std::chrono::year{2024} / 4 / 1}));
    CHECK(review(s, 5'000'000'00, on_day(90)).kind == machine::answer::ignored);  // its review is not due
    CHECK(review(s, 5'000'000'00, on_day(91)).taken());
    CHECK(s.tier == silver);
    CHECK(s.since == on_day(91));
    CHECK(review(s, 5'000'000'00, on_day(200)).taken());
    CHECK(s.tier == gold);
    tier_standing edge;
    CHECK(review(edge, 100'000'00, on_day(0)).taken());  // the edge belongs to the higher tier
    CHECK(edge.tier == silver);
    CHECK(!review(edge, 500'000'00, on_day(91), {.least_stay_days = 92}).taken());
}

TEST_CASE("a tier is lost only after a time of grace", "[lifecycle][tier]") {
    tier_standing s{.tier = gold, .since = on_day(0)};
    CHECK(!review(s, 450'000'00, on_day(quarter(1))).taken());  // below the entry, above what keeps it
    CHECK(s.below_since == no_day);
    CHECK(!review(s, 399'999'99, on_day(quarter(2))).taken());
    CHECK(s.below_since == on_day(quarter(2)));
    auto recovered = s;
    CHECK(review(s, 399'999'99, on_day(quarter(3))).taken());
    CHECK(s.tier == silver);
    CHECK(s.below_since == no_day);
    CHECK(!review(recovered, 400'000'00, on_day(quarter(3))).taken());
    CHECK(recovered.below_since == no_day);
    CHECK(!review(recovered, 1, on_day(quarter(4))).taken());  // grace begins anew
    CHECK(recovered.tier == gold);
}

TEST_CASE("a tier is awarded and taken away between reviews", "[lifecycle][tier]") {
    tier_standing s{.tier = silver, .below_since = on_day(3), .planned = gold, .planned_by = on_day(200)};
    CHECK(take_away(s, on_day(10)).taken());
    CHECK(s.tier == standard);
    CHECK(s.planned == gold);  // the goal stays
    CHECK(take_away(s, on_day(11)).kind == machine::answer::ignored);
    CHECK(award(s, on_day(12)).taken());
    CHECK(award(s, on_day(13)).taken());
    CHECK(s.tier == gold);
    CHECK(s.planned_by == no_day);  // reached
    CHECK(s.below_since == no_day);
}

TEST_CASE("the outlook says what is missing to the planned tier, else to the next", "[lifecycle][tier]") {
    tier_standing s{.tier = silver, .next_review = on_day(91)};
    CHECK(outlook(s, 420'000'00) == tier_outlook{.towards = gold, .missing = 80'000'00, .by = on_day(91)});
    CHECK(outlook(s, 600'000'00).missing == 0);
    CHECK(outlook(s, -5).missing == 500'000'00);
    s.planned = diamond;
    s.planned_by = on_day(300);
    CHECK(outlook(s, 420'000'00) ==
          tier_outlook{.towards = diamond, .missing = 1'580'000'00, .by = on_day(300), .is_planned = true});
    CHECK(outlook({.tier = diamond}, 1) == tier_outlook{.towards = diamond});
}

TEST_CASE("a tier gives a title to rewards", "[lifecycle][tier]") {
    tier_rules const rules;
    CHECK(benefits_of(standard, rules).empty());
    CHECK(benefits_of(silver, rules).front() == effect_code::training);
    CHECK(benefits_of(diamond, rules).back() == effect_code::vehicles);
}

TEST_CASE("tiers that would flap are refused", "[lifecycle][tier]") {
    CHECK(check(tier_rules{}).has_value());
    CHECK(check(tier_rules{.keeps_from = basis_points{10'000}}).error().field == "keeps_from");
    CHECK(check(tier_rules{.keeps_from = basis_points{1'000}}).error().field == "keeps_from");
    CHECK(check(tier_rules{.entry = {0, 5, 5, 9}}).error().field == "entry[2]");
    CHECK(check(tier_rules{.entry = {1, 5, 6, 9}}).error().field == "entry[0]");
    CHECK(check(tier_rules{.grace_days = -1}).error().field == "grace_days");
    CHECK(check(tier_rules{.least_stay_days = -1}).error().field == "least_stay_days");
    CHECK(check(tier_rules{.review_months = 0}).error().field == "review_months");
}

TEST_CASE("on unchanging purchases a tier moves one way and then rests", "[lifecycle][tier]") {
    std::mt19937_64 random{11};
    for (int times = 0; times < 2'000; ++times) {
        tier_rules rules;
        rules.grace_days = static_cast<int>(random() % 400);
        rules.least_stay_days = static_cast<int>(random() % 400);
        rules.review_months = 1 + static_cast<int>(random() % 12);
        rules.entry = {0, 1'000, 1'500, 2'000};
        rules.keeps_from = basis_points{7'500 + static_cast<std::int32_t>(random() % 2'500)};
        REQUIRE(check(rules).has_value());
        tier_standing s{.tier = static_cast<customer_tier>(random() % 4), .since = on_day(0)};
        auto const bought = static_cast<std::int64_t>(random() % 2'500);
        int ups = 0;
        int downs = 0;
        int last_move = 0;
        for (int day = 0; day < 5'000; day += 1 + static_cast<int>(random() % 40)) {
            auto const was = s.tier;
            (void)review(s, bought, on_day(day), rules);
            if (s.tier == was) continue;
            ++(s.tier > was ? ups : downs);
            last_move = day;
        }
        CAPTURE(times, bought, ups, downs);
        REQUIRE((ups == 0 || downs == 0));
        REQUIRE(last_move < 3'500);
    }
}
