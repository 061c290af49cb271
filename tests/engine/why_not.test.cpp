#include <patron/engine/why_not.hpp>

#include <catch2/catch_test_macros.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

/// Under two tables: one for tiers, one for what breaches cost.
engine house() {
    auto const read = policy::parse_rulebook(R"({"version": "house-7", "tables": [
 {"table": "grades", "kind": "tier", "hits": "first",
  "inputs": [{"name": "tenure_months", "type": "number"},
             {"name": "security", "type": "number", "digits": 2}],
  "outputs": [{"name": "tier", "type": "word", "words": ["standard", "silver", "gold", "diamond"]}],
  "rules": [
   {"rule": "grown", "id": "SEG-4", "when": {"tenure_months": ">= 12", "security": ">= 100"}, "then": {"tier": "gold"}},
   {"rule": "known", "id": "SEG-4", "when": {"tenure_months": ">= 1", "security": "-"}, "then": {"tier": "silver"}},
   {"rule": "fresh", "id": "SEG-4", "when": {"tenure_months": "-", "security": "-"}, "then": {"tier": "standard"}}]},
 {"table": "grave", "kind": "penalty", "hits": "collect", "may_be_silent": true,
  "inputs": [{"name": "severity", "type": "number", "least": "1", "most": "5", "required": true},
             {"name": "tenure_months", "type": "number"}],
  "outputs": [{"name": "effect", "type": "word", "words": ["written_warning"]},
              {"name": "review_after_days", "type": "number"},
              {"name": "lifted_when", "type": "word", "words": ["complies"]},
              {"name": "lifted_by", "type": "word", "words": ["itself"]}],
  "rules": [{"rule": "warn", "id": "POW-2", "when": {"severity": ">= 3", "tenure_months": "-"},
             "then": {"effect": "written_warning", "review_after_days": "90", "lifted_when": "complies", "lifted_by": "itself"}},
            {"rule": "remind", "id": "POW-2", "when": {"severity": "-", "tenure_months": ">= 12"},
             "then": {"effect": "written_warning", "review_after_days": "90", "lifted_when": "complies", "lifted_by": "itself"}}]}]})");
    INFO((read ? std::string{} : read.error().message()));
    REQUIRE(read.has_value());
    auto rules = rules_of(read.value());
    INFO((rules ? std::string{} : rules.error().message()));
    REQUIRE(rules.has_value());
    return engine{{.rules = std::move(rules.value())}};
}
tables_explained look(engine const& book, std::optional<day> at = {}) {
    auto found = explain_tables(book, "C1", at);
    INFO((found ? std::string{} : found.error().message()));
    REQUIRE(found.has_value());
    return std::move(found.value());
}
breach_reported breach(day at, int severity) {
    auto f = fact_at<breach_reported>(at);
    f.rule = breach_rule::payment;
    f.severity = patron::severity{severity};
    return f;
}
deposit_paid deposit(day at, money amount) {
    auto f = fact_at<deposit_paid>(at);
    f.amount = amount;
    return f;
}

}  // namespace

TEST_CASE("a rule that does not fire says what it saw and what it wanted", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 5), "O1", yuan(100)), deposit(on(2025, 4, 1), yuan(99)));
    auto const all = look(book, on(2025, 6, 30));
    CHECK(all.rulebook == "house-7");
    CHECK(all.breach.empty());
    REQUIRE(all.tables.size() == 2);
    auto const& grades = all.tables[0];
    REQUIRE(grades.rules.size() == 3);
    CHECK_FALSE(grades.rules[0].fired());
    REQUIRE(grades.rules[0].cells.size() == 2);
    CHECK(grades.rules[0].cells[0].saw == "5");
    CHECK(grades.rules[0].cells[0].verdict == verdict::not_met);
    CHECK(grades.rules[0].cells[1].saw == "99");
    CHECK(grades.rules[1].fired());
    CHECK(grades.rules[2].yielded == "known");
    // what is missing is enough
    tell(book, deposit(on(2025, 7, 1), yuan(1)));
    CHECK(look(book, on(2026, 1, 5)).tables[0].rules[0].fired());
}

TEST_CASE("a rule of a table that cannot be asked says what is missing, and what else it saw", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 5), "O1", yuan(100)));  // nothing was broken
    auto const all = look(book, on(2025, 6, 30));
    auto const& grave = all.tables[1];
    CHECK(grave.unknown == "severity");
    REQUIRE(grave.rules.size() == 2);
    CHECK_FALSE(grave.rules[0].fired());
    CHECK(grave.rules[0].cells == std::vector<policy::cell_look>{{"severity", "unknown", ">= 3", verdict::unknown},
                                                                 {"tenure_months", "5", "-", verdict::met}});
    CHECK_FALSE(grave.rules[1].fired());
    CHECK(grave.rules[1].cells == std::vector<policy::cell_look>{{"severity", "unknown", "-", verdict::unknown},
                                                                 {"tenure_months", "5", ">= 12", verdict::not_met}});
    auto named = all;
    REQUIRE(named.keep_only("remind"));
    REQUIRE(named.tables.size() == 1);
    CHECK(to_text(named, language::en)
              .find("severity is unknown, wanted any value that is known; "
                    "tenure_months is 5, wanted >= 12") != std::string::npos);
    CHECK(to_text(named, language::zh).find("severity 为 未知，要求 任一已知值") != std::string::npos);

    tell(book, breach(on(2025, 6, 30), 3));
    CHECK(look(book, on(2025, 6, 30)).tables[1].rules[0].fired());
}

TEST_CASE("what is guaranteed is security to a table, as a deposit is", "[engine][why_not]") {
    auto book = house();
    auto guarantee = fact_at<guarantee_received>(on(2025, 4, 1));
    guarantee.guarantee = "G1";
    guarantee.amount = yuan(90);
    guarantee.until = on(2026, 1, 31);
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 5), "O1", yuan(100)), deposit(on(2025, 4, 1), yuan(10)),
         guarantee);
    auto const grown = [&](day at) { return look(book, at).tables[0].rules[0]; };
    CHECK(grown(on(2026, 1, 31)).fired());
    CHECK_FALSE(grown(on(2026, 2, 1)).fired());
    CHECK(grown(on(2026, 2, 1)).cells[1].saw == "10");
}

TEST_CASE("tables of penalties are asked about the latest breach of the day", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 5), "O1", yuan(100)), breach(on(2025, 2, 1), 4),
         breach(on(2025, 3, 1), 2));
    CHECK(look(book, on(2025, 2, 10)).tables[1].rules[0].fired());
    auto const later = look(book, on(2025, 3, 10));
    CHECK(later.breach == "payment 2025-03-01");
    CHECK_FALSE(later.tables[1].rules[0].fired());
    CHECK(later.tables[1].rules[0].cells[0].saw == "2");
    CHECK(look(book, on(2025, 1, 31)).breach.empty());
}

TEST_CASE("what tables say of a day is what the review of that day decided", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2024, 1, 1)), order(on(2024, 1, 5), "O1", yuan(100)));
    for (auto month = in_month(2024, 1); month <= in_month(2025, 6); month = month + 1) {
        if (month != in_month(2024, 1)) tell(book, order(month.first(), "O" + month.to_string(), yuan(100)));
        if (month == in_month(2024, 9)) tell(book, deposit(on(2024, 9, 1), yuan(500)));
        book.advance_to(month.last());
        auto const asked = look(book, month.last());
        auto const& grades = asked.tables[0];
        auto const fired = std::ranges::find_if(grades.rules, &policy::rule_look::fired);
        REQUIRE(fired != grades.rules.end());
        auto const tier = book.state_of("C1").value().tier;
        CHECK((fired->rule == "grown") == (tier == customer_tier::gold));
    }
    CHECK(book.state_of("C1").value().tier == customer_tier::gold);
}

TEST_CASE("one rule or one table may be asked for, in both languages and as JSON", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 5), "O1", yuan(100)));
    auto one = look(book);
    CHECK_FALSE(look(book).keep_only("nothing"));
    REQUIRE(one.keep_only("grown"));
    REQUIRE(one.tables.size() == 1);
    REQUIRE(one.tables[0].rules.size() == 1);
    CHECK(to_text(one, language::en).find("rule grown (SEG-4) did not fire: tenure_months is 0, wanted >= 12") !=
          std::string::npos);
    CHECK(to_text(one, language::zh).find("未触发") != std::string::npos);
    auto const json = boost::json::parse(to_json(one));
    CHECK(json.at("tables").at(0).at("rules").at(0).at("fired") == false);
    CHECK(json.at("tables").at(0).at("rules").at(0).at("cells").at(0).at("wanted") == ">= 12");
    auto table = look(book);
    REQUIRE(table.keep_only("grave"));
    CHECK(to_text(table, language::en).find("not asked, for it is not known: severity") != std::string::npos);
}

TEST_CASE("who is not there, and rules without a rulebook, are refused", "[engine][why_not]") {
    auto book = house();
    tell(book, enrolled(on(2025, 1, 1)));
    CHECK(explain_tables(book, "nobody").error().code == errc::unknown_customer);
    CHECK(explain_tables(book, "C1", on(2024, 12, 31)).error().code == errc::unknown_customer);
    engine own;
    tell(own, enrolled(on(2025, 1, 1)));
    CHECK(explain_tables(own, "C1").error().code == errc::impossible_now);
}
