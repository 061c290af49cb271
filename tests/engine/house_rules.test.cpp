// The rules that a book is kept under, from numbers, from a rulebook and from a program (ENG-9).
#include <patron/engine/house_rules.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

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
