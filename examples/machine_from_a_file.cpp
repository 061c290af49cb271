// Can a lifecycle come from a file at run time? With the same checks as one that is compiled.
#include <patron/machine/load.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

using namespace patron;

namespace {

std::string text_of(char const* path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

int main() {
    // tag::load[]
    auto const leasing = machine::load(text_of("data/leasing.json")).value();
    auto state = leasing.start();
    machine::runner run{leasing};
    for (auto const* line : {"signed", "missed in_grace", "missed", "paid", "ended"}) {
        std::cout << line << ": " << run.run_line(line).value() << '\n';
    }
    // end::load[]

    // tag::step[]
    auto const in_grace = [](std::uint8_t) { return true; };
    auto const outcome = leasing.step(state, *leasing.event_named("signed"), in_grace);
    std::cout << "step: " << leasing.described().states[outcome.to] << '\n';
    // end::step[]

    // tag::unsound[]
    auto const unsound = machine::load(text_of("data/leasing_unsound.json"));
    std::cout << unsound.error().message() << '\n';
    // end::unsound[]
}
