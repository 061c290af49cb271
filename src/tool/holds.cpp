#include "command.hpp"

#include <patron/engine/held_orders.hpp>

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct holds_options {
    feed_options feeds;
    std::string customer;
    std::string lang = "en";
    std::string format = "json";
    bool ended_too = false;
};

void run(holds_options const& o) {
    auto all = load(o.feeds, {});
    auto const held =
        or_stop(all.held_orders({.on = all.as_of, .customer = o.customer, .ended_too = o.ended_too}), bad_input);
    std::string out;
    for (auto const& one : held) {
        if (o.format == "text") {
            out += to_text(one, *language_of(o.lang));
        } else {
            append_json(out, one);
            out += '\n';
        }
    }
    end_with(all, out, fmt::format("{} held orders, on {}", held.size(), to_string(all.as_of)));
}

}  // namespace

void add_holds(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "holds", "the orders that wait for credit on the day of the book, and what still speaks against each");
    auto const o = std::make_shared<holds_options>();
    o->feeds.add_to(*command, false);
    command->add_option("--customer", o->customer, "only this customer's");
    command->add_flag("--all", o->ended_too, "those too that were released, rejected or have expired");
    command->add_option("--lang", o->lang, "of --format text")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    command->add_option("--format", o->format, "json, a line each, or text")
        ->check(CLI::IsMember({"json", "text"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
