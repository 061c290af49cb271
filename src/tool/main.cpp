#include "command.hpp"

#include <patron/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>

namespace {

/// Refuses a word that is no command, and names those that there are.
void refuse_unknown(CLI::App const& app, std::string_view word) {
    constexpr std::array<std::string_view, 2> promised{"next", "report"};
    std::string names;
    for (auto const* const command : app.get_subcommands({})) {
        if (command->get_name() == word) return;
        names += (names.empty() ? "" : ", ") + command->get_name();
    }
    if (std::find(promised.begin(), promised.end(), word) != promised.end()) {
        throw tool::stop{tool::bad_input,
                         fmt::format("this release has no command \"{}\" yet; it has: {}", word, names)};
    }
    throw tool::stop{tool::bad_input, fmt::format("there is no command \"{}\"; there are: {}", word, names)};
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_DFL);  // whoever stops reading our output ends us quietly, whatever we inherited
    CLI::App app{
        "patron: how a supplier's relationships with its business customers live.\n"
        "Facts in, each customer's stage out, with the reason.",
        "patron"};
    app.set_version_flag(
        "--version", fmt::format("patron {}.{}.{}", PATRON_VERSION_MAJOR, PATRON_VERSION_MINOR, PATRON_VERSION_PATCH));
    app.require_subcommand(1);
    app.fallthrough(false);
    app.footer(
        "Exit codes: 0 done; 1 done, but some rows were rejected; 2 usage or bad input, nothing done;\n"
        "3 the store or the machine failed. `patron COMMAND --help` tells more.");
    tool::add_replay(app);
    tool::add_review(app);
    tool::add_check(app);
    tool::add_explain(app);
    tool::add_machine(app);
    tool::add_rules(app);
    tool::add_whatif(app);
    tool::add_staff(app);
    tool::add_prices(app);
    tool::add_rebates(app);
    tool::add_receivables(app);
    tool::add_holds(app);
    tool::add_fit(app);
    tool::add_risk(app);
    tool::add_evaluate(app);
    tool::add_forecast(app);
    tool::add_simulate(app);
    tool::add_store(app);
    tool::add_audit(app);
    tool::add_follow(app);
    tool::add_worker(app);
    tool::add_version(app);
    try {
        if (argc < 2) {
            std::fputs(app.help().c_str(), stderr);
            return tool::bad_input;
        }
        if (std::string_view const word{argv[1]}; !word.starts_with('-')) refuse_unknown(app, word);
        app.parse(argc, argv);
        tool::flush_out();
    } catch (CLI::ParseError const& e) {
        if (e.get_exit_code() == 0) {  // help and the like are no errors and go to stdout
            app.exit(e);
            std::cout.flush();
            if (std::cout) return tool::done;
            std::fputs("patron: standard output cannot be written\n", stderr);
            return tool::failed;
        }
        app.exit(e);
        return tool::bad_input;
    } catch (tool::stop const& s) {
        try {
            tool::flush_out();
        } catch (tool::stop const&) {
            std::fputs("patron: standard output cannot be written\n", stderr);
            return tool::failed;
        }
        if (!s.message.empty()) std::fprintf(stderr, "patron: %s\n", s.message.c_str());
        return s.code;
    } catch (std::bad_alloc const&) {
        std::fputs("patron: out of memory\n", stderr);
        return tool::failed;
    } catch (std::exception const& e) {
        std::fprintf(stderr, "patron: %s\n", e.what());
        return tool::failed;
    }
    return tool::done;
}
