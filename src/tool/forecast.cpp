#include "command.hpp"
#include "numbers.hpp"

#include <patron/insight/forecast_backtest.hpp>
#include <patron/insight/purchase_days.hpp>
#include <patron/insight/whole_units.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

namespace tool {

using namespace patron;
using namespace patron::insight;

namespace {

struct forecast_options {
    feed_options feeds;
    std::string model{mbg_nbd::name};
    std::string by = "book";
    std::string in;
    std::string format = "table";
    int months = 3;
    int level = 80;
    int origins = 12;
    bool existing = false;
    bool backtest = false;
};

/// Those who trade in one currency, with the facts that make their purchases.
struct traders {
    std::vector<std::string> codes{};
    std::vector<std::vector<fact>> facts{};
    std::vector<std::string> group_codes{};
    std::vector<std::vector<std::size_t>> groups{};  ///< a group and all below it, by place
    currency in{};

    [[nodiscard]] orders_known known() const {
        return [this](day until) {
            std::vector<std::vector<dated_amount>> out;
            out.reserve(facts.size());
            for (auto const& own : facts) out.push_back(purchases_of(own, in, until));
            return out;
        };
    }
};

bool says_of_purchases(fact const& f) {
    return std::holds_alternative<order_placed>(f) || std::holds_alternative<order_cancelled>(f) ||
           std::holds_alternative<order_reopened>(f) || std::holds_alternative<goods_returned>(f);
}

traders traders_of(loaded const& all, forecast_options const& o) {
    traders out;
    std::map<std::string, std::string, std::less<>> parents;
    std::set<std::string> currencies;
    std::optional<currency> wanted;
    if (!o.in.empty()) wanted = or_stop_at("--in", currency::of(o.in));
    all.book().each_by_code([&](customer_row const& row) {
        std::string const code{row.profile.code};
        if (!row.profile.parent.empty()) parents.emplace(code, row.profile.parent);
        if (wanted && row.state.in != *wanted) return true;
        auto facts = or_stop(all.book().facts_of(code), failed);
        std::erase_if(facts, [](fact const& f) { return !says_of_purchases(f); });
        if (std::any_of(facts.begin(), facts.end(),
                        [](fact const& f) { return std::holds_alternative<order_placed>(f); })) {
            currencies.emplace(row.state.in.code());
            out.in = row.state.in;
        }
        out.codes.push_back(code);
        out.facts.push_back(std::move(facts));
        return true;
    });
    if (currencies.empty()) {
        throw stop{bad_input, wanted ? fmt::format("--in {}: no customer that trades in it has an order; give another "
                                                   "currency, or leave it out",
                                                   o.in)
                                     : "no customer has an order: there is nothing to forecast"};
    }
    if (currencies.size() > 1) {
        std::string names;
        for (auto const& code : currencies) names += (names.empty() ? "" : ", ") + code;
        throw stop{bad_input, fmt::format("customers trade in {}: a forecast is in one currency; give --in and one of "
                                          "them",
                                          names)};
    }
    std::map<std::string, std::vector<std::size_t>> groups;
    std::set<std::string, std::less<>> are_parents;
    for (auto const& [code, parent] : parents) are_parents.insert(parent);
    for (std::size_t i = 0; i < out.codes.size(); ++i) {
        std::set<std::string, std::less<>> above;  // groups that lead back end here
        if (are_parents.contains(out.codes[i])) above.insert(out.codes[i]);
        for (auto up = parents.find(out.codes[i]); up != parents.end() && above.insert(up->second).second;) {
            up = parents.find(up->second);
        }
        for (auto const& group : above) groups[group].push_back(i);
    }
    for (auto& [code, members] : groups) {
        out.group_codes.push_back(code);
        out.groups.push_back(std::move(members));
    }
    if (o.by == "group" && groups.empty()) {
        throw stop{bad_input, "--by group: no customer has a parent; give customer or book"};
    }
    return out;
}

forecast_range range_at(forecast_value const& of, int level) { return level == 80 ? of.within_80 : of.within_95; }
double held_at(forecast_score const& of, int level) { return level == 80 ? of.coverage_80 : of.coverage_95; }

/// An amount with the digits of its currency; zero without a sign.
std::string amount_text(double value, currency in) {
    auto const scale = std::pow(10.0, in.minor_digits());
    return fmt::format("{:.{}f}", std::round(value * scale) / scale + 0.0, in.minor_digits());
}
std::string number(double value) { return rounded_number(value, 6); }

std::string value_json(forecast_value const& of, std::optional<currency> in) {
    auto const shown = [&](double value) { return in ? amount_text(value, *in) : number(value); };
    return fmt::format(R"({{"mean":{},"none":{},"within_80":[{},{}],"within_95":[{},{}]}})", shown(of.mean),
                       number(of.none), shown(of.within_80.low), shown(of.within_80.high), shown(of.within_95.low),
                       shown(of.within_95.high));
}
std::string sales_json(sales_forecast const& of, currency in) {
    return fmt::format(R"("purchases":{},"amount":{})", value_json(of.purchases, {}), value_json(of.amount, in));
}
std::string sales_text(std::string_view who, sales_forecast const& of, currency in, int level) {
    auto const bought = range_at(of.purchases, level);
    auto const worth = range_at(of.amount, level);
    return padded(who, 20) + fmt::format("{:>11.2f}{:>9}{:>9}{:>9.4f}{:>17}{:>17}{:>17}\n", of.purchases.mean,
                                         bought.low, bought.high, of.purchases.none, amount_text(of.amount.mean, in),
                                         amount_text(worth.low, in), amount_text(worth.high, in));
}

/// One line of what is forecast: a customer, a group.
struct named_forecast {
    std::string_view code;
    sales_forecast of;
};

std::vector<named_forecast> rows_of(book_forecast const& made, traders const& from, std::string const& by) {
    std::vector<named_forecast> out;
    if (by == "customer") {
        for (std::size_t i = 0; i < from.codes.size(); ++i) {
            if (made.customers[i].purchases.none < 1) out.push_back({from.codes[i], made.customers[i]});
        }
    } else if (by == "group") {
        for (std::size_t i = 0; i < from.groups.size(); ++i) {
            out.push_back({from.group_codes[i], total_of(made, from.groups[i])});
        }
    }
    return out;
}

std::string forecast_json(book_forecast const& made, traders const& from, forecast_options const& o) {
    std::string warnings, months, rows;
    for (auto const& warning : made.warnings) {
        if (!warnings.empty()) warnings += ',';
        append_json_string(warnings, warning);
    }
    for (auto const index : made.months.index) months += (months.empty() ? "" : ",") + number(index);
    for (auto const& row : rows_of(made, from, o.by)) {
        rows += fmt::format("{}{{\"{}\":", rows.empty() ? "" : ",", o.by);
        append_json_string(rows, row.code);
        rows += ',' + sales_json(row.of, from.in) + '}';
    }
    auto out = fmt::format(
        R"("as_of":"{}","from":"{}","until":"{}","months":{},"model":"{}","currency":"{}","past_origins":{},)"
        R"("common_error":{{"purchases":{},"amount":{}}},"season":{},"warnings":[{}],"book":{{{}}},"existing":{{{}}},)"
        R"("newcomers":{{{}}})",
        to_string(made.as_of), to_string(made.as_of + std::chrono::days{1}), to_string(made.until), o.months, o.model,
        from.in.code(), made.origins, number(made.book_off.purchases.spread), number(made.book_off.amount.spread),
        made.months.years == 0 ? "null" : '[' + months + ']', warnings, sales_json(made.book, from.in),
        sales_json(made.existing, from.in), sales_json(made.newcomers, from.in));
    if (o.by != "book") out += ",\"rows\":[" + rows + ']';
    return out;
}

std::string forecast_text(book_forecast const& made, traders const& from, forecast_options const& o) {
    auto out = fmt::format(
        "{} to {} by {}, amounts in {}, ranges of {} %; {:.1f} % of the book's amount off in common, by {} past "
        "forecasts\n\n",
        to_string(made.as_of + std::chrono::days{1}), to_string(made.until), o.model, from.in.code(), o.level,
        100 * made.book_off.amount.spread, made.origins);
    out += fmt::format("{:<20}{:>11}{:>9}{:>9}{:>9}{:>17}{:>17}{:>17}\n", o.by == "book" ? "" : o.by, "purchases",
                       "low", "high", "p_none", "amount", "low", "high");
    for (auto const& row : rows_of(made, from, o.by)) out += sales_text(row.code, row.of, from.in, o.level);
    if (o.by != "book") out += '\n';
    out += sales_text("existing customers", made.existing, from.in, o.level);
    if (!o.existing) {
        out += sales_text("newcomers", made.newcomers, from.in, o.level);
        out += sales_text("book", made.book, from.in, o.level);
    }
    for (auto const& warning : made.warnings) out += "warning: " + warning + '\n';
    return out;
}

/// What was forecast of what, and how well.
struct named_score {
    char const* name;
    char const* measure;
    forecast_score of;
};
std::vector<named_score> scores_of(forecast_backtest const& past, forecast_options const& o, bool groups) {
    std::vector<named_score> out;
    auto const add = [&](char const* name, sales_score const& of) {
        out.push_back({name, "purchases", of.purchases});
        out.push_back({name, "amount", of.amount});
    };
    add("customers", past.customers);
    if (groups) add("groups", past.groups);
    add("existing", past.existing);
    if (!o.existing) add("book", past.book);
    return out;
}

std::string backtest_json(forecast_backtest const& past, traders const& from, forecast_options const& o) {
    std::string origins, scores;
    auto const actual = [&](actual_sales const& of) {
        return fmt::format(R"({{"purchases":{},"amount":{}}})", of.purchases,
                           amount_text(whole_units(of.amount), from.in));
    };
    for (auto const& then : past.origins) {
        origins += fmt::format(R"({}{{"as_of":"{}","until":"{}","past_origins":{},"book":{{{},"actual":{}}},)"
                               R"("existing":{{{},"actual":{}}},"newcomers":{{{},"actual":{}}}}})",
                               origins.empty() ? "" : ",", to_string(then.as_of), to_string(then.until), then.learnt,
                               sales_json(then.book, from.in), actual(then.actual_book),
                               sales_json(then.existing, from.in), actual(then.actual_existing),
                               sales_json(then.newcomers, from.in), actual(then.actual_newcomers));
    }
    auto const naive = [](naive_error const& of) {
        return fmt::format(R"({{"cases":{},"mean_absolute_error":{},"scaled_error":{}}})", of.cases, number(of.naive),
                           number(of.scaled()));
    };
    for (auto const& [name, measure, of] : scores_of(past, o, !from.groups.empty())) {
        scores += fmt::format(
            R"({}{{"of":"{}","measure":"{}","cases":{},"actual":{},"mean_absolute_error":{},)"
            R"("root_mean_square_error":{},"bias":{},"coverage_80":{},"coverage_95":{},"last_period":{},"last_year":{}}})",
            scores.empty() ? "" : ",", name, measure, of.cases, number(of.actual), number(of.mean_absolute_error),
            number(of.root_mean_square_error), number(of.bias), number(of.coverage_80), number(of.coverage_95),
            naive(of.last_period), naive(of.last_year));
    }
    return fmt::format(R"("backtest":{{"origins":[{}],"scores":[{}]}})", origins, scores);
}

std::string backtest_text(forecast_backtest const& past, traders const& from, forecast_options const& o) {
    auto out = fmt::format("\nforecasts of past month ends, {}\n{:<12}{:<12}{:>17}{:>17}{:>17}{:>17}{:>9}\n",
                           o.existing ? "existing customers" : "the book", "as of", "until", "amount", "low", "high",
                           "actual", "off, %");
    for (auto const& then : past.origins) {
        auto const& made = (o.existing ? then.existing : then.book).amount;
        auto const actual = whole_units((o.existing ? then.actual_existing : then.actual_book).amount);
        auto const range = range_at(made, o.level);
        out += fmt::format("{:<12}{:<12}{:>17}{:>17}{:>17}{:>17}{:>9}{}\n", to_string(then.as_of),
                           to_string(then.until), amount_text(made.mean, from.in), amount_text(range.low, from.in),
                           amount_text(range.high, from.in), amount_text(actual, from.in),
                           actual > 0 ? fmt::format("{:.1f}", 100 * (made.mean / actual - 1)) : "-",
                           range.covers(actual) ? "" : "  outside");
    }
    out += fmt::format("\n{:<12}{:<12}{:>9}{:>15}{:>15}{:>15}{:>9}{:>13}{:>13}\n", "", "", "cases", "actual", "MAE",
                       "bias", fmt::format("in {} %", o.level), "last period", "last year");
    std::string nearer;
    for (auto const& [name, measure, of] : scores_of(past, o, !from.groups.empty())) {
        auto const scaled = [](naive_error const& with) {
            return with.cases > 0 && std::isfinite(with.scaled()) ? fmt::format("{:.3f}", with.scaled()) : "-";
        };
        out += fmt::format("{:<12}{:<12}{:>9}{:>15.2f}{:>15.2f}{:>15.2f}{:>9.3f}{:>13}{:>13}\n", name, measure,
                           of.cases, of.actual, of.mean_absolute_error, of.bias, held_at(of, o.level),
                           scaled(of.last_period), scaled(of.last_year));
        for (auto const& [with, what] : {std::pair{of.last_period, "as much as in the period before"},
                                         {of.last_year, "as much as a year before"}}) {
            if (with.cases > 0 && std::isfinite(with.scaled()) && with.scaled() > 1)
                nearer += fmt::format("{}, {}: \"{}\" was nearer than this forecast\n", name, measure, what);
        }
    }
    out += "(the last two: mean absolute error over that of the naive forecast; below 1 it is ours that is nearer)\n";
    return out + nearer;
}

void run(forecast_options const& o) {
    if (o.level != 80 && o.level != 95) throw stop{bad_input, "--level: give 80 or 95"};
    auto const all = load(o.feeds, {});
    auto const from = traders_of(all, o);
    forecast_terms const terms{
        .as_of = all.as_of, .months = o.months, .model = purchase_model_of(o.model).value(), .newcomers = !o.existing};
    auto const made = or_stop(forecast_sales(from.known(), terms), bad_input);
    auto text = o.format == "json" ? forecast_json(made, from, o) : forecast_text(made, from, o);
    if (o.backtest) {
        backtest_terms const asked{.until = all.as_of,
                                   .months = o.months,
                                   .model = terms.model,
                                   .newcomers = terms.newcomers,
                                   .origins = o.origins,
                                   .groups = from.groups};
        auto const past = or_stop(backtest_sales(from.known(), asked), bad_input);
        text += o.format == "json" ? ',' + backtest_json(past, from, o) : backtest_text(past, from, o);
    }
    if (o.format == "json") text = '{' + text + "}\n";
    end_with(all, text, fmt::format("sales of {} months after {}", o.months, to_string(all.as_of)));
}

}  // namespace

void add_forecast(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "forecast", "purchases and sales of the next months with ranges, and how past forecasts would have done");
    auto const o = std::make_shared<forecast_options>();
    o->feeds.add_to(*command, true);
    command->add_option("--months", o->months, "how far to look ahead, 1 to 36")->capture_default_str();
    command->add_option("--by", o->by, "rows: each customer, each group with all below it, or none")
        ->check(CLI::IsMember({"customer", "group", "book"}))
        ->capture_default_str();
    command->add_option("--level", o->level, "of the ranges in the table: 80 or 95; JSON has both")
        ->capture_default_str();
    command->add_option("--model", o->model, "of purchases")
        ->check(CLI::IsMember({"bgnbd", "mbgnbd", "paretonbd"}))
        ->capture_default_str();
    command->add_option("--in", o->in, "the customers whose own currency is this one, where there are several");
    command->add_flag("--existing", o->existing, "leave out customers who will first buy in these months");
    command->add_flag("--backtest", o->backtest, "the same at past month ends, set against what was bought");
    command->add_option("--origins", o->origins, "how many past month ends, 1 to 120")->capture_default_str();
    command->add_option("--format", o->format, "of the answer")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
