// How is a machine's state stored? The caller owns one byte; restoring it runs nothing.
#include <patron/lifecycle/relationship.hpp>
#include <patron/machine/step.hpp>

#include <iostream>
#include <sstream>

using namespace patron;
using lifecycle::relationship;

int main() {
    std::stringstream file;

    // tag::save[]
    auto kept = stage::prospect;
    machine::step<relationship>(kept, relationship::event::order_placed);
    file.put(static_cast<char>(machine::to_integer(kept)));
    // end::save[]

    // tag::restore[]
    auto const byte = static_cast<unsigned char>(file.get());
    auto const restored = machine::from_integer<relationship>(byte);
    std::cout << "byte " << int{byte} << " is " << name_of(restored.value()) << '\n';

    auto const damaged = machine::from_integer<relationship>(200);
    std::cout << damaged.error().message() << '\n';
    // end::restore[]
}
