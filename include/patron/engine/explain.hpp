/// How a customer came to where it is, as data, and the same in words (BASE-4, ENG-4).
#pragma once
#include <patron/engine/decision.hpp>
#include <patron/engine/row.hpp>
#include <patron/lifecycle/playbook.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A stored fact, as an explanation lists it.
struct told_fact {
    std::string ref;
    moment at;
    std::string_view fact;   ///< its name, e.g. "order_placed"
    std::string details;     ///< its fields but `ref`, `at` and `customer`, as "order=O1 amount=10.00 CNY"
    bool corrected = false;  ///< a later correction changed it; `details` shows what is in effect
    std::string as_told{};   ///< when corrected: the details before the first correction
};

/// The story of one customer up to a day.
struct explanation {
    customer_row row;  ///< on that day
    std::string code;
    std::string name;
    day on{};
    std::vector<decision> decisions;  ///< changes of stage, and moves that a guard refused, oldest first
    std::vector<reason> present;      ///< what the latest review looked at, and what it would take
    lifecycle::expert_record expert;  ///< how far it trusts our representatives' judgement, and why (POW-11)
    std::vector<lifecycle::advice> next_actions;
    std::vector<told_fact> facts;  ///< all that are in effect in the order told, whatever they led to; then corrections
    std::uint64_t facts_later = 0;  ///< known, but later than the day
    std::string rulebook;
    std::shared_ptr<std::list<std::string>>
        texts{};  ///< what the views of the row's profile are of: it outlives the book
};

/// The story in words, several lines, UTF-8. Complexity: linear.
[[nodiscard]] PATRON_API std::string to_text(explanation const& e, language l);
/// The story as one JSON object.
[[nodiscard]] PATRON_API std::string to_json(explanation const& e);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/explain.ipp>
#endif
