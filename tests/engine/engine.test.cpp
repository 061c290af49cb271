#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

errc refused(engine& book, fact const& f, std::string_view field) {
    auto const outcome = book.apply(f);
    REQUIRE_FALSE(outcome.has_value());
    INFO(outcome.error().message());
    CHECK(outcome.error().field == field);
    CHECK_FALSE(outcome.error().remedy.empty());
    return outcome.error().code;
}
fate fate_of(engine& book, fact const& f) {
    auto const outcome = book.apply(f);
    REQUIRE(outcome.has_value());
    return outcome.value().fate;
}
std::vector<received> rows(std::vector<fact> facts) {
    std::vector<received> all;
    std::uint64_t line = 0;
    for (auto& f : facts) all.push_back({++line, std::move(f)});
    return all;
}
std::int64_t exposure(engine const& book, std::string_view code = "C1") {
    auto const incremental = book.state_of(code).value().exposure;
    CHECK(book.recount_exposure(code).value() == incremental);
    return incremental;
}

}  // namespace

// --- BASE-5 ----------------------------------------------------------------------------------------------------------

TEST_CASE("the same reference twice has no second effect, with other content it is an error", "[engine]") {
    engine book;
    auto const first = named("R1", order(on(2024, 1, 5), "O1", yuan(100)));
    CHECK(fate_of(book, first) == fate::applied);
    CHECK(fate_of(book, first) == fate::duplicate);
    CHECK(book.state_of("C1").value().purchases == 100'00);

    auto other = first;
    other.amount = yuan(101);
    CHECK(refused(book, other, "ref") == errc::conflicting_reference);
    auto stranger = first;
    stranger.customer = "C2";  // the same content, of another customer
    CHECK(refused(book, stranger, "ref") == errc::conflicting_reference);
    CHECK(book.size() == 1);
    CHECK(refused(book, named("R1", review(on(2024, 2, 1), in_month(2024, 1))), "ref") == errc::conflicting_reference);
}

TEST_CASE("a duplicate of a closed month is still a duplicate, not late", "[engine]") {
    engine book;
    auto const first = named("R1", order(on(2024, 1, 5), "O1", yuan(100)));
    tell(book, first);
    book.advance_to(on(2024, 6, 30));
    CHECK(fate_of(book, first) == fate::duplicate);
}

TEST_CASE("facts without a reference are each their own", "[engine]") {
    engine book;
    auto all = rows({order(on(2024, 1, 5), "O1", yuan(100)), order(on(2024, 1, 5), "O2", yuan(100))});
    CHECK(book.apply(all).applied == 2);
    CHECK(book.state_of("C1").value().orders == 2);
}

// --- BASE-6 ----------------------------------------------------------------------------------------------------------

TEST_CASE("a late fact lands in its own month while that is open, and is refused when it is closed", "[engine]") {
    engine book;
    tell(book, order(on(2024, 2, 20), "O1", yuan(100)), order(on(2024, 2, 3), "O2", yuan(50)));
    CHECK(book.state_of("C1").value().monthly.in(in_month(2024, 2)) == 150'00);
    tell(book, order(on(2024, 3, 1), "O3", yuan(1)));
    CHECK(refused(book, order(on(2024, 2, 29), "O4", yuan(1)), "at") == errc::closed_period);
    CHECK(book.state_of("C1").value().orders == 3);
}

TEST_CASE("what advance_to closed is closed for customers to come as well", "[engine]") {
    engine book;
    tell(book, order(on(2024, 1, 5), "O1", yuan(100)));
    book.advance_to(on(2024, 3, 31));
    CHECK(refused(book, order(on(2024, 3, 31), "O2", yuan(1), "C2"), "at") == errc::closed_period);
    tell(book, order(on(2024, 4, 1), "O2", yuan(1), "C2"));
}

TEST_CASE("a correction mends a closed month, and its trail is told", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), named("R1", order(on(2024, 1, 5), "O1", yuan(1'000))),
         order(on(2024, 2, 5), "O2", yuan(10)));
    book.advance_to(on(2024, 4, 30));
    tell(book, named("K1", correction(on(2024, 5, 2), "R1", "amount", "100.00 CNY")));
    CHECK(book.state_of("C1").value().purchases == 110'00);
    CHECK(fate_of(book, named("K1", correction(on(2024, 5, 2), "R1", "amount", "100.00 CNY"))) == fate::duplicate);

    auto const story = book.explain("C1").value();
    REQUIRE(story.facts.size() == 4);
    CHECK(story.facts[1].ref == "R1");
    CHECK(story.facts[1].corrected);
    CHECK(story.facts[1].details == "order=O1 amount=100.00 CNY");
    CHECK(story.facts[1].as_told == "at=2024-01-05 order=O1 amount=1000.00 CNY");
    CHECK(story.facts[3].fact == "corrected");
    CHECK(story.facts[3].ref == "K1");
    CHECK(story.facts[3].details == "of=R1 amount=100.00 CNY");
    for (auto const l : {language::en, language::zh}) CHECK(to_text(story, l).find("1000.00 CNY") != std::string::npos);
    CHECK(to_json(story).find(R"("as_told":"at=2024-01-05 order=O1 amount=1000.00 CNY")") != std::string::npos);
}

TEST_CASE("a second correction of a fact keeps what was told at first", "[engine]") {
    engine book;
    tell(book, named("R1", order(on(2024, 1, 5), "O1", yuan(1'000))));
    tell(book, correction(on(2024, 1, 6), "R1", "amount", "100.00 CNY"),
         correction(on(2024, 1, 7), "R1", "at", "2024-01-04"));
    auto const story = book.explain("C1").value();
    CHECK(story.facts.front().as_told == "at=2024-01-05 order=O1 amount=1000.00 CNY");
    CHECK(story.facts.front().at == moment{on(2024, 1, 4)});
    CHECK(book.state_of("C1").value().purchases == 100'00);
    CHECK(book.state_of("C1").value().first_order == number_of(on(2024, 1, 4)));
}

TEST_CASE("a correction that cannot be is refused and changes nothing", "[engine]") {
    engine book;
    tell(book, named("R1", order(on(2024, 1, 5), "O1", yuan(100))),
         about_order<goods_delivered>(on(2024, 1, 9), "O1", yuan(80)));
    auto const before = rows_of(book);
    CHECK(refused(book, correction(on(2024, 1, 10), "R9", "amount", "1.00"), "of") == errc::unknown_reference);
    CHECK(refused(book, correction(on(2024, 1, 10), "R1", "colour", "red"), "colour") == errc::unknown_field);
    CHECK(refused(book, correction(on(2024, 1, 10), "R1", "amount", "-1.00 CNY"), "amount") == errc::out_of_range);
    CHECK(refused(book, correction(on(2024, 1, 10), "R1", "amount", "79.00 CNY"), "amount") ==
          errc::impossible_now);  // 80 went out
    CHECK(refused(book, correction(on(2024, 1, 10), "R1", "customer", "C2"), "customer") == errc::not_supported);
    auto elsewhere = correction(on(2024, 1, 10), "R1", "amount", "90.00 CNY");
    elsewhere.customer = "C2";
    CHECK(refused(book, elsewhere, "customer") == errc::impossible_now);
    CHECK(rows_of(book) == before);
}

TEST_CASE("a correction of an old enrolment does not undo a newer one", "[engine]") {
    engine book;
    auto first = named("E1", enrolled(on(2024, 1, 1)));
    first.owner = "Chen";
    auto second = named("E2", enrolled(on(2024, 1, 20)));
    second.owner = "Zhao";
    tell(book, first, second, correction(on(2024, 1, 25), "E1", "region", "north"));
    auto const row = book.find("C1").value();
    CHECK(row.profile.owner == "Zhao");
    CHECK(row.profile.region == "north");
}

TEST_CASE("after a correction closed months stay closed, by fact too", "[engine]") {
    engine book{{.reviews = review_mode::by_fact}};
    tell(book, review(on(2024, 1, 31), in_month(2024, 1)), named("R1", order(on(2024, 3, 5), "O1", yuan(100))),
         correction(on(2024, 3, 6), "R1", "amount", "90.00 CNY"), order(on(2024, 2, 2), "O2", yuan(1)));
    CHECK(refused(book, order(on(2024, 1, 31), "O3", yuan(1)), "at") == errc::closed_period);
    tell(book, review(on(2024, 3, 31), in_month(2024, 3)), correction(on(2024, 4, 1), "R1", "amount", "80.00 CNY"));
    CHECK(refused(book, order(on(2024, 3, 31), "O4", yuan(1)), "at") == errc::closed_period);
    CHECK(book.state_of("C1").value().purchases == 81'00);
}

TEST_CASE("a fact that a correction moves into a reviewed month is seen by that month's review", "[engine]") {
    auto const told_on = [](day first_order) {
        engine book{{.reviews = review_mode::by_fact}};
        tell(book, enrolled(on(2024, 1, 1)), wallet(on(2024, 1, 1), in_month(2024, 1), yuan(1'000)));
        if (first_order < on(2024, 2, 1)) tell(book, named("R1", order(first_order, "O1", yuan(600))));
        tell(book, review(on(2024, 1, 31), in_month(2024, 1)), wallet(on(2024, 2, 1), in_month(2024, 2), yuan(1'000)));
        if (first_order >= on(2024, 2, 1)) tell(book, named("R1", order(first_order, "O1", yuan(600))));
        tell(book, order(on(2024, 2, 10), "O2", yuan(600)), review(on(2024, 2, 29), in_month(2024, 2)));
        return book;
    };
    auto const right = told_on(on(2024, 1, 10));
    CHECK(right.state_of("C1").value().stage == stage::stable);  // 60 % at both reviews
    auto mended = told_on(on(2024, 2, 5));
    CHECK(mended.state_of("C1").value().stage == stage::initial);  // nothing was bought in January
    tell(mended, correction(on(2024, 3, 1), "R1", "at", "2024-01-10"));
    CHECK(rows_of(mended) == rows_of(right));
    CHECK(mended.history("C1").value() == right.history("C1").value());
}

// --- reviews ---------------------------------------------------------------------------------------------------------

TEST_CASE("reviews come from the calendar or from facts, never from both", "[engine]") {
    engine monthly;
    CHECK(refused(monthly, review(on(2024, 1, 31), in_month(2024, 1)), "fact") == errc::impossible_now);

    engine by_fact{{.reviews = review_mode::by_fact}};
    tell(by_fact, order(on(2024, 1, 5), "O1", yuan(1)), order(on(2024, 6, 5), "O2", yuan(1)),
         order(on(2024, 1, 6), "O3", yuan(1)));  // nothing has closed January yet
    tell(by_fact, review(on(2024, 7, 1), in_month(2024, 1)));
    CHECK(refused(by_fact, order(on(2024, 1, 7), "O4", yuan(1)), "at") == errc::closed_period);
    CHECK(refused(by_fact, order(on(2024, 1, 7), "O5", yuan(1), "C2"), "at") == errc::closed_period);
    CHECK(refused(by_fact, review(on(2024, 7, 2), in_month(2024, 1)), "period") == errc::closed_period);
    CHECK(refused(by_fact, review(on(2024, 7, 2), in_month(2024, 8)), "period") == errc::impossible_now);
    tell(by_fact, order(on(2024, 2, 1), "O6", yuan(1)));
}

TEST_CASE("a review says nothing about a customer who came after its period", "[engine]") {
    engine book{{.reviews = review_mode::by_fact}};
    tell(book, order(on(2024, 1, 5), "O1", yuan(1)), wallet(on(2024, 2, 2), in_month(2024, 1), yuan(1'000), "C1"));
    tell(book, enrolled(on(2024, 2, 3), "C2"), wallet(on(2024, 2, 3), in_month(2024, 1), yuan(1'000), "C2"),
         order(on(2024, 2, 4), "O2", yuan(1), "C2"));
    tell(book, review(on(2024, 2, 5), in_month(2024, 1)));
    CHECK(book.state_of("C1").value().share_millionths == 1'000);
    CHECK(book.state_of("C2").value().share_millionths == -1);
    CHECK(book.state_of("C2").value().closed_through == in_month(2024, 1).index());
}

// --- BASE-7 ----------------------------------------------------------------------------------------------------------

TEST_CASE("a refused fact changes nothing, to the byte", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), named("R1", order(on(2024, 1, 5), "O1", yuan(100))),
         invoice(on(2024, 1, 9), "I1", yuan(40), on(2024, 2, 9), "O1"));
    auto const state = book.state_of("C1").value();
    auto const before = rows_of(book);
    auto const story = to_json(book.explain("C1").value());

    std::vector<fact> const bad{
        order(on(2024, 6, 5), "O1", yuan(1)),  // months would pass, were it taken
        order(on(2024, 6, 5), "O2", 5.00_EUR),
        about_order<order_cancelled>(on(2024, 6, 5), "O9"),
        about_order<goods_delivered>(on(2024, 6, 5), "O1", yuan(101)),
        about_order<order_reopened>(on(2024, 6, 5), "O1", yuan(1)),
        invoice(on(2024, 6, 5), "I1", yuan(1), on(2024, 7, 1)),
        payment(on(2024, 6, 5), yuan(1), "I9"),
        strategic(on(2024, 6, 5), "S", on(2024, 6, 4)),
        order(on(2023, 12, 31), "O3", yuan(1)),
    };
    for (auto const& f : bad) CHECK_FALSE(book.apply(f).has_value());
    CHECK(book.state_of("C1").value() == state);
    CHECK(rows_of(book) == before);
    CHECK(to_json(book.explain("C1").value()) == story);
}

TEST_CASE("what contradicts the ledger is refused with its field and a way out", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 5), "O1", yuan(100)));
    CHECK(refused(book, order(on(2024, 1, 6), "O1", yuan(100)), "order") == errc::impossible_now);
    CHECK(refused(book, about_order<goods_delivered>(on(2024, 1, 6), "O1", yuan(101)), "amount") ==
          errc::impossible_now);
    CHECK(refused(book, about_order<goods_delivered>(on(2024, 1, 6), "O2"), "order") == errc::unknown_reference);
    tell(book, about_order<goods_delivered>(on(2024, 1, 6), "O1"));
    CHECK(refused(book, about_order<goods_delivered>(on(2024, 1, 7), "O1"), "amount") == errc::impossible_now);
    CHECK(refused(book, about_order<order_cancelled>(on(2024, 1, 7), "O1"), "amount") == errc::impossible_now);
    CHECK(refused(book, about_order<order_reopened>(on(2024, 1, 7), "O1"), "amount") == errc::impossible_now);
    CHECK(refused(book, payment(on(2024, 1, 7), yuan(1), "I1"), "invoice") == errc::unknown_reference);
    auto note = fact_at<credit_note_issued>(on(2024, 1, 7));
    note.invoice = "I1";
    CHECK(refused(book, note, "invoice") == errc::unknown_reference);
    auto disputed = fact_at<invoice_disputed>(on(2024, 1, 7));
    disputed.invoice = "I1";
    CHECK(refused(book, disputed, "invoice") == errc::unknown_reference);
    auto returned = fact_at<goods_returned>(on(2024, 1, 7));
    returned.amount = yuan(1);
    returned.order = "O2";
    CHECK(refused(book, returned, "order") == errc::unknown_reference);
    CHECK(exposure(book) == 100'00);
}

TEST_CASE("people, complaints and agreements have to be known, and come and go once", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)));
    auto left = fact_at<contact_left>(on(2024, 1, 5));
    left.person = "Li";
    CHECK(refused(book, left, "person") == errc::unknown_reference);
    tell(book, contact_of(on(2024, 1, 2), "Li", "buying", "ceo"), left);
    left.at = on(2024, 1, 6);
    CHECK(refused(book, left, "person") == errc::impossible_now);
    tell(book, contact_of(on(2024, 1, 7), "Li", "buying", "ceo"));

    auto acted = fact_at<complaint_acted>(on(2024, 1, 5));
    acted.complaint = "K";
    CHECK(refused(book, acted, "complaint") == errc::unknown_reference);
    auto raised = fact_at<complaint_raised>(on(2024, 1, 5));
    raised.complaint = "K";
    tell(book, raised, acted);
    CHECK(refused(book, raised, "complaint") == errc::impossible_now);

    auto ended = fact_at<agreement_ended>(on(2024, 1, 5));
    ended.agreement = "A";
    CHECK(refused(book, ended, "agreement") == errc::unknown_reference);
}

TEST_CASE("only an enrolment or an order makes a customer known, and only an enrolment when strict", "[engine]") {
    engine book;
    CHECK(refused(book, payment(on(2024, 1, 5), yuan(1)), "customer") == errc::unknown_customer);
    tell(book, order(on(2024, 1, 5), "O1", yuan(1)));
    CHECK_FALSE(book.state_of("C1").value().enrolled);
    engine strict{{.strict = true}};
    CHECK(refused(strict, order(on(2024, 1, 5), "O1", yuan(1)), "customer") == errc::unknown_customer);
    tell(strict, enrolled(on(2024, 1, 1)), order(on(2024, 1, 5), "O1", yuan(1)));
    CHECK_FALSE(book.find("C9").has_value());
    CHECK_FALSE(book.explain("C9").has_value());
    CHECK_FALSE(book.history("C9").has_value());
    CHECK_FALSE(book.recount_exposure("C9").has_value());
}

TEST_CASE("currencies are never mixed or guessed", "[engine]") {
    engine book;
    CHECK(refused(book, order(on(2024, 1, 5), "O1", {1'0000, currency{}}), "amount") == errc::unknown_currency);
    tell(book, order(on(2024, 1, 5), "O1", yuan(1)), order(on(2024, 1, 5), "O2", {12'3400, currency{}}));  // own: 12.34
    CHECK(book.state_of("C1").value().purchases == 13'34);
    CHECK(refused(book, order(on(2024, 1, 6), "O3", 1.00_EUR), "amount") == errc::currency_mismatch);
    CHECK(refused(book, order(on(2024, 1, 6), "O3", {12'3450, currency{}}), "amount") ==
          errc::wrong_scale);  // 12.345 CNY
    auto in_euro = enrolled(on(2024, 1, 7));
    in_euro.currency = currency::literal("EUR");
    CHECK(refused(book, in_euro, "currency") == errc::currency_mismatch);
    auto with_cost = order(on(2024, 1, 6), "O3", yuan(1));
    with_cost.cost = 1.00_EUR;
    CHECK(refused(book, with_cost, "cost") == errc::currency_mismatch);
    CHECK(book.state_of("C1").value().orders == 2);
}

TEST_CASE("sums beyond 64 bits are refused, never wrapped", "[engine]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    engine book;
    tell(book, order(on(2024, 1, 5), "O1", {most, cny}));
    CHECK(refused(book, order(on(2024, 1, 6), "O2", {1, cny}), "amount") == errc::amount_overflow);
    CHECK(book.state_of("C1").value().purchases == most);

    engine returns;
    auto returned = fact_at<goods_returned>(on(2024, 2, 1));
    returned.amount = {most, cny};
    tell(returns, order(on(2024, 1, 5), "O1", {most, cny}), returned);
    returned.at = on(2024, 2, 2);  // the total would be -most, but February -2 x most
    CHECK(refused(returns, returned, "amount") == errc::amount_overflow);
}

TEST_CASE("receipts ahead of all debts are refused where they pass 64 bits", "[engine]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), payment(on(2024, 1, 2), {most, cny}));
    CHECK(refused(book, payment(on(2024, 1, 3), {2, cny}), "amount") == errc::amount_overflow);
    CHECK(exposure(book) == -most);
    auto limit = fact_at<limit_set>(on(2024, 1, 3));
    limit.amount = money{most, cny};
    tell(book, limit);
    CHECK(book.find("C1").value().available() == money{most, cny});
}

// --- CRE-2, as far as it goes ----------------------------------------------------------------------------------------

TEST_CASE("exposure follows orders, invoices and receipts, and is what a recount gives", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 5), "O1", yuan(100)));
    CHECK(exposure(book) == 100'00);
    tell(book, about_order<order_cancelled>(on(2024, 1, 6), "O1", yuan(20)));
    CHECK(exposure(book) == 80'00);
    tell(book, about_order<goods_delivered>(on(2024, 1, 7), "O1", yuan(50)));
    CHECK(exposure(book) == 80'00);
    tell(book, invoice(on(2024, 1, 8), "I1", yuan(50), on(2024, 2, 8), "O1"));
    CHECK(exposure(book) == 80'00);
    tell(book, invoice(on(2024, 1, 9), "I2", yuan(60), on(2024, 2, 9), "O1"));  // 30 more than was ordered
    CHECK(exposure(book) == 110'00);
    tell(book, about_order<order_reopened>(on(2024, 1, 10), "O1", yuan(20)));  // those 20 are invoiced already
    CHECK(exposure(book) == 110'00);
    tell(book, payment(on(2024, 1, 11), yuan(45), "I1"));
    CHECK(exposure(book) == 65'00);
    tell(book, payment(on(2024, 1, 12), yuan(100)));  // 5 of I1, 60 of I2, 35 without an open item
    CHECK(exposure(book) == -35'00);
    auto note = fact_at<credit_note_issued>(on(2024, 1, 13));
    note.invoice = "I2";
    note.amount = yuan(10);
    tell(book, note);
    CHECK(exposure(book) == -45'00);
}

TEST_CASE("what was paid ahead settles the invoice that follows, so that it never falls overdue", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 2), "O1", yuan(100)), payment(on(2024, 1, 3), yuan(150)),
         invoice(on(2024, 1, 4), "I1", yuan(100), on(2024, 1, 10), "O1"));
    CHECK(exposure(book) == -50'00);
    book.advance_to(on(2024, 3, 31));
    auto const evidence = book.find("C1").value().evidence;
    CHECK(std::none_of(evidence.begin(), evidence.end(), [](auto const& e) { return e.kind == "overdue_payment"; }));
}

// --- BASE-8 ----------------------------------------------------------------------------------------------------------

TEST_CASE("a limit that is not set, of zero, of an amount and without bound are four things", "[engine]") {
    engine book;
    auto const limited = [&](limit_amount amount, std::string const& customer) {
        auto f = fact_at<limit_set>(on(2024, 1, 9), customer);
        f.amount = amount;
        return f;
    };
    for (auto const* code : {"C0", "C1", "C2", "C3"}) tell(book, enrolled(on(2024, 1, 1), code));
    tell(book, limited(yuan(0), "C1"), limited(yuan(50), "C2"), limited(limit_amount::unlimited(), "C3"));
    std::vector<std::string> by_use;
    auto const read = [&] {
        by_use.clear();
        book.each_by_credit_use([&](customer_row const& row) {
            by_use.emplace_back(row.profile.code);
            return true;
        });
        return by_use;
    };
    CHECK(read() == std::vector<std::string>{"C1", "C2"});  // zero is a limit; the others have no use to be ordered by
    CHECK_FALSE(book.find("C0").value().available().has_value());
    CHECK(book.find("C1").value().available() == yuan(0));
    tell(book, order(on(2024, 1, 10), "O2", yuan(60), "C2"), order(on(2024, 1, 10), "O1", yuan(1), "C1"));
    CHECK(read() == std::vector<std::string>{"C1", "C2"});  // beyond any limit of zero; 120 %
    CHECK(book.find("C2").value().available() == money{-10'00, cny});
    tell(book, limited(yuan(10), "C1"));
    CHECK(read() == std::vector<std::string>{"C2", "C1"});
}

TEST_CASE("a limit of zero set on a customer that owes nothing is in the order at once", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)));
    int seen = 0;
    auto const count = [&](customer_row const&) { return ++seen > 0; };
    book.each_by_credit_use(count);
    CHECK(seen == 0);
    auto zero = fact_at<limit_set>(on(2024, 1, 2));
    zero.amount = yuan(0);
    tell(book, zero);
    book.each_by_credit_use(count);
    CHECK(seen == 1);
}

// --- ENG-1 -----------------------------------------------------------------------------------------------------------

TEST_CASE("ordered reads follow every change", "[engine]") {
    engine book;
    auto north = enrolled(on(2024, 1, 1), "B");
    north.region = "north";
    north.owner = "Chen";
    auto south = enrolled(on(2024, 1, 1), "A");
    south.region = "south";
    south.owner = "Chen";
    tell(book, north, south, order(on(2024, 1, 2), "O1", yuan(1), "B"));
    auto const codes = [](auto&& read) {
        std::string all;
        read([&](customer_row const& row) {
            all.append(row.profile.code).append(1, ' ');
            return true;
        });
        return all;
    };
    CHECK(codes([&](auto const& each) { book.each_by_code(each); }) == "A B ");
    CHECK(codes([&](auto const& each) { book.each_in_stage(stage::initial, each); }) == "B ");
    CHECK(codes([&](auto const& each) { book.each_in_stage(stage::prospect, each); }) == "A ");
    CHECK(codes([&](auto const& each) { book.each_owned_by("Chen", each); }) == "A B ");
    CHECK(codes([&](auto const& each) { book.each_in_region("north", each); }) == "B ");
    CHECK(codes([&](auto const& each) { book.each_due_until(last_day, each); }).empty());

    south.at = on(2024, 1, 3);
    south.region = "north";
    auto agreed = strategic(on(2024, 1, 3), "S", on(2024, 1, 20));
    agreed.customer = "B";
    tell(book, south, order(on(2024, 1, 4), "O2", yuan(1), "A"), agreed);
    CHECK(codes([&](auto const& each) { book.each_in_stage(stage::initial, each); }) == "A B ");
    CHECK(codes([&](auto const& each) { book.each_in_region("north", each); }) == "A B ");
    CHECK(codes([&](auto const& each) { book.each_in_region("south", each); }).empty());
    CHECK(codes([&](auto const& each) { book.each_due_until(on(2024, 1, 20), each); }).empty());
    CHECK(codes([&](auto const& each) { book.each_due_until(on(2024, 1, 21), each); }) == "B ");
    book.advance_to(on(2024, 1, 25));
    CHECK(codes([&](auto const& each) { book.each_due_until(last_day, each); }).empty());

    std::string first;
    book.each_by_code([&](customer_row const& row) {
        first += row.profile.code;
        return false;
    });
    CHECK(first == "A");
}

// --- as_of -----------------------------------------------------------------------------------------------------------

TEST_CASE("facts later than the day that the book is for are kept, not in effect, and are duplicates when told again",
          "[engine]") {
    engine book{{.as_of = on(2024, 3, 31)}};
    auto const later = named("R2", order(on(2024, 4, 1), "O2", yuan(7)));
    CHECK(fate_of(book, later) == fate::kept);  // of a customer not known yet
    CHECK(book.size() == 0);
    tell(book, named("R1", order(on(2024, 3, 31), "O1", yuan(5))));
    CHECK(fate_of(book, later) == fate::duplicate);
    auto stranger = later;
    stranger.customer = "C2";
    CHECK(refused(book, stranger, "ref") == errc::conflicting_reference);
    CHECK(fate_of(book, named("K1", correction(on(2024, 4, 2), "R1", "amount", "1.00 CNY"))) == fate::kept);
    CHECK(fate_of(book, named("K2", correction(on(2024, 3, 31), "R2", "amount", "1.00 CNY"))) ==
          fate::kept);  // of one kept

    CHECK(book.state_of("C1").value().purchases == 5'00);
    CHECK(book.explain("C1").value().facts_later == 1);
    CHECK(book.latest_day() == on(2024, 3, 31));
    CHECK(refused(book, correction(on(2024, 3, 31), "R1", "at", "2024-04-05"), "of") == errc::impossible_now);
}

// --- batches ---------------------------------------------------------------------------------------------------------

TEST_CASE("a batch reports each refused row with its line and keeps going, or stops at the first", "[engine]") {
    auto const feed = [] {
        auto all = rows({order(on(2024, 1, 5), "O1", yuan(1)), order(on(2024, 1, 6), "O1", yuan(2)),
                         order(on(2024, 1, 7), "O2", yuan(4))});
        all.push_back({4, error{.code = errc::malformed, .field = "at", .line = 4}});
        all.push_back({5, payment(on(2024, 1, 8), yuan(1), "I1")});
        return all;
    };
    engine book;
    auto all = feed();
    auto const outcome = book.apply(all);
    CHECK(outcome.read == 5);
    CHECK(outcome.applied == 2);
    REQUIRE(outcome.rejected.size() == 3);
    CHECK(outcome.rejected[0].line == 2);
    CHECK(outcome.rejected[1].line == 4);
    CHECK(outcome.rejected[2].line == 5);
    CHECK_FALSE(outcome.stopped);

    engine stopping;
    all = feed();
    auto const stopped = stopping.apply(all, {.threads = 4, .stop_on_error = true});
    CHECK(stopped.stopped);
    CHECK(stopped.read == 2);
    CHECK(stopped.applied == 1);
    CHECK(stopped.rejected.size() == 1);
    CHECK(stopping.state_of("C1").value().orders == 1);
}

TEST_CASE("in a batch of any length a reference has one effect, however far apart it comes", "[engine][threads]") {
    constexpr int count = 10'000;
    std::vector<received> rows;
    for (int i = 0; i < count; ++i) {
        auto one = order(on(2024, 1, 5), "O" + std::to_string(i), yuan(1), "C-" + std::to_string(i % 700));
        one.ref = one.order;
        rows.push_back({0, fact{std::move(one)}});
    }
    auto const all = rows;
    rows.insert(rows.end(), all.begin(), all.end());
    for (unsigned const threads : {1U, 2U, 5U}) {
        CAPTURE(threads);
        engine book;
        auto again = rows;
        auto const outcome = book.apply(again, {.threads = threads});
        CHECK(outcome.read == 2 * count);
        CHECK(outcome.applied == count);
        CHECK(outcome.duplicate == count);
        CHECK(outcome.rejected.empty());
        CHECK(book.size() == 700);
        CHECK(book.state_of("C-1").value().orders == 15);
    }
}

TEST_CASE("one reference for two customers in one batch: the earlier row wins, on any number of threads",
          "[engine][threads]") {
    for (unsigned const threads : {1U, 2U, 7U}) {
        engine book;
        std::vector<fact> facts;
        for (int i = 0; i < 50; ++i) {
            facts.push_back(named("same", order(on(2024, 1, 5), "O", yuan(1), "C" + std::to_string(i))));
        }
        auto all = rows(facts);
        auto const outcome = book.apply(all, {.threads = threads});
        CHECK(outcome.applied == 1);
        CHECK(outcome.rejected.size() == 49);
        CHECK(book.find("C0").has_value());
    }
}

TEST_CASE("an empty book answers", "[engine]") {
    engine book;
    CHECK(book.size() == 0);
    CHECK_FALSE(book.latest_day().has_value());
    CHECK(book.advance_to(on(2024, 1, 31)).empty());
    CHECK(book.flows().cohorts.empty());
    CHECK(rows_of(book).empty());
    std::vector<received> none;
    CHECK(book.apply(none, {.threads = 3}).read == 0);
}

TEST_CASE("history and flows of the book come from its changes, after a correction too", "[engine]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)), named("R1", order(on(2024, 1, 11), "O1", yuan(1))),
         enrolled(on(2024, 2, 1), "C2"));
    book.advance_to(on(2024, 2, 29));
    tell(book, correction(on(2024, 3, 1), "R1", "at", "2024-01-21"));
    auto const history = book.history("C1").value();
    REQUIRE(history.stays.size() == 2);
    CHECK(history.stays[1].entered == number_of(on(2024, 1, 21)));
    auto const flows = book.flows();
    CHECK(flows.present[static_cast<std::size_t>(stage::initial)] == 1);
    CHECK(flows.present[static_cast<std::size_t>(stage::prospect)] == 1);
    CHECK(flows.cohorts.size() == 2);
    CHECK(book.bytes_held() > 0);
}

TEST_CASE("what was decided stays under the rules of its day, when others come into force", "[engine][rules]") {
    engine_options how;
    how.record_decisions = true;
    how.rules.version = "first";
    engine book{how};
    auto strict = how.rules;
    strict.version = "strict";
    strict.promotion.promote_share = basis_points{9'000};
    std::vector<decision> decided;
    auto const told = [&](fact const& f) {
        auto outcome = book.apply(f);
        INFO((outcome ? std::string{} : outcome.error().message()));
        REQUIRE(outcome.has_value());
        for (auto& d : outcome.value().decisions) decided.push_back(std::move(d));
    };
    auto const month_of_trade = [&](std::string const& customer, int month) {
        auto const m = in_month(2024, 1) + month;
        auto bought = order(m.first() + std::chrono::days{4}, customer + std::to_string(month), yuan(600), customer);
        bought.ref = bought.order;
        told(fact{bought});
        auto wallet_then = wallet(m.first() + std::chrono::days{5}, m, yuan(1'000), customer);
        wallet_then.ref = "w" + bought.order;
        told(fact{wallet_then});
    };
    for (auto const* customer : {"early", "late"}) {
        auto e = enrolled(on(2024, 1, 1), customer);
        e.ref = std::string{"e-"} + customer;
        told(fact{e});
    }
    for (int month = 0; month < 6; ++month) month_of_trade("early", month);
    CHECK(book.state_of("early").value().stage == stage::stable);  // 60 % is enough
    book.change_rules(strict);
    for (int month = 0; month < 6; ++month) month_of_trade("late", month);
    month_of_trade("early", 6);
    for (auto& d : book.advance_to(on(2024, 7, 31))) decided.push_back(std::move(d));
    CHECK(book.state_of("late").value().stage == stage::initial);  // and is not any more
    CHECK(book.options().rules.version == "strict");

    // explained on the day, the decisions are those that were made, each under its rulebook
    for (auto const* customer : {"early", "late"}) {
        std::vector<decision> of_customer;
        for (auto const& d : decided) {
            if (d.customer == customer) of_customer.push_back(d);
        }
        CHECK(book.explain(customer, on(2024, 7, 31)).value().decisions == of_customer);
    }
    CHECK(book.explain("early", on(2024, 4, 30)).value().row.state.stage == stage::stable);
    CHECK(book.explain("early", on(2024, 4, 30)).value().decisions.back().rulebook == "first");

    // a correction of the first months is judged by the rules of those months
    corrected mend;
    mend.ref = "mend";
    mend.at = on(2024, 8, 1);
    mend.of = "early0";
    mend.changes = {{"amount", "601.00 CNY"}};
    told(fact{mend});
    CHECK(book.state_of("early").value().stage == stage::stable);
    CHECK(book.history("early").value().stays.size() == 3);
    CHECK(book.recount_exposure("early").value() == book.state_of("early").value().exposure);
}
