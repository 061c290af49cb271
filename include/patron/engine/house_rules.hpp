/// Under what a book is kept: the numbers of the lifecycle, of credit and of resale, and the powers (ENG-9).
#pragma once
#include <patron/lifecycle/rules.hpp>
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/powers.hpp>
#include <patron/policy/resale.hpp>
#include <patron/policy/rulebook.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace patron::inline v1 {

/// The rules of a house. Those of a lifecycle alone are some as well: then nothing is rewarded, penalised or graded.
/// A store keeps `rulebook_file`, or, without one, the numbers of the lifecycle: give it powers, credit and resale rules
/// that are a program's own at each opening.
struct house_rules : lifecycle::lifecycle_rules {
    policy::powers powers{};
    credit_rules credit{};
    policy::resale_rules resale{};  ///< of resale prices that are observed
    std::string rulebook_file{};    ///< the file that they come from, as policy::to_json writes it; empty: from no file
    std::optional<day> from{};      ///< the first day on which they are in force; nothing: all days
    std::shared_ptr<house_rules const> before{};  ///< those of the days before; null: these are for all days

    house_rules() = default;
    house_rules(lifecycle::lifecycle_rules numbers, policy::powers decide = {})  // NOLINT: numbers alone are rules
        : lifecycle::lifecycle_rules{std::move(numbers)}, powers{std::move(decide)} {}

    /// Those of a day, among these and the ones before. Complexity: linear in how many there are.
    [[nodiscard]] house_rules const& on(day d) const noexcept {
        auto const* r = this;
        while (r->from && r->before && d < *r->from) r = r->before.get();
        return *r;
    }
    /// These, with others in force until the first of their days comes. Of the others, those that would come into force on
    /// that day or later never do; the oldest of them is for all days, whatever day it has. Rules without a day stay as they
    /// are. Complexity: copies the others, and what is before these.
    [[nodiscard]] PATRON_API house_rules after(house_rules const& others) &&;
};

/// The rules of a rulebook: its numbers, its day, and its tables as powers. A book without tables that decide
/// and without a profit share has none.
/// Errors: as policy::rulebook_policy::make; errc::out_of_range for numbers of `credit`, `powers` or `resale` that nothing could
///         honour, with a field such as "credit.standings.enter[2].dunning_level". Whether the book is sound beyond that
///         is for policy::check to say.
[[nodiscard]] PATRON_API result<house_rules> rules_of(policy::rulebook const& book);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/house_rules.ipp>
#endif
