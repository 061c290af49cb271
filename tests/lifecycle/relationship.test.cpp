#include <patron/lifecycle/relationship.hpp>

#include <patron/machine/names.hpp>
#include <patron/machine/step.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using lifecycle::relationship;
using event = relationship::event;
using guard = relationship::guard;

namespace {

machine::guard_set<relationship> all_guards() {
    machine::guard_set<relationship> g;
    for (std::size_t i = 0; i < machine::count_of<guard>; ++i) g.set(static_cast<guard>(i));
    return g;
}
stage after(stage from, event e, machine::guard_set<relationship> g = {}) {
    return machine::decide<relationship>(from, e, g).to;
}

}  // namespace

TEST_CASE("no cooperation is lost but through decline or a break, whatever the guards say",
          "[lifecycle][relationship]") {
    auto const guards = machine::count_of<guard>;
    for (std::uint32_t bits = 0; bits < (1U << guards); ++bits) {
        machine::guard_set<relationship> g;
        for (std::size_t i = 0; i < guards; ++i) g.set(static_cast<guard>(i), (bits >> i & 1U) != 0);
        for (auto const s : {stage::initial, stage::stable, stage::strategic}) {
            for (std::size_t e = 0; e < machine::count_of<event>; ++e) {
                auto const to = after(s, static_cast<event>(e), g);
                auto const lapsed =
                    s == stage::strategic && static_cast<event>(e) == event::agreement_lapsed && to == stage::stable;
                CHECK((to >= s || lapsed));  // declining and ended come after the four
            }
        }
    }
}

TEST_CASE("decline is looked at before promotion", "[lifecycle][relationship]") {
    CHECK(after(stage::initial, event::review_held, all_guards()) == stage::declining);
    CHECK(after(stage::stable, event::review_held, all_guards()) == stage::declining);
    CHECK(after(stage::declining, event::review_held, all_guards()) == stage::ended);
}

TEST_CASE("an ended relationship is won back by an order, or reopened as a prospect", "[lifecycle][relationship]") {
    CHECK(after(stage::ended, event::order_placed) == stage::initial);
    CHECK(after(stage::ended, event::relationship_reopened) == stage::prospect);
    CHECK(after(stage::ended, event::review_held, all_guards()) == stage::ended);
}

TEST_CASE("a break comes from any stage", "[lifecycle][relationship]") {
    for (auto const s : {stage::prospect, stage::initial, stage::stable, stage::strategic, stage::declining}) {
        CHECK(after(s, event::relationship_ended) == stage::ended);
    }
}
