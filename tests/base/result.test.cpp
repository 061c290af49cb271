#include <patron/base/result.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace patron;

namespace {

TEST_CASE("every kind of failure has a stable name of its own", "[base][result]") {
    // the numbers are part of the C ABI: a new failure goes to the end, and this row moves
    static_assert(static_cast<int>(errc::amount_overflow) == 1);
    static_assert(static_cast<int>(errc::io_failure) == 19);
    std::set<std::string_view> names;
    for (int number = 1; number <= 19; ++number) names.insert(name_of(static_cast<errc>(number)));
    CHECK(names.size() == 19);
    CHECK_FALSE(names.contains("unknown_error"));
    CHECK(name_of(errc::closed_period) == "closed_period");
    CHECK(name_of(static_cast<errc>(200)) == "unknown_error");
}

TEST_CASE("a message names the place, the field, what was seen and the remedy", "[base][result]") {
    error e{.code = errc::malformed,
            .field = "amount",
            .saw = "12,00",
            .remedy = "give an amount such as \"1200.00 CNY\"",
            .source = "feed.jsonl",
            .line = 17};
    CHECK(e.message() == "feed.jsonl:17: malformed in 'amount': saw \"12,00\"; give an amount such as \"1200.00 CNY\"");

    e.source.clear();
    CHECK(e.message() == "line 17: malformed in 'amount': saw \"12,00\"; give an amount such as \"1200.00 CNY\"");

    e = error{.code = errc::io_failure, .source = "feed.jsonl"};
    CHECK(e.message() == "feed.jsonl: io_failure");

    e = error{.code = errc::unknown_fact};
    CHECK(e.message() == "unknown_fact");

    std::ostringstream out;
    out << e;
    CHECK(out.str() == e.message());
}

TEST_CASE("a result is a value or an error, and reading the wrong one is a broken promise", "[base][result]") {
    result<int> const good = 7;
    result<int> const bad = error{.code = errc::out_of_range, .field = "severity"};

    CHECK(good.value() == 7);
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == errc::out_of_range);
    CHECK(bad.error() == error{.code = errc::out_of_range, .field = "severity"});
    CHECK_FALSE(bad.error() == error{.code = errc::out_of_range, .field = "amount"});
    try {
        (void)bad.value();
        FAIL("value() of an error must throw");
    } catch (std::runtime_error const& thrown) { CHECK(std::string{thrown.what()} == "out_of_range in 'severity'"); }
}

}  // namespace
