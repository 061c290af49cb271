/// A hash of text that is the same on every platform and in every release: it decides where things are kept.
#pragma once
#include <cstdint>
#include <string_view>

namespace patron::inline v1 {

/// FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv), with a final mix so that every bit is usable.
/// Complexity: linear. Not for hostile input where collisions matter: look-ups compare the text itself.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text) noexcept {
    std::uint64_t h = 0xCBF29CE484222325U;
    for (char const c : text) {
        h ^= static_cast<unsigned char>(c);
        h *= 0x100000001B3U;
    }
    h ^= h >> 32U;
    h *= 0xD6E8FEB86659FD93U;
    h ^= h >> 32U;
    return h;
}

}  // namespace patron::v1
