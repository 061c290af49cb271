#include <patron/engine/order_risk.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

constexpr day start{2024y / 1 / 1};
day after(int n) { return start + std::chrono::days{n}; }

void buys(engine& book, std::string const& customer, int first, int gap, int until) {
    for (int on = first; on <= until; on += gap) {
        auto const number = customer + "-" + std::to_string(on);
        REQUIRE(book.apply(order_placed{
                               .ref = number, .at = after(on), .customer = customer, .order = number, .amount = 10_CNY})
                    .has_value());
    }
}

std::int32_t risk_of(engine const& book, order_risk const& risk, char const* customer) {
    return risk.millionths(book.state_of(customer).value()).value();
}

}  // namespace

TEST_CASE("a book tells the chance that each customer does not order in the quarter to come", "[engine][order_risk]") {
    engine book;
    std::vector<insight::purchase_summary> rows;
    for (int i = 0; i < 30; ++i) {
        auto const stops = i % 3 == 0 ? 120 : 355;
        auto const gap = 5 + i;
        buys(book, "C" + std::to_string(i), i, gap, stops);
        auto const repeats = static_cast<std::uint32_t>((stops - i) / gap);
        rows.push_back({.x = repeats, .t_x = static_cast<double>(repeats) * gap / 7.0, .T = (365 - i) / 7.0});
    }
    customer_enrolled never{.ref = "never", .at = after(3), .customer = "N", .name = "Never"};
    REQUIRE(book.apply(never).has_value());

    order_risk const risk{book, after(365)};
    auto const fit = insight::fit_bg_nbd(rows).value().model;
    for (int i = 0; i < 30; ++i) {
        auto const expected = insight::p_no_purchase(fit, rows[static_cast<std::size_t>(i)], 13);
        CHECK(risk_of(book, risk, ("C" + std::to_string(i)).c_str()) == std::lround(expected * 1e6));
    }
    CHECK(risk_of(book, risk, "C0") > 500'000);
    CHECK(risk_of(book, risk, "C1") < 100'000);
    CHECK_FALSE(risk.millionths(book.state_of("N").value()));
}

TEST_CASE("a book in which nobody came back tells no risk", "[engine][order_risk]") {
    engine book;
    CHECK_FALSE(order_risk(book, after(0)).millionths(customer_state{}));
    buys(book, "A", 0, 100, 50);
    buys(book, "B", 7, 100, 50);
    order_risk const risk{book, after(60)};
    CHECK_FALSE(risk.millionths(book.state_of("A").value()));
}
