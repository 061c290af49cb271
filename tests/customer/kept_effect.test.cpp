// An effect as the book keeps it: what facts call it, and when it binds or is over (POW-1, POW-2).
#include <patron/customer/kept_effect.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string_view>

using namespace patron;

TEST_CASE("an effect is called by the rule that gave it and the day", "[customer][kept_effect]") {
    kept_effect e;
    e.rule = "training_small";
    e.since = number_of(day{std::chrono::year{2026} / 6 / 30});
    CHECK(id_of(e) == "training_small@2026-06-30");
}

TEST_CASE("a sanction binds while it is in force, a lasting reward once it is given", "[customer][kept_effect]") {
    kept_effect e;
    std::set<std::string_view> names;
    for (auto step = 0; step <= static_cast<int>(effect_step::withdrawn); ++step) {
        e.step = static_cast<effect_step>(step);
        CAPTURE(name_of(e.step));
        CHECK(names.insert(name_of(e.step)).second);
        CHECK_FALSE(label_of(e.step).zh.empty());
        CHECK(e.holds() == (e.step == effect_step::in_force || e.step == effect_step::done));
    }
    CHECK_FALSE(e.is_over());
    e.ended_on = 100;
    CHECK(e.is_over());
}
