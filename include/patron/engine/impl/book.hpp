#pragma once
// The book in memory: slots of flat states, the index of references, and the ordered directory.
#include <patron/base/hash.hpp>
#include <patron/base/impl/hash_index.hpp>
#include <patron/base/impl/touch.hpp>
#include <patron/customer/profile.hpp>
#include <patron/customer/records.hpp>
#include <patron/engine/event_store.hpp>
#include <patron/engine/impl/fact_log.hpp>
#include <patron/engine/impl/pages.hpp>
#include <patron/fact/fact.hpp>
#include <patron/lifecycle/history.hpp>

#include <boost/multi_index/composite_key.hpp>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace patron::inline v1::detail {

inline constexpr std::size_t slot_count = customer_slots;

/// A customer's place: its slot above, its position in the slot below.
using customer_place = std::uint32_t;
inline constexpr unsigned position_bits = 22;
inline constexpr customer_place no_customer = UINT32_MAX;
inline constexpr customer_place kept_for_later = UINT32_MAX - 1;  ///< of facts later than the day that the book is for

[[nodiscard]] inline std::size_t slot_of(std::uint64_t code_hash) noexcept { return code_hash >> 54U; }

/// A text of at most 255 bytes whose memory outlives it: a short one is kept here, so that reading it touches no other
/// page.
class short_text {
public:
    static constexpr std::size_t most_here = 15;

    /// Precondition: `kept` outlives this when it is longer than `most_here`.
    void assign(std::string_view kept) noexcept {
        size_ = static_cast<std::uint8_t>(kept.size());
        if (kept.size() <= most_here) {
            kept.copy(bytes_.data(), kept.size());
        } else {
            auto const* from = kept.data();
            std::memcpy(bytes_.data(), static_cast<void const*>(&from), sizeof from);
        }
    }
    [[nodiscard]] std::string_view view() const noexcept {
        if (size_ <= most_here) return {bytes_.data(), size_};
        char const* from = nullptr;
        std::memcpy(static_cast<void*>(&from), bytes_.data(), sizeof from);
        return {from, size_};
    }

private:
    alignas(char const*) std::array<char, most_here> bytes_{};
    std::uint8_t size_ = 0;
};

/// What identifies a customer; longer texts live in the slot's arena.
struct identity {
    short_text code;
    std::unique_ptr<customer_records> records;
    char const* name = nullptr;
    log_place latest = 0;      ///< head of the customer's chain in the log
    std::uint32_t parent = 0;  ///< words of the slot; 0 is the empty one
    std::uint32_t region = 0;
    std::uint32_t territory = 0;
    std::uint32_t owner = 0;
    std::uint32_t channel = 0;
    std::uint32_t latest_change = 0;  ///< of its stage, in the slot's list, from 1 on; 0: none
    std::int16_t terms_days = -1;     ///< -1: not stated
    std::uint16_t name_size = 0;
    std::uint8_t kind = 255;  ///< 255: not stated
    bool in_directory_as_it_is = false;
    std::uint16_t rulebook = 0;  ///< number of the one that its latest entry came under

    [[nodiscard]] std::string_view code_text() const noexcept { return code.view(); }
};

/// Customers that one thread owns while a batch runs.
class slot {
public:
    explicit slot(std::pmr::memory_resource& pool)
        : memory{pool}, states{pool}, identities{pool}, arena_{&pool}, changes_{pool} {}
    slot(slot const&) = delete;
    slot& operator=(slot const&) = delete;

    slot_memory memory;
    blocks_of<customer_state> states;
    blocks_of<identity> identities;
    std::vector<std::uint32_t> changed;  ///< positions that the directory has to look at again
    std::int32_t closed_by_fact = 0;     ///< index of the latest period that a review_held closed here
    day_number advanced_to = no_day;     ///< the day to whose end all customers were brought
    std::uint16_t first_rulebook = 0;    ///< of a customer whose first fact is about to be taken in from a store

    /// Brings near what `guess` will look at, and so on: each step needs what the one before has fetched.
    void fetch_index(std::uint64_t hash) const noexcept { by_code_.fetch(static_cast<std::uint32_t>(hash)); }
    /// The first position of that hash: the right one but for rare chance. hash_index::none when there is none.
    [[nodiscard]] std::uint32_t guess(std::uint64_t hash) const noexcept {
        auto const position = by_code_.guess(static_cast<std::uint32_t>(hash));
        if (position != hash_index::none) {
            detail::touch(&identities[position], sizeof(identity));
            detail::touch(&states[position], sizeof(customer_state));
        }
        return position;
    }
    void fetch_identity(std::uint32_t position) const noexcept {
        auto const& id = identities[position];
        if (id.records) detail::touch(id.records.get(), sizeof(customer_records));
    }

    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, std::string_view code) const {
        auto const position = by_code_.find(static_cast<std::uint32_t>(hash), [&](std::uint32_t candidate) {
            return identities[candidate].code_text() == code;
        });
        if (position == hash_index::none) return std::nullopt;
        return position;
    }
    std::uint32_t add(std::uint64_t hash, std::string_view code) {
        auto const position = static_cast<std::uint32_t>(states.size());
        states.emplace_back();
        auto& id = identities.emplace_back();
        id.code.assign(code.size() > short_text::most_here ? std::string_view{keep(code), code.size()} : code);
        id.name = id.code_text().data();
        id.name_size = static_cast<std::uint16_t>(code.size());
        by_code_.add(static_cast<std::uint32_t>(hash), position);
        changed.push_back(position);
        return position;
    }
    /// `kept`: bytes that outlive the slot and may hold the name already.
    void enrol(std::uint32_t position, customer_enrolled const& f, std::string_view kept = {}) {
        auto& id = identities[position];
        if (f.name != std::string_view{id.name, id.name_size}) {
            auto const found = kept.find(f.name);
            id.name = found == std::string_view::npos ? keep(f.name) : kept.data() + found;
            id.name_size = static_cast<std::uint16_t>(f.name.size());
        }
        auto const take = [this](std::uint32_t& into, std::optional<std::string> const& word) {
            if (word) into = word_number(*word);
        };
        take(id.parent, f.parent);
        take(id.region, f.region);
        take(id.territory, f.territory);
        take(id.owner, f.owner);
        take(id.channel, f.channel);
        if (f.kind) id.kind = static_cast<std::uint8_t>(*f.kind);
        if (f.terms_days) id.terms_days = static_cast<std::int16_t>(f.terms_days->value());
        touch(position);
    }
    /// The changes of a customer's stage stand here too: its chain in the log is long, and all over the memory.
    void add_change(std::uint32_t position, lifecycle::stage_change const& change) {
        changes_.emplace_back() = {change, identities[position].latest_change};
        identities[position].latest_change = static_cast<std::uint32_t>(changes_.size());
    }
    void forget_changes(std::uint32_t position) noexcept { identities[position].latest_change = 0; }
    /// Oldest first.
    [[nodiscard]] std::vector<lifecycle::stage_change> changes_of(std::uint32_t position) const {
        std::vector<lifecycle::stage_change> all;
        for (auto at = identities[position].latest_change; at != 0; at = changes_[at - 1].before) {
            all.push_back(changes_[at - 1].what);
        }
        std::reverse(all.begin(), all.end());
        return all;
    }
    /// Notes that a key of the directory may have changed.
    void touch(std::uint32_t position) {
        auto& id = identities[position];
        if (!id.in_directory_as_it_is) return;
        id.in_directory_as_it_is = false;
        changed.push_back(position);
    }
    [[nodiscard]] customer_profile profile(std::uint32_t position) const {
        auto const& id = identities[position];
        customer_profile p{.code = id.code_text(),
                           .name = {id.name, id.name_size},
                           .kind = {},
                           .parent = words_[id.parent],
                           .region = words_[id.region],
                           .territory = words_[id.territory],
                           .owner = words_[id.owner],
                           .channel = words_[id.channel],
                           .terms_days = {}};
        if (id.kind != 255) p.kind = static_cast<customer_kind>(id.kind);
        if (id.terms_days >= 0) p.terms_days = id.terms_days;
        return p;
    }

    /// What a snapshot keeps of an identity beside its code, name and words.
    struct identity_fields {
        std::array<std::uint32_t, 5> words;  ///< numbers: parent, region, territory, owner, channel
        std::int16_t terms_days;
        std::uint16_t rulebook;
        std::uint8_t kind;
    };
    [[nodiscard]] identity_fields fields(std::uint32_t position) const {
        auto const& id = identities[position];
        return {{id.parent, id.region, id.territory, id.owner, id.channel}, id.terms_days, id.rulebook, id.kind};
    }
    [[nodiscard]] std::vector<std::string_view> const& words() const noexcept { return words_; }
    /// Adds a customer as a snapshot has it. Precondition: the numbers are of words that are there, see `add_word`.
    std::uint32_t add(std::uint64_t hash, std::string_view code, std::string_view name, identity_fields const& f) {
        auto const position = add(hash, code);
        auto& id = identities[position];
        if (name != code) {
            id.name = keep(name);
            id.name_size = static_cast<std::uint16_t>(name.size());
        }
        id.parent = f.words[0];
        id.region = f.words[1];
        id.territory = f.words[2];
        id.owner = f.words[3];
        id.channel = f.words[4];
        id.terms_days = f.terms_days;
        id.rulebook = f.rulebook;
        id.kind = f.kind;
        return position;
    }
    void add_word(std::string_view word) { word_number(word); }
    [[nodiscard]] bool has_word(std::string_view word) const { return word_numbers_.contains(word); }

private:
    struct noted_change {
        lifecycle::stage_change what{};
        std::uint32_t before = 0;  ///< the customer's change before it, from 1 on; 0: none
    };

    char const* keep(std::string_view text) {
        auto* bytes = static_cast<char*>(arena_.allocate(text.size(), 1));
        text.copy(bytes, text.size());
        return bytes;
    }
    std::uint32_t word_number(std::string_view word) {
        if (auto const found = word_numbers_.find(word); found != word_numbers_.end()) return found->second;
        std::string_view const kept{keep(word), word.size()};
        auto const number = static_cast<std::uint32_t>(words_.size());
        words_.push_back(kept);
        word_numbers_.emplace(kept, number);
        return number;
    }

    std::pmr::monotonic_buffer_resource arena_;
    hash_index by_code_;
    blocks_of<noted_change> changes_;
    std::vector<std::string_view> words_{std::string_view{}};
    boost::unordered_flat_map<std::string_view, std::uint32_t> word_numbers_{{std::string_view{}, 0U}};
};

/// All slots of a book, by number.
using slots = std::vector<std::unique_ptr<slot>>;

[[nodiscard]] constexpr customer_place place_of(std::size_t slot, std::uint32_t position) noexcept {
    return static_cast<customer_place>(slot << position_bits) | position;
}
[[nodiscard]] constexpr std::uint32_t position_of(customer_place p) noexcept {
    return p & ((customer_place{1} << position_bits) - 1);
}
[[nodiscard]] inline slot& slot_at(slots const& all, customer_place p) { return *all[p >> position_bits]; }
[[nodiscard]] inline std::optional<customer_place> find_customer(slots const& all, std::string_view code) {
    auto const hash = stable_hash(code);
    auto const number = slot_of(hash);
    auto const position = all[number]->find(hash, code);
    if (!position) return std::nullopt;
    return place_of(number, *position);
}

/// Which references have been seen, and where their facts stand (BASE-5). Exact: the log itself is compared.
class reference_index {
    static constexpr std::size_t shard_count = 1'024;  // so that none is large when it grows

public:
    explicit reference_index(fact_log const& log) : log_{&log} {}

    /// Threads that use different shards at a time need no lock, while none appends to the log.
    [[nodiscard]] static std::size_t shard_number(std::uint64_t hash) noexcept { return hash >> 54U; }

    /// Brings near what `find` and `add` will look at.
    void fetch(std::uint64_t hash) const noexcept { shard_of(hash).fetch(static_cast<std::uint32_t>(hash)); }
    /// 0 when the reference is new.
    [[nodiscard]] log_place find(std::uint64_t hash, std::string_view ref) const {
        auto const found = shard_of(hash).find(static_cast<std::uint32_t>(hash), [&](log_place candidate) {
            return encoded_ref(log_->at(candidate).bytes) == ref;
        });
        return found == hash_index::none ? 0 : found;
    }
    /// Precondition: the reference is new.
    void add(std::uint64_t hash, log_place place) { shard_of(hash).add(static_cast<std::uint32_t>(hash), place); }
    /// Precondition: `before` was added with that hash.
    void replace(std::uint64_t hash, log_place before, log_place now) {
        shard_of(hash).replace(static_cast<std::uint32_t>(hash), before, now);
    }
    [[nodiscard]] std::vector<hash_index> const& shards() const noexcept { return shards_; }
    [[nodiscard]] std::size_t bytes_held() const noexcept {
        std::size_t bytes = 0;
        for (auto const& shard : shards_) bytes += sizeof shard + shard.bytes_held();
        return bytes;
    }

private:
    [[nodiscard]] hash_index const& shard_of(std::uint64_t hash) const noexcept { return shards_[shard_number(hash)]; }
    [[nodiscard]] hash_index& shard_of(std::uint64_t hash) noexcept { return shards_[shard_number(hash)]; }

    fact_log const* log_;
    std::vector<hash_index> shards_ = std::vector<hash_index>(shard_count);
};

/// What the book can be read by, in order (ENG-1).
struct directory_entry {
    customer_place place;
    std::string_view code;
    patron::stage stage;
    std::string_view owner;
    std::string_view region;
    std::string_view parent;  ///< code of the group; empty without one
    day_number next_due;
    std::int64_t credit_use;  ///< exposure over limit in millionths; INT64_MIN without a limit
};

namespace mi = boost::multi_index;
struct by_place {};
struct by_code {};
struct by_stage {};
struct by_owner {};
struct by_region {};
struct by_parent {};
struct by_due {};
struct by_credit_use {};

template <class Tag, auto Member, class Type, class Order = std::less<Type>>
using ordered_then_code =
    mi::ordered_unique<mi::tag<Tag>,
                       mi::composite_key<directory_entry, mi::member<directory_entry, Type, Member>,
                                         mi::member<directory_entry, std::string_view, &directory_entry::code>>,
                       mi::composite_key_compare<Order, std::less<std::string_view>>>;

using directory = mi::multi_index_container<
    directory_entry,
    mi::indexed_by<
        mi::hashed_unique<mi::tag<by_place>, mi::member<directory_entry, customer_place, &directory_entry::place>>,
        mi::ordered_unique<mi::tag<by_code>, mi::member<directory_entry, std::string_view, &directory_entry::code>>,
        ordered_then_code<by_stage, &directory_entry::stage, patron::stage>,
        ordered_then_code<by_owner, &directory_entry::owner, std::string_view>,
        ordered_then_code<by_region, &directory_entry::region, std::string_view>,
        ordered_then_code<by_parent, &directory_entry::parent, std::string_view>,
        ordered_then_code<by_due, &directory_entry::next_due, day_number>,
        ordered_then_code<by_credit_use, &directory_entry::credit_use, std::int64_t, std::greater<std::int64_t>>>>;

}  // namespace patron::v1::detail
