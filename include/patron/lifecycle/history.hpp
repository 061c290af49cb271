/// The stages that customers went through, and what whole books did (REL-7).
#pragma once
#include <patron/customer/state.hpp>
#include <patron/lifecycle/relationship.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1::lifecycle {

/// A stay in a stage. Stages are kept as values: renaming a label rewrites nothing.
struct stay {
    patron::stage stage{};
    day_number entered = no_day;
    day_number left = no_day;     ///< no_day: still there
    relationship::event cause{};  ///< of the entry; meaningless for the first stay

    friend bool operator==(stay const&, stay const&) = default;
};

/// The times of one customer in one stage.
struct stage_times {
    int entries = 0;
    day_number first_entered = no_day;
    day_number last_entered = no_day;
    day_number last_left = no_day;  ///< no_day: never left, or there now
    int latest_days = 0;            ///< of the latest stay
    int cumulative_days = 0;        ///< of all stays
};

/// One customer's path.
struct stage_history {
    std::vector<stay> stays;  ///< oldest first; the last one is the present stage
    std::array<stage_times, stage_count> by_stage{};
    patron::stage highest = stage::prospect;

    friend bool operator==(stage_history const& a, stage_history const& b) { return a.stays == b.stays; }
};

/// A change of stage as the book keeps it.
struct stage_change {
    day_number on = no_day;
    patron::stage from{};
    patron::stage to{};
    relationship::event cause{};

    friend bool operator==(stage_change const&, stage_change const&) = default;
};

/// The path from its changes, oldest first. `known_since`: the first fact; `until`: the day to count to.
/// Complexity: linear.
[[nodiscard]] PATRON_API stage_history make_history(std::span<stage_change const> changes, day_number known_since,
                                                    day_number until);

/// Transitions of many customers: a Markov view, ageing, funnel and cohorts.
struct stage_flows {
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{};  ///< [from][to]
    std::array<std::uint64_t, stage_count> present{};                               ///< customers now in the stage
    std::array<std::uint64_t, stage_count> ever{};          ///< customers that were ever in it: the funnel
    std::array<std::uint64_t, stage_count> days{};          ///< spent in it by all
    std::array<std::uint64_t, stage_count> present_days{};  ///< spent by those who are there now: ageing

    /// Customers first known in a month, by where they stand now.
    struct cohort {
        period month;
        std::array<std::uint64_t, stage_count> present{};
    };
    std::vector<cohort> cohorts;  ///< by month

    /// Counts one customer in.
    PATRON_API void add(stage_history const& history);
    /// Of the transitions out of `from`, the part that leads to `to`, in millionths; 0 when there were none.
    [[nodiscard]] PATRON_API std::int32_t rate(stage from, stage to) const noexcept;
};

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/history.ipp>
#endif
