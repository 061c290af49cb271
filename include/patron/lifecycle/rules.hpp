/// Every number that the lifecycle uses, with its default; a rulebook fills the same structure.
#pragma once
#include <patron/base/rate.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace patron::inline v1::lifecycle {

/// Weights and thresholds of evidence are in thousandths: 1 000 is the weight that a decline of an
/// initial cooperation takes by default.
struct lifecycle_rules {
    std::string version = "default-1";  ///< named in every decision

    /// REL-2: when a stage is won, and when its share counts against it.
    struct {
        basis_points promote_share{5'000};  ///< promotes at or above
        basis_points keep_share{4'500};     ///< counts against the stage only below
        int window_months = 3;              ///< trailing; 1 … 6
        int consecutive_reviews = 2;        ///< how many in a row must say so
        int least_dwell_days = 28;          ///< in the present stage before it is promoted
    } promotion;

    /// REL-3: what an unknown share of wallet is replaced by.
    struct {
        int statement_valid_months = 12;   ///< an older wallet statement is no longer an estimate
        int least_purchase_days = 6;       ///< fewer are no history to judge by
        int least_tenure_days = 180;       ///< since the first order
        int gap_multiple = 2;              ///< the latest order is at most so many usual gaps ago
        basis_points least_volume{8'000};  ///< of the window, against the average before it
    } own_history;

    /// DOMAIN section 1: what a strategic partnership takes beside the agreement.
    struct {
        int executives = 1;   ///< contacts at an executive level, or a visit there within a year
        int departments = 2;  ///< in which we have contacts
        std::vector<std::string> executive_levels{"executive", "board",     "c_level", "ceo", "director",
                                                  "owner",     "president", "vp",      "top", "management_board"};
    } coverage;

    /// REL-4: evidence of decline.
    struct {
        std::int32_t confirms_initial = 1'000;
        std::int32_t confirms_stable = 1'500;
        std::int32_t confirms_strategic = 2'000;
        int fades_over_days = 180;  ///< an observation's weight falls to nothing, evenly

        int least_purchase_days = 3;  ///< fewer give no rhythm of its own
        int default_gap_days = 90;    ///< stands for the usual gap where there is none
        int least_gap_days = 7;       ///< a usual gap shorter than this is taken as this
        int late_from_gaps = 2;       ///< the order is missed from so many usual gaps on
        std::int32_t per_missed_gap = 500;
        std::int32_t most_for_rhythm = 2'000;
        basis_points late_chance{500};   ///< silences no rarer than this for the customer's own rhythm weigh nothing
        std::int32_t late_weight = 500;  ///< the most that one as rare as that weighs
        std::int32_t per_tenfold = 750;  ///< more for each tenth of that chance
        basis_points trend_chance{100};  ///< a fall or a rise is one when steady customers show the like so seldom
        std::int32_t falling_amounts = 500;
        std::int32_t narrowing_range = 500;
        std::int32_t slowing_payment = 500;

        int least_history_months = 6;            ///< before the window, to have an average to fall from
        basis_points volume_falls_below{7'000};  ///< of that average
        std::int32_t falling_volume = 500;
        basis_points volume_collapses_below{4'000};
        std::int32_t collapsed_volume = 1'000;

        std::int32_t per_review_below_share = 750;
        std::int32_t most_for_share = 1'500;

        std::array<int, 5> complaint_limit_days{60, 45, 30, 14, 7};  ///< by severity 1 … 5
        std::int32_t per_complaint_severity = 200;

        std::int32_t lost_contact = 500;
        std::int32_t lost_last_contact = 1'000;

        std::int32_t competitor_at_full_strength = 1'000;
        std::int32_t competitor_strength_unknown = 500;  ///< thousandths of full strength

        std::int32_t per_breach_severity = 200;

        int overdue_days = 30;  ///< past due: younger items are no sign yet
        int long_overdue_days = 90;
        std::int32_t overdue_item = 500;
        std::int32_t long_overdue_item = 1'000;

        basis_points share_of_strain{5'000};  ///< how much of the strain of sanctions counts (POW-3)
        int strain_fades_over_days = 365;     ///< to nothing, evenly
        std::int32_t most_for_strain = 1'000;
    } decline;

    /// REL-5: recovery.
    struct {
        basis_points evidence_at_most{5'000};  ///< of what confirmed the decline
        int orders_within_gaps = 2;            ///< the latest order is at most so many usual gaps ago
    } recovery;

    /// REL-6: a break found by silence: both must have passed.
    struct {
        int silent_days = 365;
        int silent_gaps = 4;
    } ending;

    /// POW-11: how far the customer trusts our representatives' judgement.
    struct {
        int window_months = 12;
        int trusted_from_taken = 2;              ///< advice
        basis_points trusted_from_share{5'000};  ///< of what was given
        int relied_on_from_orders = 2;
    } expert;
};

}  // namespace patron::v1::lifecycle
