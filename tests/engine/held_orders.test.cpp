#include <patron/engine/held_orders.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

order_held held(day at, std::string number, money amount, std::vector<hold_reason> reasons = {}) {
    auto f = fact_at<order_held>(at);
    f.order = std::move(number);
    f.amount = amount;
    f.reasons = std::move(reasons);
    return f;
}
order_held forced(day at, std::string number, money amount) {
    auto f = held(at, std::move(number), amount);
    f.by = "Li";
    f.reason = "bad press";
    return f;
}
hold_rejected rejected(day at, std::string number) {
    auto f = fact_at<hold_rejected>(at);
    f.order = std::move(number);
    f.by = "Wang";
    f.reason = "too risky";
    return f;
}
override_granted release(day at, money amount, std::optional<std::string> number) {
    auto f = fact_at<override_granted>(at);
    f.amount = amount;
    f.by = "Wang";
    f.reason = "paid by phone";
    f.until = at + std::chrono::days{7};
    f.order = std::move(number);
    return f;
}
limit_set limit(day at, money amount) {
    auto f = fact_at<limit_set>(at);
    f.amount = amount;
    return f;
}
goods_delivered delivery(day at, std::string number) {
    auto f = fact_at<goods_delivered>(at);
    f.order = std::move(number);
    return f;
}
engine lender() {
    engine book{{.reviews = review_mode::by_fact}};
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(700)));
    return book;
}
std::vector<held_order> all_of(engine& book, std::optional<day> at = {}) {
    auto found = held_orders(book, {.on = at, .customer = {}, .ended_too = true});
    REQUIRE(found.has_value());
    return std::move(found.value());
}
hold_state state_of(engine& book, std::optional<day> at = {}) {
    auto const all = all_of(book, at);
    REQUIRE_FALSE(all.empty());
    return all.back().state;
}
credit_verdict verdict_of(engine& book, money amount, std::string const& number, std::optional<day> at = {}) {
    return book.check("C1", {.amount = amount, .order = number, .on = at}).value().verdict;
}
errc refusal_of(engine& book, fact const& f) {
    auto const told = book.apply(f);
    REQUIRE(told.has_error());
    CHECK_FALSE(told.error().remedy.empty());
    return told.error().code;
}

}  // namespace

TEST_CASE("an order that waits is looked at with the delivery that it was held with", "[engine][hold]") {
    house_rules rules;
    rules.credit.horizon_days = 30;
    engine book{{.rules = rules, .reviews = review_mode::by_fact}};
    auto far = held(on(2025, 2, 2), "O2", yuan(1'400));
    far.delivery_date = on(2025, 6, 1);
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), far);
    CHECK(state_of(book) == hold_state::ready);
    CHECK(state_of(book, on(2025, 5, 2)) == hold_state::held);
    CHECK(state_of(book, on(2025, 6, 2)) == hold_state::held);  // it is late
}

TEST_CASE("a held order keeps what spoke against it, and is ready once nothing does", "[engine][hold]") {
    auto book = lender();
    tell(book, held(on(2025, 2, 2), "O2", yuan(400), {{"credit_limit", "over the limit"}, {"first_order", "new"}}));
    auto const waiting = all_of(book);
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].customer == "C1");
    CHECK(waiting[0].state == hold_state::held);
    REQUIRE(waiting[0].causes.size() == 2);
    CHECK(waiting[0].causes[0].rule == "credit_limit");
    CHECK(waiting[0].causes[0].is_open);
    CHECK(waiting[0].causes[0].said.find("1100.00 CNY") != std::string::npos);
    CHECK_FALSE(waiting[0].causes[1].is_open);
    REQUIRE(waiting[0].now.has_value());
    CHECK(waiting[0].now->verdict == credit_verdict::hold);

    tell(book, payment(on(2025, 2, 3), yuan(100)));
    CHECK(state_of(book) == hold_state::ready);
    CHECK_FALSE(all_of(book)[0].causes[0].is_open);
    tell(book, order(on(2025, 2, 4), "O3", yuan(1)));
    CHECK(state_of(book) == hold_state::held);  // somebody else took what there was

    tell(book, payment(on(2025, 2, 5), yuan(1)), order(on(2025, 2, 6), "O2", yuan(400)));
    auto const gone = all_of(book);
    CHECK(gone[0].state == hold_state::released);
    CHECK(gone[0].hold.decided_by.empty());
    CHECK_FALSE(gone[0].now.has_value());
    CHECK(held_orders(book).value().empty());
}

TEST_CASE("a hold that a person has placed is ended by a person only", "[engine][hold]") {
    auto book = lender();
    tell(book, forced(on(2025, 2, 2), "O2", yuan(10)));
    CHECK(state_of(book) == hold_state::held);
    CHECK(all_of(book)[0].causes[0].rule == "order_hold");
    CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::hold);
    CHECK(verdict_of(book, yuan(10), "O3") == credit_verdict::approve);  // it is of that order alone
    tell(book, release(on(2025, 2, 3), yuan(500), {}));                  // an override for any order is not for it
    CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::hold);

    SECTION("released") {
        tell(book, release(on(2025, 2, 4), yuan(10), "O2"));
        CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::approve);
        auto const one = all_of(book)[0];
        CHECK(one.state == hold_state::released);
        CHECK(one.hold.decided_by == "Wang");
        CHECK(one.hold.decided_because == "paid by phone");
    }
    SECTION("turned down") {
        tell(book, rejected(on(2025, 2, 4), "O2"));
        CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::refuse);
        CHECK(state_of(book) == hold_state::rejected);
        CHECK(refusal_of(book, rejected(on(2025, 2, 5), "O2")) == errc::impossible_now);
    }
}

TEST_CASE("a release is good for its amount and its days, and no further", "[engine][hold]") {
    auto book = lender();
    tell(book, forced(on(2025, 2, 2), "O2", yuan(10)), release(on(2025, 2, 3), yuan(4), "O2"));
    CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::hold);
    CHECK(verdict_of(book, yuan(4), "O2") == credit_verdict::approve);
    tell(book, release(on(2025, 2, 4), yuan(10), "O2"));
    CHECK(verdict_of(book, yuan(10), "O2", on(2025, 2, 11)) == credit_verdict::approve);
    CHECK(verdict_of(book, yuan(10), "O2", on(2025, 2, 12)) == credit_verdict::hold);
    // once it has gone on, the person's word is used up
    tell(book, order(on(2025, 2, 5), "O2", yuan(10)));
    CHECK(verdict_of(book, yuan(10), "O2", on(2025, 2, 12)) == credit_verdict::approve);
}

TEST_CASE("trade does not end what a person holds", "[engine][hold]") {
    auto book = lender();
    auto by_delivery = forced(on(2025, 2, 2), "O1", yuan(700));  // it was placed before: its delivery waits
    tell(book, by_delivery, forced(on(2025, 2, 2), "O2", yuan(10)), order(on(2025, 2, 3), "O2", yuan(10)),
         delivery(on(2025, 2, 3), "O1"));
    auto const all = all_of(book);
    REQUIRE(all.size() == 2);
    CHECK(all[0].hold.step == hold_step::delivery);
    CHECK(all[0].state == hold_state::held);
    CHECK(all[1].state == hold_state::held);
    auto const asked = book.check("C1", {.amount = yuan(10), .step = credit_step::delivery, .order = "O2"});
    CHECK(asked.value().verdict == credit_verdict::hold);
    auto gone = fact_at<order_cancelled>(on(2025, 2, 4));
    gone.order = "O2";
    tell(book, gone);
    CHECK(all_of(book)[1].state == hold_state::released);
}

TEST_CASE("an order that was turned down stays so", "[engine][hold]") {
    auto book = lender();
    tell(book, held(on(2025, 2, 2), "O2", yuan(10)), rejected(on(2025, 2, 3), "O2"));
    CHECK(refusal_of(book, held(on(2025, 2, 4), "O2", yuan(10))) == errc::impossible_now);
    tell(book, held(on(2026, 8, 1), "O5", yuan(10)));  // long after, another one
    CHECK(verdict_of(book, yuan(10), "O2") == credit_verdict::refuse);
}

TEST_CASE("a hold ends by itself after its last day", "[engine][hold]") {
    auto book = lender();
    auto brief = forced(on(2025, 2, 2), "O2", yuan(10));
    brief.until = on(2025, 2, 10);
    tell(book, brief);
    CHECK(state_of(book, on(2025, 2, 10)) == hold_state::held);
    CHECK(state_of(book, on(2025, 2, 11)) == hold_state::expired);
    auto const asked = [&](day at) { return book.check("C1", {.amount = yuan(10), .order = "O2", .on = at}).value(); };
    auto const then = asked(on(2025, 2, 10));
    CHECK(then.verdict == credit_verdict::hold);
    // what would clear it tells the day, and the day does
    auto const date = std::ranges::find(then.clears, clearance::date, &credit_clearance::by);
    REQUIRE(date != then.clears.end());
    CHECK(day_of(date->on) == on(2025, 2, 11));
    CHECK(asked(on(2025, 2, 11)).verdict == credit_verdict::approve);
}

TEST_CASE("holds that cannot be are refused", "[engine][hold]") {
    auto book = lender();
    CHECK(refusal_of(book, rejected(on(2025, 2, 2), "O2")) == errc::unknown_reference);
    auto nobody = forced(on(2025, 2, 2), "O2", yuan(10));
    nobody.by.reset();
    CHECK(refusal_of(book, nobody) == errc::missing_field);
    auto unnamed = forced(on(2025, 2, 2), "O2", yuan(10));
    unnamed.by = unnamed.reason = "";
    CHECK(refusal_of(book, unnamed) == errc::missing_field);
    auto placed = held(on(2025, 2, 2), "O1", yuan(700));
    placed.step = hold_step::order;
    CHECK(refusal_of(book, placed) == errc::impossible_now);
    auto past = held(on(2025, 2, 2), "O2", yuan(10));
    past.until = on(2025, 2, 1);
    CHECK(refusal_of(book, past) == errc::out_of_range);
    CHECK(refusal_of(book, held(on(2025, 2, 2), "O2", {10'00, currency::literal("EUR")})) == errc::currency_mismatch);
    CHECK(all_of(book).empty());
    tell(book, held(on(2025, 2, 2), "O2", yuan(10)));
    CHECK(refusal_of(book, held(on(2025, 2, 3), "O2", yuan(20))) == errc::impossible_now);
    CHECK(refusal_of(book, held(on(2025, 2, 1), "O2", yuan(20))) ==
          errc::impossible_now);  // told late: it would wait twice
    CHECK(held_orders(book, {.on = {}, .customer = "nobody"}).error().code == errc::unknown_customer);
}

TEST_CASE("an order that waits for its delivery goes on when it is delivered, and not before", "[engine][hold]") {
    auto book = lender();
    auto late = held(on(2025, 2, 2), "O1", yuan(700));
    late.step = hold_step::delivery;
    tell(book, late, order(on(2025, 2, 3), "O9", yuan(1)));
    CHECK(state_of(book) == hold_state::ready);
    tell(book, delivery(on(2025, 2, 4), "O1"));
    CHECK(state_of(book) == hold_state::released);
}

TEST_CASE("held orders are told as JSON and in both languages", "[engine][hold]") {
    auto book = lender();
    tell(book, held(on(2025, 2, 2), "O2", yuan(400), {{"credit_limit", "over the limit"}}),
         forced(on(2025, 2, 2), "O\"3", yuan(1)));
    auto const all = all_of(book);
    REQUIRE(all.size() == 2);
    std::string json;
    append_json(json, all[0]);
    auto const read = boost::json::parse(json);
    CHECK(read.at("order") == "O2");
    CHECK(read.at("state") == "held");
    CHECK(read.at("amount") == "400.00 CNY");
    CHECK(read.at("reasons").at(0).at("open").as_bool());
    CHECK(read.at("check").at("verdict") == "hold");
    json.clear();
    append_json(json, all[1]);
    CHECK(boost::json::parse(json).at("by") == "Li");
    CHECK(to_text(all[1], language::en).find("held by Li: bad press") != std::string::npos);
    CHECK(to_text(all[1], language::zh).find("人工暂挂：Li，bad press") != std::string::npos);
}

TEST_CASE("a hold is ready exactly when a check of its order approves, whatever happens",
          "[engine][hold][properties]") {
    auto const seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto const below = [&](std::uint64_t n) { return random() % n; };
    auto book = lender();
    auto today = on(2025, 2, 2);
    for (int i = 0; i < 80; ++i) {
        today += std::chrono::days{below(3)};
        auto const number = "O" + std::to_string(2 + below(6));
        money const amount{static_cast<std::int64_t>(1 + below(600'00)), cny};
        fact f;
        switch (below(7)) {
            case 0: f = held(today, number, amount); break;
            case 1: f = forced(today, number, amount); break;
            case 2: f = rejected(today, number); break;
            case 3: f = release(today, amount, number); break;
            case 4: f = order(today, number, amount); break;
            case 5: f = payment(today, amount); break;
            default: f = limit(today, amount); break;
        }
        (void)book.apply(f);  // what cannot be is refused, and changes nothing
        for (auto const& one : all_of(book, today)) {
            auto const& h = one.hold;
            CHECK(one.now.has_value() == h.waits(number_of(today)));
            if (!one.now) continue;
            auto const step = h.step == hold_step::delivery ? credit_step::delivery : credit_step::order;
            auto const asked =
                book.check("C1", {.amount = {h.amount, cny}, .step = step, .order = h.order, .on = today}).value();
            CHECK((one.state == hold_state::ready) == (asked.verdict == credit_verdict::approve));
            CHECK_FALSE((h.is_forced() && one.state == hold_state::ready));
        }
    }
}

TEST_CASE("an order that waits with its quotation is ready when it would pass with it", "[engine][hold]") {
    engine_options how{.reviews = review_mode::by_fact};
    how.rules.credit.counts.quotations = true;
    engine book{std::move(how)};
    auto offer = fact_at<quotation_made>(on(2025, 2, 1));
    offer.quotation = "Q1";
    offer.amount = yuan(300);
    tell(book, enrolled(on(2025, 1, 1)), limit(on(2025, 1, 1), yuan(1'000)), order(on(2025, 2, 1), "O1", yuan(700)),
         offer);
    auto waiting = held(on(2025, 2, 2), "O2", yuan(400));
    waiting.quotation = "Q9";
    CHECK(refusal_of(book, waiting) == errc::unknown_reference);
    waiting.quotation = "Q1";
    tell(book, waiting);
    CHECK(state_of(book) == hold_state::held);
    tell(book, payment(on(2025, 2, 3), yuan(100)));
    CHECK(state_of(book) == hold_state::ready);  // 600 and 400, the quotation among them
    auto placed = order(on(2025, 2, 4), "O2", yuan(400));
    placed.quotation = "Q1";
    tell(book, placed);
    CHECK(book.check("C1", {.amount = yuan(0)}).value().exposure == 1'000'00);

    auto of_delivery = held(on(2025, 2, 5), "O2", yuan(400));
    of_delivery.quotation = "Q1";
    tell(book, of_delivery);  // placed already: it waits for its delivery, where no quotation is taken up any more
    CHECK(state_of(book) == hold_state::ready);
}
