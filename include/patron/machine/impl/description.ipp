#pragma once
#include <patron/base/id.hpp>
#include <patron/machine/description.hpp>
#include <patron/machine/impl/fault.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace patron::inline v1::machine {

namespace detail {

inline bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

inline bool is_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 64 && is_letter(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

inline result<void> check_names(std::string_view list, std::vector<std::string> const& names, std::size_t most) {
    if (names.size() > most)
        return at_fault(errc::too_long, std::string{list}, std::to_string(names.size()),
                        "at most " + std::to_string(most));
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!is_name(names[i]))
            return at_fault(errc::malformed, place(list, i), names[i],
                            "a letter, then letters, digits and '_', at most 64 in all");
    std::vector<std::string_view> sorted{names.begin(), names.end()};
    std::ranges::sort(sorted);
    if (auto const twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
        return at_fault(errc::malformed, std::string{list}, *twice, "each name once");
    return {};
}

inline result<void> check_position(std::string field, std::size_t position, std::size_t size) {
    if (position < size) return {};
    return at_fault(errc::out_of_range, std::move(field), std::to_string(position),
                    size == 0 ? "nothing: the list that it points into is empty"
                              : "a position from 0 to " + std::to_string(size - 1));
}

inline result<void> check_row(description const& d, std::size_t i) {
    row const& r = d.rows[i];
    std::string const here = place("rows", i);
    if (auto ok = check_position(here + ".from", r.from, d.states.size()); !ok) return ok;
    if (auto ok = check_position(here + ".on", r.event, d.events.size()); !ok) return ok;
    if (auto ok = check_position(here + ".to", r.to, d.states.size()); !ok) return ok;
    if (r.guard != nothing)
        if (auto ok = check_position(here + ".when", r.guard, d.guards.size()); !ok) return ok;
    if (r.action != nothing)
        if (auto ok = check_position(here + ".does", r.action, d.actions.size()); !ok) return ok;
    if (r.ignored && (r.to != r.from || r.action != nothing))
        return at_fault(errc::malformed, here, "ignored", "an ignored event has no action and leads nowhere");
    return {};
}

}  // namespace detail

PATRON_FN result<void> well_formed(description const& d) {
    using namespace detail;
    if (!is_name(d.name))
        return at_fault(errc::malformed, "machine", d.name,
                        "a letter, then letters, digits and '_', at most 64 in all");
    if (d.states.empty()) return at_fault(errc::missing_field, "states", "", "the name of at least one state");
    if (d.events.empty()) return at_fault(errc::missing_field, "events", "", "the name of at least one event");
    if (auto ok = check_names("states", d.states, 256); !ok) return ok;
    if (auto ok = check_names("events", d.events, 256); !ok) return ok;
    if (auto ok = check_names("guards", d.guards, 255); !ok) return ok;
    if (auto ok = check_names("actions", d.actions, 255); !ok) return ok;
    if (auto ok = check_position("start", d.start, d.states.size()); !ok) return ok;
    for (std::size_t i = 0; i < d.finals.size(); ++i)
        if (auto ok = check_position(place("final", i), d.finals[i], d.states.size()); !ok) return ok;
    if (!d.labels.empty() && d.labels.size() != d.states.size())
        return at_fault(errc::out_of_range, "labels", std::to_string(d.labels.size()),
                        "one for each of the " + std::to_string(d.states.size()) + " states, or none");
    for (std::size_t i = 0; i < d.labels.size(); ++i)
        for (std::string const& words : {d.labels[i].en, d.labels[i].zh})
            if (words.empty() || words.size() > longest_text || !is_clean_utf8(words))
                return at_fault(
                    errc::malformed, place("labels", i), words,
                    "text in UTF-8 without control characters, at most " + std::to_string(longest_text) + " bytes");
    if (d.rows.size() > 65'535) return at_fault(errc::too_long, "rows", std::to_string(d.rows.size()), "at most 65535");
    for (std::size_t i = 0; i < d.rows.size(); ++i)
        if (auto ok = check_row(d, i); !ok) return ok;
    return {};
}

PATRON_FN std::vector<finding> findings(description const& d) {
    detail::shape const m = detail::shape_from(d);
    std::vector<std::uint16_t> first(m.cells() + 1);
    std::vector<std::uint16_t> order(d.rows.size());
    detail::bring_together(m, first, order);
    std::vector<finding> all;
    detail::check(m, first, order, [&all](finding const& f) { all.push_back(f); });
    return all;
}

PATRON_FN std::string words(finding const& f, description const& d) {
    std::string const state = "state " + d.states[f.state];
    switch (f.what) {
        case problem::duplicate_row:
            return "row " + std::to_string(f.row) + " (" + state + ", event " + d.events[f.event] +
                   ") was written before: delete one";
        case problem::shadowed_row:
            return "row " + std::to_string(f.row) + " (" + state + ", event " + d.events[f.event] +
                   ") is never taken: an earlier row has the same guard or none; move it up or give it another guard";
        case problem::unreachable_state: return state + " cannot be reached from the start: add a row or remove it";
        case problem::dead_end:
            return "no way leads out of " + state + " to a final one: add a row, or name it among the final states";
        case problem::unanswered_event:
            return state + " does not answer event " + d.events[f.event] + ": add a row, if only an ignored one";
    }
    return {};
}

}  // namespace patron::v1::machine
