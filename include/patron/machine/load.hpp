/// Machines from files, in the form that `render(d, format::json)` writes.
#pragma once
#include <patron/base/result.hpp>
#include <patron/machine/description.hpp>
#include <patron/machine/dynamic.hpp>

#include <string_view>

namespace patron::inline v1::machine {

/// Reads a machine:
///
///     { "machine": "leasing", "start": "offered", "final": ["closed"],
///       "states": ["offered", "running", "closed"], "events": ["signed", "ended"],
///       "guards": ["paid"], "actions": ["file"],
///       "labels": { "offered": {"en": "Offered", "zh": "..."}, ... },
///       "rows": [ {"from": "offered", "on": "signed", "when": "paid", "does": "file", "to": "running"},
///                 {"from": "offered", "on": "ended", "ignored": true}, ... ] }
///
/// `final`, `guards`, `actions`, `labels`, `when` and `does` may be absent. A row has `to`, or `"ignored": true`.
/// The result is well formed; whether its table is sound is for `findings` to say.
///
/// Errors: errc::too_long beyond 4 MiB or a nesting of 8; errc::malformed with the line for text that is not
/// JSON, with the field for a value of another kind; errc::missing_field, unknown_field, unknown_reference for
/// a name that is not in its list; those of `well_formed`. Memory and time are bounded by the bounds.
[[nodiscard]] PATRON_API result<description> parse(std::string_view json);

/// `parse`, then `dynamic::make`: a machine that can be stepped. Errors: those of both.
[[nodiscard]] PATRON_API result<dynamic> load(std::string_view json);

}  // namespace patron::v1::machine

#if defined(PATRON_HEADER_ONLY)
#    include <patron/machine/impl/load.ipp>
#endif
