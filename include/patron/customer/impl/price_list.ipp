#pragma once
#include <patron/customer/price_list.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace patron::inline v1 {

namespace detail {
constexpr auto begins_after = [](moment at, auto const& entry) { return at < entry.content.from; };
}  // namespace detail

PATRON_FN void price_list::tell(supply_price_set const& told) {
    auto& entries = products_[told.product][told.channel];
    auto const later = std::upper_bound(entries.begin(), entries.end(), told.at, detail::begins_after);
    entries.insert(later, {.content = {.price = told.price, .floor = told.floor, .from = told.at}, .ref = told.ref});
}

PATRON_FN bool price_list::correct(std::string_view ref, supply_price_set const& corrected) {
    for (auto& [product, by_channel] : products_) {
        for (auto& [channel, entries] : by_channel) {
            auto const old = std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return e.ref == ref; });
            if (old == entries.end()) continue;
            auto fresh = corrected;
            fresh.ref = ref;
            entries.erase(old);
            tell(fresh);
            return true;
        }
    }
    return false;
}

PATRON_FN std::span<price_list::entry const> price_list::begun(std::string_view product, std::string_view channel,
                                                               day on) const {
    auto const by_channel = products_.find(product);
    if (by_channel == products_.end()) return {};
    auto const found = by_channel->second.find(channel);
    if (found == by_channel->second.end()) return {};
    auto const& entries = found->second;
    moment const end_of_day{on + std::chrono::days{1} - std::chrono::seconds{1}};
    auto const next = std::upper_bound(entries.begin(), entries.end(), end_of_day, detail::begins_after);
    return {entries.begin(), next};
}

PATRON_FN list_price const* price_list::find(std::string_view product, std::string_view channel, day on) const {
    auto const all = begun(product, channel, on);
    return all.empty() ? nullptr : &all.back().content;
}

PATRON_FN list_price const* price_list::find(std::string_view product, std::string_view channel, day on, currency in,
                                             currency own) const {
    auto const all = begun(product, channel, on);
    auto const latest = std::find_if(all.rbegin(), all.rend(), [&](entry const& e) {
        auto const stated = e.content.price.in();
        return (stated.is_own() ? own : stated) == in;
    });
    return latest == all.rend() ? nullptr : &latest->content;
}

PATRON_FN list_price const* price_list::find_floor(std::string_view product, std::string_view channel, day on,
                                                   currency in, currency own) const {
    auto const all = begun(product, channel, on);
    auto const is_in = [&](money amount) { return (amount.in().is_own() ? own : amount.in()) == in; };
    auto const latest = std::find_if(all.rbegin(), all.rend(), [&](entry const& e) {
        return is_in(e.content.price) || (e.content.floor && is_in(*e.content.floor));
    });
    return latest == all.rend() ? nullptr : &latest->content;
}

PATRON_FN std::optional<supply_price_set> price_list::told_by(std::string_view ref) const {
    for (auto const& [product, by_channel] : products_) {
        for (auto const& [channel, entries] : by_channel) {
            for (auto const& e : entries) {
                if (e.ref != ref) continue;
                return supply_price_set{.ref = e.ref,
                                        .at = e.content.from,
                                        .product = product,
                                        .channel = channel,
                                        .price = e.content.price,
                                        .floor = e.content.floor};
            }
        }
    }
    return std::nullopt;
}

}  // namespace patron::v1
