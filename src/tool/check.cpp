#include "command.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>

namespace tool {

using namespace patron;

namespace {

using store::checked;
using store::reservation_wish;

struct check_options {
    std::string customer;
    std::string amount;
    std::string store;
    std::string on;
    std::string step = "order";
    std::string delivery_date;
    std::string order;
    std::string quotation;
    std::string name;
    std::string until;
    std::string hold_until;
    std::string lang = "en";
    std::string format = "json";
    bool reserve = false;
    bool hold = false;
};

constexpr std::array steps{credit_step::quote,  credit_step::order,    credit_step::change,
                           credit_step::reopen, credit_step::delivery, credit_step::invoice};

std::string shown(checked const& found, currency in, check_options const& o) {
    if (o.format == "text") {
        auto text = to_text(found.answer, in, *language_of(o.lang));
        if (found.is_held) text += o.lang == "zh" ? "订单已暂挂\n" : "the order waits\n";
        if (found.reservation) { text += (o.lang == "zh" ? "已预留：" : "reserved: ") + *found.reservation + '\n'; }
        return text;
    }
    std::string json;
    append_json_open(json, found.answer, in);
    json += ",\"reservation\":";
    if (found.reservation) {
        append_json_string(json, *found.reservation);
    } else {
        json += "null";
    }
    if (o.hold) json += found.is_held ? ",\"held\":true" : ",\"held\":false";
    return json + "}\n";
}

void run(check_options const& o) {
    credit_query asked;
    asked.amount = or_stop_at("AMOUNT", money::parse(o.amount));
    if (asked.amount.minor_units() < 0) throw stop{bad_input, "AMOUNT: a negative amount cannot be checked"};
    asked.order = o.order;
    asked.quotation = o.quotation;
    if (!o.delivery_date.empty()) asked.delivery_date = or_stop_at("--delivery-date", parse_day(o.delivery_date));
    for (auto const s : steps) {
        if (name_of(s) == o.step) asked.step = s;
    }
    std::optional<reservation_wish> wish;
    if (o.reserve) {
        wish.emplace(reservation_wish{.name = o.name, .until = {}});
        if (!o.until.empty()) wish->until = or_stop_at("--until", parse_day(o.until));
    } else if (!o.name.empty() || !o.until.empty()) {
        throw stop{bad_input, "--name and --until are of a reservation: give --reserve too"};
    }
    std::optional<store::hold_wish> hold;
    if (o.hold) {
        hold.emplace();
        if (!o.hold_until.empty()) hold->until = or_stop_at("--hold-until", parse_day(o.hold_until));
    } else if (!o.hold_until.empty()) {
        throw stop{bad_input, "--hold-until is of a hold: give --hold too"};
    }
    auto const writes = o.reserve || o.hold;
    if (o.store == "memory:") {
        throw stop{bad_input, "check --store: memory: keeps no book; name a store that does, such as sqlite:PATH"};
    }
    auto from = open_store(o.store, writes ? store::access::write : store::access::read);
    auto const latest = or_store_failed(store::latest_day(from));
    asked.on = o.on.empty() ? latest : or_stop_at("--on", parse_day(o.on));
    auto const is_past = latest && asked.on && *asked.on < *latest;
    if (writes && latest) {  // before the book is brought to that day
        auto const known = or_store_failed(store::known_day(from));
        if (o.on.empty()) asked.on = known;
        auto const rules = or_store_failed(store::rules_in_force(from));
        auto const may = store::check_reserving_day(*asked.on, *known, rules.on(*known).credit);
        if (!may) throw stop{bad_input, "--on: " + may.error().message()};
    }
    auto book = or_store_failed(
        store::stored_book::open(std::move(from), {.as_of = asked.on, .read_only = !writes, .use_snapshot = !is_past}));
    auto const refused = [&](error const& e) -> stop {
        if (e.code == errc::unknown_customer) {
            return {bad_input, fmt::format("{}: the store holds no fact about such a customer", o.customer)};
        }
        auto const is_of_the_store = e.code == errc::io_failure || e.code == errc::damaged;
        return {is_of_the_store ? failed : bad_input, e.message()};
    };
    result<checked> found = checked{};
    currency in;
    if (is_past) {
        auto was = or_store_failed(book.as_it_was(*asked.on));
        auto answer = was.check(o.customer, asked);
        if (!answer) throw refused(answer.error());
        found.value().answer = std::move(answer.value());
        in = was.state_of(o.customer).value().in;
    } else {
        found = book.check(o.customer, asked, wish, hold);
        if (!found) throw refused(found.error());
        in = book.book().state_of(o.customer).value().in;
    }
    write_out(shown(found.value(), in.is_own() ? asked.amount.in() : in, o));
    flush_out();
}

}  // namespace

void add_check(CLI::App& app) {
    auto* const command = app.add_subcommand("check", "checks the credit of an order, and reserves it when asked");
    auto const o = std::make_shared<check_options>();
    command->add_option("CUSTOMER", o->customer, "the customer's code")->required();
    command->add_option("AMOUNT", o->amount, "of the whole document, \"1200.00 CNY\" or in the customer's currency")
        ->required();
    command->add_option("--store", o->store, "sqlite:PATH or postgresql://…")->required();
    command->add_option("--on", o->on, "the day of the question, YYYY-MM-DD; default: that of the latest fact");
    command->add_option("--step", o->step, "where in the sale it is asked")
        ->check(CLI::IsMember({"quote", "order", "change", "reopen", "delivery", "invoice"}))
        ->capture_default_str();
    command->add_option("--order", o->order,
                        "the order's number: what is reserved for it, or counted of it, is its own");
    command->add_option("--quotation", o->quotation,
                        "at quote: the one that is asked about; at order: that it takes up");
    command->add_option("--delivery-date", o->delivery_date,
                        "requested, YYYY-MM-DD: beyond the rulebook's horizon the order does not count yet");
    command->add_flag("--reserve", o->reserve, "where it is approved, keep the amount for the order to come");
    command->add_option("--name", o->name, "of the reservation: asking again with it reserves once");
    command->add_option("--until", o->until, "the last day that it is kept; default: until it is taken or released");
    command->add_flag("--hold", o->hold, "where it is held, let the order wait: patron holds tells what for");
    command->add_option("--hold-until", o->hold_until, "the last day on which it waits; default: without end");
    command->add_option("--lang", o->lang, "of --format text")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    command->add_option("--format", o->format, "json or text")
        ->check(CLI::IsMember({"json", "text"}))
        ->capture_default_str();
    command->callback([o] { run(*o); });
}

}  // namespace tool
