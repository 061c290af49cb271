#include <patron/lifecycle/relationship.hpp>
#include <patron/machine/render.hpp>

#include <catch2/catch_test_macros.hpp>

#include <boost/json.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include "machines.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

using namespace machine_tests;
using machine::format;
using patron::language;

namespace {

/// What an interpreter of an exported machine goes by: for a state and an event some transitions in order.
struct transition {
    std::string guard;   ///< empty: none
    std::string target;  ///< empty: stay
    std::string action;
};
using exported = std::map<std::pair<std::string, std::string>, std::vector<transition>>;

exported read_xstate(std::string const& text, std::set<std::string>& finals) {
    exported all;
    auto const document = boost::json::parse(text);
    for (auto const& [state, node] : document.at("states").as_object()) {
        if (auto const* type = node.as_object().if_contains("type")) {
            REQUIRE(type->as_string() == "final");
            finals.insert(state);
        }
        auto const* on = node.as_object().if_contains("on");
        if (on == nullptr) continue;
        for (auto const& [event, list] : on->as_object())
            for (auto const& t : list.as_array()) {
                auto const text_of = [&t](char const* key) {
                    auto const* v = t.as_object().if_contains(key);
                    return v == nullptr ? std::string{} : std::string{v->as_string()};
                };
                auto const* actions = t.as_object().if_contains("actions");
                all[{state, event}].push_back({text_of("guard"), text_of("target"),
                                               actions == nullptr ? "" : std::string{actions->at(0).as_string()}});
            }
    }
    return all;
}

exported read_scxml(std::string const& text, std::set<std::string>& finals) {
    boost::property_tree::ptree document;
    std::istringstream in{text};
    boost::property_tree::read_xml(in, document);
    auto const& root = document.get_child("scxml");
    REQUIRE(root.get<std::string>("<xmlattr>.xmlns") == "http://www.w3.org/2005/07/scxml");
    REQUIRE(root.get<std::string>("<xmlattr>.datamodel") == "ecmascript");
    exported all;
    for (auto const& [element, node] : root) {
        if (element == "<xmlattr>") continue;
        auto const state = node.get<std::string>("<xmlattr>.id");
        if (element == "final") finals.insert(state);
        else REQUIRE(element == "state");
        for (auto const& [name, t] : node) {
            if (name != "transition") continue;
            std::string guard = t.get("<xmlattr>.cond", "");
            constexpr std::string_view data = "_event.data.";
            if (!guard.empty()) {
                REQUIRE(guard.starts_with(data));
                guard.erase(0, data.size());
            }
            all[{state, t.get<std::string>("<xmlattr>.event")}].push_back(
                {guard, t.get("<xmlattr>.target", ""), t.get("<xmlattr>.patron:does", "")});
        }
    }
    return all;
}

/// Runs `e` in every state, on every event, under every combination of guards beside the table itself.
void behaves_as_its_table(machine::description const& d, exported const& e, std::set<std::string> const& finals) {
    for (std::uint8_t s = 0; s < d.states.size(); ++s) {
        for (std::uint8_t ev = 0; ev < d.events.size(); ++ev) {
            auto const found = e.find({d.states[s], d.events[ev]});
            for (std::size_t bits = 0; bits < std::size_t{1} << d.guards.size(); ++bits) {
                auto const holds = [bits](std::size_t g) { return (bits >> g & 1U) != 0; };
                std::string to = d.states[s];
                std::string action;
                if (found != e.end() && !finals.contains(d.states[s]))
                    for (transition const& t : found->second) {
                        auto const guard = std::ranges::find(d.guards, t.guard);
                        if (!t.guard.empty() && !holds(static_cast<std::size_t>(guard - d.guards.begin()))) continue;
                        if (!t.target.empty()) to = t.target;
                        action = t.action;
                        break;
                    }
                auto const expected = walk(d, s, ev, holds);
                auto const expected_action = expected.action() ? d.actions[*expected.action()] : std::string{};
                if (to != d.states[expected.to] || action != expected_action)
                    FAIL(d.name << ": state " << d.states[s] << ", event " << d.events[ev] << ", guards " << bits
                                << " leads to " << to << " doing " << action);
            }
        }
    }
}

/// The arrows of a diagram, "from>to:label".
std::vector<std::string> arrows_of(std::string const& text, std::string_view arrow, std::string_view before_label,
                                   std::string_view after_label) {
    std::vector<std::string> all;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        auto const at = line.find(arrow);
        auto const label = line.find(before_label, at);
        if (at == std::string::npos || label == std::string::npos) continue;
        auto const first = line.find_first_not_of(' ');
        auto const end = line.size() - after_label.size();
        std::string edge = line.substr(first, at - first) + '>' +
                           line.substr(at + arrow.size(), label - at - arrow.size()) + ':' +
                           line.substr(label + before_label.size(), end - label - before_label.size());
        std::erase(edge, '"');
        all.push_back(edge);
    }
    return all;
}

std::vector<std::string> arrows_in(machine::description const& d) {
    std::vector<std::string> all;
    for (machine::row const& r : d.rows) {
        if (r.ignored) continue;
        std::string label = d.events[r.event];
        if (r.guard != machine::nothing) label += " [" + d.guards[r.guard] + ']';
        if (r.action != machine::nothing) label += " / " + d.actions[r.action];
        all.push_back(d.states[r.from] + '>' + d.states[r.to] + ':' + label);
    }
    return all;
}

template <class Each>
void each_machine(Each each) {
    each(machine::describe<leasing>());
    each(machine::describe<scattered>());
    each(machine::describe<patron::lifecycle::relationship>());
    for (std::uint32_t seed = 0; seed < 150; ++seed) {
        auto const d = random_machine(seed);
        if (machine::findings(d).empty()) each(d);
    }
}

}  // namespace

TEST_CASE("a form is known by its name", "[machine][render]") {
    REQUIRE(machine::format_named("xstate") == format::xstate);
    REQUIRE(machine::format_named("table") == format::table);
    REQUIRE(machine::format_named("svg") == std::nullopt);
}

TEST_CASE("an XState config behaves as the table", "[machine][render]") {
    each_machine([](machine::description const& d) {
        std::set<std::string> finals;
        auto const text = machine::render(d, format::xstate);
        auto const e = read_xstate(text, finals);
        REQUIRE(boost::json::parse(text).at("initial").as_string() == d.states[d.start]);
        behaves_as_its_table(d, e, finals);
    });
}

TEST_CASE("an SCXML document behaves as the table", "[machine][render]") {
    each_machine([](machine::description const& d) {
        std::set<std::string> finals;
        auto const text = machine::render(d, format::scxml);
        auto const e = read_scxml(text, finals);
        REQUIRE(text.find(" initial=\"" + d.states[d.start] + '"') != std::string::npos);
        behaves_as_its_table(d, e, finals);
    });
}

TEST_CASE("an interpreter stops only where nothing is answered any more", "[machine][render]") {
    std::set<std::string> finals;
    read_xstate(machine::render(machine::describe<leasing>(), format::xstate), finals);
    REQUIRE(finals == std::set<std::string>{"closed"});
    finals.clear();
    read_scxml(machine::render(machine::describe<leasing>(), format::scxml), finals);
    REQUIRE(finals == std::set<std::string>{"closed"});

    finals.clear();  // `ended` can be won back
    read_xstate(machine::render(machine::describe<patron::lifecycle::relationship>(), format::xstate), finals);
    read_scxml(machine::render(machine::describe<patron::lifecycle::relationship>(), format::scxml), finals);
    REQUIRE(finals.empty());
}

TEST_CASE("diagrams draw an arrow for each row that answers", "[machine][render]") {
    each_machine([](machine::description const& d) {
        auto const arrows = arrows_in(d);
        CAPTURE(d.name);
        REQUIRE(arrows_of(machine::render(d, format::dot), " -> ", " [label=\"", "\"];") == arrows);
        REQUIRE(arrows_of(machine::render(d, format::mermaid), " --> ", " : ", "") == arrows);
        REQUIRE(arrows_of(machine::render(d, format::plantuml), " --> ", " : ", "") == arrows);
    });
}

TEST_CASE("diagrams show where a machine starts and may end, in either language", "[machine][render]") {
    auto const d = machine::describe<leasing>();
    auto const has = [&](format f, std::string_view piece, language l = language::en) {
        CAPTURE(piece);
        CHECK(machine::render(d, f, l).find(piece) != std::string::npos);
    };
    has(format::dot, "\"\" -> \"offered\"");
    has(format::dot, "\"closed\" [label=\"Closed\", peripheries=2]");
    has(format::dot, R"("running" [label="Running \"as is\" <&>"])");
    has(format::dot, "\"overdue\" [label=\"逾期\"]", language::zh);
    has(format::mermaid, "stateDiagram-v2");
    has(format::mermaid, "[*] --> offered\n");
    has(format::mermaid, "closed --> [*]\n");
    has(format::mermaid, "state \"逾期\" as overdue", language::zh);
    has(format::plantuml, "@startuml leasing\n");
    has(format::plantuml, "[*] --> offered\n");
    has(format::plantuml, "state \"Overdue\" as overdue");
    has(format::plantuml, "@enduml\n");
    has(format::scxml, "patron:en=\"Running &quot;as is&quot; &lt;&amp;>\" patron:zh=\"履行中\"");
    has(format::xstate, R"("meta": { "en": "Running \"as is\" <&>", "zh": "履行中" })");
}

TEST_CASE("a state with the name of a keyword gets another one where it must", "[machine][render]") {
    machine::description const d{.name = "kept",
                                 .states = {"state", "note"},
                                 .events = {"go"},
                                 .rows = {{.from = 0, .event = 0, .to = 1}, {.from = 1, .event = 0, .to = 0}}};
    for (format const f : {format::mermaid, format::plantuml}) {
        auto const text = machine::render(d, f);
        REQUIRE(text.find("state \"note\" as note_\n") != std::string::npos);
        REQUIRE(text.find("    state_ --> note_ : go\n") != std::string::npos);
    }
    REQUIRE(machine::render(d, format::dot).find("\"state\" -> \"note\"") != std::string::npos);
}

TEST_CASE("the table is text for people, with ignored events and only the columns it needs", "[machine][render]") {
    machine::description const d{.name = "door",
                                 .states = {"shut", "open"},
                                 .events = {"push"},
                                 .guards = {"locked"},
                                 .rows = {{.from = 0, .event = 0, .guard = 0, .to = 0, .ignored = true},
                                          {.from = 0, .event = 0, .to = 1},
                                          {.from = 1, .event = 0, .to = 0}},
                                 .finals = {1},
                                 .labels = {{"Shut", "关"}, {"Wide open", "开"}}};
    REQUIRE(machine::render(d, format::table) ==
            "door: starts in shut, may end in open\n"
            "\n"
            "from  event  guard   to\n"
            "shut  push   locked  (ignored)\n"
            "shut  push           open\n"
            "open  push           shut\n"
            "\n"
            "shut  Shut       关\n"
            "open  Wide open  开\n");
}
