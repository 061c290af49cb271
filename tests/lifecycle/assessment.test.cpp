#include <patron/lifecycle/assessment.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <string>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;
using guard = relationship::guard;

namespace {

lifecycle_rules const rules;

subject with_share(stage in, std::int64_t ours, std::int64_t wallet) {
    return subject{in}.ordered(0, 90, 13).bought(3, ours).wallet(3, wallet);
}

}  // namespace

TEST_CASE("a stage takes more evidence the higher it is: 1.0, 1.5, 2.0", "[lifecycle][assessment]") {
    CHECK(evidence_needed(stage::initial, rules) == 1'000);
    CHECK(evidence_needed(stage::stable, rules) == 1'500);
    CHECK(evidence_needed(stage::strategic, rules) == 2'000);

    struct row {
        stage in;
        int needed;
    };
    auto const [in, needed] =
        GENERATE(values<row>({{stage::initial, 1'000}, {stage::stable, 1'500}, {stage::strategic, 2'000}}));
    auto c = subject{in}.ordered(0, 90, 13);
    c.records.competitors.push_back(
        {"Acme", end_of_month(3), needed - 1});  // an observation can weigh more than its default
    CHECK_FALSE(assess(c.view(), rules, end_of_month(3), true).guards(guard::decline_confirmed));
    c.records.competitors.back().thousandths = needed;
    auto const a = assess(c.view(), rules, end_of_month(3), true);
    CHECK(a.evidence_total == needed);
    CHECK(a.evidence_needed == needed);
    CHECK(a.guards(guard::decline_confirmed));
}

TEST_CASE("between the share that promotes and the one that keeps nothing counts for or against",
          "[lifecycle][assessment]") {
    struct row {
        std::int64_t ours;
        int above;
        int below;
    };
    auto const [ours, above, below] = GENERATE(values<row>({{1'000'000, 1, 0},
                                                            {500'000, 1, 0},  // 50 % promotes
                                                            {499'999, 0, 0},
                                                            {470'000, 0, 0},  // 47 % stays what it is
                                                            {450'000, 0, 0},  // 45 % keeps
                                                            {449'999, 0, 1},
                                                            {0, 0, 1}}));
    CAPTURE(ours);
    auto const c = with_share(stage::stable, ours, 1'000'000);
    auto const a = assess(c.view(), rules, end_of_month(3), true);
    CHECK(a.reviews_above == above);
    CHECK(a.reviews_below == below);
    auto const between_reviews = assess(c.view(), rules, end_of_month(3), false);
    CHECK(between_reviews.reviews_above == 0);
    CHECK(between_reviews.reviews_below == 0);
}

TEST_CASE("promotion takes two reviews in a row and four weeks in the stage", "[lifecycle][assessment]") {
    auto c = with_share(stage::initial, 60, 100);
    auto const main_supplier = [&] {
        return assess(c.view(), rules, end_of_month(3), true).guards(guard::main_supplier);
    };
    c.state.since = end_of_month(3) - 28;
    CHECK_FALSE(main_supplier());
    c.state.reviews_above = 1;
    CHECK(main_supplier());
    c.state.since = end_of_month(3) - 27;
    CHECK_FALSE(main_supplier());
    c.state.since = end_of_month(3) - 28;
    c.records.wallet.front().minor_units = 130;  // 46 %: the row of reviews is broken
    CHECK_FALSE(main_supplier());
}

TEST_CASE("counts of reviews stop at 255 and do not wrap", "[lifecycle][assessment]") {
    auto c = with_share(stage::stable, 60, 100);
    c.state.reviews_above = 255;
    CHECK(assess(c.view(), rules, end_of_month(3), true).reviews_above == 255);
}

TEST_CASE("an unknown share is judged by the customer's own history", "[lifecycle][assessment]") {
    // 100 a month from January to September; 28 purchase days over 270 days: a gap of ten
    auto c = subject{stage::initial}.ordered(0, 270, 28);
    for (int m = 1; m <= 9; ++m) c.bought(m, 100);
    auto const a = assess(c.flat_view(), rules, end_of_month(9), true);
    CHECK_FALSE(a.share.is_known());
    CHECK(a.share.basis == share_basis::own_history);
    CHECK(a.regular);
    CHECK(a.reviews_above == 1);
    CHECK(a.reviews_below == 0);  // unknown is never "below"

    SECTION("too few purchase days") { c.state.purchase_days = 5; }
    SECTION("too short a time") { c.state.first_order = end_of_month(9) - 179; }
    SECTION("the rhythm is lost") { c.state.last_order = end_of_month(9) - 21; }
    SECTION("the volume is lost") { c.bought(9, -61); }  // 239 / 300 is 79 %
    CHECK_FALSE(assess(c.flat_view(), rules, end_of_month(9), true).regular);
}

TEST_CASE("a source of one's own sees the count and the share of the review that asks", "[lifecycle][assessment]") {
    struct looks_at_state {
        void gather(customer_view view, lifecycle_rules const&, day_number, evidence_list& out) const {
            out.push_back({.kind = evidence_kind::breach,
                           .weight = view.state.reviews_below * 100,
                           .saw = view.state.share_millionths});
        }
    };
    struct wallet_of_a_hundred {
        std::optional<std::int64_t> estimate(customer_view, period) const { return 100; }
    };
    auto c = subject{stage::stable}.ordered(0, 90, 13).bought(3, 60);  // 60 of 300 is 20 %
    c.state.reviews_below = 1;
    c.state.share_millionths = 440'000;
    // without records too: the estimate alone can say that the share is low
    auto const a = assess_with(c.flat_view(), rules, end_of_month(3), true, looks_at_state{}, wallet_of_a_hundred{});
    CHECK(a.share.millionths == 200'000);
    REQUIRE(a.evidence.size() == 1);
    CHECK(a.evidence_total == 200);
    CHECK(a.evidence.front().saw == 200'000);
}

TEST_CASE("ties are counted by department and by executive level, those who left not at all",
          "[lifecycle][assessment]") {
    customer_records r;
    auto const add = [&](char const* person, char const* department, char const* level, day_number left = no_day) {
        r.contacts.push_back(
            {.person = person, .department = department, .level = level, .since = on_day(0), .left = left});
    };
    add("a", "buying", "clerk");
    add("b", "buying", "director");
    add("c", "plant", "clerk");
    add("d", "finance", "ceo", on_day(50));
    add("e", "", "clerk");
    CHECK(coverage_of(r, rules, on_day(49)).departments == 3);
    CHECK(coverage_of(r, rules, on_day(49)).executives == 2);
    CHECK(coverage_of(r, rules, on_day(50)).departments == 2);
    CHECK(coverage_of(r, rules, on_day(50)).executives == 1);
    CHECK(coverage_of(r, rules, on_day(-1)).departments == 0);
    r.executive_visit = on_day(50);  // counts for a year
    CHECK(coverage_of(r, rules, on_day(415)).executives == 2);
    CHECK(coverage_of(r, rules, on_day(416)).executives == 1);
}

TEST_CASE("a strategic partnership takes an agreement in force, executives, departments and dwell",
          "[lifecycle][assessment]") {
    auto c = with_share(stage::stable, 60, 100);
    c.state.since = end_of_month(3) - 28;
    c.records.contacts.push_back({.person = "a", .department = "buying", .level = "director", .since = on_day(0)});
    c.records.contacts.push_back({.person = "b", .department = "plant", .since = on_day(0)});
    c.records.agreements.push_back({.name = "S", .kind = agreement_kind::strategic, .from = on_day(0)});
    auto const ready = [&] { return assess(c.view(), rules, end_of_month(3), false).guards(guard::strategic_ready); };
    REQUIRE(ready());
    SECTION("no longer in force") { c.records.agreements.front().until = end_of_month(3) - 1; }
    SECTION("of another kind") { c.records.agreements.front().kind = agreement_kind::supply; }
    SECTION("no executive") { c.records.contacts.front().level = "clerk"; }
    SECTION("one department") { c.records.contacts.back().department = "buying"; }
    SECTION("not long enough") { c.state.since = end_of_month(3) - 27; }
    SECTION("not stable before it") { c.state.stage = stage::initial; }
    CHECK_FALSE(ready());
}

namespace {

/// Declining since 40 days, orders keep coming, and nothing speaks against it: 60 % of the wallet.
subject recovering(stage fell_from) {
    auto c = with_share(stage::declining, 60, 100);
    c.state.fell_from = fell_from;
    c.state.since = end_of_month(3) - 40;
    return c;
}

}  // namespace

TEST_CASE("recovery goes to the stage that the share justifies, at most the one it fell from",
          "[lifecycle][assessment]") {
    auto const decided = [](subject const& c) {
        auto const a = assess(c.view(), rules, end_of_month(3), true);
        return machine::decide<relationship>(c.state.stage, relationship::event::review_held, a.guards).to;
    };
    CHECK(decided(recovering(stage::initial)) == stage::initial);
    CHECK(decided(recovering(stage::stable)) == stage::stable);
    CHECK(decided(recovering(stage::strategic)) == stage::stable);  // no agreement in force

    auto partner = recovering(stage::strategic);
    partner.records.agreements.push_back({.name = "S", .kind = agreement_kind::strategic, .from = on_day(0)});
    partner.records.contacts.push_back({.person = "a", .department = "buying", .level = "ceo", .since = on_day(0)});
    partner.records.contacts.push_back({.person = "b", .department = "plant", .since = on_day(0)});
    CHECK(decided(partner) == stage::strategic);
    partner.state.fell_from = stage::stable;
    CHECK(decided(partner) == stage::stable);

    auto smaller = recovering(stage::stable);
    smaller.records.wallet.front().minor_units = 150;  // 40 %: one review below weighs 0.75, exactly half of 1.5
    CHECK(decided(smaller) == stage::initial);
}

TEST_CASE("recovery waits until the evidence has halved and orders keep their rhythm", "[lifecycle][assessment]") {
    auto c = recovering(stage::initial);
    auto const recovered = [&] {
        return assess(c.view(), rules, end_of_month(3), true).guards(guard::recovered_to_initial);
    };
    REQUIRE(recovered());
    SECTION("evidence above half of what confirmed it") {
        c.records.competitors.push_back({"Acme", end_of_month(3), 501});
    }
    SECTION("silent for more than two gaps") { c.state.last_order = end_of_month(3) - 2 * 8 - 1; }
    SECTION("on the day of the decline itself") { c.state.since = end_of_month(3); }
    CHECK_FALSE(recovered());
}

TEST_CASE("evidence of exactly half is gone enough", "[lifecycle][assessment]") {
    auto c = recovering(stage::initial);
    c.records.competitors.push_back({"Acme", end_of_month(3), 500});
    CHECK(assess(c.view(), rules, end_of_month(3), true).guards(guard::recovered_to_initial));
}

TEST_CASE("silence breaks a declining relationship after 12 months and four gaps, whichever is later",
          "[lifecycle][assessment]") {
    auto const broken = [](subject const& c, int day) {
        return assess(c.flat_view(), rules, on_day(day), true).guards(guard::silent);
    };
    auto monthly = subject{stage::declining}.ordered(0, 300, 11);  // a gap of 30
    monthly.state.fell_from = stage::stable;
    CHECK_FALSE(broken(monthly, 300 + 364));
    CHECK(broken(monthly, 300 + 365));
    auto twice_a_year = subject{stage::declining}.ordered(0, 360, 3);  // a gap of 180: 4 x 180 = 720
    twice_a_year.state.fell_from = stage::initial;
    CHECK_FALSE(broken(twice_a_year, 360 + 719));
    CHECK(broken(twice_a_year, 360 + 720));
    monthly.state.stage = stage::stable;  // it has to decline first
    CHECK_FALSE(broken(monthly, 300 + 365));
}
