/// A machine as plain data: what is rendered, what a file holds, and what both kinds of machine come from.
#pragma once
#include <patron/base/result.hpp>
#include <patron/base/text.hpp>
#include <patron/machine/checks.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace patron::inline v1::machine {

/// The name of a state for people, in both languages.
struct label {
    std::string en;
    std::string zh;

    friend bool operator==(label const&, label const&) = default;
};

/// A machine with its names. The numbers in `rows`, `start` and `finals` are positions in the lists of names.
struct description {
    std::string name;
    std::vector<std::string> states;
    std::vector<std::string> events;
    std::vector<std::string> guards{};
    std::vector<std::string> actions{};
    std::vector<row> rows;  ///< in document order
    std::uint8_t start = 0;
    std::vector<std::uint8_t> finals{};
    std::vector<label> labels{};  ///< one for each state, or empty

    friend bool operator==(description const&, description const&) = default;
};

namespace detail {

template <byte_enum E>
std::vector<std::string> list_names() {
    return {names_of<E>.begin(), names_of<E>.end()};
}

}  // namespace detail

/// The description of a compiled machine. Allocates; linear.
template <definition M>
[[nodiscard]] description describe() {
    description d{.name = std::string{std::string_view{M::name}},
                  .states = detail::list_names<state_of<M>>(),
                  .events = detail::list_names<event_of<M>>(),
                  .guards = detail::list_names<guard_of<M>>(),
                  .actions = detail::list_names<action_of<M>>(),
                  .rows = {M::table.rows.begin(), M::table.rows.end()},
                  .start = static_cast<std::uint8_t>(M::start),
                  .finals = {detail::finals_of<M>.begin(), detail::finals_of<M>.end()}};
    if constexpr (requires { M::labels; }) {
        static_assert(M::labels.size() == count_of<state_of<M>>, "one label for each state");
        for (text const& t : M::labels) d.labels.push_back({std::string{t.en}, std::string{t.zh}});
    }
    return d;
}

/// Makes sure that `d` can be a machine at all: names are identifiers and differ, numbers name something,
/// sizes are within bounds. What the table says is the matter of `findings`.
///
/// A name is a letter, then letters, digits and '_', at most 64 of them, so that it is one in every form of export.
/// Bounds: 1 to 256 states, 1 to 256 events, at most 255 guards, 255 actions, 65,535 rows.
/// Errors: errc::malformed, out_of_range, missing_field, too_long, unknown_reference; `field` is e.g. "rows[3].to".
[[nodiscard]] PATRON_API result<void> well_formed(description const& d);

/// What is wrong with the table of `d`; the same findings that `findings<M>()` gives for a compiled machine.
/// Requires: `well_formed(d)`. Complexity: see `detail::check`.
[[nodiscard]] PATRON_API std::vector<finding> findings(description const& d);

/// One finding in words, with the names of `d`:
/// "state running does not answer event paid: add a row, if only an ignored one".
[[nodiscard]] PATRON_API std::string words(finding const& f, description const& d);

}  // namespace patron::v1::machine

#if defined(PATRON_HEADER_ONLY)
#    include <patron/machine/impl/description.ipp>
#endif
