// How do I list customers by stage, by owner, by what falls due, by credit use?
#include <patron/patron.hpp>

#include <iostream>
#include <string_view>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

/// A customer of ours with one order, a limit, and perhaps an agreement that runs out.
void trade(engine& book, std::string code, std::string owner, money ordered, money limit,
           std::optional<day> until = {}) {
    customer_enrolled enrolled;
    enrolled.at = 2026y / 1 / 2;
    enrolled.customer = enrolled.name = code;
    enrolled.owner = std::move(owner);
    book.apply(enrolled).value();

    limit_set granted;
    granted.at = 2026y / 1 / 3;
    granted.customer = code;
    granted.amount = limit;
    book.apply(granted).value();

    if (until) {
        agreement_signed agreement;
        agreement.at = 2026y / 1 / 4;
        agreement.customer = code;
        agreement.agreement = "A-" + code;
        agreement.until = until;
        book.apply(agreement).value();
    }
    if (ordered.minor_units() == 0) return;
    order_placed order;
    order.at = 2026y / 1 / 5;
    order.customer = code;
    order.order = "SO-" + code;
    order.amount = ordered;
    book.apply(order).value();
}

}  // namespace

int main() {
    engine book;
    trade(book, "alder", "li", 60'000.00_CNY, 80'000.00_CNY, day{2026y / 6 / 30});
    trade(book, "birch", "wang", 45'000.00_CNY, 50'000.00_CNY);
    trade(book, "cedar", "li", 0.00_CNY, 10'000.00_CNY);
    trade(book, "dogwood", "wang", 5'000.00_CNY, 40'000.00_CNY, day{2026y / 3 / 31});

    // tag::reads[]
    auto const tell = [](customer_row const& customer) {
        std::cout << "  " << customer.profile.code << " available " << *customer.available() << '\n';
        return true;  // false ends the reading
    };
    std::cout << "initial cooperation:\n";
    book.each_in_stage(stage::initial, tell);
    std::cout << "owned by li:\n";
    book.each_owned_by("li", tell);
    std::cout << "something lapses by the end of June, soonest first:\n";
    book.each_due_until(2026y / 7 / 1, tell);
    std::cout << "by credit use, highest first:\n";
    book.each_by_credit_use(tell);
    // end::reads[]
}
