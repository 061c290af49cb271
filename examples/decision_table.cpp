// Which rule answers, why did another not, and what would be wrong with a table? Answers, looks and checks.
#include <patron/policy/rulebook.hpp>

#include <array>
#include <iostream>

using namespace patron;
using namespace patron::policy;

int main() {
    // tag::ask[]
    auto const book = default_rulebook();
    auto const& penalties = *book.table("penalties");
    auto const& in = penalties.text().inputs;
    std::array const late_again{in[0].read("payment").value(), in[1].read("2").value(), in[2].read("3").value()};

    auto const answer = penalties.evaluate(late_again).value();
    auto const& rule = penalties.text().rules[*answer.rule];
    std::cout << rule.code << " (" << rule.id << "): " << rule.en << '\n';
    for (std::size_t c = 0; c < penalties.text().outputs.size(); ++c) {
        auto const& output = penalties.text().outputs[c];
        std::cout << "  " << output.name << ": " << output.shown(penalties.outputs(*answer.rule)[c]) << '\n';
    }
    // end::ask[]

    // tag::look[]
    for (std::size_t r = 0; r < 3; ++r) {
        auto const look = penalties.look(r, late_again).value();
        std::cout << sentence(look, language::en) << '\n' << sentence(look, language::zh) << '\n';
    }
    // end::look[]

    // tag::check[]
    table_text bands;
    bands.name = "support";
    bands.inputs = {{.name = "share", .unit = column_unit::percent, .least = decimal{0, 0}, .most = decimal{100, 0}}};
    bands.outputs = {{.name = "level", .type = column_type::word, .words = {"low", "high"}}};
    bands.rules = {{.code = "low", .id = "POW-1", .when = {"[0..50)"}, .then = {"low"}},
                   {.code = "high", .id = "POW-1", .when = {"(50..100]"}, .then = {"high"}}};
    for (auto const& f : check(decision_table::compile(bands).value())) std::cout << f << '\n';

    bands.rules.back().when = {"[100..50]"};
    std::cout << decision_table::compile(bands).error() << '\n';
    // end::check[]
}
