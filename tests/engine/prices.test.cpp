// The price list kept by the engine: what orders and observed resales mean by it (POW-5, POW-6, POW-9).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

engine deciding_book() { return engine{{.record_decisions = true}}; }

customer_enrolled dealer(day at, std::string customer = "C1") {
    auto f = enrolled(at, std::move(customer));
    f.channel = "retail";
    f.territory = "west";
    return f;
}
supply_price_set price(day at, money price_of_it, std::optional<money> floor = {}, std::string product = "P1") {
    supply_price_set f;
    f.at = at;
    f.product = std::move(product);
    f.channel = "retail";
    f.price = price_of_it;
    f.floor = floor;
    return f;
}
order_line line(std::string product, std::int64_t units, money price_of_it) {
    return {std::move(product), unit_quantity{decimal{units, 0}}, price_of_it};
}
order_placed order_of(day at, std::string number, std::vector<order_line> lines, std::string customer = "C1") {
    auto f = order(at, std::move(number), yuan(1'000), std::move(customer));
    f.lines = std::move(lines);
    return f;
}
resale_observed resale(day at, money price_of_it, std::optional<std::string> territory = {},
                       std::string product = "P1") {
    auto f = fact_at<resale_observed>(at);
    f.product = std::move(product);
    f.price = price_of_it;
    f.territory = std::move(territory);
    return f;
}
/// What a fact that must be taken leads to, as "event: what, what".
std::vector<std::string> decided(engine& book, fact const& f) {
    auto const outcome = book.apply(f);
    INFO((outcome ? std::string{} : outcome.error().message()));
    REQUIRE(outcome.has_value());
    std::vector<std::string> out;
    for (auto const& d : outcome.value().decisions) out.emplace_back(d.event);
    return out;
}
using events = std::vector<std::string>;

std::vector<std::string> breaches_of(engine const& book, std::string const& customer = "C1") {
    std::vector<std::string> out;
    for (auto const& e : book.find(customer).value().evidence) {
        if (e.kind == lifecycle::name_of(lifecycle::evidence_kind::breach)) out.push_back(e.what);
    }
    return out;
}
std::string decisions_of(engine const& book, std::string const& customer = "C1") {
    std::string out;
    for (auto const& d : book.explain(customer).value().decisions) {
        append_json(out, d, cny);
        out += '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("what a dealer gets for a unit counts in its margin", "[engine][prices]") {
    auto book = deciding_book();
    auto support = fact_at<dealer_support_set>(on(2026, 2, 1));
    support.product = "P1";
    support.amount = yuan(6);
    support.until = on(2026, 3, 31);
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(99)));
    // resold at 100, bought at 99: 5 are needed
    CHECK(decided(book, resale(on(2026, 1, 10), yuan(100))) == events{"dealer_margin_low"});
    tell(book, support);
    CHECK(decided(book, resale(on(2026, 2, 2), yuan(100))) == events{});
    CHECK(decided(book, resale(on(2026, 2, 3), yuan(100), {}, "P2")) == events{});           // no list price
    CHECK(decided(book, resale(on(2026, 4, 1), yuan(100))) == events{"dealer_margin_low"});  // it has run out
    support.at = moment{on(2026, 4, 2)};
    support.ref += "-2";
    support.amount = yuan(4);
    support.until.reset();
    tell(book, support);
    CHECK(decided(book, resale(on(2026, 4, 3), yuan(100))) == events{});
    support.at = moment{on(2026, 4, 4)};
    support.ref += "-3";
    support.amount = yuan(0);
    tell(book, support);
    CHECK(decided(book, resale(on(2026, 4, 5), yuan(100))) == events{"dealer_margin_low"});
    // what was in force on a day stays so, however late it is asked about
    CHECK(decided(book, resale(on(2026, 4, 3), yuan(100))) == events{});
    support.until = on(2026, 4, 3);
    support.ref += "-4";
    CHECK(book.apply(support).error().field == "until");
}

TEST_CASE("an order line at another price than the list's is told", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(100)), price(on(2026, 2, 1), yuan(110)));
    CHECK(decided(book, order_of(on(2026, 1, 20), "O1", {line("P1", 3, yuan(100))})) == events{"order_placed"});
    auto const told = book.apply(order_of(on(2026, 2, 1), "O2", {line("P1", 3, yuan(110)), line("P1", 1, yuan(99))}));
    REQUIRE(told.has_value());
    REQUIRE(told.value().decisions.size() == 1);
    auto const& d = told.value().decisions[0];
    CHECK(d.event == "price_off_list");
    REQUIRE(d.why.size() == 1);
    CHECK(d.why[0].saw == 99'00);
    CHECK(d.why[0].threshold == 110'00);
    CHECK(d.why[0].verdict == verdict::not_met);
    CHECK(to_text(book.explain("C1").value(), language::zh).find("P1 订购价为 99.00 CNY，目录价为 110.00 CNY") !=
          std::string::npos);

    // neither a customer without a channel nor one of another has a price to be compared with
    tell(book, enrolled(on(2026, 1, 5), "C2"));
    CHECK(decided(book, order_of(on(2026, 2, 1), "O3", {line("P1", 3, yuan(1))}, "C2")) == events{"order_placed"});
}

TEST_CASE("an order in another currency is compared with the list by the rate that it was taken at",
          "[engine][prices]") {
    auto const rate_on = [](day at, std::string_view value) {
        rate_set f;
        f.at = at;
        f.from = currency::literal("USD");
        f.to = cny;
        f.rate = decimal::parse(value).value();
        return f;
    };
    auto const abroad = [](day at, std::string number, money price_of_it, std::string product = "P1") {
        auto f = order_of(at, std::move(number), {line(std::move(product), 10, price_of_it)});
        f.amount = money{10 * price_of_it.minor_units(), price_of_it.in()};
        return f;
    };
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(100)), rate_on(on(2026, 1, 1), "7.13"),
         rate_on(on(2026, 2, 1), "7.50"));
    CHECK(decided(book, abroad(on(2026, 1, 20), "O1", 14.03_USD)) == events{"order_placed"});
    CHECK(decided(book, abroad(on(2026, 2, 2), "O2", 14.03_USD)) == events{"price_off_list"});
    CHECK(decided(book, abroad(on(2026, 2, 3), "O3", 13.33_USD)).empty());  // 100.00 CNY are 13.333… USD
    auto own_rate = abroad(on(2026, 2, 4), "O4", 14.03_USD);
    own_rate.rate = decimal::parse("7.13").value();
    CHECK(decided(book, own_rate).empty());

    // a price in dollars is what an order in dollars goes by, from its day on
    tell(book, price(on(2026, 2, 10), 15.00_USD));
    CHECK(decided(book, abroad(on(2026, 2, 9), "O5", 13.33_USD)).empty());
    CHECK(decided(book, abroad(on(2026, 2, 10), "O6", 13.33_USD)) == events{"price_off_list"});
    CHECK(decided(book, abroad(on(2026, 2, 10), "O7", 15.00_USD)).empty());
    CHECK(decided(book, abroad(on(2026, 2, 10), "O8", yuan(100))).empty());
    auto const story = to_text(book.explain("C1").value(), language::en);
    CHECK(story.find("P1 (14.03 USD / 13.33 USD) is ordered at 105.22 CNY, the list price is 100.00 CNY") !=
          std::string::npos);
    CHECK(story.find("P1 (13.33 USD / 15.00 USD) is ordered at 99.98 CNY, the list price is 112.50 CNY") !=
          std::string::npos);

    // rates and prices that are told later say nothing of it
    auto const before = decisions_of(book);
    tell(book, rate_on(on(2026, 2, 1), "8.00"), price(on(2026, 2, 1), yuan(50)), price(on(2026, 2, 1), 9.00_USD));
    CHECK(decisions_of(book) == before);
}

TEST_CASE("a resale below the floor is a breach like one that was reported", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(80), yuan(100)),
         order(on(2026, 1, 6), "O1", yuan(1'000)));
    auto const told = book.apply(resale(on(2026, 1, 20), yuan(90)));
    REQUIRE(told.has_value());
    REQUIRE(told.value().decisions.size() == 1);
    CHECK(told.value().decisions[0].event == "breach_detected");
    CHECK(told.value().decisions[0].why[0].rule == "resale_below_floor");
    CHECK(breaches_of(book) == std::vector<std::string>{"price"});

    auto reported = deciding_book();
    auto breach = fact_at<breach_reported>(on(2026, 1, 20));
    breach.rule = breach_rule::price;
    breach.severity = 4;  // 10 % below the floor
    tell(reported, dealer(on(2026, 1, 5)), order(on(2026, 1, 6), "O1", yuan(1'000)), breach);
    CHECK(rows_of(book) == rows_of(reported));
}

TEST_CASE("a floor in yuan beside a price in dollars holds, and stays what it was when it judged", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(80)),
         price(on(2026, 1, 10), money{11'00, currency::literal("USD")}, yuan(100)),
         order(on(2026, 1, 6), "O1", yuan(1'000)));
    CHECK(decided(book, resale(on(2026, 1, 20), yuan(90)))[0] == "breach_detected");
    CHECK(breaches_of(book) == std::vector<std::string>{"price"});
    auto const before = decisions_of(book);
    tell(book, price(on(2026, 1, 19), yuan(80)));  // told late: from then on there is no floor in yuan
    CHECK(decisions_of(book) == before);
    CHECK(decided(book, resale(on(2026, 1, 21), yuan(90))).empty());
}

TEST_CASE("a resale in another territory than the dealer's own is a breach", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), order(on(2026, 1, 6), "O1", yuan(1'000)));
    CHECK(decided(book, resale(on(2026, 1, 20), yuan(90), "west")).empty());
    CHECK(decided(book, resale(on(2026, 1, 20), yuan(90))).empty());
    CHECK(decided(book, resale(on(2026, 1, 21), yuan(90), "east")) == events{"breach_detected"});
    CHECK(breaches_of(book) == std::vector<std::string>{"territory"});
}

TEST_CASE("a report of what was detected already is the same breach", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(80), yuan(100)),
         order(on(2026, 1, 6), "O1", yuan(1'000)), named("R1", resale(on(2026, 1, 20), yuan(99))));
    auto const weight = [&] { return book.find("C1").value().evidence.at(0).weight; };
    auto const alone = weight();
    auto breach = fact_at<breach_reported>(on(2026, 1, 20));
    breach.rule = breach_rule::price;
    breach.severity = 1;
    breach.evidence = "R1";
    tell(book, breach);
    CHECK(weight() == alone);  // severity 1 it was
    breach.severity = 3;
    tell(book, breach);
    CHECK(weight() == 3 * alone);
    breach.evidence = "a letter";
    tell(book, breach);
    CHECK(weight() == 6 * alone);
}

TEST_CASE("the supplier is warned when a dealer is first seen to earn too little", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(96)), price(on(2026, 1, 1), yuan(50), {}, "P2"),
         order(on(2026, 1, 6), "O1", yuan(1'000)));
    CHECK(decided(book, resale(on(2026, 1, 20), yuan(100))) == events{"dealer_margin_low"});
    CHECK(decided(book, resale(on(2026, 1, 21), yuan(100))).empty());  // known
    CHECK(decided(book, resale(on(2026, 1, 21), yuan(51), {}, "P2")) == events{"dealer_margin_low"});
    CHECK(decided(book, resale(on(2026, 1, 22), yuan(120))).empty());  // recovers
    CHECK(decided(book, resale(on(2026, 1, 23), yuan(100))) == events{"dealer_margin_low"});
    // it is not held against the dealer
    CHECK(breaches_of(book).empty());
    auto const row = book.find("C1").value();
    CHECK(row.evidence.empty());
    CHECK(to_text(book.explain("C1").value(), language::en)
              .find("P1 leaves the dealer only 4.00 CNY a unit, 5.00 CNY are needed") != std::string::npos);
}

TEST_CASE("the rules of resale are the embedder's to set", "[engine][prices]") {
    engine_options options{.record_decisions = true};
    options.rules.resale.least_margin = basis_points{300};
    options.rules.resale.tolerance = basis_points{1'000};
    engine book{options};
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(96), yuan(110)),
         order(on(2026, 1, 6), "O1", yuan(1'000)));
    CHECK(decided(book, resale(on(2026, 1, 20), yuan(100))).empty());
    CHECK(decided(book, resale(on(2026, 1, 21), yuan(98))) == events{"breach_detected", "dealer_margin_low"});
}

TEST_CASE("an observed resale goes by the rulebook of its day", "[engine][prices][house_rules]") {
    auto const rules = [](std::string_view json) { return rules_of(policy::parse_rulebook(json).value()).value(); };
    engine_options options{.record_decisions = true};
    options.rules = rules(R"({"version": "new", "from": "2026-02-01", "tables": [],
 "resale": {"breaches": {"tolerance": "10 %"}, "margins": {"least_margin": "3 %"}}})")
                        .after(rules(R"({"version": "old", "tables": []})"));
    engine book{options};
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(96), yuan(110)),
         order(on(2026, 1, 6), "O1", yuan(1'000)));
    CHECK(decided(book, resale(on(2026, 1, 31), yuan(100))) == events{"breach_detected", "dealer_margin_low"});
    CHECK(decided(book, resale(on(2026, 2, 1), yuan(100))).empty());
    CHECK(decided(book, resale(on(2026, 2, 2), yuan(98))) == events{"breach_detected", "dealer_margin_low"});

    CHECK(rules_of(policy::parse_rulebook(R"({"version": "bad", "tables": [],
 "resale": {"breaches": {"severity_from": ["5 %", "4 %", "6 %", "7 %"]}}})")
                       .value())
              .error()
              .field == "resale.breaches.severity_from[1]");
}

TEST_CASE("a correction of a price holds from then on, and one of an observation is judged by the prices of its day",
          "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), named("L1", price(on(2026, 1, 1), yuan(80), yuan(100))),
         order(on(2026, 1, 6), "O1", yuan(1'000)), named("R1", resale(on(2026, 1, 20), yuan(120))),
         correction(on(2026, 1, 21), "L1", "floor", "130.00 CNY"));
    CHECK(book.prices().find("P1", "retail", on(2026, 1, 2))->floor == yuan(130));
    CHECK(breaches_of(book).empty());  // it was judged by the floor of 100
    CHECK(decided(book, resale(on(2026, 1, 22), yuan(120))) == events{"breach_detected"});
    tell(book, correction(on(2026, 1, 23), "R1", "price", "101.00 CNY"));
    CHECK(breaches_of(book) == std::vector<std::string>{"price"});
    auto const before = rows_of(book);
    tell(book, correction(on(2026, 1, 24), "R1", "price", "90.00 CNY"));
    CHECK(rows_of(book) != before);  // below 100 as well
}

TEST_CASE("what was decided by the list is explained alike, whatever is told of prices later", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 5)), price(on(2026, 1, 1), yuan(80), yuan(100)),
         order_of(on(2026, 1, 6), "O1", {line("P1", 1, yuan(79))}), resale(on(2026, 1, 20), yuan(82)));
    auto const before = decisions_of(book);
    CHECK(before.find("price_off_list") != std::string::npos);
    CHECK(before.find("resale_below_floor") != std::string::npos);
    CHECK(before.find("dealer_margin_low") != std::string::npos);
    // prices of days before, told late, and an enrolment that moves the dealer to another channel
    auto moved = dealer(on(2026, 1, 25));
    moved.channel = "online";
    moved.territory = "east";
    tell(book, price(on(2026, 1, 2), yuan(10), yuan(11)), moved);
    CHECK(decisions_of(book) == before);
    CHECK(decided(book, resale(on(2026, 1, 26), yuan(5), "west")) == events{"breach_detected"});  // its territory
}

TEST_CASE("decisions about prices do not depend on threads or batches", "[engine][prices]") {
    std::mt19937_64 random{5};
    std::vector<fact> facts;
    for (int c = 0; c < 40; ++c)
        facts.emplace_back(named("E" + std::to_string(c), dealer(on(2026, 1, 2), "C" + std::to_string(c))));
    for (int i = 0; i < 3'000; ++i) {
        auto const customer = "C" + std::to_string(random() % 40);
        auto const at = on(2026, 1, 3 + static_cast<unsigned>(i / 120));
        auto const amount = yuan(80 + static_cast<std::int64_t>(random() % 40));
        fact f;
        switch (random() % 30) {
            case 0: f = price(at, yuan(90), yuan(100)); break;
            case 1: f = price(on(2026, 1, 3), amount, yuan(110)); break;  // late
            default: {
                if (random() % 2 == 0) {
                    f = order_of(at, "O" + std::to_string(i), {line("P1", 1, amount)}, customer);
                } else {
                    auto seen = resale(at, amount, random() % 9 == 0 ? "east" : "west");
                    seen.customer = customer;
                    f = seen;
                }
            }
        }
        set_ref(f, "F" + std::to_string(i));
        facts.push_back(std::move(f));
    }
    auto const run = [&](unsigned threads, std::size_t size) {
        auto book = deciding_book();
        std::string out;
        for (std::size_t from = 0; from < facts.size(); from += size) {
            std::vector<received> rows;
            for (auto i = from; i < std::min(facts.size(), from + size); ++i) rows.push_back({i + 1, facts[i]});
            auto const outcome = book.apply(std::span{rows}, {.threads = threads});
            REQUIRE(outcome.rejected.empty());
            for (auto const& d : outcome.decisions) append_json(out, d, cny);
        }
        return std::pair{out, rows_of(book)};
    };
    auto const once = run(1, facts.size());
    CHECK(once.first.find("dealer_margin_low") != std::string::npos);
    CHECK(run(3, 700) == once);

    // folded again, each customer is where it was, and was decided about as it was
    auto book = deciding_book();
    std::string live;
    for (auto const& f : facts) {
        auto const outcome = book.apply(f);
        REQUIRE(outcome.has_value());
        for (auto const& d : outcome.value().decisions) {
            if (d.customer == "C7") append_json(live, d, cny);
        }
    }
    std::string again;
    auto const told = book.explain("C7").value();
    for (auto const& d : told.decisions) append_json(again, d, cny);
    CHECK(again == live);
    std::string row;
    append_json(row, told.row);
    std::string held;
    append_json(held, book.find("C7").value());
    CHECK(row == held);
}

TEST_CASE("net prices count what was bought and the rebates on it", "[engine][prices]") {
    auto book = deciding_book();
    tell(book, dealer(on(2026, 1, 2), "A"), dealer(on(2026, 1, 2), "B"), dealer(on(2026, 1, 2), "D"));
    auto agreed = fact_at<rebate_agreed>(on(2026, 1, 2), "B");
    agreed.agreement = "R1";
    agreed.basis = rebate_basis::ordered;
    agreed.method = rebate_method::incremental;
    agreed.product = "P1";
    agreed.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal{10, 0}}}};
    auto cancelled = fact_at<order_cancelled>(on(2026, 1, 20), "A");
    cancelled.order = "A2";
    tell(book, agreed, order_of(on(2026, 1, 10), "A1", {line("P1", 10, yuan(100))}, "A"),
         order_of(on(2026, 1, 11), "A2", {line("P1", 10, yuan(50))}, "A"), cancelled,
         order_of(on(2026, 1, 12), "B1", {line("P1", 5, yuan(100)), line("P2", 1, yuan(40))}, "B"),
         order_of(on(2026, 1, 13), "B2", {line("P1", 5, yuan(100))}, "B"),
         order_of(on(2026, 2, 1), "D1", {line("P1", 5, yuan(1))}, "D"));  // another month
    auto const bought = book.net_purchases(in_month(2026, 1), in_month(2026, 1));
    REQUIRE(bought.has_value());
    constexpr std::int64_t unit = 1'000'000;
    CHECK(bought.value() == std::vector<policy::net_purchase>{
                                {"A", "P1", "retail", cny, 10 * unit, 1'000'00, 0},
                                {"B", "P1", "retail", cny, 10 * unit, 1'000'00, 100'00},
                                {"B", "P2", "retail", cny, 1 * unit, 40'00, 0},
                            });
    auto const spreads = policy::compare_net_prices(bought.value()).value();
    REQUIRE(spreads.size() == 2);
    CHECK(spreads[0].lowest.rounded().value() == 90'00);
    CHECK(spreads[0].lowest_customer == "B");
    CHECK(spreads[0].spread_basis_points == 1'111);
}

TEST_CASE("what was bought in another currency counts in the customer's, with its rebate", "[engine][prices]") {
    auto book = deciding_book();
    auto agreed = fact_at<rebate_agreed>(on(2026, 1, 2));
    agreed.agreement = "R1";
    agreed.basis = rebate_basis::ordered;
    agreed.method = rebate_method::incremental;
    agreed.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal{10, 0}}}};
    auto abroad = order_of(on(2026, 1, 10), "O1", {line("P1", 10, 14.00_USD)});
    abroad.amount = 140.00_USD;
    abroad.rate = decimal::parse("7.50").value();
    tell(book, dealer(on(2026, 1, 2)), agreed, abroad, order_of(on(2026, 1, 11), "O2", {line("P1", 10, yuan(100))}));
    auto const bought = book.net_purchases(in_month(2026, 1), in_month(2026, 1)).value();
    // 1 050.00 and 1 000.00 CNY, and a tenth of both
    CHECK(bought == std::vector<policy::net_purchase>{{"C1", "P1", "retail", cny, 20'000'000, 2'050'00, 205'00}});
}

TEST_CASE("a rebate on what was delivered is shared out over what was ordered, and never more than it is",
          "[engine][prices]") {
    engine book;
    auto retailer = enrolled(on(2026, 1, 1));
    retailer.channel = "retail";
    auto agreed = fact_at<rebate_agreed>(on(2026, 1, 1));
    agreed.agreement = "R";
    agreed.basis = rebate_basis::delivered;
    agreed.method = rebate_method::total;
    agreed.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal{10, 0}}}};
    auto const of_product = [](std::string number, std::string product, std::int64_t price) {
        auto o = order(on(2026, 1, 10), std::move(number), yuan(10 * price));
        o.lines = {{std::move(product), unit_quantity{decimal{10, 0}}, yuan(price)}};
        return o;
    };
    auto sent = about_order<goods_delivered>(on(2026, 1, 12), "S1", yuan(100));
    tell(book, retailer, agreed, of_product("S1", "P1", 100), of_product("S2", "P2", 900), sent);
    auto const bought = book.net_purchases(in_month(2026, 1), in_month(2026, 1)).value();
    REQUIRE(bought.size() == 2);
    CHECK(book.find("C1").value().rebates.front().balance.accrued == 10'00);
    CHECK(bought[0].rebate == 1'00);
    CHECK(bought[1].rebate == 9'00);
}
