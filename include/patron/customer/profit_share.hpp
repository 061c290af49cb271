/// The year-end profit share (POW-7): it accrues silently, is capped, hidden until disclosed, and lost by dumping.
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/rate.hpp>
#include <patron/base/result.hpp>
#include <patron/customer/state.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace patron::inline v1 {

/// What a year's share is, and when its purchases look like dumping stock against it.
struct profit_share_terms {
    basis_points rate{0};               ///< of the year's purchases; 0 to 10 000
    std::optional<std::int64_t> cap{};  ///< minor units; nothing: none, zero: no share
    period first_month{};               ///< of the fiscal year that it is for
    day_number disclosed_on = no_day;   ///< from this day on the customer may know of it; no_day: not decided yet
    int last_months = 2;                ///< the purchases of the last so many months of the year, 1 … 11 …
    basis_points dumping_from{20'000};  ///< … from so much of their usual amount on are dumping; above 100 %
    std::int64_t dumping_least = 0;     ///< and at least so much, in minor units: small customers buy in lumps

    friend bool operator==(profit_share_terms const&, profit_share_terms const&) = default;
};

/// Errors: errc::out_of_range, with the field.
[[nodiscard]] PATRON_API result<void> check(profit_share_terms const& terms);

/// The share of one customer for one year. This is our own view: what a customer may see of it is made by
/// policy::customer_facing. Thread safety: as a plain value.
class profit_share_account {
public:
    static constexpr int months = 12;

    /// Precondition: check(terms) has passed.
    explicit profit_share_account(profit_share_terms const& terms) : terms_{terms} {}

    /// One that was kept, as it was.
    profit_share_account(profit_share_terms const& terms, std::array<std::int64_t, months> const& purchases,
                         bool is_cancelled)
        : terms_{terms}, purchases_{purchases}, is_cancelled_{is_cancelled} {}

    [[nodiscard]] profit_share_terms const& terms() const noexcept { return terms_; }
    /// By month of the year, in minor units.
    [[nodiscard]] std::array<std::int64_t, months> const& purchases() const noexcept { return purchases_; }

    /// Other terms for the same year. Precondition: check(terms) has passed, and the first month is the same.
    void revise(profit_share_terms const& terms) noexcept { terms_ = terms; }

    /// Counts purchases of a month, negative for returns. In any order.
    /// Errors: errc::out_of_range for a month of another year, errc::amount_overflow; nothing changes then.
    [[nodiscard]] PATRON_API result<void> count(period month, std::int64_t purchases);
    /// Cancels it, for a cause of our own (the penalty year_end_award_cancelled).
    void cancel() noexcept { is_cancelled_ = true; }

    /// The rate on the year's purchases, rounded down, at most the cap; zero where the year's purchases are not above zero.
    /// Before what cancels it.
    [[nodiscard]] PATRON_API std::int64_t accrued() const noexcept;
    /// The last months exceed their usual amount, the average of the year's months before from its first purchase on.
    /// While those are not above zero there is nothing usual, and nothing is dumping.
    [[nodiscard]] PATRON_API bool is_dumped() const noexcept;
    [[nodiscard]] bool is_cancelled() const noexcept { return is_cancelled_; }
    /// What is to be paid: accrued, or nothing when it was dumped or cancelled.
    [[nodiscard]] std::int64_t payable() const noexcept { return is_cancelled_ || is_dumped() ? 0 : accrued(); }
    [[nodiscard]] bool is_disclosed(day_number on) const noexcept {
        return terms_.disclosed_on != no_day && on >= terms_.disclosed_on;
    }

    friend bool operator==(profit_share_account const&, profit_share_account const&) = default;

private:
    profit_share_terms terms_;
    std::array<std::int64_t, months> purchases_{};
    bool is_cancelled_ = false;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/profit_share.ipp>
#endif
