// Rebate agreements kept by the engine: what counts, from when, and that the books balance (POW-13).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

error refused(engine& book, fact const& f) {
    auto const outcome = book.apply(f);
    REQUIRE_FALSE(outcome.has_value());
    CHECK_FALSE(outcome.error().remedy.empty());
    return outcome.error();
}

rebate_band band(std::int64_t from_yuan, std::string_view percent) {
    return {.from = {.value = yuan(from_yuan)}, .rate = {.percent = decimal::parse(percent).value()}};
}
rebate_agreed agreed(day from, std::string name, rebate_basis basis, std::vector<rebate_band> bands = {band(0, "10")}) {
    auto f = fact_at<rebate_agreed>(from);
    f.agreement = std::move(name);
    f.basis = basis;
    f.method = rebate_method::incremental;
    f.bands = std::move(bands);
    f.until = on(2025, 12, 31);
    return f;
}
rebate_settled settled(day at, std::string name, settlement_kind kind) {
    auto f = fact_at<rebate_settled>(at);
    f.agreement = std::move(name);
    f.kind = kind;
    return f;
}
goods_returned returned(day at, money amount, std::optional<std::string> of_order = {}) {
    auto f = fact_at<goods_returned>(at);
    f.amount = amount;
    f.order = std::move(of_order);
    return f;
}
credit_note_issued credit_note(day at, std::string of_invoice, money amount) {
    auto f = fact_at<credit_note_issued>(at);
    f.invoice = std::move(of_invoice);
    f.amount = amount;
    return f;
}
order_line line_of(std::string product, std::int64_t units, money price) {
    return {std::move(product), unit_quantity{decimal{units, 0}}, price};
}

engine quiet() { return engine{{.reviews = review_mode::by_fact}}; }

row_rebate rebate(engine const& book, std::string_view agreement = "R1") {
    auto const row = book.find("C1").value();
    for (auto const& r : row.rebates) {
        auto const& b = r.balance;
        CHECK_FALSE(r.is_out_of_range);
        CHECK(b.accrued == b.paid + b.open + b.reversed + b.forfeited + b.clawed_back);
        CHECK(std::min({b.accrued, b.paid, b.open, b.reversed, b.forfeited, b.clawed_back}) >= 0);
    }
    for (auto const& r : row.rebates) {
        if (r.agreement == agreement) return r;
    }
    FAIL("no rebate " << agreement);
    return {};
}
std::int64_t volume(engine const& book, std::string_view agreement = "R1") {
    return rebate(book, agreement).volume.value;
}

}  // namespace

TEST_CASE("each basis counts its own facts", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    for (auto const& [name, basis] : {std::pair{"ordered", rebate_basis::ordered},
                                      {"delivered", rebate_basis::delivered},
                                      {"invoiced", rebate_basis::invoiced},
                                      {"paid", rebate_basis::paid}}) {
        tell(book, agreed(on(2025, 1, 1), name, basis));
    }
    tell(book, order(on(2025, 2, 1), "O1", yuan(1'000)), about_order<goods_delivered>(on(2025, 2, 2), "O1", yuan(800)),
         invoice(on(2025, 2, 3), "I1", yuan(700), on(2025, 3, 3), "O1"), payment(on(2025, 3, 1), yuan(600), "I1"));
    CHECK(volume(book, "ordered") == 1'000'00);
    CHECK(volume(book, "delivered") == 800'00);
    CHECK(volume(book, "invoiced") == 700'00);
    CHECK(volume(book, "paid") == 600'00);
}

TEST_CASE("a return and its credit note take off once", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::invoiced),
         agreed(on(2025, 1, 1), "R2", rebate_basis::ordered), order(on(2025, 2, 1), "O1", yuan(1'000)),
         invoice(on(2025, 2, 3), "I1", yuan(1'000), on(2025, 3, 3), "O1"), returned(on(2025, 3, 1), yuan(200), "O1"));
    CHECK(volume(book) == 800'00);
    CHECK(volume(book, "R2") == 800'00);
    tell(book, credit_note(on(2025, 3, 5), "I1", yuan(200)));
    CHECK(volume(book) == 800'00);
    CHECK(volume(book, "R2") == 800'00);
    tell(book, credit_note(on(2025, 3, 6), "I1", yuan(50)));  // more credited than came back
    CHECK(volume(book) == 750'00);
}

TEST_CASE("what is paid and credited afterwards takes its rebate back, what was never paid does not",
          "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::paid),
         order(on(2025, 2, 1), "O1", yuan(1'000)), invoice(on(2025, 2, 3), "I1", yuan(1'000), on(2025, 3, 3), "O1"),
         credit_note(on(2025, 3, 1), "I1", yuan(200)), payment(on(2025, 3, 2), yuan(800), "I1"));
    CHECK(volume(book) == 800'00);
    tell(book, credit_note(on(2025, 3, 5), "I1", yuan(100)));
    CHECK(volume(book) == 700'00);
}

TEST_CASE("a cancelled order does not count, reopened it counts again", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         order(on(2025, 2, 1), "O1", yuan(1'000)), about_order<order_cancelled>(on(2025, 2, 2), "O1", yuan(400)));
    CHECK(volume(book) == 600'00);
    tell(book, about_order<order_reopened>(on(2025, 2, 3), "O1", yuan(100)));
    CHECK(volume(book) == 700'00);
}

TEST_CASE("what comes back after the agreement's end takes its rebate with it, where it had counted",
          "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 12, 30), "O0", yuan(500)),
         agreed(on(2025, 1, 1), "R1", rebate_basis::ordered), order(on(2025, 12, 31), "O1", yuan(1'000)),
         order(on(2026, 1, 1), "O2", yuan(700)));
    CHECK(volume(book) == 1'000'00);
    tell(book, settled(on(2026, 1, 10), "R1", settlement_kind::final_));
    CHECK(rebate(book).balance.paid == 100'00);
    CHECK(rebate(book).is_final);
    tell(book, returned(on(2026, 1, 20), yuan(300), "O1"));
    CHECK(volume(book) == 700'00);
    CHECK(rebate(book).balance.clawed_back == 30'00);
    CHECK(rebate(book).balance.paid == 70'00);
    tell(book, returned(on(2026, 1, 21), yuan(100), "O2"), returned(on(2026, 1, 22), yuan(100), "O0"),
         returned(on(2026, 1, 23), yuan(100)));
    CHECK(volume(book) == 700'00);  // none of these had counted
}

TEST_CASE("an agreement on one product takes of an order what its lines say, and of a part the like part",
          "[engine][rebate]") {
    auto book = quiet();
    auto of_product = agreed(on(2025, 1, 1), "R1", rebate_basis::ordered);
    of_product.product = "P";
    auto delivered = agreed(on(2025, 1, 1), "R2", rebate_basis::delivered);
    delivered.product = "P";
    auto by_units = agreed(on(2025, 1, 1), "R3", rebate_basis::ordered);
    by_units.bands = {{.from = {.by_quantity = true}, .rate = {.per_unit = true, .amount = yuan(2)}}};
    by_units.by = rebate_measure::quantity;
    auto placed = order(on(2025, 2, 1), "O1", yuan(900));  // 10 % off the lines' 1 000
    placed.lines = {line_of("P", 30, yuan(20)), line_of("Q", 10, yuan(40))};
    tell(book, enrolled(on(2025, 1, 1)), of_product, delivered, by_units, placed);
    CHECK(volume(book) == 540'00);
    CHECK(rebate(book, "R3").volume.quantity == 40'000'000);
    CHECK(rebate(book, "R3").balance.accrued == 80'00);
    tell(book, about_order<goods_delivered>(on(2025, 2, 2), "O1", yuan(300)));
    CHECK(volume(book, "R2") == 180'00);
    tell(book, about_order<goods_delivered>(on(2025, 2, 3), "O1"));
    CHECK(volume(book, "R2") == 540'00);  // three parts are the whole, to the cent
    tell(book, order(on(2025, 2, 4), "O2", yuan(100)));
    CHECK(volume(book) == 540'00);  // without lines nothing is known of its products
}

TEST_CASE("lines that cannot be measured never stop an order nor an agreement", "[engine][rebate]") {
    auto book = quiet();
    auto placed = order(on(2025, 2, 1), "O1", yuan(100));
    placed.lines = {{"P", unit_quantity{decimal::parse("1.1234567").value()}, yuan(1)}, line_of("Q", 1, 5.00_EUR)};
    auto of_product = agreed(on(2025, 1, 1), "R2", rebate_basis::ordered);
    of_product.product = "P";
    tell(book, enrolled(on(2025, 1, 1)), placed, agreed(on(2025, 1, 1), "R1", rebate_basis::ordered), of_product);
    placed.order = "O2";
    tell(book, placed);
    CHECK(volume(book) == 200'00);
    CHECK(volume(book, "R2") == 0);
}

TEST_CASE("an agreement counts from its first day, however late it is told of", "[engine][rebate]") {
    auto book = quiet();
    auto late = agreed(on(2025, 3, 1), "R1", rebate_basis::delivered);
    late.from = on(2025, 1, 15);
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "O1", yuan(1'000)),
         about_order<goods_delivered>(on(2025, 1, 10), "O1", yuan(100)),
         about_order<goods_delivered>(on(2025, 1, 20), "O1", yuan(300)), late);
    CHECK(volume(book) == 300'00);
    tell(book, about_order<goods_delivered>(on(2025, 3, 5), "O1"));  // all that is left
    CHECK(volume(book) == 900'00);

    auto const before = book.explain("C1", on(2025, 2, 1)).value();
    CHECK(before.row.rebates.empty());  // nobody had agreed on it yet
    CHECK(book.explain("C1", on(2025, 3, 2)).value().row.rebates.at(0).volume.value == 300'00);
}

TEST_CASE("an agreement is told of twice, has other terms, or is not there: each is said", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         order(on(2025, 2, 1), "O1", yuan(1'000)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered));
    CHECK(volume(book) == 1'000'00);
    CHECK(book.find("C1").value().rebates.size() == 1);
    auto const other = refused(book, agreed(on(2025, 1, 1), "R1", rebate_basis::paid));
    CHECK(other.code == errc::impossible_now);
    CHECK(other.field == "agreement");
    CHECK(refused(book, settled(on(2025, 2, 2), "R9", settlement_kind::partial)).code == errc::unknown_reference);
    auto of_product = agreed(on(2025, 1, 1), "R2", rebate_basis::paid);
    of_product.product = "P";
    CHECK(refused(book, of_product).code == errc::not_supported);
    tell(book, settled(on(2026, 1, 1), "R1", settlement_kind::final_));
    CHECK(refused(book, settled(on(2026, 1, 1), "R1", settlement_kind::final_)).code == errc::impossible_now);
    CHECK(book.find("C1").value().rebates.size() == 1);
}

TEST_CASE("a settlement is a decision that says what is to be paid", "[engine][rebate]") {
    engine book{{.reviews = review_mode::by_fact, .record_decisions = true}};
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         order(on(2025, 2, 1), "O1", yuan(1'000)));
    auto const first = book.apply(settled(on(2025, 2, 2), "R1", settlement_kind::partial)).value();
    REQUIRE(first.decisions.size() == 1);
    CHECK(first.decisions[0].why.at(0).saw == 100'00);
    CHECK(sentence(first.decisions[0].why.at(0), cny, language::en) ==
          "a partial settlement of agreement R1 pays 100.00 CNY");
    auto const again = book.apply(settled(on(2025, 2, 3), "R1", settlement_kind::partial)).value();
    CHECK(again.decisions.at(0).why.at(0).saw == 0);  // nothing new
    tell(book, returned(on(2025, 2, 4), yuan(400), "O1"));
    auto const back = book.apply(settled(on(2025, 2, 5), "R1", settlement_kind::final_)).value();
    CHECK(back.decisions.at(0).why.at(0).saw == -40'00);
}

TEST_CASE("a correction of an order, and of an agreement's end, is a new count", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), named("A", agreed(on(2025, 1, 1), "R1", rebate_basis::ordered)),
         named("O", order(on(2025, 2, 1), "O1", yuan(1'000))), order(on(2025, 3, 1), "O2", yuan(500)),
         correction(on(2025, 3, 2), "O", "amount", "900.00 CNY"));
    CHECK(volume(book) == 1'400'00);
    tell(book, correction(on(2025, 3, 3), "A", "until", "2025-02-15"));
    CHECK(volume(book) == 900'00);
}

TEST_CASE("what is cancelled or comes back of an order placed after the final settlement takes nothing off",
          "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         order(on(2025, 2, 1), "O1", yuan(1'000)), settled(on(2025, 3, 1), "R1", settlement_kind::final_),
         order(on(2025, 4, 1), "O2", yuan(500)));
    CHECK(volume(book) == 1'000'00);
    tell(book, about_order<order_cancelled>(on(2025, 4, 2), "O2", yuan(100)),
         invoice(on(2025, 4, 3), "I2", yuan(400), on(2025, 5, 3), "O2"), returned(on(2025, 4, 4), yuan(200), "O2"),
         credit_note(on(2025, 4, 5), "I2", yuan(300)));
    CHECK(volume(book) == 1'000'00);
    CHECK(rebate(book).balance.paid == 100'00);
    tell(book, returned(on(2025, 4, 6), yuan(200), "O1"));
    CHECK(rebate(book).balance.paid == 80'00);
}

TEST_CASE("an order reopened after the final settlement has back what its cancellation took off since, and no more",
          "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         order(on(2025, 2, 1), "O1", yuan(1'000)), about_order<order_cancelled>(on(2025, 2, 2), "O1", yuan(300)),
         settled(on(2025, 3, 1), "R1", settlement_kind::final_));
    CHECK(rebate(book).balance.paid == 70'00);
    tell(book, about_order<order_cancelled>(on(2025, 3, 2), "O1", yuan(200)));
    CHECK(rebate(book).balance.paid == 50'00);
    CHECK(rebate(book).balance.clawed_back == 20'00);
    tell(book, about_order<order_reopened>(on(2025, 3, 3), "O1", yuan(200)));
    CHECK(rebate(book).balance.paid == 70'00);
    CHECK(rebate(book).balance.clawed_back == 0);
    tell(book, about_order<order_reopened>(on(2025, 3, 4), "O1", yuan(300)));  // was off when it was settled
    CHECK(volume(book) == 700'00);
    CHECK(rebate(book).balance.open == 0);
    tell(book, returned(on(2025, 3, 5), yuan(300), "O1"));  // what was reopened last, and never counted
    CHECK(rebate(book).balance.paid == 70'00);
}

TEST_CASE("a return of one order and a credit note of another are two losses", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         agreed(on(2025, 1, 1), "R2", rebate_basis::invoiced));
    for (auto const* name : {"1", "2"}) {
        tell(book, order(on(2025, 2, 1), std::string{"O"} + name, yuan(1'000)),
             invoice(on(2025, 2, 3), std::string{"I"} + name, yuan(1'000), on(2025, 3, 3), std::string{"O"} + name));
    }
    tell(book, returned(on(2025, 3, 1), yuan(200), "O1"), credit_note(on(2025, 3, 5), "I2", yuan(150)));
    CHECK(volume(book, "R1") == 1'650'00);
    CHECK(volume(book, "R2") == 1'650'00);
    tell(book, credit_note(on(2025, 3, 6), "I1", yuan(200)));  // for what came back of O1
    CHECK(volume(book, "R1") == 1'650'00);
    CHECK(volume(book, "R2") == 1'650'00);
}

TEST_CASE("goods delivered in the time of two agreements come off the later delivery first", "[engine][rebate]") {
    auto book = quiet();
    auto second = agreed(on(2026, 1, 1), "R2", rebate_basis::delivered);
    second.until = on(2026, 12, 31);
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::delivered), second,
         order(on(2025, 12, 1), "O1", yuan(1'000)), about_order<goods_delivered>(on(2025, 12, 20), "O1", yuan(800)),
         about_order<goods_delivered>(on(2026, 1, 10), "O1", yuan(200)), returned(on(2026, 2, 1), yuan(500), "O1"));
    CHECK(volume(book, "R1") == 500'00);
    CHECK(volume(book, "R2") == 0);
}

TEST_CASE("a credit note follows the payments of its invoice", "[engine][rebate]") {
    auto book = quiet();
    auto second = agreed(on(2026, 1, 1), "R2", rebate_basis::paid);
    second.until = on(2026, 12, 31);
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::paid), second,
         order(on(2025, 11, 1), "O1", yuan(1'000)), invoice(on(2025, 11, 3), "I1", yuan(1'000), on(2025, 12, 3), "O1"),
         payment(on(2025, 12, 1), yuan(600), "I1"), payment(on(2026, 1, 5), yuan(400)));
    CHECK(volume(book, "R1") == 600'00);
    CHECK(volume(book, "R2") == 400'00);
    SECTION("the latest first") {
        tell(book, credit_note(on(2026, 2, 1), "I1", yuan(500)));
        CHECK(volume(book, "R2") == 0);
        CHECK(volume(book, "R1") == 500'00);
    }
    SECTION("what was not paid is not taken off, whoever paid meanwhile") {
        tell(book, invoice(on(2026, 1, 8), "I2", yuan(300), on(2026, 2, 8)), payment(on(2026, 1, 9), yuan(100), "I2"),
             credit_note(on(2026, 2, 1), "I2", yuan(200)));
        CHECK(volume(book, "R2") == 500'00);
        tell(book, credit_note(on(2026, 2, 2), "I2", yuan(150)));  // 50 of it was never asked for
        CHECK(volume(book, "R2") == 400'00);
    }
    SECTION("what it leaves counts when it settles another invoice") {
        tell(book, credit_note(on(2026, 2, 1), "I1", yuan(300)));
        CHECK(volume(book, "R2") == 100'00);
        tell(book, invoice(on(2026, 2, 8), "I2", yuan(500), on(2026, 3, 8)));
        CHECK(volume(book, "R2") == 400'00);
        tell(book, payment(on(2026, 2, 9), yuan(200), "I2"));
        CHECK(volume(book, "R2") == 600'00);
        tell(book, credit_note(on(2026, 2, 10), "I2", yuan(500)));
        CHECK(volume(book, "R2") == 100'00);
        CHECK(volume(book, "R1") == 600'00);
    }
    SECTION("a payment ahead counts when it came, and is followed from its invoice") {
        tell(book, payment(on(2026, 3, 1), yuan(250)), invoice(on(2027, 1, 8), "I3", yuan(250), on(2027, 2, 8)));
        CHECK(volume(book, "R2") == 650'00);
        tell(book, credit_note(on(2027, 2, 1), "I3", yuan(100)));
        CHECK(volume(book, "R2") == 550'00);
    }
}

TEST_CASE("an agreement that was told of twice is one, and a correction of either telling corrects it",
          "[engine][rebate]") {
    auto const ref = GENERATE("A1", "A2");
    CAPTURE(ref);
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), named("A1", agreed(on(2025, 1, 1), "R1", rebate_basis::ordered)),
         order(on(2025, 2, 1), "O1", yuan(1'000)), named("A2", agreed(on(2025, 1, 1), "R1", rebate_basis::ordered)),
         order(on(2025, 3, 1), "O2", yuan(500)));
    SECTION("in its terms") {
        tell(book, correction(on(2025, 3, 3), ref, "until", "2025-02-15"));
        CHECK(volume(book) == 1'000'00);
        CHECK(book.find("C1").value().rebates.size() == 1);
        tell(book, correction(on(2025, 3, 4), ref, "until", "2025-12-31"));  // and back
        CHECK(volume(book) == 1'500'00);
    }
    SECTION("in the day that it begins") {
        tell(book, correction(on(2025, 3, 3), ref, "at", "2025-02-15"));
        CHECK(volume(book) == 500'00);
    }
    SECTION("under another name one of them is another agreement") {
        tell(book, correction(on(2025, 3, 3), ref, "agreement", "R2"));
        CHECK(volume(book, "R1") == 1'500'00);
        CHECK(volume(book, "R2") == 1'500'00);
    }
}

TEST_CASE("a rebate beyond 64 bits never stops an order: the agreement says so, and its correction mends it",
          "[engine][rebate]") {
    auto book = quiet();
    auto large = agreed(on(2025, 1, 1), "R1", rebate_basis::ordered);
    large.by = rebate_measure::quantity;
    large.bands = {{.from = {.by_quantity = true}, .rate = {.per_unit = true, .amount = money{INT64_MAX / 2, cny}}}};
    auto placed = order(on(2025, 2, 1), "O1", yuan(1'000));
    placed.lines = {line_of("P", 5, yuan(200))};
    tell(book, enrolled(on(2025, 1, 1)), named("A1", large), agreed(on(2025, 1, 1), "R2", rebate_basis::ordered),
         placed, settled(on(2025, 3, 1), "R2", settlement_kind::partial));
    CHECK(book.find("C1").value().state.purchases == 1'000'00);
    auto const row = book.find("C1").value().rebates.at(0);
    CHECK(row.is_out_of_range);
    CHECK(row.balance == rebate_balance{});
    std::string json;
    append_json(json, book.find("C1").value());
    CHECK(json.find(R"("agreement":"R1","basis":"ordered","method":"incremental","volume":null,"accrued":null)") !=
          std::string::npos);
    auto const unsettled = refused(book, settled(on(2025, 3, 2), "R1", settlement_kind::partial));
    CHECK(unsettled.code == errc::amount_overflow);
    CHECK(unsettled.saw == "R1");
    CHECK(book.find("C1").value().rebates.at(1).balance.paid == 100'00);
    tell(book, correction(on(2025, 3, 3), "A1", "cap", "50.00 CNY"));
    CHECK(rebate(book).balance.accrued == 50'00);
}

TEST_CASE("a volume beyond 64 bits marks the agreement for good, and the order is taken", "[engine][rebate]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), agreed(on(2025, 1, 1), "R1", rebate_basis::ordered),
         named("X", order(on(2025, 2, 1), "O1", money{INT64_MAX, cny})),
         about_order<order_cancelled>(on(2025, 2, 2), "O1"), order(on(2025, 2, 3), "O2", yuan(1)));
    CHECK(book.find("C1").value().rebates.at(0).is_out_of_range);
    CHECK(book.find("C1").value().state.purchases == 1'00);
    tell(book, correction(on(2025, 2, 4), "X", "amount", "100.00 CNY"));
    CHECK(volume(book) == 1'00);
}

namespace {

/// A customer's trade, some of it impossible. One pick a statement: compilers evaluate arguments in different orders.
class trader {
public:
    trader(std::mt19937_64& random, bool names_all) : random_{random}, names_all_{names_all} {}

    std::vector<fact> trade(int count) {
        for (int i = 0; i < count; ++i) {
            at_ += std::chrono::days{static_cast<int>(below(9))};
            if (orders_ == 0 || below(3) == 0) {
                place();
            } else {
                go_on();
            }
        }
        for (std::size_t i = 0; i < all_.size(); ++i) set_ref(all_[i], "T" + std::to_string(i));
        return std::move(all_);
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::int64_t from_one(std::uint64_t most) { return static_cast<std::int64_t>(1 + below(most)); }
    money amount(std::uint64_t most) { return money{from_one(most), cny}; }
    std::string some(char kind, int of) { return kind + std::to_string(from_one(static_cast<std::uint64_t>(of))); }
    std::optional<std::string> perhaps(char kind, int of) {
        if (of == 0 || (!names_all_ && below(3) == 0)) return {};
        return some(kind, of);
    }

    void place() {
        auto f = order(at_, "O" + std::to_string(++orders_), amount(200'000));
        if (below(2) == 0) {
            auto const p = from_one(9);
            auto const q = from_one(9);
            f.lines = {line_of("P", p, money{3'33, cny}), line_of("Q", q, money{7'77, cny})};
        }
        all_.emplace_back(f);
    }
    void go_on() {
        auto part = std::optional<money>{};
        if (below(2) == 0) part = amount(200'000);
        switch (below(8)) {
            case 0: all_.emplace_back(about_order<order_cancelled>(at_, some('O', orders_), part)); break;
            case 1: all_.emplace_back(about_order<order_reopened>(at_, some('O', orders_), part)); break;
            case 2:
            case 3: all_.emplace_back(about_order<goods_delivered>(at_, some('O', orders_), part)); break;
            case 4: {
                auto const owed = amount(200'000);
                auto const of = perhaps('O', orders_);
                all_.emplace_back(
                    invoice(at_, "I" + std::to_string(++invoices_), owed, at_ + std::chrono::days{30}, of));
                break;
            }
            case 5: {
                auto const received = amount(200'000);
                auto const of = below(2) == 0 && invoices_ > 0 ? std::optional{some('I', invoices_)} : std::nullopt;
                all_.emplace_back(payment(at_, received, of));
                break;
            }
            case 6: {
                auto const back = amount(60'000);
                auto const of = perhaps('O', orders_);
                all_.emplace_back(returned(at_, back, of));
                break;
            }
            default:
                if (invoices_ == 0) break;
                auto const back = amount(60'000);
                all_.emplace_back(credit_note(at_, some('I', invoices_), back));
        }
    }

    std::mt19937_64& random_;
    bool names_all_;
    std::vector<fact> all_{};
    day at_ = on(2025, 1, 1);
    int orders_ = 0;
    int invoices_ = 0;
};
std::vector<fact> trade(std::mt19937_64& random, int count, bool names_all = false) {
    return trader{random, names_all}.trade(count);
}
std::vector<rebate_agreed> agreements(std::mt19937_64& random) {
    std::vector<rebate_agreed> all;
    for (int i = 0; i < 8; ++i) {
        auto const day_of_year = std::chrono::days{static_cast<int>(random() % 200)};
        auto const basis = static_cast<rebate_basis>(random() % 4);
        auto a = agreed(on(2025, 1, 1) + day_of_year, "R" + std::to_string(i), basis,
                        {band(0, "1.5"), band(500, "2.25"), band(2'000, "7")});
        a.method = static_cast<rebate_method>(random() % 4);
        if (a.basis != rebate_basis::paid && random() % 2 == 0) a.product = "P";
        a.until = a.at.on() + std::chrono::days{static_cast<int>(random() % 200)};
        a.ref = "A" + std::to_string(i);
        all.push_back(std::move(a));
    }
    return all;
}
std::string rebates_of(engine const& book) {
    auto row = book.find("C1").value();
    row.evidence.clear();  // its age follows the day that is shown
    std::sort(row.rebates.begin(), row.rebates.end(),
              [](auto const& x, auto const& y) { return x.agreement < y.agreement; });
    std::string out;
    append_json(out, row);
    return out;
}

}  // namespace

TEST_CASE(
    "agreements give the same whenever and in whatever order they are told of, and so does a count from the facts",
    "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const facts = trade(random, 120);
    auto agreed_on = agreements(random);

    auto first = quiet();
    tell(first, enrolled(on(2025, 1, 1)));
    for (auto const& a : agreed_on) tell(first, a);
    for (auto const& f : facts) (void)first.apply(f);

    std::shuffle(agreed_on.begin(), agreed_on.end(), random);
    auto mixed = quiet();
    tell(mixed, enrolled(on(2025, 1, 1)));
    std::size_t told = 0;
    for (auto const& f : facts) {
        while (told < agreed_on.size() && random() % 8 == 0) tell(mixed, agreed_on[told++]);
        (void)mixed.apply(f);
    }
    while (told < agreed_on.size()) tell(mixed, agreed_on[told++]);

    CHECK(rebates_of(mixed) == rebates_of(first));
    (void)rebate(first, "R0");  // its books balance
    CHECK(first.recount_exposure("C1").value() == first.state_of("C1").value().exposure);

    // a correction that changes nothing folds all facts again
    auto const before = rebates_of(mixed);
    tell(mixed, correction(on(2026, 12, 1), "T0", "order", "O1"));
    CHECK(rebates_of(mixed) == before);
}

TEST_CASE("two agreements that share out a time have together what one for all of it has",
          "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const facts = trade(random, 150, true);
    auto const cut = on(2025, 2, 1) + std::chrono::days{static_cast<int>(random() % 365)};
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    for (int i = 0; i < 7; ++i) {  // four bases, and three of them by product
        auto whole = agreed(on(2025, 1, 1), "W" + std::to_string(i), static_cast<rebate_basis>(i % 4));
        whole.until.reset();
        if (i >= 4) whole.product = "P";
        auto first = whole;
        first.agreement = "A" + std::to_string(i);
        first.until = cut;
        auto second = whole;
        second.agreement = "B" + std::to_string(i);
        second.from = cut + std::chrono::days{1};
        tell(book, whole, first, second);
    }
    for (auto const& f : facts) (void)book.apply(f);
    for (int i = 0; i < 7; ++i) {
        CAPTURE(i);
        auto const of = [&](char which) { return rebate(book, which + std::to_string(i)).volume; };
        CHECK(of('A').value + of('B').value == of('W').value);
        CHECK(of('A').quantity + of('B').quantity == of('W').quantity);
    }
}

TEST_CASE("what an agreement has is what is left of each order, added up", "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const facts = trade(random, 150, true);
    struct left {
        std::int64_t ordered = 0;
        std::int64_t returned = 0;
        std::int64_t credited = 0;
    };
    std::map<std::string, left> orders;
    std::map<std::string, std::string> order_of;
    auto book = quiet();
    auto all = agreed(on(2025, 1, 1), "R1", rebate_basis::ordered);
    all.until.reset();
    tell(book, enrolled(on(2025, 1, 1)), all);
    for (auto const& f : facts) {
        auto const exposed = book.state_of("C1").value().purchases;
        if (!book.apply(f)) continue;
        auto const moved = book.state_of("C1").value().purchases - exposed;
        if (auto const* placed = std::get_if<order_placed>(&f)) orders[placed->order].ordered += moved;
        if (auto const* less = std::get_if<order_cancelled>(&f)) orders[less->order].ordered += moved;
        if (auto const* more = std::get_if<order_reopened>(&f)) orders[more->order].ordered += moved;
        if (auto const* back = std::get_if<goods_returned>(&f)) orders[*back->order].returned -= moved;
        if (auto const* issued = std::get_if<invoice_issued>(&f)) order_of[issued->invoice] = *issued->order;
        if (auto const* note = std::get_if<credit_note_issued>(&f)) {
            orders[order_of.at(note->invoice)].credited += note->amount.minor_units();
        }
    }
    std::int64_t expected = 0;
    for (auto const& [name, o] : orders) {
        expected += std::max<std::int64_t>(o.ordered - std::max(o.returned, o.credited), 0);
    }
    CHECK(volume(book) == expected);
}

TEST_CASE("after a final settlement nothing of later orders moves an account, and nothing opens it again",
          "[engine][rebate][properties]") {
    auto const seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const facts = trade(random, 150, true);
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    for (int i = 0; i < 4; ++i) {
        auto a = agreed(on(2025, 1, 1), "R" + std::to_string(i), static_cast<rebate_basis>(i),
                        {band(0, "2"), band(900, "5")});
        a.method = static_cast<rebate_method>(random() % 4);
        a.until.reset();
        tell(book, a);
    }
    auto const cut = 30 + static_cast<std::size_t>(random() % 60);
    for (std::size_t i = 0; i < cut; ++i) (void)book.apply(facts[i]);
    auto const at = head_of(facts[cut]).at.on();
    for (int i = 0; i < 4; ++i) tell(book, settled(at, "R" + std::to_string(i), settlement_kind::final_));
    auto const accounts = [&] {
        std::vector<row_rebate> all;
        for (int i = 0; i < 4; ++i) all.push_back(rebate(book, "R" + std::to_string(i)));
        return all;
    };
    auto const settled_with = accounts();
    std::vector<std::string> later;
    std::map<std::string, std::string> order_of;
    for (auto i = cut; i < facts.size(); ++i) {
        auto const before = accounts();
        if (!book.apply(facts[i])) continue;
        if (auto const* placed = std::get_if<order_placed>(&facts[i])) later.push_back(placed->order);
        if (auto const* issued = std::get_if<invoice_issued>(&facts[i])) order_of[issued->invoice] = *issued->order;
        auto const about = std::visit(
            [&](auto const& f) -> std::string {
                if constexpr (requires {
                                  { f.order } -> std::convertible_to<std::string>;
                              })
                    return f.order;
                if constexpr (requires {
                                  { *f.order } -> std::convertible_to<std::string>;
                              })
                    return f.order.value_or("");
                if constexpr (std::is_same_v<std::remove_cvref_t<decltype(f)>, credit_note_issued>) {
                    return order_of[f.invoice];
                }
                return {};
            },
            facts[i]);
        auto const is_of_a_later_one = std::find(later.begin(), later.end(), about) != later.end();
        auto const after = accounts();
        for (std::size_t a = 0; a < after.size(); ++a) {
            CAPTURE(i, a);
            CHECK(after[a].balance.open == 0);
            CHECK(after[a].volume.value <= settled_with[a].volume.value);
            if (is_of_a_later_one && a != 3) CHECK(after[a].balance == before[a].balance);
        }
    }
    auto const live = rebates_of(book);
    tell(book, correction(on(2027, 12, 1), "T0", "order", "O1"));
    CHECK(rebates_of(book) == live);
}
