// How far a customer trusts our representatives' judgement (POW-11).
#include <patron/lifecycle/expert_standing.hpp>

#include <catch2/catch_test_macros.hpp>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;
using lifecycle::expert_record;
using lifecycle::expert_standing;

namespace {

kept_advice advice(day d, bool is_taken, advice_result result = advice_result::untold) {
    return {number_of(d), is_taken, result};
}
expert_record record_on(expert_file const& file, day d, lifecycle::lifecycle_rules const& rules = {}) {
    return lifecycle::expert_record_of(file, rules, number_of(d));
}
advice_taken taken(day at, std::string ref, std::optional<std::string> result = {}) {
    auto f = fact_at<advice_taken>(at);
    f.ref = std::move(ref);
    f.by = "Li";
    f.result = std::move(result);
    return f;
}
order_placed left_to_us(day at, std::string number) {
    auto f = order(at, std::move(number), yuan(500));
    f.delegated = true;
    return f;
}

}  // namespace

TEST_CASE("the standing rises with advice that is taken and turns out well, and with orders left to us",
          "[lifecycle][expert]") {
    expert_file file;
    auto const standing = [&] { return record_on(file, on(2025, 6, 30)).standing; };
    CHECK(standing() == expert_standing::unproven);
    file.advice = {advice(on(2025, 1, 5), false)};
    CHECK(standing() == expert_standing::unproven);  // given, and not taken
    file.advice.push_back(advice(on(2025, 1, 20), true));
    CHECK(standing() == expert_standing::heard);
    file.advice.push_back(advice(on(2025, 2, 20), true, advice_result::good));
    CHECK(standing() == expert_standing::trusted);
    file.delegated = {number_of(on(2025, 3, 1))};
    CHECK(standing() == expert_standing::trusted);
    file.delegated.push_back(number_of(on(2025, 4, 1)));
    CHECK(standing() == expert_standing::relied_on);

    // one that turned out poor is made up for by one that turned out well, and no more
    file.advice.push_back(advice(on(2025, 5, 1), true, advice_result::poor));
    CHECK(standing() == expert_standing::relied_on);
    file.advice.push_back(advice(on(2025, 5, 2), true, advice_result::poor));
    CHECK(standing() == expert_standing::heard);
    CHECK(record_on(file, on(2025, 6, 30)) == expert_record{.advice_given = 4,
                                                            .advice_taken = 4,
                                                            .good = 1,
                                                            .poor = 2,
                                                            .orders_delegated = 2,
                                                            .standing = expert_standing::heard});
}

TEST_CASE("who is given much advice and takes little of it does not trust us", "[lifecycle][expert]") {
    expert_file file;
    for (unsigned m = 1; m <= 5; ++m) file.advice.push_back(advice(on(2025, m, 1), false));
    file.advice.push_back(advice(on(2025, 5, 2), true));
    file.advice.push_back(advice(on(2025, 5, 3), true));
    CHECK(record_on(file, on(2025, 5, 31)).standing == expert_standing::heard);  // two of five
    lifecycle::lifecycle_rules rules;
    rules.expert.trusted_from_share = basis_points{4'000};
    CHECK(record_on(file, on(2025, 5, 31), rules).standing == expert_standing::trusted);
    rules.expert.trusted_from_taken = 3;
    CHECK(record_on(file, on(2025, 5, 31), rules).standing == expert_standing::heard);
}

TEST_CASE("trust that is not renewed fades with the window, month by month", "[lifecycle][expert]") {
    expert_file file;
    file.advice = {advice(on(2025, 1, 31), true), advice(on(2025, 2, 1), true)};
    CHECK(record_on(file, on(2025, 1, 31)).standing == expert_standing::heard);  // of the second nothing is known yet
    CHECK(record_on(file, on(2025, 12, 31)).standing == expert_standing::trusted);
    CHECK(record_on(file, on(2026, 1, 1)).standing == expert_standing::heard);
    CHECK(record_on(file, on(2026, 2, 1)).standing == expert_standing::unproven);
}

TEST_CASE("a book tells from facts how far a customer trusts us, and what that opens", "[engine][expert]") {
    engine book;
    tell(book, enrolled(on(2025, 1, 1)), left_to_us(on(2025, 1, 10), "SO-1"));
    auto const story = [&](day d) { return book.explain("C1", d).value(); };
    auto const is_open = [](explanation const& e) {
        return std::any_of(e.next_actions.begin(), e.next_actions.end(),
                           [](auto const& a) { return a.code == "lead_by_advice"; });
    };
    CHECK(story(on(2025, 1, 9)).expert.standing == expert_standing::unproven);
    CHECK(story(on(2025, 1, 10)).expert.standing == expert_standing::heard);
    CHECK_FALSE(is_open(story(on(2025, 1, 10))));
    tell(book, taken(on(2025, 1, 20), "a1", "good"), taken(on(2025, 1, 21), "a2", "sold well"));
    auto trusted = story(on(2025, 1, 31));
    CHECK(trusted.expert.standing == expert_standing::trusted);
    CHECK(trusted.expert.good == 1);
    CHECK(is_open(trusted));
    CHECK(to_text(trusted, language::en)
              .find("Our judgement: trusted (advice given 2, taken 2, good 1, poor 0; "
                    "orders left to us 1)") != std::string::npos);
    CHECK(to_text(trusted, language::zh).find("信任") != std::string::npos);
    tell(book, left_to_us(on(2025, 2, 10), "SO-2"));
    CHECK(story(on(2025, 2, 28)).expert.standing == expert_standing::relied_on);

    // a correction takes it back
    tell(book, correction(on(2025, 3, 1), "a1", "result", "poor"));
    CHECK(story(on(2025, 3, 1)).expert.standing == expert_standing::heard);
    CHECK(book.recount_exposure("C1").value() == book.state_of("C1").value().exposure);
}

TEST_CASE("tables of a rulebook ask about it", "[policy][expert]") {
    auto const* const text = R"({"version": "trust-1", "tables": [
        {"table": "rewards", "kind": "reward", "hits": "collect",
         "inputs": [{"name": "expert_standing", "type": "word", "words": ["unproven", "heard", "trusted", "relied_on"]}],
         "outputs": [{"name": "effect", "type": "word", "words": ["training"]},
                     {"name": "fulfil_within_days", "type": "number", "least": "1"}],
         "rules": [{"rule": "teach_who_listens", "id": "POW-11", "en": "Who listens is taught.", "zh": "培训信任我们的客户。",
                    "when": {"expert_standing": "trusted, relied_on"},
                    "then": {"effect": "training", "fulfil_within_days": "60"}}]}]})";
    auto const rulebook = policy::parse_rulebook(text);
    INFO((rulebook ? std::string{} : rulebook.error().message()));
    REQUIRE(rulebook.has_value());
    engine_options how;
    how.rules = rules_of(rulebook.value()).value();
    auto const trained = [&](bool listens) {
        engine book{how};
        tell(book, enrolled(on(2025, 1, 1)), order(on(2025, 1, 10), "SO-1", yuan(500)),
             order(on(2025, 3, 10), "SO-2", yuan(500)));
        if (listens) tell(book, taken(on(2025, 4, 1), "a1"), taken(on(2025, 4, 2), "a2"));
        tell(book, order(on(2025, 6, 10), "SO-3", yuan(500)));
        book.advance_to(on(2025, 6, 30));
        auto const row = book.find("C1").value();
        return std::any_of(row.open_effects.begin(), row.open_effects.end(),
                           [](kept_effect const& e) { return e.code == effect_code::training; });
    };
    CHECK(trained(true));
    CHECK_FALSE(trained(false));
}
