#include <patron/engine/fold.hpp>

#include <patron/insight/share_of_wallet.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <optional>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

struct folding {
    lifecycle::lifecycle_rules rules{};
    review_mode mode = review_mode::monthly;
    assessor by{};
    customer_state state{};
    std::unique_ptr<customer_records> records = std::make_unique<customer_records>();
    fold_report report{};

    folding() {
        records->ledger_is_complete = true;
        state.known_since = state.since = number_of(on(2024, 1, 1));
        state.closed_through = in_month(2023, 12).index();
        report.want_decisions = true;
        report.customer = "C1";
    }
    [[nodiscard]] fold_rules how() const { return {rules, mode, &by}; }
    result<void> operator()(fact const& f) { return fold(how(), state, records, f, report); }
};

}  // namespace

TEST_CASE("a fold lets pass the months before a fact, then takes it", "[engine][fold]") {
    folding fold_one;
    REQUIRE(fold_one(order(on(2024, 1, 5), "O1", yuan(100))));
    CHECK(fold_one.state.stage == stage::initial);
    CHECK(fold_one.state.closed_through == in_month(2023, 12).index());
    REQUIRE(fold_one(order(on(2024, 4, 5), "O2", yuan(100))));
    CHECK(fold_one.state.closed_through == in_month(2024, 3).index());
    CHECK(fold_one.state.purchase_days == 2);
    CHECK(fold_one.report.changes.size() == 1);
    CHECK(fold_one.report.decisions.front().customer == "C1");
}

TEST_CASE("a refused fact leaves the state as it was, months not passed", "[engine][fold]") {
    folding fold_one;
    REQUIRE(fold_one(order(on(2024, 1, 5), "O1", yuan(100))));
    auto const before = fold_one.state;
    CHECK_FALSE(fold_one(order(on(2024, 9, 5), "O1", yuan(100))));
    CHECK(fold_one.state == before);
    CHECK(fold_one.records->ledger.orders().size() == 1);
}

TEST_CASE("several orders of a day are one purchase day", "[engine][fold]") {
    folding fold_one;
    for (auto const* number : {"O1", "O2", "O3"}) REQUIRE(fold_one(order(on(2024, 1, 5), number, yuan(1))));
    REQUIRE(fold_one(order(on(2024, 1, 15), "O4", yuan(1))));
    CHECK(fold_one.state.orders == 4);
    CHECK(fold_one.state.purchase_days == 2);
    CHECK(fold_one.state.usual_gap() == 10);
}

TEST_CASE("by fact, nothing is reviewed until it is told to", "[engine][fold]") {
    folding fold_one;
    fold_one.mode = review_mode::by_fact;
    REQUIRE(fold_one(order(on(2024, 1, 5), "O1", yuan(1))));
    REQUIRE(fold_one(order(on(2024, 9, 5), "O2", yuan(1))));
    CHECK(fold_one.state.closed_through == in_month(2023, 12).index());
    hold_review(fold_one.how(), fold_one.state, fold_one.records, in_month(2024, 1), fold_one.report);
    CHECK(fold_one.state.closed_through == in_month(2024, 1).index());
}

TEST_CASE("only what moves amounts between orders and invoices needs the ledger", "[engine][fold]") {
    customer_state s;
    CHECK_FALSE(needs_ledger(s, order(on(2024, 1, 5), "O1", yuan(1))));
    s.order_numbers.add(stable_hash("O1"));
    CHECK(needs_ledger(s, order(on(2024, 1, 5), "O1", yuan(1))));
    CHECK(needs_ledger(s, payment(on(2024, 1, 5), yuan(1))));
    CHECK_FALSE(needs_ledger(s, enrolled(on(2024, 1, 5))));
    CHECK_FALSE(needs_ledger(s, competitor(on(2024, 1, 5), "Acme", 50)));
}

TEST_CASE("an assessor of one's own decides, through the same machine", "[engine][fold]") {
    struct half_of_what_we_sell {  // the customer is taken to buy twice what it buys from us
        std::optional<std::int64_t> estimate(customer_view view, period last) const {
            return view.state.monthly.over(last, 3) * 2 / 3;
        }
    };
    folding fold_one;
    fold_one.by = [](customer_view view, lifecycle::lifecycle_rules const& rules, day_number on, bool review) {
        return lifecycle::assess_with(view, rules, on, review, lifecycle::stock_evidence{}, half_of_what_we_sell{});
    };
    REQUIRE(fold_one(order(on(2024, 1, 5), "O1", yuan(300))));
    REQUIRE(fold_one(order(on(2024, 2, 5), "O2", yuan(300))));
    let_pass(fold_one.how(), fold_one.state, fold_one.records, on(2024, 2, 29), true, fold_one.report);
    CHECK(fold_one.state.stage == stage::stable);  // 50 % at the reviews of January and February
    CHECK(fold_one.state.basis == share_basis::estimated);
    CHECK(fold_one.state.share_millionths == 500'000);
}

TEST_CASE("a complaint's steps are those of its machine", "[engine][fold]") {
    folding fold_one;
    auto raised = fact_at<complaint_raised>(on(2024, 1, 5));
    raised.complaint = "K";
    raised.severity = 4;
    auto confirmed = fact_at<complaint_confirmed>(on(2024, 1, 6));
    confirmed.complaint = "K";
    auto reopened = fact_at<complaint_reopened>(on(2024, 1, 20));
    reopened.complaint = "K";
    REQUIRE(fold_one(raised));
    REQUIRE(fold_one(reopened));  // open as it is: nothing to reopen
    CHECK(fold_one.records->complaints.front().since == number_of(on(2024, 1, 5)));
    REQUIRE(fold_one(confirmed));
    CHECK_FALSE(fold_one.records->complaints.front().is_open());
    REQUIRE(fold_one(reopened));
    CHECK(fold_one.records->complaints.front().is_open());
    CHECK(fold_one.records->complaints.front().since == number_of(on(2024, 1, 20)));
}

TEST_CASE("a strategic agreement ended after it ran out does not run on", "[engine][fold]") {
    folding fold_one;
    REQUIRE(fold_one(strategic(on(2024, 1, 5), "S", on(2024, 1, 10))));
    auto ended = fact_at<agreement_ended>(on(2024, 3, 1));
    ended.agreement = "S";
    REQUIRE(fold_one(ended));
    CHECK(fold_one.records->agreements.front().until == number_of(on(2024, 1, 10)));
}
