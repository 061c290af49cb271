/// A rule's number as JSON, and as its JSON Schema.
#pragma once
#include <patron/policy/impl/house_numbers.hpp>

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::policy::detail {

inline boost::json::string json_text(std::string_view text) { return boost::json::string{text.data(), text.size()}; }

/// Writes what number_reader reads.
struct number_writer {
    using value = boost::json::value;
    rule_note const& note;

    value operator()(std::int64_t n) const {
        if (note.unit == rule_unit::share || note.unit == rule_unit::weight)
            return json_text(number_text(n, note.unit));
        return n;
    }
    value operator()(std::int32_t n) const { return (*this)(std::int64_t{n}); }
    value operator()(std::uint8_t n) const { return (*this)(std::int64_t{n}); }
    value operator()(bool b) const { return b; }
    value operator()(basis_points b) const { return (*this)(std::int64_t{b.count()}); }
    value operator()(std::chrono::month m) const { return std::int64_t{static_cast<unsigned>(m)}; }
    value operator()(std::string const& s) const { return json_text(s); }
    value operator()(credit_verdict v) const { return json_text(name_of(v)); }
    value operator()(credit_rule_set rules) const {
        boost::json::array all;
        for (std::size_t i = 0; i < credit_rule_count; ++i) {
            auto const rule = static_cast<credit_rule>(i);
            if (rules.has(rule)) all.push_back(json_text(name_of(rule)));
        }
        return all;
    }
    value operator()(dunning_step const& s) const { return {{"enter", s.enter}, {"leave", s.leave}}; }
    template <class T>
    value operator()(std::optional<T> const& n) const {
        return n ? (*this)(*n) : value{};
    }
    template <class T>
    value operator()(by_effect<T> const& all) const {
        boost::json::object o;
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const code = static_cast<effect_code>(i);
            if constexpr (std::is_integral_v<T>) {
                if (is_sanction(code)) o[name_of(code)] = (*this)(all[i]);
            } else if (all[i]) {
                o[name_of(code)] = (*this)(all[i]);
            }
        }
        return o;
    }
    template <class List>
        requires requires(List const& l) { l.size(), l[0]; }
    value operator()(List const& list) const {
        boost::json::array all;
        for (std::size_t i = 0; i < list.size(); ++i) all.push_back((*this)(list[i]));
        return all;
    }
};

inline boost::json::object schema_of(rule_note const& note) {
    boost::json::object o;
    auto const meaning = std::string{note.meaning} + " (" + std::string{note.id} + ')';
    switch (note.unit) {
        case rule_unit::share:
            o["type"] = "string";
            o["pattern"] = "^[0-9]+(\\.[0-9]{1,2})? ?%$";
            break;
        case rule_unit::weight:
            o["type"] = boost::json::array{"string", "integer"};
            o["pattern"] = "^[0-9]+(\\.[0-9]{1,3})?$";
            o["minimum"] = 0;
            break;
        case rule_unit::text:
            o["type"] = "string";
            o["minLength"] = note.least;
            o["maxLength"] = note.most;
            break;
        case rule_unit::words:
            o["type"] = "array";
            o["maxItems"] = note.most;
            o["items"] = boost::json::object{{"type", "string"}, {"pattern", "^[^ ]+$"}};
            break;
        case rule_unit::yes_no: o["type"] = "boolean"; break;
        case rule_unit::choice: o["type"] = "string"; break;
        case rule_unit::months:
        case rule_unit::days:
        case rule_unit::count:
        case rule_unit::minor_units:
            o["type"] = "integer";
            o["minimum"] = note.least;
            o["maximum"] = note.most;
            break;
    }
    auto said = meaning;
    if (note.unit == rule_unit::share || note.unit == rule_unit::weight)
        said += "; " + number_text(note.least, note.unit) + " to " + number_text(note.most, note.unit);
    if (note.unit == rule_unit::months) said += "; in months";
    if (note.unit == rule_unit::days) said += "; in days";
    if (note.unit == rule_unit::minor_units) said += "; in minor units of the customer's credit currency";
    o["description"] = json_text(said);
    return o;
}

template <std::size_t N>
boost::json::object schema_of_names(std::string_view const (&names)[N]) {
    boost::json::array all;
    for (auto const n : names) all.push_back(json_text(n));
    return {{"enum", std::move(all)}};
}

inline boost::json::object closed(boost::json::object properties, boost::json::array required) {
    boost::json::object o{{"type", "object"}, {"additionalProperties", false}};
    o["properties"] = std::move(properties);
    if (!required.empty()) o["required"] = std::move(required);
    return o;
}

/// The schema of a field of some type; the value tells how long a list is.
struct number_schema {
    using object = boost::json::object;
    rule_note const& note;

    /// With the meaning at the top, not at each number of a list.
    template <class Field>
    [[nodiscard]] object with_meaning(Field const& field) const {
        auto o = (*this)(field);
        o["description"] = schema_of(note)["description"];
        return o;
    }

    template <class Scalar>
    object operator()(Scalar const&) const {
        auto o = schema_of(note);
        o.erase("description");
        return o;
    }
    object operator()(std::vector<std::string> const&) const {
        auto o = schema_of(note);
        o.erase("description");
        return o;
    }
    object operator()(credit_verdict) const { return {{"enum", {"approve", "hold", "refuse"}}}; }
    object operator()(credit_rule_set) const {
        boost::json::array names;
        for (std::size_t i = 0; i < credit_rule_count; ++i)
            names.push_back(json_text(name_of(static_cast<credit_rule>(i))));
        return {{"type", "array"}, {"items", {{"enum", std::move(names)}}}, {"maxItems", credit_rule_count}};
    }
    object operator()(std::vector<dunning_step> const&) const {
        return {{"type", "array"},
                {"items", closed({{"enter", (*this)(0)}, {"leave", (*this)(0)}}, {"enter", "leave"})},
                {"maxItems", most_levels}};
    }
    template <class T>
    object operator()(std::optional<T> const&) const {
        auto o = (*this)(T{});
        o["type"] = boost::json::array{o["type"], "null"};
        return o;
    }
    template <class T>
    object operator()(by_effect<T> const&) const {
        object effects;
        for (std::size_t i = 0; i < effect_count; ++i) {
            auto const code = static_cast<effect_code>(i);
            if (!std::is_integral_v<T> || is_sanction(code)) effects[name_of(code)] = (*this)(T{});
        }
        return closed(std::move(effects), {});
    }
    template <class T, std::size_t N>
    object operator()(std::array<T, N> const& list) const {
        return of_list(list);
    }
    template <class Owner, class Field>
    object operator()(field_list<Owner, Field> const& list) const {
        return of_list(list);
    }

private:
    template <class List>
    object of_list(List const& list) const {
        return {{"type", "array"}, {"items", (*this)(list[0])}, {"minItems", list.size()}, {"maxItems", list.size()}};
    }
};

}  // namespace patron::v1::policy::detail
