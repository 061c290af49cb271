#pragma once
#include <string>
#include <string_view>

namespace patron::inline v1::detail {

inline std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
    std::string quoted{'"'};
    for (char const c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted += '"';
}

}  // namespace patron::v1::detail
