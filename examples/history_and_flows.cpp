// Where has a customer been, for how long, and how does the whole book move between stages?
#include <patron/patron.hpp>

#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

void order_monthly(engine& book, std::string const& code, period from, int months, money amount) {
    for (int m = 0; m < months; ++m) {
        order_placed order;
        order.customer = code;
        order.at = (from + m).first();
        order.order = "SO-" + code + '-' + (from + m).to_string();
        order.amount = amount;
        book.apply(order).value();
    }
}

}  // namespace

int main() {
    engine book;
    order_monthly(book, "steady", period{2025y, std::chrono::January}, 12, 10'000.00_CNY);
    order_monthly(book, "fading", period{2025y, std::chrono::January}, 7, 10'000.00_CNY);
    order_monthly(book, "returned", period{2025y, std::chrono::January}, 4, 10'000.00_CNY);
    order_monthly(book, "returned", period{2025y, std::chrono::September}, 4, 10'000.00_CNY);
    book.advance_to(2025y / 12 / 31);

    // tag::history[]
    for (auto const* code : {"steady", "fading", "returned"}) {
        auto const history = book.history(code).value();
        std::cout << code << ", highest " << name_of(history.highest) << '\n';
        for (auto const& stay : history.stays) {
            std::cout << "  " << to_string(day_of(stay.entered)) << ' ' << name_of(stay.stage) << '\n';
        }
    }
    // end::history[]

    // tag::flows[]
    auto const flows = book.flows();
    auto const lost = flows.rate(stage::initial, stage::declining);
    std::cout << "of the moves out of initial, " << lost / 10'000 << " % led to declining\n";
    std::cout << "recovered to initial: "
              << flows.transitions[static_cast<std::size_t>(stage::declining)][static_cast<std::size_t>(stage::initial)]
              << '\n';
    // end::flows[]
}
