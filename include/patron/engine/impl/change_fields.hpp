#pragma once
// What a correction does to a fact.
#include <patron/fact/fact.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace patron::inline v1::detail {

/// Errors: errc::unknown_field, not_supported, and those of the field's new value.
inline result<void> change_fields(fact& f, std::vector<field_change> const& changes) {
    auto const fields = fields_of(kind_of(f));
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
    return validate(f);
}

}  // namespace patron::v1::detail
