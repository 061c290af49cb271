#include <patron/insight/baseline_detectors.hpp>
#include <patron/insight/evaluation.hpp>

#include "streams.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;
using namespace streams;
using Catch::Matchers::WithinAbs;

namespace {

/// Customers who buy at random gaps about their own mean, and of whom some stop.
purchase_stream random_book(unsigned seed, int customers) {
    std::mt19937 random{seed};
    std::vector<std::vector<int>> all;
    for (int i = 0; i < customers; ++i) {
        auto const gap = 5 + static_cast<int>(random() % 60);
        auto const stops = static_cast<int>(random() % 900);
        std::vector<int> days;
        for (int on = static_cast<int>(random() % 200); on < std::min(stops, 700);
             on += 1 + static_cast<int>(random() % static_cast<unsigned>(2 * gap))) {
            days.push_back(on);
        }
        all.push_back(days);
    }
    return stream_of(all);
}

/// Pairs compared one by one.
double slow_area(std::vector<double> const& risks, std::vector<bool> const& lost) {
    double won = 0, pairs = 0;
    for (std::size_t i = 0; i < risks.size(); ++i) {
        for (std::size_t j = 0; j < risks.size(); ++j) {
            if (!lost[i] || lost[j]) continue;
            ++pairs;
            won += risks[i] > risks[j] ? 1 : risks[i] == risks[j] ? 0.5 : 0;
        }
    }
    return won / pairs;
}

/// Knows everything that will be, and tells the truth.
class oracle {
public:
    explicit oracle(purchase_stream const& all) : all_{&all} {}
    void bought(std::uint32_t, purchase_day const&) {}
    void month_ended(day) {}
    void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
        for (std::size_t i = 0; i < of.size(); ++i) {
            auto const came_back = [&](auto const& p) {
                return p.customer == of[i] && p.bought.on > at && p.bought.on <= at + std::chrono::days{91};
            };
            out[i] = std::any_of(all_->purchases().begin(), all_->purchases().end(), came_back) ? 0 : 1;
        }
    }

private:
    purchase_stream const* all_;
};

/// Takes a figure of the whole data, as scaling by its mean would, before the first month ends.
class scaled_by_all {
public:
    explicit scaled_by_all(purchase_stream const& all) : seen_(all.purchases().size()) {}
    void bought(std::uint32_t, purchase_day const&) {}
    void month_ended(day) {}
    void risks(day, std::span<std::uint32_t const> of, std::span<double> out) const {
        for (std::size_t i = 0; i < of.size(); ++i) out[i] = static_cast<double>(seen_);
    }

private:
    std::size_t seen_;
};

/// Keeps every call that it gets.
struct recorder {
    std::vector<std::string> calls;
    void bought(std::uint32_t customer, purchase_day const& p) {
        calls.push_back(std::to_string(customer) + " " + to_string(p.on));
    }
    void month_ended(day at) { calls.push_back("end " + to_string(at)); }
    void risks(day, std::span<std::uint32_t const>, std::span<double> out) const { std::ranges::fill(out, 0.5); }
};

}  // namespace

TEST_CASE("a detector hears of each purchase by its day, and of each month's end after it", "[insight][evaluation]") {
    auto const stream = stream_of({{0, 40}, {31}, {70}});
    recorder detector;
    std::vector<day> const ends{day{2025y / 2 / 28}};
    auto const scores = scores_of(detector, stream, ends, {.least_purchases = 1});
    REQUIRE(detector.calls == std::vector<std::string>{"0 2025-01-01", "end 2025-01-31", "1 2025-02-01", "0 2025-02-10",
                                                       "end 2025-02-28"});
    REQUIRE(scores.size() == 1);
    REQUIRE(scores[0].customers == std::vector<std::uint32_t>{0, 1});
    REQUIRE(scores[0].silent_days == std::vector<std::int32_t>{18, 27});
}

TEST_CASE("lost is who does not buy until the last day of the horizon", "[insight][evaluation]") {
    auto const end = static_cast<int>((day{2025y / 3 / 31} - start).count());
    auto const stream = stream_of({{0, end, end + 91}, {0, end, end + 92}, {0, end}, {0, end, end + 1}, {end}, {0, 1}});
    recorder detector;
    std::vector<day> const ends{day{2025y / 3 / 31}};
    auto const scores = scores_of(detector, stream, ends, {.active_within_days = 88});
    // the fifth bought once; the last was silent for 88 days
    auto const at = [&](std::size_t position) {
        auto const number = std::ranges::find(stream.positions(), position) - stream.positions().begin();
        return std::ranges::find(scores[0].customers, static_cast<std::uint32_t>(number)) - scores[0].customers.begin();
    };
    REQUIRE(scores[0].customers.size() == 4);
    REQUIRE(!scores[0].lost[static_cast<std::size_t>(at(0))]);
    REQUIRE(scores[0].lost[static_cast<std::size_t>(at(1))]);
    REQUIRE(scores[0].lost[static_cast<std::size_t>(at(2))]);
    REQUIRE(!scores[0].lost[static_cast<std::size_t>(at(3))]);
}

TEST_CASE("the area under the curve is what comparing each pair gives", "[insight][evaluation]") {
    std::mt19937 random{7};
    for (int round = 0; round < 50; ++round) {
        std::vector<double> risks;
        std::vector<bool> lost;
        for (int i = 0; i < 60; ++i) {
            risks.push_back(static_cast<double>(random() % (round % 2 == 0 ? 7 : 1'000)));
            lost.push_back(random() % 3 == 0);
        }
        lost[0] = true;
        lost[1] = false;
        REQUIRE_THAT(area_under_curve(risks, lost).value(), WithinAbs(slow_area(risks, lost), 1e-12));
    }
    REQUIRE(!area_under_curve(std::vector{1.0, 2.0}, {true, true}));
    REQUIRE(!area_under_curve({}, {}));
}

TEST_CASE("a detector that answers with no number ranks those last, and ends", "[insight][evaluation]") {
    auto const nan = std::nan("");
    CHECK(area_under_curve(std::vector{0.1, nan, 0.3}, {false, false, true}).value() == 1);
    CHECK(area_under_curve(std::vector{nan, nan}, {false, true}).value() == 0.5);
    CHECK(precision_at(0.5, std::vector{nan, 0.2, 0.1, nan}, {false, true, true, false}).value() == 1);
}

TEST_CASE("days that end no month, or lie before all purchases, have no scores", "[insight][evaluation]") {
    auto const stream = stream_of({{0, 20}, {31, 40}});
    recorder detector;
    std::vector<day> const ends{day{2024y / 12 / 31}, day{2025y / 1 / 30}, day{2025y / 1 / 31}, day{2025y / 2 / 3}};
    auto const scores = scores_of(detector, stream, ends);
    REQUIRE(scores.size() == 1);
    REQUIRE(scores.front().at == day{2025y / 1 / 31});
    REQUIRE(detector.calls.back() == "end 2025-01-31");
}

TEST_CASE("precision at a cut counts those that are equal there by expectation", "[insight][evaluation]") {
    std::vector<bool> const lost{true, false, true, false, true, false, false, false, false, false, true};
    std::vector<double> const risks{9, 8, 7, 7, 7, 1, 1, 1, 1, 1, 1};
    REQUIRE(precision_at(0.1, risks, lost).value() == 0.5);  // 2 of 11: 9 and 8
    REQUIRE_THAT(precision_at(0.3, risks, lost).value(), WithinAbs((1 + 2 * 2.0 / 3) / 4, 1e-12));
    REQUIRE_THAT(precision_at(1, risks, lost).value(), WithinAbs(4.0 / 11, 1e-12));
    REQUIRE(precision_at(0.1, std::vector<double>(30, 1.0), std::vector<bool>(30, true)).value() == 1);
    REQUIRE(!precision_at(0.1, {}, {}));
}

TEST_CASE("month ends are those whose horizon is over", "[insight][evaluation]") {
    auto const stream = stream_of({{0, 364}});
    auto const known_until = after(364);  // 2025-12-31
    auto const ends = month_ends(stream, known_until, {}).value();
    REQUIRE(ends == std::vector<day>{day{2025y / 8 / 31}, day{2025y / 9 / 30}});
    REQUIRE(month_ends(stream, after(362), {}).value() == std::vector<day>{day{2025y / 8 / 31}});
    auto const asked = month_ends(stream, known_until, {.from = day{2025y / 2 / 28}, .until = day{2025y / 4 / 29}});
    REQUIRE(asked.value() == std::vector<day>{day{2025y / 2 / 28}, day{2025y / 3 / 31}});
    REQUIRE(month_ends(stream, known_until, {.from = day{1990y / 1 / 1}, .until = after(40)}).value() ==
            std::vector<day>{day{2025y / 1 / 31}});

    REQUIRE(month_ends(stream, after(200), {}).error().code == errc::missing_field);
    REQUIRE(month_ends({}, known_until, {}).error().saw == "no purchase");
    REQUIRE(month_ends(stream, known_until, {.horizon_days = 0}).error().field == "horizon");
    REQUIRE(month_ends(stream, known_until, {.active_within_days = 0}).error().field == "active_within");
    REQUIRE(month_ends(stream, known_until, {.least_purchases = 0}).error().field == "min_orders");
    REQUIRE(month_ends(stream, known_until, {.alert_budget = 0}).error().field == "alert_budget");
    REQUIRE(month_ends(stream, known_until, {.alert_budget = NAN}).error().field == "alert_budget");
}

TEST_CASE("whoever knows the future ranks without a fault, and is found out", "[insight][evaluation]") {
    auto const book = random_book(3, 80);
    evaluation_protocol const protocol{};
    auto const ends = month_ends(book, book.last(), protocol).value();
    oracle knows{book};
    auto const figures = figures_of(scores_of(knows, book, ends, protocol), book, protocol);
    REQUIRE(figures.mean.auc.value() == 1);

    auto const leaked = find_leak([](auto const& all) { return oracle{all}; }, book, ends, protocol);
    REQUIRE(leaked);
    REQUIRE(leaked->at == ends.front());
    REQUIRE(leaked->with_future != leaked->without_future);
    REQUIRE(find_leak([](auto const& all) { return scaled_by_all{all}; }, book, ends, protocol));
}

TEST_CASE("no detector of ours looks into the future", "[insight][evaluation]") {
    evaluation_protocol const protocol{.horizon_days = 60, .active_within_days = 120};
    for (unsigned seed = 1; seed <= 5; ++seed) {
        auto const book = random_book(seed, 60);
        auto const ends = month_ends(book, book.last(), protocol).value();
        auto const clean = [&](auto const& make) { return !find_leak(make, book, ends, protocol); };
        CHECK(clean([](auto const&) { return recency_detector{}; }));
        CHECK(clean([](auto const&) { return gap_ratio_detector{}; }));
        CHECK(clean([](auto const&) { return decayed_count_detector{}; }));
        CHECK(clean([](auto const&) { return bg_nbd_detector{60}; }));
    }
}

TEST_CASE("alerts are counted once they are of the last purchase", "[insight][evaluation]") {
    // ends: 01-31, 02-28, 03-31, 04-30; the one customer alerted each month is the first by number where risks are equal
    auto const stream = stream_of({{0, 20, 25}, {1, 50, 80, 110, 140, 170, 200}});
    evaluation_protocol const protocol{
        .horizon_days = 60, .alert_budget = 0.5, .from = day{2025y / 1 / 31}, .until = day{2025y / 4 / 30}};
    auto const ends = month_ends(stream, after(220), protocol).value();
    REQUIRE(ends.size() == 4);
    recorder always;
    auto const scores = scores_of(always, stream, ends, protocol);
    auto const alerts = figures_of(scores, stream, protocol).alerts;
    REQUIRE(alerts.alerts == 4);  // of one scored in January, half of one rounded up
    REQUIRE(alerts.false_share.value() == 0);
    REQUIRE(alerts.false_alarm_rate.value() == 0);
    REQUIRE(alerts.churners == 1);
    REQUIRE(alerts.caught.value() == 1);
    REQUIRE(alerts.median_delay_days.value() == 5);   // 01-26 to 01-31
    REQUIRE(alerts.median_lead_days.value() == 177);  // before 182 days of silence
}

TEST_CASE("calibration sets mean risks against what came, and is left out where risks are no chances",
          "[insight][evaluation]") {
    scored_month_end end{.at = day{2025y / 1 / 31},
                         .customers = {0, 1, 2, 3},
                         .risks = {0.02, 0.04, 1.0, 0.95},
                         .lost = {false, true, true, true},
                         .silent_days = {1, 1, 1, 1}};
    auto const stream = stream_of({{0}, {0}, {0}, {0}});
    auto const bins = figures_of(std::span{&end, 1}, stream, {}).calibration;
    REQUIRE(bins[0].customers == 2);
    REQUIRE_THAT(bins[0].mean_risk, WithinAbs(0.03, 1e-12));
    REQUIRE(bins[0].lost == 0.5);
    REQUIRE(bins[9].customers == 2);
    REQUIRE(bins[9].lost == 1);
    REQUIRE(bins[5].customers == 0);
    end.risks[0] = 17;
    REQUIRE(figures_of(std::span{&end, 1}, stream, {}).calibration[0].customers == 0);
}

TEST_CASE("month ends without anybody to score have no figures and do not count", "[insight][evaluation]") {
    auto const stream = stream_of({{0, 10}, {0, 12, 200}, {400}});
    evaluation_protocol const protocol{
        .horizon_days = 30, .active_within_days = 40, .from = day{2025y / 1 / 31}, .until = day{2025y / 6 / 30}};
    auto const ends = month_ends(stream, after(400), protocol).value();
    recency_detector detector;
    auto const figures = figures_of(scores_of(detector, stream, ends, protocol), stream, protocol);
    REQUIRE(figures.ends.size() == 6);
    REQUIRE(figures.ends[0].customers == 2);
    REQUIRE(!figures.ends[0].auc);  // all were lost
    REQUIRE(figures.ends[0].precision_at_10.value() == 1);
    REQUIRE(!figures.ends[3].precision_at_10);
    REQUIRE(figures.mean.base_rate == 1);
    REQUIRE(!figures.mean.auc);
}
