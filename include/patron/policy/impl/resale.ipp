#pragma once
#include <patron/policy/impl/resale_numbers.hpp>
#include <patron/policy/resale.hpp>

#include <limits>
#include <utility>

namespace patron::inline v1::policy {

namespace resale_detail {
__extension__ using wide = __int128;
constexpr wide whole = 10'000;

/// An amount as the dealer's market tells it; nothing where digits would be lost.
inline std::optional<money> owned(money amount, currency in) {
    auto const told = amount.owned_as(in);
    if (!told) return std::nullopt;
    return told.value();
}
}  // namespace resale_detail

PATRON_FN result<void> check(resale_rules const& rules) {
    auto const in_range =
        detail::check_numbers(detail::resale_notes, [&](auto const& visit) { detail::each_resale_rule(rules, visit); });
    if (!in_range) return in_range;
    for (std::size_t i = 1; i < rules.severity_from.size(); ++i) {
        if (rules.severity_from[i] > rules.severity_from[i - 1]) continue;
        return error{.code = errc::out_of_range,
                     .field = "breaches.severity_from[" + std::to_string(i) + ']',
                     .saw = detail::number_text(rules.severity_from[i].count(), detail::rule_unit::share),
                     .remedy = "give a share above the one before it"};
    }
    return {};
}

PATRON_FN std::optional<detected_breach> price_breach(resale_observed const& seen, dealer_market const& market,
                                                      resale_rules const& rules) {
    using namespace resale_detail;
    auto const price = owned(seen.price, market.in);
    if (!price) return std::nullopt;
    auto const* listed = market.floor_of(seen.product, seen.at.on(), price->in());
    if (listed == nullptr || !listed->floor) return std::nullopt;
    auto const floor = owned(*listed->floor, market.in);
    if (!floor || price->in() != floor->in()) return std::nullopt;
    if (price->minor_units() >= floor->minor_units()) return std::nullopt;
    auto const shortfall = (wide{floor->minor_units()} - price->minor_units()) * whole;
    auto const reaches = [&](basis_points share) { return shortfall >= wide{floor->minor_units()} * share.count(); };
    if (shortfall <= wide{floor->minor_units()} * rules.tolerance.count()) return std::nullopt;
    int severity = 1;
    for (auto const edge : rules.severity_from) severity += reaches(edge) ? 1 : 0;
    detected_breach found{.rule = breach_rule::price,
                          .severity = severity,
                          .evidence = seen.product + " at " + price->to_string() + ", floor " + floor->to_string(),
                          .why = {}};
    found.why.push_back({.rule = "resale_below_floor",
                         .unit = measure::amount,
                         .saw = price->minor_units(),
                         .threshold = floor->minor_units(),
                         .what = seen.product});
    found.why.push_back({.rule = "breach_severity", .unit = measure::count, .saw = severity});
    return found;
}

PATRON_FN std::optional<detected_breach> territory_breach(resale_observed const& seen, dealer_market const& market,
                                                          resale_rules const& rules) {
    if (!seen.territory || seen.territory->empty() || market.territory.empty()) return std::nullopt;
    if (*seen.territory == market.territory) return std::nullopt;
    detected_breach found{
        .rule = breach_rule::territory,
        .severity = rules.outside_territory,
        .evidence = seen.product + " in " + *seen.territory + ", own territory " + std::string{market.territory},
        .why = {}};
    found.why.push_back({.rule = "resale_outside_territory", .what = found.evidence});
    found.why.push_back({.rule = "breach_severity", .unit = measure::count, .saw = rules.outside_territory});
    return found;
}

PATRON_FN detected_breaches detect_breaches(resale_observed const& seen, dealer_market const& market,
                                            resale_rules const& rules) {
    detected_breaches all;
    if (auto price = price_breach(seen, market, rules)) all.push_back(std::move(*price));
    if (auto territory = territory_breach(seen, market, rules)) all.push_back(std::move(*territory));
    return all;
}

PATRON_FN result<dealer_margin> margin_of(money resale, money supply, money support, resale_rules const& rules) {
    auto const before_support = subtract(resale, supply);
    if (!before_support) return before_support.error();
    auto const margin = add(before_support.value(), support);
    if (!margin) return margin.error();
    auto const least = share_of(resale, rules.least_margin, rounding::up);
    if (!least) return least.error();
    auto const is_enough = margin.value().minor_units() >= least.value().minor_units();
    return dealer_margin{
        .margin = margin.value(), .least = least.value(), .verdict = is_enough ? verdict::met : verdict::not_met};
}

PATRON_FN std::optional<dealer_margin> observed_margin(resale_observed const& seen, dealer_market const& market,
                                                       resale_rules const& rules) {
    using namespace resale_detail;
    auto const resale = owned(seen.price, market.in);
    if (!resale) return std::nullopt;
    auto const* listed = market.price_of(seen.product, seen.at.on(), resale->in());
    if (listed == nullptr) return std::nullopt;
    auto const supply = owned(listed->price, market.in);
    if (!supply) return std::nullopt;
    auto const given = market.support_of(seen.product, seen.at.on());
    if (given != 0 && resale->in() != market.in) return std::nullopt;  // it is in the dealer's currency
    auto const margin = margin_of(*resale, *supply, {given, resale->in()}, rules);
    if (!margin) return std::nullopt;
    return margin.value();
}

PATRON_FN policy::reasons margin_reasons(dealer_margin const& seen, std::string_view product) {
    policy::reasons why;
    why.push_back({.rule = "dealer_margin",
                   .unit = measure::amount,
                   .saw = seen.margin.minor_units(),
                   .threshold = seen.least.minor_units(),
                   .verdict = seen.verdict,
                   .what = std::string{product}});
    why.push_back({.rule = "not_held_against_dealer", .what = std::string{product}});
    return why;
}

}  // namespace patron::v1::policy
