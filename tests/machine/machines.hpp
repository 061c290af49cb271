/// Machines that the tests of this room share, and a second, slower way to run any table.
#pragma once
#include <patron/machine/description.hpp>
#include <patron/machine/step.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace patron::inline v1::machine {

inline std::ostream& operator<<(std::ostream& out, finding const& f) {
    return out << name_of(f.what) << '(' << int{f.state} << ", " << int{f.event} << ", " << f.row << ')';
}

}  // namespace patron::v1::machine

namespace machine_tests {

namespace machine = patron::machine;
using machine::from;
using machine::from_any;

/// A lease: signed, paid or missed, closed. It has guards, an action, rows that stay and rows that ignore.
struct leasing {
    enum class state : std::uint8_t { offered, running, overdue, closed };
    enum class event : std::uint8_t { signed_, missed, paid, ended };
    enum class guard : std::uint8_t { in_grace, insured, settled };
    enum class action : std::uint8_t { remind, file };
    static constexpr std::string_view name = "leasing";
    static constexpr auto start = state::offered;
    static constexpr std::array finals{state::closed};
    static constexpr std::array labels{patron::text{"Offered", "已报价"},
                                       patron::text{"Running \"as is\" <&>", "履行中"}, patron::text{"Overdue", "逾期"},
                                       patron::text{"Closed", "已结束"}};
    static constexpr auto table = machine::table(
        from(state::offered).on(event::signed_).to(state::running),
        from(state::offered).on(event::missed, event::paid).ignored(),
        from(state::running).on(event::missed).when(guard::in_grace).ignored(),
        from(state::running).on(event::missed).when(guard::insured).does(action::file).stays(),
        from(state::running).on(event::missed).does(action::remind).to(state::overdue),
        from(state::running).on(event::paid).ignored(),
        from(state::overdue).on(event::missed).does(action::remind).stays(),
        from(state::overdue).on(event::paid).when(guard::settled).to(state::running),
        from(state::running, state::overdue, state::closed).on(event::signed_).ignored(),
        from(state::closed).on(event::missed, event::paid).ignored(),
        from(state::offered, state::running, state::overdue).on(event::ended).does(action::file).to(state::closed),
        from(state::closed).on(event::ended).ignored());
};

/// The guards of `turn` are declared too far apart for one table of all answers.
struct scattered {
    enum class state : std::uint8_t { left, right };
    enum class event : std::uint8_t { turn };
    enum class guard : std::uint8_t { g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, g10, g11, g12, g13, g14 };
    static constexpr std::string_view name = "scattered";
    static constexpr auto start = state::left;
    static constexpr auto table = machine::table(from(state::left).on(event::turn).when(guard::g0).to(state::right),
                                                 from(state::left).on(event::turn).when(guard::g14).stays(),
                                                 from(state::right).on(event::turn).when(guard::g7).to(state::left));
};

/// The documented meaning of a table, written without looking at how the library does it: walk the rows in
/// document order, take the first of this state and event whose guard holds.
template <class Holds>
machine::basic_outcome<std::uint8_t, std::uint8_t, std::uint8_t> walk(machine::description const& d, std::uint8_t state,
                                                                      std::uint8_t event, Holds holds) {
    bool rows = false;
    std::optional<std::uint8_t> refused;
    for (std::size_t i = 0; i < d.rows.size(); ++i) {
        machine::row const& r = d.rows[i];
        if (r.from != state || r.event != event) continue;
        rows = true;
        if (r.guard == machine::nothing || holds(r.guard)) {
            auto const kind = r.ignored        ? machine::answer::ignored
                              : r.to == r.from ? machine::answer::stayed
                                               : machine::answer::moved;
            return {kind, r.from, r.to, r.action, refused.value_or(machine::nothing), static_cast<std::uint16_t>(i)};
        }
        if (!refused) refused = r.guard;
    }
    return {rows ? machine::answer::refused : machine::answer::no_row,
            state,
            state,
            machine::nothing,
            refused.value_or(machine::nothing),
            0};
}

/// Every finding by its definition, one question at a time.
inline std::vector<machine::finding> findings_by_definition(machine::description const& d) {
    using machine::problem;
    auto const index = [](std::size_t i) { return static_cast<std::uint8_t>(i); };
    std::vector<machine::finding> all;
    for (std::size_t s = 0; s < d.states.size(); ++s)
        for (std::size_t e = 0; e < d.events.size(); ++e)
            if (std::ranges::none_of(d.rows, [&](machine::row const& r) { return r.from == s && r.event == e; }))
                all.push_back({problem::unanswered_event, index(s), index(e), 0});
    for (std::size_t i = 0; i < d.rows.size(); ++i) {
        machine::row const& r = d.rows[i];
        machine::row const* same_guard = nullptr;
        bool unguarded = false;
        for (std::size_t j = 0; j < i; ++j) {
            machine::row const& before = d.rows[j];
            if (before.from != r.from || before.event != r.event) continue;
            if (before.guard == r.guard && same_guard == nullptr) same_guard = &before;
            unguarded = unguarded || before.guard == machine::nothing;
        }
        if (same_guard == nullptr && !unguarded) continue;
        bool const duplicate = same_guard != nullptr && *same_guard == r;
        all.push_back({duplicate ? problem::duplicate_row : problem::shadowed_row, r.from, r.event,
                       static_cast<std::uint16_t>(i)});
    }
    auto const reach = [&](std::size_t start) {  // the states that rows lead to from `start`, itself among them
        std::vector<bool> reached(d.states.size());
        reached[start] = true;
        for (std::size_t round = 0; round < d.states.size(); ++round)
            for (machine::row const& r : d.rows)
                if (reached[r.from]) reached[r.to] = true;
        return reached;
    };
    for (std::size_t s = 0; s < d.states.size(); ++s) {
        if (!reach(d.start)[s]) all.push_back({problem::unreachable_state, index(s), 0, 0});
        auto const from_here = reach(s);
        bool const leads_to_final = std::ranges::any_of(d.finals, [&](std::uint8_t f) { return from_here[f]; });
        bool const leads_anywhere = std::ranges::count(from_here, true) > 1;
        if (d.finals.empty() ? !leads_anywhere : !leads_to_final) all.push_back({problem::dead_end, index(s), 0, 0});
    }
    return all;
}

inline bool before(machine::finding const& a, machine::finding const& b) {
    return std::tuple{a.what, a.state, a.event, a.row} < std::tuple{b.what, b.state, b.event, b.row};
}

/// Numbers that are the same on every platform, which the standard's distributions are not.
class dice {
public:
    explicit dice(std::uint32_t seed) : engine_{seed} {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    bool chance(std::size_t percent) { return below(100) < percent; }

private:
    std::mt19937 engine_;
};

/// A machine at random: mostly without gaps, sometimes unsound. Up to five guards, so that all of their
/// combinations can be tried.
inline machine::description random_machine(std::uint32_t seed) {
    dice d{seed};
    auto const names = [](char letter, std::size_t n) {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < n; ++i) all.push_back(letter + std::to_string(i));
        return all;
    };
    machine::description m{.name = "m" + std::to_string(seed),
                           .states = names('s', 1 + d.below(6)),
                           .events = names('e', 1 + d.below(6)),
                           .guards = names('g', d.below(6)),
                           .actions = names('a', d.below(3)),
                           .rows = {}};
    bool const careless = d.chance(30);
    auto const code = [&](std::size_t n) { return static_cast<std::uint8_t>(d.below(n)); };
    for (std::uint8_t s = 0; s < m.states.size(); ++s) {
        for (std::uint8_t e = 0; e < m.events.size(); ++e) {
            if (careless && d.chance(3)) continue;
            std::vector<std::uint8_t> guards;
            for (std::uint8_t g = 0; g < m.guards.size(); ++g)
                if (d.chance(35))
                    guards.insert(guards.begin() + static_cast<std::ptrdiff_t>(d.below(guards.size() + 1)), g);
            if (guards.empty() || d.chance(60)) guards.push_back(machine::nothing);
            if (careless && d.chance(5)) guards.push_back(guards.front());
            for (std::uint8_t const g : guards) {
                machine::row r{.from = s, .event = e, .guard = g, .to = s};
                r.ignored = d.chance(25);
                if (!r.ignored) r.to = code(m.states.size());
                if (!r.ignored && !m.actions.empty() && d.chance(30)) r.action = code(m.actions.size());
                m.rows.push_back(r);
            }
        }
    }
    for (std::size_t i = m.rows.size(); i > 1; --i)  // rows of a cell need not stand together
        if (d.chance(20)) std::swap(m.rows[i - 1], m.rows[d.below(i)]);
    if (d.chance(50)) m.finals.push_back(code(m.states.size()));
    if (d.chance(30))
        for (std::string const& s : m.states) m.labels.push_back({"State \\ \"" + s + "\"", "状态" + s});
    return m;
}

}  // namespace machine_tests
