/// The level of something that is seen again and again, and where it is of late (FOR-2).
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace patron::inline v1 {

namespace detail {

/// Natural logarithms in integers, so that every machine keeps the same sums: to 4096ths, and to 1 in 256 of a number
/// beyond 512.
struct log_table {
    static constexpr int unit = 4096;

    std::array<std::uint16_t, 512> of{};
    std::int32_t of_two = 0;

    static consteval double ln(double x) {
        // by ln x = 2 artanh((x - 1) / (x + 1)), after halving x to 1 … 2
        double out = 0;
        constexpr double ln_2 = 0.69314718055994530942;
        for (; x >= 2; x /= 2) out += ln_2;
        auto const z = (x - 1) / (x + 1);
        double power = z;
        for (int n = 1; n < 60; n += 2, power *= z * z) out += 2 * power / n;
        return out;
    }
    static consteval std::int32_t nearest(double value) { return (static_cast<std::int32_t>(2 * value) + 1) / 2; }
    consteval log_table() {
        for (std::size_t i = 1; i < of.size(); ++i) {
            of[i] = static_cast<std::uint16_t>(nearest(ln(static_cast<double>(i)) * unit));
        }
        of_two = nearest(ln(2) * unit);
    }
};
inline constexpr log_table logs;

/// ln(value) in 4096ths; 0 for 0. Constant time.
[[nodiscard]] constexpr std::int32_t log_4096(std::uint64_t value) noexcept {
    if (value < logs.of.size()) return logs.of[value];
    auto const shift = static_cast<int>(std::bit_width(value)) - 9;
    return logs.of[value >> shift] + shift * logs.of_two;
}

}  // namespace detail

/// The level of something seen again and again, with each order or payment, in logarithms: its mean and spread over all,
/// and where it is of late.
class running_level {
public:
    /// The latest weighs an eighth of the recent level, the one before it an eighth of the rest.
    static constexpr int recency = 8;

    /// Where a single value stands, a logarithm. Precondition: it is positive.
    [[nodiscard]] static constexpr double of(std::uint64_t value) noexcept {
        return static_cast<double>(detail::log_4096(value)) / unit;
    }
    /// Precondition: `value` is positive. Constant time.
    constexpr void add(std::uint64_t value) noexcept {
        auto const log = detail::log_4096(value);
        sum_ += log;
        squares_ += std::int64_t{log} * log;
        // sixteen times finer than the logarithms, that a small step is not rounded to none
        recent_ = count_ == 0 ? log * finer : recent_ + (log * finer - recent_) / recency;
        if (count_ < UINT32_MAX) ++count_;
    }

    [[nodiscard]] constexpr std::uint32_t count() const noexcept { return count_; }
    /// The mean logarithm. Precondition: count() is positive, here and below.
    [[nodiscard]] constexpr double mean() const noexcept { return static_cast<double>(sum_) / count_ / unit; }
    /// The sum of squared differences of logarithms from their mean.
    [[nodiscard]] constexpr double squared_differences() const noexcept {
        // exact until here: sums of integers
        __extension__ using wide = __int128;
        auto const times_count = wide{squares_} * count_ - wide{sum_} * sum_;
        return static_cast<double>(times_count) / count_ / (double{unit} * unit);
    }
    /// The recent level, a logarithm.
    [[nodiscard]] constexpr double recent() const noexcept { return static_cast<double>(recent_) / (finer * unit); }

    /// Whether it can have come about by `add`: asked of bytes from outside.
    [[nodiscard]] constexpr bool is_sound() const noexcept {
        if (count_ == 0) return sum_ == 0 && squares_ == 0 && recent_ == 0;
        auto const most = std::int64_t{most_log} * count_;
        return sum_ >= 0 && sum_ <= most && squares_ >= 0 && recent_ >= 0 && recent_ <= most_log * finer &&
               squared_differences() >= 0;
    }

    friend constexpr bool operator==(running_level const&, running_level const&) = default;

private:
    static constexpr int unit = detail::log_table::unit;
    static constexpr int finer = 16;
    static constexpr std::int32_t most_log = detail::log_4096(UINT64_MAX);
    std::int64_t sum_ = 0;
    std::int64_t squares_ = 0;
    std::int32_t recent_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace patron::v1
