#include <patron/customer/records.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
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

TEST_CASE("what a payment would settle is what it settles", "[customer][records]") {
    ledger l;
    for (auto const* number : {"I1", "I2", "I3"}) l.add(ledger_invoice{.invoice = number, .amount = 10, .open = 10});
    l.settle(*l.find_invoice("I2"), 4);
    using parts = std::vector<std::pair<std::string, std::int64_t>>;
    auto const of = [&](std::optional<std::string> const& named, std::int64_t amount) {
        parts out;
        l.each_settled_by(named, amount,
                          [&](ledger_invoice const& i, std::int64_t part) { out.emplace_back(i.invoice, part); });
        return out;
    };
    CHECK(of("I2", 100) == parts{{"I2", 6}});
    CHECK(of("I3", 3) == parts{{"I3", 3}});
    CHECK(of({}, 17) == parts{{"I1", 10}, {"I2", 6}, {"I3", 1}});
    CHECK(of({}, 10) == parts{{"I1", 10}});
    l.settle_oldest(17);
    CHECK(of({}, 100) == parts{{"I3", 9}});
    CHECK(of("I1", 5).empty());
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
