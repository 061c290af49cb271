#include <patron/customer/standing.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("a standing has a stable code and a label in both languages", "[customer][standing]") {
    for (auto const* name : {"good", "watch", "reduced", "cash_only", "blocked"}) {
        auto const s = standing_of(name);
        REQUIRE(s.has_value());
        CHECK(name_of(*s) == name);
        CHECK_FALSE(label_of(*s).en.empty());
        CHECK(label_of(*s).zh != label_of(*s).en);
    }
    CHECK_FALSE(standing_of("Good").has_value());
    CHECK(standing::good < standing::blocked);
}
