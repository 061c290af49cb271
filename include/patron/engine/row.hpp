/// One customer as the outside sees it: a row of `replay` (CONTRACT).
#pragma once
#include <patron/base/money.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/power_file.hpp>
#include <patron/customer/profile.hpp>
#include <patron/customer/rebate.hpp>
#include <patron/customer/stage.hpp>
#include <patron/customer/state.hpp>
#include <patron/customer/supply_rung.hpp>
#include <patron/customer/tier.hpp>
#include <patron/lifecycle/effect_life.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// Evidence of decline as a row shows it.
struct row_evidence {
    std::string_view kind;    ///< e.g. "missed_order"
    std::int32_t weight = 0;  ///< thousandths
    std::int32_t age_days = 0;
    std::string what;
};

/// A rebate agreement as a row shows it.
struct row_rebate {
    std::string agreement;
    rebate_basis basis{};
    rebate_method method{};
    rebate_measure measure{};
    rebate_volume volume{};    ///< what counts, less what was taken off
    rebate_balance balance{};  ///< minor units of the customer's currency
    bool is_final = false;     ///< settled for good
    /// Its volume or what that earns passes 64 bits, so that neither is told: volume and balance are zero here.
    bool is_out_of_range = false;
    bool is_of_members = false;                 ///< what the group's members trade counts, and what it trades itself
    std::optional<customer_kind> offered_to{};  ///< an offer to all customers of that kind
    /// Of members: who counts for nothing, since its amounts are in a currency that the agreement cannot be read in.
    std::vector<std::string> left_out{};
};

/// A customer at the end of the day that the book has been brought to.
struct customer_row {
    customer_profile profile;
    customer_state state;
    std::optional<day> since;  ///< entry into the stage
    std::vector<row_evidence> evidence;
    std::vector<row_rebate> rebates{};            ///< in the order in which they were agreed on
    std::optional<customer_tier> tier{};          ///< nothing where no powers are in force
    std::optional<supply_rung> supply{};          ///< the deterrent ladder; as `tier`
    std::optional<customer_tier> planned_tier{};  ///< agreed on as a goal, until it is reached or missed (SEG-4)
    std::optional<day> planned_by{};              ///< the last day of that plan
    std::vector<kept_effect> open_effects{};  ///< owed, under notice or appeal, in force; in the order of their grant
    /// How well we keep what we promised it, as far as effects are remembered; nothing where no powers are in force.
    std::optional<lifecycle::fulfilment> fulfilment{};
    power_totals powers{};
    /// The chance of no order in the quarter to come, in millionths; nothing where nobody said it (order_risk).
    std::optional<std::int32_t> risk_millionths{};

    /// The share of wallet, 0 … 1 in millionths; nothing when it is unknown.
    [[nodiscard]] std::optional<std::int32_t> share_millionths() const noexcept {
        if (state.share_millionths < 0) return std::nullopt;
        return state.share_millionths;
    }
    [[nodiscard]] money exposure() const noexcept { return {state.exposure, state.in}; }
    /// Limit less exposure, negative when overdrawn; nothing without a limit, or without bound.
    /// Where receipts beyond all debts carry it past 2^63 - 1 minor units, that many are available.
    [[nodiscard]] std::optional<money> available() const noexcept {
        if (!state.limit_is_set || state.limit_is_unlimited) return std::nullopt;
        std::int64_t rest = 0;
        if (__builtin_sub_overflow(state.limit, state.exposure, &rest)) rest = INT64_MAX;
        return money{rest, state.in};
    }
};

/// Appends the row as one JSON object, in the form of `replay --format jsonl`, without a line's end.
PATRON_API void append_json(std::string& out, customer_row const& row);
/// The header and the row of `replay --format csv`, without line ends.
PATRON_API void append_csv_header(std::string& out);
PATRON_API void append_csv(std::string& out, customer_row const& row);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/row.ipp>
#endif
