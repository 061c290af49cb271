/// The BG/NBD and MBG/NBD models: who still buys, and how often (FOR-1).
///
/// While active a customer buys at random, at a rate that differs between customers by a gamma distribution (r, alpha);
/// after each purchase it drops out for good with a chance that differs by a beta distribution (a, b). Sources: Fader,
/// Hardie and Lee, "Counting Your Customers the Easy Way", Marketing Science 24(2), 2005; Batislam, Denizel and
/// Filiztekin, Int. J. of Research in Marketing 24(3), 2007, who let a customer drop out at its first purchase too.
#pragma once
#include <patron/base/result.hpp>
#include <patron/insight/model_fit.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace patron::inline v1::insight {

/// BG/NBD: dropping out is possible at repeat purchases. A customer of one purchase is active for certain.
struct bg_nbd {
    static constexpr std::string_view name = "bgnbd";
    static constexpr std::array<std::string_view, 4> names{"r", "alpha", "a", "b"};

    double r = 1;      ///< shape of the purchase rate; above zero, as all four
    double alpha = 1;  ///< its inverse scale, in units of time
    double a = 1;      ///< first shape of the chance to drop out
    double b = 1;      ///< second shape

    [[nodiscard]] constexpr std::array<double, 4> parameters() const noexcept { return {r, alpha, a, b}; }
};

/// MBG/NBD: dropping out is possible at the first purchase already.
struct mbg_nbd {
    static constexpr std::string_view name = "mbgnbd";
    static constexpr std::array<std::string_view, 4> names{"r", "alpha", "a", "b"};

    double r = 1;
    double alpha = 1;
    double a = 1;
    double b = 1;

    [[nodiscard]] constexpr std::array<double, 4> parameters() const noexcept { return {r, alpha, a, b}; }
};

// For all functions below: parameters above zero and finite, 0 <= t_x <= T, x = 0 only with t_x = 0, times and horizons
// not negative. They read nothing but their arguments, allocate nothing and may be called from several threads.

/// The log-likelihood of one customer (the weight is not looked at). Complexity: linear in x.
[[nodiscard]] PATRON_API double log_likelihood(bg_nbd const& model, purchase_summary const& of) noexcept;
[[nodiscard]] PATRON_API double log_likelihood(mbg_nbd const& model, purchase_summary const& of) noexcept;

/// The chance that the customer is still active, 0 … 1. Complexity: constant.
[[nodiscard]] PATRON_API double p_alive(bg_nbd const& model, purchase_summary const& of) noexcept;
[[nodiscard]] PATRON_API double p_alive(mbg_nbd const& model, purchase_summary const& of) noexcept;

/// The chance of no purchase in the next `horizon` units, 0 … 1; exact. Complexity: constant.
[[nodiscard]] PATRON_API double p_no_purchase(bg_nbd const& model, purchase_summary const& of, double horizon) noexcept;
[[nodiscard]] PATRON_API double p_no_purchase(mbg_nbd const& model, purchase_summary const& of,
                                              double horizon) noexcept;

/// Purchases to expect of the customer in the next `horizon` units.
/// Holds for any parameters, a = 1 included, and any x and horizon, to about 12 digits.
[[nodiscard]] PATRON_API double expected_purchases(bg_nbd const& model, purchase_summary const& of,
                                                   double horizon) noexcept;
[[nodiscard]] PATRON_API double expected_purchases(mbg_nbd const& model, purchase_summary const& of,
                                                   double horizon) noexcept;
/// Repeat purchases to expect of a new customer within `t` units of its first.
[[nodiscard]] PATRON_API double expected_purchases(bg_nbd const& model, double t) noexcept;
[[nodiscard]] PATRON_API double expected_purchases(mbg_nbd const& model, double t) noexcept;

/// The chance of exactly `n` purchases of the customer in the next `horizon` units.
[[nodiscard]] PATRON_API double p_purchases(bg_nbd const& model, purchase_summary const& of, std::uint32_t n,
                                            double horizon) noexcept;
[[nodiscard]] PATRON_API double p_purchases(mbg_nbd const& model, purchase_summary const& of, std::uint32_t n,
                                            double horizon) noexcept;
/// The chance of exactly `n` repeat purchases of a new customer within `t` units of its first.
[[nodiscard]] PATRON_API double p_purchases(bg_nbd const& model, std::uint32_t n, double t) noexcept;
[[nodiscard]] PATRON_API double p_purchases(mbg_nbd const& model, std::uint32_t n, double t) noexcept;

/// Fits by maximum likelihood over the logarithms of the parameters, by Newton's method with exact derivatives.
///
/// The same rows in any order give the same fit to the last bit. Whoever did not come back in the data at all is part
/// of them; customers first seen on the last day (T = 0) count, and change nothing.
/// Errors: errc::missing_field without rows; errc::out_of_range, with the field and the row (from 1), for one with a
///         time that is not finite, negative or beyond T, x = 0 with t_x above 0 or the reverse, a weight of zero or x
///         above most_repeats; for rows without any repeat purchase, or all with T = 0.
/// What can be computed and should not be trusted is in `warnings`: a parameter that ran away or is hardly identified,
/// two that move together, almost no dropping out, few repeat customers, a maximum not reached.
/// Complexity: rows log rows, then about ten passes over those that differ.
[[nodiscard]] PATRON_API result<model_fit<bg_nbd>> fit_bg_nbd(std::span<purchase_summary const> rows);
[[nodiscard]] PATRON_API result<model_fit<mbg_nbd>> fit_mbg_nbd(std::span<purchase_summary const> rows);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/bg_nbd.ipp>
#endif
