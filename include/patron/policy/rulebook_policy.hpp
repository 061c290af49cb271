/// The tables of a rulebook as a policy like any other (POW-4, ENG-9).
#pragma once
#include <patron/policy/hooks.hpp>
#include <patron/policy/powers.hpp>
#include <patron/policy/rulebook.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace patron::inline v1::policy {

/// What tables may ask about a customer, by the name of the column, with its type: the vocabulary of a rulebook.
struct table_input {
    std::string_view name;
    column_type type = column_type::number;
    patron::text label;
};
/// All there are. Static storage.
[[nodiscard]] PATRON_API std::span<table_input const> known_inputs() noexcept;

/// What one table makes of a customer. A view of the policy that was asked.
struct table_look {
    std::string_view table{};
    table_kind kind = table_kind::plain;
    /// The first input that it requires and nobody knows, so that it isn't asked; empty: none.
    std::string_view unknown{};
    std::vector<rule_look> rules{};  ///< in the table's order, with each cell, also where it isn't asked
};

/// Asks the tables of kinds tier, reward, penalty, deterrent and limit.
///
/// Rewards are decided at the review that ends each half of the fiscal year: of the months since the last such review
/// `budget` is a part. Penalties and deterrents answer one breach. Whatever a table cannot be asked about, since an input
/// is unknown that it requires, it proposes nothing for.
///
/// Thread safety: const. Complexity: a look-up in each table's columns; no allocation but for what is proposed.
class rulebook_policy {
public:
    /// Reads the columns. Errors: `field` names table and column; errc::unknown_field for an input that is none of
    /// `known_inputs`, errc::malformed for another type than it has, errc::unknown_reference when it lacks a word that the
    /// input can take, or puts out an effect that is not of its kind, errc::missing_field for an output that the kind of
    /// table needs.
    [[nodiscard]] PATRON_API static result<rulebook_policy> make(rulebook const& book);

    PATRON_API void reward(context const& c, effects& out) const;
    PATRON_API void penalise(context const& c, effects& out) const;
    PATRON_API void deter(context const& c, effects& out) const;
    [[nodiscard]] PATRON_API std::optional<limit_proposal> limit(context const& c) const;
    [[nodiscard]] PATRON_API std::optional<tier_proposal> tier(context const& c) const;

    /// What each of its tables sees of the customer, and which of its rules fire or do not, and why (ENG-11).
    /// Complexity: every cell of every table.
    [[nodiscard]] PATRON_API std::vector<table_look> look(context const& c) const;

private:
    struct impl;
    explicit rulebook_policy(std::shared_ptr<impl const> held) : held_{std::move(held)} {}
    std::shared_ptr<impl const> held_;
};

/// The powers of a rulebook: its tables, and the numbers of its `powers`.
/// Errors: as rulebook_policy::make, and check(power_rules).
[[nodiscard]] PATRON_API result<powers> powers_of(rulebook const& book);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/rulebook_policy.ipp>
#endif
