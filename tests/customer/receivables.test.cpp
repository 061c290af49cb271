#include <patron/customer/receivables.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace patron;

namespace {

constexpr day_number today = 20'000;

void invoice(ledger& book, std::string const& name, std::int64_t open, int days_past_due, bool disputed = false) {
    auto const due = today - days_past_due;
    book.add(ledger_invoice{
        .invoice = name, .amount = open, .open = open, .issued = due - 30, .due = due, .disputed = disputed});
}
ledger example() {
    ledger book;
    invoice(book, "I-1", 300'00, 45);
    invoice(book, "I-2", 100'00, 90, true);  // disputed: does not block
    invoice(book, "I-3", 80, 200);           // a residue
    invoice(book, "I-4", 200'00, 61);
    invoice(book, "I-5", 500'00, 0);
    return book;
}

}  // namespace

TEST_CASE("an item is overdue from the day after its due date on", "[customer][receivables]") {
    ledger book;
    invoice(book, "I-1", 500'00, 0);
    CHECK(receivables_of(book, today).value().not_due == 500'00);
    CHECK(receivables_of(book, today).value().oldest.empty());
    auto const late = receivables_of(book, today + 1).value();
    CHECK(late.overdue == 500'00);
    CHECK(late.oldest == "I-1");
    CHECK(late.oldest_days_past_due == 1);
    CHECK(late.overdue_share == 1'000'000);
}

TEST_CASE("disputed items and residues are owed, and are not what makes a customer late", "[customer][receivables]") {
    auto const book = example();
    auto const r = receivables_of(book, today).value();
    CHECK(r.not_due == 500'00);
    CHECK(r.overdue == 500'80);
    CHECK(r.disputed == 100'00);
    CHECK(r.overdue_counted == 500'00);
    CHECK(r.oldest == "I-4");
    CHECK(r.oldest_days_past_due == 61);
    CHECK(r.overdue_share == 499'600);  // 500.00 of 1 000.80

    receivables_rules strict;
    strict.residue = 0;  // zero is a threshold, not none
    CHECK(receivables_of(book, today, strict).value().oldest == "I-3");
}

TEST_CASE("ageing buckets end with their edges and add up to all that is not disputed", "[customer][receivables]") {
    ledger book;
    for (auto const days : {-5, 0, 1, 30, 31, 60, 61, 90, 91, 400})
        invoice(book, "I" + std::to_string(days), 100, days);
    invoice(book, "disputed", 100, 50, true);
    CHECK(ageing(book, today).value() ==
          std::vector<ageing_bucket>{
              {INT32_MIN, 0, 200}, {1, 30, 200}, {31, 60, 200}, {61, 90, 200}, {91, INT32_MAX, 200}});
    receivables_rules rules;
    rules.ageing_edges = {30, 30};
    CHECK(ageing(book, today, rules).error().code == errc::out_of_range);
    rules.ageing_edges = {0};
    CHECK(ageing(book, today, rules).error().field == "ageing_edges");
    rules.ageing_edges.clear();
    CHECK(ageing(book, today, rules).value().size() == 2);
}

TEST_CASE("receivables agree with a plain sum over all invoices, whatever was paid", "[customer][receivables]") {
    auto const seed = GENERATE(range(1, 31));
    std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    ledger book;
    for (int i = 0; i < 60; ++i) {
        invoice(book, "I-" + std::to_string(i), pick(500), pick(150) - 50, pick(6) == 0);
        if (pick(3) == 0) book.settle_oldest(pick(700));
        std::int64_t not_due = 0, overdue = 0, disputed = 0, counted = 0;
        int oldest = 0;
        for (auto const& x : book.invoices()) {
            (x.disputed ? disputed : today > x.due ? overdue : not_due) += x.open;
            if (x.disputed || today <= x.due || x.open <= 100) continue;
            counted += x.open;
            oldest = std::max(oldest, today - x.due);
        }
        auto const r = receivables_of(book, today).value();
        CAPTURE(seed, i);
        REQUIRE(r.not_due == not_due);
        REQUIRE(r.overdue == overdue);
        REQUIRE(r.disputed == disputed);
        REQUIRE(r.overdue_counted == counted);
        REQUIRE(r.oldest_days_past_due == oldest);
        std::vector<open_item> items;
        append_open_items(items, book);
        std::int64_t open = 0;
        for (auto const& item : items) open += item.open;
        REQUIRE(open == not_due + overdue + disputed);
    }
}

TEST_CASE("days sales outstanding are receivables over credit sales times days", "[customer][receivables]") {
    CHECK(days_sales_outstanding(450'00, 900'00, 90).value() == 45'00);
    CHECK(days_sales_outstanding(1, 3, 1).value() == 33);
    CHECK(days_sales_outstanding(0, 900'00, 90).value() == 0);
    CHECK_FALSE(days_sales_outstanding(450'00, 0, 90).value().has_value());  // unknown, not zero
    CHECK(days_sales_outstanding(-1, 900'00, 90).error().field == "receivables");
    CHECK(days_sales_outstanding(1, -1, 90).error().field == "credit_sales");
    CHECK(days_sales_outstanding(1, 1, 0).error().field == "days");
    CHECK(days_sales_outstanding(INT64_MAX, 1, 365).error().code == errc::amount_overflow);
}

TEST_CASE("average days to pay weigh each payment by its amount", "[customer][receivables]") {
    std::vector<settled_part> parts{{100'00, 0, 30}, {300'00, 0, 50}};
    CHECK(average_days_to_pay(parts).value() == 45'00);
    parts = {{0, 0, 99}};
    CHECK_FALSE(average_days_to_pay(parts).value().has_value());
    parts = {{1, 10, 9}};
    CHECK(average_days_to_pay(parts).error().field == "paid");
    parts = {{-1, 0, 9}};
    CHECK(average_days_to_pay(parts).error().field == "amount");
    parts = {{INT64_MAX, 0, 9}, {1, 0, 9}};
    CHECK(average_days_to_pay(parts).error().code == errc::amount_overflow);
}

TEST_CASE("dunning climbs with the days past due and has a way back", "[customer][receivables]") {
    dunning_rules const rules;
    CHECK(dunning_level(0, 6, rules) == 0);
    CHECK(dunning_level(0, 7, rules) == 1);
    CHECK(dunning_level(0, 80, rules) == 4);
    CHECK(dunning_level(1, 3, rules) == 1);  // not yet left
    CHECK(dunning_level(1, 0, rules) == 0);
    CHECK(dunning_level(4, 46, rules) == 4);
    CHECK(dunning_level(4, 45, rules) == 3);
    CHECK(dunning_level(4, 0, rules) == 0);
}

TEST_CASE("a dunning level asked for again with the same days stays", "[customer][receivables]") {
    dunning_rules const rules;
    for (int now = 0; now <= 4; ++now) {
        for (int days = 0; days < 100; ++days) {
            auto const once = dunning_level(now, days, rules);
            REQUIRE(dunning_level(once, days, rules) == once);
        }
    }
}

TEST_CASE("dunning rules that would swing are refused", "[customer][receivables]") {
    CHECK(check(dunning_rules{}).has_value());
    CHECK(check(dunning_rules{{{7, 7}}}).error().field == "steps[0]");
    CHECK(check(dunning_rules{{{7, 0}, {7, 3}}}).error().field == "steps[1]");
    CHECK(check(dunning_rules{{{7, 3}, {21, 3}}}).error().field == "steps[1]");
}
