// What does a rebate agreement owe the customer after a settlement, and after goods came back?
#include <patron/customer/rebate.hpp>

#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

int main() {
    // tag::terms[]
    rebate_agreed agreed;
    agreed.agreement = "R-2025";
    agreed.at = day{2025y / 1 / 1};
    agreed.basis = rebate_basis::invoiced;
    agreed.method = rebate_method::incremental;
    agreed.bands = {{.from = {.value = 0.00_CNY}, .rate = {.percent = {10, 0}}},
                    {.from = {.value = 1'000.00_CNY}, .rate = {.percent = {25, 0}}}};
    auto const terms = rebate_terms::of(agreed, currency::literal("CNY")).value();
    // end::terms[]

    std::cout << "2000.00 earn";
    for (auto const method :
         {rebate_method::incremental, rebate_method::retroactive, rebate_method::rolling, rebate_method::total}) {
        agreed.method = method;
        auto const earned = rebate_terms::of(agreed, terms.in()).value().earned({.value = 2'000'00}).value();
        std::cout << ' ' << money{earned, terms.in()};
    }
    std::cout << '\n';

    // tag::account[]
    rebate_account account{terms};
    auto const show = [&](char const* after) {
        auto const b = account.balance().value();
        std::cout << after << ": accrued " << b.accrued << ", paid " << b.paid << ", open " << b.open << ", reversed "
                  << b.reversed << ", clawed back " << b.clawed_back << '\n';
    };
    account.count({.value = 1'400'00}).value();
    show("invoiced 1400.00");
    std::cout << "paid out: " << account.settle(settlement_kind::partial).value() << '\n';
    account.count({.value = 600'00}).value();
    show("invoiced 600.00 more");
    account.take_off({.value = 900'00}).value();  // by credit notes
    show("credited 900.00");
    std::cout << "to be paid: " << account.settle(settlement_kind::final_).value() << '\n';
    // end::account[]
}
