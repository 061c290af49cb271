// What is granted on credit beside the limit, as the engine keeps it (CRE-1, CRE-2, CRE-4, POW-8).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

error refused(engine& book, fact const& f) {
    auto const before = book.state_of("C1").value();
    auto const outcome = book.apply(f);
    REQUIRE_FALSE(outcome.has_value());
    CHECK_FALSE(outcome.error().remedy.empty());
    CHECK(book.state_of("C1").value() == before);
    return outcome.error();
}
limit_set limit(day at, limit_amount amount, std::optional<day> until = {}) {
    auto f = fact_at<limit_set>(at);
    f.amount = amount;
    f.until = until;
    return f;
}
temporary_limit_granted temporary(day at, limit_amount amount, std::optional<day> until) {
    auto f = fact_at<temporary_limit_granted>(at);
    f.amount = amount;
    f.until = until;
    return f;
}
reservation_made reserved(day at, std::string name, money amount, std::optional<day> until = {},
                          std::optional<std::string> for_order = {}) {
    auto f = fact_at<reservation_made>(at);
    f.reservation = std::move(name);
    f.amount = amount;
    f.until = until;
    f.order = std::move(for_order);
    return f;
}
reservation_released released(day at, std::string name, money amount) {
    auto f = fact_at<reservation_released>(at);
    f.reservation = std::move(name);
    f.amount = amount;
    return f;
}
template <class F>
F deposit(day at, money amount) {
    auto f = fact_at<F>(at);
    f.amount = amount;
    return f;
}
quotation_made quoted(day at, std::string name, money amount, std::optional<day> until = {}) {
    auto f = fact_at<quotation_made>(at);
    f.quotation = std::move(name);
    f.amount = amount;
    f.until = until;
    return f;
}
quotation_withdrawn withdrawn(day at, std::string name, std::optional<money> amount = {}) {
    auto f = fact_at<quotation_withdrawn>(at);
    f.quotation = std::move(name);
    f.amount = amount;
    return f;
}
order_placed taking(day at, std::string number, money amount, std::string offer) {
    auto f = order(at, std::move(number), amount);
    f.quotation = std::move(offer);
    return f;
}
guarantee_received guaranteed(day at, std::string name, money amount, std::optional<day> until = {}) {
    auto f = fact_at<guarantee_received>(at);
    f.guarantee = std::move(name);
    f.amount = amount;
    f.by = "First Bank";
    f.until = until;
    return f;
}
guarantee_returned returned(day at, std::string name, std::optional<money> amount = {}) {
    auto f = fact_at<guarantee_returned>(at);
    f.guarantee = std::move(name);
    f.amount = amount;
    return f;
}
/// What a check on the day says of the categories.
credit_exposure by_category(engine& book, std::optional<day> at = {}) {
    auto const answer = book.check("C1", {.amount = yuan(0), .on = at});
    INFO((answer ? std::string{} : answer.error().message()));
    REQUIRE(answer.has_value());
    return answer.value().by_category;
}
std::int64_t exposure(engine const& book) {
    auto const incremental = book.state_of("C1").value().exposure;
    CHECK(book.recount_exposure("C1").value() == incremental);
    return incremental;
}
std::string available(engine const& book) {
    auto const row = book.find("C1").value();
    if (row.state.limit_is_unlimited) return "unlimited";
    auto const rest = row.available();
    return rest ? rest->to_string() : "not set";
}
engine quiet() { return engine{{.reviews = review_mode::by_fact}}; }

}  // namespace

TEST_CASE("a temporary limit replaces the customer's own where it is higher, and reverts by itself",
          "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)),
         temporary(on(2025, 2, 1), yuan(5'000), on(2025, 2, 28)));
    CHECK(available(book) == "5000.00 CNY");
    (void)book.advance_to(on(2025, 2, 28));
    CHECK(available(book) == "5000.00 CNY");  // the last day counts
    (void)book.advance_to(on(2025, 3, 1));
    CHECK(available(book) == "1000.00 CNY");

    SECTION("where none was set before, none is set after it") {
        auto other = quiet();
        tell(other, enrolled(on(2025, 1, 1)), temporary(on(2025, 2, 1), limit_amount::unlimited(), on(2025, 2, 28)));
        CHECK(available(other) == "unlimited");
        (void)other.advance_to(on(2025, 3, 1));
        CHECK(available(other) == "not set");
    }
    SECTION("a limit that is set meanwhile counts once the time is over") {
        auto other = quiet();
        tell(other, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)),
             temporary(on(2025, 2, 1), yuan(5'000), on(2025, 2, 28)), limit(on(2025, 2, 10), yuan(2'000)));
        CHECK(available(other) == "5000.00 CNY");
        (void)other.advance_to(on(2025, 3, 1));
        CHECK(available(other) == "2000.00 CNY");
    }
    SECTION("a limit that is told late does not bring it back") {
        auto other = quiet();
        tell(other, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(10)),
             temporary(on(2025, 1, 2), yuan(1'000), on(2025, 1, 10)), order(on(2025, 1, 20), "O1", yuan(1)),
             limit(on(2025, 1, 5), yuan(50)));
        (void)other.advance_to(on(2025, 1, 31));
        CHECK(available(other) == "49.00 CNY");
    }
    SECTION("the highest is in force, of two and of the customer's own") {
        auto other = quiet();
        tell(other, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(4'000)),
             temporary(on(2025, 2, 1), yuan(5'000), on(2025, 2, 28)),
             temporary(on(2025, 2, 5), yuan(9'000), on(2025, 2, 10)),
             temporary(on(2025, 2, 5), yuan(1'000), on(2025, 3, 31)));
        CHECK(available(other) == "9000.00 CNY");
        (void)other.advance_to(on(2025, 2, 11));
        CHECK(available(other) == "5000.00 CNY");
        (void)other.advance_to(on(2025, 3, 1));
        CHECK(available(other) == "4000.00 CNY");
    }
}

TEST_CASE("a temporary limit without a last day is refused, and so is one that has ended", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    auto const endless = refused(book, temporary(on(2025, 2, 1), yuan(5'000), std::nullopt));
    CHECK(endless.code == errc::missing_field);
    CHECK(endless.field == "until");
    CHECK(refused(book, temporary(on(2025, 2, 1), yuan(5'000), on(2025, 1, 31))).code == errc::out_of_range);
    CHECK(refused(book, limit(on(2025, 2, 1), yuan(5'000), on(2025, 1, 31))).field == "until");
}

TEST_CASE("a limit with a last day is not set after it, which is not zero", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000), on(2025, 6, 30)));
    CHECK(available(book) == "1000.00 CNY");
    (void)book.advance_to(on(2025, 7, 1));
    CHECK(available(book) == "not set");
    tell(book, limit(on(2025, 7, 2), yuan(0)));
    CHECK(available(book) == "0.00 CNY");
}

TEST_CASE("a reservation counts until its order takes it, whole", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)),
         reserved(on(2025, 2, 1), "V1", yuan(300), on(2025, 2, 10), "O1"));
    CHECK(exposure(book) == 300'00);
    CHECK(available(book) == "700.00 CNY");
    SECTION("the same amount") {
        tell(book, order(on(2025, 2, 2), "O1", yuan(300)));
        CHECK(exposure(book) == 300'00);
    }
    SECTION("a smaller order frees the rest, for it is taken once") {
        tell(book, order(on(2025, 2, 2), "O1", yuan(250)));
        CHECK(exposure(book) == 250'00);
        CHECK(refused(book, released(on(2025, 2, 3), "V1", yuan(50))).code == errc::impossible_now);
    }
    SECTION("a larger order adds the rest") {
        tell(book, order(on(2025, 2, 2), "O1", yuan(350)));
        CHECK(exposure(book) == 350'00);
    }
    SECTION("another order does not touch it") {
        tell(book, order(on(2025, 2, 2), "O2", yuan(100)));
        CHECK(exposure(book) == 400'00);
    }
    SECTION("released in parts, never more than is left") {
        tell(book, released(on(2025, 2, 2), "V1", yuan(100)));
        CHECK(exposure(book) == 200'00);
        auto const more = refused(book, released(on(2025, 2, 2), "V1", yuan(201)));
        CHECK(more.remedy.find("200.00 CNY") != std::string::npos);
        tell(book, released(on(2025, 2, 2), "V1", yuan(200)));
        CHECK(exposure(book) == 0);
    }
    SECTION("it expires by itself, once") {
        (void)book.advance_to(on(2025, 2, 10));
        CHECK(exposure(book) == 300'00);
        (void)book.advance_to(on(2025, 2, 11));
        CHECK(exposure(book) == 0);
        tell(book,
             fact{temporary(on(2025, 2, 5), yuan(2'000), on(2025, 3, 1))});  // late, and looks at what lapses again
        (void)book.advance_to(on(2025, 3, 15));
        CHECK(exposure(book) == 0);
        CHECK(refused(book, released(on(2025, 3, 16), "V1", yuan(1))).code == errc::impossible_now);
        tell(book, order(on(2025, 3, 16), "O1", yuan(40)));
        CHECK(exposure(book) == 40'00);
    }
    SECTION("an order has one") {
        auto const second = refused(book, reserved(on(2025, 2, 2), "V2", yuan(1), std::nullopt, "O1"));
        CHECK(second.code == errc::impossible_now);
        CHECK(second.field == "order");
    }
    SECTION("a name is used once") {
        CHECK(refused(book, reserved(on(2025, 2, 2), "V1", yuan(300))).code == errc::impossible_now);
        CHECK(refused(book, released(on(2025, 2, 2), "V9", yuan(300))).code == errc::unknown_reference);
        CHECK(refused(book, reserved(on(2025, 2, 2), "V2", yuan(300), on(2025, 2, 1))).code == errc::out_of_range);
    }
}

TEST_CASE("a fact that is refused on a day leaves what lapses by that day for its time", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), reserved(on(2025, 2, 1), "V1", yuan(300), on(2025, 2, 10)));
    CHECK(refused(book, payment(on(2025, 3, 1), yuan(1), "no such invoice")).code == errc::unknown_reference);
    CHECK(exposure(book) == 300'00);
    tell(book, order(on(2025, 2, 9), "V1", yuan(200)));  // the order of the reservation's own name takes it
    CHECK(exposure(book) == 200'00);
}

TEST_CASE("a deposit is security, and is never refunded beyond what is held", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "O1", yuan(1'000)),
         deposit<deposit_paid>(on(2025, 1, 3), yuan(400)));
    CHECK(exposure(book) == 600'00);
    auto const more = refused(book, deposit<deposit_refunded>(on(2025, 1, 4), 400.01_CNY));
    CHECK(more.code == errc::impossible_now);
    CHECK(more.remedy.find("400.00 CNY") != std::string::npos);
    tell(book, deposit<deposit_refunded>(on(2025, 1, 4), yuan(150)));
    CHECK(exposure(book) == 750'00);
}

TEST_CASE("a quotation is open until it is ordered, withdrawn or past its last day, and the exposure leaves it out",
          "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), quoted(on(2025, 2, 1), "Q1", yuan(300), on(2025, 2, 10)));
    auto const open = [&](std::optional<day> at = {}) { return by_category(book, at).quotations; };
    CHECK(open() == 300'00);
    CHECK(exposure(book) == 0);
    SECTION("an order takes as much as it comes to, the rest stays open") {
        tell(book, taking(on(2025, 2, 2), "O1", yuan(100), "Q1"));
        CHECK(open() == 200'00);
        CHECK(by_category(book).open_orders == 100'00);
        CHECK(exposure(book) == 100'00);
        tell(book, taking(on(2025, 2, 3), "O2", yuan(250), "Q1"));  // more than was offered is an order all the same
        CHECK(open() == 0);
        CHECK(exposure(book) == 350'00);
        tell(book, about_order<order_cancelled>(on(2025, 2, 4), "O1"));
        CHECK(open() == 0);  // what was accepted is offered no more
    }
    SECTION("an order that does not name it leaves it open") {
        tell(book, order(on(2025, 2, 2), "Q1", yuan(100)));
        CHECK(open() == 300'00);
    }
    SECTION("it lapses by itself, and an order that names it after its last day is one of its own") {
        CHECK(open(on(2025, 2, 10)) == 300'00);
        CHECK(open(on(2025, 2, 11)) == 0);
        tell(book, taking(on(2025, 2, 11), "O1", yuan(100), "Q1"));
        CHECK(open() == 0);
        CHECK(exposure(book) == 100'00);
        tell(book, taking(on(2025, 2, 10), "O2", yuan(100), "Q1"));  // late: it bound then
        CHECK(open(on(2025, 2, 10)) == 200'00);
        CHECK(refused(book, withdrawn(on(2025, 2, 11), "Q1")).code == errc::impossible_now);
    }
    SECTION("withdrawn in parts, never more than is left") {
        tell(book, withdrawn(on(2025, 2, 2), "Q1", yuan(100)));
        CHECK(open() == 200'00);
        auto const more = refused(book, withdrawn(on(2025, 2, 2), "Q1", 200.01_CNY));
        CHECK(more.code == errc::impossible_now);
        CHECK(more.remedy.find("200.00 CNY") != std::string::npos);
        tell(book, withdrawn(on(2025, 2, 2), "Q1"));
        CHECK(open() == 0);
        CHECK(refused(book, withdrawn(on(2025, 2, 3), "Q1")).code == errc::impossible_now);
        tell(book, taking(on(2025, 2, 3), "O1", yuan(5), "Q1"));
        CHECK(exposure(book) == 5'00);
    }
    SECTION("names and days are checked") {
        CHECK(refused(book, quoted(on(2025, 2, 2), "Q1", yuan(300))).code == errc::impossible_now);
        CHECK(refused(book, quoted(on(2025, 2, 2), "Q2", yuan(300), on(2025, 2, 1))).field == "until");
        CHECK(refused(book, quoted(on(2025, 2, 2), "Q2", 3.00_USD)).code == errc::currency_mismatch);
        auto const unknown = refused(book, withdrawn(on(2025, 2, 2), "Q9"));
        CHECK(unknown.code == errc::unknown_reference);
        CHECK(unknown.field == "quotation");
        CHECK(refused(book, taking(on(2025, 2, 2), "O1", yuan(1), "Q9")).code == errc::unknown_reference);
        CHECK(refused(book, taking(on(2025, 2, 2), "O1", 1.00_USD, "Q1")).code == errc::currency_mismatch);
        CHECK(open() == 300'00);
        tell(book, quoted(on(2025, 2, 2), "Q2", money{INT64_MAX - 300'00, cny}));
        CHECK(refused(book, quoted(on(2025, 2, 2), "Q3", 0.01_CNY)).code == errc::amount_overflow);
    }
}

TEST_CASE("an order of a customer of whom nothing else is known takes up no quotation", "[engine][credit]") {
    auto book = quiet();
    auto const outcome = book.apply(taking(on(2025, 2, 2), "O1", yuan(1), "Q1"));
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == errc::unknown_reference);
    CHECK(book.size() == 0);
}

TEST_CASE("a late fact whose own day has passed leaves a limit for a time in force", "[engine][credit]") {
    auto book = quiet();
    auto base = fact_at<limit_set>(on(2025, 1, 1));
    base.amount = yuan(100);
    auto more = fact_at<temporary_limit_granted>(on(2025, 2, 12));
    more.amount = yuan(500);
    more.until = on(2025, 3, 20);
    tell(book, enrolled(on(2025, 1, 1)), base, more, order(on(2025, 2, 20), "O1", yuan(50)),
         guaranteed(on(2025, 2, 5), "G1", yuan(7), on(2025, 2, 10)), order(on(2025, 2, 25), "O2", yuan(1)));
    CHECK(book.state_of("C1").value().limit == 500'00);
}

TEST_CASE("a guarantee is security until it is returned or past its last day", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "O1", yuan(1'000)),
         guaranteed(on(2025, 1, 3), "G1", yuan(400), on(2025, 1, 31)), guaranteed(on(2025, 1, 3), "G2", yuan(100)));
    CHECK(exposure(book) == 500'00);
    CHECK(by_category(book).security == 500'00);
    SECTION("it lapses by itself, once") {
        (void)book.advance_to(on(2025, 1, 31));
        CHECK(exposure(book) == 500'00);
        CHECK(by_category(book, on(2025, 2, 1)).security == 100'00);
        (void)book.advance_to(on(2025, 2, 1));
        CHECK(exposure(book) == 900'00);
        tell(book, guaranteed(on(2025, 1, 5), "G3", yuan(7), on(2025, 1, 31)));  // late: looks at what lapses again
        (void)book.advance_to(on(2025, 2, 2));
        CHECK(exposure(book) == 900'00);
        CHECK(refused(book, returned(on(2025, 2, 3), "G1")).code == errc::impossible_now);
    }
    SECTION("returned in parts, never more than is left") {
        tell(book, returned(on(2025, 1, 4), "G1", yuan(150)));
        CHECK(exposure(book) == 650'00);
        auto const more = refused(book, returned(on(2025, 1, 4), "G1", 250.01_CNY));
        CHECK(more.remedy.find("250.00 CNY") != std::string::npos);
        tell(book, returned(on(2025, 1, 4), "G1"), returned(on(2025, 1, 4), "G2"));
        CHECK(exposure(book) == 1'000'00);
        CHECK(refused(book, returned(on(2025, 1, 5), "G2")).code == errc::impossible_now);
        (void)book.advance_to(on(2025, 2, 1));
        CHECK(exposure(book) == 1'000'00);
    }
    SECTION("it may be more than what is owed") {
        tell(book, guaranteed(on(2025, 1, 4), "G3", yuan(900)));
        CHECK(exposure(book) == -400'00);
    }
    SECTION("names and days are checked") {
        CHECK(refused(book, guaranteed(on(2025, 1, 4), "G1", yuan(400))).code == errc::impossible_now);
        CHECK(refused(book, guaranteed(on(2025, 1, 4), "G3", yuan(4), on(2025, 1, 3))).field == "until");
        auto const unknown = refused(book, returned(on(2025, 1, 4), "G9"));
        CHECK(unknown.code == errc::unknown_reference);
        CHECK(unknown.field == "guarantee");
        tell(book, deposit<deposit_paid>(on(2025, 1, 4), yuan(1)));
        CHECK(refused(book, guaranteed(on(2025, 1, 4), "G3", money{INT64_MAX - 500'99, cny})).code ==
              errc::amount_overflow);
    }
    SECTION("what is owed stays within bounds when it lapses") {
        auto const most = money{INT64_MAX - 900'00, cny};
        CHECK(refused(book, order(on(2025, 1, 4), "O2", most)).code == errc::amount_overflow);
        tell(book, order(on(2025, 1, 4), "O2", money{INT64_MAX - 1'000'00, cny}));
        (void)book.advance_to(on(2025, 2, 1));
        CHECK(exposure(book) == INT64_MAX - 100'00);
        CHECK(refused(book, returned(on(2025, 2, 1), "G2", yuan(101))).code == errc::impossible_now);
        tell(book, returned(on(2025, 2, 1), "G2"));
        CHECK(exposure(book) == INT64_MAX);
    }
}

TEST_CASE("a correction of a quotation or a guarantee is as if it had been told so", "[engine][credit]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), named("q", quoted(on(2025, 2, 1), "Q1", yuan(300), on(2025, 2, 20))),
         named("g", guaranteed(on(2025, 2, 1), "G1", yuan(100), on(2025, 2, 10))),
         named("o", taking(on(2025, 2, 2), "O1", yuan(200), "Q1")), order(on(2025, 2, 15), "O2", yuan(1)));
    CHECK(by_category(book).quotations == 100'00);
    CHECK(exposure(book) == 201'00);
    tell(book, correction(on(2025, 2, 16), "q", "amount", "250.00 CNY"));
    CHECK(by_category(book).quotations == 50'00);
    tell(book, correction(on(2025, 2, 16), "o", "amount", "20.00 CNY"));
    CHECK(by_category(book).quotations == 230'00);
    CHECK(exposure(book) == 21'00);
    tell(book, correction(on(2025, 2, 16), "g", "until", "2025-02-28"));
    CHECK(exposure(book) == -79'00);
    auto const lost = book.apply(correction(on(2025, 2, 16), "q", "quotation", "Q2"));
    REQUIRE(lost.has_error());
    CHECK(lost.error().code == errc::unknown_reference);  // the order would name one that there never was
    tell(book, correction(on(2025, 2, 17), "q", "until", "2025-02-01"));
    CHECK(by_category(book).quotations == 0);
    (void)book.advance_to(on(2025, 3, 1));
    CHECK(exposure(book) == 21'00);
}

namespace {

/// What a customer's quotations, guarantees and orders come to, worked out from all facts at once.
struct reckoning {
    struct part {
        day from;
        std::optional<day> until;
        std::int64_t amount = 0;
        std::int64_t gone = 0;

        [[nodiscard]] bool binds(day at) const { return !until || at <= *until; }
        [[nodiscard]] std::int64_t left(day at) const { return binds(at) ? amount - gone : 0; }
    };
    std::map<std::string, part> quotations;
    std::map<std::string, part> guarantees;
    std::int64_t ordered = 0;

    [[nodiscard]] credit_exposure on_day(day at) const {
        credit_exposure e{.open_orders = ordered};
        for (auto const& [name, q] : quotations) e.quotations += q.left(at);
        for (auto const& [name, g] : guarantees) e.security += g.left(at);
        return e;
    }
};

/// Facts in the order of their days, each of which is taken in whatever order they are told, as long as a thing is told
/// of before what happens to it.
struct told_at_random {
    std::vector<fact> facts;
    reckoning sum;
    day last;

    explicit told_at_random(std::uint64_t seed, int steps) : last{on(2025, 1, 1)}, random_{seed} {
        for (int i = 0; i < steps; ++i) {
            last += std::chrono::days{static_cast<int>(below(4))};
            step(i);
        }
    }
    std::uint64_t below(std::uint64_t n) { return random_() % n; }

    /// Another order: each fact trades places with its neighbour now and then, but not with what it rests on.
    [[nodiscard]] std::vector<fact> in_another_order() {
        auto all = facts;
        for (auto swaps = all.size() * 20; swaps > 0; --swaps) {
            auto const i = below(all.size() - 1);
            if (!rests_on(all[i + 1], all[i])) std::swap(all[i], all[i + 1]);
        }
        return all;
    }

private:
    static std::string thing_of(fact const& f) {
        if (auto const* q = std::get_if<quotation_made>(&f)) return "Q" + q->quotation;
        if (auto const* q = std::get_if<quotation_withdrawn>(&f)) return "Q" + q->quotation;
        if (auto const* o = std::get_if<order_placed>(&f)) return "Q" + o->quotation.value_or("");
        if (auto const* g = std::get_if<guarantee_received>(&f)) return "G" + g->guarantee;
        return "G" + std::get<guarantee_returned>(f).guarantee;
    }
    static bool rests_on(fact const& later, fact const& earlier) {
        auto const begins =
            kind_of(earlier) == fact_kind::quotation_made || kind_of(earlier) == fact_kind::guarantee_received;
        return begins && thing_of(later) == thing_of(earlier);
    }
    money amount() { return {static_cast<std::int64_t>(below(100'000)), cny}; }
    template <class F>
    void add(F f) {
        f.ref = "F" + std::to_string(facts.size());
        facts.emplace_back(std::move(f));
    }
    void step(int i) {
        auto const until =
            below(4) == 0 ? std::nullopt : std::optional{last + std::chrono::days{static_cast<int>(below(30))}};
        auto const name = "N" + std::to_string(i);
        auto const which = [&](std::map<std::string, reckoning::part>& all) {
            return std::next(all.begin(), static_cast<std::ptrdiff_t>(below(all.size())));
        };
        switch (below(6)) {
            case 0: {
                add(quoted(last, name, amount(), until));
                auto const& f = std::get<quotation_made>(facts.back());
                sum.quotations[name] = {last, until, f.amount.minor_units()};
                break;
            }
            case 1: {
                add(guaranteed(last, name, amount(), until));
                auto const& f = std::get<guarantee_received>(facts.back());
                sum.guarantees[name] = {last, until, f.amount.minor_units()};
                break;
            }
            case 2: {
                auto const placed = amount();
                sum.ordered += placed.minor_units();
                add(order(last, name, placed));
                break;
            }
            case 3: {  // no more in all than was offered, or every part would hang on which came first
                if (sum.quotations.empty()) break;
                auto& [offer, q] = *which(sum.quotations);
                auto const most = static_cast<std::uint64_t>(q.amount - q.gone);
                auto const part = static_cast<std::int64_t>(below(most + 1));
                sum.ordered += part;
                if (q.binds(last)) q.gone += part;
                add(taking(last, name, money{part, cny}, offer));
                break;
            }
            case 4: {
                if (sum.quotations.empty()) break;
                auto& [offer, q] = *which(sum.quotations);
                if (!q.binds(last)) break;
                auto const part = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(q.amount - q.gone) + 1));
                q.gone += part;
                add(withdrawn(last, offer, money{part, cny}));
                break;
            }
            default: {
                if (sum.guarantees.empty()) break;
                auto& [held, g] = *which(sum.guarantees);
                if (!g.binds(last)) break;
                auto const part = static_cast<std::int64_t>(below(static_cast<std::uint64_t>(g.amount - g.gone) + 1));
                g.gone += part;
                add(returned(last, held, money{part, cny}));
            }
        }
    }

    std::mt19937_64 random_;
};

engine counting_quotations() {
    engine_options how{.reviews = review_mode::by_fact};
    how.rules.credit.counts.quotations = true;
    return engine{std::move(how)};
}

}  // namespace

TEST_CASE("exposure with quotations and guarantees is what a reckoning of all facts gives, on every day",
          "[engine][credit][properties]") {
    auto const seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    told_at_random story{seed, 60};
    auto book = counting_quotations();
    tell(book, enrolled(on(2025, 1, 1)));
    std::size_t at = 0;
    for (auto today = on(2025, 1, 1); today <= story.last + std::chrono::days{31}; today += std::chrono::days{1}) {
        for (; at < story.facts.size() && head_of(story.facts[at]).at.on() == today; ++at) tell(book, story.facts[at]);
        (void)book.advance_to(today);
        REQUIRE(book.recount_exposure("C1").value() == book.state_of("C1").value().exposure);
        auto const answer = book.check("C1", {.amount = yuan(0), .on = today}).value();
        auto without = answer.by_category;
        without.quotations = 0;
        REQUIRE(total(without).value() == book.state_of("C1").value().exposure);
        REQUIRE(answer.exposure == total(answer.by_category, {.quotations = true}).value());
        if (at == story.facts.size()) REQUIRE(answer.by_category == story.sum.on_day(today));
    }
}

TEST_CASE("quotations and guarantees told in any order come to the same", "[engine][credit][properties]") {
    auto const seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    told_at_random story{seed, 60};
    auto const end = story.last + std::chrono::days{31};
    for (int times = 0; times < 4; ++times) {
        auto book = quiet();
        tell(book, enrolled(on(2025, 1, 1)));
        for (auto const& f : story.in_another_order()) {
            auto const told = book.apply(f);  // what comes after it has lapsed changes nothing any more
            REQUIRE((told || told.error().code == errc::impossible_now));
            REQUIRE(book.recount_exposure("C1").value() == book.state_of("C1").value().exposure);
        }
        for (auto today = story.last; today <= end; today += std::chrono::days{1}) {
            REQUIRE(by_category(book, today) == story.sum.on_day(today));
        }
        (void)book.advance_to(end);
        REQUIRE(exposure(book) == total(story.sum.on_day(end)).value());
        REQUIRE(by_category(book) == story.sum.on_day(end));
    }
}

TEST_CASE("exposure with reservations, deposits and limits for a time equals a recount at every step",
          "[engine][credit][properties]") {
    auto const seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto const amount = [&] { return money{static_cast<std::int64_t>(below(100'000)), cny}; };
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    auto at = on(2025, 1, 1);
    for (int i = 0; i < 150; ++i) {
        at += std::chrono::days{static_cast<int>(below(4))};
        auto const until = at + std::chrono::days{static_cast<int>(below(20))};
        auto const name = "N" + std::to_string(below(40));
        switch (below(12)) {
            case 0: (void)book.apply(order(at, name, amount())); break;
            case 8: (void)book.apply(quoted(at, name, amount(), until)); break;
            case 9: (void)book.apply(taking(at, "T" + name, amount(), "N" + std::to_string(below(40)))); break;
            case 10:
                (void)book.apply(guaranteed(at, name, amount(), below(4) == 0 ? std::nullopt : std::optional{until}));
                break;
            case 11:
                (void)book.apply(returned(at, name, below(2) == 0 ? std::nullopt : std::optional{amount()}));
                break;
            case 1:
                (void)book.apply(reserved(at, name, amount(), below(4) == 0 ? std::nullopt : std::optional{until}));
                break;
            case 2: (void)book.apply(released(at, name, amount())); break;
            case 3: (void)book.apply(deposit<deposit_paid>(at, amount())); break;
            case 4: (void)book.apply(deposit<deposit_refunded>(at, amount())); break;
            case 5: (void)book.apply(temporary(at, amount(), until)); break;
            case 6: (void)book.apply(limit(at, amount(), below(2) == 0 ? std::nullopt : std::optional{until})); break;
            default: (void)book.advance_to(at);
        }
        REQUIRE(book.recount_exposure("C1").value() == book.state_of("C1").value().exposure);
    }
}
