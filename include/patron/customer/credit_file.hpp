/// What was granted to a customer on credit beside its limit: for a time, for an order, against security (CRE-1, CRE-4).
#pragma once
#include <patron/customer/state.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// What kind of limit there is. Zero is an amount (BASE-8).
enum class limit_kind : std::uint8_t { not_set, amount, unlimited };

/// A limit of a customer or a group, in minor units of the credit currency (CRE-1).
struct credit_limit {
    limit_kind kind = limit_kind::not_set;
    std::int64_t amount = 0;    ///< when of that kind; never negative
    day_number until = no_day;  ///< the last day on which it is valid; no_day: it does not run out
    /// By calendar month, January first: the part of an amount that counts in that month, rounded down.
    std::array<std::int32_t, 12> season_basis_points{10'000, 10'000, 10'000, 10'000, 10'000, 10'000,
                                                     10'000, 10'000, 10'000, 10'000, 10'000, 10'000};

    [[nodiscard]] static constexpr credit_limit of(std::int64_t minor_units, day_number until = no_day) noexcept {
        return {.kind = limit_kind::amount, .amount = minor_units, .until = until};
    }
    [[nodiscard]] static constexpr credit_limit unlimited(day_number until = no_day) noexcept {
        return {.kind = limit_kind::unlimited, .until = until};
    }
    [[nodiscard]] constexpr bool has_run_out(day_number on) const noexcept { return until != no_day && on > until; }

    friend bool operator==(credit_limit const&, credit_limit const&) = default;
};

/// A limit for some days: where it is higher than the other, it stands for it, and then reverts by itself.
struct temporary_limit {
    day_number from = no_day;
    day_number until = no_day;  ///< the last day; a temporary limit always has one
    bool is_unlimited = false;
    std::int64_t amount = 0;

    [[nodiscard]] constexpr bool in_force(day_number on) const noexcept { return from <= on && on <= until; }
    friend bool operator==(temporary_limit const&, temporary_limit const&) = default;
};

/// An approval beyond the rules, by a person, up to an amount and a day (CRE-5).
struct kept_override {
    std::string order{};  ///< empty: for any order
    std::string by{};
    std::string reason{};
    std::int64_t amount = 0;
    day_number from = no_day;
    day_number until = no_day;

    [[nodiscard]] bool in_force(day_number on) const noexcept { return from <= on && on <= until; }
};

/// A part of the limit that is kept for an order to come.
struct reservation {
    std::string name{};
    std::string order{};  ///< the order that will take it; empty: one of the reservation's own name
    std::int64_t amount = 0;
    std::int64_t left = 0;      ///< neither taken by the order, nor released, nor expired
    day_number until = no_day;  ///< the last day that it is kept; no_day: until it is taken or released

    /// What of it is kept on that day.
    [[nodiscard]] std::int64_t kept(day_number on) const noexcept { return until == no_day || on <= until ? left : 0; }
    [[nodiscard]] bool is_for(std::string_view placed) const noexcept {
        return order.empty() ? name == placed : order == placed;
    }
};

/// All of it. Thread safety: as a plain value.
struct credit_file {
    /// The limit beside those for a time; nothing while none was for a time or until a day: then the flat state has it.
    std::optional<credit_limit> base{};
    std::vector<temporary_limit> temporary_limits{};
    std::vector<kept_override> overrides{};
    std::vector<reservation> reservations{};
    std::int64_t deposit = 0;  ///< held; never negative

    [[nodiscard]] bool empty() const noexcept {
        return !base && temporary_limits.empty() && overrides.empty() && reservations.empty() && deposit == 0;
    }
    [[nodiscard]] reservation const* find_reservation(std::string_view name) const noexcept {
        auto const found = std::find_if(reservations.begin(), reservations.end(),
                                        [&](reservation const& r) { return r.name == name; });
        return found == reservations.end() ? nullptr : &*found;
    }
    /// The one that an order takes on that day; null when none is kept for it.
    [[nodiscard]] reservation const* reserved_for(std::string_view order, day_number on) const noexcept {
        auto const found = std::find_if(reservations.begin(), reservations.end(),
                                        [&](reservation const& r) { return r.kept(on) > 0 && r.is_for(order); });
        return found == reservations.end() ? nullptr : &*found;
    }
    [[nodiscard]] std::int64_t reserved() const noexcept {
        std::int64_t sum = 0;
        for (auto const& r : reservations) sum += r.left;
        return sum;
    }
    /// The limit of a day: the highest of the customer's own and those for a time. Precondition: `base`.
    [[nodiscard]] credit_limit limit_on(day_number on) const noexcept {
        auto limit = base->has_run_out(on) ? credit_limit{} : *base;
        for (auto const& t : temporary_limits) {
            if (!t.in_force(on) || limit.kind == limit_kind::unlimited) continue;
            if (t.is_unlimited) {
                limit = credit_limit::unlimited();
            } else if (limit.kind == limit_kind::not_set || t.amount > limit.amount) {
                limit = credit_limit::of(t.amount);
            }
        }
        return limit;
    }
};

}  // namespace patron::v1
