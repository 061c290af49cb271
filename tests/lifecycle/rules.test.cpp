#include <patron/lifecycle/rules.hpp>

#include <catch2/catch_test_macros.hpp>

using patron::lifecycle::lifecycle_rules;

TEST_CASE("the defaults are those of the requirement book", "[lifecycle][rules]") {
    lifecycle_rules const r;
    CHECK(r.promotion.promote_share.count() == 5'000);  // promote at 50 %
    CHECK(r.promotion.keep_share.count() == 4'500);     // counts against it below 45 %
    CHECK(r.promotion.window_months == 3);
    CHECK(r.promotion.consecutive_reviews == 2);
    CHECK(r.decline.confirms_initial == 1'000);  // 1.0 / 1.5 / 2.0
    CHECK(r.decline.confirms_stable == 1'500);
    CHECK(r.decline.confirms_strategic == 2'000);
    CHECK(r.ending.silent_days == 365);  // 12 months and four times the usual gap
    CHECK(r.ending.silent_gaps == 4);
    CHECK_FALSE(r.version.empty());
}
