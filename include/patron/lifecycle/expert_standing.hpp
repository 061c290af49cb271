/// How far a customer trusts our representatives' judgement (POW-11).
#pragma once
#include <patron/base/text.hpp>
#include <patron/customer/expert_file.hpp>
#include <patron/lifecycle/rules.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// From the lowest to the highest.
enum class expert_standing : std::uint8_t {
    unproven,   ///< no advice was taken, and nothing left to us
    heard,      ///< some was
    trusted,    ///< enough advice is taken, and no more of it turned out poor than good
    relied_on,  ///< and orders are left to us
};

[[nodiscard]] constexpr std::string_view name_of(expert_standing s) noexcept {
    constexpr std::string_view names[] = {"unproven", "heard", "trusted", "relied_on"};
    return names[static_cast<std::size_t>(s)];
}
[[nodiscard]] constexpr text label_of(expert_standing s) noexcept {
    constexpr text labels[] = {
        {"unproven", "未建立"}, {"heard", "愿意听取"}, {"trusted", "信任"}, {"relied on", "依赖"}};
    return labels[static_cast<std::size_t>(s)];
}

/// What the standing rests on, within the window of the rules.
struct expert_record {
    int advice_given = 0;
    int advice_taken = 0;
    int good = 0;  ///< results
    int poor = 0;
    int orders_delegated = 0;
    expert_standing standing = expert_standing::unproven;

    friend bool operator==(expert_record const&, expert_record const&) = default;
};

/// On a day. The window is its month and those before it, `expert.window_months` in all. Of advice that
/// was taken at least as much counts as given.
/// Complexity: linear in the file.
[[nodiscard]] PATRON_API expert_record expert_record_of(expert_file const& file, lifecycle_rules const& rules,
                                                        day_number on) noexcept;

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/expert_standing.ipp>
#endif
