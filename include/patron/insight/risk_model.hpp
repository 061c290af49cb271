/// What early warning has learnt of a book, and the risk of a customer by it (RET-4).
#pragma once
#include <patron/base/date.hpp>
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/purchase_statistics.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::insight {

/// What a risk is made of. H is the horizon; ln the natural logarithm; all are finite for every customer with a purchase.
enum class risk_feature : std::uint8_t {
    silence,                  ///< ln(1 + days since the last purchase)
    purchases,                ///< ln(purchases)
    mean_amount,              ///< ln(1 + mean amount of a purchase)
    tenure,                   ///< ln(1 + days since the first purchase)
    silence_to_mean_gap,      ///< ln((silence + 1) / (mean gap + 1))
    last_horizon,             ///< ln(1 + purchases in the last H days); these counts are by fortnights, in proportion
    last_two_horizons,        ///< in the last 2 H days
    bg_nbd_no_purchase,       ///< log-odds of no purchase within H by BG/NBD
    bg_nbd_inactive,          ///< log-odds of having dropped out by BG/NBD, within ±30
    nbd_no_purchase,          ///< log-odds of no purchase within H by BG/NBD, were the customer active for certain
    recent_15,                ///< ln(.001 + purchases, decayed with a half-life of 15 days)
    recent_30,                ///< 30 days
    recent_60,                ///< 60 days
    recent_120,               ///< 120 days
    recent_240,               ///< 240 days
    recent_480,               ///< 480 days
    silence_deviation,        ///< of ln(silence + 1) from the customer's mean ln(gap), in its standard deviations
    gap_irregularity,         ///< ln of ln(mean gap) - mean ln(gap), shrunk: low for a gamma rhythm of a high shape
    silence_to_longest_gap,   ///< ln((silence + 1) / (longest gap + 1))
    mean_log_gap,             ///< mean ln(gap), shrunk to the book's
    log_gap_spread,           ///< ln of the standard deviation of ln(gap), shrunk to the book's
    renewal_no_purchase,      ///< log-odds of no purchase within H, were gaps lognormal
    renewal_silence,          ///< ln of the chance of such a silence, were gaps lognormal; at least -12
    year_ago,                 ///< ln(1 + purchases in the horizon a year ago)
    around_year_ago,          ///< the same with H / 2 before and after
    last_four_horizons,       ///< in the last 4 H days, as far as they are kept
    season,                   ///< how near to the horizon's middle, in the year, the customer's purchases lie: -1 … 1
    season_quarter,           ///< the same a quarter of a year later
    half_year_season,         ///< as season, for a rhythm of half a year
    half_year_season_eighth,  ///< an eighth of a year later
    recent_amount,            ///< ln(1 + mean amount, decayed with 120 days) - mean_amount
    last_amount,              ///< ln(1 + last amount) - mean_amount
    lines,                    ///< mean ln(1 + order lines); 0 where they are not known
};
inline constexpr std::size_t risk_feature_count = static_cast<std::size_t>(risk_feature::lines) + 1;

/// "silence", "purchases", … as above.
[[nodiscard]] PATRON_API std::string_view name_of(risk_feature of) noexcept;

/// What a feature adds to the log-odds: a line, and one with two bends between the values that were seen in training.
struct risk_effect {
    double free = 0;                 ///< slope everywhere
    double low = 0;                  ///< the least value in training: below it the bent line is level
    double high = 0;                 ///< the greatest
    std::array<double, 2> knots{};   ///< where the line bends
    double slope = 0;                ///< of the bent line from `low` on
    std::array<double, 2> hinges{};  ///< what its slope changes by at each knot
    double mean = 0;                 ///< of the feature: contributions are told against its value there

    /// What a value adds.
    [[nodiscard]] constexpr double at(double value) const noexcept {
        auto const seen = std::min(std::max(value, low), high);
        return free * value + slope * seen + hinges[0] * std::max(seen - knots[0], 0.0) +
               hinges[1] * std::max(seen - knots[1], 0.0);
    }

    friend bool operator==(risk_effect const&, risk_effect const&) = default;
};

/// Log-odds as a sum over features.
struct additive_score {
    double intercept = 0;
    std::array<risk_effect, risk_feature_count> effects{};

    friend bool operator==(additive_score const&, additive_score const&) = default;
};

/// Scores that a risk is blended from.
enum class risk_component : std::uint8_t {
    additive,   ///< all features, with bends
    linear,     ///< seven simple features
    silence,    ///< silence alone
    untrained,  ///< BG/NBD, recent purchases and the lognormal rhythm: it needs no labels
};
inline constexpr std::size_t risk_component_count = 4;

/// All that is needed for the risk of a customer; plain data, to be kept with the book.
struct risk_model {
    static constexpr std::uint32_t current_version = 1;

    std::uint32_t version = current_version;  ///< of what the numbers mean
    int horizon_days = 91;
    day made_on{};  ///< the month end; features of a later day may be scored by it
    /// BG/NBD of the book, in weeks, from the purchases up to `made_on`; before any fit what a fit starts from.
    double r = 0.5;
    double alpha = 26;
    double a = 0.8;
    double b = 2;
    std::uint32_t candidates = 0;    ///< customers that the means below are of
    double mean_log_gap = 3.4;       ///< the candidates' mean of their mean ln(gap); without any, that of a month
    double log_gap_variance = 0.05;  ///< of ln(gap) within a customer; at least .05
    std::uint32_t months = 0;        ///< month ends with labels that it was trained on; 0: untrained
    std::uint64_t silent = 0;        ///< rows of those months that did not order within the horizon
    std::uint64_t ordered = 0;       ///< and that did
    /// By risk_component: parts of the blend; they sum up to one.
    std::array<double, risk_component_count> weights{0, 0, 0, 1};
    additive_score log_odds{};  ///< the blend of all components, of a candidate; before any, BG/NBD's log-odds

    [[nodiscard]] constexpr bool trained() const noexcept { return months != 0; }
    [[nodiscard]] constexpr bg_nbd purchases() const noexcept { return {r, alpha, a, b}; }

    friend bool operator==(risk_model const&, risk_model const&) = default;
};

/// Customers whom early warning is about: at least two purchases, and silent for less than two horizons.
///
/// Who is silent for longer is lost rather than at risk, and a single purchase has no rhythm: their risk is BG/NBD's own
/// chance of no purchase.
[[nodiscard]] constexpr bool is_candidate(purchase_statistics const& of, int horizon_days, day at) noexcept {
    return of.purchases >= 2 && at.time_since_epoch().count() - of.last < 2L * horizon_days;
}

/// The features of a customer on a day. Preconditions: it has a purchase; none is later than `at`.
[[nodiscard]] PATRON_API std::array<double, risk_feature_count> features_of(risk_model const& by,
                                                                            purchase_statistics const& of, day at);

/// The risks of customers on a day: chances of no purchase within the horizon, 0 … 1, by `out.size()` pointers in `of`.
///
/// Trained or not, they rank: they are not calibrated to the season. Without a purchase the risk is 1.
/// Preconditions: `of` and `out` are of one length, no purchase is later than `at`, which is not before `made_on`.
/// Complexity: linear, about 0.3 microseconds a customer. Thread safety: yes. A risk depends on its own customer alone;
/// paths of different processors differ by less than 1e-9.
PATRON_API void risks_of(risk_model const& by, std::span<purchase_statistics const* const> of, day at,
                         std::span<double> out);

/// What a feature did to a customer's risk.
struct risk_contribution {
    risk_feature feature{};
    double value = 0;     ///< of the feature
    double log_odds = 0;  ///< by how much more than at the book's mean of the feature

    friend bool operator==(risk_contribution const&, risk_contribution const&) = default;
};

/// Why a customer's risk is what it is.
struct risk_explanation {
    double risk = 1;
    bool candidate = false;                          ///< the rest is empty for others
    double log_odds = 0;                             ///< of the risk; `baseline` and all contributions sum up to it
    double baseline = 0;                             ///< log-odds where all features are at their means
    std::vector<risk_contribution> contributions{};  ///< those that are not zero, the largest in absolute value first
};

/// As risks_of, with its reasons.
[[nodiscard]] PATRON_API risk_explanation explain_risk(risk_model const& by, purchase_statistics const& of, day at);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/risk_model.ipp>
#endif
