#include <patron/insight/forecast_backtest.hpp>
#include <patron/insight/whole_units.hpp>

#include "models.hpp"

#include <numeric>

using namespace models;
using namespace std::chrono_literals;

namespace {

constexpr auto cny = currency::literal("CNY");
constexpr day start{2024y / 1 / 1};
constexpr day last{2025y / 12 / 31};

/// Customers who order about every `gap` days, from the first month on or from a later one.
std::vector<std::vector<dated_amount>> some_orders() {
    draws roll{99};
    std::vector<std::vector<dated_amount>> out;
    for (int i = 0; i < 120; ++i) {
        auto const gap = 10 + 50 * roll.uniform();
        auto const leaves = roll.uniform() * 900;
        std::vector<dated_amount> own;
        for (auto at = i < 60 ? roll.uniform() * 30 : roll.uniform() * 700; at < std::max(leaves, 40.0);
             at += std::max(1.0, gap * roll.exponential())) {
            auto const on = start + std::chrono::days{static_cast<int>(at)};
            if (on > last) break;
            own.push_back({on, money{static_cast<std::int64_t>(1'000 + 20'000 * roll.exponential()), cny}});
        }
        if (!own.empty()) out.push_back(std::move(own));
    }
    return out;
}
double sold(std::vector<std::vector<dated_amount>> const& all, day after, day until) {
    double sum = 0;
    for (auto const& own : all) {
        for (auto const& o : own) {
            if (o.on > after && o.on <= until) sum += static_cast<double>(o.amount.minor_units()) / 100;
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("each past forecast is the one that would have been made then", "[insight][forecast]") {
    auto const all = some_orders();
    auto const past = backtest_sales(all, {.until = last, .months = 2, .past_origins = 4, .origins = 6}).value();
    REQUIRE(past.origins.size() == 6);
    CHECK(past.origins.front().as_of == day{2025y / 5 / 31});
    CHECK(past.origins.back().as_of == day{2025y / 10 / 31});
    CHECK(past.origins.back().until == last);
    double newcomers = 0;
    for (auto const& then : past.origins) {
        auto const f = forecast_sales(all, {.as_of = then.as_of, .months = 2, .past_origins = 4}).value();
        CHECK(then.book == f.book);
        CHECK(then.existing == f.existing);
        CHECK(then.newcomers == f.newcomers);
        CHECK(then.learnt == 4);
        CHECK(then.book_off == f.book_off);
        CHECK(whole_units(then.actual_book.amount) == Catch::Approx(sold(all, then.as_of, then.until)));
        CHECK(add(then.actual_existing.amount, then.actual_newcomers.amount).value() == then.actual_book.amount);
        newcomers += static_cast<double>(then.actual_newcomers.purchases);
    }
    CHECK(newcomers > 0);
}

TEST_CASE("nothing that came later has a part in a past forecast", "[insight][forecast]") {
    auto const all = some_orders();
    static constexpr day origin{2025y / 6 / 30};
    auto changed = all;
    for (auto& own : changed) {
        std::erase_if(own,
                      [](dated_amount const& o) { return o.on > origin && o.on.time_since_epoch().count() % 2 == 0; });
    }
    auto const terms = backtest_terms{.until = last, .months = 1, .origins = 10};
    auto const a = backtest_sales(all, terms).value();
    auto const b = backtest_sales(changed, terms).value();
    for (std::size_t i = 0; i < a.origins.size(); ++i) {
        if (a.origins[i].as_of > origin) continue;
        CHECK(a.origins[i].book == b.origins[i].book);
        if (a.origins[i].as_of == origin) CHECK(a.origins[i].actual_book != b.origins[i].actual_book);
    }

    // an order that was cancelled later counted then, and is not among what was sold
    orders_known const known = [&](day on) {
        auto told = all;
        for (auto& own : told) std::erase_if(own, [&](dated_amount const& o) { return o.on > on; });
        if (on < day{2025y / 8 / 15}) told[3].push_back({2025y / 6 / 2, {1'000'000'00, cny}});
        return told;
    };
    auto const c = backtest_sales(known, terms).value();
    for (std::size_t i = 0; i < a.origins.size(); ++i) {
        CHECK(a.origins[i].actual_book == c.origins[i].actual_book);
        if (a.origins[i].as_of == origin) CHECK(a.origins[i].book.amount.mean < c.origins[i].book.amount.mean);
    }
    // and until it was cancelled nobody could know: neither what is expected nor how far off it may be
    orders_known const kept = [&](day on) {
        auto told = all;
        for (auto& own : told) std::erase_if(own, [&](dated_amount const& o) { return o.on > on; });
        told[3].push_back({2025y / 6 / 2, {1'000'000'00, cny}});
        if (on < day{2025y / 6 / 2}) told[3].pop_back();
        return told;
    };
    auto const d = backtest_sales(kept, terms).value();
    int before = 0;
    for (std::size_t i = 0; i < c.origins.size(); ++i) {
        if (c.origins[i].as_of >= day{2025y / 8 / 15}) continue;
        ++before;
        CHECK(c.origins[i].book == d.origins[i].book);
        CHECK(c.origins[i].book_off == d.origins[i].book_off);
    }
    CHECK(before > 3);
}

TEST_CASE("errors, coverage and the naive forecasts are means over the origins", "[insight][forecast]") {
    auto const all = some_orders();
    std::vector<std::vector<std::size_t>> groups{{0, 1, 2}, {}, {5}};
    auto const past = backtest_sales(all, {.until = last, .months = 3, .origins = 7, .groups = groups}).value();
    double error = 0, square = 0, bias = 0, period_error = 0, year_error = 0, year_ours = 0, actual = 0, held = 0,
           years = 0;
    for (auto const& then : past.origins) {
        auto const off = then.book.amount.mean - whole_units(then.actual_book.amount);
        actual += whole_units(then.actual_book.amount);
        error += std::abs(off);
        square += off * off;
        bias += off;
        held += then.book.amount.within_80.covers(whole_units(then.actual_book.amount)) ? 1 : 0;
        period_error +=
            std::abs(sold(all, months_after(then.as_of, -3), then.as_of) - whole_units(then.actual_book.amount));
        if (then.as_of < day{2025y / 1 / 31}) continue;  // a year before, orders were known
        ++years;
        auto const year_ago = months_after(then.as_of, -12);
        year_error += std::abs(sold(all, year_ago, months_after(year_ago, 3)) - whole_units(then.actual_book.amount));
        year_ours += std::abs(off);
    }
    auto const n = static_cast<double>(past.origins.size());
    auto const& score = past.book.amount;
    CHECK(score.cases == 7);
    CHECK(score.actual == Catch::Approx(actual / n));
    CHECK(score.mean_absolute_error == Catch::Approx(error / n));
    CHECK(score.root_mean_square_error == Catch::Approx(std::sqrt(square / n)));
    CHECK(score.bias == Catch::Approx(bias / n));
    CHECK(score.coverage_80 == Catch::Approx(held / n));
    CHECK(score.last_period.cases == 7);
    CHECK(score.last_period.naive == Catch::Approx(period_error / n));
    CHECK(score.last_period.scaled() == Catch::Approx(error / period_error));
    CHECK(static_cast<double>(score.last_year.cases) == years);
    CHECK(score.last_year.scaled() == Catch::Approx(year_ours / year_error));
    CHECK(past.groups.amount.cases == 14);  // the empty one is none
    CHECK(past.customers.amount.cases > 7 * 60);
}

TEST_CASE("a book that nobody joins is its existing customers", "[insight][forecast]") {
    auto all = some_orders();
    std::erase_if(all, [](auto const& own) { return own.front().on >= day{2024y / 2 / 1}; });
    REQUIRE(all.size() > 40);
    auto const past = backtest_sales(all, {.until = last, .months = 3, .origins = 6}).value();
    for (auto const& then : past.origins) {
        CHECK(then.actual_newcomers.purchases == 0);
        CHECK(then.actual_newcomers.amount == money{0, cny});
        CHECK(then.actual_book == then.actual_existing);
        CHECK(whole_units(then.actual_book.amount) ==
              Catch::Approx(sold(all, then.as_of, months_after(then.as_of, 3))));
    }
    // errors of the book that was are those of its existing customers
    auto const f = forecast_sales(all, {.as_of = last, .months = 3}).value();
    CHECK(f.origins > 3);
    CHECK(f.newcomers.amount.mean == 0);
    CHECK(f.book_off.amount == f.existing_off.amount);
    CHECK(f.book.amount == f.existing.amount);
}

TEST_CASE("a history that is too short, or a group of nobody known, is refused", "[insight][forecast]") {
    auto const all = some_orders();
    CHECK(backtest_sales(all, {.until = day{2024y / 7 / 31}, .months = 3}).error().code == errc::missing_field);
    CHECK(backtest_sales(all, {.until = last, .months = 0}).error().field == "months");
    CHECK(backtest_sales(all, {.until = last, .origins = 0}).error().field == "origins");
    std::vector<std::vector<std::size_t>> const groups{{all.size()}};
    CHECK(backtest_sales(all, {.until = last, .groups = groups}).error().field == "groups");
    auto const short_year = backtest_sales(all, {.until = last, .months = 14, .origins = 2}).value();
    CHECK(short_year.book.amount.last_year.cases == 0);
    CHECK(std::isnan(short_year.book.amount.last_year.scaled()));
}
