// The tables of a rulebook as a policy: what they are asked, and what comes of it (POW-4, ENG-9, CRE-7).
#include <patron/policy/rulebook_policy.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::policy;

namespace {

constexpr day_number today = 20'000;  // 2024-10-04

struct customer {
    customer_state state{};
    customer_records records{};
    lifecycle::assessment assessment{};
    std::vector<kept_breach> breaches{};
    std::vector<kept_effect> kept{};
    supply_standing supply{};
    position held{};

    customer() {
        state.stage = stage::stable;
        state.first_order = today - 500;
        state.last_order = today - 5;
        state.orders = 30;
        state.purchase_days = 30;
        state.limit = 1'000'00;
        state.limit_is_set = true;
        state.share_millionths = 600'000;
        state.in = currency::literal("CNY");
    }
    [[nodiscard]] context seen(kept_breach const* breach = nullptr, std::optional<period> reviewed = {}) const {
        context c{.customer = {state, &records}, .on = today, .applied = nullptr, .assessment = assessment};
        c.kept = kept;
        c.breaches = breaches;
        c.breach = breach;
        c.reviewed = reviewed;
        c.supply = supply;
        c.position = held;
        c.territory = "East";
        return c;
    }
};
rulebook_policy const& house() {
    static auto const made = rulebook_policy::make(default_rulebook()).value();
    return made;
}
std::vector<effect> all_of(effects const& out) {
    std::vector<effect> all;
    for (auto const& p : out.all()) all.push_back(p.what);
    return all;
}
rulebook with_input(std::string name, column_type type, std::vector<std::string> words = {}) {
    table_text t;
    t.name = "rewards";
    t.kind = table_kind::reward;
    t.hits = hit_policy::collect;
    t.inputs = {{.name = std::move(name), .type = type, .words = std::move(words)}};
    t.outputs = {{.name = "effect", .type = column_type::word, .words = {"training"}},
                 {.name = "fulfil_within_days", .unit = column_unit::days}};
    t.rules = {{.code = "all", .id = "POW-1", .when = {"-"}, .then = {"training", "30"}}};
    rulebook book;
    book.tables.push_back(decision_table::compile(t).value());
    return book;
}

}  // namespace

TEST_CASE("every input of the default tables is one that can be asked", "[policy][rulebook_policy]") {
    CHECK(rulebook_policy::make(default_rulebook()).has_value());
    CHECK(powers_of(default_rulebook()).has_value());
    CHECK(known_inputs().size() >= 15);
}

TEST_CASE("a table that asks for what nobody knows is an error that lists what there is", "[policy][rulebook_policy]") {
    auto const made = rulebook_policy::make(with_input("mood", column_type::number));
    REQUIRE(made.has_error());
    CHECK(made.error().code == errc::unknown_field);
    CHECK(made.error().field == "tables.rewards.mood");
    CHECK(made.error().remedy.find("tenure_months") != std::string::npos);
    CHECK(rulebook_policy::make(with_input("tier", column_type::number)).error().code == errc::malformed);
    auto const few = rulebook_policy::make(with_input("tier", column_type::word, {"gold", "silver"}));
    REQUIRE(few.has_error());
    CHECK(few.error().code == errc::unknown_reference);
    CHECK(few.error().saw == "standard");
}

TEST_CASE("a table that puts out what no engine can do, or what is not its to give, is an error",
          "[policy][rulebook_policy]") {
    for (std::string const word : {"holiday", "written_warning"}) {
        auto text = with_input("tier", column_type::word, {"standard", "silver", "gold", "diamond"}).tables[0].text();
        text.outputs[0].words = {word};
        text.rules[0].then[0] = word;
        rulebook book;
        book.tables.push_back(decision_table::compile(text).value());
        auto const made = rulebook_policy::make(book);
        REQUIRE(made.has_error());
        CHECK(made.error().code == errc::unknown_reference);
        CHECK(made.error().field == "tables.rewards.all.effect");
        CHECK(made.error().saw == word);
    }
}

TEST_CASE("a breach is answered by its row, with the way back of that row", "[policy][rulebook_policy]") {
    customer c;
    c.breaches = {{breach_rule::payment, 3, today}};
    effects out;
    house().penalise(c.seen(&c.breaches[0]), out);
    auto const all = all_of(out);
    REQUIRE(all.size() == 1);
    CHECK(all[0].code == effect_code::credit_cut);
    CHECK(all[0].amount == 500'00);
    CHECK(all[0].severity == 3);
    CHECK(all[0].notice_days == 3);
    CHECK(all[0].appeal_days == 14);
    CHECK(all[0].way_back.ends_when == way_back_kind::compliance);
    CHECK(all[0].way_back.review_on == today + 90);
    CHECK(validate(all[0]).empty());

    out = {};
    house().penalise(c.seen(), out);  // no breach, no penalty
    CHECK(out.empty());
}

TEST_CASE("how often a rule was broken in a year is counted by that rule", "[policy][rulebook_policy]") {
    customer c;
    c.breaches = {
        {breach_rule::outlet, 1, today - 365}, {breach_rule::price, 2, today - 30}, {breach_rule::outlet, 2, today}};
    effects out;
    house().penalise(c.seen(&c.breaches[2]), out);
    REQUIRE(out.size() == 1);
    CHECK(all_of(out)[0].code == effect_code::written_warning);  // the first of its kind within the year
    c.breaches[0].on = today - 364;
    out = {};
    house().penalise(c.seen(&c.breaches[2]), out);
    REQUIRE(out.size() == 1);
    CHECK(all_of(out)[0].code == effect_code::promotion_withdrawn);
}

TEST_CASE("rewards are proposed at the reviews that end a half year only", "[policy][rulebook_policy]") {
    customer c;
    c.held.tier = customer_tier::gold;
    period const june{day{std::chrono::year{2024} / 6 / 1}};
    for (int back = 0; back < 6; ++back) c.state.monthly.add(june - (5 - back), 10'000'00);
    auto const proposed = [&](period month) {
        effects out;
        auto seen = c.seen(nullptr, month);
        seen.on = number_of(month.last());
        house().reward(seen, out);
        return all_of(out);
    };
    CHECK(proposed(june - 1).empty());
    auto const all = proposed(june);
    CHECK(all.size() >= 4);
    for (auto const& e : all) {
        CAPTURE(name_of(e.code));
        CHECK(validate(e).empty());
        if (e.code == effect_code::special_award) CHECK(e.amount == 300'00);  // half a per cent of six months
        if (e.code == effect_code::year_end_rebate)
            CHECK(e.deadline == number_of(day{std::chrono::year{2025} / 3 / 31}));
    }
    CHECK(std::none_of(all.begin(), all.end(), [](effect const& e) { return e.code == effect_code::vehicles; }));
    for (int back = 0; back < 6; ++back) c.state.monthly.add(june - (5 - back), 100'000'00);  // now it is large
    auto const large = proposed(june);
    CHECK(std::any_of(large.begin(), large.end(), [](effect const& e) { return e.code == effect_code::vehicles; }));
    CHECK(
        std::none_of(large.begin(), large.end(), [](effect const& e) { return e.code == effect_code::staff_support; }));
}

TEST_CASE("limits follow the table, and an unknown record raises nothing", "[policy][rulebook_policy][credit]") {
    customer c;
    c.held.tier = customer_tier::gold;
    CHECK(house().limit(c.seen())->amount == 1'000'00);  // no invoice yet: nothing is known
    c.records.ledger_is_complete = true;
    c.records.ledger.add(
        ledger_invoice{.invoice = "I-1", .amount = 100, .open = 0, .issued = today - 9, .due = today - 1});
    CHECK(house().limit(c.seen())->amount == 1'100'00);
    c.state.credit_standing = standing::reduced;
    CHECK(house().limit(c.seen())->amount == 700'00);
    c.state.limit_is_unlimited = true;
    CHECK(house().limit(c.seen())->is_unlimited);
    c.state.credit_standing = standing::blocked;
    CHECK_FALSE(house().limit(c.seen())->is_unlimited);
    CHECK(house().limit(c.seen())->amount == 0);
    c.state.limit_is_set = false;
    CHECK_FALSE(house().limit(c.seen()));
}

TEST_CASE("a tier follows stage, share, tenure and standing, with the grace of the one that is held",
          "[policy][rulebook_policy][tier]") {
    customer c;
    CHECK(house().tier(c.seen())->tier == customer_tier::gold);
    c.state.share_millionths = 499'999;
    CHECK(house().tier(c.seen())->tier == customer_tier::silver);
    c.state.tier = customer_tier::diamond;
    CHECK(house().tier(c.seen()) == tier_proposal{customer_tier::silver, 90});
    c.state.stage = stage::declining;
    CHECK(house().tier(c.seen())->tier == customer_tier::standard);
    c.state.stage = stage::initial;
    c.state.first_order = today - 100;
    CHECK(house().tier(c.seen())->tier == customer_tier::standard);
}

TEST_CASE("a limit is never proposed below nothing, whatever its table says", "[policy][rulebook_policy]") {
    table_text limits;
    limits.name = "limits";
    limits.kind = table_kind::limit;
    limits.hits = hit_policy::first;
    limits.inputs = {{.name = "tenure_months", .type = column_type::number, .least = decimal{0, 0}}};
    limits.outputs = {{.name = "change", .type = column_type::number, .unit = column_unit::percent}};
    limits.rules = {{.code = "all", .id = "CRE-7", .when = {"-"}, .then = {"-150"}}};
    rulebook book;
    book.tables = {decision_table::compile(limits).value()};
    customer const c;
    CHECK(rulebook_policy::make(book).value().limit(c.seen())->amount == 0);
}
