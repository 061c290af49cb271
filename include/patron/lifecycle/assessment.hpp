/// What a review looks at and what it concludes: the guards of the relationship machine, with their reasons.
#pragma once
#include <patron/insight/share_of_wallet.hpp>
#include <patron/lifecycle/evidence.hpp>
#include <patron/lifecycle/expert_standing.hpp>
#include <patron/lifecycle/relationship.hpp>
#include <patron/lifecycle/rules.hpp>
#include <patron/machine/step.hpp>

#include <cstdint>

namespace patron::inline v1::lifecycle {

/// Our ties to a customer (ARC-3), as far as a strategic partnership asks for them.
struct coverage {
    int executives = 0;
    int departments = 0;
};

/// What the guards rest on, on one day. Pure data: the same facts give the same bytes.
struct assessment {
    day_number on = no_day;
    insight::share_of_wallet share{};
    evidence_list evidence{};
    std::int32_t evidence_total = 0;   ///< thousandths
    std::int32_t evidence_needed = 0;  ///< what confirms a decline of the stage, thousandths
    int gap_days = 0;                  ///< the gap that rules work with
    bool gap_is_own = false;           ///< false: too few orders, the default stands
    int silent_days = 0;               ///< since the latest order
    int dwell_days = 0;                ///< in the present stage
    int reviews_above = 0;             ///< counting this one
    int reviews_below = 0;
    bool regular = false;  ///< own history: orders keep coming, and their volume holds
    patron::lifecycle::coverage coverage{};
    bool agreement_in_force = false;  ///< a strategic one
    expert_record expert{};           ///< POW-11
    machine::guard_set<relationship> guards{};
};

/// Assesses a customer at the end of `on`, when a review counts this one (`review`), or between reviews.
///
/// Complexity: linear in the records; constant without any. No allocation.
[[nodiscard]] PATRON_API assessment assess(customer_view view, lifecycle_rules const& rules, day_number on,
                                           bool review);

namespace detail {
PATRON_API void judge_own_history(customer_state const& state, lifecycle_rules const& rules, assessment& a);
PATRON_API void set_guards(customer_state const& state, lifecycle_rules const& rules, assessment& a);
}  // namespace detail

/// Our ties on that day.
[[nodiscard]] PATRON_API coverage coverage_of(customer_records const& records, lifecycle_rules const& rules,
                                              day_number on);

/// Whether a strategic agreement is in force on that day.
[[nodiscard]] PATRON_API bool strategic_agreement_in_force(customer_records const& records, day_number on) noexcept;

/// What confirms a decline of that stage, in thousandths.
[[nodiscard]] PATRON_API std::int32_t evidence_needed(stage s, lifecycle_rules const& rules) noexcept;

/// The same with sources of one's own: any `evidence_source` and any `insight::wallet_estimate`.
template <evidence_source Evidence, insight::wallet_estimate Wallet>
[[nodiscard]] assessment assess_with(customer_view view, lifecycle_rules const& rules, day_number on, bool review,
                                     Evidence const& source, Wallet const& wallet) {
    auto const& state = view.state;
    assessment a;
    a.on = on;
    a.evidence_needed = evidence_needed(state.stage == stage::declining ? state.fell_from : state.stage, rules);
    a.reviews_above = state.reviews_above;
    a.reviews_below = state.reviews_below;
    if (state.since != no_day) a.dwell_days = on - state.since;
    a.gap_days = working_gap(state, rules);
    a.gap_is_own = state.purchase_days >= static_cast<std::uint32_t>(rules.decline.least_purchase_days);
    if (state.last_order != no_day && on > state.last_order) a.silent_days = on - state.last_order;
    a.share = insight::share_over(view, insight::last_whole_month(day_of(on)), rules.promotion.window_months, wallet);
    if (state.first_order != no_day) detail::judge_own_history(state, rules, a);
    if (review) {
        auto const above =
            a.share.is_known() ? a.share.millionths >= rules.promotion.promote_share.count() * 100 : a.regular;
        auto const below = a.share.is_known() && a.share.millionths < rules.promotion.keep_share.count() * 100;
        a.reviews_above = above ? (a.reviews_above < 255 ? a.reviews_above + 1 : 255) : 0;
        a.reviews_below = below ? (a.reviews_below < 255 ? a.reviews_below + 1 : 255) : 0;
    }
    if (view.records != nullptr) {
        a.coverage = coverage_of(*view.records, rules, on);
        a.agreement_in_force = strategic_agreement_in_force(*view.records, on);
        if (!view.records->expert->empty()) a.expert = expert_record_of(*view.records->expert, rules, on);
    }
    if (review && (a.reviews_below > 0 || state.reviews_below > 0)) {
        auto counted = state;  // the source sees this review's share and count
        counted.reviews_below = static_cast<std::uint8_t>(a.reviews_below);
        counted.share_millionths = a.share.millionths;
        source.gather({counted, view.records}, rules, on, a.evidence);
    } else {
        source.gather(view, rules, on, a.evidence);
    }
    a.evidence_total = total_of(a.evidence);
    detail::set_guards(state, rules, a);
    return a;
}

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/assessment.ipp>
#endif
