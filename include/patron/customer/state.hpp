/// What a fact touches on the hot path: one small, flat, trivially copyable struct per customer.
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/date.hpp>
#include <patron/customer/order_monitors.hpp>
#include <patron/customer/stage.hpp>
#include <patron/customer/standing.hpp>
#include <patron/customer/tier.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace patron::inline v1 {

/// A day in four bytes; `no_day` where there is none.
using day_number = std::int32_t;
inline constexpr day_number no_day = INT32_MIN;

[[nodiscard]] constexpr day_number number_of(day d) noexcept {
    return static_cast<day_number>(d.time_since_epoch().count());
}
[[nodiscard]] constexpr day day_of(day_number n) noexcept { return day{std::chrono::days{n}}; }

/// Purchases of the latest months, in minor units: a ring that ends at the newest month with a purchase.
///
/// Returns and cancellations count against the month in which they happen (REL-2), so that a month can be negative.
class monthly_purchases {
public:
    static constexpr int months_kept = 6;

    /// Adds to the month. Months older than those kept are dropped: `total` of the state still holds them.
    constexpr void add(period month, std::int64_t minor_units) noexcept {
        if (newest_ == 0) newest_ = month.index();
        while (newest_ < month.index()) {
            // a customer silent for years skips at most the whole ring
            newest_ = month.index() - newest_ > months_kept ? month.index() - months_kept : newest_ + 1;
            slot(newest_) = 0;
        }
        if (newest_ - month.index() < months_kept) slot(month.index()) += minor_units;
    }

    /// What was added to the month; zero for a month that is not kept.
    [[nodiscard]] constexpr std::int64_t in(period month) const noexcept {
        auto const back = newest_ - month.index();
        if (newest_ == 0 || back < 0 || back >= months_kept) return 0;
        return sums_[static_cast<std::size_t>(month.index() % months_kept)];
    }

    /// The sum over the `count` months that end with `last`; beyond 64 bits, the nearest that fits.
    /// Precondition: 1 <= count <= months_kept.
    [[nodiscard]] constexpr std::int64_t over(period last, int count) const noexcept {
        wide sum = 0;
        for (int back = 0; back < count; ++back) sum += in(last - back);
        return fitted(sum);
    }

    /// The sum over the months after `last`: what a review of an earlier month must not count yet. Fitted as `over`.
    [[nodiscard]] constexpr std::int64_t after(period last) const noexcept {
        wide sum = 0;
        for (int month = newest_; month > last.index() && newest_ - month < months_kept; --month) {
            sum += in(period::at_index(month));
        }
        return fitted(sum);
    }

    /// Whether it can have come about by `add`: asked of bytes from outside.
    [[nodiscard]] constexpr bool is_sound() const noexcept {
        return newest_ == 0 || (newest_ >= period{first_day}.index() && newest_ <= period{last_day}.index());
    }

    friend constexpr bool operator==(monthly_purchases const&, monthly_purchases const&) = default;

private:
    __extension__ using wide = __int128;
    // months of either sign can add up to more than the total that bounds them
    static constexpr std::int64_t fitted(wide sum) noexcept {
        return static_cast<std::int64_t>(sum > INT64_MAX ? INT64_MAX : sum < INT64_MIN ? INT64_MIN : sum);
    }
    constexpr std::int64_t& slot(int month) noexcept { return sums_[static_cast<std::size_t>(month % months_kept)]; }

    std::array<std::int64_t, months_kept> sums_{};
    std::int32_t newest_ = 0;
};

/// Which order numbers a customer may have used: no false "no" (a Bloom filter of 256 bits, 4 hashes).
///
/// It spares customers of few orders a ledger: only a "maybe" has to be looked up.
class order_numbers_seen {
public:
    constexpr void add(std::uint64_t hash) noexcept {
        for (int i = 0; i < hashes; ++i) word(hash, i) |= bit(hash, i);
    }
    [[nodiscard]] constexpr bool maybe(std::uint64_t hash) const noexcept {
        bool all = true;
        for (int i = 0; i < hashes; ++i) all = all && (words_[index(hash, i) / 64] & bit(hash, i)) != 0;
        return all;
    }

    friend constexpr bool operator==(order_numbers_seen const&, order_numbers_seen const&) = default;

private:
    static constexpr unsigned index(std::uint64_t hash, int i) noexcept {
        return static_cast<unsigned>(hash >> (8 * i + 13)) & 255U;
    }
    static constexpr std::uint64_t bit(std::uint64_t hash, int i) noexcept {
        return std::uint64_t{1} << (index(hash, i) % 64);
    }
    constexpr std::uint64_t& word(std::uint64_t hash, int i) noexcept { return words_[index(hash, i) / 64]; }

    static constexpr int hashes = 4;
    std::array<std::uint64_t, 4> words_{};
};

/// The flat state of one customer. Money is in minor units of `in`.
struct customer_state {
    std::int64_t purchases = 0;  ///< ordered less cancelled and returned, since the beginning
    std::int64_t exposure =
        0;  ///< what is owed, ordered and reserved, less receipts not allocated and security (CRE-2)
    std::int64_t purchases_before = 0;  ///< those of cooperations that ended: no measure of the present one
    std::int64_t limit = 0;             ///< meaningful when `limit_is_set` and not `limit_is_unlimited`
    monthly_purchases monthly{};
    std::int32_t share_millionths = -1;  ///< share of wallet at the latest review; -1: unknown
    order_numbers_seen order_numbers{};
    order_monitors monitors{};
    day_number since = no_day;        ///< entry into the present stage
    day_number known_since = no_day;  ///< the first fact
    day_number first_order = no_day;
    day_number last_order = no_day;
    day_number won_back_on = no_day;  ///< the order that began the present cooperation after an end; no_day: none ended
    day_number next_due = no_day;     ///< the earliest day on which something lapses by itself
    std::int32_t closed_through = 0;  ///< index of the latest period closed for this customer
    std::uint32_t orders = 0;         ///< orders placed
    std::uint32_t purchase_days = 0;  ///< days with at least one order
    patron::stage stage = stage::prospect;
    patron::stage fell_from = stage::prospect;  ///< meaningful when declining
    patron::stage highest = stage::prospect;    ///< the furthest of the four that it ever reached
    share_basis basis = share_basis::own_history;
    currency in{};
    std::uint8_t reviews_above = 0;  ///< consecutive reviews at or above the share that promotes, at most 255
    std::uint8_t reviews_below = 0;  ///< consecutive reviews below the share that keeps, at most 255
    bool limit_is_set : 1 = false;
    bool limit_is_unlimited : 1 = false;
    bool enrolled : 1 = false;                              ///< false when an order made it known
    patron::standing credit_standing : 3 = standing::good;  ///< at the latest review
    customer_tier tier : 2 = customer_tier::standard;       ///< at the latest review, before what penalties take away

    /// The first order of the present cooperation: what lies before it is no sign of its decline. no_day: no order.
    [[nodiscard]] constexpr day_number cooperating_since() const noexcept {
        return won_back_on == no_day ? first_order : won_back_on;
    }

    /// The usual gap between purchase days in days, from all of them; 0 with fewer than two.
    [[nodiscard]] constexpr int usual_gap() const noexcept {
        if (purchase_days < 2) return 0;
        auto const gaps = static_cast<int>(purchase_days - 1);
        return (last_order - first_order + gaps / 2) / gaps;
    }

    friend constexpr bool operator==(customer_state const&, customer_state const&) = default;
};
static_assert(std::is_trivially_copyable_v<customer_state>);

}  // namespace patron::v1
