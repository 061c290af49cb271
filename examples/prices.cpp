// Who sells below the floor, which dealer cannot earn, and does everybody pay the same after rebates?
#include <patron/engine/engine.hpp>

#include <iostream>
#include <string>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

template <class F>
F of(char const* customer, day at) {
    F f;
    f.customer = customer;
    f.at = at;
    return f;
}

void apply(engine& book, fact const& f) {
    for (auto const& d : book.apply(f).value().decisions) {
        if (d.from) continue;  // a change of stage
        std::cout << d.at.to_string() << ' ' << d.customer << ' ' << d.event << '\n';
        for (auto const& r : d.why) std::cout << "    " << sentence(r, currency::literal("CNY"), language::en) << '\n';
    }
}

}  // namespace

int main() {
    engine book{{.record_decisions = true}};
    for (auto const* code : {"North", "South"}) {
        auto dealer = of<customer_enrolled>(code, 2026y / 1 / 1);
        dealer.name = code;
        dealer.currency = currency::literal("CNY");
        dealer.channel = "retail";
        dealer.territory = code;
        apply(book, dealer);
    }
    auto agreed = of<rebate_agreed>("South", 2026y / 1 / 1);
    agreed.agreement = "R-2026";
    agreed.basis = rebate_basis::ordered;
    agreed.method = rebate_method::incremental;
    agreed.bands = {{.from = {.value = 0.00_CNY}, .rate = {.percent = {4, 0}}}};
    apply(book, agreed);

    // tag::list[]
    supply_price_set listed;
    listed.at = day{2026y / 1 / 1};
    listed.product = "P1";
    listed.channel = "retail";
    listed.price = 100.00_CNY;
    listed.floor = 110.00_CNY;
    apply(book, listed);
    // end::list[]

    for (auto const* code : {"North", "South"}) {
        auto order = of<order_placed>(code, 2026y / 1 / 12);
        order.order = std::string{"order of "} + code;
        order.amount = 1'000.00_CNY;
        order.lines = {{"P1", unit_quantity{decimal{10, 0}}, 100.00_CNY}};
        apply(book, order);
    }

    // tag::observed[]
    auto special = of<order_placed>("South", 2026y / 1 / 15);
    special.order = "special";
    special.amount = 950.00_CNY;
    special.lines = {{"P1", unit_quantity{decimal{10, 0}}, 95.00_CNY}};
    apply(book, special);

    auto seen = of<resale_observed>("North", 2026y / 1 / 20);
    seen.product = "P1";
    seen.price = 104.00_CNY;
    seen.territory = "South";
    apply(book, seen);
    // end::observed[]

    // tag::net[]
    auto const month = period{2026y, std::chrono::January};
    auto const bought = book.net_purchases(month, month).value();
    for (auto const& s : policy::compare_net_prices(bought).value()) {
        std::cout << s.product << ", " << s.channel << ": from " << money{s.lowest.rounded().value(), s.in} << " ("
                  << s.lowest_customer << ") to " << money{s.highest.rounded().value(), s.in} << " ("
                  << s.highest_customer << "), mean " << money{s.mean.rounded().value(), s.in} << ", spread "
                  << s.spread_basis_points.value_or(0) << " basis points\n";
    }
    // end::net[]
}
