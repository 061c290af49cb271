/// What a customer owes or may come to owe, by category (CRE-2).
#pragma once
#include <patron/customer/records.hpp>

#include <array>
#include <cstdint>
#include <iosfwd>
#include <iterator>
#include <string_view>

namespace patron::inline v1 {

/// Exposure by category, in minor units of the customer's credit currency. None is negative: `unallocated`,
/// `credit_notes` and `security` are what is taken off.
struct credit_exposure {
    std::int64_t quotations = 0;    ///< offered and still open
    std::int64_t open_orders = 0;   ///< ordered, neither delivered nor invoiced
    std::int64_t later_orders = 0;  ///< of what would be open orders, what is to be delivered beyond the horizon
    std::int64_t delivered = 0;     ///< delivered, not invoiced
    std::int64_t not_due = 0;       ///< invoiced, open, due on the day or later
    std::int64_t overdue = 0;       ///< invoiced, open, due before the day
    std::int64_t disputed = 0;      ///< invoiced, open, disputed: neither due nor overdue
    std::int64_t unallocated = 0;   ///< received without an open item to settle
    std::int64_t credit_notes = 0;  ///< credited without an open item to settle
    std::int64_t reservations = 0;  ///< promised to requests that are on their way to become orders
    std::int64_t security = 0;      ///< deposits and guarantees that may be drawn upon

    friend bool operator==(credit_exposure const&, credit_exposure const&) = default;
};

/// Which categories count. By default all but quotations and later orders.
struct exposure_switches {
    bool quotations = false;
    bool open_orders = true;
    bool later_orders = false;
    bool delivered = true;
    bool not_due = true;
    bool overdue = true;
    bool disputed = true;
    bool unallocated = true;
    bool credit_notes = true;
    bool reservations = true;
    bool security = true;

    friend bool operator==(exposure_switches const&, exposure_switches const&) = default;
};

/// A category as a column: its name, where it stands, its switch and whether it is taken off.
struct exposure_category {
    std::string_view name;
    std::int64_t credit_exposure::* amount;
    bool exposure_switches::* is_on;
    bool taken_off;
};

/// All categories, in the order in which they are shown.
inline constexpr exposure_category exposure_categories[] = {
    {"quotations", &credit_exposure::quotations, &exposure_switches::quotations, false},
    {"open_orders", &credit_exposure::open_orders, &exposure_switches::open_orders, false},
    {"later_orders", &credit_exposure::later_orders, &exposure_switches::later_orders, false},
    {"delivered", &credit_exposure::delivered, &exposure_switches::delivered, false},
    {"not_due", &credit_exposure::not_due, &exposure_switches::not_due, false},
    {"overdue", &credit_exposure::overdue, &exposure_switches::overdue, false},
    {"disputed", &credit_exposure::disputed, &exposure_switches::disputed, false},
    {"unallocated", &credit_exposure::unallocated, &exposure_switches::unallocated, true},
    {"credit_notes", &credit_exposure::credit_notes, &exposure_switches::credit_notes, true},
    {"reservations", &credit_exposure::reservations, &exposure_switches::reservations, false},
    {"security", &credit_exposure::security, &exposure_switches::security, true},
};

/// The exposure that counts against a limit: what is on, less what is on and taken off. Negative where receipts and
/// security exceed what is owed.
/// Errors: errc::out_of_range for a category below zero, its name as the field; errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::int64_t> total(credit_exposure const& exposure,
                                                    exposure_switches const& switches = {});

/// The part of an order that is not invoiced, divided. The two add up to `ledger_order::uninvoiced()`.
struct order_exposure {
    std::int64_t open = 0;       ///< not delivered
    std::int64_t delivered = 0;  ///< delivered

    friend bool operator==(order_exposure const&, order_exposure const&) = default;
};

/// Invoices are taken to be of what was delivered first; what is invoiced ahead of its delivery leaves the open part.
[[nodiscard]] PATRON_API order_exposure exposure_of(ledger_order const& order) noexcept;

/// What a ledger does not know; in minor units, none negative.
struct exposure_beside_ledger {
    std::int64_t quotations = 0;
    std::int64_t credit_notes = 0;
    std::int64_t reservations = 0;
    std::int64_t security = 0;
};

/// Categories while they are summed, which may pass 64 bits on the way.
class exposure_sums {
public:
    PATRON_API void add(std::int64_t credit_exposure::* category, detail::wide_amount amount) noexcept;
    /// What the ledger knows: orders and open items as they stand on a day, and receipts not allocated. `horizon`: as of
    /// `recount`.
    /// Complexity: linear in orders, and in invoices from the first open one on; no allocation.
    PATRON_API void add(ledger const& of, day_number on, day_number horizon = no_day) noexcept;
    /// Where a category that counts passes 2^63 - 1, what is taken off and counts is set against it: the total stays what
    /// it is.
    /// Errors: errc::out_of_range for one below zero; errc::amount_overflow for one that passes it even so. The field names
    ///         the category.
    [[nodiscard]] PATRON_API result<credit_exposure> exposure(exposure_switches const& switches = {}) const;

private:
    std::array<detail::wide_amount, std::size(exposure_categories)> sums_{};
};

/// Exposure by a full recount on a day. An item is overdue on a day after its due date. `horizon` is the last day on which an
/// order's delivery may be requested for its open part to be no later order; no_day: any. Without one, and without what is
/// beside the ledger, the total with the default switches equals `ledger::recount()`. Sums are exact on the way; `switches`
/// matter only to a category that passes 64 bits, see `exposure_sums`.
/// Errors:     errc::out_of_range for an amount below zero, errc::amount_overflow; the field names the category.
/// Complexity: linear in orders, and in invoices from the first open one on; no allocation.
[[nodiscard]] PATRON_API result<credit_exposure> recount(ledger const& of, day_number on,
                                                         exposure_beside_ledger const& beside = {},
                                                         exposure_switches const& switches = {},
                                                         day_number horizon = no_day);

PATRON_API std::ostream& operator<<(std::ostream&, credit_exposure const&);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/exposure.ipp>
#endif
