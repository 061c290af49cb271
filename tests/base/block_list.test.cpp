#include <patron/base/impl/block_list.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <memory_resource>
#include <new>
#include <string>
#include <utility>
#include <vector>

using namespace patron;

namespace {

std::string nth(std::size_t i) { return "a text that takes memory of its own, number " + std::to_string(i); }

/// Counts what is out, and refuses when nothing is left.
class counting_memory final : public std::pmr::memory_resource {
public:
    std::size_t out = 0;
    std::size_t left = SIZE_MAX;

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (bytes > left) throw std::bad_alloc{};
        left -= bytes;
        out += bytes;
        return ::operator new(bytes, std::align_val_t{alignment});
    }
    void do_deallocate(void* from, std::size_t bytes, std::size_t alignment) override {
        out -= bytes;
        ::operator delete(from, std::align_val_t{alignment});
    }
    [[nodiscard]] bool do_is_equal(memory_resource const& other) const noexcept override { return this == &other; }
};

}  // namespace

TEST_CASE("what is in the list stays where it is", "[base][block_list]") {
    detail::block_list<std::string> list;
    CHECK(list.empty());
    std::vector<std::string const*> places;
    for (std::size_t i = 0; i < 1'000; ++i) {
        list.push_back(nth(i));
        CHECK(list.size() == i + 1);
        CHECK(list.back() == nth(i));
        places.push_back(&list[i]);
    }
    std::size_t i = 0;
    for (auto const& one : list) {
        REQUIRE(&one == places[i]);
        REQUIRE(one == nth(i));
        ++i;
    }
    CHECK(i == 1'000);
}

TEST_CASE("a copy is another list, a moved one the same", "[base][block_list]") {
    counting_memory memory;
    {
        detail::block_list<std::string> list{&memory};
        for (std::size_t i = 0; i < 50; ++i) list.push_back(nth(i));
        auto const held = memory.out;
        auto copy = list;
        CHECK(memory.out == held);  // from the default memory
        copy.push_back(nth(50));
        copy[0] = "changed";
        CHECK(list.size() == 50);
        CHECK(list[0] == nth(0));
        CHECK(copy[49] == nth(49));

        auto const* const place = &list[7];
        auto const moved = std::move(list);
        CHECK(&moved[7] == place);
        CHECK(memory.out == held);
        copy = detail::block_list<std::string>{};
        CHECK(copy.empty());
    }
    CHECK(memory.out == 0);
}

TEST_CASE("without memory the list is as it was", "[base][block_list]") {
    counting_memory memory;
    detail::block_list<std::string> list{&memory};
    for (std::size_t i = 0; i < 8; ++i) list.push_back(nth(i));
    memory.left = 0;
    CHECK_THROWS_AS(list.push_back(nth(8)), std::bad_alloc);
    CHECK(list.size() == 8);
    memory.left = SIZE_MAX;
    list.push_back(nth(8));
    CHECK(list.size() == 9);
    CHECK(list[8] == nth(8));
}
