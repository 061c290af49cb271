#include <patron/machine/names.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>

namespace machine = patron::machine;

namespace {

enum class empty : std::uint8_t {};
enum class colour : std::uint8_t { red, dark_green, switch_, x_ };
enum class many : std::uint8_t { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10 };

template <class T>
struct holder {
    enum class inner : std::uint8_t { one, two };
};

}  // namespace

TEST_CASE("an enumeration's names are read from its definition", "[machine][names]") {
    STATIC_REQUIRE(machine::count_of<empty> == 0);
    STATIC_REQUIRE(machine::count_of<colour> == 4);
    STATIC_REQUIRE(machine::count_of<many> == 11);
    STATIC_REQUIRE(machine::name_of(colour::red) == "red");
    STATIC_REQUIRE(machine::name_of(colour::dark_green) == "dark_green");
    STATIC_REQUIRE(machine::name_of(many::v10) == "v10");
    STATIC_REQUIRE(machine::name_of(holder<colour>::inner::two) == "two");
}

TEST_CASE("an underscore that keeps a name clear of a keyword is not part of it", "[machine][names]") {
    STATIC_REQUIRE(machine::name_of(colour::switch_) == "switch");
    STATIC_REQUIRE(machine::name_of(colour::x_) == "x");
    enum class twins : std::uint8_t { x, x_ };
    STATIC_REQUIRE(machine::detail::names_differ<colour>());
    STATIC_REQUIRE_FALSE(machine::detail::names_differ<twins>());
}

TEST_CASE("a value is found by its name, exactly", "[machine][names]") {
    STATIC_REQUIRE(machine::named<colour>("switch") == colour::switch_);
    STATIC_REQUIRE(machine::named<colour>("switch_") == std::nullopt);
    STATIC_REQUIRE(machine::named<colour>("Red") == std::nullopt);
    STATIC_REQUIRE(machine::named<colour>("") == std::nullopt);
    STATIC_REQUIRE(machine::named<empty>("red") == std::nullopt);
}

TEST_CASE("only an enumeration of one byte can name states", "[machine][names]") {
    enum class wide { a };
    STATIC_REQUIRE(machine::byte_enum<colour>);
    STATIC_REQUIRE_FALSE(machine::byte_enum<wide>);
    STATIC_REQUIRE_FALSE(machine::byte_enum<std::uint8_t>);
}
