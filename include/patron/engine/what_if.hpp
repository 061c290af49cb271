/// What if: one history under two rulebooks, and a candidate rulebook in the shadow of the live one (ENG-3).
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/machine/names.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// One customer under one rulebook.
struct customer_course {
    customer_row row;               ///< at the end, as `replay` prints it
    lifecycle::stage_history path;  ///< the stages on the way there, with the days spent in each
};

/// In what the two courses of a customer differ.
struct course_differences {
    bool stage = false;     ///< where it stands, or since when
    bool path = false;      ///< a stage on the way, its day or its cause
    bool share = false;     ///< the share of wallet, or what it rests on
    bool evidence = false;  ///< of decline, as it stands at the end
    bool rebates = false;   ///< an account, its volume or its balance
    bool credit = false;    ///< limit or exposure
    bool powers = false;    ///< tier, rung, an effect in force, or what was granted and imposed on the way

    [[nodiscard]] bool any() const noexcept {
        return stage || path || share || evidence || rebates || credit || powers;
    }

    friend bool operator==(course_differences const&, course_differences const&) = default;
};

struct compared_customer {
    customer_course a;
    customer_course b;
    course_differences differs;
};

/// The rebates of all customers of one currency, under one rulebook.
struct rebate_cost {
    currency in{};
    std::uint64_t agreements = 0;
    rebate_balance balance{};  ///< minor units of `in`

    friend bool operator==(rebate_cost const&, rebate_cost const&) = default;
};

/// What rewards cost in one currency, under one rulebook.
struct reward_cost {
    currency in{};
    std::int64_t rewarded = 0;  ///< minor units of `in`

    friend bool operator==(reward_cost const&, reward_cost const&) = default;
};

/// A whole book under one rulebook.
struct book_course {
    std::string rulebook;          ///< its version
    lifecycle::stage_flows flows;  ///< transitions, present and past stages, days in each
    std::array<std::uint64_t, machine::count_of<lifecycle::relationship::event>>
        changes{};                                           ///< of stage, by their cause
    std::uint64_t customers_with_evidence = 0;               ///< of decline, at the end
    std::uint64_t evidence_weight = 0;                       ///< of all of them, in thousandths
    std::vector<rebate_cost> rebates;                        ///< by the currencies' codes
    std::uint64_t rewards = 0;                               ///< granted on the way
    std::uint64_t sanctions = 0;                             ///< imposed on the way
    std::vector<reward_cost> reward_costs;                   ///< by the currencies' codes
    std::array<std::uint64_t, customer_tier_count> tiers{};  ///< customers by tier, at the end
};

/// Two books in sum.
struct book_comparison {
    std::uint64_t customers = 0;
    std::uint64_t differ = 0;  ///< in anything; the counts below are of the customers that differ in that
    std::uint64_t stage_differs = 0;
    std::uint64_t path_differs = 0;
    std::uint64_t share_differs = 0;
    std::uint64_t evidence_differs = 0;
    std::uint64_t rebates_differ = 0;
    std::uint64_t credit_differs = 0;
    std::uint64_t powers_differ = 0;
    std::array<std::array<std::uint64_t, stage_count>, stage_count>
        stages{};  ///< customers at the end, [under a][under b]
    book_course a;
    book_course b;
};

/// Takes the customers one by one; false ends the handing out, not the comparison.
using comparison_visitor = std::function<bool(compared_customer const&)>;

/// Sets two books beside each other that were fed the same facts, and hands every customer to `each`, by code.
///
/// Credit that would have been refused is not compared: a history tells of no checks.
/// Errors:     errc::unknown_customer for a customer that is in one book only: they were not fed the same facts;
///             errc::amount_overflow where the rebates of one currency do not add up in 64 bits. What was handed out before
///             stands.
/// Complexity: linear in the customers, and in the stages, evidence and agreements of each.
[[nodiscard]] PATRON_API result<book_comparison> compare(engine const& a, engine const& b,
                                                         comparison_visitor const& each = {});

/// What became of a batch under each rulebook.
struct what_if_outcome {
    batch_outcome a;
    batch_outcome b;
};

/// One history under two rulebooks: two books that are fed the same facts, each fact read and decoded once.
///
///     what_if both{{}, live_rules, candidate_rules};
///     both.apply(rows);
///     both.advance_to(on);
///     auto const sum = both.compare();
///
/// A fact may be refused under one rulebook alone: who has ended by silence cannot be ended again.
/// Thread safety: as `engine`.
class what_if {
public:
    /// `common` is what both books share; its own rules do not matter. Where `b` has a day of its own, `a` is in force in
    /// its book until then.
    PATRON_API what_if(engine_options common, house_rules const& a, house_rules b);

    /// Applies the rows to both books. With `stop_on_error` nothing behind the first row that either refuses is looked at.
    PATRON_API what_if_outcome apply(std::span<received> rows, batch_options how = {});
    /// Brings both books to the end of that day; each with its own decisions, when they are recorded.
    PATRON_API std::pair<std::vector<decision>, std::vector<decision>> advance_to(day on, unsigned threads = 1);

    [[nodiscard]] engine const& a() const noexcept { return a_; }
    [[nodiscard]] engine const& b() const noexcept { return b_; }
    /// The day of the latest fact in effect in either book; nothing while both are empty.
    [[nodiscard]] PATRON_API std::optional<day> latest_day() const noexcept;
    /// `patron::compare` of the two.
    [[nodiscard]] result<book_comparison> compare(comparison_visitor const& each = {}) const {
        return patron::compare(a_, b_, each);
    }

private:
    engine a_;
    engine b_;
};

/// Where the candidate would have gone another way than the live rulebook: a change of stage that one of them alone
/// decides, or that each decides in its own way; or a fact that one of them alone refuses.
struct shadow_difference {
    std::string ref{};       ///< of the fact or review behind it; empty for a refused row
    std::string customer{};  ///< empty for a refused row
    std::optional<decision> live{};
    std::optional<decision> candidate{};
    std::optional<error> live_refused{};
    std::optional<error> candidate_refused{};
};

/// A candidate rulebook beside a live book: whatever the live book is told the candidate is told as well, and where they
/// decide differently it is recorded. The live book answers as it would alone.
///
/// Changes of stage are compared by customer, moment, event and target; reasons and rulebook versions are not.
/// Thread safety: as `engine`, for both books together.
class shadow_book {
public:
    /// Takes the differences in the order of their moments, customers and references within a call. May be empty.
    using sink = std::function<void(shadow_difference const&)>;

    /// Beside a live book that is still empty. The live book must outlive this. A candidate with a day of its own has the
    /// live rules until then.
    /// Errors: errc::impossible_now where the live book holds customers already, or records no decisions.
    [[nodiscard]] PATRON_API static result<shadow_book> beside(engine& live, house_rules candidate, sink differences);
    /// Beside a live book that was fed before; `candidate` was fed the same facts under its own rules.
    /// Errors: errc::impossible_now where either records no decisions, or their customers or days are not as many.
    [[nodiscard]] PATRON_API static result<shadow_book> beside(engine& live, engine candidate, sink differences);

    /// As the live book's: what it returns is the live book's own answer.
    PATRON_API result<apply_outcome> apply(fact const& f);
    PATRON_API batch_outcome apply(std::span<received> rows, batch_options how = {});
    PATRON_API std::vector<decision> advance_to(day on, unsigned threads = 1);

    [[nodiscard]] engine const& live() const noexcept { return *live_; }
    [[nodiscard]] engine const& candidate() const noexcept { return candidate_; }
    /// How many differences there were so far.
    [[nodiscard]] std::uint64_t differences() const noexcept { return count_; }

private:
    shadow_book(engine& live, engine candidate, sink differences)
        : live_{&live}, candidate_{std::move(candidate)}, sink_{std::move(differences)} {}

    void note(shadow_difference const& d);
    void note(std::vector<decision> const& live, std::vector<decision> const& candidate);
    void note(std::vector<error> const& live, std::vector<error> const& candidate);

    engine* live_;
    engine candidate_;
    sink sink_;
    std::uint64_t count_ = 0;
};

/// Appends the customer as one JSON object: {"customer", "differs": [what], "a", "b"}, each side with its "row" in the
/// form of `replay`, its "highest" stage, its "path" and the "days" in each stage.
PATRON_API void append_json(std::string& out, compared_customer const& c);
/// Appends one book as a JSON object: its "rulebook" and sums by stage, cause and currency.
PATRON_API void append_json(std::string& out, book_course const& b);
/// Appends the counts of customers that differ as a JSON object, and "stages": customers at the end, a's stage first.
PATRON_API void append_json(std::string& out, book_comparison const& sum);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/what_if.ipp>
#endif
