#include "book_purchases.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <patron/base/impl/csv_cell.hpp>
#include <patron/insight/baseline_detectors.hpp>
#include <patron/insight/early_warning.hpp>
#include <patron/insight/evaluation.hpp>

#include <fmt/format.h>

#include <fstream>
#include <memory>

namespace tool {

using namespace patron;
using namespace patron::insight;

namespace {

struct evaluate_options {
    feed_options feeds;
    std::string detector;
    double horizon = 13;
    std::string unit = "week";
    std::string from;
    std::string until;
    int min_orders = 2;
    int active_within = 182;
    double alert_budget = 0.2;
    std::string scores;
    bool check_leaks = false;
    std::string format = "table";
};

evaluation_protocol protocol_of(evaluate_options const& o) {
    evaluation_protocol out{.horizon_days = horizon_days(o.horizon, o.unit, 1, 3'650),
                            .active_within_days = o.active_within,
                            .least_purchases = o.min_orders,
                            .alert_budget = o.alert_budget};
    if (!o.from.empty()) out.from = or_stop_at("--from", parse_day(o.from));
    if (!o.until.empty()) out.until = or_stop_at("--until", parse_day(o.until));
    return out;
}

/// What one run of a detector gave.
struct judged {
    std::vector<scored_month_end> scores;
    evaluation figures;
    std::optional<leak> leaked;
};

struct question {
    purchase_stream const& purchases;
    std::span<day const> ends;
    evaluation_protocol const& protocol;
    bool check_leaks;

    template <class Make>
    [[nodiscard]] judged operator()(Make const& make) const {
        judged out;
        auto detector = make(purchases);
        out.scores = scores_of(detector, purchases, ends, protocol);
        out.figures = figures_of(out.scores, purchases, protocol);
        if (check_leaks) out.leaked = find_leak(make, purchases, ends, protocol);
        return out;
    }
};

judged judge(std::string const& detector, question const& ask) {
    auto const horizon = ask.protocol.horizon_days;
    if (detector == "risk" || detector == "risk_untrained") {
        if (horizon < 7 || horizon > 365) {
            throw stop{bad_input, fmt::format("--horizon: {} days; {} looks ahead 7 to 365 days", horizon, detector)};
        }
        early_warning_options const options{.horizon_days = horizon, .trained = detector == "risk"};
        return ask([&options](auto const&) { return early_warning{options}; });
    }
    if (detector == gap_ratio_detector::name) return ask([](auto const&) { return gap_ratio_detector{}; });
    if (detector == decayed_count_detector::name) return ask([](auto const&) { return decayed_count_detector{}; });
    if (detector == bg_nbd_detector::name) return ask([horizon](auto const&) { return bg_nbd_detector{horizon}; });
    return ask([](auto const&) { return recency_detector{}; });
}

std::string figure(std::optional<double> value) { return value ? rounded_number(*value, 9) : "null"; }
std::string column(std::optional<double> value) {
    return value ? fmt::format("{:>12.4f}", *value) : fmt::format("{:>12}", "-");
}

std::string figures_json(month_end_figures const& of) {
    return fmt::format(R"("n":{},"base_rate":{},"auc":{},"precision_at_10":{})", of.customers, figure(of.base_rate),
                       figure(of.auc), figure(of.precision_at_10));
}

std::string alerts_json(alert_figures const& of) {
    return fmt::format(
        R"({{"alerts":{},"false_share":{},"false_alarm_rate":{},"churners":{},"caught":{},"median_delay_days":{},"median_lead_days":{}}})",
        of.alerts, figure(of.false_share), figure(of.false_alarm_rate), of.churners, figure(of.caught),
        figure(of.median_delay_days), figure(of.median_lead_days));
}

bool is_worse(evaluation const& than, evaluation const& recency) {
    return than.mean.auc && recency.mean.auc && *than.mean.auc < *recency.mean.auc;
}

std::string json_of(evaluate_options const& o, evaluation_protocol const& protocol, judged const& of,
                    evaluation const& recency) {
    std::string out = fmt::format(
        R"({{"detector":"{}","protocol":{{"horizon_days":{},"active_within_days":{},"min_orders":{},"alert_budget":{}}},"ends":[)",
        o.detector, protocol.horizon_days, protocol.active_within_days, protocol.least_purchases,
        figure(protocol.alert_budget));
    for (std::size_t i = 0; i < of.figures.ends.size(); ++i) {
        auto const& end = of.figures.ends[i];
        out += fmt::format(R"({}{{"at":"{}",{}}})", i == 0 ? "" : ",", to_string(end.at), figures_json(end));
    }
    out += fmt::format(R"(],"mean":{{{}}},"alerts":{},"calibration":[)", figures_json(of.figures.mean),
                       alerts_json(of.figures.alerts));
    auto const* comma = "";
    for (auto const& bin : of.figures.calibration) {
        if (bin.customers == 0) continue;
        out += fmt::format(R"({}{{"n":{},"mean_risk":{},"lost":{}}})", comma, bin.customers, figure(bin.mean_risk),
                           figure(bin.lost));
        comma = ",";
    }
    out += fmt::format(R"(],"recency":{{{}}},"worse_than_recency":{})", figures_json(recency.mean),
                       is_worse(of.figures, recency));
    if (o.check_leaks) out += fmt::format(R"(,"leak":{})", of.leaked.has_value());
    return out + "}\n";
}

std::string row_text(std::string_view what, month_end_figures const& of) {
    return fmt::format("{:<12}{:>10}{:>12.4f}{}{}\n", what, of.customers, of.base_rate, column(of.auc),
                       column(of.precision_at_10));
}

std::string percent(std::optional<double> share) { return share ? fmt::format("{:.1f} %", 100 * *share) : "-"; }
std::string days_text(std::optional<double> days) { return days ? fmt::format("{:.0f}", *days) : "-"; }

std::string text_of(evaluate_options const& o, evaluation_protocol const& protocol, judged const& of,
                    evaluation const& recency) {
    auto const& figures = of.figures;
    auto out = fmt::format(
        "{}: no order within {} days, of customers with {} purchases or more, the last less than {} days ago\n\n"
        "{:<12}{:>10}{:>12}{:>12}{:>12}\n",
        o.detector, protocol.horizon_days, protocol.least_purchases, protocol.active_within_days, "month end",
        "customers", "base rate", "AUC", "prec. @10%");
    for (auto const& end : figures.ends) out += row_text(to_string(end.at), end);
    out += row_text("mean", figures.mean);
    if (o.detector != recency_detector::name) out += row_text("recency", recency.mean);
    auto const& alerts = figures.alerts;
    out += fmt::format(
        "\nalerts to {} of the customers each month: {} of them false, {} of those who bought alerted\n"
        "churners: {}; {} caught within {} days of their last order; first alert {} days after it (median), "
        "{} before {} days of silence tell\n",
        percent(protocol.alert_budget), percent(alerts.false_share), percent(alerts.false_alarm_rate), alerts.churners,
        percent(alerts.caught), protocol.horizon_days, days_text(alerts.median_delay_days),
        days_text(alerts.median_lead_days), protocol.active_within_days);
    auto head = true;
    for (auto const& bin : figures.calibration) {
        if (bin.customers == 0) continue;
        if (head) out += fmt::format("\n{:<12}{:>10}{:>12}\n", "mean risk", "scores", "lost");
        head = false;
        out += fmt::format("{:<12.4f}{:>10}{:>12.4f}\n", bin.mean_risk, bin.customers, bin.lost);
    }
    if (is_worse(figures, recency)) out += "\nworse than recency only: days since the last order rank better here\n";
    return out;
}

void write_scores(std::ofstream& out, std::vector<scored_month_end> const& all, book_purchases const& from) {
    out << "at,customer,score\n";
    for (auto const& end : all) {
        for (std::size_t i = 0; i < end.customers.size(); ++i) {
            auto const& code = from.code_of(end.customers[i]);
            out << to_string(end.at) << ',' << patron::detail::csv_cell(code) << ','
                << fmt::format("{:.9g}", end.risks[i]) << '\n';
        }
    }
    out.flush();
    if (!out) throw stop{failed, "--scores: the file cannot be written"};
}

void run(evaluate_options const& o) {
    auto const protocol = protocol_of(o);
    std::ofstream scores;
    if (!o.scores.empty()) {
        scores.open(o.scores, std::ios::binary | std::ios::trunc);
        if (!scores) {
            throw stop{bad_input,
                       fmt::format("--scores: {} cannot be written; give a file in a folder that is there", o.scores)};
        }
    }
    auto const all = load(o.feeds, {});
    auto const from = purchases_in(all);
    auto const ends = or_stop(month_ends(from.stream, all.as_of, protocol));
    question const ask{from.stream, ends, protocol, o.check_leaks};
    auto const of = judge(o.detector, ask);
    auto const recency = o.detector == recency_detector::name
                             ? of.figures
                             : judge("recency", question{from.stream, ends, protocol, false}).figures;
    if (of.figures.mean.customers == 0) {
        throw stop{bad_input,
                   fmt::format("at no month end from {} to {} has a customer {} order days or more, the last "
                               "less than {} days ago; give a lower --min-orders or a longer --active-within",
                               to_string(ends.front()), to_string(ends.back()), o.min_orders, o.active_within)};
    }
    if (of.leaked) {
        throw stop{failed, fmt::format("{} looks into the future: on {} the risk of {} is {} with it and {} without",
                                       o.detector, to_string(of.leaked->at), from.code_of(of.leaked->customer),
                                       of.leaked->with_future, of.leaked->without_future)};
    }
    if (scores.is_open()) write_scores(scores, of.scores, from);
    end_with(all, o.format == "json" ? json_of(o, protocol, of, recency) : text_of(o, protocol, of, recency),
             fmt::format("{} over {} month ends, {} to {}", o.detector, ends.size(), to_string(ends.front()),
                         to_string(ends.back())));
}

}  // namespace

void add_evaluate(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "evaluate", "how well a detector tells who will not order: each month end judged by what came after it");
    auto const o = std::make_shared<evaluate_options>();
    o->feeds.add_to(*command, true);
    command->add_option("--detector", o->detector, "risk, risk_untrained, recency, gap_ratio, decayed_count, bgnbd")
        ->check(CLI::IsMember({"risk", "risk_untrained", "recency", "gap_ratio", "decayed_count", "bgnbd"}))
        ->required();
    command->add_option("--horizon", o->horizon, "lost: no order within so many units after a month end")
        ->capture_default_str();
    command->add_option("--unit", o->unit, "of the horizon")
        ->check(CLI::IsMember({"day", "week", "month"}))
        ->capture_default_str();
    command->add_option("--from", o->from,
                        "the first month end lies on or after this day, YYYY-MM-DD; default: when "
                        "--active-within and 60 days more are known");
    command->add_option("--until", o->until, "the last one lies on or before it; default: a horizon before the end");
    command->add_option("--min-orders", o->min_orders, "scored: with so many order days or more")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_option("--active-within", o->active_within, "scored: the last order is fewer days ago")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_option("--alert-budget", o->alert_budget, "the share of those scored that is alerted each month")
        ->capture_default_str();
    command->add_option("--scores", o->scores, "write at,customer,score of every month end to this CSV file");
    command->add_flag("--check-leaks", o->check_leaks,
                      "score each month end once more without its future, and fail where a score differs");
    command->add_option("--format", o->format, "of the answer")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
