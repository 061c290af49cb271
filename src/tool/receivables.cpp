#include "command.hpp"

#include <patron/engine/receivables_report.hpp>

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct receivables_options {
    feed_options feeds;
    int days = 90;
};

void run(receivables_options const& o) {
    auto const all = load(o.feeds, {});
    auto const reports = or_stop(receivables_reports_of(all.book(), {.on = all.as_of, .days = o.days}), bad_input);
    end_with(all, to_csv(reports), fmt::format("{} customers, on {}", reports.size(), to_string(all.as_of)));
}

}  // namespace

void add_receivables(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "receivables", "what each customer owes, how old it is and how late it pays, on the day of the book, as CSV");
    auto const o = std::make_shared<receivables_options>();
    o->feeds.add_to(*command, false);
    command->add_option("--days", o->days, "over how many days sales and payments count")
        ->check(CLI::Range(1, 3'660))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
