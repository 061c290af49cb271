/// The Pareto/NBD model: who still buys, and how often (FOR-1).
///
/// While active a customer buys at random, at a rate that is Gamma(r, alpha) over customers; it drops out at any time, at
/// a rate that is Gamma(s, beta). Sources: Schmittlein, Morrison and Colombo, "Counting Your Customers: Who Are They and
/// What Will They Do Next?", Management Science 33(1), 1987; the likelihood as an integral over the time of dropping out
/// as in Fader and Hardie, "A Note on Deriving the Pareto/NBD Model", 2005.
#pragma once
#include <patron/base/result.hpp>
#include <patron/insight/model_fit.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace patron::inline v1::insight {

struct pareto_nbd {
    static constexpr std::string_view name = "paretonbd";
    static constexpr std::array<std::string_view, 4> names{"r", "alpha", "s", "beta"};

    double r = 1;      ///< shape of the purchase rate; above zero, as all four
    double alpha = 1;  ///< its inverse scale, in units of time
    double s = 1;      ///< shape of the dropout rate
    double beta = 1;   ///< its inverse scale, in units of time

    [[nodiscard]] constexpr std::array<double, 4> parameters() const noexcept { return {r, alpha, s, beta}; }
};

// Preconditions and thread safety of all functions: as for bg_nbd. Integrals are taken to about 13 digits.

/// The log-likelihood of one customer (the weight is not looked at). Complexity: linear in x.
[[nodiscard]] PATRON_API double log_likelihood(pareto_nbd const& model, purchase_summary const& of) noexcept;
/// The chance that the customer is still active, 0 … 1.
[[nodiscard]] PATRON_API double p_alive(pareto_nbd const& model, purchase_summary const& of) noexcept;
/// The chance of no purchase in the next `horizon` units, 0 … 1.
[[nodiscard]] PATRON_API double p_no_purchase(pareto_nbd const& model, purchase_summary const& of,
                                              double horizon) noexcept;
/// Purchases to expect of the customer in the next `horizon` units; holds at s = 1 too.
[[nodiscard]] PATRON_API double expected_purchases(pareto_nbd const& model, purchase_summary const& of,
                                                   double horizon) noexcept;
/// Repeat purchases to expect of a new customer within `t` units of its first.
[[nodiscard]] PATRON_API double expected_purchases(pareto_nbd const& model, double t) noexcept;
/// The chance of exactly `n` purchases of the customer in the next `horizon` units.
[[nodiscard]] PATRON_API double p_purchases(pareto_nbd const& model, purchase_summary const& of, std::uint32_t n,
                                            double horizon) noexcept;
/// The chance of exactly `n` repeat purchases of a new customer within `t` units of its first.
[[nodiscard]] PATRON_API double p_purchases(pareto_nbd const& model, std::uint32_t n, double t) noexcept;

/// Fits by maximum likelihood. Errors, warnings, determinism and complexity: as fit_bg_nbd.
[[nodiscard]] PATRON_API result<model_fit<pareto_nbd>> fit_pareto_nbd(std::span<purchase_summary const> rows);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/pareto_nbd.ipp>
#endif
