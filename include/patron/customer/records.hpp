/// What a fact touches seldom: contacts, agreements, complaints, wallet, observations, the order and invoice ledger.
#pragma once
#include <patron/base/hash.hpp>
#include <patron/base/impl/block_list.hpp>
#include <patron/base/impl/hash_index.hpp>
#include <patron/base/impl/seldom.hpp>
#include <patron/base/impl/touch.hpp>
#include <patron/customer/credit_file.hpp>
#include <patron/customer/expert_file.hpp>
#include <patron/customer/payment_rhythm.hpp>
#include <patron/customer/power_file.hpp>
#include <patron/customer/rebate_book.hpp>
#include <patron/customer/state.hpp>
#include <patron/fact/vocabulary.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// A person at the customer (ARC-2).
struct contact {
    std::string person{};
    std::string role{};
    std::string department{};
    std::string level{};
    std::string known_by{};
    day_number since = no_day;
    day_number left = no_day;  ///< no_day while the person is there

    [[nodiscard]] bool is_there() const noexcept { return left == no_day; }
};

/// An agreement and the days on which it is in force.
struct agreement {
    std::string name{};
    agreement_kind kind = agreement_kind::supply;
    day_number from = no_day;
    day_number until = no_day;  ///< the last day in force; no_day: open-ended

    [[nodiscard]] bool in_force(day_number on) const noexcept { return from <= on && (until == no_day || on <= until); }
};

/// How far a complaint has come (RET-3).
enum class complaint_step : std::uint8_t { raised, acknowledged, acted, confirmed };

/// A complaint and the day from which it is counted.
struct complaint {
    std::string name{};
    std::uint8_t severity = 1;
    complaint_step step = complaint_step::raised;
    day_number since = no_day;  ///< raised, or last reopened

    [[nodiscard]] bool is_open() const noexcept { return step != complaint_step::confirmed; }
};

/// All that the customer purchased in our category in a month, as stated.
struct wallet_statement {
    std::int32_t month = 0;  ///< period index
    std::int64_t minor_units = 0;
};

/// Something seen once that fades with age: a competitor, a breach.
struct observation {
    std::string what{};  ///< the competitor's name, the rule that was broken
    day_number on = no_day;
    std::int32_t thousandths = 0;  ///< strength 0 … 1 000
    std::string ref{};             ///< of the fact that it was detected from; empty: it was reported
};

/// A product whose resale was seen to leave the customer too little (POW-9), until one that leaves enough is seen.
struct thin_margin {
    std::string product{};
    day_number since = no_day;
};

/// What a dealer gets for each unit of a product that it sells on (POW-9).
struct dealer_support {
    std::string product{};
    std::int64_t amount = 0;  ///< for a unit, in minor units; not negative
    day_number from = no_day;
    day_number until = no_day;  ///< the last day; no_day: without end

    [[nodiscard]] bool in_force(day_number on) const noexcept { return from <= on && (until == no_day || on <= until); }
};

/// A document in a currency that is not its customer's: what it comes to there, and what has become of it. In minor units
/// of `in`.
struct foreign_document {
    currency in{};            ///< *own*: the document is in the customer's currency
    std::int64_t amount = 0;  ///< all of it
    std::int64_t cancelled = 0;
    std::int64_t delivered = 0;
    std::int64_t invoiced = 0;  ///< of an order
    std::int64_t settled = 0;   ///< of an invoice, by what names it
};

/// One order in the ledger, in minor units. The parts never exceed what was ordered, but `delivered` and
/// `invoiced` may overlap: goods are delivered and then invoiced.
struct ledger_order {
    std::string order{};
    std::int64_t ordered = 0;
    std::int64_t cancelled = 0;
    std::int64_t delivered = 0;
    std::int64_t invoiced = 0;
    day_number delivery_date = no_day;  ///< requested; no_day: none
    detail::seldom<foreign_document> foreign{};

    [[nodiscard]] std::int64_t undelivered() const noexcept { return ordered - cancelled - delivered; }
    [[nodiscard]] std::int64_t uninvoiced() const noexcept {
        auto const rest = ordered - cancelled - invoiced;
        return rest > 0 ? rest : 0;
    }
    /// Whether its delivery is requested for a day after `horizon`; no_day: none is too late.
    [[nodiscard]] bool is_beyond(day_number horizon) const noexcept {
        return horizon != no_day && delivery_date != no_day && delivery_date > horizon;
    }
};

/// One invoice in the ledger.
struct ledger_invoice {
    std::string invoice{};
    std::int64_t amount = 0;
    std::int64_t open = 0;  ///< not yet paid or credited
    day_number issued = no_day;
    day_number due = no_day;
    bool disputed = false;
    bool was_disputed = false;  ///< at any time
    detail::seldom<foreign_document> foreign{};
};

/// Orders and invoices of one customer, exact in minor units.
class ledger {
public:
    /// Takes its memory from `memory`, which outlives it.
    explicit ledger(std::pmr::memory_resource* memory = std::pmr::get_default_resource())
        : order_index_{memory}, orders_{memory}, invoice_index_{memory}, invoices_{memory} {}

    /// In the order in which they were placed.
    [[nodiscard]] detail::block_list<ledger_order> const& orders() const noexcept { return orders_; }
    /// In the order in which they were issued.
    [[nodiscard]] detail::block_list<ledger_invoice> const& invoices() const noexcept { return invoices_; }
    /// Received without an open item to settle.
    [[nodiscard]] std::int64_t unallocated() const noexcept { return unallocated_; }
    /// No invoice before this position is open.
    [[nodiscard]] std::size_t first_open() const noexcept { return first_open_; }
    /// No open invoice is due before this day; INT32_MAX when none is open.
    [[nodiscard]] day_number none_due_before() const noexcept { return none_due_before_; }

    /// Null when there is none of that number. Complexity: constant on average.
    [[nodiscard]] ledger_order const* find_order(std::string_view number) const {
        return find(orders_, order_index_, &ledger_order::order, number);
    }
    [[nodiscard]] ledger_order* find_order(std::string_view number) {
        return const_cast<ledger_order*>(std::as_const(*this).find_order(number));
    }
    [[nodiscard]] ledger_invoice const* find_invoice(std::string_view number) const {
        return find(invoices_, invoice_index_, &ledger_invoice::invoice, number);
    }
    [[nodiscard]] ledger_invoice* find_invoice(std::string_view number) {
        return const_cast<ledger_invoice*>(std::as_const(*this).find_invoice(number));
    }

    /// Precondition: none of that number is there.
    void add(ledger_order order) {
        orders_.push_back(std::move(order));
        order_index_.add(hash_of(orders_.back().order), static_cast<std::uint32_t>(orders_.size() - 1));
    }
    /// What was received ahead settles it first. Precondition: none of that number is there.
    void add(ledger_invoice invoice) {
        auto const paid_ahead = std::min(unallocated_, invoice.open);
        unallocated_ -= paid_ahead;
        invoice.open -= paid_ahead;
        none_due_before_ = std::min(none_due_before_, invoice.due);
        invoices_.push_back(std::move(invoice));
        invoice_index_.add(hash_of(invoices_.back().invoice), static_cast<std::uint32_t>(invoices_.size() - 1));
    }
    /// Settles this invoice; what is left is received without an open item.
    void settle(ledger_invoice& invoice, std::int64_t amount) noexcept {
        reduce(invoice, amount);
        unallocated_ += amount;
    }
    /// Settles invoices from the oldest on; what is left is received without an open item.
    void settle_oldest(std::int64_t amount) noexcept {
        for (auto i = first_open_; i < invoices_.size() && amount > 0; ++i) reduce(invoices_[i], amount);
        unallocated_ += amount;
    }
    /// What a payment would settle: `take(invoice, part)` for each, of the one that it names, or from the oldest on.
    template <class Take>
    void each_settled_by(std::optional<std::string> const& named, std::int64_t amount, Take const& take) const {
        auto const one = [&](ledger_invoice const& i) {
            auto const part = std::min(i.open, amount);
            amount -= part;
            if (part > 0) take(i, part);
        };
        if (named) {
            one(*find_invoice(*named));
        } else {
            for (auto i = first_open_; i < invoices_.size() && amount > 0; ++i) one(invoices_[i]);
        }
    }

    /// Goes on with a ledger that was written down: its orders and invoices have been added as they stood.
    void resume(std::int64_t unallocated) noexcept {
        unallocated_ = unallocated;
        while (first_open_ < invoices_.size() && invoices_[first_open_].open == 0) ++first_open_;
        if (first_open_ == invoices_.size()) none_due_before_ = INT32_MAX;
    }

    /// Brings near what the next look-up or entry under the number will touch.
    void fetch_order(std::string_view number) const noexcept {
        order_index_.fetch(hash_of(number));
        if (!orders_.empty()) detail::touch(&orders_.back(), 2 * sizeof(ledger_order));
    }
    /// The same for the entry itself, once its place has been fetched.
    void fetch_found_order(std::string_view number) const {
        if (auto const at = order_index_.guess(hash_of(number)); at != detail::hash_index::none) {
            detail::touch(&orders_[at], sizeof(ledger_order));
        }
    }
    void fetch_invoice(std::string_view number) const noexcept {
        invoice_index_.fetch(hash_of(number));
        if (!invoices_.empty()) detail::touch(&invoices_.back(), 2 * sizeof(ledger_invoice));
    }

    /// What trade leaves open by a full recount: orders not invoiced, invoices open, less receipts not allocated (CRE-2).
    [[nodiscard]] std::int64_t recount() const noexcept { return static_cast<std::int64_t>(exact_recount()); }
    /// The same where it may pass 64 bits, before security is taken off.
    [[nodiscard]] detail::wide_amount exact_recount() const noexcept {
        detail::wide_amount sum = -unallocated_;
        for (auto const& order : orders_) sum += order.uninvoiced();
        for (auto const& i : invoices_) sum += i.open;
        return sum;
    }

private:
    static std::uint32_t hash_of(std::string_view number) noexcept {
        return static_cast<std::uint32_t>(stable_hash(number));
    }
    template <class Item>
    static Item const* find(detail::block_list<Item> const& items, detail::hash_index const& index,
                            std::string Item::* number_of, std::string_view number) {
        auto const at =
            index.find(hash_of(number), [&](std::uint32_t position) { return items[position].*number_of == number; });
        return at == detail::hash_index::none ? nullptr : &items[at];
    }
    void reduce(ledger_invoice& invoice, std::int64_t& rest) noexcept {
        auto const settled = std::min(invoice.open, rest);
        invoice.open -= settled;
        rest -= settled;
        while (first_open_ < invoices_.size() && invoices_[first_open_].open == 0) ++first_open_;
        if (first_open_ == invoices_.size()) none_due_before_ = INT32_MAX;
    }

    detail::hash_index order_index_;
    detail::block_list<ledger_order> orders_;
    detail::hash_index invoice_index_;
    detail::block_list<ledger_invoice> invoices_;
    std::size_t first_open_ = 0;
    std::int64_t unallocated_ = 0;
    day_number none_due_before_ = INT32_MAX;
};

/// How far dunning had gone when what is owed last changed (CRE-8).
struct dunning_mark {
    std::uint8_t level = 0;  ///< at the end of the day before `on`; 0: none
    day_number on = no_day;  ///< the day of that change; no_day: none yet
};

/// Everything about a customer that most customers do not have; made when the first such fact comes.
struct customer_records {
    customer_records() = default;
    /// The ledger takes its memory from `memory`, which outlives it.
    explicit customer_records(std::pmr::memory_resource* memory) : ledger{memory} {}

    patron::ledger ledger;            // first: what a fact of trade touches
    bool ledger_is_complete = false;  ///< false until the orders before it have been read in
    std::vector<contact> contacts;
    std::vector<agreement> agreements;
    std::vector<complaint> complaints;
    std::vector<wallet_statement> wallet;  ///< by month, one a month
    std::vector<observation> competitors;
    std::vector<observation> breaches;
    detail::seldom<credit_file> credit;
    detail::seldom<rebate_book> rebates;
    detail::seldom<power_file> powers;
    detail::seldom<std::vector<thin_margin>> thin_margins;  ///< one a product
    detail::seldom<std::vector<dealer_support>> support;    ///< one a product and day; the latest of them stands
    detail::seldom<expert_file> expert;
    day_number executive_visit = no_day;  ///< the latest visit at executive level
    dunning_mark dunning{};
    payment_rhythm payments{};

    /// Exposure by a full recount: what trade leaves open and what is reserved, less what is held as security (CRE-2).
    /// Precondition: the ledger is complete.
    [[nodiscard]] std::int64_t recount_exposure() const noexcept {
        return static_cast<std::int64_t>(ledger.exact_recount() + credit->reserved() - credit->deposit -
                                         credit->guaranteed());
    }

    [[nodiscard]] contact* find_contact(std::string_view person) noexcept {
        return find(&contact::person, contacts, person);
    }
    [[nodiscard]] contact const* find_contact(std::string_view person) const noexcept {
        return find(&contact::person, contacts, person);
    }
    [[nodiscard]] agreement* find_agreement(std::string_view name) noexcept {
        return find(&agreement::name, agreements, name);
    }
    [[nodiscard]] agreement const* find_agreement(std::string_view name) const noexcept {
        return find(&agreement::name, agreements, name);
    }
    [[nodiscard]] complaint* find_complaint(std::string_view name) noexcept {
        return find(&complaint::name, complaints, name);
    }
    [[nodiscard]] complaint const* find_complaint(std::string_view name) const noexcept {
        return find(&complaint::name, complaints, name);
    }

private:
    template <class Name, class List>
    static auto find(Name name_of, List& list, std::string_view wanted) noexcept -> decltype(list.data()) {
        for (auto& one : list) {
            if (one.*name_of == wanted) return &one;
        }
        return nullptr;
    }
};

/// What was given to a customer and is held against it; an empty file where it has no records.
[[nodiscard]] inline power_file const& powers_in(customer_records const* records) noexcept {
    static power_file const none{};
    return records == nullptr ? none : *records->powers;
}

/// What a rule may look at: the flat state, and the records where there are any. Both outlive the view.
struct customer_view {
    customer_state const& state;
    customer_records const* records;  ///< null: none of these facts came yet
};

}  // namespace patron::v1
