#include <patron/customer/credit_file.hpp>
#include <patron/customer/records.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("the limit of a day is the highest of the customer's own and those for a time", "[customer][credit_file]") {
    credit_file file;
    file.base = credit_limit::of(100, 20);
    file.temporary_limits = {{.from = 5, .until = 10, .is_unlimited = false, .amount = 300},
                             {.from = 8, .until = 30, .is_unlimited = false, .amount = 50},
                             {.from = 9, .until = 9, .is_unlimited = true, .amount = 0}};
    CHECK(file.limit_on(4).amount == 100);
    CHECK(file.limit_on(5).amount == 300);
    CHECK(file.limit_on(9).kind == limit_kind::unlimited);
    CHECK(file.limit_on(10).amount == 300);
    CHECK(file.limit_on(11).amount == 100);
    CHECK(file.limit_on(20).amount == 100);
    CHECK(file.limit_on(21).amount == 50);  // its own has run out
    CHECK(file.limit_on(31).kind == limit_kind::not_set);
    file.base = credit_limit::of(0);
    CHECK(file.limit_on(40) == credit_limit::of(0));  // zero is an amount
}

TEST_CASE("a reservation is kept until its last day, for the order that it names", "[customer][credit_file]") {
    credit_file file;
    file.reservations = {{.name = "V1", .order = "O1", .amount = 9, .left = 7, .until = 10},
                         {.name = "V2", .order = "", .amount = 5, .left = 5, .until = no_day},
                         {.name = "V3", .order = "O3", .amount = 5, .left = 0, .until = no_day}};
    CHECK(file.reserved_for("O1", 10)->name == "V1");
    CHECK(file.reserved_for("O1", 11) == nullptr);
    CHECK(file.reserved_for("V1", 1) == nullptr);  // it names another
    CHECK(file.reserved_for("V2", 99)->kept(99) == 5);
    CHECK(file.reserved_for("O3", 1) == nullptr);
    CHECK(file.find_reservation("V3") != nullptr);
    CHECK(file.find_reservation("V4") == nullptr);
    CHECK(file.reserved() == 12);
    CHECK_FALSE(file.empty());
    CHECK(credit_file{}.empty());
}

TEST_CASE("a quotation is open until its last day, and an order takes no more of it than the order comes to",
          "[customer][credit_file]") {
    credit_file file;
    file.quotations = {{.name = "Q1", .amount = 9, .left = 7, .until = 10},
                       {.name = "Q2", .amount = 5, .left = 5, .until = no_day}};
    auto const& first = *file.find_quotation("Q1");
    CHECK(first.taken_by(3, 10) == 3);
    CHECK(first.taken_by(8, 10) == 7);
    CHECK(first.taken_by(3, 11) == 0);
    CHECK(file.quoted(10) == 12);
    CHECK(file.quoted(11) == 5);
    CHECK(file.find_quotation("Q3") == nullptr);
    CHECK_FALSE(file.empty());
}

TEST_CASE("a guarantee is security until its last day", "[customer][credit_file]") {
    credit_file file;
    file.guarantees = {{.name = "G1", .by = "a bank", .amount = 9, .left = 7, .until = 10},
                       {.name = "G2", .by = {}, .amount = INT64_MAX, .left = INT64_MAX, .until = no_day}};
    CHECK(file.guaranteed(10) == detail::wide_amount{INT64_MAX} + 7);
    CHECK(file.guaranteed(11) == INT64_MAX);
    CHECK(file.guaranteed() == detail::wide_amount{INT64_MAX} + 7);  // of which the state has not taken leave yet
    CHECK(file.find_guarantee("G1")->kept(11) == 0);
    CHECK(file.find_guarantee("G3") == nullptr);
    CHECK_FALSE(file.empty());

    customer_records records;
    records.ledger.add(ledger_order{.order = "O1", .ordered = 100});
    records.credit.edit().guarantees = {{.name = "G1", .by = {}, .amount = 9, .left = 7, .until = 10}};
    records.credit.edit().quotations = {{.name = "Q1", .amount = 9, .left = 9, .until = no_day}};
    CHECK(records.recount_exposure() == 93);  // quotations do not bind the customer
}
