/// One price for all: order lines against the list, and what customers really pay after rebates (POW-6).
#pragma once
#include <patron/policy/resale.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1::policy {

/// A line of an order beside the list.
struct line_price {
    std::size_t line = 0;  ///< its position in the order, from 0
    std::string product{};
    money price{};                           ///< of one unit, as ordered
    std::optional<money> listed{};           ///< of the day, in the customer's channel and the currency of the line
    patron::verdict verdict = verdict::met;  ///< unknown: there is no list price to compare it with

    friend bool operator==(line_price const&, line_price const&) = default;
};

/// Every line of the order beside the list of its day, in the order of the lines. A dearer line is as little uniform as a
/// cheaper one.
///
/// A line is compared with the price that is stated in its own currency. Where the list has none, one in the currency of
/// the customer, or of the order, is told in the line's by the order's `rate`: the line is at that price when it is what
/// that comes to, rounded down or up to a minor unit. A line in a third currency, one of an order without a rate, and one
/// whose product has no price in any of these currencies, are not compared.
/// Complexity: that of price_list::find for each line.
/// Example: listed at 100.00 CNY, ordered at a rate of 7.13 CNY: 14.02 USD and 14.03 USD are at the list's price.
[[nodiscard]] PATRON_API std::vector<line_price> compare_with_list(order_placed const& order,
                                                                   dealer_market const& market);

/// Whether a line of the order is not at the list's price. Takes no memory.
[[nodiscard]] PATRON_API bool is_off_list(order_placed const& order, dealer_market const& market);

/// Why an order is not at the list's prices: one reason for every line that is not, with both prices in the customer's
/// currency. A line in another names them in that too: "P1 (13.50 USD / 14.03 USD)".
[[nodiscard]] PATRON_API std::vector<reason> off_list_reasons(order_placed const& order, dealer_market const& market);

/// What a customer bought of a product, and the rebates that it earned.
struct net_purchase {
    std::string customer{};
    std::string product{};
    std::string channel{};
    currency in{};
    std::int64_t quantity = 0;  ///< millionths of a unit; above zero
    std::int64_t value = 0;     ///< minor units, at the prices of the orders; never negative
    std::int64_t rebate = 0;    ///< minor units, taken off the value; never negative

    friend bool operator==(net_purchase const&, net_purchase const&) = default;
};

/// An exact price of one unit: `value` for `quantity`.
struct unit_price {
    std::int64_t value = 0;     ///< minor units
    std::int64_t quantity = 1;  ///< millionths of a unit; above zero

    /// In minor units, rounded half to even. Errors: errc::amount_overflow.
    [[nodiscard]] PATRON_API result<std::int64_t> rounded() const;
    /// Exact. Precondition: both quantities are above zero.
    [[nodiscard]] PATRON_API std::strong_ordering operator<=>(unit_price other) const noexcept;
    [[nodiscard]] bool operator==(unit_price other) const noexcept { return (*this <=> other) == 0; }
};

/// How far apart the net prices of a product in a channel lie.
struct price_spread {
    std::string product{};
    std::string channel{};
    currency in{};
    std::size_t customers = 0;
    unit_price lowest{};
    std::string lowest_customer{};  ///< of several, the first by code
    unit_price highest{};
    std::string highest_customer{};  ///< of several, the first by code
    unit_price mean{};               ///< of all units sold, so that a large customer weighs more
    /// What the highest is above the lowest, of the lowest: basis points, rounded half to even. Nothing where the lowest is
    /// zero or below.
    std::optional<std::int64_t> spread_basis_points{};
};

/// The net prices after rebates, by product, channel and currency, in that order. What a customer bought in several
/// purchases counts as one.
///
/// Errors:     errc::out_of_range for a quantity that is not above zero, or a negative amount; errc::amount_overflow.
/// Complexity: n log n in purchases.
/// Example:    A pays 10 000.00 for 100 units, B 9 500.00 for 100 and earns 500.00 of rebate: 100.00 and 90.00, mean 95.00,
///             spread 11.11 %.
[[nodiscard]] PATRON_API result<std::vector<price_spread>> compare_net_prices(std::span<net_purchase const> purchases);

/// One line of CSV for each, with a header line; prices are of one unit, rounded half to even. A spread that there is not
/// is left empty. Errors: errc::amount_overflow for a price of one unit beyond 2^63 - 1 minor units. Source: POW-6.
[[nodiscard]] PATRON_API result<std::string> to_csv(std::span<price_spread const> spreads);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/uniform_price.ipp>
#endif
