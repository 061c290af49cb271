/// Identifiers: the codes of rules and reasons, and the names that a feed brings.
#pragma once
#include <patron/base/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// A stable identifier of a rule, reason or effect, e.g. code{"falling_share"}.
///
/// It views text of static storage: lower-case letters, digits and underscores. Anything else does not compile.
class code {
public:
    template <std::size_t N>
    explicit consteval code(char const (&text)[N]) : text_{text, N - 1} {
        if (text_.empty()) throw "an empty code";
        for (char const c : text_) {
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') throw "a code is in snake_case";
        }
    }

    [[nodiscard]] constexpr std::string_view view() const noexcept { return text_; }
    friend constexpr bool operator==(code, code) noexcept = default;

private:
    std::string_view text_;
};

/// The longest identifier (customer, order, invoice, person …) that a fact may carry, in bytes.
inline constexpr std::size_t longest_identifier = 128;
/// The longest free text (name, reason, evidence …) that a fact may carry, in bytes.
inline constexpr std::size_t longest_text = 4096;

/// True when `text` is well-formed UTF-8 without control characters (U+0000 … U+001F, U+007F).
/// Complexity: linear; no allocation.
[[nodiscard]] PATRON_API bool is_clean_utf8(std::string_view text) noexcept;

namespace detail {
/// What an error shows of `text`: at most 80 bytes, cut between characters; a note when it is not clean UTF-8.
[[nodiscard]] PATRON_API std::string shown(std::string_view text);
}  // namespace detail

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/id.ipp>
#endif
