#pragma once
// Brings memory near before it is needed, so that many look-ups wait for it together.
#include <cstddef>

namespace patron::inline v1::detail {

/// Reads a byte of it. A prefetch would wait for nothing, but may be dropped where the page is not known to the processor,
/// and in a book of millions that is most pages.
inline void touch(void const* at) noexcept { (void)*static_cast<char const volatile*>(at); }

/// Reads one byte and asks for the lines that follow, up to `bytes`: they stand on the same page but for a few.
inline void touch(void const* at, std::size_t bytes) noexcept {
    constexpr std::size_t line = 64;
    touch(at);
    for (std::size_t next = line; next < bytes; next += line) __builtin_prefetch(static_cast<char const*>(at) + next);
}

}  // namespace patron::v1::detail
