/// What our own staff do and what comes of it: the base for their rewards (POW-12).
#pragma once
#include <patron/engine/engine.hpp>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1 {

/// One of our own in a span of days. Wins, saves and losses are those of the customers that were in this person's care on
/// the day; whoever has no owner is counted under an empty name.
struct staff_record {
    std::string owner;
    std::size_t customers = 0;          ///< in care at the span's end, ended ones left out
    std::size_t customers_visited = 0;  ///< of them, in the span, by whomever: coverage
    std::size_t visits = 0;             ///< made in the span by this person, to any customer
    std::size_t advice_given = 0;       ///< by this person
    std::size_t advice_taken = 0;       ///< of this person's
    std::size_t wins = 0;               ///< customers that came to a higher stage, beside saves
    std::size_t saves = 0;              ///< customers that left decline for a stage of cooperation
    std::size_t losses = 0;  ///< customers that fell into decline, or whose relationship ended from elsewhere
    std::size_t customers_with_overdue_complaints = 0;  ///< in care, at the span's end
    std::size_t late_rewards = 0;  ///< promised to customers in care, and late at the span's end (POW-1)

    friend bool operator==(staff_record const&, staff_record const&) = default;
};

/// Counts customer by customer. Thread safety: as a plain value.
class staff_activity {
public:
    /// Both days belong to the span.
    staff_activity(day from, day until) : from_{from}, until_{until} {}

    /// One customer: its facts in the order told, and its story up to the span's end.
    PATRON_API void add(std::span<fact const> facts, explanation const& story);

    /// By owner. Complexity: linear in the owners.
    [[nodiscard]] PATRON_API std::vector<staff_record> records() const;

private:
    staff_record& of(std::string_view owner);

    day from_;
    day until_;
    std::map<std::string, staff_record, std::less<>> by_owner_;
};

/// Of all customers of a book. Errors: errc::out_of_range when the span ends before it begins; those of explain.
/// Complexity: every customer's facts are folded again, some microseconds for each.
[[nodiscard]] PATRON_API result<std::vector<staff_record>> staff_activity_of(engine const& book, day from, day until);

/// One line of CSV for each, with a header line.
[[nodiscard]] PATRON_API std::string to_csv(std::span<staff_record const> records);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/staff_activity.ipp>
#endif
