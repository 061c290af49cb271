/// A rule's number as a file and a finding write it: shares in percent, weights in thousandths.
#pragma once
#include <patron/lifecycle/impl/each_rule.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace patron::inline v1::policy::detail {

using lifecycle::detail::rule_note;
using lifecycle::detail::rule_unit;

/// Of a name such as "promotion.keep_share": the object that it stands in, and its name there.
inline std::string_view group_of(std::string_view name) noexcept { return name.substr(0, name.find('.')); }
inline std::string_view field_of(std::string_view name) noexcept { return name.substr(name.find('.') + 1); }

inline int digits_of(rule_unit u) noexcept { return u == rule_unit::share ? 2 : u == rule_unit::weight ? 3 : 0; }

inline std::string number_text(std::int64_t n, rule_unit u) {
    auto text = decimal{n, digits_of(u)}.to_string();
    return u == rule_unit::share ? text + " %" : text;
}

inline std::string range_text(rule_note const& note) {
    auto const quote = note.unit == rule_unit::share || note.unit == rule_unit::weight ? "\"" : "";
    return std::string{"give "} + quote + number_text(note.least, note.unit) + quote + " to " + quote +
           number_text(note.most, note.unit) + quote;
}

}  // namespace patron::v1::policy::detail
