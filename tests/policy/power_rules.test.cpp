#include <patron/policy/power_rules.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using policy::power_rules;

TEST_CASE("the default numbers of the powers are sound", "[policy][power_rules]") {
    CHECK(check(power_rules{}).has_value());
}

TEST_CASE("numbers that no engine could honour are refused by name", "[policy][power_rules]") {
    auto const field = [](auto const& change) {
        power_rules rules;
        change(rules);
        auto const checked = check(rules);
        REQUIRE(checked.has_error());
        CHECK(checked.error().code == errc::out_of_range);
        CHECK_FALSE(checked.error().remedy.empty());
        return checked.error().field;
    };
    CHECK(field([](auto& r) { r.reward_months = 0; }) == "rewards.reward_months");
    CHECK(field([](auto& r) { r.reward_months = 5; }) == "rewards.reward_months");
    CHECK(field([](auto& r) { r.supply.uses_a_year = 9; }) == "supply.uses_a_year");
    CHECK(field([](auto& r) { r.large_from = -1; }) == "rewards.large_from");
    CHECK(field([](auto& r) { r.resolver.most_each[2] = -1; }) == "rewards.most_each");
    CHECK(field([](auto& r) { r.resolver.least_severity[3] = 6; }) == "sanctions.least_severity");
    CHECK(field([](auto& r) { r.effects.appeal_days = -1; }) == "sanctions.appeal_days");
    CHECK(field([](auto& r) { r.supply.cool_down_days = -1; }) == "supply.cool_down_days");
    CHECK(field([](auto& r) { r.keeps_ended_days = r.resolver.recurrence_days - 1; }) == "sanctions.keeps_ended_days");
    CHECK(field([](auto& r) { r.fiscal_year_begins = std::chrono::month{13}; }) == "rewards.fiscal_year_begins");
}
