#include <patron/customer/rebate_book.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using namespace patron::literals;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr day january_first{std::chrono::year{2025} / 1 / 1};

rebate_agreed agreed(std::string name, rebate_basis basis) {
    rebate_agreed a;
    a.agreement = std::move(name);
    a.at = january_first;
    a.basis = basis;
    a.bands = {{.from = {.value = 0.00_CNY}, .rate = {.percent = decimal{10, 0}}}};
    return a;
}
order_placed placed(std::string number) {
    order_placed f;
    f.order = std::move(number);
    f.at = january_first;
    f.lines = {{"P", unit_quantity{decimal{1, 0}}, 1.00_CNY}, {"Q", unit_quantity{decimal{2, 0}}, 1.00_CNY}};
    return f;
}
std::int64_t volume(rebate_book const& book, std::string_view name) { return book.find(name)->account.net().value; }

}  // namespace

TEST_CASE("parts of an order add up to what the whole gives, to the minor unit", "[customer][rebate_book]") {
    rebate_book book;
    auto of_product = agreed("R", rebate_basis::delivered);
    of_product.product = "P";
    REQUIRE(book.can_open(of_product, cny));
    book.open(of_product, cny, true);
    book.take(book.placed(placed("O"), 100, cny));
    for (std::int64_t part = 0; part < 100; ++part) {  // a third of each is never whole
        book.take(book.delivered({.order = "O", .ordered = 100, .amount = 1}, number_of(january_first)));
    }
    CHECK(volume(book, "R") == 33);
}

TEST_CASE("an account that waits gathers, and is forgotten unless it is agreed on", "[customer][rebate_book]") {
    rebate_book book;
    auto const terms = agreed("R", rebate_basis::ordered);
    book.open(terms, cny, false);
    book.take(book.placed(placed("O"), 500, cny));
    SECTION("agreed on, it has what it gathered") {
        book.open(terms, cny, true);
        book.forget_waiting();
        CHECK(volume(book, "R") == 500);
    }
    SECTION("with other terms it begins anew") {
        book.open(agreed("R", rebate_basis::paid), cny, true);
        CHECK(volume(book, "R") == 0);
    }
    SECTION("not agreed on, it goes") {
        book.forget_waiting();
        CHECK(book.find("R") == nullptr);
    }
}

TEST_CASE("an account settled for good counts no more", "[customer][rebate_book]") {
    rebate_book book;
    book.open(agreed("R", rebate_basis::ordered), cny, true);
    REQUIRE(book.settle("R", settlement_kind::final_));
    book.take(book.placed(placed("O"), 500, cny));
    CHECK(volume(book, "R") == 0);
}

TEST_CASE("an account that cannot hold an order is marked, and the order is taken", "[customer][rebate_book]") {
    rebate_book book;
    book.open(agreed("R", rebate_basis::ordered), cny, true);
    book.open(agreed("R2", rebate_basis::delivered), cny, true);
    book.take(book.placed(placed("O"), INT64_MAX, cny));
    CHECK_FALSE(book.find("R")->account.is_out_of_range());
    book.take(book.placed(placed("O2"), 1, cny));
    CHECK(book.find("R")->account.is_out_of_range());
    CHECK(book.find("R")->account.balance().error().saw == "R");
    CHECK(book.settle("R", settlement_kind::partial).error().code == errc::amount_overflow);
    CHECK(book.orders().size() == 2);
    book.take(book.delivered({.order = "O2", .ordered = 1, .amount = 1}, number_of(january_first)));
    CHECK(volume(book, "R2") == 1);  // others go on
}

namespace {

day_number days_later(int n) { return number_of(january_first) + n; }
rebate_agreed between(std::string name, rebate_basis basis, int first, int last) {
    auto a = agreed(std::move(name), basis);
    a.from = day_of(days_later(first));
    a.until = day_of(days_later(last));
    return a;
}
goods_returned back(std::optional<std::string> order) {
    goods_returned f;
    f.at = day_of(days_later(50));
    f.order = std::move(order);
    return f;
}

}  // namespace

TEST_CASE("what comes back takes off what was delivered last, over agreements too, and to the minor unit",
          "[customer][rebate_book]") {
    rebate_book book;
    book.open(between("A", rebate_basis::delivered, 0, 9), cny, true);
    book.open(between("B", rebate_basis::delivered, 10, 99), cny, true);
    book.take(book.placed(placed("O"), 1'000, cny));
    book.take(book.delivered({.order = "O", .ordered = 1'000, .amount = 400}, days_later(20)));
    book.take(book.delivered({.order = "O", .ordered = 1'000, .amount = 600}, days_later(5)));  // told late
    book.take(book.returned(back("O"), 300, 1'000, cny));
    CHECK(volume(book, "A") == 600);
    CHECK(volume(book, "B") == 100);
    book.take(book.returned(back("O"), 250, 1'000, cny));
    CHECK(volume(book, "A") == 450);
    CHECK(volume(book, "B") == 0);
}

TEST_CASE("a credit note takes off its own invoice, a return the last one", "[customer][rebate_book]") {
    rebate_book book;
    book.open(between("A", rebate_basis::invoiced, 0, 9), cny, true);
    book.open(between("B", rebate_basis::invoiced, 10, 99), cny, true);
    book.take(book.placed(placed("O"), 1'000, cny));
    book.take(book.invoiced("I1", {.order = "O", .ordered = 1'000, .amount = 600}, 0, days_later(5)));
    book.take(book.invoiced("I2", {.order = "O", .ordered = 1'000, .amount = 400}, 0, days_later(20)));
    book.take(book.credited("I1", 100, 600, days_later(30)));
    CHECK(volume(book, "A") == 500);
    CHECK(volume(book, "B") == 400);
    book.take(book.returned(back("O"), 150, 1'000, cny));  // 100 of it was credited
    CHECK(volume(book, "A") == 500);
    CHECK(volume(book, "B") == 350);
}

TEST_CASE("a return that names no order, and a note on an invoice that names none, meet their counterparts",
          "[customer][rebate_book]") {
    rebate_book book;
    book.open(agreed("R", rebate_basis::ordered), cny, true);
    book.take(book.placed(placed("O"), 1'000, cny));
    book.take(book.placed(placed("O2"), 1'000, cny));
    book.take(book.invoiced("I", {.order = "O", .ordered = 1'000, .amount = 1'000}, 0, days_later(5)));
    book.take(book.invoiced("J", {.order = {}, .ordered = 0, .amount = 500}, 0, days_later(5)));
    book.take(book.returned(back({}), 200, 0, cny));
    CHECK(volume(book, "R") == 1'800);
    book.take(book.credited("I", 300, 1'000, days_later(50)));  // 200 of it for what came back
    CHECK(volume(book, "R") == 1'700);
    book.take(book.returned(back("O2"), 100, 1'000, cny));
    CHECK(volume(book, "R") == 1'600);
    book.take(book.credited("J", 100, 500, days_later(50)));  // for what came back of O2
    CHECK(volume(book, "R") == 1'600);
    book.take(book.returned(back("O"), 300, 1'000, cny));  // I's note was for it, so that the first return was another
    CHECK(volume(book, "R") == 1'400);
}

TEST_CASE("what comes back before it is invoiced is not on the invoice that follows", "[customer][rebate_book]") {
    rebate_book book;
    book.open(agreed("R", rebate_basis::invoiced), cny, true);
    book.take(book.placed(placed("O"), 1'000, cny));
    book.take(book.returned(back("O"), 200, 1'000, cny));
    book.take(book.invoiced("I", {.order = "O", .ordered = 1'000, .amount = 800}, 0, days_later(60)));
    CHECK(volume(book, "R") == 800);
}

TEST_CASE("an order that has added nothing to an agreement never marks it", "[customer][rebate_book]") {
    rebate_book book;
    book.open(between("A", rebate_basis::invoiced, 0, 9), cny, true);
    book.open(between("B", rebate_basis::invoiced, 10, 99), cny, true);
    auto large = placed("O");
    large.lines[0].quantity = unit_quantity{decimal{1'000'000'000, 0}};
    book.take(book.placed(large, 1, cny));
    book.take(book.invoiced("I", {.order = "O", .ordered = 1, .amount = 1'000'000}, 0, days_later(20)));
    CHECK_FALSE(book.find("A")->account.is_out_of_range());
    CHECK(book.find("B")->account.is_out_of_range());
}
