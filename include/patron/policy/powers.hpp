/// The powers of a house: all that decides about rewards, penalties, deterrents, tiers and limits, as one value (POW-4).
#pragma once
#include <patron/policy/hooks.hpp>
#include <patron/policy/power_rules.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace patron::inline v1::policy {

/// A tier that a customer has come to deserve, and how long the present one is kept when that is a lower one (SEG-4).
struct tier_proposal {
    customer_tier tier{};
    int grace_days = 0;  ///< of the tier that the customer has

    friend bool operator==(tier_proposal const&, tier_proposal const&) = default;
};

/// Extension point: which tier a customer deserves, or nothing where it has no view (SEG-4).
template <class P>
concept tier_policy = std::copyable<P> && requires(P const& p, context const& c) {
    { p.tier(c) } -> std::same_as<std::optional<tier_proposal>>;
};

/// Policies and numbers that an engine decides by; copies are cheap and share them. A default one decides nothing.
///
/// Thread safety: all of it is const; policies are asked from several threads at once.
class powers {
public:
    powers() = default;
    /// `P` has any of the hooks in policy/hooks.hpp, or `tier`.
    template <class P>
        requires(detail::other_than<P, powers> && (policy_model<P> || tier_policy<P>))
    explicit powers(P policies, power_rules const& rules = {})
        : held_{std::make_shared<model<P> const>(std::move(policies), rules)} {}

    /// Whether there is anything to ask.
    [[nodiscard]] explicit operator bool() const noexcept { return held_ != nullptr; }
    /// Precondition of the rest: there is.
    [[nodiscard]] power_rules const& rules() const noexcept { return held_->rules; }
    void propose(context const& c, effects& out) const { held_->propose(c, out); }
    [[nodiscard]] std::optional<limit_proposal> limit(context const& c) const { return held_->limit(c); }
    [[nodiscard]] std::optional<tier_proposal> tier(context const& c) const { return held_->tier(c); }

private:
    struct base {
        explicit base(power_rules const& r) : rules{r} {}
        base(base const&) = delete;
        base& operator=(base const&) = delete;
        virtual ~base() = default;
        virtual void propose(context const& c, effects& out) const = 0;
        virtual std::optional<limit_proposal> limit(context const& c) const = 0;
        virtual std::optional<tier_proposal> tier(context const& c) const = 0;

        power_rules rules;
    };
    template <class P>
    struct model final : base {
        model(P p, power_rules const& r) : base{r}, policies{std::move(p)} {}
        void propose(context const& c, effects& out) const override {
            if constexpr (deterrent_policy<P>) {
                out.enter(effect_family::deterrent);
                policies.deter(c, out);
            }
            if constexpr (penalty_policy<P>) {
                out.enter(effect_family::penalty);
                policies.penalise(c, out);
            }
            if constexpr (reward_policy<P>) {
                out.enter(effect_family::reward);
                policies.reward(c, out);
            }
        }
        std::optional<limit_proposal> limit(context const& c) const override {
            if constexpr (limit_policy<P>) return policies.limit(c);
            else return std::nullopt;
        }
        std::optional<tier_proposal> tier(context const& c) const override {
            if constexpr (tier_policy<P>) return policies.tier(c);
            else return std::nullopt;
        }
        P policies;
    };

    std::shared_ptr<base const> held_;
};

}  // namespace patron::v1::policy
