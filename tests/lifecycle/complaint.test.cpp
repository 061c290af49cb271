#include <patron/lifecycle/complaint.hpp>

#include <patron/machine/step.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using lifecycle::complaint_handling;

TEST_CASE("a complaint goes forward, may skip steps, and only a confirmed one is reopened", "[lifecycle][complaint]") {
    using enum complaint_step;
    using enum complaint_handling::event;
    auto const after = [](complaint_step from, complaint_handling::event e) {
        return machine::decide<complaint_handling>(from, e).to;
    };
    CHECK(after(raised, acknowledge) == acknowledged);
    CHECK(after(raised, act) == acted);
    CHECK(after(raised, confirm) == confirmed);
    CHECK(after(acknowledged, act) == acted);
    CHECK(after(acted, confirm) == confirmed);
    CHECK(after(confirmed, reopen) == raised);
    CHECK(after(confirmed, acknowledge) == confirmed);
    CHECK(after(acted, acknowledge) == acted);
    CHECK(after(acted, reopen) == acted);
}
