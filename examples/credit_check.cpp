// May this customer have 400.00 more on credit, and if not, what would it take?
#include <patron/policy/credit.hpp>

#include <iostream>
#include <vector>

using namespace patron;
using namespace std::chrono_literals;

int main() {
    constexpr auto cny = currency::literal("CNY");
    auto const today = number_of(day{2026y / 3 / 10});

    // tag::picture[]
    ledger book;
    book.add(ledger_order{.order = "O-1", .ordered = 500'00, .delivered = 200'00});
    book.add(
        ledger_invoice{.invoice = "I-1", .amount = 300'00, .open = 300'00, .issued = today - 105, .due = today - 75});
    std::vector<open_item> items;
    append_open_items(items, book);
    std::vector<temporary_limit> const season{
        {.from = number_of(day{2026y / 4 / 1}), .until = number_of(day{2026y / 4 / 30}), .amount = 2'000'00}};

    credit_picture picture;
    picture.in = cny;
    picture.on = today;
    picture.exposure = recount(book, today).value();
    picture.items = items;
    picture.limit = credit_limit::of(1'000'00);
    picture.temporary = season;
    picture.orders = 12;
    // end::picture[]

    // tag::ask[]
    credit_rules const rules;
    credit_request const request{.amount = 400'00, .order = "O-2"};
    auto const answer = check_credit(picture, request, rules).value();
    std::cout << to_text(answer, cny, language::en) << to_text(answer, cny, language::zh);
    // end::ask[]

    // tag::clear[]
    receive(picture.exposure, items, answer.clears.front().amount, today);
    std::cout << "after the payment: " << to_text(check_credit(picture, request, rules).value(), cny, language::en);
    // end::clear[]

    std::string json;
    append_json(json, check_credit(picture, {.amount = 700'00, .order = "O-3"}, rules).value(), cny);
    std::cout << json.substr(json.find(R"("exposure")")) << '\n';
}
