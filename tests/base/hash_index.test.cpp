#include <patron/base/impl/hash_index.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>
#include <unordered_map>
#include <vector>

using namespace patron;

namespace {

auto is(std::uint32_t wanted) {
    return [wanted](std::uint32_t value) { return value == wanted; };
}

}  // namespace

TEST_CASE("an empty index finds nothing", "[base][hash_index]") {
    detail::hash_index const index;
    index.fetch(7);
    CHECK(index.find(7, is(0)) == detail::hash_index::none);
    CHECK(index.bytes_held() == 0);
}

TEST_CASE("a look-up of what is not there ends at every size", "[base][hash_index]") {
    detail::hash_index index;
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        index.add(i * 0x9E3779B1U, i);
        CAPTURE(i);
        REQUIRE(index.find(0xFFFFFFFFU, is(detail::hash_index::none - 1)) == detail::hash_index::none);
        REQUIRE(index.find(i * 0x9E3779B1U, is(i)) == i);
    }
}

TEST_CASE("things of one hash are told apart by asking them", "[base][hash_index]") {
    detail::hash_index index;
    for (std::uint32_t value = 0; value < 100; ++value) index.add(42, value);
    for (std::uint32_t value = 0; value < 100; ++value) CHECK(index.find(42, is(value)) == value);
    CHECK(index.find(42, is(100)) == detail::hash_index::none);
    CHECK(index.find(43, [](std::uint32_t) { return true; }) == detail::hash_index::none);
}

TEST_CASE("it agrees with a standard map, whatever the hashes are like", "[base][hash_index]") {
    auto const mask = GENERATE(0xFFFFFFFFU, 0xFF000000U, 0x000000FFU, 0xFFFFF000U);
    std::mt19937 random{mask};
    detail::hash_index index;
    std::unordered_multimap<std::uint32_t, std::uint32_t> expected;
    for (std::uint32_t value = 0; value < 2'000; ++value) {
        auto const hash = static_cast<std::uint32_t>(random()) & mask;
        index.add(hash, value);
        expected.emplace(hash, value);
    }
    for (auto const& [hash, value] : expected) REQUIRE(index.find(hash, is(value)) == value);
    for (int i = 0; i < 2'000; ++i) {
        auto const hash = static_cast<std::uint32_t>(random()) & mask;
        auto const found = index.find(hash, [](std::uint32_t) { return true; });
        REQUIRE((found != detail::hash_index::none) == expected.contains(hash));
    }
}

TEST_CASE("it holds little more than its entries", "[base][hash_index]") {
    detail::hash_index index;
    std::mt19937 random{1};
    constexpr std::uint32_t count = 100'000;
    for (std::uint32_t value = 0; value < count; ++value) index.add(static_cast<std::uint32_t>(random()), value);
    CHECK(index.bytes_held() >= count * 8);
    CHECK(index.bytes_held() <= count * 8 * 8 / 5);
}
