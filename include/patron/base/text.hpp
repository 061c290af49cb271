/// Text in the two languages that every stage, reason and effect is named in (BASE-9).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::inline v1 {

/// A language of explanations. Codes (`stage`, `rule` …) are the same in all of them.
enum class language : std::uint8_t {
    en,  ///< English
    zh,  ///< Chinese, simplified
};

/// The language of an IETF tag: "en" or "zh"; nothing for any other.
[[nodiscard]] constexpr std::optional<language> language_of(std::string_view tag) noexcept {
    if (tag == "en") return language::en;
    if (tag == "zh") return language::zh;
    return std::nullopt;
}

/// One text in both languages, UTF-8, with static storage.
struct text {
    std::string_view en;
    std::string_view zh;

    [[nodiscard]] constexpr std::string_view in(language l) const noexcept { return l == language::zh ? zh : en; }
    friend constexpr bool operator==(text const&, text const&) = default;
};

}  // namespace patron::v1
