/// The pure core: one customer's state as a fold of its facts under a rulebook (BASE-3).
#pragma once
#include <patron/engine/decision.hpp>
#include <patron/fact/fact.hpp>
#include <patron/lifecycle/assessment.hpp>
#include <patron/lifecycle/history.hpp>
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/powers.hpp>
#include <patron/policy/resale.hpp>

#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// Who says when the book is reviewed.
enum class review_mode : std::uint8_t {
    monthly,  ///< each customer at each month's end that its facts, or `advance_to`, pass
    by_fact,  ///< only `review_held` facts do
};

/// The function by which a review assesses a customer; `lifecycle::assess` unless the embedder brings sources of its own.
using assessor =
    std::function<lifecycle::assessment(customer_view, lifecycle::lifecycle_rules const&, day_number, bool)>;

/// Rules that were in force before others.
struct earlier_rules {
    day_number until;  ///< the first day on which they are not any more
    lifecycle::lifecycle_rules const* rules;
    credit_rules const* credit;          ///< null: the default ones
    policy::powers const* powers;        ///< null: nothing is rewarded, penalised or graded
    policy::resale_rules const* resale;  ///< null: the default ones
};

/// Under what a fold runs. The references outlive it.
struct fold_rules {
    lifecycle::lifecycle_rules const& rules;
    review_mode reviews = review_mode::monthly;
    patron::assessor const* assessor = nullptr;  ///< null: lifecycle::assess
    credit_rules const* credit = nullptr;        ///< null: the default ones
    policy::powers const* powers = nullptr;      ///< null: nothing is rewarded, penalised or graded
    std::pmr::memory_resource* memory =
        std::pmr::get_default_resource();          ///< of records that a fold makes; outlives them
    policy::resale_rules const* resale = nullptr;  ///< null: the default ones
    policy::dealer_market market{};                ///< of the customer that is folded; its currency is not read
    std::span<earlier_rules const> earlier{};      ///< of the days before `rules` came into force, oldest first
    day_number until = no_day;                     ///< the first day on which others are in force; no_day: none is
};

/// What a fold reports while it runs.
struct fold_report {
    std::vector<lifecycle::stage_change> changes;  ///< oldest first
    std::vector<decision> decisions;               ///< only when wanted
    bool want_decisions = false;
    std::string_view customer;  ///< named in decisions

    void clear() noexcept {
        changes.clear();
        decisions.clear();
    }
};

/// One customer: the flat state and, once a fact needs them, the records.
struct folded_customer {
    customer_state state{};
    std::unique_ptr<customer_records> records{};
};

/// Takes one fact: first lets pass the months and lapses up to its day, then changes state and records.
///
/// `state` is the state to change, `records` the records, which are made when first needed and whose
/// ledger must be complete when `needs_ledger(f)`. On an error nothing but the report has changed.
/// An agreement on a rebate counts what is told from then on: whoever keeps earlier facts gathers their volumes first, as
/// the engine does. Reads nothing but its arguments. Facts of the whole book and corrections are not for it.
/// Errors: as engine::apply, but for references and closed periods, which the engine looks after.
[[nodiscard]] PATRON_API result<void> fold(fold_rules const& how, customer_state& state,
                                           std::unique_ptr<customer_records>& records, fact const& f,
                                           fold_report& report);

/// What falls due by a day, reckoned once for however many customers.
struct due_by {
    std::int32_t last_review;  ///< index of the latest period whose review is due
    day_number today;          ///< lapses up to it are due

    /// By the end of `to` when `inclusive`, else by its beginning for reviews.
    [[nodiscard]] PATRON_API static due_by the(day to, bool inclusive, review_mode reviews);
};

/// Lets pass what is due: reviews and lapses, in the order of their days.
PATRON_API void let_pass(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                         due_by to, fold_report& report);

/// Lets time pass up to `to`: holds the reviews of months that have ended (in monthly mode; a month that
/// ends on `to` counts when `inclusive`), and lets lapse what has run out by then.
inline void let_pass(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records, day to,
                     bool inclusive, fold_report& report) {
    let_pass(how, state, records, due_by::the(to, inclusive, how.reviews), report);
}

/// Holds the review of one period, and closes it.
PATRON_API void hold_review(fold_rules const& how, customer_state& state, std::unique_ptr<customer_records>& records,
                            period month, fold_report& report);

/// Whether the fact can only be judged with the ledger of orders and invoices at hand.
[[nodiscard]] PATRON_API bool needs_ledger(customer_state const& state, fact const& f) noexcept;

/// Enters an earlier order into a ledger that is being completed.
/// Precondition: the order was taken before.
PATRON_API void enter_order(ledger& into, customer_state const& state, order_placed const& order);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/fold.ipp>
#endif
