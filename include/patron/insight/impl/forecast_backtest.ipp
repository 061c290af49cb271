#pragma once
#include <patron/insight/forecast_backtest.hpp>
#include <patron/insight/impl/forecast_book.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace patron::inline v1::insight {

namespace detail {

/// What is summed up for a score.
class score_sums {
public:
    void add(forecast_value const& made, double actual, double last_period, std::optional<double> last_year) {
        auto const off = made.mean - actual;
        ++out_.cases;
        out_.actual += actual;
        out_.mean_absolute_error += std::abs(off);
        out_.root_mean_square_error += off * off;
        out_.bias += off;
        out_.coverage_80 += made.within_80.covers(actual) ? 1 : 0;
        out_.coverage_95 += made.within_95.covers(actual) ? 1 : 0;
        compare(out_.last_period, off, last_period - actual);
        if (last_year) compare(out_.last_year, off, *last_year - actual);
    }
    [[nodiscard]] forecast_score score() const {
        auto out = out_;
        if (out.cases == 0) return out;
        auto const n = static_cast<double>(out.cases);
        out.actual /= n;
        out.mean_absolute_error /= n;
        out.root_mean_square_error = std::sqrt(out.root_mean_square_error / n);
        out.bias /= n;
        out.coverage_80 /= n;
        out.coverage_95 /= n;
        for (auto* const with : {&out.last_period, &out.last_year}) {
            with->naive /= static_cast<double>(with->cases);
            with->ours /= static_cast<double>(with->cases);
        }
        return out;
    }

private:
    static void compare(naive_error& with, double ours, double naive) {
        if (with.cases++ == 0) with.naive = with.ours = 0;
        with.naive += std::abs(naive);
        with.ours += std::abs(ours);
    }
    forecast_score out_{};
};

struct sales_sums {
    score_sums purchases{};
    score_sums amount{};

    void add(sales_forecast const& made, actual_sales const& actual, actual_sales const& last_period,
             std::optional<actual_sales> const& last_year) {
        auto const count = [](actual_sales const& of) { return static_cast<double>(of.purchases); };
        auto const worth = [](actual_sales const& of) { return whole_units(of.amount); };
        auto const year = [&](auto const& of) { return last_year ? std::optional{of(*last_year)} : std::nullopt; };
        purchases.add(made.purchases, count(actual), count(last_period), year(count));
        amount.add(made.amount, worth(actual), worth(last_period), year(worth));
    }
    [[nodiscard]] sales_score score() const { return {purchases.score(), amount.score()}; }
};

/// What each customer bought in a span of an origin's past, as it was known then.
inline std::vector<actual_sales> bought_by_each(histories const& then, day after, day until) {
    std::vector<actual_sales> out;
    out.reserve(then.customers.size());
    for (auto const& days : then.customers) out.push_back(bought_in(days, after, until, then.in));
    return out;
}
inline actual_sales sum_of(std::vector<actual_sales> const& each) {
    actual_sales out;
    for (auto const& one : each) add_to(out, one);
    return out;
}

struct backtest_sums {
    sales_sums customers{};
    sales_sums groups{};
    sales_sums existing{};
    sales_sums book{};

    void add(book_forecast const& made, origin const& of, actuals const& actual, histories const& then,
             backtest_terms const& terms) {
        auto const before = bought_by_each(then, months_after(made.as_of, -terms.months), made.as_of);
        auto const year_ago = months_after(made.as_of, -12);
        std::optional<std::vector<actual_sales>> last_year;
        if (terms.months <= 12 && then.first <= year_ago) {
            last_year = bought_by_each(then, year_ago, months_after(year_ago, terms.months));
        }
        auto const year_of = [&](std::size_t i) { return last_year ? std::optional{(*last_year)[i]} : std::nullopt; };
        for (std::size_t i = 0; i < of.known.size(); ++i) {
            if (!of.known[i]) continue;
            auto const sum = i < actual.customers.size() ? actual.customers[i] : actual_sales{};
            customers.add(made.customers[i], sum, before[i], year_of(i));
        }
        std::vector<std::size_t> members;
        for (auto const& group : terms.groups) {
            members.clear();
            actual_sales sum, sum_before, sum_year;
            for (auto const i : group) {
                if (i >= of.known.size() || !of.known[i]) continue;
                members.push_back(i);
                if (i < actual.customers.size()) add_to(sum, actual.customers[i]);
                add_to(sum_before, before[i]);
                if (last_year) add_to(sum_year, (*last_year)[i]);
            }
            if (members.empty()) continue;
            groups.add(total_of(made, members), sum, sum_before, last_year ? std::optional{sum_year} : std::nullopt);
        }
        // of the year before the existing customers are those of now: who came since bought nothing then
        auto const all_before = sum_of(before);
        auto const all_year = last_year ? std::optional{sum_of(*last_year)} : std::nullopt;
        existing.add(made.existing, actual.existing, all_before, all_year);
        book.add(made.book, actual.book, all_before, all_year);
    }
};

inline result<void> check_terms(backtest_terms const& terms, histories const& now) {
    if (auto const sound = check_terms({.months = terms.months, .past_origins = terms.past_origins}); !sound) {
        return sound.error();
    }
    if (terms.origins < 1 || terms.origins > 120) {
        return error{.code = errc::out_of_range,
                     .field = "origins",
                     .saw = std::to_string(terms.origins),
                     .remedy = "give 1 to 120 past forecasts"};
    }
    for (auto const& group : terms.groups) {
        for (auto const i : group) {
            if (i < now.customers.size()) continue;
            return error{.code = errc::out_of_range,
                         .field = "groups",
                         .saw = std::to_string(i),
                         .remedy = "give places of customers, from 0 on"};
        }
    }
    return {};
}

}  // namespace detail

PATRON_FN result<forecast_backtest> backtest_sales(orders_known const& known, backtest_terms const& terms) {
    auto const now = detail::histories_of(known, terms.until);
    if (!now) return now.error();
    if (auto const sound = detail::check_terms(terms, now.value()); !sound) return sound.error();
    auto const least = months_after(now.value().first, detail::least_months);
    period last{terms.until};
    while (last.last() > terms.until || (last + terms.months).last() > terms.until) last = last - 1;

    std::vector<detail::origin> all;  // by day
    forecast_backtest out;
    detail::backtest_sums sums;
    auto const wanted = terms.origins + terms.past_origins + terms.months - 1;
    auto first = last - (wanted - 1);
    while (first.last() < least) first = first + 1;
    for (auto month = first; month <= last; month = month + 1) {
        auto const at = month.last();
        auto const then = detail::histories_of(known, at);
        if (!then) return then.error();
        auto made = detail::origin_at(
            then.value(), at,
            {.as_of = at, .months = terms.months, .model = terms.model, .newcomers = terms.newcomers});
        if (!made) continue;
        auto const actual = detail::actual_of(made.value(), now.value(), terms.newcomers);
        if (last - month < terms.origins) {
            detail::past_errors errors;
            for (auto const& earlier : all) {
                // as it was known then: what was cancelled since was sold
                if (earlier.until <= at) errors.add(earlier, detail::actual_of(earlier, then.value(), terms.newcomers));
            }
            auto const learnt = errors.common(terms.months, static_cast<std::size_t>(terms.past_origins));
            auto const ready = detail::finished(made.value(), learnt);
            sums.add(ready, made.value(), actual, then.value(), terms);
            out.origins.push_back({.as_of = ready.as_of,
                                   .until = ready.until,
                                   .existing = ready.existing,
                                   .newcomers = ready.newcomers,
                                   .book = ready.book,
                                   .book_off = ready.book_off,
                                   .learnt = ready.origins,
                                   .actual_existing = actual.existing,
                                   .actual_newcomers = actual.newcomers,
                                   .actual_book = actual.book});
        }
        // what is kept of an earlier origin is its sums, and whom it knew
        made.value().customers = {};
        made.value().bought = {};
        made.value().spent = {};
        all.push_back(std::move(made.value()));
    }
    if (out.origins.empty()) {
        return error{.code = errc::missing_field,
                     .field = "origins",
                     .remedy = "give a history of more than " + std::to_string(detail::least_months + terms.months) +
                               " months, in which customers came back"};
    }
    out.customers = sums.customers.score();
    out.groups = sums.groups.score();
    out.existing = sums.existing.score();
    out.book = sums.book.score();
    return out;
}

PATRON_FN result<forecast_backtest> backtest_sales(std::span<std::vector<dated_amount> const> orders,
                                                   backtest_terms const& terms) {
    return backtest_sales(detail::cut_by_day(orders), terms);
}

}  // namespace patron::v1::insight
