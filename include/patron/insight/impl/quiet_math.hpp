#pragma once
// How the models of this room ask Boost.Math.
#include <boost/math/policies/policy.hpp>

namespace patron::inline v1::insight::detail {

/// What cannot be computed is NaN, and never an exception.
using quiet =
    boost::math::policies::policy<boost::math::policies::domain_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::pole_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::evaluation_error<boost::math::policies::ignore_error>>;

}  // namespace patron::v1::insight::detail
