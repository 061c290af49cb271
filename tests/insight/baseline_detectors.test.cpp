#include <patron/insight/baseline_detectors.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <array>
#include <cmath>
#include <utility>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;
using Catch::Matchers::WithinRel;

namespace {

constexpr day start{2025y / 1 / 1};
day after(int n) { return start + std::chrono::days{n}; }

template <class D>
std::array<double, 3> risks_of(D detector, int at) {
    for (auto const& [customer, on] : {std::pair{0U, 0}, {1U, 4}, {0U, 10}, {2U, 10}, {1U, 34}, {0U, 30}}) {
        detector.bought(customer, {.on = after(on)});
    }
    detector.month_ended(after(at));
    std::array<double, 3> out{};
    detector.risks(after(at), std::array{0U, 1U, 2U}, out);
    return out;
}

}  // namespace

TEST_CASE("recency is days since the last purchase", "[insight][evaluation]") {
    REQUIRE(risks_of(recency_detector{}, 40) == std::array{10.0, 6.0, 30.0});
}

TEST_CASE("a silence counts in gaps, and over a year where there is none", "[insight][evaluation]") {
    REQUIRE(risks_of(gap_ratio_detector{}, 40) == std::array{10.0 / 15, 6.0 / 30, 30.0 / 365});
}

TEST_CASE("purchases fade by half in 120 days", "[insight][evaluation]") {
    auto const risks = risks_of(decayed_count_detector{}, 130);
    CHECK_THAT(risks[2], WithinRel(-0.5, 1e-12));
    CHECK_THAT(risks[1], WithinRel(-(std::exp2(-126 / 120.0) + std::exp2(-96 / 120.0)), 1e-12));
}

TEST_CASE("BG/NBD is fitted at the month's end, and silence stands in where no fit is possible",
          "[insight][evaluation]") {
    bg_nbd_detector none{60};
    none.bought(0, {.on = after(0)});
    none.month_ended(after(30));
    REQUIRE(!none.model());
    std::array<double, 1> out{};
    none.risks(after(30), std::array{0U}, out);
    REQUIRE(out[0] == 30.0 / 90);

    bg_nbd_detector fitted{60};
    for (std::uint32_t customer = 0; customer < 40; ++customer) {
        auto const gap = 3 + static_cast<int>(customer) % 11;
        for (int on = 0; on < (customer % 3 == 0 ? 40 : 100); on += gap) fitted.bought(customer, {.on = after(on)});
    }
    fitted.month_ended(after(100));
    REQUIRE(fitted.model());
    std::array<double, 2> both{};
    fitted.risks(after(100), std::array{0U, 1U}, both);
    auto const weeks = [](int days) { return days / 7.0; };
    // customer 0 bought each 3rd day until the 39th, customer 1 each 4th until the 96th
    CHECK_THAT(
        both[0],
        WithinRel(p_no_purchase(*fitted.model(), {.x = 13, .t_x = weeks(39), .T = weeks(100)}, weeks(60)), 1e-12));
    CHECK_THAT(
        both[1],
        WithinRel(p_no_purchase(*fitted.model(), {.x = 24, .t_x = weeks(96), .T = weeks(100)}, weeks(60)), 1e-12));
    CHECK(both[0] > both[1]);
}
