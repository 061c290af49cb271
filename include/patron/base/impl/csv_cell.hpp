#pragma once
#include <string>
#include <string_view>

namespace patron::inline v1::detail {

/// Appends `cell`, in quotes where RFC 4180 asks for them.
inline void append_csv_cell(std::string& out, std::string_view cell, char separator = ',') {
    char const special[] = {separator, '"', '\r', '\n', '\0'};
    if (cell.find_first_of(special) == std::string_view::npos) {
        out += cell;
        return;
    }
    out += '"';
    for (char const c : cell) out.append(c == '"' ? 2 : 1, c);
    out += '"';
}

inline std::string csv_cell(std::string_view text) {
    std::string out;
    append_csv_cell(out, text);
    return out;
}

}  // namespace patron::v1::detail
