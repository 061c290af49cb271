#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/id.hpp>
#include <patron/policy/decision_table.hpp>
#include <patron/policy/impl/table_words.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <ostream>
#include <set>
#include <utility>

namespace patron::inline v1::policy {

namespace detail {

inline std::string_view trimmed(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

inline bool is_snake_case(std::string_view text) noexcept {
    constexpr std::size_t most = 64;
    return !text.empty() && text.size() <= most && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// From `low` to `high`, both included.
struct interval {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

/// What a cell asks for: known values in rising intervals apart from one another, and perhaps unknown.
struct condition {
    std::vector<interval> known;
    bool unknown = false;
};

inline std::string unscaled(std::int64_t units, int digits) { return decimal{units, digits}.to_string(); }

/// The bounds of a column's values.
inline result<interval> domain_of(column const& c) {
    switch (c.type) {
        case column_type::word: return interval{0, static_cast<std::int64_t>(c.words.size()) - 1};
        case column_type::yes_no: return interval{0, 1};
        case column_type::number: break;
    }
    interval all{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    if (c.least) {
        auto const least = scaled(*c.least, c.digits, c.least->to_string());
        if (!least) return least.error();
        all.low = least.value();
    }
    if (c.most) {
        auto const most = scaled(*c.most, c.digits, c.most->to_string());
        if (!most) return most.error();
        all.high = most.value();
    }
    if (all.low > all.high)
        return table_fault(errc::out_of_range, {}, c.least->to_string(), "least is at most " + c.most->to_string());
    return all;
}

inline std::string bounds_text(column const& c, interval all) {
    std::string text = "give ";
    if (c.least && c.most) return text + unscaled(all.low, c.digits) + " to " + unscaled(all.high, c.digits);
    if (c.least) return text + "at least " + unscaled(all.low, c.digits);
    return text + "at most " + unscaled(all.high, c.digits);
}

inline result<value> read_known(column const& c, std::string_view text) {
    if (c.type == column_type::yes_no) {
        if (text == "yes" || text == "no") return value::yes_no(text == "yes");
        return table_fault(errc::malformed, {}, text, "give yes or no");
    }
    if (c.type == column_type::word) {
        auto const found = std::ranges::find(c.words, text);
        if (found != c.words.end()) return value::word(static_cast<std::size_t>(found - c.words.begin()));
        std::string all;
        for (auto const& w : c.words) all += (all.empty() ? "" : ", ") + w;
        return table_fault(errc::unknown_reference, {}, text, "give one of " + all);
    }
    auto const read = decimal::parse(text);
    if (!read) return read.error();
    auto const units = scaled(read.value(), c.digits, text);
    if (!units) return units.error();
    auto const all = domain_of(c);
    if (!all) return all.error();
    if (units.value() < all.value().low || units.value() > all.value().high)
        return table_fault(errc::out_of_range, {}, text, bounds_text(c, all.value()));
    return value::number(units.value());
}

/// Reads the cells of one column.
class cell_reader {
public:
    cell_reader(column const& c, interval all) noexcept : column_{c}, all_{all} {}

    [[nodiscard]] result<condition> read(std::string_view text) const {
        constexpr std::size_t longest = 1'024;
        if (text.size() > longest) return table_fault(errc::too_long, {}, text, "a cell has at most 1024 bytes");
        auto const cell = trimmed(text);
        condition c;
        if (cell == "-") {
            c.known.push_back(all_);
            c.unknown = !column_.required;
            return c;
        }
        auto inner = cell;
        auto const negated = cell.starts_with("not(") && cell.ends_with(')');
        if (negated) inner = cell.substr(4, cell.size() - 5);
        if (auto const ok = read_list(inner, negated, c); !ok) return ok.error();
        unite(c.known);
        if (negated) c.known = complement(c.known);
        if (c.known.empty() && !c.unknown)
            return table_fault(errc::out_of_range, {}, text, "nothing can meet this cell; widen it");
        return c;
    }

private:
    result<void> read_list(std::string_view list, bool negated, condition& into) const {
        for (bool more = true; more;) {
            auto const comma = list.find(',');
            auto const item = trimmed(list.substr(0, comma));
            more = comma != std::string_view::npos;
            list.remove_prefix(more ? comma + 1 : list.size());
            if (item == "unknown") {
                if (negated)
                    return table_fault(errc::malformed, {}, item,
                                       "a negation speaks of known values only; - is anything");
                if (column_.required)
                    return table_fault(errc::out_of_range, {}, item,
                                       "this input is never unknown, unless its column says \"required\": false");
                into.unknown = true;
                continue;
            }
            auto const one = read_test(item);
            if (!one) return one.error();
            into.known.push_back(one.value());
        }
        return {};
    }

    [[nodiscard]] result<interval> read_test(std::string_view test) const {
        if (test.empty())
            return table_fault(errc::malformed, {}, test,
                               "give a value, a comparison, a range, a list, or - for anything");
        auto const first = test.front();
        if (first == '[' || first == '(') return read_range(test);
        if (first != '<' && first != '>') {
            auto const v = read_known(column_, test);
            if (!v) return v.error();
            return interval{v.value().units(), v.value().units()};
        }
        auto const owns_edge = test.substr(1).starts_with('=');
        auto const edge = read_edge(test, trimmed(test.substr(owns_edge ? 2 : 1)));
        if (!edge) return edge.error();
        auto const below = first == '<';
        interval met{below ? all_.low : edge.value(), below ? edge.value() : all_.high};
        return owns_edge ? result<interval>{met} : without_edges(met, !below, below, test);
    }

    [[nodiscard]] result<interval> read_range(std::string_view test) const {
        auto const dots = test.find("..");
        if (dots == std::string_view::npos || (test.back() != ']' && test.back() != ')'))
            return table_fault(errc::malformed, {}, test, "give a range such as [1..5), where ) does not own its edge");
        auto const low = read_edge(test, trimmed(test.substr(1, dots - 1)));
        if (!low) return low.error();
        auto const high = read_edge(test, trimmed(test.substr(dots + 2, test.size() - dots - 3)));
        if (!high) return high.error();
        if (low.value() > high.value())
            return table_fault(errc::out_of_range, {}, test, "a range runs from the lower edge to the higher");
        return without_edges({low.value(), high.value()}, test.front() == '(', test.back() == ')', test);
    }

    [[nodiscard]] result<std::int64_t> read_edge(std::string_view test, std::string_view edge) const {
        if (column_.type != column_type::number)
            return table_fault(errc::malformed, {}, test,
                               "only numbers are compared; give values, separated by commas");
        auto const v = read_known(column_, edge);
        if (!v) return v.error();
        return v.value().units();
    }

    [[nodiscard]] result<interval> without_edges(interval met, bool low, bool high, std::string_view test) const {
        // from high - low, which may not fit, follows nothing that low + 1 does not say
        auto const empty = table_fault(errc::out_of_range, {}, test, "nothing can meet this cell; widen it");
        if (low && met.low == met.high) return empty;
        if (low) ++met.low;
        if (high && met.low == met.high) return empty;
        if (high) --met.high;
        return met;
    }

    static void unite(std::vector<interval>& all) {
        std::ranges::sort(all, {}, &interval::low);
        std::size_t kept = 0;
        for (std::size_t i = 1; i < all.size(); ++i) {
            if (all[i].low <= all[kept].high ||
                (all[kept].high < std::numeric_limits<std::int64_t>::max() && all[i].low == all[kept].high + 1)) {
                all[kept].high = std::max(all[kept].high, all[i].high);
            } else {
                all[++kept] = all[i];
            }
        }
        if (!all.empty()) all.resize(kept + 1);
    }

    [[nodiscard]] std::vector<interval> complement(std::vector<interval> const& all) const {
        std::vector<interval> rest;
        auto next = all_.low;
        for (auto const& i : all) {
            if (i.low > next) rest.push_back({next, i.low - 1});
            if (i.high == all_.high) return rest;
            next = i.high + 1;
        }
        rest.push_back({next, all_.high});
        return rest;
    }

    column const& column_;
    interval all_;
};

inline result<void> check_words(column const& c, std::string const& here) {
    if (c.words.empty()) return table_fault(errc::missing_field, here + ".words", {}, "list the words that there are");
    if (c.words.size() > most_column_words)
        return table_fault(errc::too_long, here + ".words", std::to_string(c.words.size()), "at most 64 words");
    for (auto w = c.words.begin(); w != c.words.end(); ++w) {
        if (!is_snake_case(*w) || *w == "unknown")
            return table_fault(errc::malformed, here + ".words", *w, "a word is in snake_case, and not \"unknown\"");
        if (std::find(c.words.begin(), w, *w) != w)
            return table_fault(errc::conflicting_reference, here + ".words", *w, "name each word once");
    }
    return {};
}

inline result<void> check_column(column const& c, std::string const& here) {
    if (!is_snake_case(c.name)) return table_fault(errc::malformed, here, c.name, "a column's name is in snake_case");
    auto const is_number = c.type == column_type::number;
    if (!is_number && (c.unit != column_unit::none || c.digits != 0 || c.least || c.most))
        return table_fault(errc::malformed, here, name_of(c.type), "unit, digits, least and most are of numbers");
    if (c.type != column_type::word && !c.words.empty())
        return table_fault(errc::malformed, here + ".words", name_of(c.type), "words are of columns of type word");
    if (c.type == column_type::word) return check_words(c, here);
    constexpr int most_digits = 9;
    if (c.digits < 0 || c.digits > most_digits)
        return table_fault(errc::out_of_range, here + ".digits", std::to_string(c.digits), "give 0 to 9");
    if (c.unit == column_unit::amount) {
        auto const in = currency::of(c.currency);
        if (!in) return table_fault(in.error().code, here + ".currency", c.currency, in.error().remedy);
        if (in.value().minor_digits() != c.digits)
            return table_fault(
                errc::wrong_scale, here + ".digits", std::to_string(c.digits),
                "an amount has the digits of its currency: " + std::to_string(in.value().minor_digits()));
    } else if (!c.currency.empty()) {
        return table_fault(errc::malformed, here + ".currency", c.currency, "a currency is of the unit amount");
    }
    if (auto const all = domain_of(c); !all) {
        auto e = all.error();
        e.field = here;
        return e;
    }
    return {};
}

inline result<void> check_columns(std::vector<column> const& all, std::string const& here) {
    if (all.size() > most_table_columns)
        return table_fault(errc::too_long, here, std::to_string(all.size()), "at most 16 columns");
    for (auto c = all.begin(); c != all.end(); ++c) {
        if (auto const ok = check_column(*c, here + '.' + c->name); !ok) return ok;
        if (std::any_of(all.begin(), c, [&](column const& other) { return other.name == c->name; }))
            return table_fault(errc::conflicting_reference, here, c->name, "name each column once");
    }
    return {};
}

inline result<void> check_heads(table_text const& t) {
    if (!is_snake_case(t.name)) return table_fault(errc::malformed, "name", t.name, "a table's name is in snake_case");
    if (t.inputs.empty()) return table_fault(errc::missing_field, t.name + ".inputs", {}, "give at least one input");
    if (t.outputs.empty()) return table_fault(errc::missing_field, t.name + ".outputs", {}, "give at least one output");
    if (auto const ok = check_columns(t.inputs, t.name + ".inputs"); !ok) return ok;
    if (auto const ok = check_columns(t.outputs, t.name + ".outputs"); !ok) return ok;
    auto const& first = t.outputs.front();
    if (t.hits == hit_policy::priority && (first.type != column_type::word || !first.required))
        return table_fault(errc::malformed, t.name + ".outputs." + first.name, name_of(first.type),
                           "the first output of a priority table is a required word, the most important word first");
    auto const folds =
        t.hits == hit_policy::collect_sum || t.hits == hit_policy::collect_min || t.hits == hit_policy::collect_max;
    if (folds && (t.outputs.size() != 1 || first.type != column_type::number))
        return table_fault(errc::malformed, t.name + ".outputs", name_of(t.hits),
                           "such a table has one output, a number");
    if (t.rules.empty()) return table_fault(errc::missing_field, t.name + ".rules", {}, "give at least one rule");
    if (t.rules.size() > most_table_rules)
        return table_fault(errc::too_long, t.name + ".rules", std::to_string(t.rules.size()), "at most 1000 rules");
    std::set<std::string_view> codes;
    for (auto const& r : t.rules) {
        auto const here = t.name + '.' + patron::detail::shown(r.code);
        if (!is_snake_case(r.code))
            return table_fault(errc::malformed, t.name + ".rules", r.code, "a code is in snake_case");
        if (!codes.insert(r.code).second)
            return table_fault(errc::conflicting_reference, t.name + ".rules", r.code, "name each rule once");
        if (r.id.empty()) return table_fault(errc::missing_field, here + ".id", {}, "say which requirement it serves");
        if (r.when.size() != t.inputs.size() || r.then.size() != t.outputs.size())
            return table_fault(errc::missing_field, here,
                               std::to_string(r.when.size()) + " and " + std::to_string(r.then.size()),
                               "give a cell for each column; - is anything, or none");
    }
    return {};
}

inline error at_cell(error e, table_text const& t, table_rule const& r, column const& c) {
    e.field = t.name + '.' + r.code + '.' + c.name;
    return e;
}

}  // namespace detail

PATRON_FN std::string_view name_of(hit_policy p) noexcept {
    return detail::hit_policy_names[static_cast<std::size_t>(p)];
}
PATRON_FN std::string_view name_of(table_kind k) noexcept {
    return detail::table_kind_names[static_cast<std::size_t>(k)];
}
PATRON_FN std::string_view name_of(column_type t) noexcept {
    return detail::column_type_names[static_cast<std::size_t>(t)];
}
PATRON_FN std::string_view name_of(column_unit u) noexcept {
    return detail::column_unit_names[static_cast<std::size_t>(u)];
}
PATRON_FN std::string_view name_of(gravity g) noexcept { return g == gravity::error ? "error" : "warning"; }

PATRON_FN std::optional<hit_policy> hit_policy_named(std::string_view name) noexcept {
    return detail::named<hit_policy>(detail::hit_policy_names, name);
}
PATRON_FN std::optional<table_kind> table_kind_named(std::string_view name) noexcept {
    return detail::named<table_kind>(detail::table_kind_names, name);
}
PATRON_FN std::optional<column_type> column_type_named(std::string_view name) noexcept {
    return detail::named<column_type>(detail::column_type_names, name);
}
PATRON_FN std::optional<column_unit> column_unit_named(std::string_view name) noexcept {
    return detail::named<column_unit>(detail::column_unit_names, name);
}

PATRON_FN result<value> column::read(std::string_view text) const {
    auto const cell = detail::trimmed(text);
    auto const none = cell == "-" || cell == "unknown";
    auto read = none && !required ? result<value>{value{}} : detail::read_known(*this, cell);
    if (!read) {
        auto e = read.error();
        e.field = name;
        return e;
    }
    return read;
}

PATRON_FN std::string column::shown(value v) const {
    switch (v.type()) {
        case value::kind::unknown: return "unknown";
        case value::kind::yes_no: return v.units() != 0 ? "yes" : "no";
        case value::kind::number: return detail::unscaled(v.units(), digits);
        case value::kind::word: break;
    }
    auto const position = static_cast<std::size_t>(v.units());
    return position < words.size() ? words[position] : std::string{"unknown"};
}

PATRON_FN result<decision_table> decision_table::compile(table_text text) {
    using namespace detail;
    decision_table t;
    t.text_ = std::move(text);
    if (auto const ok = check_heads(t.text_); !ok) return ok.error();
    auto const& rules = t.text_.rules;
    auto const words = t.mask_words_ = (rules.size() + 63) / 64;
    t.output_count_ = t.text_.outputs.size();
    for (std::size_t c = 0; c < t.text_.inputs.size(); ++c) {
        auto const& input = t.text_.inputs[c];
        auto const all = domain_of(input).value();  // the heads were checked
        cell_reader const reader{input, all};
        std::vector<condition> cells;
        axis a{.starts = {all.low},
               .masks = {},
               .least = all.low,
               .most = all.high,
               .type = static_cast<value::kind>(static_cast<int>(input.type) + 1),  // they count alike, but for unknown
               .required = input.required};
        for (auto const& r : rules) {
            auto cell = reader.read(r.when[c]);
            if (!cell) return at_cell(cell.error(), t.text_, r, input);
            for (auto const& i : cell.value().known) {
                a.starts.push_back(i.low);
                if (i.high < all.high) a.starts.push_back(i.high + 1);
            }
            cells.push_back(std::move(cell.value()));
        }
        std::ranges::sort(a.starts);
        a.starts.erase(std::ranges::unique(a.starts).begin(), a.starts.end());
        a.masks.assign((a.starts.size() + 1) * words, 0);
        for (std::size_t r = 0; r < cells.size(); ++r) {
            auto const set = [&](std::size_t segment) {
                a.masks[segment * words + r / 64] |= std::uint64_t{1} << (r % 64);
            };
            for (auto const& i : cells[r].known) {
                auto at = static_cast<std::size_t>(std::ranges::lower_bound(a.starts, i.low) - a.starts.begin());
                for (; at < a.starts.size() && a.starts[at] <= i.high; ++at) set(at);
            }
            if (cells[r].unknown) set(a.starts.size());
        }
        t.axes_.push_back(std::move(a));
    }
    for (auto const& r : rules) {
        for (std::size_t c = 0; c < t.text_.outputs.size(); ++c) {
            auto const v = t.text_.outputs[c].read(r.then[c]);
            if (!v) return at_cell(v.error(), t.text_, r, t.text_.outputs[c]);
            t.outputs_.push_back(v.value());
        }
    }
    return t;
}

namespace detail {

/// The segment that the value lies in. Without a branch on the values, which nobody could predict.
/// Precondition: it is not below the first start.
inline std::size_t segment_of(std::span<std::int64_t const> starts, std::int64_t units) noexcept {
    auto const* at = starts.data();
    for (auto rest = starts.size(); rest > 1;) {
        auto const half = rest / 2;
        at += half & (std::size_t{0} - static_cast<std::size_t>(at[half] <= units));
        rest -= half;
    }
    return static_cast<std::size_t>(at - starts.data());
}

}  // namespace detail

/// The rules that hold at that value, as a row of bits.
PATRON_FN std::uint64_t const* decision_table::row_of(std::size_t column, value v) const noexcept {
    auto const& a = axes_[column];
    auto const segment = v.is_known() ? detail::segment_of(a.starts, v.units()) : a.starts.size();
    return a.masks.data() + segment * mask_words_;
}

/// False where an input is wrong; `fault_of` says how.
PATRON_FN bool decision_table::locate(std::span<value const> inputs, mask_rows& rows) const noexcept {
    if (inputs.size() != axes_.size()) return false;
    for (std::size_t c = 0; c < inputs.size(); ++c) {
        if (!axes_[c].takes(inputs[c])) return false;
        rows[c] = row_of(c, inputs[c]);
    }
    return true;
}

PATRON_FN error decision_table::fault_of(std::span<value const> inputs) const {
    using detail::table_fault;
    if (inputs.size() != axes_.size())
        return table_fault(errc::malformed, text_.name, std::to_string(inputs.size()),
                           "give " + std::to_string(axes_.size()) + " inputs");
    std::size_t c = 0;
    while (axes_[c].takes(inputs[c])) ++c;
    return fault_at(c, inputs[c]);
}

PATRON_FN error decision_table::fault_at(std::size_t at, value v) const {
    using detail::table_fault;
    auto const& column = text_.inputs[at];
    auto const field = text_.name + '.' + column.name;
    if (!v.is_known()) return table_fault(errc::missing_field, field, "unknown", "this input is never unknown");
    if (v.type() != axes_[at].type)
        return table_fault(errc::malformed, field, {}, "give a value of type " + std::string{name_of(column.type)});
    return table_fault(errc::out_of_range, field, column.shown(v), "give a value within the column's bounds");
}

PATRON_FN result<outcome> decision_table::evaluate(std::span<value const> inputs, std::span<std::uint16_t> hit) const {
    mask_rows rows;
    if (!locate(inputs, rows)) return fault_of(inputs);
    constexpr auto none = static_cast<std::size_t>(-1);
    std::size_t hits = 0;
    auto stands = none;
    auto rival = none;      // the rule that may not stand beside it
    auto overflows = none;  // the rule with which the sum did
    std::optional<std::int64_t> collected;
    auto const each = [&](auto const& take) {
        for (std::size_t w = 0; w < mask_words_; ++w) {
            auto bits = rows[0][w];
            for (std::size_t c = 1; c < inputs.size(); ++c) bits &= rows[c][w];
            for (; bits != 0; bits &= bits - 1) {
                auto const r = w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
                if (hits < hit.size()) hit[hits] = static_cast<std::uint16_t>(r);
                ++hits;
                take(r);
            }
        }
    };
    auto const gather = [&](auto const& join) {
        each([&](std::size_t r) {
            auto const v = outputs(r)[0];
            if (v.is_known()) collected = collected ? join(*collected, v.units(), r) : v.units();
        });
    };
    auto const agree = [&](std::size_t a, std::size_t b) { return std::ranges::equal(outputs(a), outputs(b)); };
    switch (text_.hits) {
        case hit_policy::unique:
            each([&](std::size_t r) {
                if (stands == none) stands = r;
                else if (rival == none) rival = r;
            });
            break;
        case hit_policy::first:
            each([&](std::size_t r) {
                if (stands == none) stands = r;
            });
            break;
        case hit_policy::any:
            each([&](std::size_t r) {
                if (stands == none) stands = r;
                else if (rival == none && !agree(stands, r)) rival = r;
            });
            break;
        case hit_policy::priority:
            each([&](std::size_t r) {
                if (stands == none || outputs(r)[0].units() < outputs(stands)[0].units()) {
                    stands = r;
                    rival = none;  // one of a lower word does not matter
                } else if (outputs(r)[0] == outputs(stands)[0] && !agree(stands, r)) {
                    rival = r;
                }
            });
            break;
        case hit_policy::collect: each([](std::size_t) {}); break;
        case hit_policy::collect_count:
            each([](std::size_t) {});
            collected = static_cast<std::int64_t>(hits);
            break;
        case hit_policy::collect_sum:
            gather([&](std::int64_t sum, std::int64_t more, std::size_t r) {
                if (__builtin_add_overflow(sum, more, &sum) && overflows == none) overflows = r;
                return sum;
            });
            break;
        case hit_policy::collect_min:
            gather([](std::int64_t a, std::int64_t b, std::size_t) { return std::min(a, b); });
            break;
        case hit_policy::collect_max:
            gather([](std::int64_t a, std::int64_t b, std::size_t) { return std::max(a, b); });
            break;
    }
    if (rival != none)
        return detail::table_fault(errc::unsound_rules, text_.name,
                                   text_.rules[stands].code + " and " + text_.rules[rival].code,
                                   "both answer this input; check the rulebook");
    if (overflows != none)
        return detail::table_fault(errc::amount_overflow, text_.name, text_.rules[overflows].code,
                                   "the sum does not fit in 64 bits");
    if (hits == 0 && !may_be_silent())
        return detail::table_fault(errc::unsound_rules, text_.name, {},
                                   "no rule answers this input; check the rulebook");
    return result<outcome>{boost::system::in_place_value, hits,
                           stands == none ? std::optional<std::size_t>{} : std::optional{stands}, collected};
}

PATRON_FN result<rule_look> decision_table::look(std::size_t rule, std::span<value const> inputs) const {
    if (rule >= text_.rules.size())
        return detail::table_fault(errc::out_of_range, text_.name, std::to_string(rule),
                                   "the table has " + std::to_string(text_.rules.size()) + " rules");
    if (inputs.size() != axes_.size()) return fault_of(inputs);
    for (std::size_t c = 0; c < axes_.size(); ++c) {
        if (inputs[c].is_known() && !axes_[c].takes(inputs[c])) return fault_at(c, inputs[c]);
    }
    rule_look look{
        .rule = text_.rules[rule].code, .id = text_.rules[rule].id, .held = true, .yielded = {}, .cells = {}};
    for (std::size_t c = 0; c < axes_.size(); ++c) {
        auto const met = (row_of(c, inputs[c])[rule / 64] >> (rule % 64) & 1U) != 0;
        look.held = look.held && met;
        look.cells.push_back({.input = text_.inputs[c].name,
                              .saw = text_.inputs[c].shown(inputs[c]),
                              .wanted = text_.rules[rule].when[c],
                              .verdict = met                    ? verdict::met
                                         : inputs[c].is_known() ? verdict::not_met
                                                                : verdict::unknown});
    }
    if (!look.held || text_.hits >= hit_policy::collect) return look;
    auto const all = evaluate(inputs);
    if (all && all.value().rule && *all.value().rule != rule && text_.hits != hit_policy::any)
        look.yielded = text_.rules[*all.value().rule].code;
    return look;
}

PATRON_FN std::string sentence(rule_look const& look, language l) {
    auto const zh = l == language::zh;
    std::string out = zh ? "规则 " : "rule ";
    out.append(look.rule).append(" (").append(look.id).append(")");
    if (look.fired()) return out + (zh ? " 已触发" : " fired");
    if (look.held) {
        out += zh ? " 条件成立，但由 " : " held, but yielded to ";
        out.append(*look.yielded);
        return zh ? out + " 优先" : out;
    }
    out += zh ? " 未触发：" : " did not fire: ";
    bool first = true;
    for (auto const& cell : look.cells) {
        if (cell.verdict == verdict::met) continue;
        if (!first) out += zh ? "；" : "; ";
        first = false;
        out.append(cell.input).append(zh ? " 为 " : " is ");
        out += zh && cell.verdict == verdict::unknown ? std::string{"未知"} : cell.saw;
        out += zh ? "，要求 " : ", wanted ";
        if (detail::trimmed(cell.wanted) == "-") out += zh ? "任一已知值" : "any value that is known";
        else out.append(cell.wanted);
    }
    return out;
}

PATRON_FN std::string to_text(finding const& f, language l) {
    std::string out{name_of(f.gravity)};
    out += ": " + f.where;
    for (std::size_t i = 0; i < f.rules.size(); ++i) out += (i == 0 ? ": " : ", ") + f.rules[i];
    out += " [" + f.code + (f.id.empty() ? "" : ", " + f.id) + "]: " + (l == language::zh ? f.zh : f.en);
    for (std::size_t i = 0; i < f.example.size(); ++i) {
        out += i == 0 ? (l == language::zh ? "；例：" : "; for example ") : ", ";
        out += f.example[i].name + " = " + f.example[i].value;
    }
    return out;
}

PATRON_FN std::ostream& operator<<(std::ostream& out, finding const& f) { return out << to_text(f); }
PATRON_FN std::ostream& operator<<(std::ostream& out, value v) {
    if (!v.is_known()) return out << "unknown";
    return out << (v.type() == value::kind::word ? "word " : "") << v.units();
}

namespace detail {

using rule_set = std::vector<std::uint64_t>;

inline bool has(rule_set const& set, std::size_t r) noexcept { return (set[r / 64] >> (r % 64) & 1U) != 0; }
inline void add(rule_set& set, std::size_t r) noexcept { set[r / 64] |= std::uint64_t{1} << (r % 64); }

/// The search of one table for what `check` tells of.
class table_search {
public:
    table_search(decision_table const& table, table_check_limits limits)
        : table_{table},
          text_{table.text()},
          limits_{limits},
          words_{table.mask_words()},
          path_(text_.inputs.size()),
          reached_(words_),
          seen_(text_.inputs.size()) {}

    std::vector<finding> run() {
        // a rule that is collected stands wherever its cells hold, and no cell is one that nothing meets
        if (text_.hits >= hit_policy::collect) return {};
        if (text_.hits == hit_policy::unique || text_.hits == hit_policy::any) compare_pairs();
        rule_set all(words_);
        for (std::size_t r = 0; r < text_.rules.size(); ++r) add(all, r);
        descend(0, all);
        more("gap", gaps_);
        if (cut_) {
            tell("too_large", {}, {},
                 "the table has too many combinations to be checked wholly; split it, or ask for fewer edges",
                 "表的组合过多，无法完整检查；请拆分该表或减少分界点");
        } else {
            tell_unreachable();
        }
        return std::move(found_);
    }

private:
    finding& tell(std::string code, std::vector<std::string> rules, std::vector<finding::input> example, std::string en,
                  std::string zh) {
        return found_.emplace_back(finding{.gravity = gravity::error,
                                           .code = std::move(code),
                                           .id = "ENG-10",
                                           .where = text_.name,
                                           .rules = std::move(rules),
                                           .en = std::move(en),
                                           .zh = std::move(zh),
                                           .example = std::move(example)});
    }

    void more(std::string const& code, std::size_t count) {
        if (count <= limits_.most_findings) return;
        auto const rest = std::to_string(count - limits_.most_findings);
        tell(code, {}, {}, "and " + rest + " more of this kind", "另有 " + rest + " 处同类问题");
    }

    /// A value of a segment that reads well: its lower edge, where it has one.
    [[nodiscard]] std::string value_in(std::size_t c, std::size_t segment) const {
        auto const& a = table_.axes()[c];
        auto const& column = text_.inputs[c];
        if (segment == a.starts.size()) return "unknown";
        auto const low = a.starts[segment];
        auto const high = segment + 1 < a.starts.size() ? a.starts[segment + 1] - 1 : a.most;
        auto const shown = low != std::numeric_limits<std::int64_t>::min()    ? low
                           : high != std::numeric_limits<std::int64_t>::max() ? high
                                                                              : 0;
        switch (column.type) {
            case column_type::word: return column.shown(value::word(static_cast<std::size_t>(shown)));
            case column_type::yes_no: return column.shown(value::yes_no(shown != 0));
            case column_type::number: break;
        }
        return column.shown(value::number(shown));
    }

    [[nodiscard]] std::vector<finding::input> example_at(std::vector<std::size_t> const& segments) const {
        std::vector<finding::input> all;
        all.reserve(segments.size());
        for (std::size_t c = 0; c < segments.size(); ++c)
            all.push_back({text_.inputs[c].name, value_in(c, segments[c])});
        return all;
    }

    [[nodiscard]] bool holds(std::size_t c, std::size_t segment, std::size_t r) const noexcept {
        return (table_.axes()[c].masks[segment * words_ + r / 64] >> (r % 64) & 1U) != 0;
    }

    /// Segments of an input that can be: unknown only where it may be.
    [[nodiscard]] std::size_t segments(std::size_t c) const noexcept {
        return table_.axes()[c].starts.size() + (text_.inputs[c].required ? 0 : 1);
    }

    void compare_pairs() {
        std::size_t pairs = 0;
        for (std::size_t i = 0; i < text_.rules.size(); ++i) {
            rule_set meet(words_, ~std::uint64_t{0});  // rules that ask for something that i asks for, in each column
            for (std::size_t c = 0; c < text_.inputs.size(); ++c) {
                rule_set here(words_);
                for (std::size_t s = 0; s < segments(c); ++s) {
                    if (!holds(c, s, i)) continue;
                    for (std::size_t w = 0; w < words_; ++w) here[w] |= table_.axes()[c].masks[s * words_ + w];
                }
                for (std::size_t w = 0; w < words_; ++w) meet[w] &= here[w];
            }
            for (std::size_t j = i + 1; j < text_.rules.size(); ++j) {
                if (has(meet, j)) tell_pair(i, j, pairs);
            }
        }
        more(text_.hits == hit_policy::unique ? "overlap" : "contradiction", pairs);
    }

    void tell_pair(std::size_t i, std::size_t j, std::size_t& pairs) {
        auto const agree = std::ranges::equal(table_.outputs(i), table_.outputs(j));
        if (text_.hits == hit_policy::any && agree) return;
        if (++pairs > limits_.most_findings) return;
        std::vector<std::size_t> both(text_.inputs.size());
        for (std::size_t c = 0; c < both.size(); ++c) {
            while (!holds(c, both[c], i) || !holds(c, both[c], j)) ++both[c];
        }
        if (text_.hits == hit_policy::unique) {
            tell("overlap", {text_.rules[i].code, text_.rules[j].code}, example_at(both),
                 agree ? "two rules of a unique table answer the same input"
                       : "two rules of a unique table answer the same input, and differently",
                 agree ? "唯一命中表中有两条规则同时命中同一输入" : "唯一命中表中有两条规则对同一输入给出不同结果");
        } else {
            tell_contradiction(i, j, example_at(both));
        }
    }

    void tell_contradiction(std::size_t i, std::size_t j, std::vector<finding::input> example) {
        tell("contradiction", {text_.rules[i].code, text_.rules[j].code}, std::move(example),
             "both rules stand for the same input, and put out different things",
             "两条规则对同一输入同时有效，但结果不同");
    }

    /// `live`: the rules that hold so far, whatever the inputs from `c` on are. What follows depends on nothing else,
    /// so that each is looked at once.
    void descend(std::size_t c, rule_set const& live) {
        if (c == path_.size()) return conclude(live);
        if (cut_ || !seen_[c].insert(live).second) return;
        std::set<rule_set> tried;
        bool in_gap = false;
        for (std::size_t s = 0; s < segments(c); ++s) {
            if (++steps_ > limits_.most_steps) {
                cut_ = true;
                return;
            }
            auto next = live;
            for (std::size_t w = 0; w < words_; ++w) next[w] &= table_.axes()[c].masks[s * words_ + w];
            path_[c] = s;
            if (std::ranges::all_of(next, [](std::uint64_t w) { return w == 0; })) {
                // neighbours are one gap
                if (!in_gap || s == table_.axes()[c].starts.size()) tell_gap(c);
                in_gap = true;
                continue;
            }
            in_gap = false;
            if (tried.insert(next).second) descend(c + 1, next);
        }
    }

    /// At the path until `c`, whatever follows.
    void tell_gap(std::size_t c) {
        if (table_.may_be_silent() || ++gaps_ > limits_.most_findings) return;
        std::fill(path_.begin() + static_cast<std::ptrdiff_t>(c) + 1, path_.end(), 0);
        tell("gap", {}, example_at(path_), "no rule answers this input", "没有规则适用于该输入");
    }

    /// At an input where exactly these rules hold.
    void conclude(rule_set const& holding) {
        std::vector<std::size_t> rules;
        for (std::size_t r = 0; r < text_.rules.size(); ++r) {
            if (has(holding, r)) rules.push_back(r);
        }
        if (text_.hits == hit_policy::first) {
            add(reached_, rules.front());
            return;
        }
        if (text_.hits != hit_policy::priority) {
            for (auto const r : rules) add(reached_, r);
            return;
        }
        auto const word = [&](std::size_t r) { return table_.outputs(r)[0].units(); };
        auto const top = *std::ranges::min_element(rules, {}, word);
        for (auto const r : rules) {
            if (word(r) != word(top)) continue;
            add(reached_, r);
            if (std::ranges::equal(table_.outputs(r), table_.outputs(top)) || !told_.insert({top, r}).second) continue;
            if (told_.size() <= limits_.most_findings) tell_contradiction(top, r, example_at(path_));
        }
    }

    void tell_unreachable() {
        std::size_t count = 0;
        for (std::size_t r = 0; r < text_.rules.size(); ++r) {
            if (has(reached_, r) || ++count > limits_.most_findings) continue;
            std::vector<std::size_t> at(text_.inputs.size());
            for (std::size_t c = 0; c < at.size(); ++c) {
                while (!holds(c, at[c], r)) ++at[c];
            }
            std::vector<std::string> rules{text_.rules[r].code};
            if (auto const winner = winner_at(at); winner != r) rules.push_back(text_.rules[winner].code);
            tell("unreachable", rules, example_at(at),
                 "the rule never stands: others stand for all that it asks for, such as the second one named",
                 "该规则永远不会生效：它所要求的输入都由其他规则（如所列第二条）处理");
        }
        more("unreachable", count);
    }

    [[nodiscard]] std::size_t winner_at(std::vector<std::size_t> const& at) const {
        std::optional<std::size_t> best;
        for (std::size_t r = 0; r < text_.rules.size(); ++r) {
            bool all = true;
            for (std::size_t c = 0; c < at.size() && all; ++c) all = holds(c, at[c], r);
            if (!all) continue;
            if (!best ||
                (text_.hits == hit_policy::priority && table_.outputs(r)[0].units() < table_.outputs(*best)[0].units()))
                best = r;
        }
        return best.value_or(0);
    }

    decision_table const& table_;
    table_text const& text_;
    table_check_limits limits_;
    std::size_t words_;
    std::vector<std::size_t> path_;
    rule_set reached_;
    std::vector<std::set<rule_set>> seen_;
    std::set<std::pair<std::size_t, std::size_t>> told_;
    std::vector<finding> found_;
    std::size_t steps_ = 0;
    std::size_t gaps_ = 0;
    bool cut_ = false;
};

}  // namespace detail

PATRON_FN std::vector<finding> check(decision_table const& table, table_check_limits limits) {
    return detail::table_search{table, limits}.run();
}

}  // namespace patron::v1::policy
