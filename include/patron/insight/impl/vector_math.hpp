#pragma once
// exp and log of many doubles at once. The compiled library picks the widest vectors of the processor when it first
// needs them, if it was built with a library that has such functions; the header-only form takes them one by one.
#include <patron/config.hpp>

#include <cmath>
#include <cstddef>

namespace patron::inline v1::insight::detail {

#if defined(PATRON_HEADER_ONLY)
inline void exp_each(double* values, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) values[i] = std::exp(values[i]);
}
inline void log_each(double* values, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) values[i] = std::log(values[i]);
}
#else
/// values[i] = e^values[i], to within 4 units in the last place. Thread safety: yes.
PATRON_API void exp_each(double* values, std::size_t count) noexcept;
/// values[i] = ln values[i], to within 4 units in the last place. Precondition: normal numbers above zero.
PATRON_API void log_each(double* values, std::size_t count) noexcept;
#endif

}  // namespace patron::v1::insight::detail
