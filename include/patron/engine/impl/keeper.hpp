#pragma once
// What a stored book asks of its engine beyond what everybody may ask.
#include <patron/engine/engine.hpp>
#include <patron/engine/event_store.hpp>
#include <patron/engine/impl/book.hpp>
#include <patron/engine/impl/marks.hpp>
#include <patron/lifecycle/history.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::detail {

/// Hands the entries that a store holds of a customer, and those of its slot, to `each`, oldest first, until it says
/// false.
using older_entries =
    std::function<result<void>(std::string_view code, std::function<bool(std::string_view bytes)> const& each)>;

/// Whose facts bear which references, of those that only the store holds. Candidates: who asks looks at the fact itself.
class older_references {
public:
    static constexpr std::size_t shard_count = 1'024;

    [[nodiscard]] bool empty() const noexcept { return shards_.empty(); }
    [[nodiscard]] std::vector<hash_index> const& shards() const noexcept { return shards_; }
    std::vector<hash_index>& shards() noexcept { return shards_; }

    /// The customer of whom `is_it(place)` holds among those whose facts bear a reference of that hash.
    template <class Is>
    [[nodiscard]] std::optional<customer_place> find(std::uint64_t hash, Is&& is_it) const {
        if (shards_.empty()) return std::nullopt;
        auto const found = shards_[hash >> 54U].find(static_cast<std::uint32_t>(hash), is_it);
        if (found == hash_index::none) return std::nullopt;
        return found;
    }

private:
    std::vector<hash_index> shards_;
};

/// How entries of a store are taken in.
struct restore_options {
    unsigned threads = 1;
    bool record_decisions = false;  ///< compares the decisions that come of it with those among the entries
    std::optional<day> view{};      ///< only what was in effect by that day; what does not fit then is left out
};

/// Where a past decision, made again, is another.
struct decision_difference {
    std::string customer;
    std::string kept;  ///< as JSON; empty: none was kept
    std::string made;  ///< as JSON; empty: none is made
};

struct restore_outcome {
    std::uint64_t facts = 0;
    std::uint64_t decisions = 0;                 ///< compared
    std::vector<decision_difference> different;  ///< when they are compared
    std::uint64_t facts_later = 0;               ///< left out of a view
};

/// The engine's side of keeping: thread safety as the engine's.
class keeper {
public:
    explicit keeper(engine& e) noexcept : engine_{&e} {}

    /// Notes what a store has to hold, from now on or no more.
    PATRON_API void keep_journal(bool on);
    /// What was noted since it was last taken.
    [[nodiscard]] PATRON_API journal take_noted();

    /// All rulebooks that were ever in force, by number, and the one that is.
    PATRON_API void set_rulebooks(std::vector<house_rules> all, std::uint16_t in_force);
    [[nodiscard]] PATRON_API std::size_t rulebook_count() const noexcept;
    PATRON_API void set_older(older_entries read);

    /// Takes in entries that a store holds, each slot's in its order. What they led to is worked out again.
    /// Errors: errc::damaged when an entry cannot have been noted by an engine: the book must not be used then.
    /// Complexity: that of applying the facts; slots are spread over the threads.
    [[nodiscard]] PATRON_API result<restore_outcome> restore(std::span<journal_entry const> entries,
                                                             restore_options const& how);
    /// Compares what decisions are left over, once everything is restored.
    PATRON_API void finish_comparing(restore_outcome& into);

    /// Brings one slot to the end of a day, as engine::advance_to does all of them.
    PATRON_API std::vector<decision> advance(std::uint16_t slot, day on);

    /// The book is for another day now: facts that are due by it come into effect, in the order of their dates.
    /// Those that are refused are dropped, and reported.
    [[nodiscard]] PATRON_API batch_outcome take_effect(std::optional<day> as_of);
    /// The day that the book is for, where nothing waits for it.
    PATRON_API void set_as_of(std::optional<day> as_of) noexcept;
    /// Facts that are not in effect yet.
    [[nodiscard]] PATRON_API std::uint64_t pending() const noexcept;
    /// What a check on a day counts for an amount, in the customer's currency; nothing where no rate is known.
    /// Errors: errc::unknown_customer; those of engine::check that are about the amount.
    [[nodiscard]] PATRON_API result<std::optional<money>> counted_for(std::string_view code, money asked, day on) const;
    /// The day that the book knows of: of its latest fact, or to which it was brought.
    [[nodiscard]] PATRON_API day known_day() const noexcept;
    /// The day of a customer's fact; nothing where no fact came with that reference. Errors: those of the store.
    [[nodiscard]] PATRON_API result<std::optional<day>> day_of_fact(std::string_view ref) const;
    /// The slots that a decision on the customer's credit hangs on, in their order: its own, those of the groups above it, and
    /// of all whose exposure counts where its own does. Whoever enrols a member of a group fences the group's slot.
    /// Errors: errc::impossible_now for a group that is its own member.
    [[nodiscard]] PATRON_API result<std::vector<std::uint16_t>> slots_deciding_credit(std::string_view code) const;
    /// Null for a customer that has none, or is not known.
    [[nodiscard]] PATRON_API credit_file const* credit_of(std::string_view code) const;

    // --- for snapshots ---------------------------------------------------------------------------

    struct pending_fact {
        std::string_view customer;
        std::string_view bytes;
    };
    [[nodiscard]] PATRON_API slot& slot_at(std::uint16_t number);
    [[nodiscard]] PATRON_API std::vector<lifecycle::stage_change> changes_of(std::uint16_t slot,
                                                                             std::uint32_t position) const;
    /// Gives a customer that was read from a snapshot its changes of stage; what is older is in the store.
    PATRON_API void begin_chain(unsigned thread, std::uint16_t slot, std::uint32_t position,
                                std::span<lifecycle::stage_change const> changes);
    PATRON_API void prepare_threads(unsigned threads);
    [[nodiscard]] PATRON_API std::vector<std::string_view> book_facts() const;  ///< oldest first
    PATRON_API void add_book_fact(std::string_view bytes);
    [[nodiscard]] PATRON_API std::vector<pending_fact> pending_facts() const;
    PATRON_API void add_pending(pending_fact const& f);
    /// All references of customers' facts, as `older_references` of a book that is opened from the snapshot.
    [[nodiscard]] PATRON_API older_references references() const;
    PATRON_API void set_older_references(older_references all);
    struct book_marks {
        std::int64_t latest = INT64_MIN;
        std::int32_t closed_by_fact = 0;
        day_number advanced_to = no_day;
    };
    [[nodiscard]] PATRON_API book_marks marks() const noexcept;
    PATRON_API void set_marks(book_marks m) noexcept;

private:
    engine* engine_;
};

}  // namespace patron::v1::detail
