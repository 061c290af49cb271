/// The stock detector of customers at risk: rhythm, trend and models in one score, learnt from the book's own past (RET-4).
#pragma once
#include <patron/insight/purchase_statistics.hpp>
#include <patron/insight/risk_detector.hpp>
#include <patron/insight/risk_model.hpp>
#include <patron/insight/training_month.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

struct early_warning_options {
    int horizon_days = 91;             ///< 7 … 365: the risk is of no order in so many days
    bool trained = true;               ///< false: the score that needs no labels, for ever
    std::uint32_t most_months = 24;    ///< training looks at so many month ends, the latest
    std::uint32_t most_rows = 16'384;  ///< and at so many candidates of each, evenly spread over the book

    friend bool operator==(early_warning_options const&, early_warning_options const&) = default;
};

/// All that a detector knows; plain data, to be kept and restored.
struct early_warning_memory {
    early_warning_options options{};
    std::vector<purchase_statistics> customers{};  ///< by number
    std::vector<training_month> months{};          ///< ascending
    std::size_t labelled = 0;                      ///< so many of `months`, the first, have their labels
    /// By risk_component, what its past ranking says for it against the additive one: weights are multiplied by e to it.
    std::array<double, risk_component_count> evidence{};
    std::optional<day> first_purchase{};  ///< of the book
    risk_model model{};

    friend bool operator==(early_warning_memory const&, early_warning_memory const&) = default;
};

/// Models risk_detector: the risk that a customer places no order within the horizon.
///
/// At each month end BG/NBD is fitted to the customers (to 32,768 of a larger book, evenly spread), and an additive logistic model with a strong ridge to the month
/// ends whose horizon has passed: features as they were then, labels as they came. It is blended with simpler scores,
/// each weighted by how well it has ranked so far, and with one that needs no labels, which stands alone until the
/// months together have 20 customers that ordered and 20 that did not. Month ends less than 60 days after the book's
/// first purchase are not learnt from. Nothing is used before its day: the risks of a month end do not depend on what
/// is bought later.
///
/// Sources: the buy-till-you-die part: bg_nbd.hpp; ridge logistic regression: le Cessie and van Houwelingen, Applied
/// Statistics 41(1), 1992; linear pieces: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 5.2;
/// weights by past performance: Vovk's aggregating rule. Constants are ours, the same for every book.
///
/// Memory: 168 bytes a customer, and 33 numbers for each row that is learnt from. Two detectors that were told the same
/// are equal. Thread safety: const members may be called from several threads.
class early_warning {
public:
    /// Precondition: the horizon is 7 to 365 days.
    PATRON_API explicit early_warning(early_warning_options const& options = {});
    /// Goes on where another stood.
    PATRON_API explicit early_warning(early_warning_memory kept);

    /// Complexity: constant, a few nanoseconds.
    /// Precondition: `on` is not before the day of any earlier purchase or month end. A second purchase of a customer on
    /// one day is added to the first.
    PATRON_API void bought(std::uint32_t customer, purchase_day const& bought);

    /// Learns. Precondition: month ends ascend.
    /// Complexity: customers, and rows that are learnt from times 100^2 for each of about five steps.
    PATRON_API void month_ended(day at);

    /// Chances of no purchase within the horizon, as risks_of: `of` by number, where one that is not known has risk 1.
    /// Preconditions: `of` and `out` are of one length; no purchase is later than `at`, no month end either. Days after the
    /// last month end are scored by its model.
    PATRON_API void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const;

    /// The risk of one customer, and why.
    [[nodiscard]] PATRON_API risk_explanation explain(day at, std::uint32_t customer) const;

    [[nodiscard]] risk_model const& model() const noexcept { return memory_.model; }
    [[nodiscard]] early_warning_memory const& memory() const noexcept { return memory_; }

    friend bool operator==(early_warning const& l, early_warning const& r) noexcept { return l.memory_ == r.memory_; }

private:
    void label_until(day known);

    early_warning_memory memory_;
    // of the day at hand
    std::int32_t season_day_ = 0;
    std::array<double, 4> season_{};
};
static_assert(risk_detector<early_warning>);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/early_warning.ipp>
#endif
