#pragma once
// Finds where something stands by its hash. Unlike a hashed set of a library's it can tell beforehand which memory a
// look-up will touch, so that the look-ups of a whole batch wait for memory together instead of one after another.
#include <patron/base/impl/touch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace patron::inline v1::detail {

/// Open addressing over buckets of a cache line, eight entries each, so that a look-up seldom needs a second line.
/// Who asks compares the things themselves: hashes may coincide.
class hash_index {
public:
    static constexpr std::uint32_t none = UINT32_MAX;

    explicit hash_index(std::pmr::memory_resource* memory = std::pmr::get_default_resource()) : buckets_{memory} {}

    /// Brings near what `find` and `add` will look at.
    void fetch(std::uint32_t hash) const noexcept {
        if (buckets_.empty()) return;
        touch(&buckets_[home_of(hash)], 2 * sizeof(bucket));  // a third of the look-ups goes on to the next
    }

    /// The value added with this hash of which `same(value)` holds; `none` without one.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same&& same) const {
        if (buckets_.empty()) return none;
        for (auto at = home_of(hash);; at = next(at)) {
            auto const& b = buckets_[at];
            for (std::size_t i = 0; i < bucket::width; ++i) {
                if (b.hash[i] == hash && b.value[i] != none && same(b.value[i])) return b.value[i];
            }
            if (b.value[bucket::width - 1] == none) return none;
        }
    }

    /// Precondition: value != none.
    void add(std::uint32_t hash, std::uint32_t value) {
        if (size_ >= room()) grow();
        place(hash, value);
        ++size_;
    }

    /// Precondition: `before` was added with this hash.
    void replace(std::uint32_t hash, std::uint32_t before, std::uint32_t now) {
        for (auto at = home_of(hash);; at = next(at)) {
            auto& b = buckets_[at];
            for (std::size_t i = 0; i < bucket::width; ++i) {
                if (b.hash[i] != hash || b.value[i] != before) continue;
                b.value[i] = now;
                return;
            }
        }
    }

    /// Hands each hash and its value to `visit`, in no order that means anything.
    template <class Visit>
    void each(Visit&& visit) const {
        for (auto const& b : buckets_) {
            for (std::size_t i = 0; i < bucket::width && b.value[i] != none; ++i) visit(b.hash[i], b.value[i]);
        }
    }

    /// The first value added with this hash: the right one but for rare chance. `none` when there is none.
    [[nodiscard]] std::uint32_t guess(std::uint32_t hash) const {
        return find(hash, [](std::uint32_t) { return true; });
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The index as bytes, for a machine like this one only.
    [[nodiscard]] std::string_view raw() const noexcept {
        return {reinterpret_cast<char const*>(buckets_.data()), buckets_.size() * sizeof(bucket)};
    }
    /// Room to read into what `raw` gave of an index of `size` entries; `is_sound` must be asked afterwards.
    /// Precondition: `bytes` is a multiple of what `raw` counts in.
    [[nodiscard]] char* room_for_raw(std::size_t bytes, std::size_t size) {
        buckets_.resize(bytes / sizeof(bucket));
        size_ = size;
        return reinterpret_cast<char*>(buckets_.data());
    }
    static constexpr std::size_t raw_unit = 64;
    /// False when what was read cannot have come from `raw`: a look-up might not end.
    [[nodiscard]] bool is_sound() const noexcept {
        std::size_t held = 0;
        for (auto const& b : buckets_) held += b.value[bucket::width - 1] != none ? bucket::width : 0;
        return size_ <= room() && held <= size_;
    }

    [[nodiscard]] std::size_t bytes_held() const noexcept { return buckets_.capacity() * sizeof(bucket); }

private:
    /// Filled from the front.
    struct alignas(64) bucket {
        static constexpr std::size_t width = 8;
        std::array<std::uint32_t, width> hash{};
        std::array<std::uint32_t, width> value{none, none, none, none, none, none, none, none};
    };
    static_assert(sizeof(bucket) == raw_unit);

    /// Most entries before it grows: of one bucket all but one, for a look-up ends at a bucket with room; of many so few
    /// that most stay below full.
    [[nodiscard]] std::size_t room() const noexcept {
        return buckets_.size() < 2 ? buckets_.size() * (bucket::width - 1) : buckets_.size() * bucket::width * 13 / 16;
    }
    [[nodiscard]] std::size_t home_of(std::uint32_t hash) const noexcept {
        return static_cast<std::size_t>((std::uint64_t{hash} * buckets_.size()) >> 32U);
    }
    [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return at + 1 == buckets_.size() ? 0 : at + 1; }
    void place(std::uint32_t hash, std::uint32_t value) {
        for (auto at = home_of(hash);; at = next(at)) {
            auto& b = buckets_[at];
            if (b.value[bucket::width - 1] != none) continue;
            std::size_t i = 0;
            while (b.value[i] != none) ++i;
            b.hash[i] = hash;
            b.value[i] = value;
            return;
        }
    }
    void grow() {
        std::pmr::vector<bucket> larger(
            buckets_.size() < 8 ? std::max<std::size_t>(buckets_.size() * 2, 1) : buckets_.size() * 5 / 4,
            buckets_.get_allocator());
        buckets_.swap(larger);
        for (auto const& b : larger) {
            for (std::size_t i = 0; i < bucket::width && b.value[i] != none; ++i) place(b.hash[i], b.value[i]);
        }
    }

    std::pmr::vector<bucket> buckets_;
    std::size_t size_ = 0;
};

}  // namespace patron::v1::detail
