// The year-end profit share in a book: silent, capped, hidden until its disclosure, lost by dumping (POW-7).
#include <patron/engine/engine.hpp>
#include <patron/engine/house_rules.hpp>
#include <patron/policy/rulebook.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/stories.hpp"
#include "policy/effects.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

/// One per cent of the year's purchases, and no tables.
policy::rulebook one_percent() {
    policy::rulebook book;
    book.lifecycle.version = "shares-1";
    book.powers.profit_share.rate = basis_points{100};
    return book;
}
engine house(policy::rulebook const& book, review_mode reviews = review_mode::monthly) {
    engine_options how;
    how.rules = rules_of(book).value();
    how.record_decisions = true;
    how.reviews = reviews;
    return engine{std::move(how)};
}
/// A thousand yuan every second week of 2024, 26 000 in all. Before each order `meanwhile` is called with its day.
template <class Meanwhile>
void trade(engine& book, Meanwhile const& meanwhile) {
    tell(book, enrolled(on(2024, 1, 1)));
    int number = 0;
    for (auto at = on(2024, 1, 2); at < on(2024, 12, 31); at += std::chrono::days{14}) {
        meanwhile(at);
        tell(book, order(at, "O" + std::to_string(++number), yuan(1'000)));
    }
}
void trade(engine& book) {
    trade(book, [](day) {});
}
std::vector<kept_effect> shares_of(engine const& book) {
    auto all = book.find("C1").value().open_effects;
    std::erase_if(all, [](kept_effect const& e) { return e.code != effect_code::profit_share; });
    return all;
}
bool gives(std::vector<decision> const& all, std::string_view rule) {
    return std::any_of(all.begin(), all.end(), [&](decision const& d) {
        return std::any_of(d.why.begin(), d.why.end(), [&](reason const& r) { return r.rule == rule; });
    });
}

}  // namespace

namespace {

/// An award at the half year's end, and its cancellation for any breach.
struct award_and_cancellation {
    void reward(policy::context const& c, policy::effects& out) const {
        if (!c.reviewed || c.reviewed->month() != std::chrono::June) return;
        auto e = complete(effect_code::year_end_rebate, "award");
        e.since = c.on;
        e.deadline = c.on + 400;
        out.propose(e);
    }
    void penalise(policy::context const& c, policy::effects& out) const {
        if (c.breach == nullptr) return;
        auto e = complete(effect_code::year_end_award_cancelled, "cancelled");
        e.since = c.on;
        e.severity = c.breach->severity;
        e.notice_days = 0;
        e.appeal_days = 30;
        e.until = no_day;
        e.way_back = {.ends_when = way_back_kind::compliance, .review_on = c.on + 90, .person = {}};
        out.propose(e);
    }
};

}  // namespace

TEST_CASE("a profit share is due at the fiscal year's end, and nobody hears of it before", "[engine][profit_share]") {
    auto book = house(one_percent());
    trade(book);
    auto const told = book.advance_to(on(2024, 12, 30));
    CHECK_FALSE(gives(told, "profit_share_accrued"));
    CHECK(shares_of(book).empty());
    CHECK(book.find("C1").value().powers == power_totals{});

    CHECK(gives(book.advance_to(on(2025, 1, 1)), "profit_share_accrued"));
    auto const due = shares_of(book);
    REQUIRE(due.size() == 1);
    CHECK(due[0].amount == 260'00);
    CHECK(due[0].step == effect_step::due);
    CHECK(day_of(due[0].since) == on(2024, 12, 31));
    CHECK(day_of(due[0].deadline) == on(2025, 3, 1));
}

TEST_CASE("the customer sees its profit share from the disclosure on", "[engine][profit_share]") {
    auto book = house(one_percent());
    trade(book);
    book.advance_to(on(2025, 2, 28));
    auto const before = book.customer_facing("C1").value();
    CHECK(before.effects().empty());
    CHECK_FALSE(before.profit_share());
    book.advance_to(on(2025, 3, 1));
    auto const after = book.customer_facing("C1").value();
    REQUIRE(after.effects().size() == 1);
    CHECK(after.effects()[0].amount == 260'00);
    CHECK(after.profit_share() == policy::shown_profit_share{basis_points{100}, 260'00});
    CHECK(book.customer_facing("nobody").error().code == errc::unknown_customer);
}

TEST_CASE("a profit share has a cap, and follows the fiscal year", "[engine][profit_share]") {
    auto rules = one_percent();
    rules.powers.profit_share.cap = 50'00;
    rules.powers.fiscal_year_begins = std::chrono::April;
    auto book = house(rules);
    trade(book);
    book.advance_to(on(2024, 4, 1));  // January to March: 7 orders, and nothing usual before them
    auto const due = shares_of(book);
    REQUIRE(due.size() == 1);
    CHECK(due[0].amount == 50'00);
    CHECK(day_of(due[0].since) == on(2024, 3, 31));
}

TEST_CASE("stock dumped at the year's end costs the profit share, and is told as the reason",
          "[engine][profit_share]") {
    auto book = house(one_percent());
    trade(book);
    tell(book, order(on(2024, 12, 20), "dumped", yuan(20'000)));
    auto const told = book.advance_to(on(2025, 1, 1));
    CHECK(gives(told, "profit_share_dumped"));
    CHECK(shares_of(book).empty());
    book.advance_to(on(2025, 3, 1));
    CHECK(book.customer_facing("C1").value().profit_share()->payable == 0);
}

TEST_CASE("reviews by fact that leave months out count their purchases too", "[engine][profit_share]") {
    auto book = house(one_percent(), review_mode::by_fact);
    auto const hold = [&](unsigned month) {
        review_held review;
        review.at = in_month(2024, month).last();
        review.period = in_month(2024, month);
        tell(book, review);
    };
    unsigned next = 3;
    trade(book, [&](day at) {
        if (at <= in_month(2024, next).last()) return;
        hold(next);
        next += 3;
    });
    hold(12);
    auto const due = shares_of(book);
    REQUIRE(due.size() == 1);
    CHECK(due[0].amount == 260'00);
}

TEST_CASE("what an order cancelled later takes away is not shared", "[engine][profit_share]") {
    auto book = house(one_percent());
    trade(book);
    tell(book, about_order<order_cancelled>(on(2024, 12, 30), "O20"));
    book.advance_to(on(2025, 1, 1));
    REQUIRE(shares_of(book).size() == 1);
    CHECK(shares_of(book)[0].amount == 250'00);
}

TEST_CASE("an award is given back when its cancellation was wrong, and while it is appealed", "[engine][powers]") {
    engine_options how;
    how.rules = house_rules{lifecycle::lifecycle_rules{}, policy::powers{award_and_cancellation{}}};
    engine book{std::move(how)};
    trade(book);
    auto const award = [&] { return book.find("C1").value().powers.rewarded; };
    auto const is_owed = [&] {
        auto const all = book.find("C1").value().open_effects;
        return std::any_of(all.begin(), all.end(),
                           [](kept_effect const& e) { return e.code == effect_code::year_end_rebate; });
    };
    REQUIRE(is_owed());
    auto const whole = award();
    REQUIRE(whole > 0);

    auto breach = fact_at<breach_reported>(on(2024, 12, 20));
    breach.rule = breach_rule::price;
    breach.severity = 5;
    tell(book, breach);
    CHECK_FALSE(is_owed());
    CHECK(award() == 0);

    auto appeal = fact_at<sanction_appealed>(on(2024, 12, 21));
    appeal.effect = "cancelled@2024-12-20";
    tell(book, appeal);
    CHECK(is_owed());
    CHECK(award() == whole);

    auto decided = fact_at<appeal_decided>(on(2025, 1, 5));
    decided.effect = appeal.effect;
    decided.upheld = true;
    decided.by = "legal";
    tell(book, decided);
    CHECK_FALSE(is_owed());

    auto withdrawn = fact_at<sanction_withdrawn>(on(2025, 1, 10));
    withdrawn.effect = appeal.effect;
    withdrawn.cause = "mistaken identity";
    tell(book, withdrawn);
    CHECK(is_owed());
    CHECK(award() == whole);
}

TEST_CASE("purchases are shared whenever reviews are held, and returns take off what they return",
          "[engine][profit_share]") {
    auto book = house(one_percent(), review_mode::by_fact);
    auto const hold = [&](day at, unsigned month) {
        review_held review;
        review.at = at;
        review.period = in_month(2024, month);
        tell(book, review);
    };
    tell(book, enrolled(on(2024, 1, 1)));
    for (unsigned month = 1; month <= 9; ++month) {  // nothing is ordered after September
        if (month > 1) hold(on(2024, month, 3), month - 1);
        tell(book, order(on(2024, month, 5), "O" + std::to_string(month), yuan(1'000)));
    }
    // each return comes before the review of the month before it
    tell(book, about_order<order_cancelled>(on(2024, 10, 1), "O9", yuan(10)));
    hold(on(2024, 10, 3), 9);
    tell(book, about_order<order_cancelled>(on(2025, 1, 1), "O8", yuan(500)));  // of the next year
    hold(on(2025, 1, 3), 12);
    auto const due = shares_of(book);
    REQUIRE(due.size() == 1);
    CHECK(due[0].amount == 89'90);
    CHECK(day_of(due[0].since) == on(2024, 12, 31));
}

TEST_CASE("with a rate that is taken back to zero there is no share", "[engine][profit_share]") {
    auto book = house(one_percent());
    trade(book, [&](day at) {
        if (at != on(2024, 7, 2)) return;
        auto none = one_percent();
        none.lifecycle.version = "shares-2";
        none.powers.profit_share.rate = basis_points{0};
        auto rules = rules_of(none).value();
        rules.powers = policy::powers{award_and_cancellation{}, none.powers};
        book.change_rules(std::move(rules));
    });
    book.advance_to(on(2025, 1, 1));
    CHECK(shares_of(book).empty());
}

namespace {

/// Gives a share of its own at every review of December.
struct own_share {
    void reward(policy::context const& c, policy::effects& out) const {
        if (!c.reviewed || c.reviewed->month() != std::chrono::December) return;
        auto e = complete(effect_code::profit_share, "own");
        e.since = c.on;
        e.deadline = c.on + 90;
        out.propose(e);
    }
};

}  // namespace

TEST_CASE("dumping costs the shares that policies give too", "[engine][profit_share]") {
    auto const given = [](money dumped) {
        engine_options how;
        auto numbers = one_percent().powers;
        how.rules = house_rules{lifecycle::lifecycle_rules{}, policy::powers{own_share{}, numbers}};
        engine book{std::move(how)};
        trade(book);
        tell(book, order(on(2024, 12, 20), "dumped", dumped));
        book.advance_to(on(2025, 1, 1));
        return shares_of(book).size();
    };
    CHECK(given(yuan(1)) > 0);
    CHECK(given(yuan(20'000)) == 0);
}

TEST_CASE("the customer is told what it gets, and not what a cap or a cancellation took", "[engine][profit_share]") {
    auto rules = one_percent();
    rules.powers.resolver.rewards_year = 100'00;
    auto book = house(rules);
    trade(book);
    book.advance_to(on(2025, 3, 1));
    CHECK(shares_of(book).at(0).amount == 100'00);
    CHECK(book.customer_facing("C1").value().profit_share()->payable == 100'00);

    rules.powers.resolver.rewards_year = 0;
    auto none = house(rules);
    trade(none);
    CHECK(gives(none.advance_to(on(2025, 1, 1)), "rewards_budget"));
    none.advance_to(on(2025, 3, 1));
    CHECK(none.customer_facing("C1").value().profit_share()->payable == 0);
}
