#include <patron/customer/records.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("an agreement is in force from its first to its last day, both included", "[customer][records]") {
    agreement const dated{.name = "A", .from = 100, .until = 200};
    CHECK_FALSE(dated.in_force(99));
    CHECK(dated.in_force(100));
    CHECK(dated.in_force(200));
    CHECK_FALSE(dated.in_force(201));
    agreement const open_ended{.name = "A", .from = 100};
    CHECK(open_ended.in_force(1'000'000));
}

TEST_CASE("what is open of an order is never negative, even when more was invoiced than ordered",
          "[customer][records]") {
    ledger_order o{.ordered = 100, .cancelled = 30, .delivered = 20, .invoiced = 50};
    CHECK(o.undelivered() == 50);
    CHECK(o.uninvoiced() == 20);
    o.invoiced = 80;
    CHECK(o.uninvoiced() == 0);
}

TEST_CASE("a recount adds orders not invoiced and invoices open, and takes off receipts not allocated",
          "[customer][records]") {
    ledger l;
    l.orders["O1"] = {.ordered = 100, .cancelled = 10, .delivered = 90, .invoiced = 40};  // 50 not invoiced
    l.orders["O2"] = {.ordered = 7};
    l.invoices.push_back({.invoice = "I1", .amount = 40, .open = 25});
    l.invoice_positions.emplace("I1", 0);
    l.unallocated = 12;
    CHECK(l.recount() == 50 + 7 + 25 - 12);
    REQUIRE(l.find_invoice("I1") != nullptr);
    CHECK(l.find_invoice("I1")->open == 25);
    CHECK(l.find_invoice("I2") == nullptr);
}

TEST_CASE("contacts, agreements and complaints are found by name", "[customer][records]") {
    customer_records r;
    r.contacts.push_back({.person = "Li"});
    r.agreements.push_back({.name = "A"});
    r.complaints.push_back({.name = "C", .step = complaint_step::confirmed});
    CHECK(r.find_contact("Li") == &r.contacts.front());
    CHECK(r.find_contact("Wu") == nullptr);
    CHECK(r.find_agreement("A") == &r.agreements.front());
    CHECK(r.find_agreement("") == nullptr);
    CHECK(r.find_complaint("C") == &r.complaints.front());
    CHECK_FALSE(r.complaints.front().is_open());
    CHECK(r.contacts.front().is_there());
}
