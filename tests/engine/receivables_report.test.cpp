// What customers owe, how old it is, and how late they pay (CRE-8).
#include <patron/engine/receivables_report.hpp>

#include <patron/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

receivables_report report_on(engine const& book, day on, int days = 90, std::string_view code = "C1") {
    return receivables_report_of(book, code, {.on = on, .days = days}).value();
}

}  // namespace

TEST_CASE("what is owed is aged, and set against what was sold and paid", "[engine][receivables]") {
    engine book;
    tell(book, enrolled(on(2025, 1, 1)), invoice(on(2025, 1, 1), "I1", yuan(100), on(2025, 1, 31)),
         invoice(on(2025, 2, 1), "I2", yuan(200), on(2025, 3, 3)), payment(on(2025, 2, 10), yuan(60), "I1"));
    auto const r = report_on(book, on(2025, 3, 31));
    CHECK(r.not_due == 0);
    CHECK(r.overdue == 240'00);
    CHECK(r.oldest == "I1");
    CHECK(r.oldest_days_past_due == 59);
    CHECK(r.overdue_share == 1'000'000);
    REQUIRE(r.ageing.size() == 5);
    CHECK(r.ageing[1].amount == 200'00);  // 28 days
    CHECK(r.ageing[2].amount == 40'00);
    CHECK(r.days_sales_outstanding == 72'00);  // 240 of 300, of 90 days
    CHECK(r.average_days_to_pay == 40'00);
    CHECK(r.dunning_level == 3);

    // as it was before
    auto const then = report_on(book, on(2025, 2, 9));
    CHECK(then.overdue == 100'00);
    CHECK(then.not_due == 200'00);
    CHECK_FALSE(then.average_days_to_pay);
    CHECK(then.dunning_level == 1);  // 9 days
    // what lies before the span does not count
    CHECK_FALSE(report_on(book, on(2025, 3, 31), 30).days_sales_outstanding);
    CHECK_FALSE(report_on(book, on(2025, 3, 31), 30).average_days_to_pay);

    auto const csv = to_csv(std::vector{r});
    CHECK(csv ==
          "customer,not_due,overdue,disputed,unallocated,days_1_30,days_31_60,days_61_90,days_91_and_more,oldest,"
          "oldest_days_past_due,overdue_share,days_sales_outstanding,average_days_to_pay,dunning_level\n"
          "C1,0.00 CNY,240.00 CNY,0.00 CNY,0.00 CNY,200.00 CNY,40.00 CNY,0.00 CNY,0.00 CNY,I1,59,100 %,72,40,3\n");
}

TEST_CASE("what was received ahead pays an invoice on its day, and so does what is told late",
          "[engine][receivables]") {
    engine book;
    tell(book, enrolled(on(2025, 1, 1)), payment(on(2025, 1, 5), yuan(50)));
    CHECK(report_on(book, on(2025, 1, 6)).unallocated == 50'00);
    tell(book, invoice(on(2025, 1, 20), "I1", yuan(100), on(2025, 1, 31)));
    CHECK(report_on(book, on(2025, 1, 20)).average_days_to_pay == 0);
    tell(book, payment(on(2025, 1, 10), yuan(10), "I1"));  // before the invoice's own day
    CHECK(report_on(book, on(2025, 1, 20)).average_days_to_pay == 0);
    tell(book, payment(on(2025, 1, 26), yuan(40), "I1"));
    CHECK(report_on(book, on(2025, 1, 31)).average_days_to_pay == 2'40);  // 40 of 100 after 6 days
}

TEST_CASE("a disputed item is neither late nor dunned, and credit notes are no payments", "[engine][receivables]") {
    engine book;
    tell(book, enrolled(on(2025, 1, 1)), invoice(on(2025, 1, 1), "I1", yuan(100), on(2025, 1, 31)));
    auto disputed = fact_at<invoice_disputed>(on(2025, 2, 1));
    disputed.invoice = "I1";
    tell(book, disputed);
    auto const r = report_on(book, on(2025, 3, 31));
    CHECK(r.disputed == 100'00);
    CHECK(r.overdue == 0);
    CHECK(r.dunning_level == 0);
    auto settled = fact_at<dispute_settled>(on(2025, 4, 1));
    settled.invoice = "I1";
    tell(book, settled);
    CHECK(report_on(book, on(2025, 4, 1)).dunning_level == 3);  // 60 days
    auto note = fact_at<credit_note_issued>(on(2025, 4, 2));
    note.invoice = "I1";
    note.amount = yuan(100);
    tell(book, note);
    auto const after = report_on(book, on(2025, 4, 2));
    CHECK(after.overdue == 0);
    CHECK_FALSE(after.average_days_to_pay);
    CHECK(after.dunning_level == 0);
}

TEST_CASE("dunning is what letters on each day would have come to, and the sums are the book's",
          "[engine][receivables][property]") {
    auto const seed = GENERATE(3U, 4U);
    CAPTURE(seed);
    testing::simulation all{{.customers = 25, .months = 10, .seed = seed}};
    engine book;
    while (auto f = all.next()) (void)book.apply(*f);
    auto const last = on(2024, 10, 31);
    book.advance_to(last);
    auto const& rules = book.options().rules.credit;
    int dunned = 0;
    int went_down = 0;
    for (auto const& whole : receivables_reports_of(book, {.on = last}).value()) {
        CAPTURE(whole.customer);
        int level = 0;
        for (auto d = on(2024, 1, 1); d <= last; d += std::chrono::days{1}) {
            auto const r = report_on(book, d, 90, whole.customer);
            auto const next = dunning_level(level, r.oldest_days_past_due, rules.dunning);
            went_down += next < level ? 1 : 0;
            level = next;
            REQUIRE(r.dunning_level == level);
            auto aged = r.ageing.front().amount;
            for (std::size_t i = 1; i < r.ageing.size(); ++i) aged += r.ageing[i].amount;
            REQUIRE(aged == r.not_due + r.overdue);
        }
        dunned += level > 0 ? 1 : 0;
        auto const checked = book.check(whole.customer, {.amount = yuan(0)}).value();
        auto const found = std::ranges::find(checked.rules, "dunning_level",
                                             [](credit_finding const& f) { return std::string_view{f.why.rule}; });
        REQUIRE(found != checked.rules.end());
        CHECK(found->why.saw == level);  // the book keeps it as it goes
        auto const& counted = checked.by_category;
        CHECK(counted.not_due == whole.not_due);
        CHECK(counted.overdue == whole.overdue);
        CHECK(counted.disputed == whole.disputed);
        CHECK(counted.unallocated == whole.unallocated);
    }
    CHECK(dunned > 0);
    CHECK(went_down > 0);
}

TEST_CASE("who is not there, and a span of nothing, are refused", "[engine][receivables]") {
    engine book;
    tell(book, enrolled(on(2025, 1, 1)));
    CHECK(receivables_report_of(book, "nobody", {.on = on(2025, 1, 1)}).error().code == errc::unknown_customer);
    CHECK(receivables_report_of(book, "C1", {.on = on(2025, 1, 1), .days = 0}).error().field == "days");
    CHECK(receivables_reports_of(book, {.on = on(2025, 1, 1)}).value().empty());
}
