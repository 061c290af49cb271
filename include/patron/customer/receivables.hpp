/// What is owed on invoices: due, overdue, disputed, how old, and how late it is paid (CRE-8).
#pragma once
#include <patron/customer/records.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// An open invoice as rules of credit see it.
struct open_item {
    std::string_view invoice{};  ///< lives as long as the ledger that it comes from
    std::int64_t open = 0;       ///< minor units
    day_number due = no_day;
    bool disputed = false;

    friend bool operator==(open_item const&, open_item const&) = default;
};

/// Appends the open items of a ledger in the order in which a receipt without an invoice settles them.
/// Complexity: linear in invoices from the first open one on.
PATRON_API void append_open_items(std::vector<open_item>& to, ledger const& of);

/// What counts as late, and the edges of the ageing buckets.
struct receivables_rules {
    std::int64_t residue = 1'00;  ///< minor units: an item of at most this is too small to count as overdue
    std::vector<int> ageing_edges{30, 60, 90};  ///< days past due, ascending; a bucket ends with its edge
};

/// Open items summed, in minor units. An item is overdue on a day after its due date.
struct receivables {
    std::int64_t not_due = 0;
    std::int64_t overdue = 0;
    std::int64_t disputed = 0;     ///< neither due nor overdue, and blocks nothing
    std::int64_t unallocated = 0;  ///< received without an open item to settle
    /// Of the overdue, what counts: items above the residue.
    std::int64_t overdue_counted = 0;
    std::string_view oldest{};     ///< the invoice that has been overdue longest, above the residue; empty: none
    int oldest_days_past_due = 0;  ///< zero: none
    /// What counts as overdue in all that is open and not disputed: millionths, rounded down; zero where nothing is open.
    std::int32_t overdue_share = 0;

    friend bool operator==(receivables const&, receivables const&) = default;
};

/// The receivables on a day. Of two items equally late the one issued first is the oldest.
/// Errors: errc::amount_overflow. Complexity: linear in invoices from the first open one on; no allocation.
[[nodiscard]] PATRON_API result<receivables> receivables_of(ledger const& of, day_number on,
                                                            receivables_rules const& rules = {});

/// One ageing bucket: items from `from` to `to` days past due, both included.
struct ageing_bucket {
    int from = 0;             ///< zero or below: not due; INT32_MIN in the first
    int to = 0;               ///< INT32_MAX in the last
    std::int64_t amount = 0;  ///< minor units; residues count here

    friend bool operator==(ageing_bucket const&, ageing_bucket const&) = default;
};

/// Open items by age: not due, then from 1 day past due to each edge, then beyond the last. Disputed items are left out.
/// Errors: errc::out_of_range for edges that do not ascend from 1 on, errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::vector<ageing_bucket>> ageing(ledger const& of, day_number on,
                                                                   receivables_rules const& rules = {});

/// Days sales outstanding in hundredths of a day: receivables / credit sales x days in the period, rounded half to even.
/// Nothing where nothing was sold: it is unknown then, not zero.
///
/// Source:  the count-back's plain form, as the glossary has it: the receivables at the period's end, the sales on credit
///          within it.
/// Errors:  errc::out_of_range for a negative amount or fewer than one day, errc::amount_overflow.
/// Example: 450.00 owed, 900.00 sold in 90 days: 45.00 days.
[[nodiscard]] PATRON_API result<std::optional<std::int64_t>> days_sales_outstanding(std::int64_t receivables,
                                                                                    std::int64_t credit_sales,
                                                                                    int days);

/// A payment, or the part of it that settled one invoice.
struct settled_part {
    std::int64_t amount = 0;     ///< minor units; not negative
    day_number issued = no_day;  ///< of the invoice
    day_number paid = no_day;
};

/// Average days to pay, weighted by amount, in hundredths of a day, rounded half to even: sum of amount x days from issue
/// to payment / sum of amount. Nothing where nothing was paid.
/// Errors: errc::out_of_range for a negative amount or a payment before the invoice, errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::optional<std::int64_t>> average_days_to_pay(std::span<settled_part const> parts);

/// One level of dunning: reached from `enter` days past due on, left again at `leave` days or fewer.
struct dunning_step {
    int enter = 1;
    int leave = 0;

    friend bool operator==(dunning_step const&, dunning_step const&) = default;
};

/// Levels from 1 on, in order. Each is left below where it is entered, so that nobody stands between two letters.
struct dunning_rules {
    std::vector<dunning_step> steps{{7, 0}, {21, 7}, {45, 21}, {75, 45}};
};

/// Errors: errc::out_of_range where a level is not left below its entry, or does not lie above the one before it.
[[nodiscard]] PATRON_API result<void> check(dunning_rules const& rules);

/// The level after a look at the oldest item; 0 is none. Asking again with the same days changes nothing.
/// Preconditions: `check(rules)` holds. Complexity: linear in levels.
[[nodiscard]] PATRON_API int dunning_level(int now, int oldest_days_past_due, dunning_rules const& rules) noexcept;

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/receivables.ipp>
#endif
