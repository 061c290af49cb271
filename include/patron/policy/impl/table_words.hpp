/// What the bodies of this room share: names of enumerations, and how errors and scaled numbers are made.
#pragma once
#include <patron/base/id.hpp>
#include <patron/policy/decision_table.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace patron::inline v1::policy::detail {

inline constexpr std::string_view hit_policy_names[] = {
    "unique", "first", "any", "priority", "collect", "collect_sum", "collect_min", "collect_max", "collect_count"};
inline constexpr std::string_view table_kind_names[] = {"plain", "reward", "penalty", "deterrent", "limit", "tier"};
inline constexpr std::string_view column_type_names[] = {"number", "word", "yes_no"};
inline constexpr std::string_view column_unit_names[] = {"none", "amount", "percent", "share",
                                                         "days", "months", "count"};

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view const (&names)[N], std::string_view name) noexcept {
    auto const* const found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) return std::nullopt;
    return static_cast<Enum>(found - std::begin(names));
}

inline error table_fault(errc code, std::string field, std::string_view saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = patron::detail::shown(saw), .remedy = std::move(remedy)};
}

inline result<std::int64_t> scaled(decimal d, int digits, std::string_view saw) {
    if (d.digits() > digits) {
        return table_fault(
            errc::wrong_scale, {}, saw,
            digits == 0 ? "give a whole number" : "give at most " + std::to_string(digits) + " digits after the point");
    }
    auto units = d.units();
    for (int i = d.digits(); i < digits; ++i) {
        if (__builtin_mul_overflow(units, 10, &units))
            return table_fault(errc::out_of_range, {}, saw, "give a number of at most 18 digits");
    }
    return units;
}

}  // namespace patron::v1::policy::detail
