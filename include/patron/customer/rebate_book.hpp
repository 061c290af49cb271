/// The rebate agreements of one customer, and what its trade has added to each (POW-13).
#pragma once
#include <patron/customer/rebate.hpp>
#include <patron/customer/state.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// How much of an order has come to something, in minor units: before a fact and after it.
struct order_progress {
    std::string_view order;
    std::int64_t ordered = 0;  ///< all of the order
    std::int64_t before = 0;
    std::int64_t after = 0;  ///< not less than `before`
};

/// The accounts of a customer's agreements, fed by the facts of its trade.
///
/// What counts, by basis:
/// - ordered: orders placed, less cancellations; what is reopened counts again;
/// - delivered: deliveries;
/// - invoiced: invoices issued;
/// - paid: payments received, less credit notes on what was paid already.
/// Off each but `paid` come returns or credit notes, whichever are more: a return and its credit note are one loss.
///
/// A fact counts by its own day. What is taken back takes off where the order or the invoice that it names had counted,
/// however late it comes; where it names none, by its own day. An agreement on one product, or by quantity, takes of an
/// order what its lines say, and of a part of it the like part; without lines, or with lines in another currency or of
/// more than six digits after the point, it has nothing of that order. Payments have
/// no lines, so that `paid` is by the value of all products only.
///
/// Nothing is counted to an account after its final settlement; what is taken back still takes off.
/// Thread safety: as a plain value.
class rebate_book {
public:
    /// An agreement and its account.
    struct entry {
        rebate_account account;
        rebate_agreed agreed;      ///< as it was told
        rebate_volume returned{};  ///< came back
        rebate_volume credited{};  ///< was credited
        bool is_in_effect = true;  ///< false: its volumes are gathered, and it is agreed on later

        friend bool operator==(entry const&, entry const&) = default;
    };
    /// A line of an order, in millionths of a unit and minor units.
    struct line {
        std::string product{};
        std::int64_t quantity = 0;
        std::int64_t value = 0;

        friend bool operator==(line const&, line const&) = default;
    };
    struct traded_order {
        day_number placed = no_day;
        day_number delivered = no_day;  ///< the latest day; no_day: nothing was
        day_number invoiced = no_day;
        std::vector<line> lines{};

        /// When it came to count for that basis; no_day: it has not.
        [[nodiscard]] day_number counted(rebate_basis basis) const noexcept {
            return basis == rebate_basis::delivered ? delivered : basis == rebate_basis::invoiced ? invoiced : placed;
        }

        friend bool operator==(traded_order const&, traded_order const&) = default;
    };
    struct traded_invoice {
        day_number issued = no_day;
        std::string order{};  ///< empty: it names none

        friend bool operator==(traded_invoice const&, traded_invoice const&) = default;
    };

    /// What a fact adds to one account.
    struct move {
        std::size_t entry = 0;
        rebate_volume counts{};
        rebate_volume taken_off{};  ///< at once
        rebate_volume returned{};   ///< with `credited`, the larger is off
        rebate_volume credited{};
    };
    using moves = std::vector<move>;

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// In the order in which they were opened.
    [[nodiscard]] std::vector<entry> const& entries() const noexcept { return entries_; }
    /// Null when there is none of that name.
    [[nodiscard]] PATRON_API entry const* find(std::string_view agreement) const noexcept;
    [[nodiscard]] entry* find(std::string_view agreement) noexcept {
        return const_cast<entry*>(std::as_const(*this).find(agreement));
    }

    /// Checks an agreement before it is opened. Errors: those of rebate_terms::of; errc::not_supported where payments are
    /// asked for products or quantities; errc::impossible_now where one of that name has other terms.
    [[nodiscard]] PATRON_API result<void> can_open(rebate_agreed const& agreed, currency in) const;
    /// Opens its account, or takes into effect the one that waits for it. Precondition: `can_open`.
    PATRON_API void open(rebate_agreed const& agreed, currency in, bool in_effect);
    /// Closes accounts that wait and were not agreed on.
    void forget_waiting() {
        std::erase_if(entries_, [](entry const& e) { return !e.is_in_effect; });
    }

    // What a fact adds. Errors: errc::amount_overflow, and those of amounts in lines; nothing has changed then.

    [[nodiscard]] PATRON_API result<moves> placed(order_placed const& f, std::int64_t amount, currency in) const;
    [[nodiscard]] PATRON_API result<moves> cancelled(order_progress const& part, day_number on) const;
    [[nodiscard]] PATRON_API result<moves> reopened(order_progress const& part, day_number on) const;
    [[nodiscard]] PATRON_API result<moves> delivered(order_progress const& part, day_number on) const;
    /// `part.order` may be empty: of an invoice that names no order.
    [[nodiscard]] PATRON_API result<moves> invoiced(order_progress const& part, day_number on) const;
    [[nodiscard]] PATRON_API result<moves> paid(std::int64_t amount, day_number on) const;
    [[nodiscard]] PATRON_API result<moves> returned(goods_returned const& f, std::int64_t amount, std::int64_t ordered,
                                                    currency in) const;
    /// `open`: of the invoice before the note; `ordered`: of the invoice's order, 0 where it names none.
    [[nodiscard]] PATRON_API result<moves> credited(std::string_view invoice, std::int64_t amount, std::int64_t open,
                                                    std::function<std::int64_t(std::string_view)> const& ordered,
                                                    day_number on) const;

    /// Carries out what was worked out on this book as it is.
    PATRON_API void take(moves const& all);
    /// Keeps what later facts may ask of an order. Precondition: `placed` had no error.
    PATRON_API void remember(order_placed const& f, currency in);
    PATRON_API void remember(goods_delivered const& f);
    PATRON_API void remember(invoice_issued const& f);

    [[nodiscard]] std::map<std::string, traded_order, std::less<>> const& orders() const noexcept { return orders_; }
    [[nodiscard]] std::map<std::string, traded_invoice, std::less<>> const& invoices() const noexcept {
        return invoices_;
    }
    /// Goes on with a book that was written down.
    void resume(std::vector<entry> entries, std::map<std::string, traded_order, std::less<>> orders,
                std::map<std::string, traded_invoice, std::less<>> invoices) {
        entries_ = std::move(entries);
        orders_ = std::move(orders);
        invoices_ = std::move(invoices);
    }

    friend bool operator==(rebate_book const&, rebate_book const&) = default;

private:
    struct worker;

    std::vector<entry> entries_;
    std::map<std::string, traded_order, std::less<>> orders_;
    std::map<std::string, traded_invoice, std::less<>> invoices_;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/rebate_book.ipp>
#endif
