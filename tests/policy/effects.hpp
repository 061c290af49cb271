// Effects and contexts put together by hand, for tests of policies.
#pragma once
#include <patron/policy/effect.hpp>
#include <patron/policy/hooks.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lifecycle/subject.hpp"

namespace patron::tests {

/// A complete reward: given on day 0, due by day 30.
inline policy::effect reward(effect_code code, std::optional<std::int64_t> amount = std::nullopt,
                             std::string_view rule = "house_rule") {
    policy::effect e;
    e.code = code;
    e.amount = amount;
    e.since = on_day(0);
    e.deadline = on_day(30);
    e.rule = rule;
    e.why.push_back({.rule = "first_order", .what = "O1"});
    if (traits_of(code).takes_target) e.target = "gold";
    return e;
}

/// A complete sanction: imposed on day 0, of severity 3, ends by compliance and is looked at after 90 days.
inline policy::effect sanction(effect_code code, std::optional<std::int64_t> amount = std::nullopt,
                               std::string_view rule = "house_rule") {
    policy::effect e;
    e.code = code;
    e.amount = amount;
    e.since = on_day(0);
    e.severity = 3;
    e.rule = rule;
    e.why.push_back({.rule = "breach", .unit = measure::count, .saw = 1, .what = "price"});
    e.way_back = {.ends_when = way_back_kind::compliance, .review_on = on_day(90)};
    if (traits_of(code).takes_target) e.target = "east";
    return e;
}

/// A complete effect of any code.
inline policy::effect complete(effect_code code, std::string_view rule = "house_rule") {
    auto const amount = traits_of(code).takes_amount ? std::optional<std::int64_t>{1'000'00} : std::nullopt;
    return is_sanction(code) ? sanction(code, amount, rule) : reward(code, amount, rule);
}

/// A customer on a day, with what a policy may look at of it.
struct scene {
    subject customer{stage::stable};
    lifecycle::assessment assessment{};
    std::optional<fact> applied{};
    std::vector<kept_effect> kept{};
    policy::position position{};
    std::int32_t strain = 0;
    int day = 0;

    [[nodiscard]] policy::context context() const {
        return {.customer = customer.view(),
                .on = on_day(day),
                .applied = applied ? &*applied : nullptr,
                .assessment = assessment,
                .strain = strain,
                .kept = kept,
                .position = position};
    }
    /// Keeps a complete effect of that code at that step.
    scene& keep(effect_code code, effect_step step, std::string_view target = {}) {
        auto k = policy::to_keep(complete(code));
        k.step = step;
        if (!target.empty()) k.target = target;
        kept.push_back(std::move(k));
        return *this;
    }
};

}  // namespace patron::tests

namespace patron::inline v1 {
inline std::ostream& operator<<(std::ostream& out, effect_code c) { return out << name_of(c); }
inline std::ostream& operator<<(std::ostream& out, effect_step s) { return out << name_of(s); }
namespace policy {
inline std::ostream& operator<<(std::ostream& out, effect_fault f) { return out << name_of(f); }
}  // namespace policy
}  // namespace patron::v1
