#include <patron/policy/resolver.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "policy/effects.hpp"

using namespace patron;
using namespace patron::policy;
using namespace patron::tests;

namespace patron::inline v1::policy {
inline std::ostream& operator<<(std::ostream& out, refusal_kind k) { return out << name_of(k); }
}  // namespace patron::v1::policy

namespace {

constexpr auto cny = currency::literal("CNY");
using enum effect_code;

effects proposed(std::vector<effect> const& all) {
    effects out;
    for (auto const& e : all) out.propose(e);
    return out;
}
effect grave(effect_code code, std::optional<std::int64_t> amount = std::nullopt) {
    auto e = sanction(code, amount);
    e.severity = 5;
    return e;
}
effect about(effect e, std::string target) {
    e.target = std::move(target);
    return e;
}
resolution resolved(std::vector<effect> const& all, scene const& s = {}, resolver_rules const& rules = {}) {
    return resolve(proposed(all), s.context(), rules);
}
std::vector<effect_code> codes(resolution const& r) {
    std::vector<effect_code> out;
    for (auto const& e : r.granted) out.push_back(e.code);
    return out;
}
auto& most_each(resolver_rules& r, effect_code c) { return r.most_each[static_cast<std::size_t>(c)]; }
auto& most_year(resolver_rules& r, effect_code c) { return r.most_year[static_cast<std::size_t>(c)]; }

}  // namespace

TEST_CASE("deterrents come first, then penalties, then rewards", "[policy][resolver]") {
    auto const r = resolved({reward(training), sanction(written_warning), reward(special_award, 5),
                             grave(suspend_supply), sanction(staff_withdrawn)});
    CHECK(codes(r) == std::vector{suspend_supply, written_warning, staff_withdrawn});
    // supply is suspended, so that nothing new is granted
    REQUIRE(r.refused.size() == 2);
    CHECK(r.refused[0].what.code == special_award);
    CHECK(r.refused[0].kind == refusal_kind::conflict);
    CHECK(sentence(r.refused[0].why, cny, language::en) == "supply suspended excludes it");
    CHECK(sentence(r.refused[0].why, cny, language::zh) == "与“暂停供货”冲突");
}

TEST_CASE("of a reward given twice the larger stays", "[policy][resolver]") {
    auto small = reward(promotion_support, 100, "festival");
    auto large = reward(promotion_support, 300, "opening");
    auto const r = resolved({small, large});
    REQUIRE(r.granted.size() == 1);
    CHECK(r.granted[0] == large);
    REQUIRE(r.refused.size() == 1);
    CHECK(r.refused[0].kind == refusal_kind::duplicate);
    CHECK(r.refused[0].what == small);
    CHECK(r.refused[0].why.what == "opening");
    // about two territories they are two rewards
    CHECK(resolved({about(reward(exclusivity), "east"), about(reward(exclusivity), "west")}).granted.size() == 2);
    // an incomplete one does not stand in the way of a complete one
    auto cut = sanction(credit_cut, 900);
    cut.severity = 1;  // out of proportion, and so not in the way of the smaller one
    CHECK(resolved({cut, grave(credit_cut, 500)}).granted[0].amount == 500);
    large.why.clear();
    auto const second = resolved({small, large});
    REQUIRE(second.granted.size() == 1);
    CHECK(second.granted[0] == small);
}

TEST_CASE("what was withdrawn is not granted, the same day or later", "[policy][resolver]") {
    struct row {
        effect_code stands;
        effect yields;
    };
    for (auto const& [stands, yields] : std::vector<row>{{promotion_withdrawn, reward(promotion_support, 100)},
                                                         {staff_withdrawn, reward(staff_support, 100)},
                                                         {credit_cut, reward(credit_increase, 100)},
                                                         {cash_only, reward(credit_increase, 100)},
                                                         {tier_loss, reward(tier)},
                                                         {year_end_award_cancelled, reward(year_end_rebate, 100)},
                                                         {year_end_award_cancelled, reward(profit_share, 100)},
                                                         {suspend_supply, reward(vehicles)},
                                                         {terminate, reward(training)}}) {
        CAPTURE(stands, yields.code);
        auto const both = resolved(
            {yields, grave(stands, traits_of(stands).takes_amount ? std::optional<std::int64_t>{9} : std::nullopt)});
        CHECK(codes(both) == std::vector{stands});
        scene s;
        s.keep(stands, effect_step::in_force);
        CHECK(codes(resolved({yields}, s)).empty());
        scene over;
        over.keep(stands, effect_step::lifted);
        CHECK(codes(resolved({yields}, over)) == std::vector{yields.code});
        scene noticed;  // not in force yet
        noticed.keep(stands, effect_step::noticed);
        CHECK(codes(resolved({yields}, noticed)) == std::vector{yields.code});
    }
    // what was earned before the suspension is still paid
    CHECK(codes(resolved({reward(year_end_rebate, 100), grave(suspend_supply)})) ==
          std::vector{suspend_supply, year_end_rebate});
}

TEST_CASE("a territory is not both exclusive and shared", "[policy][resolver]") {
    auto const add = about(grave(add_distributor), "east");
    CHECK(codes(resolved({about(reward(exclusivity), "east"), add})) == std::vector{add_distributor});
    CHECK(codes(resolved({about(reward(exclusivity), "west"), add})) == std::vector{add_distributor, exclusivity});
    scene s;  // a promise given is taken back before it is broken
    s.keep(exclusivity, effect_step::done, "east");
    CHECK(codes(resolved({add}, s)).empty());
    s.kept[0].step = effect_step::reversed;
    CHECK(codes(resolved({add}, s)) == std::vector{add_distributor});
}

TEST_CASE("one rung of the last resort at a time, the gravest", "[policy][resolver]") {
    CHECK(codes(resolved({grave(suspend_supply), grave(add_distributor), grave(terminate)})) == std::vector{terminate});
    CHECK(codes(resolved({grave(add_distributor), grave(suspend_supply)})) == std::vector{suspend_supply});
}

TEST_CASE("a sanction in force, under notice or under appeal is not imposed again", "[policy][resolver]") {
    for (auto const step : {effect_step::noticed, effect_step::appealed, effect_step::in_force}) {
        scene s;
        s.keep(cash_only, step);
        auto const r = resolved({grave(cash_only)}, s);
        REQUIRE(r.refused.size() == 1);
        CHECK(r.refused[0].kind == refusal_kind::already_given);
    }
    scene over;
    over.keep(cash_only, effect_step::expired);
    CHECK(codes(resolved({grave(cash_only)}, over)) == std::vector{cash_only});
    scene rewarded;  // the same rule on the same day
    rewarded.keep(special_award, effect_step::due);
    CHECK(resolved({reward(special_award, 7)}, rewarded).granted.empty());
    CHECK(resolved({reward(special_award, 7, "another_rule")}, rewarded).granted.size() == 1);
}

TEST_CASE("a sanction without a way back is refused unless it is permanent", "[policy][resolver]") {
    auto e = grave(cash_only);
    e.way_back = {};
    auto const r = resolved({e});
    CHECK(r.granted.empty());
    REQUIRE(r.refused.size() == 1);
    CHECK(r.refused[0].kind == refusal_kind::no_way_back);
    CHECK(sentence(r.refused[0].why, cny, language::en) ==
          "the proposal is incomplete: state how it ends, or that it is permanent");
    e.way_back.ends_when = way_back_kind::permanent;
    CHECK(resolved({e}).granted.size() == 1);
}

TEST_CASE("a sanction is in proportion to the breach and to those before it", "[policy][resolver]") {
    auto light = sanction(cash_only);
    light.severity = 2;
    auto const r = resolved({light});
    REQUIRE(r.refused.size() == 1);
    CHECK(r.refused[0].kind == refusal_kind::disproportionate);
    CHECK(r.refused[0].why.saw == 2);
    CHECK(r.refused[0].why.threshold == 3);
    scene again;
    again.keep(written_warning, effect_step::expired);
    CHECK(resolved({light}, again).granted.size() == 1);
    again.kept[0].step = effect_step::withdrawn;  // it was wrong, and does not count
    CHECK(resolved({light}, again).granted.empty());
    again.kept[0].step = effect_step::expired;
    again.kept[0].since = light.since - 366;
    CHECK(resolved({light}, again).granted.empty());
}

TEST_CASE("caps and budgets lower a reward to what is left, and say so", "[policy][resolver]") {
    resolver_rules rules;
    most_each(rules, promotion_support) = 1'000;
    most_year(rules, special_award) = 500;
    scene s;
    s.position.granted_year[static_cast<std::size_t>(special_award)] = 450;
    auto const r = resolved({reward(promotion_support, 1'500), reward(special_award, 60)}, s, rules);
    REQUIRE(r.granted.size() == 2);
    CHECK(r.granted[0].amount == 1'000);
    CHECK(r.granted[0].why.back().rule == "effect_cap");
    CHECK(r.granted[0].why.back().saw == 1'500);
    CHECK(r.granted[1].amount == 50);
    CHECK(r.granted[1].why.back().rule == "effect_budget");

    s.position.granted_year[static_cast<std::size_t>(special_award)] = 500;
    auto const spent = resolved({reward(special_award, 60)}, s, rules);
    REQUIRE(spent.refused.size() == 1);
    CHECK(spent.refused[0].kind == refusal_kind::over_budget);
    CHECK(spent.refused[0].why.threshold == 0);
    rules.rewards_each = 0;  // a budget of zero is none to spend, not none set
    CHECK(resolved({reward(vehicles, 1)}, {}, rules).granted.empty());
}

TEST_CASE("the budget of all rewards is spent in the order of the resolver", "[policy][resolver]") {
    resolver_rules rules;
    rules.rewards_each = 1'000;
    rules.rewards_year = 1'500;
    scene s;
    s.position.granted_year[static_cast<std::size_t>(vehicles)] = 700;
    s.position.granted_year[static_cast<std::size_t>(credit_increase)] = 90'000;  // credit is not spent
    auto const r = resolved({reward(special_award, 300), reward(staff_support, 600), reward(promotion_support, 100),
                             reward(credit_increase, 50'000)},
                            s, rules);
    REQUIRE(r.granted.size() == 4);
    CHECK(r.granted[0].code == credit_increase);
    CHECK(r.granted[0].amount == 50'000);
    CHECK(r.granted[1].amount == 600);
    CHECK(r.granted[2].amount == 100);
    CHECK(r.granted[3].amount == 100);  // 1 500 less 700 less 700
    CHECK(r.granted[3].why.back().rule == "rewards_budget");
}

TEST_CASE("no more of a deposit is forfeited than is held", "[policy][resolver]") {
    scene s;
    s.position.deposit_held = 1'000;
    auto const r = resolved({about(grave(deposit_forfeited, 700), "east"), about(grave(deposit_forfeited, 700), "west"),
                             about(grave(deposit_forfeited, 700), "south")},
                            s);
    REQUIRE(r.granted.size() == 2);
    CHECK(r.granted[0].amount == 700);
    CHECK(r.granted[1].amount == 300);
    REQUIRE(r.refused.size() == 1);
    CHECK(r.refused[0].kind == refusal_kind::no_deposit);
    CHECK(resolved({grave(deposit_forfeited, 1)}).granted.empty());  // nothing was paid in
}

TEST_CASE("a reward policy cannot impose a penalty", "[policy][resolver]") {
    effects out;
    out.enter(effect_family::reward);
    out.propose(grave(cash_only));
    auto const r = resolve(out, scene{}.context());
    REQUIRE(r.refused.size() == 1);
    CHECK(r.refused[0].kind == refusal_kind::other_hook);
    CHECK(sentence(r.refused[0].why, cny, language::zh) == "奖励策略无权提出此项");
}

TEST_CASE("more proposals than can be compared are all refused", "[policy][resolver]") {
    effects out;
    for (std::size_t i = 0; i <= effects::most; ++i) out.propose(about(reward(exclusivity), std::to_string(i)));
    auto const r = resolve(out, scene{}.context());
    CHECK(r.granted.empty());
    CHECK(r.refused.size() == effects::most);
    CHECK(r.refused[0].kind == refusal_kind::too_many);
    CHECK(r.refused[0].why.saw == static_cast<std::int64_t>(effects::most + 1));
}

TEST_CASE("whatever is proposed in whatever order, the same comes out, and no invariant breaks", "[policy][resolver]") {
    std::mt19937_64 random{20260301};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    constexpr std::string_view rules_of[] = {"rule_a", "rule_b", "rule_c"};
    constexpr std::string_view targets[] = {"", "east", "west"};
    for (int times = 0; times < 1'500; ++times) {
        scene s;
        s.position.deposit_held = static_cast<std::int64_t>(below(2'000));
        for (auto& g : s.position.granted_year) g = static_cast<std::int64_t>(below(500));
        for (auto n = below(4); n > 0; --n) {
            s.keep(static_cast<effect_code>(below(effect_count)), static_cast<effect_step>(below(12)),
                   targets[below(3)]);
        }
        resolver_rules rules;
        for (auto& b : rules.most_each) b = below(3) == 0 ? std::optional<std::int64_t>{below(800)} : std::nullopt;
        for (auto& b : rules.most_year) b = below(3) == 0 ? std::optional<std::int64_t>{below(900)} : std::nullopt;
        if (below(2) == 0) rules.rewards_each = static_cast<std::int64_t>(below(2'000));
        if (below(2) == 0) rules.rewards_year = static_cast<std::int64_t>(below(9'000));
        std::vector<effect> all;
        for (auto n = below(9); n > 0; --n) {
            auto e = complete(static_cast<effect_code>(below(effect_count)), rules_of[below(3)]);
            if (e.amount || below(3) == 0) e.amount = static_cast<std::int64_t>(below(1'000)) - 5;
            if (below(40) == 0) e.amount = INT64_MAX;
            e.target = targets[below(3)];
            if (is_sanction(e.code)) {
                e.severity = static_cast<std::uint8_t>(below(7));
                if (below(5) == 0) e.way_back = {};
            }
            if (below(8) == 0) e.why.push_back({.rule = "breach", .saw = static_cast<std::int64_t>(below(3))});
            all.push_back(std::move(e));
        }
        auto const r = resolved(all, s, rules);
        CAPTURE(times);
        REQUIRE(r.granted.size() + r.refused.size() == all.size());  // nothing is dropped in silence
        for (int shuffles = 0; shuffles < 4; ++shuffles) {
            std::shuffle(all.begin(), all.end(), random);
            REQUIRE(resolved(all, s, rules) == r);
        }
        REQUIRE(std::is_sorted(r.granted.begin(), r.granted.end(),
                               [](auto const& a, auto const& b) { return family_of(a.code) > family_of(b.code); }));
        __extension__ using wide = __int128;
        wide forfeited = 0;
        wide spent = 0;
        for (auto const& e : r.granted) {
            REQUIRE(validate(e).empty());
            auto const i = static_cast<std::size_t>(e.code);
            if (e.code == deposit_forfeited) forfeited += *e.amount;
            if (traits_of(e.code).is_spent && e.amount) spent += *e.amount;
            if (e.amount && rules.most_each[i]) REQUIRE(*e.amount <= *rules.most_each[i]);
            for (auto const& other : r.granted) {
                if (&other != &e) REQUIRE((other.code != e.code || other.target != e.target));
                for (auto const& x : conflicts()) {
                    REQUIRE(!(x.stands == e.code && x.yields == other.code &&
                              (!x.same_target || e.target == other.target)));
                }
            }
        }
        REQUIRE((forfeited <= s.position.deposit_held));
        if (rules.rewards_each) REQUIRE((spent <= *rules.rewards_each));
        for (auto const& no : r.refused) {
            REQUIRE(!sentence(no.why, cny, language::en).empty());
            REQUIRE(sentence(no.why, cny, language::en) != no.why.rule);
            REQUIRE(sentence(no.why, cny, language::zh) != sentence(no.why, cny, language::en));
        }
    }
}

TEST_CASE("what policies propose does not depend on their order", "[policy][resolver]") {
    struct festival {
        void reward(context const& c, effects& out) const {
            auto e = tests::reward(promotion_support, 200, "festival");
            e.since = c.on;
            out.propose(std::move(e));
        }
    };
    struct opening {
        void reward(context const&, effects& out) const {
            out.propose(tests::reward(promotion_support, 200, "opening"));
        }
    };
    struct discipline {
        void penalise(context const&, effects& out) const { out.propose(sanction(written_warning)); }
    };
    scene const s;
    auto const r = decide(policies<festival, opening, discipline>{}, s.context());
    CHECK(codes(r) == std::vector{written_warning, promotion_support});
    CHECK(r.granted[1].rule == "festival");
    CHECK(decide(policies<discipline, opening, festival>{}, s.context()) == r);
    CHECK(decide(policies<>{}, s.context()) == resolution{});
}
