/// The risk that rows show: the chance that a customer places no order in the quarter to come (RET-4, FOR-1).
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/insight/bg_nbd.hpp>

#include <cstdint>
#include <optional>

namespace patron::inline v1 {

/// BG/NBD, fitted to the days with an order of every customer of a book; the flat states are all that it takes.
///
/// It ranks about as well as a score may that has learnt from nothing (docs/foresight.md); insight::early_warning learns
/// from what became of customers in the past, and needs their facts for that. Orders count from the day on which they were
/// placed, also when they are cancelled later; two of one day that are told late count as two days.
class order_risk {
public:
    static constexpr int horizon_days = 91;

    /// Of the book as it is, seen on that day: of no use before its latest order. Complexity: customers log customers.
    PATRON_API order_risk(engine const& book, day on);

    /// The chance of no order within the horizon, in millionths. Nothing for a customer without an order, and in a book in
    /// which nobody has come back yet. Complexity: constant. Thread safety: yes.
    [[nodiscard]] PATRON_API std::optional<std::int32_t> millionths(customer_state const& of) const noexcept;

private:
    day_number on_;
    std::optional<insight::bg_nbd> model_{};
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/order_risk.ipp>
#endif
