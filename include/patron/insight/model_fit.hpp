/// What comes of fitting a model by maximum likelihood: its parameters, and how far they are to be trusted (FOR-1).
#pragma once
#include <patron/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::insight {

/// A model fitted to data.
///
/// `Model` lists its parameters by `Model::names` and `parameters()`, in the order of `standard_errors`.
template <class Model>
struct model_fit {
    static constexpr std::size_t size = Model::names.size();

    Model model{};
    /// Of the parameters, from the curvature of the log-likelihood at its maximum; NaN where it has none there.
    std::array<double, size> standard_errors{};
    double log_likelihood = 0;      ///< of all customers, in the unit of their times
    std::uint64_t customers = 0;    ///< the sum of the weights
    std::uint64_t rows = 0;         ///< how many differ
    std::uint32_t evaluations = 0;  ///< of the log-likelihood with its first and second derivatives
    bool converged = false;         ///< a further step would gain less than 1e-6 of log-likelihood
    /// Why the parameters may not be trusted, each a sentence; empty where nothing speaks against them.
    std::vector<std::string> warnings{};
};

namespace detail {

/// What is said of parameters that the data leave open. `on_bound`: those that ran away.
struct parameter_doubt {
    std::string_view name;
    double value;
    double standard_error;
    bool on_bound;
};
PATRON_API void warn_of(parameter_doubt const& doubt, std::vector<std::string>& warnings);
/// The same of two that the data tell apart badly.
PATRON_API void warn_of(std::string_view one, std::string_view other, double correlation,
                        std::vector<std::string>& warnings);

}  // namespace detail

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/model_fit.ipp>
#endif
