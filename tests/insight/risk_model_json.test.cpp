#include <patron/insight/risk_model_json.hpp>

#include <patron/base/id.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

using namespace patron;
using namespace patron::insight;

namespace {

/// Every member other than it is by default, and no number short.
risk_model learnt(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    auto const number = [&] { return std::ldexp(static_cast<double>(random() >> 11) - 0x1p52, -50); };
    auto const positive = [&] { return std::ldexp(static_cast<double>((random() >> 11) + 1), -50); };
    risk_model out{.horizon_days = 7 + static_cast<int>(random() % 359),
                   .made_on = day{std::chrono::days{static_cast<int>(random() % 40'000)}},
                   .r = positive(),
                   .alpha = positive(),
                   .a = positive(),
                   .b = positive(),
                   .candidates = static_cast<std::uint32_t>(random()),
                   .mean_log_gap = number(),
                   .log_gap_variance = positive(),
                   .months = static_cast<std::uint32_t>(random()),
                   .silent = random(),
                   .ordered = random(),
                   .weights = {positive(), positive(), positive(), positive()}};
    out.log_odds.intercept = number();
    for (std::size_t f = 0; f < risk_feature_count; f += 1 + random() % 3) {
        out.log_odds.effects[f] = {.free = number(),
                                   .low = number(),
                                   .high = number(),
                                   .knots = {number(), number()},
                                   .slope = number(),
                                   .hinges = {number(), number()},
                                   .mean = number()};
    }
    return out;
}

std::string with(std::string text, std::string const& was, std::string const& is) {
    auto const at = text.find(was);
    REQUIRE(at != std::string::npos);
    return text.replace(at, was.size(), is);
}

error refused(std::string const& text) {
    auto const read = risk_model_from(text);
    INFO(text);
    REQUIRE_FALSE(read.has_value());
    return read.error();
}

}  // namespace

TEST_CASE("a model comes back from its text to the last bit", "[insight][risk_model_json]") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        auto const model = learnt(seed);
        auto const text = to_json(model);
        INFO(text);
        auto const read = risk_model_from(text);
        REQUIRE(read.has_value());
        REQUIRE(read.value() == model);
        CHECK(to_json(read.value()) == text);
    }
    CHECK(risk_model_from(to_json(risk_model{})).value() == risk_model{});
}

TEST_CASE("a model's text names what it is made of", "[insight][risk_model_json]") {
    risk_model model{.made_on = day{std::chrono::days{20'000}}, .months = 3};
    model.log_odds.effects[static_cast<std::size_t>(risk_feature::year_ago)].slope = -0.5;
    auto const text = to_json(model);
    CHECK(text.find(R"("made_on":"2024-10-04")") != std::string::npos);
    CHECK(text.find(R"("months":3)") != std::string::npos);
    CHECK(text.find(R"("year_ago":{)") != std::string::npos);
    CHECK(text.find("silence_to") == std::string::npos);  // adds nothing
    CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("what is no model is refused, with the member at fault", "[insight][risk_model_json]") {
    auto const text = to_json(learnt(1));
    CHECK(refused("").code == errc::malformed);
    CHECK(refused("[]").code == errc::malformed);
    CHECK(is_clean_utf8(refused("\n\x80\x01").message()));
    CHECK(is_clean_utf8(refused(with(text, R"("made_on":")", "\"made_on\":\"\x7f")).message()));
    CHECK(refused(text.substr(0, text.size() / 2)).code == errc::malformed);

    auto const newer = refused(with(text, R"("version":1)", R"("version":2)"));
    CHECK(newer.code == errc::newer_format);
    CHECK(newer.saw == "2");

    auto const no_alpha = refused(with(text, R"("alpha")", R"("alfa")"));
    CHECK(no_alpha.code == errc::missing_field);
    CHECK(no_alpha.field == "bg_nbd.alpha");

    auto const no_low = refused(with(text, R"("low")", R"("deep")"));
    CHECK(no_low.code == errc::missing_field);
    CHECK(no_low.field == "effects.silence.low");

    auto const wide = refused(with(text, R"("knots":[)", R"("knots":[0,)"));
    CHECK(wide.code == errc::out_of_range);
    CHECK(wide.field == "effects.silence.knots");

    auto const long_horizon = refused(with(text, R"("horizon_days":)", R"("horizon_days":9)"));
    CHECK(long_horizon.code == errc::out_of_range);
    CHECK(long_horizon.field == "horizon_days");

    for (auto const* const not_a_day : {R"("made_on":"x)", R"("made_on":7,"was":")"}) {
        CHECK(refused(with(text, R"("made_on":")", not_a_day)).field == "made_on");
    }
    CHECK(refused(with(text, R"("intercept":)", R"("intercept":1e999,"was":)")).field == "intercept");
    auto const backwards = refused(with(text, R"("log_gap_variance":)", R"("log_gap_variance":-)"));
    CHECK(backwards.field == "log_gap_variance");

    // what a release after this one may add
    CHECK(risk_model_from(with(text, R"("version":1)", R"("version":1,"later":[1,{}])")).value() == learnt(1));
}
