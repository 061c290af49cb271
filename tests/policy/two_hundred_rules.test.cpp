#include "policy/two_hundred_rules.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <random>
#include <vector>

using namespace patron;
using namespace patron::tests;

TEST_CASE("a book of two hundred rules decides as the same rules written by hand, on a million customers",
          "[policy][decision_table][properties][slow]") {
    auto const book = two_hundred::book();
    std::size_t rules = 0;
    for (auto const& table : book.tables) {
        rules += table.text().rules.size();
        CHECK(policy::check(table) == std::vector<policy::finding>{});
    }
    CHECK(rules == 200);
    two_hundred::by_tables const tables{book};
    std::mt19937_64 random{4};
    std::size_t different = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        auto const c = two_hundred::random_case(random);
        if (!(tables.decide(c) == two_hundred::by_hand::decide(c))) ++different;
    }
    CHECK(different == 0);
}
