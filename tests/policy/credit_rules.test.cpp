#include <patron/policy/credit_rules.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("the default rules of credit are sound", "[policy][credit_rules]") {
    CHECK(check(credit_rules{}).has_value());
}

TEST_CASE("rules that no check could honour are refused by name", "[policy][credit_rules]") {
    auto const field = [](auto const& change) {
        credit_rules rules;
        change(rules);
        return check(rules).error().field;
    };
    CHECK(field([](auto& r) { r.document_limit = -1; }) == "document_limit");
    CHECK(field([](auto& r) { r.overdue_amount = -1; }) == "overdue_amount");
    CHECK(field([](auto& r) { r.first_order = -1; }) == "first_order");
    CHECK(field([](auto& r) { r.residue = -1; }) == "residue");
    CHECK(field([](auto& r) { r.overdue_days = -1; }) == "overdue_days");
    CHECK(field([](auto& r) { r.oldest_item_days = -1; }) == "oldest_item_days");
    CHECK(field([](auto& r) { r.dunning_level = 0; }) == "dunning_level");
    CHECK(field([](auto& r) { r.overdue_share_basis_points = 10'001; }) == "overdue_share_basis_points");
    CHECK(field([](auto& r) { r.by_standing[2].limit_basis_points = -1; }) == "by_standing[2].limit_basis_points");
    CHECK(field([](auto& r) { r.dunning.steps[1].leave = 99; }) == "dunning.steps[1]");
    CHECK(field([](auto& r) { r.standings.leave[2].days_past_due = 75; }) == "standings.leave[2].days_past_due");
}

TEST_CASE("zero is a threshold, and not set is none", "[policy][credit_rules]") {
    credit_rules rules;
    rules.document_limit = 0;
    CHECK(check(rules).has_value());
    CHECK(rules.document_limit != credit_rules{}.document_limit);
}

TEST_CASE("by default every step but the invoice asks for limit, standing and rate", "[policy][credit_rules]") {
    for (auto const& asked : credit_rules{}.asked) {
        for (auto const r : {credit_rule::credit_limit, credit_rule::standing, credit_rule::exchange_rate}) {
            CHECK(asked.has(r));
        }
    }
    CHECK_FALSE(credit_rule_set::all().without(credit_rule::standing).has(credit_rule::standing));
}
