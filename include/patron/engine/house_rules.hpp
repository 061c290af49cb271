/// Under what a book is kept: the numbers of the lifecycle, and the powers (ENG-9).
#pragma once
#include <patron/lifecycle/rules.hpp>
#include <patron/policy/powers.hpp>
#include <patron/policy/rulebook.hpp>

#include <string>
#include <utility>

namespace patron::inline v1 {

/// The rules of a house. Those of a lifecycle alone are some as well: then nothing is rewarded, penalised or graded.
struct house_rules : lifecycle::lifecycle_rules {
    policy::powers powers{};
    std::string rulebook_file{};  ///< the file that they come from, as policy::to_json writes it; empty: from no file

    house_rules() = default;
    house_rules(lifecycle::lifecycle_rules numbers, policy::powers decide = {})  // NOLINT: numbers alone are rules
        : lifecycle::lifecycle_rules{std::move(numbers)}, powers{std::move(decide)} {}
};

/// The rules of a rulebook: its numbers, and its tables as powers. A book without tables that decide has none.
/// A store keeps the book, not `numbers`: give other ones than the default at each opening (ENG-9).
/// Errors: as policy::rulebook_policy::make. Whether the book is sound is for policy::check to say.
[[nodiscard]] PATRON_API result<house_rules> rules_of(policy::rulebook const& book,
                                                      policy::power_rules const& numbers = {});

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/house_rules.ipp>
#endif
