// How do I bring a source of evidence, or an estimate of the wallet, of my own?
#include <patron/patron.hpp>
#include <patron/testing/laws.hpp>

#include <array>
#include <iostream>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

// tag::source[]
/// Our customers restock every month: six weeks without an order speak of decline, whatever the usual gap.
struct six_weeks_of_silence {
    void gather(customer_view view, lifecycle::lifecycle_rules const&, day_number on,
                lifecycle::evidence_list& out) const {
        constexpr int weeks_6 = 42;
        auto const last = view.state.last_order;
        if (last == no_day || on - last < weeks_6) return;
        out.push_back({.kind = lifecycle::evidence_kind::missed_order,
                       .weight = 1'000,
                       .age_days = on - last - weeks_6,
                       .saw = on - last,
                       .against = weeks_6});
    }
};

/// A market study: shops of this trade purchase for 30 000 a month.
struct market_study {
    std::optional<std::int64_t> estimate(customer_view, period) const { return 30'000'00; }
};
// end::source[]

order_placed order(day at, std::string number) {
    order_placed fact;
    fact.at = at;
    fact.customer = "C-1001";
    fact.order = std::move(number);
    fact.amount = 18'000.00_CNY;
    return fact;
}

void play(char const* title, engine_options options) {
    engine book{std::move(options)};
    for (int month = 0; month < 4; ++month) {
        auto const first = (period{2026y, std::chrono::January} + month).first();
        book.apply(order(first + std::chrono::days{9}, "SO-" + std::to_string(month))).value();
    }
    book.advance_to(2026y / 6 / 30);
    std::cout << title << ":";
    for (auto const& stay : book.history("C-1001").value().stays) std::cout << ' ' << name_of(stay.stage);
    std::cout << " (share of wallet: " << name_of(book.find("C-1001").value().state.basis) << ")\n";
}

}  // namespace

int main() {
    play("as patron does", {});

    // tag::assessor[]
    engine_options ours;
    ours.assessor = [](customer_view view, lifecycle::lifecycle_rules const& rules, day_number on, bool review) {
        using sources = lifecycle::both_sources<six_weeks_of_silence, lifecycle::record_evidence>;
        return lifecycle::assess_with(view, rules, on, review, sources{}, market_study{});
    };
    // end::assessor[]
    play("with our own", std::move(ours));

    // tag::laws[]
    customer_state someone;
    someone.first_order = someone.last_order = number_of(2026y / 1 / 10);
    std::array const views{customer_view{someone, nullptr}};
    for (auto const& broken : testing::evidence_source_laws(six_weeks_of_silence{}, views, 2026y / 3 / 31)) {
        std::cout << broken << '\n';
    }
    for (auto const& broken : testing::wallet_estimate_laws(market_study{}, views, period{2026y, std::chrono::March})) {
        std::cout << broken << '\n';
    }
    // end::laws[]
}
