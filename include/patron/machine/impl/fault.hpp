/// What the bodies of this room share: how an error about a machine is put together.
#pragma once
#include <patron/base/id.hpp>
#include <patron/machine/description.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace patron::inline v1::machine::detail {

inline error at_fault(errc code, std::string field, std::string_view saw, std::string remedy) {
    return {.code = code, .field = std::move(field), .saw = patron::detail::shown(saw), .remedy = std::move(remedy)};
}

inline std::string place(std::string_view list, std::size_t i) {
    return std::string{list} + '[' + std::to_string(i) + ']';
}

inline shape shape_from(description const& d) noexcept {
    return {d.rows, d.states.size(), d.events.size(), d.start, d.finals};
}

}  // namespace patron::v1::machine::detail
