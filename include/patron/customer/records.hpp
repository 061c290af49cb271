/// What a fact touches seldom: contacts, agreements, complaints, wallet, observations, the order and invoice ledger.
#pragma once
#include <patron/base/hash.hpp>
#include <patron/customer/state.hpp>
#include <patron/fact/vocabulary.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patron::inline v1 {

namespace detail {
struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return static_cast<std::size_t>(stable_hash(name)); }
};
}  // namespace detail

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
};

/// One order in the ledger, in minor units. The parts never exceed what was ordered, but `delivered` and
/// `invoiced` may overlap: goods are delivered and then invoiced.
struct ledger_order {
    std::int64_t ordered = 0;
    std::int64_t cancelled = 0;
    std::int64_t delivered = 0;
    std::int64_t invoiced = 0;

    [[nodiscard]] std::int64_t undelivered() const noexcept { return ordered - cancelled - delivered; }
    [[nodiscard]] std::int64_t uninvoiced() const noexcept {
        auto const rest = ordered - cancelled - invoiced;
        return rest > 0 ? rest : 0;
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
};

/// Finds what is kept under a name, by a view of it too. Nothing is told in the order of such a table.
template <class T>
using by_name = std::unordered_map<std::string, T, detail::name_hash, std::equal_to<>>;

/// Orders and invoices of one customer, exact in minor units.
struct ledger {
    by_name<ledger_order> orders;
    std::vector<ledger_invoice> invoices;  ///< in order of issue
    by_name<std::size_t> invoice_positions;
    std::size_t first_open = 0;    ///< no invoice before it is open
    std::int64_t unallocated = 0;  ///< received without an open item to settle

    /// Complexity: constant on average.
    [[nodiscard]] ledger_invoice const* find_invoice(std::string_view name) const {
        auto const found = invoice_positions.find(name);
        return found == invoice_positions.end() ? nullptr : &invoices[found->second];
    }
    [[nodiscard]] ledger_invoice* find_invoice(std::string_view name) {
        auto const found = invoice_positions.find(name);
        return found == invoice_positions.end() ? nullptr : &invoices[found->second];
    }

    /// Exposure by a full recount: orders not invoiced, invoices open, less receipts not allocated (CRE-2).
    [[nodiscard]] std::int64_t recount() const noexcept {
        std::int64_t sum = -unallocated;
        for (auto const& [name, order] : orders) sum += order.uninvoiced();
        for (auto const& i : invoices) sum += i.open;
        return sum;
    }
};

/// Everything about a customer that most customers do not have; made when the first such fact comes.
struct customer_records {
    std::vector<contact> contacts;
    std::vector<agreement> agreements;
    std::vector<complaint> complaints;
    std::vector<wallet_statement> wallet;  ///< by month, one a month
    std::vector<observation> competitors;
    std::vector<observation> breaches;
    day_number executive_visit = no_day;  ///< the latest visit at executive level
    patron::ledger ledger;
    bool ledger_is_complete = false;  ///< false until the orders before it have been read in

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

/// What a rule may look at: the flat state, and the records where there are any. Both outlive the view.
struct customer_view {
    customer_state const& state;
    customer_records const* records;  ///< null: none of these facts came yet
};

}  // namespace patron::v1
