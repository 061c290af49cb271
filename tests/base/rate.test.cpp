#include <patron/base/rate.hpp>  // first: the header stands on its own

#include <patron/base/id.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>
#include <random>
#include <sstream>

using namespace patron;
using namespace patron::literals;

namespace {

static_assert(50_percent == basis_points{5'000});
static_assert(45_bp == basis_points{45});
static_assert(45_bp < 1_percent);
static_assert(decimal{150, 2} == decimal{15, 1});
static_assert(decimal{1'000, 3} == decimal{1, 0});
static_assert(decimal{0, 5} == decimal{});
static_assert(decimal{15, 1}.units() == 15 && decimal{15, 1}.digits() == 1);
static_assert(decimal{-125, 2}.approximate() == -1.25);

TEST_CASE("a rate shows itself in percent", "[base][rate]") {
    auto const shown = [](basis_points rate) {
        std::ostringstream out;
        out << rate;
        return out.str();
    };
    CHECK(shown(50_percent) == "50.00%");
    CHECK(shown(45_bp) == "0.45%");
    CHECK(shown(basis_points{-1'250}) == "-12.50%");
}

TEST_CASE("a decimal is read exactly", "[base][rate]") {
    struct row {
        char const* text;
        std::int64_t units;
        int digits;
        char const* shortest;
    };
    auto const [text, units, digits, shortest] = GENERATE(values<row>({
        {"0", 0, 0, "0"},
        {"-0", 0, 0, "0"},
        {"12", 12, 0, "12"},
        {"120", 120, 0, "120"},
        {"1200.00", 1'200, 0, "1200"},
        {"-0.5", -5, 1, "-0.5"},
        {"0.05", 5, 2, "0.05"},
        {"7.1532", 71'532, 4, "7.1532"},
        {"007.10", 71, 1, "7.1"},
        {"0.000000000000000001", 1, 18, "0.000000000000000001"},
        {"999999999999999999", 999'999'999'999'999'999, 0, "999999999999999999"},
        {"9223372036854775807", std::numeric_limits<std::int64_t>::max(), 0, "9223372036854775807"},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min(), 0, "-9223372036854775808"},
    }));
    CAPTURE(text);
    auto const read = decimal::parse(text);
    REQUIRE(read);
    CHECK(read.value().units() == units);
    CHECK(read.value().digits() == digits);
    CHECK(read.value().to_string() == shortest);
}

TEST_CASE("what is no plain decimal is refused", "[base][rate]") {
    struct row {
        std::string text;
        errc code;
    };
    auto const [text, code] = GENERATE(values<row>({
        {"", errc::malformed},
        {"-", errc::malformed},
        {".", errc::malformed},
        {".5", errc::malformed},
        {"5.", errc::malformed},
        {"1.2.3", errc::malformed},
        {"1e3", errc::malformed},
        {"+1", errc::malformed},
        {"1,5", errc::malformed},
        {" 1", errc::malformed},
        {"NaN", errc::malformed},
        {"\xc3", errc::malformed},
        {"9223372036854775808", errc::out_of_range},
        {"-9223372036854775809", errc::out_of_range},
        {"0.0000000000000000001", errc::out_of_range},
        {std::string(200, '9'), errc::out_of_range},
    }));
    CAPTURE(text);
    auto const read = decimal::parse(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == code);
    CHECK_FALSE(read.error().remedy.empty());
    CHECK(read.error().saw.size() <= 80);
    CHECK(is_clean_utf8(read.error().saw));
}

TEST_CASE("decimals compare by value, however far apart their scales", "[base][rate]") {
    CHECK(decimal{15, 1} > decimal{149, 2});
    CHECK(decimal{-15, 1} < decimal{-149, 2});
    CHECK(decimal{1, 18} > decimal{});
    CHECK(decimal{std::numeric_limits<std::int64_t>::max(), 0} > decimal{std::numeric_limits<std::int64_t>::max(), 18});
    CHECK(decimal{std::numeric_limits<std::int64_t>::min(), 0} < decimal{1, 18});
    CHECK((decimal{150, 2} <=> decimal{15, 1}) == std::strong_ordering::equal);
}

TEST_CASE("any decimal is read back from its shortest form", "[base][rate][property]") {
    std::mt19937_64 random{99};
    for (int i = 0; i < 20'000; ++i) {
        decimal const number{static_cast<std::int64_t>(random()) >> (random() % 64), static_cast<int>(random() % 19)};
        CAPTURE(number);
        REQUIRE(decimal::parse(number.to_string()) == number);
    }
}

TEST_CASE("the order of decimals agrees with that of whole numbers", "[base][rate][property]") {
    std::mt19937_64 random{100};
    for (int i = 0; i < 20'000; ++i) {
        auto const a = static_cast<std::int64_t>(random() % 20'001) - 10'000;
        auto const b = static_cast<std::int64_t>(random() % 20'001) - 10'000;
        // the same two values, one at scale 2 and one padded to scale 5
        CAPTURE(a, b);
        REQUIRE((decimal{a, 2} <=> decimal{b * 1'000, 5}) == (a <=> b));
    }
}

}  // namespace
