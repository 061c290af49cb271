/// What a customer made of our representatives' advice, and what it left to them (POW-11).
#pragma once
#include <patron/customer/state.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// What came of advice.
enum class advice_result : std::uint8_t {
    untold,
    good,
    poor,
};

/// As facts tell it: "good", "poor"; any other text says nothing about it.
[[nodiscard]] constexpr advice_result advice_result_of(std::optional<std::string_view> told) noexcept {
    if (told == "good") return advice_result::good;
    return told == "poor" ? advice_result::poor : advice_result::untold;
}

/// Advice that was given, or taken.
struct kept_advice {
    day_number on = no_day;
    bool is_taken = false;
    advice_result result = advice_result::untold;
};

/// All of it that is not too old, in the order told. Thread safety: as a plain value.
struct expert_file {
    std::vector<kept_advice> advice{};
    std::vector<day_number> delegated{};    ///< the days of orders that were left to our representative
    static constexpr int months_kept = 36;  ///< no rulebook looks back further

    [[nodiscard]] bool empty() const noexcept { return advice.empty() && delegated.empty(); }
    /// Forgets what is too old for any rulebook to look at, once the first that was told is.
    void forget_before(day_number on) {
        if (!advice.empty() && advice.front().on < on) {
            std::erase_if(advice, [&](kept_advice const& a) { return a.on < on; });
        }
        if (!delegated.empty() && delegated.front() < on) {
            std::erase_if(delegated, [&](day_number d) { return d < on; });
        }
    }
};

}  // namespace patron::v1
