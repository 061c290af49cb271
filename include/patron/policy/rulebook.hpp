/// The rulebook: every number of the lifecycle and the decision tables, in one file (ENG-9, ENG-10).
#pragma once
#include <patron/base/date.hpp>
#include <patron/lifecycle/rules.hpp>
#include <patron/policy/decision_table.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::policy {

/// The version of the file's form that this release reads and writes.
inline constexpr int rulebook_schema_version = 1;

/// One house's rules. Reading or checking one alters nothing that is in force.
struct rulebook {
    std::optional<day> from{};               ///< in force from that day on; nothing: always
    lifecycle::lifecycle_rules lifecycle{};  ///< its `version` names the whole book, in every decision
    std::vector<decision_table> tables{};    ///< each with a name of its own

    [[nodiscard]] std::string const& version() const noexcept { return lifecycle.version; }
    /// Nothing when there is no table of that name. Complexity: linear in the tables.
    [[nodiscard]] PATRON_API decision_table const* table(std::string_view name) const noexcept;

    PATRON_API friend bool operator==(rulebook const& a, rulebook const& b);
};

/// Reads a rulebook file: a JSON object of the form that `rulebook_schema` describes.
///
/// `version` is required. A number that is left out keeps its default, and so do all tables when "tables" is.
///
/// Errors: with the line, and `field` a path such as "lifecycle.promotion.window_months" or, of a cell,
///         "tables.penalties.payment_grave.severity". errc::malformed for what is not JSON or of another type;
///         out_of_range, naming the range; unknown_field; missing_field; conflicting_reference for a field, table, rule
///         or column given twice; too_long beyond 1 MiB, a nesting of 8 or 100 tables; newer_format of "schema"; those of
///         decision_table::compile. Whether the rules make sense together is for `check` to say.
[[nodiscard]] PATRON_API result<rulebook> parse_rulebook(std::string_view json);

/// The book as a file, every number and table in it, always in the same order: `parse_rulebook` gives an equal one, and
/// equal books give the same text. Precondition: its numbers are within their ranges.
[[nodiscard]] PATRON_API std::string to_json(rulebook const& book);

/// The JSON Schema (draft 2020-12) of the file, each number with its meaning, unit, range and requirement.
[[nodiscard]] PATRON_API std::string rulebook_schema();

/// The numbers of lifecycle_rules, and tables for tiers, rewards, penalties, deterrents and credit limits.
[[nodiscard]] PATRON_API rulebook default_rulebook();

/// What an effect of a table does to a customer.
struct effect_note {
    std::string_view code;
    table_kind kind;
    patron::text name;
    bool lowers_price = false;  ///< breaches POW-6: refused wherever it stands
};

/// The closed list of effects that reward, penalty and deterrent tables may put out. Static storage.
[[nodiscard]] PATRON_API std::span<effect_note const> known_effects() noexcept;

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
#    include <patron/policy/impl/rulebook.ipp>
#endif
