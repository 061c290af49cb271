// What was given to a customer and is held against it, and what that comes to (POW-2, POW-3, POW-5).
#include <patron/customer/power_file.hpp>
#include <patron/customer/records.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

namespace {

kept_effect effect(effect_code code, effect_step step, std::uint8_t severity = 0,
                   std::optional<std::int64_t> amount = {}) {
    kept_effect e;
    e.code = code;
    e.step = step;
    e.severity = severity;
    e.amount = amount;
    e.since = 100;
    e.rule = "r";
    return e;
}
using enum effect_code;
using enum effect_step;

}  // namespace

TEST_CASE("only what is in force counts", "[customer][power_file]") {
    for (auto const step : {noticed, appealed, lifted, withdrawn, expired}) {
        power_file f;
        f.effects = {effect(credit_cut, step, 3, 500), effect(tier_loss, step, 4), effect(cash_only, step, 5)};
        CHECK(f.limit_cut() == 0);
        CHECK(f.penalty_severity() == 0);
        CHECK(f.tier_of(customer_tier::gold) == customer_tier::gold);
        CHECK(f.least_standing() == standing::good);
    }
    power_file f;
    f.effects = {effect(credit_cut, in_force, 3, 500), effect(credit_cut, in_force, 2, 70),
                 effect(tier_loss, in_force, 4), effect(cash_only, in_force, 5)};
    CHECK(f.limit_cut() == 570);
    CHECK(f.penalty_severity() == 14);
    CHECK(f.tier_of(customer_tier::gold) == customer_tier::silver);
    CHECK(f.tier_of(customer_tier::standard) == customer_tier::standard);
    CHECK(f.least_standing() == standing::cash_only);
    f.effects.push_back(effect(suspend_supply, in_force, 5));
    CHECK(f.least_standing() == standing::blocked);
    CHECK(f.penalty_severity() == 14);  // a deterrent is no penalty
}

TEST_CASE("a tier that was given as a reward counts once it is given, and until it is taken back",
          "[customer][power_file]") {
    power_file f;
    f.effects = {effect(tier, due)};
    CHECK(f.tier_of(customer_tier::silver) == customer_tier::silver);
    f.effects[0].step = done;
    CHECK(f.tier_of(customer_tier::silver) == customer_tier::gold);
    CHECK(f.tier_of(customer_tier::diamond) == customer_tier::diamond);
    f.effects[0].target = "gold";
    CHECK(f.tier_of(customer_tier::standard) == customer_tier::gold);
    CHECK(f.tier_of(customer_tier::diamond) == customer_tier::diamond);
    f.effects.push_back(effect(tier_loss, in_force, 4));
    CHECK(f.tier_of(customer_tier::standard) == customer_tier::silver);
    for (auto const step : {lapsed, reversed}) {
        f.effects[0].step = step;
        CHECK(f.tier_of(customer_tier::standard) == customer_tier::standard);
    }
}

TEST_CASE("cuts beyond 64 bits cut everything", "[customer][power_file]") {
    power_file f;
    f.effects = {effect(credit_cut, in_force, 3, INT64_MAX), effect(credit_cut, in_force, 3, 1)};
    CHECK(f.limit_cut() == INT64_MAX);
}

TEST_CASE("of several effects of one id facts mean the latest", "[customer][power_file]") {
    power_file f;
    f.effects = {effect(written_warning, withdrawn, 1), effect(written_warning, in_force, 2)};
    REQUIRE(f.find(id_of(f.effects[0])) != nullptr);
    CHECK(f.find(id_of(f.effects[0]))->step == in_force);
    CHECK(f.find("r@2020-01-01") == nullptr);
}

TEST_CASE("the latest breach is the latest by day, and a file without anything is empty", "[customer][power_file]") {
    power_file f;
    CHECK(f.empty());
    CHECK(f.last_breach() == no_day);
    f.breaches = {{breach_rule::price, 3, 50}, {breach_rule::outlet, 1, 20}};
    CHECK(f.last_breach() == 50);
    CHECK_FALSE(f.empty());
    f = {};
    f.totals.rewards = 1;
    CHECK_FALSE(f.empty());
    CHECK(powers_in(nullptr).empty());
    customer_records records;
    records.powers.edit() = f;
    CHECK_FALSE(powers_in(&records).empty());
}
