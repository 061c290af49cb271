/// The credit standing of a customer: good, watch, reduced, cash only, blocked, and the way back (CRE-6).
#pragma once
#include <patron/base/result.hpp>
#include <patron/base/text.hpp>
#include <patron/customer/standing.hpp>
#include <patron/machine/checks.hpp>
#include <patron/machine/table.hpp>

#include <boost/container/static_vector.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::inline v1::lifecycle {

/// How a standing is lost and won back. Each assessment leads to the worst standing that is earned anew, or else to
/// the worst, down from the present one, that is not left yet.
struct credit_standing {
    using state = patron::standing;

    enum class event : std::uint8_t { assessed };

    enum class guard : std::uint8_t {
        earns_blocked,  ///< what is seen reaches the threshold to enter
        earns_cash_only,
        earns_reduced,
        earns_watch,
        keeps_blocked,  ///< what is seen has not fallen to the threshold to leave
        keeps_cash_only,
        keeps_reduced,
        keeps_watch,
    };

    static constexpr std::string_view name = "standing";
    static constexpr state start = state::good;
    static constexpr std::array finals{state::good};
    static constexpr std::array labels{label_of(state::good), label_of(state::watch), label_of(state::reduced),
                                       label_of(state::cash_only), label_of(state::blocked)};

    static constexpr auto table = [] {
        using enum patron::standing;
        using enum event;
        using enum guard;
        using machine::from;
        return machine::table(from(good, watch, reduced, cash_only).on(assessed).when(earns_blocked).to(blocked),
                              from(good, watch, reduced).on(assessed).when(earns_cash_only).to(cash_only),
                              from(good, watch).on(assessed).when(earns_reduced).to(reduced),
                              from(good).on(assessed).when(earns_watch).to(watch),

                              from(blocked).on(assessed).when(keeps_blocked).stays(),
                              from(blocked, cash_only).on(assessed).when(keeps_cash_only).to(cash_only),
                              from(blocked, cash_only, reduced).on(assessed).when(keeps_reduced).to(reduced),
                              from(blocked, cash_only, reduced, watch).on(assessed).when(keeps_watch).to(watch),
                              from(blocked, cash_only, reduced, watch).on(assessed).to(good),
                              from(good).on(assessed).ignored());
    }();
};
static_assert(machine::sound<credit_standing>);

/// What a standing is judged by. Each is a count from zero on.
struct standing_inputs {
    int days_past_due = 0;               ///< of the oldest overdue item above the residue; not disputed
    int dunning_level = 0;               ///< of the customer
    int penalty_severity = 0;            ///< summed over the penalties in force
    standing at_least = standing::good;  ///< what a penalty or a person has ordered, while it is in force
};

/// Reaching any of them counts. A number that is not set never does.
struct standing_threshold {
    std::optional<int> days_past_due{};
    std::optional<int> dunning_level{};
    std::optional<int> penalty_severity{};
};

/// Thresholds by standing, from watch to blocked.
///
/// A standing is entered at or above a threshold of `enter`, and kept while any input lies above the same one of `leave`.
struct standing_rules {
    std::array<standing_threshold, 4> enter{{{15, 1, 2}, {45, 3, 4}, {75, 4, 7}, {120, std::nullopt, 10}}};
    std::array<standing_threshold, 4> leave{{{0, 0, 0}, {15, 1, 2}, {30, 2, 4}, {60, std::nullopt, 6}}};
};

/// Errors: errc::out_of_range where a standing is not left below where it is entered, has a threshold on one side only, or
/// is easier to enter, or harder to leave, than the standing before it. The field says which: "enter[2].dunning_level".
[[nodiscard]] PATRON_API result<void> check(standing_rules const& rules);

/// Which input speaks for a standing, and against which threshold.
struct standing_cause {
    std::string_view input{};  ///< "days_past_due", "dunning_level", "penalty_severity", "ordered"
    standing speaks_for = standing::good;
    bool is_entry = false;  ///< reaches the threshold to enter; else it is not below the one to leave
    int saw = 0;
    int threshold = 0;  ///< zero for "ordered"

    friend bool operator==(standing_cause const&, standing_cause const&) = default;
};

/// A standing after an assessment, and why it is no better. No cause: it is good, and nothing speaks against it.
struct standing_assessment {
    standing from = standing::good;
    standing to = standing::good;
    boost::container::static_vector<standing_cause, 4> causes{};
};

/// Assesses by the machine. Asked again with the same inputs, it stays where it is.
/// Precondition: `check(rules)` holds. Complexity: constant; no allocation.
[[nodiscard]] PATRON_API standing_assessment assess_standing(standing now, standing_inputs const& inputs,
                                                             standing_rules const& rules) noexcept;

/// The cause as a clause for people.
[[nodiscard]] PATRON_API std::string sentence(standing_cause const& cause, language l);

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/standing.ipp>
#endif
