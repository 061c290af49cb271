#pragma once
#include <patron/lifecycle/history.hpp>

#include <algorithm>

namespace patron::inline v1::lifecycle {

PATRON_FN stage_history make_history(std::span<stage_change const> changes, day_number known_since, day_number until) {
    stage_history h;
    auto const first = changes.empty() ? stage::prospect : changes.front().from;
    h.stays.push_back({first, known_since, no_day, {}});
    for (auto const& change : changes) {
        h.stays.back().left = change.on;
        h.stays.push_back({change.to, change.on, no_day, change.cause});
    }
    for (auto const& s : h.stays) {
        auto& times = h.by_stage[static_cast<std::size_t>(s.stage)];
        ++times.entries;
        if (times.first_entered == no_day) times.first_entered = s.entered;
        times.last_entered = s.entered;
        times.last_left = s.left;
        auto const end = s.left == no_day ? until : s.left;
        times.latest_days = std::max(0, end - s.entered);
        times.cumulative_days += times.latest_days;
        if (s.stage <= stage::strategic) h.highest = std::max(h.highest, s.stage);
    }
    return h;
}

PATRON_FN void stage_flows::add(stage_history const& history) {
    std::array<bool, stage_count> seen{};
    for (std::size_t i = 0; i < history.stays.size(); ++i) {
        auto const here = static_cast<std::size_t>(history.stays[i].stage);
        seen[here] = true;
        if (i + 1 < history.stays.size()) ++transitions[here][static_cast<std::size_t>(history.stays[i + 1].stage)];
    }
    for (std::size_t s = 0; s < stage_count; ++s) {
        ever[s] += seen[s] ? 1 : 0;
        days[s] += static_cast<std::uint64_t>(history.by_stage[s].cumulative_days);
    }
    auto const now = static_cast<std::size_t>(history.stays.back().stage);
    ++present[now];
    present_days[now] += static_cast<std::uint64_t>(history.by_stage[now].latest_days);

    period const month{day_of(history.stays.front().entered)};
    auto at =
        std::lower_bound(cohorts.begin(), cohorts.end(), month, [](cohort const& c, period m) { return c.month < m; });
    if (at == cohorts.end() || at->month != month) at = cohorts.insert(at, {month, {}});
    ++at->present[now];
}

PATRON_FN std::int32_t stage_flows::rate(stage from, stage to) const noexcept {
    auto const& row = transitions[static_cast<std::size_t>(from)];
    std::uint64_t sum = 0;
    for (auto const count : row) sum += count;
    if (sum == 0) return 0;
    return static_cast<std::int32_t>(row[static_cast<std::size_t>(to)] * 1'000'000 / sum);
}

}  // namespace patron::v1::lifecycle
