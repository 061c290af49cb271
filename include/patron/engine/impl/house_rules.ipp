#pragma once
#include <patron/engine/house_rules.hpp>
#include <patron/policy/rulebook_policy.hpp>

#include <algorithm>

namespace patron::inline v1 {

PATRON_FN result<house_rules> rules_of(policy::rulebook const& book, policy::power_rules const& numbers) {
    house_rules out{book.lifecycle};
    out.rulebook_file = to_json(book);
    auto const decides = std::any_of(book.tables.begin(), book.tables.end(), [](policy::decision_table const& t) {
        return t.text().kind != policy::table_kind::plain;
    });
    if (!decides) return out;
    auto powers = policy::powers_of(book, numbers);
    if (!powers) return powers.error();
    out.powers = std::move(powers.value());
    return out;
}

}  // namespace patron::v1
