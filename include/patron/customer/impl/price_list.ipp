#pragma once
#include <patron/customer/price_list.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1 {

PATRON_FN void price_list::tell(supply_price_set const& told, std::uint32_t number) {
    auto& entries = products_[told.product][told.channel];
    auto const later =
        std::upper_bound(entries.begin(), entries.end(), told.at,
                         [](moment at, entry const& e) { return at < e.content.from; });
    entries.insert(later, {.content = {.price = told.price, .floor = told.floor, .from = told.at},
                           .ref = told.ref,
                           .told = number});
    told_ = number;
}

PATRON_FN bool price_list::correct(std::string_view ref, supply_price_set const& corrected, std::uint32_t number) {
    for (auto& [product, by_channel] : products_) {
        for (auto& [channel, entries] : by_channel) {
            auto const old = std::find_if(entries.begin(), entries.end(), [&](entry const& e) {
                return e.replaced == latest && e.ref == ref;
            });
            if (old == entries.end()) continue;
            old->replaced = number;
            auto fresh = corrected;
            fresh.ref = ref;
            tell(fresh, number);
            return true;
        }
    }
    return false;
}

PATRON_FN list_price const* price_list::find(std::string_view product, std::string_view channel, day on,
                                             std::uint32_t as_of_telling) const {
    auto const by_channel = products_.find(product);
    if (by_channel == products_.end()) return nullptr;
    auto const found = by_channel->second.find(channel);
    if (found == by_channel->second.end()) return nullptr;
    auto const& entries = found->second;
    for (auto e = entries.rbegin(); e != entries.rend(); ++e) {
        if (e->content.from.on() > on || e->told > as_of_telling) continue;
        if (e->replaced == latest || as_of_telling < e->replaced) return &e->content;
    }
    return nullptr;
}

PATRON_FN std::optional<supply_price_set> price_list::told_by(std::string_view ref) const {
    for (auto const& [product, by_channel] : products_) {
        for (auto const& [channel, entries] : by_channel) {
            for (auto const& e : entries) {
                if (e.replaced != latest || e.ref != ref) continue;
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
