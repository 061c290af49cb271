#include <patron/insight/whole_units.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using insight::whole_units;

TEST_CASE("whole units are by the digits of the currency", "[insight][whole_units]") {
    static_assert(whole_units({12'50, currency::literal("EUR")}) == 12.5);
    CHECK(whole_units({1'200, currency::literal("JPY")}) == 1200);
    CHECK(whole_units({1'200'500, currency::literal("KWD")}) == 1200.5);
    CHECK(whole_units({-5, currency::literal("USD")}) == -0.05);
    CHECK(whole_units({}) == 0);
    // no currency has more digits than it knows of
    for (auto const& c : patron::detail::currencies) CHECK((c.minor_digits >= 0 && c.minor_digits <= 4));
}
