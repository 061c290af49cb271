/// The complaint machine (RET-3): what may follow what.
#pragma once
#include <patron/customer/records.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/table.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// A complaint from raised to confirmed. Steps may be skipped forward, since small ones are settled on
/// the telephone; none is taken twice, and only a confirmed complaint is reopened.
struct complaint_handling {
    using state = patron::complaint_step;
    enum class event : std::uint8_t { acknowledge, act, confirm, reopen };

    static constexpr std::string_view name = "complaint";
    static constexpr state start = state::raised;
    static constexpr std::array finals{state::confirmed};
    static constexpr std::array labels{text{"raised", "已提出"}, text{"acknowledged", "已受理"},
                                       text{"acted on", "已处理"}, text{"confirmed", "已确认"}};
    static constexpr auto table = [] {
        using enum patron::complaint_step;
        using enum event;
        using machine::from;
        return machine::table(from(raised).on(acknowledge).to(acknowledged),                   //
                              from(raised, acknowledged).on(act).to(acted),                    //
                              from(raised, acknowledged, acted).on(confirm).to(confirmed),     //
                              from(confirmed).on(reopen).to(raised),                           //
                              from(acknowledged, acted, confirmed).on(acknowledge).ignored(),  //
                              from(acted, confirmed).on(act).ignored(),                        //
                              from(confirmed).on(confirm).ignored(),                           //
                              from(raised, acknowledged, acted).on(reopen).ignored());
    }();
};
static_assert(machine::sound<complaint_handling>);

}  // namespace patron::v1::lifecycle
