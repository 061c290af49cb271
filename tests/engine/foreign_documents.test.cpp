// Documents in another currency than their customer's: what they are worth, and that it stays so (CRE-2, CRE-10).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

constexpr auto usd = currency::literal("USD");

rate_set rate(day at, std::string_view value, currency from = usd, currency to = cny) {
    rate_set f;
    f.at = at;
    f.from = from;
    f.to = to;
    f.rate = decimal::parse(value).value();
    return f;
}
engine quiet() { return engine{{.reviews = review_mode::by_fact}}; }
std::int64_t exposure_of(engine const& book) {
    auto const kept = book.state_of("C1").value().exposure;
    CHECK(book.recount_exposure("C1").value() == kept);
    return kept;
}
credit_exposure by_category(engine& book, day at) {
    credit_query q{.amount = yuan(0), .on = at};
    return book.check("C1", q).value().by_category;
}

}  // namespace

TEST_CASE("a document in another currency is worth what the rate of its day makes of it", "[engine][rates]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7.25"), order(on(2025, 1, 2), "O1", 100.00_USD));
    CHECK(exposure_of(book) == 725'00);
    CHECK(book.state_of("C1").value().purchases == 725'00);

    tell(book, rate(on(2025, 2, 1), "7.50"), about_order<goods_delivered>(on(2025, 2, 2), "O1", 40.00_USD));
    CHECK(by_category(book, on(2025, 2, 2)) == credit_exposure{.open_orders = 435'00, .delivered = 290'00});
    tell(book, invoice(on(2025, 2, 3), "I1", 100.00_USD, on(2025, 3, 3), "O1"));
    CHECK(exposure_of(book) == 725'00);  // by the order's rate
    tell(book, payment(on(2025, 2, 4), 100.00_USD, "I1"));
    CHECK(exposure_of(book) == 0);  // what is paid in full leaves nothing

    tell(book, invoice(on(2025, 2, 5), "I2", 10.00_USD, on(2025, 3, 3)));
    CHECK(exposure_of(book) == 75'00);
    tell(book, payment(on(2025, 2, 6), 12.00_USD, "I2"));
    CHECK(exposure_of(book) == -15'00);
    CHECK(by_category(book, on(2025, 2, 6)).unallocated == 15'00);
    tell(book, payment(on(2025, 2, 6), 1.00_USD));  // for no invoice: by the rate of its day
    CHECK(exposure_of(book) == -22'50);
}

TEST_CASE("parts of a document that are all of it leave nothing, however they round", "[engine][rates]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "0.333333"), order(on(2025, 1, 2), "O1", 100.01_USD));
    CHECK(exposure_of(book) == 33'34);
    tell(book, about_order<goods_delivered>(on(2025, 1, 3), "O1", 33.33_USD),
         about_order<goods_delivered>(on(2025, 1, 3), "O1", 33.33_USD),
         about_order<goods_delivered>(on(2025, 1, 3), "O1", 33.35_USD));
    CHECK(by_category(book, on(2025, 1, 3)) == credit_exposure{.delivered = 33'34});
    CHECK(book.apply(about_order<goods_delivered>(on(2025, 1, 3), "O1", 1.00_USD)).has_error());
    tell(book, invoice(on(2025, 1, 4), "I1", 100.01_USD, on(2025, 2, 4), "O1"));
    for (int i = 0; i < 3; ++i) tell(book, payment(on(2025, 1, 5), 25.00_USD, "I1"));
    auto credited = fact_at<credit_note_issued>(on(2025, 1, 6));
    credited.invoice = "I1";
    credited.amount = 25.01_USD;
    tell(book, credited);
    CHECK(exposure_of(book) == 0);
}

TEST_CASE("a receipt that names no invoice leaves what is beyond a later payment", "[engine][rates]") {
    // 100 dollars are 700 yuan: half of them is paid in yuan, for no invoice
    auto const paid = [](money then) {
        auto book = quiet();
        tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7"),
             invoice(on(2025, 1, 2), "I1", 100.00_USD, on(2025, 2, 2)), payment(on(2025, 1, 3), yuan(350)),
             payment(on(2025, 1, 4), then, "I1"));
        return exposure_of(book);
    };
    CHECK(paid(50.00_USD) == 0);
    CHECK(paid(60.00_USD) == -70'00);
    CHECK(paid(100.00_USD) == -350'00);
    CHECK(paid(40.00_USD) == 70'00);

    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7"),
         invoice(on(2025, 1, 2), "I1", 100.00_USD, on(2025, 2, 2)), payment(on(2025, 1, 3), yuan(700)),
         payment(on(2025, 1, 4), 100.00_USD, "I1"));
    CHECK(exposure_of(book) == -700'00);
}

TEST_CASE("an order that was placed is checked at the rate that it was taken at", "[engine][rates][check]") {
    auto book = quiet();
    auto limit = fact_at<limit_set>(on(2025, 1, 1));
    limit.amount = yuan(720);
    tell(book, enrolled(on(2025, 1, 1)), limit, rate(on(2025, 1, 1), "7"), order(on(2025, 1, 2), "O1", 100.00_USD));
    auto const verdict_at = [&](credit_step step, money amount) {
        return book.check("C1", {.amount = amount, .step = step, .order = "O1", .on = on(2025, 2, 1)}).value().verdict;
    };
    SECTION("it fell") {
        tell(book, rate(on(2025, 2, 1), "5"));
        CHECK(verdict_at(credit_step::change, 102.00_USD) == credit_verdict::approve);
        CHECK(verdict_at(credit_step::change, 130.00_USD) == credit_verdict::hold);  // 910 yuan
    }
    SECTION("it rose") {
        tell(book, rate(on(2025, 2, 1), "8"));
        CHECK(verdict_at(credit_step::delivery, 100.00_USD) == credit_verdict::approve);
        CHECK(verdict_at(credit_step::change, 100.00_USD) == credit_verdict::approve);
        CHECK(book.check("C1", {.amount = 100.00_USD, .order = "O2", .on = on(2025, 2, 1)}).value().verdict ==
              credit_verdict::hold);
    }
}

TEST_CASE("what is part of a document keeps no rate of its own, and what is nothing abroad is nothing here",
          "[engine][rates]") {
    auto book = quiet();
    auto paid = payment(on(2025, 1, 9), 100.00_USD, "I1");
    paid.ref = "P1";
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7"),
         invoice(on(2025, 1, 2), "I1", 100.00_USD, on(2025, 2, 2)), rate(on(2025, 1, 8), "9"), paid);
    CHECK(exposure_of(book) == 0);
    for (auto const& f : book.facts_of("C1").value()) {
        if (auto const* kept = std::get_if<payment_received>(&f)) CHECK_FALSE(kept->rate.has_value());
        if (auto const* kept = std::get_if<invoice_issued>(&f)) CHECK(kept->rate == decimal::parse("7").value());
    }
    tell(book, order(on(2025, 1, 9), "O1", 0.00_USD), about_order<goods_delivered>(on(2025, 1, 9), "O1", 0.00_USD));
    auto own = order(on(2025, 1, 10), "O2", yuan(10));
    own.rate = decimal::parse("3").value();
    CHECK(book.apply(own).error().field == "rate");
}

TEST_CASE("a rate of its own comes first, and without any the document is refused with nothing changed",
          "[engine][rates]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    auto far = order(on(2025, 1, 2), "O1", 100.00_USD);
    auto const refused = book.apply(far);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::currency_mismatch);
    CHECK(refused.error().field == "amount");
    CHECK(refused.error().remedy.find("rate_set") != std::string::npos);
    CHECK(book.state_of("C1").value().orders == 0);

    far.rate = decimal::parse("7.1").value();
    tell(book, rate(on(2025, 1, 1), "7.25"), far);
    CHECK(exposure_of(book) == 710'00);
    // a rate of an earlier day than any is none, and limits are in the customer's own currency
    CHECK(book.apply(order(on(2024, 12, 31), "O2", 1.00_USD)).has_error());
    auto limit = fact_at<limit_set>(on(2025, 1, 3));
    limit.amount = 100.00_USD;
    CHECK(book.apply(limit).error().code == errc::currency_mismatch);
}

TEST_CASE("what an order costs us is in its currency or in the customer's", "[engine][rates]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7.25"),
         rate(on(2025, 1, 1), "8", currency::literal("EUR")));
    auto with_cost = [](std::string number, money amount, money cost) {
        auto f = order(on(2025, 1, 2), std::move(number), amount);
        f.cost = cost;
        return f;
    };
    tell(book, with_cost("O1", 100.00_USD, 70.00_USD), with_cost("O2", 100.00_USD, yuan(500)),
         with_cost("O3", yuan(700), yuan(500)));
    for (auto const amount : {100.00_USD, yuan(700)}) {
        auto const refused = book.apply(with_cost("O4", amount, 60.00_EUR));
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::currency_mismatch);
        CHECK(refused.error().field == "cost");
        CHECK(refused.error().remedy == "give it in the currency of the order, or in the customer's, CNY");
    }
    CHECK(exposure_of(book) == 2'150'00);
}

TEST_CASE("what is told of rates later changes nothing that was taken", "[engine][rates]") {
    auto book = quiet();
    auto placed = order(on(2025, 1, 2), "O1", 100.00_USD);
    placed.ref = "SO-1";
    tell(book, enrolled(on(2025, 1, 1)), rate(on(2025, 1, 1), "7.25"), placed, rate(on(2025, 1, 2), "8"));
    CHECK(exposure_of(book) == 725'00);
    auto const again = book.apply(placed);
    REQUIRE(again.has_value());
    CHECK(again.value().fate == fate::duplicate);
    placed.amount = 100.01_USD;
    CHECK(book.apply(placed).error().code == errc::conflicting_reference);

    corrected mended;
    mended.ref = "FIX-1";
    mended.at = moment{on(2025, 1, 5)};
    mended.of = "SO-1";
    mended.changes = {{"amount", "90.00 USD"}};
    tell(book, mended);
    CHECK(exposure_of(book) == 652'50);  // by the rate that it was taken at
    mended.ref = "FIX-2";
    mended.changes = {{"amount", "90.00 EUR"}};
    CHECK(book.apply(mended).error().field == "rate");
    CHECK(exposure_of(book) == 652'50);
    mended.changes = {{"rate", "7"}};
    tell(book, mended);
    CHECK(exposure_of(book) == 630'00);
}

TEST_CASE("exposure equals a recount whatever currencies documents are in, on any number of threads",
          "[engine][rates][properties]") {
    auto const seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto const some_currency = [&] {
        constexpr currency all[] = {cny, usd, currency::literal("JPY"), currency::literal("EUR")};
        return all[below(4)];
    };
    auto const amount = [&] { return money{static_cast<std::int64_t>(1 + below(90'000)), some_currency()}; };
    std::vector<fact> told{named("E", enrolled(on(2025, 1, 1)))};
    int number = 0;
    auto const add = [&](auto f) { told.push_back(named("F" + std::to_string(++number), std::move(f))); };
    auto at = on(2025, 1, 1);
    for (auto const& c : {usd, currency::literal("JPY"), currency::literal("EUR")}) {
        add(rate(at, "0." + std::to_string(1 + below(99'999)), c));
    }
    for (int i = 0; i < 150; ++i) {
        at += std::chrono::days{static_cast<int>(below(2))};
        auto const some_order = "O" + std::to_string(1 + below(20));
        auto const some_invoice = "I" + std::to_string(1 + below(20));
        switch (below(8)) {
            case 0:
            case 1: add(order(at, some_order, amount())); break;
            case 2: add(about_order<goods_delivered>(at, some_order, amount())); break;
            case 3: add(about_order<order_cancelled>(at, some_order, amount())); break;
            case 4: add(rate(at, std::to_string(1 + below(9)) + ".37", some_currency() == usd ? usd : cny)); break;
            case 5:
                add(invoice(at, some_invoice, amount(), at + std::chrono::days{10},
                            below(2) == 0 ? std::nullopt : std::optional{some_order}));
                break;
            default: add(payment(at, amount(), below(2) == 0 ? std::nullopt : std::optional{some_invoice})); break;
        }
    }
    auto book = quiet();
    int taken = 0;
    for (auto const& f : told) {
        taken += book.apply(f).has_value() ? 1 : 0;
        if (!book.state_of("C1")) continue;
        auto const kept = exposure_of(book);
        auto const seen = total(by_category(book, at)).value();
        REQUIRE(seen == kept);
    }
    CHECK(taken > 60);
    engine threaded{{.reviews = review_mode::by_fact}};
    std::vector<received> rows;
    for (auto const& f : told) rows.push_back({0, f});
    (void)threaded.apply(rows, {.threads = 3});
    CHECK(rows_of(threaded) == rows_of(book));
}
