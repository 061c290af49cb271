#include <patron/customer/profile.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("what enrolment did not tell is absent, not a default", "[customer][profile]") {
    customer_profile const p{};
    CHECK_FALSE(p.kind.has_value());
    CHECK_FALSE(p.terms_days.has_value());
    CHECK(p.parent.empty());
    CHECK(p.owner.empty());
}
