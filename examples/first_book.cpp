// Facts in, the customer's stage out: which stage is this relationship in, and why?
#include <patron/patron.hpp>

#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

customer_enrolled enrolled(moment at, std::string name) {
    customer_enrolled fact;
    fact.at = at;
    fact.customer = "C-1001";
    fact.name = std::move(name);
    return fact;
}

order_placed order(moment at, std::string number, money amount) {
    order_placed fact;
    fact.ref = number;
    fact.at = at;
    fact.customer = "C-1001";
    fact.order = std::move(number);
    fact.amount = amount;
    return fact;
}

/// What the customer bought in our category in the month, from us and from others.
wallet_stated wallet(moment at, money all_of_it) {
    wallet_stated fact;
    fact.at = at;
    fact.customer = "C-1001";
    fact.period = period{at.on()};
    fact.amount = all_of_it;
    return fact;
}

}  // namespace

int main() {
    // tag::book[]
    engine book;
    book.apply(enrolled(2026y / 1 / 5, "Harbour Wholesale")).value();
    book.apply(order(2026y / 1 / 12, "SO-1", 18'000.00_CNY)).value();
    book.apply(wallet(2026y / 1 / 30, 30'000.00_CNY)).value();
    book.apply(order(2026y / 2 / 9, "SO-2", 17'000.00_CNY)).value();
    book.apply(wallet(2026y / 2 / 27, 30'000.00_CNY)).value();
    book.advance_to(2026y / 2 / 28);  // the review at the month's end is held

    auto const customer = book.find("C-1001").value();
    std::cout << customer.profile.name << " is " << name_of(customer.state.stage) << "\n\n";
    std::cout << to_text(book.explain("C-1001").value(), language::en);
    // end::book[]
}
