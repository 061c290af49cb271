/// What rebate agreements accrued, paid and lost month by month (POW-13).
#pragma once
#include <patron/engine/engine.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// What became of one customer's account in a month: its balance at the month's end less that at its beginning.
struct rebate_period {
    std::string customer{};
    std::string agreement{};
    period month{};
    currency in{};
    /// Minor units of `in`; a part may be below zero, where what it had was paid, lost or mended since. In each month,
    /// accrued = paid + open + reversed + forfeited + clawed_back.
    rebate_balance moved{};
    std::int64_t open = 0;  ///< at the month's end; minor units of `in`, never negative
    /// The account passes 64 bits at an end of the month, so that nothing is told: `moved` and `open` are zero.
    bool is_out_of_range = false;

    friend bool operator==(rebate_period const&, rebate_period const&) = default;
};

/// Which months are told.
struct rebate_span {
    day until{};                   ///< the last day that counts: of its month, what had happened by its end
    std::optional<period> from{};  ///< the first month that is told; nothing: from the customer's first fact on
};

/// The months of one customer's agreements, by month and, of one month, in the order in which a row has them. Months in
/// which nothing moved are left out.
///
/// From the first fact on, the months of an agreement add up to its account at the end of `until`, and it does not matter
/// in which order facts were told where it doesn't matter to the account.
/// Errors:     errc::unknown_customer.
/// Complexity: that of engine::rebates_by_month.
[[nodiscard]] PATRON_API result<std::vector<rebate_period>> rebate_periods_of(engine const& book, std::string_view code,
                                                                              rebate_span span);

/// Of all customers, by code. Errors: as of each customer.
[[nodiscard]] PATRON_API result<std::vector<rebate_period>> all_rebate_periods(engine const& book, rebate_span span);

/// Appends a month as one JSON object, without a line's end; amounts of an account that is out of range are null.
PATRON_API void append_json(std::string& out, rebate_period const& one);
/// One line of CSV for each, with a header line; amounts of an account that is out of range are empty.
[[nodiscard]] PATRON_API std::string to_csv(std::span<rebate_period const> periods);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/rebate_periods.ipp>
#endif
