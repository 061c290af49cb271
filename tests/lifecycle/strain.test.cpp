#include <patron/lifecycle/strain.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

namespace {

kept_effect in_force(effect_code code, int day, effect_step step = effect_step::in_force) {
    kept_effect e;
    e.code = code;
    e.step = step;
    e.since = e.in_force_on = on_day(day);
    return e;
}

}  // namespace

TEST_CASE("a suspension strains by its weight and fades evenly to nothing", "[lifecycle][strain]") {
    std::vector const kept{in_force(effect_code::suspend_supply, 10)};
    CHECK(strain_of(kept, on_day(9)) == 0);
    CHECK(strain_of(kept, on_day(10)) == 800);
    CHECK(strain_of(kept, on_day(10 + 73)) == 640);  // a fifth of the year
    CHECK(strain_of(kept, on_day(10 + 364)) == 2);   // 800 / 365, cut
    CHECK(strain_of(kept, on_day(10 + 365)) == 0);
    CHECK(strain_of(kept, on_day(10), {.fades_over_days = 0}) == 0);
}

TEST_CASE("uses add up, also after they were lifted; what was wrong or never in force does not count",
          "[lifecycle][strain]") {
    std::vector kept{in_force(effect_code::cash_only, 0),
                     in_force(effect_code::written_warning, 0, effect_step::lifted)};
    CHECK(strain_of(kept, on_day(0)) == 350);
    kept.push_back(in_force(effect_code::terminate, 0, effect_step::withdrawn));
    CHECK(strain_of(kept, on_day(0)) == 350);
    auto noticed = in_force(effect_code::terminate, 0, effect_step::noticed);
    noticed.in_force_on = no_day;
    kept.push_back(noticed);
    CHECK(strain_of(kept, on_day(0)) == 350);
    kept.push_back(in_force(effect_code::training, 0, effect_step::done));
    CHECK(strain_of(kept, on_day(0)) == 350);
}

TEST_CASE("half of the strain weighs as evidence of decline, up to a bound", "[lifecycle][strain]") {
    CHECK(evidence_weight(800) == 400);
    CHECK(evidence_weight(0) == 0);
    CHECK(evidence_weight(-5) == 0);
    CHECK(evidence_weight(INT32_MAX) == 1'000);
}

TEST_CASE("strain does not depend on the order of uses and never grows by waiting", "[lifecycle][strain]") {
    std::mt19937_64 random{3};
    for (int times = 0; times < 200; ++times) {
        std::vector<kept_effect> kept;
        for (auto n = random() % 12; n > 0; --n) {
            kept.push_back(in_force(static_cast<effect_code>(10 + random() % 11), static_cast<int>(random() % 300)));
        }
        auto shuffled = kept;
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        auto before = INT32_MAX;
        for (int day = 300; day < 700; ++day) {
            auto const now = strain_of(kept, on_day(day));
            REQUIRE(now == strain_of(shuffled, on_day(day)));
            REQUIRE(now <= before);
            before = now;
        }
        REQUIRE(before == 0);
    }
}
