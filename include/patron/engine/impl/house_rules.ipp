#pragma once
#include <patron/engine/house_rules.hpp>
#include <patron/policy/rulebook_policy.hpp>

#include <algorithm>

namespace patron::inline v1 {

PATRON_FN house_rules house_rules::after(house_rules const& others) && {
    if (!from) return std::move(*this);
    if (before) {
        before = std::make_shared<house_rules const>(house_rules{*before}.after(others));
        return std::move(*this);
    }
    auto const* kept = &others;
    while (kept->from && kept->before && *kept->from >= *from) kept = kept->before.get();
    before = std::make_shared<house_rules const>(*kept);
    return std::move(*this);
}

PATRON_FN result<house_rules> rules_of(policy::rulebook const& book) {
    auto const within = [](error e, std::string_view section) {
        e.field = std::string{section} + '.' + e.field;
        return e;
    };
    if (auto const sound = check(book.credit); !sound) return within(sound.error(), "credit");
    if (auto const sound = check(book.powers); !sound) return within(sound.error(), "powers");
    if (auto const sound = policy::check(book.resale); !sound) return within(sound.error(), "resale");
    house_rules out{book.lifecycle};
    out.credit = book.credit;
    out.resale = book.resale;
    out.credit.version = book.version();
    out.rulebook_file = to_json(book);
    out.from = book.from;
    auto const decides = [](policy::decision_table const& t) { return t.text().kind != policy::table_kind::plain; };
    auto const shares = book.powers.profit_share.rate != basis_points{0};
    if (!shares && std::none_of(book.tables.begin(), book.tables.end(), decides)) return out;
    auto powers = policy::powers_of(book);
    if (!powers) return powers.error();
    out.powers = std::move(powers.value());
    return out;
}

}  // namespace patron::v1
