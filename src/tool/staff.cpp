#include "command.hpp"

#include <patron/engine/staff_activity.hpp>

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct staff_options {
    feed_options feeds;
    std::string from;
};

void run(staff_options const& o) {
    auto const from = or_stop_at("--from", parse_day(o.from));
    auto const all = load(o.feeds, {});
    auto const records = or_stop_at("--from", staff_activity_of(all.book(), from, all.as_of));
    end_with(all, to_csv(records),
             fmt::format("{} of our own, {} to {}", records.size(), to_string(from), to_string(all.as_of)));
}

}  // namespace

void add_staff(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "staff",
        "what our own staff did, and what came of it, from a day up to the day that the book is brought to, as CSV");
    auto const o = std::make_shared<staff_options>();
    o->feeds.add_to(*command, false);
    command->add_option("--from", o->from, "the first day that counts, YYYY-MM-DD")->required();
    command->callback([o] { run(*o); });
}

}  // namespace tool
