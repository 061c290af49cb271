// Rebate agreements kept by the engine: what counts, from when, and that the books balance (POW-13).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
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

namespace {

/// A customer's trade, some of it impossible.
std::vector<fact> trade(std::mt19937_64& random, int count) {
    auto const below = [&](std::uint64_t n) { return random() % n; };
    std::vector<fact> all;
    auto at = on(2025, 1, 1);
    int orders = 0;
    int invoices = 0;
    auto const some_order = [&] { return "O" + std::to_string(1 + below(static_cast<std::uint64_t>(orders))); };
    auto const amount = [&] { return money{static_cast<std::int64_t>(1 + below(200'000)), cny}; };
    auto const less = [&] { return money{static_cast<std::int64_t>(1 + below(30'000)), cny}; };
    for (int i = 0; i < count; ++i) {
        at += std::chrono::days{static_cast<int>(below(9))};
        if (orders == 0 || below(3) == 0) {
            auto f = order(at, "O" + std::to_string(++orders), amount());
            if (below(2) == 0) {
                f.lines = {line_of("P", static_cast<std::int64_t>(1 + below(9)), money{3'33, cny}),
                           line_of("Q", static_cast<std::int64_t>(1 + below(9)), money{7'77, cny})};
            }
            all.emplace_back(f);
            continue;
        }
        auto const part = below(2) == 0 ? std::optional{amount()} : std::nullopt;
        switch (below(7)) {
            case 0: all.emplace_back(about_order<order_cancelled>(at, some_order(), part)); break;
            case 1: all.emplace_back(about_order<order_reopened>(at, some_order(), part)); break;
            case 2: all.emplace_back(about_order<goods_delivered>(at, some_order(), part)); break;
            case 3:
                all.emplace_back(invoice(at, "I" + std::to_string(++invoices), amount(), at + std::chrono::days{30},
                                         below(3) == 0 ? std::nullopt : std::optional{some_order()}));
                break;
            case 4: all.emplace_back(payment(at, amount())); break;
            case 5:
                all.emplace_back(returned(at, less(), below(3) == 0 ? std::nullopt : std::optional{some_order()}));
                break;
            default:
                if (invoices == 0) break;
                all.emplace_back(
                    credit_note(at, "I" + std::to_string(1 + below(static_cast<std::uint64_t>(invoices))), less()));
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i) set_ref(all[i], "T" + std::to_string(i));
    return all;
}
std::vector<rebate_agreed> agreements(std::mt19937_64& random) {
    std::vector<rebate_agreed> all;
    for (int i = 0; i < 8; ++i) {
        auto const day_of_year = std::chrono::days{static_cast<int>(random() % 200)};
        auto a = agreed(on(2025, 1, 1) + day_of_year, "R" + std::to_string(i), static_cast<rebate_basis>(random() % 4),
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
