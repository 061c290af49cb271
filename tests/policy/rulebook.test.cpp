#include <patron/policy/rulebook.hpp>  // first: the header stands on its own

#include <patron/lifecycle/impl/each_rule.hpp>
#include <patron/policy/impl/house_numbers.hpp>
#include <patron/policy/impl/resale_numbers.hpp>
#include <patron/policy/rulebook_check.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::policy;

namespace {

std::string numbers(std::string const& inner) { return R"({"version": "h", "lifecycle": {)" + inner + "}}"; }

/// A file with one section of numbers, in its second line.
std::string section(std::string const& name, std::string const& inner) {
    return R"({"version": "h",)"
           "\n"
           R"( ")" +
           name + R"(": {)" + inner + "}}";
}

/// A file with one small table, whose words one may replace.
std::string with_words(std::string const& from, std::string const& to) {
    std::string json = R"({"version": "h", "tables": [
 {"table": "t", "kind": "plain", "hits": "first",
  "inputs": [{"name": "n", "type": "number", "least": "0", "most": "9"}],
  "outputs": [{"name": "ok", "type": "yes_no"}],
  "rules": [
   {"rule": "all", "id": "ENG-9", "when": {"n": "-"},
    "then": {"ok": "yes"}}]}]})";
    auto const at = json.find(from);
    REQUIRE(at != std::string::npos);
    return json.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the default rulebook is sound, and each of its rules names what it serves and says so in both languages",
          "[policy][rulebook]") {
    auto const book = default_rulebook();
    for (auto const& f : check(book)) FAIL(f);
    CHECK(book.version() == lifecycle::lifecycle_rules{}.version);
    CHECK(book.tables.size() == 5);
    for (auto const& t : book.tables) {
        CHECK_FALSE(t.text().en.empty());
        CHECK_FALSE(t.text().zh.empty());
        for (auto const& r : t.text().rules) {
            CAPTURE(t.text().name, r.code);
            CHECK(r.id.find('-') != std::string::npos);
            CHECK_FALSE(r.en.empty());
            CHECK_FALSE(r.zh.empty());
        }
    }
    REQUIRE(book.table("penalties") != nullptr);
    CHECK(book.table("no_such") == nullptr);
}

TEST_CASE("the default penalties fit the breach", "[policy][rulebook]") {
    auto const book = default_rulebook();
    auto const& t = *book.table("penalties");
    auto const effect = [&](std::string_view breach, int severity, int times) {
        std::array const inputs{t.text().inputs[0].read(breach).value(), value::number(severity), value::number(times)};
        return t.text().outputs[0].shown(t.outputs(*t.evaluate(inputs).value().rule)[0]);
    };
    CHECK(effect("price", 1, 1) == "written_warning");
    CHECK(effect("payment", 2, 2) == "credit_cut");
    CHECK(effect("payment", 5, 1) == "cash_only");
    CHECK(effect("territory", 4, 1) == "year_end_award_cancelled");
    CHECK(effect("territory", 4, 2) == "deposit_forfeited");
    CHECK(effect("exclusivity", 4, 9) == "tier_loss");

    auto const& limits = *book.table("credit_limits");
    auto const& in = limits.text().inputs;
    std::array const unknown_record{in[0].read("strategic").value(), in[1].read("diamond").value(), value::number(48),
                                    in[3].read("good").value(), value{}};
    // an unknown payment record never raises a limit (BASE-8)
    CHECK(limits.text().rules[*limits.evaluate(unknown_record).value().rule].code == "record_unknown");
}

TEST_CASE("a rulebook that is written and read back is the same", "[policy][rulebook]") {
    std::mt19937_64 random{4};
    for (int round = 0; round < 60; ++round) {
        auto book = default_rulebook();
        book.lifecycle.version = "house \"" + std::to_string(round) + "\", 政策";
        if (round % 2 == 0) book.from = day{std::chrono::year{2026} / 1 / (1 + round % 28)};
        if (round % 3 == 0) book.tables.clear();
        lifecycle::detail::each_rule(book.lifecycle, [&](std::string_view name, auto& into) {
            auto const& note = *lifecycle::detail::note_of(name);
            auto const drawn = [&] {
                return static_cast<std::int32_t>(
                    note.least +
                    static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(note.most - note.least + 1)));
            };
            using field = std::remove_reference_t<decltype(into)>;
            if constexpr (std::is_same_v<field, basis_points>) {
                into = basis_points{drawn()};
            } else if constexpr (std::is_same_v<field, std::int32_t>) {
                into = drawn();
            } else if constexpr (std::is_same_v<field, std::array<int, 5>>) {
                for (auto& one : into) one = drawn();
            } else if constexpr (std::is_same_v<field, std::vector<std::string>>) {
                into.resize(random() % 3, "chef_" + std::to_string(round));
            }
        });
        auto const text = to_json(book);
        auto const read = parse_rulebook(text);
        REQUIRE(read.has_value());
        CHECK(read.value() == book);
        CHECK(to_json(read.value()) == text);
        CHECK_FALSE(read.value() == default_rulebook());
    }
}

TEST_CASE("every number has a meaning, a range that its default lies in, and a place in the schema",
          "[policy][rulebook]") {
    auto const schema = rulebook_schema();
    rulebook const book;
    auto const has_its_note = [&](std::span<policy::detail::rule_note const> notes, auto const& each) {
        std::size_t count = 0;
        each([&](std::string_view name, auto const& value) {
            CAPTURE(name);
            REQUIRE(count < notes.size());
            auto const& note = notes[count++];
            CHECK(note.name == name);
            CHECK(note.least <= note.most);
            CHECK(schema.find(note.meaning) != std::string::npos);
            policy::detail::each_number(value, [&](std::int64_t n) {
                CHECK(n >= note.least);
                CHECK(n <= note.most);
            });
        });
        CHECK(count == notes.size());
    };
    has_its_note(lifecycle::detail::rule_notes,
                 [&](auto const& visit) { lifecycle::detail::each_rule(book.lifecycle, visit); });
    has_its_note(policy::detail::credit_notes,
                 [&](auto const& visit) { policy::detail::each_credit_rule(book.credit, visit); });
    has_its_note(policy::detail::power_notes,
                 [&](auto const& visit) { policy::detail::each_power_rule(book.powers, visit); });
    has_its_note(policy::detail::resale_notes,
                 [&](auto const& visit) { policy::detail::each_resale_rule(book.resale, visit); });
    CHECK(schema.find("https://json-schema.org/draft/2020-12/schema") != std::string::npos);
}

TEST_CASE("thresholds of resale are read from a file and written back", "[policy][rulebook]") {
    auto const read = parse_rulebook(R"({"version": "h", "tables": [], "resale": {
  "breaches": {"tolerance": "1 %", "severity_from": ["3 %", "6 %", "9 %", "12.5 %"], "outside_territory": 5},
  "margins": {"least_margin": "7.5 %"}}})");
    REQUIRE(read.has_value());
    auto const& r = read.value().resale;
    CHECK(r.tolerance == basis_points{100});
    CHECK(r.severity_from == std::array{basis_points{300}, basis_points{600}, basis_points{900}, basis_points{1'250}});
    CHECK(r.outside_territory == 5);
    CHECK(r.least_margin == basis_points{750});
    CHECK(parse_rulebook(to_json(read.value())).value() == read.value());
    CHECK_FALSE(read.value() == rulebook{});

    auto const field_of = [](std::string_view numbers) {
        auto const wrong = parse_rulebook(R"({"version": "h", "resale": )" + std::string{numbers} + '}');
        REQUIRE_FALSE(wrong.has_value());
        CHECK_FALSE(wrong.error().remedy.empty());
        return wrong.error().field;
    };
    CHECK(field_of(R"({"breaches": {"tolerance": "101 %"}})") == "resale.breaches.tolerance");
    CHECK(field_of(R"({"breaches": {"severity_from": ["1 %", "2 %"]}})") == "resale.breaches.severity_from");
    CHECK(field_of(R"({"breaches": {"outside_territory": 6}})") == "resale.breaches.outside_territory");
    CHECK(field_of(R"({"margin": {}})") == "resale.margin");
}

TEST_CASE("thresholds of credit and powers are read from a file and written back", "[policy][rulebook]") {
    auto const read = parse_rulebook(R"({"version": "h", "tables": [],
 "credit": {
  "counts": {"quotations": true},
  "asked": {"quote": ["credit_limit", "standing"], "refusing": ["group_limit"]},
  "standings": {"enter_dunning_level": [2, 3, null, null], "leave_dunning_level": [1, 2, null, null],
   "verdict": ["approve", "hold", "hold", "refuse", "refuse"],
   "limit_share": ["100 %", "80 %", "50 %", "0 %", "0 %"]},
  "documents": {"document_limit": 5000000, "risk_classes_held": ["C", "D"]},
  "overdue": {"oldest_item_days": null, "overdue_share": "12.5 %"},
  "dunning": {"steps": [{"enter": 10, "leave": 0}, {"enter": 30, "leave": 10}], "dunning_level": 2},
  "releases": {"override_tolerance": "5 %"}},
 "powers": {
  "rewards": {"fiscal_year_begins": 4, "large_from": 200000000, "most_each": {"special_award": 100000},
   "rewards_year": 9000000},
  "sanctions": {"least_severity": {"cash_only": 4}, "warning_needs_notice": true, "appeal_days": 0},
  "supply": {"uses_a_year": 1}}})");
    REQUIRE(read.has_value());
    auto const& book = read.value();
    auto const& c = book.credit;
    CHECK(c.version == "h");
    CHECK(c.counts.quotations);
    CHECK(c.counts.open_orders);
    CHECK(c.asked[0] == credit_rule_set{credit_rule::standing, credit_rule::credit_limit});
    CHECK(c.asked[1] == credit_rules{}.asked[1]);
    CHECK(c.refusing == credit_rule_set{credit_rule::group_limit});
    CHECK(c.standings.enter[0].dunning_level == 2);
    CHECK_FALSE(c.standings.leave[3].dunning_level.has_value());
    CHECK(c.standings.enter[2].days_past_due == credit_rules{}.standings.enter[2].days_past_due);
    CHECK(c.by_standing[1].verdict == credit_verdict::hold);
    CHECK(c.by_standing[1].limit_basis_points == 8'000);
    CHECK(c.document_limit == 50'000'00);
    CHECK(c.risk_classes_held == std::vector<std::string>{"C", "D"});
    CHECK_FALSE(c.oldest_item_days.has_value());
    CHECK(c.overdue_share_basis_points == 1'250);
    CHECK(c.dunning.steps == std::vector<dunning_step>{{10, 0}, {30, 10}});
    CHECK(c.dunning_level == 2);
    CHECK(c.override_tolerance_basis_points == 500);
    auto const& p = book.powers;
    CHECK(p.fiscal_year_begins == std::chrono::April);
    CHECK(p.large_from == 2'000'000'00);
    CHECK(p.resolver.most_each[static_cast<std::size_t>(effect_code::special_award)] == 1'000'00);
    CHECK_FALSE(p.resolver.most_each[static_cast<std::size_t>(effect_code::training)].has_value());
    CHECK(p.resolver.rewards_year == 90'000'00);
    CHECK(p.resolver.least_severity[static_cast<std::size_t>(effect_code::cash_only)] == 4);
    CHECK(p.resolver.least_severity[static_cast<std::size_t>(effect_code::terminate)] == 5);
    CHECK(p.effects.warning_needs_notice);
    CHECK(p.effects.appeal_days == 0);
    CHECK(p.supply.uses_a_year == 1);

    auto const again = parse_rulebook(to_json(book));
    REQUIRE(again.has_value());
    CHECK(again.value() == book);
    CHECK_FALSE(again.value() == parse_rulebook(R"({"version": "h", "tables": []})").value());
}

TEST_CASE("what a file leaves out keeps its default", "[policy][rulebook]") {
    auto const read = parse_rulebook(
        numbers(R"("promotion": {"promote_share": "62.5%"}, "decline": {"lost_contact": 2, "overdue_item": "0.125"})"));
    REQUIRE(read.has_value());
    auto expected = default_rulebook();
    expected.lifecycle.version = "h";
    expected.lifecycle.promotion.promote_share = basis_points{6'250};
    expected.lifecycle.decline.lost_contact = 2'000;
    expected.lifecycle.decline.overdue_item = 125;
    CHECK(read.value() == expected);
    CHECK(parse_rulebook(R"({"version": "h", "tables": []})").value().tables.empty());
}

TEST_CASE("what is wrong with a file is named with its place, its line and what would be right", "[policy][rulebook]") {
    struct row {
        std::string json;
        errc code;
        char const* field;
        std::uint64_t line;
    };
    for (auto const& [json, code, field, line] : std::vector<row>{
             {"", errc::malformed, "", 1},
             {"{\n\n", errc::malformed, "", 3},
             {"[]", errc::malformed, "", 1},
             {"{\"version\": \"h\"}\nx", errc::malformed, "", 2},
             {"{\"version\": \"\xff\"}", errc::malformed, "", 1},
             {std::string(9, '['), errc::too_long, "", 1},
             {std::string((1U << 20U) + 1, ' '), errc::too_long, "", 0},
             {"{}", errc::missing_field, "version", 1},
             {R"({"version": ""})", errc::out_of_range, "version", 1},
             {R"({"version": 7})", errc::malformed, "version", 1},
             {R"({"version": "a\nb"})", errc::invalid_utf8, "version", 1},
             {R"({"version": "h", "schema": 2})", errc::newer_format, "schema", 1},
             {R"({"version": "h", "from": "2026-02-30"})", errc::out_of_range, "from", 1},
             {"{\"version\": \"h\",\n \"versoin\": 1}", errc::unknown_field, "versoin", 2},
             {"{\"version\": \"h\",\n \"version\": \"i\"}", errc::conflicting_reference, "version", 2},
             {"{\"version\": \"h\",\n \"v\\u0065rsion\": \"i\"}", errc::conflicting_reference, "version", 2},
             {numbers("\"promtion\": {}"), errc::unknown_field, "lifecycle.promtion", 1},
             {numbers("\n\"promotion\": {\n\"window_moths\": 1}"), errc::unknown_field,
              "lifecycle.promotion.window_moths", 3},
             {numbers("\n\"promotion\": {\n\"window_months\": 7}"), errc::out_of_range,
              "lifecycle.promotion.window_months", 3},
             {numbers("\"promotion\": {\"window_months\": 0}"), errc::out_of_range, "lifecycle.promotion.window_months",
              1},
             {numbers("\"promotion\": {\"window_months\": 3.0}"), errc::malformed, "lifecycle.promotion.window_months",
              1},
             {numbers("\"promotion\": {\"window_months\": \"3\"}"), errc::malformed,
              "lifecycle.promotion.window_months", 1},
             {numbers("\"promotion\": {\"window_months\": 18446744073709551615}"), errc::out_of_range,
              "lifecycle.promotion.window_months", 1},
             {numbers("\"promotion\": {\"promote_share\": 50}"), errc::malformed, "lifecycle.promotion.promote_share",
              1},
             {numbers("\"promotion\": {\"promote_share\": \"50\"}"), errc::malformed,
              "lifecycle.promotion.promote_share", 1},
             {numbers("\"promotion\": {\"promote_share\": \"101 %\"}"), errc::out_of_range,
              "lifecycle.promotion.promote_share", 1},
             {numbers("\"promotion\": {\"promote_share\": \"50.001 %\"}"), errc::wrong_scale,
              "lifecycle.promotion.promote_share", 1},
             {numbers("\"decline\": {\"lost_contact\": 0.5}"), errc::malformed, "lifecycle.decline.lost_contact", 1},
             {numbers("\"decline\": {\"lost_contact\": \"-0.5\"}"), errc::out_of_range,
              "lifecycle.decline.lost_contact", 1},
             {numbers("\"decline\": {\"lost_contact\": 9223372036854775807}"), errc::out_of_range,
              "lifecycle.decline.lost_contact", 1},
             {numbers("\"decline\": {\"complaint_limit_days\": [1, 2]}"), errc::malformed,
              "lifecycle.decline.complaint_limit_days", 1},
             {numbers("\"coverage\": {\"executive_levels\": [\"vice president\"]}"), errc::malformed,
              "lifecycle.coverage.executive_levels", 1},
             {section("credit", R"("counts": {"quotations": 1})"), errc::malformed, "credit.counts.quotations", 2},
             {section("credit", R"("asked": {"order": ["limit"]})"), errc::unknown_reference, "credit.asked.order[0]",
              2},
             {section("credit", R"("standings": {"verdict": ["approve"]})"), errc::malformed,
              "credit.standings.verdict", 2},
             {section("credit", R"("standings": {"enter_days_past_due": [1, 2, 3, -4]})"), errc::out_of_range,
              "credit.standings.enter_days_past_due[3]", 2},
             {section("credit", R"("overdue": {"residue": null})"), errc::malformed, "credit.overdue.residue", 2},
             {section("credit", R"("overdue": {"residue": "1.00"})"), errc::malformed, "credit.overdue.residue", 2},
             {section("credit", R"("dunning": {"steps": [{"enter": 7}]})"), errc::missing_field,
              "credit.dunning.steps[0].leave", 2},
             {section("powers", R"("rewards": {"fiscal_year_begins": 13})"), errc::out_of_range,
              "powers.rewards.fiscal_year_begins", 2},
             {section("powers", R"("rewards": {"most_each": {"holiday": 1}})"), errc::unknown_field,
              "powers.rewards.most_each.holiday", 2},
             {section("powers", R"("sanctions": {"least_severity": {"training": 1}})"), errc::unknown_field,
              "powers.sanctions.least_severity.training", 2},
             {with_words("\"first\"", "\"last\""), errc::unknown_reference, "tables[0].hits", 2},
             {with_words("\"kind\"", "\"sort\""), errc::unknown_field, "tables[0].sort", 2},
             {with_words("{\"n\": \"-\"}", "{\"n\": \"[3..1]\"}"), errc::out_of_range, "tables.t.all.n", 6},
             {with_words("{\"n\": \"-\"}", "{\"m\": \"-\"}"), errc::unknown_field, "tables[0].rules[0].when.m", 6},
             {with_words("{\"n\": \"-\"}", "{}"), errc::missing_field, "tables[0].rules[0].when.n", 6},
             {with_words("{\"n\": \"-\"}", "{\"n\": 3}"), errc::malformed, "tables[0].rules[0].when.n", 6},
             {with_words("\"yes\"}", "\"perhaps\"}"), errc::malformed, "tables.t.all.ok", 7},
             {with_words("\"most\": \"9\"", "\"most\": \"-1\""), errc::out_of_range, "tables.t.inputs.n", 3},
             {with_words("\"id\": \"ENG-9\",", ""), errc::missing_field, "tables[0].rules[0].id", 6},
         }) {
        CAPTURE(json.substr(0, 200));
        auto const read = parse_rulebook(json);
        REQUIRE(read.has_error());
        CAPTURE(read.error());
        CHECK(read.error().code == code);
        CHECK(read.error().field == field);
        CHECK(read.error().line == line);
        CHECK_FALSE(read.error().remedy.empty());
    }
    auto const range = parse_rulebook(numbers(R"("promotion": {"promote_share": "0 %"})"));
    CHECK(range.error().message() ==
          "line 1: out_of_range in 'lifecycle.promotion.promote_share': saw \"0 %\"; give \"0.01 %\" to \"100 %\"");
}

TEST_CASE("no cut or changed byte of a file does harm", "[policy][rulebook]") {
    auto const whole = to_json(default_rulebook());
    std::mt19937_64 random{11};
    for (int round = 0; round < 400; ++round) {
        auto text = whole;
        if (round % 2 == 0) text.resize(random() % text.size());
        for (int i = 0; i < round % 4 && !text.empty(); ++i)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        if (auto const read = parse_rulebook(text); read) {
            CHECK(parse_rulebook(to_json(read.value())).value() == read.value());
        } else {
            CHECK_FALSE(read.error().remedy.empty());
        }
    }
}
