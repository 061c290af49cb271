#include <patron/base/money.hpp>  // first: the header stands on its own

#include <patron/base/id.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>
#include <random>
#include <sstream>

using namespace patron;
using namespace patron::literals;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr auto jpy = currency::literal("JPY");
constexpr auto kwd = currency::literal("KWD");
constexpr auto clf = currency::literal("CLF");
constexpr currency own;
constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

static_assert(1'200.50_CNY == money{120'050, cny});
static_assert(1200_CNY == money{120'000, cny});
static_assert(0.5_CNY == money{50, cny});
static_assert(12'000_JPY == money{12'000, jpy});
static_assert(1.234_KWD == money{1'234, kwd});
static_assert(92'233'720'368'547'758.07_EUR == money{most, currency::literal("EUR")});
static_assert(1.00_EUR != 1.00_USD);
static_assert(money{} == money{0, own});
static_assert(sizeof(money) == 16);

TEST_CASE("an amount is read in its currency's minor units", "[base][money]") {
    struct row {
        char const* text;
        std::int64_t units;
        currency in;
    };
    auto const [text, units, in] = GENERATE(values<row>({
        {"1200.00 CNY", 120'000, cny},
        {"1200 CNY", 120'000, cny},
        {"1200.5 CNY", 120'050, cny},
        {"0 CNY", 0, cny},
        {"0.01 CNY", 1, cny},
        {"-0.01 CNY", -1, cny},
        {"-0 CNY", 0, cny},
        {"0001.00 CNY", 100, cny},
        {"1200 JPY", 1'200, jpy},
        {"1.234 KWD", 1'234, kwd},
        {"1.2345 CLF", 12'345, clf},
        {"1200.00", 12'000'000, own},
        {"1.2345", 12'345, own},
        {"92233720368547758.07 CNY", most, cny},
        {"-92233720368547758.08 CNY", least, cny},
        {"-92233720368547758.07 CNY", -most, cny},
    }));
    CAPTURE(text);
    CHECK(money::parse(text) == money{units, in});
}

TEST_CASE("what is not exactly an amount is refused", "[base][money]") {
    struct row {
        std::string text;
        errc code;
    };
    auto const [text, code] = GENERATE(values<row>({
        {"", errc::malformed},
        {"-", errc::malformed},
        {".", errc::malformed},
        {".5 CNY", errc::malformed},
        {"5. CNY", errc::malformed},
        {"1.2.3 CNY", errc::malformed},
        {"1,200.00 CNY", errc::malformed},
        {"1'200 CNY", errc::malformed},
        {"+1 CNY", errc::malformed},
        {"--1 CNY", errc::malformed},
        {"1e3 CNY", errc::malformed},
        {"0x10 CNY", errc::malformed},
        {"nan", errc::malformed},
        {"inf", errc::malformed},
        {"CNY", errc::malformed},
        {"CNY 12", errc::malformed},
        {"12CNY", errc::malformed},
        {" 12 CNY", errc::malformed},
        {"１２ CNY", errc::malformed},
        {"\xff", errc::malformed},
        {"12 ", errc::unknown_currency},
        {"12  CNY", errc::unknown_currency},
        {"12 cny", errc::unknown_currency},
        {"12 CNY ", errc::unknown_currency},
        {"1.005 CNY", errc::wrong_scale},
        {"1.000 CNY", errc::wrong_scale},  // no guess that zeros don't count
        {"1.0 JPY", errc::wrong_scale},
        {"1.2345 KWD", errc::wrong_scale},
        {"1.23456", errc::wrong_scale},
        {"92233720368547758.08 CNY", errc::amount_overflow},
        {"-92233720368547758.09 CNY", errc::amount_overflow},
        {"9223372036854775808 JPY", errc::amount_overflow},
        {"922337203685477.5808", errc::amount_overflow},
        {"92233720368547759 CNY", errc::amount_overflow},
        {std::string(300, '9') + " CNY", errc::amount_overflow},
    }));
    CAPTURE(text);

    auto const read = money::parse(text);

    REQUIRE_FALSE(read);
    CHECK(read.error().code == code);
    CHECK_FALSE(read.error().remedy.empty());
    CHECK(read.error().saw.size() <= 80);
    CHECK(is_clean_utf8(read.error().saw));
}

TEST_CASE("an amount shows all the digits of its currency", "[base][money]") {
    CHECK((1200_CNY).to_string() == "1200.00 CNY");
    CHECK(money{5, cny}.to_string() == "0.05 CNY");
    CHECK(money{-5, cny}.to_string() == "-0.05 CNY");
    CHECK(money{-12'345, cny}.to_string() == "-123.45 CNY");
    CHECK((1200_JPY).to_string() == "1200 JPY");
    CHECK(money{1, kwd}.to_string() == "0.001 KWD");
    CHECK(money{12'000'000, own}.to_string() == "1200.0000");
    CHECK(money{least, cny}.to_string() == "-92233720368547758.08 CNY");
    std::ostringstream out;
    out << 0.05_CNY;
    CHECK(out.str() == "0.05 CNY");
}

TEST_CASE("any amount in any currency is read back as it was written", "[base][money][property]") {
    std::mt19937_64 random{20'240'101};
    for (int i = 0; i < 20'000; ++i) {
        auto const in =
            i % 10 == 0
                ? own
                : currency::of({detail::currencies[1 + random() % (detail::currency_count - 1)].code, 3}).value();
        // amounts of every magnitude, both signs, and the two extremes
        auto units = static_cast<std::int64_t>(random()) >> (random() % 64);
        if (i % 100 == 1) units = most;
        if (i % 100 == 2) units = least;
        money const amount{units, in};
        CAPTURE(amount);
        REQUIRE(money::parse(amount.to_string()) == amount);
    }
}

TEST_CASE("an amount in own currency takes the customer's, losing nothing", "[base][money]") {
    CHECK(money::parse("12.50").value().owned_as(cny) == 12.50_CNY);
    CHECK(money::parse("12").value().owned_as(jpy) == 12_JPY);
    CHECK(money::parse("1.2345").value().owned_as(clf) == money{12'345, clf});
    CHECK(money::parse("-0.01").value().owned_as(cny) == money{-1, cny});
    CHECK((3_EUR).owned_as(cny) == 3_EUR);
    CHECK(money::parse("12.5").value().owned_as(own) == money{125'000, own});

    auto const lossy = money::parse("12.5").value().owned_as(jpy);
    REQUIRE_FALSE(lossy);
    CHECK(lossy.error().code == errc::wrong_scale);
    CHECK(lossy.error().remedy == "JPY has 0 digits after the point");
    CHECK(money::parse("0.001").value().owned_as(cny).error().code == errc::wrong_scale);
}

TEST_CASE("amounts of one currency add and subtract, or say why not", "[base][money]") {
    CHECK(add(1.10_CNY, 2.20_CNY) == 3.30_CNY);
    CHECK(subtract(1.10_CNY, 2.20_CNY) == money{-110, cny});
    CHECK(add(money{most, cny}, 0_CNY) == money{most, cny});
    CHECK(add(money{most, cny}, money{least, cny}) == money{-1, cny});
    CHECK(subtract(money{least, cny}, money{least, cny}) == 0_CNY);

    CHECK(add(money{most, cny}, 0.01_CNY).error().code == errc::amount_overflow);
    CHECK(add(money{least, cny}, money{-1, cny}).error().code == errc::amount_overflow);
    CHECK(subtract(money{least, cny}, 0.01_CNY).error().code == errc::amount_overflow);
    CHECK(subtract(0_CNY, money{least, cny}).error().code == errc::amount_overflow);

    auto const mixed = add(1_CNY, 1_USD);
    REQUIRE_FALSE(mixed);
    CHECK(mixed.error().code == errc::currency_mismatch);
    CHECK(mixed.error().saw == "1.00 CNY and 1.00 USD");
    CHECK(subtract(1_CNY, 1_USD).error().code == errc::currency_mismatch);
    CHECK(add(0_CNY, money{}).error().code == errc::currency_mismatch);
}

TEST_CASE("a share is rounded once, in the mode that is named", "[base][money]") {
    struct row {
        std::int64_t units;
        std::int32_t bp;
        std::int64_t half_even, half_up, down, up;
    };
    // by hand: units x bp / 10 000
    auto const [units, bp, half_even, half_up, down, up] = GENERATE(values<row>({
        {1'001, 1'250, 125, 125, 125, 126},  // 125.125, the worked example of the header
        {-1'001, 1'250, -125, -125, -125, -126},
        {1, 5'000, 0, 1, 0, 1},  // 0.5: a tie to the even 0
        {3, 5'000, 2, 2, 1, 2},  // 1.5: a tie to the even 2
        {5, 5'000, 2, 3, 2, 3},  // 2.5
        {-1, 5'000, 0, -1, 0, -1},
        {-3, 5'000, -2, -2, -1, -2},
        {-5, 5'000, -2, -3, -2, -3},
        {7, 2'500, 2, 2, 1, 2},  // 1.75
        {5, 2'500, 1, 1, 1, 2},  // 1.25
        {5, -2'500, -1, -1, -1, -2},
        {10'000, 1, 1, 1, 1, 1},  // exact
        {9'999, 1, 1, 1, 0, 1},   // 0.9999
        {1, 1, 0, 0, 0, 1},
        {0, 12'345, 0, 0, 0, 0},
        {most, 10'000, most, most, most, most},
        {least, 10'000, least, least, least, least},
    }));
    CAPTURE(units, bp);
    money const amount{units, cny};
    basis_points const rate{bp};
    CHECK(share_of(amount, rate, rounding::half_even) == money{half_even, cny});
    CHECK(share_of(amount, rate, rounding::half_up) == money{half_up, cny});
    CHECK(share_of(amount, rate, rounding::down) == money{down, cny});
    CHECK(share_of(amount, rate, rounding::up) == money{up, cny});
}

TEST_CASE("a share that does not fit is an error", "[base][money]") {
    CHECK(share_of(money{most, cny}, basis_points{10'001}, rounding::down).error().code == errc::amount_overflow);
    CHECK(share_of(money{least, cny}, basis_points{-10'000}, rounding::down).error().code == errc::amount_overflow);
    CHECK(share_of(money{most, cny}, 200'000_percent, rounding::half_even).error().code == errc::amount_overflow);
}

TEST_CASE("the rounding modes enclose the exact share", "[base][money][property]") {
    std::mt19937_64 random{4'711};
    for (int i = 0; i < 20'000; ++i) {
        auto const units = static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000;
        auto const bp = static_cast<std::int32_t>(random() % 40'001) - 20'000;
        CAPTURE(units, bp);
        auto const in_mode = [&](rounding mode) {
            return share_of({units, cny}, basis_points{bp}, mode).value().minor_units();
        };
        std::int64_t const exact = units * bp;  // in ten-thousandths
        auto const nearest = in_mode(rounding::half_even);
        REQUIRE(std::abs(nearest * 10'000 - exact) <= 5'000);
        REQUIRE(std::abs(in_mode(rounding::half_up) * 10'000 - exact) <= 5'000);
        REQUIRE(std::abs(in_mode(rounding::down) * 10'000) <= std::abs(exact));
        REQUIRE(std::abs(in_mode(rounding::up) * 10'000) >= std::abs(exact));
        REQUIRE(std::abs(in_mode(rounding::up) - in_mode(rounding::down)) == (exact % 10'000 == 0 ? 0 : 1));
    }
}

}  // namespace
