// What powers have done is there after a snapshot, and goes on from it (POW-1 to POW-3, POW-7, CRE-7).
#include <patron/engine/house_rules.hpp>
#include <patron/policy/rulebook.hpp>
#include <patron/store/memory.hpp>
#include <patron/store/stored_book.hpp>

#include "engine/stories.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

using namespace patron;
using namespace patron::tests;
using store::book_options;
using store::stored_book;

TEST_CASE("effects, the ladder, profit shares and the next look at a limit come back from a snapshot",
          "[store][powers]") {
    auto rulebook = policy::default_rulebook();
    rulebook.lifecycle.version = "house-1";
    rulebook.powers.profit_share.rate = basis_points{100};
    rulebook.powers.profit_share.cap = 500'00;
    store::memory_store const place;
    auto const open = [&](book_options options) {
        auto opened = stored_book::open(place, std::move(options));
        REQUIRE(opened.has_value());
        return std::move(opened.value());
    };
    auto const tell_all = [](stored_book& book, auto const&... facts) {
        auto const one = [&](fact const& f) { REQUIRE(book.apply(f).has_value()); };
        (one(facts), ...);
    };
    auto book = open({.rules = rules_of(rulebook).value()});
    auto breach = fact_at<breach_reported>(on(2024, 11, 20));
    breach.rule = breach_rule::outlet;
    breach.severity = 4;
    auto limit = fact_at<limit_set>(on(2024, 1, 2));
    limit.amount = yuan(1'000'000);
    auto deposit = fact_at<deposit_paid>(on(2024, 1, 2));
    deposit.amount = yuan(5'000);
    tell_all(book, named("e", enrolled(on(2024, 1, 1))), named("l", limit), named("d", deposit));
    for (unsigned month = 1; month <= 11; ++month)
        tell_all(book, named("o" + std::to_string(month),
                             order(on(2024, month, 15), "O" + std::to_string(month), yuan(9'000))));
    tell_all(book, named("b", breach));
    REQUIRE(book.save_snapshot().has_value());

    auto again = open({});
    CHECK(again.opened().from_snapshot > 0);
    CHECK(again.opened().from_facts == 0);
    CHECK(rows_of(again.book()) == rows_of(book.book()));
    for (auto* one : {&book, &again}) {
        tell_all(*one, named("last", order(on(2024, 12, 15), "last", yuan(9'000))));
        REQUIRE(one->review(on(2025, 3, 31)).has_value());
    }
    CHECK(rows_of(again.book()) == rows_of(book.book()));
    auto const shown = again.book().customer_facing("C1").value();
    CHECK(shown == book.book().customer_facing("C1").value());
    CHECK(shown.profit_share() == policy::shown_profit_share{basis_points{100}, 500'00});
    CHECK(shown.deposit_held() == 5'000'00);
}
