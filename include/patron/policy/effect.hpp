/// What a policy proposes: an effect with its amount, its days, its way back and its reasons.
#pragma once
#include <patron/customer/effect_code.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/state.hpp>
#include <patron/policy/effect_fault.hpp>
#include <patron/policy/reason.hpp>

#include <boost/container/small_vector.hpp>
#include <boost/container/static_vector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::inline v1::policy {

/// Reasons of one effect: two of them take no memory of their own.
using reasons = boost::container::small_vector<reason, 2>;

/// How a sanction ends (POW-14); a reward needs none.
struct way_back {
    way_back_kind ends_when = way_back_kind::unstated;
    day_number review_on = no_day;  ///< when it is looked at again; not needed when permanent
    std::string person{};           ///< who may lift it, also before its last day; needed for named_person

    friend bool operator==(way_back const&, way_back const&) = default;
};

/// A proposal. A policy makes it, the resolver grants or refuses it; nothing has happened yet.
struct effect {
    effect_code code{};
    std::optional<std::int64_t> amount{};  ///< minor units of the customer's currency; nothing is not zero
    day_number since = no_day;             ///< the day that it is granted or imposed
    day_number deadline = no_day;          ///< of a reward: fulfilled by the end of this day
    day_number until = no_day;             ///< the last day on which it holds; no_day: open-ended
    std::optional<int> notice_days{};      ///< of a sanction, before it binds; nothing: as effect_rules say
    std::optional<int> appeal_days{};      ///< of a sanction, from its first day; nothing: as effect_rules say
    std::uint8_t severity = 0;             ///< of the breach that a sanction answers, 1 … 5; 0 for rewards
    std::string_view rule{};               ///< the rule that gives it; static storage or the rulebook's
    std::string target{};                  ///< the tier or territory that it is about
    policy::way_back way_back{};
    policy::reasons why{};

    friend bool operator==(effect const&, effect const&) = default;
};

using effect_faults = boost::container::static_vector<effect_fault, 16>;

/// Everything that the effect lacks, in the order of the enumeration; empty when it is complete.
/// Complexity: constant, no allocation.
[[nodiscard]] PATRON_API effect_faults validate(effect const& e) noexcept;

/// The effect as the book keeps it, still `proposed`: lifecycle::grant takes it from there.
[[nodiscard]] PATRON_API kept_effect to_keep(effect const& e);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/effect.ipp>
#endif
