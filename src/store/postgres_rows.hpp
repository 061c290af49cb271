#pragma once
// What a row of the journal in PostgreSQL holds, and how it is read and believed.
#include <patron/engine/event_store.hpp>
#include <patron/fact/fact.hpp>

#include "digest.hpp"
#include "postgres_session.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::store_detail {

/// The digest of a slot's last row; of a slot without rows: nothing.
class chain_end {
public:
    chain_end() = default;
    explicit chain_end(std::string_view bytes) noexcept : size_{std::min(bytes.size(), bytes_.size())} {
        bytes.copy(bytes_.data(), size_);
    }
    explicit chain_end(digest const& d) noexcept : chain_end{view_of(d)} {}
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<char, 32> bytes_{};
    std::size_t size_ = 0;
};

inline void put_length(std::string& out, std::size_t n) {
    for (; n >= 0x80U; n >>= 7U) out += static_cast<char>(n | 0x80U);
    out += static_cast<char>(n);
}

/// The text behind its length; nothing when there is less than that.
inline std::optional<std::string_view> take_text(std::string_view& rest) {
    std::size_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (rest.empty() || shift > 42) return std::nullopt;
        auto const byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        n |= static_cast<std::size_t>(byte & 0x7FU) << shift;
        if (byte < 0x80U) break;
    }
    if (n > rest.size()) return std::nullopt;
    auto const text = rest.substr(0, n);
    rest.remove_prefix(n);
    return text;
}

inline std::uint32_t customer_hash(std::string_view customer) noexcept {
    return static_cast<std::uint32_t>(stable_hash(customer) & 0xFFFF'FFFFU);
}
inline std::string customer_key(std::string_view customer) {
    std::string key;
    put_number(key, customer_hash(customer));
    return key;
}

/// The customers of entries as a row keeps them, so that `read_customer` leaves the row out or not.
inline std::string keys_of(std::vector<std::string_view> const& customers) {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(customers.size());
    for (auto const c : customers) hashes.push_back(customer_hash(c));
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    std::string out;
    for (auto const h : hashes) put_number(out, h);
    return out;
}

inline digest digest_of_row(std::string_view before, std::uint16_t slot, std::uint64_t first, std::string_view body) {
    std::string place;
    put_number(place, slot);
    put_number(place, first);
    return digest_of({before, place, body});
}

inline digest digest_of_image(std::uint16_t slot, std::uint64_t version, std::string_view bytes) {
    return digest_of_row("snapshot", slot, version, bytes);
}

inline error damaged_at(std::uint16_t slot, std::uint64_t first, std::string what) {
    return {.code = errc::damaged,
            .field = "slot " + std::to_string(slot) + ", entry " + std::to_string(first),
            .saw = std::move(what),
            .remedy = "restore the database from a backup, or the slot's rows from a replica"};
}

/// One row of the journal as it was read: first, count, body, before, digest.
struct row_view {
    std::uint16_t slot;
    std::uint64_t first;
    std::uint64_t count;
    std::string_view body;
    std::string_view before;
    std::string_view sealed;

    row_view(std::uint16_t of_slot, answer const& a, int row)
        : slot{of_slot},
          first{a.bigint(row, 0)},
          count{static_cast<std::uint64_t>(a.integer(row, 1))},
          body{a.bytes(row, 2)},
          before{a.bytes(row, 3)},
          sealed{a.bytes(row, 4)} {}

    /// The entries, once it is certain that they are what was written.
    [[nodiscard]] result<std::vector<journal_entry>> entries() const {
        if (view_of(digest_of_row(before, slot, first, body)) != sealed) {
            return damaged_at(slot, first, "a row that is not what was written");
        }
        std::vector<journal_entry> out;
        for (auto rest = body; !rest.empty();) {
            auto const customer = take_text(rest);
            auto const bytes = customer ? take_text(rest) : std::nullopt;
            if (!bytes || bytes->empty()) return damaged_at(slot, first, "a row that cannot be taken apart");
            out.push_back({slot, *customer, *bytes});
        }
        if (out.size() != count) return damaged_at(slot, first, "a row with another number of entries than it says");
        return out;
    }
};

/// Where the references of a slot's facts stand, for batches that nobody vouches for. A hash leads to candidates.
struct slot_references {
    std::uint64_t covers = 0;  ///< how many of the slot's entries were looked at
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> first_of{};
    std::multimap<std::uint64_t, std::uint64_t> more{};  ///< hashes that came before

    void look_at(journal_entry const& e) {
        if (kind_of_entry(e.bytes) == entry_kind::fact_told) {
            auto const hash = stable_hash(encoded_ref(e.bytes));
            if (!first_of.emplace(hash, covers).second) more.emplace(hash, covers);
        }
        ++covers;
    }
};

}  // namespace patron::store_detail
