#include <patron/fact/received.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>

#include <type_traits>
#include <utility>

using namespace patron;

TEST_CASE("a row holds its fact, or why it is none, and where it began", "[fact][received]") {
    STATIC_CHECK(std::is_nothrow_move_constructible_v<received>);  // batches of them grow without copies

    order_placed placed;
    placed.ref = "SO-1";
    received row{7, fact{placed}};
    CHECK(row.line == 7);
    REQUIRE(row.content.has_value());
    CHECK(head_of(row.content.value()).ref == "SO-1");

    received const broken{8, error{.code = errc::malformed, .field = "at", .line = 8}};
    REQUIRE(broken.content.has_error());
    CHECK(broken.content.error().code == errc::malformed);
    CHECK(broken.content.error().field == "at");

    auto const moved = std::move(row);
    CHECK(moved.line == 7);
    CHECK(kind_of(moved.content.value()) == fact_kind::order_placed);
}
