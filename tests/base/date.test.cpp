#include <patron/base/date.hpp>  // first: the header stands on its own

#include <patron/base/id.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>
#include <sstream>

using namespace patron;
using namespace std::chrono_literals;
namespace chrono = std::chrono;

namespace {

static_assert(period{2024y, chrono::January}.first() == day{2024y / 1 / 1});
static_assert(period{2024y, chrono::February}.last() == day{2024y / 2 / 29});
static_assert(period{day{2023y / 2 / 28}}.last() == day{2023y / 2 / 28});
static_assert(period{2024y, chrono::December} + 1 == period{2025y, chrono::January});
static_assert(period{2024y, chrono::January} - 1 == period{2023y, chrono::December});
static_assert(period{2025y, chrono::March} - period{2024y, chrono::January} == 14);
static_assert(period::at_index(period{2024y, chrono::May}.index()) == period{2024y, chrono::May});
static_assert(period{2024y, chrono::May} < period{2024y, chrono::June});
static_assert(moment{2024y / 2 / 29}.on() == day{2024y / 2 / 29});

TEST_CASE("the months of all days are those of the calendar, in range and beyond", "[base][date]") {
    for (auto on = day{1899y / 11 / 1}; on <= day{2200y / 3 / 1}; on += chrono::days{1}) {
        chrono::year_month_day const date{on};
        period const month{on};
        if (month == period{date.year(), date.month()} && month.first() == day{date.year() / date.month() / 1} &&
            month.last() == day{date.year() / date.month() / chrono::last}) {
            continue;
        }
        FAIL(to_string(on));
    }
    CHECK(period{day{-4y / 2 / 29}} == period{-4y, chrono::February});
    CHECK(period{9'999y, chrono::February}.last() == day{9'999y / 2 / 28});
}

TEST_CASE("a day is read in the Gregorian calendar", "[base][date]") {
    CHECK(parse_day("1900-01-01").value() == first_day);
    CHECK(parse_day("2199-12-31").value() == last_day);
    CHECK(parse_day("2024-02-29").value() == day{2024y / 2 / 29});
    CHECK(parse_day("2000-02-29").value() == day{2000y / 2 / 29});
    CHECK(to_string(day{2024y / 3 / 5}) == "2024-03-05");
}

TEST_CASE("what is no day is refused", "[base][date]") {
    struct row {
        char const* text;
        errc code;
    };
    auto const [text, code] = GENERATE(values<row>({
        {"", errc::malformed},
        {"2024-1-01", errc::malformed},
        {"2024/01/01", errc::malformed},
        {"20240101", errc::malformed},
        {"2024-01-01 ", errc::malformed},
        {"2024-01-0x", errc::malformed},
        {"-024-01-01", errc::malformed},
        {"+024-01-01", errc::malformed},
        {"\xe5\x85\x83-01-01\xff", errc::malformed},
        {"2023-02-29", errc::out_of_range},
        {"1900-02-29", errc::out_of_range},  // a century that is no leap year
        {"2024-04-31", errc::out_of_range},
        {"2024-13-01", errc::out_of_range},
        {"2024-00-10", errc::out_of_range},
        {"2024-01-00", errc::out_of_range},
        {"2024-01-32", errc::out_of_range},
        {"0000-01-01", errc::out_of_range},
        {"1899-12-31", errc::out_of_range},
        {"2200-01-01", errc::out_of_range},
        {"9999-12-31", errc::out_of_range},
    }));
    CAPTURE(text);
    auto const read = parse_day(text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == code);
    CHECK_FALSE(read.error().remedy.empty());
    CHECK(is_clean_utf8(read.error().saw));
    CHECK(moment::parse(text).error().code == code);
}

TEST_CASE("every day of the range is read back as it was written", "[base][date][property]") {
    for (auto d = first_day; d <= last_day; d += chrono::days{1}) {
        auto const read = parse_day(to_string(d));
        if (!read || read.value() != d) FAIL_CHECK(to_string(d));
    }
}

TEST_CASE("a moment is a day or a second of it", "[base][date]") {
    CHECK(moment::parse("2024-03-05") == moment{day{2024y / 3 / 5}});
    CHECK(moment::parse("2024-03-05T13:07:09Z") == moment{day{2024y / 3 / 5} + 13h + 7min + 9s});
    CHECK(moment::parse("2024-03-05T00:00:00Z") == moment{day{2024y / 3 / 5}});
    CHECK(moment{day{2024y / 3 / 5} + 23h + 59min + 59s}.on() == day{2024y / 3 / 5});
    CHECK(moment{day{1969y / 12 / 31} + 23h}.on() == day{1969y / 12 / 31});  // before the epoch it still rounds down
    CHECK(moment{day{1969y / 12 / 31} + 23h}.to_string() == "1969-12-31T23:00:00Z");
    CHECK(moment{day{2024y / 3 / 5} + 1s}.to_string() == "2024-03-05T00:00:01Z");
    CHECK(moment{day{2024y / 3 / 5}} < moment{day{2024y / 3 / 5} + 1s});
    std::ostringstream out;
    out << moment{2024y / 3 / 5} << ' ' << period{2024y, chrono::March};
    CHECK(out.str() == "2024-03-05 2024-03");
}

TEST_CASE("what is no moment is refused", "[base][date]") {
    struct row {
        char const* text;
        errc code;
    };
    auto const [text, code] = GENERATE(values<row>({
        {"2024-03-05T13:07Z", errc::malformed},
        {"2024-03-05T13:07:09", errc::malformed},
        {"2024-03-05 13:07:09Z", errc::malformed},
        {"2024-03-05T13:07:09+08:00", errc::malformed},
        {"2024-03-05T13:07:09.5Z", errc::malformed},
        {"2024-03-05T1x:07:09Z", errc::malformed},
        {"2024-03-05T13-07-09Z", errc::malformed},
        {"2024-03-05T24:00:00Z", errc::out_of_range},
        {"2024-03-05T13:60:00Z", errc::out_of_range},
        {"2024-03-05T23:59:60Z", errc::out_of_range},  // UTC as the chrono library counts it has no leap second
        {"2023-02-29T13:07:09Z", errc::out_of_range},
    }));
    CAPTURE(text);
    auto const read = moment::parse(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == code);
    CHECK(read.error().saw == text);
}

TEST_CASE("any moment is read back as it was written", "[base][date][property]") {
    std::mt19937_64 random{3};
    auto const range = static_cast<std::uint64_t>((last_day - first_day).count());
    for (int i = 0; i < 20'000; ++i) {
        moment const at{first_day + chrono::days{static_cast<int>(random() % range)} +
                        chrono::seconds{static_cast<int>(random() % 86'400)}};
        CAPTURE(at);
        REQUIRE(moment::parse(at.to_string()) == at);
    }
}

TEST_CASE("a month is read, and every month is read back", "[base][date]") {
    CHECK(period::parse("2024-02") == period{2024y, chrono::February});
    for (auto p = period{first_day}; p <= period{last_day}; p = p + 1) {
        CAPTURE(p);
        REQUIRE(period::parse(p.to_string()) == p);
        REQUIRE(period{p.first()} == p);
        REQUIRE(period{p.last()} == p);
        REQUIRE(p.last() + chrono::days{1} == (p + 1).first());
    }
    struct row {
        char const* text;
        errc code;
    };
    for (auto const& [text, code] :
         {row{"", errc::malformed}, row{"2024-2", errc::malformed}, row{"2024-02-01", errc::malformed},
          row{"2024/02", errc::malformed}, row{"2o24-02", errc::malformed}, row{"2024-0x", errc::malformed},
          row{"2024-00", errc::out_of_range}, row{"2024-13", errc::out_of_range}, row{"1899-12", errc::out_of_range},
          row{"2200-01", errc::out_of_range}}) {
        CAPTURE(text);
        CHECK(period::parse(text).error().code == code);
    }
}

TEST_CASE("a fiscal year is named by the year in which it begins", "[base][date]") {
    constexpr auto march_2024 = period{2024y, chrono::March};
    constexpr auto april_2024 = period{2024y, chrono::April};
    STATIC_REQUIRE(march_2024.fiscal_year(chrono::January) == 2024y);
    STATIC_REQUIRE(march_2024.fiscal_year(chrono::April) == 2023y);
    STATIC_REQUIRE(april_2024.fiscal_year(chrono::April) == 2024y);
    STATIC_REQUIRE(period(2024y, chrono::November).fiscal_year(chrono::December) == 2023y);
    STATIC_REQUIRE(period(2024y, chrono::December).fiscal_year(chrono::December) == 2024y);
}

}  // namespace
