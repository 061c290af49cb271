// Powers: policies of any kind held as one value (POW-4).
#include <patron/policy/powers.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>

using namespace patron;
using namespace patron::policy;

namespace {

struct customer {
    customer_state state{};
    lifecycle::assessment assessment{};
    [[nodiscard]] context seen() const {
        return {.customer = {state, nullptr}, .on = 100, .applied = nullptr, .assessment = assessment};
    }
};
struct only_tiers {
    [[nodiscard]] std::optional<tier_proposal> tier(context const&) const {
        return tier_proposal{customer_tier::gold, 30};
    }
};
struct only_limits {
    [[nodiscard]] std::optional<limit_proposal> limit(context const&) const {
        return limit_proposal{.is_unlimited = false, .amount = 700, .rule = "house"};
    }
};
struct counting_reward {
    std::shared_ptr<int> asked = std::make_shared<int>(0);
    void reward(context const&, effects& out) const {
        ++*asked;
        out.propose({.code = effect_code::training});
    }
};

}  // namespace

TEST_CASE("powers of nothing say so", "[policy][powers]") {
    CHECK_FALSE(powers{});
    CHECK(powers{only_tiers{}});
}

TEST_CASE("a hook that the policies lack answers nothing", "[policy][powers]") {
    customer const c;
    powers const tiers{only_tiers{}};
    CHECK(tiers.tier(c.seen()) == tier_proposal{customer_tier::gold, 30});
    CHECK_FALSE(tiers.limit(c.seen()));
    effects out;
    tiers.propose(c.seen(), out);
    CHECK(out.empty());

    powers const limits{only_limits{}};
    CHECK(limits.limit(c.seen())->amount == 700);
    CHECK_FALSE(limits.tier(c.seen()));
}

TEST_CASE("copies share the policies, and proposals bear their hook", "[policy][powers]") {
    customer const c;
    counting_reward const mine;
    power_rules rules;
    rules.complies_after_days = 7;
    powers const first{mine, rules};
    auto const second = first;
    effects out;
    first.propose(c.seen(), out);
    second.propose(c.seen(), out);
    CHECK(*mine.asked == 2);
    REQUIRE(out.size() == 2);
    CHECK(out.all()[1].hook == effect_family::reward);
    CHECK(second.rules().complies_after_days == 7);
}
