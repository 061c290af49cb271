#include <patron/insight/purchase_days.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace patron;
using namespace std::chrono_literals;

namespace {

currency const cny = currency::of("CNY").value();
currency const usd = currency::of("USD").value();
constexpr day start{2025y / 1 / 1};
day after(int n) { return start + std::chrono::days{n}; }

order_placed order(int on, char const* number, std::int64_t fen, currency in = cny) {
    return {.ref = number, .at = after(on), .customer = "C1", .order = number, .amount = money{fen, in}};
}

std::vector<std::int64_t> amounts(std::vector<fact> const& facts, int until = 99) {
    std::vector<std::int64_t> out;  // fen
    for (auto const& one : insight::purchases_of(facts, cny, after(until))) {
        CHECK(one.amount.in() == cny);
        out.push_back(one.amount.minor_units());
    }
    return out;
}

}  // namespace

TEST_CASE("orders are purchases on the day that they were placed, samples too", "[insight][purchase_days]") {
    std::vector<fact> const facts{order(3, "O2", 0), order(1, "O1", 12'50),
                                  customer_enrolled{.ref = "e", .at = after(0), .customer = "C1", .name = "One"}};
    auto const days = insight::purchases_of(facts, cny, after(9));
    REQUIRE(days.size() == 2);
    REQUIRE((days[0].on == after(1) && days[0].amount == money{12'50, cny}));
    REQUIRE((days[1].on == after(3) && days[1].amount == money{0, cny}));
}

TEST_CASE("what was cancelled in full is no purchase, until it is reopened", "[insight][purchase_days]") {
    std::vector<fact> facts{
        order(1, "O1", 100'00), order_cancelled{.ref = "x", .at = after(5), .customer = "C1", .order = "O1"},
        order(2, "O2", 100'00),
        order_cancelled{.ref = "y", .at = after(6), .customer = "C1", .order = "O2", .amount = money{30'00, cny}},
        order_cancelled{.ref = "z", .at = after(7), .customer = "C1", .order = "O2", .amount = money{70'00, cny}}};
    REQUIRE(amounts(facts).empty());
    // what is told later was not known then
    REQUIRE(amounts(facts, 4) == std::vector<std::int64_t>{100'00, 100'00});
    REQUIRE(amounts(facts, 6) == std::vector<std::int64_t>{70'00});
    facts.push_back(
        order_reopened{.ref = "r", .at = after(8), .customer = "C1", .order = "O2", .amount = money{40'00, cny}});
    REQUIRE(amounts(facts) == std::vector<std::int64_t>{40'00});
    facts.push_back(order_reopened{.ref = "s", .at = after(9), .customer = "C1", .order = "O1"});
    REQUIRE(amounts(facts) == std::vector<std::int64_t>{100'00, 40'00});
    std::reverse(facts.begin(), facts.end());
    REQUIRE(amounts(facts) == std::vector<std::int64_t>{100'00, 40'00});
}

TEST_CASE("what came back lowers its order's amount, and no other's", "[insight][purchase_days]") {
    std::vector<fact> const facts{
        order(1, "O1", 100'00), order(2, "O2", 50'00),
        goods_returned{.ref = "b", .at = after(5), .customer = "C1", .amount = money{60'00, cny}, .order = "O1"},
        goods_returned{.ref = "c", .at = after(5), .customer = "C1", .amount = money{60'00, cny}, .order = "O2"},
        goods_returned{.ref = "d", .at = after(6), .customer = "C1", .amount = money{10'00, cny}}};
    REQUIRE(amounts(facts) == std::vector<std::int64_t>{40'00, 0});
}

TEST_CASE("an order in another currency is worth what it was taken at", "[insight][purchase_days]") {
    auto abroad = order(1, "O1", 10'00, usd);
    std::vector<fact> facts{abroad};
    REQUIRE(amounts(facts) == std::vector<std::int64_t>{0});
    abroad.rate = decimal{725, 2};
    facts = {abroad,
             goods_returned{.ref = "b", .at = after(5), .customer = "C1", .amount = money{4'00, usd}, .order = "O1"}};
    REQUIRE(amounts(facts).size() == 1);
    REQUIRE(amounts(facts)[0] == 43'50);
}

TEST_CASE("an amount without a currency is in the customer's own, whatever its digits", "[insight][purchase_days]") {
    auto const jpy = currency::of("JPY").value();
    std::vector<fact> const facts{
        order_placed{
            .ref = "a", .at = after(1), .customer = "C1", .order = "O1", .amount = money::parse("1200").value()},
        goods_returned{
            .ref = "b", .at = after(2), .customer = "C1", .amount = money::parse("200").value(), .order = "O1"},
        goods_returned{.ref = "c", .at = after(2), .customer = "C1", .amount = money{100, usd}, .order = "O1"}};
    auto const bought = insight::purchases_of(facts, jpy, after(9));
    REQUIRE(bought.size() == 1);
    REQUIRE(bought[0].amount == money{1'000, jpy});
}

TEST_CASE("a day of purchases stays as it was at its end, whatever is told of it later", "[insight][purchase_days]") {
    std::vector<fact> facts{order(3, "O2", 5'00), order(1, "O1", 12'50), order(3, "O3", 2'00)};
    std::vector<insight::purchase_day> const expected{{after(1), money{12'50, cny}}, {after(3), money{7'00, cny}}};
    REQUIRE(insight::purchase_days_of(facts, cny) == expected);

    facts.push_back(order_cancelled{.ref = "x1", .at = after(4), .customer = "C1", .order = "O2"});
    facts.push_back(
        goods_returned{.ref = "x2", .at = after(5), .customer = "C1", .amount = money{12'50, cny}, .order = "O1"});
    REQUIRE(insight::purchase_days_of(facts, cny) == expected);

    // on the day itself it never was one
    facts.push_back(order_cancelled{.ref = "x3", .at = after(1), .customer = "C1", .order = "O1"});
    REQUIRE(insight::purchase_days_of(facts, cny) == std::vector{expected[1]});
    facts.push_back(
        order_cancelled{.ref = "x4", .at = after(3), .customer = "C1", .order = "O3", .amount = money{1'50, cny}});
    REQUIRE(insight::purchase_days_of(facts, cny) == std::vector<insight::purchase_day>{{after(3), money{5'50, cny}}});
    REQUIRE(insight::purchase_days_of({}, cny).empty());
}

TEST_CASE("a day's order lines are counted, and foreign amounts go by their order's rate", "[insight][purchase_days]") {
    auto first = order(2, "O1", 10'00);
    first.lines.resize(2);
    auto second = order(2, "O2", 3'00, usd);
    second.lines.resize(1);
    second.rate = decimal::parse("7.1").value();
    std::vector<fact> const facts{first, second};
    REQUIRE(insight::purchase_days_of(facts, cny) ==
            std::vector<insight::purchase_day>{{after(2), money{31'30, cny}, 3}});
}
