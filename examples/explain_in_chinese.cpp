// The same decision as data and in Chinese: why is this customer in decline, and what now?
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
    fact.customer = "C-2002";
    fact.order = std::move(number);
    fact.amount = amount;
    return fact;
}

customer_enrolled enrolled(moment at, std::string name) {
    customer_enrolled fact;
    fact.at = at;
    fact.customer = "C-2002";
    fact.name = std::move(name);
    return fact;
}

complaint_raised complained(moment at, std::string number, severity how_grave) {
    complaint_raised fact;
    fact.at = at;
    fact.customer = "C-2002";
    fact.complaint = std::move(number);
    fact.severity = how_grave;
    return fact;
}

}  // namespace

int main() {
    engine book;
    book.apply(enrolled(2025y / 1 / 6, "海港批发")).value();
    for (auto const month : {1, 2, 3, 4, 5}) {
        auto const on = 2025y / month / 15;
        book.apply(order(on, "SO-" + std::to_string(month), 20'000.00_CNY)).value();
    }
    book.apply(complained(2025y / 6 / 2, "K-17", 4)).value();
    book.advance_to(2025y / 7 / 31);

    // tag::story[]
    auto const story = book.explain("C-2002").value();
    std::cout << to_text(story, language::zh) << '\n';

    auto const& fall = story.decisions.back();
    for (auto const& why : fall.why) { std::cout << why.rule << ": saw " << saw_text(why, story.row.state.in) << '\n'; }
    // end::story[]
}
