#pragma once
// Where the facts of a book in memory are kept: appended, never changed, chained by customer.
#include <patron/engine/impl/pages.hpp>

#include <boost/assert.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace patron::inline v1::detail {

/// A place in the log; 0 is none. Places are not ordered by time when several threads append.
using log_place = std::uint32_t;

class fact_log {
    static constexpr std::size_t unit = 4;  // entries begin at multiples of it, so that 32 bits reach 16 GB
    static constexpr std::size_t chunk_units = large_page / unit;
    static constexpr std::size_t chunk_bytes = chunk_units * unit;
    static constexpr std::size_t most_chunks = (std::size_t{1} << 13U) - 1;
    static constexpr std::size_t head_bytes = 2 * sizeof(std::uint32_t);

public:
    /// Where one thread appends.
    struct cursor {
        char* at = nullptr;
        std::size_t left = 0;
        log_place next = 0;
    };

    struct entry {
        log_place previous;
        std::uint32_t owner;
        std::string_view bytes;
    };

    /// Appends an entry behind `previous` of the same owner. Threads append at the same time, each with its cursor.
    log_place append(cursor& c, log_place previous, std::uint32_t owner, std::string_view bytes) {
        std::size_t size_bytes = 1;
        for (auto n = bytes.size(); n >= 0x80; n >>= 7U) ++size_bytes;
        auto const needed = (head_bytes + size_bytes + bytes.size() + unit - 1) / unit * unit;
        if (needed > c.left) open_chunk(c, needed);
        auto* at = c.at;
        std::memcpy(at, &previous, sizeof previous);
        std::memcpy(at + sizeof previous, &owner, sizeof owner);
        at += head_bytes;
        auto n = bytes.size();
        for (; n >= 0x80; n >>= 7U) *at++ = static_cast<char>(n | 0x80U);
        *at++ = static_cast<char>(n);
        std::memcpy(at, bytes.data(), bytes.size());
        auto const place = c.next;
        c.at += needed;
        c.left -= needed;
        c.next += static_cast<log_place>(needed / unit);
        return place;
    }

    [[nodiscard]] entry at(log_place place) const noexcept {
        BOOST_ASSERT(place != 0);
        auto const* from = chunks_[(place - 1) / chunk_units] + (place - 1) % chunk_units * unit;
        entry e{};
        std::memcpy(&e.previous, from, sizeof e.previous);
        std::memcpy(&e.owner, from + sizeof e.previous, sizeof e.owner);
        from += head_bytes;
        std::size_t size = 0;
        for (unsigned shift = 0;; shift += 7) {
            auto const byte = static_cast<unsigned char>(*from++);
            size |= std::size_t{byte & 0x7FU} << shift;
            if (byte < 0x80) break;
        }
        e.bytes = {from, size};
        return e;
    }

    [[nodiscard]] std::size_t bytes_held() const noexcept { return used_chunks_ * chunk_bytes; }

private:
    void open_chunk(cursor& c, std::size_t needed) {
        // an entry larger than a chunk takes the numbers of as many as it needs
        auto const count = (needed + chunk_bytes - 1) / chunk_bytes;
        std::lock_guard const lock{growing_};
        if (used_chunks_ + count > most_chunks)
            throw std::length_error{"a book in memory holds at most 16 GB of facts"};
        owned_.push_back(take_pages(count * chunk_bytes, !owned_.empty()));
        for (std::size_t i = 0; i < count; ++i) chunks_[used_chunks_ + i] = owned_.back().get() + i * chunk_bytes;
        c = {owned_.back().get(), count * chunk_bytes, static_cast<log_place>(used_chunks_ * chunk_units + 1)};
        used_chunks_ += count;
    }

    std::mutex growing_;
    std::vector<pages> owned_;
    std::unique_ptr<char*[]> chunks_ = std::make_unique<char*[]>(most_chunks);
    std::size_t used_chunks_ = 0;
};

}  // namespace patron::v1::detail
