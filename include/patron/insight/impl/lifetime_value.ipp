#pragma once
#include <patron/insight/lifetime_value.hpp>

#include <algorithm>
#include <cmath>

namespace patron::inline v1::insight {

namespace detail {

template <class Model>
double discounted(Model const& model, purchase_summary const& of, value_horizon const& over) noexcept {
    if (over.discount == 0) return expected_purchases(model, of, over.length);
    double sum = 0;
    double before = 0;
    for (double end = 1; end < over.length + 1; ++end) {
        auto const at = std::min(end, over.length);
        auto const until = expected_purchases(model, of, at);
        sum += (until - before) * std::exp(-at * std::log1p(over.discount));
        before = until;
    }
    return sum;
}

}  // namespace detail

PATRON_FN double discounted_purchases(bg_nbd const& model, purchase_summary const& of,
                                      value_horizon const& over) noexcept {
    return detail::discounted(model, of, over);
}
PATRON_FN double discounted_purchases(mbg_nbd const& model, purchase_summary const& of,
                                      value_horizon const& over) noexcept {
    return detail::discounted(model, of, over);
}
PATRON_FN double discounted_purchases(pareto_nbd const& model, purchase_summary const& of,
                                      value_horizon const& over) noexcept {
    return detail::discounted(model, of, over);
}

}  // namespace patron::v1::insight
