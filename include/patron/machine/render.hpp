/// A machine in the forms that other programs read (REL-10).
#pragma once
#include <patron/base/text.hpp>
#include <patron/machine/description.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::inline v1::machine {

/// A form of a machine. In all of them states, events, guards and actions have the same names.
enum class format : std::uint8_t {
    table,     ///< aligned text, a line for each row
    dot,       ///< Graphviz
    mermaid,   ///< Mermaid, stateDiagram-v2
    plantuml,  ///< PlantUML
    scxml,     ///< W3C SCXML 1.0 with the ECMAScript data model; a guard `g` reads `_event.data.g`
    xstate,    ///< a config for `createMachine` of XState 5; guards and actions by name
    json,      ///< all of the description; `parse` reads it back
};

/// The format of that name ("dot", "xstate", ...), or nothing.
[[nodiscard]] PATRON_API std::optional<format> format_named(std::string_view name) noexcept;

/// `d` in the form `f`, ending in a newline; diagrams show the labels of states in `l` where there are some.
///
/// Rows that ignore an event are in `table` and `json`. The others have no transition for it, which is
/// how an interpreter ignores an event, unless rows follow that the ignoring one comes before. In `scxml` and
/// `xstate` a state is final only when it answers nothing at all, because an interpreter stops there.
///
/// Requires: `well_formed(d)`. Complexity: linear in rows and cells.
[[nodiscard]] PATRON_API std::string render(description const& d, format f, language l = language::en);

}  // namespace patron::v1::machine

#if defined(PATRON_HEADER_ONLY)
#    include <patron/machine/impl/render.ipp>
#endif
