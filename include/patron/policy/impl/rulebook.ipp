#pragma once
#include <patron/base/id.hpp>
#include <patron/lifecycle/impl/each_rule.hpp>
#include <patron/policy/impl/default_tables.hpp>
#include <patron/policy/impl/house_numbers.hpp>
#include <patron/policy/impl/number_reader.hpp>
#include <patron/policy/impl/resale_numbers.hpp>
#include <patron/policy/impl/rule_json.hpp>
#include <patron/policy/impl/table_words.hpp>
#include <patron/policy/rulebook.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

namespace patron::inline v1::policy {

namespace detail {

// ---- the sections of numbers

/// Every section of numbers: `each(name, notes, visit_all)`, where `visit_all(visit)` visits its numbers.
template <class Book, class Each>
void each_section(Book&& book, Each const& each) {
    each("lifecycle", std::span<rule_note const>{lifecycle::detail::rule_notes},
         [&](auto const& visit) { lifecycle::detail::each_rule(book.lifecycle, visit); });
    each("credit", std::span<rule_note const>{credit_notes},
         [&](auto const& visit) { each_credit_rule(book.credit, visit); });
    each("powers", std::span<rule_note const>{power_notes},
         [&](auto const& visit) { each_power_rule(book.powers, visit); });
    each("resale", std::span<rule_note const>{resale_notes},
         [&](auto const& visit) { each_resale_rule(book.resale, visit); });
}

// ---- reading

class book_reader : public number_reader {
public:
    using number_reader::number_reader;

    [[nodiscard]] result<rulebook> read(boost::json::value const& document) const {
        rulebook book;
        if (!document.is_object()) return of_kind("", document, "a JSON object");
        auto const& o = document.get_object();
        if (auto const ok =
                only(o, "", {"schema", "version", "from", "lifecycle", "credit", "powers", "resale", "tables"});
            !ok)
            return ok.error();
        if (auto const ok = read_head(o, book); !ok) return ok.error();
        book.credit.version = book.version();
        std::optional<error> failed;
        each_section(book, [&](std::string_view name, std::span<rule_note const> notes, auto const& each) {
            auto const* const groups = o.if_contains(name);
            if (failed || groups == nullptr) return;
            if (auto const ok = read_numbers(*groups, std::string{name}, notes, each); !ok) failed = ok.error();
        });
        if (failed) return *failed;
        if (auto const* const tables = o.if_contains("tables")) {
            if (auto const ok = read_tables(*tables, book.tables); !ok) return ok.error();
        } else {
            book.tables = default_rulebook().tables;
        }
        return book;
    }

    /// A table by itself.
    [[nodiscard]] result<table_text> read_table(boost::json::value const& v, std::string const& here) const {
        if (!v.is_object()) return of_kind(here, v, "an object");
        auto const& o = v.get_object();
        table_text t;
        if (auto const ok =
                only(o, here, {"table", "kind", "hits", "may_be_silent", "en", "zh", "inputs", "outputs", "rules"});
            !ok)
            return ok.error();
        if (auto const ok = text_in(o, here, "table", true, t.name); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "en", false, t.en); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "zh", false, t.zh); !ok) return ok.error();
        if (auto const ok = choice_in(o, here, "kind", table_kind_names, t.kind); !ok) return ok.error();
        if (auto const ok = choice_in(o, here, "hits", hit_policy_names, t.hits); !ok) return ok.error();
        if (auto const ok = flag_in(o, here, "may_be_silent", t.may_be_silent); !ok) return ok.error();
        if (auto const ok = read_columns(o, here, "inputs", t.inputs); !ok) return ok.error();
        if (auto const ok = read_columns(o, here, "outputs", t.outputs); !ok) return ok.error();
        auto const* const rules = o.if_contains("rules");
        if (rules == nullptr) return fault(errc::missing_field, here + ".rules", {}, "give a list of rules");
        if (!rules->is_array()) return of_kind(here + ".rules", *rules, "a list of rules");
        if (rules->get_array().size() > most_table_rules)
            return fault(errc::too_long, here + ".rules", std::to_string(rules->get_array().size()),
                         "at most 1000 rules");
        for (std::size_t i = 0; i < rules->get_array().size(); ++i) {
            auto r = read_rule(rules->get_array()[i], here + ".rules[" + std::to_string(i) + ']', t);
            if (!r) return r.error();
            t.rules.push_back(std::move(r.value()));
        }
        return t;
    }

private:
    [[nodiscard]] result<void> read_head(boost::json::object const& o, rulebook& book) const {
        if (auto const* const schema = o.if_contains("schema")) {
            if (!schema->is_int64()) return of_kind("schema", *schema, "1");
            if (schema->get_int64() != rulebook_schema_version)
                return fault(schema->get_int64() > rulebook_schema_version ? errc::newer_format : errc::out_of_range,
                             "schema", std::to_string(schema->get_int64()), "this release reads schema 1");
        }
        if (auto const ok = text_in(o, "", "version", true, book.lifecycle.version); !ok) return ok;
        auto const longest = lifecycle::detail::note_of("version")->most;
        if (book.version().empty() || book.version().size() > static_cast<std::size_t>(longest))
            return fault(errc::out_of_range, "version", book.version(),
                         "give 1 to " + std::to_string(longest) + " bytes, such as \"house-2026-1\"");
        if (!o.contains("from")) return {};
        std::string from;
        if (auto const ok = text_in(o, "", "from", true, from); !ok) return ok;
        auto const day = parse_day(from);
        if (!day) return fault(day.error().code, "from", from, day.error().remedy);
        book.from = day.value();
        return {};
    }

    // -- tables

    [[nodiscard]] result<void> read_tables(boost::json::value const& v, std::vector<decision_table>& into) const {
        constexpr std::size_t most = 100;
        if (!v.is_array()) return of_kind("tables", v, "a list of tables");
        if (v.get_array().size() > most)
            return fault(errc::too_long, "tables", std::to_string(v.get_array().size()), "at most 100 tables");
        std::set<std::string> names;
        for (std::size_t i = 0; i < v.get_array().size(); ++i) {
            auto const here = "tables[" + std::to_string(i) + ']';
            auto t = read_table(v.get_array()[i], here);
            if (!t) return t.error();
            if (!names.insert(t.value().name).second)
                return fault(errc::conflicting_reference, here + ".table", t.value().name, "name each table once");
            auto made = decision_table::compile(t.value());
            if (!made) {
                auto e = made.error();
                e.line = line_of(place_of(e.field, t.value(), here));
                e.field = "tables." + e.field;
                return e;
            }
            into.push_back(std::move(made.value()));
        }
        return {};
    }

    /// The path in the file of a fault that a table names by its rules and columns.
    [[nodiscard]] static std::string place_of(std::string_view field, table_text const& t, std::string const& here) {
        for (std::size_t r = 0; r < t.rules.size(); ++r) {
            auto const prefix = t.name + '.' + t.rules[r].code + '.';
            if (!field.starts_with(prefix)) continue;
            auto const column = field.substr(prefix.size());
            auto const at = here + ".rules[" + std::to_string(r) + ']';
            auto const is_input = std::ranges::find(t.inputs, column, &column::name) != t.inputs.end();
            return at + (is_input ? ".when." : ".then.") + std::string{column};
        }
        for (auto const* const list : {"inputs", "outputs"}) {
            if (field.starts_with(t.name + '.' + list)) return here + '.' + list;
        }
        return here;
    }

    [[nodiscard]] result<void> read_columns(boost::json::object const& o, std::string const& here, char const* name,
                                            std::vector<column>& into) const {
        auto const path = here + '.' + name;
        auto const* const v = o.if_contains(name);
        if (v == nullptr) return fault(errc::missing_field, path, {}, "give a list of columns");
        if (!v->is_array()) return of_kind(path, *v, "a list of columns");
        if (v->get_array().size() > most_table_columns)
            return fault(errc::too_long, path, std::to_string(v->get_array().size()), "at most 16 columns");
        for (std::size_t i = 0; i < v->get_array().size(); ++i) {
            auto c = read_column(v->get_array()[i], path + '[' + std::to_string(i) + ']');
            if (!c) return c.error();
            into.push_back(std::move(c.value()));
        }
        return {};
    }

    [[nodiscard]] result<column> read_column(boost::json::value const& v, std::string const& here) const {
        if (!v.is_object()) return of_kind(here, v, "an object");
        auto const& o = v.get_object();
        column c;
        if (auto const ok =
                only(o, here, {"name", "type", "unit", "digits", "least", "most", "words", "currency", "required"});
            !ok)
            return ok.error();
        if (auto const ok = text_in(o, here, "name", true, c.name); !ok) return ok.error();
        if (!o.contains("type")) return fault(errc::missing_field, here + ".type", {}, "give number, word or yes_no");
        if (auto const ok = choice_in(o, here, "type", column_type_names, c.type); !ok) return ok.error();
        if (auto const ok = choice_in(o, here, "unit", column_unit_names, c.unit); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "currency", false, c.currency); !ok) return ok.error();
        if (auto const ok = flag_in(o, here, "required", c.required); !ok) return ok.error();
        if (auto const* const digits = o.if_contains("digits")) {
            constexpr int most = 9;
            if (!digits->is_int64()) return of_kind(here + ".digits", *digits, "a whole number");
            if (digits->get_int64() < 0 || digits->get_int64() > most)
                return fault(errc::out_of_range, here + ".digits", std::to_string(digits->get_int64()), "give 0 to 9");
            c.digits = static_cast<int>(digits->get_int64());
        }
        if (auto const ok = decimal_in(o, here, "least", c.least); !ok) return ok.error();
        if (auto const ok = decimal_in(o, here, "most", c.most); !ok) return ok.error();
        if (auto const* const words = o.if_contains("words")) {
            if (auto const ok = words_of(*words, here + ".words", most_column_words, c.words); !ok) return ok.error();
        }
        return c;
    }

    [[nodiscard]] result<void> decimal_in(boost::json::object const& o, std::string const& here, char const* name,
                                          std::optional<decimal>& into) const {
        if (!o.contains(name)) return {};
        std::string text;
        if (auto const ok = text_in(o, here, name, true, text); !ok) return ok;
        auto const read = decimal::parse(text);
        if (!read) return fault(read.error().code, here + '.' + name, text, read.error().remedy);
        into = read.value();
        return {};
    }

    [[nodiscard]] result<table_rule> read_rule(boost::json::value const& v, std::string const& here,
                                               table_text const& t) const {
        if (!v.is_object()) return of_kind(here, v, "an object");
        auto const& o = v.get_object();
        table_rule r;
        if (auto const ok = only(o, here, {"rule", "id", "en", "zh", "when", "then"}); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "rule", true, r.code); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "id", true, r.id); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "en", false, r.en); !ok) return ok.error();
        if (auto const ok = text_in(o, here, "zh", false, r.zh); !ok) return ok.error();
        if (auto const ok = read_cells(o, here, "when", t.inputs, r.when); !ok) return ok.error();
        if (auto const ok = read_cells(o, here, "then", t.outputs, r.then); !ok) return ok.error();
        return r;
    }

    [[nodiscard]] result<void> read_cells(boost::json::object const& o, std::string const& here, char const* name,
                                          std::vector<column> const& columns, std::vector<std::string>& into) const {
        auto const path = here + '.' + name;
        auto const* const v = o.if_contains(name);
        if (v == nullptr)
            return fault(errc::missing_field, path, {}, "give a cell for each column; - is anything, or none");
        if (!v->is_object()) return of_kind(path, *v, "an object");
        std::vector<std::string_view> known;
        known.reserve(columns.size());
        for (auto const& c : columns) known.emplace_back(c.name);
        if (auto const ok = only(v->get_object(), path, known); !ok) return ok;
        for (auto const& c : columns) {
            std::string cell;
            if (!v->get_object().contains(c.name))
                return fault(errc::missing_field, path + '.' + c.name, {},
                             "give a cell for each column; - is anything, or none");
            if (auto const ok = text_in(v->get_object(), path, c.name, true, cell); !ok) return ok;
            into.push_back(std::move(cell));
        }
        return {};
    }
};

// ---- writing

inline boost::json::object numbers_of(rulebook const& book) {
    boost::json::object sections;
    each_section(book, [&](std::string_view name, std::span<rule_note const> notes, auto const& each) {
        boost::json::object groups;
        each([&](std::string_view number, auto const& value) {
            auto const& note = *note_in(notes, number);
            if (note.unit == rule_unit::text) return;
            auto& group = groups[group_of(number)];
            if (!group.is_object()) group.emplace_object();
            group.get_object()[field_of(number)] = number_writer{note}(value);
        });
        sections[name] = std::move(groups);
    });
    return sections;
}

/// JSON as a person would lay it out: what is short stands on one line.
inline void lay_out(std::string& out, boost::json::value const& v, std::size_t indent) {  // NOLINT(misc-no-recursion)
    constexpr std::size_t widest = 100;
    auto const* const o = v.if_object();
    auto const* const a = v.if_array();
    auto const flat = boost::json::serialize(v);
    auto const is_flat = [](boost::json::value const& one) { return !one.is_object() && !one.is_array(); };
    auto const short_enough = flat.size() + indent <= widest;
    auto const simple =
        (o != nullptr &&
         std::ranges::all_of(*o, [&](auto const& m) { return is_flat(m.value()) || m.value().is_array(); })) ||
        (a != nullptr && std::ranges::all_of(*a, is_flat));
    if ((o == nullptr && a == nullptr) || (simple && short_enough)) {
        // the serializer leaves no spaces; put them where a reader wants them, outside of strings
        bool in_string = false;
        for (std::size_t i = 0; i < flat.size(); ++i) {
            out += flat[i];
            if (in_string && flat[i] == '\\') {
                out += flat[++i];
            } else if (flat[i] == '"') {
                in_string = !in_string;
            } else if (!in_string && (flat[i] == ':' || flat[i] == ',')) {
                out += ' ';
            }
        }
        return;
    }
    auto const line = [&](std::size_t by) { out.append("\n").append(by, ' '); };
    bool first = true;
    out += o != nullptr ? '{' : '[';
    auto const item = [&](std::string_view name, boost::json::value const& one) {
        if (!first) out += ',';
        first = false;
        line(indent + 2);
        if (o != nullptr)
            out.append(boost::json::serialize(boost::json::string_view{name.data(), name.size()})).append(": ");
        lay_out(out, one, indent + 2);
    };
    if (o != nullptr) {
        for (auto const& m : *o) item({m.key().data(), m.key().size()}, m.value());
    } else {
        for (auto const& one : *a) item({}, one);
    }
    line(indent);
    out += o != nullptr ? '}' : ']';
}

inline boost::json::object to_value(column const& c) {
    boost::json::object o{{"name", json_text(c.name)}, {"type", json_text(name_of(c.type))}};
    if (c.unit != column_unit::none) o["unit"] = json_text(name_of(c.unit));
    if (c.digits != 0) o["digits"] = c.digits;
    if (c.least) o["least"] = json_text(c.least->to_string());
    if (c.most) o["most"] = json_text(c.most->to_string());
    if (!c.currency.empty()) o["currency"] = json_text(c.currency);
    if (!c.words.empty()) {
        boost::json::array words;
        for (auto const& w : c.words) words.push_back(json_text(w));
        o["words"] = std::move(words);
    }
    if (!c.required) o["required"] = false;
    return o;
}

inline boost::json::object to_value(table_text const& t) {
    boost::json::object o{
        {"table", json_text(t.name)}, {"kind", json_text(name_of(t.kind))}, {"hits", json_text(name_of(t.hits))}};
    if (t.may_be_silent) o["may_be_silent"] = true;
    if (!t.en.empty()) o["en"] = json_text(t.en);
    if (!t.zh.empty()) o["zh"] = json_text(t.zh);
    boost::json::array columns;
    for (auto const& c : t.inputs) columns.push_back(to_value(c));
    o["inputs"] = std::move(columns);
    columns = {};
    for (auto const& c : t.outputs) columns.push_back(to_value(c));
    o["outputs"] = std::move(columns);
    boost::json::array rules;
    for (auto const& r : t.rules) {
        boost::json::object rule{{"rule", json_text(r.code)}, {"id", json_text(r.id)}};
        if (!r.en.empty()) rule["en"] = json_text(r.en);
        if (!r.zh.empty()) rule["zh"] = json_text(r.zh);
        boost::json::object when;
        for (std::size_t c = 0; c < t.inputs.size(); ++c) when[t.inputs[c].name] = json_text(r.when[c]);
        rule["when"] = std::move(when);
        boost::json::object then;
        for (std::size_t c = 0; c < t.outputs.size(); ++c) then[t.outputs[c].name] = json_text(r.then[c]);
        rule["then"] = std::move(then);
        rules.push_back(std::move(rule));
    }
    o["rules"] = std::move(rules);
    return o;
}

// ---- the schema

inline boost::json::object schema_of_tables() {
    boost::json::object const text{{"type", "string"}};
    boost::json::object const name{{"type", "string"}, {"pattern", "^[a-z][a-z0-9_]{0,63}$"}};
    boost::json::object const exact{{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?$"}};
    boost::json::object const cells{{"type", "object"}, {"additionalProperties", text}};
    auto column =
        closed({{"name", name},
                {"type", schema_of_names(column_type_names)},
                {"unit", schema_of_names(column_unit_names)},
                {"digits", {{"type", "integer"}, {"minimum", 0}, {"maximum", 9}}},
                {"least", exact},
                {"most", exact},
                {"currency", {{"type", "string"}, {"pattern", "^[A-Z]{3}$"}}},
                {"words", {{"type", "array"}, {"items", name}, {"minItems", 1}, {"maxItems", most_column_words}}},
                {"required", {{"type", "boolean"}}}},
               {"name", "type"});
    boost::json::object const columns{
        {"type", "array"}, {"items", std::move(column)}, {"minItems", 1}, {"maxItems", most_table_columns}};
    auto rule = closed({{"rule", name}, {"id", text}, {"en", text}, {"zh", text}, {"when", cells}, {"then", cells}},
                       {"rule", "id", "when", "then"});
    auto table = closed(
        {{"table", name},
         {"kind", schema_of_names(table_kind_names)},
         {"hits", schema_of_names(hit_policy_names)},
         {"may_be_silent", {{"type", "boolean"}}},
         {"en", text},
         {"zh", text},
         {"inputs", columns},
         {"outputs", columns},
         {"rules", {{"type", "array"}, {"items", std::move(rule)}, {"minItems", 1}, {"maxItems", most_table_rules}}}},
        {"table", "inputs", "outputs", "rules"});
    return {{"type", "array"}, {"items", std::move(table)}, {"maxItems", 100}};
}

}  // namespace detail

PATRON_FN decision_table const* rulebook::table(std::string_view name) const noexcept {
    for (auto const& t : tables) {
        if (t.text().name == name) return &t;
    }
    return nullptr;
}

PATRON_FN bool operator==(rulebook const& a, rulebook const& b) {
    return a.from == b.from && a.version() == b.version() && a.tables == b.tables &&
           detail::numbers_of(a) == detail::numbers_of(b);
}

PATRON_FN result<rulebook> parse_rulebook(std::string_view json) {
    constexpr std::size_t most = 1U << 20U;
    if (json.size() > most)
        return detail::table_fault(errc::too_long, {}, std::to_string(json.size()) + " bytes", "give at most 1 MiB");
    boost::json::parse_options options;
    options.max_depth = 8;
    boost::json::stream_parser parser{{}, options};
    boost::system::error_code failed;
    auto const read = parser.write_some(json.data(), json.size(), failed);
    auto const rest = std::min(json.find_first_not_of(" \t\r\n", read), json.size());
    if (!failed && rest < json.size()) failed = boost::json::error::extra_data;
    if (!failed) parser.finish(failed);
    if (failed) {
        auto const too_deep = failed == boost::json::error::too_deep;
        auto e = detail::table_fault(too_deep ? errc::too_long : errc::malformed, {}, failed.message(),
                                     too_deep ? "at most 8 levels deep" : "give one JSON object, in UTF-8");
        auto const end = json.begin() + static_cast<std::ptrdiff_t>(read);
        e.line = 1 + static_cast<std::uint64_t>(std::count(json.begin(), end, '\n'));
        return e;
    }
    detail::json_outline const outline{json};
    detail::book_reader const reader{outline};
    if (auto const& twice = outline.named_twice(); !twice.empty()) {
        auto e = reader.fault(errc::conflicting_reference, twice, {}, "name each field once");
        e.field = patron::detail::shown(twice);
        return e;
    }
    return reader.read(parser.release());
}

PATRON_FN std::string to_json(rulebook const& book) {
    boost::json::object o{{"schema", rulebook_schema_version}, {"version", detail::json_text(book.version())}};
    if (book.from) o["from"] = detail::json_text(patron::to_string(*book.from));
    for (auto& section : detail::numbers_of(book)) o[section.key()] = std::move(section.value());
    boost::json::array tables;
    for (auto const& t : book.tables) tables.push_back(detail::to_value(t.text()));
    o["tables"] = std::move(tables);
    std::string out;
    detail::lay_out(out, o, 0);
    return out += '\n';
}

PATRON_FN std::string rulebook_schema() {
    boost::json::object properties{
        {"schema", {{"const", rulebook_schema_version}}},
        {"version", detail::schema_of(*lifecycle::detail::note_of("version"))},
        {"from", {{"type", "string"}, {"format", "date"}, {"description", "in force from that day on"}}}};
    detail::each_section(rulebook{},
                         [&](std::string_view name, std::span<detail::rule_note const> notes, auto const& each) {
                             boost::json::object groups;
                             each([&](std::string_view number, auto const& value) {
                                 auto const& note = *detail::note_in(notes, number);
                                 if (note.unit == detail::rule_unit::text) return;
                                 auto& group = groups[detail::group_of(number)];
                                 if (!group.is_object()) group = detail::closed({}, {});
                                 group.get_object()["properties"].get_object()[detail::field_of(number)] =
                                     detail::number_schema{note}.with_meaning(value);
                             });
                             properties[name] = detail::closed(std::move(groups), {});
                         });
    properties["tables"] = detail::schema_of_tables();
    auto o = detail::closed(std::move(properties), {"version"});
    boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                               {"title", "patron rulebook"}};
    for (auto& member : o) schema[member.key()] = std::move(member.value());
    std::string out;
    detail::lay_out(out, schema, 0);
    return out += '\n';
}

PATRON_FN rulebook default_rulebook() {
    rulebook book;
    for (auto const text : detail::default_tables) {
        detail::json_outline const outline{text};
        auto const document = boost::json::parse({text.data(), text.size()});
        // a test reads them all: they are sound
        book.tables.push_back(
            decision_table::compile(detail::book_reader{outline}.read_table(document, "tables").value()).value());
    }
    return book;
}

PATRON_FN std::span<effect_note const> known_effects() noexcept {
    static constexpr effect_note all[] = {
        {"credit_increase", table_kind::reward, {"credit increase", "提高信用额度"}},
        {"staff_support", table_kind::reward, {"staff support", "人员支持"}},
        {"promotion_support", table_kind::reward, {"promotion support", "促销支持"}},
        {"special_award", table_kind::reward, {"special award", "专项奖励"}},
        {"year_end_rebate", table_kind::reward, {"year-end rebate", "年终返利"}},
        {"profit_share", table_kind::reward, {"year-end profit share", "年终利润分享"}},
        {"training", table_kind::reward, {"training", "培训"}},
        {"vehicles", table_kind::reward, {"vehicles", "车辆"}},
        {"tier", table_kind::reward, {"tier", "等级"}},
        {"exclusivity", table_kind::reward, {"exclusivity", "区域独家"}},
        {"price_cut", table_kind::reward, {"price cut", "降价"}, true},
        {"price_discount", table_kind::reward, {"price discount", "价格折扣"}, true},
        {"discount", table_kind::reward, {"discount", "折扣"}, true},
        {"off_invoice_discount", table_kind::reward, {"discount off the invoice", "票面折扣"}, true},
        {"free_goods", table_kind::reward, {"free goods", "搭赠"}, true},
        {"written_warning", table_kind::penalty, {"written warning", "书面警告"}},
        {"credit_cut", table_kind::penalty, {"credit cut", "削减信用额度"}},
        {"cash_only", table_kind::penalty, {"cash only", "仅限现款"}},
        {"staff_withdrawn", table_kind::penalty, {"staff withdrawn", "撤回人员"}},
        {"promotion_withdrawn", table_kind::penalty, {"promotion withdrawn", "取消促销支持"}},
        {"deposit_forfeited", table_kind::penalty, {"deposit forfeited", "没收保证金"}},
        {"year_end_award_cancelled", table_kind::penalty, {"year-end award cancelled", "取消年终奖励"}},
        {"tier_loss", table_kind::penalty, {"tier loss", "降低等级"}},
        {"add_distributor", table_kind::deterrent, {"distributor added", "增设经销商"}},
        {"suspend_supply", table_kind::deterrent, {"supply suspended", "暂停供货"}},
        {"terminate", table_kind::deterrent, {"termination", "终止合作"}},
    };
    return all;
}

}  // namespace patron::v1::policy
