// The credit check over a book: what it looks at, groups and currencies (CRE-1, CRE-2, CRE-3, CRE-9, CRE-10).
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

limit_set limit(day at, limit_amount amount, std::string customer = "C1", std::optional<day> until = {}) {
    auto f = fact_at<limit_set>(at, std::move(customer));
    f.amount = amount;
    f.until = until;
    return f;
}
customer_enrolled member(day at, std::string customer, std::string parent, currency in = cny) {
    auto f = enrolled(at, std::move(customer));
    f.parent = std::move(parent);
    f.currency = in;
    return f;
}
rate_set rate(day at, currency from, currency to, std::string_view value) {
    rate_set f;
    f.at = at;
    f.from = from;
    f.to = to;
    f.rate = decimal::parse(value).value();
    return f;
}
reservation_made reserved(day at, std::string name, money amount, std::string for_order) {
    auto f = fact_at<reservation_made>(at);
    f.reservation = std::move(name);
    f.amount = amount;
    f.order = std::move(for_order);
    return f;
}
override_granted override_for(day at, money amount, day until, std::optional<std::string> number = {}) {
    auto f = fact_at<override_granted>(at);
    f.amount = amount;
    f.by = "head of credit";
    f.reason = "fair";
    f.until = until;
    f.order = std::move(number);
    return f;
}
credit_answer ask(engine& book, money amount, credit_query q = {}, std::string_view customer = "C1") {
    q.amount = amount;
    auto answer = book.check(customer, q);
    INFO((answer ? std::string{} : answer.error().message()));
    REQUIRE(answer.has_value());
    return std::move(answer.value());
}
credit_verdict verdict_of(engine& book, money amount, credit_query const& q = {}, std::string_view customer = "C1") {
    return ask(book, amount, q, customer).verdict;
}
bool speaks_against(credit_answer const& a, std::string_view rule) {
    return std::any_of(a.rules.begin(), a.rules.end(), [&](credit_finding const& f) {
        return f.why.rule == rule && f.outcome != credit_verdict::approve;
    });
}
engine quiet() { return engine{{.reviews = review_mode::by_fact}}; }

using enum credit_verdict;

}  // namespace

TEST_CASE("what is left of a limit passes, a cent more does not", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(700)));
    CHECK(verdict_of(book, yuan(300)) == approve);
    auto const held = ask(book, 300.01_CNY);
    CHECK(held.verdict == hold);
    CHECK(speaks_against(held, "credit_limit"));
    CHECK(held.exposure == 700'00);
    CHECK(held.available.amount == 300'00);

    // each way to clear it does, when it is gone
    auto const has = [&](clearance by, std::int64_t amount) {
        return std::any_of(held.clears.begin(), held.clears.end(),
                           [&](credit_clearance const& c) { return c.by == by && c.amount == amount; });
    };
    REQUIRE(has(clearance::payment, 1));
    REQUIRE(has(clearance::reduction, 300'00));
    tell(book, payment(on(2025, 2, 2), 0.01_CNY));
    CHECK(verdict_of(book, 300.01_CNY) == approve);
}

TEST_CASE("a limit has its seasons, in the row and in the check alike", "[engine][check]") {
    auto book = quiet();
    auto seasonal = limit(on(2025, 1, 1), yuan(1'000));
    seasonal.seasons = {{12, 150}, {2, 0}};
    tell(book, enrolled(on(2025, 1, 1)), seasonal, order(on(2025, 1, 2), "O1", yuan(100)));
    struct part {
        day at;
        std::int64_t limit;
    };
    for (auto const& [at, limit_then] :
         {part{on(2025, 1, 31), 1'000'00}, part{on(2025, 2, 1), 0}, part{on(2025, 2, 28), 0},
          part{on(2025, 3, 1), 1'000'00}, part{on(2025, 12, 1), 1'500'00}, part{on(2026, 1, 1), 1'000'00}}) {
        CAPTURE(to_string(at));
        CHECK(ask(book, yuan(1), {.on = at}).available.amount == limit_then - 100'00);  // before the day has come
        book.advance_to(at);
        CHECK(book.state_of("C1").value().limit == limit_then);
        CHECK(ask(book, yuan(1)).available.amount == limit_then - 100'00);
    }
    seasonal.seasons = {{12, 150}, {12, 50}};
    seasonal.at = on(2026, 1, 2);
    CHECK(book.apply(seasonal).error().field == "seasons");
    tell(book, limit(on(2026, 1, 3), yuan(500)));  // the next one has none
    CHECK(ask(book, yuan(1), {.on = on(2026, 12, 1)}).available.amount == 400'00);
}

TEST_CASE("a limit may bound each document", "[engine][check]") {
    auto book = quiet();
    auto by_document = limit(on(2025, 1, 1), yuan(1'000));
    by_document.per_document = yuan(300);
    tell(book, enrolled(on(2025, 1, 1)), by_document);
    CHECK(verdict_of(book, yuan(300)) == approve);
    CHECK(speaks_against(ask(book, 300.01_CNY), "document_limit"));
    by_document.at = on(2025, 1, 2);
    by_document.per_document = money{300'00, currency::literal("EUR")};
    CHECK(book.apply(by_document).error().field == "per_document");
    tell(book, limit(on(2025, 1, 3), yuan(1'000)));
    CHECK(verdict_of(book, yuan(1'000)) == approve);
}

TEST_CASE("a group's limit may be a pool for what members need beyond their own", "[engine][check]") {
    auto book = quiet();
    auto pool = limit(on(2025, 1, 1), yuan(500), "G");
    pool.mode = pool_mode::own_plus_pool;
    tell(book, enrolled(on(2025, 1, 1), "G"), member(on(2025, 1, 1), "C1", "G"), member(on(2025, 1, 1), "C2", "G"),
         pool, limit(on(2025, 1, 1), yuan(100), "C1"), limit(on(2025, 1, 1), yuan(200), "C2"));
    CHECK(verdict_of(book, yuan(600)) == approve);  // its own, and all of the pool
    CHECK(verdict_of(book, 600.01_CNY) == hold);
    tell(book, order(on(2025, 1, 2), "O2", yuan(500), "C2"));  // takes 300 from it
    CHECK(verdict_of(book, yuan(300)) == approve);
    CHECK(speaks_against(ask(book, 300.01_CNY), "group_limit"));
    CHECK(verdict_of(book, yuan(200), {}, "C2") == approve);
    CHECK(verdict_of(book, 200.01_CNY, {}, "C2") == hold);
    tell(book, order(on(2025, 1, 3), "O3", yuan(50), "G"));  // the group itself takes some
    CHECK(verdict_of(book, yuan(250)) == approve);
    CHECK(verdict_of(book, 250.01_CNY) == hold);
    CHECK(verdict_of(book, yuan(150), {}, "G") == approve);
    CHECK(verdict_of(book, 150.01_CNY, {}, "G") == hold);
}

TEST_CASE("what members take from a pool is what is beyond the limits that count", "[engine][check]") {
    auto book = quiet();
    auto pool = limit(on(2025, 1, 1), yuan(1'000), "G");
    pool.mode = pool_mode::own_plus_pool;
    tell(book, enrolled(on(2025, 1, 1), "G"), pool, member(on(2025, 1, 1), "B", "G"),
         limit(on(2025, 1, 1), yuan(100), "B"), member(on(2025, 1, 1), "A", "G"));
    SECTION("one that has run out is none") {
        tell(book, limit(on(2025, 1, 1), yuan(1'000), "A", on(2025, 1, 31)),
             order(on(2025, 1, 2), "O1", yuan(900), "A"));
        CHECK(verdict_of(book, yuan(1'100), {.on = on(2025, 1, 31)}, "B") == approve);
        CHECK(verdict_of(book, yuan(200), {.on = on(2025, 2, 1)}, "B") == approve);
        CHECK(verdict_of(book, 200.01_CNY, {.on = on(2025, 2, 1)}, "B") == hold);
    }
    SECTION("a nearer group's default is one") {
        auto standard = limit(on(2025, 1, 1), yuan(500), "S");
        standard.mode = pool_mode::default_only;
        tell(book, member(on(2025, 1, 1), "S", "G"), standard, member(on(2025, 1, 1), "M", "S"),
             order(on(2025, 1, 2), "O1", yuan(400), "M"));
        CHECK(verdict_of(book, yuan(1'100), {}, "B") == approve);
        tell(book, order(on(2025, 1, 3), "O2", yuan(300), "M"));  // 200 beyond it
        CHECK(verdict_of(book, yuan(900), {}, "B") == approve);
        CHECK(verdict_of(book, 900.01_CNY, {}, "B") == hold);
    }
}

TEST_CASE("the day that clears a check knows of a group's seasons", "[engine][check]") {
    auto book = quiet();
    auto seasonal = limit(on(2025, 1, 1), yuan(1'000), "G");
    seasonal.seasons = {{1, 50}};
    tell(book, enrolled(on(2025, 1, 1), "G"), seasonal, member(on(2025, 1, 1), "A", "G"));
    auto const held = ask(book, yuan(700), {}, "A");
    CHECK(held.verdict == hold);
    auto const date = std::ranges::find(held.clears, clearance::date, &credit_clearance::by);
    REQUIRE(date != held.clears.end());
    CHECK(day_of(date->on) == on(2025, 2, 1));
    CHECK(verdict_of(book, yuan(700), {.on = on(2025, 2, 1)}, "A") == approve);
    CHECK(verdict_of(book, yuan(700), {.on = on(2026, 1, 1)}, "A") == hold);
}

TEST_CASE("a default in a currency without a rate holds nobody who has a limit", "[engine][check]") {
    auto book = quiet();
    auto foreign = limit(on(2025, 1, 1), money{500'00, currency::literal("USD")}, "G");
    foreign.mode = pool_mode::default_only;
    auto group = enrolled(on(2025, 1, 1), "G");
    group.currency = currency::literal("USD");
    tell(book, group, foreign, member(on(2025, 1, 1), "A", "G"), member(on(2025, 1, 1), "B", "G"),
         limit(on(2025, 1, 1), yuan(500), "A"));
    CHECK(verdict_of(book, yuan(500), {}, "A") == approve);
    CHECK(verdict_of(book, yuan(1), {}, "B") == hold);
}

TEST_CASE("a standing that falls tells which threshold it has reached", "[engine][check]") {
    engine book{{.record_decisions = true}};
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "O1", yuan(100)),
         invoice(on(2025, 1, 2), "I1", yuan(100), on(2025, 1, 20), "O1"));
    auto const told = [&](day until) {
        for (auto const& d : book.advance_to(until)) {
            if (d.event == "standing_changed") return d.why.front();
        }
        FAIL("no change of standing is told");
        return reason{};
    };
    auto const first = told(on(2025, 1, 31));  // 11 days: the first letter
    CHECK(first.rule == "standing_by_dunning");
    CHECK(first.saw == 1);
    CHECK(first.what == "watch");
    auto const second = told(on(2025, 3, 31));
    CHECK(second.rule == "standing_lowered");
    CHECK(second.saw == 70);
    CHECK(second.threshold == 45);
}

TEST_CASE("a review that is held late does not see letters of later days", "[engine][check]") {
    auto const begin = [] {
        auto book = quiet();
        tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 1), "O1", yuan(100)),
             invoice(on(2025, 1, 1), "I1", yuan(100), on(2025, 1, 2), "O1"));
        return book;
    };
    auto in_time = begin();
    tell(in_time, review(on(2025, 2, 1), in_month(2025, 1)), payment(on(2025, 3, 3), yuan(1)));
    auto late = begin();
    tell(late, payment(on(2025, 3, 3), yuan(1)), review(on(2025, 3, 5), in_month(2025, 1)));
    CHECK(in_time.state_of("C1").value().credit_standing == standing::watch);
    CHECK(late.state_of("C1").value().credit_standing == standing::watch);
}

TEST_CASE("a group's limit may stand for that of members who have none", "[engine][check]") {
    auto book = quiet();
    auto standard = limit(on(2025, 1, 1), yuan(500), "G");
    standard.mode = pool_mode::default_only;
    tell(book, enrolled(on(2025, 1, 1), "G"), member(on(2025, 1, 1), "C1", "G"), member(on(2025, 1, 1), "C2", "G"),
         standard, limit(on(2025, 1, 1), yuan(900), "C2"), order(on(2025, 1, 2), "O2", yuan(400), "C2"));
    CHECK(verdict_of(book, yuan(500)) == approve);
    CHECK(verdict_of(book, 500.01_CNY) == hold);
    CHECK(verdict_of(book, yuan(500), {}, "C2") == approve);  // it has its own
    CHECK(verdict_of(book, yuan(500), {}, "G") == approve);
    CHECK(verdict_of(book, 500.01_CNY, {}, "G") == hold);
}

TEST_CASE("no limit set, and one that has run out, hold; zero is a limit of nothing", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    CHECK(verdict_of(book, yuan(1)) == hold);
    tell(book, limit(on(2025, 1, 1), yuan(1'000), "C1", on(2025, 6, 30)));
    CHECK(verdict_of(book, yuan(1'000), {.on = on(2025, 6, 30)}) == approve);
    CHECK(speaks_against(ask(book, yuan(1), {.on = on(2025, 7, 1)}), "limit_expired"));
    tell(book, limit(on(2025, 1, 2), yuan(0)));
    CHECK(verdict_of(book, yuan(1)) == hold);
    tell(book, limit(on(2025, 1, 3), limit_amount::unlimited()));
    CHECK(verdict_of(book, yuan(1'000'000'000)) == approve);
}

TEST_CASE("a reservation is no reason against its own order, and one against any other", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)),
         reserved(on(2025, 2, 1), "V1", yuan(800), "O1"));
    CHECK(verdict_of(book, yuan(1'000), {.order = "O1"}) == approve);
    CHECK(verdict_of(book, yuan(800), {.order = "O2"}) == hold);
    CHECK(verdict_of(book, yuan(800), {.reservation = "V1"}) == approve);
}

TEST_CASE("a change is checked by what it adds, and invoicing what was delivered is never blocked", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(1'400)),
         about_order<goods_delivered>(on(2025, 2, 2), "O1", yuan(1'400)));
    CHECK(verdict_of(book, yuan(1'300), {.step = credit_step::change, .order = "O1"}) == approve);
    CHECK(verdict_of(book, 1'400.01_CNY, {.step = credit_step::change, .order = "O1"}) == hold);
    CHECK(verdict_of(book, yuan(1'400), {.step = credit_step::invoice, .order = "O1"}) == approve);
}

TEST_CASE("an item long overdue holds, disputed it does not", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(10'000)),
         invoice(on(2025, 1, 2), "I1", yuan(500), on(2025, 2, 1)));
    CHECK(verdict_of(book, yuan(10), {.on = on(2025, 2, 1)}) == approve);
    auto const late = ask(book, yuan(10), {.on = on(2025, 4, 15)});
    CHECK(late.verdict == hold);
    CHECK(speaks_against(late, "oldest_item"));
    CHECK(late.by_category.overdue == 500'00);
    auto disputed = fact_at<invoice_disputed>(on(2025, 2, 1));
    disputed.invoice = "I1";
    tell(book, disputed);
    CHECK(verdict_of(book, yuan(10), {.on = on(2025, 4, 15)}) == approve);
}

TEST_CASE("an override in force passes what was held, until its last day", "[engine][check]") {
    auto book = quiet();
    auto const granted = override_for(on(2025, 2, 1), yuan(500), on(2025, 2, 10), "O1");
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(100)), granted);
    CHECK(verdict_of(book, yuan(500), {.order = "O1", .on = on(2025, 2, 10)}) == approve);
    CHECK(verdict_of(book, 500.01_CNY, {.order = "O1", .on = on(2025, 2, 10)}) == hold);
    CHECK(verdict_of(book, yuan(500), {.order = "O2", .on = on(2025, 2, 10)}) == hold);
    CHECK(verdict_of(book, yuan(500), {.order = "O1", .on = on(2025, 2, 11)}) == hold);
}

TEST_CASE("an override for any order is used up by what it lets through", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(0)),
         override_for(on(2025, 2, 1), yuan(500), on(2025, 2, 28)));
    auto const asked = [&](money amount, std::string_view number) {
        return verdict_of(book, amount, {.order = number});
    };
    CHECK(asked(yuan(500), "O1") == approve);
    tell(book, order(on(2025, 2, 2), "O1", yuan(300)));
    CHECK(asked(yuan(200), "O2") == approve);
    CHECK(asked(200.01_CNY, "O2") == hold);

    SECTION("what an order has used is there for its own delivery and change") {
        tell(book, order(on(2025, 2, 3), "O2", yuan(200)));
        CHECK(asked(0.01_CNY, "O3") == hold);
        CHECK(verdict_of(book, yuan(300), {.step = credit_step::delivery, .order = "O1"}) == approve);
        CHECK(verdict_of(book, 300.01_CNY, {.step = credit_step::change, .order = "O1"}) == hold);
    }
    SECTION("an order that it cannot have let through leaves it alone") {
        tell(book, order(on(2025, 2, 3), "O2", 200.01_CNY));
        CHECK(asked(yuan(200), "O3") == approve);
    }
    SECTION("one for the order alone comes first, and of several the least that is enough") {
        tell(book, override_for(on(2025, 2, 3), yuan(100), on(2025, 2, 28), "O2"),
             override_for(on(2025, 2, 3), yuan(120), on(2025, 2, 28)), order(on(2025, 2, 4), "O2", yuan(100)));
        CHECK(asked(yuan(200), "O3") == approve);
        tell(book, order(on(2025, 2, 4), "O3", yuan(110)));
        CHECK(asked(yuan(200), "O4") == approve);
    }
    SECTION("a reservation uses it for its order, and gives back what it does not need") {
        tell(book, reserved(on(2025, 2, 3), "V1", yuan(200), "O2"));
        CHECK(asked(0.01_CNY, "O3") == hold);
        CHECK(asked(yuan(200), "O2") == approve);
        CHECK(verdict_of(book, yuan(200), {.reservation = "V1"}) == approve);
        SECTION("when it is released") {
            auto released = fact_at<reservation_released>(on(2025, 2, 4));
            released.reservation = "V1";
            released.amount = yuan(50);
            tell(book, released);
            CHECK(asked(yuan(50), "O3") == approve);
            CHECK(asked(50.01_CNY, "O3") == hold);
        }
        SECTION("when its order needs less") {
            tell(book, order(on(2025, 2, 4), "O2", yuan(120)));
            CHECK(asked(yuan(80), "O3") == approve);
            CHECK(asked(80.01_CNY, "O3") == hold);
        }
    }
    SECTION("when a reservation runs out, it is there again") {
        auto brief = reserved(on(2025, 2, 3), "V1", yuan(200), "O2");
        brief.until = on(2025, 2, 5);
        tell(book, brief, payment(on(2025, 2, 7), 0.01_CNY));
        CHECK(asked(yuan(200), "O3") == approve);
    }
}

TEST_CASE("what passes by an override for any order never comes to more than its amount in sum",
          "[engine][check][properties]") {
    auto const seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(0)),
         override_for(on(2025, 1, 1), yuan(1'000), on(2025, 12, 31)));
    std::int64_t passed = 0;
    for (int i = 0; i < 60; ++i) {
        auto const number = "O" + std::to_string(i);
        money const amount{static_cast<std::int64_t>(1 + below(300'00)), cny};
        if (verdict_of(book, amount, {.order = number}) != approve) continue;
        passed += amount.minor_units();
        if (below(2) == 0) tell(book, reserved(on(2025, 1, 2), "V" + std::to_string(i), amount, number));
        tell(book, order(on(2025, 1, 3), number, amount));
    }
    CHECK(passed <= 1'000'00);
    CHECK(passed > 0);
}

TEST_CASE("sums of invoices beyond 64 bits are exact where what is owed fits", "[engine][check]") {
    auto book = quiet();
    money const nine{9'000'000'000'000'000'000, cny};
    money const four{4'000'000'000'000'000'000, cny};
    auto security = fact_at<deposit_paid>(on(2025, 1, 1));
    security.amount = money{5'000'000'000'000'000'000, cny};
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), limit_amount::unlimited()), security,
         order(on(2025, 1, 2), "O1", 0.01_CNY), invoice(on(2025, 1, 2), "I1", nine, on(2025, 2, 1)),
         invoice(on(2025, 1, 2), "I2", four, on(2025, 2, 1)));
    auto const early = ask(book, yuan(1), {.on = on(2025, 2, 1)});
    CHECK(early.verdict == approve);
    CHECK(early.exposure == 8'000'000'000'000'000'001);
    CHECK(total(early.by_category).value() == early.exposure);
    CHECK(book.recount_exposure("C1").value() == early.exposure);
    CHECK(book.state_of("C1").value().exposure == early.exposure);
    auto asked = credit_query{.amount = yuan(1), .on = on(2025, 3, 15)};
    auto const late = book.check("C1", asked);  // so much is overdue that the amount cannot be told
    REQUIRE(late.has_error());
    CHECK(late.error().code == errc::amount_overflow);
    CHECK(late.error().field == "overdue_amount");
    tell(book, review_held{.ref = {}, .at = on(2025, 4, 30), .period = in_month(2025, 4)});
    CHECK(book.state_of("C1").value().credit_standing == standing::cash_only);  // 88 days past due
}

TEST_CASE("the row's limit and the check's are one, whatever was granted and has run out",
          "[engine][check][properties]") {
    auto const seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)));
    auto at = on(2025, 1, 1);
    for (int i = 0; i < 80; ++i) {
        at += std::chrono::days{static_cast<int>(below(5))};
        auto const until = at + std::chrono::days{static_cast<int>(below(15))};
        limit_amount const amount =
            below(6) == 0 ? limit_amount::unlimited() : limit_amount{money{static_cast<std::int64_t>(below(9)), cny}};
        switch (below(3)) {
            case 0: tell(book, limit(at, amount, "C1", below(2) == 0 ? std::nullopt : std::optional{until})); break;
            case 1: {
                auto f = fact_at<temporary_limit_granted>(at);
                f.amount = amount;
                f.until = until;
                tell(book, f);
                break;
            }
            default: tell(book, order(at, "O" + std::to_string(i), 0.01_CNY)); break;
        }
        (void)book.advance_to(at);
        auto const state = book.state_of("C1").value();
        auto const room = ask(book, 0.00_CNY, {.on = at}).available;
        CAPTURE(i, state.limit, state.exposure);
        REQUIRE((room.kind != limit_kind::not_set) == state.limit_is_set);
        REQUIRE((room.kind == limit_kind::unlimited) == state.limit_is_unlimited);
        if (room.kind == limit_kind::amount) REQUIRE(room.amount == state.limit - state.exposure);
    }
}

TEST_CASE("of an order that was invoiced beyond its amount nothing is left to cancel", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "O1", yuan(100)),
         invoice(on(2025, 1, 3), "I1", yuan(150), on(2025, 2, 1), "O1"));
    for (auto const& amount : {std::optional<money>{}, std::optional{yuan(10)}}) {
        auto const outcome = book.apply(about_order<order_cancelled>(on(2025, 1, 4), "O1", amount));
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().code == errc::impossible_now);
        CHECK(outcome.error().message().find('-') == std::string::npos);
        CHECK(outcome.error().remedy.find("at most 0.00 CNY") != std::string::npos);
    }
}

TEST_CASE("a group's limit is shared by all below it", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1), "G"), limit(on(2025, 1, 1), yuan(1'000), "G"), member(on(2025, 1, 1), "H", "G"),
         member(on(2025, 1, 1), "C1", "H"), member(on(2025, 1, 1), "C2", "G"), limit(on(2025, 1, 1), yuan(5'000)),
         limit(on(2025, 1, 1), yuan(5'000), "C2"), order(on(2025, 2, 1), "O1", yuan(600), "C2"),
         order(on(2025, 2, 1), "O2", yuan(100), "G"));
    CHECK(verdict_of(book, yuan(300)) == approve);
    auto const held = ask(book, 300.01_CNY);
    CHECK(held.verdict == hold);
    CHECK(speaks_against(held, "group_limit"));
    CHECK(verdict_of(book, yuan(300), {}, "C2") == approve);
    CHECK(verdict_of(book, 300.01_CNY, {}, "C2") == hold);
    CHECK(verdict_of(book, yuan(300), {}, "G") == approve);  // its own orders come out of the same pool
    CHECK(speaks_against(ask(book, 300.01_CNY, {}, "G"), "group_limit"));
    tell(book, order(on(2025, 2, 2), "O3", yuan(300)));
    CHECK(verdict_of(book, 0.01_CNY, {}, "C2") == hold);
}

TEST_CASE("orders for a far day do not count yet, where the rules have a horizon", "[engine][check]") {
    house_rules rules;
    rules.credit.horizon_days = 30;
    engine book{{.rules = rules, .reviews = review_mode::by_fact}};
    auto far = order(on(2025, 2, 1), "O1", yuan(900));
    far.delivery_date = on(2025, 4, 1);
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), far,
         order(on(2025, 2, 1), "O2", yuan(200)));
    auto const answer = ask(book, yuan(800), {.on = on(2025, 2, 1)});
    CHECK(answer.verdict == approve);
    CHECK(answer.by_category.later_orders == 900'00);
    CHECK(answer.by_category.open_orders == 200'00);
    CHECK(answer.available.amount == 800'00);
    CHECK(book.state_of("C1").value().exposure == 1'100'00);  // what is owed and ordered in all

    CHECK(verdict_of(book, yuan(800), {.on = on(2025, 3, 1)}) == approve);  // 31 days before
    CHECK(verdict_of(book, yuan(800), {.on = on(2025, 3, 2)}) == hold);
    CHECK(verdict_of(book, 800.01_CNY, {.delivery_date = on(2025, 3, 3), .on = on(2025, 2, 1)}) == hold);
    CHECK(verdict_of(book, 800.01_CNY, {.delivery_date = on(2025, 3, 4), .on = on(2025, 2, 1)}) == approve);

    // its own: a change keeps the day unless it names another, and a delivery counts at once
    CHECK(verdict_of(book, yuan(5'000), {.step = credit_step::change, .order = "O1", .on = on(2025, 2, 1)}) == approve);
    CHECK(verdict_of(
              book, yuan(900),
              {.step = credit_step::change, .order = "O1", .delivery_date = on(2025, 2, 10), .on = on(2025, 2, 1)}) ==
          hold);
    CHECK(verdict_of(book, yuan(800), {.step = credit_step::delivery, .order = "O1", .on = on(2025, 2, 1)}) == approve);
    CHECK(verdict_of(book, yuan(801), {.step = credit_step::delivery, .order = "O1", .on = on(2025, 2, 1)}) == hold);

    tell(book, about_order<goods_delivered>(on(2025, 2, 2), "O1", yuan(100)));
    CHECK(ask(book, yuan(1), {.on = on(2025, 2, 2)}).by_category.delivered == 100'00);
    CHECK(ask(book, yuan(1), {.on = on(2025, 2, 2)}).by_category.later_orders == 800'00);

    credit_query past{.amount = yuan(1), .delivery_date = on(2025, 1, 31), .on = on(2025, 2, 1)};
    CHECK(book.check("C1", past).error().field == "delivery_date");
    far.order = "O3";
    far.delivery_date = on(2025, 1, 31);
    auto const late = book.apply(far);
    REQUIRE(late.has_error());
    CHECK(late.error().field == "delivery_date");
}

TEST_CASE("a limit has its day of review", "[engine][check]") {
    house_rules rules;
    rules.credit.limit_review_days = 10;
    engine book{{.rules = rules, .reviews = review_mode::by_fact}};
    auto reviewed = limit(on(2025, 1, 1), yuan(1'000));
    reviewed.review_on = on(2025, 6, 30);
    tell(book, enrolled(on(2025, 1, 1)), reviewed);
    CHECK(verdict_of(book, yuan(1), {.on = on(2025, 7, 10)}) == approve);
    CHECK(speaks_against(ask(book, yuan(1), {.on = on(2025, 7, 11)}), "limit_review"));
    tell(book, limit(on(2025, 7, 11), yuan(1'000)));  // it was looked at
    CHECK(verdict_of(book, yuan(1), {.on = on(2025, 7, 11)}) == approve);
    reviewed.review_on = on(2024, 12, 31);
    CHECK(book.apply(reviewed).error().field == "review_on");
}

TEST_CASE("a release has a tolerance of its own", "[engine][check]") {
    auto book = quiet();
    auto release = override_for(on(2025, 2, 1), yuan(1'000), on(2025, 2, 28), "O1");
    release.tolerance_percent = 5;
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(0)), release);
    CHECK(verdict_of(book, yuan(1'050), {.order = "O1", .on = on(2025, 2, 1)}) == approve);
    CHECK(verdict_of(book, 1'050.01_CNY, {.order = "O1", .on = on(2025, 2, 1)}) == hold);

    auto any = override_for(on(2025, 2, 2), yuan(100), on(2025, 2, 28));
    any.tolerance_percent = 10;
    tell(book, any, order(on(2025, 2, 3), "O2", yuan(110)));  // uses it up
    CHECK(verdict_of(book, yuan(1), {.order = "O3", .on = on(2025, 2, 3)}) == hold);
}

TEST_CASE("groups that lead back to the customer are an error that names the remedy", "[engine][check]") {
    auto book = quiet();
    tell(book, member(on(2025, 1, 1), "A", "B"), member(on(2025, 1, 1), "B", "A"));
    credit_query q;
    q.amount = yuan(1);
    auto const answer = book.check("A", q);
    REQUIRE(answer.has_error());
    CHECK(answer.error().code == errc::impossible_now);
    CHECK(answer.error().field == "parent");
    auto const self = book.apply(member(on(2025, 1, 2), "A", "A"));
    REQUIRE(self.has_error());
    CHECK(self.error().field == "parent");
}

TEST_CASE("another currency goes by the rate of the day, and holds without one", "[engine][check]") {
    constexpr auto usd = currency::literal("USD");
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)));
    auto const without = ask(book, 100.00_USD);
    CHECK(without.verdict == hold);
    CHECK(speaks_against(without, "exchange_rate"));
    tell(book, rate(on(2025, 2, 1), usd, cny, "7.25"), rate(on(2025, 3, 1), usd, cny, "7.50"));
    CHECK(verdict_of(book, 100.00_USD, {.on = on(2025, 1, 31)}) == hold);
    CHECK(verdict_of(book, 137.93_USD, {.on = on(2025, 2, 28)}) == approve);  // 999.99 yuan
    CHECK(verdict_of(book, 137.94_USD, {.on = on(2025, 2, 28)}) == hold);     // 1 000.06 yuan
    CHECK(verdict_of(book, 133.33_USD, {.on = on(2025, 3, 1)}) == approve);
    CHECK(verdict_of(book, 133.34_USD, {.on = on(2025, 3, 1)}) == hold);
    tell(book, rate(on(2025, 4, 1), usd, cny, "7.001"), limit(on(2025, 4, 1), 7.00_CNY));
    CHECK(verdict_of(book, 1.00_USD) == hold);  // 7.001 yuan count as 7.01
    tell(book, limit(on(2025, 4, 1), 7.01_CNY));
    CHECK(verdict_of(book, 1.00_USD) == approve);
    tell(book, limit(on(2025, 4, 1), yuan(1'000)));

    SECTION("of a group's member too, at every step alike") {
        tell(book, enrolled(on(2025, 1, 1), "G"), limit(on(2025, 1, 1), yuan(10'000), "G"),
             member(on(2025, 1, 1), "C3", "G"), limit(on(2025, 1, 1), yuan(5'000), "C3"),
             member(on(2025, 1, 1), "C4", "G", currency::literal("EUR")));
        CHECK(verdict_of(book, yuan(10), {}, "C3") == approve);  // it owes nothing: no rate is needed
        tell(book, order(on(2025, 2, 1), "O4", 1.00_EUR, "C4"));
        for (auto const step : {credit_step::quote, credit_step::order, credit_step::delivery}) {
            CHECK(verdict_of(book, yuan(10), {.step = step}, "C3") == hold);
        }
        tell(book, rate(on(2025, 2, 1), currency::literal("EUR"), cny, "7.80"));
        CHECK(verdict_of(book, yuan(10), {}, "C3") == approve);
    }
}

TEST_CASE("members too deep to be counted are an error, never left out", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1), "G0"), limit(on(2025, 1, 1), yuan(1'000), "G0"));
    for (int i = 1; i <= 9; ++i) {
        tell(book, member(on(2025, 1, 1), "G" + std::to_string(i), "G" + std::to_string(i - 1)));
        tell(book, limit(on(2025, 1, 1), yuan(9'000), "G" + std::to_string(i)));
        if (i == 8) {
            tell(book, order(on(2025, 1, 2), "O8", yuan(900), "G8"));
            CHECK(verdict_of(book, yuan(100), {}, "G1") == approve);
            CHECK(verdict_of(book, 100.01_CNY, {}, "G1") == hold);
        }
    }
    credit_query q;
    q.amount = yuan(1);
    auto const answer = book.check("G1", q);
    REQUIRE(answer.has_error());
    CHECK(answer.error().code == errc::impossible_now);
    CHECK(answer.error().field == "parent");
}

TEST_CASE("a group's limit counts in the member's currency, and holds where it cannot be told", "[engine][check]") {
    constexpr auto usd = currency::literal("USD");
    auto book = quiet();
    auto known = member(on(2025, 1, 1), "C1", "G", usd);
    tell(book, enrolled(on(2025, 1, 1), "G"), limit(on(2025, 1, 1), yuan(7'000), "G"), known,
         limit(on(2025, 1, 1), limit_amount::unlimited()));
    CHECK(speaks_against(ask(book, 1.00_USD), "exchange_rate"));
    tell(book, rate(on(2025, 1, 1), currency::literal("CNY"), usd, "0.142857142857143"));
    CHECK(verdict_of(book, 1'000.00_USD) == approve);
    CHECK(speaks_against(ask(book, 1'000.01_USD), "group_limit"));
}

TEST_CASE("a customer without a currency is asked in that of the request, its group too", "[engine][check]") {
    auto book = quiet();
    auto known = member(on(2025, 1, 1), "C1", "G");
    known.currency.reset();
    tell(book, enrolled(on(2025, 1, 1), "G"), limit(on(2025, 1, 1), yuan(1'000), "G"), known,
         limit(on(2025, 1, 1), limit_amount::unlimited()), order(on(2025, 2, 1), "O1", yuan(900), "G"));
    CHECK(verdict_of(book, yuan(100)) == approve);
    CHECK(speaks_against(ask(book, 100.01_CNY), "group_limit"));
}

TEST_CASE("what cannot be asked is an error", "[engine][check]") {
    auto book = quiet();
    credit_query q;
    q.amount = yuan(1);
    CHECK(book.check("nobody", q).error().code == errc::unknown_customer);
    tell(book, fact{[] {
             auto f = enrolled(on(2025, 1, 1));
             f.currency.reset();
             return f;
         }()});
    q.amount = money::parse("10").value();
    CHECK(book.check("C1", q).error().code == errc::unknown_currency);
    q.amount = yuan(-1);
    CHECK(book.check("C1", q).error().code == errc::out_of_range);
}

TEST_CASE("what a check counts is the exposure of the row, by category, at any time", "[engine][check][properties]") {
    auto const seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto const amount = [&] { return money{static_cast<std::int64_t>(1 + below(90'000)), cny}; };
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(100'000)));
    auto at = on(2025, 1, 1);
    int orders = 0;
    int invoices = 0;
    for (int i = 0; i < 120; ++i) {
        at += std::chrono::days{static_cast<int>(below(3))};
        auto const some_order = "O" + std::to_string(1 + below(static_cast<std::uint64_t>(orders + 1)));
        switch (below(7)) {
            case 0:
            case 1: (void)book.apply(order(at, "O" + std::to_string(++orders), amount())); break;
            case 2: (void)book.apply(about_order<goods_delivered>(at, some_order, amount())); break;
            case 3:
                (void)book.apply(invoice(at, "I" + std::to_string(++invoices), amount(), at + std::chrono::days{10},
                                         below(2) == 0 ? std::nullopt : std::optional{some_order}));
                break;
            case 4: (void)book.apply(payment(at, amount())); break;
            case 5: (void)book.apply(reserved(at, "V" + std::to_string(i), amount(), some_order)); break;
            default: (void)book.apply(about_order<order_cancelled>(at, some_order)); break;
        }
        auto const answer = ask(book, yuan(1), {.on = at});
        REQUIRE(answer.exposure == book.state_of("C1").value().exposure);
        REQUIRE(total(answer.by_category).value() == answer.exposure);
    }
}

TEST_CASE("the standing falls with the oldest item, is told with its reason, and has a way back", "[engine][check]") {
    engine book{{.reviews = review_mode::monthly, .record_decisions = true}};
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(10'000)), order(on(2025, 1, 2), "O1", yuan(500)),
         invoice(on(2025, 1, 2), "I1", yuan(500), on(2025, 1, 31), "O1"));
    auto const standing_at = [&](day until) {
        auto const made = book.advance_to(until);
        for (auto const& d : made) {
            if (d.event != "standing_changed") continue;
            CHECK(sentence(d.why.at(0), cny, language::en).find('%') == std::string::npos);
            CHECK(sentence(d.why.at(0), cny, language::zh).find('%') == std::string::npos);
        }
        auto const count =
            std::count_if(made.begin(), made.end(), [](auto const& d) { return d.event == "standing_changed"; });
        return std::pair{book.find("C1").value().state.credit_standing, count};
    };
    CHECK(standing_at(on(2025, 1, 31)) == std::pair{standing::good, 0L});
    CHECK(standing_at(on(2025, 2, 28)) == std::pair{standing::watch, 1L});    // 28 days past due
    CHECK(standing_at(on(2025, 3, 31)) == std::pair{standing::reduced, 1L});  // 59
    CHECK(verdict_of(book, yuan(10), {.on = on(2025, 4, 20)}) == hold);  // 79: cash only, before any review says so
    CHECK(standing_at(on(2025, 4, 30)) == std::pair{standing::cash_only, 1L});
    CHECK(standing_at(on(2025, 6, 30)) == std::pair{standing::blocked, 1L});
    CHECK(verdict_of(book, yuan(10), {.on = on(2025, 7, 1)}) == refuse);
    tell(book, payment(on(2025, 7, 2), yuan(500), "I1"));
    CHECK(verdict_of(book, yuan(10), {.on = on(2025, 7, 3)}) == approve);
    CHECK(standing_at(on(2025, 7, 31)) == std::pair{standing::good, 1L});
    auto const told = book.explain("C1").value();
    auto const words = to_text(told, language::en);
    CHECK(words.find("the credit standing falls to blocked") != std::string::npos);
    CHECK(words.find("the credit standing rises to good") != std::string::npos);
}

namespace {

engine with_switches(exposure_switches counts) {
    engine_options how{.reviews = review_mode::by_fact};
    how.rules.credit.counts = counts;
    return engine{std::move(how)};
}
quotation_made quoted(day at, std::string name, money amount, std::optional<day> until = {},
                      std::string customer = "C1") {
    auto f = fact_at<quotation_made>(at, std::move(customer));
    f.quotation = std::move(name);
    f.amount = amount;
    f.until = until;
    return f;
}
guarantee_received guaranteed(day at, std::string name, money amount, std::optional<day> until = {},
                              std::string customer = "C1") {
    auto f = fact_at<guarantee_received>(at, std::move(customer));
    f.guarantee = std::move(name);
    f.amount = amount;
    f.until = until;
    return f;
}
std::optional<day> cleared_on(credit_answer const& a) {
    for (auto const& c : a.clears) {
        if (c.by == clearance::date) return day_of(c.on);
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("where a rulebook counts quotations, an order that takes one up is not counted twice", "[engine][check]") {
    for (auto const counts : {false, true}) {
        CAPTURE(counts);
        auto book = with_switches({.quotations = counts});
        tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(600)),
             quoted(on(2025, 2, 1), "Q1", yuan(300), on(2025, 2, 20)));
        auto const seen = ask(book, yuan(1));
        CHECK(seen.by_category.quotations == 300'00);
        CHECK(seen.exposure == (counts ? 900'00 : 600'00));
        CHECK(book.state_of("C1").value().exposure == 600'00);
        auto const room = counts ? yuan(100) : yuan(400);
        money const more{room.minor_units() + 1, cny};
        CHECK(verdict_of(book, room, {.order = "O2"}) == approve);
        CHECK(verdict_of(book, more, {.order = "O2"}) == hold);
        // what the order takes up makes room for it; what it leaves stays offered
        CHECK(verdict_of(book, yuan(400), {.order = "O2", .quotation = "Q1"}) == approve);
        CHECK(verdict_of(book, 400.01_CNY, {.quotation = "Q1"}) == hold);
        auto const part = ask(book, yuan(100), {.order = "O2", .quotation = "Q1"});
        CHECK(part.verdict == approve);
        CHECK(part.rules[3].why.saw == (counts ? 900'00 : 700'00));
        // the quotation itself, asked about anew or for the first time
        CHECK(verdict_of(book, yuan(400), {.step = credit_step::quote, .quotation = "Q1"}) == approve);
        CHECK(verdict_of(book, 400.01_CNY, {.step = credit_step::quote, .quotation = "Q1"}) == hold);
        CHECK(verdict_of(book, room, {.step = credit_step::quote, .quotation = "Q2"}) == approve);
        CHECK(verdict_of(book, more, {.step = credit_step::quote, .quotation = "Q2"}) == hold);

        tell(book, reserved(on(2025, 2, 2), "V1", yuan(50), "O3"));
        CHECK(verdict_of(book, yuan(400), {.order = "O3", .quotation = "Q1"}) == approve);
        CHECK(verdict_of(book, 400.01_CNY, {.order = "O3", .quotation = "Q1"}) == hold);
        CHECK(verdict_of(book, yuan(400), {.reservation = "V1", .quotation = "Q1"}) == approve);

        auto placed = order(on(2025, 2, 3), "O3", yuan(400));
        placed.quotation = "Q1";
        tell(book, placed);
        CHECK(ask(book, yuan(0)).exposure == 1'000'00);
        CHECK(ask(book, yuan(0)).by_category.quotations == 0);
    }
}

TEST_CASE("a check names a quotation that there is, where it is made or taken up", "[engine][check]") {
    auto book = with_switches({.quotations = true});
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), quoted(on(2025, 2, 1), "Q1", yuan(300)));
    auto const refused = [&](credit_step step, std::string_view name) {
        auto const answer = book.check("C1", {.amount = yuan(1), .step = step, .order = "O1", .quotation = name});
        REQUIRE(answer.has_error());
        CHECK(answer.error().field == "quotation");
        CHECK(answer.error().saw == name);
        return answer.error().code;
    };
    CHECK(refused(credit_step::order, "Q9") == errc::unknown_reference);
    for (auto const step : {credit_step::change, credit_step::reopen, credit_step::delivery, credit_step::invoice}) {
        CHECK(refused(step, "Q1") == errc::impossible_now);
    }
    auto other = with_switches({});
    tell(other, enrolled(on(2025, 1, 1)));
    CHECK(other.check("C1", {.amount = yuan(1), .quotation = "Q1"}).error().code == errc::unknown_reference);
}

TEST_CASE("waiting helps where a quotation runs out, but not where it is the order's own", "[engine][check]") {
    auto book = with_switches({.quotations = true});
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(600)),
         quoted(on(2025, 2, 1), "Q1", yuan(300), on(2025, 2, 20)));
    auto const other = ask(book, yuan(300), {.on = on(2025, 2, 2)});
    REQUIRE(cleared_on(other) == on(2025, 2, 21));
    CHECK(verdict_of(book, yuan(300), {.on = on(2025, 2, 20)}) == hold);
    CHECK(verdict_of(book, yuan(300), {.on = on(2025, 2, 21)}) == approve);
    CHECK_FALSE(cleared_on(ask(book, yuan(450), {.quotation = "Q1", .on = on(2025, 2, 2)})));
    // nor where it is the order's own reservation
    auto held = reserved(on(2025, 2, 2), "V1", yuan(50), "O2");
    held.until = on(2025, 2, 10);
    tell(book, held, limit(on(2025, 2, 2), yuan(970)));
    CHECK(cleared_on(ask(book, 70.01_CNY, {.order = "O2", .on = on(2025, 2, 2)})) == on(2025, 2, 21));
    CHECK(cleared_on(ask(book, 50.01_CNY, {.order = "O3", .on = on(2025, 2, 2)})) == on(2025, 2, 11));
}

TEST_CASE("a guarantee makes room until its last day, also where the book has not come to it", "[engine][check]") {
    auto book = quiet();
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(900)),
         guaranteed(on(2025, 2, 1), "G1", yuan(500), on(2025, 2, 20)));
    CHECK(verdict_of(book, yuan(600), {.on = on(2025, 2, 20)}) == approve);
    CHECK(verdict_of(book, 600.01_CNY, {.on = on(2025, 2, 20)}) == hold);
    auto const later = ask(book, yuan(100), {.on = on(2025, 2, 21)});
    CHECK(later.verdict == approve);
    CHECK(later.by_category.security == 0);
    CHECK(verdict_of(book, 100.01_CNY, {.on = on(2025, 2, 21)}) == hold);
    auto more = fact_at<temporary_limit_granted>(on(2025, 2, 1));
    more.amount = yuan(1'200);
    more.until = on(2025, 2, 28);
    more.at = on(2025, 2, 18);
    tell(book, more);
    CHECK(cleared_on(ask(book, yuan(800), {.on = on(2025, 2, 2)})) == on(2025, 2, 18));
    auto other = quiet();
    tell(other, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(900)),
         guaranteed(on(2025, 2, 1), "G1", yuan(500), on(2025, 2, 20)));
    auto from_later = more;
    from_later.at = on(2025, 2, 21);
    from_later.ref = "later";
    tell(other, from_later);
    CHECK_FALSE(cleared_on(ask(other, yuan(800), {.on = on(2025, 2, 2)})));
    auto deaf = with_switches({.security = false});
    tell(deaf, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)),
         guaranteed(on(2025, 2, 1), "G1", yuan(500)));
    CHECK(ask(deaf, yuan(1'000)).exposure == 0);
    CHECK(verdict_of(deaf, 1'000.01_CNY) == hold);
}

TEST_CASE("what a group's members owe is counted by the rulebook's switches, on the day that is asked about",
          "[engine][check]") {
    auto const group = [](exposure_switches counts) {
        auto book = with_switches(counts);
        tell(book, enrolled(on(2025, 1, 1), "G"), member(on(2025, 1, 1), "C1", "G"), member(on(2025, 1, 1), "C2", "G"),
             limit(on(2025, 1, 1), limit_amount::unlimited()), order(on(2025, 1, 2), "O2", yuan(800), "C2"),
             guaranteed(on(2025, 1, 2), "G2", yuan(300), on(2025, 1, 10), "C2"),
             quoted(on(2025, 1, 2), "Q2", yuan(100), on(2025, 1, 20), "C2"),
             guaranteed(on(2025, 1, 2), "G1", yuan(50)));
        auto seasonal = limit(on(2025, 1, 1), yuan(1'000), "G");
        seasonal.seasons = {{2, 130}, {3, 150}};
        tell(book, seasonal);
        return book;
    };
    auto const room = [](engine& book, day at) {
        auto const left = ask(book, yuan(0), {.on = at}).available;
        CHECK(verdict_of(book, money{left.amount, cny}, {.on = at}) == approve);
        CHECK(verdict_of(book, money{left.amount + 1, cny}, {.on = at}) == hold);
        return left.amount;
    };
    auto book = group({});
    CHECK(room(book, on(2025, 1, 10)) == 550'00);
    CHECK(room(book, on(2025, 1, 11)) == 250'00);
    (void)book.advance_to(on(2025, 1, 11));
    CHECK(room(book, on(2025, 1, 11)) == 250'00);
    auto quoting = group({.quotations = true});
    CHECK(room(quoting, on(2025, 1, 10)) == 450'00);
    CHECK(room(quoting, on(2025, 1, 20)) == 150'00);
    CHECK(room(quoting, on(2025, 1, 21)) == 250'00);
    auto unsecured = group({.security = false});
    CHECK(room(unsecured, on(2025, 1, 5)) == 200'00);
    auto careless = group({.open_orders = false});
    CHECK(room(careless, on(2025, 1, 5)) == 1'350'00);

    // a guarantee that runs out meanwhile makes a later day no way to clear it
    auto again = group({});
    auto const wanted = ask(again, yuan(700), {.on = on(2025, 1, 5)});
    CHECK(wanted.verdict == hold);
    CHECK(cleared_on(wanted) == on(2025, 3, 1));
    CHECK(verdict_of(again, yuan(700), {.on = on(2025, 2, 1)}) == hold);
    CHECK(verdict_of(again, yuan(700), {.on = on(2025, 3, 1)}) == approve);
}
