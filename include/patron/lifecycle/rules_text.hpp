/// A rulebook as text and back: what a store keeps, so that a decision can be judged under the rules of its day.
#pragma once
#include <patron/lifecycle/rules.hpp>

#include <string>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// One line for each number, "promotion.window_months = 3", in the order of the structure; the version comes first.
/// Shares are in basis points, weights in thousandths, as in lifecycle_rules. Two rulebooks are the same exactly when
/// their texts are. Complexity: linear.
[[nodiscard]] PATRON_API std::string to_text(lifecycle_rules const& rules);

/// Reads what `to_text` wrote. Lines may come in any order; one that is left out keeps its default; blank lines and
/// those that begin with '#' say nothing.
/// Errors: errc::malformed with the line, unknown_field for a name that there is not, out_of_range for a number that
///         does not fit.
[[nodiscard]] PATRON_API result<lifecycle_rules> parse_rules(std::string_view text);

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/rules_text.ipp>
#endif
