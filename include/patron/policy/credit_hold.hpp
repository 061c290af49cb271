/// An order that is held: why, until when, and who let it go (CRE-5).
#pragma once
#include <patron/machine/checks.hpp>
#include <patron/machine/table.hpp>
#include <patron/policy/credit.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

[[nodiscard]] constexpr text label_of(hold_state s) noexcept {
    constexpr std::array<text, 5> labels{text{"held", "暂挂"}, text{"ready", "可放行"}, text{"released", "已放行"},
                                         text{"rejected", "已驳回"}, text{"expired", "已过期"}};
    return labels[static_cast<std::size_t>(s)];
}
[[nodiscard]] PATRON_API std::string_view name_of(hold_state s) noexcept;

/// What may happen to a hold. A forced one is never ready by itself: only a person ends it.
struct credit_hold_handling {
    using state = patron::hold_state;
    enum class event : std::uint8_t {
        passed,   ///< the check approves now
        failed,   ///< it does not
        release,  ///< by a person
        resume,   ///< the order goes on because it is ready
        reject,
        expire,
    };
    enum class guard : std::uint8_t { forced };

    static constexpr std::string_view name = "credit_hold";
    static constexpr state start = state::held;
    static constexpr std::array finals{state::released, state::rejected, state::expired};
    static constexpr std::array labels{label_of(state::held), label_of(state::ready), label_of(state::released),
                                       label_of(state::rejected), label_of(state::expired)};
    static constexpr auto table = [] {
        using enum patron::hold_state;
        using enum event;
        using enum guard;
        using machine::from;
        return machine::table(
            from(held).on(passed).when(forced).stays(),  //
            from(held).on(passed).to(ready),             //
            from(ready).on(passed).ignored(),            //
            from(held).on(failed).stays(),               //
            from(ready).on(failed).to(held),             //
            from(held, ready).on(release).to(released),  //
            from(ready).on(resume).to(released),         //
            from(held).on(resume).ignored(),             //
            from(held, ready).on(reject).to(rejected),   //
            from(held, ready).on(expire).to(expired),    //
            from(released, rejected, expired).on(passed, failed, release, resume, reject, expire).ignored());
    }();
};
static_assert(machine::sound<credit_hold_handling>);

/// A person's decision on a hold.
struct hold_decision {
    std::string by{};
    std::string reason{};
    day_number on = no_day;

    friend bool operator==(hold_decision const&, hold_decision const&) = default;
};

/// What a person releases.
struct hold_release {
    std::string by{};
    std::string reason{};
    std::int64_t amount = 0;         ///< up to which the order may go on, in minor units
    int days = 0;                    ///< for which it holds, the day of the release not counted
    int tolerance_basis_points = 0;  ///< so much more may the order come to

    friend bool operator==(hold_release const&, hold_release const&) = default;
};

/// A held order. It keeps all reasons that ever spoke against it, each as it was last seen.
class credit_hold {
public:
    /// A reason and whether it still holds the order.
    struct cause {
        credit_finding finding{};  ///< as last seen
        day_number since = no_day;
        bool is_open = true;

        friend bool operator==(cause const&, cause const&) = default;
    };

    /// A hold from a check's answer that did not approve.
    /// Errors: errc::impossible_now for an approval, errc::missing_field without an order.
    [[nodiscard]] PATRON_API static result<credit_hold> of(std::string_view order, credit_answer const& answer,
                                                           day_number on, day_number until = no_day);
    /// A hold that a person has placed, whatever the check says. Errors: errc::missing_field, the field named.
    [[nodiscard]] PATRON_API static result<credit_hold> forced(std::string_view order, std::string_view by,
                                                               std::string_view reason, day_number on,
                                                               day_number until = no_day);

    [[nodiscard]] std::string const& order() const noexcept { return order_; }
    [[nodiscard]] hold_state state() const noexcept { return state_; }
    [[nodiscard]] bool is_forced() const noexcept { return forced_.has_value(); }
    [[nodiscard]] bool is_final() const noexcept { return state_ > hold_state::ready; }
    /// The last day on which it waits; no_day: without end.
    [[nodiscard]] day_number until() const noexcept { return until_; }
    /// In the order in which they came up.
    [[nodiscard]] std::vector<cause> const& causes() const noexcept { return causes_; }
    /// Who forced it, if anyone.
    [[nodiscard]] std::optional<hold_decision> const& forced_by() const noexcept { return forced_; }
    /// Who released or rejected it, if anyone.
    [[nodiscard]] std::optional<hold_decision> const& decided_by() const noexcept { return decided_; }

    /// Looks again after facts have come in: closes the causes that are met, opens those that came back or came new, and
    /// expires first where its last day has passed. A hold that is final stays as it is.
    PATRON_API void reassess(credit_answer const& answer, day_number on);
    /// Expires where its last day has passed.
    PATRON_API void pass_day(day_number on) noexcept;

    /// Lets the order go on. Gives the override that makes the check agree; its texts live as long as this hold.
    /// Errors: errc::impossible_now when final, or for an order that is refused; errc::missing_field without an actor or a
    ///         reason; errc::out_of_range for a negative amount, days or tolerance, or days beyond what a day number holds.
    ///         Nothing changes then.
    [[nodiscard]] PATRON_API result<credit_override> release(hold_release const& release, day_number on);
    /// Goes on because nothing speaks against it any more. Errors: errc::impossible_now unless ready.
    [[nodiscard]] PATRON_API result<void> resume(day_number on);
    /// Errors: errc::impossible_now when final; errc::missing_field without an actor or a reason.
    [[nodiscard]] PATRON_API result<void> reject(hold_decision const& decision);

    friend bool operator==(credit_hold const&, credit_hold const&) = default;

private:
    void note(credit_answer const& answer, day_number on);

    std::string order_{};
    std::vector<cause> causes_{};
    std::optional<hold_decision> forced_{};
    std::optional<hold_decision> decided_{};
    day_number until_ = no_day;
    hold_state state_ = hold_state::held;
    bool is_refused_ = false;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/credit_hold.ipp>
#endif
