#include <patron/policy/decision_table.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace patron;
using namespace patron::policy;

namespace {

column number(std::string name, int least, int most, bool required = true) {
    column c;
    c.name = std::move(name);
    c.least = decimal{least, 0};
    c.most = decimal{most, 0};
    c.required = required;
    return c;
}
column word(std::string name, std::vector<std::string> words, bool required = true) {
    column c;
    c.name = std::move(name);
    c.type = column_type::word;
    c.words = std::move(words);
    c.required = required;
    return c;
}
column yes_no(std::string name) {
    column c;
    c.name = std::move(name);
    c.type = column_type::yes_no;
    return c;
}
table_rule rule(std::string code, std::vector<std::string> when, std::vector<std::string> then) {
    return {.code = std::move(code), .id = "POW-2", .when = std::move(when), .then = std::move(then)};
}

/// How a breach is answered, by severity 1 … 5.
table_text bands(hit_policy hits, std::vector<table_rule> rules) {
    return {.name = "bands",
            .hits = hits,
            .inputs = {number("severity", 1, 5)},
            .outputs = {word("answer", {"stop", "cut", "warn"})},
            .rules = std::move(rules)};
}
decision_table compiled(table_text t) { return decision_table::compile(std::move(t)).value(); }

/// The one column's cell on a table of its own: which of 0 … 9 and unknown it takes; the error where it is wrong.
result<std::string> taken(std::string cell, bool required = false) {
    table_text t{.name = "one",
                 .may_be_silent = true,
                 .inputs = {number("n", 0, 9, required)},
                 .outputs = {yes_no("hit")},
                 .rules = {rule("only", {std::move(cell)}, {"yes"})}};
    auto const table = decision_table::compile(t);
    if (!table) return table.error();
    std::string all;
    for (int n = 0; n <= 9; ++n) {
        if (table.value().evaluate(std::array{value::number(n)}).value().hits == 1) all += static_cast<char>('0' + n);
    }
    if (!required && table.value().evaluate(std::array{value{}}).value().hits == 1) all += '?';
    return all;
}

std::vector<std::string> codes(std::vector<finding> const& all) {
    std::vector<std::string> c;
    for (auto const& f : all) c.push_back(f.code);
    return c;
}

}  // namespace

TEST_CASE("a cell says exactly which values it takes, and which edge it owns", "[policy][decision_table]") {
    CHECK(taken("-").value() == "0123456789?");
    CHECK(taken("unknown").value() == "?");
    CHECK(taken("7").value() == "7");
    CHECK(taken("< 3").value() == "012");
    CHECK(taken("<=3").value() == "0123");
    CHECK(taken("> 7").value() == "89");
    CHECK(taken(">= 7").value() == "789");
    CHECK(taken("[2..5)").value() == "234");
    CHECK(taken("(2..5]").value() == "345");
    CHECK(taken("[2 .. 5]").value() == "2345");
    CHECK(taken("(2..5)").value() == "34");
    CHECK(taken("1, 3, > 8, unknown").value() == "139?");
    CHECK(taken("not([2..5), 9)").value() == "015678");  // unknown is never what a negation asks for
}

TEST_CASE("a cell that cannot be met or read is an error of the table, never a silent miss",
          "[policy][decision_table]") {
    struct row {
        char const* cell;
        errc code;
    };
    for (auto const& [cell, code] :
         {row{"", errc::malformed}, row{"five", errc::malformed}, row{"1.5", errc::wrong_scale},
          row{"10", errc::out_of_range}, row{"> 9", errc::out_of_range}, row{"< 0", errc::out_of_range},
          row{"[5..2]", errc::out_of_range}, row{"(5..6)", errc::out_of_range}, row{"[5..5)", errc::out_of_range},
          row{"not([0..9])", errc::out_of_range}, row{"not(unknown)", errc::malformed}, row{"[1..5", errc::malformed},
          row{"1,,2", errc::malformed}, row{"99999999999999999999", errc::out_of_range}, row{"yes", errc::malformed},
          row{"not()", errc::malformed}, row{"= 5", errc::malformed}, row{"1 5", errc::malformed}}) {
        CAPTURE(cell);
        auto const read = taken(cell);
        REQUIRE(read.has_error());
        CHECK(read.error().code == code);
        CHECK(read.error().field == "one.only.n");
        CHECK_FALSE(read.error().remedy.empty());
    }
    CHECK(taken("unknown", true).error().code == errc::out_of_range);

    auto t = bands(hit_policy::unique, {rule("all", {"-"}, {"shout"})});
    auto const output = decision_table::compile(t);
    REQUIRE(output.has_error());
    CHECK(output.error().field == "bands.all.answer");
    CHECK(output.error().remedy == "give one of stop, cut, warn");
    t.rules.front().then = {"-"};  // a required output is never none
    CHECK(decision_table::compile(t).has_error());
}

TEST_CASE("a table's heads are checked", "[policy][decision_table]") {
    auto const refused = [](std::function<void(table_text&)> const& spoil) {
        auto t = bands(hit_policy::unique, {rule("all", {"-"}, {"warn"})});
        spoil(t);
        auto const made = decision_table::compile(t);
        return made ? errc{} : made.error().code;
    };
    CHECK(refused([](table_text&) {}) == errc{});
    CHECK(refused([](table_text& t) { t.name = "Bands"; }) == errc::malformed);
    CHECK(refused([](table_text& t) { t.inputs.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.outputs.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.rules.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.rules.push_back(t.rules.front()); }) == errc::conflicting_reference);
    CHECK(refused([](table_text& t) { t.rules.front().id.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.rules.front().when.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.inputs.push_back(t.inputs.front()); }) == errc::conflicting_reference);
    CHECK(refused([](table_text& t) { t.inputs.front().digits = 10; }) == errc::out_of_range);
    CHECK(refused([](table_text& t) { t.inputs.front().least = decimal{6, 0}; }) == errc::out_of_range);
    CHECK(refused([](table_text& t) { t.inputs.front().words = {"a"}; }) == errc::malformed);
    CHECK(refused([](table_text& t) { t.outputs.front().words.clear(); }) == errc::missing_field);
    CHECK(refused([](table_text& t) { t.outputs.front().words.push_back("stop"); }) == errc::conflicting_reference);
    CHECK(refused([](table_text& t) { t.hits = hit_policy::collect_sum; }) == errc::malformed);
    CHECK(refused([](table_text& t) { t.rules.resize(most_table_rules + 1); }) == errc::too_long);
    CHECK(refused([](table_text& t) { t.inputs.resize(most_table_columns + 1); }) == errc::too_long);
    CHECK(refused([](table_text& t) { t.inputs.front().unit = column_unit::amount; }) == errc::unknown_currency);
    CHECK(refused([](table_text& t) {
              t.inputs.front().unit = column_unit::amount;
              t.inputs.front().currency = "CNY";
          }) == errc::wrong_scale);  // CNY has two digits
}

TEST_CASE("amounts are exact to the last cent", "[policy][decision_table]") {
    auto const table = compiled(
        {.name = "sizes",
         .inputs =
             {{.name = "amount", .unit = column_unit::amount, .digits = 2, .least = decimal{}, .currency = "CNY"}},
         .outputs = {word("size", {"small", "big"})},
         .rules = {rule("small", {"[0..92233720368547758.07)"}, {"small"}),
                   rule("big", {">= 92233720368547758.07"}, {"big"})}});
    CHECK(check(table).empty());
    CHECK(table.evaluate(std::array{value::number(INT64_MAX)}).value().rule == 1);
    CHECK(table.evaluate(std::array{value::number(INT64_MAX - 1)}).value().rule == 0);
    CHECK(table.evaluate(std::array{value::number(-1)}).error().code == errc::out_of_range);
}

TEST_CASE("each hit policy says what stands", "[policy][decision_table]") {
    std::array const grave{value::number(5)};
    std::vector const rules{rule("any_breach", {"-"}, {"warn"}), rule("grave", {">= 4"}, {"stop"})};
    CHECK(compiled(bands(hit_policy::unique, rules)).evaluate(grave).error().code == errc::unsound_rules);
    CHECK(compiled(bands(hit_policy::unique, rules)).evaluate(std::array{value::number(3)}).value().rule == 0);
    CHECK(compiled(bands(hit_policy::first, rules)).evaluate(grave).value().rule == 0);
    CHECK(compiled(bands(hit_policy::any, rules)).evaluate(grave).error().code == errc::unsound_rules);
    CHECK(compiled(bands(hit_policy::priority, rules)).evaluate(grave).value().rule == 1);  // stop comes before warn

    std::array<std::uint16_t, 2> hit{};
    auto const all = compiled(bands(hit_policy::collect, rules)).evaluate(grave, hit).value();
    CHECK(all.hits == 2);
    CHECK_FALSE(all.rule.has_value());
    CHECK(hit == std::array<std::uint16_t, 2>{0, 1});
    CHECK(compiled(bands(hit_policy::collect_count, rules)).evaluate(grave).value().collected == 2);

    auto points = bands(hit_policy::collect_sum,
                        {rule("base", {"-"}, {"3"}), rule("grave", {">= 4"}, {"-2"}), rule("silent", {"5"}, {"-"})});
    points.outputs = {number("points", -10, 10, false)};
    CHECK(compiled(points).evaluate(grave).value().collected == 1);
    points.hits = hit_policy::collect_min;
    CHECK(compiled(points).evaluate(grave).value().collected == -2);
    points.hits = hit_policy::collect_max;
    CHECK(compiled(points).evaluate(grave).value().collected == 3);
    points.hits = hit_policy::collect_sum;
    points.outputs = {number("points", 0, 0)};
    points.outputs.front().least = points.outputs.front().most = std::nullopt;
    points.rules = {rule("a", {"-"}, {"9223372036854775807"}), rule("b", {"-"}, {"1"})};
    CHECK(compiled(points).evaluate(grave).error().code == errc::amount_overflow);
}

TEST_CASE("rules of one priority must agree, unless a higher one stands", "[policy][decision_table]") {
    auto t = bands(hit_policy::priority, {rule("one", {">= 3"}, {"warn", "1"}), rule("two", {">= 4"}, {"warn", "2"}),
                                          rule("top", {"5"}, {"stop", "3"})});
    t.may_be_silent = true;
    t.outputs.push_back(number("days", 0, 9));
    auto const table = compiled(t);
    CHECK(table.evaluate(std::array{value::number(3)}).value().rule == 0);
    CHECK(table.evaluate(std::array{value::number(4)}).error().code == errc::unsound_rules);
    CHECK(table.evaluate(std::array{value::number(5)}).value().rule == 2);
    auto const found = check(table);
    REQUIRE(codes(found) == std::vector<std::string>{"contradiction"});
    CHECK(found.front().rules == std::vector<std::string>{"one", "two"});
    CHECK(found.front().example == std::vector<finding::input>{{"severity", "4"}});
}

TEST_CASE("a wrong question is an error, not an answer", "[policy][decision_table]") {
    auto const table = compiled(bands(hit_policy::first, {rule("grave", {">= 4"}, {"stop"})}));
    CHECK(table.evaluate({}).error().code == errc::malformed);
    CHECK(table.evaluate(std::array{value::yes_no(true)}).error().code == errc::malformed);
    CHECK(table.evaluate(std::array{value::number(6)}).error().code == errc::out_of_range);
    CHECK(table.evaluate(std::array{value{}}).error().code == errc::missing_field);
    CHECK(table.evaluate(std::array{value::number(1)}).error().code == errc::unsound_rules);  // nobody answers
    auto silent = table.text();
    silent.may_be_silent = true;
    CHECK(compiled(silent).evaluate(std::array{value::number(1)}).value().hits == 0);
}

TEST_CASE("a gap in bands is found, with an amount that falls into it", "[policy][decision_table]") {
    auto const found =
        check(compiled(bands(hit_policy::unique, {rule("low", {"[1..2)"}, {"warn"}), rule("mid", {"(2..4)"}, {"cut"}),
                                                  rule("high", {"(4..5]"}, {"stop"})})));
    REQUIRE(codes(found) == std::vector<std::string>{"gap", "gap"});
    CHECK(found[0].example == std::vector<finding::input>{{"severity", "2"}});
    CHECK(found[1].example == std::vector<finding::input>{{"severity", "4"}});
    CHECK(to_text(found[0]) == "error: bands [gap, ENG-10]: no rule answers this input; for example severity = 2");
    CHECK(to_text(found[0], language::zh) == "error: bands [gap, ENG-10]: 没有规则适用于该输入；例：severity = 2");
}

TEST_CASE("an unknown input is a case of its own, and a table that forgets it has a gap", "[policy][decision_table]") {
    table_text t{.name = "share",
                 .inputs = {number("share", 0, 100, false)},
                 .outputs = {yes_no("main")},
                 .rules = {rule("main", {">= 50"}, {"yes"}), rule("second", {"not(>= 50)"}, {"no"})}};
    auto const found = check(compiled(t));
    REQUIRE(codes(found) == std::vector<std::string>{"gap"});
    CHECK(found.front().example == std::vector<finding::input>{{"share", "unknown"}});
    t.rules.push_back(rule("unsaid", {"unknown"}, {"no"}));
    CHECK(check(compiled(t)).empty());
}

TEST_CASE("bands that share an edge overlap", "[policy][decision_table]") {
    auto const found = check(
        compiled(bands(hit_policy::unique, {rule("low", {"[1..3]"}, {"warn"}), rule("high", {"[3..5]"}, {"cut"})})));
    REQUIRE(codes(found) == std::vector<std::string>{"overlap"});
    CHECK(found.front().rules == std::vector<std::string>{"low", "high"});
    CHECK(found.front().example == std::vector<finding::input>{{"severity", "3"}});
}

TEST_CASE("a rule that several rules before it shadow together is found", "[policy][decision_table]") {
    auto const found =
        check(compiled(bands(hit_policy::first, {rule("low", {"<= 3"}, {"warn"}), rule("high", {">= 3"}, {"cut"}),
                                                 rule("middle", {"[2..4]"}, {"stop"})})));
    REQUIRE(codes(found) == std::vector<std::string>{"unreachable"});
    CHECK(found.front().rules == std::vector<std::string>{"middle", "low"});
    CHECK(found.front().example == std::vector<finding::input>{{"severity", "2"}});
}

TEST_CASE("a table too large to be checked wholly says so", "[policy][decision_table]") {
    std::mt19937_64 random{7};
    table_text t{.name = "large", .hits = hit_policy::first, .outputs = {yes_no("hit")}};
    for (int c = 0; c < 12; ++c) t.inputs.push_back(number("n" + std::to_string(c), 0, 1'000'000));
    for (int r = 0; r < 60; ++r) {
        table_rule one = rule("r" + std::to_string(r), {}, {"yes"});
        for (int c = 0; c < 12; ++c) {
            auto const low = random() % 500'000;
            one.when.push_back("[" + std::to_string(low) + ".." + std::to_string(low + 400'000) + "]");
        }
        t.rules.push_back(std::move(one));
    }
    auto const found = check(compiled(t), {.most_steps = 2'000});
    CHECK(std::ranges::count(codes(found), "too_large") == 1);
    CHECK(std::ranges::count(codes(found), "unreachable") == 0);  // nothing is claimed of what was not looked at
}

TEST_CASE("a rule that did not fire tells what it saw and what was missing", "[policy][decision_table]") {
    table_text t{.name = "rewards",
                 .hits = hit_policy::first,
                 .inputs = {word("stage", {"initial", "stable", "strategic"}), number("tenure", 0, 999),
                            number("share", 0, 100, false)},
                 .outputs = {yes_no("grant")},
                 .rules = {rule("loyal", {"stable, strategic", ">= 12", ">= 60"}, {"yes"}),
                           rule("old", {"-", ">= 60", "-"}, {"yes"}), rule("others", {"-", "-", "-"}, {"no"})}};
    auto const table = compiled(t);
    std::array const young{value::word(1), value::number(7), value{}};
    auto const look = table.look(0, young).value();
    CHECK_FALSE(look.fired());
    CHECK(look.id == "POW-2");
    CHECK(look.cells == std::vector<cell_look>{{"stage", "stable", "stable, strategic", verdict::met},
                                               {"tenure", "7", ">= 12", verdict::not_met},
                                               {"share", "unknown", ">= 60", verdict::unknown}});
    CHECK(sentence(look, language::en) ==
          "rule loyal (POW-2) did not fire: tenure is 7, wanted >= 12; share is unknown, wanted >= 60");
    CHECK(sentence(look, language::zh) ==
          "规则 loyal (POW-2) 未触发：tenure 为 7，要求 >= 12；share 为 未知，要求 >= 60");

    std::array const old{value::word(1), value::number(70), value::number(80)};
    CHECK(table.look(0, old).value().fired());
    CHECK(table.look(1, old).value().yielded == "loyal");
    CHECK(sentence(table.look(1, old).value(), language::en) == "rule old (POW-2) held, but yielded to loyal");
    CHECK(table.look(3, old).error().code == errc::out_of_range);

    std::array const unasked{value{}, value::number(7), value::number(80)};
    CHECK(table.evaluate(unasked).error().code == errc::missing_field);
    CHECK(table.look(0, unasked).value().cells ==
          std::vector<cell_look>{{"stage", "unknown", "stable, strategic", verdict::unknown},
                                 {"tenure", "7", ">= 12", verdict::not_met},
                                 {"share", "80", ">= 60", verdict::met}});
    auto const others = table.look(2, unasked).value();
    CHECK_FALSE(others.held);
    CHECK(sentence(others, language::en) ==
          "rule others (POW-2) did not fire: stage is unknown, wanted any value that is known");
    CHECK(table.look(0, std::array{value{}, value::number(1'000), value{}}).error().code == errc::out_of_range);
    CHECK(table.look(0, std::array{value{}, value::word(1), value{}}).error().code == errc::malformed);
    CHECK(table.look(0, std::array{value{}}).error().code == errc::malformed);
}

namespace {

using predicate = std::function<bool(int)>;  // of 0 … 9; 10 is unknown

struct random_cell {
    std::string text;
    predicate takes;
};

random_cell cell_from(std::mt19937_64& random, int most, bool may_be_unknown) {
    auto const n = static_cast<int>(random() % static_cast<std::uint64_t>(most + 1));
    auto const m = static_cast<int>(random() % static_cast<std::uint64_t>(most + 1));
    auto const low = std::min(n, m);
    auto const high = std::max(n, m);
    auto const text = [](int i) { return std::to_string(i); };
    switch (random() % 8) {
        case 0: return {"-", [](int) { return true; }};
        case 1:
            if (may_be_unknown) return {"unknown", [](int v) { return v == 10; }};
            return {text(n), [n](int v) { return v == n; }};
        case 2: return {">= " + text(n), [n](int v) { return v >= n && v != 10; }};
        case 3: return {"<= " + text(n), [n](int v) { return v <= n; }};
        case 4:
            if (low == high) return {text(n), [n](int v) { return v == n; }};
            return {"[" + text(low) + ".." + text(high) + ")", [=](int v) { return low <= v && v < high; }};
        case 5: return {text(n) + ", " + text(m), [=](int v) { return v == n || v == m; }};
        case 6:
            if (low == 0 && high == most) return {"-", [](int) { return true; }};
            return {"not([" + text(low) + ".." + text(high) + "])",
                    [=](int v) { return v != 10 && (v < low || v > high); }};
        default: return {"-", [](int) { return true; }};
    }
}

}  // namespace

TEST_CASE("tables answer and are checked as trying every input says", "[policy][decision_table]") {
    std::mt19937_64 random{20'250'114};
    std::array<int, 6> seen{};
    for (int round = 0; round < 1'500; ++round) {
        CAPTURE(round);
        auto const hits = static_cast<hit_policy>(random() % 5);
        table_text t{.name = "drawn", .hits = hits, .may_be_silent = random() % 3 == 0};
        std::array const most{4, 9, 2};
        std::array const optional{random() % 2 == 0, false, random() % 2 == 0};
        for (std::size_t c = 0; c < 3; ++c) t.inputs.push_back(number(std::string{"abc"[c]}, 0, most[c], !optional[c]));
        t.outputs = {word("answer", {"x", "y", "z"})};
        auto const count = 1 + random() % (round % 10 == 0 ? 70 : 6);  // more than a word of bits, at times
        std::vector<std::array<predicate, 3>> takes;
        for (std::size_t r = 0; r < count; ++r) {
            auto one = rule("r" + std::to_string(r), {}, {std::string{"xyz"[random() % 3]}});
            std::array<predicate, 3> cells;
            for (std::size_t c = 0; c < 3; ++c) {
                auto drawn = cell_from(random, most[c], optional[c]);
                one.when.push_back(drawn.text);
                cells[c] = std::move(drawn.takes);
            }
            t.rules.push_back(std::move(one));
            takes.push_back(std::move(cells));
        }
        auto const table = compiled(t);

        bool gap = false;
        bool clash = false;
        std::vector<bool> stood(count);
        for (int a = 0; a <= 10; ++a) {
            for (int b = 0; b <= 9; ++b) {
                for (int c = 0; c <= 10; ++c) {
                    std::array const at{a, b, c};
                    bool possible = true;
                    std::array<value, 3> inputs{};
                    for (std::size_t i = 0; i < 3; ++i) {
                        possible = possible && (at[i] <= most[i] || (at[i] == 10 && optional[i]));
                        if (at[i] != 10) inputs[i] = value::number(at[i]);
                    }
                    if (!possible) continue;
                    std::vector<std::size_t> holding;
                    for (std::size_t r = 0; r < count; ++r) {
                        if (takes[r][0](a) && takes[r][1](b) && takes[r][2](c)) holding.push_back(r);
                    }
                    auto const answer = [&](std::size_t r) { return t.rules[r].then.front(); };
                    auto const top = [&] { return *std::ranges::min_element(holding, {}, answer); };
                    auto const differ =
                        std::ranges::any_of(holding, [&](std::size_t r) { return answer(r) != answer(holding[0]); });
                    auto const wrong =
                        (hits == hit_policy::unique && holding.size() > 1) || (hits == hit_policy::any && differ);
                    auto const nobody = holding.empty() && !t.may_be_silent && hits != hit_policy::collect;
                    gap = gap || nobody;
                    clash = clash || wrong;

                    std::array<std::uint16_t, 80> hit{};
                    auto const got = table.evaluate(inputs, hit);
                    if (got.has_error() != (wrong || nobody)) FAIL("at " << a << ' ' << b << ' ' << c);
                    for (std::size_t const r : holding) {
                        auto const stands = hits == hit_policy::first      ? r == holding.front()
                                            : hits == hit_policy::priority ? answer(r) == answer(top())
                                                                           : true;
                        if (stands) stood[r] = true;
                    }
                    if (!got) continue;
                    if (got.value().hits != holding.size() || !std::equal(holding.begin(), holding.end(), hit.begin()))
                        FAIL("other rules hit at " << a << ' ' << b << ' ' << c);
                    if (hits == hit_policy::collect || holding.empty()) continue;
                    auto const standing = hits == hit_policy::priority ? top() : holding.front();
                    if (got.value().rule != standing) FAIL("another rule stands at " << a << ' ' << b << ' ' << c);
                }
            }
        }

        auto const found = check(table, {.most_findings = 10'000});
        auto const all = codes(found);
        CHECK(std::ranges::count(all, "too_large") == 0);
        CHECK((std::ranges::count(all, "gap") > 0) == gap);
        CHECK((std::ranges::count(all, "overlap") + std::ranges::count(all, "contradiction") > 0) == clash);
        CHECK(std::ranges::count(all, "unreachable") == std::ranges::count(stood, false));
        for (auto const& f : found) {  // what a finding shows does happen there
            std::array<value, 3> inputs{};
            for (std::size_t i = 0; i < 3; ++i) inputs[i] = t.inputs[i].read(f.example[i].value).value();
            auto const got = table.evaluate(inputs);
            if (f.code != "unreachable") {
                CHECK(got.error().code == errc::unsound_rules);
            } else {
                auto const at = std::ranges::find(t.rules, f.rules[0], &table_rule::code) - t.rules.begin();
                CHECK(table.look(static_cast<std::size_t>(at), inputs).value().yielded == f.rules[1]);
            }
        }
        seen[static_cast<std::size_t>(hits)] += found.empty() ? 1 : 0;
        seen[5] += found.empty() ? 0 : 1;
    }
    for (auto const n : seen) CHECK(n > 0);  // sound and unsound ones of each policy were drawn
}
