#include <patron/policy/customer_facing.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <type_traits>
#include <vector>

#include "policy/effects.hpp"

using namespace patron;
using namespace patron::policy;
using namespace patron::tests;

static_assert(!std::is_default_constructible_v<customer_facing>);
static_assert(!std::is_constructible_v<customer_facing, std::vector<kept_effect>>);
static_assert(!std::is_constructible_v<customer_facing, profit_share_account>);
static_assert(!std::is_convertible_v<kept_effect, shown_effect>);

namespace {

profit_share_account share(std::int32_t points, int disclosed, std::int64_t bought) {
    profit_share_account a{
        {.rate = basis_points{points}, .first_month = month_of_2024(1), .disclosed_on = on_day(disclosed)}};
    a.count(month_of_2024(1), bought).value();
    return a;
}
kept_effect given(effect_code code, effect_step step, std::int64_t amount = 1'000) {
    auto k = to_keep(complete(code));
    k.step = step;
    k.amount = amount;
    return k;
}

}  // namespace

TEST_CASE("a profit share is shown from its disclosure on", "[policy][customer_facing]") {
    auto const account = share(200, 380, 100'000);
    std::vector const kept{given(effect_code::profit_share, effect_step::due),
                           given(effect_code::training, effect_step::due)};
    auto const before = customer_facing::of(kept, nullptr, &account, on_day(379));
    CHECK(!before.profit_share());
    REQUIRE(before.effects().size() == 1);
    CHECK(before.effects()[0].code == effect_code::training);
    auto const after = customer_facing::of(kept, nullptr, &account, on_day(380));
    CHECK(after.profit_share() == shown_profit_share{basis_points{200}, 2'000});
    CHECK(after.effects().size() == 2);
    // an effect without its account: nobody knows of a disclosure
    CHECK(customer_facing::of(kept, nullptr, nullptr, on_day(999)).effects().size() == 1);
}

TEST_CASE("how much a cancelled award was stays hidden as long as the award", "[policy][customer_facing]") {
    auto const account = share(200, 380, 100'000);
    std::vector const kept{given(effect_code::year_end_award_cancelled, effect_step::in_force, 2'000)};
    auto const before = customer_facing::of(kept, nullptr, &account, on_day(10));
    REQUIRE(before.effects().size() == 1);
    CHECK(!before.effects()[0].amount);
    CHECK(customer_facing::of(kept, nullptr, &account, on_day(380)).effects()[0].amount == 2'000);
}

TEST_CASE("a customer sees its sanctions, how they end and whom to turn to", "[policy][customer_facing]") {
    auto k = given(effect_code::cash_only, effect_step::noticed);
    k.person = "Wang";
    k.appeal_until = on_day(14);
    k.cause = "our own remark";
    std::vector const kept{k, given(effect_code::terminate, effect_step::proposed)};
    deposit_account deposit;
    deposit.pay(500, on_day(0), "x").value();
    deposit.forfeit(100, on_day(5), "x").value();
    auto const view = customer_facing::of(kept, &deposit, nullptr, on_day(1));
    REQUIRE(view.effects().size() == 1);  // what is only proposed is ours
    CHECK(view.effects()[0].lifted_by == "Wang");
    CHECK(view.effects()[0].appeal_until == on_day(14));
    CHECK(view.effects()[0].ends_when == way_back_kind::compliance);
    CHECK(view.deposit().held == 500);
    CHECK(customer_facing::of(kept, &deposit, nullptr, on_day(5)).deposit().held == 400);
    CHECK(customer_facing::of(kept, &deposit, nullptr, on_day(-1)).effects().empty());
}

TEST_CASE("before the disclosure nothing that a customer sees depends on what is hidden", "[policy][customer_facing]") {
    std::mt19937_64 random{12};
    for (int times = 0; times < 300; ++times) {
        std::vector<kept_effect> ours;
        std::vector<kept_effect> others;  // the same but for all that is hidden
        for (auto n = random() % 8; n > 0; --n) {
            auto k = given(static_cast<effect_code>(random() % effect_count), static_cast<effect_step>(random() % 12),
                           static_cast<std::int64_t>(random() % 1'000));
            ours.push_back(k);
            if (k.code == effect_code::profit_share || k.step == effect_step::proposed) continue;
            if (k.code == effect_code::year_end_award_cancelled) k.amount = 7;
            k.cause = "another remark";
            k.rule = "another_rule";
            k.severity = 5;
            others.push_back(k);
        }
        auto const account = share(static_cast<std::int32_t>(random() % 10'000), 380, 100'000);
        auto other_account = share(1, 500, 5);
        if (random() % 2 == 0) other_account.cancel();
        auto const on = on_day(static_cast<int>(random() % 380));
        REQUIRE(customer_facing::of(ours, nullptr, &account, on) ==
                customer_facing::of(others, nullptr, &other_account, on));
        REQUIRE(customer_facing::of(ours, nullptr, &account, on) == customer_facing::of(others, nullptr, nullptr, on));
    }
}
