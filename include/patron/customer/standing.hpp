/// How far a customer is trusted with credit (CRE-6).
#pragma once
#include <patron/base/text.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::inline v1 {

/// How far a customer is trusted with credit, from most to least.
enum class standing : std::uint8_t { good, watch, reduced, cash_only, blocked };

[[nodiscard]] constexpr text label_of(standing s) noexcept {
    constexpr std::array<text, 5> labels{text{"good", "良好"}, text{"on watch", "观察"}, text{"reduced", "降额"},
                                         text{"cash only", "现款"}, text{"blocked", "冻结"}};
    return labels[static_cast<std::size_t>(s)];
}
/// The stable code: "good", "watch", "reduced", "cash_only", "blocked".
[[nodiscard]] constexpr std::string_view name_of(standing s) noexcept {
    constexpr std::array<std::string_view, 5> names{"good", "watch", "reduced", "cash_only", "blocked"};
    return names[static_cast<std::size_t>(s)];
}
[[nodiscard]] constexpr std::optional<standing> standing_of(std::string_view name) noexcept {
    for (std::uint8_t i = 0; i < 5; ++i) {
        if (name_of(static_cast<standing>(i)) == name) return static_cast<standing>(i);
    }
    return std::nullopt;
}

}  // namespace patron::v1
