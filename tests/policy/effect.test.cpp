#include <patron/policy/effect.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <set>
#include <string_view>

#include "policy/effects.hpp"

using namespace patron;
using namespace patron::policy;
using namespace patron::tests;

namespace {

bool lacks(effect const& e, effect_fault f) {
    auto const faults = validate(e);
    return std::find(faults.begin(), faults.end(), f) != faults.end();
}

}  // namespace

TEST_CASE("the three powers have ten rewards, eight penalties and three deterrents", "[policy][effect]") {
    std::set<std::string_view> names;
    std::array<int, 3> of_family{};
    for (std::size_t i = 0; i < effect_count; ++i) {
        auto const code = static_cast<effect_code>(i);
        ++of_family[static_cast<std::size_t>(family_of(code))];
        names.insert(name_of(code));
        CHECK(effect_code_of(name_of(code)) == code);
        CHECK(!label_of(code).en.empty());
        CHECK(!label_of(code).zh.empty());
        CHECK(label_of(code).en != label_of(code).zh);
        CHECK(!traits_of(code).inverse.en.empty());
        CHECK(!traits_of(code).inverse.zh.empty());
    }
    CHECK(names.size() == effect_count);
    CHECK(of_family == std::array{10, 8, 3});
    CHECK(label_of(effect_code::suspend_supply).zh == "暂停供货");
}

TEST_CASE("there is no effect on the supply price", "[policy][effect]") {
    for (auto const* name : {"price_cut", "discount", "price", "supply_price", "rebate_on_price"}) {
        CHECK(!effect_code_of(name));
    }
}

TEST_CASE("an effect of any code can be complete", "[policy][effect]") {
    auto const code = static_cast<effect_code>(GENERATE(range(0, static_cast<int>(effect_count))));
    CAPTURE(code);
    CHECK(validate(complete(code)).empty());
}

TEST_CASE("a reward is fulfilled by a deadline, for a reason, by a rule", "[policy][effect]") {
    auto e = complete(effect_code::promotion_support);
    e.deadline = no_day;
    CHECK(lacks(e, effect_fault::deadline_missing));
    e.deadline = e.since - 1;
    CHECK(lacks(e, effect_fault::deadline_before_start));
    e.deadline = e.since;
    CHECK(validate(e).empty());
    e.why.clear();
    CHECK(lacks(e, effect_fault::reason_missing));
    e = complete(effect_code::promotion_support);
    e.rule = {};
    CHECK(lacks(e, effect_fault::rule_missing));
    e = complete(effect_code::promotion_support);
    e.severity = 1;
    CHECK(lacks(e, effect_fault::severity_out_of_range));
    e = complete(effect_code::staff_support);
    e.until = e.deadline - 1;
    CHECK(lacks(e, effect_fault::until_before_start));
    e.since = no_day;
    CHECK(lacks(e, effect_fault::since_missing));
}

TEST_CASE("an amount is stated where the effect takes one, and is above zero", "[policy][effect]") {
    auto e = complete(effect_code::special_award);
    e.amount = std::nullopt;
    CHECK(lacks(e, effect_fault::amount_missing));
    e.amount = 0;  // zero is stated, and it is nothing to give
    CHECK(!lacks(e, effect_fault::amount_missing));
    CHECK(lacks(e, effect_fault::amount_not_positive));
    e.amount = -1;
    CHECK(lacks(e, effect_fault::amount_not_positive));
    auto training = complete(effect_code::training);
    CHECK(validate(training).empty());
    training.amount = -5;
    CHECK(lacks(training, effect_fault::amount_not_positive));
    auto exclusive = complete(effect_code::exclusivity);
    exclusive.target.clear();
    CHECK(lacks(exclusive, effect_fault::target_missing));
}

TEST_CASE("no sanction is without a way back unless it says that it is permanent", "[policy][effect]") {
    auto const code = GENERATE(effect_code::written_warning, effect_code::credit_cut, effect_code::cash_only,
                               effect_code::suspend_supply, effect_code::terminate);
    CAPTURE(code);
    auto e = complete(code);
    e.way_back = {};
    CHECK(lacks(e, effect_fault::way_back_missing));
    e.way_back = {.ends_when = way_back_kind::permanent};
    CHECK(validate(e).empty());
    e.until = on_day(100);
    CHECK(lacks(e, effect_fault::end_of_the_permanent));

    e.way_back = {.ends_when = way_back_kind::date, .review_on = on_day(50)};
    CHECK(validate(e).empty());
    e.until = no_day;
    CHECK(lacks(e, effect_fault::end_missing));

    e.way_back = {.ends_when = way_back_kind::named_person, .review_on = on_day(50)};
    CHECK(lacks(e, effect_fault::person_missing));
    e.way_back.person = "Wang";
    CHECK(validate(e).empty());
    e.way_back.review_on = no_day;
    CHECK(lacks(e, effect_fault::review_missing));
    e.way_back.review_on = e.since;
    CHECK(lacks(e, effect_fault::review_before_start));
    e.severity = 6;
    CHECK(lacks(e, effect_fault::severity_out_of_range));
}

TEST_CASE("every fault can be told in both languages", "[policy][effect]") {
    for (auto f = 0; f <= static_cast<int>(effect_fault::end_of_the_permanent); ++f) {
        auto const fault = static_cast<effect_fault>(f);
        CHECK(!name_of(fault).empty());
        CHECK(!label_of(fault).en.empty());
        CHECK(label_of(fault).en != label_of(fault).zh);
    }
    effect nothing;  // the worst that a sanction can be still fits
    nothing.code = effect_code::credit_cut;
    CHECK(validate(nothing).size() == 7);
}

TEST_CASE("the book keeps what was proposed", "[policy][effect]") {
    auto e = complete(effect_code::add_distributor);
    e.until = on_day(200);
    e.way_back.person = "Wang";
    auto const k = to_keep(e);
    CHECK(k.code == e.code);
    CHECK(k.step == effect_step::proposed);
    CHECK(k.target == "east");
    CHECK(k.rule == "house_rule");
    CHECK(k.person == "Wang");
    CHECK(k.until == on_day(200));
    CHECK(k.review_on == on_day(90));
    CHECK(k.severity == 3);
    CHECK(k.ends_when == way_back_kind::compliance);
}
