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
    book.remember(placed("O"), cny);
    for (std::int64_t part = 0; part < 100; ++part) {  // a third of each is never whole
        book.take(
            book.delivered({.order = "O", .ordered = 100, .before = part, .after = part + 1}, number_of(january_first))
                .value());
    }
    CHECK(volume(book, "R") == 33);
}

TEST_CASE("an account that waits gathers, and is forgotten unless it is agreed on", "[customer][rebate_book]") {
    rebate_book book;
    auto const terms = agreed("R", rebate_basis::ordered);
    book.open(terms, cny, false);
    book.take(book.placed(placed("O"), 500, cny).value());
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
    REQUIRE(book.find("R")->account.settle(settlement_kind::final_));
    CHECK(book.placed(placed("O"), 500, cny).value().empty());
}

TEST_CASE("what an account could not tell is refused before it is taken", "[customer][rebate_book]") {
    rebate_book book;
    book.open(agreed("R", rebate_basis::ordered), cny, true);
    book.take(book.placed(placed("O"), INT64_MAX, cny).value());
    CHECK(book.placed(placed("O2"), 1, cny).error().code == errc::amount_overflow);
    CHECK(volume(book, "R") == INT64_MAX);
}
