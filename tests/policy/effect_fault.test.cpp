// What a proposal can lack, by name and in words (POW-14).
#include <patron/policy/effect_fault.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace patron::policy;

TEST_CASE("each fault has a name of its own, by which it is found, and says what would mend it",
          "[policy][effect_fault]") {
    std::set<std::string_view> names;
    for (auto i = 0; i <= static_cast<int>(effect_fault::end_of_the_permanent); ++i) {
        auto const fault = static_cast<effect_fault>(i);
        CAPTURE(name_of(fault));
        CHECK(names.insert(name_of(fault)).second);
        CHECK(effect_fault_of(name_of(fault)) == fault);
        CHECK_FALSE(label_of(fault).en.empty());
        CHECK_FALSE(label_of(fault).zh.empty());
    }
    CHECK(name_of(effect_fault::way_back_missing) == "way_back_missing");
    CHECK_FALSE(effect_fault_of("price_missing"));
}
