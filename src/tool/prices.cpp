#include "command.hpp"

#include <patron/policy/uniform_price.hpp>

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct prices_options {
    feed_options feeds;
    std::string from;
    std::string until;
};

void run(prices_options const& o) {
    auto const from = or_stop_at("--from", period::parse(o.from));
    auto const until = o.until.empty() ? from : or_stop_at("--until", period::parse(o.until));
    if (until < from) { throw stop{bad_input, fmt::format("--until {}: it is before --from {}", o.until, o.from)}; }
    auto const all = load(o.feeds, {});
    auto const bought = or_stop(all.book().net_purchases(from, until), bad_input);
    auto const spreads = or_stop(policy::compare_net_prices(bought), bad_input);
    end_with(all, or_stop(policy::to_csv(spreads), bad_input),
             fmt::format("net prices of {} products and channels, {} to {}", spreads.size(), from.to_string(),
                         until.to_string()));
}

}  // namespace

void add_prices(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "prices", "how far apart the net prices lie that customers pay for a product after rebates, as CSV");
    auto const o = std::make_shared<prices_options>();
    o->feeds.add_to(*command, false);
    command->add_option("--from", o->from, "the first month that counts, YYYY-MM")->required();
    command->add_option("--until", o->until, "the last month that counts, YYYY-MM; default: that of --from");
    command->callback([o] { run(*o); });
}

}  // namespace tool
