#pragma once
#include <patron/lifecycle/impl/each_rule.hpp>
#include <patron/lifecycle/rules_text.hpp>

#include <charconv>
#include <cstdint>
#include <type_traits>

namespace patron::inline v1::lifecycle {

namespace detail {

inline std::string rule_text(std::string const& s) { return s; }
inline std::string rule_text(basis_points b) { return std::to_string(b.count()); }
inline std::string rule_text(std::int32_t n) { return std::to_string(n); }
template <class List>
std::string rule_text(List const& list) {
    std::string text;
    for (auto const& one : list) text += (text.empty() ? "" : " ") + rule_text(one);
    return text;
}

inline bool read_rule(std::string& into, std::string_view text) {
    into = text;
    return true;
}
inline bool read_rule(std::int32_t& into, std::string_view text) {
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc{} && end == text.data() + text.size();
}
inline bool read_rule(basis_points& into, std::string_view text) {
    std::int32_t count = 0;
    if (!read_rule(count, text)) return false;
    into = basis_points{count};
    return true;
}
inline std::string_view next_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}
inline bool read_rule(std::vector<std::string>& into, std::string_view text) {
    into.clear();
    for (auto word = next_word(text); !word.empty(); word = next_word(text)) into.emplace_back(word);
    return true;
}
template <std::size_t N>
bool read_rule(std::array<int, N>& into, std::string_view text) {
    for (auto& one : into) {
        if (!read_rule(one, next_word(text))) return false;
    }
    return next_word(text).empty();
}

}  // namespace detail

PATRON_FN std::string to_text(lifecycle_rules const& rules) {
    std::string text;
    detail::each_rule(rules, [&](std::string_view name, auto const& value) {
        text.append(name).append(" = ").append(detail::rule_text(value)).append(1, '\n');
    });
    return text;
}

PATRON_FN result<lifecycle_rules> parse_rules(std::string_view text) {
    lifecycle_rules rules;
    std::uint64_t number = 0;
    while (!text.empty()) {
        ++number;
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.find_first_not_of(" \r") == std::string_view::npos || line.front() == '#') continue;
        auto const equals = line.find(" = ");
        if (equals == std::string_view::npos) {
            return error{.code = errc::malformed,
                         .saw = std::string{line.substr(0, 80)},
                         .remedy = "give lines of the form \"promotion.window_months = 3\"",
                         .line = number};
        }
        auto const name = line.substr(0, equals);
        bool known = false;
        bool sound = false;
        detail::each_rule(rules, [&](std::string_view field, auto& value) {
            if (field != name) return;
            known = true;
            sound = detail::read_rule(value, line.substr(equals + 3));
        });
        if (!known) {
            return error{.code = errc::unknown_field,
                         .field = std::string{name.substr(0, 80)},
                         .remedy = "a rulebook of this release has no such number",
                         .line = number};
        }
        if (!sound) {
            return error{.code = errc::out_of_range,
                         .field = std::string{name},
                         .saw = std::string{line.substr(equals + 3, 80)},
                         .remedy = "give a whole number, or as many as the field takes",
                         .line = number};
        }
    }
    return rules;
}

}  // namespace patron::v1::lifecycle
