#pragma once
#include <patron/machine/dynamic.hpp>
#include <patron/machine/impl/fault.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace patron::inline v1::machine {

namespace detail {

inline std::optional<std::uint8_t> position_of(std::vector<std::string> const& names, std::string_view name) noexcept {
    auto const found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::uint8_t>(found - names.begin());
}

inline std::string_view next_word(std::string_view& line) noexcept {
    constexpr std::string_view blank = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
    std::string_view const word = line.substr(0, line.find_first_of(blank));
    line.remove_prefix(word.size());
    return word;
}

}  // namespace detail

PATRON_FN result<dynamic> dynamic::make(description d) {
    if (auto const ok = well_formed(d); !ok) return ok.error();
    if (auto const wrong = findings(d); !wrong.empty()) {
        constexpr std::size_t shown = 3;
        std::string all;
        for (std::size_t i = 0; i < wrong.size() && i < shown; ++i) all += (i == 0 ? "" : "; ") + words(wrong[i], d);
        if (wrong.size() > shown) all += "; and " + std::to_string(wrong.size() - shown) + " more";
        return error{.code = errc::unsound_machine, .field = "rows", .saw = d.name, .remedy = std::move(all)};
    }
    dynamic m{std::move(d)};
    detail::shape const s = detail::shape_from(m.described_);
    m.first_.resize(s.cells() + 1);
    std::vector<std::uint16_t> order(s.rows.size());
    detail::bring_together(s, m.first_, order);
    m.entries_.reserve(order.size());
    for (std::uint16_t const position : order) m.entries_.push_back(detail::entry_of(s.rows[position], position));
    return m;
}

PATRON_FN std::vector<std::uint8_t> dynamic::allowed(std::uint8_t state) const {
    std::vector<std::uint8_t> events;
    std::size_t const kinds = described_.events.size();
    for (std::size_t e = 0; e < kinds; ++e) {
        std::size_t const c = state * kinds + e;
        bool const answered = std::any_of(entries_.begin() + first_[c], entries_.begin() + first_[c + 1],
                                          [](detail::entry const& r) { return r.kind != answer::ignored; });
        if (answered) events.push_back(static_cast<std::uint8_t>(e));
    }
    return events;
}

PATRON_FN result<std::uint8_t> dynamic::from_integer(std::uint64_t number) const {
    if (number < described_.states.size()) return static_cast<std::uint8_t>(number);
    return error{.code = errc::out_of_range,
                 .field = "state",
                 .saw = std::to_string(number),
                 .remedy = "a number from 0 to " + std::to_string(described_.states.size() - 1) + ", the states of " +
                           described_.name};
}

PATRON_FN std::optional<std::uint8_t> dynamic::state_named(std::string_view name) const noexcept {
    return detail::position_of(described_.states, name);
}
PATRON_FN std::optional<std::uint8_t> dynamic::event_named(std::string_view name) const noexcept {
    return detail::position_of(described_.events, name);
}
PATRON_FN std::optional<std::uint8_t> dynamic::guard_named(std::string_view name) const noexcept {
    return detail::position_of(described_.guards, name);
}

PATRON_FN std::string_view runner::state() const noexcept { return machine_->described().states[state_]; }

PATRON_FN result<std::string_view> runner::run_line(std::string_view line) {
    ++lines_;
    auto const wrong = [&](errc code, std::string field, std::string_view saw, std::string remedy) {
        error e = detail::at_fault(code, std::move(field), saw, std::move(remedy));
        e.line = lines_;
        return e;
    };
    std::string_view const name = detail::next_word(line);
    if (name.empty()) return wrong(errc::malformed, "event", "", "an event, then the guards that hold");
    auto const event = machine_->event_named(name);
    if (!event) return wrong(errc::unknown_reference, "event", name, "an event of " + machine_->described().name);
    std::array<bool, 256> holding{};
    while (true) {
        std::string_view const word = detail::next_word(line);
        if (word.empty()) break;
        auto const guard = machine_->guard_named(word);
        if (!guard) return wrong(errc::unknown_reference, "guard", word, "a guard of " + machine_->described().name);
        holding[*guard] = true;
    }
    machine_->step(state_, *event, [&holding](std::uint8_t g) { return holding[g]; });
    return state();
}

}  // namespace patron::v1::machine
