#include "command.hpp"

#include <patron/version.hpp>

#include <fmt/format.h>

namespace tool {

void add_version(CLI::App& app) {
    app.add_subcommand("version", "version, rulebook schema version, feed version, stores built in")->callback([] {
        write_out(fmt::format("patron {}.{}.{}\nrulebook schema {} (default rulebook {})\nfeed 1\nstores {}\n",
                              PATRON_VERSION_MAJOR, PATRON_VERSION_MINOR, PATRON_VERSION_PATCH,
                              patron::policy::rulebook_schema_version, patron::lifecycle::lifecycle_rules{}.version,
                              fmt::join(patron::store::stores_built_in(), ", ")));
    });
}

}  // namespace tool
