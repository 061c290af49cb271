// Streams of purchases by the days on which customers bought.
#pragma once
#include <patron/insight/purchase_stream.hpp>

#include <vector>

namespace streams {

inline constexpr auto cny = patron::currency::literal("CNY");
inline constexpr patron::day start{std::chrono::year{2025} / 1 / 1};
inline patron::day after(int n) { return start + std::chrono::days{n}; }

inline std::vector<patron::insight::purchase_day> bought_on(std::vector<int> const& days) {
    std::vector<patron::insight::purchase_day> out;
    for (auto const n : days) out.push_back({.on = after(n), .amount = patron::money{1'00, cny}});
    return out;
}

inline patron::insight::purchase_stream stream_of(std::vector<std::vector<int>> const& customers) {
    std::vector<std::vector<patron::insight::purchase_day>> all;
    for (auto const& days : customers) all.push_back(bought_on(days));
    return patron::insight::purchase_stream::of(all).value();
}

}  // namespace streams
