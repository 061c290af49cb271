#pragma once
#include <patron/insight/purchase_stream.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace patron::inline v1::insight {

PATRON_FN result<purchase_stream> purchase_stream::of(std::span<std::vector<purchase_day> const> customers) {
    struct dated {
        std::size_t position;
        purchase_day bought;
    };
    std::vector<dated> all;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        for (auto const& one : customers[i]) all.push_back({i, one});
    }
    std::stable_sort(all.begin(), all.end(), [](dated const& a, dated const& b) {
        return a.bought.on != b.bought.on ? a.bought.on < b.bought.on : a.position < b.position;
    });
    constexpr auto none = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> number(customers.size(), none);
    purchase_stream out;
    for (auto const& [position, bought] : all) {
        if (number[position] == none) {
            number[position] = static_cast<std::uint32_t>(out.positions_.size());
            out.positions_.push_back(position);
        }
        if (out.purchases_.empty() || out.purchases_.back().customer != number[position] ||
            out.purchases_.back().bought.on != bought.on) {
            out.purchases_.push_back({number[position], bought});
            continue;
        }
        auto& day_of_it = out.purchases_.back().bought;
        auto const sum = add(day_of_it.amount, bought.amount);
        if (!sum) {
            auto e = sum.error();
            e.field = "customers[" + std::to_string(position) + "]";
            return e;
        }
        day_of_it.amount = sum.value();
        day_of_it.lines += bought.lines;
    }
    return out;
}

PATRON_FN purchase_stream purchase_stream::until(day last) const {
    purchase_stream out;
    auto const end = std::partition_point(purchases_.begin(), purchases_.end(),
                                          [last](purchase const& p) { return p.bought.on <= last; });
    out.purchases_.assign(purchases_.begin(), end);
    std::uint32_t numbered = 0;
    for (auto const& p : out.purchases_) numbered = std::max(numbered, p.customer + 1);
    out.positions_.assign(positions_.begin(), positions_.begin() + numbered);
    return out;
}

}  // namespace patron::v1::insight
