/// The rulebook: every number of lifecycle, credit, powers and resale, and the decision tables, in one file (ENG-9, ENG-10).
#pragma once
#include <patron/base/date.hpp>
#include <patron/lifecycle/rules.hpp>
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/decision_table.hpp>
#include <patron/policy/power_rules.hpp>
#include <patron/policy/resale.hpp>

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
    credit_rules credit{};                   ///< a book read from a file gives them its own version
    power_rules powers{};
    resale_rules resale{};                 ///< POW-5, POW-9
    std::vector<decision_table> tables{};  ///< each with a name of its own

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

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/rulebook.ipp>
#endif
