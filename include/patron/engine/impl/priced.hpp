#pragma once
// A fact that is judged by the price list keeps what the list said to it: the mark before it in its customer's chain. So
// it is judged alike when it is folded again, whatever was told of prices since, and by who reads that customer alone.
#include <patron/engine/impl/marks.hpp>
#include <patron/fact/fact.hpp>
#include <patron/policy/uniform_price.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace patron::inline v1::detail {

/// Whether the fact is one that the list may have something to say to.
[[nodiscard]] inline bool asks_for_prices(fact const& f) noexcept {
    if (auto const* order = std::get_if<order_placed>(&f)) return !order->lines.empty();
    return kind_of(f) == fact_kind::resale_observed;
}

/// The mark to put before the fact; empty where the list makes no difference: an order at its prices needs none.
[[nodiscard]] inline std::string prices_for(fact const& f, policy::dealer_market market) {
    struct wanted {
        std::string_view product{};
        currency in{};
        [[nodiscard]] auto key() const { return std::tuple{product, in.code()}; }
    };
    std::vector<wanted> all;
    day on{};
    auto const currency_of = [&](money amount) { return amount.in().is_own() ? market.in : amount.in(); };
    if (auto const* order = std::get_if<order_placed>(&f)) {
        if (market.in.is_own()) market.in = order->amount.in();
        on = order->at.on();
        if (!policy::is_off_list(*order, market)) return {};
        for (auto const& line : order->lines) {
            for (auto const in : {currency_of(line.price), market.in, currency_of(order->amount)}) {
                all.push_back({line.product, in});
            }
        }
        std::sort(all.begin(), all.end(), [](wanted const& x, wanted const& y) { return x.key() < y.key(); });
        auto const is_same = [](wanted const& x, wanted const& y) { return x.key() == y.key(); };
        all.erase(std::unique(all.begin(), all.end(), is_same), all.end());
    } else if (auto const* seen = std::get_if<resale_observed>(&f)) {
        on = seen->at.on();
        all.push_back({seen->product, currency_of(seen->price)});
    }
    std::string bytes;
    auto const add = [&](std::string_view product, list_price const* listed) {
        if (listed == nullptr) return;
        std::string one;
        encode(one, fact{supply_price_set{.ref = {},
                                          .at = listed->from,
                                          .product = std::string{product},
                                          .channel = std::string{market.channel},
                                          .price = listed->price,
                                          .floor = listed->floor}});
        if (bytes.empty()) bytes += static_cast<char>(mark::priced);
        put_number(bytes, static_cast<std::int32_t>(one.size()));
        bytes += one;
    };
    for (auto const& [product, in] : all) {
        auto const* const listed = market.price_of(product, on, in);
        add(product, listed);
        if (kind_of(f) != fact_kind::resale_observed) continue;
        if (auto const* const floor = market.floor_of(product, on, in); floor != listed) add(product, floor);
    }
    return bytes;
}

/// The prices that a mark holds; what is no price is left out.
[[nodiscard]] inline price_list prices_in(std::string_view bytes) {
    price_list out;
    for (std::size_t at = 1; at + 4 < bytes.size();) {
        auto const size = static_cast<std::size_t>(std::max(get_number(bytes, at), 0));
        auto const one = bytes.substr(at + 4, size);
        at += 4 + size;
        if (one.empty() || !is_encoded_fact(one)) continue;
        auto const told = decode(one, {});
        if (!told) continue;
        if (auto const* price = std::get_if<supply_price_set>(&told.value())) out.tell(*price);
    }
    return out;
}

}  // namespace patron::v1::detail
