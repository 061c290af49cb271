#pragma once
// Memory of a book: taken in large pieces, given back all at once. A book of millions of customers is read in no order,
// so that small pages cost it more than the work itself: the system is asked for large ones.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <vector>

#if defined(__linux__)
#    include <sys/mman.h>
#endif

namespace patron::inline v1::detail {

inline constexpr std::size_t large_page = std::size_t{2} << 20U;

struct give_back_pages {
    void operator()(char* from) const noexcept { ::operator delete(from, std::align_val_t{large_page}); }
};
using pages = std::unique_ptr<char, give_back_pages>;

/// `bytes` of memory; in large pages, where the system has them, when `large`. Small ones suit what may stay empty.
inline pages take_pages(std::size_t bytes, bool large) {
    pages taken{static_cast<char*>(::operator new(bytes, std::align_val_t{large_page}))};
#if defined(__linux__)
    if (large) madvise(taken.get(), bytes, MADV_HUGEPAGE);
#endif
    (void)large;
    return taken;
}

/// Hands out memory that nobody gives back before the book ends. Any thread.
class page_pool final : public std::pmr::memory_resource {
public:
    [[nodiscard]] std::size_t bytes_held() const noexcept { return held_; }

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        std::lock_guard const lock{growing_};
        void* at = at_;
        if (std::align(alignment, bytes, at, left_) == nullptr) {
            auto const size = (bytes + alignment + large_page - 1) / large_page * large_page;
            owned_.push_back(take_pages(size, !owned_.empty()));  // a small book touches a part of its first piece
            held_ += size;
            at_ = owned_.back().get();
            left_ = size;
            at = at_;
            std::align(alignment, bytes, at, left_);
        }
        at_ = static_cast<char*>(at) + bytes;
        left_ -= bytes;
        return at;
    }
    void do_deallocate(void*, std::size_t, std::size_t) override {}
    [[nodiscard]] bool do_is_equal(std::pmr::memory_resource const& other) const noexcept override {
        return this == &other;
    }

    std::mutex growing_;
    std::vector<pages> owned_;
    std::size_t held_ = 0;
    void* at_ = nullptr;
    std::size_t left_ = 0;
};

inline constexpr std::size_t cache_line = 64;

struct size_class {
    std::size_t index;
    std::size_t bytes;
};
/// Four sizes to a doubling, so that at most a fifth of a piece stays unused.
constexpr size_class size_class_of(std::size_t bytes) noexcept {
    auto quarters = std::max<std::size_t>((bytes + cache_line - 1) / cache_line, 1) * 4;
    auto doubling = static_cast<unsigned>(std::bit_width(quarters)) - 3U;
    quarters = (quarters + (std::size_t{1} << doubling) - 1) >> doubling;  // 4 to 8
    if (quarters == 8) {
        quarters = 4;
        ++doubling;
    }
    return {4 * doubling + quarters - 4, ((quarters << doubling) + 3) / 4 * cache_line};
}

/// Memory of one slot: pieces of few sizes, whole lines each; what is given back is used again. One thread at a time.
///
/// The standard's pools look for the chunk of what is given back; in memory that nobody has touched for a while that
/// search costs more than the piece is worth.
class slot_memory final : public std::pmr::memory_resource {
public:
    explicit slot_memory(std::pmr::memory_resource& refills) : refills_{&refills} {}

private:
    static constexpr std::size_t largest = std::size_t{32} << 10U;  // beyond it the heap does as well
    static constexpr std::size_t smallest_refill = 1'024;
    static constexpr std::size_t largest_refill = std::size_t{16} << 10U;

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (bytes > largest) return ::operator new(bytes, std::align_val_t{std::max(alignment, cache_line)});
        auto const fit = size_class_of(bytes);
        if (auto*& free = free_[fit.index]; free != nullptr) {
            auto* const taken = free;
            free = taken->next;
            return taken;
        }
        if (left_ < fit.bytes) {
            refill_ =
                std::clamp(refill_ * 2, std::max(smallest_refill, fit.bytes), std::max(largest_refill, fit.bytes));
            at_ = static_cast<char*>(refills_->allocate(refill_, cache_line));
            left_ = refill_;
        }
        auto* const taken = at_;
        at_ += fit.bytes;
        left_ -= fit.bytes;
        return taken;
    }
    void do_deallocate(void* from, std::size_t bytes, std::size_t alignment) override {
        if (bytes > largest) return ::operator delete(from, std::align_val_t{std::max(alignment, cache_line)});
        auto*& free = free_[size_class_of(bytes).index];
        free = ::new (from) piece{free};
    }
    [[nodiscard]] bool do_is_equal(std::pmr::memory_resource const& other) const noexcept override {
        return this == &other;
    }

    struct piece {
        piece* next;
    };
    std::pmr::memory_resource* refills_;
    std::array<piece*, size_class_of(largest).index + 1> free_{};
    char* at_ = nullptr;
    std::size_t left_ = 0;
    std::size_t refill_ = 0;
};

/// A sequence that grows without moving its elements, in blocks of 64 from a pool.
template <class T>
class blocks_of {
public:
    static constexpr std::size_t block_size = 64;

    explicit blocks_of(std::pmr::memory_resource& pool) : pool_{&pool} {}
    blocks_of(blocks_of const&) = delete;
    blocks_of& operator=(blocks_of const&) = delete;
    ~blocks_of() {
        for (std::size_t i = 0; i < size_; ++i) (*this)[i].~T();
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return blocks_[i / block_size][i % block_size]; }
    [[nodiscard]] T const& operator[](std::size_t i) const noexcept { return blocks_[i / block_size][i % block_size]; }
    T& emplace_back() {
        if (size_ % block_size == 0) {
            blocks_.push_back(static_cast<T*>(pool_->allocate(block_size * sizeof(T), cache_line)));
        }
        auto* fresh = ::new (static_cast<void*>(blocks_.back() + size_ % block_size)) T{};
        ++size_;
        return *fresh;
    }

private:
    std::pmr::memory_resource* pool_;
    std::vector<T*> blocks_;
    std::size_t size_ = 0;
};

}  // namespace patron::v1::detail
