// Rebates offered to a kind of customers, and agreed on with a group for what its members trade (POW-13).
#include <patron/engine/engine.hpp>
#include <patron/engine/rebate_periods.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

engine book_by_fact() { return engine{{.reviews = review_mode::by_fact}}; }

std::vector<rebate_band> two_bands() {
    return {{.from = {.value = yuan(0)}, .rate = {.percent = decimal::parse("10").value()}},
            {.from = {.value = yuan(1'000)}, .rate = {.percent = decimal::parse("25").value()}}};
}
rebate_offered offered(day at, std::string name, customer_kind kind = customer_kind::retailer) {
    rebate_offered f;
    f.ref = "offer of " + name + " on " + to_string(at);
    f.at = moment{at};
    f.agreement = std::move(name);
    f.kind = kind;
    f.basis = rebate_basis::ordered;
    f.method = rebate_method::incremental;
    f.bands = two_bands();
    return f;
}
rebate_agreed agreed_with(day at, std::string name, std::string customer, std::optional<rebate_scope> scope = {}) {
    auto f = fact_at<rebate_agreed>(at, std::move(customer));
    f.agreement = std::move(name);
    f.basis = rebate_basis::ordered;
    f.method = rebate_method::incremental;
    f.bands = two_bands();
    f.scope = scope;
    return f;
}
rebate_settled paid_out(day at, std::string name, std::optional<money> amount, std::string customer = "C1",
                        settlement_kind kind = settlement_kind::partial) {
    auto f = fact_at<rebate_settled>(at, std::move(customer));
    f.agreement = std::move(name);
    f.kind = kind;
    f.amount = amount;
    return f;
}
customer_enrolled enrolled_as(day at, std::string customer, std::optional<customer_kind> kind,
                              std::optional<std::string> parent = {}) {
    auto f = enrolled(at, std::move(customer));
    f.kind = kind;
    f.parent = std::move(parent);
    return f;
}
errc refused(engine& book, fact const& f) {
    auto const before = rows_of(book);
    auto const taken = book.apply(f);
    REQUIRE_FALSE(taken.has_value());
    CHECK(rows_of(book) == before);
    return taken.error().code;
}
std::optional<row_rebate> account(engine const& book, std::string_view agreement, std::string_view customer = "C1") {
    auto const row = book.find(customer).value();
    for (auto const& r : row.rebates) {
        if (r.agreement == agreement) return r;
    }
    return std::nullopt;
}
bool balances(rebate_balance const& b) {
    auto const parts = {b.paid, b.open, b.reversed, b.forfeited, b.clawed_back};
    return b.accrued == b.paid + b.open + b.reversed + b.forfeited + b.clawed_back &&
           std::all_of(parts.begin(), parts.end(), [](std::int64_t part) { return part >= 0; });
}

}  // namespace

TEST_CASE("an offer is an account of each customer of the kind, on the days that it is of it", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, enrolled_as(on(2025, 1, 1), "C2", customer_kind::distributor));
    tell(book, enrolled_as(on(2025, 1, 1), "C3", {}));
    tell(book, order(on(2025, 1, 5), "O1", yuan(400), "C1"));
    tell(book, order(on(2025, 1, 5), "O2", yuan(500), "C2"));
    tell(book, offered(on(2025, 1, 1), "Y25"));
    tell(book, order(on(2025, 2, 5), "O3", yuan(1'000), "C1"));
    auto const told = account(book, "Y25");
    REQUIRE(told.has_value());
    CHECK((told->offered_to == customer_kind::retailer));
    CHECK(told->volume.value == 1'400'00);
    CHECK(told->balance.open == 200'00);
    CHECK_FALSE(account(book, "Y25", "C2").has_value());
    CHECK_FALSE(account(book, "Y25", "C3").has_value());
    REQUIRE(book.offers().size() == 1);

    tell(book, enrolled_as(on(2025, 3, 1), "C1", customer_kind::distributor));
    tell(book, enrolled_as(on(2025, 2, 1), "C2", customer_kind::retailer));
    tell(book, order(on(2025, 3, 5), "O4", yuan(700), "C1"));
    tell(book, order(on(2025, 3, 5), "O5", yuan(300), "C2"));
    CHECK(account(book, "Y25")->volume.value == 1'400'00);
    CHECK(account(book, "Y25", "C2")->volume.value == 300'00);
    CHECK(book.explain("C2", on(2025, 3, 1)).value().row.rebates.front().volume.value == 0);
}

TEST_CASE("what was paid on an offer stays, whatever is told of the customer's kind later", "[engine][rebate]") {
    auto book = book_by_fact();
    auto const first = named("e1", enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, first);
    tell(book, offered(on(2025, 1, 1), "Y25"));
    tell(book, order(on(2025, 1, 5), "O1", yuan(1'000)));
    tell(book, paid_out(on(2025, 2, 1), "Y25", yuan(60)));
    CHECK(account(book, "Y25")->balance.paid == 60'00);
    CHECK(account(book, "Y25")->balance.open == 40'00);
    tell(book, correction(on(2025, 2, 2), first.ref, "kind", "distributor"));
    auto const left = account(book, "Y25");
    REQUIRE(left.has_value());
    CHECK(left->volume.value == 0);
    CHECK(left->balance.paid == 0);
    CHECK(left->balance.clawed_back == 60'00);
    CHECK(balances(left->balance));
    CHECK(refused(book, agreed_with(on(2025, 2, 3), "Y25", "C1")) == errc::impossible_now);
}

TEST_CASE("the final settlement of an offer ends it on its day and forfeits what is open", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, offered(on(2025, 1, 1), "Y25"));
    tell(book, order(on(2025, 1, 5), "O1", yuan(1'000)));
    tell(book, paid_out(on(2025, 2, 1), "Y25", yuan(70), "C1", settlement_kind::final_));
    tell(book, order(on(2025, 2, 5), "O2", yuan(1'000)));
    tell(book, order(on(2025, 1, 20), "O3", yuan(100)));
    auto const done = account(book, "Y25");
    CHECK(done->is_final);
    CHECK(done->volume.value == 1'100'00);
    CHECK(done->balance.paid == 70'00);
    CHECK(done->balance.forfeited == 55'00);
    CHECK(done->balance.open == 0);
    CHECK(balances(done->balance));
    CHECK(refused(book, paid_out(on(2025, 3, 1), "Y25", yuan(1))) == errc::impossible_now);
}

TEST_CASE("an agreement of the customer's own stands in the place of an offer of its name", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, offered(on(2025, 1, 1), "Y25"));
    auto better = agreed_with(on(2025, 1, 1), "Y25", "C1");
    better.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal::parse("50").value()}}};
    tell(book, better);
    tell(book, order(on(2025, 1, 5), "O1", yuan(100)));
    auto const row = book.find("C1").value();
    REQUIRE(row.rebates.size() == 1);
    CHECK(row.rebates.front().balance.accrued == 50'00);
    CHECK_FALSE(row.rebates.front().offered_to.has_value());
}

TEST_CASE("offers and what is paid on them are refused where they make no sense", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, enrolled_as(on(2025, 1, 1), "C2", customer_kind::distributor));
    auto first = offered(on(2025, 1, 1), "Y25");
    first.minimum = yuan(50);
    tell(book, first);
    auto again = first;
    again.ref = "again";
    tell(book, again);
    tell(book, order(on(2025, 1, 5), "O1", yuan(1'000)));
    CHECK(book.find("C1").value().rebates.size() == 1);
    CHECK(refused(book, offered(on(2025, 1, 2), "Y25")) == errc::impossible_now);
    auto of_products = offered(on(2025, 1, 1), "P25");
    of_products.basis = rebate_basis::paid;
    of_products.product = "tea";
    CHECK(refused(book, of_products) == errc::not_supported);
    auto no_band = offered(on(2025, 1, 1), "N25");
    no_band.bands.clear();
    CHECK(refused(book, no_band) == errc::missing_field);
    CHECK(refused(book, paid_out(on(2025, 2, 1), "Y25", {})) == errc::missing_field);
    CHECK(refused(book, paid_out(on(2025, 2, 1), "Y25", yuan(10))) == errc::out_of_range);
    CHECK(refused(book, paid_out(on(2025, 2, 1), "Y26", yuan(10))) == errc::unknown_reference);
    CHECK(refused(book, paid_out(on(2025, 2, 1), "Y25", yuan(60), "C2")) == errc::impossible_now);
    tell(book, agreed_with(on(2025, 1, 1), "R1", "C1"));
    CHECK(refused(book, paid_out(on(2025, 2, 1), "R1", yuan(60))) == errc::not_supported);

    CHECK(refused(book, correction(on(2025, 2, 1), first.ref, "kind", "distributor")) == errc::impossible_now);
    tell(book, correction(on(2025, 2, 1), again.ref, "agreement", "Z25"));
    CHECK(book.find("C1").value().rebates.size() == 3);
}

TEST_CASE("an agreement of members counts what all below a group trade while they are below it", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "G", customer_kind::group));
    tell(book, enrolled_as(on(2025, 1, 1), "H", {}, "G"));
    tell(book, enrolled_as(on(2025, 1, 1), "C1", {}, "H"));
    tell(book, enrolled_as(on(2025, 1, 1), "C2", {}, "G"));
    auto dollars = enrolled_as(on(2025, 1, 1), "C3", {}, "G");
    dollars.currency = currency::literal("USD");
    tell(book, dollars);
    tell(book, agreed_with(on(2025, 1, 1), "G25", "G", rebate_scope::members));
    tell(book, order(on(2025, 1, 5), "O1", yuan(100), "C1"));
    tell(book, order(on(2025, 1, 6), "O2", yuan(200), "C2"));
    tell(book, order(on(2025, 1, 7), "O3", yuan(400), "G"));
    tell(book, enrolled_as(on(2025, 2, 1), "C2", {}, "elsewhere"));
    tell(book, enrolled_as(on(2025, 2, 1), "C9", {}, "G"));
    tell(book, order(on(2025, 2, 6), "O4", yuan(5'000), "C2"));
    tell(book, order(on(2025, 2, 6), "O5", yuan(800), "C1"));
    tell(book, order(on(2025, 2, 6), "O6", yuan(600), "C9"));
    auto const told = account(book, "G25", "G");
    REQUIRE(told.has_value());
    CHECK(told->is_of_members);
    CHECK(told->volume.value == 2'100'00);
    CHECK(told->balance.open == 375'00);
    CHECK(told->left_out == std::vector<std::string>{"C3"});
    CHECK_FALSE(account(book, "G25", "C1").has_value());

    CHECK(refused(book, paid_out(on(2025, 3, 1), "G25", {}, "G")) == errc::missing_field);
    tell(book, paid_out(on(2025, 3, 1), "G25", yuan(400), "G"));
    CHECK(account(book, "G25", "G")->balance.clawed_back == 25'00);
    CHECK(balances(account(book, "G25", "G")->balance));
    tell(book, about_order<order_cancelled>(on(2025, 3, 2), "O5", yuan(800)));
    CHECK(account(book, "G25", "G")->balance.paid == 175'00);
    CHECK(balances(account(book, "G25", "G")->balance));

    auto const months = rebate_periods_of(book, "G", {.until = on(2025, 12, 31)}).value();
    REQUIRE(months.size() == 3);
    CHECK(months[0].moved.accrued == 70'00);
    CHECK(months[1].moved.accrued == 305'00);
    CHECK(months[2].open == 0);
}

TEST_CASE("groups that lead back to themselves count each customer once", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "G", {}, "H"));
    tell(book, enrolled_as(on(2025, 1, 1), "H", {}, "G"));
    tell(book, agreed_with(on(2025, 1, 1), "G25", "G", rebate_scope::members));
    tell(book, order(on(2025, 1, 5), "O1", yuan(100), "G"));
    tell(book, order(on(2025, 1, 5), "O2", yuan(200), "H"));
    CHECK(account(book, "G25", "G")->volume.value == 300'00);
}

TEST_CASE("an offer counts as an agreement with each customer would, and a group's as all of them",
          "[engine][rebate]") {
    auto const seed = GENERATE(range(0U, 25U));
    CAPTURE(seed);
    std::mt19937 roll{seed};
    auto const below = [&roll](unsigned n) { return static_cast<unsigned>(roll() % n); };
    auto shared = book_by_fact();
    auto apart = book_by_fact();
    std::vector<fact> story;
    std::vector<std::string> const customers{"C1", "C2", "C3"};
    for (auto* book : {&shared, &apart}) {
        tell(*book, enrolled_as(on(2025, 1, 1), "G", customer_kind::group));
        for (auto const& code : customers) tell(*book, enrolled_as(on(2025, 1, 1), code, customer_kind::retailer, "G"));
    }
    std::vector<std::string> orders;
    for (unsigned i = 0; i < 40; ++i) {
        auto const at = on(2025, 1 + below(6), 1 + below(28));
        auto const& who = customers[below(3)];
        if (orders.empty() || below(3) > 0) {
            auto const number = "O" + std::to_string(i) + who;
            orders.push_back(number);
            story.push_back(order(at, number, yuan(1 + below(900)), who));
        } else {
            auto const number = orders[below(static_cast<unsigned>(orders.size()))];
            auto f = about_order<order_cancelled>(on(2025, 7, 1 + below(28)), number);
            f.customer = number.substr(number.size() - 2);
            story.push_back(f);
        }
    }
    auto const offer = offered(on(2025, 2, 1), "Y25");
    auto const with_group = agreed_with(on(2025, 2, 1), "G25", "G", rebate_scope::members);
    auto const told_after = below(40);
    for (unsigned i = 0; i < story.size(); ++i) {
        if (i == told_after) {
            tell(shared, offer);
            tell(shared, with_group);
            for (auto const& code : customers) tell(apart, agreed_with(on(2025, 2, 1), "Y25", code));
        }
        auto const one = shared.apply(story[i]);
        auto const other = apart.apply(story[i]);
        REQUIRE(one.has_value() == other.has_value());
    }
    std::int64_t all = 0;
    for (auto const& code : customers) {
        auto const one = account(shared, "Y25", code);
        auto const other = account(apart, "Y25", code);
        REQUIRE(one.has_value());
        REQUIRE(other.has_value());
        CHECK(one->volume == other->volume);
        CHECK(one->balance == other->balance);
        all += other->volume.value;
        auto one_by_month = rebate_periods_of(shared, code, {.until = on(2025, 12, 31)}).value();
        CHECK(one_by_month == rebate_periods_of(apart, code, {.until = on(2025, 12, 31)}).value());
    }
    CHECK(account(shared, "G25", "G")->volume.value == all);
    std::int64_t open = 0;
    for (auto const& month : rebate_periods_of(shared, "G", {.until = on(2025, 12, 31)}).value())
        open += month.moved.open;
    CHECK(open == account(shared, "G25", "G")->balance.open);
}

TEST_CASE("a final settlement before an agreement's first day lets nothing count", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    tell(book, enrolled_as(on(2025, 1, 1), "G", customer_kind::group));
    auto offer = offered(on(2025, 1, 1), "Y25");
    offer.from = on(2025, 3, 1);
    tell(book, offer);
    auto with_group = agreed_with(on(2025, 1, 1), "G25", "G", rebate_scope::members);
    with_group.from = on(2025, 3, 1);
    tell(book, with_group);
    tell(book, paid_out(on(2025, 2, 1), "Y25", yuan(0), "C1", settlement_kind::final_));
    tell(book, paid_out(on(2025, 2, 1), "G25", yuan(0), "G", settlement_kind::final_));
    tell(book, order(on(2025, 3, 1), "O1", yuan(1'000), "C1"));
    tell(book, order(on(2025, 3, 1), "O2", yuan(1'000), "G"));
    CHECK(account(book, "Y25")->volume.value == 0);
    CHECK(account(book, "G25", "G")->volume.value == 0);
}

TEST_CASE("of a foreign order a product has its lines' part, in the customer's currency", "[engine][rebate]") {
    auto book = book_by_fact();
    tell(book, enrolled_as(on(2025, 1, 1), "C1", customer_kind::retailer));
    auto of_tea = agreed_with(on(2025, 1, 1), "T25", "C1");
    of_tea.product = "tea";
    tell(book, of_tea);
    auto const usd = currency::literal("USD");
    auto const line = [&](char const* product, std::int64_t cents) {
        return order_line{.product = product, .quantity = decimal::parse("1").value(), .price = money{cents, usd}};
    };
    auto abroad = order(on(2025, 1, 5), "O1", money{100'00, usd});
    abroad.rate = decimal::parse("7").value();
    abroad.lines = {line("tea", 25'00), line("rice", 75'00)};
    tell(book, abroad);
    CHECK(account(book, "T25")->volume.value == 175'00);
    auto mixed = order(on(2025, 1, 6), "O2", yuan(100));
    mixed.lines = {line("tea", 25'00), {.product = "rice", .quantity = decimal::parse("1").value(), .price = yuan(75)}};
    tell(book, mixed);
    CHECK(account(book, "T25")->volume.value == 175'00);
}
