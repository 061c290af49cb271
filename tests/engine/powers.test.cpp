// Powers at work in a book: breaches answered, rewards at reviews, tiers, the ladder, and how all of it ends (POW-1 to
// POW-5, POW-8, POW-14, SEG-4, ENG-9).
#include <patron/engine/engine.hpp>
#include <patron/engine/house_rules.hpp>
#include <patron/policy/rulebook.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

house_rules const& standard() {
    static house_rules const rules = rules_of(policy::default_rulebook()).value();
    return rules;
}
engine house(review_mode reviews = review_mode::monthly) {
    engine_options how;
    how.rules = standard();
    how.reviews = reviews;
    how.record_decisions = true;
    return engine{std::move(how)};
}
breach_reported breach(day at, breach_rule rule, int severity, std::string customer = "C1") {
    auto f = fact_at<breach_reported>(at, std::move(customer));
    f.rule = rule;
    f.severity = severity;
    return f;
}
template <class F>
F about(day at, std::string effect, std::string customer = "C1") {
    auto f = fact_at<F>(at, std::move(customer));
    f.effect = std::move(effect);
    return f;
}
sanction_lifted lifted_by(day at, std::string effect, std::string by) {
    auto f = about<sanction_lifted>(at, std::move(effect));
    f.by = std::move(by);
    return f;
}
sanction_withdrawn withdrawn(day at, std::string effect) {
    auto f = about<sanction_withdrawn>(at, std::move(effect));
    f.cause = "mistaken identity";
    return f;
}
appeal_decided upheld(day at, std::string effect) {
    auto f = about<appeal_decided>(at, std::move(effect));
    f.upheld = true;
    f.by = "legal";
    return f;
}
limit_set limit(day at, money amount) {
    auto f = fact_at<limit_set>(at);
    f.amount = amount;
    return f;
}
deposit_paid deposit(day at, money amount) {
    auto f = fact_at<deposit_paid>(at);
    f.amount = amount;
    return f;
}
/// Enrolled at the beginning of 2024, and buys every second week until the day.
void trade(engine& book, day until, money each = yuan(1'000), std::string const& customer = "C1") {
    auto e = enrolled(on(2024, 1, 1), customer);
    e.territory = "East";
    tell(book, e);
    int number = 0;
    for (auto at = on(2024, 1, 2); at <= until; at += std::chrono::days{14}) {
        tell(book, order(at, customer + "-O" + std::to_string(++number), each, customer));
    }
}
kept_effect const* effect_of(customer_row const& row, effect_code code) {
    auto const at =
        std::find_if(row.open_effects.begin(), row.open_effects.end(), [&](auto const& e) { return e.code == code; });
    return at == row.open_effects.end() ? nullptr : &*at;
}
customer_row row_of(engine const& book, std::string_view customer = "C1") { return book.find(customer).value(); }
std::int64_t days_from(day a, day_number b) { return std::int64_t{b} - number_of(a); }
bool names(std::vector<decision> const& all, std::string_view event) {
    return std::any_of(all.begin(), all.end(), [&](decision const& d) { return d.event == event; });
}

}  // namespace

TEST_CASE("a book without powers grades, rewards and penalises nobody", "[engine][powers]") {
    engine book;
    trade(book, on(2024, 12, 30));
    tell(book, breach(on(2025, 1, 2), breach_rule::price, 5));
    book.advance_to(on(2025, 6, 30));
    CHECK_FALSE(row_of(book).tier);
    CHECK_FALSE(row_of(book).supply);
    CHECK(row_of(book).open_effects.empty());
}

TEST_CASE("a first slight breach is answered by a warning that lifts itself", "[engine][powers]") {
    auto book = house();
    trade(book, on(2024, 5, 20));
    auto const answered = book.apply(breach(on(2024, 5, 21), breach_rule::outlet, 1));
    REQUIRE(answered.has_value());
    REQUIRE(names(answered.value().decisions, "effect_granted"));
    auto row = row_of(book);
    auto const* warning = effect_of(row, effect_code::written_warning);
    REQUIRE(warning != nullptr);
    CHECK(warning->step == effect_step::in_force);
    CHECK(id_of(*warning) == "slight_first@2024-05-21");
    CHECK(days_from(on(2024, 5, 21), warning->review_on) == 90);
    CHECK(row.supply == supply_rung::normal);

    book.advance_to(on(2024, 8, 18));
    row = row_of(book);
    CHECK(effect_of(row, effect_code::written_warning) != nullptr);
    auto const ended = book.advance_to(on(2024, 8, 19));
    CHECK(names(ended, "effect_changed"));
    row = row_of(book);
    CHECK(effect_of(row, effect_code::written_warning) == nullptr);
}

TEST_CASE("another breach keeps a sanction in force until the rules are kept for long enough", "[engine][powers]") {
    auto book = house();
    trade(book, on(2024, 5, 20));
    tell(book, breach(on(2024, 5, 21), breach_rule::outlet, 1), breach(on(2024, 8, 1), breach_rule::promotion, 1));
    book.advance_to(on(2024, 10, 17));
    auto row = row_of(book);
    CHECK(effect_of(row, effect_code::written_warning) != nullptr);
    book.advance_to(on(2024, 11, 30));  // 90 days after the second, at a review
    row = row_of(book);
    CHECK(effect_of(row, effect_code::written_warning) == nullptr);
}

TEST_CASE("a serious breach of payment halves the credit once notice is over", "[engine][powers][credit]") {
    auto book = house(review_mode::by_fact);
    tell(book, enrolled(on(2024, 1, 1)), limit(on(2024, 1, 1), yuan(1'000)), order(on(2024, 1, 2), "O1", yuan(100)),
         breach(on(2024, 2, 1), breach_rule::payment, 3));
    auto row = row_of(book);
    auto const* cut = effect_of(row, effect_code::credit_cut);
    REQUIRE(cut != nullptr);
    CHECK(cut->amount == 500'00);
    CHECK(cut->step == effect_step::noticed);
    CHECK(row.state.limit == 1'000'00);
    book.advance_to(on(2024, 2, 3));
    CHECK(row_of(book).state.limit == 1'000'00);
    book.advance_to(on(2024, 2, 4));  // three days of notice are over
    row = row_of(book);
    CHECK(row.state.limit == 500'00);
    CHECK(row.available() == yuan(400));
    credit_query q;
    q.amount = yuan(401);
    CHECK(book.check("C1", q).value().verdict == credit_verdict::hold);
    q.amount = yuan(400);
    auto const at_most = book.check("C1", q).value();
    CHECK(at_most.available.amount == 400'00);

    tell(book, about<sanction_appealed>(on(2024, 2, 10), "payment_serious@2024-02-01"));
    CHECK(row_of(book).state.limit == 1'000'00);  // under appeal it does not bind
    tell(book, upheld(on(2024, 2, 12), "payment_serious@2024-02-01"));
    CHECK(row_of(book).state.limit == 500'00);
    book.advance_to(on(2024, 5, 1));
    CHECK(row_of(book).state.limit == 1'000'00);  // nothing is overdue, and 90 days are over
}

TEST_CASE("a cut lowers a limit for a time as well, in the row, in the check and in the order by credit use",
          "[engine][powers][credit]") {
    auto book = house(review_mode::by_fact);
    auto more = fact_at<temporary_limit_granted>(on(2024, 1, 10));
    more.amount = yuan(2'000);
    more.until = on(2024, 3, 31);
    tell(book, enrolled(on(2024, 1, 1)), limit(on(2024, 1, 1), yuan(1'000)), order(on(2024, 1, 2), "O1", yuan(100)),
         more, breach(on(2024, 2, 1), breach_rule::payment, 3));  // half of 2,000 in three days
    book.advance_to(on(2024, 2, 4));
    auto const row = row_of(book);
    CHECK(row.state.limit == 1'000'00);
    credit_query q;
    q.amount = yuan(1);
    CHECK(book.check("C1", q).value().available.amount == row.available()->minor_units());
    q.on = on(2024, 4, 1);  // the limit for a time has run out, the cut has not
    CHECK(book.check("C1", q).value().available.amount == -100'00);

    auto other = enrolled(on(2024, 2, 5), "C2");
    auto theirs = limit(on(2024, 2, 5), yuan(1'000));
    theirs.customer = "C2";
    tell(book, other, theirs, order(on(2024, 2, 5), "O2", yuan(90), "C2"));
    std::vector<std::string> by_use;
    book.each_by_credit_use([&](customer_row const& r) {
        by_use.emplace_back(r.profile.code);
        return true;
    });
    CHECK(by_use == std::vector<std::string>{"C1", "C2"});
}

TEST_CASE("cash only binds the credit check, and only the named person lifts it", "[engine][powers][credit]") {
    auto book = house(review_mode::by_fact);
    tell(book, enrolled(on(2024, 1, 1)), limit(on(2024, 1, 1), yuan(1'000)), order(on(2024, 1, 2), "O1", yuan(100)),
         breach(on(2024, 2, 1), breach_rule::payment, 5));
    credit_query q;
    q.amount = yuan(1);
    CHECK(book.check("C1", q).value().verdict != credit_verdict::approve);
    book.advance_to(on(2025, 1, 31));
    CHECK(book.check("C1", q).value().verdict != credit_verdict::approve);

    auto const refused = book.apply(named("no", lifted_by(on(2025, 2, 1), "payment_grave@2024-02-01", "somebody")));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::impossible_now);
    tell(book, lifted_by(on(2025, 2, 1), "payment_grave@2024-02-01", "sales_director"));
    CHECK(book.check("C1", q).value().verdict == credit_verdict::approve);
    CHECK(book.apply(lifted_by(on(2025, 2, 2), "nothing@2024-02-01", "sales_director")).error().code ==
          errc::unknown_reference);
}

TEST_CASE("a standing that penalties lower says so", "[engine][powers][credit]") {
    auto book = house();
    trade(book, on(2024, 5, 20));
    tell(book, breach(on(2024, 5, 21), breach_rule::price, 3));
    auto const decided = book.advance_to(on(2024, 5, 31));
    auto const changed =
        std::find_if(decided.begin(), decided.end(), [](decision const& d) { return d.event == "standing_changed"; });
    REQUIRE(changed != decided.end());
    CHECK(changed->why.front().rule == "standing_by_penalties");
    CHECK(changed->why.front().saw == 3);
    CHECK(book.state_of("C1").value().credit_standing == standing::watch);
}

TEST_CASE("a forfeited deposit is no security any more, and never below zero", "[engine][powers][deposit]") {
    auto book = house(review_mode::by_fact);
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 2), "O1", yuan(500)), deposit(on(2024, 1, 3), yuan(200)));
    CHECK(row_of(book).state.exposure == 300'00);
    tell(book, breach(on(2024, 2, 1), breach_rule::price, 4), breach(on(2024, 3, 1), breach_rule::price, 4));
    auto row = row_of(book);
    REQUIRE(effect_of(row, effect_code::deposit_forfeited) != nullptr);
    CHECK(row.state.exposure == 300'00);
    book.advance_to(on(2024, 3, 15));
    CHECK(row_of(book).state.exposure == 400'00);
    CHECK(book.recount_exposure("C1").value() == 400'00);

    tell(book, about<sanction_appealed>(on(2024, 3, 16), "market_grave_again@2024-03-01"));
    CHECK(row_of(book).state.exposure == 300'00);
    tell(book, upheld(on(2024, 3, 17), "market_grave_again@2024-03-01"));
    CHECK(row_of(book).state.exposure == 400'00);  // once, not twice
    tell(book, withdrawn(on(2024, 3, 20), "market_grave_again@2024-03-01"));
    CHECK(row_of(book).state.exposure == 300'00);
    CHECK(book.recount_exposure("C1").value() == 300'00);
}

TEST_CASE("what was refunded meanwhile cannot be forfeited, nor given back", "[engine][powers][deposit]") {
    auto book = house(review_mode::by_fact);
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 2), "O1", yuan(500)), deposit(on(2024, 1, 3), yuan(200)),
         breach(on(2024, 2, 1), breach_rule::price, 4), breach(on(2024, 3, 1), breach_rule::price, 4));
    auto refunded = fact_at<deposit_refunded>(on(2024, 3, 2));
    refunded.amount = yuan(170);
    tell(book, refunded);
    book.advance_to(on(2024, 3, 15));
    CHECK(row_of(book).state.exposure == 500'00);
    tell(book, withdrawn(on(2024, 3, 20), "market_grave_again@2024-03-01"));
    CHECK(row_of(book).state.exposure == 470'00);
    CHECK(book.recount_exposure("C1").value() == 470'00);
}

TEST_CASE("a tier is earned at a review, and a penalty takes one away until it is lifted", "[engine][powers][tier]") {
    auto book = house();
    trade(book, on(2024, 7, 30));
    CHECK(row_of(book).tier == customer_tier::standard);
    auto const decided = book.advance_to(on(2024, 7, 31));
    CHECK(names(decided, "tier_changed"));
    CHECK(row_of(book).tier == customer_tier::silver);  // half a year of trade

    tell(book, breach(on(2024, 8, 1), breach_rule::outlet, 4));
    book.advance_to(on(2024, 8, 14));
    CHECK(row_of(book).tier == customer_tier::silver);
    book.advance_to(on(2024, 8, 15));
    CHECK(row_of(book).tier == customer_tier::standard);
    tell(book, lifted_by(on(2024, 8, 20), "conduct_grave@2024-08-01", "sales_director"));
    CHECK(row_of(book).tier == customer_tier::silver);
}

TEST_CASE("tiers rise one at a time, as their machine does", "[engine][powers][tier]") {
    struct generous {
        [[nodiscard]] std::optional<policy::tier_proposal> tier(policy::context const&) const {
            return policy::tier_proposal{customer_tier::diamond, 0};
        }
    };
    engine_options how;
    how.rules = house_rules{{}, policy::powers{generous{}}};
    engine slow{std::move(how)};
    tell(slow, enrolled(on(2024, 1, 1)), order(on(2024, 1, 2), "O1", yuan(10)));
    slow.advance_to(on(2024, 1, 31));
    CHECK(row_of(slow).tier == customer_tier::silver);
    slow.advance_to(on(2024, 2, 29));
    CHECK(row_of(slow).tier == customer_tier::gold);
    slow.advance_to(on(2024, 3, 31));
    CHECK(row_of(slow).tier == customer_tier::diamond);
}

TEST_CASE("a tier that is deserved no more is kept for its grace", "[engine][powers][tier]") {
    auto book = house();
    trade(book, on(2024, 7, 30));
    book.advance_to(on(2024, 7, 31));
    // cash only: silver asks for credit
    tell(book, breach(on(2024, 8, 1), breach_rule::payment, 5));
    book.advance_to(on(2024, 8, 31));
    CHECK(row_of(book).tier == customer_tier::silver);
    book.advance_to(on(2024, 9, 30));
    CHECK(row_of(book).tier == customer_tier::standard);
}

TEST_CASE("rewards are decided each half year, owed by a deadline, late when it passes, and fulfilled by a fact",
          "[engine][powers][reward]") {
    auto book = house();
    trade(book, on(2024, 6, 28));
    auto const decided = book.advance_to(on(2024, 6, 30));
    REQUIRE(names(decided, "effect_granted"));
    auto row = row_of(book);
    auto const* training = effect_of(row, effect_code::training);
    REQUIRE(training != nullptr);
    CHECK(training->step == effect_step::due);
    CHECK(training->amount == 32'50);  // a quarter per cent of 13 orders of 1,000
    CHECK(days_from(on(2024, 6, 30), training->deadline) == 60);
    auto const id = id_of(*training);
    book.advance_to(on(2024, 8, 30));
    row = row_of(book);
    CHECK(effect_of(row, effect_code::training)->step == effect_step::late);
    tell(book, about<reward_fulfilled>(on(2024, 9, 2), id));
    row = row_of(book);
    CHECK(effect_of(row, effect_code::training) == nullptr);
    CHECK(book.apply(named("X", about<reward_fulfilled>(on(2024, 9, 3), "training@2024-06-30"))).error().code ==
          errc::unknown_reference);
}

TEST_CASE("deterrents go up one rung at a time, are felt as strain, and come down by compliance",
          "[engine][powers][ladder]") {
    auto book = house();
    trade(book, on(2026, 12, 30));
    auto const rung = [&] { return *row_of(book).supply; };
    tell(book, breach(on(2027, 1, 10), breach_rule::price, 3), breach(on(2027, 2, 10), breach_rule::promotion, 3));
    CHECK(rung() == supply_rung::normal);
    tell(book, breach(on(2027, 3, 10), breach_rule::outlet, 3));  // two penalties did not help: a warning first
    CHECK(rung() == supply_rung::warned);
    CHECK(effect_of(row_of(book), effect_code::add_distributor) == nullptr);
    tell(book, breach(on(2027, 5, 1), breach_rule::outlet, 4));  // within the cool-down
    CHECK(rung() == supply_rung::warned);
    tell(book, breach(on(2027, 6, 15), breach_rule::price, 3));
    CHECK(rung() == supply_rung::distributor_added);
    auto row = row_of(book);
    auto const* added = effect_of(row, effect_code::add_distributor);
    REQUIRE(added != nullptr);
    CHECK(added->target == "East");
    CHECK(added->person == "sales_director");
    CHECK(added->step == effect_step::noticed);
    book.advance_to(on(2027, 7, 15));
    row = row_of(book);
    CHECK(effect_of(row, effect_code::add_distributor)->step == effect_step::in_force);

    auto const told = book.explain("C1").value();
    CHECK(to_text(told, language::en).find("the deterrent ladder stands at distributor_added") != std::string::npos);
    CHECK(to_text(told, language::en).find("  Tier: ") != std::string::npos);
    CHECK(to_text(told, language::en).find("* a distributor is added East: in force [second_distributor@2027-06-15]") !=
          std::string::npos);
    CHECK(has_chinese(to_text(told, language::zh)));

    book.advance_to(on(2027, 9, 12));
    CHECK(rung() == supply_rung::distributor_added);
    book.advance_to(on(2027, 9, 13));  // 90 days without a breach
    CHECK(rung() == supply_rung::warned);
    row = row_of(book);
    CHECK(effect_of(row, effect_code::add_distributor) == nullptr);
    book.advance_to(on(2027, 12, 12));
    CHECK(rung() == supply_rung::normal);
}

TEST_CASE("sanctions strain the relationship, which is evidence that fades", "[engine][powers][strain]") {
    auto book = house();
    trade(book, on(2024, 12, 28));
    tell(book, breach(on(2024, 12, 29), breach_rule::payment, 5));
    auto const strain_of_row = [&] {
        for (auto const& e : row_of(book).evidence) {
            if (e.kind == "strain") return e.weight;
        }
        return std::int32_t{0};
    };
    CHECK(strain_of_row() == 150);  // half of what cash only strains
    book.advance_to(on(2025, 1, 31));
    CHECK(strain_of_row() < 150);
    CHECK(strain_of_row() > 100);
}

TEST_CASE("what was imposed ends as it says, also when no powers are in force any more", "[engine][powers]") {
    auto book = house();
    trade(book, on(2024, 5, 20));
    tell(book, breach(on(2024, 5, 21), breach_rule::outlet, 1), breach(on(2024, 5, 21), breach_rule::payment, 5));
    lifecycle::lifecycle_rules bare;
    bare.version = "bare";
    book.change_rules(bare);
    book.advance_to(on(2024, 8, 20));
    auto row = row_of(book);
    CHECK(effect_of(row, effect_code::written_warning) == nullptr);
    REQUIRE(effect_of(row, effect_code::cash_only) != nullptr);
    tell(book, lifted_by(on(2024, 9, 2), "payment_grave@2024-05-21", "sales_director"));
    CHECK(row_of(book).open_effects.empty());
}

TEST_CASE("policies of a program decide as tables do", "[engine][powers][policy]") {
    struct festival {
        void reward(policy::context const& c, policy::effects& out) const {
            if (!c.reviewed || c.reviewed->month() != std::chrono::month{9}) return;
            policy::effect e{.code = effect_code::special_award, .amount = 88'00, .since = c.on, .deadline = c.on + 30};
            e.rule = "mid_autumn";
            e.why.push_back({.rule = "rulebook_rule", .what = "mid_autumn"});
            out.propose(std::move(e));
        }
    };
    engine_options how;
    how.rules = house_rules{{}, policy::powers{festival{}}};
    engine book{std::move(how)};
    trade(book, on(2024, 9, 20));
    book.advance_to(on(2024, 9, 30));
    auto const row = row_of(book);
    REQUIRE(row.open_effects.size() == 1);
    CHECK(row.open_effects[0].amount == 88'00);
    CHECK(row.tier == customer_tier::standard);
}

TEST_CASE("a planned promotion is reached or missed, and then it is over", "[engine][powers][tier]") {
    auto book = house();
    trade(book, on(2024, 1, 2), yuan(1));
    auto plan = fact_at<promotion_planned>(on(2024, 1, 3));
    plan.ref = "P1";
    plan.tier = promotion_goal::silver;
    plan.due = on(2024, 12, 31);
    tell(book, plan);
    CHECK(row_of(book).planned_tier == customer_tier::silver);
    CHECK(row_of(book).planned_by == on(2024, 12, 31));
    CHECK(to_text(book.explain("C1").value(), language::en).find("planned: silver by 2024-12-31") != std::string::npos);
    int number = 0;
    for (auto at = on(2024, 1, 16); at <= on(2024, 7, 30); at += std::chrono::days{14}) {
        tell(book, order(at, "X" + std::to_string(++number), yuan(1'000)));
    }
    book.advance_to(on(2024, 7, 31));
    CHECK(row_of(book).tier == customer_tier::silver);
    CHECK_FALSE(row_of(book).planned_tier);
    auto const story = book.explain("C1").value();
    auto const told = std::find_if(story.decisions.begin(), story.decisions.end(),
                                   [](decision const& d) { return d.event == "promotion_plan_ended"; });
    REQUIRE(told != story.decisions.end());
    CHECK(told->why.at(0).rule == "promotion_reached");

    auto const again = book.apply(plan);
    REQUIRE(again.has_value());  // the same fact: it came before
    CHECK(again.value().fate == fate::duplicate);
    plan.at = moment{on(2024, 8, 1)};
    plan.ref = "P2";
    CHECK(book.apply(plan).error().field == "tier");
    plan.tier = promotion_goal::diamond;
    plan.due = on(2024, 9, 15);
    tell(book, plan);
    CHECK_FALSE(names(book.advance_to(on(2024, 8, 31)), "promotion_plan_ended"));
    auto const missed = book.advance_to(on(2024, 9, 30));
    auto const ended =
        std::find_if(missed.begin(), missed.end(), [](decision const& d) { return d.event == "promotion_plan_ended"; });
    REQUIRE(ended != missed.end());
    CHECK(ended->why.at(0).rule == "promotion_missed");
    plan.ref = "P3";
    plan.at = moment{on(2024, 10, 1)};
    CHECK(book.apply(plan).error().field == "due");
}

TEST_CASE("a row tells how well we keep what we promise", "[engine][powers][reward]") {
    auto book = house();
    trade(book, on(2024, 6, 28));
    book.advance_to(on(2024, 6, 30));
    auto const id = id_of(*effect_of(row_of(book), effect_code::training));
    auto const owed = row_of(book).fulfilment.value().owed;
    CHECK(owed > 0);
    book.advance_to(on(2024, 8, 31));
    CHECK(row_of(book).fulfilment == lifecycle::fulfilment{.late = owed, .worst_days_late = 2});
    tell(book, about<reward_fulfilled>(on(2024, 9, 2), id));
    CHECK(row_of(book).fulfilment.value().kept_late == 1);
    CHECK(row_of(book).fulfilment.value().late == owed - 1);
    std::string json;
    append_json(json, row_of(book));
    CHECK(json.find(R"("kept_late":1)") != std::string::npos);
    CHECK(to_text(book.explain("C1").value(), language::en).find("kept late 1") != std::string::npos);
}

TEST_CASE("a tier given as a reward is the customer's while it holds", "[engine][powers][tier]") {
    struct kind_house {
        void reward(policy::context const& c, policy::effects& out) const {
            if (!c.reviewed || c.reviewed->month() != std::chrono::month{9}) return;
            policy::effect e{.code = effect_code::tier, .since = c.on, .deadline = c.on + 30};
            e.target = "gold";
            e.rule = "jubilee";
            e.why.push_back({.rule = "rulebook_rule", .what = "jubilee"});
            out.propose(std::move(e));
        }
    };
    engine_options how;
    how.rules = house_rules{{}, policy::powers{kind_house{}}};
    engine book{std::move(how)};
    trade(book, on(2024, 9, 20));
    book.advance_to(on(2024, 9, 30));
    CHECK(row_of(book).tier == customer_tier::standard);  // it is owed
    tell(book, about<reward_fulfilled>(on(2024, 10, 2), "jubilee@2024-09-30"));
    CHECK(row_of(book).tier == customer_tier::gold);
    auto reversed = about<reward_reversed>(on(2024, 10, 9), "jubilee@2024-09-30");
    reversed.cause = "wrong customer";
    tell(book, reversed);
    CHECK(row_of(book).tier == customer_tier::standard);
}

TEST_CASE("a refused fact changes nothing of what time has done to effects", "[engine][powers]") {
    auto book = house(review_mode::by_fact);
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 2), "O1", yuan(500)), deposit(on(2024, 1, 3), yuan(200)),
         breach(on(2024, 2, 1), breach_rule::price, 4), breach(on(2024, 3, 1), breach_rule::price, 4));
    auto const before = rows_of(book);
    auto cancelled = fact_at<order_cancelled>(on(2024, 6, 1));
    cancelled.order = "none";
    REQUIRE(book.apply(cancelled).has_error());
    CHECK(rows_of(book) == before);
}

TEST_CASE("what powers have done is the same live, told in batches and folded again", "[engine][powers][property]") {
    auto const seed = GENERATE(range(1, 13));
    std::mt19937_64 random{static_cast<std::uint64_t>(seed)};
    auto const pick = [&](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
    std::vector<fact> facts;
    auto e = enrolled(on(2024, 1, 1));
    e.territory = "East";
    facts.emplace_back(e);
    facts.emplace_back(limit(on(2024, 1, 1), yuan(5'000)));
    facts.emplace_back(deposit(on(2024, 1, 1), yuan(500)));
    auto at = on(2024, 1, 2);
    for (int i = 0; i < 60; ++i) {
        at += std::chrono::days{pick(14) + 1};
        auto const number = std::to_string(i);
        switch (pick(8)) {
            case 0: {
                auto const rule = static_cast<breach_rule>(pick(6));
                facts.emplace_back(breach(at, rule, 1 + pick(5)));
                break;
            }
            case 1: {
                auto const amount = yuan(1 + pick(900));
                facts.emplace_back(invoice(at, "I" + number, amount, at + std::chrono::days{pick(40)}));
                break;
            }
            case 2: facts.emplace_back(payment(at, yuan(1 + pick(900)))); break;
            default: facts.emplace_back(order(at, "O" + number, yuan(1 + pick(900)))); break;
        }
    }
    auto const last = at + std::chrono::days{200};
    auto one_by_one = house();
    for (auto const& f : facts) {
        CAPTURE(seed);
        auto const done = one_by_one.apply(f);
        INFO((done ? std::string{} : done.error().message()));
        REQUIRE(done.has_value());
    }
    one_by_one.advance_to(last);

    auto slowly = house();
    auto today = on(2024, 1, 1);
    for (auto const& f : facts) {
        auto const next = head_of(f).at.on();
        for (; today < next - std::chrono::days{1}; today += std::chrono::days{1}) slowly.advance_to(today);
        REQUIRE(slowly.apply(f).has_value());
    }
    for (; today <= last; today += std::chrono::days{1}) slowly.advance_to(today);
    CHECK(rows_of(slowly) == rows_of(one_by_one));
    CHECK(one_by_one.recount_exposure("C1").value() == row_of(one_by_one).state.exposure);
    auto const told = one_by_one.explain("C1", last);
    REQUIRE(told.has_value());
    CHECK(told.value().row.open_effects == row_of(one_by_one).open_effects);
    CHECK(told.value().row.tier == row_of(one_by_one).tier);
}

namespace {

/// Proposes a limit every quarter, whatever the customer does.
struct steady_limit {
    std::int64_t amount = 0;
    bool is_unlimited = false;

    [[nodiscard]] std::optional<policy::limit_proposal> limit(policy::context const&) const {
        return policy::limit_proposal{
            .is_unlimited = is_unlimited, .amount = amount, .review_after_months = 3, .rule = "steady"};
    }
};
engine lending(steady_limit const& policy) {
    engine_options how;
    how.rules = house_rules{lifecycle::lifecycle_rules{}, policy::powers{policy}};
    how.record_decisions = true;
    return engine{std::move(how)};
}
/// The proposals among decisions, each with the codes of its reasons.
std::vector<std::vector<std::string_view>> proposals_in(std::vector<decision> const& all) {
    std::vector<std::vector<std::string_view>> out;
    for (auto const& d : all) {
        if (d.event != "limit_proposed") continue;
        auto& rules = out.emplace_back();
        for (auto const& r : d.why) rules.push_back(r.rule);
    }
    return out;
}
using rule_codes = std::vector<std::string_view>;

}  // namespace

TEST_CASE("another credit limit is proposed as often as the policy wants, and set by nobody but the house",
          "[engine][powers]") {
    std::vector<rule_codes> const once(1, rule_codes{"limit_proposed"});
    auto book = lending({.amount = 11'000'00});
    trade(book, on(2024, 1, 2));
    tell(book, limit(on(2024, 1, 3), yuan(10'000)));
    CHECK(proposals_in(book.advance_to(on(2024, 2, 1))) == once);
    CHECK(proposals_in(book.advance_to(on(2024, 4, 29))).empty());
    CHECK(proposals_in(book.advance_to(on(2024, 5, 1))) == once);
    CHECK(row_of(book).state.limit == 10'000'00);
    tell(book, limit(on(2024, 5, 2), yuan(11'000)));
    CHECK(proposals_in(book.advance_to(on(2024, 12, 31))).empty());
}

TEST_CASE("a change of the limit beyond the step needs approval, and a cut below the exposure says what follows",
          "[engine][powers]") {
    auto const proposed = [](steady_limit const& policy) {
        auto book = lending(policy);
        trade(book, on(2024, 1, 2), yuan(8'000));
        tell(book, limit(on(2024, 1, 3), yuan(10'000)));
        auto const all = proposals_in(book.advance_to(on(2024, 2, 1)));
        REQUIRE(all.size() == 1);
        return all.front();
    };
    CHECK(proposed({.amount = 12'500'00}) == rule_codes{"limit_proposed"});
    CHECK(proposed({.amount = 12'500'01}) == rule_codes{"limit_proposed", "limit_needs_approval"});
    CHECK(proposed({.amount = 7'999'99}) == rule_codes{"limit_proposed", "limit_below_exposure"});
    CHECK(proposed({.amount = 0}) == rule_codes{"limit_proposed", "limit_needs_approval", "limit_below_exposure"});
    CHECK(proposed({.is_unlimited = true}) == rule_codes{"limit_unbounded_proposed", "limit_needs_approval"});
}

TEST_CASE("the default rulebook proposes less credit for one that declines, with its own approval",
          "[engine][powers]") {
    auto book = house();
    trade(book, on(2024, 6, 20));
    tell(book, limit(on(2024, 6, 21), yuan(1'000'000)));
    auto const all = book.advance_to(on(2025, 6, 30));
    auto const found = std::find_if(all.begin(), all.end(), [](decision const& d) {
        return d.event == "limit_proposed" && d.why.front().what == "credit_limits.declining";
    });
    REQUIRE(found != all.end());
    CHECK(found->why.at(1).saw == 800'000'00);
    CHECK(found->why.at(1).threshold == 1'000'000'00);
    CHECK(found->why.at(2).rule == "limit_needs_approval");
    CHECK(found->ref.starts_with("review "));
}

TEST_CASE("a check for a coming day knows what will bind by then, and what will have run out", "[engine][powers]") {
    auto book = house();
    trade(book, on(2024, 5, 20));
    tell(book, limit(on(2024, 5, 21), yuan(100'000)));
    tell(book, breach(on(2024, 5, 22), breach_rule::payment, 3));  // half of the credit, from 25 May on
    auto const verdict = [&](day at) { return book.check("C1", {.amount = yuan(80'000), .on = at}).value().verdict; };
    CHECK(verdict(on(2024, 5, 22)) == credit_verdict::approve);
    CHECK(verdict(on(2024, 5, 24)) == credit_verdict::approve);
    CHECK(verdict(on(2024, 5, 25)) == credit_verdict::hold);
    CHECK(row_of(book).state.limit == 100'000'00);
}
