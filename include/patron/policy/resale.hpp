/// What an observed resale tells: a breach by the dealer, or a dealer who cannot earn (POW-5, POW-9).
#pragma once
#include <patron/customer/price_list.hpp>
#include <patron/customer/records.hpp>
#include <patron/policy/effect.hpp>

#include <boost/container/static_vector.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patron::inline v1::policy {

/// Every number of what is made of an observed resale, with its default.
struct resale_rules {
    /// POW-5: a price may lie so much below the floor and still be no breach, of the floor.
    basis_points tolerance{0};
    /// POW-5: a price that lies by so much or more below the floor is of severity 2, 3, 4 and 5; by less, of 1.
    std::array<basis_points, 4> severity_from{basis_points{200}, basis_points{500}, basis_points{1'000},
                                              basis_points{2'000}};
    int outside_territory = 3;       ///< POW-5: severity of a resale outside of the dealer's territory, 1 … 5
    basis_points least_margin{500};  ///< POW-9: of the resale price; a margin of exactly that is enough
};

/// Errors: errc::out_of_range for a number that no engine could honour, with its name in a rulebook file as the field.
[[nodiscard]] PATRON_API result<void> check(resale_rules const& rules);

/// Where a dealer trades, and by which prices. All of it outlives the value.
struct dealer_market {
    price_list const* prices = nullptr;         ///< null: none are known
    std::string_view channel{};                 ///< empty: not known, so that no list price is
    std::string_view territory{};               ///< empty: not known
    currency in{};                              ///< of the dealer; *own* where it is not known yet
    std::span<dealer_support const> support{};  ///< in the dealer's currency

    /// The list price of the day in the dealer's channel that is stated in the currency; null when none holds.
    [[nodiscard]] list_price const* price_of(std::string_view product, day on, currency stated_in) const {
        return prices == nullptr || channel.empty() ? nullptr : prices->find(product, channel, on, stated_in, in);
    }
    /// The list price of the day whose floor, if it has one, holds for resales in the currency; null when none holds.
    [[nodiscard]] list_price const* floor_of(std::string_view product, day on, currency resold_in) const {
        return prices == nullptr || channel.empty() ? nullptr : prices->find_floor(product, channel, on, resold_in, in);
    }
    /// What the dealer gets for a unit on that day, in minor units.
    [[nodiscard]] std::int64_t support_of(std::string_view product, day on) const noexcept {
        dealer_support const* latest = nullptr;
        for (auto const& s : support) {
            if (s.product != product || s.from > number_of(on)) continue;
            if (latest == nullptr || s.from > latest->from) latest = &s;
        }
        return latest != nullptr && latest->in_force(number_of(on)) ? latest->amount : 0;
    }
};

/// A breach that nobody reported: it was seen.
struct detected_breach {
    breach_rule rule{};
    patron::severity severity{};
    std::string evidence{};  ///< "P1 at 80.00 CNY, floor 100.00 CNY"
    policy::reasons why{};

    friend bool operator==(detected_breach const&, detected_breach const&) = default;
};

/// A resale price below the floor of the day in the dealer's channel. Nothing where no floor is known, or it is in another
/// currency than the price: what is not known is held against nobody.
[[nodiscard]] PATRON_API std::optional<detected_breach> price_breach(resale_observed const& seen,
                                                                     dealer_market const& market,
                                                                     resale_rules const& rules = {});
/// A resale outside of the dealer's own territory. Nothing where either is not known.
[[nodiscard]] PATRON_API std::optional<detected_breach> territory_breach(resale_observed const& seen,
                                                                         dealer_market const& market,
                                                                         resale_rules const& rules = {});

/// One resale can break both rules.
using detected_breaches = boost::container::static_vector<detected_breach, 2>;
/// All that the resale breaks: the price first, then the territory.
[[nodiscard]] PATRON_API detected_breaches detect_breaches(resale_observed const& seen, dealer_market const& market,
                                                           resale_rules const& rules = {});

/// What is left to a dealer of one unit.
struct dealer_margin {
    money margin{};  ///< resale price less supply price, and the support for a unit; negative where it loses
    money least{};   ///< the least that it should be, rounded up
    patron::verdict verdict = patron::verdict::met;  ///< met: it is enough

    friend bool operator==(dealer_margin const&, dealer_margin const&) = default;
};

/// The margin of one unit that is bought at `supply`, resold at `resale` and supported with `support`.
///
/// Errors:  errc::currency_mismatch, errc::amount_overflow.
/// Example: bought at 95.00, resold at 100.00, 0.50 of support: margin 5.50, and 5 % of 100.00 are enough.
[[nodiscard]] PATRON_API result<dealer_margin> margin_of(money resale, money supply, money support,
                                                         resale_rules const& rules = {});

/// The margin that an observation shows, with the dealer's support for a unit. Nothing where no list price of the day is
/// known in the currency of the observation, nor where there is support and the observation is in another currency.
/// Complexity: a look-up of the price; linear in the dealer's supports (POW-9).
[[nodiscard]] PATRON_API std::optional<dealer_margin> observed_margin(resale_observed const& seen,
                                                                      dealer_market const& market,
                                                                      resale_rules const& rules = {});

/// Why the supplier is warned of a margin: what it is, and that it is not held against the dealer.
[[nodiscard]] PATRON_API policy::reasons margin_reasons(dealer_margin const& seen, std::string_view product);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/resale.ipp>
#endif
