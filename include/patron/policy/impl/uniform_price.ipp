#pragma once
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
    std::optional<money> listed{};
    patron::verdict verdict = patron::verdict::unknown;
};
inline compared compare(order_line const& line, day on, dealer_market const& market) {
    compared out{.price = line.price, .listed = {}, .verdict = verdict::unknown};
    if (auto const price = line.price.owned_as(market.in)) out.price = price.value();
    auto const* listed = market.price_of(line.product, on);
    if (listed == nullptr) return out;
    auto const owned = listed->price.owned_as(market.in);
    out.listed = owned ? owned.value() : listed->price;
    if (out.listed->in() == out.price.in()) out.verdict = *out.listed == out.price ? verdict::met : verdict::not_met;
    return out;
}
}  // namespace uniform_price_detail

PATRON_FN std::vector<line_price> compare_with_list(order_placed const& order, dealer_market const& market) {
    std::vector<line_price> out;
    out.reserve(order.lines.size());
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        auto const seen = uniform_price_detail::compare(order.lines[i], order.at.on(), market);
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
        if (uniform_price_detail::compare(line, order.at.on(), market).verdict == verdict::not_met) return true;
    }
    return false;
}

PATRON_FN std::vector<reason> off_list_reasons(order_placed const& order, dealer_market const& market) {
    std::vector<reason> why;
    for (auto& line : compare_with_list(order, market)) {
        if (line.verdict != verdict::not_met) continue;
        why.push_back({.rule = "uniform_price",
                       .unit = measure::amount,
                       .saw = line.price.minor_units(),
                       .threshold = line.listed->minor_units(),
                       .verdict = line.verdict,
                       .what = std::move(line.product)});
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
