// The rungs of the deterrent ladder by name (POW-3).
#include <patron/customer/supply_rung.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace patron;

TEST_CASE("each rung has a name and labels of its own; a new ladder stands below all of them",
          "[customer][supply_rung]") {
    std::set<std::string_view> names;
    std::set<std::string_view> chinese;
    for (std::size_t i = 0; i < supply_rung_count; ++i) {
        auto const rung = static_cast<supply_rung>(i);
        CHECK(names.insert(name_of(rung)).second);
        CHECK(chinese.insert(label_of(rung).zh).second);
    }
    CHECK(name_of(supply_rung::distributor_added) == "distributor_added");
    supply_standing const fresh;
    CHECK(fresh.rung == supply_rung::normal);
    for (auto const used : fresh.uses) CHECK(used == no_day);
}
