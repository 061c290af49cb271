#include <patron/engine/explain.hpp>

#include <patron/engine/engine.hpp>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

void tell(engine& book, fact const& f) {
    auto const outcome = book.apply(f);
    INFO((outcome ? std::string{} : outcome.error().message()));
    REQUIRE(outcome.has_value());
}

/// A customer won, lost to silence after trouble of every kind, and then broken off.
engine eventful() {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)));
    for (int m = 0; m < 9; ++m) {
        auto const month = in_month(2024, 1) + m;
        tell(book, wallet(month.first(), month, yuan(1'000)));
        tell(book, order(month.first() + std::chrono::days{4}, "O" + std::to_string(m), yuan(m < 6 ? 600 : 100)));
    }
    tell(book, invoice(on(2024, 9, 6), "I1", yuan(100), on(2024, 9, 7), "O8"));
    tell(book, competitor(on(2024, 9, 8), "Acme", 90));
    auto breach = fact_at<breach_reported>(on(2024, 9, 9));
    breach.rule = breach_rule::price;
    breach.severity = 4;
    tell(book, breach);
    auto complaint = fact_at<complaint_raised>(on(2024, 9, 9));
    complaint.complaint = "K1";
    complaint.severity = 5;
    tell(book, complaint);
    tell(book, contact_of(on(2024, 9, 9), "Li", "buying", "clerk"));
    auto left = fact_at<contact_left>(on(2024, 9, 10));
    left.person = "Li";
    tell(book, left);
    book.advance_to(on(2024, 12, 31));
    return book;
}

bool has_no_placeholder(std::string const& text) {
    for (auto const* mark : {"%w", "%s", "%t"}) {
        if (text.find(mark) != std::string::npos) return false;
    }
    return true;
}
std::size_t count(std::string_view in, std::string_view what) {
    std::size_t n = 0;
    for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("the story is told in both languages, whole, and says the same", "[engine][explain]") {
    auto const book = eventful();
    auto const story = book.explain("C1").value();
    CHECK(story.row.state.stage == stage::declining);
    auto const en = to_text(story, language::en);
    auto const zh = to_text(story, language::zh);
    CHECK(has_no_placeholder(en));
    CHECK(has_no_placeholder(zh));
    CHECK(count(en, "\n") == count(zh, "\n"));
    for (auto const* words :
         {"declining", "fell from stable cooperation", "the first order O0 of 600.00 CNY", "competitor Acme",
          "breach of the price rule", "complaint K1", "Li, whom we knew there, has left", "invoice I1"}) {
        CAPTURE(words);
        CHECK(en.find(words) != std::string::npos);
    }
    CHECK(en.find(title_of(fact_kind::contact_left, false)) != std::string::npos);
    CHECK(zh.find(title_of(fact_kind::contact_left, true)) != std::string::npos);
    for (auto const* words : {"关系衰退", "稳定合作", "首次下单 O0", "发现竞争者 Acme", "违反价格规则", "投诉 K1",
                              "联系人 Li 已离开", "发票 I1"}) {
        CAPTURE(words);
        CHECK(zh.find(words) != std::string::npos);
    }
}

TEST_CASE("the story as JSON parses, and its lists are those of the data", "[engine][explain]") {
    auto const book = eventful();
    auto const story = book.explain("C1").value();
    auto const parsed = boost::json::parse(to_json(story)).as_object();
    CHECK(parsed.at("customer").as_string() == "C1");
    CHECK(parsed.at("decisions").as_array().size() == story.decisions.size());
    CHECK(parsed.at("present").as_array().size() == story.present.size());
    CHECK(parsed.at("facts").as_array().size() == story.facts.size());
    CHECK(parsed.at("next_actions").as_array().size() == story.next_actions.size());
    CHECK(parsed.at("row").as_object().at("stage").as_string() == "declining");
    CHECK(parsed.at("facts_later").as_int64() == 0);

    engine empty;
    tell(empty, enrolled(on(2024, 1, 1)));
    CHECK(boost::json::parse(to_json(empty.explain("C1").value())).as_object().at("decisions").as_array().empty());
}

TEST_CASE("on an earlier day the story is that of the day", "[engine][explain]") {
    auto const book = eventful();
    auto const first = book.explain("C1", on(2024, 1, 4)).value();
    CHECK(first.row.state.stage == stage::prospect);
    CHECK(first.facts.size() == 2);
    CHECK(first.facts_later == book.explain("C1").value().facts.size() - 2);
    CHECK(first.decisions.empty());
    CHECK(book.explain("C1", on(2024, 1, 5)).value().row.state.stage == stage::initial);
    CHECK(book.explain("C1", on(2024, 2, 28)).value().row.state.stage == stage::initial);
    CHECK(book.explain("C1", on(2024, 2, 29)).value().row.state.stage == stage::stable);  // the second review
    auto const before = book.explain("C1", on(2023, 6, 1)).value();
    CHECK(before.facts.empty());
    CHECK(has_no_placeholder(to_text(before, language::zh)));
}

TEST_CASE("an unknown wallet is said in the explanation", "[engine][explain]") {
    engine book;
    tell(book, order(on(2024, 1, 5), "O1", yuan(10)));
    auto const story = book.explain("C1").value();
    CHECK(to_text(story, language::en).find("own_history (its wallet is unknown") != std::string::npos);
    CHECK(to_text(story, language::zh).find("未知其采购总额") != std::string::npos);
    REQUIRE_FALSE(story.present.empty());
    CHECK(story.present.front().verdict == verdict::unknown);
}

TEST_CASE("every kind of fact has a title in both languages", "[engine][explain]") {
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        CAPTURE(name_of(kind));
        CHECK_FALSE(title_of(kind, false).empty());
        CHECK(tests::has_chinese(title_of(kind, true)));
        CHECK(title_of(kind, false) != title_of(kind, true));
    }
}

TEST_CASE("a long story shows the latest facts and says how many it left out", "[engine][explain]") {
    auto const book = eventful();
    auto const story = book.explain("C1").value();
    auto const en = to_text(story, language::en);
    CHECK(en.find("... " + std::to_string(story.facts.size() - 12) + " earlier ones left out") != std::string::npos);
}

TEST_CASE("facts of a later issue are kept and told", "[engine][explain]") {
    engine book;
    tell(book, enrolled(on(2024, 1, 1)));
    auto gift = fact_at<gift_registered>(on(2024, 1, 9));
    gift.amount = yuan(88);
    gift.kind = "tea";
    tell(book, gift);
    auto survey = fact_at<survey_answered>(on(2024, 1, 9));
    survey.aspect = "delivery";
    tell(book, survey);
    auto const story = book.explain("C1").value();
    REQUIRE(story.facts.size() == 3);
    CHECK(story.facts[1].details == "amount=88.00 CNY kind=tea");
    CHECK(story.facts[2].details == "aspect=delivery perceived=0 expected=0");
}
