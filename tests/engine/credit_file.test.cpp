// What is granted on credit beside the limit, as the engine keeps it (CRE-1, CRE-2, CRE-4, POW-8).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstdint>
#include <random>
#include <string>

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
        switch (below(8)) {
            case 0: (void)book.apply(order(at, name, amount())); break;
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
