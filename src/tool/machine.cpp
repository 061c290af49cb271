#include "command.hpp"

#include <patron/lifecycle/complaint.hpp>
#include <patron/lifecycle/effect_life.hpp>
#include <patron/lifecycle/relationship.hpp>
#include <patron/lifecycle/standing.hpp>
#include <patron/lifecycle/supply.hpp>
#include <patron/lifecycle/tier.hpp>
#include <patron/machine/dynamic.hpp>
#include <patron/machine/load.hpp>
#include <patron/machine/render.hpp>
#include <patron/policy/credit_hold.hpp>

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace tool {

using namespace patron;

namespace {

struct known_machine {
    machine::description what;
    std::string_view about;
};

std::vector<known_machine> known_machines() {
    return {
        {machine::describe<lifecycle::relationship>(), "how a relationship with a customer lives (REL-1)"},
        {machine::describe<lifecycle::complaint_handling>(), "a complaint from raised to confirmed (RET-3)"},
        {machine::describe<lifecycle::credit_standing>(), "a credit standing lost and won back (CRE-6)"},
        {machine::describe<credit_hold_handling>(), "a held order until it goes on or not (CRE-5)"},
        {machine::describe<lifecycle::effect_life>(), "a reward or sanction from its grant to its end (POW-1, POW-2)"},
        {machine::describe<lifecycle::supply_ladder>(), "the last resort, rung by rung (POW-3)"},
        {machine::describe<lifecycle::tier_ladder>(), "the tiers of customers (SEG-4)"}};
}

machine::description described(std::string const& name) {
    std::string names;
    for (auto& m : known_machines()) {
        if (m.what.name == name) return std::move(m.what);
        names += (names.empty() ? "" : ", ") + m.what.name;
    }
    throw stop{bad_input, fmt::format("there is no machine \"{}\"; there are: {}", name, names)};
}

machine::description from_file(std::string const& path) {
    constexpr std::size_t most_bytes = 16U << 20U;
    std::ifstream file{path, std::ios::binary};
    if (!file) throw stop{bad_input, fmt::format("--file: {} cannot be read", path)};
    std::string text;
    std::vector<char> chunk(1U << 16U);
    while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
        text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
        if (text.size() > most_bytes) throw stop{bad_input, fmt::format("--file: {} is larger than 16 MiB", path)};
    }
    auto read = machine::parse(text);
    if (!read) {
        auto e = read.error();
        e.source = path;
        throw stop{bad_input, e.message()};
    }
    return std::move(read.value());
}

struct machine_options {
    std::string name;
    std::string file;
    std::string as = "table";
    std::string lang = "en";
};

machine::description chosen(machine_options const& o) {
    if (o.file.empty()) {
        if (o.name.empty()) throw stop{bad_input, "name a machine, or give --file MACHINE.json"};
        return described(o.name);
    }
    auto m = from_file(o.file);
    if (!o.name.empty() && o.name != m.name) {
        throw stop{bad_input, fmt::format("{} holds the machine \"{}\", not \"{}\"", o.file, m.name, o.name)};
    }
    return m;
}

void list() {
    for (auto const& m : known_machines()) {
        write_out(fmt::format("{:<14} {:>2} states, {:>2} events, {:>3} rows   {}\n", m.what.name, m.what.states.size(),
                              m.what.events.size(), m.what.rows.size(), m.about));
    }
}

void show(machine_options const& o) {
    auto text = machine::render(chosen(o), *machine::format_named(o.as), *language_of(o.lang));
    if (!text.ends_with('\n')) text += '\n';
    write_out(text);
}

void run(machine_options const& o) {
    auto const m = or_stop_at(o.file.empty() ? o.name.c_str() : o.file.c_str(), machine::dynamic::make(chosen(o)));
    machine::runner runner{m};
    std::ios::sync_with_stdio(false);
    std::vector<char> line(1U << 20U);  // a longer one is refused, not held
    for (std::uint64_t number = 1; std::cin.getline(line.data(), static_cast<std::streamsize>(line.size())); ++number) {
        auto const size =
            static_cast<std::size_t>(std::cin.gcount()) - (std::cin.eof() ? 0 : 1);  // without the line's end
        auto const state = runner.run_line({line.data(), size});
        if (!state) {
            auto e = state.error();
            e.line = number;
            throw stop{bad_input, e.message()};
        }
        write_out(std::string{state.value()} + '\n');
    }
    if (!std::cin.eof()) throw stop{bad_input, "a line of events is longer than 1 MiB"};
}

}  // namespace

void add_machine(CLI::App& app) {
    auto* const command = app.add_subcommand("machine", "the state machines: list, show, run");
    command->require_subcommand(0, 1);
    command->callback([command] {
        if (command->get_subcommands().empty()) throw stop{bad_input, "machine: say list, show or run"};
    });
    auto const o = std::make_shared<machine_options>();
    command->add_subcommand("list", "the machines that are built in")->callback([] { list(); });

    auto const add_choice = [o](CLI::App& sub) {
        sub.add_option("NAME", o->name, "a machine of `machine list`");
        sub.add_option("--file", o->file, "a machine in the form that `show --as json` prints");
    };
    auto* const show_command = command->add_subcommand("show", "draws a machine");
    add_choice(*show_command);
    show_command->add_option("--as", o->as, "the form")
        ->check(CLI::IsMember({"table", "dot", "mermaid", "plantuml", "scxml", "xstate", "json"}))
        ->capture_default_str();
    show_command->add_option("--lang", o->lang, "of labels")->check(CLI::IsMember({"en", "zh"}))->capture_default_str();
    show_command->callback([o] { show(*o); });

    auto* const run_command =
        command->add_subcommand("run", "reads lines of an event and the guards that hold, prints the state after each");
    add_choice(*run_command);
    run_command->callback([o] { run(*o); });
}

}  // namespace tool
