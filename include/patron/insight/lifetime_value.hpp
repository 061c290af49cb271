/// What a customer will be worth over a horizon (SEG-8): its purchases to come, discounted, times their value.
#pragma once
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/gamma_gamma.hpp>
#include <patron/insight/pareto_nbd.hpp>
#include <patron/insight/purchase_summary.hpp>

#include <optional>

namespace patron::inline v1::insight {

/// Over which time, and what a later purchase counts for today.
struct value_horizon {
    double length = 52;   ///< in units of the model's time; not negative
    double discount = 0;  ///< a unit of time, as a share: 0.01 makes a purchase at the end of the first unit count
                          ///< 1 / 1.01; above -1
};

/// Purchases to expect over the horizon, each discounted to today. Those of a unit of time count as of its end, as in
/// Fader, Hardie and Lee, "RFM and CLV", J. of Marketing Research 42(4), 2005, by periods; a last part of a unit as of
/// its own. Preconditions and thread safety: as expected_purchases. Complexity: linear in the units, constant without a
/// discount.
[[nodiscard]] PATRON_API double discounted_purchases(bg_nbd const& model, purchase_summary const& of,
                                                     value_horizon const& over) noexcept;
[[nodiscard]] PATRON_API double discounted_purchases(mbg_nbd const& model, purchase_summary const& of,
                                                     value_horizon const& over) noexcept;
[[nodiscard]] PATRON_API double discounted_purchases(pareto_nbd const& model, purchase_summary const& of,
                                                     value_horizon const& over) noexcept;

/// The lifetime value: discounted purchases times what one of them is worth (`expected_spend`), in the unit of the
/// amounts; sales where amounts are sales, margin where they are margins. Nothing where no average spend exists.
template <class Model>
[[nodiscard]] std::optional<double> lifetime_value(Model const& purchases, gamma_gamma const& spend,
                                                   purchase_summary const& bought, spend_summary const& spent,
                                                   value_horizon const& over) noexcept {
    auto const one = expected_spend(spend, spent);
    if (!one) return std::nullopt;
    return *one * discounted_purchases(purchases, bought, over);
}

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/lifetime_value.ipp>
#endif
