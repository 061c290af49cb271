#include "command.hpp"

#include <patron/engine/order_risk.hpp>

#include <fmt/format.h>

#include <fstream>
#include <memory>

namespace tool {

using namespace patron;

namespace {

struct replay_options {
    feed_options feeds;
    std::string decisions_file;
    std::string summary_file;
    std::string format = "jsonl";
};

void print_table_row(customer_row const& row) {
    auto const share = row.share_millionths();
    std::string evidence;
    for (auto const& e : row.evidence) evidence += (evidence.empty() ? "" : " ") + std::string{e.kind};
    write_out(
        padded(row.profile.code, 14) + ' ' + padded(row.profile.name.substr(0, 60), 28) + ' ' +
        fmt::format("{:<10} {:<10} {:>7} {:<11} {:>18} {:>18}  {}\n", name_of(row.state.stage),
                    row.since ? to_string(*row.since) : "", share ? fmt::format("{:.1f} %", *share / 10'000.0) : "-",
                    name_of(row.state.basis),
                    row.state.limit_is_set
                        ? row.state.limit_is_unlimited ? "unlimited" : money{row.state.limit, row.state.in}.to_string()
                        : "-",
                    row.state.in.is_own() ? "0" : row.exposure().to_string(), evidence));
}

void print_rows(loaded& all, std::string const& format) {
    std::string line;
    if (format == "csv") {
        append_csv_header(line);
        write_out(line + '\n');
    } else if (format == "table") {
        write_out(padded("customer", 14) + ' ' + padded("name", 28) + ' ' +
                  fmt::format("{:<10} {:<10} {:>7} {:<11} {:>18} {:>18}  {}\n", "stage", "since", "share", "basis",
                              "limit", "exposure", "evidence of decline"));
    }
    std::optional<order_risk> risk;
    if (format != "table") risk.emplace(all.book(), all.as_of);  // it has no column for it
    auto const all_shown = all.each_by_code([&](customer_row row) {
        if (risk) row.risk_millionths = risk->millionths(row.state);
        if (format == "table") {
            print_table_row(row);
            return true;
        }
        line.clear();
        format == "csv" ? append_csv(line, row) : append_json(line, row);
        line += '\n';
        write_out(line);
        return true;
    });
    if (!all_shown) throw stop{failed, all_shown.error().message()};
    flush_out();
}

std::string summary_json(feed_summary const& s, loaded const& all) {
    return fmt::format(R"({{"read":{},"applied":{},"duplicate":{},"kept":{},"rejected":{},"customers":{},"as_of":{},)"
                       R"("seconds":{:.6f},"rows_per_second":{:.0f}}})",
                       s.read, s.applied, s.duplicate, s.kept, s.rejected, all.book().size(),
                       all.as_of > first_day ? '"' + to_string(all.as_of) + '"' : "null", s.seconds,
                       s.seconds > 0 ? static_cast<double>(s.read) / s.seconds : 0.0);
}

void run(replay_options const& o) {
    std::ofstream decisions;
    std::ofstream summary;
    auto const open = [](std::ofstream& file, std::string const& path, char const* option) {
        if (path.empty()) return;
        file.open(path, std::ios::binary | std::ios::trunc);
        if (!file) throw stop{bad_input, fmt::format("{}: {} cannot be written", option, path)};
    };
    open(decisions, o.decisions_file, "--decisions");
    open(summary, o.summary_file, "--summary");

    decision_sink sink;
    if (decisions.is_open()) {
        sink = [&](engine const& book, std::vector<decision> const& made) {
            std::string line;
            for (auto const& d : made) {
                line.clear();
                append_json(line, d, book.state_of(d.customer).value().in);
                decisions << line << '\n';
            }
        };
    }
    auto all = load(o.feeds, sink);
    auto const& s = all.summary;
    // the files first: whoever reads the rows may stop reading, which ends the tool
    if (summary.is_open()) summary << summary_json(s, all) << '\n';
    if (decisions.is_open() && !decisions.flush()) throw stop{failed, "--decisions: the file cannot be written"};
    if (summary.is_open() && !summary.flush()) throw stop{failed, "--summary: the file cannot be written"};
    print_rows(all, o.format);

    fmt::print(stderr, "{} rows read, {} applied, {} duplicate, {} rejected", s.read, s.applied, s.duplicate,
               s.rejected);
    if (s.kept > 0) fmt::print(stderr, ", {} kept for later than {}", s.kept, to_string(all.as_of));
    fmt::print(stderr, "; {} customers", all.book().size());
    if (all.book().size() > 0) fmt::print(stderr, " as of {}", to_string(all.as_of));
    fmt::print(stderr, "; {:.2f} s, {:.0f} rows/s\n", s.seconds,
               s.seconds > 0 ? static_cast<double>(s.read) / s.seconds : 0.0);
    throw stop{code_of(s), {}};
}

}  // namespace

void add_replay(CLI::App& app) {
    auto* const command = app.add_subcommand("replay", "applies feeds and prints one row for each customer");
    auto const o = std::make_shared<replay_options>();
    o->feeds.add_to(*command, true);
    command->add_option("--decisions", o->decisions_file, "write each decision there, as JSON Lines");
    command->add_option("--summary", o->summary_file, "write the summary there, as JSON");
    command->add_option("--format", o->format, "of the rows")
        ->check(CLI::IsMember({"jsonl", "csv", "table"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
