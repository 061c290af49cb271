#include <patron/customer/records.hpp>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

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
    l.add(ledger_order{.order = "O1", .ordered = 100, .cancelled = 10, .delivered = 90, .invoiced = 40});  // 50 left
    l.add(ledger_order{.order = "O2", .ordered = 7});
    l.add(ledger_invoice{.invoice = "I1", .amount = 40, .open = 25});
    l.settle(*l.find_invoice("I1"), 37);
    CHECK(l.find_invoice("I1")->open == 0);
    CHECK(l.unallocated() == 12);
    CHECK(l.recount() == 50 + 7 - 12);
    l.add(ledger_invoice{.invoice = "I2", .amount = 40, .open = 40});
    CHECK(l.find_invoice("I2")->open == 28);  // what was received ahead settles it first
    CHECK(l.unallocated() == 0);
    CHECK(l.recount() == 50 + 7 + 28);
}

TEST_CASE("a payment that names no invoice settles the oldest first", "[customer][records]") {
    ledger l;
    for (auto const* number : {"I1", "I2", "I3"}) l.add(ledger_invoice{.invoice = number, .amount = 10, .open = 10});
    l.settle(*l.find_invoice("I2"), 4);
    l.settle_oldest(13);
    CHECK(l.find_invoice("I1")->open == 0);
    CHECK(l.find_invoice("I2")->open == 3);
    CHECK(l.find_invoice("I3")->open == 10);
    CHECK(l.first_open() == 1);
    l.settle_oldest(20);
    CHECK(l.unallocated() == 7);
    CHECK(l.first_open() == 3);
}

TEST_CASE("who settles an invoice hears when nothing of it is open any more, once", "[customer][records]") {
    ledger l;
    for (auto const* number : {"I1", "I2", "I3"}) l.add(ledger_invoice{.invoice = number, .amount = 10, .open = 10});
    std::vector<std::string> closed;
    auto const hears = [&](ledger_invoice const& i) { closed.push_back(i.invoice); };
    l.settle(*l.find_invoice("I2"), 4, hears);
    CHECK(closed.empty());
    l.settle(*l.find_invoice("I2"), 6, hears);
    CHECK(closed == std::vector<std::string>{"I2"});
    l.settle(*l.find_invoice("I2"), 6, hears);  // more than is owed
    l.settle_oldest(14, hears);
    CHECK(closed == std::vector<std::string>{"I2", "I1"});
    l.settle_oldest(6, hears);
    CHECK(closed == std::vector<std::string>{"I2", "I1", "I3"});
}

TEST_CASE("a payment takes a part of its invoice's terms: all of them on the due date", "[customer][records]") {
    auto const taken = [](int terms, int paid) {
        customer_records r;
        r.paid_in_full({.issued = 100, .due = 100 + terms}, 100 + paid);
        return std::exp(r.terms_taken.recent()) / customer_records::whole_terms;
    };
    CHECK(taken(30, 30) == Catch::Approx(1).epsilon(.002));
    CHECK(taken(29, 59) == Catch::Approx(2).epsilon(.002));
    CHECK(taken(0, 0) == Catch::Approx(1).epsilon(.002));  // cash
    CHECK(taken(0, 4) == Catch::Approx(5).epsilon(.002));
    CHECK(taken(29, 14) == Catch::Approx(.5).epsilon(.002));
    // told as due before it was issued, or paid before: as on that day
    CHECK(taken(-5, -3) == Catch::Approx(1).epsilon(.002));
    CHECK(taken(2'000, 0) == Catch::Approx(.001).epsilon(.002));
    CHECK(taken(0, 70'000) == Catch::Approx(70'001).epsilon(.004));
}

TEST_CASE("no open invoice is due before the day that the ledger names, whatever is issued and paid",
          "[customer][records][properties]") {
    std::mt19937 random{17};
    ledger l;
    for (int i = 0; i < 2'000; ++i) {
        auto const number = "I" + std::to_string(i);
        auto const amount = static_cast<std::int64_t>(random() % 50);
        switch (random() % 3) {
            case 0: l.settle_oldest(amount); break;
            case 1:
                if (!l.invoices().empty()) {
                    auto const& some = l.invoices()[random() % l.invoices().size()];
                    l.settle(*l.find_invoice(some.invoice), std::min(amount, some.open));
                }
                break;
            default:
                l.add(ledger_invoice{.invoice = number,
                                     .amount = amount,
                                     .open = amount,
                                     .due = static_cast<day_number>(random() % 1'000)});
        }
        for (auto const& invoice : l.invoices()) {
            if (invoice.open > 0) REQUIRE(invoice.due >= l.none_due_before());
        }
    }
    l.settle_oldest(1'000'000);
    CHECK(l.none_due_before() == INT32_MAX);
}

TEST_CASE("a ledger finds every one of many numbers, and no other", "[customer][records]") {
    ledger l;
    for (int i = 0; i < 5'000; ++i) {
        l.add(ledger_order{.order = "O" + std::to_string(i), .ordered = i});
        l.add(ledger_invoice{.invoice = "I" + std::to_string(i), .amount = i, .open = i});
    }
    for (int i = 0; i < 5'000; ++i) {
        REQUIRE(l.find_order("O" + std::to_string(i)) != nullptr);
        CHECK(l.find_order("O" + std::to_string(i))->ordered == i);
        REQUIRE(l.find_invoice("I" + std::to_string(i)) != nullptr);
        CHECK(l.find_invoice("I" + std::to_string(i))->amount == i);
    }
    CHECK(l.find_order("I1") == nullptr);
    CHECK(l.find_order("") == nullptr);
    CHECK(l.find_invoice("I5000") == nullptr);
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
