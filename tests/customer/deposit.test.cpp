#include <patron/customer/deposit.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::tests;

TEST_CASE("a deposit is paid in, forfeited in part and refunded, each with its reason", "[customer][deposit]") {
    deposit_account a;
    CHECK(a.balance() == deposit_balance{});
    a.pay(10'000, on_day(0), "agreement R-1").value();
    a.forfeit(2'500, on_day(40), "diversion to the east").value();
    CHECK(a.balance() == deposit_balance{.paid = 10'000, .forfeited = 2'500, .refunded = 0, .held = 7'500});
    CHECK(a.balance(on_day(39)).held == 10'000);
    CHECK(a.balance(on_day(-1)).held == 0);
    a.refund(7'500, on_day(365), "the agreement has ended").value();
    CHECK(a.balance().held == 0);
    REQUIRE(a.moves().size() == 3);
    CHECK(a.moves()[1].why == "diversion to the east");
}

TEST_CASE("no more is taken from a deposit than is held", "[customer][deposit]") {
    deposit_account a;
    CHECK(a.forfeit(1, on_day(0), "x").error().code == errc::impossible_now);
    a.pay(100, on_day(10), "x").value();
    auto const too_much = a.forfeit(101, on_day(20), "x");
    REQUIRE(too_much.has_error());
    CHECK(too_much.error().remedy == "at most 100, which are held");
    CHECK(a.refund(100, on_day(9), "before it was paid").has_error());
    CHECK(a.refund(100, on_day(10), "the same day").has_value());
    // entered late, on a day when it was still held: but it has been refunded since
    deposit_account b;
    b.pay(100, on_day(0), "x").value();
    b.refund(80, on_day(50), "x").value();
    CHECK(b.available(on_day(20)) == 20);
    CHECK(b.forfeit(30, on_day(20), "x").has_error());
    CHECK(b.forfeit(20, on_day(20), "x").has_value());
    CHECK(b.balance(on_day(20)).held == 80);
}

TEST_CASE("a move without a reason or an amount is refused and changes nothing", "[customer][deposit]") {
    deposit_account a;
    a.pay(100, on_day(0), "x").value();
    auto const before = a;
    CHECK(a.forfeit(10, on_day(1), "").error().code == errc::missing_field);
    CHECK(a.pay(0, on_day(1), "x").error().code == errc::out_of_range);
    CHECK(a.refund(-5, on_day(1), "x").error().code == errc::out_of_range);
    CHECK(a.pay(5, no_day, "x").error().field == "on");
    CHECK(a.pay(INT64_MAX, on_day(1), "x").error().code == errc::amount_overflow);
    CHECK(a == before);
}

TEST_CASE("at any date a deposit is what was paid less what was forfeited and refunded", "[customer][deposit]") {
    std::mt19937_64 random{8};
    for (int times = 0; times < 300; ++times) {
        deposit_account a;
        std::map<int, std::int64_t> by_day;
        for (int n = 0; n < 40; ++n) {
            auto const amount = static_cast<std::int64_t>(1 + random() % 500);
            auto const when = static_cast<int>(random() % 60);
            auto const kind = random() % 3;
            auto const sum_up = [&] {
                std::int64_t held = 0;
                std::int64_t least = INT64_MAX;
                for (int d = 0; d <= 60; ++d) {
                    if (auto const at = by_day.find(d); at != by_day.end()) held += at->second;
                    if (d >= when) least = std::min(least, held);
                }
                return least;
            }();
            if (kind == 0) {
                a.pay(amount, on_day(when), "x").value();
                by_day[when] += amount;
                continue;
            }
            REQUIRE(a.available(on_day(when)) == sum_up);
            auto const taken = kind == 1 ? a.forfeit(amount, on_day(when), "x") : a.refund(amount, on_day(when), "x");
            REQUIRE(taken.has_value() == (amount <= sum_up));
            if (taken) by_day[when] -= amount;
        }
        std::int64_t held = 0;
        for (int d = 0; d <= 60; ++d) {
            if (auto const at = by_day.find(d); at != by_day.end()) held += at->second;
            auto const b = a.balance(on_day(d));
            REQUIRE(b.held == held);
            REQUIRE(b.held >= 0);
            REQUIRE(b.held == b.paid - b.forfeited - b.refunded);
        }
    }
}
