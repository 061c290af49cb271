#pragma once
#include <patron/lifecycle/strain.hpp>

#include <algorithm>

namespace patron::inline v1::lifecycle {

PATRON_FN std::int32_t strain_of(std::span<kept_effect const> kept, day_number on, strain_rules const& rules) noexcept {
    __extension__ using wide = __int128;
    if (rules.fades_over_days <= 0) return 0;
    wide sum = 0;  // of thousandths times days left
    for (auto const& e : kept) {
        if (e.in_force_on == no_day || e.in_force_on > on || e.step == effect_step::withdrawn) continue;
        auto const left = rules.fades_over_days - (std::int64_t{on} - e.in_force_on);
        if (left > 0) sum += wide{rules.of[static_cast<std::size_t>(e.code)]} * left;
    }
    return static_cast<std::int32_t>(std::clamp<wide>(sum / rules.fades_over_days, 0, INT32_MAX));
}

PATRON_FN std::int32_t evidence_weight(std::int32_t strain, strain_rules const& rules) noexcept {
    auto const weight = std::int64_t{std::max(strain, 0)} * rules.share_of_evidence.count() / 10'000;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(weight, 0, std::max(rules.most_evidence, 0)));
}

}  // namespace patron::v1::lifecycle
