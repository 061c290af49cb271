#include <patron/insight/order_rhythm.hpp>
#include <patron/lifecycle/evidence.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <random>
#include <string_view>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

lifecycle_rules const rules;

std::optional<evidence> found(customer_view view, day_number on, evidence_kind kind,
                              lifecycle_rules const& under = rules) {
    evidence_list all;
    stock_evidence{}.gather(view, under, on, all);
    for (auto const& e : all) {
        if (e.kind == kind) return e;
    }
    return std::nullopt;
}
int weight_of(customer_view view, day_number on, evidence_kind kind) {
    auto const e = found(view, on, kind);
    return e ? e->weight : 0;
}

}  // namespace

TEST_CASE("an order is missed from two usual gaps on, each further gap adds, up to a bound", "[lifecycle][evidence]") {
    // ten purchase days over 270 days: a gap of 30 days
    auto const c = subject{stage::initial}.ordered(0, 270, 10);
    CHECK(working_gap(c.state, rules) == 30);
    struct row {
        int silent;
        int weight;
    };
    auto const [silent, weight] = GENERATE(values<row>({{0, 0},
                                                        {59, 0},    // 2 x 30 is not reached
                                                        {60, 500},  // one order is missing
                                                        {89, 500},
                                                        {90, 1'000},
                                                        {149, 1'500},
                                                        {150, 2'000},
                                                        {180, 2'000},  // the bound
                                                        {5'000, 2'000}}));
    CAPTURE(silent);
    CHECK(weight_of(c.flat_view(), on_day(270 + silent), evidence_kind::missed_order) == weight);
    if (weight == 0) return;
    auto const e = found(c.flat_view(), on_day(270 + silent), evidence_kind::missed_order);
    CHECK(e->saw == silent);
    CHECK(e->against == 30);
    CHECK(e->age_days == silent - 30);
}

TEST_CASE("with fewer than three purchase days a gap of 90 days is assumed, and no gap is below a week",
          "[lifecycle][evidence]") {
    auto const one_off = subject{stage::initial}.ordered(0, 0, 1);
    CHECK(working_gap(one_off.state, rules) == 90);
    CHECK(weight_of(one_off.flat_view(), on_day(179), evidence_kind::missed_order) == 0);
    CHECK(weight_of(one_off.flat_view(), on_day(180), evidence_kind::missed_order) == 500);

    auto const daily = subject{stage::initial}.ordered(0, 100, 101);
    CHECK(working_gap(daily.state, rules) == 7);
    CHECK(weight_of(daily.flat_view(), on_day(113), evidence_kind::missed_order) == 0);
    CHECK(weight_of(daily.flat_view(), on_day(114), evidence_kind::missed_order) == 500);
}

TEST_CASE("volume falls below 70 % of the average before the window, and collapses below 40 %",
          "[lifecycle][evidence]") {
    // 100 a month from January to June; the window is July to September
    struct row {
        std::int64_t recent;
        int weight;
        int per_cent;
    };
    auto const [recent, weight, per_cent] = GENERATE(values<row>({{210, 0, 0},     // 210 / 300 = 70 %: not below
                                                                  {209, 500, 69},  // 69.66 %
                                                                  {120, 500, 40},
                                                                  {119, 1'000, 39},  // 39.66 %
                                                                  {0, 1'000, 0},
                                                                  {-50, 1'000, 0}}));
    CAPTURE(recent);
    auto c = subject{stage::stable}.ordered(0, 270, 28);
    for (int m = 1; m <= 6; ++m) c.bought(m, 100);
    c.bought(9, recent);
    auto const e = found(c.flat_view(), end_of_month(9), evidence_kind::falling_volume);
    CHECK((e ? e->weight : 0) == weight);
    if (e) CHECK(e->saw == per_cent);
    if (e) CHECK(e->against == 70);
}

TEST_CASE("it takes six whole months before the window to have something to fall from", "[lifecycle][evidence]") {
    auto c = subject{stage::stable}.ordered(31, 200, 20);  // first order on 2024-02-01
    for (int m = 2; m <= 6; ++m) c.bought(m, 100);
    CHECK(weight_of(c.flat_view(), end_of_month(9), evidence_kind::falling_volume) == 0);  // February to June: five
    CHECK(weight_of(c.flat_view(), end_of_month(10), evidence_kind::falling_volume) == 1'000);  // to July: six
}

TEST_CASE("a month that has just begun is no fall, and what came after a late review does not count in it",
          "[lifecycle][evidence]") {
    auto c = subject{stage::stable}.ordered(0, 270, 28);
    for (int m = 1; m <= 9; ++m) c.bought(m, 100);
    CHECK(weight_of(c.flat_view(), end_of_month(9) + 2, evidence_kind::falling_volume) == 0);
    c.bought(10, 10'000);  // were it counted as "before", September would look like a collapse
    CHECK(weight_of(c.flat_view(), end_of_month(9), evidence_kind::falling_volume) == 0);
}

TEST_CASE("a share below what keeps the stage counts for each review, only where there is a stage to lose",
          "[lifecycle][evidence]") {
    auto c = subject{stage::stable};
    c.state.share_millionths = 400'000;
    CHECK_FALSE(found(c.flat_view(), on_day(90), evidence_kind::falling_share));
    c.state.reviews_below = 1;
    auto const once = found(c.flat_view(), on_day(90), evidence_kind::falling_share);
    REQUIRE(once);
    CHECK(once->weight == 750);
    CHECK(once->saw == 40);
    CHECK(once->against == 45);
    CHECK(once->age_days == 0);
    c.state.reviews_below = 2;
    CHECK(weight_of(c.flat_view(), on_day(90), evidence_kind::falling_share) == 1'500);
    c.state.reviews_below = 200;
    CHECK(weight_of(c.flat_view(), on_day(90), evidence_kind::falling_share) == 1'500);

    c.state.stage = stage::initial;
    CHECK_FALSE(found(c.flat_view(), on_day(90), evidence_kind::falling_share));
    c.state.stage = stage::declining;
    c.state.fell_from = stage::initial;
    CHECK_FALSE(found(c.flat_view(), on_day(90), evidence_kind::falling_share));
    c.state.fell_from = stage::strategic;
    CHECK(weight_of(c.flat_view(), on_day(90), evidence_kind::falling_share) == 1'500);
}

TEST_CASE("a complaint open beyond the limit of its severity weighs by severity", "[lifecycle][evidence]") {
    struct row {
        int severity;
        int limit;
    };
    auto const [severity, limit] = GENERATE(values<row>({{1, 60}, {2, 45}, {3, 30}, {4, 14}, {5, 7}}));
    CAPTURE(severity);
    auto c = subject{stage::stable};
    c.records.complaints.push_back(
        {.name = "K-1", .severity = static_cast<std::uint8_t>(severity), .since = on_day(10)});
    CHECK_FALSE(found(c.view(), on_day(10 + limit), evidence_kind::overdue_complaint));
    auto const e = found(c.view(), on_day(11 + limit), evidence_kind::overdue_complaint);
    REQUIRE(e);
    CHECK(e->weight == 200 * severity);
    CHECK(e->age_days == 1);
    CHECK(e->saw == limit + 1);
    CHECK(e->against == limit);
    CHECK(e->what == "K-1");
    c.records.complaints.front().step = complaint_step::confirmed;
    CHECK_FALSE(found(c.view(), on_day(400), evidence_kind::overdue_complaint));
}

TEST_CASE("overdue complaints add up and name the one longest overdue", "[lifecycle][evidence]") {
    auto c = subject{stage::stable};
    c.records.complaints.push_back({.name = "K-1", .severity = 3, .since = on_day(0)});
    c.records.complaints.push_back({.name = "K-2", .severity = 5, .since = on_day(0)});
    auto const e = found(c.view(), on_day(31), evidence_kind::overdue_complaint);
    REQUIRE(e);
    CHECK(e->weight == 600 + 1'000);
    CHECK(e->what == "K-2");
    CHECK(e->age_days == 31 - 7);
}

TEST_CASE("a lost contact fades over 180 days, and the last one weighs double", "[lifecycle][evidence]") {
    auto c = subject{stage::stable};
    c.records.contacts.push_back({.person = "Li", .since = on_day(0), .left = on_day(100)});
    c.records.contacts.push_back({.person = "Wu", .since = on_day(0)});
    CHECK_FALSE(found(c.view(), on_day(99), evidence_kind::lost_contact));
    CHECK(weight_of(c.view(), on_day(100), evidence_kind::lost_contact) == 500);
    CHECK(weight_of(c.view(), on_day(190), evidence_kind::lost_contact) == 250);
    CHECK(weight_of(c.view(), on_day(279), evidence_kind::lost_contact) == 2);  // 500 / 180
    CHECK_FALSE(found(c.view(), on_day(280), evidence_kind::lost_contact));

    c.records.contacts.back().left = on_day(110);  // nobody is left: one loss counts, the gravest
    auto const e = found(c.view(), on_day(110), evidence_kind::lost_contact);
    REQUIRE(e);
    CHECK(e->weight == 1'000);
    CHECK(e->what == "Wu");
    CHECK(e->saw == 0);
}

TEST_CASE("competitors and breaches weigh by strength, fade with age and add up", "[lifecycle][evidence]") {
    auto c = subject{stage::stable};
    c.records.competitors.push_back({"Acme", on_day(0), 1'000});
    c.records.competitors.push_back({"Bolt", on_day(90), 500});
    CHECK(weight_of(c.view(), on_day(0), evidence_kind::competitor) == 1'000);
    auto const e = found(c.view(), on_day(90), evidence_kind::competitor);
    REQUIRE(e);
    CHECK(e->weight == 500 + 500);
    CHECK(e->saw == 2);
    CHECK(e->what == "Bolt");
    CHECK(e->age_days == 0);
    CHECK(weight_of(c.view(), on_day(180), evidence_kind::competitor) == 250);  // the first has faded
    CHECK(weight_of(c.view(), on_day(270), evidence_kind::competitor) == 0);

    c.records.breaches.push_back({"price", on_day(0), 3 * 200});  // severity 3
    CHECK(weight_of(c.view(), on_day(0), evidence_kind::breach) == 600);
}

TEST_CASE("an undisputed invoice counts from 30 days past due, and double from 90", "[lifecycle][evidence]") {
    auto c = subject{stage::stable};
    c.records.ledger.add(
        ledger_invoice{.invoice = "I-1", .amount = 10, .open = 10, .issued = on_day(0), .due = on_day(30)});
    CHECK(weight_of(c.view(), on_day(59), evidence_kind::overdue_payment) == 0);
    CHECK(weight_of(c.view(), on_day(60), evidence_kind::overdue_payment) == 500);
    CHECK(weight_of(c.view(), on_day(119), evidence_kind::overdue_payment) == 500);
    CHECK(weight_of(c.view(), on_day(120), evidence_kind::overdue_payment) == 1'000);
    CHECK(found(c.view(), on_day(120), evidence_kind::overdue_payment)->what == "I-1");
    c.records.ledger.find_invoice("I-1")->disputed = true;
    CHECK_FALSE(found(c.view(), on_day(120), evidence_kind::overdue_payment));
    c.records.ledger.find_invoice("I-1")->disputed = false;
    c.records.ledger.find_invoice("I-1")->open = 0;
    CHECK_FALSE(found(c.view(), on_day(120), evidence_kind::overdue_payment));
}

TEST_CASE("each kind has a name of its own, and the total adds the weights", "[lifecycle][evidence]") {
    for (int i = 0; i < 8; ++i) {
        for (int j = 0; j < i; ++j)
            CHECK(name_of(static_cast<evidence_kind>(i)) != name_of(static_cast<evidence_kind>(j)));
    }
    evidence_list all;
    CHECK(total_of(all) == 0);
    all.push_back({.kind = evidence_kind::breach, .weight = 400});
    all.push_back({.kind = evidence_kind::competitor, .weight = 350});
    CHECK(total_of(all) == 750);
}

TEST_CASE("a silence weighs no more than it is rare for the customer's own rhythm", "[lifecycle][evidence]") {
    // 40 purchase days, 30 days apart on average, with gaps as of one who buys at random
    auto irregular = subject{stage::initial}.ordered(0, 0, 1);
    auto& monitors = irregular.state.monitors;
    int last = 0;
    for (int i = 0; i < 39; ++i) {
        auto const gap = std::max(1, static_cast<int>(std::lround(-30 * std::log((i * 17 % 39 + 0.5) / 39))));
        monitors.came_back_after(gap);
        last += gap;
    }
    irregular.state.last_order = on_day(last);
    irregular.state.orders = irregular.state.purchase_days = 40;
    CHECK(working_gap(irregular.state, rules) == 30);
    insight::order_clock const clock{monitors};

    for (int silent = 0; silent < 400; silent += 7) {
        auto const weight = weight_of(irregular.flat_view(), on_day(last + silent), evidence_kind::missed_order);
        auto const by_gaps = silent < 60 ? 0 : std::min(500 * (silent / 30 - 1), 2'000);
        auto const chance = std::max(clock.silence_chance(silent), 1e-6);
        auto const by_chance = chance > 0.05 ? 0 : std::lround(500 + 750 * std::log10(0.05 / chance));
        CAPTURE(silent, chance);
        CHECK(weight == std::min<long>(by_gaps, by_chance));
    }
    // by gaps alone the third would do; so late it is in one gap of twenty
    CHECK(weight_of(irregular.flat_view(), on_day(last + 75), evidence_kind::missed_order) == 0);
    CHECK(weight_of(irregular.flat_view(), on_day(last + 180), evidence_kind::missed_order) >= 1'000);
    // an even rhythm is believed at once
    auto const even = subject{stage::initial}.ordered(0, 1'170, 40);
    CHECK(weight_of(even.flat_view(), on_day(1'170 + 90), evidence_kind::missed_order) == 1'000);
}

TEST_CASE("orders that become smaller, or of fewer lines, are evidence once steady customers show it rarely",
          "[lifecycle][evidence]") {
    auto c = subject{stage::stable}.ordered(0, 270, 28);
    for (int m = 1; m <= 9; ++m) c.bought(m, 100);  // the volume does not fall: more orders of less
    auto const order = [&](std::int64_t amount, std::size_t lines) { c.state.monitors.ordered(amount, lines); };
    for (int i = 0; i < 30; ++i) order(1'000'00 + i % 5 * 100'00, 10 + static_cast<std::size_t>(i % 4));
    CHECK_FALSE(found(c.flat_view(), end_of_month(9), evidence_kind::falling_amounts));
    CHECK_FALSE(found(c.flat_view(), end_of_month(9), evidence_kind::narrowing_range));
    for (int i = 0; i < 8; ++i) order(400'00, 12);
    auto const smaller = found(c.flat_view(), end_of_month(9), evidence_kind::falling_amounts);
    REQUIRE(smaller);
    CHECK(smaller->weight == 500);
    CHECK(smaller->saw < 70);
    CHECK(smaller->against == 100);
    CHECK_FALSE(found(c.flat_view(), end_of_month(9), evidence_kind::narrowing_range));
    for (int i = 0; i < 8; ++i) order(400'00, 4);
    CHECK(weight_of(c.flat_view(), end_of_month(9), evidence_kind::narrowing_range) == 500);

    // a volume that falls says it already
    auto less = c;
    less.bought(9, -250);
    CHECK(weight_of(less.flat_view(), end_of_month(9), evidence_kind::falling_volume) > 0);
    CHECK_FALSE(found(less.flat_view(), end_of_month(9), evidence_kind::falling_amounts));
    auto lenient = rules;
    lenient.decline.falling_amounts = lenient.decline.narrowing_range = 0;
    CHECK_FALSE(found(c.flat_view(), end_of_month(9), evidence_kind::falling_amounts, lenient));
    CHECK_FALSE(found(c.flat_view(), end_of_month(9), evidence_kind::narrowing_range, lenient));
}

TEST_CASE("payment that slows is evidence: late three times, a tenth beyond terms and habit, rarely so by chance",
          "[lifecycle][evidence]") {
    subject c{stage::stable};
    auto issued = on_day(0);
    auto const pays = [&](std::initializer_list<int> after_days, int times = 1) {
        for (int i = 0; i < times; ++i) {
            for (auto const days : after_days) {
                issued += 30;
                c.records.payments.paid({.invoiced = 100, .settled = 100, .issued = issued, .due = issued + 30},
                                        issued + days, c.state.won_back_on);
            }
        }
    };
    auto const slowing = [&](int days_later = 0, lifecycle_rules const& under = rules) {
        return found(c.view(), c.records.payments.last() + days_later, evidence_kind::slowing_payment, under);
    };
    pays({25, 31, 28, 24, 33}, 6);
    CHECK_FALSE(slowing());  // a day too late now and then
    auto const steady = c.records.payments;
    pays({29}, 12);
    CHECK_FALSE(slowing());  // slower than it was, and within the terms

    c.records.payments = steady;
    pays({48, 44}, 1);
    CHECK_FALSE(slowing());
    pays({51, 46});
    auto const e = slowing();
    REQUIRE(e);
    CHECK(e->weight == 500);
    CHECK(e->age_days == 0);
    CHECK(e->saw >= 110);
    CHECK(e->against < 105);
    // it fades from the latest payment on, over half a year
    CHECK(slowing(90)->weight == 250);
    CHECK(slowing(90)->age_days == 90);
    CHECK_FALSE(slowing(180));
    CHECK_FALSE(slowing(-1));  // not paid yet
    auto lenient = rules;
    lenient.decline.slowing_payment = 0;
    CHECK_FALSE(slowing(0, lenient));
    // what was before the relationship was won back is no sign of a new decline
    c.state.won_back_on = c.records.payments.last() + 1;
    CHECK_FALSE(slowing(1));
    c.state.won_back_on = no_day;
    pays({30});
    CHECK_FALSE(slowing());  // in time again

    // always late, and no later than ever
    c.records.payments = {};
    pays({55, 70, 62, 48}, 8);
    CHECK_FALSE(slowing());
    // once is not slowing, however late
    c.records.payments = {};
    pays({30}, 40);
    pays({90});
    CHECK_FALSE(slowing());
    // nor are three days, as often as you like
    pays({33}, 40);
    CHECK_FALSE(slowing());
    // too few to tell
    c.records.payments = {};
    pays({30, 31, 30, 90, 90, 90, 90});
    CHECK_FALSE(slowing());
}

TEST_CASE("steady payers are taken for slowing at most once in a hundred looks, however many invoices they pay at once",
          "[lifecycle][evidence][properties]") {
    std::mt19937 random{3};
    constexpr int customers = 2'000;
    for (auto const spread : {0.1, 0.4, 0.9}) {
        for (auto const at_once : {1, 4, 12}) {
            std::lognormal_distribution<> days{std::log(33.0), spread};
            int slowing = 0;
            for (int i = 0; i < customers; ++i) {
                subject c{stage::stable};
                auto const statements = 8 + i % 40;
                auto on = on_day(0);
                for (int n = 0; n < statements; ++n) {
                    auto const taken = static_cast<int>(days(random));
                    on += 400;
                    for (int k = 0; k < at_once; ++k) {
                        auto const issued = on - taken - k;  // one a day until the statement
                        auto const amount = static_cast<std::int64_t>(100 + random() % 900);
                        c.records.payments.paid(
                            {.invoiced = amount, .settled = amount, .issued = issued, .due = issued + 30}, on, no_day);
                    }
                }
                slowing += found(c.view(), on, evidence_kind::slowing_payment) ? 1 : 0;
            }
            CAPTURE(spread, at_once, slowing);
            CHECK(slowing <= customers / 100);
        }
    }
}

TEST_CASE("weights come from the rules alone", "[lifecycle][evidence]") {
    lifecycle_rules stern;
    stern.decline.per_missed_gap = 900;
    stern.decline.most_for_rhythm = 1'000;
    stern.decline.late_weight = 900;
    auto const c = subject{stage::initial}.ordered(0, 270, 10);
    CHECK(found(c.flat_view(), on_day(330), evidence_kind::missed_order, stern)->weight == 900);
    CHECK(found(c.flat_view(), on_day(360), evidence_kind::missed_order, stern)->weight == 1'000);
}

TEST_CASE("a trend compares without dividing, and is unknown without a month before the window",
          "[lifecycle][evidence]") {
    auto c = subject{stage::stable}.ordered(0, 100, 10).bought(1, 100).bought(2, 80).bought(4, 80);
    volume_trend const april{c.state, month_of_2024(4),
                             3};  // February to April, 160 in three months, against 100 in one
    CHECK(april.months_before() == 1);
    REQUIRE(april.is_known());
    CHECK(april.percent() == 53);
    CHECK(april.at_least(basis_points{5'333}));
    CHECK_FALSE(april.at_least(basis_points{5'334}));
    CHECK_FALSE(volume_trend{c.state, month_of_2024(3), 3}.is_known());
}

TEST_CASE("what drove a customer away is no evidence against the cooperation that was won back",
          "[lifecycle][evidence]") {
    auto c = subject{stage::initial}.ordered(0, 400, 20);
    for (int m = 1; m <= 3; ++m) c.bought(m, 1'000);
    c.state.won_back_on = on_day(400);
    c.state.purchases_before = 3'000;
    c.records.complaints.push_back({.name = "K", .severity = 5, .since = on_day(390)});
    c.records.competitors.push_back({"Acme", on_day(399), 1'000});
    c.records.breaches.push_back({"price", on_day(399), 1'000});
    c.records.contacts.push_back({.person = "Li", .since = on_day(0), .left = on_day(399)});
    evidence_list all;
    record_evidence{}.gather(c.view(), rules, on_day(410), all);
    CHECK(all.empty());
    CHECK_FALSE(found(c.view(), end_of_month(15), evidence_kind::falling_volume));
    c.state.won_back_on = no_day;
    record_evidence{}.gather(c.view(), rules, on_day(410), all);
    CHECK(all.size() == 4);
}
