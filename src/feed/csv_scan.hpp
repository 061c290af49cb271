#pragma once
// Where the cells and rows of CSV end: one reading of RFC 4180 for the cutter and the parser.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::inline v1::feed::detail {

enum class row_end : unsigned char {
    line,      ///< at a line's end
    source,    ///< where the text ends
    stray,     ///< a quote out of place: the row goes to its line's end, or the text's
    unclosed,  ///< a quote that never closes: the row is given up at its first line's end
};

struct scanned_row {
    std::size_t size;  ///< with its line end
    row_end how;
    bool quoted;  ///< it may span lines
};

inline std::size_t past_line(std::string_view text, std::size_t from) {
    auto const end = text.find('\n', from);
    return end == std::string_view::npos ? text.size() : end + 1;
}

/// How many line ends `text` has. Faster than std::count by what memchr is faster than a loop.
inline std::uint64_t lines_in(std::string_view text) {
    std::uint64_t lines = 0;
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) ++lines;
    return lines;
}

/// Calls `cell(text, quoted)` for each cell of the row that `text` begins with; a quoted cell's text
/// is what stands between its quotes. After `stray` or `unclosed` the cells are to be thrown away.
///
/// A row with a quote out of place ends with its line whatever follows: so a lone quote cannot
/// swallow the rest of a feed, and no two lines can both open a quote that the other one closes,
/// which keeps the whole reading linear.
template <class Cell>
scanned_row scan_row(std::string_view text, char separator, Cell&& cell) {
    bool quoted = false;
    std::size_t at = 0;
    auto const* const bytes = text.data();
    auto const size = text.size();
    for (;;) {
        if (at < size && bytes[at] == '"') {
            quoted = true;
            auto const start = ++at;
            for (;; at += 2) {
                at = text.find('"', at);
                if (at == std::string_view::npos) return {past_line(text, 0), row_end::unclosed, true};
                if (at + 1 == size || bytes[at + 1] != '"') break;
            }
            cell(text.substr(start, at - start), true);
            ++at;
            if (at < size && bytes[at] == '\r' && (at + 1 == size || bytes[at + 1] == '\n')) ++at;
            if (at < size && bytes[at] != separator && bytes[at] != '\n')
                return {past_line(text, at), row_end::stray, true};
        } else {
            auto const start = at;
            while (at < size && bytes[at] != separator && bytes[at] != '\n' && bytes[at] != '"') ++at;
            if (at < size && bytes[at] == '"') return {past_line(text, at), row_end::stray, quoted};
            bool const last = at == size || bytes[at] == '\n';
            auto const end = last && at > start && bytes[at - 1] == '\r' ? at - 1 : at;
            cell(std::string_view{bytes + start, end - start}, false);
        }
        if (at == size) return {size, row_end::source, quoted};
        if (bytes[at] == '\n') return {at + 1, row_end::line, quoted};
        ++at;  // the separator
    }
}

/// The first row's size, with its line end.
inline std::size_t row_size(std::string_view text, char separator) {
    return scan_row(text, separator, [](std::string_view, bool) {}).size;
}

/// How much of `text` is whole rows.
inline std::size_t whole_csv_rows(std::string_view text, char separator) {
    std::size_t whole = 0;
    while (whole < text.size()) {
        auto const rest = text.substr(whole);
        auto const quote = rest.find('"');
        if (quote == std::string_view::npos) return text.rfind('\n') + 1 > whole ? text.rfind('\n') + 1 : whole;
        // rows before the one that the quote stands in need no look
        if (auto const line = rest.substr(0, quote).rfind('\n'); line != std::string_view::npos) {
            whole += line + 1;
            continue;
        }
        auto const row = scan_row(rest, separator, [](std::string_view, bool) {});
        bool const cut = row.how == row_end::source || row.how == row_end::unclosed ||
                         (row.how == row_end::stray && rest[row.size - 1] != '\n');
        if (cut) return whole;
        whole += row.size;
    }
    return whole;
}

}  // namespace patron::v1::feed::detail
