// Checks that reserve, durably: two who ask at once never both have the last of a limit (CRE-4).
#include <patron/store/stored_book.hpp>

#include <patron/store/memory.hpp>

#include "engine/stories.hpp"
#include "store/lending.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace patron;
using namespace patron::tests;
using store::book_options;
using store::reservation_wish;
using store::stored_book;

namespace {

stored_book open(any_event_store place, book_options options = {}) {
    auto opened = stored_book::open(std::move(place), std::move(options));
    INFO((opened ? "" : opened.error().message()));
    REQUIRE(opened.has_value());
    return std::move(opened.value());
}
credit_query about(money amount, std::string_view order = {}) { return {.amount = amount, .order = order}; }

}  // namespace

TEST_CASE("an approval reserves, and what it reserved is there for whoever opens the store", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(1'000));
    auto const first = book.check("C1", about(yuan(600)), reservation_wish{}).value();
    CHECK(first.answer.verdict == credit_verdict::approve);
    CHECK(first.reservation == "C1-R1");
    auto other = open(place);
    auto const second = other.check("C1", about(yuan(600)), reservation_wish{}).value();
    CHECK(second.answer.verdict == credit_verdict::hold);
    CHECK_FALSE(second.reservation.has_value());
    CHECK(other.check("C1", about(yuan(400)), reservation_wish{}).value().reservation == "C1-R2");
    // the first book takes in what the second has reserved before it answers
    CHECK(book.check("C1", about(0.01_CNY), reservation_wish{}).value().answer.verdict == credit_verdict::hold);
    CHECK(book.find("C1").value().state.exposure == 1'000'00);
}

TEST_CASE("a wish by name reserves once, however often it is asked", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(1'000));
    reservation_wish const wish{.name = "web-17", .until = on(2025, 1, 31)};
    for (int i = 0; i < 3; ++i) {
        auto const found = book.check("C1", about(yuan(700), "O1"), wish).value();
        CHECK(found.answer.verdict == credit_verdict::approve);
        CHECK(found.reservation == "web-17");
    }
    CHECK(book.find("C1").value().state.exposure == 700'00);
    auto const other = book.check("C1", about(yuan(200), "O1"), wish);
    REQUIRE(other.has_error());
    CHECK(other.error().code == errc::conflicting_reference);
    REQUIRE(book.apply(fact{named("o1", order(on(2025, 1, 2), "O1", yuan(700)))}).has_value());
    auto const taken = book.check("C1", about(yuan(700), "O1"), wish);
    REQUIRE(taken.has_error());
    CHECK(taken.error().code == errc::impossible_now);
    CHECK(book.find("C1").value().state.exposure == 700'00);
}

TEST_CASE("an order has one reservation, whatever name it is asked for by", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(100));
    for (int i = 0; i < 3; ++i) {
        CHECK(book.check("C1", about(yuan(90), "X"), reservation_wish{}).value().reservation == "C1-R1");
    }
    CHECK(book.find("C1").value().state.exposure == 90'00);
    CHECK(book.check("C1", about(yuan(90), "X"), reservation_wish{.name = "other"}).error().code ==
          errc::conflicting_reference);
    CHECK(book.check("C1", about(yuan(95), "X"), reservation_wish{}).error().code == errc::conflicting_reference);
    for (auto const step : {credit_step::change, credit_step::delivery, credit_step::invoice}) {
        auto asked = about(yuan(1), "Y");
        asked.step = step;
        CHECK(book.check("C1", asked, reservation_wish{}).error().code == errc::impossible_now);
    }
    CHECK(book.find("C1").value().state.exposure == 90'00);
}

TEST_CASE("another currency is reserved as the check counts it, rounded up", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", 7.01_CNY);
    auto const rate = [&](std::string const& ref, day at, std::string_view value) {
        rate_set f;
        f.ref = ref;
        f.at = at;
        f.from = currency::literal("USD");
        f.to = cny;
        f.rate = decimal::parse(value).value();
        REQUIRE(book.apply(fact{f}).has_value());
    };
    CHECK(book.check("C1", about(1.00_USD), reservation_wish{}).value().answer.verdict == credit_verdict::hold);
    rate("r1", on(2025, 1, 2), "7.001");
    reservation_wish const wish{.name = "web-1"};
    auto const first = book.check("C1", about(1.00_USD), wish).value();
    CHECK(first.answer.verdict == credit_verdict::approve);
    CHECK(first.reservation == "web-1");
    CHECK(book.find("C1").value().state.exposure == 7'01);
    // asked again under another day's rate it is still that reservation
    rate("r2", on(2025, 1, 5), "9.5");
    CHECK(book.check("C1", about(1.00_USD), wish).value().reservation == "web-1");
    CHECK(book.check("C1", about(7.01_CNY), wish).value().reservation == "web-1");
    CHECK(book.check("C1", about(2.00_USD), wish).error().code == errc::conflicting_reference);
    CHECK(book.find("C1").value().state.exposure == 7'01);
}

TEST_CASE("a check doesn't move the book's time", "[store][check]") {
    store::memory_store const place;
    auto book = open(place, {.reviews = review_mode::by_fact});
    begin(book, "C1", yuan(1'000));  // on 2025-01-01
    REQUIRE(book.apply(fact{named("o", order(on(2025, 1, 10), "O1", yuan(1)))}).has_value());
    auto const reserving = [&](day at) { return book.check("C1", {.amount = yuan(10), .on = at}, reservation_wish{}); };
    auto const far = reserving(on(9999, 1, 1));
    REQUIRE(far.has_error());
    CHECK(far.error().code == errc::out_of_range);
    CHECK(far.error().field == "on");
    CHECK(far.error().remedy.find("2025-02-10") != std::string::npos);
    CHECK(reserving(on(2025, 2, 11)).has_error());
    CHECK(reserving(on(2025, 1, 9)).error().code == errc::impossible_now);
    CHECK(book.book().latest_day() == on(2025, 1, 10));
    CHECK(book.find("C1").value().state.exposure == 1'00);
    CHECK(book.check("C1", {.amount = yuan(10), .on = on(9999, 1, 1)}).has_value());  // to ask is free
    REQUIRE(book.review(on(2025, 3, 1)).has_value());
    CHECK(reserving(on(2025, 2, 28)).has_error());
    CHECK(store::known_day(book.store()).value() == on(2025, 3, 1));
    CHECK(store::latest_day(book.store()).value() == on(2025, 1, 10));
    CHECK(reserving(on(2025, 4, 1)).value().reservation == "C1-R1");
    CHECK(store::known_day(book.store()).value() == on(2025, 4, 1));
}

TEST_CASE("after a review a reservation is made in the first month that is open", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(1'000));
    REQUIRE(book.review(on(2025, 1, 31)).has_value());
    CHECK(book.check("C1", about(yuan(10)), reservation_wish{}).value().reservation == "C1-R1");
    CHECK(book.book().latest_day() == on(2025, 2, 1));
}

TEST_CASE("nothing is reserved for nothing, however often it is asked", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(100));
    auto const entries = book.store().versions().value().total();
    for (int i = 0; i < 3; ++i) {
        for (auto const* number : {"", "O1"}) {
            for (auto const* name : {"", "web-1"}) {
                auto const found = book.check("C1", about(yuan(0), number), reservation_wish{.name = name}).value();
                CHECK(found.answer.verdict == credit_verdict::approve);
                CHECK_FALSE(found.reservation.has_value());
            }
        }
    }
    CHECK(book.store().versions().value().total() == entries);
    auto told = fact_at<reservation_made>(on(2025, 1, 2));  // a feed may tell of one
    told.reservation = "web-0";
    told.amount = yuan(0);
    REQUIRE(book.apply(fact{named("v", told)}).has_value());
    CHECK(book.check("C1", about(yuan(0)), reservation_wish{.name = "web-0"}).value().reservation == "web-0");
}

TEST_CASE("what an override lets through is reserved once, and a snapshot knows what it has used", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(0));
    auto granted = fact_at<override_granted>(on(2025, 1, 2));
    granted.amount = yuan(100);
    granted.by = "head of credit";
    granted.reason = "fair";
    granted.until = on(2025, 1, 31);
    REQUIRE(book.apply(fact{named("g", granted)}).has_value());
    for (int i = 0; i < 3; ++i) {
        auto const found = book.check("C1", about(yuan(60), "O1"), reservation_wish{.name = "W"}).value();
        CHECK(found.answer.verdict == credit_verdict::approve);
        CHECK(found.reservation == "W");
    }
    REQUIRE(book.save_snapshot().has_value());
    auto again = open(place);
    CHECK(again.opened().from_snapshot > 0);
    for (auto* one : {&book, &again}) {
        CHECK(one->check("C1", about(40.01_CNY, "O2")).value().answer.verdict == credit_verdict::hold);
        CHECK(one->check("C1", about(yuan(40), "O2")).value().answer.verdict == credit_verdict::approve);
    }
}

TEST_CASE("what a check holds waits durably, with its reasons, until somebody lets it go", "[store][check][hold]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(100));
    auto const hold = store::hold_wish{.until = on(2025, 3, 31)};
    auto const wish = store::reservation_wish{};
    CHECK_FALSE(book.check("C1", about(yuan(120), "O1"), wish).value().is_held);  // not wished
    for (int i = 0; i < 3; ++i) {                                                 // once, however often it is asked
        auto const found = book.check("C1", about(yuan(120), "O1"), wish, hold).value();
        CHECK(found.answer.verdict == credit_verdict::hold);
        CHECK(found.is_held);
        CHECK_FALSE(found.reservation.has_value());
    }
    auto const passed = book.check("C1", about(yuan(20), "O2"), wish, hold).value();
    CHECK_FALSE(passed.is_held);
    CHECK(passed.reservation.has_value());
    CHECK(book.check("C1", about(yuan(120)), {}, hold).error().code == errc::missing_field);
    auto quote = about(yuan(120), "O3");
    quote.step = credit_step::quote;
    CHECK(book.check("C1", quote, {}, hold).error().code == errc::impossible_now);

    REQUIRE(book.save_snapshot().has_value());
    auto again = open(place);
    CHECK(again.opened().from_snapshot > 0);
    auto replayed = open(place, {.use_snapshot = false});
    for (auto* one : {&book, &again, &replayed}) {
        auto const waiting = one->held_orders().value();
        REQUIRE(waiting.size() == 1);
        CHECK(waiting[0].hold.order == "O1");
        CHECK(waiting[0].hold.amount == 120'00);
        CHECK(day_of(waiting[0].hold.until) == on(2025, 3, 31));
        REQUIRE(waiting[0].causes.size() == 1);
        CHECK(waiting[0].causes[0].rule == "credit_limit");
        CHECK(waiting[0].causes[0].is_open);
    }
    auto let_go = fact_at<override_granted>(on(2025, 1, 3));
    let_go.amount = yuan(120);
    let_go.by = "head of credit";
    let_go.reason = "fair";
    let_go.until = on(2025, 1, 31);
    let_go.order = "O1";
    REQUIRE(again.apply(fact{named("g", let_go)}).has_value());
    CHECK(again.held_orders().value().empty());
    CHECK(again.held_orders({.on = {}, .customer = "C1", .ended_too = true}).value()[0].state == hold_state::released);
}

TEST_CASE("names of customers and reservations do not run into each other", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "A B", yuan(100));
    begin(book, "A", yuan(100));
    CHECK(book.check("A B", about(yuan(5)), reservation_wish{.name = "C"}).value().reservation == "C");
    CHECK(book.check("A", about(yuan(5)), reservation_wish{.name = "B C"}).value().reservation == "B C");
}

TEST_CASE("without a wish nothing is written, and a book that is read answers too", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(1'000));
    auto const entries = book.store().versions().value().total();
    auto reader = open(place, {.read_only = true});
    CHECK(reader.check("C1", about(yuan(600))).value().answer.verdict == credit_verdict::approve);
    CHECK(reader.check("C1", about(yuan(600)), reservation_wish{}).error().code == errc::not_supported);
    CHECK(book.check("C1", about(yuan(2'000)), reservation_wish{}).value().answer.verdict == credit_verdict::hold);
    CHECK(book.store().versions().value().total() == entries);
    CHECK(book.check("nobody", about(yuan(1)), reservation_wish{}).error().code == errc::unknown_customer);
}

TEST_CASE("of many threads and books on one limit, and on a group's, exactly as many win as there is room for",
          "[store][check][threads]") {
    store::memory_store const place;
    {
        auto book = open(place);
        begin(book, "G", yuan(2'000));
        for (auto const* name : {"C1", "C2", "C3"}) begin(book, name, yuan(1'000), "G");
    }
    auto first = open(place);
    auto second = open(place);
    std::atomic<int> won{0};
    std::vector<std::thread> all;
    for (int t = 0; t < 8; ++t) {
        all.emplace_back([&, t] {
            auto& book = t % 2 == 0 ? first : second;
            for (int i = 0; i < 12; ++i) {
                auto const customer = "C" + std::to_string(1 + (t + i) % 3);
                auto const found = book.check(customer, about(yuan(90)), reservation_wish{});
                if (found && found.value().reservation) ++won;
            }
        });
    }
    for (auto& one : all) one.join();
    CHECK(won == 22);  // 22 x 90 of 2 000
    auto book = open(place);
    std::int64_t sum = 0;
    for (auto const* name : {"C1", "C2", "C3"}) {
        auto const exposure = book.find(name).value().state.exposure;
        CHECK(exposure <= 1'000'00);
        CHECK(book.book().recount_exposure(name).value() == exposure);
        sum += exposure;
    }
    CHECK(sum == 22 * 90'00);
}

TEST_CASE("reservations, deposits, limits for a time and rebates come back from a snapshot, and go on",
          "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(1'000));
    auto temporary = fact_at<temporary_limit_granted>(on(2025, 1, 2));
    temporary.amount = yuan(3'000);
    temporary.until = on(2025, 1, 20);
    auto paid = fact_at<deposit_paid>(on(2025, 1, 2));
    paid.amount = yuan(50);
    auto agreed = fact_at<rebate_agreed>(on(2025, 1, 2));
    agreed.agreement = "R1";
    agreed.basis = rebate_basis::ordered;
    agreed.product = "P";
    agreed.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal{5, 0}}}};
    auto placed = order(on(2025, 1, 3), "O1", yuan(200));
    placed.lines = {{"P", unit_quantity{decimal{3, 0}}, yuan(40)}, {"Q", unit_quantity{decimal{2, 0}}, yuan(40)}};
    REQUIRE(book.apply(fact{named("a", temporary)}).has_value());
    REQUIRE(book.apply(fact{named("b", paid)}).has_value());
    REQUIRE(book.apply(fact{named("c", agreed)}).has_value());
    REQUIRE(book.apply(fact{named("d", placed)}).has_value());
    REQUIRE(
        book.check("C1", about(yuan(500), "O2"), reservation_wish{.name = "V", .until = on(2025, 1, 10)}).has_value());
    REQUIRE(book.save_snapshot().has_value());

    auto again = open(place);
    CHECK(again.opened().from_snapshot > 0);
    CHECK(rows_of(again.book()) == rows_of(book.book()));
    auto delivered = about_order<order_cancelled>(on(2025, 1, 11), "O1", yuan(100));
    for (auto* one : {&book, &again}) {
        REQUIRE(one->apply(fact{named("e", delivered)}).has_value());
        auto const row = one->find("C1").value();
        CHECK(row.state.exposure == 50'00);  // the reservation has run out, the deposit is held
        CHECK(row.rebates.at(0).volume.value == 60'00);
        CHECK(row.available()->to_string() == "2950.00 CNY");
    }
    REQUIRE(again.review(on(2025, 1, 31)).has_value());
    CHECK(again.find("C1").value().available()->to_string() == "950.00 CNY");
}

TEST_CASE("quotations and guarantees come back from a snapshot, and go on", "[store][check]") {
    store::memory_store const place;
    book_options how;
    how.rules.emplace();
    how.rules->credit.counts.quotations = true;
    auto book = open(place, how);
    begin(book, "C1", yuan(1'000));
    auto offer = fact_at<quotation_made>(on(2025, 1, 2));
    offer.quotation = "Q1";
    offer.amount = yuan(300);
    offer.until = on(2025, 1, 20);
    auto placed = order(on(2025, 1, 3), "O1", yuan(100));
    placed.quotation = "Q1";
    auto bank = fact_at<guarantee_received>(on(2025, 1, 3));
    bank.guarantee = "G1";
    bank.amount = yuan(80);
    bank.by = "First Bank";
    bank.until = on(2025, 1, 15);
    auto back = fact_at<guarantee_returned>(on(2025, 1, 4));
    back.guarantee = "G1";
    back.amount = yuan(30);
    REQUIRE(book.apply(fact{named("a", offer)}).has_value());
    REQUIRE(book.apply(fact{named("b", placed)}).has_value());
    REQUIRE(book.apply(fact{named("c", bank)}).has_value());
    REQUIRE(book.apply(fact{named("d", back)}).has_value());
    auto asked = about(yuan(1'100), "O2");
    asked.quotation = "Q1";
    REQUIRE(book.check("C1", asked, {}, store::hold_wish{}).value().is_held);
    REQUIRE(book.save_snapshot().has_value());

    auto again = open(place, how);
    CHECK(again.opened().from_snapshot > 0);
    how.use_snapshot = false;
    auto replayed = open(place, how);
    CHECK(rows_of(again.book()) == rows_of(book.book()));
    auto rest = fact_at<quotation_withdrawn>(on(2025, 1, 5));
    rest.quotation = "Q1";
    rest.amount = yuan(50);
    for (auto* one : {&book, &again, &replayed}) {
        auto const kept = one->check("C1", about(yuan(1))).value().answer;
        CHECK(kept.by_category == credit_exposure{.quotations = 200'00, .open_orders = 100'00, .security = 50'00});
        CHECK(kept.exposure == 250'00);
        CHECK(one->check("C1", asked).value().answer.verdict == credit_verdict::hold);
        auto const waiting = one->held_orders().value();
        REQUIRE(waiting.size() == 1);
        CHECK(waiting[0].hold.quotation == "Q1");
        CHECK(one->find("C1").value().state.exposure == 50'00);
        REQUIRE(one->apply(fact{named("e", rest)}).has_value());
        auto const later = one->check("C1", {.amount = yuan(1), .on = on(2025, 1, 16)}).value().answer;
        CHECK(later.by_category == credit_exposure{.quotations = 150'00, .open_orders = 100'00});
    }
    REQUIRE(again.review(on(2025, 1, 31)).has_value());
    CHECK(again.find("C1").value().state.exposure == 100'00);
    CHECK(again.book().recount_exposure("C1").value() == 100'00);
}

TEST_CASE("what orders and receipts came to comes back from a snapshot, and rebates go on from it", "[store][check]") {
    store::memory_store const place;
    auto book = open(place);
    begin(book, "C1", yuan(9'000));
    int told = 0;
    auto const tell_both = [&](std::vector<stored_book*> const& books, fact f) {
        set_ref(f, "F" + std::to_string(++told));
        for (auto* one : books) {
            auto const outcome = one->apply(f);
            INFO((outcome ? std::string{} : outcome.error().message()));
            REQUIRE(outcome.has_value());
        }
    };
    auto const agree = [](std::string name, rebate_basis basis) {
        auto f = fact_at<rebate_agreed>(on(2025, 1, 2));
        f.agreement = std::move(name);
        f.basis = basis;
        f.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal{5, 0}}}};
        return f;
    };
    auto back = fact_at<goods_returned>(on(2025, 1, 9));
    back.amount = yuan(80);
    back.order = "O1";
    auto final_settlement = fact_at<rebate_settled>(on(2025, 1, 5));
    final_settlement.agreement = "delivered";
    final_settlement.kind = settlement_kind::final_;
    for (auto const& f : std::vector<fact>{agree("delivered", rebate_basis::delivered),
                                           agree("paid", rebate_basis::paid), order(on(2025, 1, 3), "O1", yuan(200)),
                                           about_order<goods_delivered>(on(2025, 1, 4), "O1", yuan(40)),
                                           payment(on(2025, 1, 4), yuan(50)), final_settlement}) {
        tell_both({&book}, f);
    }
    REQUIRE(book.save_snapshot().has_value());

    auto again = open(place);
    CHECK(again.opened().from_snapshot > 0);
    auto note = fact_at<credit_note_issued>(on(2025, 1, 10));
    note.invoice = "I1";
    note.amount = yuan(20);
    std::vector<stored_book*> const after{&again};
    for (auto const& f : std::vector<fact>{about_order<goods_delivered>(on(2025, 1, 8), "O1", yuan(60)), back,
                                           invoice(on(2025, 1, 9), "I1", yuan(50), on(2025, 2, 9), "O1"), note}) {
        tell_both(after, f);
    }
    auto const rebates = again.find("C1").value().rebates;
    CHECK(rebates.at(0).volume.value == 20'00);  // 60 of what came back were delivered after the settlement
    CHECK(rebates.at(1).volume.value == 30'00);  // the payment ahead had settled the invoice
    auto const from_facts = open(place, {.use_snapshot = false});
    CHECK(rows_of(from_facts.book()) == rows_of(again.book()));
}

TEST_CASE("nothing is reserved for an order that does not count yet", "[store][check]") {
    store::memory_store const place;
    house_rules rules;
    rules.credit.horizon_days = 30;
    auto book = open(place, {.first_rules = rules});
    begin(book, "C1", yuan(100));
    credit_query far{.amount = yuan(500), .order = "O1", .delivery_date = on(2025, 6, 10)};
    CHECK(book.check("C1", far).value().answer.verdict == credit_verdict::approve);
    auto const wished = book.check("C1", far, reservation_wish{});
    REQUIRE(wished.has_error());
    CHECK(wished.error().field == "delivery_date");
    CHECK(book.check("C1", about(yuan(100))).value().answer.verdict == credit_verdict::approve);
    far.delivery_date = on(2025, 1, 20);
    far.amount = yuan(100);
    CHECK(book.check("C1", far, reservation_wish{}).value().reservation.has_value());
}
