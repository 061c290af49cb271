/// The engine: facts in, decisions and every customer's stage out; the book of customers in memory (ENG-1, ENG-2).
#pragma once
#include <patron/engine/decision.hpp>
#include <patron/engine/explain.hpp>
#include <patron/engine/fold.hpp>
#include <patron/engine/house_rules.hpp>
#include <patron/engine/row.hpp>
#include <patron/fact/received.hpp>
#include <patron/lifecycle/history.hpp>
#include <patron/policy/credit.hpp>
#include <patron/policy/customer_facing.hpp>
#include <patron/policy/uniform_price.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

struct engine_options {
    house_rules rules{};
    review_mode reviews = review_mode::monthly;
    std::optional<day> as_of{};     ///< facts later than it are kept, but not yet in effect
    bool strict = false;            ///< true: an order from an unknown code is an error, not an enrolment
    bool record_decisions = false;  ///< true: outcomes carry the decisions, with their reasons
    patron::assessor assessor{};    ///< empty: lifecycle::assess
};

/// What a credit check is asked (CRE-3).
struct credit_query {
    money amount{};  ///< of the whole document, in the customer's currency or in any with a rate
    credit_step step = credit_step::order;
    std::string_view order{};            ///< the order's number, where it has one: a reservation for it counts for it
    std::string_view reservation{};      ///< one that was made for this very request, where there is one
    std::string_view quotation{};        ///< at quote: the one that is asked about; at order: that it takes up
    std::optional<int> terms_days{};     ///< nothing: the customer's own
    std::optional<day> delivery_date{};  ///< requested; nothing: that of an order that was placed, if it has one
    std::optional<day> on{};             ///< nothing: the day that the book has been brought to
};

/// What became of one fact.
enum class fate : std::uint8_t {
    applied,    ///< it took effect
    duplicate,  ///< the same reference with the same content came before: no effect
    kept,       ///< it is later than `as_of`: stored, not yet in effect
};

struct apply_outcome {
    patron::fate fate{};
    std::vector<decision> decisions;  ///< when recorded; reviews that the fact passed come first
};

/// What became of a batch.
struct batch_outcome {
    std::uint64_t read = 0;
    std::uint64_t applied = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t kept = 0;
    std::vector<error> rejected;      ///< in the order of the rows, each with its line
    std::vector<decision> decisions;  ///< when recorded, in the order of the rows that caused them
    bool stopped = false;             ///< on the first rejected row, when asked for
};

struct batch_options {
    unsigned threads = 1;
    bool stop_on_error = false;  ///< rows behind the first rejected one are not looked at; runs on one thread
};

namespace detail {
class keeper;
class restorer;
class told_book;
}  // namespace detail

/// A customer's rebate accounts as they stood at the end of a month.
struct rebates_of_month {
    period month{};
    std::vector<row_rebate> rebates{};  ///< as a row shows them
};

/// A book of customers, and what decides about them.
///
/// Facts of one customer take effect in the order in which they are applied; a fact that is refused
/// changes nothing. The same facts in the same order give the same book, whatever the batches, the
/// splits and the number of threads (BASE-3).
/// Thread safety: none but within `apply` of a batch, `advance_to` and readers among themselves.
class engine {
public:
    PATRON_API explicit engine(engine_options options = {});
    PATRON_API engine(engine&&) noexcept;
    PATRON_API engine& operator=(engine&&) noexcept;
    PATRON_API ~engine();

    /// Applies one fact.
    /// Errors: those of `validate`; errc::unknown_customer, conflicting_reference (BASE-5), closed_period
    ///         (BASE-6), impossible_now, unknown_reference, currency_mismatch, wrong_scale, amount_overflow.
    /// Complexity: amortised constant for orders; a correction folds its customer's facts again.
    PATRON_API result<apply_outcome> apply(fact const& f);

    /// Applies rows in order. Rows that are errors already, and those refused here, are reported and
    /// leave the others untouched (BASE-7). Customers are spread over the threads by slot.
    PATRON_API batch_outcome apply(std::span<received> rows, batch_options how = {});

    /// Brings every customer to the end of `on`: in monthly mode holds the reviews of the months that have
    /// ended, and lets lapse what has run out. Facts of those months are late from then on.
    PATRON_API std::vector<decision> advance_to(day on, unsigned threads = 1);

    /// Puts other rules in force: what is decided from now on names them. What was decided stays, and is explained
    /// and corrected under the rules of its day. Rules with a day of their own are in force from that day on, and those
    /// of now until then (`house_rules::after`); each fact and each review goes by the rules of its own day. At most
    /// 65 535 times in the life of a book.
    PATRON_API void change_rules(house_rules rules);

    /// How many customers the book holds.
    [[nodiscard]] PATRON_API std::size_t size() const noexcept;
    /// The day of the latest fact in effect; nothing in an empty book.
    [[nodiscard]] PATRON_API std::optional<day> latest_day() const noexcept;
    [[nodiscard]] PATRON_API engine_options const& options() const noexcept;

    /// One customer as `replay` prints it. Errors: errc::unknown_customer.
    ///
    /// Accounts of offers to a kind, and of agreements on what a group's members trade, are worked out here and wherever rows
    /// are handed out, from the facts of the customer and of all that were ever below it.
    /// Throws std::runtime_error where the store that holds those facts cannot be read.
    [[nodiscard]] PATRON_API result<customer_row> find(std::string_view code) const;
    /// The flat state. Errors: errc::unknown_customer.
    [[nodiscard]] PATRON_API result<customer_state> state_of(std::string_view code) const;
    /// What the customer may be shown of its rewards, sanctions, deposit and profit share on that day (POW-7); by default
    /// the one that the book has come to. Effects are as the book has them now. Errors: errc::unknown_customer.
    [[nodiscard]] PATRON_API result<policy::customer_facing> customer_facing(std::string_view code,
                                                                             std::optional<day> on = {}) const;
    /// Exposure by a full recount over the stored facts (CRE-2). Errors: errc::unknown_customer.
    [[nodiscard]] PATRON_API result<std::int64_t> recount_exposure(std::string_view code) const;

    /// Whether the customer may buy for that amount, with every rule's own answer and what would clear it (CRE-3, CRE-9).
    /// Nothing is reserved. What lapses or falls due by the day counts as it will stand then.
    ///
    /// Groups above the customer that have a limit share it with all below them (CRE-1); a change of the order's amount is
    /// checked by what it adds. Amounts in other currencies go by the latest rate_set of the day; without one the answer
    /// is a hold (CRE-10).
    ///
    /// Where the rules count quotations (`exposure_switches`), what an order takes of the one that it names is not counted
    /// twice, nor is a quotation that is asked about anew.
    /// Errors:     errc::unknown_customer, unknown_currency, amount_overflow; errc::impossible_now for groups that lead back
    ///             to the customer, and for a quotation at another step than quote and order; errc::unknown_reference for
    ///             an order of a quotation that was never made.
    /// Complexity: linear in the customer's orders and open items, and in the members of its groups.
    [[nodiscard]] PATRON_API result<credit_answer> check(std::string_view code, credit_query const& asked);

    /// Hands every customer, or those of a selection, to `each`, in the stated order; false ends it.
    /// The ordered indices are brought up to date when first read after a change.
    using row_visitor = std::function<bool(customer_row const&)>;
    PATRON_API void each_by_code(row_visitor const& each) const;
    PATRON_API void each_in_stage(stage s, row_visitor const& each) const;                   ///< by code
    PATRON_API void each_owned_by(std::string_view owner, row_visitor const& each) const;    ///< by code
    PATRON_API void each_in_region(std::string_view region, row_visitor const& each) const;  ///< by code
    PATRON_API void each_due_until(day until, row_visitor const& each) const;                ///< by due date, then code
    PATRON_API void each_by_credit_use(row_visitor const& each) const;  ///< highest first; only with a limit
    /// The flat state of every customer, in the order of slots: no row is made for it.
    PATRON_API void each_state(std::function<void(customer_state const&)> const& each) const;

    /// The stages the customer went through (REL-7). Errors: errc::unknown_customer.
    [[nodiscard]] PATRON_API result<lifecycle::stage_history> history(std::string_view code) const;
    /// Transitions of the whole book, with entries and times by stage.
    [[nodiscard]] PATRON_API lifecycle::stage_flows flows() const;

    /// The price list as it is known now (POW-6). It lives as long as the engine and changes with supply_price_set.
    [[nodiscard]] PATRON_API price_list const& prices() const noexcept;
    /// What customers bought by the lines of their orders in those months, both included, with the rebates that it earned
    /// until their end: one entry for each customer, product and channel, in that order. policy::compare_net_prices takes it.
    ///
    /// Orders cancelled as a whole are left out. The lines of an order in another currency than the customer's are worth
    /// what the rate of the order makes of them in the customer's. A line's value, and each agreement's part in it, is rounded once, half to
    /// even; the part is what the agreement pays in all, shared out over what counts for it, or over what was ordered under
    /// it where not all of that was delivered, invoiced or paid yet.
    /// Errors:     errc::wrong_scale for a quantity of more than six decimals; errc::amount_overflow.
    /// Complexity: linear in all facts of customers, for each of their agreements.
    [[nodiscard]] PATRON_API result<std::vector<policy::net_purchase>> net_purchases(period from, period until) const;

    /// The rebates that are offered to kinds of customers, as they are known now, in the order in which they were told
    /// (POW-13). They live until the next fact.
    [[nodiscard]] PATRON_API std::span<rebate_offered const> offers() const noexcept;

    /// The customer's rebate accounts at the end of each month in which something changed that they may rest on, up to the
    /// end of `until`: of the month that holds it, at the end of that day. Facts count in the order in which they were told,
    /// each month those of days up to its end, so that the last is what a row shows on that day (POW-13).
    /// Errors:     errc::unknown_customer. Empty where nothing was agreed on by then.
    /// Complexity: linear in the customer's facts, where they were told in the order of their days; else for each month.
    /// With an agreement on what a group's members trade, in the facts of all that were ever below it.
    [[nodiscard]] PATRON_API result<std::vector<rebates_of_month>> rebates_by_month(std::string_view code,
                                                                                    day until) const;

    /// How the customer came to where it was at the end of `on` (default: where it is), from the stored facts (ENG-4).
    /// Errors: errc::unknown_customer. Complexity: linear in the customer's facts.
    [[nodiscard]] PATRON_API result<explanation> explain(std::string_view code, std::optional<day> on = {}) const;

    /// The customer's facts that are in effect, as corrections have left them, in the order in which they were told.
    /// Errors: errc::unknown_customer. Complexity: linear in the customer's facts.
    [[nodiscard]] PATRON_API result<std::vector<fact>> facts_of(std::string_view code) const;

    /// Bytes held for customers, facts and indices, as far as the engine itself knows.
    [[nodiscard]] PATRON_API std::size_t bytes_held() const noexcept;

private:
    friend class detail::keeper;
    friend class detail::restorer;
    friend class detail::told_book;
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/engine.ipp>
#endif
