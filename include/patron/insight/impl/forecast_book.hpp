#pragma once
// A book's forecast at one day, from what was known then, and what past ones teach.
#include <patron/insight/forecast.hpp>
#include <patron/insight/impl/forecast_law.hpp>
#include <patron/insight/whole_units.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

namespace patron::inline v1::insight::detail {

inline constexpr int least_months = 6;  ///< known at a past origin
inline constexpr int arrival_months = 6;
inline constexpr int season_months = 60;

/// The orders of one day together.
struct purchase_on {
    day on{};
    money amount{};
};

/// What was known of all customers at the end of a day.
struct histories {
    std::vector<std::vector<purchase_on>> customers{};  ///< by day; empty without a purchase
    day until{};
    day first{};    ///< the first purchase of all; `until` where there is none
    currency in{};  ///< of all amounts
};

inline result<void> check_terms(forecast_terms const& terms) {
    auto const outside = [](char const* field, int saw, char const* remedy) {
        return error{.code = errc::out_of_range, .field = field, .saw = std::to_string(saw), .remedy = remedy};
    };
    if (terms.months < 1 || terms.months > 36) return outside("months", terms.months, "give 1 to 36 months");
    if (terms.past_origins < 0 || terms.past_origins > 120) {
        return outside("past_origins", terms.past_origins, "give 0 to 120 past forecasts");
    }
    return {};
}

inline orders_known cut_by_day(std::span<std::vector<dated_amount> const> orders) {
    return [orders](day until) {
        std::vector<std::vector<dated_amount>> out(orders.size());
        for (std::size_t i = 0; i < orders.size(); ++i) {
            for (auto const& o : orders[i]) {
                if (o.on <= until) out[i].push_back(o);
            }
        }
        return out;
    };
}

inline result<histories> histories_of(orders_known const& known, day until) {
    auto told = known(until);
    histories out{.customers = std::vector<std::vector<purchase_on>>(told.size()), .until = until, .first = until};
    std::optional<currency> in;
    __extension__ using wide = __int128;
    wide all = 0;
    for (std::size_t i = 0; i < told.size(); ++i) {
        auto& orders = told[i];
        std::erase_if(orders, [&](dated_amount const& o) { return o.on > until; });
        std::sort(orders.begin(), orders.end(),
                  [](dated_amount const& a, dated_amount const& b) { return a.on < b.on; });
        for (auto at = orders.begin(); at != orders.end();) {
            auto const on = at->on;
            wide sum = 0;  // minor units
            for (; at != orders.end() && at->on == on; ++at) {
                if (!in) in = at->amount.in();
                if (at->amount.in() != *in) {
                    return error{.code = errc::currency_mismatch,
                                 .field = "orders",
                                 .saw = std::string{at->amount.in().code()} + " after " + std::string{in->code()},
                                 .remedy = "forecast the customers of one currency at a time",
                                 .line = i + 1};
                }
                sum += at->amount.minor_units();
            }
            // every sum of purchases fits then
            all += sum < 0 ? -sum : sum;
            if (all > INT64_MAX) {
                return error{.code = errc::amount_overflow,
                             .field = "orders",
                             .saw = "more than 64 bits of minor units in all",
                             .remedy = "forecast fewer customers at a time",
                             .line = i + 1};
            }
            out.customers[i].push_back({on, money{static_cast<std::int64_t>(sum), *in}});
        }
        if (!out.customers[i].empty()) out.first = std::min(out.first, out.customers[i].front().on);
    }
    out.in = in.value_or(currency{});
    return out;
}

/// Time as the book's season stretches it, in average days.
class season_clock {
public:
    season_clock(season const& of, day first, day last) : season_{of}, from_{first} {
        for (auto at = from_; at <= period{last}; at = at + 1) {
            begins_.push_back(days_);
            days_ += index_of(at) * static_cast<double>((at.last() - at.first()).count() + 1);
        }
    }
    /// From `from`, not included, to `until`.
    [[nodiscard]] double between(day from, day until) const noexcept { return at(until) - at(from); }

private:
    [[nodiscard]] double index_of(period month) const noexcept {
        return season_.index[static_cast<std::size_t>(month.index() % 12)];
    }
    [[nodiscard]] double at(day end) const noexcept {
        period const month{end};
        return begins_[static_cast<std::size_t>(month - from_)] +
               index_of(month) * static_cast<double>((end - month.first()).count() + 1);
    }

    season season_;
    period from_;
    std::vector<double> begins_{};
    double days_ = 0;
};

/// The season by the whole months that are known of the last five years.
inline season season_in(histories const& of) {
    auto first = period{of.first};
    if (of.first != first.first()) first = first + 1;
    auto end = period{of.until};
    if (of.until == end.last()) end = end + 1;
    first = std::max(first, end - season_months);
    if (end - first < 24) return {};
    std::vector<double> months(static_cast<std::size_t>(end - first));
    for (auto const& one : of.customers) {
        for (auto const& p : one) {
            period const month{p.on};
            if (month >= first && month < end) ++months[static_cast<std::size_t>(month - first)];
        }
    }
    auto const began = std::find_if(months.begin(), months.end(), [](double bought) { return bought > 0; });
    auto const idle = static_cast<std::size_t>(began - months.begin());  // an order of long ago, and none for years
    return season_of(std::span{months}.subspan(idle), first + static_cast<int>(idle));
}

/// Adds a customer to a sum; the chance of nothing by its logarithm.
inline void add_up(sales_forecast& to, sales_forecast const& one, double& log_none) noexcept {
    to.purchases.mean += one.purchases.mean;
    to.purchases.variance += one.purchases.variance;
    to.amount.mean += one.amount.mean;
    to.amount.variance += one.amount.variance;
    log_none += std::log(one.purchases.none);
}

/// A forecast made at one day: means, variances and chances of nothing, no ranges yet.
struct origin {
    day at{};
    day until{};
    std::variant<mbg_nbd, bg_nbd, pareto_nbd> model{};
    gamma_gamma spend{};
    double horizon = 0;  ///< in months of average days
    std::vector<bool> known{};
    std::vector<purchase_summary> bought{};  ///< of those known; others are not looked at
    std::vector<spend_summary> spent{};
    std::vector<sales_forecast> customers{};
    sales_forecast existing{};
    sales_forecast newcomers{};
    sales_forecast book{};
    season months{};
    std::vector<std::string> warnings{};
};

/// Who will come, and what they will buy within the horizon.
inline sales_forecast newcomers_of(histories const& of, origin const& made, season_clock const& clock) {
    auto const windows = std::clamp(period{of.until} - period{of.first}, 1, arrival_months);
    std::vector<double> arrived(static_cast<std::size_t>(windows));
    std::vector<day> ends;
    for (int back = windows; back >= 0; --back) ends.push_back(months_after(of.until, -back));
    for (auto const& one : of.customers) {
        if (one.empty() || one.front().on <= ends.front()) continue;
        auto const in = std::lower_bound(ends.begin(), ends.end(), one.front().on) - ends.begin() - 1;
        ++arrived[static_cast<std::size_t>(in)];
    }
    auto const whole = clock.between(std::max(ends.front(), of.first - std::chrono::days{1}), of.until);
    auto const months = made.horizon * days_in(time_unit::month) / whole * windows;
    auto const n = static_cast<double>(windows);
    auto const mean = std::accumulate(arrived.begin(), arrived.end(), 0.0) / n;
    double spread = 0;
    for (auto const a : arrived) spread += (a - mean) * (a - mean);
    spread = std::max(windows > 1 ? spread / (n - 1) : 0, mean);
    if (mean == 0) return {};
    auto const come = mean * months;
    auto const come_spread = spread * months * (1 + months / n);

    constexpr int points = 8;  // of the first purchase within the horizon
    two_moments each;
    std::vector<double> p;
    for (int i = 0; i < points; ++i) {
        auto const rest = made.horizon * (i + 0.5) / points;
        std::visit([&](auto const& model) { purchases_law(model, purchase_summary{}, rest, p); }, made.model);
        auto const repeats = moments_of(p);
        each.first += (1 + repeats.first) / points;
        each.second += (1 + 2 * repeats.first + repeats.second) / points;
    }
    auto const worth = spend_law{made.spend, {}}.sum(each);
    auto const sum = [&](two_moments const& one) {
        forecast_value out;
        out.mean = come * one.first;
        out.variance = come * (one.second - one.first * one.first) + come_spread * one.first * one.first;
        out.none = std::exp(-come);
        return out;
    };
    return {sum(each), sum(worth)};
}

inline result<void> fit(origin& into, purchase_model by) {
    std::vector<purchase_summary> rows;
    std::vector<spend_summary> amounts;
    for (std::size_t i = 0; i < into.known.size(); ++i) {
        if (!into.known[i]) continue;
        rows.push_back(into.bought[i]);
        amounts.push_back(into.spent[i]);
    }
    auto const say = [&](char const* of, std::vector<std::string> const& warnings) {
        for (auto const& w : warnings) into.warnings.push_back(of + w);
    };
    auto const take = [&](auto const& fitted) -> result<void> {
        if (!fitted) return fitted.error();
        into.model = fitted.value().model;
        say("purchases: ", fitted.value().warnings);
        return {};
    };
    auto const made = by == purchase_model::bg_nbd    ? take(fit_bg_nbd(rows))
                      : by == purchase_model::mbg_nbd ? take(fit_mbg_nbd(rows))
                                                      : take(fit_pareto_nbd(rows));
    if (!made) return made.error();
    auto const spend = fit_gamma_gamma(amounts);
    if (!spend) return spend.error();
    into.spend = spend.value().model;
    say("amounts: ", spend.value().warnings);
    return {};
}

inline result<origin> origin_at(histories const& of, day at, forecast_terms const& terms) {
    auto const n = of.customers.size();
    origin out;
    out.at = at;
    out.until = months_after(at, terms.months);
    out.known.resize(n);
    out.bought.resize(n);
    out.spent.resize(n);
    out.customers.resize(n);
    out.months = season_in(of);
    season_clock const clock{out.months, of.first - std::chrono::days{1}, out.until};
    constexpr auto month = days_in(time_unit::month);
    out.horizon = clock.between(at, out.until) / month;
    for (std::size_t i = 0; i < n; ++i) {
        auto const& days = of.customers[i];
        if (days.empty()) continue;
        out.known[i] = true;
        auto const first = days.front().on;
        out.bought[i] = {.x = static_cast<std::uint32_t>(days.size() - 1),
                         .t_x = clock.between(first, days.back().on) / month,
                         .T = clock.between(first, at) / month};
        auto& spent = out.spent[i];
        for (auto const& p : days) {
            if (p.amount.minor_units() <= 0) continue;
            ++spent.x;
            spent.mean += whole_units(p.amount);
        }
        if (spent.x > 0) spent.mean /= spent.x;
    }
    if (auto const fitted = fit(out, terms.model); !fitted) return fitted.error();
    if (out.months.years == 0) {
        out.warnings.emplace_back("fewer than 24 whole months are known: no season of the year is applied");
    }
    double log_none = 0;
    std::vector<double> p;
    for (std::size_t i = 0; i < n; ++i) {
        if (!out.known[i]) continue;
        std::visit([&](auto const& model) { purchases_law(model, out.bought[i], out.horizon, p); }, out.model);
        out.customers[i] = expected_of(p, spend_law{out.spend, out.spent[i]});
        add_up(out.existing, out.customers[i], log_none);
    }
    out.existing.purchases.none = out.existing.amount.none = std::exp(log_none);
    if (terms.newcomers) out.newcomers = newcomers_of(of, out, clock);
    out.book = out.existing;
    add_up(out.book, out.newcomers, log_none);
    out.book.purchases.none = out.book.amount.none = std::exp(log_none);
    return out;
}

/// What was bought in an origin's horizon.
struct actuals {
    std::vector<actual_sales> customers{};
    actual_sales existing{};
    actual_sales newcomers{};
    actual_sales book{};
};
/// Of one book, whose sums fit (`histories_of`).
inline void add_to(actual_sales& to, actual_sales const& more) noexcept {
    to.purchases += more.purchases;
    to.amount = {to.amount.minor_units() + more.amount.minor_units(), more.amount.in()};
}
inline actual_sales bought_in(std::vector<purchase_on> const& days, day after, day until, currency in) {
    actual_sales out{.purchases = 0, .amount = money{0, in}};
    auto const from =
        std::upper_bound(days.begin(), days.end(), after, [](day on, purchase_on const& p) { return on < p.on; });
    for (auto p = from; p != days.end() && p->on <= until; ++p) { add_to(out, {1, p->amount}); }
    return out;
}
inline actuals actual_of(origin const& made, histories const& now, bool newcomers) {
    actuals out;
    out.existing.amount = out.newcomers.amount = money{0, now.in};
    out.customers.resize(now.customers.size());
    for (std::size_t i = 0; i < now.customers.size(); ++i) {
        auto const sum = bought_in(now.customers[i], made.at, made.until, now.in);
        out.customers[i] = sum;
        auto& side = i < made.known.size() && made.known[i] ? out.existing : out.newcomers;
        add_to(side, sum);
    }
    out.book = out.existing;
    if (newcomers) add_to(out.book, out.newcomers);
    return out;
}

/// Relative errors of past forecasts, the latest `most` of them.
class past_errors {
public:
    void add(origin const& made, actuals const& actual) {
        ++origins_;
        auto const purchases = [](actual_sales const& of) { return static_cast<double>(of.purchases); };
        existing_purchases_.push_back(excess(made.existing.purchases, purchases(actual.existing)));
        existing_amount_.push_back(excess(made.existing.amount, whole_units(actual.existing.amount)));
        book_purchases_.push_back(excess(made.book.purchases, purchases(actual.book)));
        book_amount_.push_back(excess(made.book.amount, whole_units(actual.book.amount)));
    }
    struct learnt {
        sales_error existing{};
        sales_error book{};
        std::uint32_t origins = 0;
    };
    /// From the last `most` that were added.
    [[nodiscard]] learnt common(int months, std::size_t most) const {
        auto const of = [&](std::vector<double> const& all) {
            auto const n = std::min(all.size(), most);
            constexpr common_error prior{};
            // forecasts that chance alone explains take nothing from what is held before any is known
            auto const seen =
                std::max(std::accumulate(all.end() - static_cast<std::ptrdiff_t>(n), all.end(), 0.0), 0.0);
            auto const sum = prior.spread * prior.spread * prior.freedom + seen;
            auto const count = static_cast<double>(n);
            return common_error{.spread = std::sqrt(sum / (prior.freedom + count)),
                                .freedom = prior.freedom + count / months};
        };
        return {.existing = {of(existing_purchases_), of(existing_amount_)},
                .book = {of(book_purchases_), of(book_amount_)},
                .origins = static_cast<std::uint32_t>(std::min(origins_, most))};
    }

private:
    /// The square of the relative error beyond what chance explains.
    static double excess(forecast_value const& made, double actual) noexcept {
        if (!(made.mean > 0)) return 0;
        auto const off = actual - made.mean;
        return (off * off - made.variance) / (made.mean * made.mean);
    }

    std::size_t origins_ = 0;
    std::vector<double> existing_purchases_{};
    std::vector<double> existing_amount_{};
    std::vector<double> book_purchases_{};
    std::vector<double> book_amount_{};
};

/// The forecast with its ranges.
inline book_forecast finished(origin made, past_errors::learnt const& learnt) {
    book_forecast out{.as_of = made.at,
                      .until = made.until,
                      .customers = std::move(made.customers),
                      .existing = made.existing,
                      .newcomers = made.newcomers,
                      .book = made.book,
                      .existing_off = learnt.existing,
                      .book_off = learnt.book,
                      .origins = learnt.origins,
                      .months = made.months,
                      .warnings = std::move(made.warnings)};
    if (learnt.origins == 0) {
        out.warnings.emplace_back("no past forecast could be made to learn from: ranges of sums rest on a guess");
    }
    std::vector<double> p;
    for (std::size_t i = 0; i < out.customers.size(); ++i) {
        if (!made.known[i]) continue;
        std::visit([&](auto const& model) { purchases_law(model, made.bought[i], made.horizon, p); }, made.model);
        auto& one = out.customers[i];
        set_own_ranges(one, p, spend_law{made.spend, made.spent[i]});
        auto const widen = [](forecast_value& value, common_error const& off, bool whole) {
            value.within_80 = widened(value.within_80, value, off, level_80, whole);
            value.within_95 = widened(value.within_95, value, off, level_95, whole);
        };
        widen(one.purchases, out.existing_off.purchases, true);
        widen(one.amount, out.existing_off.amount, false);
    }
    set_ranges(out.existing.purchases, out.existing_off.purchases, true);
    set_ranges(out.existing.amount, out.existing_off.amount, false);
    constexpr common_error none{.spread = 0};
    set_ranges(out.newcomers.purchases, none, true);
    set_ranges(out.newcomers.amount, none, false);
    set_ranges(out.book.purchases, out.book_off.purchases, true);
    set_ranges(out.book.amount, out.book_off.amount, false);
    return out;
}

}  // namespace patron::v1::insight::detail
