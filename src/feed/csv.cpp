#include <patron/base/impl/csv_cell.hpp>
#include <patron/feed/csv.hpp>

#include "assemble.hpp"
#include "csv_scan.hpp"

#include <algorithm>

namespace patron::inline v1::feed {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_line_end(std::string_view row) {
    if (row.ends_with('\n')) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    return row;
}

error stray_quote(std::string_view row) {
    return {.code = errc::malformed,
            .field = {},
            .saw = detail::shown(row),
            .remedy = "put the whole cell in quotes and double each quote inside it"};
}

error unclosed_quote(std::string_view row) {
    return {.code = errc::malformed,
            .field = {},
            .saw = detail::shown(row),
            .remedy = "close the quote that the row opens"};
}

error wrong_argument(errc code, std::string_view field, std::string_view saw, std::string remedy) {
    return {.code = code, .field = detail::shown(field), .saw = detail::shown(saw), .remedy = std::move(remedy)};
}

/// A date format, checked: a strict part of strptime's.
class date_form {
public:
    static result<date_form> compile(std::string format) {
        date_form made;
        std::string seen;
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%') {
                if (format[i] >= '0' && format[i] <= '9') return unreadable(format);
                continue;
            }
            if (++i == format.size()) return unreadable(format);
            auto const directive = format[i];
            if (std::string_view{"YymdHMS"}.find(directive) == std::string_view::npos) return unreadable(format);
            if (seen.find(directive) != std::string::npos) return unreadable(format);
            seen += directive;
        }
        auto const has = [&](char d) { return seen.find(d) != std::string::npos; };
        if (has('Y') == has('y') || !has('m') || !has('d')) return unreadable(format);
        made.timed_ = has('H') || has('M') || has('S');
        made.format_ = std::move(format);
        return made;
    }

    [[nodiscard]] std::string const& format() const noexcept { return format_; }

    /// The text that patron reads, in `out`; an empty view when `cell` is not of the form.
    std::string_view to_standard(std::string_view cell, bool with_time, char (&out)[20]) const {
        // year, month, day, hour, minute, second
        int part[6] = {0, 0, 0, 0, 0, 0};
        std::size_t at = 0;
        for (std::size_t i = 0; i < format_.size(); ++i) {
            if (format_[i] != '%') {
                if (at == cell.size() || cell[at++] != format_[i]) return {};
                continue;
            }
            auto const directive = format_[++i];
            bool const packed = i + 1 < format_.size() && format_[i + 1] == '%';
            std::size_t const most = directive == 'Y' ? 4 : 2;
            std::size_t const least = directive == 'Y' || directive == 'y' || packed ? most : 1;
            int number = 0;
            std::size_t digits = 0;
            for (; digits < most && at < cell.size() && cell[at] >= '0' && cell[at] <= '9'; ++digits, ++at) {
                number = number * 10 + (cell[at] - '0');
            }
            if (digits < least) return {};
            if (directive == 'y') number += number < 69 ? 2000 : 1900;  // as POSIX has it
            part[std::string_view{"YmdHMS"}.find(directive == 'y' ? 'Y' : directive)] = number;
        }
        if (at != cell.size()) return {};
        std::size_t end = 0;
        auto const put = [&](int number, std::size_t width, char after) {
            for (std::size_t i = width; i-- > 0; number /= 10) out[end + i] = static_cast<char>('0' + number % 10);
            end += width;
            out[end++] = after;
        };
        put(part[0], 4, '-');
        put(part[1], 2, '-');
        put(part[2], 2, 'T');
        if (!timed_ || !with_time) return {out, end - 1};
        put(part[3], 2, ':');
        put(part[4], 2, ':');
        put(part[5], 2, 'Z');
        return {out, end};
    }

private:
    static error unreadable(std::string const& format) {
        return wrong_argument(errc::malformed, "date_format", format,
                              "use %Y or %y, %m and %d, with %H %M %S if there is a time, each once");
    }

    std::string format_;
    bool timed_ = false;
};

struct cell_text {
    std::string_view text;
    bool quoted;
};

/// The row's cells in `cells`; quoted ones still have their doubled quotes.
detail::scanned_row cells_of(std::string_view text, char separator, std::vector<cell_text>& cells) {
    cells.clear();
    return detail::scan_row(text, separator,
                            [&](std::string_view cell, bool quoted) { cells.push_back({cell, quoted}); });
}

std::string_view undoubled(cell_text cell, std::string& into) {
    if (!cell.quoted || cell.text.find('"') == std::string_view::npos) return cell.text;
    into.clear();
    for (std::size_t i = 0; i < cell.text.size(); ++i) {
        into += cell.text[i];
        if (cell.text[i] == '"') ++i;
    }
    return into;
}

}  // namespace

struct csv::plan {
    /// One field of the facts: from a column, or the same text in every row.
    struct source {
        std::string field;
        std::size_t column;  ///< detail::nowhere when fixed
        std::string text;
        std::array<std::size_t, fact_kind_count> index;  ///< of the field in each kind
    };
    struct filter {
        std::size_t column;
        std::string text;
    };

    csv_options how;
    std::vector<std::string> columns;
    std::vector<source> sources;
    std::vector<filter> filters;
    std::size_t kind_column = detail::nowhere;
    std::optional<date_form> dates;

    /// The header for people: a file that is no CSV may have a thousand columns.
    [[nodiscard]] std::string known_columns() const {
        constexpr std::size_t most = 20;
        std::string all;
        for (std::size_t i = 0; i < std::min(columns.size(), most); ++i) {
            if (i > 0) all += ", ";
            all += detail::shown(columns[i]);
        }
        if (columns.size() > most) all += " and " + std::to_string(columns.size() - most) + " more";
        return all;
    }

    [[nodiscard]] result<std::size_t> column_of(std::string_view name, std::string_view wanted_for) const {
        auto const found = std::ranges::find(columns, name);
        if (found == columns.end()) {
            return wrong_argument(errc::missing_field, wanted_for, name,
                                  "no such column; the header has " + known_columns());
        }
        if (std::find(found + 1, columns.end(), name) != columns.end()) {
            return wrong_argument(errc::malformed, wanted_for, name,
                                  "the header names this column twice: " + known_columns());
        }
        return static_cast<std::size_t>(found - columns.begin());
    }

    result<void> add(std::string const& field, std::size_t column, std::string text) {
        if (std::ranges::find(sources, field, &source::field) != sources.end()) return detail::given_twice(field);
        source made{field, column, std::move(text), {}};
        bool known = false;
        for (std::size_t k = 0; k < fact_kind_count; ++k) {
            made.index[k] = detail::nowhere;
            if (how.kind && static_cast<std::size_t>(*how.kind) != k) continue;
            auto const& form = detail::form_of(static_cast<fact_kind>(k));
            made.index[k] = form.index_of(field, 0);
            if (made.index[k] != detail::nowhere && form.fields[made.index[k]].shape == field_shape::list) {
                return wrong_argument(errc::not_supported, field, {},
                                      "a cell holds no list: give such facts as JSON Lines");
            }
            known |=
                made.index[k] != detail::nowhere || (form.changes != detail::nowhere && detail::any_fact_has(field));
        }
        if (!known) {
            if (how.kind) return detail::unknown_field(detail::form_of(*how.kind), field);
            return wrong_argument(errc::unknown_field, field, {}, "no fact has this field");
        }
        sources.push_back(std::move(made));
        return {};
    }

    result<void> prepare(std::string_view header) {
        if (header.starts_with(byte_order_mark)) header.remove_prefix(byte_order_mark.size());
        auto cells = split_csv_record(without_line_end(header), how.separator);
        if (!cells) return cells.error();
        columns = std::move(cells).value();
        if (how.map.empty()) {
            for (auto const& column : columns) how.map.emplace_back(column, column);
        }
        for (auto const& [field, column] : how.map) {
            auto const at = column_of(column, field);
            if (!at) return at.error();
            if (field == "fact") {
                if (how.kind)
                    return wrong_argument(errc::malformed, "fact", column,
                                          "name one fact, or map \"fact\" to a column");
                kind_column = at.value();
            } else if (auto const added = add(field, at.value(), {}); !added) {
                return added;
            }
        }
        for (auto const& [field, text] : how.fixed) {
            if (auto const added = add(field, detail::nowhere, text); !added) return added;
        }
        for (auto const& [column, text] : how.where) {
            auto const at = column_of(column, column);
            if (!at) return at.error();
            filters.push_back({at.value(), text});
        }
        if (!how.kind && kind_column == detail::nowhere) {
            return wrong_argument(errc::missing_field, "fact", {},
                                  "name the fact that the rows state, or map \"fact\" to a column");
        }
        if (how.kind) {
            if (auto const enough = check_required(); !enough) return enough;
        }
        if (!how.date_format.empty()) {
            auto form = date_form::compile(how.date_format);
            if (!form) return form.error();
            dates = std::move(form).value();
        }
        return {};
    }

    [[nodiscard]] result<void> check_required() const {
        auto const& form = detail::form_of(*how.kind);
        for (std::size_t i = 0; i < form.fields.size(); ++i) {
            if ((form.required >> i & 1U) == 0) continue;
            if (std::ranges::find(sources, form.fields[i].name, &source::field) != sources.end()) continue;
            if (form.fields[i].shape == field_shape::list) {
                return wrong_argument(errc::not_supported, form.fields[i].name, {},
                                      "a cell holds no list: give such facts as JSON Lines");
            }
            return wrong_argument(errc::missing_field, form.fields[i].name, {},
                                  "map it to one of the columns " + known_columns());
        }
        return {};
    }
};

result<csv> csv::make(csv_options how, std::string_view header) {
    auto made = std::make_shared<plan>();
    made->how = std::move(how);
    if (auto const prepared = made->prepare(header); !prepared) {
        auto e = prepared.error();
        e.source = made->how.common.source;
        return e;
    }
    return csv{std::move(made)};
}

namespace {

/// Reads the rows of one block one after the other, in memory that it uses again.
template <class Plan>
class row_parser {
public:
    explicit row_parser(Plan const& plan) : plan_{plan} {}

    [[nodiscard]] std::vector<cell_text>& cells() noexcept { return cells_; }

    [[nodiscard]] result<void> read(std::string_view row, std::uint64_t line, std::vector<record>& out) {
        if (cells_.size() != plan_.columns.size()) return wrong_width();
        if (!wanted()) return {};
        auto kind = plan_.how.kind;
        if (!kind) {
            auto const name = undoubled(cells_[plan_.kind_column], text_);
            kind = fact_kind_of(name);
            if (!kind) return detail::unknown_fact(name);
        }
        auto const& form = detail::form_of(*kind);
        detail::assembler build{detail::begin_fact(out, line, *kind).content.value(), form,
                                plan_.how.common.default_currency};
        for (auto const& source : plan_.sources) {
            auto const cell = source.column == detail::nowhere ? std::string_view{source.text}
                                                               : undoubled(cells_[source.column], text_);
            if (cell.empty()) continue;
            auto const field = source.index[static_cast<std::size_t>(*kind)];
            auto const set =
                field == detail::nowhere ? other(build, form, source.field, cell) : give(build, form, field, cell);
            if (!set) return set;
        }
        return build.finish(row, line);
    }

private:
    [[nodiscard]] bool wanted() {
        return std::ranges::all_of(plan_.filters,
                                   [&](auto const& f) { return undoubled(cells_[f.column], text_) == f.text; });
    }

    result<void> give(detail::assembler& build, detail::kind_form const& form, std::size_t field,
                      std::string_view cell) const {
        auto const& takes = form.form[field];
        if (!plan_.dates || (!takes.day && !takes.month)) return build.set(field, cell, text_origin::plain);
        char standard[20];
        auto text = plan_.dates->to_standard(cell, takes.second, standard);
        if (text.empty()) {
            if (takes.month) return build.set(field, cell, text_origin::plain);
            return wrong_argument(errc::malformed, form.fields[field].name, cell,
                                  "give it as " + detail::shown(plan_.dates->format()));
        }
        if (takes.month) text = text.substr(0, 7);
        auto set = build.set(field, text, text_origin::plain);
        if (set) return set;
        auto e = set.error();
        e.saw = detail::shown(cell);  // as it stands in the file
        return e;
    }

    static result<void> other(detail::assembler& build, detail::kind_form const& form, std::string_view field,
                              std::string_view cell) {
        if (form.changes == detail::nowhere) return detail::unknown_field(form, field);
        return build.change(field, cell);
    }

    [[nodiscard]] error wrong_width() const {
        auto const has = cells_.size();
        auto const wants = plan_.columns.size();
        error e{.code = errc::malformed,
                .field = has < wants ? detail::shown(plan_.columns[has]) : std::string{},
                .saw = std::to_string(has) + " cells",
                .remedy = "the header has " + std::to_string(wants) + " columns"};
        if (has > wants) e.remedy += "; a cell that holds the separator stands in quotes";
        return e;
    }

    Plan const& plan_;
    std::vector<cell_text> cells_{};
    std::string text_{};
};

}  // namespace

void csv::parse(std::string_view block, std::uint64_t first_line, std::vector<record>& out) const {
    auto const& how = plan_->how;
    detail::reserve_rows(out, block);
    row_parser rows{*plan_};
    for (auto line = first_line; !block.empty();) {
        auto const scanned = cells_of(block, how.separator, rows.cells());
        auto const whole = block.substr(0, scanned.size);
        auto const row = without_line_end(whole);
        auto const at = line;
        line += scanned.quoted ? detail::lines_in(whole) : 1;
        block.remove_prefix(scanned.size);
        if (row.empty()) continue;
        auto const begun_at = out.size();
        auto const outcome = [&]() -> result<void> {
            if (scanned.how == detail::row_end::stray) return stray_quote(row);
            if (scanned.how == detail::row_end::unclosed) return unclosed_quote(row);
            return rows.read(row, at, out);
        }();
        if (!outcome) detail::reject(out, begun_at, at, outcome.error(), how.common.source);
    }
}

result<std::vector<std::string>> split_csv_record(std::string_view text, char separator) {
    std::vector<cell_text> cells;
    auto const scanned = cells_of(text, separator, cells);
    if (scanned.how == detail::row_end::unclosed) return unclosed_quote(text);
    if (scanned.how == detail::row_end::stray) return stray_quote(text);
    std::vector<std::string> all;
    all.reserve(cells.size());
    std::string unquoted;
    for (auto const& cell : cells) all.emplace_back(undoubled(cell, unquoted));
    return all;
}

void append_csv_cell(std::string& out, std::string_view cell, char separator) {
    patron::detail::append_csv_cell(out, cell, separator);
}

}  // namespace patron::v1::feed
