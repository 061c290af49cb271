/// What patron decided, and why, as data; text in two languages is made from it (BASE-4).
#pragma once
#include <patron/base/currency.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/profile.hpp>
#include <patron/lifecycle/assessment.hpp>
#include <patron/policy/reason.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A change of stage.
struct transition {
    day_number on = no_day;
    stage from{};
    stage to{};
    lifecycle::relationship::event event{};

    friend bool operator==(transition const&, transition const&) = default;
};

/// A reward or sanction that a decision gave, changed or ended.
struct decided_effect {
    std::string id;  ///< by which facts name it, see id_of
    effect_code code{};
    effect_step step{};                    ///< what it came to
    std::optional<std::int64_t> amount{};  ///< minor units of the customer's currency
    day_number since = no_day;
    day_number deadline = no_day;
    std::string rule;
    std::string target;

    friend bool operator==(decided_effect const&, decided_effect const&) = default;
};

/// A decision: what followed from a fact or a review, with every rule that mattered.
struct decision {
    std::string ref;  ///< of the fact that caused it, or "review YYYY-MM", or "agreement lapsed"
    moment at;
    std::string customer;
    std::optional<stage> from;  ///< with `to`: the stage changed
    std::optional<stage> to;
    std::string_view event;  ///< the machine's event
    std::vector<reason> why;
    std::string rulebook;  ///< the version it was made under
    std::vector<decided_effect> effects{};

    friend bool operator==(decision const&, decision const&) = default;
};

/// Whether it answers an event of the relationship, moved or not, or mends one; the others concern credit, rebates,
/// prices or powers.
[[nodiscard]] PATRON_API bool concerns_stage(decision const& d) noexcept;

/// The reasons behind the machine's answer to `event`, from the assessment that decided it.
[[nodiscard]] PATRON_API std::vector<reason> reasons_for(customer_state const& state, lifecycle::assessment const& a,
                                                         lifecycle::relationship::event event, stage to,
                                                         lifecycle::lifecycle_rules const& rules);

/// Appends the decision as one JSON object, in the form of `--decisions` (CONTRACT), without a line's end.
PATRON_API void append_json(std::string& out, decision const& d, currency in);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/decision.ipp>
#endif
