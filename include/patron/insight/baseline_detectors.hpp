/// Simple detectors: what any better one has to beat (FOR-4).
#pragma once
#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/purchase_summary.hpp>
#include <patron/insight/risk_detector.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::insight {

namespace detail {

/// What simple detectors keep of a customer.
struct purchase_count {
    day first{};
    day last{};
    std::uint32_t days = 0;
};

}  // namespace detail

/// Days since the last purchase: what a salesperson with a spreadsheet has.
class recency_detector {
public:
    static constexpr std::string_view name = "recency";

    PATRON_API void bought(std::uint32_t customer, purchase_day const& purchase);
    void month_ended(day) {}
    PATRON_API void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const;

private:
    std::vector<day> last_{};
};

/// Days since the last purchase over the customer's own mean gap; over a year where it has none.
class gap_ratio_detector {
public:
    static constexpr std::string_view name = "gap_ratio";

    PATRON_API void bought(std::uint32_t customer, purchase_day const& purchase);
    void month_ended(day) {}
    PATRON_API void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const;

private:
    std::vector<detail::purchase_count> customers_{};
};

/// Purchases that fade with a half-life of 120 days, the fewest first.
class decayed_count_detector {
public:
    static constexpr std::string_view name = "decayed_count";
    static constexpr double half_life_days = 120;

    PATRON_API void bought(std::uint32_t customer, purchase_day const& purchase);
    void month_ended(day) {}
    PATRON_API void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const;

private:
    struct faded_count {
        day last{};
        double count = 0;
    };
    std::vector<faded_count> customers_{};
};

/// BG/NBD's chance of no purchase within the horizon, fitted at each month end to all customers known by then.
/// While no fit is possible (nobody came back yet) the risk is the share that the silence has of silence and horizon.
class bg_nbd_detector {
public:
    static constexpr std::string_view name = "bgnbd";

    /// Precondition: `horizon_days` is positive.
    explicit bg_nbd_detector(int horizon_days) noexcept : horizon_days_{horizon_days} {}
    PATRON_API void bought(std::uint32_t customer, purchase_day const& purchase);
    PATRON_API void month_ended(day at);
    PATRON_API void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const;
    /// The latest fit; nothing while none is possible.
    [[nodiscard]] std::optional<bg_nbd> const& model() const noexcept { return model_; }

private:
    int horizon_days_;
    std::vector<detail::purchase_count> customers_{};
    std::optional<bg_nbd> model_{};
};

static_assert(risk_detector<recency_detector> && risk_detector<gap_ratio_detector> &&
              risk_detector<decayed_count_detector> && risk_detector<bg_nbd_detector>);

}  // namespace patron::v1::insight

#if defined(PATRON_HEADER_ONLY)
#    include <patron/insight/impl/baseline_detectors.ipp>
#endif
