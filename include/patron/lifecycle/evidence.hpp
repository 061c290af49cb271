/// Evidence of decline: what was seen, how much it weighs, how old it is (REL-4).
#pragma once
#include <patron/customer/records.hpp>
#include <patron/lifecycle/rules.hpp>
#include <patron/lifecycle/strain.hpp>

#include <boost/container/static_vector.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// The kinds of evidence. Values are stable.
enum class evidence_kind : std::uint8_t {
    missed_order,       ///< no order for longer than the customer's own rhythm explains
    falling_volume,     ///< the window is far below the average before it
    falling_share,      ///< below the share that keeps the stage, at consecutive reviews
    overdue_complaint,  ///< open beyond the limit of its severity
    lost_contact,       ///< a person we knew has left
    competitor,         ///< a competitor was seen at the customer
    breach,             ///< the customer broke a rule
    overdue_payment,    ///< an undisputed invoice is long past due
    strain,             ///< our own sanctions have strained the relationship (POW-3)
    falling_amounts,    ///< orders of late are smaller than they used to be
    narrowing_range,    ///< orders of late have fewer lines than they used to have
    slowing_payment,    ///< invoices of late are paid after their terms, later than they used to be
};

/// How many there are.
inline constexpr unsigned evidence_kinds = 12;

/// The stable code, e.g. "missed_order".
[[nodiscard]] PATRON_API std::string_view name_of(evidence_kind kind) noexcept;

/// One piece of evidence.
struct evidence {
    evidence_kind kind{};
    std::int32_t weight = 0;    ///< thousandths
    std::int32_t age_days = 0;  ///< since it was first true, or was observed
    std::int64_t saw = 0;       ///< what was measured: days, per cent, minor units or count, by kind
    std::int64_t against = 0;   ///< what it was measured against, in the same unit
    std::string_view what{};    ///< the complaint, person, competitor, rule or invoice; views the records

    friend bool operator==(evidence const&, evidence const&) = default;
};

/// At most one piece a kind and source: several complaints or competitors add up in theirs. Two sources fit.
using evidence_list = boost::container::static_vector<evidence, 2 * evidence_kinds>;

/// Extension point: a source of evidence. `s.gather(view, rules, on, out)` appends what it sees on that
/// day; it reads nothing but its arguments. Check yours with testing::evidence_source_laws.
template <class S>
concept evidence_source = std::copyable<S> && requires(S const& s, customer_view view, lifecycle_rules const& rules,
                                                       day_number on, evidence_list& out) {
    { s.gather(view, rules, on, out) } -> std::same_as<void>;
};

/// Missed orders, falling volume, falling amounts and a narrowing range, from the flat state alone: order-rhythm monitors
/// (FOR-2, RET-4).
///
/// Missed orders weigh by usual gaps missed, yet no more than the silence is rare for the customer's own rhythm, where it
/// has one: `late_weight` at a chance of `late_chance`, and `per_tenfold` more for each tenth of that. A steady customer is so
/// taken for late in at most about that share of its gaps. Falling amounts are said where the volume does not fall.
struct rhythm_evidence {
    PATRON_API void gather(customer_view view, lifecycle_rules const& rules, day_number on, evidence_list& out) const;
};

/// How sanctions strain, by the rules of decline.
[[nodiscard]] inline strain_rules strain_rules_of(lifecycle_rules const& rules) noexcept {
    strain_rules how;
    how.fades_over_days = rules.decline.strain_fades_over_days;
    how.share_of_evidence = rules.decline.share_of_strain;
    how.most_evidence = rules.decline.most_for_strain;
    return how;
}

/// Everything that is in the records: share, complaints, contacts, competitors, breaches, strain, slowing and overdue payment.
///
/// Payment slows (RET-4) when the latest three payments went beyond the terms, their level of late is a tenth beyond both the
/// terms and the customer's own mean, and a steady payer shows the like no more often than `trend_chance`: the law is that
/// of falling amounts. It fades from the latest payment on. What was paid ahead, credited or disputed tells nothing.
struct record_evidence {
    PATRON_API void gather(customer_view view, lifecycle_rules const& rules, day_number on, evidence_list& out) const;
};

/// Two sources, one after the other.
template <evidence_source First, evidence_source Second>
struct both_sources {
    First first{};
    Second second{};

    void gather(customer_view view, lifecycle_rules const& rules, day_number on, evidence_list& out) const {
        first.gather(view, rules, on, out);
        second.gather(view, rules, on, out);
    }
};

using stock_evidence = both_sources<rhythm_evidence, record_evidence>;

/// The volume of the window against the average before it, compared without a division: reviews of
/// millions ask this once or twice a customer.
class volume_trend {
public:
    /// Over the `window` months that end with `last`. Precondition: there is an order.
    volume_trend(customer_state const& state, period last, int window) noexcept
        : months_before_{(last - window) - period{day_of(state.cooperating_since())} + 1} {
        if (months_before_ < 1) return;
        wide const recent = state.monthly.over(last, window);
        wide const earlier = wide{state.purchases} - state.purchases_before - recent - state.monthly.after(last);
        recent_ = recent * months_before_;
        earlier_ = earlier * window;
    }

    /// Whole months between that of the cooperation's first order and the window; the average rests on them.
    [[nodiscard]] int months_before() const noexcept { return months_before_; }
    /// False while there is no average to compare with.
    [[nodiscard]] bool is_known() const noexcept { return earlier_ > 0; }
    /// Whether the window is at least that part of the average. Precondition: is_known().
    [[nodiscard]] bool at_least(basis_points part) const noexcept {
        return recent_ * 10'000 >= earlier_ * part.count();
    }
    /// The window in per cent of the average, 0 … 100 000. Precondition: is_known().
    [[nodiscard]] std::int64_t percent() const noexcept {
        auto const part = recent_ * 100 / earlier_;
        return static_cast<std::int64_t>(part < 0 ? 0 : part > 100'000 ? 100'000 : part);
    }

private:
    __extension__ using wide = __int128;
    wide recent_ = 0;
    wide earlier_ = 0;
    int months_before_;
};

/// The usual gap that rules work with: the customer's own where it has a rhythm, bounded below, else the default.
[[nodiscard]] PATRON_API int working_gap(customer_state const& state, lifecycle_rules const& rules) noexcept;

/// The sum of the weights, in thousandths.
[[nodiscard]] PATRON_API std::int32_t total_of(evidence_list const& all) noexcept;

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/evidence.ipp>
#endif
