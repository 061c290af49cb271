// Credit that another rulebook would have refused, and of what was lost since (ENG-3).
#include <patron/engine/credit_course.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

engine under(credit_rules rules) {
    engine_options how;
    how.rules.credit = std::move(rules);
    return engine{std::move(how)};
}
/// A limit of 1 000 yuan; an order of 600 that is paid, and one of 900 that never is.
void tell_story(engine& book) {
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    tell(book, limit, order(on(2024, 1, 2), "O1", yuan(600)),
         invoice(on(2024, 1, 3), "I1", yuan(600), on(2024, 2, 2), "O1"), payment(on(2024, 1, 20), yuan(600), "I1"),
         order(on(2024, 2, 1), "O2", yuan(900)), invoice(on(2024, 2, 2), "I2", yuan(900), on(2024, 3, 2), "O2"));
}

}  // namespace

TEST_CASE("orders beyond the limit would have been refused, and what they lost spared", "[engine][credit_course]") {
    auto book = under({});
    tell_story(book);
    auto const last = on(2024, 12, 31);
    auto const lent = credit_course_of(book, "C1", last).value();
    CHECK(lent == credit_course{.in = cny, .orders = 2, .ordered = 1'500'00, .lost = 900'00});

    credit_rules strict;
    strict.document_limit = 800'00;
    auto other = under(strict);
    tell_story(other);
    CHECK(credit_course_of(other, "C1", last).value() == credit_course{.in = cny,
                                                                       .orders = 2,
                                                                       .orders_refused = 1,
                                                                       .ordered = 1'500'00,
                                                                       .refused = 900'00,
                                                                       .lost = 900'00,
                                                                       .spared = 900'00});
    CHECK(credit_courses_of(other, last).value() == std::vector{credit_course_of(other, "C1", last).value()});
}

TEST_CASE("each order is checked by what was owed when it was placed", "[engine][credit_course]") {
    auto book = under({});
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    tell(book, limit, order(on(2024, 1, 2), "O1", yuan(700)), order(on(2024, 1, 3), "O2", yuan(700)),
         about_order<order_cancelled>(on(2024, 1, 4), "O1"), about_order<order_cancelled>(on(2024, 1, 4), "O2"),
         order(on(2024, 1, 5), "O3", yuan(1'000)));
    auto const lent = credit_course_of(book, "C1", on(2024, 1, 31)).value();
    CHECK(lent.orders == 3);
    CHECK(lent.orders_refused == 1);
    CHECK(lent.refused == 700'00);
}

TEST_CASE("what is not yet late, disputed or of a later day is no loss", "[engine][credit_course]") {
    auto book = under({});
    tell_story(book);
    auto const lost = [&](day on, int after = 90) { return credit_course_of(book, "C1", on, after).value().lost; };
    CHECK(lost(on(2024, 3, 2) + std::chrono::days{90}) == 0);
    CHECK(lost(on(2024, 3, 2) + std::chrono::days{91}) == 900'00);
    CHECK(lost(on(2024, 3, 3), 0) == 900'00);
    CHECK(lost(on(2024, 1, 31), 0) == 0);
    CHECK(credit_course_of(book, "C1", on(2024, 1, 31)).value().orders == 1);
    auto disputed = fact_at<invoice_disputed>(on(2024, 4, 1));
    disputed.invoice = "I2";
    tell(book, disputed);
    CHECK(lost(on(2024, 12, 31)) == 0);
    CHECK(credit_course_of(book, "nobody", on(2024, 12, 31)).error().code == errc::unknown_customer);
}

TEST_CASE("whether the house tells of its reviews or not, an order is checked alike", "[engine][credit_course]") {
    auto const refused = [](review_mode reviews) {
        engine_options how;
        how.reviews = reviews;
        engine book{std::move(how)};
        tell(book, enrolled(on(2022, 1, 1)));
        auto limit = fact_at<limit_set>(on(2022, 1, 1));
        limit.amount = yuan(1'000);
        tell(book, limit, order(on(2022, 1, 2), "O1", yuan(100)), about_order<order_cancelled>(on(2022, 1, 3), "O1"));
        if (reviews == review_mode::by_fact) {
            for (unsigned month = 1; month <= 24; ++month) {
                review_held review;
                review.period = in_month(2022 + static_cast<int>(month - 1) / 12, 1 + (month - 1) % 12);
                review.at = review.period.last();
                tell(book, review);
            }
        } else {
            book.advance_to(on(2023, 12, 31));
        }
        REQUIRE(book.find("C1").value().state.stage == stage::ended);  // silent for too long
        tell(book, order(on(2024, 1, 2), "O2", yuan(100)));
        return credit_course_of(book, "C1", on(2024, 1, 31)).value().orders_refused;
    };
    CHECK(refused(review_mode::monthly) == 1);
    CHECK(refused(review_mode::by_fact) == 1);
}

TEST_CASE("an order of what was quoted is counted once", "[engine][credit_course]") {
    credit_rules counting;
    counting.counts.quotations = true;
    auto book = under(counting);
    tell(book, enrolled(on(2024, 1, 1)));
    auto limit = fact_at<limit_set>(on(2024, 1, 1));
    limit.amount = yuan(1'000);
    auto offer = fact_at<quotation_made>(on(2024, 1, 2));
    offer.quotation = "Q1";
    offer.amount = yuan(800);
    auto placed = order(on(2024, 1, 3), "O1", yuan(800));
    placed.quotation = "Q1";
    tell(book, limit, offer, placed);
    offer.quotation = "Q2";
    offer.at = on(2024, 1, 4);
    offer.amount = yuan(150);
    tell(book, offer, order(on(2024, 1, 5), "O2", yuan(100)));
    auto const lent = credit_course_of(book, "C1", on(2024, 1, 31)).value();
    CHECK(lent.orders == 2);
    CHECK(lent.refused == 100'00);  // beside what is offered to others it is too much
}
