#pragma once
#include <patron/insight/purchase_summary.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace patron::inline v1::insight {

namespace detail {

inline constexpr std::array<std::string_view, 3> time_unit_names{"day", "week", "month"};

template <class Row, class Same>
void merge_equal(std::vector<Row>& sorted, Same same) {
    auto out = sorted.begin();
    for (auto in = sorted.begin(); in != sorted.end(); ++in) {
        if (out != sorted.begin() && same(*std::prev(out), *in)) {
            std::prev(out)->weight += in->weight;
        } else {
            *out++ = *in;
        }
    }
    sorted.erase(out, sorted.end());
}

}  // namespace detail

PATRON_FN std::string_view name_of(time_unit unit) noexcept {
    return detail::time_unit_names.at(static_cast<std::size_t>(unit));
}

PATRON_FN std::optional<time_unit> time_unit_of(std::string_view name) noexcept {
    auto const& names = detail::time_unit_names;
    auto const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<time_unit>(found - names.begin());
}

PATRON_FN std::optional<purchase_summary> summary_of(std::span<day const> order_days, day until, time_unit unit) {
    std::vector<day> own;
    if (!std::is_sorted(order_days.begin(), order_days.end())) {
        own.assign(order_days.begin(), order_days.end());
        std::sort(own.begin(), own.end());
        order_days = own;
    }
    auto const end = std::upper_bound(order_days.begin(), order_days.end(), until);
    if (end == order_days.begin()) return std::nullopt;
    auto const first = order_days.front();
    auto last = first;
    std::uint32_t x = 0;
    for (auto on = order_days.begin(); on != end; ++on) {
        if (*on == last) continue;
        last = *on;
        ++x;
    }
    auto const units = [&](day on) { return static_cast<double>((on - first).count()) / days_in(unit); };
    return purchase_summary{.x = x, .t_x = units(last), .T = units(until)};
}

PATRON_FN std::optional<spend_summary> spend_of(std::span<dated_amount const> orders, day until) {
    std::vector<dated_amount> own;
    for (auto const& o : orders) {
        if (o.on <= until) own.push_back(o);
    }
    if (own.empty()) return std::nullopt;
    std::sort(own.begin(), own.end(), [](dated_amount const& a, dated_amount const& b) { return a.on < b.on; });
    __extension__ using wide = __int128;
    spend_summary out;
    wide total = 0;  // minor units
    for (auto at = own.begin(); at != own.end();) {
        auto const on = at->on;
        wide sum = 0;
        for (; at != own.end() && at->on == on; ++at) sum += at->amount.minor_units();
        if (on == own.front().on || !(sum > 0)) continue;
        total += sum;
        ++out.x;
    }
    auto const in_whole = std::pow(10.0, own.front().amount.in().minor_digits());
    if (out.x > 0) out.mean = static_cast<double>(total) / in_whole / out.x;
    return out;
}

PATRON_FN std::vector<purchase_summary> deduplicated(std::span<purchase_summary const> rows) {
    std::vector<purchase_summary> out{rows.begin(), rows.end()};
    std::sort(out.begin(), out.end(), [](purchase_summary const& a, purchase_summary const& b) {
        return a.x != b.x ? a.x < b.x : a.T != b.T ? a.T < b.T : a.t_x < b.t_x;
    });
    detail::merge_equal(out, [](purchase_summary const& a, purchase_summary const& b) {
        return a.x == b.x && a.T == b.T && a.t_x == b.t_x;
    });
    return out;
}

PATRON_FN std::vector<spend_summary> deduplicated(std::span<spend_summary const> rows) {
    std::vector<spend_summary> out;
    out.reserve(rows.size());
    for (auto const& row : rows) {
        if (row.x > 0) out.push_back(row);
    }
    std::sort(out.begin(), out.end(),
              [](spend_summary const& a, spend_summary const& b) { return a.x != b.x ? a.x < b.x : a.mean < b.mean; });
    detail::merge_equal(out,
                        [](spend_summary const& a, spend_summary const& b) { return a.x == b.x && a.mean == b.mean; });
    return out;
}

}  // namespace patron::v1::insight
