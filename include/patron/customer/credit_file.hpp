/// What was granted to a customer on credit beside its limit: for a time, for an order, against security (CRE-1, CRE-4).
#pragma once
#include <patron/customer/state.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A credit limit: not set, without bound, or an amount in minor units; zero is an amount (BASE-8).
struct credit_limit {
    std::int64_t amount = 0;  ///< when set and not unlimited
    bool is_set = false;
    bool is_unlimited = false;

    friend bool operator==(credit_limit const&, credit_limit const&) = default;
};

/// A limit that replaces the customer's own from one day to another, both included, and then reverts by itself.
struct temporary_limit {
    credit_limit limit{};
    day_number from = no_day;
    day_number until = no_day;

    [[nodiscard]] bool in_force(day_number on) const noexcept { return from <= on && on <= until; }
};

/// An approval beyond the rules, by a person, up to an amount and a day (CRE-5).
struct credit_override {
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
    /// The limit beside those for a time; nothing while no other was ever granted: then the flat state has it.
    std::optional<credit_limit> base{};
    day_number base_until = no_day;  ///< the last day of `base`; no_day: it has none
    std::vector<temporary_limit> temporary_limits{};
    std::vector<credit_override> overrides{};
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
    /// The limit of a day: of those for a time, the one that was granted last. Precondition: `base`.
    [[nodiscard]] credit_limit limit_on(day_number on) const noexcept {
        for (auto t = temporary_limits.rbegin(); t != temporary_limits.rend(); ++t) {
            if (t->in_force(on)) return t->limit;
        }
        return base_until != no_day && on > base_until ? credit_limit{} : *base;
    }
};

}  // namespace patron::v1
