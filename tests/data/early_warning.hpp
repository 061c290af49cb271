// The purchases of the public data sets, and the month ends at which early warning is judged on them.
#pragma once
#include "real_data.hpp"

#include <patron/insight/evaluation.hpp>

#include <charconv>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace real_data {

/// A history with its month ends.
struct judged_months {
    patron::insight::purchase_stream purchases;
    std::vector<patron::day> ends;
    patron::insight::evaluation_protocol protocol{};

    template <patron::insight::risk_detector D>
    [[nodiscard]] patron::insight::evaluation judge(D& detector) const {
        return patron::insight::figures_of(patron::insight::scores_of(detector, purchases, ends, protocol), purchases,
                                           protocol);
    }
};

/// Purchases by customer, in the order of their codes.
class purchases_by_customer {
public:
    void add(std::string const& customer, std::string const& date, std::string_view amount, std::uint32_t lines) {
        double worth = 0;
        REQUIRE(std::from_chars(amount.data(), amount.data() + amount.size(), worth).ec == std::errc{});
        auto const cents = static_cast<std::int64_t>(worth * 100 + 0.5);
        bought_[customer].push_back({.on = patron::parse_day(date).value(),
                                     .amount = {cents, patron::currency::of("EUR").value()},
                                     .lines = lines});
    }

    [[nodiscard]] judged_months judged(char const* from, char const* until) const {
        std::vector<std::vector<patron::insight::purchase_day>> all;
        for (auto const& [customer, bought] : bought_) all.push_back(bought);
        judged_months out{.purchases = patron::insight::purchase_stream::of(all).value(), .ends = {}};
        out.protocol.from = patron::parse_day(from).value();
        out.protocol.until = patron::parse_day(until).value();
        out.ends = patron::insight::month_ends(out.purchases, out.purchases.last(), out.protocol).value();
        return out;
    }

private:
    std::map<std::string, std::vector<patron::insight::purchase_day>> bought_;
};

/// The cells of a file without quotes, row by row, without its header.
inline void each_row(char const* relative, char separator,
                     std::function<void(std::vector<std::string> const&)> const& take) {
    std::ifstream file{path_of(relative)};
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        std::vector<std::string> cells;
        std::istringstream row{line};
        for (std::string cell; std::getline(row, cell, separator);) {
            if (separator != ' ' || !cell.empty()) cells.push_back(std::move(cell));
        }
        take(cells);
    }
}

inline std::uint32_t lines_in(std::string const& cell) { return static_cast<std::uint32_t>(std::stoul(cell)); }

inline judged_months const& cdnow_months() {
    static auto const all = [] {
        purchases_by_customer bought;
        each_row("cdnow/CDNOW_master.txt", ' ', [&](auto const& cells) {
            auto const& on = cells.at(1);
            bought.add(cells.at(0), on.substr(0, 4) + '-' + on.substr(4, 2) + '-' + on.substr(6), cells.at(3),
                       lines_in(cells.at(2)));  // each disc is a line
        });
        return bought.judged("1997-08-31", "1998-03-31");
    }();
    return all;
}

inline judged_months const& online_retail_months() {
    static auto const all = [] {
        purchases_by_customer bought;
        each_row("online_retail_ii/invoices.csv", ',', [&](auto const& cells) {
            if (cells.at(1) != "sale" || cells.at(2).empty() || cells.at(7).starts_with('-') || cells.at(7) == "0.0")
                return;
            bought.add(cells.at(2), cells.at(3).substr(0, 10), cells.at(7), lines_in(cells.at(5)));
        });
        return bought.judged("2010-09-30", "2011-08-31");
    }();
    return all;
}

/// Dealers of a maker of bicycles: their usual gap is the horizon itself.
inline judged_months const& dealers_months() {
    static auto const all = [] {
        purchases_by_customer bought;
        each_row("adventureworks/reseller_orders.csv", ',',
                 [&](auto const& cells) { bought.add(cells.at(2), cells.at(1), cells.at(7), 0); });
        return bought.judged("2018-09-30", "2020-02-29");
    }();
    return all;
}

}  // namespace real_data
