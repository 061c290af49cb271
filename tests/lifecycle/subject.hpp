// One customer put together by hand, for rules that look at a view.
#pragma once
#include <patron/customer/records.hpp>
#include <patron/lifecycle/rules.hpp>

#include <cstdint>
#include <utility>

namespace patron::tests {

inline constexpr day day_zero{std::chrono::year{2024} / 1 / 1};

/// The day so many days after 2024-01-01.
inline day_number on_day(int days) { return number_of(day_zero) + days; }
inline period month_of_2024(int number) { return period{std::chrono::year{2024}, std::chrono::January} + (number - 1); }
inline day_number end_of_month(int number) { return number_of(month_of_2024(number).last()); }

struct subject {
    customer_state state{};
    customer_records records{};

    explicit subject(patron::stage in, int since = 0) {
        state.stage = in;
        state.since = state.known_since = on_day(since);
    }
    /// So many purchase days, evenly from the first to the last.
    subject& ordered(int first, int last, std::uint32_t purchase_days) {
        state.first_order = on_day(first);
        state.last_order = on_day(last);
        state.orders = state.purchase_days = purchase_days;
        for (int i = 1; i < static_cast<int>(purchase_days); ++i) {
            auto const gaps = static_cast<int>(purchase_days) - 1;
            auto const days = last - first;
            state.monitors.came_back_after(days * i / gaps - days * (i - 1) / gaps);
        }
        return *this;
    }
    subject& bought(int month, std::int64_t amount) {
        state.monthly.add(month_of_2024(month), amount);
        state.purchases += amount;
        return *this;
    }
    subject& wallet(int month, std::int64_t amount) {
        records.wallet.push_back({month_of_2024(month).index(), amount});
        return *this;
    }
    [[nodiscard]] customer_view view() const { return {state, &records}; }
    [[nodiscard]] customer_view flat_view() const { return {state, nullptr}; }
};

}  // namespace patron::tests
