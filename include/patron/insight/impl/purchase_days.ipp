#pragma once
#include <patron/base/impl/converted.hpp>
#include <patron/insight/purchase_days.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <variant>

namespace patron::inline v1::insight {

namespace detail {

struct kept_order {
    day on{};
    money placed{};  ///< the rest in its currency's minor units, none beyond it
    std::int64_t cancelled = 0;
    std::int64_t returned = 0;
    std::optional<decimal> rate{};
    bool gone = false;

    /// What of the order a part of it is, at most `most`.
    [[nodiscard]] std::int64_t part(money told, std::int64_t most) const {
        auto const owned = told.owned_as(placed.in());
        if (!owned || owned.value().in() != placed.in()) return 0;
        return std::min(owned.value().minor_units(), most);
    }
    [[nodiscard]] std::int64_t left() const {
        return std::max<std::int64_t>(placed.minor_units() - cancelled - returned, 0);
    }
    [[nodiscard]] money worth(currency own) const {
        if (placed.in() == own) return {left(), own};
        if (!rate) return {0, own};
        return {patron::detail::converted({left(), placed.in()}, *rate, own, patron::detail::conversion::half_even)
                    .value_or(0),
                own};
    }
};

}  // namespace detail

PATRON_FN std::vector<dated_amount> purchases_of(std::span<fact const> facts, currency own, day until) {
    std::vector<fact const*> known;
    for (auto const& f : facts) {
        if (head_of(f).at.on() <= until) known.push_back(&f);
    }
    std::stable_sort(known.begin(), known.end(),
                     [](fact const* a, fact const* b) { return head_of(*a).at < head_of(*b).at; });
    std::vector<detail::kept_order> orders;
    std::map<std::string_view, std::size_t> by_number;
    for (auto const* f : known) {
        auto const* const placed = std::get_if<order_placed>(f);
        if (placed == nullptr) continue;
        auto const amount = placed->amount.owned_as(own);
        by_number[placed->order] = orders.size();
        orders.push_back(
            {.on = placed->at.on(), .placed = amount ? amount.value() : money{0, own}, .rate = placed->rate});
    }
    auto const find = [&](std::string_view number) -> detail::kept_order* {
        auto const found = by_number.find(number);
        return found == by_number.end() ? nullptr : &orders[found->second];
    };
    for (auto const* f : known) {
        if (auto const* const part = std::get_if<order_cancelled>(f)) {
            auto* const order = find(part->order);
            if (order == nullptr) continue;
            auto const rest = order->placed.minor_units() - order->cancelled;
            order->cancelled += part->amount ? order->part(*part->amount, rest) : rest;
            order->gone = !part->amount || order->cancelled == order->placed.minor_units();
        } else if (auto const* const back = std::get_if<order_reopened>(f)) {
            auto* const order = find(back->order);
            if (order == nullptr) continue;
            order->cancelled -= back->amount ? order->part(*back->amount, order->cancelled) : order->cancelled;
            order->gone = false;
        } else if (auto const* const goods = std::get_if<goods_returned>(f)) {
            auto* const order = goods->order ? find(*goods->order) : nullptr;
            if (order == nullptr) continue;
            order->returned += order->part(goods->amount, order->placed.minor_units() - order->returned);
        }
    }
    std::vector<dated_amount> out;
    for (auto const& order : orders) {
        if (order.gone) continue;
        out.push_back({order.on, order.worth(own)});
    }
    return out;
}

}  // namespace patron::v1::insight
