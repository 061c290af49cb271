// A house puts its own rulebook in force, and another that takes over on its day. A bad file is told, and leaves the old
// one in force.
#include <patron/patron.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

using namespace patron;
using namespace std::chrono_literals;

namespace {

// tag::reload[]
/// Whether the file is in force now. Nothing changes before all of it is known to be sound.
bool put_in_force(engine& book, std::string_view file) {
    auto const rulebook = policy::parse_rulebook(file);
    if (!rulebook) {
        std::cout << "not in force: " << rulebook.error() << '\n';
        return false;
    }
    auto const found = policy::check(rulebook.value());
    for (auto const& f : found) std::cout << f << '\n';
    if (!policy::is_sound(found)) return false;
    book.change_rules(rules_of(rulebook.value()).value());
    return true;
}
// end::reload[]

void ask(engine& book, day on = 2026y / 1 / 6) {
    auto const answer = book.check("C-1", {.amount = money{60'000'00, currency::literal("CNY")}, .on = on}).value();
    std::cout << "60 000.00 on " << to_string(on) << " under " << book.options().rules.on(on).version << ": "
              << name_of(answer.verdict) << '\n';
}

}  // namespace

int main() {
    engine book;
    customer_enrolled customer;
    customer.at = day{2026y / 1 / 5};
    customer.customer = "C-1";
    customer.name = "Huarong Trading";
    customer.currency = currency::literal("CNY");
    book.apply(customer).value();
    limit_set limit;
    limit.at = day{2026y / 1 / 6};
    limit.customer = "C-1";
    limit.amount = money{100'000'00, currency::literal("CNY")};
    book.apply(limit).value();
    ask(book);

    std::ifstream file{"data/house.json"};
    std::string const house{std::istreambuf_iterator<char>{file}, {}};
    put_in_force(book, house);
    ask(book);

    put_in_force(book, R"({"version": "house-2026-2", "credit": {"documents": {"document_limit": "60000"}}})");
    put_in_force(book, R"({"version": "house-2026-2", "powers": {"sanctions": {"keeps_ended_days": 30}}})");
    ask(book);

    // tag::dated[]
    put_in_force(book, R"({"version": "house-2027-1", "from": "2027-01-01"})");
    ask(book, 2026y / 12 / 31);
    ask(book, 2027y / 1 / 1);
    // end::dated[]
}
