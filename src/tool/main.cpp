#include "command.hpp"

#include <cstdio>
#include <exception>
#include <new>

int main(int argc, char** argv) {
    CLI::App app{"patron: how a supplier's relationships with its business customers live.\n"
                 "Facts in, each customer's stage out, with the reason."};
    app.require_subcommand(1);
    app.fallthrough(false);
    app.footer("Exit codes: 0 done; 1 done, but some rows were rejected; 2 usage or bad input, nothing done;\n"
               "3 the store or the machine failed. `patron COMMAND --help` tells more.");
    tool::add_replay(app);
    tool::add_review(app);
    tool::add_explain(app);
    tool::add_machine(app);
    tool::add_simulate(app);
    tool::add_version(app);
    try {
        app.parse(argc, argv);
        tool::flush_out();
    } catch (CLI::ParseError const& e) {
        // help and the like are no errors and go to stdout
        if (e.get_exit_code() == 0) return app.exit(e);
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
