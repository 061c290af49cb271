// Purchase days of a made-up book, the same with every standard library.
#pragma once
#include "models.hpp"

#include <patron/insight/risk_detector.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

namespace models {

struct told {
    std::uint32_t customer = 0;
    purchase_day what{};
};

/// Customers who come over time, buy in rhythms of their own, and leave after `stay` days on average.
struct simulated_book {
    int customers = 200;
    int days = 500;
    double stay = 250;
    std::uint64_t seed = 1;

    static constexpr day begin{std::chrono::year{2021} / 1 / 1};

    /// In the order of their days, customers numbered by their first purchase.
    [[nodiscard]] std::vector<told> purchases() const {
        draws from{seed};
        auto const currency = patron::currency::literal("USD");
        std::vector<told> all;
        for (int c = 0; c < customers; ++c) {
            auto const mean_gap = 8 + 30 * from.exponential();
            auto const shape = from.uniform() < 0.5 ? 1.0 : 4.0;
            auto at = from.uniform() * days * 0.7;
            auto const end = std::min<double>(days, at + stay * from.exponential());
            int before = -1;
            for (; at < end; at += mean_gap * from.gamma(shape) / shape) {
                auto const number = static_cast<int>(at);
                if (number == before) continue;
                before = number;
                auto const cents = static_cast<std::int64_t>(10'000 * std::exp(from.uniform()));
                all.push_back({static_cast<std::uint32_t>(c),
                               {.on = begin + std::chrono::days{number},
                                .amount = money{cents, currency},
                                .lines = static_cast<std::uint32_t>(1 + number % 5)}});
            }
        }
        std::stable_sort(all.begin(), all.end(), [](auto const& l, auto const& r) { return l.what.on < r.what.on; });
        std::map<std::uint32_t, std::uint32_t> numbers;
        for (auto& one : all) {
            one.customer = numbers.try_emplace(one.customer, static_cast<std::uint32_t>(numbers.size())).first->second;
        }
        return all;
    }
};

/// Tells a detector all purchases up to `until`, and the months that end by then; calls `look(month end)` after each.
template <class Detector, class Look>
void tell(Detector& detector, std::vector<told> const& purchases, day until, Look const& look) {
    if (purchases.empty()) return;
    auto month = period{purchases.front().what.on};
    for (auto const& one : purchases) {
        if (one.what.on > until) break;
        for (; month.last() < one.what.on; month = month + 1) {
            detector.month_ended(month.last());
            look(month.last());
        }
        detector.bought(one.customer, one.what);
    }
    for (; month.last() <= until; month = month + 1) {
        detector.month_ended(month.last());
        look(month.last());
    }
}
template <class Detector>
void tell(Detector& detector, std::vector<told> const& purchases, day until) {
    tell(detector, purchases, until, [](day) {});
}

}  // namespace models
