// The rules that a book is kept under, from numbers, from a rulebook and from a program (ENG-9).
#include <patron/engine/house_rules.hpp>

#include <patron/engine/credit_course.hpp>
#include <patron/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

/// The default rulebook under another name, with other numbers and other tables.
house_rules strict_house(std::optional<day> from = {}) {
    auto book = policy::default_rulebook();
    book.from = from;
    book.lifecycle.version = "strict-2";
    book.lifecycle.promotion.promote_share = basis_points{6'500};
    book.lifecycle.promotion.consecutive_reviews = 1;
    book.lifecycle.ending.silent_days = 300;
    book.credit.document_limit = 1'000'00;
    std::erase_if(book.tables, [](auto const& t) { return t.text().kind == policy::table_kind::reward; });
    return rules_of(book).value();
}
house_rules rules_named(std::string version, std::optional<day> from = {}) {
    house_rules rules;
    rules.version = std::move(version);
    rules.from = from;
    return rules;
}
house_rules default_house() { return rules_of(policy::default_rulebook()).value(); }

std::string everything_of(engine const& book) {
    auto all = rows_of(book);
    book.each_by_code([&](customer_row const& row) {
        all += to_json(book.explain(row.profile.code).value()) + '\n';
        return true;
    });
    return all;
}

}  // namespace

TEST_CASE("the rules of a rulebook are its numbers, its tables as powers, and the file itself",
          "[engine][house_rules]") {
    auto book = policy::default_rulebook();
    book.lifecycle.version = "mine";
    book.lifecycle.ending.silent_days = 400;
    auto const rules = rules_of(book).value();
    CHECK(rules.version == "mine");
    CHECK(rules.ending.silent_days == 400);
    CHECK(rules.powers);
    auto const again = policy::parse_rulebook(rules.rulebook_file);
    REQUIRE(again.has_value());
    CHECK(again.value() == book);
}

TEST_CASE("a rulebook without tables has no powers, and numbers alone are rules", "[engine][house_rules]") {
    auto book = policy::default_rulebook();
    book.tables.clear();
    CHECK_FALSE(rules_of(book).value().powers);
    house_rules const numbers{lifecycle::lifecycle_rules{}};
    CHECK_FALSE(numbers.powers);
    CHECK(numbers.rulebook_file.empty());
}

TEST_CASE("the thresholds of a rulebook come with its rules, under its version", "[engine][house_rules]") {
    auto book = policy::default_rulebook();
    book.lifecycle.version = "mine";
    book.credit.document_limit = 500'00;
    book.powers.supply.uses_a_year = 1;
    auto const rules = rules_of(book).value();
    CHECK(rules.credit.version == "mine");
    CHECK(rules.credit.document_limit == 500'00);
    CHECK(rules.powers.rules().supply.uses_a_year == 1);

    book.credit.dunning.steps[1].leave = 99;
    CHECK(rules_of(book).error().field == "credit.dunning.steps[1]");
    book.credit = {};
    book.powers.reward_months = 7;
    CHECK(rules_of(book).error().field == "powers.rewards.reward_months");
}

TEST_CASE("a rulebook that the engine cannot ask is an error that names the column", "[engine][house_rules]") {
    policy::table_text t;
    t.name = "tiers";
    t.kind = policy::table_kind::tier;
    t.hits = policy::hit_policy::first;
    t.inputs = {{.name = "mood"}};
    t.outputs = {{.name = "tier", .type = policy::column_type::word, .words = {"standard"}}};
    t.rules = {{.code = "all", .id = "SEG-4", .when = {"-"}, .then = {"standard"}}};
    policy::rulebook book;
    book.tables.push_back(policy::decision_table::compile(t).value());
    auto const rules = rules_of(book);
    REQUIRE(rules.has_error());
    CHECK(rules.error().code == errc::unknown_field);
    CHECK(rules.error().field == "tables.tiers.mood");
}

TEST_CASE("rules take over from others on their day", "[engine][house_rules]") {
    auto const all = rules_named("c", on(2026, 1, 1)).after(rules_named("b", on(2025, 1, 1)).after(rules_named("a")));
    CHECK(all.on(on(2020, 5, 5)).version == "a");
    CHECK(all.on(on(2024, 12, 31)).version == "a");
    CHECK(all.on(on(2025, 1, 1)).version == "b");
    CHECK(all.on(on(2025, 12, 31)).version == "b");
    CHECK(all.on(on(2026, 1, 1)).version == "c");

    // what would have come on that day or later never does
    auto const sooner = rules_named("d", on(2025, 1, 1)).after(all);
    CHECK(sooner.on(on(2024, 12, 31)).version == "a");
    CHECK(sooner.on(on(2026, 6, 1)).version == "d");
    // saying it again changes nothing
    CHECK(rules_named("c", on(2026, 1, 1)).after(all).on(on(2025, 6, 1)).version == "b");
    // several take over together
    auto const both = rules_named("f", on(2027, 1, 1)).after(rules_named("e", on(2025, 7, 1))).after(all);
    CHECK(both.on(on(2025, 6, 30)).version == "b");
    CHECK(both.on(on(2026, 6, 30)).version == "e");
    CHECK(both.on(on(2027, 1, 1)).version == "f");

    CHECK(rules_named("always").after(all).on(on(2020, 1, 1)).version == "always");
    CHECK(rules_named("alone", on(2025, 1, 1)).on(on(2020, 1, 1)).version == "alone");
}

TEST_CASE("the day of a rulebook is the day of its rules", "[engine][house_rules]") {
    CHECK(strict_house(on(2025, 3, 1)).from == on(2025, 3, 1));
    CHECK_FALSE(default_house().from);
}

TEST_CASE("rules with a day decide as if they had been put in force on that day", "[engine][house_rules][property]") {
    auto const seed = GENERATE(range(1U, 7U));
    auto const takes_over = GENERATE(on(2024, 9, 1), on(2025, 2, 17));
    auto const reviews_come_as_facts = seed % 3 == 0;
    CAPTURE(seed, to_string(takes_over));
    testing::simulation all{{.customers = 40, .months = 22, .seed = seed, .reviews = reviews_come_as_facts}};
    engine_options how;
    how.record_decisions = true;
    how.rules = default_house();
    if (reviews_come_as_facts) how.reviews = review_mode::by_fact;
    engine changed{how};
    auto dated_options = how;
    dated_options.rules = strict_house(takes_over).after(how.rules);
    engine dated{dated_options};
    engine announced{how};  // long before
    announced.change_rules(strict_house(takes_over));

    std::vector<decision> decided;
    std::vector<decision> by_day;
    auto const keep = [](std::vector<decision>& into, std::vector<decision> some) {
        std::move(some.begin(), some.end(), std::back_inserter(into));
    };
    bool has_changed = false;
    std::size_t taken = 0;
    while (auto f = all.next()) {
        if (!has_changed && head_of(*f).at.on() >= takes_over) {
            keep(decided, changed.advance_to(takes_over - std::chrono::days{1}));
            changed.change_rules(strict_house());
            has_changed = true;
        }
        auto const here = changed.apply(*f);
        auto const there = dated.apply(*f);
        auto const then = announced.apply(*f);
        REQUIRE(here.has_value() == there.has_value());
        REQUIRE(here.has_value() == then.has_value());
        if (!here) continue;
        ++taken;
        keep(decided, here.value().decisions);
        keep(by_day, there.value().decisions);
    }
    REQUIRE(taken > 500);
    auto const last = on(2025, 12, 31);
    keep(decided, changed.advance_to(last));
    keep(by_day, dated.advance_to(last));
    announced.advance_to(last);
    CHECK(rows_of(dated) == rows_of(changed));
    CHECK(everything_of(announced) == everything_of(dated));
    auto const in_order = [](std::vector<decision>& some) {
        std::stable_sort(some.begin(), some.end(), [](decision const& a, decision const& b) {
            return std::tie(a.customer, a.at) < std::tie(b.customer, b.at);
        });
    };
    in_order(decided);
    in_order(by_day);
    CHECK(by_day == decided);
    std::size_t late = 0;
    for (auto const& d : by_day) {
        CHECK(d.rulebook == (d.at.on() < takes_over ? "default-1" : "strict-2"));
        late += d.rulebook == "strict-2" ? 1 : 0;
    }
    CHECK(late > 10);
    CHECK(late < by_day.size());

    // explained on a day, and after a correction, each day goes by its rules
    auto const code = by_day.front().customer;
    CHECK(dated.explain(code, takes_over - std::chrono::days{1}).value().rulebook == "default-1");
    CHECK(dated.explain(code, takes_over).value().rulebook == "strict-2");
}

TEST_CASE("a check and a course of credit go by the thresholds of their day", "[engine][house_rules][credit]") {
    engine_options how;
    how.rules = strict_house(on(2024, 3, 1)).after(default_house());  // no document above 1 000 yuan from then on
    engine book{how};
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(100'000);
    tell(book, enrolled(on(2024, 1, 1)), limit, order(on(2024, 2, 1), "SO-1", yuan(2'000)),
         order(on(2024, 3, 1), "SO-2", yuan(2'000)));
    auto const verdict = [&](day d) {
        auto const answer = book.check("C1", {.amount = yuan(2'000), .on = d}).value();
        auto const found = std::find_if(answer.rules.begin(), answer.rules.end(),
                                        [](credit_finding const& f) { return f.why.rule == "document_limit"; });
        REQUIRE(found != answer.rules.end());
        return found->outcome;
    };
    CHECK(verdict(on(2024, 2, 29)) == credit_verdict::approve);
    CHECK(verdict(on(2024, 3, 1)) != credit_verdict::approve);
    auto const course = credit_course_of(book, "C1", on(2024, 12, 31)).value();
    CHECK(course.orders == 2);
    CHECK(course.orders_refused == 1);
}

TEST_CASE("a correction of a month before the day is judged by the rules of that month", "[engine][house_rules]") {
    auto const told = [](engine& book) {
        tell(book, enrolled(on(2024, 1, 1)));
        for (unsigned m = 1; m <= 6; ++m) {
            auto bought = order(on(2024, m, 4), "SO-" + std::to_string(m), yuan(600));
            bought.ref = bought.order;
            tell(book, bought, wallet(on(2024, m, 5), in_month(2024, m), yuan(1'000)));
        }
        book.advance_to(on(2024, 6, 30));
    };
    engine_options how;
    how.rules = rules_named("first");
    engine under_first{how};
    told(under_first);
    auto later = rules_named("later", on(2024, 7, 1));
    later.promotion.promote_share = later.promotion.keep_share = basis_points{9'900};
    how.rules = std::move(later).after(how.rules);
    engine book{how};
    told(book);
    REQUIRE(rows_of(book) == rows_of(under_first));
    REQUIRE(book.state_of("C1").value().stage == stage::stable);
    tell(book, correction(on(2024, 7, 2), "SO-1", "amount", "601.00 CNY"));
    CHECK(book.state_of("C1").value().stage == stage::stable);
    CHECK(book.recount_exposure("C1").value() == book.state_of("C1").value().exposure);
}

TEST_CASE("a suspension ends by the rules of the day on which it would, when others take over meanwhile",
          "[engine][house_rules][powers]") {
    auto const house = [](std::string version, std::optional<day> from, int complies_after_days) {
        auto book = policy::default_rulebook();
        book.lifecycle.version = std::move(version);
        book.from = from;
        book.powers.supply.complies_after_days = complies_after_days;
        for (auto& t : book.tables) {
            if (t.text().kind != policy::table_kind::deterrent) continue;
            auto text = t.text();
            for (auto& r : text.rules) {
                if (r.code == "suspension_for_grave_cause") r.when[2] = "-";  // also when no penalty was ignored
            }
            t = policy::decision_table::compile(text).value();
        }
        std::erase_if(book.tables, [](auto const& t) { return t.text().kind == policy::table_kind::penalty; });
        return rules_of(book).value();
    };
    auto const supply_on = [](engine& book, day d) {
        book.advance_to(d);
        return book.find("C1").value().supply;
    };
    auto const suspended = [](engine_options how) {
        engine book{std::move(how)};
        auto breach = fact_at<breach_reported>(on(2025, 2, 1));
        breach.rule = breach_rule::price;
        breach.severity = severity{5};
        tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 10), "SO-1", yuan(1'000)), breach);
        return book;
    };
    engine_options how;
    how.record_decisions = true;
    auto const patient = house("patient", {}, 200);
    SECTION("under the first alone it lasts for 200 days") {
        how.rules = patient;
        auto book = suspended(how);
        CHECK(supply_on(book, on(2025, 8, 19)) == supply_rung::suspended);
        CHECK(supply_on(book, on(2025, 8, 20)) == supply_rung::warned);
    }
    SECTION("on the first day of the others it has lasted long enough") {
        how.rules = house("quick", on(2025, 6, 15), 90).after(patient);
        auto book = suspended(how);
        CHECK(supply_on(book, on(2025, 6, 14)) == supply_rung::suspended);
        auto const decided = book.advance_to(on(2025, 6, 15));
        REQUIRE_FALSE(decided.empty());
        CHECK(decided.back().rulebook == "quick");
        CHECK(supply_on(book, on(2025, 6, 15)) == supply_rung::warned);
        CHECK(supply_on(book, on(2025, 9, 12)) == supply_rung::warned);
        CHECK(supply_on(book, on(2025, 9, 13)) == supply_rung::normal);
    }
    SECTION("others without a day end it after the next review") {
        how.rules = patient;
        auto book = suspended(how);
        CHECK(supply_on(book, on(2025, 6, 14)) == supply_rung::suspended);
        book.change_rules(house("quick", {}, 90));
        CHECK(supply_on(book, on(2025, 7, 1)) == supply_rung::warned);
    }
    SECTION("others that are more patient let it last") {
        how.rules = house("slower", on(2025, 6, 15), 300).after(patient);
        auto book = suspended(how);
        CHECK(supply_on(book, on(2025, 11, 27)) == supply_rung::suspended);
        CHECK(supply_on(book, on(2025, 11, 28)) == supply_rung::warned);
    }
}

TEST_CASE("a correction is told under the rulebook of its day", "[engine][house_rules]") {
    engine_options how;
    how.record_decisions = true;
    how.rules = rules_named("later", on(2030, 1, 1)).after(rules_named("now"));
    engine book{how};
    tell(book, enrolled(on(2025, 1, 1)));
    for (unsigned m = 1; m <= 3; ++m) {
        auto stated = wallet(on(2025, 1, 1), in_month(2025, m), yuan(1'000));
        stated.ref = "w" + std::to_string(m);
        tell(book, stated);
    }
    for (unsigned m = 1; m <= 3; ++m) tell(book, order(on(2025, m, 2), "SO-" + std::to_string(m), yuan(550)));
    book.advance_to(on(2025, 3, 31));
    REQUIRE(book.state_of("C1").value().stage == stage::stable);
    auto const told = book.apply(fact{correction(on(2025, 4, 11), "w1", "amount", "90000.00 CNY")}).value();
    REQUIRE(book.state_of("C1").value().stage == stage::initial);
    auto const is_correction = [](decision const& d) { return d.event == "corrected"; };
    REQUIRE(std::any_of(told.decisions.begin(), told.decisions.end(), is_correction));
    for (auto const& d : told.decisions) CHECK(d.rulebook == "now");
}
