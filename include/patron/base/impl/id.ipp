#pragma once
#include <patron/base/id.hpp>

namespace patron::inline v1 {

PATRON_FN bool is_clean_utf8(std::string_view text) noexcept {
    auto const* at = reinterpret_cast<unsigned char const*>(text.data());
    auto const* const end = at + text.size();
    while (at != end) {
        unsigned const lead = *at;
        if (lead < 0x80) {
            if (lead < 0x20 || lead == 0x7F) return false;
            ++at;
            continue;
        }
        // Unicode 15, table 3-7: the lead byte bounds the second byte, the others are 80..BF
        int const more = lead >= 0xF0 ? 3 : (lead >= 0xE0 ? 2 : 1);
        if (lead < 0xC2 || lead > 0xF4 || end - at <= more) return false;
        unsigned const lowest = lead == 0xE0 ? 0xA0U : (lead == 0xF0 ? 0x90U : 0x80U);
        unsigned const highest = lead == 0xED ? 0x9FU : (lead == 0xF4 ? 0x8FU : 0xBFU);
        if (at[1] < lowest || at[1] > highest) return false;
        for (int i = 2; i <= more; ++i) {
            if (at[i] < 0x80 || at[i] > 0xBF) return false;
        }
        at += more + 1;
    }
    return true;
}

namespace detail {

PATRON_FN std::string shown(std::string_view text) {
    constexpr std::size_t most = 80;
    auto part = text.substr(0, most);
    // the cut may have left up to three bytes of a character
    for (int cut = 0; cut < 3 && part.size() < text.size() && !is_clean_utf8(part); ++cut) part.remove_suffix(1);
    return is_clean_utf8(part) ? std::string{part} : std::string{"(not clean UTF-8)"};
}

}  // namespace detail

}  // namespace patron::v1
