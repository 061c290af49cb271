/// What a rulebook would have said to each order of a history, and what became of what was lent (ENG-3, CRE-3).
#pragma once
#include <patron/engine/engine.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// Lending in one currency under one rulebook; amounts are minor units of it.
///
/// A history has the orders that were taken, whatever a check would have said. So `refused` is what would not have passed
/// when it was placed, and `spared` what of the loss stems from those orders.
struct credit_course {
    currency in{};
    std::uint64_t orders = 0;          ///< placed
    std::uint64_t orders_refused = 0;  ///< of them, those that a check would have held or refused
    std::int64_t ordered = 0;
    std::int64_t refused = 0;
    std::int64_t lost = 0;    ///< invoiced, undisputed, and unpaid for longer than was asked about
    std::int64_t spared = 0;  ///< of `lost`, what invoices of refused orders come to

    friend bool operator==(credit_course const&, credit_course const&) = default;
};

/// One customer's lending, as it stands at the end of a day. Each order is checked as it was placed, as `engine::check` does
/// it under the book's own rules: against the customer's own limits and standing, and against those of its groups with what
/// all members owed then. Reviews are held as the book holds them, at each month's end or by fact.
///
/// The facts of a group's members are taken by their moments, at one moment by the customers' codes, and each customer's
/// own in the order in which they were told, corrections carried out. Rates count from their own day on. An order that a
/// check could not have answered, as in groups that lead back to the customer, is refused. An item is lost when it is more
/// than `lost_after_days` past due.
/// Errors:     errc::unknown_customer; errc::amount_overflow where orders or exposures do not add up; those of the store.
/// Complexity: its facts are folded again, with those of all who may ever have shared a limit with it; each order of theirs
///             is checked, which is linear in the members of its groups. For a member of a group the enrolments of the whole
///             book are read besides.
[[nodiscard]] PATRON_API result<credit_course> credit_course_of(engine const& book, std::string_view code, day on,
                                                                int lost_after_days = 90);

/// A customer's code with its lending.
struct customer_credit_course {
    std::string customer{};
    credit_course course{};
};

/// Each customer of a book as `credit_course_of`, by code.
/// Errors:     as of each customer.
/// Complexity: all facts are folded once, those of customers who may share limits together; each order is checked.
[[nodiscard]] PATRON_API result<std::vector<customer_credit_course>> credit_courses_by_customer(
    engine const& book, day on, int lost_after_days = 90);

/// Of several customers in sum, by the currencies' codes; those without orders and losses are left out.
/// Errors: errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::vector<credit_course>> sums_of(std::span<credit_course const> courses);

/// All customers of a book in sum, by the currencies' codes.
/// Errors: as of each customer, and errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::vector<credit_course>> credit_courses_of(engine const& book, day on,
                                                                              int lost_after_days = 90);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/credit_course.ipp>
#endif
