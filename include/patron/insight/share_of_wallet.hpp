/// Our part of all that a customer purchases in our category (REL-3).
#pragma once
#include <patron/customer/records.hpp>

#include <concepts>
#include <cstdint>
#include <optional>

namespace patron::inline v1::insight {

/// A customer's average monthly wallet, and what it rests on.
struct monthly_wallet {
    std::int64_t minor_units;
    share_basis basis;
};

/// Extension point: estimates what a customer purchases in our category where nobody stated it.
///
/// `e.estimate(view, last)` gives the average monthly wallet in the minor units of the customer's currency
/// for the months that end with `last`, or nothing when it does not know. It reads nothing but its
/// arguments, so that replaying the facts gives the same book. Check yours with testing::wallet_estimate_laws.
template <class E>
concept wallet_estimate = std::copyable<E> && requires(E const& e, customer_view view, period last) {
    { e.estimate(view, last) } -> std::same_as<std::optional<std::int64_t>>;
};

/// The stock model: an earlier statement of the customer, while it is not too old.
class last_statement {
public:
    /// `valid_months`: a statement older than so many months before `last` is not used.
    explicit constexpr last_statement(int valid_months) noexcept : valid_months_{valid_months} {}

    /// The average of the statements in force. Complexity: linear in the statements.
    [[nodiscard]] std::optional<std::int64_t> estimate(customer_view view, period last) const noexcept {
        if (view.records == nullptr) return std::nullopt;
        std::int64_t sum = 0;
        std::int64_t count = 0;
        for (auto const& stated : view.records->wallet) {
            auto const age = last.index() - stated.month;
            if (age < 0 || age > valid_months_) continue;
            if (__builtin_add_overflow(sum, stated.minor_units, &sum)) return std::nullopt;
            ++count;
        }
        if (count == 0) return std::nullopt;
        return sum / count;
    }

private:
    int valid_months_;
};

/// The month that windows end with on that day: its own on the last day of it, else the one before, since
/// half a month compared with whole ones would look like a loss.
[[nodiscard]] constexpr period last_whole_month(day on) noexcept {
    period const month{on};
    return month.last() == on ? month : month - 1;
}

/// A share of wallet in millionths and what it rests on; `millionths` is -1 when it is unknown.
struct share_of_wallet {
    std::int32_t millionths = -1;
    share_basis basis = share_basis::own_history;
    std::int64_t purchased = 0;  ///< ours in the months compared, minor units
    std::int64_t wallet = 0;     ///< all of it in the same months

    [[nodiscard]] constexpr bool is_known() const noexcept { return millionths >= 0; }
};

/// The share over the `window` months that end with `last`.
///
/// Months whose wallet was stated are compared with our sales in those months; where none was, the
/// estimate stands for each month of the window; else the share is unknown, which is not zero.
/// A share above one (we sold more than was stated) is one. Complexity: linear in the statements.
template <wallet_estimate E>
[[nodiscard]] share_of_wallet share_over(customer_view view, period last, int window, E const& estimate) {
    __extension__ using wide = __int128;
    auto const ratio = [](wide ours, std::int64_t all, share_basis basis) -> share_of_wallet {
        if (all <= 0) return {};
        auto const counted = static_cast<std::int64_t>(ours > INT64_MAX   ? INT64_MAX
                                                       : ours < INT64_MIN ? INT64_MIN
                                                                          : ours);
        auto const part = counted <= 0 ? wide{0} : wide{counted} * 1'000'000 / all;
        return {static_cast<std::int32_t>(part > 1'000'000 ? 1'000'000 : part), basis, counted, all};
    };
    wide purchased = 0;
    std::int64_t wallet = 0;
    if (view.records != nullptr) {
        for (auto const& stated : view.records->wallet) {
            auto const age = last.index() - stated.month;
            if (age < 0 || age >= window) continue;
            if (__builtin_add_overflow(wallet, stated.minor_units, &wallet)) return {};
            purchased += view.state.monthly.in(period::at_index(stated.month));
        }
    }
    if (wallet > 0) return ratio(purchased, wallet, share_basis::stated);
    auto const monthly = estimate.estimate(view, last);
    if (!monthly || __builtin_mul_overflow(*monthly, static_cast<std::int64_t>(window), &wallet)) return {};
    return ratio(view.state.monthly.over(last, window), wallet, share_basis::estimated);
}

}  // namespace patron::v1::insight
