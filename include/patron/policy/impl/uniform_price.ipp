#pragma once
#include <patron/base/impl/converted.hpp>
#include <patron/base/impl/csv_cell.hpp>
#include <patron/base/impl/divided.hpp>
#include <patron/policy/uniform_price.hpp>

#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace patron::inline v1::policy {

namespace uniform_price_detail {
__extension__ using wide = __int128;

inline bool fits(wide n) {
    return n <= std::numeric_limits<std::int64_t>::max() && n >= std::numeric_limits<std::int64_t>::min();
}
inline error too_much(std::string_view product) {
    return {.code = errc::amount_overflow,
            .field = "value",
            .saw = std::string{product},
            .remedy = "compare a shorter time: the sums pass what can be told exactly"};
}
struct compared {
    money price{};
    std::optional<money> listed{};  ///< in the currency of the line
    std::optional<money> stated{};  ///< as the list has it
    patron::verdict verdict = patron::verdict::unknown;
};
/// The same amount in another currency, by the rate of the order. Nothing where that is not of these two currencies.
inline std::optional<money> told_in(currency to, money amount, order_placed const& order, currency own,
                                    patron::detail::conversion how = patron::detail::conversion::half_even) {
    if (amount.in() == to) return amount;
    if (!order.rate || order.rate->units() <= 0) return std::nullopt;
    std::optional<std::int64_t> units;
    if (amount.in() == order.amount.in() && to == own) {
        units = patron::detail::converted(amount, *order.rate, to, how);
    } else if (amount.in() == own && to == order.amount.in()) {
        units = patron::detail::converted_back(amount, *order.rate, to, how);
    }
    if (!units) return std::nullopt;
    return money{*units, to};
}
inline compared compare(order_line const& line, order_placed const& order, dealer_market const& market) {
    using enum patron::detail::conversion;
    compared out{.price = line.price};
    if (auto const price = line.price.owned_as(market.in)) out.price = price.value();
    auto const in = out.price.in();
    if (!told_in(market.in, out.price, order, market.in)) return out;
    list_price const* found = nullptr;
    for (auto const stated_in : {in, market.in, order.amount.in()}) {
        if (found == nullptr) found = market.price_of(line.product, order.at.on(), stated_in);
    }
    if (found == nullptr) return out;
    auto const stated = found->price.owned_as(market.in);
    if (!stated) return out;
    auto const least = told_in(in, stated.value(), order, market.in, down);
    auto const most = told_in(in, stated.value(), order, market.in, up);
    if (!least || !most) return out;
    out.stated = stated.value();
    out.listed = told_in(in, stated.value(), order, market.in);
    auto const units = out.price.minor_units();
    // a free line is off the list, however little the list price is in its currency
    auto const free = units == 0 && stated.value().minor_units() > 0;
    auto const listed = least->minor_units() <= units && units <= most->minor_units();
    out.verdict = listed && !free ? verdict::met : verdict::not_met;
    return out;
}
}  // namespace uniform_price_detail

PATRON_FN std::vector<line_price> compare_with_list(order_placed const& order, dealer_market const& market) {
    std::vector<line_price> out;
    out.reserve(order.lines.size());
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        auto const seen = uniform_price_detail::compare(order.lines[i], order, market);
        out.push_back({.line = i,
                       .product = order.lines[i].product,
                       .price = seen.price,
                       .listed = seen.listed,
                       .verdict = seen.verdict});
    }
    return out;
}

PATRON_FN bool is_off_list(order_placed const& order, dealer_market const& market) {
    for (auto const& line : order.lines) {
        if (uniform_price_detail::compare(line, order, market).verdict == verdict::not_met) return true;
    }
    return false;
}

PATRON_FN std::vector<reason> off_list_reasons(order_placed const& order, dealer_market const& market) {
    using uniform_price_detail::told_in;
    std::vector<reason> why;
    for (auto const& line : order.lines) {
        auto const seen = uniform_price_detail::compare(line, order, market);
        if (seen.verdict != verdict::not_met) continue;
        auto const own_units = [&](money amount) -> std::optional<std::int64_t> {
            auto const own = told_in(market.in, amount, order, market.in);
            if (!own) return std::nullopt;
            return own->minor_units();
        };
        auto what = line.product;
        if (seen.price.in() != market.in)
            what += " (" + seen.price.to_string() + " / " + seen.listed->to_string() + ')';
        why.push_back({.rule = "uniform_price",
                       .unit = measure::amount,
                       .saw = own_units(seen.price),
                       .threshold = own_units(*seen.stated),
                       .verdict = seen.verdict,
                       .what = std::move(what)});
    }
    return why;
}

PATRON_FN result<std::int64_t> unit_price::rounded() const {
    using namespace uniform_price_detail;
    auto const units = patron::detail::divided(wide{value} * 1'000'000, quantity, rounding::half_even);
    if (!fits(units)) return too_much({});
    return static_cast<std::int64_t>(units);
}

PATRON_FN std::strong_ordering unit_price::operator<=>(unit_price other) const noexcept {
    using uniform_price_detail::wide;
    auto const mine = wide{value} * other.quantity;
    auto const theirs = wide{other.value} * quantity;
    return mine < theirs   ? std::strong_ordering::less
           : mine > theirs ? std::strong_ordering::greater
                           : std::strong_ordering::equal;
}

PATRON_FN result<std::vector<price_spread>> compare_net_prices(std::span<net_purchase const> purchases) {
    using namespace uniform_price_detail;
    using group = std::tuple<std::string_view, std::string_view, std::string_view>;
    struct sum {
        std::int64_t value = 0;
        std::int64_t quantity = 0;
        currency in{};

        bool add(std::int64_t more_value, std::int64_t more_quantity) {
            return !__builtin_add_overflow(value, more_value, &value) &&
                   !__builtin_add_overflow(quantity, more_quantity, &quantity);
        }
    };
    std::map<group, std::map<std::string_view, sum>> groups;
    for (auto const& p : purchases) {
        auto const wrong = [&](char const* field, std::int64_t saw, char const* remedy) {
            return error{.code = errc::out_of_range, .field = field, .saw = std::to_string(saw), .remedy = remedy};
        };
        if (p.quantity <= 0) return wrong("quantity", p.quantity, "more than zero: what was not bought has no price");
        if (p.value < 0) return wrong("value", p.value, "0 or more");
        if (p.rebate < 0) return wrong("rebate", p.rebate, "0 or more");
        auto& of_customer = groups[group{p.product, p.channel, p.in.code()}][p.customer];
        of_customer.in = p.in;
        if (!of_customer.add(p.value - p.rebate, p.quantity)) return too_much(p.product);
    }
    std::vector<price_spread> out;
    out.reserve(groups.size());
    for (auto const& [key, customers] : groups) {
        price_spread one{.product = std::string{std::get<0>(key)},
                         .channel = std::string{std::get<1>(key)},
                         .customers = customers.size()};
        auto const& [first_customer, first] = *customers.begin();
        one.in = first.in;
        one.lowest = one.highest = {first.value, first.quantity};
        one.lowest_customer = one.highest_customer = first_customer;
        sum all;
        for (auto const& [customer, bought] : customers) {
            unit_price const price{bought.value, bought.quantity};
            if (price < one.lowest) {
                one.lowest = price;
                one.lowest_customer = customer;
            }
            if (price > one.highest) {
                one.highest = price;
                one.highest_customer = customer;
            }
            if (!all.add(bought.value, bought.quantity)) return too_much(one.product);
        }
        one.mean = {all.value, all.quantity};
        if (one.lowest.value > 0) {
            auto const low = wide{one.lowest.value} * one.highest.quantity;
            auto apart = wide{one.highest.value} * one.lowest.quantity - low;
            if (__builtin_mul_overflow(apart, wide{10'000}, &apart)) return too_much(one.product);
            auto const spread = patron::detail::divided(apart, low, rounding::half_even);
            if (!fits(spread)) return too_much(one.product);
            one.spread_basis_points = static_cast<std::int64_t>(spread);
        }
        out.push_back(std::move(one));
    }
    return out;
}

PATRON_FN result<std::string> to_csv(std::span<price_spread const> spreads) {
    std::string out = "product,channel,customers,lowest,lowest_customer,highest,highest_customer,mean,spread_percent\n";
    for (auto const& s : spreads) {
        auto const lowest = s.lowest.rounded();
        auto const highest = s.highest.rounded();
        auto const mean = s.mean.rounded();
        for (auto const* price : {&lowest, &highest, &mean}) {
            if (!*price) return uniform_price_detail::too_much(s.product);
        }
        auto const cell = [&](std::string_view text) {
            patron::detail::append_csv_cell(out, text);
            out += ',';
        };
        cell(s.product);
        cell(s.channel);
        cell(std::to_string(s.customers));
        cell(money{lowest.value(), s.in}.to_string());
        cell(s.lowest_customer);
        cell(money{highest.value(), s.in}.to_string());
        cell(s.highest_customer);
        cell(money{mean.value(), s.in}.to_string());
        if (s.spread_basis_points) out += decimal{*s.spread_basis_points, 2}.to_string();
        out += '\n';
    }
    return out;
}

}  // namespace patron::v1::policy
