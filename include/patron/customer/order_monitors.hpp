/// What is kept of a customer's orders to tell its rhythm, its amounts and its range (FOR-2).
#pragma once
#include <patron/customer/running_level.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace patron::inline v1 {

/// The rhythm, amounts and range of one customer's orders: 64 bytes, updated in constant time with each order. All of it
/// are integers, the same on every machine.
class order_monitors {
public:
    /// A further purchase day, so many days after the one before it. Precondition: `gap_days` is positive.
    constexpr void came_back_after(std::int32_t gap_days) noexcept {
        ++gaps_;
        gap_days_ += static_cast<std::uint32_t>(gap_days);
        log_gaps_ += detail::log_4096(static_cast<std::uint64_t>(gap_days));
    }
    /// An order. One of nothing (a sample) has no amount; one without lines tells nothing of the range.
    constexpr void ordered(std::int64_t minor_units, std::size_t lines) noexcept {
        if (minor_units > 0) amounts_.add(static_cast<std::uint64_t>(minor_units));
        if (lines > 0) lines_.add(lines);
    }

    [[nodiscard]] constexpr std::uint32_t gaps() const noexcept { return gaps_; }
    [[nodiscard]] constexpr double gap_days() const noexcept { return gap_days_; }
    /// The sum of the logarithms of gaps in days.
    [[nodiscard]] constexpr double log_gaps() const noexcept {
        return static_cast<double>(log_gaps_) / detail::log_table::unit;
    }
    [[nodiscard]] constexpr running_level const& amounts() const noexcept { return amounts_; }
    /// Order lines an order.
    [[nodiscard]] constexpr running_level const& lines() const noexcept { return lines_; }

    /// Whether it can have come about by the two above: asked of bytes from outside.
    [[nodiscard]] constexpr bool is_sound() const noexcept {
        constexpr std::int64_t most_log = detail::log_4096(1U << 17U);  // more days than there are
        return gaps_ <= gap_days_ && log_gaps_ >= 0 && log_gaps_ <= most_log * gaps_ && amounts_.is_sound() &&
               lines_.is_sound();
    }

    friend constexpr bool operator==(order_monitors const&, order_monitors const&) = default;

private:
    std::int64_t log_gaps_ = 0;
    std::uint32_t gaps_ = 0;
    std::uint32_t gap_days_ = 0;
    running_level amounts_{};
    running_level lines_{};
};
static_assert(std::is_trivially_copyable_v<order_monitors> && sizeof(order_monitors) == 64);

}  // namespace patron::v1
