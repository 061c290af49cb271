#include <patron/engine/impl/pages.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace patron;

TEST_CASE("a piece is as large as asked, and little larger", "[engine][pages]") {
    for (std::size_t bytes = 1; bytes <= 40'000; ++bytes) {
        auto const fit = detail::size_class_of(bytes);
        REQUIRE(fit.bytes >= bytes);
        REQUIRE(fit.bytes < bytes + std::max<std::size_t>(detail::cache_line, bytes / 4 + 1));
        REQUIRE(fit.bytes % detail::cache_line == 0);
        auto const next = detail::size_class_of(fit.bytes + 1);
        REQUIRE(next.index > fit.index);  // no two sizes share a class
        REQUIRE(detail::size_class_of(fit.bytes).index == fit.index);
    }
}

TEST_CASE("pieces of a slot never overlap, and are used again", "[engine][pages]") {
    detail::page_pool pool;
    detail::slot_memory memory{pool};
    struct piece {
        unsigned char* at;
        std::size_t bytes;
        unsigned char mark;
    };
    std::vector<piece> held;
    std::set<void*> ever;
    std::size_t taken = 0;
    std::mt19937 random{11};
    for (int i = 0; i < 20'000; ++i) {
        if (held.size() > 100 || (!held.empty() && random() % 3 == 0)) {
            auto const which = random() % held.size();
            auto const p = held[which];
            for (std::size_t b = 0; b < p.bytes; ++b) REQUIRE(p.at[b] == p.mark);
            memory.deallocate(p.at, p.bytes, 8);
            held[which] = held.back();
            held.pop_back();
            continue;
        }
        auto const bytes = random() % 20 == 0 ? random() % 100'000 + 1 : random() % 700 + 1;
        auto* const at = static_cast<unsigned char*>(memory.allocate(bytes, 8));
        REQUIRE(reinterpret_cast<std::uintptr_t>(at) % detail::cache_line == 0);
        auto const mark = static_cast<unsigned char>(random());
        std::memset(at, mark, bytes);
        held.push_back({at, bytes, mark});
        ever.insert(at);
        ++taken;
    }
    CHECK(ever.size() < taken / 4);
    for (auto const& p : held) memory.deallocate(p.at, p.bytes, 8);
}

TEST_CASE("a sequence of blocks keeps its elements where they are, and ends them", "[engine][pages]") {
    detail::page_pool pool;
    std::vector<std::string*> places;
    auto const long_text = [](std::size_t i) { return std::string(40, 'x') + std::to_string(i); };
    detail::blocks_of<std::string> all{pool};
    for (std::size_t i = 0; i < 1'000; ++i) {
        all.emplace_back() = long_text(i);
        places.push_back(&all[i]);
    }
    REQUIRE(all.size() == 1'000);
    for (std::size_t i = 0; i < 1'000; ++i) {
        REQUIRE(&all[i] == places[i]);
        REQUIRE(all[i] == long_text(i));
    }
}
