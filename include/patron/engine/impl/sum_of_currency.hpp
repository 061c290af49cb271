#pragma once
#include <patron/base/currency.hpp>

#include <algorithm>
#include <vector>

namespace patron::inline v1::detail {

/// The sum of a currency, among sums by the currencies' codes.
template <class Cost>
Cost& sum_of(std::vector<Cost>& sums, currency in) {
    auto at = std::lower_bound(sums.begin(), sums.end(), in,
                               [](Cost const& c, currency code) { return c.in.code() < code.code(); });
    if (at == sums.end() || at->in != in) at = sums.insert(at, {.in = in});
    return *at;
}

}  // namespace patron::v1::detail
