#pragma once
#include <patron/machine/impl/fault.hpp>
#include <patron/machine/load.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

namespace patron::inline v1::machine {

namespace detail {

using positions = std::map<std::string, std::uint8_t, std::less<>>;

inline result<void> only_fields(boost::json::object const& o, std::string const& where,
                                std::initializer_list<std::string_view> known) {
    for (auto const& member : o) {
        std::string_view const key = member.key();
        if (std::ranges::find(known, key) != known.end()) continue;
        std::string all;
        for (std::string_view const k : known) all += (all.empty() ? "" : ", ") + std::string{k};
        return at_fault(errc::unknown_field, where, key, "one of " + all);
    }
    return {};
}

inline result<std::string> text_of(boost::json::value const* v, std::string field) {
    if (v == nullptr) return at_fault(errc::missing_field, std::move(field), "", "a text");
    if (!v->is_string())
        return at_fault(errc::malformed, std::move(field), boost::json::to_string(v->kind()), "a text");
    return std::string{std::string_view{v->get_string()}};
}

inline result<std::vector<std::string>> texts_of(boost::json::object const& o, std::string_view field, bool required,
                                                 std::size_t most) {
    boost::json::value const* const v = o.if_contains(field);
    std::vector<std::string> all;
    if (v == nullptr && !required) return all;
    if (v == nullptr) return at_fault(errc::missing_field, std::string{field}, "", "a list of names");
    if (!v->is_array())
        return at_fault(errc::malformed, std::string{field}, boost::json::to_string(v->kind()), "a list of names");
    boost::json::array const& list = v->get_array();
    if (list.size() > most)
        return at_fault(errc::too_long, std::string{field}, std::to_string(list.size()),
                        "at most " + std::to_string(most));
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto name = text_of(&list[i], place(field, i));
        if (!name) return name.error();
        all.push_back(std::move(name).value());
    }
    return all;
}

inline positions positions_in(std::vector<std::string> const& names) {
    positions all;
    for (std::size_t i = 0; i < names.size(); ++i) all.emplace(names[i], static_cast<std::uint8_t>(i));
    return all;
}

inline result<std::uint8_t> find_name(positions const& names, std::string_view name, std::string field,
                                      std::string_view list) {
    auto const found = names.find(name);
    if (found != names.end()) return found->second;
    return at_fault(errc::unknown_reference, std::move(field), name, "a name from " + std::string{list});
}

/// The names that rows refer to.
struct vocabulary {
    positions states;
    positions events;
    positions guards;
    positions actions;
};

inline result<std::uint8_t> refer(boost::json::object const& o, std::string_view key, std::string const& where,
                                  positions const& names, std::string_view list) {
    std::string field = where + std::string{key};
    auto const name = text_of(o.if_contains(key), field);
    if (!name) return name.error();
    return find_name(names, name.value(), std::move(field), list);
}

inline result<row> row_of(boost::json::value const& v, std::string const& here, vocabulary const& known) {
    if (!v.is_object()) return at_fault(errc::malformed, here, boost::json::to_string(v.kind()), "an object");
    boost::json::object const& o = v.get_object();
    std::string const where = here + '.';
    if (auto const ok = only_fields(o, here, {"from", "on", "when", "does", "to", "ignored"}); !ok) return ok.error();
    row r;
    auto const from = refer(o, "from", where, known.states, "states");
    if (!from) return from.error();
    auto const on = refer(o, "on", where, known.events, "events");
    if (!on) return on.error();
    r.from = r.to = from.value();
    r.event = on.value();
    if (o.contains("when")) {
        auto const guard = refer(o, "when", where, known.guards, "guards");
        if (!guard) return guard.error();
        r.guard = guard.value();
    }
    if (o.contains("does")) {
        auto const action = refer(o, "does", where, known.actions, "actions");
        if (!action) return action.error();
        r.action = action.value();
    }
    if (auto const* const ignored = o.if_contains("ignored")) {
        if (!ignored->is_bool())
            return at_fault(errc::malformed, where + "ignored", boost::json::to_string(ignored->kind()),
                            "true or false");
        r.ignored = ignored->get_bool();
    }
    if (r.ignored && (o.contains("to") || o.contains("does")))
        return at_fault(errc::malformed, here, "ignored", "an ignored event has no action and leads nowhere");
    if (r.ignored) return r;
    auto const to = refer(o, "to", where, known.states, "states");
    if (!to) return to.error();
    r.to = to.value();
    return r;
}

inline result<std::vector<label>> labels_of(boost::json::value const& v, description const& d,
                                            positions const& states) {
    if (!v.is_object()) return at_fault(errc::malformed, "labels", boost::json::to_string(v.kind()), "an object");
    std::vector<label> all(d.states.size());
    for (auto const& member : v.get_object()) {
        std::string const here = "labels." + std::string{std::string_view{member.key()}.substr(0, 64)};
        auto const state = find_name(states, member.key(), here, "states");
        if (!state) return state.error();
        if (!member.value().is_object())
            return at_fault(errc::malformed, here, boost::json::to_string(member.value().kind()), "an object");
        boost::json::object const& o = member.value().get_object();
        if (auto const ok = only_fields(o, here, {"en", "zh"}); !ok) return ok.error();
        auto en = text_of(o.if_contains("en"), here + ".en");
        if (!en) return en.error();
        auto zh = text_of(o.if_contains("zh"), here + ".zh");
        if (!zh) return zh.error();
        all[state.value()] = {std::move(en).value(), std::move(zh).value()};
    }
    for (std::size_t i = 0; i < all.size(); ++i)  // so that every diagram names every state
        if (all[i] == label{}) all[i] = {d.states[i], d.states[i]};
    return all;
}

inline result<description> description_of(boost::json::object const& o) {
    if (auto const ok = only_fields(
            o, "", {"machine", "start", "final", "states", "events", "guards", "actions", "labels", "rows"});
        !ok)
        return ok.error();
    description d;
    auto name = text_of(o.if_contains("machine"), "machine");
    if (!name) return name.error();
    d.name = std::move(name).value();
    struct list {
        std::string_view field;
        std::vector<std::string> description::* names;
        bool required;
        std::size_t most;
    };
    for (list const& l :
         {list{"states", &description::states, true, 256}, list{"events", &description::events, true, 256},
          list{"guards", &description::guards, false, 255}, list{"actions", &description::actions, false, 255}}) {
        auto names = texts_of(o, l.field, l.required, l.most);
        if (!names) return names.error();
        d.*l.names = std::move(names).value();
    }
    vocabulary const words{positions_in(d.states), positions_in(d.events), positions_in(d.guards),
                           positions_in(d.actions)};
    auto const start = refer(o, "start", "", words.states, "states");
    if (!start) return start.error();
    d.start = start.value();
    auto const finals = texts_of(o, "final", false, 256);
    if (!finals) return finals.error();
    for (std::size_t i = 0; i < finals.value().size(); ++i) {
        auto const state = find_name(words.states, finals.value()[i], place("final", i), "states");
        if (!state) return state.error();
        d.finals.push_back(state.value());
    }
    if (auto const* const labels = o.if_contains("labels")) {
        auto all = labels_of(*labels, d, words.states);
        if (!all) return all.error();
        d.labels = std::move(all).value();
    }
    auto const* const rows = o.if_contains("rows");
    if (rows == nullptr) return at_fault(errc::missing_field, "rows", "", "a list of rows");
    if (!rows->is_array())
        return at_fault(errc::malformed, "rows", boost::json::to_string(rows->kind()), "a list of rows");
    for (std::size_t i = 0; i < rows->get_array().size(); ++i) {
        auto const r = row_of(rows->get_array()[i], place("rows", i), words);
        if (!r) return r.error();
        d.rows.push_back(r.value());
    }
    if (auto const ok = well_formed(d); !ok) return ok.error();
    return d;
}

}  // namespace detail

PATRON_FN result<description> parse(std::string_view json) {
    using namespace detail;
    constexpr std::size_t most = 4U << 20U;
    if (json.size() > most)
        return at_fault(errc::too_long, "", std::to_string(json.size()) + " bytes", "at most 4 MiB");
    boost::json::parse_options options;
    options.max_depth = 8;
    boost::json::stream_parser parser{{}, options};
    boost::system::error_code failed;
    std::size_t const read = parser.write_some(json.data(), json.size(), failed);
    std::size_t const rest = std::min(json.find_first_not_of(" \t\r\n", read), json.size());
    if (!failed && rest < json.size()) failed = boost::json::error::extra_data;
    if (!failed) parser.finish(failed);
    if (failed) {
        errc const code = failed == boost::json::error::too_deep ? errc::too_long : errc::malformed;
        error e =
            at_fault(code, "", failed.message(), code == errc::too_long ? "at most 8 levels deep" : "a JSON object");
        e.line = 1 + static_cast<std::uint64_t>(
                         std::count(json.begin(), json.begin() + static_cast<std::ptrdiff_t>(read), '\n'));
        return e;
    }
    boost::json::value const document = parser.release();
    if (!document.is_object())
        return at_fault(errc::malformed, "", boost::json::to_string(document.kind()), "a JSON object");
    return description_of(document.get_object());
}

PATRON_FN result<dynamic> load(std::string_view json) {
    auto d = parse(json);
    if (!d) return d.error();
    return dynamic::make(std::move(d).value());
}

}  // namespace patron::v1::machine
