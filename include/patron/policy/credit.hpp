/// The credit check: a plain picture of a customer and a request in, a verdict with every rule's own out (CRE-3, CRE-9).
#pragma once
#include <patron/customer/credit_file.hpp>
#include <patron/policy/credit_rules.hpp>
#include <patron/policy/reason.hpp>

#include <boost/container/small_vector.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// What counts until a day, and then no more by itself: a reservation, a quotation, a guarantee. Its amount is part of
/// that category of the exposure, and of a shared pool's use.
struct running_amount {
    std::int64_t amount = 0;
    day_number until = no_day;  ///< the last day; no_day: it does not run out

    friend bool operator==(running_amount const&, running_amount const&) = default;
};
using running_reservation = running_amount;

/// A limit above the customer.
struct group_pool {
    std::string_view group{};
    pool_mode mode = pool_mode::shared;
    credit_limit limit{};
    /// shared: the exposure of all members, this one included. own_plus_pool: what the others take from the pool. In minor
    /// units of this customer's credit currency. default_only: not looked at.
    std::int64_t used = 0;
    std::span<running_amount const> guarantees{};  ///< of the others, that run out: `used` grows by at most as much
};

/// What of an order is neither delivered nor invoiced, and to be delivered beyond the horizon.
struct later_order {
    std::int64_t open = 0;              ///< part of `credit_exposure::later_orders`
    day_number delivery_date = no_day;  ///< requested

    friend bool operator==(later_order const&, later_order const&) = default;
};

/// What a person has released: requests up to an amount, until a day.
struct credit_override {
    std::int64_t amount = 0;    ///< what is left of it, in minor units
    day_number until = no_day;  ///< the last day; an override always has one
    std::string_view order{};   ///< the only order that it is for; empty: any
    std::string_view by{};
    int tolerance_basis_points = 0;  ///< so much more passes, of the amount; beside what the rules allow, the higher

    friend bool operator==(credit_override const&, credit_override const&) = default;
};

/// All that a check looks at. A view: what spans and texts refer to outlives the check.
struct credit_picture {
    currency in{};
    day_number on = no_day;
    credit_exposure exposure{};
    std::span<open_item const>
        items{};  ///< what not_due, overdue and disputed consist of, as `append_open_items` gives them
    credit_limit limit{};
    std::span<temporary_limit const> temporary{};  ///< in force and to come
    std::int64_t limit_cut =
        0;  ///< what penalties take off the limit in force, if it is an amount; not negative (POW-2)
    std::span<group_pool const> groups{};  ///< from the parent upwards; at most 8
    std::span<running_reservation const> reservations{};
    std::span<running_amount const> quotations{};  ///< looked at where the rules count them
    std::span<running_amount const> guarantees{};  ///< when one runs out, less is taken off
    std::span<later_order const> later_orders{};   ///< what `credit_exposure::later_orders` consists of
    std::span<credit_override const> overrides{};
    int dunning_level = 0;  ///< as it stood; what the oldest item now makes of it is worked out
    patron::standing standing = standing::good;
    bool is_ended = false;                         ///< the relationship has ended
    std::int64_t orders = 0;                       ///< orders placed before this one
    std::optional<int> terms_days{};               ///< the customer's own; nothing: not known
    std::string_view risk_class{};                 ///< empty: not known
    std::optional<std::int64_t> document_limit{};  ///< the customer's own, beside that of the rules
    std::string_view held_by{};                    ///< who holds the order, or has turned it down; empty: nobody
    day_number held_until = no_day;                ///< the last day of that hold; no_day: without end
    bool is_rejected = false;                      ///< the order was turned down
    currency rate_missing{};  ///< a currency in which something is owed and for which no rate is known; own: none
};

/// What is asked for.
struct credit_request {
    std::int64_t amount = 0;  ///< of the whole document, in minor units of the credit currency
    credit_step step = credit_step::order;
    std::string_view order{};
    std::int64_t replaces =
        0;  ///< what of it the exposure counts already: the order before its change, its reservation, its quotation
    std::optional<int> terms_days{};  ///< nothing: the customer's own
    currency rate_missing{};  ///< the document's currency where no rate is known: the amount is then not looked at
    day_number delivery_date = no_day;           ///< requested; no_day: none
    day_number replaced_delivery_date = no_day;  ///< the same of what it replaces
    std::int64_t replaced_delivered = 0;         ///< of what it replaces, what has been delivered
};

/// One rule's answer.
struct credit_finding {
    reason why{};  ///< `why.rule` is the code; what it saw, its threshold, whether it was met
    credit_verdict outcome = credit_verdict::approve;  ///< what the rule alone asks for
    std::optional<std::int64_t>
        margin{};             ///< what is left up to the threshold, in the unit of the reason; negative: beyond
    bool overridden = false;  ///< a hold that an override has lifted

    friend bool operator==(credit_finding const&, credit_finding const&) = default;
};

/// What turns a hold or a refusal into an approval; doing it and nothing else is enough.
enum class clearance : std::uint8_t {
    payment,    ///< a receipt without an invoice, of the least amount that does
    reduction,  ///< the document cut to the largest amount that passes
    date,       ///< waiting until the first day on which it passes, if nothing else happens
    approval,   ///< an override of the least amount that does
    standing,   ///< the worst standing that passes
    rate,       ///< a rate of a currency: it may then still be held for its amount
};
[[nodiscard]] PATRON_API std::string_view name_of(clearance c) noexcept;

/// One way to clear it.
struct credit_clearance {
    clearance by = clearance::payment;
    std::int64_t amount = 0;               ///< payment, reduction, approval: minor units
    day_number on = no_day;                ///< date: that day; approval: its last day at the least
    patron::standing to = standing::good;  ///< standing
    currency of{};                         ///< rate

    friend bool operator==(credit_clearance const&, credit_clearance const&) = default;
};

/// What is left of a limit.
struct credit_room {
    limit_kind kind = limit_kind::not_set;
    std::int64_t amount = 0;  ///< negative where the limit is exceeded

    friend bool operator==(credit_room const&, credit_room const&) = default;
};

/// The answer to a check.
struct credit_answer {
    credit_verdict verdict = credit_verdict::approve;
    boost::container::small_vector<credit_finding, 18> rules{};
    std::int64_t exposure = 0;  ///< what counts, without the request
    credit_exposure by_category{};
    credit_room available{};                 ///< of the lowest of the limits, without the request
    std::vector<credit_clearance> clears{};  ///< for a hold or a refusal; empty where nothing above clears it

    friend bool operator==(credit_answer const&, credit_answer const&) = default;
};

/// Checks a request. Reads nothing but its arguments.
///
/// - A request that adds nothing to the exposure passes the limits, except at delivery, where the exposure itself must lie
///   within them. A change that adds nothing passes all but the rules of rates and terms.
/// - What is to be delivered beyond `credit_rules::horizon_days` adds nothing to the exposure before its delivery, but for
///   limits of groups.
/// - A receipt, for `clearance::payment`, settles open items in their order, as the engine does.
/// - An override turns holds into an approval for a request of at most its amount, never a refusal, and not where the
///   request's own amount is unknown. An order that a person holds needs one that names it.
///
/// Errors:     errc::out_of_range for a negative amount, a temporary limit or an override without a last day, more than
///             8 groups; errc::amount_overflow. The field names it.
/// Complexity: linear in the picture; a hold or a refusal some hundred times the cost of its rules more, for what clears it.
///             No allocation on the way to an approval with names of up to 15 bytes.
/// Precondition: `check(rules)` holds.
[[nodiscard]] PATRON_API result<credit_answer> check_credit(credit_picture const& picture,
                                                            credit_request const& request, credit_rules const& rules);

/// The exposure and the items after a receipt that names no invoice: how `clearance::payment` is meant.
/// Precondition: `amount` is not negative and fits on top of what is unallocated.
PATRON_API void receive(credit_exposure& exposure, std::span<open_item> items, std::int64_t amount,
                        day_number on) noexcept;

/// Appends the answer as one JSON object: verdict, rules, exposure, by_category, available, clears.
PATRON_API void append_json(std::string& out, credit_answer const& answer, currency in);
/// The same without the closing brace, for more members after it, each with a comma before.
PATRON_API void append_json_open(std::string& out, credit_answer const& answer, currency in);

/// The answer for people: the verdict, what speaks against it, what would clear it.
[[nodiscard]] PATRON_API std::string to_text(credit_answer const& answer, currency in, language l);

PATRON_API std::ostream& operator<<(std::ostream&, credit_clearance const&);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/credit.ipp>
#endif
