#include "command.hpp"

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct review_options {
    feed_options feeds;
    std::string format = "table";
};

void run(review_options const& o) {
    if (o.feeds.as_of.empty()) throw stop{bad_input, "--as-of: name the day of the review, YYYY-MM-DD"};
    std::vector<std::string> lines;
    auto const sink = [&](engine const& book, std::vector<decision> const& made) {
        for (auto const& d : made) {
            if (d.event != "review_held" || !d.to) continue;
            std::string line;
            append_json(line, d, book.state_of(d.customer).value().in);
            lines.push_back(std::move(line));
        }
    };
    auto const all = load(o.feeds, sink, then::review);
    if (o.format == "jsonl") {
        for (auto const& line : lines) write_out(line + '\n');
    } else {
        write_out(stage_table(all.book()));
    }
    flush_out();
    fmt::print(stderr, "{} customers reviewed as of {}; reviews changed {} stages\n", all.book().size(),
               to_string(all.as_of), lines.size());
    throw stop{code_of(all.summary), {}};
}

}  // namespace

void add_review(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "review",
        "holds the periodic reviews up to a day and prints the stages, the flows between them, or each change");
    auto const o = std::make_shared<review_options>();
    o->feeds.add_to(*command, false);
    command->add_option("--format", o->format, "table: stages and flows; jsonl: each change of stage by a review")
        ->check(CLI::IsMember({"table", "jsonl"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
