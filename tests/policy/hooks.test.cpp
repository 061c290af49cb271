#include <patron/policy/hooks.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <type_traits>
#include <vector>

#include "policy/effects.hpp"

using namespace patron;
using namespace patron::policy;
using namespace patron::tests;

namespace {

/// The smallest reward policy: an award for a signed agreement.
struct signing_award {
    std::int64_t amount = 500'00;
    void reward(context const& c, effects& out) const {
        if (c.applied_as<agreement_signed>() == nullptr) return;
        auto e = tests::reward(effect_code::special_award, amount, "signing_award");
        e.since = c.on;
        e.deadline = c.on + 30;
        out.propose(std::move(e));
    }
};
struct price_discipline {
    void penalise(context const& c, effects& out) const {
        auto const* breach = c.applied_as<breach_reported>();
        if (breach != nullptr && breach->rule == breach_rule::price) {
            out.propose(sanction(effect_code::promotion_withdrawn, std::nullopt, "price_discipline"));
        }
    }
    void deter(context const& c, effects& out) const {
        if (c.strain > 500) out.propose(sanction(effect_code::suspend_supply, std::nullopt, "price_discipline"));
    }
};
struct fixed_limit {
    std::int64_t amount;
    std::string_view rule = "fixed_limit";
    std::optional<limit_proposal> limit(context const&) const { return limit_proposal{.amount = amount, .rule = rule}; }
};
struct no_bound {
    std::optional<limit_proposal> limit(context const&) const { return limit_proposal{.is_unlimited = true}; }
};
struct no_view {
    std::optional<limit_proposal> limit(context const&) const { return std::nullopt; }
};
struct knows_wallet {
    std::optional<std::int64_t> estimate(customer_view, period) const { return 100; }
};
struct knows_no_wallet {
    std::optional<std::int64_t> estimate(customer_view, period) const { return std::nullopt; }
};

static_assert(reward_policy<signing_award> && !penalty_policy<signing_award>);
static_assert(penalty_policy<price_discipline> && deterrent_policy<price_discipline>);
static_assert(limit_policy<fixed_limit> && wallet_policy<knows_wallet>);
using house = policies<signing_award, price_discipline>;
static_assert(reward_policy<house> && penalty_policy<house> && deterrent_policy<house> && limit_policy<house>);
static_assert(std::is_empty_v<policies<>> && std::is_empty_v<policies<price_discipline, no_view>>,
              "policies without data take no room");

scene signed_today() {
    scene s;
    s.applied = agreement_signed{};
    return s;
}

}  // namespace

TEST_CASE("a policy sees the fact just applied, and none at a review", "[policy][hooks]") {
    effects out;
    house{}.propose(signed_today().context(), out);
    REQUIRE(out.size() == 1);
    CHECK(out.all()[0].what.code == effect_code::special_award);
    CHECK(out.all()[0].hook == effect_family::reward);
    effects none;
    house{}.propose(scene{}.context(), none);
    CHECK(none.empty());
}

TEST_CASE("each hook asks every policy that has it", "[policy][hooks]") {
    scene s;
    breach_reported breach;
    breach.rule = breach_rule::price;
    s.applied = breach;
    s.strain = 600;
    effects out;
    house{}.propose(s.context(), out);
    REQUIRE(out.size() == 2);
    CHECK(out.all()[0].what.code == effect_code::suspend_supply);
    CHECK(out.all()[0].hook == effect_family::deterrent);
    CHECK(out.all()[1].what.code == effect_code::promotion_withdrawn);
    CHECK(out.all()[1].hook == effect_family::penalty);
    effects rewards;
    house{}.reward(s.context(), rewards);
    CHECK(rewards.empty());
}

TEST_CASE("a policy sees what is in force", "[policy][hooks]") {
    scene s;
    s.keep(effect_code::cash_only, effect_step::in_force).keep(effect_code::staff_withdrawn, effect_step::lifted);
    s.keep(effect_code::training, effect_step::due).keep(effect_code::tier, effect_step::done);
    auto const c = s.context();
    CHECK(c.holds(effect_code::cash_only));
    CHECK(!c.holds(effect_code::staff_withdrawn));
    CHECK(!c.holds(effect_code::training));
    CHECK(c.holds(effect_code::tier));
    CHECK(c.stage() == stage::stable);
}

TEST_CASE("of several limits the lowest rules, whatever the order", "[policy][hooks]") {
    scene const s;
    auto const c = s.context();
    auto const lowest = [&](auto... p) { return policies{p...}.limit(c); };
    CHECK(lowest(fixed_limit{300}, no_bound{}, fixed_limit{200}, no_view{})->amount == 200);
    CHECK(lowest(fixed_limit{200}, no_view{}, fixed_limit{300}, no_bound{})->amount == 200);
    CHECK(lowest(fixed_limit{0}, fixed_limit{200})->amount == 0);  // no credit is a limit
    CHECK(lowest(no_view{}, no_bound{})->is_unlimited);
    CHECK(!lowest(no_view{}));
    CHECK(lowest(fixed_limit{5, "b"}, fixed_limit{5, "a"})->rule == "a");
    CHECK(lowest(fixed_limit{5, "a"}, fixed_limit{5, "b"})->rule == "a");
}

TEST_CASE("the first estimate that knows the wallet counts", "[policy][hooks]") {
    subject const s{stage::initial};
    CHECK(policies{knows_no_wallet{}, knows_wallet{}}.estimate(s.view(), month_of_2024(3)) == 100);
    CHECK(!policies{knows_no_wallet{}}.estimate(s.view(), month_of_2024(3)));
}

TEST_CASE("a policy chosen at run time answers as the one that it holds", "[policy][hooks]") {
    auto const s = signed_today();
    auto const c = s.context();
    any_reward_policy one = signing_award{.amount = 700'00};
    any_reward_policy const copy = one;
    one = signing_award{.amount = 900'00};
    effects of_copy;
    copy.reward(c, of_copy);
    CHECK(of_copy.all()[0].what.amount == 700'00);  // a copy is a value of its own
    effects of_one;
    one.reward(c, of_one);
    CHECK(of_one.all()[0].what.amount == 900'00);
    static_assert(reward_policy<any_reward_policy> && penalty_policy<any_penalty_policy> &&
                  deterrent_policy<any_deterrent_policy> && limit_policy<any_limit_policy> &&
                  wallet_policy<any_wallet_policy>);

    scene breached;
    breach_reported breach;
    breach.rule = breach_rule::price;
    breached.applied = breach;
    breached.strain = 600;
    policies const mixed{any_penalty_policy{price_discipline{}}, any_deterrent_policy{price_discipline{}},
                         any_limit_policy{fixed_limit{7}}, any_wallet_policy{knows_wallet{}}};
    effects out;
    mixed.propose(breached.context(), out);
    CHECK(out.size() == 2);
    CHECK(mixed.limit(c)->amount == 7);
    CHECK(mixed.estimate(breached.customer.view(), month_of_2024(1)) == 100);
}

TEST_CASE("what finds no room among the proposals is counted", "[policy][hooks]") {
    effects out;
    for (std::size_t i = 0; i < effects::most + 3; ++i) out.propose(complete(effect_code::training));
    CHECK(out.size() == effects::most);
    CHECK(out.left_out() == 3);
}
