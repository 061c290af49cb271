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
    std::uint32_t lines = 0;
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

/// The orders that those facts tell of, by the moment of each; they are sorted in place.
inline std::vector<kept_order> orders_of(std::vector<fact const*>& known, currency own) {
    std::stable_sort(known.begin(), known.end(),
                     [](fact const* a, fact const* b) { return head_of(*a).at < head_of(*b).at; });
    std::vector<kept_order> orders;
    std::map<std::string_view, std::size_t> by_number;
    for (auto const* f : known) {
        auto const* const placed = std::get_if<order_placed>(f);
        if (placed == nullptr) continue;
        auto const amount = placed->amount.owned_as(own);
        by_number[placed->order] = orders.size();
        orders.push_back({.on = placed->at.on(),
                          .placed = amount ? amount.value() : money{0, own},
                          .rate = placed->rate,
                          .lines = static_cast<std::uint32_t>(placed->lines.size())});
    }
    auto const find = [&](std::string_view number) -> kept_order* {
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
    return orders;
}

}  // namespace detail

PATRON_FN std::vector<dated_amount> purchases_of(std::span<fact const> facts, currency own, day until) {
    std::vector<fact const*> known;
    for (auto const& f : facts) {
        if (head_of(f).at.on() <= until) known.push_back(&f);
    }
    std::vector<dated_amount> out;
    for (auto const& order : detail::orders_of(known, own)) {
        if (order.gone) continue;
        out.push_back({order.on, order.worth(own)});
    }
    return out;
}

PATRON_FN std::vector<purchase_day> purchase_days_of(std::span<fact const> facts, currency own) {
    std::map<std::string_view, day> placed_on;
    for (auto const& f : facts) {
        if (auto const* const placed = std::get_if<order_placed>(&f)) placed_on[placed->order] = placed->at.on();
    }
    std::vector<fact const*> known;
    for (auto const& f : facts) {
        auto const on = head_of(f).at.on();
        auto const of_its_day = [&](std::string_view number) {
            auto const order = placed_on.find(number);
            return order != placed_on.end() && order->second == on;
        };
        auto const* const cancelled = std::get_if<order_cancelled>(&f);
        auto const* const reopened = std::get_if<order_reopened>(&f);
        auto const* const returned = std::get_if<goods_returned>(&f);
        if (std::holds_alternative<order_placed>(f) || (cancelled != nullptr && of_its_day(cancelled->order)) ||
            (reopened != nullptr && of_its_day(reopened->order)) ||
            (returned != nullptr && returned->order && of_its_day(*returned->order))) {
            known.push_back(&f);
        }
    }
    std::vector<purchase_day> out;
    for (auto const& order : detail::orders_of(known, own)) {
        if (order.gone) continue;
        auto const worth = order.worth(own);
        if (out.empty() || out.back().on != order.on) {
            out.push_back({.on = order.on, .amount = worth, .lines = order.lines});
            continue;
        }
        auto const sum = add(out.back().amount, worth);
        out.back().amount = sum ? sum.value() : money{INT64_MAX, own};  // orders are not negative
        out.back().lines += order.lines;
    }
    return out;
}

}  // namespace patron::v1::insight
