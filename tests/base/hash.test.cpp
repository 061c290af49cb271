#include <patron/base/hash.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>

using namespace patron;

TEST_CASE("the hash is the same on every platform and in every release", "[base][hash]") {
    STATIC_CHECK(stable_hash("") == stable_hash({}));
    // FNV-1a of "a" is AF63DC4C8601EC8C (draft-eastlake-fnv), mixed from there
    auto const mixed = [](std::uint64_t h) {
        h ^= h >> 32U;
        h *= 0xD6E8FEB86659FD93U;
        return h ^ (h >> 32U);
    };
    CHECK(stable_hash("a") == mixed(0xAF63DC4C8601EC8CU));
    CHECK(stable_hash("foobar") == mixed(0x85944171F73967E8U));
}

TEST_CASE("consecutive numbers spread over every part of the hash", "[base][hash]") {
    constexpr int count = 64'000;
    std::array<int, 64> by_top_bits{};
    std::array<int, 64> by_low_bits{};
    for (int i = 0; i < count; ++i) {
        auto const h = stable_hash("C-" + std::to_string(i));
        ++by_top_bits[h >> 58U];
        ++by_low_bits[h & 63U];
    }
    for (std::size_t part = 0; part < 64; ++part) {
        CAPTURE(part);
        CHECK(by_top_bits[part] > count / 64 * 4 / 5);
        CHECK(by_top_bits[part] < count / 64 * 6 / 5);
        CHECK(by_low_bits[part] > count / 64 * 4 / 5);
        CHECK(by_low_bits[part] < count / 64 * 6 / 5);
    }
}
