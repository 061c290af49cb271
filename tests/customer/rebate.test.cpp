#include <patron/customer/rebate.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::literals;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr day january_first{std::chrono::year{2025} / 1 / 1};

rebate_band by_value(std::int64_t from, std::string_view percent) {
    return {.from = {.value = money{from, cny}}, .rate = {.percent = decimal::parse(percent).value()}};
}
rebate_band by_quantity(std::int64_t from, std::string_view percent) {
    return {.from = {.by_quantity = true, .units = decimal{from, 0}},
            .rate = {.percent = decimal::parse(percent).value()}};
}
rebate_band a_unit(std::int64_t from, money amount) {
    return {.from = {.by_quantity = true, .units = decimal{from, 0}}, .rate = {.per_unit = true, .amount = amount}};
}

rebate_agreed agreed(rebate_method method, std::vector<rebate_band> bands) {
    rebate_agreed a;
    a.ref = a.agreement = "R-1";
    a.at = january_first;
    a.customer = "C-1";
    a.method = method;
    a.bands = std::move(bands);
    return a;
}
/// DOMAIN.md's example: 10 % to 1 000, 25 % from there.
rebate_agreed example(rebate_method method) { return agreed(method, {by_value(0, "10"), by_value(1'000'00, "25")}); }
rebate_terms terms(rebate_agreed const& a) { return rebate_terms::of(a, cny).value(); }
std::int64_t earned(rebate_agreed const& a, rebate_volume const& v) { return terms(a).earned(v).value(); }

void check_books(rebate_balance const& b) {
    CAPTURE(b.accrued, b.paid, b.open, b.reversed, b.forfeited, b.clawed_back);
    CHECK(b.accrued == b.paid + b.open + b.reversed + b.forfeited + b.clawed_back);
    CHECK(std::min({b.accrued, b.paid, b.open, b.reversed, b.forfeited, b.clawed_back}) >= 0);
}

}  // namespace

TEST_CASE("the four methods read the same bands differently", "[customer][rebate]") {
    struct row {
        rebate_method method;
        std::int64_t volume;
        std::int64_t earns;
    };
    auto const [method, volume, earns] = GENERATE(values<row>({
        // volume 2 000: the example of DOMAIN.md, POW-13
        {rebate_method::incremental, 2'000'00, 350'00},
        {rebate_method::retroactive, 2'000'00, 500'00},
        {rebate_method::rolling, 2'000'00, 600'00},
        {rebate_method::total, 2'000'00, 700'00},
        // the edge belongs to the band that begins there
        {rebate_method::incremental, 1'000'00, 100'00},
        {rebate_method::retroactive, 1'000'00, 250'00},
        {rebate_method::rolling, 1'000'00, 350'00},
        {rebate_method::total, 1'000'00, 350'00},
        {rebate_method::retroactive, 999'99, 100'00},  // 99.999 rounds to the even cent
        {rebate_method::incremental, 0, 0},
        {rebate_method::total, 0, 0},
    }));
    CAPTURE(static_cast<int>(method), volume);
    CHECK(earned(example(method), {volume, 0}) == earns);
}

TEST_CASE("below its first band an agreement earns nothing, and there is no upper end", "[customer][rebate]") {
    auto const method =
        GENERATE(rebate_method::incremental, rebate_method::retroactive, rebate_method::rolling, rebate_method::total);
    auto const a = agreed(method, {by_value(500'00, "2"), by_value(1'000'00, "3")});
    CHECK(earned(a, {499'99, 0}) == 0);
    CHECK(earned(a, {1'000'000'00, 0}) > 29'000'00);
    CHECK(earned(a, {INT64_MAX, 0}) > INT64_MAX / 100 * 2);
}

TEST_CASE("bands may measure units and a rate apply to their value, and the other way round", "[customer][rebate]") {
    // 100 units worth 5 000.00; 40 of them in the first band, 60 in the second
    rebate_volume const volume{5'000'00, 100'000'000};
    auto const by_units = [](rebate_method m) { return agreed(m, {by_quantity(0, "1"), by_quantity(40, "2")}); };
    CHECK(earned(by_units(rebate_method::incremental), volume) == 20'00 + 60'00);
    CHECK(earned(by_units(rebate_method::retroactive), volume) == 100'00);
    CHECK(earned(by_units(rebate_method::rolling), volume) == 20'00 + 100'00);
    CHECK(earned(by_units(rebate_method::total), volume) == 50'00 + 100'00);

    auto const a_piece = agreed(rebate_method::incremental, {a_unit(0, 0.50_CNY), a_unit(40, 0.75_CNY)});
    CHECK(earned(a_piece, volume) == 20'00 + 45'00);
    CHECK(earned(a_piece, {5'000'00, 0}) == 0);  // no quantity was reported

    auto by_worth = agreed(rebate_method::retroactive, {by_value(1'000'00, "0")});
    by_worth.bands[0].rate = {.per_unit = true, .amount = 0.10_CNY};
    CHECK(earned(by_worth, volume) == 10'00);
}

TEST_CASE("a rebate is rounded once, half to even, and then capped", "[customer][rebate]") {
    auto const one_percent = agreed(rebate_method::incremental, {by_value(0, "1")});
    CHECK(earned(one_percent, {50, 0}) == 0);
    CHECK(earned(one_percent, {150, 0}) == 2);
    CHECK(earned(one_percent, {151, 0}) == 2);
    CHECK(earned(one_percent, {250, 0}) == 2);
    // two bands of half a cent each are one cent, not two of none
    CHECK(earned(agreed(rebate_method::incremental, {by_value(0, "1"), by_value(50, "1")}), {100, 0}) == 1);
    auto capped = one_percent;
    capped.cap = 10.00_CNY;
    CHECK(earned(capped, {999'99, 0}) == 10'00);
    CHECK(earned(capped, {5'000'00, 0}) == 10'00);
    capped.cap = 0.00_CNY;  // zero is a cap, not none
    CHECK(earned(capped, {5'000'00, 0}) == 0);
}

TEST_CASE("an incremental rebate is the sum of what each cent earns", "[customer][rebate]") {
    std::mt19937_64 random{20250101};
    for (int times = 0; times < 200; ++times) {
        rebate_agreed a = agreed(rebate_method::incremental, {});
        std::vector<std::pair<std::int64_t, std::int64_t>> bands;  // edge, rate in basis points
        for (auto n = 1 + random() % 5; n > 0; --n) {
            auto const edge = static_cast<std::int64_t>(random() % 4'000);
            if (std::any_of(bands.begin(), bands.end(), [&](auto const& b) { return b.first == edge; })) continue;
            auto const points = static_cast<std::int64_t>(random() % 10'001);
            bands.emplace_back(edge, points);
            a.bands.push_back({.from = {.value = money{edge, cny}}, .rate = {.percent = decimal{points, 2}}});
        }
        std::sort(bands.begin(), bands.end());
        auto const volume = static_cast<std::int64_t>(random() % 5'000);
        std::int64_t points = 0;
        for (std::int64_t cent = 0; cent < volume; ++cent) {
            auto const behind = std::upper_bound(bands.begin(), bands.end(), std::pair{cent, INT64_MAX});
            if (behind != bands.begin()) points += std::prev(behind)->second;
        }
        auto expected = points / 10'000;
        auto const rest = points % 10'000;
        if (rest > 5'000 || (rest == 5'000 && expected % 2 != 0)) ++expected;
        CAPTURE(times, volume);
        REQUIRE(earned(a, {volume, 0}) == expected);
    }
}

TEST_CASE("bands may be stated in any order", "[customer][rebate]") {
    auto a = agreed(rebate_method::rolling, {by_value(0, "1"), by_value(100'00, "2"), by_value(300'00, "3")});
    auto const in_order = terms(a);
    std::rotate(a.bands.begin(), a.bands.begin() + 1, a.bands.end());
    CHECK(terms(a) == in_order);
}

TEST_CASE("an agreement counts what happens on its days, the first and the last included", "[customer][rebate]") {
    auto a = example(rebate_method::total);
    CHECK(terms(a).in_force(january_first));
    CHECK(!terms(a).in_force(january_first - std::chrono::days{1}));
    CHECK(terms(a).in_force(january_first + std::chrono::days{10'000}));
    a.from = january_first + std::chrono::days{31};
    a.until = a.from;
    CHECK(!terms(a).in_force(january_first));
    CHECK(terms(a).in_force(*a.until));
    CHECK(!terms(a).in_force(*a.until + std::chrono::days{1}));
}

TEST_CASE("terms that cannot be worked out are refused, and the band is named", "[customer][rebate]") {
    auto const refused = [](rebate_agreed const& a) { return rebate_terms::of(a, cny).error(); };
    auto const good = example(rebate_method::incremental);
    auto a = good;
    a.bands.clear();
    CHECK(refused(a).code == errc::missing_field);
    a = good;
    a.bands[1].rate.percent = decimal{10'001, 2};
    CHECK(refused(a).field == "bands[1].rate");
    CHECK(refused(a).code == errc::out_of_range);
    a.bands[1].rate.percent = decimal{-1, 0};
    CHECK(refused(a).code == errc::out_of_range);
    a.bands[1].rate.percent = decimal{1, 7};
    CHECK(refused(a).code == errc::wrong_scale);
    a = good;
    a.bands[0].from.value = money{-1, cny};
    CHECK(refused(a).field == "bands[0].from");
    a.bands[0].from.value = 5.00_EUR;
    CHECK(refused(a).code == errc::currency_mismatch);
    a = good;
    a.bands.push_back(by_value(1'000'00, "30"));
    CHECK(refused(a).field == "bands[2].from");
    CHECK(refused(a).saw == "1000.00 CNY");
    a = good;
    a.by = rebate_measure::quantity;  // the band at zero fits either, the one at 1 000.00 does not
    CHECK(refused(a).field == "bands[1].from");
    CHECK(refused(a).code == errc::malformed);
    a = agreed(rebate_method::total, {by_quantity(0, "1"), by_value(10'00, "2")});
    CHECK(refused(a).field == "bands[1].from");
    a = agreed(rebate_method::total, {by_quantity(-4, "1")});
    CHECK(refused(a).code == errc::out_of_range);
    a = good;
    a.until = january_first - std::chrono::days{1};
    CHECK(refused(a).field == "until");
    a = good;
    a.product = "";
    CHECK(refused(a).field == "product");
    a = good;
    a.cap = 1.00_USD;
    CHECK(refused(a).field == "cap");
    a = good;
    a.minimum = money{-1, cny};
    CHECK(refused(a).field == "minimum");
    a = good;
    a.bands.assign(rebate_terms::most_bands + 1, by_value(0, "1"));
    CHECK(refused(a).code == errc::too_long);
}

TEST_CASE("what earns more than 64 bits hold is an error", "[customer][rebate]") {
    auto const a = agreed(rebate_method::incremental, {a_unit(0, money{INT64_MAX, cny})});
    CHECK(terms(a).earned({0, 1'000'000}).value() == INT64_MAX);
    auto const beyond = terms(a).earned({0, 2'000'000}).error();
    CHECK(beyond.code == errc::amount_overflow);
    CHECK(beyond.saw == "R-1");
    CHECK(beyond.remedy.find("cap") != std::string::npos);
    auto capped = a;
    capped.cap = 10.00_CNY;
    CHECK(earned(capped, {0, 2'000'000}) == 10'00);
    CHECK(millionths_of(decimal{15, 1}).value() == 1'500'000);
    CHECK(millionths_of(decimal{1, 7}).error().code == errc::wrong_scale);
    CHECK(millionths_of(decimal{INT64_MAX, 0}).error().code == errc::amount_overflow);
    rebate_account account{terms(a)};
    account.count({INT64_MAX, 0}).value();
    CHECK(account.count({1, 0}).error().code == errc::amount_overflow);
    CHECK(account.counted() == rebate_volume{INT64_MAX, 0});
}

TEST_CASE("an account that is out of range tells no balance and is not settled, and says which agreement it is",
          "[customer][rebate]") {
    rebate_account account{terms(example(rebate_method::incremental))};
    account.count({100'00, 0}).value();
    account.mark_out_of_range();
    CHECK(account.is_out_of_range());
    CHECK(account.balance().error().code == errc::amount_overflow);
    CHECK(account.balance().error().saw == "R-1");
    CHECK(account.settle(settlement_kind::final_).error().saw == "R-1");
    CHECK_FALSE(account.is_final());
}

TEST_CASE("what is given back after the final settlement undoes what was clawed back", "[customer][rebate]") {
    rebate_account account{terms(example(rebate_method::incremental))};
    account.count({1'000'00, 0}).value();
    account.settle(settlement_kind::final_).value();
    auto const before = account.balance().value();
    account.take_off({400'00, 0}).value();
    CHECK(account.balance().value() == rebate_balance{.accrued = 100'00, .paid = 60'00, .clawed_back = 40'00});
    account.give_back({400'00, 0});
    CHECK(account.balance().value() == before);
}

TEST_CASE("a settlement works out the whole agreement and deducts what was paid", "[customer][rebate]") {
    rebate_account account{terms(example(rebate_method::retroactive))};
    account.count({800'00, 0}).value();
    CHECK(account.balance().value() == rebate_balance{.accrued = 80'00, .open = 80'00});
    CHECK(account.settle(settlement_kind::partial).value() == 80'00);
    CHECK(account.settle(settlement_kind::partial).value() == 0);  // twice in one period
    account.count({400'00, 0}).value();                            // 25 % of 1 200 by now, of all of it
    CHECK(account.balance().value() == rebate_balance{.accrued = 300'00, .paid = 80'00, .open = 220'00});
    CHECK(account.settle(settlement_kind::final_).value() == 220'00);
    CHECK(account.balance().value() == rebate_balance{.accrued = 300'00, .paid = 300'00});
    CHECK(account.settle(settlement_kind::partial).error().code == errc::impossible_now);
    CHECK(account.count({1, 0}).error().code == errc::impossible_now);
}

TEST_CASE("a return takes its rebate back: what was not paid is reversed, the rest clawed back", "[customer][rebate]") {
    rebate_account account{terms(example(rebate_method::retroactive))};
    account.count({1'200'00, 0}).value();
    account.settle(settlement_kind::partial).value();
    account.count({200'00, 0}).value();
    CHECK(account.balance().value() == rebate_balance{.accrued = 350'00, .paid = 300'00, .open = 50'00});
    account.take_off({100'00, 0}).value();
    CHECK(account.balance().value() ==
          rebate_balance{.accrued = 350'00, .paid = 300'00, .open = 25'00, .reversed = 25'00});
    account.take_off({400'00, 0}).value();  // 900: back in the first band
    CHECK(account.balance().value() ==
          rebate_balance{.accrued = 350'00, .paid = 90'00, .reversed = 50'00, .clawed_back = 210'00});
    CHECK(account.settle(settlement_kind::partial).value() == -210'00);
    CHECK(account.settle(settlement_kind::partial).value() == 0);
    check_books(account.balance().value());
    account.count({300'00, 0}).value();  // 1 200 again
    CHECK(account.settle(settlement_kind::final_).value() == 210'00);
    account.take_off({300'00, 0}).value();  // after the end, too
    CHECK(account.balance().value() == rebate_balance{.accrued = 425'00, .paid = 90'00, .clawed_back = 335'00});
    check_books(account.balance().value());
}

TEST_CASE("more taken off than counted leaves nothing, not less", "[customer][rebate]") {
    rebate_account account{terms(example(rebate_method::total))};
    account.count({100'00, 0}).value();
    account.take_off({150'00, 0}).value();
    CHECK(account.net() == rebate_volume{});
    CHECK(account.balance().value() == rebate_balance{.accrued = 10'00, .reversed = 10'00});
}

TEST_CASE("less than the minimum is carried on by a partial settlement and forfeited by the final one",
          "[customer][rebate]") {
    auto a = example(rebate_method::incremental);
    a.minimum = 50.00_CNY;
    rebate_account account{terms(a)};
    account.count({400'00, 0}).value();
    CHECK(account.settle(settlement_kind::partial).value() == 0);
    CHECK(account.balance().value() == rebate_balance{.accrued = 40'00, .open = 40'00});
    account.count({100'00, 0}).value();
    CHECK(account.settle(settlement_kind::partial).value() == 50'00);
    account.count({100'00, 0}).value();
    CHECK(account.settle(settlement_kind::final_).value() == 0);
    CHECK(account.balance().value() == rebate_balance{.accrued = 60'00, .paid = 50'00, .forfeited = 10'00});
    account.take_off({50'00, 0}).value();
    CHECK(account.balance().value() ==
          rebate_balance{.accrued = 60'00, .paid = 50'00, .reversed = 5'00, .forfeited = 5'00});
}

TEST_CASE("at any time the books of an agreement balance, whatever happens to it", "[customer][rebate]") {
    std::mt19937_64 random{7};
    for (int times = 0; times < 300; ++times) {
        auto const method = static_cast<rebate_method>(random() % 4);
        std::vector<rebate_band> bands;
        for (std::int64_t edge = 0, n = 1 + static_cast<std::int64_t>(random() % 4); n > 0; --n) {
            bands.push_back({.from = {.value = money{edge, cny}},
                             .rate = {.percent = decimal{static_cast<std::int64_t>(random() % 3'000), 2}}});
            edge += 1 + static_cast<std::int64_t>(random() % 2'000'00);  // rates may fall as well as rise
        }
        auto a = agreed(method, bands);
        if (random() % 3 == 0) a.cap = money{static_cast<std::int64_t>(random() % 1'000'00), cny};
        if (random() % 3 == 0) a.minimum = money{static_cast<std::int64_t>(random() % 100'00), cny};
        rebate_account account{terms(a)};
        std::int64_t paid_out = 0;
        for (int step = 0; step < 40; ++step) {
            rebate_volume const v{static_cast<std::int64_t>(random() % 500'00), 0};
            switch (random() % 6) {
                case 0: account.take_off(v).value(); break;
                case 2:
                    account.give_back({std::min(v.value, account.taken_off().value),
                                       std::min(v.quantity, account.taken_off().quantity)});
                    break;
                case 1:
                    if (auto const settled =
                            account.settle(random() % 20 == 0 ? settlement_kind::final_ : settlement_kind::partial)) {
                        paid_out += settled.value();
                        auto const b = account.balance().value();
                        REQUIRE(b.paid == paid_out);  // what left the house is what the books say
                        REQUIRE((account.is_final()
                                     ? b.open == 0
                                     : b.open < a.minimum.value_or(0.01_CNY).minor_units() || b.open == 0));
                    }
                    break;
                default: (void)account.count(v); break;
            }
            check_books(account.balance().value());
        }
    }
}

TEST_CASE("volumes give the same books in whatever order they come", "[customer][rebate]") {
    std::mt19937_64 random{11};
    for (int times = 0; times < 100; ++times) {
        auto const method = static_cast<rebate_method>(times % 4);
        std::vector<std::pair<bool, rebate_volume>> moves;
        for (int i = 0; i < 30; ++i) {
            moves.emplace_back(random() % 4 != 0, rebate_volume{static_cast<std::int64_t>(random() % 200'00),
                                                                static_cast<std::int64_t>(random() % 9'000'000)});
        }
        auto const books = [&] {
            rebate_account account{terms(example(method))};
            for (auto const& [counts, v] : moves) (counts ? account.count(v) : account.take_off(v)).value();
            return account;
        };
        auto const before = books();
        std::shuffle(moves.begin(), moves.end(), random);
        auto const after = books();
        REQUIRE(before == after);
        REQUIRE(before.balance().value() == after.balance().value());
    }
}

TEST_CASE("a bare number is an amount or a quantity as the agreement says", "[customer][rebate]") {
    auto bare = agreed(rebate_method::incremental, {by_quantity(0, "10"), by_quantity(1'000, "25")});
    CHECK(terms(bare).measure() == rebate_measure::quantity);
    bare.by = rebate_measure::value;
    CHECK(earned(bare, {.value = 2'000'00}) == 350'00);
    auto with_point =
        agreed(rebate_method::incremental,
               {{.from = {.value = money{5'000, currency{}}}, .rate = {.per_unit = true, .amount = 2.00_CNY}}});
    with_point.by = rebate_measure::quantity;  // from 0.5 units on
    CHECK(earned(with_point, {.value = 0, .quantity = 400'000}) == 0);
    CHECK(earned(with_point, {.value = 0, .quantity = 1'500'000}) == 2'00);
}
