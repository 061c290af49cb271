#include <patron/insight/purchase_summary.hpp>

#include "models.hpp"

using namespace models;
using namespace std::chrono_literals;

namespace {
constexpr day start{2024y / 1 / 1};
}

TEST_CASE("a customer's first order day starts the clock and is not counted", "[insight][purchase_summary]") {
    std::vector<day> const days{start, start + std::chrono::days{7}, start + std::chrono::days{21}};
    auto const of = summary_of(days, start + std::chrono::days{70}, time_unit::week);
    REQUIRE(of == purchase_summary{.x = 2, .t_x = 3, .T = 10});
}

TEST_CASE("orders of one day are one purchase, in whatever order they come", "[insight][purchase_summary]") {
    std::vector<day> const days{start + std::chrono::days{9}, start, start + std::chrono::days{9}, start};
    REQUIRE(summary_of(days, start + std::chrono::days{20}, time_unit::day) ==
            purchase_summary{.x = 1, .t_x = 9, .T = 20});
}

TEST_CASE("what comes after the end is left out, and who comes after it altogether", "[insight][purchase_summary]") {
    std::vector<day> const days{start, start + std::chrono::days{40}};
    REQUIRE(summary_of(days, start + std::chrono::days{39}, time_unit::day) ==
            purchase_summary{.x = 0, .t_x = 0, .T = 39});
    REQUIRE_FALSE(summary_of(days, start - std::chrono::days{1}, time_unit::day));
    REQUIRE_FALSE(summary_of({}, start, time_unit::day));
}

TEST_CASE("a single order day, even on the last day, is a customer with no repeat", "[insight][purchase_summary]") {
    std::vector<day> const days{start, start};
    REQUIRE(summary_of(days, start, time_unit::month) == purchase_summary{});
}

TEST_CASE("a month is a twelfth of the mean Gregorian year, and orders far apart count in full",
          "[insight][purchase_summary]") {
    std::vector<day> const days{day{1900y / 1 / 1}, day{2100y / 1 / 1}};
    auto const of = summary_of(days, day{2100y / 1 / 1}, time_unit::month);
    REQUIRE(of->t_x == Catch::Approx(2400).epsilon(1e-5));
    REQUIRE(of->T == of->t_x);
}

TEST_CASE("units are named and found by their names", "[insight][purchase_summary]") {
    for (auto const unit : {time_unit::day, time_unit::week, time_unit::month}) {
        REQUIRE(time_unit_of(name_of(unit)) == unit);
    }
    REQUIRE_FALSE(time_unit_of("year"));
}

namespace {

money yuan(std::int64_t whole) { return {whole * 100, currency::literal("CNY")}; }

}  // namespace

TEST_CASE("what a purchase is worth is the mean of day sums, without the first day", "[insight][purchase_summary]") {
    std::vector<dated_amount> const orders{{start + std::chrono::days{5}, yuan(10)},
                                           {start, yuan(1000)},
                                           {start + std::chrono::days{5}, yuan(20)},
                                           {start + std::chrono::days{9}, yuan(50)},
                                           {start + std::chrono::days{99}, yuan(7)}};
    REQUIRE(spend_of(orders, start + std::chrono::days{50}) == spend_summary{.x = 2, .mean = 40});
    REQUIRE_FALSE(spend_of(orders, start - std::chrono::days{1}));
}

TEST_CASE("a day of samples, or of as much returned, is no purchase with an amount", "[insight][purchase_summary]") {
    std::vector<dated_amount> const orders{{start, yuan(10)},
                                           {start + std::chrono::days{1}, yuan(0)},
                                           {start + std::chrono::days{2}, yuan(30)},
                                           {start + std::chrono::days{2}, yuan(-30)},
                                           {start + std::chrono::days{3}, yuan(8)}};
    REQUIRE(spend_of(orders, start + std::chrono::days{9}) == spend_summary{.x = 1, .mean = 8});
}

TEST_CASE("equal rows are made one, by weight, in an order of their own", "[insight][purchase_summary]") {
    std::vector<purchase_summary> const rows{{1, 2, 9, 1}, {0, 0, 9, 1}, {1, 2, 9, 3}, {1, 1, 9, 1}};
    REQUIRE(deduplicated(rows) == std::vector<purchase_summary>{{0, 0, 9, 1}, {1, 1, 9, 1}, {1, 2, 9, 4}});
    std::vector<spend_summary> const spending{{2, 5, 1}, {0, 0, 1}, {2, 5, 1}};
    REQUIRE(deduplicated(spending) == std::vector<spend_summary>{{2, 5, 2}});
}

TEST_CASE("the published summary of CDNOW's sample comes out of its log", "[insight][purchase_summary]") {
    auto const rows = summaries_of(orders_of(true));
    auto const published = published_sample{}.purchases;
    REQUIRE(rows.size() == published.size());
    std::uint64_t repeats = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        REQUIRE(rows[i].x == published[i].x);
        REQUIRE(std::abs(rows[i].t_x - published[i].t_x) < 0.0051);
        REQUIRE(std::abs(rows[i].T - published[i].T) < 0.0051);
        repeats += rows[i].x;
    }
    REQUIRE(repeats == 2457);  // expected/holdout_cdnow.json, cal_repeat
}
