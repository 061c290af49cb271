#pragma once
// Figures that are estimates, as the commands about foresight print and read them.
#include "command.hpp"

#include <patron/insight/purchase_summary.hpp>

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace tool {

/// As JSON has it, to so many decimals: beyond those lies what differs between processors. Nothing where it is none.
inline std::string rounded_number(double value, int decimals) {
    if (!std::isfinite(value)) return "null";
    auto const scale = std::pow(10.0, decimals);
    return fmt::format("{}", std::round(value * scale) / scale + 0.0);  // no zero has a sign
}

/// The days of `--horizon N --unit UNIT`; ends the command where they are fewer than `least` or more than `most`.
inline int horizon_days(double horizon, std::string const& unit, int least, int most) {
    auto const days = std::round(horizon * patron::insight::days_in(patron::insight::time_unit_of(unit).value()));
    if (days >= least && days <= most) return static_cast<int>(days);
    auto const asked =
        unit == "day" ? fmt::format("{} days", horizon) : fmt::format("{} {}s are {} days", horizon, unit, days);
    throw stop{bad_input, fmt::format("--horizon: {}; give {} to {} days", asked, least, most)};
}

}  // namespace tool
