#include <patron/policy/resale.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <random>
#include <string>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

constexpr currency cny = currency::literal("CNY");
constexpr day today{2026y / 3 / 2};

price_list list_with(money price, std::optional<money> floor) {
    price_list list;
    list.tell(
        {.ref = {}, .at = day{2026y / 1 / 1}, .product = "P1", .channel = "retail", .price = price, .floor = floor});
    return list;
}
policy::dealer_market market_of(price_list const& list) {
    return {.prices = &list, .channel = "retail", .territory = "west", .in = cny};
}
resale_observed seen_at(money price, std::optional<std::string> territory = {}) {
    return {.ref = "R1", .at = today, .customer = "C1", .product = "P1", .price = price, .territory = territory};
}

}  // namespace

TEST_CASE("the further below the floor a resale is, the graver the breach", "[policy][resale]") {
    struct row {
        std::int64_t cents;
        int severity;  // 0: no breach
    };
    // a floor of 100.00; by hand from the defaults 2, 5, 10 and 20 %, whose edges belong to the graver side
    auto const [cents, severity] = GENERATE(values<row>({{120'00, 0},
                                                         {100'00, 0},
                                                         {99'99, 1},
                                                         {98'01, 1},
                                                         {98'00, 2},
                                                         {95'01, 2},
                                                         {95'00, 3},
                                                         {90'00, 4},
                                                         {80'01, 4},
                                                         {80'00, 5},
                                                         {0, 5}}));
    CAPTURE(cents, severity);
    auto const list = list_with(80.00_CNY, 100.00_CNY);
    auto const found = policy::price_breach(seen_at({cents, cny}), market_of(list));
    REQUIRE(found.has_value() == (severity > 0));
    if (!found) return;
    CHECK(found->rule == breach_rule::price);
    CHECK(found->severity.value() == severity);
    REQUIRE(found->why.size() == 2);
    CHECK(found->why[0].saw == cents);
    CHECK(found->why[0].threshold == 100'00);
}

TEST_CASE("a detected breach says what was seen, in both languages", "[policy][resale]") {
    auto const list = list_with(80.00_CNY, 100.00_CNY);
    auto const all = policy::detect_breaches(seen_at(90.00_CNY, "east"), market_of(list));
    REQUIRE(all.size() == 2);  // one resale breaks both rules
    CHECK(all[0].evidence == "P1 at 90.00 CNY, floor 100.00 CNY");
    CHECK(sentence(all[0].why[0], cny, language::en) == "P1 is resold at 90.00 CNY, below the floor of 100.00 CNY");
    CHECK(sentence(all[0].why[0], cny, language::zh) == "P1 转售价为 90.00 CNY，低于最低价 100.00 CNY");
    CHECK(sentence(all[0].why[1], cny, language::en) == "a breach of severity 4 of 5");
    CHECK(all[1].rule == breach_rule::territory);
    CHECK(all[1].severity.value() == 3);
    CHECK(all[1].evidence == "P1 in east, own territory west");
    CHECK(sentence(all[1].why[0], cny, language::en) ==
          "resold outside of the territory: P1 in east, own territory west");
    CHECK(sentence(all[1].why[0], cny, language::zh) == "跨区域转售：P1 in east, own territory west");
}

TEST_CASE("a resale is seen beside the prices of its own currency", "[policy][resale]") {
    auto list = list_with(80.00_CNY, 100.00_CNY);
    auto dollars = supply_price_set{.ref = {},
                                    .at = day{2026y / 1 / 2},
                                    .product = "P1",
                                    .channel = "retail",
                                    .price = 12.00_USD,
                                    .floor = 15.00_USD};
    list.tell(dollars);
    auto const market = market_of(list);
    CHECK(policy::price_breach(seen_at(90.00_CNY), market)->evidence == "P1 at 90.00 CNY, floor 100.00 CNY");
    CHECK(policy::price_breach(seen_at(14.00_USD), market)->evidence == "P1 at 14.00 USD, floor 15.00 USD");
    CHECK(policy::observed_margin(seen_at(90.00_CNY), market)->margin == 10.00_CNY);
    CHECK(policy::observed_margin(seen_at(14.00_USD), market)->margin == 2.00_USD);
    CHECK_FALSE(policy::price_breach(seen_at(1.00_EUR), market));
    CHECK_FALSE(policy::observed_margin(seen_at(1.00_EUR), market));
}

TEST_CASE("a floor holds in its own currency, whatever the price beside it is stated in", "[policy][resale]") {
    auto list = list_with(100.00_CNY, {});
    CHECK_FALSE(policy::price_breach(seen_at(90.00_CNY), market_of(list)));
    auto const tell = [&](int month, money price, std::optional<money> floor) {
        list.tell({.ref = {},
                   .at = day{2026y / month / 15},
                   .product = "P1",
                   .channel = "retail",
                   .price = price,
                   .floor = floor});
    };
    tell(1, 14.00_USD, 110.00_CNY);
    auto const found = policy::price_breach(seen_at(90.00_CNY), market_of(list));
    REQUIRE(found);
    CHECK(found->why[0].threshold == 110'00);
    CHECK_FALSE(policy::price_breach(seen_at(13.00_USD), market_of(list)));
    // the latest that speaks of the currency speaks for it: this one says that there is none
    tell(2, 95.00_CNY, {});
    CHECK_FALSE(policy::price_breach(seen_at(90.00_CNY), market_of(list)));
}

TEST_CASE("what is not known is held against nobody", "[policy][resale]") {
    auto const list = list_with(80.00_CNY, 100.00_CNY);
    auto const low = seen_at(50.00_CNY);
    REQUIRE(policy::price_breach(low, market_of(list)));
    auto market = market_of(list);
    SECTION("no channel") { market.channel = {}; }
    SECTION("another channel") { market.channel = "online"; }
    SECTION("no list") { market.prices = nullptr; }
    SECTION("a dealer of another currency, whose amounts name none") { market.in = currency::literal("USD"); }
    auto unstated = low;
    if (market.in != cny) unstated.price = {500'000, currency{}};
    CHECK_FALSE(policy::price_breach(unstated, market));
    CHECK_FALSE(policy::observed_margin(unstated, market));

    CHECK_FALSE(policy::price_breach(seen_at(50.00_EUR), market_of(list)));
    auto const no_floor = list_with(80.00_CNY, std::nullopt);
    CHECK_FALSE(policy::price_breach(low, market_of(no_floor)));
    CHECK_FALSE(policy::territory_breach(low, market_of(list)));                         // none was observed
    CHECK_FALSE(policy::territory_breach(seen_at(50.00_CNY, "west"), market_of(list)));  // its own
    market = market_of(list);
    market.territory = {};
    CHECK_FALSE(policy::territory_breach(seen_at(50.00_CNY, "east"), market));
}

TEST_CASE("prices without a currency are in the dealer's own", "[policy][resale]") {
    auto const list = list_with({800'000, currency{}}, money{1'000'000, currency{}});  // 80 and 100
    auto const found = policy::price_breach(seen_at({900'000, currency{}}), market_of(list));
    REQUIRE(found);
    CHECK(found->evidence == "P1 at 90.00 CNY, floor 100.00 CNY");
    CHECK(policy::observed_margin(seen_at({900'000, currency{}}), market_of(list))->margin == 10.00_CNY);
}

TEST_CASE("a tolerance lets a price lie a little below the floor", "[policy][resale]") {
    auto const list = list_with(80.00_CNY, 100.00_CNY);
    policy::resale_rules rules;
    rules.tolerance = 1_percent;
    CHECK_FALSE(policy::price_breach(seen_at(99.00_CNY), market_of(list), rules));
    CHECK(policy::price_breach(seen_at(98.99_CNY), market_of(list), rules));
}

TEST_CASE("a dealer must be able to earn", "[policy][resale]") {
    struct row {
        std::int64_t resale, supply, support, margin, least;
        verdict says;
    };
    auto const r = GENERATE(values<row>({
        {100'00, 95'00, 50, 5'50, 5'00, verdict::met},  // the worked example of the header
        {100'00, 95'00, 0, 5'00, 5'00, verdict::met},   // exactly the least is enough
        {100'00, 95'01, 0, 4'99, 5'00, verdict::not_met},
        {99'99, 95'00, 0, 4'99, 5'00, verdict::not_met},  // 4.9995 are needed: 4.99 is less
        {90'00, 95'00, 0, -5'00, 4'50, verdict::not_met},
        {0, 0, 0, 0, 0, verdict::met},
    }));
    CAPTURE(r.resale, r.supply);
    auto const seen = policy::margin_of({r.resale, cny}, {r.supply, cny}, {r.support, cny});
    REQUIRE(seen.has_value());
    CHECK(seen.value() == policy::dealer_margin{{r.margin, cny}, {r.least, cny}, r.says});
}

TEST_CASE("a margin that is enough stays so with more support, and with a dearer resale", "[policy][resale]") {
    std::mt19937_64 random{9};
    policy::resale_rules rules;
    for (int i = 0; i < 20'000; ++i) {
        auto const amount = [&] { return money{static_cast<std::int64_t>(random() % 100'000), cny}; };
        rules.least_margin = basis_points{static_cast<std::int32_t>(random() % 10'001)};
        auto const resale = amount();
        auto const supply = amount();
        auto const support = amount();
        auto const seen = policy::margin_of(resale, supply, support, rules).value();
        __extension__ using wide = __int128;
        // the rule itself, without rounding
        bool const is_enough =
            wide{seen.margin.minor_units()} * 10'000 >= wide{resale.minor_units()} * rules.least_margin.count();
        REQUIRE((seen.verdict == verdict::met) == is_enough);
        if (!is_enough) continue;
        auto const more = add(support, 0.01_CNY).value();
        REQUIRE(policy::margin_of(resale, supply, more, rules).value().verdict == verdict::met);
        auto const dearer = add(resale, 0.01_CNY).value();
        REQUIRE(policy::margin_of(dearer, supply, support, rules).value().verdict == verdict::met);
    }
}

TEST_CASE("margins that cannot be told are errors", "[policy][resale]") {
    CHECK(policy::margin_of(100.00_CNY, 95.00_EUR, 0.00_CNY).error().code == errc::currency_mismatch);
    CHECK(policy::margin_of({INT64_MAX, cny}, {-1, cny}, 0.00_CNY).error().code == errc::amount_overflow);
}

TEST_CASE("a warning of a margin says that it is not held against the dealer", "[policy][resale]") {
    auto const list = list_with(98.00_CNY, std::nullopt);
    auto const seen = policy::observed_margin(seen_at(100.00_CNY), market_of(list));
    REQUIRE(seen);
    CHECK(seen->verdict == verdict::not_met);
    auto const why = policy::margin_reasons(*seen, "P1");
    REQUIRE(why.size() == 2);
    CHECK(sentence(why[0], cny, language::en) == "P1 leaves the dealer only 2.00 CNY a unit, 5.00 CNY are needed");
    CHECK(sentence(why[0], cny, language::zh) == "P1 每件仅为经销商留利 2.00 CNY（需要 5.00 CNY）");
    CHECK(sentence(why[1], cny, language::en) == "a warning to the supplier, not held against the dealer");
    CHECK(sentence(why[1], cny, language::zh) == "提醒供应商，不计为经销商的过失");
}

TEST_CASE("rules of resale that cannot be honoured are refused by name", "[policy][resale]") {
    CHECK(policy::check(policy::resale_rules{}).has_value());
    auto const field_of = [](auto const& change) {
        policy::resale_rules rules;
        change(rules);
        auto const checked = policy::check(rules);
        REQUIRE_FALSE(checked.has_value());
        CHECK_FALSE(checked.error().remedy.empty());
        return checked.error().field;
    };
    CHECK(field_of([](auto& r) { r.tolerance = basis_points{-1}; }) == "breaches.tolerance");
    CHECK(field_of([](auto& r) { r.severity_from[1] = r.severity_from[0]; }) == "breaches.severity_from[1]");
    CHECK(field_of([](auto& r) { r.severity_from[3] = basis_points{10'001}; }) == "breaches.severity_from");
    CHECK(field_of([](auto& r) { r.severity_from[0] = basis_points{0}; }) == "breaches.severity_from");
    CHECK(field_of([](auto& r) { r.least_margin = basis_points{10'001}; }) == "margins.least_margin");
    CHECK(field_of([](auto& r) { r.outside_territory = 0; }) == "breaches.outside_territory");
}
