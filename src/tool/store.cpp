#include "command.hpp"

#include <fmt/format.h>

#if defined(PATRON_HAS_SQLITE)
#    include <patron/store/sqlite.hpp>
#endif

#include <memory>

namespace tool {

using namespace patron;

namespace {

struct store_options {
    std::string store;
    std::string to;
    std::string customer;
    std::string person;
};

void check(store_options const& o) {
    auto place = open_store(o.store, store::access::read);
    auto const report = or_store_failed(place.verify());
    for (auto const& fault : report.faults) write_out(fault + '\n');
    auto const whole = report.faults.empty();
    write_out(fmt::format("{}: {} entries, {} facts, {} decisions\n", whole ? "sound" : "DAMAGED", report.entries,
                          report.facts, report.decisions));
    flush_out();
    if (!whole) throw stop{failed, fmt::format("the store has {} faults", report.faults.size())};
}

/// From which days on the rules in force are so, and which were before them.
std::string days_of(any_event_store& place) {
    auto const rules = or_store_failed(store::rules_in_force(place));
    std::string days;
    auto const* r = &rules;
    for (; r->from && r->before; r = r->before.get()) {
        days += fmt::format("{} from {}", days.empty() ? "" : ", " + r->version, to_string(*r->from));
    }
    return days.empty() ? days : days + fmt::format(", {} before", r->version);
}

void info(store_options const& o) {
    auto place = open_store(o.store, store::access::read);
    auto const versions = or_store_failed(place.versions());
    std::size_t slots = 0;
    for (std::uint16_t s = 0; s < slots_in_all; ++s) slots += versions.of(s) > 0 ? 1 : 0;
    auto const note = [&](char const* name) { return or_store_failed(place.note(name)).value_or("-"); };
    write_out(fmt::format("entries    {} in {} slots\n", versions.total(), slots));
    write_out(fmt::format("latest day {}\n", note("latest_day")));
    write_out(fmt::format("reviews    {}\n", note("reviews")));
    auto const rulebooks = or_store_failed(place.rulebooks());
    for (auto const& rulebook : rulebooks) {
        auto const is_in_force = note("rulebook") == std::to_string(rulebook.number);
        write_out(fmt::format("rulebook   {}: {}{}\n", rulebook.number, rulebook.version,
                              is_in_force ? ", in force" + days_of(place) : ""));
    }
    auto const snapshot = place.load_snapshot();
    if (!snapshot) {
        write_out("snapshot   not usable: " + snapshot.error().message() + '\n');
    } else if (!snapshot.value()) {
        write_out("snapshot   none\n");
    } else {
        std::uint64_t covered = 0;
        std::size_t bytes = 0;
        for (auto const& image : snapshot.value()->slots) {
            covered += image.version;
            bytes += image.bytes.size();
        }
        write_out(fmt::format("snapshot   covers {} entries, {} bytes\n", covered, bytes));
    }
    flush_out();
}

void backup(store_options const& o) {
    auto place = open_store(o.store, store::access::read);
#if defined(PATRON_HAS_SQLITE)
    if (auto* const file = place.as<store::sqlite_store>()) {
        or_store_failed(file->backup(o.to));
        fmt::print(stderr, "a copy of {} is in {}\n", o.store, o.to);
        return;
    }
#endif
    throw stop{bad_input, fmt::format("{}: only stores in SQLite are copied to a file; a database server has tools of "
                                      "its own for that, such as pg_dump",
                                      o.store.substr(0, o.store.find(':')))};
}

void erase(store_options const& o) {
    auto opened = store::stored_book::open(open_store(o.store, store::access::write));
    auto book = or_store_failed(std::move(opened));
    auto const erased = or_store_failed(book.erase_person(o.customer, o.person));
    if (erased == 0) {
        throw stop{bad_input, o.person.empty() ? fmt::format("{}: the store knows no person there", o.customer)
                                               : fmt::format("{}: the store knows no {} there", o.customer, o.person)};
    }
    fmt::print(stderr, "{} {} forgotten; what they took part in stays, under a pseudonym\n", erased,
               erased == 1 ? "person" : "persons");
}

struct audit_options {
    std::string store;
    std::string customer;
};

void run_audit(audit_options const& o) {
    auto place = open_store(o.store, store::access::read);
    auto const customer = o.customer.empty() ? std::nullopt : std::optional<std::string_view>{o.customer};
    auto found = store::audit(place, customer);
    if (!found && found.error().code == errc::unknown_customer) throw stop{bad_input, found.error().message()};
    auto const outcome = or_store_failed(std::move(found));
    for (auto const& d : outcome.different) {
        std::string line{"{\"customer\":"};
        append_json_string(line, d.customer);
        line += ",\"kept\":" + (d.kept.empty() ? "null" : d.kept) + ",\"made\":" + (d.made.empty() ? "null" : d.made);
        write_out(line + "}\n");
    }
    flush_out();
    fmt::print(stderr, "{} facts replayed, {} decisions compared, {} differ\n", outcome.facts, outcome.decisions,
               outcome.different.size());
    if (!outcome.different.empty()) throw stop{failed, "past decisions do not come out as they were kept"};
}

struct follow_options {
    std::string store;
    std::string source = "patron";
    std::uint64_t from = 1;
    std::uint64_t most = UINT64_MAX;
};

void run_follow(follow_options const& o) {
    constexpr std::uint64_t at_once = 1'000;
    auto place = open_store(o.store, store::access::read);
    auto position = o.from;
    for (auto left = o.most; left > 0;) {
        auto const some = or_store_failed(place.decisions(position, std::min(left, at_once)));
        if (some.empty()) break;
        for (auto const& d : some) write_out(store::to_cloud_event(d, o.source) + '\n');
        position = some.back().position + 1;
        left -= some.size();
    }
    flush_out();
    fmt::print(stderr, "go on with --from {}\n", position);
}

}  // namespace

void add_store(CLI::App& app) {
    auto* const command = app.add_subcommand("store", "looks after a store");
    command->require_subcommand(1);
    auto const o = std::make_shared<store_options>();
    auto const add = [&](char const* name, char const* what, auto run) {
        auto* const sub = command->add_subcommand(name, what);
        sub->add_option("--store", o->store, "sqlite:PATH or postgresql://…")->required();
        sub->callback([o, run] { run(*o); });
        return sub;
    };
    add("check", "reads everything and compares it with the digests kept with it", check);
    add("info", "says what is in it", info);
    add("backup", "makes a consistent copy of a store that may be in use", backup)
        ->add_option("TO", o->to, "the new file")
        ->required();
    auto* const forget = add("erase", "forgets the names of persons; facts and decisions stay", erase);
    forget->add_option("CUSTOMER", o->customer, "whose person it is")->required();
    forget->add_option("PERSON", o->person, "the name; left out: all persons of the customer");
}

void add_audit(CLI::App& app) {
    auto* const command = app.add_subcommand(
        "audit", "makes past decisions again under the rulebook of their day and compares them to the byte");
    auto const o = std::make_shared<audit_options>();
    command->add_option("CUSTOMER", o->customer, "only that one's decisions");
    command->add_option("--store", o->store, "sqlite:PATH or postgresql://…")->required();
    command->callback([o] { run_audit(*o); });
}

void add_follow(CLI::App& app) {
    auto* const command = app.add_subcommand("follow", "decisions as CloudEvents, one JSON object a line");
    auto const o = std::make_shared<follow_options>();
    command->add_option("--store", o->store, "sqlite:PATH or postgresql://…")->required();
    command->add_option("--from", o->from, "the position to begin with")->check(not_negative)->capture_default_str();
    command->add_option("--most", o->most, "how many at most")->check(not_negative);
    command->add_option("--source", o->source, "of the events: names this book among others")->capture_default_str();
    command->callback([o] { run_follow(*o); });
}

}  // namespace tool
