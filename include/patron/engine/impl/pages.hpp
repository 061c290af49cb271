#pragma once
// Memory of a book: taken in large pieces, given back all at once. A book of millions of customers is read in no order,
// so that small pages cost it more than the work itself: the system is asked for large ones.
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
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        std::lock_guard const lock{growing_};
        void* at = at_;
        if (std::align(alignment, bytes, at, left_) == nullptr) {
            auto const size = (bytes + alignment + large_page - 1) / large_page * large_page;
            owned_.push_back(take_pages(size, !owned_.empty()));  // a small book touches a part of its first piece
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
    void* at_ = nullptr;
    std::size_t left_ = 0;
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
            blocks_.push_back(static_cast<T*>(pool_->allocate(block_size * sizeof(T), line)));
        }
        auto* fresh = ::new (static_cast<void*>(blocks_.back() + size_ % block_size)) T{};
        ++size_;
        return *fresh;
    }

private:
    static constexpr std::size_t line = 64;

    std::pmr::memory_resource* pool_;
    std::vector<T*> blocks_;
    std::size_t size_ = 0;
};

}  // namespace patron::v1::detail
