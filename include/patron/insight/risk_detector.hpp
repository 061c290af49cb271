/// What a detector of customers who slip away is (RET-4, FOR-4).
#pragma once
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>

#include <concepts>
#include <cstdint>
#include <span>

namespace patron::inline v1::insight {

/// What a customer bought on one day: several orders of a day are one purchase.
struct purchase_day {
    day on{};
    money amount{};
    std::uint32_t lines = 0;  ///< order lines; 0: not known

    friend bool operator==(purchase_day const&, purchase_day const&) = default;
};

/// Extension point: a detector of customers who will not order within a horizon that it knows.
///
/// Customers are numbered 0, 1, 2, … by their first purchase. `bought` comes once a customer and day, by ascending day
/// over all customers; `month_ended(at)` after all purchases up to `at`, at the end of each calendar month since the
/// first purchase: there it may fit models, and learn from what became of customers by then. `risks(at, of, out)`
/// answers for the latest month that ended: the higher, the more likely no order within the horizon; a chance in 0 … 1
/// where it can, and never NaN. It reads nothing but what it was told, so that the
/// same purchases give the same risks. Check yours with testing::risk_detector_laws, evaluate it with insight::scores_of
/// and figures_of, and look for leaks with insight::find_leak.
template <class D>
concept risk_detector = requires(D& d, D const& c, std::uint32_t customer, purchase_day const& purchase, day at,
                                 std::span<std::uint32_t const> of, std::span<double> out) {
    { d.bought(customer, purchase) } -> std::same_as<void>;
    { d.month_ended(at) } -> std::same_as<void>;
    { c.risks(at, of, out) } -> std::same_as<void>;
};

}  // namespace patron::v1::insight
