/// A book of customers that is kept in a store: what was acknowledged is there for ever (ENG-1, ENG-4, ENG-5).
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/engine/event_store.hpp>
#include <patron/engine/held_orders.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::store {

struct book_options {
    std::optional<house_rules> rules{};  ///< nothing: those in force in the store, `first_rules` in a new one
    house_rules first_rules{};  ///< in a new store, also for the days before those of `rules` where these have a day
    std::optional<review_mode> reviews{};  ///< nothing: as the store has it; monthly in a new one
    std::optional<day> as_of{};            ///< facts later than it, and than all that are in effect, wait for their day
    bool strict = false;                   ///< true: an order from an unknown code is an error, not an enrolment
    bool record_decisions = false;         ///< true: outcomes carry the decisions; they are kept in any case
    bool read_only = false;                ///< true: nothing is written to the store, and nothing can be applied
    bool use_snapshot = true;              ///< false: the book is made from its facts whatever snapshot there is
    unsigned threads = 1;                  ///< for opening
    patron::assessor assessor{};           ///< empty: lifecycle::assess. Audits need the same one
};

/// What is to be reserved where a check approves (CRE-4).
struct reservation_wish {
    std::string name{};          ///< nothing: the next free one of the customer, as "C-1001-R3"
    std::optional<day> until{};  ///< the last day that it is kept; nothing: until it is taken or released
};

/// What is to be held where a check holds the order (CRE-5).
struct hold_wish {
    std::optional<day> until{};  ///< the last day on which it waits; nothing: without end
};

/// A check's answer, and what was reserved or held.
struct checked {
    credit_answer answer;
    bool is_held = false;                      ///< the order waits, as it was wished, by this check or one before it
    std::optional<std::string> reservation{};  ///< its name; nothing: none was asked for, or the answer is no approval
};

/// The rules in force in a store; `book_options::first_rules` as they are by default where it has none yet.
/// Errors: those of the store; errc::damaged for rules that it cannot read any more.
[[nodiscard]] PATRON_API result<house_rules> rules_in_force(any_event_store& from);

/// Whether a check may reserve on that day, in a book that knows of days up to `known`.
/// Errors: errc::impossible_now for an earlier one; errc::out_of_range for one more than `rules.reserve_days_ahead` later.
[[nodiscard]] PATRON_API result<void> check_reserving_day(day on, day known, credit_rules const& rules = {});

/// How a book came into memory.
struct opening {
    std::uint64_t from_snapshot = 0;          ///< entries that the snapshot stood for
    std::uint64_t from_facts = 0;             ///< entries that were taken in one by one
    std::optional<error> snapshot_refused{};  ///< why a snapshot that is there was not used
    batch_outcome came_into_effect{};         ///< facts whose day has come; those refused then are dropped
};

/// A book and its store.
///
/// A fact is applied to the book in memory and appended to the store before the call returns: what it says then is
/// durable. When the store refuses, nothing of the call has happened, and the next call makes the book anew from what
/// the store holds. Facts need a reference of their own: a store keeps each once (BASE-5).
///
/// Names of persons are replaced by pseudonyms before a fact is judged; the store keeps them apart, and gives them up
/// on request, while every fact and every digest over facts stays (ARC-6). What this class returns bears the names.
///
/// Several processes may have a book over one store open: each takes in what the others have appended before it judges.
/// Thread safety: all but `book()`, `opened()` and moves. Facts that threads apply one by one share commits.
class stored_book {
public:
    /// Opens the book: from the latest snapshot and the facts behind it, or from all facts.
    /// Errors: those of the store; errc::impossible_now when the store's reviews are held otherwise than asked for.
    /// Complexity: linear in customers with a snapshot, else in facts.
    [[nodiscard]] PATRON_API static result<stored_book> open(any_event_store store, book_options options = {});
    PATRON_API stored_book(stored_book&&) noexcept;
    PATRON_API stored_book& operator=(stored_book&&) noexcept;
    PATRON_API ~stored_book();

    /// Applies one fact, durably. Errors: those of engine::apply and of the store; errc::missing_field without a
    /// reference, errc::not_supported when opened read-only.
    PATRON_API result<apply_outcome> apply(fact const& f);
    /// Applies rows in order, durably and all in one append. Rows that are refused are reported in the outcome.
    /// Errors: those of the store: then none of the rows was applied.
    PATRON_API result<batch_outcome> apply(std::span<received> rows, batch_options how = {});
    /// Holds the reviews that are due by the end of `on`, durably: facts of those months are late from then on.
    PATRON_API result<std::vector<decision>> review(day on, unsigned threads = 1);

    /// A credit check, as engine::check. With a wish, an approval reserves the amount before the call returns, durably: of
    /// two who ask at once, in this process or in any over the store, the second is told what the first has left.
    /// A wish of a name that is there for the same amount and order is told that it is, and reserves nothing more; an order
    /// has one reservation. Asked for at quote, order or reopen: at the other steps the exposure counts the order already.
    /// In another currency what is reserved is what the check counts: the amount by the rate of the day, rounded up. Nothing
    /// is reserved for an amount of zero. A reservation is made on a day that the book knows of, or at most
    /// `credit_rules::reserve_days_ahead` later, so that a mistyped day doesn't move the book's time.
    /// With `hold`, an order that the check holds waits from then on, durably (CRE-5), with the reasons as they are; one that
    /// waits already stays as it is. A refusal holds nothing: nobody could release it; nor does an amount for which no rate
    /// is known. Asked for at order, change, reopen or
    /// delivery, with the order's number, on a day as for a reservation. May be wished beside a reservation.
    /// Errors: those of engine::check, of the fact reservation_made and of the store; errc::conflicting_reference for a name
    ///         or an order that was reserved for something else; errc::impossible_now for another step or a day before the
    ///         latest known; errc::out_of_range for one too far after it.
    PATRON_API result<checked> check(std::string_view customer, credit_query const& asked,
                                     std::optional<reservation_wish> const& wish = {},
                                     std::optional<hold_wish> const& hold = {});
    /// The orders that wait for credit, as patron::held_orders. Errors: those of it and of the store.
    PATRON_API result<std::vector<held_order>> held_orders(held_orders_query const& wanted = {});

    /// The book, for reading. No other thread may apply meanwhile. After a call that the store refused it is what that
    /// call left, until the next call here.
    [[nodiscard]] PATRON_API engine const& book() const;
    /// One customer's row, with names. Errors: errc::unknown_customer; those of the store, after a call that it refused.
    [[nodiscard]] PATRON_API result<customer_row> find(std::string_view code);
    /// Every row by code, with names. Errors: those of the store, after a call that it refused.
    PATRON_API result<void> each_by_code(engine::row_visitor const& each);
    /// As engine::explain, with names.
    [[nodiscard]] PATRON_API result<explanation> explain(std::string_view code, std::optional<day> on = {});

    /// Brings the book in memory to the end of a day, for reading: what would be reviewed by then is, and nothing of it
    /// is written. The next call that applies something begins with what the store holds.
    PATRON_API std::vector<decision> show_on(day on, unsigned threads = 1);
    /// The book as it was on an earlier day: facts later than it are not in effect, nor what followed from them.
    /// Complexity: linear in all facts. Errors: those of the store.
    [[nodiscard]] PATRON_API result<engine> as_it_was(day on, unsigned threads = 1);

    /// Saves a snapshot, so that the next opening is fast. Errors: errc::not_supported when opened read-only; those of
    /// the store.
    PATRON_API result<void> save_snapshot();
    /// Entries that the next opening would take in one by one.
    [[nodiscard]] PATRON_API std::uint64_t behind_snapshot() const;
    /// While no other thread applies.
    [[nodiscard]] PATRON_API opening const& opened() const;

    /// Forgets a person's name for good; facts keep the pseudonym. Returns how many texts were erased: 0 for a name that
    /// is not known. An empty name means all persons of the customer. Errors: those of the store.
    PATRON_API result<std::uint64_t> erase_person(std::string_view customer, std::string_view person);

    [[nodiscard]] PATRON_API any_event_store& store();

private:
    struct impl;
    explicit stored_book(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};

/// How one customer came to where it was at the end of a day, straight from the store: the book is not opened.
/// `on`: the day; default: that of the store's latest fact. Only `rules` and `assessor` of the options count.
/// Errors: errc::unknown_customer; those of the store. Complexity: linear in the entries of the customer and of the book
/// itself; in all of the store for a group with a rebate agreement on what its members trade.
[[nodiscard]] PATRON_API result<explanation> explain_from(any_event_store& from, std::string_view customer,
                                                          std::optional<day> on = {}, book_options const& options = {});

/// What came of the review of one slot.
struct slot_review {
    std::uint32_t customers = 0;
    std::vector<decision> decisions;  ///< with pseudonyms
    bool was_due = false;             ///< false: the slot had been brought to that day before
};

/// Holds the reviews of single slots, without the rest of the book: what the workers of a book that is larger than one
/// machine do with the slots that they hold. It judges by the rulebook that was in force when it was made.
/// Thread safety: none.
class slot_reviewer {
public:
    /// Only `rules` and `assessor` of the options count. Errors: those of the store, which outlives it.
    [[nodiscard]] PATRON_API static result<slot_reviewer> make(any_event_store& in, book_options const& options = {});
    PATRON_API slot_reviewer(slot_reviewer&&) noexcept;
    PATRON_API slot_reviewer& operator=(slot_reviewer&&) noexcept;
    PATRON_API ~slot_reviewer();

    /// Holds the reviews of the slot that are due by the end of `on`, durably.
    /// Errors: those of the store; errc::stale_version when somebody else wrote to the slot meanwhile: then nothing was
    /// done. Complexity: linear in the slot's entries; a note of the store's when it was not due.
    [[nodiscard]] PATRON_API result<slot_review> review(std::uint16_t slot, day on);

private:
    struct impl;
    explicit slot_reviewer(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};
/// The day to whose end a slot was brought by a `slot_reviewer`; nothing when it never was. Errors: those of the store.
[[nodiscard]] PATRON_API result<std::optional<day>> reviewed_until(any_event_store& in, std::uint16_t slot);
/// The day of the latest fact in effect; nothing in an empty store. Errors: those of the store.
[[nodiscard]] PATRON_API result<std::optional<day>> latest_day(any_event_store& in);
/// The later of that and the day to whose end the book was brought.
[[nodiscard]] PATRON_API result<std::optional<day>> known_day(any_event_store& in);

/// What replaying past decisions found.
struct audit_outcome {
    std::uint64_t facts = 0;
    std::uint64_t decisions = 0;  ///< kept ones that were compared
    /// A decision that comes out otherwise than it was kept, byte by byte.
    struct difference {
        std::string customer;
        std::string kept;  ///< JSON; empty: none was kept
        std::string made;  ///< JSON; empty: none is made
    };
    std::vector<difference> different;
};

/// Makes every decision again from the facts before it, under the rulebook of its day, and compares (BASE-3, BASE-4).
/// `customer`: only that one's. Errors: errc::unknown_customer; errc::damaged when the facts cannot be replayed; those
/// of the store. Complexity: linear in facts.
[[nodiscard]] PATRON_API result<audit_outcome> audit(any_event_store& of, std::optional<std::string_view> customer = {},
                                                     book_options const& options = {});

/// A decision as a CloudEvent (CloudEvents 1.0, JSON format), one line. `id` and the extension `sequence` are its
/// position, so that who reads from a position takes each once. Names of persons stay pseudonyms: it leaves the house.
[[nodiscard]] PATRON_API std::string to_cloud_event(kept_decision const& decision, std::string_view source);

}  // namespace patron::v1::store
