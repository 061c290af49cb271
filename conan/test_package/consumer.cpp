// What a user of the package writes first: an amount that was read, added to another.
#include <patron/base/money.hpp>

#include <iostream>

int main() {
    auto const order = patron::money::parse("1200.00 CNY");
    if (!order) {
        std::cerr << order.error().message() << '\n';
        return 1;
    }
    auto const doubled = add(order.value(), order.value());
    if (!doubled || doubled.value().to_string() != "2400.00 CNY") return 1;
    std::cout << doubled.value().to_string() << '\n';
}
