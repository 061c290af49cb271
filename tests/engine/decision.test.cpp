#include <patron/engine/decision.hpp>

#include "engine/stories.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace patron;
using lifecycle::assessment;
using lifecycle::evidence_kind;
using event = lifecycle::relationship::event;

namespace {

constexpr currency cny = currency::literal("CNY");

bool is_told(std::string const& words) { return !words.empty() && words.find('%') == std::string::npos; }

/// An assessment with a piece of every kind, on which every rule has something to say.
assessment full() {
    assessment a;
    for (unsigned i = 0; i < lifecycle::evidence_kinds; ++i) {
        a.evidence.push_back({.kind = static_cast<evidence_kind>(i),
                              .weight = 100,
                              .age_days = 1,
                              .saw = 3,
                              .against = 2,
                              .what = "price"});
    }
    a.evidence_total = 800;
    a.evidence_needed = 1'000;
    a.gap_days = 30;
    a.gap_is_own = true;
    return a;
}

}  // namespace

TEST_CASE("every reason of every event and stage is told whole in both languages", "[engine][decision]") {
    lifecycle::lifecycle_rules const rules;
    for (int e = 0; e < 6; ++e) {
        for (std::size_t from = 0; from < stage_count; ++from) {
            for (std::size_t to = 0; to < stage_count; ++to) {
                for (int variant = 0; variant < 4; ++variant) {
                    auto a = full();
                    if ((variant & 1) != 0)
                        a.share = {.millionths = 512'345, .basis = share_basis::stated, .purchased = 1, .wallet = 2};
                    a.gap_is_own = (variant & 2) != 0;
                    a.regular = a.agreement_in_force = (variant & 2) != 0;
                    if ((variant & 2) != 0) {
                        a.coverage = {3, 3};
                        a.evidence_total = 0;
                        a.reviews_above = 2;
                        a.dwell_days = 100;
                    }
                    customer_state s;
                    s.stage = static_cast<stage>(from);
                    s.fell_from = stage::stable;
                    s.purchase_days = 4;
                    for (auto const& r : reasons_for(s, a, static_cast<event>(e), static_cast<stage>(to), rules)) {
                        for (auto const l : {language::en, language::zh}) {
                            auto without_per_cent = sentence(r, cny, l);
                            for (auto at = without_per_cent.find(" %"); at != std::string::npos;
                                 at = without_per_cent.find(" %")) {
                                without_per_cent.erase(at, 2);
                            }
                            CAPTURE(r.rule, without_per_cent);
                            CHECK(is_told(without_per_cent));
                            CHECK(without_per_cent != r.rule);  // the code itself stands where words are missing
                            CHECK(tests::has_chinese(without_per_cent) == (l == language::zh));
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("an unknown share is told as own history, and unknown is neither met nor not met", "[engine][decision]") {
    lifecycle::lifecycle_rules const rules;
    customer_state s;
    s.stage = stage::initial;
    s.purchase_days = 9;
    auto a = full();
    a.regular = true;
    auto const why = reasons_for(s, a, event::review_held, stage::stable, rules);
    REQUIRE(why.size() == 4);
    CHECK(why[0].rule == "share_of_wallet");
    CHECK(why[0].verdict == verdict::unknown);
    CHECK_FALSE(why[0].saw.has_value());
    CHECK(why[0].what == "own_history");
    CHECK(why[1].rule == "regular_orders");
    CHECK(why[1].verdict == verdict::met);
    CHECK(why[1].saw == 9);
    CHECK(why[1].threshold == 6);
    CHECK(why[2].rule == "consecutive_reviews");
    CHECK(why[3].rule == "least_dwell");
}

TEST_CASE("what ended a relationship is told by the decision that did, not by the days of silence after it",
          "[engine][decision]") {
    lifecycle::lifecycle_rules const rules;
    customer_state s;
    s.stage = stage::ended;
    CHECK(reasons_for(s, full(), event::review_held, stage::ended, rules).empty());
    s.stage = stage::declining;
    auto const why = reasons_for(s, full(), event::review_held, stage::ended, rules);
    REQUIRE(why.size() == 1);
    CHECK(why.front().rule == "silence");
    CHECK(why.front().threshold == 365);  // more than 4 x 30
}

TEST_CASE("a decision as JSON has the fields of the contract", "[engine][decision]") {
    decision d{.ref = "R \"1\"",
               .at = day{std::chrono::year{2024} / 1 / 5},
               .customer = "C1",
               .from = stage::prospect,
               .to = stage::initial,
               .event = "order_placed",
               .why = {{.rule = "first_order", .unit = measure::amount, .saw = 100'00, .what = "O1"}},
               .rulebook = "default-1"};
    std::string out;
    append_json(out, d, cny);
    CHECK(out == R"({"ref":"R \"1\"","at":"2024-01-05","customer":"C1","from":"prospect","to":"initial",)"
                 R"x("event":"order_placed","effects":[],"why":[{"rule":"first_order","saw":"100.00 CNY (O1)",)x"
                 R"("threshold":"","verdict":"met"}],"rulebook":"default-1"})");
    d.from.reset();
    d.to.reset();
    d.why.clear();
    out.clear();
    append_json(out, d, cny);
    CHECK(out.find("\"from\"") == std::string::npos);
    CHECK(out.find("\"why\":[]") != std::string::npos);
}
