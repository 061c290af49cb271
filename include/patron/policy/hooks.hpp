/// Policies: what decides about rewards, penalties, deterrents and limits (POW-4).
///
///     struct festival_reward {
///         void reward(policy::context const& c, policy::effects& out) const;
///     };
///     using house = policy::policies<festival_reward, price_discipline>;
///
/// A policy is any copyable type with one or more of the members that the concepts below name. It reads the context,
/// proposes, and changes nothing: resolve() in policy/resolver.hpp decides what comes of all proposals.
#pragma once
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/power_file.hpp>
#include <patron/customer/records.hpp>
#include <patron/customer/supply_rung.hpp>
#include <patron/customer/tier.hpp>
#include <patron/fact/fact.hpp>
#include <patron/insight/share_of_wallet.hpp>
#include <patron/lifecycle/assessment.hpp>
#include <patron/policy/effect.hpp>

#include <boost/container/small_vector.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace patron::inline v1::policy {

/// What has been given to a customer and is held of it. Amounts are minor units of its currency.
struct position {
    std::int64_t deposit_held = 0;                          ///< never negative
    std::array<std::int64_t, effect_count> granted_year{};  ///< by effect, in the running fiscal year, less reversals
    customer_tier tier = customer_tier::standard;
    std::int64_t guaranteed = 0;  ///< by others, on the day that is decided about; never negative
};

/// All that a policy may look at, read-only. What it refers to outlives the call.
struct context {
    customer_view customer;
    day_number on;        ///< the day that is decided about
    fact const* applied;  ///< the fact just applied; null at a review
    lifecycle::assessment const& assessment;
    std::int32_t strain = 0;              ///< on the relationship, thousandths (lifecycle/strain.hpp)
    std::span<kept_effect const> kept{};  ///< granted before, also those that are over
    policy::position position{};
    std::span<kept_breach const> breaches{};  ///< all that came, `breach` among them
    kept_breach const* breach = nullptr;      ///< the one that is to be answered; null at a review
    std::optional<period> reviewed{};         ///< the month whose review this is
    supply_standing supply{};                 ///< the deterrent ladder
    std::string_view territory{};             ///< of the customer; empty where none is known

    [[nodiscard]] patron::stage stage() const noexcept { return customer.state.stage; }
    /// The fact just applied where it is of that kind, else null.
    template <class Fact>
    [[nodiscard]] Fact const* applied_as() const noexcept {
        return std::get_if<Fact>(applied);
    }
    /// Whether an effect of that code is in force, or a lasting reward given. Linear in the effects kept.
    [[nodiscard]] bool holds(effect_code code) const noexcept {
        for (auto const& k : kept) {
            if (k.code == code && k.holds()) return true;
        }
        return false;
    }
};

/// Where policies put their proposals, in any order.
///
/// Four of them take no memory of their own. Beyond `most` nothing more is taken, and the resolver refuses all of them:
/// which of so many were left out would depend on the order of the policies.
class effects {
public:
    static constexpr std::size_t most = 64;

    /// A proposal, and the hook that made it.
    struct proposal {
        effect what{};
        std::optional<effect_family> hook{};  ///< nothing: made outside `policies`

        friend bool operator==(proposal const&, proposal const&) = default;
    };

    void propose(effect e) {
        if (all_.size() == most) {
            ++left_out_;
            return;
        }
        all_.push_back({std::move(e), hook_});
    }

    [[nodiscard]] std::span<proposal const> all() const noexcept { return {all_.data(), all_.size()}; }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    /// How many found no room.
    [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }

    /// From here on proposals are those of that hook; `policies` says so.
    void enter(effect_family hook) noexcept { hook_ = hook; }

private:
    boost::container::small_vector<proposal, 4> all_{};
    std::size_t left_out_ = 0;
    std::optional<effect_family> hook_{};
};

/// A credit limit that a policy proposes (CRE-7).
struct limit_proposal {
    bool is_unlimited = false;
    std::int64_t amount = 0;      ///< minor units, not negative; zero is no credit. Meaningless when unlimited
    bool needs_approval = false;  ///< a person has to agree, however small the change is
    int review_after_months = 6;  ///< until the policy is asked again; from 1 on
    std::string_view rule{};
    policy::reasons why{};

    friend bool operator==(limit_proposal const&, limit_proposal const&) = default;
};

/// The lower of two limits; of equal ones that whose rule comes first.
[[nodiscard]] inline bool rules_over(limit_proposal const& a, limit_proposal const& b) noexcept {
    if (a.is_unlimited != b.is_unlimited) return b.is_unlimited;
    if (!a.is_unlimited && a.amount != b.amount) return a.amount < b.amount;
    return a.rule < b.rule;
}

/// Extension point: proposes rewards (POW-1). It reads nothing but the context, so that replaying the facts gives the
/// same grants. Check yours with testing::reward_policy_laws.
template <class P>
concept reward_policy = std::copyable<P> && requires(P const& p, context const& c, effects& out) {
    { p.reward(c, out) } -> std::same_as<void>;
};

/// Extension point: proposes penalties (POW-2), each with its way back. Check yours with testing::penalty_policy_laws.
template <class P>
concept penalty_policy = std::copyable<P> && requires(P const& p, context const& c, effects& out) {
    { p.penalise(c, out) } -> std::same_as<void>;
};

/// Extension point: proposes deterrents (POW-3), each with its way back. Check yours with testing::deterrent_policy_laws.
template <class P>
concept deterrent_policy = std::copyable<P> && requires(P const& p, context const& c, effects& out) {
    { p.deter(c, out) } -> std::same_as<void>;
};

/// Extension point: proposes a credit limit, or nothing where it has no view (CRE-7). Of several the lowest rules.
/// Check yours with testing::limit_policy_laws.
template <class P>
concept limit_policy = std::copyable<P> && requires(P const& p, context const& c) {
    { p.limit(c) } -> std::same_as<std::optional<limit_proposal>>;
};

/// Extension point: estimates a wallet that nobody stated (REL-3). Check yours with testing::wallet_estimate_laws.
template <class P>
concept wallet_policy = insight::wallet_estimate<P>;

/// A policy of any kind.
template <class P>
concept policy_model =
    reward_policy<P> || penalty_policy<P> || deterrent_policy<P> || limit_policy<P> || wallet_policy<P>;

namespace detail {

// a member that has a hook's name and not its form would silently never be called
template <class P>
concept names_reward = requires { &P::reward; };
template <class P>
concept names_penalise = requires { &P::penalise; };
template <class P>
concept names_deter = requires { &P::deter; };
template <class P>
concept names_limit = requires { &P::limit; };
template <class P>
concept names_estimate = requires { &P::estimate; };

template <class P>
struct well_formed {
    static constexpr bool value = true;
    static_assert(!names_reward<P> || reward_policy<P>,
                  "reward(context const&, effects&) of a policy is const and returns void");
    static_assert(!names_penalise<P> || penalty_policy<P>,
                  "penalise(context const&, effects&) of a policy is const and returns void");
    static_assert(!names_deter<P> || deterrent_policy<P>,
                  "deter(context const&, effects&) of a policy is const and returns void");
    static_assert(!names_limit<P> || limit_policy<P>,
                  "limit(context const&) of a policy is const and returns optional<limit_proposal>");
    static_assert(!names_estimate<P> || wallet_policy<P>,
                  "estimate(customer_view, period) of a policy is const and returns optional<int64_t>");
    static_assert(policy_model<P>, "a policy has at least one of reward, penalise, deter, limit and estimate");
};

}  // namespace detail

/// Several policies as one, chosen when it compiles: nothing but their calls, in order, each of which inlines.
///
/// What comes of the proposals does not depend on the order of the policies; see resolve(). Of limits the lowest rules,
/// and of wallet estimates the first that knows.
template <class... P>
class policies {
    static_assert((detail::well_formed<P>::value && ...));

public:
    constexpr policies() = default;
    explicit constexpr policies(P... all)
        requires(sizeof...(P) > 0)
        : all_{std::move(all)...} {}

    void reward(context const& c, effects& out) const {
        out.enter(effect_family::reward);
        each([&]<class Q>(Q const& p) {
            if constexpr (reward_policy<Q>) p.reward(c, out);
        });
    }
    void penalise(context const& c, effects& out) const {
        out.enter(effect_family::penalty);
        each([&]<class Q>(Q const& p) {
            if constexpr (penalty_policy<Q>) p.penalise(c, out);
        });
    }
    void deter(context const& c, effects& out) const {
        out.enter(effect_family::deterrent);
        each([&]<class Q>(Q const& p) {
            if constexpr (deterrent_policy<Q>) p.deter(c, out);
        });
    }
    /// All three hooks.
    void propose(context const& c, effects& out) const {
        deter(c, out);
        penalise(c, out);
        reward(c, out);
    }
    [[nodiscard]] std::optional<limit_proposal> limit(context const& c) const {
        std::optional<limit_proposal> lowest;
        each([&]<class Q>(Q const& p) {
            if constexpr (limit_policy<Q>) {
                if (auto one = p.limit(c); one && (!lowest || rules_over(*one, *lowest))) lowest = std::move(one);
            }
        });
        return lowest;
    }
    [[nodiscard]] std::optional<std::int64_t> estimate(customer_view view, period last) const {
        std::optional<std::int64_t> known;
        each([&]<class Q>(Q const& p) {
            if constexpr (wallet_policy<Q>) {
                if (!known) known = p.estimate(view, last);
            }
        });
        return known;
    }

private:
    template <class F>
    void each(F&& call) const {
        std::apply([&](P const&... p) { (call(p), ...); }, all_);
    }

    [[no_unique_address]] std::tuple<P...> all_{};
};

namespace detail {

/// A policy of a type that is known at run time only. Copies share it: a policy is a value that never changes.
template <class Call>
class any_policy;
template <class R, class... A>
class any_policy<R(A...)> {
public:
    template <class P, class F>
    any_policy(P p, F) : self_{std::make_shared<model<P, F> const>(std::move(p))} {}

    R operator()(A... a) const { return self_->call(a...); }

private:
    struct base {
        base() = default;
        base(base const&) = delete;
        base& operator=(base const&) = delete;
        virtual ~base() = default;
        virtual R call(A... a) const = 0;
    };
    template <class P, class F>
    struct model final : base {
        explicit model(P q) : p{std::move(q)} {}
        R call(A... a) const override { return F{}(p, a...); }
        P p;
    };

    std::shared_ptr<base const> self_;
};

// asked first: whether a wrapper is a policy depends on whether it can be copied, which must not ask that again
template <class P, class Any>
concept other_than = !std::same_as<std::remove_cvref_t<P>, Any>;

}  // namespace detail

/// Any reward policy, chosen at run time; copies are cheap. Costs one virtual call.
class any_reward_policy {
public:
    template <class P>
        requires(detail::other_than<P, any_reward_policy> && reward_policy<P>)
    any_reward_policy(P p)  // NOLINT: any policy is one
        : self_{std::move(p), [](P const& q, context const& c, effects& out) { q.reward(c, out); }} {}
    void reward(context const& c, effects& out) const { self_(c, out); }

private:
    detail::any_policy<void(context const&, effects&)> self_;
};

/// Any penalty policy, chosen at run time; copies are cheap. Costs one virtual call.
class any_penalty_policy {
public:
    template <class P>
        requires(detail::other_than<P, any_penalty_policy> && penalty_policy<P>)
    any_penalty_policy(P p)  // NOLINT: any policy is one
        : self_{std::move(p), [](P const& q, context const& c, effects& out) { q.penalise(c, out); }} {}
    void penalise(context const& c, effects& out) const { self_(c, out); }

private:
    detail::any_policy<void(context const&, effects&)> self_;
};

/// Any deterrent policy, chosen at run time; copies are cheap. Costs one virtual call.
class any_deterrent_policy {
public:
    template <class P>
        requires(detail::other_than<P, any_deterrent_policy> && deterrent_policy<P>)
    any_deterrent_policy(P p)  // NOLINT: any policy is one
        : self_{std::move(p), [](P const& q, context const& c, effects& out) { q.deter(c, out); }} {}
    void deter(context const& c, effects& out) const { self_(c, out); }

private:
    detail::any_policy<void(context const&, effects&)> self_;
};

/// Any limit policy, chosen at run time; copies are cheap. Costs one virtual call.
class any_limit_policy {
public:
    template <class P>
        requires(detail::other_than<P, any_limit_policy> && limit_policy<P>)
    any_limit_policy(P p)  // NOLINT: any policy is one
        : self_{std::move(p), [](P const& q, context const& c) { return q.limit(c); }} {}
    [[nodiscard]] std::optional<limit_proposal> limit(context const& c) const { return self_(c); }

private:
    detail::any_policy<std::optional<limit_proposal>(context const&)> self_;
};

/// Any wallet estimate, chosen at run time; copies are cheap. Costs one virtual call.
class any_wallet_policy {
public:
    template <class P>
        requires(detail::other_than<P, any_wallet_policy> && wallet_policy<P>)
    any_wallet_policy(P p)  // NOLINT: any policy is one
        : self_{std::move(p), [](P const& q, customer_view v, period last) { return q.estimate(v, last); }} {}
    [[nodiscard]] std::optional<std::int64_t> estimate(customer_view view, period last) const {
        return self_(view, last);
    }

private:
    detail::any_policy<std::optional<std::int64_t>(customer_view, period)> self_;
};

}  // namespace patron::v1::policy
