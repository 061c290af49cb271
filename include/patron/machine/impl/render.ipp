#pragma once
#include <patron/machine/render.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace patron::inline v1::machine {

namespace detail {

/// How many characters `text` takes on a line; Chinese ones take two columns.
inline std::size_t columns(std::string_view text) noexcept {
    std::size_t n = 0;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) != 0x80U) n += byte >= 0xE3 ? 2 : 1;
    }
    return n;
}

inline std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

inline std::string xml_text(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '"') out += "&quot;";
        else out += c;
    }
    return out;
}

/// One machine on its way into one form.
class writer {
public:
    writer(description const& d, language l)
        : d_{d}, language_{l}, first_(d.states.size() * d.events.size() + 1), order_(d.rows.size()) {
        bring_together({d.rows, d.states.size(), d.events.size(), d.start, d.finals}, first_, order_);
    }

    std::string table() const;
    std::string dot() const;
    std::string mermaid() const;
    std::string plantuml() const;
    std::string scxml() const;
    std::string xstate() const;
    std::string json() const;

private:
    using row_list = std::vector<row const*>;

    std::string const& state(std::size_t s) const { return d_.states[s]; }

    std::string shown(std::size_t s) const {
        if (d_.labels.empty()) return state(s);
        return language_ == language::zh ? d_.labels[s].zh : d_.labels[s].en;
    }

    bool is_final(std::size_t s) const { return std::ranges::find(d_.finals, s) != d_.finals.end(); }

    /// The rows of a cell that an interpreter needs: up to the first without a guard, and not the ignoring ones at
    /// the end, which do what no row does.
    row_list transitions(std::size_t s, std::size_t event) const {
        row_list all;
        std::size_t const c = s * d_.events.size() + event;
        for (std::size_t i = first_[c]; i < first_[c + 1]; ++i) {
            all.push_back(&d_.rows[order_[i]]);
            if (all.back()->guard == nothing) break;
        }
        while (!all.empty() && all.back()->ignored) all.pop_back();
        return all;
    }

    bool answers_nothing(std::size_t s) const {
        for (std::size_t e = 0; e < d_.events.size(); ++e)
            if (!transitions(s, e).empty()) return false;
        return true;
    }

    /// "event [guard] / action", the notation of UML.
    std::string edge(row const& r) const {
        std::string text = d_.events[r.event];
        if (r.guard != nothing) text += " [" + d_.guards[r.guard] + ']';
        if (r.action != nothing) text += " / " + d_.actions[r.action];
        return text;
    }

    template <class Each>
    void each_drawn_row(Each each) const {
        for (row const& r : d_.rows)
            if (!r.ignored) each(r);
    }

    /// The state's name, but for the words that Mermaid or PlantUML keep to themselves.
    std::string alias(std::size_t s) const {
        constexpr std::array<std::string_view, 13> kept{"accDescr", "accTitle", "class", "classDef", "click",
                                                        "default",  "end",      "hide",  "href",     "note",
                                                        "scale",    "state",    "style"};
        std::string name = state(s);
        if (std::ranges::find(kept, name) != kept.end()) name += '_';
        return name;
    }

    std::string uml_body() const;
    std::string json_list(std::vector<std::string> const& names) const;
    std::string xstate_transition(row const& r) const;
    std::string xstate_state(std::size_t s) const;

    description const& d_;
    language language_;
    std::vector<std::uint16_t> first_;
    std::vector<std::uint16_t> order_;
};

inline std::string writer::table() const {
    constexpr std::size_t width = 5;
    using line = std::array<std::string, width>;
    std::vector<line> lines{{"from", "event", "guard", "action", "to"}};
    for (row const& r : d_.rows)
        lines.push_back({state(r.from), d_.events[r.event], r.guard == nothing ? "" : d_.guards[r.guard],
                         r.action == nothing ? "" : d_.actions[r.action], r.ignored ? "(ignored)" : state(r.to)});
    std::array<std::size_t, width> wide{};
    std::array<bool, width> used{};  // a machine without guards, or without actions, has no column for them
    for (line const& l : lines) {
        for (std::size_t i = 0; i < width; ++i) {
            wide[i] = std::max(wide[i], l[i].size());
            used[i] = used[i] || (&l != &lines.front() && !l[i].empty());
        }
    }
    std::string out = d_.name + ": starts in " + state(d_.start);
    for (std::size_t i = 0; i < d_.finals.size(); ++i) out += (i == 0 ? ", may end in " : ", ") + state(d_.finals[i]);
    out += "\n\n";
    for (line const& l : lines) {
        std::string text;
        for (std::size_t i = 0; i < width; ++i)
            if (used[i]) text += l[i] + std::string(wide[i] - l[i].size() + 2, ' ');
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    }
    if (d_.labels.empty()) return out;
    out += '\n';
    std::size_t widest = 0;
    std::size_t widest_label = 0;
    for (std::size_t s = 0; s < d_.states.size(); ++s) {
        widest = std::max(widest, state(s).size());
        widest_label = std::max(widest_label, columns(d_.labels[s].en));
    }
    for (std::size_t s = 0; s < d_.states.size(); ++s)
        out += state(s) + std::string(widest - state(s).size() + 2, ' ') + d_.labels[s].en +
               std::string(widest_label - columns(d_.labels[s].en) + 2, ' ') + d_.labels[s].zh + '\n';
    return out;
}

inline std::string writer::dot() const {
    std::string out = "digraph \"" + d_.name +
                      "\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n"
                      "    \"\" [shape=point];\n    \"\" -> \"" +
                      state(d_.start) + "\";\n";
    for (std::size_t s = 0; s < d_.states.size(); ++s) {
        out += "    \"" + state(s) + "\" [label=" + json_text(shown(s));
        if (is_final(s)) out += ", peripheries=2";
        out += "];\n";
    }
    each_drawn_row([&](row const& r) {
        out += "    \"" + state(r.from) + "\" -> \"" + state(r.to) + "\" [label=\"" + edge(r) + "\"];\n";
    });
    return out + "}\n";
}

/// What Mermaid and PlantUML have in common: states under an alias, then arrows.
inline std::string writer::uml_body() const {
    std::string out;
    for (std::size_t s = 0; s < d_.states.size(); ++s) {
        std::string text = shown(s);
        std::ranges::replace(text, '"', '\'');  // neither has a way to write one
        out += "    state \"" + text + "\" as " + alias(s) + '\n';
    }
    out += "    [*] --> " + alias(d_.start) + '\n';
    each_drawn_row(
        [&](row const& r) { out += "    " + alias(r.from) + " --> " + alias(r.to) + " : " + edge(r) + '\n'; });
    for (std::uint8_t const f : d_.finals) out += "    " + alias(f) + " --> [*]\n";
    return out;
}

inline std::string writer::mermaid() const {
    return "---\ntitle: " + d_.name + "\n---\nstateDiagram-v2\n    direction LR\n" + uml_body();
}

inline std::string writer::plantuml() const {
    return "@startuml " + d_.name + "\ntitle " + d_.name + "\n" + uml_body() + "@enduml\n";
}

inline std::string writer::scxml() const {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:patron=\"urn:patron:machine\" version=\"1.0\""
        " datamodel=\"ecmascript\" name=\"" +
        d_.name + "\" initial=\"" + state(d_.start) + "\">\n";
    for (std::size_t s = 0; s < d_.states.size(); ++s) {
        bool const stops = is_final(s) && answers_nothing(s);
        std::string const element = stops ? "final" : "state";
        out += "    <" + element + " id=\"" + state(s) + '"';
        if (is_final(s) && !stops) out += " patron:final=\"true\"";
        if (!d_.labels.empty())
            out += " patron:en=\"" + xml_text(d_.labels[s].en) + "\" patron:zh=\"" + xml_text(d_.labels[s].zh) + '"';
        std::string inside;
        for (std::size_t e = 0; e < d_.events.size(); ++e) {
            for (row const* const r : transitions(s, e)) {
                inside += "        <transition event=\"" + d_.events[e] + '"';
                if (r->guard != nothing) inside += " cond=\"_event.data." + d_.guards[r->guard] + '"';
                if (!r->ignored) inside += " target=\"" + state(r->to) + '"';
                if (r->action != nothing) inside += " patron:does=\"" + d_.actions[r->action] + '"';
                inside += "/>\n";
            }
        }
        if (inside.empty()) {
            out += "/>\n";
            continue;
        }
        out += ">\n";
        out += inside;
        out += "    </" + element + ">\n";
    }
    return out + "</scxml>\n";
}

inline std::string writer::xstate_transition(row const& r) const {
    std::string text;
    auto const add = [&text](std::string const& member) { text += (text.empty() ? " " : ", ") + member; };
    if (r.guard != nothing) add("\"guard\": \"" + d_.guards[r.guard] + '"');
    if (!r.ignored) add("\"target\": \"" + state(r.to) + '"');
    if (r.action != nothing) add("\"actions\": [\"" + d_.actions[r.action] + "\"]");
    return '{' + text + " }";
}

inline std::string writer::xstate_state(std::size_t s) const {
    std::vector<std::string> members;
    if (is_final(s) && answers_nothing(s)) members.push_back("\"type\": \"final\"");
    if (!d_.labels.empty())
        members.push_back("\"meta\": { \"en\": " + json_text(d_.labels[s].en) +
                          ", \"zh\": " + json_text(d_.labels[s].zh) + " }");
    std::string on;
    for (std::size_t e = 0; e < d_.events.size(); ++e) {
        row_list const rows = transitions(s, e);
        if (rows.empty()) continue;
        std::string list;
        for (row const* const r : rows) list += (list.empty() ? "" : ", ") + xstate_transition(*r);
        on += (on.empty() ? "" : ",") + ("\n        \"" + d_.events[e]) + "\": [" + list + ']';
    }
    if (!on.empty()) members.push_back("\"on\": {" + on + "\n      }");
    std::string text;
    for (std::string const& m : members) text += (text.empty() ? "\n      " : ",\n      ") + m;
    return text.empty() ? "{}" : '{' + text + "\n    }";
}

inline std::string writer::xstate() const {
    std::string out = "{\n  \"id\": \"" + d_.name + "\",\n  \"initial\": \"" + state(d_.start) + "\",\n  \"states\": {";
    for (std::size_t s = 0; s < d_.states.size(); ++s)
        out += (s == 0 ? "" : ",") + ("\n    \"" + state(s)) + "\": " + xstate_state(s);
    return out + "\n  }\n}\n";
}

inline std::string writer::json_list(std::vector<std::string> const& names) const {
    std::string text;
    for (std::string const& n : names) text += (text.empty() ? "\"" : ", \"") + n + '"';
    return '[' + text + ']';
}

inline std::string writer::json() const {
    std::vector<std::string> ends;
    ends.reserve(d_.finals.size());
    for (std::uint8_t const f : d_.finals) ends.push_back(state(f));
    std::string out = "{\n  \"machine\": \"" + d_.name + "\",\n  \"start\": \"" + state(d_.start) +
                      "\",\n  \"final\": " + json_list(ends) + ",\n  \"states\": " + json_list(d_.states) +
                      ",\n  \"events\": " + json_list(d_.events) + ",\n  \"guards\": " + json_list(d_.guards) +
                      ",\n  \"actions\": " + json_list(d_.actions) + ",\n";
    if (!d_.labels.empty()) {
        out += "  \"labels\": {";
        for (std::size_t s = 0; s < d_.states.size(); ++s)
            out += (s == 0 ? "" : ",") + ("\n    \"" + state(s)) + "\": { \"en\": " + json_text(d_.labels[s].en) +
                   ", \"zh\": " + json_text(d_.labels[s].zh) + " }";
        out += "\n  },\n";
    }
    out += "  \"rows\": [";
    for (std::size_t i = 0; i < d_.rows.size(); ++i) {
        row const& r = d_.rows[i];
        out += (i == 0 ? "" : ",") + ("\n    { \"from\": \"" + state(r.from)) + "\", \"on\": \"" + d_.events[r.event] +
               '"';
        if (r.guard != nothing) out += ", \"when\": \"" + d_.guards[r.guard] + '"';
        if (r.action != nothing) out += ", \"does\": \"" + d_.actions[r.action] + '"';
        out += r.ignored ? ", \"ignored\": true }" : ", \"to\": \"" + state(r.to) + "\" }";
    }
    return out + "\n  ]\n}\n";
}

}  // namespace detail

PATRON_FN std::optional<format> format_named(std::string_view name) noexcept { return named<format>(name); }

PATRON_FN std::string render(description const& d, format f, language l) {
    detail::writer const w{d, l};
    switch (f) {
        case format::table: return w.table();
        case format::dot: return w.dot();
        case format::mermaid: return w.mermaid();
        case format::plantuml: return w.plantuml();
        case format::scxml: return w.scxml();
        case format::xstate: return w.xstate();
        case format::json: return w.json();
    }
    return {};
}

}  // namespace patron::v1::machine
