#include <patron/customer/exposure.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

using namespace patron;

namespace {

constexpr day_number today = 20'000;

std::int64_t sum(credit_exposure const& e) { return total(e).value(); }

/// A day in the life of a ledger, from a seed: every move that the engine makes, in parts too.
class trader {
public:
    explicit trader(std::uint64_t seed) : random_{seed} {}

    void move() {
        switch (pick(8)) {
            case 0:
            case 1: {
                book.add(ledger_order{.order = "O-" + std::to_string(++orders_), .ordered = pick(1'000)});
                return;
            }
            case 2: {
                auto* const o = any_order();
                if (o != nullptr) o->delivered += part(o->undelivered());
                return;
            }
            case 3: {  // ahead of the delivery, after it, and sometimes more than was ordered
                auto* const o = any_order();
                auto const amount = o == nullptr ? pick(500) : part(o->uninvoiced() + 50);
                if (o != nullptr) o->invoiced += amount;
                book.add(ledger_invoice{.invoice = "I-" + std::to_string(++invoices_),
                                        .amount = amount,
                                        .open = amount,
                                        .issued = today,
                                        .due = today + static_cast<day_number>(pick(60)) - 30});
                return;
            }
            case 4: {
                book.settle_oldest(pick(400));
                return;
            }
            case 5: {  // paid or credited by name
                auto* const i = any_invoice();
                if (i != nullptr) book.settle(*i, pick(300));
                return;
            }
            case 6: {
                auto* const o = any_order();
                if (o != nullptr) o->cancelled += part(o->ordered - o->cancelled - std::max(o->delivered, o->invoiced));
                return;
            }
            default: {
                auto* const i = any_invoice();
                if (i != nullptr) i->disputed = !i->disputed;
            }
        }
    }

    std::int64_t pick(std::int64_t below) { return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_); }
    std::int64_t part(std::int64_t of) { return of <= 0 ? 0 : pick(3) == 0 ? of : pick(of + 1); }

    ledger book;

private:
    ledger_order* any_order() {
        return orders_ == 0 ? nullptr : book.find_order("O-" + std::to_string(1 + pick(orders_)));
    }
    ledger_invoice* any_invoice() {
        return invoices_ == 0 ? nullptr : book.find_invoice("I-" + std::to_string(1 + pick(invoices_)));
    }

    std::mt19937_64 random_;
    int orders_ = 0;
    int invoices_ = 0;
};

}  // namespace

TEST_CASE("an amount moves from order to delivery to invoice to payment without a gap or a double count",
          "[customer][exposure]") {
    ledger book;
    book.add(ledger_order{.order = "O-1", .ordered = 1'000});
    CHECK(recount(book, today).value() == credit_exposure{.open_orders = 1'000});

    book.find_order("O-1")->delivered = 400;
    CHECK(recount(book, today).value() == credit_exposure{.open_orders = 600, .delivered = 400});

    book.find_order("O-1")->invoiced = 300;
    book.add(ledger_invoice{.invoice = "I-1", .amount = 300, .open = 300, .issued = today, .due = today});
    // the undelivered part does not fall out because delivered goods were invoiced
    CHECK(recount(book, today).value() == credit_exposure{.open_orders = 600, .delivered = 100, .not_due = 300});
    CHECK(recount(book, today + 1).value() == credit_exposure{.open_orders = 600, .delivered = 100, .overdue = 300});

    book.find_invoice("I-1")->disputed = true;
    CHECK(recount(book, today + 1).value() == credit_exposure{.open_orders = 600, .delivered = 100, .disputed = 300});

    book.settle(*book.find_invoice("I-1"), 350);
    CHECK(recount(book, today).value() == credit_exposure{.open_orders = 600, .delivered = 100, .unallocated = 50});
    CHECK(sum(recount(book, today).value()) == 650);
}

TEST_CASE("what is invoiced ahead of its delivery is counted once", "[customer][exposure]") {
    CHECK(exposure_of({.ordered = 100, .invoiced = 40}) == order_exposure{60, 0});
    CHECK(exposure_of({.ordered = 100, .delivered = 30, .invoiced = 40}) == order_exposure{60, 0});
    CHECK(exposure_of({.ordered = 100, .delivered = 70, .invoiced = 40}) == order_exposure{30, 30});
    CHECK(exposure_of({.ordered = 100, .cancelled = 20, .delivered = 80}) == order_exposure{0, 80});
    CHECK(exposure_of({.ordered = 100, .delivered = 100, .invoiced = 120}) == order_exposure{0, 0});
}

TEST_CASE("by categories the exposure is always what the ledger's own recount gives", "[customer][exposure]") {
    auto const seed = GENERATE(range(1, 21));
    trader t{static_cast<std::uint64_t>(seed)};
    for (int step = 0; step < 1'000; ++step) {
        t.move();
        auto const on = today + static_cast<day_number>(t.pick(90)) - 45;
        auto const by_category = recount(t.book, on).value();
        CAPTURE(seed, step, by_category);
        REQUIRE(sum(by_category) == t.book.recount());
        REQUIRE(std::ranges::all_of(exposure_categories, [&](auto const& c) { return by_category.*c.amount >= 0; }));
    }
}

TEST_CASE("each category has its switch and its sign", "[customer][exposure]") {
    credit_exposure const e{1, 20, 2, 300, 4'000, 50'000, 600'000, 7'000'000, 80'000'000, 900'000'000, 10'000'000'000};
    CHECK(total(e).value() ==
          20 + 300 + 4'000 + 50'000 + 600'000 - 7'000'000 - 80'000'000 + 900'000'000 - 10'000'000'000);
    exposure_switches all{};
    all.quotations = true;
    all.later_orders = true;
    for (auto const& c : exposure_categories) {
        auto without = all;
        without.*c.is_on = false;
        CAPTURE(c.name);
        auto const signed_amount = c.taken_off ? -(e.*c.amount) : e.*c.amount;
        CHECK(total(e, all).value() - total(e, without).value() == signed_amount);
    }
}

TEST_CASE("reservations and security stand beside the ledger", "[customer][exposure]") {
    ledger book;
    book.add(ledger_order{.order = "O-1", .ordered = 1'000});
    auto const e = recount(book, today, {.quotations = 70, .credit_notes = 5, .reservations = 200, .security = 300});
    CHECK(sum(e.value()) == 1'000 - 5 + 200 - 300);
}

TEST_CASE("what the ledger knows adds to what stands beside it, quotations only where they count",
          "[customer][exposure]") {
    ledger book;
    book.add(ledger_order{.order = "O-1", .ordered = 1'000, .delivered = 400});
    exposure_sums sums;
    sums.add(&credit_exposure::quotations, 70);
    sums.add(&credit_exposure::quotations, 30);
    sums.add(&credit_exposure::security, 250);
    sums.add(book, today);
    auto const e = sums.exposure().value();
    CHECK(e == credit_exposure{.quotations = 100, .open_orders = 600, .delivered = 400, .security = 250});
    CHECK(e == recount(book, today, {.quotations = 100, .security = 250}).value());
    CHECK(sum(e) == 750);
    CHECK(total(e, {.quotations = true}).value() == 850);
    sums.add(&credit_exposure::quotations, INT64_MAX);
    CHECK(sums.exposure().error().field == "quotations");
}

TEST_CASE("a negative category and a sum beyond 64 bits are errors", "[customer][exposure]") {
    CHECK(total({.security = -1}).error().field == "security");
    CHECK(total({.security = -1}).error().code == errc::out_of_range);
    CHECK(total({.not_due = INT64_MAX, .overdue = 1}).error().code == errc::amount_overflow);
    CHECK(total({.not_due = INT64_MAX, .overdue = 1, .unallocated = 1}).value() == INT64_MAX);
    CHECK(recount(ledger{}, today, {.reservations = -5}).error().field == "reservations");
    ledger book;
    for (auto const* n : {"O-1", "O-2"}) book.add(ledger_order{.order = n, .ordered = INT64_MAX});
    CHECK(recount(book, today).error().code == errc::amount_overflow);
    CHECK(recount(book, today).error().field == "open_orders");
}
