#include "command.hpp"

#include <patron/engine/why_not.hpp>

#include <fmt/format.h>

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct explain_options {
    feed_options feeds;
    std::string customer;
    std::string on;
    std::string lang = "en";
    std::string format = "text";
    std::string why_not;
    bool customer_facing = false;
};

void write_customer_facing(engine const& book, explain_options const& o) {
    auto const row = or_stop(book.find(o.customer));
    auto const shown = or_stop(book.customer_facing(o.customer));
    write_out(o.format == "json" ? to_json(shown, row.state.in) + '\n'
                                 : to_text(shown, row.state.in, *language_of(o.lang)));
    flush_out();
}

void write_why_not(explain_options const& o, std::optional<day> on) {
    auto const all = load(o.feeds, {});
    auto found = or_stop(explain_tables(all.book(), o.customer, on.value_or(all.as_of)), bad_input);
    if (!found.keep_only(o.why_not == "all" ? std::string_view{} : std::string_view{o.why_not})) {
        throw stop{bad_input, fmt::format("--why-not: the rulebook {} has no table or rule \"{}\" that was asked; "
                                          "--why-not all shows every one",
                                          found.rulebook, o.why_not)};
    }
    end_with(all, o.format == "json" ? to_json(found) + '\n' : to_text(found, *language_of(o.lang)),
             fmt::format("{} tables", found.tables.size()));
}

void run(explain_options const& o) {
    std::optional<day> on;
    if (!o.on.empty()) on = or_stop_at("--on", parse_day(o.on));
    if (!o.why_not.empty() && o.customer_facing) {
        throw stop{bad_input, "--why-not: a customer is shown no rules; leave --customer-facing out"};
    }
    if (!o.why_not.empty()) return write_why_not(o, on);
    if (on && o.customer_facing) {
        throw stop{bad_input,
                   "--on: what a customer may be shown is of the day that the book has come to; leave it out"};
    }
    if (o.feeds.store != "memory:") {
        if (!o.feeds.feeds.empty()) {
            throw stop{bad_input, "--feed: a stored book is explained as it is kept; add to it with replay first"};
        }
        auto from = open_store(o.feeds.store, store::access::read);
        if (o.customer_facing && !o.feeds.as_of.empty()) {
            throw stop{bad_input, "--as-of: a stored book is shown as it stands; leave it out"};
        }
        if (o.customer_facing) {
            auto const book = or_store_failed(store::stored_book::open(std::move(from), {.read_only = true}));
            write_customer_facing(book.book(), o);
            return;
        }
        auto found = store::explain_from(from, o.customer, on);
        if (!found && found.error().code == errc::unknown_customer) {
            throw stop{bad_input, fmt::format("{}: the store holds no fact about such a customer", o.customer)};
        }
        auto const story = or_store_failed(std::move(found));
        write_out(o.format == "json" ? to_json(story) + '\n' : to_text(story, *language_of(o.lang)));
        flush_out();
        return;
    }
    auto all = load(o.feeds, {});
    if (o.customer_facing) {
        write_customer_facing(all.book(), o);
        throw stop{code_of(all.summary), {}};
    }
    auto const until = on.value_or(all.as_of);
    auto found = all.explain(o.customer, until);
    if (!found && found.error().code == errc::unknown_customer) {
        throw stop{bad_input,
                   fmt::format("{}: no fact up to {} is about such a customer", o.customer, to_string(all.as_of))};
    }
    auto const story = or_stop(std::move(found));
    write_out(o.format == "json" ? to_json(story) + '\n' : to_text(story, *language_of(o.lang)));
    flush_out();
    throw stop{code_of(all.summary), {}};
}

}  // namespace

void add_explain(CLI::App& app) {
    auto* const command = app.add_subcommand("explain", "tells how a customer came to where it is");
    auto const o = std::make_shared<explain_options>();
    command->add_option("CUSTOMER", o->customer, "the customer's code")->required();
    o->feeds.add_to(*command, false);
    command->add_option("--on", o->on, "the day to explain, YYYY-MM-DD; default: as of the last fact");
    command->add_option("--lang", o->lang, "of the words")->check(CLI::IsMember({"en", "zh"}))->capture_default_str();
    command->add_option("--format", o->format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->add_flag("--customer-facing", o->customer_facing,
                      "only what the customer may be shown: no rule, no cause, no profit share before its disclosure");
    command->add_option("--why-not", o->why_not,
                        "a table or a rule of the rulebook, or all: whether it fires on that day, and what is missing");
    command->callback([o] { run(*o); });
}

}  // namespace tool
