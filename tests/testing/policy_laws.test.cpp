#include <patron/testing/policy_laws.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "policy/effects.hpp"

using namespace patron;
using namespace patron::policy;
using namespace patron::tests;

namespace {

struct some_contexts {
    std::vector<scene> scenes = std::vector<scene>(3);
    std::vector<context> all;

    some_contexts() {
        scenes[1].applied = agreement_signed{};
        scenes[1].position.deposit_held = 100;
        scenes[2].customer.state.stage = stage::declining;
        scenes[2].keep(effect_code::cash_only, effect_step::in_force);
        for (auto const& s : scenes) all.push_back(s.context());
    }
};

bool says(std::vector<std::string> const& broken, std::string_view words) {
    return std::any_of(broken.begin(), broken.end(),
                       [&](auto const& line) { return line.find(words) != std::string::npos; });
}

struct sound {
    void reward(context const& c, effects& out) const {
        if (c.applied_as<agreement_signed>() != nullptr) out.propose(complete(effect_code::training));
    }
    void penalise(context const& c, effects& out) const {
        if (c.stage() == stage::declining) return;
        out.propose(complete(effect_code::deposit_forfeited));
        out.propose(complete(effect_code::written_warning));
    }
    void deter(context const&, effects& out) const { out.propose(complete(effect_code::suspend_supply)); }
    std::optional<limit_proposal> limit(context const& c) const {
        if (c.stage() == stage::declining) return std::nullopt;
        limit_proposal l{.amount = 5, .rule = "sound"};
        l.why.push_back({.rule = "first_order"});
        return l;
    }
};
struct counts_its_calls {
    int mutable calls = 0;
    void reward(context const&, effects& out) const { out.propose(tests::reward(effect_code::special_award, ++calls)); }
    std::optional<limit_proposal> limit(context const&) const { return limit_proposal{.amount = ++calls}; }
};
struct clears_what_is_there {
    void reward(context const&, effects& out) const { out = {}; }
};
struct looks_at_what_is_there {
    void reward(context const&, effects& out) const {
        if (!out.empty()) out.propose(complete(effect_code::training));
    }
};
struct rewards_with_a_penalty {
    void reward(context const&, effects& out) const { out.propose(complete(effect_code::cash_only)); }
};
struct without_way_back {
    void penalise(context const&, effects& out) const {
        auto e = complete(effect_code::cash_only);
        e.way_back = {};
        out.propose(std::move(e));
    }
};
struct in_the_past {
    void deter(context const& c, effects& out) const {
        auto e = complete(effect_code::suspend_supply);
        e.since = c.on - 1;
        out.propose(std::move(e));
    }
};
struct floods {
    void reward(context const&, effects& out) const {
        for (std::size_t i = 0; i <= effects::most; ++i) out.propose(complete(effect_code::training));
    }
};
struct negative_limit {
    std::optional<limit_proposal> limit(context const&) const { return limit_proposal{.amount = -1}; }
};

}  // namespace

TEST_CASE("a sound policy keeps the laws", "[testing][policy_laws]") {
    some_contexts const c;
    CHECK(testing::reward_policy_laws(sound{}, c.all).empty());
    CHECK(testing::penalty_policy_laws(sound{}, c.all).empty());
    CHECK(testing::deterrent_policy_laws(sound{}, c.all).empty());
    CHECK(testing::limit_policy_laws(sound{}, c.all).empty());
    CHECK(testing::reward_policy_laws(any_reward_policy{sound{}}, c.all).empty());
    CHECK(testing::reward_policy_laws(policies<sound>{}, c.all).empty());
}

TEST_CASE("a policy that breaks a law is found out", "[testing][policy_laws]") {
    some_contexts const c;
    CHECK(says(testing::reward_policy_laws(counts_its_calls{}, c.all), "not pure"));
    CHECK(says(testing::reward_policy_laws(clears_what_is_there{}, c.all), "changes what another policy proposed"));
    CHECK(says(testing::reward_policy_laws(looks_at_what_is_there{}, c.all), "depend on what another policy"));
    CHECK(says(testing::reward_policy_laws(rewards_with_a_penalty{}, c.all), "cash_only is no reward"));
    CHECK(says(testing::reward_policy_laws(floods{}, c.all), "more than there is room for"));
    CHECK(says(testing::penalty_policy_laws(without_way_back{}, c.all), "cash_only: state how it ends"));
    CHECK(says(testing::deterrent_policy_laws(in_the_past{}, c.all), "begins before the day"));
    CHECK(testing::deterrent_policy_laws(in_the_past{}, c.all).front().starts_with("context 0: "));
}

TEST_CASE("a limit that breaks a law is found out", "[testing][policy_laws]") {
    some_contexts const c;
    CHECK(says(testing::limit_policy_laws(negative_limit{}, c.all), "negative"));
    CHECK(says(testing::limit_policy_laws(negative_limit{}, c.all), "names no rule"));
    CHECK(says(testing::limit_policy_laws(negative_limit{}, c.all), "gives no reason"));
    CHECK(says(testing::limit_policy_laws(counts_its_calls{}, c.all), "not pure"));
}
