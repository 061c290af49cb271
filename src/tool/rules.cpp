#include "command.hpp"

#include <patron/policy/rulebook_check.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace tool {

using namespace patron;

policy::rulebook rulebook_from(std::string const& path, std::string const& said) {
    constexpr std::size_t most_bytes = 4U << 20U;
    std::ifstream file{path, std::ios::binary};
    std::string text;
    std::vector<char> chunk(1U << 16U);
    while (file && text.size() <= most_bytes) {
        file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof() && text.size() <= most_bytes) throw stop{bad_input, fmt::format("{} cannot be read", said)};
    return or_stop_at(said.c_str(), policy::parse_rulebook(text));
}

house_rules rules_in_file(std::string const& path) {
    auto const said = "--rules " + path;
    auto const book = rulebook_from(path, said);
    auto const found = policy::check(book);
    std::string faults;
    for (auto const& f : found) {
        if (f.gravity == policy::gravity::error)
            faults += (faults.empty() ? "" : "\npatron: ") + said + ": " + to_text(f);
    }
    if (!faults.empty()) throw stop{bad_input, faults};
    for (auto const& f : found) fmt::print(stderr, "patron: {}: {}\n", path, to_text(f));
    return or_stop_at(said.c_str(), rules_of(book));
}

house_rules rules_in_files(std::vector<std::string> const& paths) {
    auto rules = rules_in_file(paths.front());
    for (std::size_t i = 1; i < paths.size(); ++i) {
        auto next = rules_in_file(paths[i]);
        if (!next.from) {
            throw stop{bad_input, fmt::format("--rules {}: from: missing; a rulebook behind another says in \"from\" "
                                              "the day on which it takes over",
                                              paths[i])};
        }
        if (rules.from && *next.from <= *rules.from) {
            throw stop{bad_input,
                       fmt::format("--rules {}: from: saw \"{}\"; the rulebook before it is in force from {}: "
                                   "give them in the order of their days",
                                   paths[i], to_string(*next.from), to_string(*rules.from))};
        }
        rules = std::move(next).after(rules);
    }
    return rules;
}

house_rules default_rules() { return or_stop_at("the default rulebook", rules_of(policy::default_rulebook())); }

namespace {

struct rules_options {
    std::string file;
    std::string format = "text";
    std::string lang = "en";
};

boost::json::object to_value(policy::finding const& f) {
    boost::json::object o{{"severity", name_of(f.gravity)}, {"code", f.code}, {"id", f.id}, {"where", f.where}};
    boost::json::array rules;
    for (auto const& r : f.rules) rules.emplace_back(r);
    o["rules"] = std::move(rules);
    o["text"] = boost::json::object{{"en", f.en}, {"zh", f.zh}};
    boost::json::object example;
    for (auto const& e : f.example) example[e.name] = e.value;
    o["example"] = std::move(example);
    return o;
}

void check(rules_options const& o) {
    auto const book = rulebook_from(o.file, o.file);
    auto const found = policy::check(book);
    auto const errors = std::ranges::count(found, policy::gravity::error, &policy::finding::gravity);
    auto const warnings = static_cast<std::ptrdiff_t>(found.size()) - errors;
    if (o.format == "json") {
        boost::json::array all;
        for (auto const& f : found) all.push_back(to_value(f));
        write_out(boost::json::serialize(boost::json::object{{"rulebook", book.version()},
                                                             {"sound", errors == 0},
                                                             {"errors", errors},
                                                             {"warnings", warnings},
                                                             {"findings", std::move(all)}}) +
                  '\n');
    } else {
        for (auto const& f : found) write_out(to_text(f, *language_of(o.lang)) + '\n');
        std::size_t rules = 0;
        for (auto const& t : book.tables) rules += t.text().rules.size();
        write_out(fmt::format("{}: {} tables, {} rules: {} errors, {} warnings\n", book.version(), book.tables.size(),
                              rules, errors, warnings));
    }
    if (errors > 0) throw stop{bad_input, {}};
}

}  // namespace

void add_rules(CLI::App& app) {
    auto* const command = app.add_subcommand("rules", "the rulebook: check, schema, default");
    command->require_subcommand(0, 1);
    command->callback([command] {
        if (command->get_subcommands().empty()) throw stop{bad_input, "rules: say check, schema or default"};
    });
    auto const o = std::make_shared<rules_options>();
    auto* const check_command = command->add_subcommand(
        "check", "reads a rulebook and says what is wrong with it; exit code 0 when it is sound, 2 when not");
    check_command->add_option("FILE", o->file, "a rulebook file, such as `rules default` prints")->required();
    check_command->add_option("--format", o->format, "of the findings")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    check_command->add_option("--lang", o->lang, "of the text")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    check_command->callback([o] { check(*o); });
    command->add_subcommand("schema", "the JSON Schema of a rulebook file")->callback([] {
        write_out(policy::rulebook_schema());
    });
    command->add_subcommand("default", "the default rulebook, as a file to begin with")->callback([] {
        write_out(to_json(policy::default_rulebook()));
    });
}

}  // namespace tool
