#include <patron/customer/price_list.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

constexpr currency cny = currency::literal("CNY");

supply_price_set told(moment at, std::int64_t minor_units, std::string ref = {}, std::string channel = "retail") {
    return {.ref = std::move(ref),
            .at = at,
            .product = "P1",
            .channel = std::move(channel),
            .price = {minor_units, cny},
            .floor = {}};
}
std::int64_t price_on(price_list const& list, day on) {
    auto const* held = list.find("P1", "retail", on);
    return held == nullptr ? -1 : held->price.minor_units();
}

}  // namespace

TEST_CASE("a price holds from its day until that of the next", "[customer][price_list]") {
    price_list list;
    list.tell(told(2026y / 3 / 1, 100'00));
    list.tell(told(2026y / 6 / 1, 110'00));
    CHECK(price_on(list, 2026y / 2 / 28) == -1);
    CHECK(price_on(list, 2026y / 3 / 1) == 100'00);
    CHECK(price_on(list, 2026y / 5 / 31) == 100'00);
    CHECK(price_on(list, 2026y / 6 / 1) == 110'00);
    CHECK(list.find("P1", "online", 2026y / 6 / 1) == nullptr);
    CHECK(list.find("P2", "retail", 2026y / 6 / 1) == nullptr);
}

TEST_CASE("a price told in the afternoon holds for all of its day, and the day's last stands",
          "[customer][price_list]") {
    price_list list;
    day const on{2026y / 3 / 1};
    list.tell(told(moment{on + 15h}, 120'00));
    list.tell(told(moment{on + 9h}, 110'00));
    CHECK(price_on(list, on) == 120'00);
    list.tell(told(moment{on + 15h}, 125'00));  // the same moment again: the one told last
    CHECK(price_on(list, on) == 125'00);
}

TEST_CASE("a product has a price in each of several currencies", "[customer][price_list]") {
    constexpr auto usd = currency::literal("USD");
    constexpr auto eur = currency::literal("EUR");
    price_list list;
    list.tell(told(2026y / 1 / 1, 100'00));
    list.tell(
        {.ref = {}, .at = day{2026y / 2 / 1}, .product = "P1", .channel = "retail", .price = 14.00_USD, .floor = {}});
    list.tell(
        {.ref = {}, .at = day{2026y / 3 / 1}, .product = "P1", .channel = "retail", .price = {13'00, {}}, .floor = {}});
    auto const found = [&](day on, currency in, currency own) {
        auto const* held = list.find("P1", "retail", on, in, own);
        return held == nullptr ? money{} : held->price;
    };
    CHECK(found(2026y / 1 / 31, usd, cny) == money{});
    CHECK(found(2026y / 2 / 1, usd, cny) == 14.00_USD);
    CHECK(found(2026y / 2 / 28, cny, cny) == 100.00_CNY);  // the price in dollars does not end it
    CHECK(found(2026y / 3 / 1, cny, cny) == money{13'00, currency{}});
    CHECK(found(2026y / 3 / 1, cny, usd) == 100.00_CNY);  // a price without a currency is in the customer's own
    CHECK(found(2026y / 3 / 1, usd, usd) == money{13'00, currency{}});
    CHECK(list.find("P1", "retail", 2026y / 3 / 1, eur, cny) == nullptr);
    CHECK(list.find("P1", "retail", 2026y / 2 / 28)->price == 14.00_USD);
}

TEST_CASE("a price that is told late fills in its own days alone", "[customer][price_list]") {
    price_list list;
    list.tell(told(2026y / 6 / 1, 110'00));
    list.tell(told(2026y / 3 / 1, 100'00));
    CHECK(price_on(list, 2026y / 4 / 1) == 100'00);
    CHECK(price_on(list, 2026y / 6 / 1) == 110'00);
    CHECK(price_on(list, 2026y / 2 / 28) == -1);
}

TEST_CASE("a corrected price was never another", "[customer][price_list]") {
    price_list list;
    list.tell(told(2026y / 3 / 1, 100'00, "L1"));
    list.tell(told(2026y / 6 / 1, 110'00, "L2"));
    auto mended = list.told_by("L1");
    REQUIRE(mended.has_value());
    CHECK(*mended == told(2026y / 3 / 1, 100'00, "L1"));
    mended->at = day{2026y / 4 / 1};
    mended->price = 90.00_CNY;
    mended->floor = 120.00_CNY;
    REQUIRE(list.correct("L1", *mended));
    CHECK(price_on(list, 2026y / 3 / 1) == -1);
    CHECK(price_on(list, 2026y / 4 / 1) == 90'00);
    CHECK(price_on(list, 2026y / 6 / 1) == 110'00);
    CHECK(list.find("P1", "retail", 2026y / 4 / 1)->floor == 120.00_CNY);
    CHECK(list.told_by("L1") == mended);

    mended->channel = "online";
    REQUIRE(list.correct("L1", *mended));  // a correction of what was corrected
    CHECK(price_on(list, 2026y / 4 / 1) == -1);
    CHECK(list.find("P1", "online", 2026y / 4 / 1)->price == 90.00_CNY);
    CHECK_FALSE(list.correct("L3", *mended));
    CHECK_FALSE(list.told_by("L3").has_value());
}

TEST_CASE("the order in which prices of different moments are told makes no difference", "[customer][price_list]") {
    std::mt19937_64 random{20'260'301};
    day const first{2026y / 1 / 1};
    for (int round = 0; round < 200; ++round) {
        std::map<int, std::int64_t> by_day;  // the plain way to say the same
        for (auto n = random() % 12; n > 0; --n) {
            by_day[static_cast<int>(random() % 60)] = static_cast<std::int64_t>(random() % 10'000);
        }
        std::vector<supply_price_set> all;
        for (auto const& [offset, price] : by_day) all.push_back(told(first + std::chrono::days{offset}, price));
        std::shuffle(all.begin(), all.end(), random);
        price_list list;
        for (auto const& one : all) list.tell(one);
        for (int offset = 0; offset < 70; ++offset) {
            auto const next = by_day.upper_bound(offset);
            auto const expected = next == by_day.begin() ? -1 : std::prev(next)->second;
            REQUIRE(price_on(list, first + std::chrono::days{offset}) == expected);
        }
    }
}
