#include "book_purchases.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <patron/insight/early_warning.hpp>
#include <patron/insight/evaluation.hpp>
#include <patron/insight/share_of_wallet.hpp>
#include <patron/store/kept_risk_model.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace tool {

using namespace patron;
using namespace patron::insight;

namespace {

struct risk_options {
    feed_options feeds;
    double horizon = 13;
    std::string unit = "week";
    std::size_t most = 0;
    std::size_t reasons = 3;
    std::string format = "table";
    bool keep = false;
    bool train = false;
};

std::string six_decimals(double value) { return rounded_number(value, 6); }

std::string model_json(risk_model const& model) {
    return fmt::format(
        R"("version":{},"horizon_days":{},"made_on":"{}","trained":{},"months":{},"silent":{},"ordered":{},)"
        R"("weights":{{"additive":{},"linear":{},"silence":{},"untrained":{}}})",
        model.version, model.horizon_days, to_string(model.made_on), model.trained(), model.months, model.silent,
        model.ordered, six_decimals(model.weights[0]), six_decimals(model.weights[1]), six_decimals(model.weights[2]),
        six_decimals(model.weights[3]));
}

std::string row_json(std::string const& code, risk_explanation const& why, std::size_t reasons) {
    std::string out = "{\"customer\":";
    append_json_string(out, code);
    out += fmt::format(R"(,"risk":{},"candidate":{},"reasons":[)", six_decimals(why.risk), why.candidate);
    for (std::size_t i = 0; i < std::min(reasons, why.contributions.size()); ++i) {
        auto const& c = why.contributions[i];
        out += fmt::format(R"({}{{"feature":"{}","value":{},"log_odds":{}}})", i == 0 ? "" : ",", name_of(c.feature),
                           six_decimals(c.value), six_decimals(c.log_odds));
    }
    return out + "]}";
}

std::string row_text(std::string const& code, risk_explanation const& why, std::size_t reasons) {
    auto out = padded(code, 16) + fmt::format("{:>9.4f}  ", why.risk);
    for (std::size_t i = 0; i < std::min(reasons, why.contributions.size()); ++i) {
        auto const& c = why.contributions[i];
        out += fmt::format("{}{} {:+.2f}", i == 0 ? "" : ", ", name_of(c.feature), c.log_odds);
    }
    return out + '\n';
}

/// Why no model is kept: the book has not reached the end of its month. Empty: it has.
std::string why_not_kept(loaded const& all, purchase_stream const& stream) {
    auto const end = last_whole_month(all.as_of).last();
    auto const latest = all.book().latest_day().value_or(day{});
    if (stream.first() <= end && end <= latest) return {};
    return fmt::format("; no model of {} is kept: the book knows of {} to {}", to_string(end),
                       to_string(stream.first()), to_string(latest));
}

/// A detector that was told of the book until its day, with the model that the store keeps of the latest month end, or
/// with one that it learns.
early_warning detector_for(loaded const& all, purchase_stream const& stream, risk_options const& o, bool& was_kept) {
    auto const horizon = horizon_days(o.horizon, o.unit, 7, 365);
    early_warning_memory starts{.options = {.horizon_days = horizon}};
    auto* const kept_in = all.kept_ ? &all.kept_->store() : nullptr;
    auto const known =
        kept_in == nullptr || o.train
            ? std::optional<risk_model>{}
            : or_store_failed(store::kept_risk_model(*kept_in, horizon, last_whole_month(all.as_of).last()));
    was_kept = known.has_value();
    if (known) {
        starts.model = *known;
        early_warning detector{std::move(starts)};
        for (auto const& purchase : stream.purchases()) {
            if (purchase.bought.on <= all.as_of) detector.bought(purchase.customer, purchase.bought);
        }
        return detector;
    }
    early_warning detector{starts.options};
    tell(detector, stream, all.as_of);
    if (o.keep && why_not_kept(all, stream).empty())
        or_store_failed(store::keep_risk_model(*kept_in, detector.model()));
    return detector;
}

std::string origin_of(risk_model const& model, bool was_kept) {
    auto const kept = was_kept ? ", as it is kept in the store" : "";
    if (!model.trained()) return fmt::format("untrained: too little has come of it yet{}", kept);
    return fmt::format("learnt from {} month ends until {}{}", model.months, to_string(model.made_on), kept);
}

void run(risk_options const& o) {
    if (o.keep && o.feeds.store == "memory:") {
        throw stop{bad_input, "--keep: give --store with a store that keeps a book, such as sqlite:PATH"};
    }
    auto const all = load(o.feeds, {});
    auto const from = purchases_in(all);
    if (from.stream.empty()) throw stop{bad_input, "no customer has an order: there is nothing to be at risk"};
    bool was_kept = false;
    auto const detector = detector_for(all, from.stream, o, was_kept);

    std::vector<std::uint32_t> customers(from.stream.customers());
    std::iota(customers.begin(), customers.end(), 0U);
    std::vector<double> risks(customers.size());
    detector.risks(all.as_of, customers, risks);
    std::stable_sort(customers.begin(), customers.end(), [&](std::uint32_t a, std::uint32_t b) {
        return risks[a] != risks[b] ? risks[a] > risks[b] : from.code_of(a) < from.code_of(b);
    });
    if (o.most > 0 && customers.size() > o.most) customers.resize(o.most);

    auto const& model = detector.model();
    std::string out;
    if (o.format == "json") {
        out = '{' + model_json(model) + fmt::format(R"(,"kept":{},"at":"{}","rows":[)", was_kept, to_string(all.as_of));
    } else {
        out = fmt::format("risk of no order within {} days after {}, {}\n\n{:<16}{:>9}  reasons\n", model.horizon_days,
                          to_string(all.as_of), origin_of(model, was_kept), "customer", "risk");
    }
    for (auto const customer : customers) {
        auto const why = detector.explain(all.as_of, customer);
        auto const& code = from.code_of(customer);
        if (o.format == "json" && customer != customers.front()) out += ',';
        out += o.format == "json" ? row_json(code, why, o.reasons) : row_text(code, why, o.reasons);
    }
    if (o.format == "json") out += "]}\n";
    end_with(all, out,
             fmt::format("{} customers, on {}{}", customers.size(), to_string(all.as_of),
                         o.keep ? why_not_kept(all, from.stream) : std::string{}));
}

}  // namespace

void add_risk(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "risk", "who will not order within a horizon: each customer's risk, learnt from the book's past, with reasons");
    auto const o = std::make_shared<risk_options>();
    o->feeds.add_to(*command, true);
    command->add_option("--horizon", o->horizon, "the risk is of no order within so many units")->capture_default_str();
    command->add_option("--unit", o->unit, "of the horizon")
        ->check(CLI::IsMember({"day", "week", "month"}))
        ->capture_default_str();
    command->add_option("--most", o->most, "rows, the highest risks first; 0: all")
        ->check(not_negative)
        ->capture_default_str();
    command->add_option("--reasons", o->reasons, "of each row, the strongest first")
        ->check(not_negative)
        ->capture_default_str();
    command->add_flag("--keep", o->keep,
                      "keeps what was learnt in the --store; a model of the latest month end that is there is used");
    command->add_flag("--train", o->train, "learns anew, whatever the store keeps");
    command->add_option("--format", o->format, "of the answer")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
