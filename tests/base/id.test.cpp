#include <patron/base/id.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace patron;

namespace {

static_assert(code{"falling_share"}.view() == "falling_share");
static_assert(code{"rule_2"} == code{"rule_2"});
static_assert(!(code{"rule_2"} == code{"rule_3"}));

std::string utf8_of(char32_t c) {
    auto const byte = [](char32_t bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
    if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

TEST_CASE("text is clean when it is UTF-8 without control characters", "[base][id]") {
    struct row {
        std::string bytes;
        bool clean;
    };
    auto const [bytes, clean] = GENERATE(values<row>({
        {"", true},
        {"C-1001", true},
        {"上海百货有限公司", true},
        {"Grüße an Żółć", true},
        {"\xF0\x9F\x98\x80", true},  // U+1F600, four bytes
        {"\xC2\x80", true},          // U+0080, the first of two bytes
        {"\xDF\xBF", true},          // U+07FF
        {"\xE0\xA0\x80", true},      // U+0800, the first of three
        {"\xED\x9F\xBF", true},      // U+D7FF, below the surrogates
        {"\xEE\x80\x80", true},      // U+E000, above them
        {"\xEF\xBF\xBF", true},      // U+FFFF
        {"\xF0\x90\x80\x80", true},  // U+10000, the first of four
        {"\xF4\x8F\xBF\xBF", true},  // U+10FFFF, the last of all
        {std::string(1, '\0'), false},
        {std::string{"a\0b", 3}, false},
        {"a\tb", false},
        {"a\nb", false},
        {"\x1F", false},
        {"\x7F", false},
        {"\x80", false},  // a continuation alone
        {"\xBF", false},
        {"\xC0\x80", false},      // overlong U+0000
        {"\xC1\xBF", false},      // overlong U+007F
        {"\xE0\x80\x80", false},  // overlong, three bytes
        {"\xE0\x9F\xBF", false},
        {"\xF0\x80\x80\x80", false},  // overlong, four bytes
        {"\xF0\x8F\xBF\xBF", false},
        {"\xED\xA0\x80", false},      // U+D800, a surrogate
        {"\xED\xBF\xBF", false},      // U+DFFF
        {"\xF4\x90\x80\x80", false},  // U+110000
        {"\xF5\x80\x80\x80", false},
        {"\xF8\x88\x80\x80\x80", false},  // five bytes, of old
        {"\xFE", false},
        {"\xFF", false},
        {"\xC3", false},  // cut short
        {"\xE4\xB8", false},
        {"\xF0\x9F\x98", false},
        {"\xE4", false},
        {"\xC3(", false},  // a lead without its continuation
        {"\xE4\xB8(", false},
        {"\xF0\x9F\x98(", false},
        {"good\xFFgood", false},
    }));
    CAPTURE(bytes);
    CHECK(is_clean_utf8(bytes) == clean);
}

TEST_CASE("every character of Unicode is accepted, but for controls and surrogates", "[base][id][property]") {
    std::size_t wrong = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        bool const control = c < 0x20 || c == 0x7F;
        bool const surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (is_clean_utf8(utf8_of(c)) == (control || surrogate)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("what an error shows is short, whole characters and clean", "[base][id]") {
    CHECK(detail::shown("12,00") == "12,00");
    CHECK(detail::shown(std::string(80, 'x')) == std::string(80, 'x'));
    CHECK(detail::shown(std::string(81, 'x')) == std::string(80, 'x'));
    CHECK(detail::shown("bad\xFF") == "(not clean UTF-8)");
    std::string chinese;
    for (int i = 0; i < 30; ++i) chinese += "元";  // 90 bytes: 80 would cut the 27th
    CHECK(detail::shown(chinese) == chinese.substr(0, 78));
    CHECK(detail::shown(std::string(79, 'x') + "\xF0\x9F\x98\x80") == std::string(79, 'x'));
}

}  // namespace
