#include "command.hpp"

#include <patron/fact/fact.hpp>
#include <patron/testing/simulation.hpp>

#include <memory>

namespace tool {

using namespace patron;

void add_simulate(CLI::App& app) {
    struct options {
        std::uint32_t customers = 100;
        int months = 24;
        std::uint64_t seed = 1;
        std::string from = "2024-01";
        std::string currency = "CNY";
        bool reviews = false;
    };
    auto* const command = app.add_subcommand("simulate", "writes a realistic feed, the same for the same seed");
    auto const o = std::make_shared<options>();
    command->add_option("--customers", o->customers, "how many")
        ->check(CLI::Range(1U, 10'000'000U))
        ->capture_default_str();
    command->add_option("--months", o->months, "how long")->check(CLI::Range(1, 600))->capture_default_str();
    command->add_option("--seed", o->seed, "the same seed gives the same feed")
        ->check(not_negative)
        ->capture_default_str();
    command->add_option("--from", o->from, "the first month, YYYY-MM")->capture_default_str();
    command->add_option("--currency", o->currency, "of all amounts")->capture_default_str();
    command->add_flag("--with-reviews", o->reviews, "close each month by a review_held fact");
    command->callback([o] {
        testing::simulation_options how;
        how.customers = o->customers;
        how.months = o->months;
        how.seed = o->seed;
        how.from = or_stop_at("--from", period::parse(o->from));
        how.in = or_stop_at("--currency", currency::of(o->currency));
        how.reviews = o->reviews;
        testing::simulation feed{how};
        std::string line;
        while (auto const f = feed.next()) {
            line.clear();
            append_json(line, *f);
            line += '\n';
            write_out(line);
        }
    });
}

}  // namespace tool
