#include <patron/base/currency.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sstream>

using namespace patron;

namespace {

consteval bool sorted_and_unique() {
    for (std::size_t i = 1; i < detail::currency_count; ++i) {
        if (!(std::string_view{detail::currencies[i - 1].code} < std::string_view{detail::currencies[i].code}))
            return false;
    }
    return true;
}
static_assert(sorted_and_unique(), "of() searches by halves, so the table must be in order");

consteval bool three_capitals_each() {
    for (std::size_t i = 1; i < detail::currency_count; ++i) {
        for (char const c : std::string_view{detail::currencies[i].code, 3}) {
            if (c < 'A' || c > 'Z') return false;
        }
    }
    return true;
}
static_assert(three_capitals_each());
static_assert(detail::currency_count <= 256, "the index is one byte");
static_assert(sizeof(currency) == 1);

static_assert(currency::literal("KWD").minor_digits() == 3);
static_assert(currency::literal("CNY") != currency::literal("USD"));

TEST_CASE("a currency knows its minor digits", "[base][currency]") {
    struct row {
        char const* code;
        int digits;
    };
    // ISO 4217, list one, column "minor unit"
    auto const [code, digits] = GENERATE(values<row>({
        {"CNY", 2}, {"EUR", 2}, {"USD", 2}, {"GBP", 2}, {"HUF", 2}, {"AED", 2},  // AED is the table's first
        {"ZWG", 2},                                                              // and ZWG its last
        {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"CLP", 0}, {"ISK", 0}, {"UYI", 0}, {"XOF", 0}, {"KWD", 3},
        {"BHD", 3}, {"JOD", 3}, {"OMR", 3}, {"TND", 3}, {"LYD", 3}, {"IQD", 3}, {"CLF", 4}, {"UYW", 4},
    }));
    CAPTURE(code);

    auto const found = currency::of(code);

    REQUIRE(found);
    CHECK(found.value().minor_digits() == digits);
    CHECK(found.value().code() == code);
    CHECK_FALSE(found.value().is_own());
}

TEST_CASE("every code of the table finds itself", "[base][currency]") {
    for (std::size_t i = 1; i < detail::currency_count; ++i) {
        std::string_view const code{detail::currencies[i].code, 3};
        CAPTURE(code);
        auto const found = currency::of(code);
        REQUIRE(found);
        REQUIRE(found.value().code() == code);
    }
}

TEST_CASE("what is no ISO 4217 code is refused with a remedy", "[base][currency]") {
    auto const text = GENERATE(as<std::string>{}, "", "cny", "CN", "CNYY", " CNY", "CNY ", "RMB", "AAA", "ZZZ", "DEM",
                               std::string{"CN\0", 3}, "元", "\xff\xff\xff");
    CAPTURE(text);

    auto const found = currency::of(text);

    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::unknown_currency);
    CHECK(found.error().remedy == "give an ISO 4217 code in upper case, such as \"CNY\"");
    CHECK(is_clean_utf8(found.error().saw));
}

TEST_CASE("the customer's own currency is the default and has no code", "[base][currency]") {
    constexpr currency own;
    CHECK(own.is_own());
    CHECK(own.code().empty());
    CHECK(own.minor_digits() == 4);
    std::ostringstream out;
    out << own << ' ' << currency::literal("CNY");
    CHECK(out.str() == "own CNY");
}

}  // namespace
