/// What each customer owes, how old it is, and how late it pays (CRE-8).
#pragma once
#include <patron/customer/receivables.hpp>
#include <patron/engine/engine.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// One customer's receivables at the end of a day. Amounts are minor units of `in`.
struct receivables_report {
    std::string customer{};
    currency in{};
    std::int64_t not_due = 0;
    std::int64_t overdue = 0;
    std::int64_t disputed = 0;
    std::int64_t unallocated = 0;  ///< received without an open item to settle
    std::vector<ageing_bucket> ageing{};
    std::string oldest{};                                  ///< the invoice that is overdue longest; empty: none
    int oldest_days_past_due = 0;                          ///< zero: none
    std::int32_t overdue_share = 0;                        ///< millionths of what is open and not disputed
    std::optional<std::int64_t> days_sales_outstanding{};  ///< hundredths of a day; nothing: nothing was sold
    std::optional<std::int64_t> average_days_to_pay{};     ///< hundredths of a day; nothing: nothing was paid
    int dunning_level = 0;                                 ///< 0: none

    friend bool operator==(receivables_report const&, receivables_report const&) = default;
};

/// Over which days sales and payments count.
struct receivables_span {
    day on{};       ///< the last of them
    int days = 90;  ///< how many, from 1 on
};

/// Of one customer. Residues and dunning levels go by the book's credit rules of the day; the level is the one that letters
/// on each day would have come to. Payments that came before the invoice count as paid on its day.
/// Errors:     errc::unknown_customer; errc::out_of_range for fewer than one day; errc::amount_overflow.
/// Complexity: its facts are folded again; each payment looks at the items open then.
[[nodiscard]] PATRON_API result<receivables_report> receivables_report_of(engine const& book, std::string_view code,
                                                                          receivables_span span);

/// Of all customers that owe something, have paid ahead or paid within the span, by code. Errors: as of each customer.
[[nodiscard]] PATRON_API result<std::vector<receivables_report>> receivables_reports_of(engine const& book,
                                                                                        receivables_span span);

/// One line of CSV for each, with a header line: amounts with their currency, days and per cent with up to two
/// decimals, a column for each bucket. Precondition: all have the same buckets, as those of one book and day have.
[[nodiscard]] PATRON_API std::string to_csv(std::span<receivables_report const> reports);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/receivables_report.ipp>
#endif
