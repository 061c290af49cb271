#include <patron/customer/profit_share.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

/// 2 % of what is bought in 2024, disclosed on 2025-01-15.
profit_share_terms two_percent() {
    return {.rate = basis_points{200},
            .first_month = month_of_2024(1),
            .disclosed_on = number_of(day{std::chrono::year{2025} / 1 / 15})};
}
profit_share_account even_year(profit_share_terms const& terms, std::int64_t a_month) {
    profit_share_account a{terms};
    for (int m = 1; m <= 12; ++m) a.count(month_of_2024(m), a_month).value();
    return a;
}

}  // namespace

TEST_CASE("a profit share is the rate on the year's purchases, up to its cap", "[customer][profit_share]") {
    auto const a = even_year(two_percent(), 1'000'00);
    CHECK(a.accrued() == 240'00);
    CHECK(a.payable() == 240'00);
    auto capped = two_percent();
    capped.cap = 100'00;
    CHECK(even_year(capped, 1'000'00).accrued() == 100'00);
    capped.cap = 0;  // zero is a cap, not none
    CHECK(even_year(capped, 1'000'00).accrued() == 0);
    CHECK(even_year(two_percent(), -5).accrued() == 0);
    CHECK(even_year(two_percent(), INT64_MAX).accrued() > INT64_MAX / 5);
    profit_share_account odd{two_percent()};
    odd.count(month_of_2024(1), 149).value();
    CHECK(odd.accrued() == 2);  // 2.98, rounded down
}

TEST_CASE("stock dumped at the year's end costs the share", "[customer][profit_share]") {
    auto a = even_year(two_percent(), 1'000);
    CHECK(!a.is_dumped());
    a.count(month_of_2024(12), 1'999).value();  // the last two months: 3 999, usual are 2 000
    CHECK(!a.is_dumped());
    a.count(month_of_2024(11), 1).value();  // the edge is dumping
    CHECK(a.is_dumped());
    CHECK(a.payable() == 0);
    CHECK(a.accrued() > 0);
    a.count(month_of_2024(12), -1'000).value();  // taken back
    CHECK(!a.is_dumped());
    // who has bought nothing before has no usual amount
    profit_share_account late_start{two_percent()};
    late_start.count(month_of_2024(12), 50'000).value();
    CHECK(!late_start.is_dumped());
    // the usual amount of one who began in October is that of October
    profit_share_account began{two_percent()};
    for (int m = 10; m <= 12; ++m) began.count(month_of_2024(m), 1'000).value();
    CHECK(!began.is_dumped());
    began.count(month_of_2024(12), 2'000).value();
    CHECK(began.is_dumped());
    auto lumpy = two_percent();
    lumpy.dumping_least = 10'000;
    auto small = even_year(lumpy, 1);
    small.count(month_of_2024(12), 9'997).value();
    CHECK(!small.is_dumped());  // 9 999 in all
    small.count(month_of_2024(12), 1).value();
    CHECK(small.is_dumped());
}

TEST_CASE("a share can be cancelled, and is disclosed on its day", "[customer][profit_share]") {
    auto a = even_year(two_percent(), 1'000'00);
    CHECK(!a.is_disclosed(number_of(day{std::chrono::year{2025} / 1 / 14})));
    CHECK(a.is_disclosed(number_of(day{std::chrono::year{2025} / 1 / 15})));
    auto never = two_percent();
    never.disclosed_on = no_day;
    CHECK(!profit_share_account{never}.is_disclosed(INT32_MAX));
    a.cancel();
    CHECK(a.payable() == 0);
}

TEST_CASE("a month of another year and a sum too large are errors that change nothing", "[customer][profit_share]") {
    auto a = even_year(two_percent(), INT64_MAX);
    auto const before = a;
    CHECK(a.count(month_of_2024(13), 1).error().remedy == "a month from 2024-01 to 2024-12");
    CHECK(a.count(month_of_2024(0), 1).error().code == errc::out_of_range);
    CHECK(a.count(month_of_2024(1), 1).error().code == errc::amount_overflow);
    CHECK(a == before);
}

TEST_CASE("terms out of range are refused", "[customer][profit_share]") {
    CHECK(check(two_percent()).has_value());
    CHECK(check(profit_share_terms{.rate = basis_points{10'001}}).error().field == "rate");
    CHECK(check(profit_share_terms{.cap = -1}).error().field == "cap");
    CHECK(check(profit_share_terms{.last_months = 12}).error().field == "last_months");
    CHECK(check(profit_share_terms{.last_months = 0}).error().field == "last_months");
    CHECK(check(profit_share_terms{.dumping_from = basis_points{10'000}}).error().field == "dumping_from");
    CHECK(check(profit_share_terms{.dumping_least = -1}).error().field == "dumping_least");
}

TEST_CASE("a share does not depend on the order in which purchases are entered", "[customer][profit_share]") {
    std::mt19937_64 random{9};
    for (int times = 0; times < 200; ++times) {
        std::vector<std::pair<int, std::int64_t>> all;
        for (int n = 0; n < 30; ++n) {
            all.emplace_back(1 + static_cast<int>(random() % 12), static_cast<std::int64_t>(random() % 5'000) - 1'000);
        }
        auto const entered = [&] {
            profit_share_account a{two_percent()};
            for (auto const& [month, amount] : all) a.count(month_of_2024(month), amount).value();
            return a;
        };
        auto const a = entered();
        std::shuffle(all.begin(), all.end(), random);
        REQUIRE(entered() == a);
        REQUIRE(a.payable() >= 0);
        REQUIRE((a.payable() == 0 || a.payable() == a.accrued()));
    }
}
