// What does a house's own reward for the festival season come to, beside a penalty for a broken price?
#include <patron/lifecycle/effect_life.hpp>
#include <patron/policy/hooks.hpp>
#include <patron/policy/resolver.hpp>
#include <patron/testing/policy_laws.hpp>

#include <array>
#include <iostream>
#include <utility>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

// tag::policy[]
struct festival_reward {
    void reward(policy::context const& c, policy::effects& out) const {
        auto const* order = c.applied_as<order_placed>();
        if (order == nullptr || c.stage() < stage::stable || c.stage() > stage::strategic) return;
        policy::effect e;
        e.code = effect_code::promotion_support;
        e.amount = 2'000'00;
        e.since = c.on;
        e.deadline = c.on + 30;
        e.rule = "festival_reward";
        e.why.push_back({.rule = "festival_reward", .what = order->order});
        out.propose(std::move(e));
    }
};
// end::policy[]

// tag::penalty[]
struct price_discipline {
    void penalise(policy::context const& c, policy::effects& out) const {
        if (c.customer.records == nullptr) return;
        for (auto const& breach : c.customer.records->breaches) {
            if (breach.what != "price" || breach.on < c.on - 90) continue;
            policy::effect e;
            e.code = effect_code::promotion_withdrawn;
            e.since = c.on;
            e.severity = 3;
            e.way_back = {.ends_when = way_back_kind::compliance, .review_on = c.on + 90};
            e.rule = "price_discipline";
            e.why.push_back({.rule = "breach", .unit = measure::count, .saw = 1, .what = breach.what});
            out.propose(std::move(e));
            return;
        }
    }
};
// end::penalty[]

int main() {
    customer_state state;
    state.stage = stage::stable;
    customer_records records;
    auto const on = number_of(day{2026y / 9 / 20});
    lifecycle::assessment const assessment = lifecycle::assess({state, &records}, {}, on, false);
    order_placed order;
    order.order = "SO-1";
    fact const applied = order;
    policy::context const c{.customer = {state, &records}, .on = on, .applied = &applied, .assessment = assessment};

    // tag::decide[]
    policy::policies<festival_reward, price_discipline> const house;
    policy::resolver_rules rules;
    rules.most_each[static_cast<std::size_t>(effect_code::promotion_support)] = 1'500'00;

    auto const show = [&](char const* when) {
        auto const decided = policy::decide(house, c, rules);
        std::cout << when << ":\n";
        for (auto const& e : decided.granted) {
            std::cout << "  " << label_of(e.code).en;
            if (e.amount) std::cout << ' ' << money{*e.amount, currency::literal("CNY")};
            std::cout << ", by " << e.rule << '\n';
            for (auto const& why : e.why) {
                std::cout << "    " << sentence(why, currency::literal("CNY"), language::en) << '\n';
            }
        }
        for (auto const& no : decided.refused) {
            std::cout << "  not " << label_of(no.what.code).en << ": "
                      << sentence(no.why, currency::literal("CNY"), language::en) << '\n';
        }
    };
    show("an order of a stable customer");
    records.breaches.push_back({.what = "price", .on = on - 10, .thousandths = 1'000});
    show("after a broken price");
    // end::decide[]

    // tag::life[]
    auto sanction = policy::to_keep(policy::decide(house, c, rules).granted.at(0));
    auto kept = lifecycle::grant(std::move(sanction)).value();
    std::cout << "imposed: " << label_of(kept.step).en << ", from " << to_string(day_of(kept.notice_until + 1)) << '\n';
    lifecycle::advance(kept, on + 20);
    std::cout << "20 days on: " << label_of(kept.step).en << '\n';
    lifecycle::comply(kept, on + 100).value();
    std::cout << "the customer complies: " << label_of(kept.step).en << '\n';
    // end::life[]

    // tag::laws[]
    std::array const contexts{c};
    auto const broken = testing::reward_policy_laws(festival_reward{}, contexts);
    std::cout << "laws broken: " << broken.size() << '\n';
    // end::laws[]
}
