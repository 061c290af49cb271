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
    auto const before = customer_facing::of(kept, 0, {&account, 1}, on_day(379));
    CHECK(!before.profit_share());
    REQUIRE(before.effects().size() == 1);
    CHECK(before.effects()[0].code == effect_code::training);
    auto const after = customer_facing::of(kept, 0, {&account, 1}, on_day(380));
    CHECK(after.profit_share() == shown_profit_share{basis_points{200}, 1'000});  // as it was granted
    CHECK(after.effects().size() == 2);
    // an effect without its account is shown from its deadline on
    CHECK(kept[0].deadline > on_day(0));
    CHECK(customer_facing::of(kept, 0, {}, kept[0].deadline - 1).effects().size() == 1);
    CHECK(customer_facing::of(kept, 0, {}, kept[0].deadline).effects().size() == 2);
    auto taken_back = kept;
    taken_back[0].step = effect_step::reversed;
    CHECK(customer_facing::of(taken_back, 0, {&account, 1}, on_day(380)).profit_share()->payable == 0);
}

TEST_CASE("each year's share is shown from its own disclosure on", "[policy][customer_facing]") {
    auto const year = [](int first, day disclosed, std::int64_t bought) {
        profit_share_account a{{.rate = basis_points{100},
                                .first_month = period{std::chrono::year{first}, std::chrono::January},
                                .disclosed_on = number_of(disclosed)}};
        a.count(a.terms().first_month, bought).value();
        return a;
    };
    std::vector const shares{year(2024, std::chrono::year{2025} / 3 / 1, 1'000),
                             year(2025, std::chrono::year{2026} / 3 / 1, 2'000)};
    auto const share_of = [](day since) {
        auto k = given(effect_code::profit_share, effect_step::due);
        k.since = number_of(since);
        return k;
    };
    std::vector const kept{share_of(std::chrono::year{2024} / 12 / 31), share_of(std::chrono::year{2025} / 12 / 31)};
    auto const seen_on = [&](day on) { return customer_facing::of(kept, 0, shares, number_of(on)); };
    CHECK(seen_on(std::chrono::year{2025} / 2 / 28).effects().empty());
    auto const between = seen_on(std::chrono::year{2026} / 1 / 15);
    REQUIRE(between.effects().size() == 1);
    CHECK(between.effects()[0].since == kept[0].since);
    CHECK(between.profit_share()->payable == kept[0].amount);
    auto const after = seen_on(std::chrono::year{2026} / 3 / 1);
    CHECK(after.effects().size() == 2);
    CHECK(after.profit_share()->payable == kept[1].amount);
}

TEST_CASE("how much a cancelled award was stays hidden as long as the award", "[policy][customer_facing]") {
    auto const account = share(200, 380, 100'000);
    std::vector const kept{given(effect_code::year_end_award_cancelled, effect_step::in_force, 2'000)};
    auto const before = customer_facing::of(kept, 0, {&account, 1}, on_day(10));
    REQUIRE(before.effects().size() == 1);
    CHECK(!before.effects()[0].amount);
    CHECK(customer_facing::of(kept, 0, {&account, 1}, on_day(380)).effects()[0].amount == 2'000);
}

TEST_CASE("a customer sees its sanctions, how they end and whom to turn to", "[policy][customer_facing]") {
    auto k = given(effect_code::cash_only, effect_step::noticed);
    k.person = "Wang";
    k.appeal_until = on_day(14);
    k.cause = "our own remark";
    std::vector const kept{k, given(effect_code::terminate, effect_step::proposed)};
    auto const view = customer_facing::of(kept, 500, {}, on_day(1));
    REQUIRE(view.effects().size() == 1);  // what is only proposed is ours
    CHECK(view.effects()[0].lifted_by == "Wang");
    CHECK(view.effects()[0].appeal_until == on_day(14));
    CHECK(view.effects()[0].ends_when == way_back_kind::compliance);
    CHECK(view.deposit_held() == 500);
    CHECK(customer_facing::of(kept, 500, {}, on_day(-1)).effects().empty());
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
        REQUIRE(customer_facing::of(ours, 0, {&account, 1}, on) ==
                customer_facing::of(others, 0, {&other_account, 1}, on));
        REQUIRE(customer_facing::of(ours, 0, {&account, 1}, on) == customer_facing::of(others, 0, {}, on));
    }
}

TEST_CASE("a customer-facing view is written as text and as JSON", "[policy][customer_facing]") {
    auto const account = share(150, 380, 100'000);
    auto owed = given(effect_code::training, effect_step::due, 300'00);
    owed.deadline = on_day(60);
    auto cash = given(effect_code::cash_only, effect_step::in_force);
    cash.amount.reset();
    cash.person = "Wang \"W\"";
    std::vector const kept{owed, cash};
    auto const view = customer_facing::of(kept, 500'00, {&account, 1}, on_day(380));
    auto const cny = currency::literal("CNY");
    auto const since = to_string(day_of(owed.since));
    auto const en = to_text(view, cny, language::en);
    CHECK(en.find("training, due, 300.00 CNY, from " + since + ", by " + to_string(day_of(on_day(60)))) !=
          std::string::npos);
    CHECK(en.find("lifted by Wang \"W\"\n") != std::string::npos);
    CHECK(en.ends_with("profit share of 1.5 %: 0.00 CNY\ndeposit held: 500.00 CNY\n"));
    CHECK(to_text(view, cny, language::zh).ends_with("年终利润分享 1.5 %：0.00 CNY\n保证金余额：500.00 CNY\n"));

    auto const json = to_json(view, cny);
    CHECK(json.find(R"({"effects":[{"effect":"training","step":"due","amount":"300.00 CNY","since":")" + since) == 0);
    CHECK(json.find(R"("lifted_by":"Wang \"W\"")") != std::string::npos);
    CHECK(json.ends_with(R"(],"deposit_held":"500.00 CNY","profit_share":{"rate":"1.5 %","payable":"0.00 CNY"}})"));
    CHECK(to_json(customer_facing::of({}, 0, {}, 0), cny) == R"({"effects":[],"deposit_held":"0.00 CNY"})");
}
