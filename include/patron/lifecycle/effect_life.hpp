/// The life of a reward or sanction after it was decided (POW-1, POW-2, POW-14): one table, and the moves of the host.
#pragma once
#include <patron/base/result.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/step.hpp>
#include <patron/machine/table.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// Rewards: due, then done, or late and then done; reversed; lapsed after their last day.
/// Sanctions: noticed, then in force, then lifted or expired; under appeal they do not bind; withdrawn where they were
/// wrong.
struct effect_life {
    using state = patron::effect_step;
    enum class event : std::uint8_t {
        grant,            ///< decided by the resolver
        acknowledge,      ///< the host has fulfilled the reward
        deadline_passed,  ///< of a reward
        notice_passed,    ///< of a sanction
        end_passed,       ///< the day after its last
        reverse,          ///< a reward is taken back
        reinstate,        ///< what took it back was wrong
        appeal,
        uphold,    ///< the appeal fails
        withdraw,  ///< the appeal succeeds, or we find that the sanction was wrong
        lift,      ///< the way back is met
    };
    enum class guard : std::uint8_t {
        is_reward,
        is_fulfilled,
        needs_no_notice,
        in_appeal_window,
        notice_is_over,
        way_back_met,
    };

    static constexpr std::string_view name = "effect";
    static constexpr state start = state::proposed;
    static constexpr std::array finals{state::done,   state::lapsed,  state::reversed,
                                       state::lifted, state::expired, state::withdrawn};
    static constexpr std::array labels{
        label_of(state::proposed), label_of(state::due),      label_of(state::late),    label_of(state::done),
        label_of(state::lapsed),   label_of(state::reversed), label_of(state::noticed), label_of(state::appealed),
        label_of(state::in_force), label_of(state::lifted),   label_of(state::expired), label_of(state::withdrawn)};

    static constexpr auto table = [] {
        using enum patron::effect_step;
        using enum event;
        using enum guard;
        using machine::from;
        return machine::table(
            from(proposed).on(grant).when(is_reward).to(due),
            from(proposed).on(grant).when(needs_no_notice).to(in_force), from(proposed).on(grant).to(noticed),
            from(proposed)
                .on(acknowledge, deadline_passed, notice_passed, end_passed, reverse, reinstate, appeal, uphold,
                    withdraw, lift)
                .ignored(),

            from(due).on(acknowledge).to(done), from(due).on(deadline_passed).to(late),
            from(late).on(acknowledge).to(done), from(due, late, done).on(reverse).to(reversed),
            from(done).on(end_passed).to(lapsed),
            from(due, late).on(end_passed).ignored(),  // we owe it still: that we were late does not free us
            from(late).on(deadline_passed).ignored(), from(done).on(acknowledge, deadline_passed).ignored(),
            from(due, late, done).on(grant, reinstate, notice_passed, appeal, uphold, withdraw, lift).ignored(),
            from(reversed).on(reinstate).when(is_fulfilled).to(done), from(reversed).on(reinstate).to(due),

            from(noticed).on(notice_passed).to(in_force),
            from(noticed, in_force).on(appeal).when(in_appeal_window).to(appealed),
            from(appealed).on(uphold).when(notice_is_over).to(in_force), from(appealed).on(uphold).to(noticed),
            from(noticed, appealed, in_force).on(withdraw).to(withdrawn),
            from(noticed, appealed, in_force).on(lift).when(way_back_met).to(lifted),
            from(noticed, appealed, in_force).on(end_passed).to(expired), from(noticed, in_force).on(uphold).ignored(),
            from(appealed).on(appeal).ignored(), from(appealed, in_force).on(notice_passed).ignored(),
            from(noticed, appealed, in_force).on(grant, acknowledge, deadline_passed, reverse, reinstate).ignored(),

            from(lapsed, lifted, expired, withdrawn).on(reinstate).ignored(),
            from(lapsed, reversed, lifted, expired, withdrawn)
                .on(grant, acknowledge, deadline_passed, notice_passed, end_passed, reverse, appeal, uphold, withdraw,
                    lift)
                .ignored());
    }();
};
static_assert(machine::sound<effect_life>);

/// Notice and appeal, in days.
struct effect_rules {
    int penalty_notice_days = 14;    ///< from the day imposed to the last day before it binds
    int deterrent_notice_days = 30;  ///< the same for deterrents
    int appeal_days = 14;            ///< from the day imposed; zero: no appeal
    int grave_severity = 5;          ///< from here on a sanction binds at once
    bool warning_needs_notice = false;
};

/// Takes up an effect that was decided: a reward is due; a sanction is under notice, or in force where it needs none.
/// Errors: errc::impossible_now when it was granted before, errc::missing_field without its first day.
[[nodiscard]] PATRON_API result<kept_effect> grant(kept_effect decided, effect_rules const& rules = {});

/// Lets the days up to `on` pass: deadlines, notice, last days. To the same day twice, or by way of a day between, it
/// comes to the same. Returns whether it changed.
PATRON_API bool advance(kept_effect& e, day_number on);

/// The host has fulfilled the reward on that day. Said again it changes nothing: the first day stands.
/// Returns whether it changed. Errors: errc::impossible_now when it is not owed, errc::out_of_range before it was granted.
[[nodiscard]] PATRON_API result<bool> acknowledge(kept_effect& e, day_number on);

/// Takes a reward back, given or not. Said again it changes nothing.
/// Errors: errc::impossible_now for a sanction or one that has lapsed, errc::missing_field without a cause.
[[nodiscard]] PATRON_API result<bool> reverse(kept_effect& e, day_number on, std::string_view cause);

/// Gives back a reward that was taken back by mistake, as it stood: owed by the same deadline, or given.
/// Returns whether it was reversed. Errors: errc::impossible_now for a sanction.
[[nodiscard]] PATRON_API result<bool> reinstate(kept_effect& e, day_number on);

/// The customer appeals: until it is decided the sanction does not bind.
/// Errors: errc::impossible_now outside the appeal window, or where there is nothing to appeal.
[[nodiscard]] PATRON_API result<bool> appeal(kept_effect& e, day_number on);

/// Decides an appeal: upheld, the sanction goes on; else it is withdrawn, and was never right.
/// Errors: errc::impossible_now without an appeal.
[[nodiscard]] PATRON_API result<bool> decide_appeal(kept_effect& e, day_number on, bool is_upheld);

/// Withdraws a sanction that was wrong. Errors: errc::impossible_now, errc::missing_field without a cause.
[[nodiscard]] PATRON_API result<bool> withdraw(kept_effect& e, day_number on, std::string_view cause);

/// The customer complies again: lifts a sanction that ends by compliance; the others stand.
/// Returns whether it was lifted. Errors: errc::impossible_now for a reward.
[[nodiscard]] PATRON_API result<bool> comply(kept_effect& e, day_number on);

/// The person lifts it. Errors: errc::impossible_now when it is over, permanent, or not that person's to lift.
[[nodiscard]] PATRON_API result<bool> lift(kept_effect& e, day_number on, std::string_view person);

/// How well we keep what we promise: of the rewards that were not reversed, on a day (POW-1).
struct fulfilment {
    std::size_t owed = 0;              ///< within the deadline
    std::size_t late = 0;              ///< owed beyond it
    std::size_t kept = 0;              ///< fulfilled in time
    std::size_t kept_late = 0;         ///< fulfilled, but late
    std::int64_t worst_days_late = 0;  ///< the longest delay, be it over or not

    friend bool operator==(fulfilment const&, fulfilment const&) = default;
};

/// Days by which a reward is or was late on that day; 0 when it is not. Late fulfilment counts against us.
[[nodiscard]] PATRON_API std::int64_t days_late(kept_effect const& e, day_number on) noexcept;

/// Complexity: linear; no allocation.
[[nodiscard]] PATRON_API fulfilment fulfilment_of(std::span<kept_effect const> all, day_number on) noexcept;

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/effect_life.ipp>
#endif
