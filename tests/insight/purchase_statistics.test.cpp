#include <patron/insight/purchase_statistics.hpp>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>

using namespace patron;
using namespace patron::insight;
using Catch::Approx;

namespace {

constexpr auto usd = currency::literal("USD");

day on(int number) { return day{std::chrono::days{number}}; }
purchase_day buying(int number, std::int64_t cents = 100'00, std::uint32_t lines = 0) {
    return {.on = on(number), .amount = money{cents, usd}, .lines = lines};
}

/// How many purchases stand so many fortnights before the last.
int in_fortnight(purchase_statistics const& of, int back) {
    return static_cast<int>(of.by_fortnight[static_cast<std::size_t>(back / 16)] >> (4 * (back % 16)) & 15U);
}

}  // namespace

TEST_CASE("a first purchase has no gap", "[insight][purchase_statistics]") {
    purchase_statistics c;
    add_purchase(c, buying(19'700, 12'50, 3));
    CHECK((c.first == 19'700 && c.last == 19'700 && c.purchases == 1 && c.longest_gap == 0));
    CHECK((c.log_gaps == 0 && c.squared_log_gaps == 0));
    CHECK(c.decayed == std::array<double, 6>{1, 1, 1, 1, 1, 1});
    CHECK((c.amount == 12'50 && c.decayed_amount == 12.5 && c.last_amount == 12'50));
    CHECK(c.log_lines == Approx(std::log(4)));
    CHECK(in_fortnight(c, 0) == 1);
}

TEST_CASE("older purchases count less by their half-life, and gaps add up", "[insight][purchase_statistics]") {
    purchase_statistics c;
    add_purchase(c, buying(19'700, 100'00));
    add_purchase(c, buying(19'730, 50'00));
    add_purchase(c, buying(19'850, 10'00));
    CHECK((c.first == 19'700 && c.last == 19'850 && c.purchases == 3 && c.longest_gap == 120));
    CHECK(c.log_gaps == Approx(std::log(30) + std::log(120)));
    CHECK(c.squared_log_gaps == Approx(std::log(30) * std::log(30) + std::log(120) * std::log(120)));
    // 30 days: 2^-10, 2^-8 and 1; 120 days: 2^-1.25, 2^-1 and 1
    CHECK(c.decayed[0] == Approx(std::exp2(-10) + std::exp2(-8) + 1));
    CHECK(c.decayed[3] == Approx(std::exp2(-1.25) + 0.5 + 1));
    CHECK(c.decayed_amount == Approx(100 * std::exp2(-1.25) + 25 + 10));
    CHECK(c.amount == 160'00);
    // 19'850 = 14 x 1417 + 12, 19'730 = 14 x 1409 + 4, 19'700 = 14 x 1407 + 2
    CHECK((in_fortnight(c, 0) == 1 && in_fortnight(c, 8) == 1 && in_fortnight(c, 10) == 1 && in_fortnight(c, 9) == 0));
}

TEST_CASE("fourteen purchases in a fortnight are counted, and move on", "[insight][purchase_statistics]") {
    purchase_statistics c;
    for (int d = 0; d < 14; ++d) add_purchase(c, buying(14 * 1'400 + d));
    CHECK((in_fortnight(c, 0) == 14 && in_fortnight(c, 1) == 0));
    add_purchase(c, buying(14 * 1'416));  // sixteen fortnights on: into the other word
    CHECK((in_fortnight(c, 0) == 1 && in_fortnight(c, 16) == 14 && in_fortnight(c, 15) == 0));
    add_purchase(c, buying(14 * 1'431));
    CHECK((in_fortnight(c, 31) == 14 && in_fortnight(c, 15) == 1));
    add_purchase(c, buying(14 * 1'432));  // the 32nd is forgotten
    CHECK((in_fortnight(c, 31) == 0 && in_fortnight(c, 16) == 1));
    add_purchase(c, buying(14 * 1'700));
    CHECK(c.by_fortnight == std::array<std::uint64_t, 2>{1, 0});
}

TEST_CASE("gaps of years are as exact as short ones", "[insight][purchase_statistics]") {
    purchase_statistics c;
    add_purchase(c, buying(-30'000));  // 1887
    add_purchase(c, buying(19'700));
    CHECK(c.longest_gap == 49'700);
    CHECK(c.log_gaps == Approx(std::log(49'700)));
    CHECK(c.decayed[5] == Approx(1 + std::exp2(-49'700 / 480.0)));
    for (auto const gap : {2'047, 2'048, 2'049}) {  // about the end of the table
        purchase_statistics d;
        add_purchase(d, buying(0));
        add_purchase(d, buying(gap));
        CHECK(d.log_gaps == Approx(std::log(gap)));
        CHECK(d.decayed[5] == Approx(1 + std::exp2(-gap / 480.0)));
    }
}

TEST_CASE("what is bought on the day of the last purchase is part of it", "[insight][purchase_statistics]") {
    purchase_statistics apart, together;
    add_purchase(apart, buying(19'700, 10'00, 1));
    add_purchase(together, buying(19'700, 10'00, 1));
    add_purchase(apart, buying(19'720, -40'00, 2));
    add_purchase(apart, buying(19'720, 100'00, 5));
    add_purchase(together, buying(19'720, 60'00, 7));
    CHECK(apart.purchases == 2);
    CHECK((apart.amount == together.amount && apart.last_amount == together.last_amount));
    CHECK(apart.decayed_amount == together.decayed_amount);
    CHECK(apart.log_lines == Approx(together.log_lines));
    CHECK((apart.by_fortnight == together.by_fortnight && apart.decayed == together.decayed));
}

TEST_CASE("an amount below zero counts as zero, and the purchase still counts", "[insight][purchase_statistics]") {
    purchase_statistics c;
    add_purchase(c, buying(19'700, 30'00));
    add_purchase(c, buying(19'820, -40'00));
    CHECK((c.purchases == 2 && c.amount == 30'00));
    CHECK(c.decayed_amount == Approx(15));
    add_purchase(c, buying(19'830, 0));
    CHECK((c.purchases == 3 && c.amount == 30'00));
}

TEST_CASE("amounts are in whole units, whatever digits the currency has", "[insight][purchase_statistics]") {
    purchase_statistics yen, dinar;
    add_purchase(yen, {.on = on(1), .amount = money{1'200, currency::literal("JPY")}});
    add_purchase(dinar, {.on = on(1), .amount = money{1'200'000, currency::literal("KWD")}});
    CHECK((yen.decayed_amount == 1'200 && dinar.decayed_amount == 1'200));
    CHECK((yen.amount == 1'200 && dinar.amount == 1'200'000));
}
