// How do I step a whole fleet of machines at once? One call over the bytes that hold their states.
#include <patron/lifecycle/complaint.hpp>
#include <patron/machine/step.hpp>

#include <algorithm>
#include <iostream>
#include <vector>

using namespace patron;
using lifecycle::complaint_handling;

int main() {
    // tag::bulk[]
    std::vector<complaint_step> complaints(1'000, complaint_step::raised);
    std::vector<machine::arrival<complaint_handling>> today;
    for (std::uint32_t i = 0; i < 600; ++i) today.push_back({i, complaint_handling::event::acknowledge});
    for (std::uint32_t i = 0; i < 250; ++i) today.push_back({i, complaint_handling::event::act});
    for (std::uint32_t i = 900; i < 1'000; ++i) today.push_back({i, complaint_handling::event::reopen});

    auto const no_guards = [](std::size_t) { return machine::guard_set<complaint_handling>{}; };
    std::size_t ignored = 0;
    auto const moved = machine::step_all<complaint_handling>(
        std::span{complaints}, std::span<machine::arrival<complaint_handling> const>{today}, no_guards,
        [&](std::size_t, auto const& outcome) { ignored += outcome.kind == machine::answer::ignored ? 1 : 0; });
    // end::bulk[]

    std::cout << today.size() << " events: " << moved << " moves, " << ignored << " ignored on purpose\n";
    for (auto const step : {complaint_step::raised, complaint_step::acknowledged, complaint_step::acted}) {
        std::cout << machine::name_of(step) << ' ' << std::count(complaints.begin(), complaints.end(), step) << '\n';
    }
}
