/// Order-rhythm monitors: how rare what a customer does now is for what it used to do (FOR-2, RET-4).
#pragma once
#include <patron/config.hpp>
#include <patron/customer/order_monitors.hpp>

#include <cstdint>

namespace patron::inline v1::insight {

/// The clock of a customer's next order: its gaps between purchase days follow a gamma law of its own.
///
/// The rate is not estimated but integrated out, so that the chance of a silence is that of a ratio of gamma variables, which is
/// exact where the shape is right (Aitchison and Dunsmore, Statistical Prediction Analysis, 1975, on the inverse-beta law).
/// The shape comes from the means of the gaps and of their logarithms, drawn towards that of a customer who buys at
/// random as far as one and a half gaps would. With purchases at random and without that, the chance is Lomax's.
class order_clock {
public:
    /// Precondition: there is a gap.
    PATRON_API explicit order_clock(order_monitors const& of) noexcept;

    /// The chance that a customer who keeps its rhythm is silent for longer than `days` after a purchase day: falls
    /// from 1 at 0; rounded to 6 decimals. Complexity: some hundred nanoseconds.
    [[nodiscard]] PATRON_API double silence_chance(double days) const noexcept;
    /// After how many days of silence that chance is `chance`. Precondition: 0 < chance <= 1.
    [[nodiscard]] PATRON_API double silence_of(double chance) const noexcept;
    /// How regular the gaps are: 1 at random, more the more even they are, 4 when they vary by half their mean.
    [[nodiscard]] double shape() const noexcept { return shape_; }

private:
    double gaps_;
    double days_;
    double shape_;
};

/// The least number of orders that a level is judged by.
inline constexpr std::uint32_t least_for_level = 8;

/// The chance that a level which stays what it is looks as low of late as this one does, or lower: 0 … 1, rounded to 6 decimals; 1
/// with fewer than `least_for_level` orders.
///
/// The recent level less the mean of all is, for steady customers, as far from zero as their spread and count let expect: a
/// ratio that follows Student's law closely (exactly, would the spread not come from the same orders). Amounts that hardly vary
/// are taken to vary by a tenth. Complexity: some hundred nanoseconds.
[[nodiscard]] PATRON_API double fall_chance(running_level const& of) noexcept;

/// The same of one that looks as high, or higher: what fall_chance leaves, but 1 with fewer than `least_for_level`.
[[nodiscard]] PATRON_API double rise_chance(running_level const& of) noexcept;

/// The recent level in per cent of the mean of all, at most 100 000; 100 without an order.
[[nodiscard]] PATRON_API std::int64_t recent_percent(running_level const& of) noexcept;

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/order_rhythm.ipp>
#endif
