#pragma once
// Which entries tell a fact with a certain reference: what an append looks into that does not state what it has seen.
#include <patron/base/hash.hpp>
#include <patron/base/impl/hash_index.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patron::store_detail {

/// By hash alone: who asks reads the entries themselves.
class reference_index {
public:
    static std::uint64_t key_of(std::uint16_t slot, std::string_view ref) noexcept {
        return stable_hash(ref) ^ slot * 0x9E37'79B9'7F4A'7C15U;
    }

    [[nodiscard]] bool loaded() const noexcept { return loaded_; }
    /// The first position that was not added yet.
    [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
    void set_loaded() noexcept { loaded_ = true; }
    /// What is before was added, or has no reference.
    void reached(std::uint64_t position) noexcept { next_ = position; }

    void add(std::uint64_t key, std::uint64_t position) {
        if (position < detail::hash_index::none) {
            shard_of(key).add(static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(position));
        } else {
            beyond_.emplace(key, position);
        }
        ++size_;
    }
    /// As `add`, until `keep` or `undo`.
    void add_for_now(std::uint64_t key, std::uint64_t position) {
        add(key, position);
        ++for_now_;
    }
    [[nodiscard]] std::size_t added_for_now() const noexcept { return for_now_; }
    void keep() noexcept { for_now_ = 0; }
    /// What was added for now, but for the first `but`, is not so; what comes next is `next` then. Their hashes stay: who
    /// looks there finds nothing yet, or an entry with another reference. When they are many, all is forgotten.
    void undo(std::size_t but, std::uint64_t next) noexcept {
        void_ += for_now_ - but;
        for_now_ = but;
        next_ = std::min(next_, next);
        constexpr std::size_t worth_it = 4'096;
        if (void_ > worth_it + size_ / 4) forget();
    }

    /// So many look-ups wait for memory together.
    static constexpr std::size_t fetched_together = 128;
    /// Brings near what `find` and `add` will look at.
    void fetch(std::uint64_t key) const noexcept { shard_of(key).fetch(static_cast<std::uint32_t>(key)); }

    /// Appends the positions under the key, ascending; now and then one that has another reference or is not there.
    void find(std::uint64_t key, std::vector<std::uint64_t>& out) const {
        (void)shard_of(key).find(static_cast<std::uint32_t>(key), [&](std::uint32_t position) {
            out.push_back(position);
            return false;
        });
        if (!beyond_.empty()) {
            auto const [begin, end] = beyond_.equal_range(key);
            for (auto at = begin; at != end; ++at) out.push_back(at->second);
        }
        if (out.size() > 1) std::sort(out.begin(), out.end());
    }

private:
    /// With the bits that choose one, 38 bits of a key tell references apart.
    static constexpr unsigned shard_bits = 6;
    using shards = std::array<detail::hash_index, std::size_t{1} << shard_bits>;

    [[nodiscard]] detail::hash_index& shard_of(std::uint64_t key) noexcept {
        return shards_[key >> (64U - shard_bits)];
    }
    [[nodiscard]] detail::hash_index const& shard_of(std::uint64_t key) const noexcept {
        return shards_[key >> (64U - shard_bits)];
    }
    void forget() noexcept {
        for (auto& s : shards_) s = detail::hash_index{};
        beyond_.clear();
        size_ = for_now_ = void_ = 0;
        next_ = 1;
        loaded_ = false;
    }

    shards shards_;
    std::unordered_multimap<std::uint64_t, std::uint64_t> beyond_;  // positions that need more than 32 bits
    std::size_t size_ = 0;
    std::size_t for_now_ = 0;
    std::size_t void_ = 0;  ///< of the size, how many were undone
    std::uint64_t next_ = 1;
    bool loaded_ = false;
};

}  // namespace patron::store_detail
