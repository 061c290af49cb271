/// What to do at each stage, as data, ranked for one customer (REL-8).
#pragma once
#include <patron/base/id.hpp>
#include <patron/base/text.hpp>
#include <patron/lifecycle/assessment.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1::lifecycle {

/// A recommended action.
struct action {
    std::string_view code;  ///< stable, e.g. "find_key_people"
    text what;
};

/// The playbook of a stage.
struct playbook {
    patron::stage stage;
    text standing;  ///< what we are to the customer
    text drivers;   ///< what drives the relationship there
    text goal;
    std::span<action const> actions;  ///< in the order in which they are worth doing, all else equal
};

[[nodiscard]] PATRON_API playbook const& playbook_of(stage s) noexcept;

/// An action recommended to one customer, with its rank's reason.
struct advice {
    std::string_view code;
    text what;
    text why;
    std::int32_t urgency = 0;  ///< thousandths; what answers to evidence comes before what the stage recommends

    friend bool operator==(advice const&, advice const&) = default;
};

/// What to do next with the customer, most urgent first, at most ten. Pure; texts are static.
[[nodiscard]] PATRON_API std::vector<advice> next_actions(customer_view view, assessment const& a,
                                                          lifecycle_rules const& rules);

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/playbook.ipp>
#endif
