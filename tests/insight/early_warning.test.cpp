#include <patron/insight/early_warning.hpp>

#include "simulated_book.hpp"

#include <patron/insight/impl/ridge_logit.hpp>
#include <patron/insight/impl/risk_blend.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <cmath>
#include <numeric>

using namespace models;
using Catch::Approx;

static_assert(risk_detector<early_warning>);

namespace {

constexpr auto usd = currency::literal("USD");

day on(int number) { return day{std::chrono::days{number}}; }
purchase_day buying(int number) { return {.on = on(number), .amount = money{10'00, usd}}; }

std::vector<double> risks_at(early_warning const& by, day at) {
    std::vector<std::uint32_t> of(by.memory().customers.size());
    std::iota(of.begin(), of.end(), 0U);
    std::vector<double> out(of.size(), -1);
    by.risks(at, of, out);
    return out;
}

bool all_are_chances(std::vector<double> const& risks) {
    return std::all_of(risks.begin(), risks.end(), [](double r) { return r >= 0 && r <= 1; });
}

constexpr day late{std::chrono::year{2022} / 3 / 31};

}  // namespace

TEST_CASE("without labels the risk rises with the silence", "[insight][early_warning]") {
    early_warning detector{{.trained = false}};
    // ten customers of one rhythm, who stopped one after the other
    std::vector<told> all;
    for (std::uint32_t c = 0; c < 10; ++c) {
        for (int i = 0; i < 6; ++i) { all.push_back({c, buying(19'000 + static_cast<int>(c) * 8 + 20 * i)}); }
    }
    std::stable_sort(all.begin(), all.end(), [](auto const& l, auto const& r) { return l.what.on < r.what.on; });
    for (auto const& one : all) detector.bought(one.customer, one.what);
    auto const at = on(19'180);
    detector.month_ended(at);
    CHECK_FALSE(detector.model().trained());
    auto const risks = risks_at(detector, at);
    REQUIRE(all_are_chances(risks));
    for (std::size_t c = 1; c < risks.size(); ++c) CHECK(risks[c] < risks[c - 1]);
    // and each one's from day to day
    auto before = 0.0;
    for (int d = 0; d < 40; ++d) {
        auto const risk = detector.explain(at + std::chrono::days{d}, 9).risk;
        CHECK(risk > before);
        before = risk;
    }
}

TEST_CASE("a book is learnt from once labels of both kinds have come", "[insight][early_warning]") {
    auto const purchases = simulated_book{}.purchases();
    early_warning detector;
    early_warning untrained{{.trained = false}};
    std::vector<std::uint32_t> months;
    tell(detector, purchases, late, [&](day at) {
        months.push_back(detector.model().months);
        auto const& model = detector.model();
        CHECK(model.trained() == (std::min(model.silent, model.ordered) >= 20));
        auto const sum = std::accumulate(model.weights.begin(), model.weights.end(), 0.0);
        CHECK(sum == Approx(1));
        CHECK(all_are_chances(risks_at(detector, at)));
    });
    tell(untrained, purchases, late);
    // the first month end that is learnt from is March 2021, 60 days after the first purchase; 91 days later comes the end
    // of June
    CHECK(std::vector(months.begin(), months.begin() + 5) == std::vector<std::uint32_t>(5, 0));
    CHECK(months.back() == 9);  // March to November: 91 days after the end of December is the first of April
    CHECK_FALSE(untrained.model().trained());
    CHECK(untrained.memory().months.empty());
    CHECK(risks_at(detector, late) != risks_at(untrained, late));
    CHECK(detector.model().made_on == late);
    CHECK(detector.model().version == risk_model::current_version);
}

TEST_CASE("a risk does not depend on what is bought later", "[insight][early_warning]") {
    auto const purchases = simulated_book{}.purchases();
    auto const end = day{std::chrono::year{2021} / 12 / 31};
    // nobody buys any more, everybody buys each day, or as it was: at the end of the year all risks are the same
    auto changed = purchases;
    std::erase_if(changed, [&](auto const& one) { return one.what.on > end; });
    auto busy = changed;
    for (int d = 1; d <= 90; ++d) {
        for (std::uint32_t c = 0; c < 100; ++c)
            busy.push_back({c, {.on = end + std::chrono::days{d}, .amount = money{1, usd}}});
    }
    std::map<day, std::vector<double>> as_it_was;
    early_warning first;
    tell(first, purchases, late, [&](day at) { as_it_was[at] = risks_at(first, at); });
    for (auto const& other : {changed, busy}) {
        early_warning detector;
        tell(detector, other, late, [&](day at) {
            if (at <= end) {
                CHECK(risks_at(detector, at) == as_it_was.at(at));
            } else {
                CHECK(risks_at(detector, at) != as_it_was.at(at));
            }
        });
    }
}

TEST_CASE("labels are those of the horizon to the day", "[insight][early_warning]") {
    // 30-day horizon after 19'100: customer 0 buys on its last day, 1 one day later, 2 never, 3 on both
    early_warning detector{{.horizon_days = 30}};
    for (int d : {19'000, 19'040, 19'090}) {
        for (std::uint32_t c = 0; c < 4; ++c) detector.bought(c, buying(d));
    }
    detector.month_ended(on(19'100));
    detector.bought(0, buying(19'130));
    detector.bought(3, buying(19'130));
    CHECK(detector.memory().labelled == 0);
    detector.bought(1, buying(19'131));
    detector.bought(3, buying(19'131));
    CHECK(detector.memory().labelled == 1);
    CHECK(detector.memory().months.at(0).silent == std::vector<std::uint8_t>{0, 1, 1, 0});

    early_warning quiet{{.horizon_days = 30}};
    for (int d : {19'000, 19'040, 19'090}) quiet.bought(0, buying(d));
    quiet.month_ended(on(19'100));
    quiet.month_ended(on(19'129));
    CHECK(quiet.memory().labelled == 0);
    quiet.month_ended(on(19'130));
    CHECK(quiet.memory().labelled == 1);
}

TEST_CASE("detectors that were told the same are equal, and one goes on where another stood",
          "[insight][early_warning]") {
    auto const purchases = simulated_book{.customers = 120}.purchases();
    early_warning one, other;
    tell(one, purchases, late);
    tell(other, purchases, late);
    CHECK(one == other);

    // restored at any point between, a detector ends like one that was told all
    early_warning half;
    auto month = period{purchases.front().what.on};
    for (auto const& p : purchases) {
        for (; month.last() < p.what.on; month = month + 1) half.month_ended(month.last());
        if (p.what.on > late) break;
        half.bought(p.customer, p.what);
        if (&p - purchases.data() == 700) half = early_warning{early_warning_memory{half.memory()}};
    }
    for (; month.last() <= late; month = month + 1) half.month_ended(month.last());
    CHECK(half == one);

    one.bought(0, {.on = late + std::chrono::days{1}, .amount = money{1, usd}});
    CHECK_FALSE(one == other);
}

TEST_CASE("the kept model and a customer's statistics give the detector's risk, with its reasons",
          "[insight][early_warning]") {
    early_warning detector;
    tell(detector, simulated_book{}.purchases(), late);
    REQUIRE(detector.model().trained());
    risk_model const kept = detector.model();
    auto const risks = risks_at(detector, late);
    int candidates = 0;
    for (std::uint32_t c = 0; c < risks.size(); ++c) {
        auto const why = explain_risk(kept, detector.memory().customers[c], late);
        CHECK(why.risk == Approx(risks[c]).margin(1e-12));
        auto const told = detector.explain(late, c);
        CHECK((told.risk == why.risk && told.contributions == why.contributions));
        if (!why.candidate) continue;
        ++candidates;
        double sum = why.baseline;
        for (std::size_t i = 0; i < why.contributions.size(); ++i) {
            sum += why.contributions[i].log_odds;
            if (i > 0) {
                CHECK(std::abs(why.contributions[i].log_odds) <= std::abs(why.contributions[i - 1].log_odds));
            }
        }
        CHECK(1 / (1 + std::exp(-sum)) == Approx(risks[c]).margin(1e-9));
    }
    CHECK(candidates > 50);
    CHECK(candidates == static_cast<int>(kept.candidates));
}

TEST_CASE("books of few, of one and of nobody have risks", "[insight][early_warning]") {
    auto const customers = GENERATE(0, 1, 2, 5, 20);
    auto const horizon = GENERATE(7, 91, 365);
    early_warning detector{{.horizon_days = horizon}};
    auto const purchases = simulated_book{.customers = customers, .seed = 5}.purchases();
    CAPTURE(customers, horizon);
    tell(detector, purchases, late, [&](day at) { CHECK(all_are_chances(risks_at(detector, at))); });
    if (customers == 0) detector.month_ended(late);
    CHECK(detector.memory().customers.size() == static_cast<std::size_t>(customers));
    std::vector<double> out(2, -1);
    detector.risks(late, std::array{0U, 4'000'000'000U}, out);
    CHECK((out[0] >= 0 && out[0] <= 1));
    CHECK(out[1] == 1);  // nobody of that number has bought
    CHECK_FALSE(detector.explain(late, 4'000'000'000U).candidate);
}

TEST_CASE("customers who bought once only have BG/NBD's risk, with a fit or without", "[insight][early_warning]") {
    early_warning detector;
    for (std::uint32_t c = 0; c < 5; ++c) detector.bought(c, buying(19'000 + static_cast<int>(c)));
    detector.month_ended(on(19'080));  // no repeat purchase: no fit, no candidate
    CHECK(detector.model().candidates == 0);
    auto const start = detector.model().purchases();
    CHECK(risks_at(detector, on(19'080))[0] ==
          Approx(p_no_purchase(start, {.x = 0, .t_x = 0, .T = 80.0 / 7}, 13)).margin(1e-9));
    detector.bought(0, buying(19'090));
    detector.month_ended(on(19'110));
    CHECK(detector.model().candidates == 1);
    CHECK(detector.model().r != start.r);
    CHECK(risks_at(detector, on(19'110))[1] ==
          Approx(p_no_purchase(detector.model().purchases(), {.x = 0, .t_x = 0, .T = 109.0 / 7}, 13)).margin(1e-9));
}

TEST_CASE("with one kind of label nothing is trained", "[insight][early_warning]") {
    // thirty customers, each every ten days, for two years: nobody is ever silent for 91 days
    early_warning detector;
    for (int d = 0; d < 720; ++d) {
        for (std::uint32_t c = 0; c < 30; ++c) {
            if ((d + static_cast<int>(c)) % 10 == 0 || (d == static_cast<int>(c)))
                detector.bought(c, buying(19'000 + d));
        }
        if (d % 30 == 29) detector.month_ended(on(19'000 + d));
    }
    CHECK(detector.model().ordered > 400);
    CHECK(detector.model().silent == 0);
    CHECK_FALSE(detector.model().trained());
    CHECK(detector.model().weights == std::array<double, 4>{0, 0, 0, 1});
    CHECK(all_are_chances(risks_at(detector, on(19'719))));
}

TEST_CASE("training looks at the latest months, and at candidates spread over the book", "[insight][early_warning]") {
    early_warning detector{{.most_months = 4, .most_rows = 40}};
    tell(detector, simulated_book{}.purchases(), late);
    auto const& months = detector.memory().months;
    CHECK(detector.memory().labelled == 4);
    CHECK(months.size() == 4 + 4);  // and those from December on, which wait for their labels
    CHECK(detector.model().months == 4);
    for (auto const& month : months) {
        CHECK(month.customers.size() == 40);
        CHECK(std::is_sorted(month.customers.begin(), month.customers.end()));
        CHECK(month.customers.back() > 100);
        CHECK(month.features.size() == 40 * risk_feature_count);
    }
    CHECK(detector.model().candidates > 80);
    // a kept row has the features of its customer on that day
    auto const& last = months.back();
    REQUIRE(last.at == late);
    for (std::size_t row : {0U, 17U, 39U}) {
        auto const values = features_of(detector.model(), detector.memory().customers[last.customers[row]], late);
        for (std::size_t f = 0; f < values.size(); ++f) {
            CHECK(last.feature(f)[row] == Approx(values[f]).margin(1e-12));
        }
    }
}

TEST_CASE("a regression with a ridge is at the maximum of its likelihood", "[insight][early_warning]") {
    // two months of 90 and 70 customers, labels that hang on the first and on the bend of the second
    draws from{3};
    std::vector<training_month> months(2);
    for (std::size_t m = 0; m < 2; ++m) {
        auto const rows = m == 0 ? 190U : 170U;  // more than one block
        months[m].customers.resize(rows);
        months[m].features.resize(rows * risk_feature_count);
        for (std::size_t i = 0; i < rows; ++i) {
            auto const x = 3 * from.uniform();
            auto const z = from.uniform() - 0.5;
            months[m].features[i] = x;
            months[m].features[rows + i] = z;
            auto const p = 1 / (1 + std::exp(-(1.5 * x - 3 + 4 * std::max(z, 0.0) + (m == 0 ? -0.5 : 0.5))));
            months[m].silent.push_back(from.uniform() < p ? 1 : 0);
        }
    }
    insight::detail::feature_ranges ranges{};
    ranges[0] = {.low = 0, .high = 3, .knots = {3, 3}};
    ranges[1] = {.low = -.5, .high = .5, .knots = {0, .5}};
    std::vector<insight::detail::design_term> const design{{0, {}, 3}, {1, {}, 5}, {1, 0, 7}};
    auto const fit = insight::detail::ridge_logit{months, ranges, design}.fit();
    REQUIRE(fit);
    CHECK(fit->effects[0].slope > 1);
    CHECK(fit->effects[1].hinges[0] > 1);
    CHECK(fit->effects[1].hinges[1] == 0);

    // the penalised likelihood, written down; the month effects are found again beside it by bisection
    double mean[3]{}, square[3]{}, n = 0;
    auto const column = [&](training_month const& month, std::size_t i, int t) {
        auto const rows = month.customers.size();
        return t == 0 ? month.features[i] : t == 1 ? month.features[rows + i] : std::max(month.features[rows + i], 0.0);
    };
    for (auto const& month : months) {
        for (std::size_t i = 0; i < month.customers.size(); ++i, ++n) {
            for (int t = 0; t < 3; ++t) {
                mean[t] += column(month, i, t);
                square[t] += column(month, i, t) * column(month, i, t);
            }
        }
    }
    double deviation[3];
    for (int t = 0; t < 3; ++t) {
        mean[t] /= n;
        deviation[t] = std::sqrt(square[t] / n - mean[t] * mean[t]);
    }
    std::array<double, 3> const slopes{fit->effects[0].slope, fit->effects[1].slope, fit->effects[1].hinges[0]};
    auto const score = [&](training_month const& month, std::size_t i) {
        double sum = 0;
        for (int t = 0; t < 3; ++t) sum += slopes[static_cast<std::size_t>(t)] * (column(month, i, t) - mean[t]);
        return sum;
    };
    // intercept c, months u and v: at the maximum 30 u = sum of rests in the first, 30 v in the second, and u + v = 1e-6 c / 30
    auto const rests = [&](training_month const& month, double level) {
        double sum = 0;
        for (std::size_t i = 0; i < month.customers.size(); ++i) {
            sum += month.silent[i] - 1 / (1 + std::exp(-level - score(month, i)));
        }
        return sum;
    };
    auto const level_of = [&](training_month const& month, double c) {  // c + u with 30 u = rests
        double low = -20, high = 20;
        for (int k = 0; k < 80; ++k) {
            auto const middle = (low + high) / 2;
            (30 * (middle - c) < rests(month, middle) ? low : high) = middle;
        }
        return low;
    };
    double low = -20, high = 20;
    for (int k = 0; k < 80; ++k) {
        auto const c = (low + high) / 2;
        (level_of(months[0], c) - c + level_of(months[1], c) - c > 1e-6 * c / 30 ? low : high) = c;
    }
    std::array<double, 2> const levels{level_of(months[0], low), level_of(months[1], low)};
    // at the maximum each slope's derivative is zero
    std::array<double, 3> const ridge{3, 5, 7};
    for (int t = 0; t < 3; ++t) {
        auto const k = static_cast<std::size_t>(t);
        double slope = -ridge[k] * slopes[k] * deviation[t];
        for (std::size_t m = 0; m < 2; ++m) {
            for (std::size_t i = 0; i < months[m].customers.size(); ++i) {
                auto const p = 1 / (1 + std::exp(-levels[m] - score(months[m], i)));
                slope += (months[m].silent[i] - p) * (column(months[m], i, t) - mean[t]) / deviation[t];
            }
        }
        CAPTURE(t);
        CHECK(std::abs(slope) < 1e-4);
    }
    // and the intercept has the mean of the months' effects
    auto const middle = (levels[0] + levels[1]) / 2;
    auto intercept = middle;
    for (std::size_t t = 0; t < 3; ++t) intercept -= slopes[t] * mean[t];
    CHECK(fit->intercept == Approx(intercept).margin(1e-4));
}

TEST_CASE("sums of products are the same for every width of vectors", "[insight][early_warning]") {
    constexpr std::size_t columns = 12, rows = 24, stride = 32;
    draws from{4};
    std::vector<double> left(columns * stride), right(columns * stride);
    for (auto& v : left) v = from.uniform();
    for (auto& v : right) v = from.uniform();
    std::vector<double> widest(columns * columns), two(columns * columns);
    insight::detail::rank_update(left.data(), right.data(), columns, rows, stride, widest.data());
    insight::detail::rank_update_by<insight::detail::two_lanes>(left.data(), right.data(), columns, rows, stride,
                                                                two.data());
    for (std::size_t a = 0; a < columns; ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
            double sum = 0;
            for (std::size_t i = 0; i < rows; ++i) sum += left[a * stride + i] * right[b * stride + i];
            CHECK(widest[a * columns + b] == Approx(sum).epsilon(1e-14));
            CHECK(two[a * columns + b] == Approx(sum).epsilon(1e-14));
        }
    }
}

TEST_CASE("components are weighted by how they ranked before", "[insight][early_warning]") {
    // two rows with each label: the additive score ranks them all wrong, silence all right, the others half
    training_month month;
    month.customers = {0, 1, 2, 3};
    month.silent = {1, 1, 0, 0};
    month.scores = {1, 2, 3, 4, /* linear */ 1, 1, 1, 1, /* silence */ 4, 3, 2, 1, /* untrained */ 1, 3, 3, 1};
    std::array<double, risk_component_count> evidence{};
    insight::detail::weigh(month, 30, evidence);
    CHECK(evidence == std::array<double, 4>{0, 1, 2, 1});  // (area - 0) x sqrt 4
    auto const weights = insight::detail::weights_of(evidence, 200);
    auto const sum = 1 + .25 * std::exp(1) + .02 * std::exp(2) + .6 * std::exp(1);
    CHECK(weights[0] == Approx(1 / sum));
    CHECK(weights[2] == Approx(.02 * std::exp(2) / sum));
    month.silent = {1, 1, 1, 1};  // one kind of label says nothing
    auto const before = evidence;
    insight::detail::weigh(month, 30, evidence);
    CHECK(evidence == before);
}
