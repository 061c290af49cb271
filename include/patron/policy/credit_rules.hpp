/// Every number and choice of the credit check, with its default (CRE-1 to CRE-3, CRE-10).
#pragma once
#include <patron/customer/exposure.hpp>
#include <patron/customer/receivables.hpp>
#include <patron/lifecycle/standing.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// Where in a sale the question is asked.
enum class credit_step : std::uint8_t {
    quote,
    order,
    change,    ///< of an order: only what it adds is checked
    reopen,    ///< of an order that was cancelled: checked as if it were new
    delivery,  ///< of an order that counts already
    invoice,   ///< of what was delivered: never blocked, since that would only raise the risk
};

/// The rules of the check, in the order in which they answer.
enum class credit_rule : std::uint8_t {
    standing,        ///< refuses or holds by the standing, and cuts the limit (CRE-6)
    customer_ended,  ///< the relationship has ended
    exchange_rate,   ///< an amount cannot be told in the credit currency (CRE-10)
    credit_limit,    ///< exposure against the customer's own limit
    limit_expired,   ///< the own limit is past its last day
    group_limit,     ///< exposure against a limit of the group, one answer a level
    document_limit,  ///< the amount of one document
    oldest_item,     ///< days past due of the oldest item
    overdue_amount,  ///< what is overdue for long, in amount and in share
    dunning_level,
    payment_terms,  ///< terms better than the customer's own
    first_order,    ///< the amount of the first order
    risk_class,
    order_hold,    ///< a person holds the order, or has turned it down (CRE-5)
    limit_review,  ///< days past the day on which the own limit was to be reviewed
};
inline constexpr std::size_t credit_rule_count = 15;

/// The stable code, the enumerator's name.
[[nodiscard]] PATRON_API std::string_view name_of(credit_rule r) noexcept;
[[nodiscard]] PATRON_API std::string_view name_of(credit_step s) noexcept;
/// The rule of that name, or nothing.
[[nodiscard]] PATRON_API std::optional<credit_rule> credit_rule_of(std::string_view name) noexcept;

/// A set of rules.
class credit_rule_set {
public:
    constexpr credit_rule_set() noexcept = default;
    constexpr credit_rule_set(std::initializer_list<credit_rule> rules) noexcept {
        for (auto const r : rules) bits_ |= bit(r);
    }
    [[nodiscard]] static constexpr credit_rule_set all() noexcept {
        credit_rule_set s;
        s.bits_ = (1U << credit_rule_count) - 1;
        return s;
    }
    [[nodiscard]] constexpr bool has(credit_rule r) const noexcept { return (bits_ & bit(r)) != 0; }
    [[nodiscard]] constexpr credit_rule_set without(credit_rule r) const noexcept {
        auto s = *this;
        s.bits_ &= ~bit(r);
        return s;
    }
    [[nodiscard]] constexpr credit_rule_set with(credit_rule r) const noexcept {
        auto s = *this;
        s.bits_ |= bit(r);
        return s;
    }
    friend constexpr bool operator==(credit_rule_set, credit_rule_set) noexcept = default;

private:
    static constexpr std::uint32_t bit(credit_rule r) noexcept { return 1U << static_cast<unsigned>(r); }
    std::uint32_t bits_ = 0;
};

/// What the check says, from best to worst; the worst of all rules' is the answer.
enum class credit_verdict : std::uint8_t {
    approve,
    hold,    ///< a person may release it
    refuse,  ///< nobody may, as things stand
};
[[nodiscard]] PATRON_API std::string_view name_of(credit_verdict v) noexcept;

/// What a standing means to the check.
struct standing_effect {
    credit_verdict verdict = credit_verdict::approve;
    int limit_basis_points =
        10'000;  ///< of the own limit; below 10 000 the group's pool is closed; 0: no credit at all
};

/// A threshold that is not set (`std::nullopt`) is no threshold; zero is one (BASE-8). Amounts are in minor units of the
/// customer's credit currency.
struct credit_rules {
    std::string version = "default-1";  ///< named with the answer

    exposure_switches counts{};  ///< CRE-2: what counts against a limit
    /// CRE-3: an open order counts against the own limit when its delivery is requested for at most so many days from now,
    /// or for no day. Nothing: every one counts. A group's limit counts them all.
    std::optional<int> horizon_days{};

    /// CRE-3: which rules are asked at each step, from quote to delivery. Invoicing is never blocked.
    std::array<credit_rule_set, 5> asked{
        credit_rule_set{credit_rule::standing, credit_rule::customer_ended, credit_rule::exchange_rate,
                        credit_rule::credit_limit, credit_rule::limit_expired, credit_rule::group_limit,
                        credit_rule::document_limit, credit_rule::payment_terms, credit_rule::risk_class,
                        credit_rule::limit_review},
        credit_rule_set::all(), credit_rule_set::all(), credit_rule_set::all(),
        credit_rule_set::all().without(credit_rule::first_order)};

    /// The rules that refuse where they are not met; the others hold. What is unknown holds in any case.
    credit_rule_set refusing{};

    lifecycle::standing_rules standings{};  ///< CRE-6: when a standing is entered and left

    /// CRE-6: what a standing means, from good to blocked.
    std::array<standing_effect, 5> by_standing{{{credit_verdict::approve, 10'000},
                                                {credit_verdict::approve, 10'000},
                                                {credit_verdict::approve, 5'000},
                                                {credit_verdict::approve, 0},
                                                {credit_verdict::refuse, 0}}};

    std::optional<std::int64_t> document_limit{};  ///< the most that one document may come to
    std::optional<int> limit_review_days{};    ///< so many days past the review of the own limit, no more; nothing: any
    std::optional<int> oldest_item_days = 60;  ///< the oldest item may be so many days past due
    std::int64_t residue = 1'00;               ///< an item of at most this is not counted as overdue
    int overdue_days = 30;                     ///< `overdue_amount` counts items more than so many days past due
    std::optional<std::int64_t> overdue_amount = 100'00;  ///< such items may add up to this …
    int overdue_share_basis_points = 1'000;  ///< … or to this share of what is open beside disputed items and residues
    std::optional<int> dunning_level = 3;    ///< holds from this level on
    dunning_rules dunning{};
    std::optional<std::int64_t> first_order{};     ///< the most that a first order may come to
    std::vector<std::string> risk_classes_held{};  ///< when empty, the class is not looked at; else one unknown holds
    int override_tolerance_basis_points = 0;       ///< so much more than an override's amount passes, of that amount
    int reserve_days_ahead =
        31;  ///< CRE-4: a check that reserves is of a day at most so many after what the book knows
};

/// Errors: errc::out_of_range, with the field that no check could honour.
[[nodiscard]] PATRON_API result<void> check(credit_rules const& rules);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/credit_rules.ipp>
#endif
