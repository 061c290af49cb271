#pragma once
// What a correction does to a fact.
#include <patron/fact/fact.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace patron::inline v1::detail {

/// The currency of a fact's amount where it bears a rate; nothing for others.
inline std::optional<currency> currency_at_a_rate(fact const& f) {
    return std::visit(
        [](auto const& typed) -> std::optional<currency> {
            if constexpr (requires { typed.rate.has_value(); }) {
                if (typed.rate) return typed.amount.in();
            }
            return std::nullopt;
        },
        f);
}

/// Errors: errc::unknown_field, not_supported, missing_field for a rate that belongs to another currency now, and those of
/// the field's new value.
inline result<void> change_fields(fact& f, std::vector<field_change> const& changes) {
    auto const fields = fields_of(kind_of(f));
    auto const in_before = currency_at_a_rate(f);
    for (auto const& change : changes) {
        auto const found =
            std::find_if(fields.begin(), fields.end(), [&](auto const& i) { return i.name == change.field; });
        if (found == fields.end()) {
            return error{.code = errc::unknown_field,
                         .field = change.field,
                         .saw = {},
                         .remedy = std::string{name_of(kind_of(f))} + " has no such field"};
        }
        if (change.field == "ref" || change.field == "customer" || found->shape == field_shape::list) {
            return error{.code = errc::not_supported,
                         .field = change.field,
                         .saw = change.value.substr(0, 80),
                         .remedy = "a correction cannot change it; cancel or return, and enter the fact anew"};
        }
        auto const index = static_cast<std::size_t>(found - fields.begin());
        if (auto const set = assign(f, index, change.value, text_origin::plain); !set) return set.error();
    }
    auto const names_rate =
        std::any_of(changes.begin(), changes.end(), [](auto const& c) { return c.field == "rate"; });
    if (auto const in = currency_at_a_rate(f); in_before && in != in_before && !names_rate) {
        return error{.code = errc::missing_field,
                     .field = "rate",
                     .saw = {},
                     .remedy = "the amount is in another currency now: correct the rate too"};
    }
    return validate(f);
}

}  // namespace patron::v1::detail
