/// The Gamma-Gamma model: what a customer will spend a purchase (FOR-1).
///
/// Amounts of a customer vary about its own mean, which varies over customers; how much is spent does not depend on how
/// often. Source: Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013, equations (1a) and (5).
#pragma once
#include <patron/base/result.hpp>
#include <patron/insight/model_fit.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace patron::inline v1::insight {

struct gamma_gamma {
    static constexpr std::string_view name = "gammagamma";
    static constexpr std::array<std::string_view, 3> names{"p", "q", "gamma"};

    double p = 1;      ///< shape of a customer's amounts; above zero, as all three
    double q = 2;      ///< shape of their inverse scale over customers; the mean exists for q > 1
    double gamma = 1;  ///< its inverse scale, in the unit of the amounts

    [[nodiscard]] constexpr std::array<double, 3> parameters() const noexcept { return {p, q, gamma}; }
    /// What a purchase is worth on average over customers, p gamma / (q - 1); nothing where q is at most 1.
    [[nodiscard]] constexpr std::optional<double> population_mean() const noexcept {
        if (!(q > 1)) return std::nullopt;
        return p * gamma / (q - 1);
    }
};

// Parameters above zero and finite; amounts not negative. Thread safety: all are pure.

/// The log-likelihood of one customer's mean; 0 where x is 0. Precondition: mean above zero where x is.
[[nodiscard]] PATRON_API double log_likelihood(gamma_gamma const& model, spend_summary const& of) noexcept;

/// What a purchase of the customer is worth on average, given what it spent: between its own mean and that of all, the
/// nearer to its own the more it bought. With x = 0 that of all. Nothing where p x + q is at most 1.
[[nodiscard]] PATRON_API std::optional<double> expected_spend(gamma_gamma const& model,
                                                              spend_summary const& of) noexcept;

/// Fits by maximum likelihood over the customers with x above zero.
///
/// Errors: errc::missing_field where there is none; errc::out_of_range, with the row, for a mean that is not finite or
///         not above zero, x above most_repeats, or a weight of zero.
/// Where all means are equal, or there is a single one, there is no maximum: the model then gives that amount for
/// everybody, with amounts that vary by about a thousandth, has not converged, and its warning says so.
/// Warnings: as the other models, and a correlation of spend with x beyond ±0.3, which the model supposes away; a q of
/// at most 1, by which no mean exists. Determinism and complexity: as fit_bg_nbd.
[[nodiscard]] PATRON_API result<model_fit<gamma_gamma>> fit_gamma_gamma(std::span<spend_summary const> rows);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/gamma_gamma.ipp>
#endif
