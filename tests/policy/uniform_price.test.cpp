#include <patron/policy/uniform_price.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
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
constexpr std::int64_t unit = 1'000'000;

policy::net_purchase bought(std::string customer, std::int64_t units, std::int64_t value, std::int64_t rebate = 0) {
    return {.customer = std::move(customer),
            .product = "P1",
            .channel = "retail",
            .in = cny,
            .quantity = units * unit,
            .value = value,
            .rebate = rebate};
}
order_line line_of(std::string product, money price) {
    return {std::move(product), unit_quantity{decimal{1, 0}}, price};
}

}  // namespace

TEST_CASE("each line of an order is compared with the list of its day", "[policy][uniform_price]") {
    price_list list;
    auto const tell = [&](std::string product, day at, money price) {
        list.tell(
            {.ref = {}, .at = at, .product = std::move(product), .channel = "retail", .price = price, .floor = {}});
    };
    tell("P1", day{2026y / 1 / 1}, 100.00_CNY);
    tell("P1", day{2026y / 4 / 1}, 110.00_CNY);
    tell("P2", day{2026y / 1 / 1}, 50.00_EUR);
    tell("P4", day{2026y / 1 / 1}, {700'000, currency{}});
    policy::dealer_market const market{.prices = &list, .channel = "retail", .in = cny};
    order_placed order;
    order.at = day{2026y / 3 / 31};
    order.lines = {line_of("P1", 100.00_CNY), line_of("P1", 99.99_CNY), line_of("P1", 110.00_CNY),
                   line_of("P2", 50.00_CNY),  line_of("P3", 1.00_CNY),  line_of("P4", {700'000, currency{}})};
    std::vector<verdict> said;
    for (auto const& one : policy::compare_with_list(order, market)) said.push_back(one.verdict);
    using enum verdict;
    CHECK(said == std::vector{met, not_met, not_met, unknown, unknown, met});

    auto const why = policy::off_list_reasons(order, market);
    REQUIRE(why.size() == 2);
    CHECK(sentence(why[0], cny, language::en) == "P1 is ordered at 99.99 CNY, the list price is 100.00 CNY");
    CHECK(sentence(why[0], cny, language::zh) == "P1 订购价为 99.99 CNY，目录价为 100.00 CNY");
    CHECK(why[1].saw == 110'00);  // a dearer line is as little uniform
    CHECK(policy::is_off_list(order, market));

    order.at = day{2026y / 4 / 1};
    CHECK(policy::compare_with_list(order, market)[2].verdict == met);
    order.lines.erase(order.lines.begin(), order.lines.begin() + 2);
    CHECK_FALSE(policy::is_off_list(order, market));
}

TEST_CASE("a line in another currency is compared by the rate of its order, or with a price in that currency",
          "[policy][uniform_price]") {
    price_list list;
    auto const tell = [&](std::string product, money price) {
        list.tell({.ref = {},
                   .at = day{2026y / 1 / 1},
                   .product = std::move(product),
                   .channel = "retail",
                   .price = price,
                   .floor = {}});
    };
    tell("home", 100.00_CNY);
    tell("whole", 71.30_CNY);
    tell("own", {100'0000, currency{}});
    tell("both", 100.00_CNY);
    tell("both", 15.00_USD);
    tell("abroad", 14.00_USD);
    tell("third", 12.00_EUR);
    policy::dealer_market const market{.prices = &list, .channel = "retail", .in = cny};
    order_placed order;
    order.at = day{2026y / 3 / 31};
    order.amount = 100.00_USD;
    order.rate = decimal::parse("7.13").value();
    auto const said = [&](std::string product, money price) {
        order.lines = {line_of(std::move(product), price)};
        return policy::compare_with_list(order, market).front().verdict;
    };
    using enum verdict;
    // 100.00 CNY are 14.0252… USD
    CHECK(said("home", 14.01_USD) == not_met);
    CHECK(said("home", 14.02_USD) == met);
    CHECK(said("home", 14.03_USD) == met);
    CHECK(said("home", 14.04_USD) == not_met);
    CHECK(said("own", 14.02_USD) == met);
    CHECK(said("home", 100.00_CNY) == met);
    // 71.30 CNY are 10.00 USD, and no cent more or less
    CHECK(said("whole", 9.99_USD) == not_met);
    CHECK(said("whole", 10.00_USD) == met);
    CHECK(said("whole", 10.01_USD) == not_met);
    // a price in the currency of the line is the one that counts
    CHECK(said("both", 14.02_USD) == not_met);
    CHECK(said("both", 15.00_USD) == met);
    CHECK(said("both", 100.00_CNY) == met);
    // 14.00 USD are 99.82 CNY
    CHECK(said("abroad", 14.00_USD) == met);
    CHECK(said("abroad", 99.82_CNY) == met);
    CHECK(said("abroad", 99.81_CNY) == not_met);
    CHECK(said("third", 14.00_USD) == unknown);
    CHECK(said("third", 12.00_EUR) == unknown);  // a line in another currency than its order's and its customer's

    order.lines = {line_of("home", 13.50_USD), line_of("both", 14.02_USD), line_of("abroad", 90.00_CNY)};
    auto const seen = policy::compare_with_list(order, market);
    CHECK(seen[0].price == 13.50_USD);
    CHECK(seen[0].listed == 14.03_USD);
    CHECK(seen[2].listed == 99.82_CNY);
    auto const why = policy::off_list_reasons(order, market);
    REQUIRE(why.size() == 3);
    CHECK(sentence(why[0], cny, language::en) ==
          "home (13.50 USD / 14.03 USD) is ordered at 96.26 CNY, the list price is 100.00 CNY");
    CHECK(sentence(why[1], cny, language::en) ==
          "both (14.02 USD / 15.00 USD) is ordered at 99.96 CNY, the list price is 106.95 CNY");
    CHECK(sentence(why[2], cny, language::en) == "abroad is ordered at 90.00 CNY, the list price is 99.82 CNY");

    order.rate.reset();
    CHECK(said("home", 14.02_USD) == unknown);
    CHECK(said("both", 15.00_USD) == unknown);
    order.amount = 100.00_CNY;
    CHECK(said("abroad", 1.00_CNY) == unknown);
    CHECK(said("home", 1.00_CNY) == not_met);
}

TEST_CASE("whatever the rate, a list price told in another currency is at the list", "[policy][uniform_price]") {
    std::mt19937_64 random{713};
    constexpr auto jpy = currency::literal("JPY");
    constexpr auto kwd = currency::literal("KWD");
    for (int round = 0; round < 2'000; ++round) {
        auto const abroad = std::array{currency::literal("USD"), jpy, kwd}[random() % 3];
        auto const own = std::array{cny, jpy, kwd}[random() % 3];
        if (abroad == own) continue;
        price_list list;
        auto const price = 1 + static_cast<std::int64_t>(random() % 10'000'000);
        list.tell({.ref = {},
                   .at = day{2026y / 1 / 1},
                   .product = "P1",
                   .channel = "retail",
                   .price = {price, own},
                   .floor = {}});
        policy::dealer_market const market{.prices = &list, .channel = "retail", .in = own};
        decimal const rate{1 + static_cast<std::int64_t>(random() % 99'999), static_cast<int>(random() % 7)};
        auto const power = [](int n) {
            std::int64_t out = 1;
            for (; n > 0; --n) out *= 10;
            return out;
        };
        auto const up = price * power(abroad.minor_digits() + rate.digits());  // at most 10^7 x 10^9
        auto const below = rate.units() * power(own.minor_digits());
        auto const down = up / below;
        order_placed order;
        order.at = day{2026y / 3 / 31};
        order.rate = rate;
        order.amount = {1, abroad};
        auto const verdict_of = [&](std::int64_t units) {
            order.lines = {line_of("P1", {units, abroad})};
            return policy::compare_with_list(order, market).front().verdict;
        };
        CAPTURE(price, own.code(), abroad.code(), rate.to_string());
        auto const is_whole = up % below == 0;
        // what rounds to nothing would be a free line
        REQUIRE((verdict_of(down) == verdict::met) == (down > 0));
        REQUIRE((verdict_of(down + 1) == verdict::met) == !is_whole);
        REQUIRE(verdict_of(down - 1) == verdict::not_met);
        REQUIRE(verdict_of(down + 2) == verdict::not_met);
    }
}

TEST_CASE("net prices after rebates show who pays less", "[policy][uniform_price]") {
    // the worked example of the header, and a purchase in a channel of its own
    std::vector<policy::net_purchase> all{bought("A", 100, 10'000'00), bought("B", 100, 9'500'00, 500'00)};
    all.push_back(bought("C", 1, 120'00));
    all.back().channel = "online";
    auto const told = policy::compare_net_prices(all);
    REQUIRE(told.has_value());
    REQUIRE(told.value().size() == 2);
    auto const& online = told.value()[0];
    CHECK(online.channel == "online");
    CHECK(online.customers == 1);
    CHECK(online.spread_basis_points == 0);
    auto const& retail = told.value()[1];
    CHECK(retail.product == "P1");
    CHECK(retail.customers == 2);
    CHECK(retail.lowest.rounded().value() == 90'00);
    CHECK(retail.lowest_customer == "B");
    CHECK(retail.highest.rounded().value() == 100'00);
    CHECK(retail.highest_customer == "A");
    CHECK(retail.mean.rounded().value() == 95'00);
    CHECK(retail.spread_basis_points == 1'111);
}

TEST_CASE("unit prices compare exactly and round half to even", "[policy][uniform_price]") {
    using policy::unit_price;
    CHECK(unit_price{1, 3 * unit} < unit_price{1'000'001, 3'000'000 * unit});
    CHECK(unit_price{2, 6 * unit} == unit_price{1, 3 * unit});
    CHECK(unit_price{5, 2 * unit}.rounded().value() == 2);
    CHECK(unit_price{7, 2 * unit}.rounded().value() == 4);
    CHECK(unit_price{-5, 2 * unit}.rounded().value() == -2);
    CHECK(unit_price{INT64_MAX, 1}.rounded().error().code == errc::amount_overflow);
}

TEST_CASE("a spread is not told over a price of nothing", "[policy][uniform_price]") {
    auto const given = policy::compare_net_prices(std::vector{bought("A", 1, 0), bought("B", 1, 10'00)});
    CHECK_FALSE(given.value()[0].spread_basis_points.has_value());
    CHECK(given.value()[0].lowest_customer == "A");
}

TEST_CASE("the comparison does not depend on order or on how purchases are cut", "[policy][uniform_price]") {
    std::mt19937_64 random{6};
    for (int round = 0; round < 300; ++round) {
        std::vector<policy::net_purchase> all;
        std::map<std::string, std::pair<std::int64_t, std::int64_t>> by_customer;
        for (auto n = 1 + random() % 20; n > 0; --n) {
            auto const value = static_cast<std::int64_t>(random() % 100'000);
            auto p = bought("C" + std::to_string(random() % 5), 1 + static_cast<std::int64_t>(random() % 50), value,
                            value / (2 + static_cast<std::int64_t>(random() % 9)));
            by_customer[p.customer].first += p.value - p.rebate;
            by_customer[p.customer].second += p.quantity;
            all.push_back(std::move(p));
        }
        auto const once = policy::compare_net_prices(all).value();
        std::shuffle(all.begin(), all.end(), random);
        auto const again = policy::compare_net_prices(all).value();
        REQUIRE(once.size() == 1);
        REQUIRE(again.size() == 1);
        auto const& a = once[0];
        auto const& b = again[0];
        REQUIRE(a.customers == by_customer.size());
        REQUIRE(a.lowest_customer == b.lowest_customer);
        REQUIRE(a.highest_customer == b.highest_customer);
        REQUIRE(a.spread_basis_points == b.spread_basis_points);
        auto const [low_value, low_quantity] = by_customer.at(a.lowest_customer);
        REQUIRE(a.lowest == policy::unit_price{low_value, low_quantity});
        for (auto const& [customer, sums] : by_customer) {
            policy::unit_price const own{sums.first, sums.second};
            REQUIRE(a.lowest <= own);
            REQUIRE(own <= a.highest);
        }
        REQUIRE(a.lowest <= a.mean);
        REQUIRE(a.mean <= a.highest);
    }
}

TEST_CASE("the spread is written as CSV, prices rounded to the minor unit", "[policy][uniform_price]") {
    auto const all = policy::compare_net_prices(std::vector{bought("A, Ltd", 3, 100), bought("B", 1, 0)}).value();
    CHECK(policy::to_csv(all).value() ==
          "product,channel,customers,lowest,lowest_customer,highest,highest_customer,mean,spread_percent\n"
          "P1,retail,2,0.00 CNY,B,0.33 CNY,\"A, Ltd\",0.25 CNY,\n");
    auto const spread = policy::compare_net_prices(std::vector{bought("A", 1, 1'000), bought("B", 1, 900)}).value();
    CHECK(policy::to_csv(spread).value().ends_with("P1,retail,2,9.00 CNY,B,10.00 CNY,A,9.50 CNY,11.11\n"));
    CHECK(policy::to_csv({}).value().find('\n') == policy::to_csv({}).value().size() - 1);
}

TEST_CASE("purchases that have no price are refused by field", "[policy][uniform_price]") {
    auto const field_of = [](policy::net_purchase const& p) {
        auto const told = policy::compare_net_prices(std::vector{p});
        REQUIRE_FALSE(told.has_value());
        return told.error().field;
    };
    CHECK(field_of(bought("A", 0, 1)) == "quantity");
    CHECK(field_of(bought("A", 1, -1)) == "value");
    CHECK(field_of(bought("A", 1, 1, -1)) == "rebate");
    auto const most = bought("A", 1, INT64_MAX);
    auto const told = policy::compare_net_prices(std::vector{most, most});
    CHECK(told.error().code == errc::amount_overflow);
}
