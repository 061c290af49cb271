// The same history under two rulebooks, and a candidate rulebook in the shadow of the live one (ENG-3).
#include <patron/engine/what_if.hpp>
#include <patron/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

lifecycle::lifecycle_rules named_rules(std::string version, basis_points promote = basis_points{5'000}) {
    lifecycle::lifecycle_rules rules;
    rules.version = std::move(version);
    rules.promotion.promote_share = promote;
    return rules;
}
lifecycle::lifecycle_rules strict() { return named_rules("strict-1", basis_points{6'000}); }

std::vector<received> rows_of(std::vector<fact> facts) {
    std::vector<received> rows;
    for (auto& f : facts) {
        auto const line = rows.size() + 1;
        if (head_of(f).ref.empty()) set_ref(f, "r" + std::to_string(line));
        REQUIRE(validate(f).has_value());
        rows.push_back({line, std::move(f)});
    }
    return rows;
}

/// Three months in which a customer buys 55 % of what it needs from us: enough for 50 %, not for 60 %.
std::vector<fact> main_supplier_of(std::string const& code) {
    std::vector<fact> facts{enrolled(on(2025, 1, 1), code)};
    for (unsigned m = 1; m <= 3; ++m) facts.emplace_back(wallet(on(2025, 1, 1), in_month(2025, m), yuan(1'000), code));
    for (unsigned m = 1; m <= 3; ++m) {
        facts.emplace_back(order(on(2025, m, 2), code + "-SO-" + std::to_string(m), yuan(550), code));
    }
    return facts;
}

std::vector<received> simulated(std::uint64_t seed, std::uint32_t customers = 60) {
    testing::simulation world{{.customers = customers, .months = 20, .seed = seed}};
    std::vector<received> rows;
    while (auto f = world.next()) rows.push_back({rows.size() + 1, std::move(*f)});
    return rows;
}

std::string rows_text(engine const& book) {
    std::string out;
    book.each_by_code([&](customer_row const& row) {
        append_json(out, row);
        out += '\n';
        return true;
    });
    return out;
}
std::string text_of_decisions(std::vector<decision> const& all) {
    std::string out;
    for (auto const& d : all) {
        append_json(out, d, cny);
        out += '\n';
    }
    return out;
}

std::uint64_t sum_of(auto const& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

rebate_agreed two_percent(day from, std::string customer) {
    auto f = fact_at<rebate_agreed>(from, std::move(customer));
    f.agreement = "R1";
    f.basis = rebate_basis::ordered;
    f.method = rebate_method::incremental;
    f.bands = {{.from = {.value = yuan(0)}, .rate = {.percent = decimal::parse("2").value()}}};
    f.until = on(2025, 12, 31);
    return f;
}

}  // namespace

TEST_CASE("a higher share to be promoted keeps a customer where it is, and the comparison says which and since when",
          "[engine][what_if]") {
    what_if both{{}, named_rules("house-1"), strict()};
    auto facts = main_supplier_of("C1");
    facts.emplace_back(enrolled(on(2025, 1, 1), "C2"));
    auto rows = rows_of(std::move(facts));
    auto const outcome = both.apply(rows);
    REQUIRE(outcome.a.applied == rows.size());
    REQUIRE(outcome.b.applied == rows.size());
    both.advance_to(on(2025, 3, 31));

    std::vector<std::string> seen;
    auto const sum = both.compare([&](compared_customer const& c) {
        seen.emplace_back(c.a.row.profile.code);
        if (seen.back() != "C1") {
            CHECK_FALSE(c.differs.any());
            return true;
        }
        CHECK(c.a.row.state.stage == stage::stable);
        CHECK(c.b.row.state.stage == stage::initial);
        CHECK(c.a.path.highest == stage::stable);
        CHECK(c.b.path.highest == stage::initial);
        REQUIRE(c.a.path.stays.size() == 3);
        CHECK(c.a.path.stays.back().cause == lifecycle::relationship::event::review_held);
        CHECK(c.a.path.by_stage[1].cumulative_days < c.b.path.by_stage[1].cumulative_days);
        CHECK(c.differs.stage);
        CHECK(c.differs.path);
        CHECK_FALSE(c.differs.share);
        CHECK_FALSE(c.differs.credit);
        CHECK_FALSE(c.differs.rebates);
        return true;
    });
    REQUIRE(sum.has_value());
    CHECK(seen == std::vector<std::string>{"C1", "C2"});
    auto const& s = sum.value();
    CHECK(s.customers == 2);
    CHECK(s.differ == 1);
    CHECK(s.stage_differs == 1);
    CHECK(s.path_differs == 1);
    CHECK(s.stages[2][1] == 1);  // stable under a, initial under b
    CHECK(s.stages[0][0] == 1);
    CHECK(s.a.rulebook == "house-1");
    CHECK(s.b.rulebook == "strict-1");
    CHECK(s.a.flows.transitions[1][2] == 1);
    CHECK(s.b.flows.transitions[1][2] == 0);
    CHECK(s.a.changes[static_cast<std::size_t>(lifecycle::relationship::event::review_held)] == 1);
    CHECK(s.b.changes[static_cast<std::size_t>(lifecycle::relationship::event::review_held)] == 0);
}

TEST_CASE("one who visits stops being shown customers, and the sums are whole all the same", "[engine][what_if]") {
    what_if both{{}, named_rules("a"), named_rules("b")};
    auto rows = rows_of({enrolled(on(2025, 1, 1), "C1"), enrolled(on(2025, 1, 1), "C2")});
    both.apply(rows);
    int shown = 0;
    auto const sum = both.compare([&](compared_customer const&) {
        ++shown;
        return false;
    });
    CHECK(shown == 1);
    CHECK(sum.value().customers == 2);
}

TEST_CASE("the evidence of decline is compared as it stands at the end", "[engine][what_if]") {
    auto heavy = named_rules("heavy-1");
    heavy.decline.lost_contact = 900;
    heavy.decline.lost_last_contact = 900;
    what_if both{{}, named_rules("a"), heavy};
    auto const added = contact_of(on(2025, 1, 3), "P1", "purchasing", "buyer");
    auto left = fact_at<contact_left>(on(2025, 1, 20));
    left.person = "P1";
    auto rows = rows_of({enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "SO-1", yuan(100)), added, left});
    REQUIRE(both.apply(rows).b.rejected.empty());
    auto const sum = both.compare().value();
    CHECK(sum.evidence_differs == 1);
    CHECK(sum.stage_differs == 0);
    CHECK(sum.a.customers_with_evidence == 1);
    CHECK(sum.a.evidence_weight == 1'000);
    CHECK(sum.b.evidence_weight == 900);
}

TEST_CASE("rebates are added up by currency, and do not depend on the stage", "[engine][what_if]") {
    what_if both{{}, named_rules("a"), strict()};
    auto facts = main_supplier_of("C1");
    facts.insert(facts.begin() + 1, two_percent(on(2025, 1, 1), "C1"));
    auto more = main_supplier_of("C2");
    more.insert(more.begin() + 1, two_percent(on(2025, 1, 1), "C2"));
    facts.insert(facts.end(), more.begin(), more.end());
    auto rows = rows_of(std::move(facts));
    REQUIRE(both.apply(rows).a.rejected.empty());
    both.advance_to(on(2025, 3, 31));
    auto const sum = both.compare().value();
    REQUIRE(sum.a.rebates.size() == 1);
    CHECK(sum.a.rebates[0].in == cny);
    CHECK(sum.a.rebates[0].agreements == 2);
    CHECK(sum.a.rebates[0].balance.accrued == 66'00);  // 2 % of 2 x 1 650 yuan
    CHECK(sum.a.rebates[0].balance.open == 66'00);
    CHECK(sum.a.rebates == sum.b.rebates);
    CHECK(sum.rebates_differ == 0);
    CHECK(sum.stage_differs == 2);
}

TEST_CASE("rebates that do not add up in 64 bits are an error, not a wrong sum", "[engine][what_if]") {
    engine_options const by_fact{.reviews = review_mode::by_fact};
    what_if both{by_fact, named_rules("a"), named_rules("b")};
    std::vector<fact> facts;
    for (std::string const code : {"C1", "C2"}) {
        facts.emplace_back(enrolled(on(2025, 1, 1), code));
        auto all = two_percent(on(2025, 1, 1), code);
        all.bands[0].rate.percent = decimal::parse("100").value();
        facts.emplace_back(all);
        facts.emplace_back(order(on(2025, 1, 2), code + "-SO", money{INT64_MAX / 2 + 2, cny}, code));
    }
    auto rows = rows_of(std::move(facts));
    REQUIRE(both.apply(rows).a.rejected.empty());
    auto const sum = both.compare();
    REQUIRE_FALSE(sum.has_value());
    CHECK(sum.error().code == errc::amount_overflow);
    CHECK(sum.error().field == "rebates");
}

TEST_CASE("books that were not fed the same facts are not compared", "[engine][what_if]") {
    engine a;
    engine b;
    REQUIRE(a.apply(enrolled(on(2025, 1, 1), "C1")).has_value());
    CHECK(compare(a, b).error().code == errc::unknown_customer);
    REQUIRE(b.apply(enrolled(on(2025, 1, 1), "C2")).has_value());
    auto const refused = compare(a, b);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == errc::unknown_customer);
    CHECK(refused.error().saw == "C1");
}

TEST_CASE("a fact may be refused under one rulebook alone, and both books go on", "[engine][what_if]") {
    auto patient = named_rules("patient-1");
    patient.ending.silent_days = 3'000;
    what_if both{{}, named_rules("a"), patient};
    auto end = fact_at<relationship_ended>(on(2027, 6, 1));
    end.cause = "moved away";
    auto rows = rows_of({enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "SO-1", yuan(100)),
                         wallet(on(2027, 5, 1), in_month(2027, 4), yuan(1)), end, enrolled(on(2027, 6, 2), "C2")});
    SECTION("skipping refused rows") {
        auto const outcome = both.apply(rows);
        REQUIRE(outcome.a.rejected.size() == 1);  // silence has ended it before
        CHECK(outcome.a.rejected[0].code == errc::impossible_now);
        CHECK(outcome.a.rejected[0].line == 4);
        CHECK(outcome.b.rejected.empty());
        CHECK(both.a().size() == 2);
        CHECK(both.compare().has_value());
    }
    SECTION("stopping: both stop behind the row that either refuses") {
        auto const outcome = both.apply(rows, {.stop_on_error = true});
        CHECK(outcome.a.stopped);
        CHECK(outcome.b.stopped);
        CHECK(outcome.a.read == 4);
        CHECK(outcome.b.read == 4);
        CHECK(outcome.b.applied == 4);
        CHECK(both.b().size() == 1);
    }
}

TEST_CASE("each book of a what-if is the book that its rulebook makes alone", "[engine][what_if]") {
    auto const seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{7}));
    auto const threads = seed % 2 == 0 ? 1U : 2U;
    CAPTURE(seed, threads);
    auto rows = simulated(seed);
    what_if both{{}, named_rules("a"), strict()};
    std::span<received> const all{rows};
    both.apply(all.first(rows.size() / 3), {.threads = threads});
    both.apply(all.subspan(rows.size() / 3), {.threads = threads});
    both.advance_to(*both.latest_day(), threads);

    engine alone_a{{.rules = named_rules("a")}};
    engine alone_b{{.rules = strict()}};
    for (auto* const book : {&alone_a, &alone_b}) {
        auto again = simulated(seed);
        (void)book->apply(again);
        (void)book->advance_to(*both.latest_day());
    }
    CHECK(rows_text(both.a()) == rows_text(alone_a));
    CHECK(rows_text(both.b()) == rows_text(alone_b));
}

TEST_CASE("whatever the books, the sums agree with one another", "[engine][what_if]") {
    auto const seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{9}));
    CAPTURE(seed);
    auto candidate = named_rules("b", basis_points{static_cast<int>(4'500 + 500 * seed)});
    candidate.decline.late_from_gaps = 3;
    auto rows = simulated(seed);
    what_if both{{}, named_rules("a"), candidate};
    both.apply(rows);
    both.advance_to(*both.latest_day());
    std::uint64_t differ = 0;
    auto const sum = both.compare([&](compared_customer const& c) {
                             differ += c.differs.any() ? 1 : 0;
                             if (c.differs.stage) CHECK(c.differs.path);
                             return true;
                         })
                         .value();
    CHECK(sum.customers == both.a().size());
    CHECK(sum.differ == differ);
    CHECK(std::max({sum.stage_differs, sum.path_differs, sum.share_differs, sum.evidence_differs}) <= sum.differ);
    for (std::size_t s = 0; s < stage_count; ++s) {
        std::uint64_t column = 0;
        for (auto const& from : sum.stages) column += from[s];
        CHECK(sum_of(sum.stages[s]) == sum.a.flows.present[s]);
        CHECK(column == sum.b.flows.present[s]);
    }
    for (auto const* const book : {&sum.a, &sum.b}) {
        std::uint64_t changes = 0;
        for (auto const& from : book->flows.transitions) changes += sum_of(from);
        CHECK(sum_of(book->changes) == changes);
    }
    CHECK(sum.a.flows.transitions == both.a().flows().transitions);
    CHECK(sum.b.flows.days == both.b().flows().days);

    auto const mirrored = compare(both.b(), both.a()).value();
    CHECK(mirrored.differ == sum.differ);
    CHECK(mirrored.a.changes == sum.b.changes);
    for (std::size_t i = 0; i < stage_count; ++i) {
        for (std::size_t j = 0; j < stage_count; ++j) CHECK(mirrored.stages[i][j] == sum.stages[j][i]);
    }
}

TEST_CASE("one rulebook against itself differs in nothing", "[engine][what_if]") {
    auto rows = simulated(11);
    what_if both{{}, named_rules("same"), named_rules("same")};
    both.apply(rows);
    both.advance_to(*both.latest_day());
    auto const sum = both.compare().value();
    CHECK(sum.customers > 0);
    CHECK(sum.differ == 0);
    std::string a;
    std::string b;
    append_json(a, sum.a);
    append_json(b, sum.b);
    CHECK(a == b);
}

TEST_CASE("a comparison as data is JSON with both paths and the sums", "[engine][what_if]") {
    what_if both{{}, named_rules("house-1"), strict()};
    auto rows = rows_of(main_supplier_of("C1"));
    both.apply(rows);
    both.advance_to(on(2025, 3, 31));
    std::string one;
    auto const sum = both.compare([&](compared_customer const& c) {
                             append_json(one, c);
                             return true;
                         })
                         .value();
    auto const customer = boost::json::parse(one);
    CHECK(customer.at("customer") == "C1");
    CHECK(customer.at_pointer("/differs/0") == "stage");
    CHECK(customer.at_pointer("/a/row/stage") == "stable");
    CHECK(customer.at_pointer("/b/row/stage") == "initial");
    CHECK(customer.at_pointer("/a/path/2/stage") == "stable");
    CHECK(customer.at_pointer("/a/path/2/left").is_null());
    CHECK(customer.at_pointer("/a/path/1/entered") == "2025-01-02");
    CHECK(customer.at_pointer("/a/path/1/cause") == "order_placed");
    CHECK(customer.at_pointer("/b/days/initial") == 88);  // from 2 January to 31 March
    std::string text;
    append_json(text, sum);
    CHECK(boost::json::parse(text).at_pointer("/stages/stable/initial") == 1);
    text.clear();
    append_json(text, sum.a);
    CHECK(boost::json::parse(text).at_pointer("/transitions/initial/stable") == 1);
    CHECK(boost::json::parse(text).at_pointer("/changes/review_held") == 1);
}

// --- shadow ------------------------------------------------------------------------------------------------

TEST_CASE("the live book answers the same, to the byte, with a shadow and without", "[engine][what_if][shadow]") {
    auto const seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{6}));
    CAPTURE(seed);
    engine alone{{.record_decisions = true}};
    engine live{{.record_decisions = true}};
    std::uint64_t heard = 0;
    auto shadow = shadow_book::beside(live, strict(), [&](shadow_difference const& d) {
                      ++heard;
                      CHECK((d.live || d.candidate || d.live_refused || d.candidate_refused));
                      if (d.candidate) CHECK(d.candidate->rulebook == "strict-1");
                      if (d.live) CHECK(d.live->rulebook == "default-1");
                  }).value();
    auto rows = simulated(seed);
    auto const half = rows.size() / 2;
    std::string with;
    std::string without;
    for (std::size_t i = 0; i < half; ++i) {
        auto const& f = rows[i].content.value();
        auto const ours = shadow.apply(f);
        auto const theirs = alone.apply(f);
        REQUIRE(ours.has_value() == theirs.has_value());
        if (!ours) continue;
        with += text_of_decisions(ours.value().decisions);
        without += text_of_decisions(theirs.value().decisions);
    }
    auto const rest = std::span{rows}.subspan(half);
    auto const ours = shadow.apply(rest);
    auto const theirs = alone.apply(rest);
    CHECK(ours.applied == theirs.applied);
    CHECK(ours.rejected == theirs.rejected);
    with += text_of_decisions(ours.decisions) + text_of_decisions(shadow.advance_to(*live.latest_day()));
    without += text_of_decisions(theirs.decisions) + text_of_decisions(alone.advance_to(*alone.latest_day()));
    CHECK(with == without);
    CHECK(rows_text(live) == rows_text(alone));
    CHECK(heard == shadow.differences());
    CHECK(heard > 0);

    engine candidate_alone{{.rules = strict()}};
    auto again = simulated(seed);
    (void)candidate_alone.apply(again);
    (void)candidate_alone.advance_to(*live.latest_day());
    CHECK(rows_text(shadow.candidate()) == rows_text(candidate_alone));
}

TEST_CASE("the shadow tells the change of stage that the candidate would not have made", "[engine][what_if][shadow]") {
    engine live{{.record_decisions = true}};
    std::vector<shadow_difference> told;
    auto shadow = shadow_book::beside(live, strict(), [&](shadow_difference const& d) { told.push_back(d); }).value();
    for (auto const& f : main_supplier_of("C1")) REQUIRE(shadow.apply(f).has_value());
    (void)shadow.advance_to(on(2025, 3, 31));
    REQUIRE(told.size() == 1);  // that the first order began an initial cooperation both say
    CHECK(told[0].customer == "C1");
    REQUIRE(told[0].live.has_value());
    CHECK(told[0].live->to == stage::stable);
    CHECK(told[0].ref == told[0].live->ref);
    CHECK_FALSE(told[0].candidate.has_value());
}

TEST_CASE("a candidate with the live rules never differs", "[engine][what_if][shadow]") {
    engine live{{.record_decisions = true}};
    auto shadow = shadow_book::beside(live, named_rules("same"), {}).value();
    auto rows = simulated(3);
    shadow.apply(rows);
    (void)shadow.advance_to(*live.latest_day());
    CHECK(shadow.differences() == 0);
}

TEST_CASE("the shadow tells of a fact that one rulebook alone refuses", "[engine][what_if][shadow]") {
    auto patient = named_rules("patient-1");
    patient.ending.silent_days = 3'000;
    engine live{{.record_decisions = true}};
    std::vector<shadow_difference> told;
    auto shadow = shadow_book::beside(live, patient, [&](shadow_difference const& d) { told.push_back(d); }).value();
    auto end = fact_at<relationship_ended>(on(2027, 6, 1));
    end.cause = "moved away";
    auto rows = rows_of({enrolled(on(2025, 1, 1)), order(on(2025, 1, 2), "SO-1", yuan(100)),
                         wallet(on(2027, 5, 1), in_month(2027, 4), yuan(1)), end});
    auto const batch = GENERATE(false, true);
    if (batch) {
        shadow.apply(rows);
    } else {
        for (auto const& r : rows) (void)shadow.apply(r.content.value());
    }
    auto const refused = std::ranges::count_if(told, [](auto const& d) { return d.live_refused.has_value(); });
    CHECK(refused == 1);
    CHECK(std::ranges::none_of(told, [](auto const& d) { return d.candidate_refused.has_value(); }));
    CHECK(shadow.candidate().find("C1").value().state.stage == stage::ended);
}

TEST_CASE("facts without a reference are known to both by one name", "[engine][what_if][shadow]") {
    engine live{{.record_decisions = true}};
    auto shadow = shadow_book::beside(live, strict(), {}).value();
    REQUIRE(shadow.apply(enrolled(on(2025, 1, 1), "C1")).has_value());
    std::vector<received> rows{{1, fact{order(on(2025, 1, 2), "SO-1", yuan(10))}}};
    CHECK(shadow.apply(rows).applied == 1);
    auto const outcome = shadow.apply(order(on(2025, 1, 3), "SO-2", yuan(20)));
    REQUIRE(outcome.has_value());
    CHECK(outcome.value().fate == fate::applied);
    CHECK(shadow.differences() == 0);
    CHECK(rows_text(shadow.candidate()) == rows_text(live));
    auto const bad = shadow.apply(order(on(2025, 1, 4), "SO-3", money{-1, cny}));
    CHECK_FALSE(bad.has_value());
    CHECK(rows_text(shadow.candidate()) == rows_text(live));
}

TEST_CASE("a shadow begins beside an empty book, or with a candidate that was fed the same",
          "[engine][what_if][shadow]") {
    engine silent;
    CHECK(shadow_book::beside(silent, strict(), {}).error().field == "live");
    engine live{{.record_decisions = true}};
    REQUIRE(live.apply(enrolled(on(2025, 1, 1), "C1")).has_value());
    CHECK(shadow_book::beside(live, strict(), {}).error().code == errc::impossible_now);
    engine fresh{{.rules = strict(), .record_decisions = true}};
    CHECK(shadow_book::beside(live, std::move(fresh), {}).error().field == "candidate");
    engine fed{{.rules = strict(), .record_decisions = true}};
    REQUIRE(fed.apply(enrolled(on(2025, 1, 1), "C1")).has_value());
    CHECK(shadow_book::beside(live, std::move(fed), {}).has_value());
}

TEST_CASE("a candidate with a day of its own has the live rules until then", "[engine][what_if][shadow]") {
    house_rules candidate{strict()};
    candidate.from = on(2025, 3, 1);  // the customer is promoted at the end of February
    what_if late{{}, house_rules{named_rules("live-1")}, candidate};
    auto rows = rows_of(main_supplier_of("C1"));
    REQUIRE(late.apply(rows).b.rejected.empty());
    (void)late.advance_to(on(2025, 3, 31));
    CHECK(late.compare().value().path_differs == 0);
    CHECK(late.b().options().rules.on(on(2025, 2, 28)).version == "live-1");

    candidate.from = on(2025, 2, 28);
    what_if soon{{}, house_rules{named_rules("live-1")}, candidate};
    REQUIRE(soon.apply(rows).b.rejected.empty());
    (void)soon.advance_to(on(2025, 3, 31));
    CHECK(soon.compare().value().path_differs == 1);

    engine_options how;
    how.record_decisions = true;
    how.rules = named_rules("live-1");
    engine live{how};
    auto shadow = shadow_book::beside(live, candidate, {}).value();
    CHECK(shadow.candidate().options().rules.on(on(2025, 2, 27)).version == "live-1");
}
