#include <patron/policy/reason.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace patron;

namespace {

constexpr currency cny = currency::literal("CNY");

}  // namespace

TEST_CASE("numbers are told in their units", "[policy][reason]") {
    auto const saw = [](measure unit, std::int64_t n) { return saw_text({.rule = "x", .unit = unit, .saw = n}, cny); };
    CHECK(saw(measure::share, 625'000) == "62.50 %");
    CHECK(saw(measure::share, 449'999) == "44.99 %");  // cut, so that it never reads as the 45 % that it misses
    CHECK(saw(measure::weight, 1'250) == "1.25");
    CHECK(saw(measure::days, 1) == "1 day");
    CHECK(saw(measure::days, 45) == "45 days");
    CHECK(saw(measure::count, 7) == "7");
    CHECK(saw(measure::percent, 69) == "69 %");
    CHECK(saw(measure::amount, 1'200'00) == "1200.00 CNY");
    CHECK(saw_text({.rule = "x", .unit = measure::share, .saw = std::nullopt}, cny) == "unknown");
    CHECK(saw_text({.rule = "x", .what = "O1"}, cny) == "O1");
    CHECK(threshold_text({.rule = "x", .unit = measure::days, .threshold = 28}, cny) == "28 days");
    CHECK(threshold_text({.rule = "x", .unit = measure::days}, cny).empty());
}

TEST_CASE("what a reason is about is told in the reader's language where it is a code", "[policy][reason]") {
    reason const by_them{.rule = "relationship_ended", .what = "them, moved to Acme"};
    CHECK(sentence(by_them, cny, language::en) == "the relationship was ended: by them, moved to Acme");
    CHECK(sentence(by_them, cny, language::zh) == "关系被终止：由对方，moved to Acme");
    reason const by_us{.rule = "relationship_ended", .what = "us, never paid"};
    CHECK(sentence(by_us, cny, language::en) == "the relationship was ended: by us, never paid");
    reason const reopened{.rule = "relationship_reopened"};
    CHECK(sentence(reopened, cny, language::en) == "the relationship was reopened: no cause given");
    CHECK(sentence(reopened, cny, language::zh) == "关系重新开启：未说明原因");
    reason const breach{.rule = "breach", .unit = measure::count, .saw = 2, .what = "territory"};
    CHECK(sentence(breach, cny, language::zh) == "违反区域规则（2 次报告）");
    reason const unknown{.rule = "share_of_wallet",
                         .unit = measure::share,
                         .threshold = 500'000,
                         .verdict = verdict::unknown,
                         .what = "own_history"};
    CHECK(sentence(unknown, cny, language::en).find("unknown") != std::string::npos);
    CHECK(sentence(unknown, cny, language::en).find("own history") != std::string::npos);
    CHECK(sentence(unknown, cny, language::zh).find("自身历史") != std::string::npos);
    CHECK(sentence({.rule = "no_such_rule"}, cny, language::en) == "no_such_rule");
}
