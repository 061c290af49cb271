#include <patron/lifecycle/standing.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <random>

using namespace patron;
using namespace patron::lifecycle;

namespace {

standing after(standing now, standing_inputs const& inputs, standing_rules const& rules = {}) {
    return assess_standing(now, inputs, rules).to;
}

}  // namespace

TEST_CASE("a standing is lost at one threshold and won back at a lower one", "[lifecycle][standing]") {
    CHECK(after(standing::good, {.days_past_due = 14}) == standing::good);
    CHECK(after(standing::good, {.days_past_due = 15}) == standing::watch);
    CHECK(after(standing::watch, {.days_past_due = 14}) == standing::watch);
    CHECK(after(standing::watch, {.days_past_due = 1}) == standing::watch);
    CHECK(after(standing::watch, {.days_past_due = 0}) == standing::good);
}

TEST_CASE("it falls as deep as it must at once, and comes back as far as it may", "[lifecycle][standing]") {
    CHECK(after(standing::good, {.days_past_due = 130}) == standing::blocked);
    CHECK(after(standing::blocked, {.days_past_due = 61}) == standing::blocked);
    CHECK(after(standing::blocked, {.days_past_due = 60}) == standing::cash_only);
    CHECK(after(standing::blocked, {.days_past_due = 20}) == standing::reduced);
    CHECK(after(standing::blocked, {}) == standing::good);
}

TEST_CASE("dunning, penalties and orders count beside late payment", "[lifecycle][standing]") {
    CHECK(after(standing::good, {.dunning_level = 3}) == standing::reduced);
    CHECK(after(standing::good, {.dunning_level = 9}) == standing::cash_only);  // dunning alone blocks nobody
    CHECK(after(standing::good, {.penalty_severity = 10}) == standing::blocked);
    CHECK(after(standing::good, {.at_least = standing::cash_only}) == standing::cash_only);
    CHECK(after(standing::blocked, {.at_least = standing::cash_only}) == standing::cash_only);
    CHECK(after(standing::cash_only, {}) == standing::good);  // lifted with what ordered it
}

TEST_CASE("an assessment says what keeps a standing from being better", "[lifecycle][standing]") {
    auto const entered = assess_standing(standing::good, {.days_past_due = 50, .penalty_severity = 3}, {});
    CHECK(entered.from == standing::good);
    CHECK(entered.to == standing::reduced);
    REQUIRE(entered.causes.size() == 2);
    CHECK(entered.causes[0] == standing_cause{"days_past_due", standing::reduced, true, 50, 45});
    CHECK(entered.causes[1] == standing_cause{"penalty_severity", standing::reduced, false, 3, 2});
    CHECK(sentence(entered.causes[0], language::en) == "days past due of the oldest item: 50, at least 45");
    CHECK(sentence(entered.causes[1], language::zh) == "生效处罚的严重度合计为 3，降至 2 才解除");
    CHECK(assess_standing(standing::blocked, {}, {}).causes.empty());
}

TEST_CASE("on unchanging input a standing never swings, and more of what is bad is never better",
          "[lifecycle][standing]") {
    std::mt19937_64 random{7};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    for (int round = 0; round < 20'000; ++round) {
        standing_rules rules;
        for (auto const threshold : {&standing_threshold::days_past_due, &standing_threshold::dunning_level,
                                     &standing_threshold::penalty_severity}) {
            int enter = 0;
            int leave = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                leave += pick(8);
                enter = std::max(enter, leave + 1) + pick(8);
                auto const is_set = pick(5) != 0;
                rules.enter[i].*threshold = is_set ? std::optional{enter} : std::nullopt;
                rules.leave[i].*threshold = is_set ? std::optional{leave} : std::nullopt;
            }
        }
        REQUIRE(check(rules).has_value());
        standing_inputs const inputs{pick(40), pick(40), pick(40), static_cast<standing>(std::max(0, pick(12) - 7))};
        auto const now = static_cast<standing>(pick(5));
        auto const once = after(now, inputs, rules);
        REQUIRE(after(once, inputs, rules) == once);
        REQUIRE(once >= inputs.at_least);
        auto worse = inputs;
        worse.days_past_due += pick(10);
        worse.penalty_severity += pick(10);
        REQUIRE(after(now, worse, rules) >= once);
        REQUIRE((once == standing::good) == assess_standing(now, inputs, rules).causes.empty());
    }
}

TEST_CASE("rules of a standing without a way back, or that would swing, are refused", "[lifecycle][standing]") {
    CHECK(check(standing_rules{}).has_value());
    auto const field = [](auto const& change) {
        standing_rules rules;
        change(rules);
        return check(rules).error().field;
    };
    CHECK(field([](auto& r) { r.leave[1].days_past_due = 45; }) == "leave[1].days_past_due");
    CHECK(field([](auto& r) { r.leave[3].penalty_severity.reset(); }) == "leave[3].penalty_severity");
    CHECK(field([](auto& r) { r.enter[2].days_past_due = 40; }) == "enter[2].days_past_due");
    CHECK(field([](auto& r) { r.leave[2].days_past_due = 10; }) == "leave[2].days_past_due");
    CHECK(field([](auto& r) { r.leave[0].days_past_due = -1; }) == "leave[0].days_past_due");
}

TEST_CASE("standings have stable names", "[lifecycle][standing]") {
    for (std::uint8_t i = 0; i < 5; ++i)
        CHECK(standing_of(name_of(static_cast<standing>(i))) == static_cast<standing>(i));
    CHECK_FALSE(standing_of("on hold").has_value());
}
