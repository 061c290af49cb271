/// A reward or sanction as the book keeps it, from the grant to its end.
#pragma once
#include <patron/base/text.hpp>
#include <patron/customer/effect_code.hpp>
#include <patron/customer/state.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// How far an effect has come; which step may follow which: lifecycle/effect_life.hpp. Values are stable.
enum class effect_step : std::uint8_t {
    proposed,   ///< not granted yet
    due,        ///< a reward that we owe
    late,       ///< a reward that we owe beyond its deadline: it counts against us
    done,       ///< a reward fulfilled
    lapsed,     ///< a reward whose last day has passed
    reversed,   ///< a reward taken back
    noticed,    ///< a sanction told to the customer, not in force yet
    appealed,   ///< a sanction under appeal: not in force
    in_force,   ///< a sanction in force
    lifted,     ///< a sanction ended by compliance or by the named person
    expired,    ///< a sanction whose last day has passed
    withdrawn,  ///< a sanction dropped, as on a granted appeal: it was wrong to impose it
};

[[nodiscard]] constexpr std::string_view name_of(effect_step s) noexcept {
    constexpr std::string_view names[] = {"proposed", "due",      "late",     "done",   "lapsed",  "reversed",
                                          "noticed",  "appealed", "in_force", "lifted", "expired", "withdrawn"};
    return names[static_cast<std::size_t>(s)];
}
[[nodiscard]] constexpr text label_of(effect_step s) noexcept {
    constexpr text labels[] = {{"proposed", "拟议"},  {"due", "待兑现"},          {"late", "逾期未兑现"},
                               {"done", "已兑现"},    {"lapsed", "已到期"},       {"reversed", "已冲回"},
                               {"noticed", "已通知"}, {"under appeal", "申诉中"}, {"in force", "生效中"},
                               {"lifted", "已解除"},  {"expired", "已期满"},      {"withdrawn", "已撤销"}};
    return labels[static_cast<std::size_t>(s)];
}

/// One effect of one customer. Days are `no_day` where there is none; amounts are minor units of its currency.
struct kept_effect {
    effect_code code{};
    effect_step step = effect_step::proposed;
    std::uint8_t severity = 0;  ///< of the breach, 1 … 5; 0 for rewards
    way_back_kind ends_when = way_back_kind::unstated;
    std::optional<std::int64_t> amount{};
    day_number since = no_day;         ///< granted, or imposed
    day_number deadline = no_day;      ///< a reward is fulfilled by the end of this day
    day_number until = no_day;         ///< the last day on which it holds
    day_number review_on = no_day;     ///< a sanction is looked at again
    day_number notice_until = no_day;  ///< the last day before it is in force
    day_number appeal_until = no_day;  ///< the last day on which the customer may appeal
    day_number in_force_on = no_day;   ///< the first day on which a sanction was in force
    day_number fulfilled_on = no_day;
    day_number ended_on = no_day;  ///< lapsed, reversed, lifted, expired or withdrawn
    std::string rule{};            ///< the rule that gave it
    std::string target{};          ///< the tier or territory that it is about
    std::string person{};          ///< who may lift it
    std::string cause{};           ///< of a reversal or withdrawal

    /// Whether a sanction binds, or a reward that lasts is given, on that day's state.
    [[nodiscard]] bool holds() const noexcept { return step == effect_step::in_force || step == effect_step::done; }
    /// Whether nothing more will come of it by itself or by the host.
    [[nodiscard]] bool is_over() const noexcept { return ended_on != no_day; }

    friend bool operator==(kept_effect const&, kept_effect const&) = default;
};

/// What facts, decisions and rows call it: the rule that gave it and the day, e.g. "training_small@2026-06-30".
[[nodiscard]] inline std::string id_of(kept_effect const& e) { return e.rule + '@' + to_string(day_of(e.since)); }

}  // namespace patron::v1
