/// For any rule of the rulebook's tables: whether it fires for a customer on a day, and why not (ENG-11).
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/policy/rulebook_policy.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// Every table of the rulebook beside one customer. Copies share what the looks are views of.
class tables_explained {
public:
    /// Of which customer, on which day, under which rulebook.
    std::string customer{};
    day on{};
    std::string rulebook{};
    /// The breach that tables of penalties and deterrents were asked about: the latest by that day; empty: there is none,
    /// and they could not be asked.
    std::string breach{};
    std::vector<policy::table_look> tables{};

    tables_explained(policy::rulebook_policy asked) : asked_{std::move(asked)} {}

    /// Only the table or the rule of that name; everything where it is empty. False where there is none of that name.
    PATRON_API bool keep_only(std::string_view name);

private:
    policy::rulebook_policy asked_;
};

/// How the customer, as it stood on `on` (default: the day that the book has been brought to), looks to each table of the
/// rulebook of that day: rewards as at a review of that month, penalties and deterrents as to its latest breach.
///
/// All facts of the day have come, and its review has not been held yet. Reviews before it were held as the book holds them.
/// Errors:     errc::unknown_customer; errc::impossible_now where the rules of that day come from no rulebook.
/// Complexity: its facts are folded again; every cell of every table.
[[nodiscard]] PATRON_API result<tables_explained> explain_tables(engine const& book, std::string_view code,
                                                                 std::optional<day> on = {});

/// One JSON object: customer, on, rulebook, breach, tables, each with its rules and their cells.
[[nodiscard]] PATRON_API std::string to_json(tables_explained const& all);
/// For people: of each table the rules that fire and those that do not, with every cell that does not hold.
[[nodiscard]] PATRON_API std::string to_text(tables_explained const& all, language l);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/why_not.ipp>
#endif
