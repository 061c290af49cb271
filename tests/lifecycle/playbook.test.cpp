#include <patron/lifecycle/playbook.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <string_view>

#include "lifecycle/subject.hpp"

using namespace patron;
using namespace patron::lifecycle;
using namespace patron::tests;

TEST_CASE("each stage has a playbook, whole in both languages", "[lifecycle][playbook]") {
    std::set<std::string_view> codes;
    std::size_t actions = 0;
    for (std::size_t i = 0; i < stage_count; ++i) {
        auto const& book = playbook_of(static_cast<stage>(i));
        CHECK(book.stage == static_cast<stage>(i));
        for (auto const& t : {book.standing, book.drivers, book.goal}) {
            CHECK_FALSE(t.en.empty());
            CHECK_FALSE(t.zh.empty());
        }
        CHECK(book.actions.size() >= 2);
        for (auto const& a : book.actions) {
            codes.insert(a.code);
            ++actions;
            CHECK_FALSE(a.what.en.empty());
            CHECK_FALSE(a.what.zh.empty());
        }
    }
    CHECK(codes.size() == actions);
}

TEST_CASE("what answers to evidence comes first, the heaviest first, then the stage's own actions",
          "[lifecycle][playbook]") {
    lifecycle_rules const rules;
    auto c = subject{stage::stable}.ordered(0, 270, 10);  // a gap of 30
    c.records.competitors.push_back({"Acme", on_day(330), 700});
    auto const a = assess(c.view(), rules, on_day(330), false);  // one missed order: 0.5; a competitor: 0.7
    auto const advised = next_actions(c.view(), a, rules);
    REQUIRE(advised.size() == 5);
    CHECK(advised[0].code == "answer_the_competitor");
    CHECK(advised[0].urgency == 1'700);
    CHECK(advised[1].code == "ask_about_the_missing_order");
    CHECK(advised[2].code == "executive_ties");
    CHECK(advised[2].why.en == "no executive ties yet");
    CHECK(std::is_sorted(advised.begin(), advised.end(),
                         [](auto const& x, auto const& y) { return x.urgency > y.urgency; }));
    for (auto const& one : advised) {
        CHECK_FALSE(one.why.en.empty());
        CHECK_FALSE(one.why.zh.empty());
    }
}

TEST_CASE("an ended relationship asks for no missing order", "[lifecycle][playbook]") {
    lifecycle_rules const rules;
    auto const c = subject{stage::ended}.ordered(0, 270, 10);
    auto const advised = next_actions(c.view(), assess(c.view(), rules, on_day(900), false), rules);
    REQUIRE(advised.size() == 2);
    CHECK(advised.front().code == "record_the_cause");
}

TEST_CASE("a trial cooperation with few contacts is told to widen them", "[lifecycle][playbook]") {
    lifecycle_rules const rules;
    auto c = subject{stage::initial}.ordered(0, 90, 10);
    auto const why_widen = [&] {
        for (auto const& one : next_actions(c.view(), assess(c.view(), rules, on_day(91), false), rules)) {
            if (one.code == "widen_contacts") return one.why.en;
        }
        return std::string_view{};
    };
    CHECK(why_widen() == "too few departments know us");
    c.records.contacts.push_back({.person = "a", .department = "buying", .since = on_day(0)});
    c.records.contacts.push_back({.person = "b", .department = "plant", .since = on_day(0)});
    CHECK(why_widen() == playbook_of(stage::initial).goal.en);
}
