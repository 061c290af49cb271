/// The stages of a relationship, their names, and the byte that stores one.
#pragma once
#include <patron/base/text.hpp>

#include <cstdint>
#include <string_view>

namespace patron::inline v1 {

/// Where a relationship stands (DOMAIN, section 1). Compare Dwyer, Schurr & Oh, J. Marketing 51(2), 1987.
/// Values are stable; the first four are ordered by commitment.
enum class stage : std::uint8_t {
    prospect,   ///< no purchase yet
    initial,    ///< trial cooperation: we are a secondary supplier
    stable,     ///< we are the main supplier
    strategic,  ///< committed partners under a strategic agreement
    declining,  ///< stagnation or retreat is confirmed; it remembers the stage it fell from
    ended,      ///< broken off, by them, by us or by long silence
};

inline constexpr std::size_t stage_count = 6;

/// The stable code, e.g. "declining".
[[nodiscard]] constexpr std::string_view name_of(stage s) noexcept {
    constexpr std::string_view names[] = {"prospect", "initial", "stable", "strategic", "declining", "ended"};
    return names[static_cast<std::size_t>(s)];
}

/// The label for people.
[[nodiscard]] constexpr text label_of(stage s) noexcept {
    constexpr text labels[] = {{"prospect", "潜在客户"},           {"initial cooperation", "初步合作"},
                               {"stable cooperation", "稳定合作"}, {"strategic partnership", "战略合作"},
                               {"declining", "关系衰退"},          {"ended", "关系终止"}};
    return labels[static_cast<std::size_t>(s)];
}

/// What the share of wallet rests on.
enum class share_basis : std::uint8_t {
    own_history,  ///< nothing is known of the wallet; regularity and volume serve (REL-3)
    estimated,    ///< a hook or an older statement gives the wallet
    stated,       ///< the customer's purchases were stated for the window
};

[[nodiscard]] constexpr std::string_view name_of(share_basis b) noexcept {
    constexpr std::string_view names[] = {"own_history", "estimated", "stated"};
    return names[static_cast<std::size_t>(b)];
}

}  // namespace patron::v1
