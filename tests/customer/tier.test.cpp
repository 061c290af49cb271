// The tiers by name and in their order (SEG-4).
#include <patron/customer/tier.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("tiers rise from standard to diamond and are found by their names", "[customer][tier]") {
    CHECK(customer_tier::standard < customer_tier::silver);
    CHECK(customer_tier::silver < customer_tier::gold);
    CHECK(customer_tier::gold < customer_tier::diamond);
    for (std::size_t i = 0; i < customer_tier_count; ++i) {
        auto const tier = static_cast<customer_tier>(i);
        CHECK(tier_of(name_of(tier)) == tier);
        CHECK_FALSE(label_of(tier).zh.empty());
    }
    CHECK_FALSE(tier_of("platinum"));
}
