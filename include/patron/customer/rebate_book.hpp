/// The rebate agreements of one customer, and what its trade has added to each (POW-13).
#pragma once
#include <patron/customer/rebate.hpp>
#include <patron/customer/state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// How much of an order has come to something, in minor units.
struct order_progress {
    std::string_view order;    ///< empty: of none
    std::int64_t ordered = 0;  ///< all of the order
    std::int64_t amount = 0;   ///< that came to it now; never negative
};

/// A part of a receipt that settles an invoice, in minor units.
struct invoice_payment {
    std::string_view invoice;
    std::int64_t amount = 0;  ///< more than zero
};

/// The accounts of a customer's agreements, fed by the facts of its trade.
///
/// What counts, by basis:
/// - ordered: orders placed; what is cancelled is taken off, what is reopened is given back;
/// - delivered: deliveries;
/// - invoiced: invoices issued;
/// - paid: payments received, and of credit notes on what was paid what later settles another invoice.
///
/// A fact counts by its own day. What comes back of an order takes off what that order has added to an account, never
/// more; of several deliveries or invoices the last by day goes first, but a credit note begins with its own invoice. So
/// what an order added after a final settlement, or outside an agreement's days, takes off nothing there. Returns and credit
/// notes of one order are one loss, the larger of the two; those of two orders are two. A return that names no order, and a
/// credit note on an invoice that names none, take off by their own day, and are taken to be one loss with a credit note or
/// return that has no counterpart.
///
/// Off `paid` comes what a credit note leaves beyond the open part of its invoice, from the invoice's latest payment on; a
/// note on what was not paid takes off nothing.
///
/// An agreement on one product, or by quantity, takes of an order what its lines say, and of a part of it the like part;
/// without lines, or with lines in several currencies, of more than six digits after the point or beyond 64 bits, it has
/// nothing of that order. Payments have no lines, so that `paid` is by the value of all products only.
///
/// An agreement of scope `members` has an account here that nothing is added to: see rebate_scope.
///
/// Nothing is counted to an account after its final settlement, and nothing given back that was off before it; what is
/// taken back still takes off. No fact is ever refused for a rebate: an account whose sums pass 64 bits is marked.
///
/// Complexity: a fact of an order is linear in the agreements, and where the order lost something, in what it came to.
/// Thread safety: as a plain value.
class rebate_book {
public:
    /// What is off an account, and why.
    struct losses {
        rebate_volume of_orders{};      ///< from what orders or invoices had added
        rebate_volume only_returned{};  ///< of that, by returns without a credit note
        rebate_volume only_credited{};  ///< of that, by credit notes without a return
        rebate_volume returned{};       ///< came back of no order that is named
        rebate_volume credited{};       ///< was credited to no order that is named

        friend bool operator==(losses const&, losses const&) = default;
    };
    /// Days of which both ends count.
    struct days {
        day from = first_day;
        day until = last_day;

        friend bool operator==(days const&, days const&) = default;
    };
    /// An agreement and its account.
    struct entry {
        rebate_account account;
        rebate_agreed agreed;  ///< as it was told
        losses off{};
        std::uint64_t opened_at = 0;       ///< what was told before it does not count
        std::uint64_t settled_at = never;  ///< what was told from then on does not count
        bool is_in_effect = true;          ///< false: its volumes are gathered, and it is agreed on later
        std::vector<days> only_on{};       ///< of the agreement's days those that count; none: all do

        /// Whether its account counts what the members of a group trade, and not what the customer does: whoever holds
        /// them all works it out.
        [[nodiscard]] bool is_of_members() const noexcept { return agreed.scope == rebate_scope::members; }
        [[nodiscard]] bool has(rebate_terms const& terms, std::optional<rebate_scope> scope) const {
            return account.terms() == terms && is_of_members() == (scope == rebate_scope::members);
        }
        /// Whether what happened on that day counts.
        [[nodiscard]] bool in_force(day on) const noexcept {
            auto const has = [on](days const& d) { return d.from <= on && on <= d.until; };
            return account.terms().in_force(on) &&
                   (only_on.empty() || std::any_of(only_on.begin(), only_on.end(), has));
        }

        friend bool operator==(entry const&, entry const&) = default;
    };
    static constexpr std::uint64_t never = UINT64_MAX;
    /// A line of an order, in millionths of a unit and minor units of the lines' one currency.
    struct line {
        std::string product{};
        std::int64_t quantity = 0;
        std::int64_t value = 0;

        friend bool operator==(line const&, line const&) = default;
    };
    /// What an order or an invoice comes to.
    enum class turn : std::uint8_t {
        placed,
        cancelled,
        reopened,
        delivered,
        invoiced,
        returned,
        credited,
        settled,   ///< a payment, or what another invoice's credit note left, settles the invoice
        refunded,  ///< a credit note on what was paid
    };
    struct happening {
        turn what{};
        day_number on = no_day;
        std::uint64_t told_at = 0;  ///< how many facts of its trade were told before
        std::int64_t amount = 0;    ///< minor units; never negative
        std::string invoice{};      ///< of an invoice, and of a credit note
        std::vector<line> lines{};  ///< of a return

        friend bool operator==(happening const&, happening const&) = default;
    };
    /// An order or an invoice and what it came to, in the order in which that was told.
    struct trade {
        std::int64_t whole = 0;     ///< minor units; never negative
        std::vector<line> lines{};  ///< of an order
        std::string order{};        ///< of an invoice; empty: it names none
        std::vector<happening> happened{};

        friend bool operator==(trade const&, trade const&) = default;
    };
    using trades = std::map<std::string, trade, std::less<>>;
    /// What was received and has settled no invoice yet.
    struct receipt {
        enum class source : std::uint8_t {
            payment,  ///< has counted when it came
            refund,   ///< a credit note on what was paid: counts when it settles another invoice
            credit,   ///< a credit note on what nobody paid: never counts
        };
        source from = source::payment;
        day_number on = no_day;
        std::uint64_t told_at = 0;
        std::int64_t amount = 0;  ///< minor units, more than zero

        friend bool operator==(receipt const&, receipt const&) = default;
    };

    /// What a fact changes.
    struct moves {
        struct move {
            std::size_t entry = 0;
            rebate_volume counts{};
            losses off{};               ///< as they stand after it
            bool out_of_range = false;  ///< the account cannot hold it
        };
        struct note {
            bool of_invoice = false;
            std::string of{};
            trade begun{};  ///< where nothing of it was known
            happening what{};
        };
        std::vector<move> accounts{};
        std::vector<note> notes{};
        std::int64_t drawn = 0;           ///< of receipts, from the oldest on
        std::vector<receipt> received{};  ///< settles no invoice yet

        [[nodiscard]] bool empty() const noexcept {
            return accounts.empty() && notes.empty() && drawn == 0 && received.empty();
        }
    };

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// In the order in which they were opened.
    [[nodiscard]] std::vector<entry> const& entries() const noexcept { return entries_; }
    /// Null when there is none of that name.
    [[nodiscard]] PATRON_API entry const* find(std::string_view agreement) const noexcept;

    /// Checks an agreement before it is opened. Errors: those of rebate_terms::of; errc::not_supported where payments are
    /// asked for products or quantities; errc::impossible_now where one of that name has other terms.
    [[nodiscard]] PATRON_API result<void> can_open(rebate_agreed const& agreed, currency in) const;
    /// Opens its account, or takes into effect the one that waits for it; told of again, it changes nothing.
    /// Precondition: `can_open`.
    PATRON_API void open(rebate_agreed const& agreed, currency in, bool in_effect);
    /// Gathers volumes of some days only, for an agreement that is not the customer's own. Preconditions: `can_open`, and
    /// there is none of that name.
    PATRON_API void gather(rebate_agreed const& agreed, currency in, std::vector<days> only_on);
    /// Settles its account, as rebate_account::settle does. Precondition: there is one of that name.
    PATRON_API result<std::int64_t> settle(std::string_view agreement, settlement_kind kind);
    /// Closes accounts that wait and were not agreed on.
    void forget_waiting() {
        std::erase_if(entries_, [](entry const& e) { return !e.is_in_effect; });
    }

    // What a fact changes; nothing has changed then.

    [[nodiscard]] PATRON_API moves placed(order_placed const& f, std::int64_t amount, currency in) const;
    [[nodiscard]] PATRON_API moves cancelled(order_progress const& part, day_number on) const;
    [[nodiscard]] PATRON_API moves reopened(order_progress const& part, day_number on) const;
    [[nodiscard]] PATRON_API moves delivered(order_progress const& part, day_number on) const;
    /// `drawn`: of what was received before, that settles it at once.
    [[nodiscard]] PATRON_API moves invoiced(std::string_view invoice, order_progress const& part, std::int64_t drawn,
                                            day_number on) const;
    /// `settles`: the invoices that it settles; what is left of `amount` settles none yet.
    [[nodiscard]] PATRON_API moves paid(std::int64_t amount, std::vector<invoice_payment> const& settles,
                                        day_number on) const;
    /// `ordered`: of the order that it names; 0 where it names none.
    [[nodiscard]] PATRON_API moves returned(goods_returned const& f, std::int64_t amount, std::int64_t ordered,
                                            currency in) const;
    /// `open`: of the invoice before the note.
    [[nodiscard]] PATRON_API moves credited(std::string_view invoice, std::int64_t amount, std::int64_t open,
                                            day_number on) const;

    /// Carries out what was worked out on this book as it is, and keeps what later facts may ask.
    PATRON_API void take(moves const& all);

    [[nodiscard]] trades const& orders() const noexcept { return orders_; }
    [[nodiscard]] trades const& invoices() const noexcept { return invoices_; }
    /// From the oldest on.
    [[nodiscard]] std::vector<receipt> const& receipts() const noexcept { return receipts_; }
    /// How many facts of its trade the book has taken.
    [[nodiscard]] std::uint64_t told() const noexcept { return told_; }
    /// Goes on with a book that was written down.
    void resume(std::vector<entry> entries, trades orders, trades invoices, std::vector<receipt> receipts,
                std::uint64_t told) {
        entries_ = std::move(entries);
        orders_ = std::move(orders);
        invoices_ = std::move(invoices);
        receipts_ = std::move(receipts);
        told_ = told;
    }

    friend bool operator==(rebate_book const&, rebate_book const&) = default;

private:
    struct worker;

    std::vector<entry> entries_;
    trades orders_;
    trades invoices_;
    std::vector<receipt> receipts_;
    std::uint64_t told_ = 0;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/rebate_book.ipp>
#endif
