#include <patron/customer/state.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>

#include <patron/base/hash.hpp>

using namespace patron;
using namespace std::chrono_literals;

namespace {
constexpr period nth(int number) { return period{2024y, std::chrono::January} + (number - 1); }
}  // namespace

TEST_CASE("purchases are kept by month, and the six latest months can be asked for", "[customer][state]") {
    monthly_purchases kept;
    CHECK(kept.in(nth(1)) == 0);
    for (int m = 1; m <= 7; ++m) kept.add(nth(m), m * 100);

    CHECK(kept.in(nth(7)) == 700);
    CHECK(kept.in(nth(2)) == 200);
    CHECK(kept.in(nth(1)) == 0);  // seven months back
    CHECK(kept.in(nth(8)) == 0);
    CHECK(kept.over(nth(7), 3) == 700 + 600 + 500);
    CHECK(kept.over(nth(8), 3) == 700 + 600);
    CHECK(kept.after(nth(7)) == 0);
    CHECK(kept.after(nth(5)) == 700 + 600);
    CHECK(kept.after(nth(1) - 30) == 200 + 300 + 400 + 500 + 600 + 700);
}

TEST_CASE("a late purchase lands in its own month, an older one than is kept in none", "[customer][state]") {
    monthly_purchases kept;
    kept.add(nth(6), 100);
    kept.add(nth(4), 40);
    kept.add(nth(4), -15);  // a return
    CHECK(kept.in(nth(4)) == 25);
    CHECK(kept.in(nth(5)) == 0);
    kept.add(nth(6) - 6, 1);
    CHECK(kept.over(nth(6), 6) == 125);
}

TEST_CASE("a customer silent for years comes back to an empty ring", "[customer][state]") {
    monthly_purchases kept;
    for (int m = 1; m <= 6; ++m) kept.add(nth(m), 1);
    kept.add(nth(100), 5);
    CHECK(kept.over(nth(100), 6) == 5);
    CHECK(kept.in(nth(6)) == 0);
}

TEST_CASE("sums that no 64 bits hold come as the nearest that they do", "[customer][state]") {
    monthly_purchases kept;
    kept.add(nth(1), INT64_MAX);
    kept.add(nth(2), INT64_MAX);
    CHECK(kept.over(nth(2), 2) == INT64_MAX);
    monthly_purchases returned;
    returned.add(nth(1), INT64_MIN);
    returned.add(nth(2), INT64_MIN);
    CHECK(returned.over(nth(2), 2) == INT64_MIN);
    CHECK(returned.after(nth(1) - 1) == INT64_MIN);
}

TEST_CASE("the filter of order numbers never denies one that was used, and seldom suspects another",
          "[customer][state]") {
    order_numbers_seen seen;
    for (int i = 0; i < 10; ++i) seen.add(stable_hash("SO-" + std::to_string(i)));
    for (int i = 0; i < 10; ++i) CHECK(seen.maybe(stable_hash("SO-" + std::to_string(i))));
    int suspected = 0;
    for (int i = 10; i < 10'010; ++i) suspected += seen.maybe(stable_hash("SO-" + std::to_string(i))) ? 1 : 0;
    CHECK(suspected < 50);  // (1 - (1 - 1/256)^40)^4 is 0.05 %
    for (int i = 10; i < 25; ++i) seen.add(stable_hash("SO-" + std::to_string(i)));
    suspected = 0;
    for (int i = 25; i < 10'025; ++i) suspected += seen.maybe(stable_hash("SO-" + std::to_string(i))) ? 1 : 0;
    CHECK(suspected < 250);  // (1 - (1 - 1/256)^100)^4 is 1.1 %
    CHECK_FALSE(order_numbers_seen{}.maybe(stable_hash("SO-1")));
}

TEST_CASE("the usual gap is the average of all gaps, rounded", "[customer][state]") {
    customer_state s;
    s.first_order = number_of(day{2024y / 1 / 1});
    s.last_order = s.first_order;
    s.purchase_days = 1;
    CHECK(s.usual_gap() == 0);  // one purchase has no gap
    s.last_order = s.first_order + 65;
    s.purchase_days = 3;
    CHECK(s.usual_gap() == 33);  // 65 / 2 = 32.5
    s.last_order = s.first_order + 64;
    CHECK(s.usual_gap() == 32);
}

TEST_CASE("days as four bytes and back", "[customer][state]") {
    CHECK(day_of(number_of(first_day)) == first_day);
    CHECK(day_of(number_of(last_day)) == last_day);
    CHECK(number_of(first_day) > no_day);
}
