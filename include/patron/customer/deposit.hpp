/// A customer's deposit (POW-8): paid in, held, forfeited for cause, refunded; never below zero.
#pragma once
#include <patron/base/result.hpp>
#include <patron/customer/state.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

enum class deposit_move_kind : std::uint8_t { paid, forfeited, refunded };

[[nodiscard]] constexpr std::string_view name_of(deposit_move_kind k) noexcept {
    constexpr std::string_view names[] = {"paid", "forfeited", "refunded"};
    return names[static_cast<std::size_t>(k)];
}

/// One move of a deposit, with its reason.
struct deposit_move {
    deposit_move_kind kind{};
    std::int64_t amount = 0;  ///< minor units, above zero
    day_number on = no_day;
    std::string why{};

    friend bool operator==(deposit_move const&, deposit_move const&) = default;
};

/// Where a deposit stands, in minor units, none negative: held = paid - forfeited - refunded.
struct deposit_balance {
    std::int64_t paid = 0;
    std::int64_t forfeited = 0;
    std::int64_t refunded = 0;
    std::int64_t held = 0;

    friend bool operator==(deposit_balance const&, deposit_balance const&) = default;
};

/// The account of one customer's deposit. Moves may be entered in any order of their days: at the end of no day is less
/// than nothing held. Thread safety: as a plain value.
class deposit_account {
public:
    /// Errors: errc::out_of_range for an amount that is not above zero or a day that is none, errc::missing_field without a
    /// reason, errc::amount_overflow; nothing changes then.
    [[nodiscard]] PATRON_API result<void> pay(std::int64_t amount, day_number on, std::string_view why);
    /// Errors: as pay; errc::impossible_now when that much is not held on that day and on every day after.
    [[nodiscard]] PATRON_API result<void> forfeit(std::int64_t amount, day_number on, std::string_view why);
    /// Errors: as forfeit.
    [[nodiscard]] PATRON_API result<void> refund(std::int64_t amount, day_number on, std::string_view why);

    /// At the end of that day. Complexity: linear in the moves.
    [[nodiscard]] PATRON_API deposit_balance balance(day_number on) const noexcept;
    /// After all moves.
    [[nodiscard]] deposit_balance balance() const noexcept { return balance(INT32_MAX); }
    /// The most that can be forfeited or refunded on that day: what is held then and on every day after.
    [[nodiscard]] PATRON_API std::int64_t available(day_number on) const noexcept;

    /// By day, those of one day as entered.
    [[nodiscard]] std::span<deposit_move const> moves() const noexcept { return moves_; }

    friend bool operator==(deposit_account const&, deposit_account const&) = default;

private:
    result<void> enter(deposit_move move);

    std::vector<deposit_move> moves_;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/deposit.ipp>
#endif
