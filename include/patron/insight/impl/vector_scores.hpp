#pragma once
#include <patron/insight/impl/geometric_dropout.hpp>
#include <patron/insight/scores.hpp>

#include <cstddef>

namespace patron::inline v1::insight::detail {

#if !defined(PATRON_HEADER_ONLY)
/// Scores by vectors, as many from the front as fill whole ones; how many that were. In src/insight/vector_math.cpp.
std::size_t p_alive_by_vectors(geometric_dropout const& m, summary_columns const& of, double* out) noexcept;
#else
inline std::size_t p_alive_by_vectors(geometric_dropout const&, summary_columns const&, double*) noexcept { return 0; }
#endif

}  // namespace patron::v1::insight::detail
