#include <patron/lifecycle/rules_text.hpp>  // first: the header stands on its own

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("a rulebook that is written and read back is the same", "[lifecycle][rules_text]") {
    lifecycle::lifecycle_rules house;
    house.version = "house 7, of March";
    house.promotion.promote_share = basis_points{6'000};
    house.promotion.window_months = 6;
    house.coverage.executive_levels = {"owner", "ceo"};
    house.decline.complaint_limit_days = {50, 40, 30, 20, 10};
    house.ending.silent_gaps = 9;
    auto const text = to_text(house);
    CHECK(text.starts_with("version = house 7, of March\npromotion.promote_share = 6000\n"));
    auto const read = lifecycle::parse_rules(text);
    REQUIRE(read.has_value());
    CHECK(to_text(read.value()) == text);
    CHECK(read.value().version == house.version);
    CHECK(read.value().decline.complaint_limit_days == house.decline.complaint_limit_days);
    CHECK(read.value().coverage.executive_levels == house.coverage.executive_levels);
    CHECK(to_text(read.value()) != to_text(lifecycle::lifecycle_rules{}));
}

TEST_CASE("a line that is left out keeps its default; what is wrong is named with its line",
          "[lifecycle][rules_text]") {
    auto const some = lifecycle::parse_rules("# of the house\n\nending.silent_days = 400\n");
    REQUIRE(some.has_value());
    CHECK(some.value().ending.silent_days == 400);
    CHECK(some.value().ending.silent_gaps == lifecycle::lifecycle_rules{}.ending.silent_gaps);

    struct row {
        char const* text;
        errc code;
        std::uint64_t line;
    };
    for (auto const& [text, code, line] :
         {row{"ending.silent_days", errc::malformed, 1}, row{"\nending.silly = 3", errc::unknown_field, 2},
          row{"ending.silent_days = many", errc::out_of_range, 1},
          row{"ending.silent_days = 99999999999", errc::out_of_range, 1},
          row{"decline.complaint_limit_days = 1 2 3", errc::out_of_range, 1},
          row{"decline.complaint_limit_days = 1 2 3 4 5 6", errc::out_of_range, 1}}) {
        CAPTURE(text);
        auto const read = lifecycle::parse_rules(text);
        REQUIRE(read.has_error());
        CHECK(read.error().code == code);
        CHECK(read.error().line == line);
    }
}

TEST_CASE("every number of a rulebook has a line of its own", "[lifecycle][rules_text]") {
    // a number that the list has forgotten would be lost to the store: the structure's size tells of a new one
    CHECK(sizeof(lifecycle::lifecycle_rules) == 304);
    auto const text = to_text(lifecycle::lifecycle_rules{});
    CHECK(std::count(text.begin(), text.end(), '\n') == 60);
}
