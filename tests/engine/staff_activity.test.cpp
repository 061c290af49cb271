// What our own staff do and what comes of it (POW-12).
#include <patron/engine/staff_activity.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

customer_enrolled owned(day at, std::string customer, std::string owner) {
    auto f = enrolled(at, std::move(customer));
    f.owner = std::move(owner);
    return f;
}
template <class F>
F made_by(day at, std::string customer, std::string by) {
    auto f = fact_at<F>(at, std::move(customer));
    f.by = std::move(by);
    return f;
}
staff_record of(std::vector<staff_record> const& all, std::string_view owner) {
    for (auto const& r : all) {
        if (r.owner == owner) return r;
    }
    FAIL("nobody called " << owner);
    return {};
}
/// Orders every second week.
void buys(engine& book, std::string const& customer, day from, day until) {
    int number = 0;
    for (auto at = from; at <= until; at += std::chrono::days{14})
        tell(book, order(at, customer + '-' + std::to_string(++number) + '-' + to_string(from), yuan(100), customer));
}

}  // namespace

TEST_CASE("visits and advice count for who made them, coverage for who has the customer in care",
          "[engine][staff_activity]") {
    engine book;
    tell(book, owned(on(2024, 1, 1), "C1", "li"), owned(on(2024, 1, 1), "C2", "li"),
         owned(on(2024, 1, 1), "C3", "wang"), enrolled(on(2024, 1, 1), "C4"));
    tell(book, made_by<visit_made>(on(2024, 2, 1), "C1", "li"), made_by<visit_made>(on(2024, 2, 8), "C1", "wang"),
         made_by<visit_made>(on(2023, 12, 31) + std::chrono::days{20}, "C2", "li"),
         made_by<advice_given>(on(2024, 2, 2), "C1", "li"), made_by<advice_taken>(on(2024, 2, 3), "C1", "li"));
    book.advance_to(on(2024, 3, 1));
    auto const all = staff_activity_of(book, on(2024, 2, 1), on(2024, 3, 1)).value();
    CHECK(
        of(all, "li") ==
        staff_record{
            .owner = "li", .customers = 2, .customers_visited = 1, .visits = 1, .advice_given = 1, .advice_taken = 1});
    CHECK(of(all, "wang") == staff_record{.owner = "wang", .customers = 1, .visits = 1});
    CHECK(of(all, "") == staff_record{.owner = "", .customers = 1});
    CHECK(staff_activity_of(book, on(2024, 3, 1), on(2024, 2, 1)).error().code == errc::out_of_range);
}

TEST_CASE("wins, losses and saves belong to who had the customer in care on that day", "[engine][staff_activity]") {
    engine book;
    tell(book, owned(on(2023, 1, 1), "C1", "li"));
    buys(book, "C1", on(2023, 1, 2), on(2023, 8, 1));
    book.advance_to(on(2023, 12, 31));  // silent: it declines
    REQUIRE(book.find("C1").value().state.stage == stage::declining);
    tell(book, owned(on(2024, 1, 5), "C1", "wang"));
    buys(book, "C1", on(2024, 1, 8), on(2024, 3, 20));
    book.advance_to(on(2024, 3, 31));
    REQUIRE(book.find("C1").value().state.stage == stage::stable);  // recovered to initial, then promoted
    auto const whole = staff_activity_of(book, on(2023, 1, 1), on(2024, 3, 31)).value();
    CHECK(of(whole, "li").wins == 1);
    CHECK(of(whole, "li").losses == 1);
    CHECK(of(whole, "li").saves == 0);
    CHECK(of(whole, "li").customers == 0);
    CHECK(of(whole, "wang").saves == 1);
    CHECK(of(whole, "wang").wins == 1);
    CHECK(of(whole, "wang").customers == 1);
    // before the hand-over
    auto const early = staff_activity_of(book, on(2023, 1, 3), on(2023, 12, 31)).value();
    CHECK(of(early, "li").wins == 0);
    CHECK(of(early, "li").losses == 1);
    CHECK(of(early, "li").customers == 1);
}

TEST_CASE("an overdue complaint is overdue work of who has the customer in care", "[engine][staff_activity]") {
    engine book;
    tell(book, owned(on(2024, 1, 1), "C1", "li"));
    buys(book, "C1", on(2024, 1, 2), on(2024, 3, 30));
    auto complaint = fact_at<complaint_raised>(on(2024, 4, 1));
    complaint.complaint = "K1";
    complaint.severity = 5;
    tell(book, complaint);
    buys(book, "C1", on(2024, 4, 9), on(2024, 5, 30));
    book.advance_to(on(2024, 5, 31));
    CHECK(
        of(staff_activity_of(book, on(2024, 5, 1), on(2024, 5, 31)).value(), "li").customers_with_overdue_complaints ==
        1);
    CHECK(of(staff_activity_of(book, on(2024, 1, 1), on(2024, 4, 1)).value(), "li").customers_with_overdue_complaints ==
          0);
}

TEST_CASE("records are CSV with a header, whatever names hold", "[engine][staff_activity]") {
    std::vector<staff_record> const all{{.owner = "li, \"junior\"", .customers = 2, .wins = 1}};
    CHECK(to_csv(all) ==
          "owner,customers,customers_visited,visits,advice_given,advice_taken,wins,saves,losses,customers_with_overdue_"
          "complaints,"
          "late_rewards\n\"li, \"\"junior\"\"\",2,0,0,0,0,1,0,0,0,0\n");
}
