// How forecasts do on real books, month end by month end, each made from what was known on its day.
//
// Bounds stand where the figures were found, a little beside them: they are what the documents say (docs/foresight.md).
#include <patron/insight/forecast_backtest.hpp>

#include "real_data.hpp"

#include <catch2/catch_approx.hpp>

#include <sstream>

using namespace patron;
using namespace patron::insight;
using namespace std::chrono_literals;

namespace {

using orders = std::vector<std::vector<dated_amount>>;

orders values_of(std::map<std::string, std::vector<dated_amount>> const& all) {
    orders out;
    for (auto const& [customer, own] : all) out.push_back(own);
    return out;
}

orders cdnow() {
    std::ifstream file{real_data::path_of("cdnow/CDNOW_master.txt")};
    std::string id, date, disks, dollars;
    std::getline(file, id);
    std::map<std::string, std::vector<dated_amount>> all;
    while (file >> id >> date >> disks >> dollars) {
        auto const on = std::stoi(date);
        all[id].push_back({day{std::chrono::year{on / 10'000} / (on / 100 % 100) / (on % 100)},
                           money::parse(dollars + " USD").value()});
    }
    return values_of(all);
}

orders online_retail() {
    std::ifstream file{real_data::path_of("online_retail_ii/invoices.csv")};
    std::string line;
    std::getline(file, line);
    std::map<std::string, std::vector<dated_amount>> all;
    while (std::getline(file, line)) {
        std::vector<std::string> cells;
        std::istringstream cut{line};
        for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
        if (cells.at(1) != "sale" || cells[2].empty()) continue;
        all[cells[2]].push_back(
            {parse_day(cells[3].substr(0, 10)).value(), money::parse(cells.back() + " GBP").value()});
    }
    return values_of(all);
}

/// Twenty customers each, as they stand.
std::vector<std::vector<std::size_t>> twenties(std::size_t customers) {
    std::vector<std::vector<std::size_t>> out((customers + 19) / 20);
    for (std::size_t i = 0; i < customers; ++i) out[i / 20].push_back(i);
    return out;
}

}  // namespace

TEST_CASE("CDNOW: forecasts of a quarter hold what they say, and beat the quarter before", "[data][forecast]") {
    auto const all = cdnow();
    REQUIRE(all.size() == 23'570);
    auto const groups = twenties(all.size());
    // a cohort: nobody comes after March 1997
    auto const past =
        backtest_sales(all, {.until = 1998y / 6 / 30, .months = 3, .newcomers = false, .groups = groups}).value();
    REQUIRE(past.origins.size() == 9);  // from July 1997 on
    CHECK(past.origins.back().actual_book.purchases == 5'664);
    auto const& customers = past.customers;
    CAPTURE(customers.purchases.coverage_80, customers.amount.coverage_80, past.groups.amount.coverage_80);
    CHECK(customers.purchases.cases == 9 * 23'570);
    CHECK(customers.purchases.coverage_80 == Catch::Approx(.910).margin(.01));  // most may buy nothing: that holds more
    CHECK(customers.purchases.coverage_95 == Catch::Approx(.965).margin(.01));
    CHECK(customers.amount.coverage_80 == Catch::Approx(.891).margin(.01));
    CHECK(customers.amount.coverage_95 == Catch::Approx(.940).margin(.01));
    CHECK(past.groups.purchases.coverage_95 == Catch::Approx(.972).margin(.01));
    CHECK(past.groups.amount.coverage_80 == Catch::Approx(.753).margin(.01));  // short: what a purchase is worth rose
    CHECK(past.groups.amount.coverage_95 == Catch::Approx(.926).margin(.01));
    CHECK(past.existing.purchases.coverage_80 >= 7. / 9);
    CHECK(past.existing.amount.coverage_80 >= 6. / 9);
    CHECK(past.existing.amount.coverage_95 == 1);
    // nearer than as much as in the quarter before, at every level
    CHECK(customers.amount.last_period.scaled() < .93);
    CHECK(past.groups.amount.last_period.scaled() < .83);
    CHECK(past.existing.amount.last_period.scaled() < 1);
}

TEST_CASE("Online Retail: customers and groups are forecast, and a book with a season is not", "[data][forecast]") {
    auto const all = online_retail();
    REQUIRE(all.size() == 5'878 + 3);
    auto const groups = twenties(all.size());
    auto const past = backtest_sales(all, {.until = 2011y / 12 / 9, .months = 1, .groups = groups}).value();
    REQUIRE(past.origins.size() == 12);
    auto const& customers = past.customers;
    CHECK(customers.purchases.coverage_80 == Catch::Approx(.931).margin(.01));
    CHECK(customers.purchases.coverage_95 == Catch::Approx(.986).margin(.01));
    CHECK(customers.amount.coverage_80 == Catch::Approx(.883).margin(.01));
    CHECK(customers.amount.coverage_95 == Catch::Approx(.969).margin(.01));
    CHECK(past.groups.amount.coverage_80 == Catch::Approx(.806).margin(.01));
    CHECK(past.groups.amount.coverage_95 == Catch::Approx(.956).margin(.01));
    CHECK(past.book.amount.coverage_80 == Catch::Approx(10. / 12));
    CHECK(past.book.amount.coverage_95 == 1);
    CHECK(customers.amount.last_period.scaled() < .91);
    CHECK(customers.amount.last_year.scaled() < .9);
    CHECK(past.groups.amount.last_year.scaled() < .85);
    // two years are just not known: the same month of the year before is far nearer for the book, and it is said
    CHECK(past.book.amount.last_year.scaled() == Catch::Approx(3.78).epsilon(.05));
    CHECK(past.book.amount.last_period.scaled() == Catch::Approx(1.38).epsilon(.05));
}
