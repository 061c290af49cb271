// What does a rulebook do to a customer that trades well, and then breaks the rules?
#include <patron/engine/engine.hpp>
#include <patron/engine/house_rules.hpp>

#include <iostream>
#include <string>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

template <class F>
F on(day at, std::string ref) {
    F f;
    f.ref = std::move(ref);
    f.at = at;
    f.customer = "C-1001";
    return f;
}

// tag::show[]
void show(engine const& book, char const* when) {
    auto const row = book.find("C-1001").value();
    std::cout << when << ": tier " << label_of(*row.tier).en << ", " << label_of(*row.supply).en << '\n';
    for (auto const& e : row.open_effects) {
        std::cout << "  " << id_of(e) << ": " << label_of(e.code).en;
        if (e.amount) std::cout << ' ' << money{*e.amount, row.state.in};
        std::cout << ", " << label_of(e.step).en << '\n';
    }
}
// end::show[]

}  // namespace

int main() {
    // tag::house[]
    engine_options how;
    how.rules = rules_of(policy::default_rulebook()).value();
    how.record_decisions = true;
    engine book{std::move(how)};
    // end::house[]

    auto enrolled = on<customer_enrolled>(day{2024y / 1 / 1}, "E");
    enrolled.name = "Harbour Trading";
    enrolled.currency = currency::literal("CNY");
    enrolled.territory = "East";
    book.apply(enrolled).value();
    auto at = day{2024y / 1 / 2};
    for (int i = 1; i <= 16; ++i, at += std::chrono::days{14}) {
        auto order = on<order_placed>(at, "O" + std::to_string(i));
        order.order = order.ref;
        order.amount = 8'000.00_CNY;
        book.apply(order).value();
    }
    book.advance_to(day{2024y / 7 / 31});
    show(book, "after half a year");

    // tag::facts[]
    auto kept = on<reward_fulfilled>(day{2024y / 8 / 5}, "F");
    kept.effect = "training_small@2024-06-30";
    book.apply(kept).value();

    auto breach = on<breach_reported>(day{2024y / 8 / 12}, "B");
    breach.rule = breach_rule::outlet;
    breach.severity = 4;
    book.apply(breach).value();
    // end::facts[]
    show(book, "after a grave breach");
    book.advance_to(day{2024y / 8 / 26});
    show(book, "when its notice is over");

    auto lifted = on<sanction_lifted>(day{2024y / 11 / 4}, "L");
    lifted.effect = "conduct_grave@2024-08-12";
    lifted.by = "sales_director";
    book.apply(lifted).value();
    show(book, "lifted by the one who may");
}
