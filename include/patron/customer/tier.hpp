/// The tiers that customers are told of (SEG-4).
#pragma once
#include <patron/base/text.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::inline v1 {

/// From the lowest to the highest. Values are stable.
enum class customer_tier : std::uint8_t { standard, silver, gold, diamond };

inline constexpr std::size_t customer_tier_count = 4;

[[nodiscard]] constexpr std::string_view name_of(customer_tier t) noexcept {
    constexpr std::string_view names[] = {"standard", "silver", "gold", "diamond"};
    return names[static_cast<std::size_t>(t)];
}
[[nodiscard]] constexpr text label_of(customer_tier t) noexcept {
    constexpr text labels[] = {{"standard", "普通"}, {"silver", "银牌"}, {"gold", "金牌"}, {"diamond", "钻石"}};
    return labels[static_cast<std::size_t>(t)];
}
/// The tier of that name, or nothing.
[[nodiscard]] constexpr std::optional<customer_tier> tier_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i < customer_tier_count; ++i) {
        if (name_of(static_cast<customer_tier>(i)) == name) return static_cast<customer_tier>(i);
    }
    return std::nullopt;
}

}  // namespace patron::v1
