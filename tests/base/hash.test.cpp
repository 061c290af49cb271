#include <patron/base/hash.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>

using namespace patron;

namespace {

// the digits of this release: whatever is kept by them must be found by all later ones
static_assert(stable_hash("") == 0xE184'8576'4BA0'3644U);
static_assert(stable_hash("a") == 0xBBFD'AAE1'F76F'AA63U);
static_assert(stable_hash("C-00042") == 0x64CD'4209'B42E'F709U);
static_assert(stable_hash("SO-2024-000017") == 0x478D'99DD'5934'BA43U);

}  // namespace

TEST_CASE("compiled and at run time the hash is the same, at every length", "[base][hash]") {
    static constexpr std::string_view text =
        "the quick brown fox jumps over the lazy dog \xE5\xAE\xA2\xE6\x88\xB7 0123456789";
    constexpr auto compiled = [] {
        std::array<std::uint64_t, 40> all{};
        for (std::size_t size = 0; size < all.size(); ++size) all[size] = stable_hash(text.substr(20, size));
        return all;
    }();
    std::string const copy{text};  // not known to the compiler
    for (std::size_t size = 0; size < compiled.size(); ++size) {
        CAPTURE(size);
        CHECK(stable_hash(std::string_view{copy}.substr(20, size)) == compiled[size]);
    }
}

TEST_CASE("one byte more, less or changed gives another hash", "[base][hash]") {
    std::set<std::uint64_t> seen;
    std::string text;
    for (int size = 0; size < 40; ++size) {
        CHECK(seen.insert(stable_hash(text)).second);
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto changed = text;
            changed[i] ^= 1;
            CHECK(seen.insert(stable_hash(changed)).second);
        }
        text += '\0';
    }
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
