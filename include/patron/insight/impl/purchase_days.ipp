#pragma once
#include <patron/insight/purchase_days.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <variant>

namespace patron::inline v1::insight {

namespace detail {

inline double whole_units(money amount) {
    return static_cast<double>(amount.minor_units()) / std::pow(10.0, amount.in().minor_digits());
}

struct kept_order {
    day on{};
    double placed = 0;
    double cancelled = 0;
    double returned = 0;
    double rate = 1;  ///< from its own currency to the customer's
    bool gone = false;
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
        auto const in = placed->amount.in();
        detail::kept_order order{.on = placed->at.on(), .placed = detail::whole_units(placed->amount)};
        if (!in.is_own() && !own.is_own() && in != own) { order.rate = placed->rate ? placed->rate->approximate() : 0; }
        by_number[placed->order] = orders.size();
        orders.push_back(order);
    }
    auto const find = [&](std::string_view number) -> detail::kept_order* {
        auto const found = by_number.find(number);
        return found == by_number.end() ? nullptr : &orders[found->second];
    };
    for (auto const* f : known) {
        if (auto const* const part = std::get_if<order_cancelled>(f)) {
            auto* const order = find(part->order);
            if (order == nullptr) continue;
            order->cancelled = part->amount ? order->cancelled + detail::whole_units(*part->amount) : order->placed;
            order->gone = !part->amount || order->cancelled >= order->placed;
        } else if (auto const* const back = std::get_if<order_reopened>(f)) {
            auto* const order = find(back->order);
            if (order == nullptr) continue;
            order->cancelled =
                back->amount ? std::max(order->cancelled - detail::whole_units(*back->amount), 0.0) : 0.0;
            order->gone = false;
        } else if (auto const* const goods = std::get_if<goods_returned>(f)) {
            auto* const order = goods->order ? find(*goods->order) : nullptr;
            if (order != nullptr) order->returned += detail::whole_units(goods->amount);
        }
    }
    std::vector<dated_amount> out;
    for (auto const& order : orders) {
        if (order.gone) continue;
        out.push_back({order.on, std::max(order.placed - order.cancelled - order.returned, 0.0) * order.rate});
    }
    return out;
}

}  // namespace patron::v1::insight
