/// What keeps a book: the concept that every store models, ours and a vendor's (ENG-5).
#pragma once
#include <patron/base/hash.hpp>
#include <patron/base/result.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// A book is kept in slots: a customer's facts are all in one, and whoever writes to a slot owns the whole of it.
/// The number never changes: it is part of what stores hold.
inline constexpr std::uint16_t customer_slots = 1'024;
/// The slot of what concerns the whole book: exchange rates, supply prices, reviews held.
inline constexpr std::uint16_t book_slot = customer_slots;
inline constexpr std::uint16_t slots_in_all = customer_slots + 1;

/// The slot that a customer's facts are kept in, by its code.
[[nodiscard]] constexpr std::uint16_t slot_of_customer(std::string_view code) noexcept {
    return static_cast<std::uint16_t>(stable_hash(code) >> 54U);
}

/// What a journal holds.
enum class entry_kind : std::uint8_t {
    fact_told,      ///< an encoded fact (`encode`); `encoded_ref` tells its reference
    engine_mark,    ///< a note of the engine's own, opaque to stores
    decision_made,  ///< a decision, as JSON behind the first byte; followed by other systems
};

/// First byte of an entry that holds a decision.
inline constexpr char decision_tag = 0x3F;

/// What an entry is, by its first byte. Precondition: not empty.
[[nodiscard]] constexpr entry_kind kind_of_entry(std::string_view bytes) noexcept {
    auto const low = static_cast<unsigned char>(bytes.front()) & 0x3FU;
    return low < 0x38U                     ? entry_kind::fact_told
           : bytes.front() == decision_tag ? entry_kind::decision_made
                                           : entry_kind::engine_mark;
}

/// One entry of a slot's journal. The views outlive the call that they are handed to, and no more.
struct journal_entry {
    std::uint16_t slot{};
    std::string_view customer{};  ///< the code; empty for what concerns the whole slot
    std::string_view bytes{};     ///< not empty

    friend bool operator==(journal_entry const&, journal_entry const&) = default;
};

/// How many entries a slot must hold for an append to go through.
class expected_version {
public:
    /// Whatever it holds: the store itself looks whether references were seen before.
    [[nodiscard]] static constexpr expected_version any() noexcept { return expected_version{~std::uint64_t{0}}; }
    /// The slot is empty still.
    [[nodiscard]] static constexpr expected_version none() noexcept { return expected_version{0}; }
    /// Exactly these. Who says so has seen them all, and vouches for the references being new.
    [[nodiscard]] static constexpr expected_version exactly(std::uint64_t entries) noexcept {
        return expected_version{entries};
    }

    [[nodiscard]] constexpr bool is_any() const noexcept { return entries_ == ~std::uint64_t{0}; }
    [[nodiscard]] constexpr bool allows(std::uint64_t held) const noexcept { return is_any() || entries_ == held; }
    friend constexpr bool operator==(expected_version, expected_version) noexcept = default;

private:
    explicit constexpr expected_version(std::uint64_t entries) noexcept : entries_{entries} {}
    std::uint64_t entries_;
};

struct slot_expectation {
    std::uint16_t slot{};
    expected_version version = expected_version::any();
    /// What was decided hangs on more than the slot's own entries: a store with leases takes it only if it held that of the
    /// slot already when it asked for the batch, else errc::lease_lost.
    bool under_lease = false;
};

/// A text about a person, kept apart from the facts, which bear its pseudonym instead (ARC-6).
struct personal_text {
    std::string customer;
    std::string pseudonym;
    std::string text;

    friend bool operator==(personal_text const&, personal_text const&) = default;
};

/// What is appended together: all of it or nothing.
struct append_batch {
    std::vector<journal_entry> entries{};      ///< each slot's in their order
    std::vector<slot_expectation> expected{};  ///< of slots that are not named: any
    std::vector<personal_text> personal{};
    std::vector<std::pair<std::string, std::string>> notes{};  ///< replaces those of the same name
};

struct append_outcome {
    std::uint64_t appended = 0;
    std::uint64_t duplicate = 0;  ///< facts that were there already, with the same content: no second effect (BASE-5)

    friend bool operator==(append_outcome const&, append_outcome const&) = default;
};

/// Decides what to append while nobody else can; called once, or not at all when the store fails before.
using append_decider = std::function<result<append_batch>()>;

/// Takes entries as they are read; false ends the reading.
using entry_visitor = std::function<bool(journal_entry const&)>;

/// How many entries each slot holds.
class slot_versions {
public:
    [[nodiscard]] std::uint64_t of(std::uint16_t slot) const noexcept { return counts_[slot]; }
    std::uint64_t& of(std::uint16_t slot) noexcept { return counts_[slot]; }
    /// Of all slots.
    [[nodiscard]] std::uint64_t total() const noexcept {
        std::uint64_t sum = 0;
        for (auto const n : counts_) sum += n;
        return sum;
    }
    friend bool operator==(slot_versions const&, slot_versions const&) = default;

private:
    std::array<std::uint64_t, slots_in_all> counts_{};
};

/// A decision on its way out.
struct kept_decision {
    std::uint64_t position = 0;  ///< from 1 on, without a gap; the same for every reader and for ever
    std::uint16_t slot = 0;
    std::string customer;
    std::string json;

    friend bool operator==(kept_decision const&, kept_decision const&) = default;
};

/// A rulebook that was in force at some time.
struct kept_rulebook {
    std::uint32_t number = 0;  ///< from 0 on, in the order in which they came into force
    std::string version;
    std::string text;

    friend bool operator==(kept_rulebook const&, kept_rulebook const&) = default;
};

/// A slot's state, as one piece of a snapshot.
struct slot_image {
    std::uint16_t slot = 0;
    std::uint64_t version = 0;  ///< how many of the slot's entries it covers
    std::string_view bytes{};   ///< opaque to stores
};

/// Images and the memory that they stand in.
struct kept_snapshot {
    std::vector<slot_image> slots;
    std::shared_ptr<void const> memory{};
};

/// Takes the images of a snapshot one by one, on several threads; `thread` counts from 0. The views last for the call.
using image_visitor = std::function<result<void>(unsigned thread, slot_image const& image)>;

/// What looking through a whole store found.
struct store_report {
    std::uint64_t entries = 0;
    std::uint64_t facts = 0;
    std::uint64_t decisions = 0;
    std::vector<std::string> faults{};  ///< in words, each with its place; empty when all is well
};

/// Extension point: keeps a book's journal so that what was acknowledged is there for ever.
///
/// - `append` is atomic and durable once it returns: all entries of the batch are there, or none is. It first compares
///   the expected versions (errc::stale_version). In slots of which any version will do it then looks for each fact's
///   reference among those of its slot: the same bytes of the same customer are a duplicate and have no second effect,
///   others are errc::conflicting_reference. `append_with` asks for the batch while no other append can come between;
///   what it reads of the store then is what the batch will be appended to. A decider's error is returned as it is.
/// - Reads are ordered: `read_slot` gives a slot's entries behind the first `after`, in order; `read_customer` those of
///   a customer together with those of its slot that bear no customer; `read_since` whatever is not among `seen`, each
///   slot's in its order.
/// - `decisions(from, most)` gives decisions by their positions, in the order in which they became durable.
/// - `add_rulebook` gives the number of a text, a new one for a text that was not added before.
/// - `erase_personal` forgets the texts of one pseudonym, or of all of a customer's when it is empty, and says how many
///   these were; nothing that `verify` covers changes by it.
/// - A snapshot replaces the one before. `load_snapshot` gives nothing where there is none, and errc::damaged where
///   what is there is not what was saved; it never gives bytes that were not checked. A store of large books also has
///   `each_image(threads, take)`, which needs not hold all of it at once: `take` gets each image once it is checked, its
///   first error ends the reading and is returned; false when there is no snapshot.
/// - `verify` reads everything and compares it with the digests that were kept with it.
///
/// Errors of all: errc::io_failure when the medium refuses; errc::damaged when what is read is not what was written.
/// Thread safety: all of it. Models: store::memory_store, store::sqlite_store, store::postgres_store.
/// Check yours with testing::event_store_laws.
template <class S>
concept event_store =
    std::movable<S> && requires(S& s, append_batch const& batch, append_decider const& decide,
                                entry_visitor const& each, std::uint16_t slot, std::uint64_t n, std::string_view text,
                                slot_versions const& seen, std::vector<slot_image> const& images) {
        { s.append(batch) } -> std::same_as<result<append_outcome>>;
        { s.append_with(decide) } -> std::same_as<result<append_outcome>>;
        { s.versions() } -> std::same_as<result<slot_versions>>;
        { s.read_slot(slot, n, each) } -> std::same_as<result<void>>;
        { s.read_customer(text, each) } -> std::same_as<result<void>>;
        { s.read_since(seen, each) } -> std::same_as<result<void>>;
        { s.decisions(n, n) } -> std::same_as<result<std::vector<kept_decision>>>;
        { s.add_rulebook(text, text) } -> std::same_as<result<std::uint32_t>>;
        { s.rulebooks() } -> std::same_as<result<std::vector<kept_rulebook>>>;
        { s.personal(text) } -> std::same_as<result<std::vector<personal_text>>>;
        { s.erase_personal(text, text) } -> std::same_as<result<std::uint64_t>>;
        { s.note(text) } -> std::same_as<result<std::optional<std::string>>>;
        { s.save_snapshot(images) } -> std::same_as<result<void>>;
        { s.load_snapshot() } -> std::same_as<result<std::optional<kept_snapshot>>>;
        { s.verify() } -> std::same_as<result<store_report>>;
    };

/// Any store, chosen at run time; a model of the concept itself.
/// Precondition of all calls: it holds a store, as it does unless moved from.
class any_event_store {
public:
    template <class S>
        requires(!std::same_as<S, any_event_store>) && requires(S& s) { s.versions(); } && event_store<S>
    any_event_store(S s) : held_{std::make_unique<model<S>>(std::move(s))} {}  // NOLINT: a store is any store

    result<append_outcome> append(append_batch const& batch) { return held_->append(batch); }
    result<append_outcome> append_with(append_decider const& decide) { return held_->append_with(decide); }
    result<slot_versions> versions() { return held_->versions(); }
    result<void> read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
        return held_->read_slot(slot, after, each);
    }
    result<void> read_customer(std::string_view code, entry_visitor const& each) {
        return held_->read_customer(code, each);
    }
    result<void> read_since(slot_versions const& seen, entry_visitor const& each) {
        return held_->read_since(seen, each);
    }
    result<std::vector<kept_decision>> decisions(std::uint64_t from, std::uint64_t most) {
        return held_->decisions(from, most);
    }
    result<std::uint32_t> add_rulebook(std::string_view version, std::string_view text) {
        return held_->add_rulebook(version, text);
    }
    result<std::vector<kept_rulebook>> rulebooks() { return held_->rulebooks(); }
    result<std::vector<personal_text>> personal(std::string_view customer) { return held_->personal(customer); }
    result<std::uint64_t> erase_personal(std::string_view customer, std::string_view pseudonym) {
        return held_->erase_personal(customer, pseudonym);
    }
    result<std::optional<std::string>> note(std::string_view name) { return held_->note(name); }
    /// Leases the slots, where the store has leases. Errors: errc::busy, those of the store.
    result<void> acquire(std::vector<std::uint16_t> const& slots) { return held_->acquire(slots); }
    result<void> save_snapshot(std::vector<slot_image> const& images) { return held_->save_snapshot(images); }
    result<std::optional<kept_snapshot>> load_snapshot() { return held_->load_snapshot(); }
    /// By the store's own `each_image`, or from `load_snapshot` on this thread.
    result<bool> each_image(unsigned threads, image_visitor const& take) { return held_->each_image(threads, take); }
    result<store_report> verify() { return held_->verify(); }

    /// The store itself where it is an S; null otherwise.
    template <event_store S>
    [[nodiscard]] S* as() noexcept {
        auto* const found = dynamic_cast<model<S>*>(held_.get());
        return found == nullptr ? nullptr : &found->store;
    }

private:
    struct any_model {
        virtual ~any_model() = default;
        virtual result<append_outcome> append(append_batch const&) = 0;
        virtual result<append_outcome> append_with(append_decider const&) = 0;
        virtual result<slot_versions> versions() = 0;
        virtual result<void> read_slot(std::uint16_t, std::uint64_t, entry_visitor const&) = 0;
        virtual result<void> read_customer(std::string_view, entry_visitor const&) = 0;
        virtual result<void> read_since(slot_versions const&, entry_visitor const&) = 0;
        virtual result<std::vector<kept_decision>> decisions(std::uint64_t, std::uint64_t) = 0;
        virtual result<std::uint32_t> add_rulebook(std::string_view, std::string_view) = 0;
        virtual result<std::vector<kept_rulebook>> rulebooks() = 0;
        virtual result<std::vector<personal_text>> personal(std::string_view) = 0;
        virtual result<std::uint64_t> erase_personal(std::string_view, std::string_view) = 0;
        virtual result<std::optional<std::string>> note(std::string_view) = 0;
        virtual result<void> acquire(std::vector<std::uint16_t> const&) = 0;
        virtual result<void> save_snapshot(std::vector<slot_image> const&) = 0;
        virtual result<std::optional<kept_snapshot>> load_snapshot() = 0;
        virtual result<bool> each_image(unsigned, image_visitor const&) = 0;
        virtual result<store_report> verify() = 0;
    };
    template <class S>
    struct model final : any_model {
        explicit model(S s) : store{std::move(s)} {}
        result<append_outcome> append(append_batch const& b) override { return store.append(b); }
        result<append_outcome> append_with(append_decider const& d) override { return store.append_with(d); }
        result<slot_versions> versions() override { return store.versions(); }
        result<void> read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) override {
            return store.read_slot(slot, after, each);
        }
        result<void> read_customer(std::string_view code, entry_visitor const& each) override {
            return store.read_customer(code, each);
        }
        result<void> read_since(slot_versions const& seen, entry_visitor const& each) override {
            return store.read_since(seen, each);
        }
        result<std::vector<kept_decision>> decisions(std::uint64_t from, std::uint64_t most) override {
            return store.decisions(from, most);
        }
        result<std::uint32_t> add_rulebook(std::string_view version, std::string_view text) override {
            return store.add_rulebook(version, text);
        }
        result<std::vector<kept_rulebook>> rulebooks() override { return store.rulebooks(); }
        result<std::vector<personal_text>> personal(std::string_view c) override { return store.personal(c); }
        result<std::uint64_t> erase_personal(std::string_view c, std::string_view p) override {
            return store.erase_personal(c, p);
        }
        result<std::optional<std::string>> note(std::string_view name) override { return store.note(name); }
        result<void> acquire(std::vector<std::uint16_t> const& slots) override {
            if constexpr (requires { store.acquire(slots); }) return store.acquire(slots);
            return {};
        }
        result<void> save_snapshot(std::vector<slot_image> const& images) override {
            return store.save_snapshot(images);
        }
        result<std::optional<kept_snapshot>> load_snapshot() override { return store.load_snapshot(); }
        result<bool> each_image(unsigned threads, image_visitor const& take) override {
            if constexpr (requires { store.each_image(threads, take); }) {
                return store.each_image(threads, take);
            } else {
                auto const found = store.load_snapshot();
                if (!found) return found.error();
                if (!found.value()) return false;
                for (auto const& image : found.value()->slots) {
                    if (auto const taken = take(0, image); !taken) return taken.error();
                }
                return true;
            }
        }
        result<store_report> verify() override { return store.verify(); }

        S store;
    };

    std::unique_ptr<any_model> held_;
};
static_assert(event_store<any_event_store>);

}  // namespace patron::v1
