#include <patron/customer/credit_file.hpp>

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
