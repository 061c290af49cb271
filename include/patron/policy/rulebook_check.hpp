#pragma once
#include <patron/policy/rulebook.hpp>

#include <span>
#include <vector>

namespace patron::inline v1::policy {

/// All that is wrong with a book, without putting it in force (ENG-10): what `check` finds in each table, and
///
///     out_of_range         a number is outside of its range
///     keep_above_promote   one steady share wins a stage and counts against it (REL-2)
///     recovery_at_once     one steady sum of evidence confirms a decline and its recovery (REL-5)
///     no_hysteresis        a customer at the border would flap (warning)
///     never_met            a threshold that nothing can reach
///     unreachable          a number that another makes meaningless
///     evidence_not_rising  a higher stage takes less evidence than a lower one (warning, REL-4)
///     silence_unseen       a customer that never orders again would not be found declining (warning)
///     worse_standing_has_more  a customer is better off in a worse credit standing (warning, CRE-6)
///     limits_not_falling   a graver complaint may stay open longer (warning)
///     version_taken        it differs from the default rulebook, but bears its name (warning)
///     duplicate_table      two tables have one name
///     no_effect            a reward, penalty or deterrent table without an output `effect` of words
///     unknown_effect       an effect that is not in the list for its kind of table
///     lowers_price         a reward that lowers the supply price (POW-6)
///     no_way_back          a penalty or deterrent that nothing lifts, and that does not say `permanent` (POW-14)
///     both_ways            one that says `permanent` and how it is lifted
///     not_askable          a table of a kind has an input that no engine knows, or lacks what its kind needs
///
/// Each finding names the rules and shows an input that triggers it. The book is sound when none is an error.
[[nodiscard]] PATRON_API std::vector<finding> check(rulebook const& book, table_check_limits limits = {});

/// Whether a book with these findings may be put in force.
[[nodiscard]] PATRON_API bool is_sound(std::span<finding const> findings) noexcept;

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/rulebook_check.ipp>
#endif
