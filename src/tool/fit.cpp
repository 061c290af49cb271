#include "command.hpp"
#include "numbers.hpp"

#include <patron/insight/bg_nbd.hpp>
#include <patron/insight/gamma_gamma.hpp>
#include <patron/insight/lifetime_value.hpp>
#include <patron/insight/pareto_nbd.hpp>
#include <patron/insight/purchase_days.hpp>
#include <patron/insight/tracking.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <variant>

namespace tool {

using namespace patron;
using namespace patron::insight;

namespace {

struct fit_options {
    std::string model;
    feed_options feeds;
    std::string calibrate_until;
    std::string unit = "week";
    std::string format = "table";
    double predict = -1;
    double value = -1;
    double discount = 0;
    bool holdout = false;
};

/// A customer with an order by the end of the calibration.
struct one_customer {
    std::string code;
    purchase_summary bought{};
    spend_summary spent{};
};

struct history {
    std::vector<one_customer> customers;
    std::vector<std::vector<day>> order_days;  ///< of all, up to the day of the book
    std::set<std::string> currencies;
    day calibrated_until{};
    day until{};
};

history history_of(loaded const& all, fit_options const& o, time_unit unit) {
    history out;
    out.calibrated_until = out.until = all.as_of;
    if (!o.calibrate_until.empty()) {
        out.calibrated_until = or_stop_at("--calibrate-until", parse_day(o.calibrate_until));
        if (out.calibrated_until > out.until) {
            throw stop{bad_input,
                       fmt::format("--calibrate-until: {} is later than all that is known, which ends on {}; "
                                   "give that day or an earlier one",
                                   o.calibrate_until, to_string(out.until))};
        }
    }
    if (o.holdout && out.calibrated_until == out.until) {
        throw stop{bad_input,
                   fmt::format("--holdout: nothing is held out; give --calibrate-until a day before {}, the last that "
                               "is known",
                               to_string(out.until))};
    }
    auto const wants_amounts = o.model == gamma_gamma::name || o.value >= 0;
    all.book().each_by_code([&](customer_row const& row) {
        auto const facts = or_stop(all.book().facts_of(row.profile.code), failed);
        auto const orders = purchases_of(facts, row.state.in, out.calibrated_until);
        std::vector<day> days;
        days.reserve(orders.size());
        for (auto const& order : orders) days.push_back(order.on);
        if (auto const bought = summary_of(days, out.calibrated_until, unit)) {
            one_customer one{.code = std::string{row.profile.code}, .bought = *bought};
            if (wants_amounts) {
                one.spent = spend_of(orders, out.calibrated_until).value();
                out.currencies.emplace(row.state.in.code());
            }
            out.customers.push_back(std::move(one));
        }
        if (o.holdout) {
            days.clear();
            for (auto const& order : purchases_of(facts, row.state.in, out.until)) days.push_back(order.on);
            out.order_days.push_back(std::move(days));
        }
        return true;
    });
    if (out.customers.empty()) {
        throw stop{bad_input, fmt::format("no customer has an order up to {}: there is nothing to fit",
                                          to_string(out.calibrated_until))};
    }
    if (out.currencies.size() > 1) {
        std::string names;
        for (auto const& code : out.currencies) names += (names.empty() ? "" : ", ") + code;
        throw stop{bad_input,
                   fmt::format("customers trade in {}: amounts are fitted in one currency; give a feed of the "
                               "customers of one",
                               names)};
    }
    return out;
}

/// A number as JSON has it: nothing where it is none.
std::string number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }
/// A score.
std::string score(double value) { return rounded_number(value, 9); }

template <class Model>
std::string parameters_json(model_fit<Model> const& fit) {
    std::string names, errors;
    for (std::size_t i = 0; i < fit.size; ++i) {
        auto const* const comma = i == 0 ? "" : ",";
        names += fmt::format("{}\"{}\":{}", comma, Model::names[i], number(fit.model.parameters()[i]));
        errors += fmt::format("{}\"{}\":{}", comma, Model::names[i], number(fit.standard_errors[i]));
    }
    std::string warnings;
    for (auto const& warning : fit.warnings) {
        if (!warnings.empty()) warnings += ',';
        append_json_string(warnings, warning);
    }
    return fmt::format(
        R"("model":"{}","n":{},"parameters":{{{}}},"standard_errors":{{{}}},"log_likelihood":{},"converged":{},)"
        R"("evaluations":{},"warnings":[{}])",
        Model::name, fit.customers, names, errors, number(fit.log_likelihood), fit.converged, fit.evaluations,
        warnings);
}

template <class Model>
std::string parameters_text(model_fit<Model> const& fit) {
    auto out = fmt::format("{:<12}{:>16}{:>16}\n", "parameter", "value", "standard error");
    for (std::size_t i = 0; i < fit.size; ++i) {
        out += fmt::format("{:<12}{:>16.6g}{:>16.4g}\n", Model::names[i], fit.model.parameters()[i],
                           fit.standard_errors[i]);
    }
    out += fmt::format("log-likelihood {:.6f}, {} after {} evaluations\n", fit.log_likelihood,
                       fit.converged ? "converged" : "not converged", fit.evaluations);
    for (auto const& warning : fit.warnings) out += "warning: " + warning + '\n';
    return out;
}

/// Fits, and says how long that took.
template <class Fit>
auto timed(Fit const& fit, double& seconds) {
    auto const began = std::chrono::steady_clock::now();
    auto out = or_stop(fit(), bad_input);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return out;
}

model_fit<gamma_gamma> fit_spend(history const& from, double& seconds) {
    std::vector<spend_summary> rows;
    rows.reserve(from.customers.size());
    for (auto const& one : from.customers) rows.push_back(one.spent);
    return timed([&] { return fit_gamma_gamma(rows); }, seconds);
}

struct report {
    std::string json;
    std::string text;
};

template <class Model>
void add_holdout(report& out, Model const& model, history const& from, time_unit unit) {
    holdout_split const split{
        .order_days = from.order_days, .calibrated_until = from.calibrated_until, .until = from.until, .unit = unit};
    auto const weeks = or_stop(tracking(model, split), bad_input);
    auto const table = or_stop(holdout(model, split), bad_input);
    auto const error = mean_percentage_error(weeks, from.calibrated_until);
    out.json += fmt::format(
        R"(,"holdout":{{"from":"{}","until":"{}","customers":{},"actual":{},"expected":{},"mean_absolute_error":{},)"
        R"("root_mean_square_error":{},"correlation":{},"tracking_error":{},"by_x":[)",
        to_string(from.calibrated_until + std::chrono::days{1}), to_string(from.until), table.customers, table.actual,
        score(table.expected), score(table.mean_absolute_error), score(table.root_mean_square_error),
        score(table.correlation), score(error));
    out.text += fmt::format(
        "\nhold-out {} to {}: {} purchases, {:.1f} expected; a customer {:.4f} off on average\n"
        "cumulative weeks {:.2f} % off on average\n\n{:<12}{:>12}{:>12}{:>12}\n",
        to_string(from.calibrated_until + std::chrono::days{1}), to_string(from.until), table.actual, table.expected,
        table.mean_absolute_error, 100 * error, "repeats", "customers", "actual", "expected");
    for (std::size_t i = 0; i < table.by_x.size(); ++i) {
        auto const& group = table.by_x[i];
        out.json += fmt::format(R"({}{{"x":{},"n":{},"actual":{},"expected":{}}})", i == 0 ? "" : ",", group.x,
                                group.customers, score(group.actual), score(group.expected));
        out.text +=
            fmt::format("{:<12}{:>12}{:>12.4f}{:>12.4f}\n", fmt::format("{}{}", group.x, group.x == 7 ? "+" : ""),
                        group.customers, group.actual, group.expected);
    }
    out.json += R"(],"weeks":[)";
    out.text += fmt::format("\n{:<12}{:>12}{:>12}{:>12}\n", "week ends", "actual", "expected", "off, %");
    for (std::size_t i = 0; i < weeks.size(); ++i) {
        auto const& week = weeks[i];
        auto const actual = static_cast<double>(week.actual);
        out.json += fmt::format(R"({}{{"until":"{}","actual":{},"expected":{}}})", i == 0 ? "" : ",",
                                to_string(week.until), week.actual, score(week.expected));
        out.text += fmt::format("{:<12}{:>12}{:>12.1f}{:>12}\n", to_string(week.until), week.actual, week.expected,
                                week.actual == 0 ? "-" : fmt::format("{:.1f}", 100 * (week.expected / actual - 1)));
    }
    out.json += "]}";
}

template <class Model>
report report_of(model_fit<Model> const& fit, history const& from, fit_options const& o, time_unit unit,
                 double seconds) {
    report out{parameters_json(fit), parameters_text(fit)};
    std::optional<model_fit<gamma_gamma>> spend;
    if (o.value >= 0) {
        spend = fit_spend(from, seconds);
        out.json += fmt::format(",\"spend\":{{{}}}", parameters_json(*spend));
        out.text += "\nspend\n" + parameters_text(*spend);
    }
    out.json += fmt::format(",\"unit\":\"{}\",\"calibrated_until\":\"{}\",\"seconds\":{}", name_of(unit),
                            to_string(from.calibrated_until), score(seconds));
    if (o.holdout) add_holdout(out, fit.model, from, unit);
    if (o.predict < 0 && o.value < 0) return out;

    out.json += ",\"rows\":[";
    out.text += fmt::format("\n{:<16}{:>6}{:>10}{:>10}{:>10}", "customer", "x", "t_x", "T", "p_alive");
    if (o.predict >= 0) out.text += fmt::format("{:>12}{:>12}", "expected", "p_no_order");
    if (spend) out.text += fmt::format("{:>14}{:>16}", "spend", "lifetime_value");
    out.text += '\n';
    for (std::size_t i = 0; i < from.customers.size(); ++i) {
        auto const& one = from.customers[i];
        auto const alive = p_alive(fit.model, one.bought);
        out.json += i == 0 ? "{\"customer\":" : ",{\"customer\":";
        append_json_string(out.json, one.code);
        out.json += fmt::format(R"(,"x":{},"t_x":{},"T":{},"p_alive":{})", one.bought.x, number(one.bought.t_x),
                                number(one.bought.T), score(alive));
        out.text += padded(one.code, 16) +
                    fmt::format("{:>6}{:>10.2f}{:>10.2f}{:>10.6f}", one.bought.x, one.bought.t_x, one.bought.T, alive);
        if (o.predict >= 0) {
            auto const expected = expected_purchases(fit.model, one.bought, o.predict);
            auto const none = p_no_purchase(fit.model, one.bought, o.predict);
            out.json += fmt::format(R"(,"expected":{},"p_no_order":{})", score(expected), score(none));
            out.text += fmt::format("{:>12.6f}{:>12.6f}", expected, none);
        }
        if (spend) {
            auto const each = expected_spend(spend->model, one.spent);
            auto const value = lifetime_value(fit.model, spend->model, one.bought, one.spent,
                                              {.length = o.value, .discount = o.discount});
            out.json += fmt::format(R"(,"expected_spend":{},"lifetime_value":{})", each ? score(*each) : "null",
                                    value ? score(*value) : "null");
            out.text += fmt::format("{:>14}{:>16}", each ? fmt::format("{:.2f}", *each) : "-",
                                    value ? fmt::format("{:.2f}", *value) : "-");
        }
        out.json += '}';
        out.text += '\n';
    }
    out.json += ']';
    return out;
}

report spend_report(history const& from, fit_options const& o) {
    double seconds = 0;
    auto const fit = fit_spend(from, seconds);
    report out{parameters_json(fit), parameters_text(fit)};
    out.json +=
        fmt::format(",\"calibrated_until\":\"{}\",\"seconds\":{}", to_string(from.calibrated_until), score(seconds));
    if (o.predict < 0) return out;
    out.json += ",\"rows\":[";
    out.text += fmt::format("\n{:<16}{:>6}{:>14}{:>14}\n", "customer", "x", "mean", "expected");
    for (std::size_t i = 0; i < from.customers.size(); ++i) {
        auto const& one = from.customers[i];
        auto const expected = expected_spend(fit.model, one.spent);
        out.json += i == 0 ? "{\"customer\":" : ",{\"customer\":";
        append_json_string(out.json, one.code);
        out.json += fmt::format(R"(,"x":{},"mean":{},"expected":{}}})", one.spent.x, score(one.spent.mean),
                                expected ? score(*expected) : "null");
        out.text += padded(one.code, 16) + fmt::format("{:>6}{:>14.2f}{:>14}\n", one.spent.x, one.spent.mean,
                                                       expected ? fmt::format("{:.2f}", *expected) : "-");
    }
    out.json += ']';
    return out;
}

void run(fit_options const& o) {
    auto const of_spend = o.model == gamma_gamma::name;
    if (of_spend && (o.holdout || o.value >= 0)) {
        throw stop{bad_input,
                   fmt::format("{}: gammagamma is a model of amounts, not of purchases; give bgnbd, mbgnbd or "
                               "paretonbd",
                               o.holdout ? "--holdout" : "--value")};
    }
    for (auto const& [option, horizon] : {std::pair{"--predict", o.predict}, {"--value", o.value}}) {
        if (!std::isfinite(horizon)) throw stop{bad_input, fmt::format("{}: give a number of units from 0 on", option)};
    }
    if (!(o.discount > -1) || !std::isfinite(o.discount)) {
        throw stop{bad_input, "--discount: give a share above -1, such as 0.002"};
    }
    if (o.discount != 0 && o.value < 0) throw stop{bad_input, "--discount: it goes with --value HORIZON"};
    auto const unit = time_unit_of(o.unit).value();
    if (!o.calibrate_until.empty()) (void)or_stop_at("--calibrate-until", parse_day(o.calibrate_until));
    auto const all = load(o.feeds, {});
    auto const from = history_of(all, o, unit);
    std::vector<purchase_summary> rows;
    rows.reserve(from.customers.size());
    for (auto const& one : from.customers) rows.push_back(one.bought);
    double seconds = 0;
    auto const fitted = [&](auto const& fit) {
        auto const found = timed([&] { return fit(rows); }, seconds);
        return report_of(found, from, o, unit, seconds);
    };
    auto const out = of_spend                   ? spend_report(from, o)
                     : o.model == bg_nbd::name  ? fitted(fit_bg_nbd)
                     : o.model == mbg_nbd::name ? fitted(fit_mbg_nbd)
                                                : fitted(fit_pareto_nbd);
    end_with(
        all,
        o.format == "json" ? '{' + out.json + "}\n"
                           : fmt::format("{}, times in {}s, {} customers until {}\n\n{}", o.model, o.unit,
                                         from.customers.size(), to_string(from.calibrated_until), out.text),
        fmt::format("{} of {} customers, until {}", o.model, from.customers.size(), to_string(from.calibrated_until)));
}

}  // namespace

void add_fit(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "fit", "fits a model of who still buys and how much: parameters, P(alive), what to expect of each customer");
    auto const o = std::make_shared<fit_options>();
    command->add_option("MODEL", o->model, "bgnbd, mbgnbd, paretonbd: of purchases; gammagamma: of amounts")
        ->check(CLI::IsMember({"bgnbd", "mbgnbd", "paretonbd", "gammagamma"}))
        ->required();
    o->feeds.add_to(*command, true);
    command->add_option("--calibrate-until", o->calibrate_until,
                        "the last day that the model is fitted on, YYYY-MM-DD; default: the day of the book");
    command->add_option("--unit", o->unit, "of times and horizons")
        ->check(CLI::IsMember({"day", "week", "month"}))
        ->capture_default_str();
    command->add_option("--predict", o->predict, "a row for each customer, for so many units from then on")
        ->check(not_negative);
    command->add_flag("--holdout", o->holdout, "purchases after --calibrate-until, actual against expected, by weeks");
    command->add_option("--value", o->value, "fit amounts too: each customer's lifetime value over so many units")
        ->check(not_negative);
    command->add_option("--discount", o->discount, "of a unit of time, for --value, such as 0.002");
    command->add_option("--format", o->format, "of the answer")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
