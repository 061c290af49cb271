#include <patron/fact/fields.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using namespace patron::literals;

namespace {

static_assert(severity{}.value() == 1, "the least severe, never zero");
static_assert(severity{5} > severity{4});
static_assert(severity::lowest == 1 && severity::highest == 5);
static_assert(survey_mark{}.value() == decimal{});
static_assert(survey_mark{decimal{75, 1}} == survey_mark{decimal{750, 2}});
static_assert(proportion::highest == 1);

TEST_CASE("a limit is an amount or without bound; zero is an amount", "[fact][fields]") {
    constexpr limit_amount none_at_all = 0_CNY;
    constexpr auto unbounded = limit_amount::unlimited();
    STATIC_REQUIRE_FALSE(none_at_all.is_unlimited());
    STATIC_REQUIRE(none_at_all.amount() == 0_CNY);
    STATIC_REQUIRE(unbounded.is_unlimited());
    STATIC_REQUIRE_FALSE(unbounded == none_at_all);
    STATIC_REQUIRE_FALSE(unbounded == limit_amount{});
}

TEST_CASE("a band says in which measure it begins and pays", "[fact][fields]") {
    CHECK(band_edge{.by_quantity = true, .units = decimal{100, 0}} !=
          band_edge{.by_quantity = false, .value = 100_CNY});
    CHECK(band_rate{.percent = decimal{25, 1}} == band_rate{.percent = decimal{250, 2}});
    CHECK(band_rate{.percent = decimal{25, 1}} != band_rate{.per_unit = true, .amount = 2.50_CNY});
}

}  // namespace
