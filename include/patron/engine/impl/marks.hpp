#pragma once
// Entries of a journal that are no facts: what the engine notes of its own, in memory and in stores.
#include <patron/engine/event_store.hpp>
#include <patron/lifecycle/history.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1::detail {

/// First bytes of such entries. Stores hold them: a number keeps its meaning.
enum class mark : unsigned char {
    stage_change = 0x38,  ///< of a customer: the stages, the machine's event, the day
    refolded = 0x39,      ///< of a customer: the changes of stage before it no longer hold
    review_held = 0x3A,   ///< of a slot: the month; by fact. In a customer's chain in memory: the same of the customer
    ruled = 0x3B,     ///< of a customer: under another rulebook from here on; the month up to which the old one ruled
    later = 0x3C,     ///< of a customer or the book: a fact that is not in effect yet follows
    dropped = 0x3D,   ///< of a customer or the book: the reference of one that was refused when its day came
    advanced = 0x3E,  ///< of a slot: the day to whose end it was brought. In a chain: what is older is in the store
    decided = 0x3F,   ///< of a customer: a decision as JSON follows
    priced = 0x78,    ///< of a customer: the list prices that its next fact is judged by, see priced.hpp
};
static_assert(static_cast<char>(mark::decided) == decision_tag);

/// Four bytes, least significant first, whatever the machine.
inline void put_number(std::string& out, std::int32_t n) {
    auto const bits = static_cast<std::uint32_t>(n);
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(bits >> shift);
}
/// Zero where the bytes end before.
inline std::int32_t get_number(std::string_view bytes, std::size_t at) noexcept {
    if (bytes.size() < at + 4) return 0;
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return static_cast<std::int32_t>(bits);
}

[[nodiscard]] inline bool is_mark(std::string_view bytes, mark m) noexcept {
    return static_cast<unsigned char>(bytes.front()) == static_cast<unsigned char>(m);
}

[[nodiscard]] inline std::string mark_of(mark m, std::int32_t number) {
    std::string bytes{static_cast<char>(m)};
    put_number(bytes, number);
    return bytes;
}
[[nodiscard]] inline std::string mark_of(mark m, std::string_view rest) {
    std::string bytes{static_cast<char>(m)};
    bytes += rest;
    return bytes;
}

[[nodiscard]] inline std::string encode_change(lifecycle::stage_change const& c) {
    std::string bytes{static_cast<char>(mark::stage_change), static_cast<char>(c.from), static_cast<char>(c.to),
                      static_cast<char>(c.cause)};
    put_number(bytes, c.on);
    return bytes;
}
[[nodiscard]] inline lifecycle::stage_change decode_change(std::string_view bytes) {
    return {get_number(bytes, 4), static_cast<stage>(bytes[1]), static_cast<stage>(bytes[2]),
            static_cast<lifecycle::relationship::event>(bytes[3])};
}

/// A customer comes under another rulebook.
struct ruling {
    std::int32_t rulebook = 0;  ///< its number
    std::int32_t through = 0;   ///< index of the latest period that was closed under the one before
};
[[nodiscard]] inline std::string encode_ruling(ruling r) {
    auto bytes = mark_of(mark::ruled, r.rulebook);
    put_number(bytes, r.through);
    return bytes;
}
[[nodiscard]] inline ruling decode_ruling(std::string_view bytes) noexcept {
    return {get_number(bytes, 1), get_number(bytes, 5)};
}

/// What a book has noted since it was last asked: the entries for its store.
class journal {
public:
    void add(std::uint16_t slot, std::string_view customer, std::string_view bytes) {
        items_.push_back({slot, static_cast<std::uint32_t>(customer.size()), static_cast<std::uint32_t>(bytes.size()),
                          bytes_.size()});
        bytes_ += customer;
        bytes_ += bytes;
    }
    /// Moves the other's entries behind these.
    void take(journal& other) {
        for (auto moved : other.items_) {
            moved.at += bytes_.size();
            items_.push_back(moved);
        }
        bytes_ += other.bytes_;
        other.clear();
    }
    void clear() noexcept {
        items_.clear();
        bytes_.clear();
    }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    /// Views of the entries, valid until the next change. Complexity: linear.
    [[nodiscard]] std::vector<journal_entry> entries() const {
        std::vector<journal_entry> out;
        out.reserve(items_.size());
        std::string_view const all{bytes_};
        for (auto const& i : items_)
            out.push_back({i.slot, all.substr(i.at, i.code), all.substr(i.at + i.code, i.bytes)});
        return out;
    }

private:
    struct item {
        std::uint16_t slot;
        std::uint32_t code;
        std::uint32_t bytes;
        std::size_t at;
    };
    std::vector<item> items_;
    std::string bytes_;
};

}  // namespace patron::v1::detail
