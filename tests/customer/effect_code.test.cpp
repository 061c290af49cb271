// The closed list of effects, and what each of them takes (POW-1, POW-2, POW-3).
#include <patron/customer/effect_code.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace patron;

TEST_CASE("every effect has a name and labels of its own, and is found by its name", "[customer][effect_code]") {
    std::set<std::string_view> names;
    std::set<std::string_view> chinese;
    for (std::size_t i = 0; i < effect_count; ++i) {
        auto const code = static_cast<effect_code>(i);
        CAPTURE(name_of(code));
        CHECK(names.insert(name_of(code)).second);
        CHECK(chinese.insert(label_of(code).zh).second);
        CHECK_FALSE(label_of(code).en.empty());
        CHECK_FALSE(traits_of(code).inverse.en.empty());
        CHECK_FALSE(traits_of(code).inverse.zh.empty());
        CHECK(effect_code_of(name_of(code)) == code);
    }
    CHECK_FALSE(effect_code_of("price_cut"));  // POW-6: there is no word for it
    CHECK_FALSE(effect_code_of(""));
}

TEST_CASE("there are ten rewards, eight penalties and three deterrents; all but rewards are sanctions",
          "[customer][effect_code]") {
    int of[3] = {};
    for (std::size_t i = 0; i < effect_count; ++i) {
        auto const code = static_cast<effect_code>(i);
        ++of[static_cast<std::size_t>(family_of(code))];
        CHECK(is_sanction(code) == (family_of(code) != effect_family::reward));
        if (is_sanction(code)) CHECK_FALSE(traits_of(code).is_spent);  // no sanction costs us money
    }
    CHECK(of[0] == 10);
    CHECK(of[1] == 8);
    CHECK(of[2] == 3);
}
