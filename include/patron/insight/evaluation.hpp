/// How good a detector is, by rolling origin: each month end is judged by what came after it, with nothing of that in the
/// detector's hands (FOR-4).
#pragma once
#include <patron/insight/purchase_stream.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace patron::inline v1::insight {

/// Who is scored when, and what counts as lost.
struct evaluation_protocol {
    int horizon_days = 91;         ///< lost: no purchase within so many days after the month end
    int active_within_days = 182;  ///< scored: the last purchase is fewer days ago
    int least_purchases = 2;       ///< scored: so many purchase days or more
    double alert_budget = 0.2;     ///< the share of those scored that somebody can call, above 0, at most 1
    std::optional<day> from{};     ///< the first month end; default: when `active_within_days` + 60 days are known
    std::optional<day> until{};    ///< the last; default and latest: `horizon_days` before what is known ends
};

/// The scores of one month end, beside what became of the customers.
struct scored_month_end {
    day at{};
    std::vector<std::uint32_t> customers{};  ///< ascending
    std::vector<double> risks{};
    std::vector<bool> lost{};
    std::vector<std::int32_t> silent_days{};  ///< since the last purchase
};

/// The figures of one month end. A figure that its data cannot give is absent.
struct month_end_figures {
    day at{};
    std::uint64_t customers = 0;
    double base_rate = 0;                     ///< the share that was lost
    std::optional<double> auc{};              ///< by mid-ranks; absent where all or none were lost
    std::optional<double> precision_at_10{};  ///< of the tenth with the highest risks; ties at the cut by expectation
};

/// What was caught how early, when each month the `alert_budget` of highest risks is alerted.
struct alert_figures {
    std::uint64_t alerts = 0;
    std::optional<double> false_share{};       ///< of the alerts: the customer bought within the horizon
    std::optional<double> false_alarm_rate{};  ///< of the scores of customers who bought: they were alerted
    /// Customers whose last purchase of all known lies between 30 days before the first month end and `horizon_days`
    /// before the last one.
    std::uint64_t churners = 0;
    std::optional<double> caught{};  ///< of the churners: first alerted at most `horizon_days` after that purchase
    std::optional<double> median_delay_days{};  ///< from that purchase to the first alert, of those ever alerted
    /// How long before `active_within_days` of silence tell by themselves: the median of those caught by then.
    std::optional<double> median_lead_days{};
};

/// Risks of a tenth of the scale beside the share that was lost.
struct calibration_bin {
    std::uint64_t customers = 0;  ///< scores, over all month ends
    double mean_risk = 0;
    double lost = 0;  ///< share
};

/// What a detector is worth.
struct evaluation {
    std::vector<month_end_figures> ends{};
    month_end_figures mean{};  ///< over the ends that have the figure; `customers` is the sum, `at` the last end
    alert_figures alerts{};
    std::array<calibration_bin, 10> calibration{};  ///< by risk, 0 … 0.1 first; all empty where risks are no chances
};

/// The month ends that the protocol scores, ascending. Errors: errc::out_of_range, with the field, for numbers of the
/// protocol that are not positive or an alert_budget outside (0, 1]; errc::missing_field when no month end is left.
[[nodiscard]] PATRON_API result<std::vector<day>> month_ends(purchase_stream const& of, day known_until,
                                                             evaluation_protocol const& protocol);

/// The figures of scores.
[[nodiscard]] PATRON_API evaluation figures_of(std::span<scored_month_end const> scores, purchase_stream const& of,
                                               evaluation_protocol const& protocol);

/// How likely a customer who was lost has the higher risk of the two, ties half (Mann-Whitney): n log n.
[[nodiscard]] PATRON_API std::optional<double> area_under_curve(std::span<double const> risks,
                                                                std::vector<bool> const& lost);
/// The share lost of the `share` with the highest risks, rounded up; risks equal at the cut count by expectation.
[[nodiscard]] PATRON_API std::optional<double> precision_at(double share, std::span<double const> risks,
                                                            std::vector<bool> const& lost);

namespace detail {

/// Leads the purchases up to each month end past a detector, and knows who is scored.
class walk {
public:
    PATRON_API walk(purchase_stream const& of, evaluation_protocol const& protocol);
    /// The next purchase up to `at`; none: nothing more by then.
    [[nodiscard]] PATRON_API purchase_stream::purchase const* next(day at);
    /// Those scored at that month end, without their risks. Precondition: `next(at)` has nothing more.
    [[nodiscard]] PATRON_API scored_month_end scored(day at) const;

private:
    purchase_stream const& of_;
    evaluation_protocol protocol_;
    std::size_t position_ = 0;
    std::vector<std::uint32_t> days_{};
    std::vector<day> last_{};
};

}  // namespace detail

/// The risks that a detector gives at each of `ends`, which are ascending month ends; it is told of purchases up to the
/// last of them, and of every month end since the first purchase. Ends before that, and days that end no month, have no scores.
template <risk_detector D>
[[nodiscard]] std::vector<scored_month_end> scores_of(D& detector, purchase_stream const& of, std::span<day const> ends,
                                                      evaluation_protocol const& protocol = {}) {
    std::vector<scored_month_end> out;
    if (of.empty() || ends.empty()) return out;
    detail::walk walk{of, protocol};
    auto next_scored = ends.begin();
    for (period month{of.first()}; month.last() <= ends.back(); month = month + 1) {
        auto const at = month.last();
        while (auto const* const purchase = walk.next(at)) detector.bought(purchase->customer, purchase->bought);
        detector.month_ended(at);
        while (next_scored != ends.end() && *next_scored < at) ++next_scored;
        if (next_scored == ends.end() || *next_scored != at) continue;
        auto scored = walk.scored(at);
        scored.risks.resize(scored.customers.size());
        std::as_const(detector).risks(at, scored.customers, scored.risks);
        out.push_back(std::move(scored));
    }
    return out;
}

/// Tells a detector of every purchase up to that day, and of every month end until then: it answers for the day after that.
template <risk_detector D>
void tell(D& detector, purchase_stream const& of, day until) {
    auto next = of.purchases().begin();
    auto const tell_until = [&](day at) {
        for (; next != of.purchases().end() && next->bought.on <= at; ++next) {
            detector.bought(next->customer, next->bought);
        }
    };
    if (of.empty()) return;
    for (period month{of.first()}; month.last() <= until; month = month + 1) {
        tell_until(month.last());
        detector.month_ended(month.last());
    }
    tell_until(until);
}

/// A risk that was other with the future than without it.
struct leak {
    day at{};
    std::uint32_t customer = 0;
    double with_future = 0;
    double without_future = 0;
};

/// Looks whether scores of a detector depend on what came after their month end, which they must not.
///
/// `make(stream)` gives a detector; it may do with the stream what its users would, so that one that keeps it is found
/// out. Each month end is scored by a detector that was made and fed with what was known by then, and compared with
/// that of one made with everything. Complexity: month ends times that of the scores of one.
template <class Make>
[[nodiscard]] std::optional<leak> find_leak(Make const& make, purchase_stream const& of, std::span<day const> ends,
                                            evaluation_protocol const& protocol = {}) {
    auto with_future = make(of);
    auto const seen = scores_of(with_future, of, ends, protocol);
    for (auto const& month_end : seen) {
        auto const known = of.until(month_end.at);
        auto without_future = make(known);
        auto const alone = scores_of(without_future, known, std::span{&month_end.at, 1}, protocol);
        for (std::size_t i = 0; i < month_end.customers.size(); ++i) {
            auto const with = month_end.risks[i];
            auto const without = alone.front().risks[i];
            if (with == without || (with != with && without != without)) continue;  // NaN is not its own equal
            return leak{month_end.at, month_end.customers[i], with, without};
        }
    }
    return std::nullopt;
}

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/evaluation.ipp>
#endif
