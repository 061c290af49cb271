/// The numbers of a section, visited one by one, against the ranges that their notes state.
#pragma once
#include <patron/base/result.hpp>
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/impl/rule_numbers.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace patron::inline v1::policy::detail {

inline constexpr std::int64_t most_money = 1'000'000'000'000'000;
inline constexpr std::int64_t whole_share = lifecycle::detail::whole;
inline constexpr std::int64_t longest_days = lifecycle::detail::longest_days;
inline constexpr std::int64_t gravest = 5;

/// Nothing when there is no such number.
inline constexpr rule_note const* note_in(std::span<rule_note const> notes, std::string_view name) noexcept {
    for (auto const& note : notes) {
        if (note.name == name) return &note;
    }
    return nullptr;
}

/// Calls `each(std::int64_t)` with every number that a field holds: what is not set, and what is a word, has none.
template <class Each>
struct number_visit {
    Each each;

    template <class Number>
        requires std::is_integral_v<Number>
    void operator()(Number n) const {
        if constexpr (!std::is_same_v<Number, bool>) each(std::int64_t{n});
    }
    void operator()(basis_points b) const { each(b.count()); }
    void operator()(credit_verdict) const {}
    void operator()(credit_rule_set) const {}
    void operator()(std::string const&) const {}
    void operator()(std::chrono::month m) const { each(static_cast<std::int64_t>(static_cast<unsigned>(m))); }
    void operator()(dunning_step const& s) const {
        each(s.enter);
        each(s.leave);
    }
    template <class T>
    void operator()(std::optional<T> const& n) const {
        if (n) (*this)(*n);
    }
    template <class List>
        requires requires(List const& l) { l.size(), l[0]; }
    void operator()(List const& list) const {
        for (std::size_t i = 0; i < list.size(); ++i) (*this)(list[i]);
    }
};
template <class Field, class Each>
void each_number(Field const& field, Each each) {
    number_visit<Each>{each}(field);
}

/// Whether every number lies in the range of its note; `each(visit)` visits them.
/// Errors: errc::out_of_range, the number named.
template <class Each>
result<void> check_numbers(std::span<rule_note const> notes, Each const& each) {
    std::optional<error> found;
    each([&](std::string_view name, auto const& value) {
        if (found) return;
        auto const& note = *note_in(notes, name);
        each_number(value, [&](std::int64_t n) {
            if (found || (n >= note.least && n <= note.most)) return;
            found = error{.code = errc::out_of_range,
                          .field = std::string{name},
                          .saw = number_text(n, note.unit),
                          .remedy = range_text(note)};
        });
    });
    if (found) return *found;
    return {};
}

}  // namespace patron::v1::policy::detail
