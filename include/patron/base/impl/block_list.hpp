#pragma once
// A list that grows without moving what it holds: there are as many ledgers as customers, and what a moving list leaves
// behind when all of them grow together is as much again as what they hold.
#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <iterator>
#include <memory_resource>
#include <new>
#include <utility>

namespace patron::inline v1::detail {

/// Blocks of four elements from a memory resource, which outlives it. A copy takes its own from the default one.
template <class T>
class block_list {
    static constexpr std::size_t block_size = 4;
    static constexpr std::size_t blocks_here = 6;  // of how many blocks the places stand in the list itself

public:
    class const_iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T const*;
        using reference = T const&;

        const_iterator() = default;
        const_iterator(block_list const& list, std::size_t at) : list_{&list}, at_{at} {}
        T const& operator*() const { return (*list_)[at_]; }
        T const* operator->() const { return &(*list_)[at_]; }
        const_iterator& operator++() {
            ++at_;
            return *this;
        }
        const_iterator operator++(int) {
            auto const before = *this;
            ++at_;
            return before;
        }
        friend bool operator==(const_iterator const&, const_iterator const&) = default;

    private:
        block_list const* list_ = nullptr;
        std::size_t at_ = 0;
    };

    explicit block_list(std::pmr::memory_resource* memory = std::pmr::get_default_resource()) : memory_{memory} {}
    block_list(block_list const& other) : block_list{} {
        for (auto const& one : other) push_back(one);
    }
    block_list(block_list&& other) noexcept : memory_{other.memory_} { swap(other); }
    block_list& operator=(block_list other) noexcept {
        swap(other);
        return *this;
    }
    ~block_list() {
        for (std::size_t i = 0; i < size_; ++i) (*this)[i].~T();
        for (auto* block : blocks_) memory_->deallocate(block, block_bytes, alignment);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return blocks_[i / block_size][i % block_size]; }
    [[nodiscard]] T const& operator[](std::size_t i) const noexcept { return blocks_[i / block_size][i % block_size]; }
    [[nodiscard]] T const& back() const noexcept { return (*this)[size_ - 1]; }
    [[nodiscard]] const_iterator begin() const noexcept { return {*this, 0}; }
    [[nodiscard]] const_iterator end() const noexcept { return {*this, size_}; }

    void push_back(T one) {
        if (size_ == blocks_.size() * block_size) {
            blocks_.push_back(nullptr);
            try {
                blocks_.back() = static_cast<T*>(memory_->allocate(block_bytes, alignment));
            } catch (...) {
                blocks_.pop_back();
                throw;
            }
        }
        ::new (static_cast<void*>(&(*this)[size_])) T{std::move(one)};
        ++size_;
    }

private:
    static constexpr std::size_t block_bytes = block_size * sizeof(T);
    static constexpr std::size_t alignment = alignof(T);

    void swap(block_list& other) noexcept {
        std::swap(memory_, other.memory_);
        blocks_.swap(other.blocks_);
        std::swap(size_, other.size_);
    }

    std::pmr::memory_resource* memory_;
    boost::container::small_vector<T*, blocks_here> blocks_;
    std::size_t size_ = 0;
};

}  // namespace patron::v1::detail
