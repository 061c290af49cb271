#include <patron/base/text.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>

using namespace patron;

namespace {

TEST_CASE("a text has both languages", "[base][text]") {
    constexpr text stable{"stable cooperation", "稳定合作"};
    STATIC_REQUIRE(stable.in(language::en) == "stable cooperation");
    STATIC_REQUIRE(stable.in(language::zh) == "稳定合作");
    STATIC_REQUIRE(stable == text{"stable cooperation", "稳定合作"});
    STATIC_REQUIRE_FALSE(stable == text{"stable cooperation", "稳定"});
}

TEST_CASE("a language is named by its tag", "[base][text]") {
    STATIC_REQUIRE(language_of("en") == language::en);
    STATIC_REQUIRE(language_of("zh") == language::zh);
    for (auto const* tag : {"", "EN", "zh-CN", "de", "en "}) {
        CAPTURE(tag);
        CHECK_FALSE(language_of(tag));
    }
}

}  // namespace
