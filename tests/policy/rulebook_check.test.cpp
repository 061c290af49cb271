#include <patron/policy/rulebook_check.hpp>  // first: the header stands on its own

#include <patron/lifecycle/assessment.hpp>
#include <patron/machine/step.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::policy;

namespace {

using spoiling = std::function<void(rulebook&)>;

rulebook spoilt(spoiling const& spoil) {
    auto book = default_rulebook();
    book.lifecycle.version = "house-1";
    spoil(book);
    return book;
}
std::vector<finding> found_in(spoiling const& spoil) { return check(spoilt(spoil)); }

/// The book with one table, after a change to its text.
rulebook with_table(std::string_view name, std::function<void(table_text&)> const& spoil) {
    auto book = default_rulebook();
    book.lifecycle.version = "house-1";
    auto text = book.table(name)->text();
    spoil(text);
    book.tables = {decision_table::compile(text).value()};
    return book;
}

}  // namespace

TEST_CASE("numbers that contradict one another are found, with an input that shows it", "[policy][rulebook]") {
    struct row {
        char const* code;
        char const* id;
        policy::gravity gravity;
        spoiling spoil;
    };
    for (auto const& [code, id, gravity, spoil] : std::vector<row>{
             {"keep_above_promote", "REL-2", gravity::error,
              [](rulebook& b) { b.lifecycle.promotion.keep_share = basis_points{5'001}; }},
             {"no_hysteresis", "REL-2", gravity::warning,
              [](rulebook& b) {
                  auto& p = b.lifecycle.promotion;
                  p.keep_share = p.promote_share;
                  p.consecutive_reviews = 1;
                  p.least_dwell_days = 0;
              }},
             {"recovery_at_once", "REL-5", gravity::error,
              [](rulebook& b) { b.lifecycle.recovery.evidence_at_most = basis_points{10'000}; }},
             {"evidence_not_rising", "REL-4", gravity::warning,
              [](rulebook& b) { b.lifecycle.decline.confirms_stable = 900; }},
             {"silence_unseen", "REL-4", gravity::warning,
              [](rulebook& b) { b.lifecycle.decline.most_for_rhythm = 1'999; }},
             {"silence_unseen", "REL-4", gravity::warning, [](rulebook& b) { b.lifecycle.decline.per_missed_gap = 0; }},
             {"unreachable", "REL-4", gravity::error,
              [](rulebook& b) { b.lifecycle.decline.volume_collapses_below = basis_points{7'000}; }},
             {"unreachable", "REL-4", gravity::error, [](rulebook& b) { b.lifecycle.decline.long_overdue_days = 30; }},
             {"limits_not_falling", "RET-3", gravity::warning,
              [](rulebook& b) { b.lifecycle.decline.complaint_limit_days[4] = 15; }},
             {"never_met", "ARC-3", gravity::error,
              [](rulebook& b) {
                  b.lifecycle.coverage.executives = 2;
                  b.lifecycle.coverage.executive_levels.clear();
              }},
             {"out_of_range", "REL-2", gravity::error, [](rulebook& b) { b.lifecycle.promotion.window_months = 13; }},
             {"version_taken", "ENG-9", gravity::warning,
              [](rulebook& b) {
                  b.lifecycle.version = "default-1";
                  b.lifecycle.ending.silent_days = 400;
              }},
             {"out_of_range", "CRE-3", gravity::error,
              [](rulebook& b) { b.credit.standings.leave[1].days_past_due = 45; }},
             {"worse_standing_has_more", "CRE-6", gravity::warning,
              [](rulebook& b) { b.credit.by_standing[1].limit_basis_points = 4'000; }},
             {"out_of_range", "POW-2", gravity::error,
              [](rulebook& b) { b.powers.keeps_ended_days = b.powers.resolver.recurrence_days - 1; }},
             {"unreachable", "POW-3", gravity::warning, [](rulebook& b) { b.powers.supply.terminates_at_once = 5; }},
             {"duplicate_table", "ENG-9", gravity::error, [](rulebook& b) { b.tables.push_back(b.tables.front()); }},
         }) {
        CAPTURE(code);
        auto const found = found_in(spoil);
        REQUIRE(found.size() == 1);
        CAPTURE(found.front());
        CHECK(found.front().code == code);
        CHECK(found.front().id == id);
        CHECK(found.front().gravity == gravity);
        CHECK_FALSE(found.front().en.empty());
        CHECK_FALSE(found.front().zh.empty());
        CHECK((found.front().code == "duplicate_table" || !found.front().example.empty()));
        CHECK(is_sound(found) == (gravity == gravity::warning));
    }
    CHECK(
        found_in([](rulebook& b) { b.lifecycle.promotion.keep_share = b.lifecycle.promotion.promote_share; }).empty());
    CHECK(found_in([](rulebook& b) { b.lifecycle.recovery.evidence_at_most = basis_points{9'999}; }).empty());
}

namespace {

/// How often a customer changes its stage in the second half of twenty years of reviews, when nothing about it changes.
int moves_of(lifecycle::lifecycle_rules const& rules, std::int32_t evidence, std::int32_t share_bp, bool agreement) {
    constexpr int reviews = 240;
    customer_state state;
    state.stage = stage::initial;
    state.first_order = state.since = 0;
    int moves = 0;
    for (int review = 1; review <= reviews; ++review) {
        auto const on = review * 30;
        state.last_order = on;
        auto const won = state.stage == stage::declining ? state.fell_from : state.stage;
        lifecycle::assessment a;
        a.on = on;
        a.share.millionths = share_bp * 100;
        a.dwell_days = on - state.since;
        a.gap_days = 30;
        a.agreement_in_force = agreement;
        a.coverage = {rules.coverage.executives, rules.coverage.departments};
        a.reviews_above =
            share_bp >= rules.promotion.promote_share.count() ? std::min(state.reviews_above + 1, 255) : 0;
        a.reviews_below = share_bp < rules.promotion.keep_share.count() ? std::min(state.reviews_below + 1, 255) : 0;
        a.evidence_needed = lifecycle::evidence_needed(won, rules);
        a.evidence_total = evidence;
        if (won == stage::stable || won == stage::strategic)
            a.evidence_total +=
                std::min(rules.decline.per_review_below_share * a.reviews_below, rules.decline.most_for_share);
        lifecycle::detail::set_guards(state, rules, a);
        state.reviews_above = static_cast<std::uint8_t>(a.reviews_above);
        state.reviews_below = static_cast<std::uint8_t>(a.reviews_below);
        auto const before = state.stage;
        machine::step<lifecycle::relationship>(state.stage, lifecycle::relationship::event::review_held, a.guards);
        if (state.stage == before) continue;
        if (state.stage == stage::declining) state.fell_from = before;
        state.since = on;
        moves += review > reviews / 2 ? 1 : 0;
    }
    return moves;
}

}  // namespace

TEST_CASE("under a rulebook without errors a customer that stays as it is comes to rest", "[policy][rulebook]") {
    std::mt19937_64 random{99};
    auto const between = [&](int low, int high) {
        return low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    int sound = 0;
    for (int round = 0; round < 4'000; ++round) {
        auto book = default_rulebook();
        book.tables.clear();
        auto& r = book.lifecycle;
        r.version = "drawn";
        r.promotion.promote_share = basis_points{between(1, 10) * 1'000};
        r.promotion.keep_share = basis_points{between(0, 10) * 1'000};
        r.promotion.consecutive_reviews = between(1, 4);
        r.promotion.least_dwell_days = between(0, 90);
        r.decline.confirms_initial = between(1, 4) * 500;
        r.decline.confirms_stable = between(1, 4) * 500;
        r.decline.confirms_strategic = between(1, 4) * 500;
        r.decline.per_review_below_share = between(0, 4) * 250;
        r.decline.most_for_share = between(0, 4) * 500;
        r.recovery.evidence_at_most = basis_points{between(0, 10) * 1'000};
        if (!is_sound(check(book))) continue;
        ++sound;
        CAPTURE(round);
        CHECK(moves_of(r, between(0, 8) * 250, between(0, 20) * 500, random() % 2 == 0) == 0);
    }
    CHECK(sound > 1'000);

    // and the example of a finding does swing
    auto const swing =
        spoilt([](rulebook& b) { b.lifecycle.recovery.evidence_at_most = basis_points{10'000}; }).lifecycle;
    CHECK(moves_of(swing, 1'000, 0, false) > 100);
}

TEST_CASE("a sanction without a way back is refused, and so is a reward that lowers the price", "[policy][rulebook]") {
    auto const only = [](rulebook const& book) {
        auto const found = check(book);
        REQUIRE(found.size() == 1);
        return found.front();
    };
    auto const cell = [](table_text& t, std::string_view column, std::string text) {
        auto const at = std::ranges::find(t.outputs, column, &column::name) - t.outputs.begin();
        t.rules.front().then[static_cast<std::size_t>(at)] = std::move(text);
    };
    for (auto const* const column : {"lifted_when", "review_after_days"}) {
        auto const f = only(with_table("penalties", [&](table_text& t) { cell(t, column, "-"); }));
        CHECK(f.code == "no_way_back");
        CHECK(f.id == "POW-14");
        CHECK(f.rules == std::vector<std::string>{"slight_first"});
        CHECK(f.example.front() == finding::input{"breach", "-"});
    }
    CHECK(only(with_table("deterrents", [&](table_text& t) { cell(t, "lifted_when", "-"); })).code == "no_way_back");
    CHECK(only(with_table("penalties", [&](table_text& t) { cell(t, "permanent", "yes"); })).code == "both_ways");
    CHECK(check(with_table("penalties", [&](table_text& t) {
              for (auto const* const column : {"lifted_when", "review_after_days"}) cell(t, column, "-");
              cell(t, "permanent", "yes");
          })).empty());

    auto const rewarded = [&](std::string const& word) {
        return only(with_table("rewards", [&](table_text& t) {
            t.outputs.front().words.push_back(word);
            cell(t, "effect", word);
        }));
    };
    CHECK(rewarded("price_discount").code == "lowers_price");
    CHECK(rewarded("price_discount").id == "POW-6");
    CHECK(rewarded("written_warning").code == "unknown_effect");
    CHECK(rewarded("holiday").code == "unknown_effect");
    CHECK(only(with_table("rewards", [](table_text& t) { t.outputs.front().name = "what"; })).code == "no_effect");
}

TEST_CASE("a default table without one of its rules is found to have a gap", "[policy][rulebook]") {
    for (auto const* const name : {"tiers", "penalties", "credit_limits"}) {
        auto const found = check(with_table(name, [](table_text& t) { t.rules.pop_back(); }));
        REQUIRE_FALSE(found.empty());
        CHECK(found.front().code == "gap");
    }
}
