/// A hash of text that is the same on every platform and in every release: it decides where things are kept.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace patron::inline v1 {

namespace detail {

/// The `count` bytes from `at`, little-endian, at most eight.
constexpr std::uint64_t word_at(char const* at, std::size_t count) noexcept {
    if (!std::is_constant_evaluated() && std::endian::native == std::endian::little) {
        std::uint64_t word = 0;
        if (count == 8) {
            std::memcpy(&word, at, 8);
            return word;
        }
        if (count >= 4) {  // two halves that overlap
            std::uint32_t low = 0;
            std::uint32_t high = 0;
            std::memcpy(&low, at, 4);
            std::memcpy(&high, at + count - 4, 4);
            return low | std::uint64_t{high} << (8 * (count - 4));
        }
    }
    std::uint64_t word = 0;
    for (std::size_t i = count; i > 0; --i) word = word << 8U | static_cast<unsigned char>(at[i - 1]);
    return word;
}

/// Both halves of the product, so that every bit of each counts.
constexpr std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    auto const product = wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace detail

/// Folds eight bytes a step into a 64-bit multiplication whose halves are joined, as mum-hash (V. Makarov, 2016) and
/// wyhash (Wang Yi, 2019) do. Every bit of it is usable.
/// Complexity: linear. Not for hostile input where collisions matter: look-ups compare the text itself.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text) noexcept {
    // digits of the golden ratio and of pi: odd, and without a pattern
    constexpr std::uint64_t step = 0x9E37'79B9'7F4A'7C15U;
    constexpr std::uint64_t last = 0x243F'6A88'85A3'08D3U;
    auto h = text.size() * step;
    auto const* at = text.data();
    auto left = text.size();
    for (; left > 8; left -= 8, at += 8) h = detail::folded_product(h ^ detail::word_at(at, 8), step);
    h = detail::folded_product(h ^ detail::word_at(at, left), last);
    return detail::folded_product(h ^ last, step);
}

}  // namespace patron::v1
