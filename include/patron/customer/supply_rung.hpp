/// How far the last resort has been used against a customer (POW-3).
#pragma once
#include <patron/base/text.hpp>
#include <patron/customer/state.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::inline v1 {

/// The rungs of the deterrent ladder, the graver the later. Values are stable.
enum class supply_rung : std::uint8_t {
    normal,
    warned,             ///< told what comes next
    distributor_added,  ///< another distributor was admitted to the territory
    suspended,          ///< nothing is supplied
    terminated,         ///< no customer of ours any more, by our decision
};

inline constexpr std::size_t supply_rung_count = 5;

[[nodiscard]] constexpr std::string_view name_of(supply_rung r) noexcept {
    constexpr std::string_view names[] = {"normal", "warned", "distributor_added", "suspended", "terminated"};
    return names[static_cast<std::size_t>(r)];
}
[[nodiscard]] constexpr text label_of(supply_rung r) noexcept {
    constexpr text labels[] = {{"normal supply", "正常供货"},
                               {"warned", "已警告"},
                               {"a distributor was added", "已增设经销商"},
                               {"supply suspended", "暂停供货"},
                               {"terminated", "终止合作"}};
    return labels[static_cast<std::size_t>(r)];
}

/// What is known of the ladder of one customer.
struct supply_standing {
    supply_rung rung = supply_rung::normal;
    day_number since = no_day;  ///< on this rung
    std::array<day_number, 8> uses{no_day, no_day, no_day, no_day, no_day,
                                   no_day, no_day, no_day};  ///< the latest days on which it went up, newest first

    friend bool operator==(supply_standing const&, supply_standing const&) = default;
};

}  // namespace patron::v1
