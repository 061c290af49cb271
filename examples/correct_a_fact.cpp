// An amount was typed wrong, and its month is closed: how is it mended?
#include <patron/patron.hpp>

#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

order_placed order(moment at, std::string number, money amount) {
    order_placed fact;
    fact.ref = number;
    fact.at = at;
    fact.customer = "C-1001";
    fact.order = std::move(number);
    fact.amount = amount;
    return fact;
}

corrected correction(moment at, std::string of, std::string field, std::string value) {
    corrected fact;
    fact.ref = "fix-" + of;
    fact.at = at;
    fact.of = std::move(of);
    fact.changes.push_back({std::move(field), std::move(value)});
    return fact;
}

}  // namespace

int main() {
    engine book;
    // tag::late[]
    book.apply(order(2026y / 1 / 12, "SO-1", 120'000.00_CNY)).value();  // one zero too many
    book.apply(order(2026y / 2 / 10, "SO-2", 11'000.00_CNY)).value();   // January is closed by now

    auto const late = book.apply(order(2026y / 1 / 20, "SO-3", 9'000.00_CNY));
    std::cout << late.error().message() << '\n';
    // end::late[]

    // tag::correct[]
    std::cout << "before: " << book.find("C-1001").value().exposure() << '\n';
    book.apply(correction(2026y / 2 / 11, "SO-1", "amount", "12000.00 CNY")).value();
    std::cout << "after:  " << book.find("C-1001").value().exposure() << '\n';

    for (auto const& told : book.explain("C-1001").value().facts) {
        std::cout << told.at << ' ' << told.fact << ' ' << told.details << (told.corrected ? "  (corrected)" : "")
                  << '\n';
    }
    // end::correct[]
}
