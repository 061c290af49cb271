#include <patron/customer/stage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace patron;

TEST_CASE("each stage has a code and a label in both languages, and no two share one", "[customer][stage]") {
    std::set<std::string_view> codes;
    std::set<std::string_view> english;
    std::set<std::string_view> chinese;
    for (std::size_t i = 0; i < stage_count; ++i) {
        auto const s = static_cast<stage>(i);
        codes.insert(name_of(s));
        english.insert(label_of(s).en);
        chinese.insert(label_of(s).zh);
    }
    CHECK(codes == std::set<std::string_view>{"prospect", "initial", "stable", "strategic", "declining", "ended"});
    CHECK(english.size() == stage_count);
    CHECK(chinese.size() == stage_count);
    CHECK_FALSE(english.contains(""));
    CHECK_FALSE(chinese.contains(""));
}

TEST_CASE("the stages of cooperation are ordered by commitment", "[customer][stage]") {
    CHECK(stage::prospect < stage::initial);
    CHECK(stage::initial < stage::stable);
    CHECK(stage::stable < stage::strategic);
}

TEST_CASE("what a share rests on has a code", "[customer][stage]") {
    CHECK(name_of(share_basis::own_history) == "own_history");
    CHECK(name_of(share_basis::estimated) == "estimated");
    CHECK(name_of(share_basis::stated) == "stated");
}
