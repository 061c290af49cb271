/// What a feed yields: facts, and the rows that are none, each with its line (BASE-7).
#pragma once
#include <patron/fact/received.hpp>

#include <cstdint>
#include <string>

namespace patron::inline v1::feed {

/// One row of a feed: its fact, or why it is rejected; its error bears the same line and the source's name.
using record = received;

/// How the rows of a feed are read, whatever its format.
struct options {
    currency default_currency{};  ///< what an amount without a currency is in; *own* leaves that to the engine
    std::string source{};         ///< the name that errors bear, as a rule the file's
};

/// The reference that a row without `ref` gets, from its text and its line (BASE-5).
///
/// The same file delivered again gives the same references, and two equal rows of one file are two
/// facts. `~` and 13 digits of base 32. The value is stable across platforms and releases.
/// Complexity: linear; one allocation.
[[nodiscard]] PATRON_API std::string derived_ref(std::string_view row, std::uint64_t line);

}  // namespace patron::v1::feed
