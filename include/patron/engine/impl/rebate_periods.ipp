#pragma once
#include <patron/base/impl/csv_cell.hpp>
#include <patron/engine/rebate_periods.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace patron::inline v1 {

namespace detail {

/// The parts of a balance by the names that rows give them.
inline constexpr std::array<std::pair<std::string_view, std::int64_t rebate_balance::*>, 6> rebate_parts{
    {{"accrued", &rebate_balance::accrued},
     {"paid", &rebate_balance::paid},
     {"open", &rebate_balance::open},
     {"reversed", &rebate_balance::reversed},
     {"forfeited", &rebate_balance::forfeited},
     {"clawed_back", &rebate_balance::clawed_back}}};

/// What an account moved from `before`, which is null where it was not there yet.
inline rebate_period moved_in(row_rebate const& now, row_rebate const* before) {
    rebate_period out{.agreement = now.agreement};
    out.is_out_of_range = now.is_out_of_range || (before != nullptr && before->is_out_of_range);
    if (out.is_out_of_range) return out;
    out.moved = now.balance;
    out.open = now.balance.open;
    if (before == nullptr) return out;
    for (auto const& [name, part] : rebate_parts) out.moved.*part -= before->balance.*part;  // neither is negative
    return out;
}

}  // namespace detail

PATRON_FN result<std::vector<rebate_period>> rebate_periods_of(engine const& book, std::string_view code,
                                                               rebate_span span) {
    auto const state = book.state_of(code);
    if (!state) return state.error();
    auto const months = book.rebates_by_month(code, span.until);
    if (!months) return months.error();
    std::vector<rebate_period> out;
    rebates_of_month const* before = nullptr;
    for (auto const& month : months.value()) {
        for (auto const& now : month.rebates) {
            row_rebate const* then = nullptr;
            if (before != nullptr) {
                auto const known = std::find_if(before->rebates.begin(), before->rebates.end(),
                                                [&](row_rebate const& r) { return r.agreement == now.agreement; });
                if (known != before->rebates.end()) then = &*known;
            }
            auto one = detail::moved_in(now, then);
            if (one.moved == rebate_balance{} && !one.is_out_of_range) continue;
            if (span.from && month.month < *span.from) continue;
            one.customer = code;
            one.month = month.month;
            one.in = state.value().in;
            out.push_back(std::move(one));
        }
        before = &month;
    }
    return out;
}

PATRON_FN result<std::vector<rebate_period>> all_rebate_periods(engine const& book, rebate_span span) {
    std::vector<std::string> codes;
    book.each_by_code([&](customer_row const& row) {
        if (!row.rebates.empty()) codes.emplace_back(row.profile.code);
        return true;
    });
    std::vector<rebate_period> out;
    for (auto const& code : codes) {
        auto of_one = rebate_periods_of(book, code, span);
        if (!of_one) {
            auto e = of_one.error();
            if (e.source.empty()) e.source = code;
            return e;
        }
        std::move(of_one.value().begin(), of_one.value().end(), std::back_inserter(out));
    }
    return out;
}

PATRON_FN void append_json(std::string& out, rebate_period const& one) {
    auto const field = [&out](std::string_view name, std::string_view value) {
        append_json_string(out, name);
        out += ':';
        append_json_string(out, value);
        out += ',';
    };
    auto const amount = [&](std::string_view name, std::int64_t units) {
        if (!one.is_out_of_range) return field(name, money{units, one.in}.to_string());
        append_json_string(out, name);
        out += ":null,";
    };
    out += '{';
    field("customer", one.customer);
    field("agreement", one.agreement);
    field("month", one.month.to_string());
    for (auto const& [name, part] : detail::rebate_parts) {
        if (name != "open") amount(name, one.moved.*part);
    }
    amount("open", one.open);
    out.back() = '}';
}

PATRON_FN std::string to_csv(std::span<rebate_period const> periods) {
    std::string out = "customer,agreement,month,accrued,paid,reversed,forfeited,clawed_back,open\n";
    for (auto const& one : periods) {
        out += detail::csv_cell(one.customer) + ',' + detail::csv_cell(one.agreement) + ',' + one.month.to_string();
        auto const amount = [&](std::int64_t units) {
            out += ',';
            if (!one.is_out_of_range) out += money{units, one.in}.to_string();
        };
        for (auto const& [name, part] : detail::rebate_parts) {
            if (name != "open") amount(one.moved.*part);
        }
        amount(one.open);
        out += '\n';
    }
    return out;
}

}  // namespace patron::v1
