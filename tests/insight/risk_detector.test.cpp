#include <patron/insight/baseline_detectors.hpp>
#include <patron/insight/early_warning.hpp>
#include <patron/insight/risk_detector.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;
using namespace patron::insight;

namespace {

/// The least that a detector is.
struct everyone_at_risk {
    void bought(std::uint32_t, purchase_day const&) {}
    void month_ended(day) {}
    void risks(day, std::span<std::uint32_t const>, std::span<double> out) const {
        for (auto& risk : out) risk = 1;
    }
};
struct asks_for_change : everyone_at_risk {
    void risks(day, std::span<std::uint32_t const>, std::span<double>) {}  // not const: asking may change nothing
};
struct answers_with_a_value : everyone_at_risk {
    bool bought(std::uint32_t, purchase_day const&) { return true; }
};
struct knows_no_months {
    void bought(std::uint32_t, purchase_day const&) {}
    void risks(day, std::span<std::uint32_t const>, std::span<double>) const {}
};

static_assert(risk_detector<everyone_at_risk>);
static_assert(risk_detector<early_warning> && risk_detector<recency_detector> && risk_detector<bg_nbd_detector>);
static_assert(!risk_detector<asks_for_change> && !risk_detector<answers_with_a_value> &&
              !risk_detector<knows_no_months>);
static_assert(!risk_detector<int>);

}  // namespace

TEST_CASE("days of purchases are equal in day, amount and lines", "[insight][risk_detector]") {
    auto const usd = currency::literal("USD");
    purchase_day const one{.on = first_day, .amount = {12'50, usd}, .lines = 2};
    auto other = one;
    CHECK(other == one);
    other.lines = 0;
    CHECK(other != one);
    other = one;
    other.amount = {12'51, usd};
    CHECK(other != one);
}
