/// The vocabulary of facts: what a supplier's systems can tell patron about a customer.
///
/// Each fact is a plain struct, described once; JSON, CSV, the fact log and every later format are
/// derived from that description. A member that is `std::optional` (or a list) may be left out of a
/// feed, any other is required. `ref` is the source's own reference and makes the fact idempotent
/// (BASE-5); left empty, the feed derives one from content and position. `at` is when it happened.
#pragma once
#include <patron/fact/fields.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <vector>

namespace patron::inline v1 {

#define PATRON_ENUM(NAME, ...)                        \
    enum class NAME : std::uint8_t { __VA_ARGS__ };   \
    BOOST_DESCRIBE_ENUM(NAME, __VA_ARGS__)

PATRON_ENUM(customer_kind, distributor, retailer, key_account, end_user, group)
PATRON_ENUM(rebate_basis, ordered, delivered, invoiced, paid)
PATRON_ENUM(rebate_method, incremental, retroactive, rolling, total)
PATRON_ENUM(rebate_measure, value, quantity)
PATRON_ENUM(rebate_scope, own, members)
PATRON_ENUM(settlement_kind, partial, final_)
PATRON_ENUM(agreement_kind, supply, strategic, exclusive)
PATRON_ENUM(breach_rule, price, territory, promotion, outlet, payment, exclusivity)
PATRON_ENUM(party, us, them)
PATRON_ENUM(hold_step, order, change, reopen, delivery)
// How a group's limit goes with its members' own: all members together stay within it; what a member needs beyond its
// own is taken from it; it stands for the own limit of a member that has none.
PATRON_ENUM(pool_mode, shared, own_plus_pool, default_only)
PATRON_ENUM(promotion_goal, silver, gold, diamond)

#undef PATRON_ENUM

/// One line of an order or a return.
struct order_line {
    std::string product;
    unit_quantity quantity;
    money price;  ///< per unit
    friend bool operator==(order_line const&, order_line const&) = default;
};
BOOST_DESCRIBE_STRUCT(order_line, (), (product, quantity, price))

/// One band of a rebate agreement.
struct rebate_band {
    band_edge from;
    band_rate rate;
    friend bool operator==(rebate_band const&, rebate_band const&) = default;
};
BOOST_DESCRIBE_STRUCT(rebate_band, (), (from, rate))

/// The part of a limit that counts in a calendar month.
struct limit_season {
    ranged<1, 12> month;
    ranged<0, 1000> percent;
    friend bool operator==(limit_season const&, limit_season const&) = default;
};
BOOST_DESCRIBE_STRUCT(limit_season, (), (month, percent))

/// One rule of a check that spoke against an order.
struct hold_reason {
    std::string rule;
    std::string said;  ///< in words
    friend bool operator==(hold_reason const&, hold_reason const&) = default;
};
BOOST_DESCRIBE_STRUCT(hold_reason, (), (rule, said))

/// One field of the fact that a correction mends, with its new text.
struct field_change {
    std::string field;
    std::string value;
    friend bool operator==(field_change const&, field_change const&) = default;
};
BOOST_DESCRIBE_STRUCT(field_change, (), (field, value))

// The first three members of a customer's fact; facts of the whole book have no customer.
#define PATRON_FACT_HEAD    \
    std::string ref;        \
    moment at;              \
    std::string customer;

/// The customer is known to us, or what we know of it has changed.
struct customer_enrolled {
    PATRON_FACT_HEAD
    std::string name;
    std::optional<customer_kind> kind{};
    std::optional<std::string> parent{};  ///< code of the group it belongs to
    std::optional<std::string> region{};
    std::optional<std::string> territory{};
    std::optional<std::string> owner{};  ///< who on our side is responsible
    std::optional<patron::currency> currency{};
    std::optional<ranged<0, 3650>> terms_days{};
    std::optional<std::string> channel{};
    friend bool operator==(customer_enrolled const&, customer_enrolled const&) = default;
};
BOOST_DESCRIBE_STRUCT(customer_enrolled, (),
                      (ref, at, customer, name, kind, parent, region, territory, owner, currency, terms_days, channel))

/// All that the customer purchased in our category in a month, from us and from others.
struct wallet_stated {
    PATRON_FACT_HEAD
    patron::period period;
    money amount;
    std::optional<std::string> source{};
    friend bool operator==(wallet_stated const&, wallet_stated const&) = default;
};
BOOST_DESCRIBE_STRUCT(wallet_stated, (), (ref, at, customer, period, amount, source))

struct order_placed {
    PATRON_FACT_HEAD
    std::string order;
    money amount;
    std::vector<order_line> lines{};
    std::optional<money> cost{};             ///< what supplying it costs us
    std::optional<bool> delegated{};         ///< true when the customer left the choice to our representative
    std::optional<std::string> quotation{};  ///< that it takes up, as far as it goes; the rest stays open
    std::optional<day> delivery_date{};      ///< requested by the customer
    std::optional<decimal> rate{};           ///< of another currency than the customer's; that of the day when left out
    friend bool operator==(order_placed const&, order_placed const&) = default;
};
BOOST_DESCRIBE_STRUCT(order_placed, (),
                      (ref, at, customer, order, amount, lines, cost, delegated, quotation, delivery_date, rate))

/// The rest of an order, or `amount` of it, will not be supplied.
struct order_cancelled {
    PATRON_FACT_HEAD
    std::string order;
    std::optional<money> amount{};
    friend bool operator==(order_cancelled const&, order_cancelled const&) = default;
};
BOOST_DESCRIBE_STRUCT(order_cancelled, (), (ref, at, customer, order, amount))

struct order_reopened {
    PATRON_FACT_HEAD
    std::string order;
    std::optional<money> amount{};
    friend bool operator==(order_reopened const&, order_reopened const&) = default;
};
BOOST_DESCRIBE_STRUCT(order_reopened, (), (ref, at, customer, order, amount))

struct goods_delivered {
    PATRON_FACT_HEAD
    std::string order;
    std::optional<money> amount{};
    friend bool operator==(goods_delivered const&, goods_delivered const&) = default;
};
BOOST_DESCRIBE_STRUCT(goods_delivered, (), (ref, at, customer, order, amount))

/// Counts against purchases and rebates; exposure moves by the credit note that follows.
struct goods_returned {
    PATRON_FACT_HEAD
    money amount;
    std::optional<std::string> order{};
    std::vector<order_line> lines{};
    std::optional<decimal> rate{};  ///< as of an order
    friend bool operator==(goods_returned const&, goods_returned const&) = default;
};
BOOST_DESCRIBE_STRUCT(goods_returned, (), (ref, at, customer, amount, order, lines, rate))

struct invoice_issued {
    PATRON_FACT_HEAD
    std::string invoice;
    money amount;
    day due;
    std::optional<std::string> order{};
    std::optional<decimal> rate{};  ///< as of an order
    friend bool operator==(invoice_issued const&, invoice_issued const&) = default;
};
BOOST_DESCRIBE_STRUCT(invoice_issued, (), (ref, at, customer, invoice, amount, due, order, rate))

/// Without an invoice it settles the oldest open items; the rest is an unallocated receipt.
struct payment_received {
    PATRON_FACT_HEAD
    money amount;
    std::optional<std::string> invoice{};
    std::optional<decimal> rate{};  ///< as of an order
    friend bool operator==(payment_received const&, payment_received const&) = default;
};
BOOST_DESCRIBE_STRUCT(payment_received, (), (ref, at, customer, amount, invoice, rate))

struct credit_note_issued {
    PATRON_FACT_HEAD
    std::string invoice;
    money amount;
    friend bool operator==(credit_note_issued const&, credit_note_issued const&) = default;
};
BOOST_DESCRIBE_STRUCT(credit_note_issued, (), (ref, at, customer, invoice, amount))

struct invoice_disputed {
    PATRON_FACT_HEAD
    std::string invoice;
    friend bool operator==(invoice_disputed const&, invoice_disputed const&) = default;
};
BOOST_DESCRIBE_STRUCT(invoice_disputed, (), (ref, at, customer, invoice))

struct dispute_settled {
    PATRON_FACT_HEAD
    std::string invoice;
    friend bool operator==(dispute_settled const&, dispute_settled const&) = default;
};
BOOST_DESCRIBE_STRUCT(dispute_settled, (), (ref, at, customer, invoice))

/// The customer's limit from then on, whatever it was before.
struct limit_set {
    PATRON_FACT_HEAD
    limit_amount amount;
    std::optional<day> until{};
    std::optional<std::string> by{};
    std::optional<std::string> reason{};
    std::optional<money> per_document{};  ///< the most that one document may come to
    std::optional<pool_mode> mode{};      ///< of a group's limit; shared when left out
    std::vector<limit_season> seasons{};  ///< months that are not named count in full
    std::optional<day> review_on{};       ///< the day on which somebody is to look at it again
    friend bool operator==(limit_set const&, limit_set const&) = default;
};
BOOST_DESCRIBE_STRUCT(limit_set, (),
                      (ref, at, customer, amount, until, by, reason, per_document, mode, seasons, review_on))

struct temporary_limit_granted {
    PATRON_FACT_HEAD
    limit_amount amount;
    std::optional<day> until{};
    std::optional<std::string> by{};
    std::optional<std::string> reason{};
    friend bool operator==(temporary_limit_granted const&, temporary_limit_granted const&) = default;
};
BOOST_DESCRIBE_STRUCT(temporary_limit_granted, (), (ref, at, customer, amount, until, by, reason))

struct override_granted {
    PATRON_FACT_HEAD
    money amount;
    std::string by;
    std::string reason;
    day until;
    std::optional<std::string> order{};
    std::optional<ranged<0, 100>> tolerance_percent{};  ///< so much more passes, of the amount
    friend bool operator==(override_granted const&, override_granted const&) = default;
};
BOOST_DESCRIBE_STRUCT(override_granted, (), (ref, at, customer, amount, by, reason, until, order, tolerance_percent))

struct reservation_made {
    PATRON_FACT_HEAD
    std::string reservation;
    money amount;
    std::optional<day> until{};
    std::optional<std::string> order{};
    friend bool operator==(reservation_made const&, reservation_made const&) = default;
};
BOOST_DESCRIBE_STRUCT(reservation_made, (), (ref, at, customer, reservation, amount, until, order))

struct reservation_released {
    PATRON_FACT_HEAD
    std::string reservation;
    money amount;
    std::optional<day> until{};
    std::optional<std::string> order{};
    friend bool operator==(reservation_released const&, reservation_released const&) = default;
};
BOOST_DESCRIBE_STRUCT(reservation_released, (), (ref, at, customer, reservation, amount, until, order))

/// One unit of `from` is worth `rate` units of `to`, from `at` on.
struct rate_set {
    std::string ref;
    moment at;
    currency from;
    currency to;
    decimal rate;
    friend bool operator==(rate_set const&, rate_set const&) = default;
};
BOOST_DESCRIBE_STRUCT(rate_set, (), (ref, at, from, to, rate))

struct rebate_agreed {
    PATRON_FACT_HEAD
    std::string agreement;
    rebate_basis basis{};
    rebate_method method{};
    std::vector<rebate_band> bands{};  ///< at least one
    std::optional<day> from{};
    std::optional<day> until{};
    std::optional<std::string> product{};
    std::optional<rebate_measure> by{};
    std::optional<money> cap{};
    std::optional<money> minimum{};
    std::optional<rebate_scope> scope{};  ///< whose trade counts; nothing: the customer's own
    friend bool operator==(rebate_agreed const&, rebate_agreed const&) = default;
};
BOOST_DESCRIBE_STRUCT(rebate_agreed, (),
                      (ref, at, customer, agreement, basis, method, bands, from, until, product, by, cap, minimum,
                       scope))

struct rebate_settled {
    PATRON_FACT_HEAD
    std::string agreement;
    settlement_kind kind{};
    std::optional<money>
        amount{};  ///< what was paid out; of agreements whose accounts are worked out when they are read
    friend bool operator==(rebate_settled const&, rebate_settled const&) = default;
};
BOOST_DESCRIBE_STRUCT(rebate_settled, (), (ref, at, customer, agreement, kind, amount))

struct deposit_paid {
    PATRON_FACT_HEAD
    money amount;
    friend bool operator==(deposit_paid const&, deposit_paid const&) = default;
};
BOOST_DESCRIBE_STRUCT(deposit_paid, (), (ref, at, customer, amount))

struct deposit_refunded {
    PATRON_FACT_HEAD
    money amount;
    friend bool operator==(deposit_refunded const&, deposit_refunded const&) = default;
};
BOOST_DESCRIBE_STRUCT(deposit_refunded, (), (ref, at, customer, amount))

/// A month of the customer's own trade in a product (ARC-4), in units.
struct stock_reported {
    PATRON_FACT_HEAD
    patron::period period;
    std::string product;
    unit_quantity purchases;
    unit_quantity sales;
    unit_quantity closing;
    std::optional<unit_quantity> opening{};
    std::optional<decimal> adjustment{};
    friend bool operator==(stock_reported const&, stock_reported const&) = default;
};
BOOST_DESCRIBE_STRUCT(stock_reported, (),
                      (ref, at, customer, period, product, purchases, sales, closing, opening, adjustment))

struct resale_observed {
    PATRON_FACT_HEAD
    std::string product;
    money price;
    std::optional<std::string> territory{};
    friend bool operator==(resale_observed const&, resale_observed const&) = default;
};
BOOST_DESCRIBE_STRUCT(resale_observed, (), (ref, at, customer, product, price, territory))

struct supply_price_set {
    std::string ref;
    moment at;
    std::string product;
    std::string channel;
    money price;
    std::optional<money> floor{};
    friend bool operator==(supply_price_set const&, supply_price_set const&) = default;
};
BOOST_DESCRIBE_STRUCT(supply_price_set, (), (ref, at, product, channel, price, floor))

struct contact_added {
    PATRON_FACT_HEAD
    std::string person;
    std::string role;
    std::optional<std::string> department{};
    std::optional<std::string> level{};
    std::optional<proportion> weight{};     ///< the person's weight in the decision
    std::optional<std::string> known_by{};  ///< who on our side knows the person
    friend bool operator==(contact_added const&, contact_added const&) = default;
};
BOOST_DESCRIBE_STRUCT(contact_added, (), (ref, at, customer, person, role, department, level, weight, known_by))

struct contact_left {
    PATRON_FACT_HEAD
    std::string person;
    friend bool operator==(contact_left const&, contact_left const&) = default;
};
BOOST_DESCRIBE_STRUCT(contact_left, (), (ref, at, customer, person))

struct visit_made {
    PATRON_FACT_HEAD
    std::string by;
    std::optional<std::string> person{};
    std::optional<std::string> purpose{};
    std::optional<std::string> level{};
    std::optional<std::string> result{};
    friend bool operator==(visit_made const&, visit_made const&) = default;
};
BOOST_DESCRIBE_STRUCT(visit_made, (), (ref, at, customer, by, person, purpose, level, result))

struct survey_answered {
    PATRON_FACT_HEAD
    std::string aspect;
    survey_mark perceived;
    survey_mark expected;
    friend bool operator==(survey_answered const&, survey_answered const&) = default;
};
BOOST_DESCRIBE_STRUCT(survey_answered, (), (ref, at, customer, aspect, perceived, expected))

struct complaint_raised {
    PATRON_FACT_HEAD
    std::string complaint;
    patron::severity severity;
    std::optional<std::string> subject{};
    std::optional<std::string> end_customer{};
    friend bool operator==(complaint_raised const&, complaint_raised const&) = default;
};
BOOST_DESCRIBE_STRUCT(complaint_raised, (), (ref, at, customer, complaint, severity, subject, end_customer))

struct complaint_acknowledged {
    PATRON_FACT_HEAD
    std::string complaint;
    friend bool operator==(complaint_acknowledged const&, complaint_acknowledged const&) = default;
};
BOOST_DESCRIBE_STRUCT(complaint_acknowledged, (), (ref, at, customer, complaint))

struct complaint_acted {
    PATRON_FACT_HEAD
    std::string complaint;
    friend bool operator==(complaint_acted const&, complaint_acted const&) = default;
};
BOOST_DESCRIBE_STRUCT(complaint_acted, (), (ref, at, customer, complaint))

struct complaint_confirmed {
    PATRON_FACT_HEAD
    std::string complaint;
    friend bool operator==(complaint_confirmed const&, complaint_confirmed const&) = default;
};
BOOST_DESCRIBE_STRUCT(complaint_confirmed, (), (ref, at, customer, complaint))

struct complaint_reopened {
    PATRON_FACT_HEAD
    std::string complaint;
    friend bool operator==(complaint_reopened const&, complaint_reopened const&) = default;
};
BOOST_DESCRIBE_STRUCT(complaint_reopened, (), (ref, at, customer, complaint))

struct opening_spotted {
    PATRON_FACT_HEAD
    std::string kind;
    std::optional<day> until{};
    friend bool operator==(opening_spotted const&, opening_spotted const&) = default;
};
BOOST_DESCRIBE_STRUCT(opening_spotted, (), (ref, at, customer, kind, until))

struct agreement_signed {
    PATRON_FACT_HEAD
    std::string agreement;
    std::optional<agreement_kind> kind{};  ///< supply when left out
    std::optional<day> until{};            ///< the last day in force; open-ended when left out
    std::optional<std::string> territory{};
    friend bool operator==(agreement_signed const&, agreement_signed const&) = default;
};
BOOST_DESCRIBE_STRUCT(agreement_signed, (), (ref, at, customer, agreement, kind, until, territory))

struct agreement_ended {
    PATRON_FACT_HEAD
    std::string agreement;
    std::optional<agreement_kind> kind{};
    std::optional<day> until{};
    std::optional<std::string> territory{};
    friend bool operator==(agreement_ended const&, agreement_ended const&) = default;
};
BOOST_DESCRIBE_STRUCT(agreement_ended, (), (ref, at, customer, agreement, kind, until, territory))

struct competitor_observed {
    PATRON_FACT_HEAD
    std::string competitor;
    std::optional<proportion> strength{};
    friend bool operator==(competitor_observed const&, competitor_observed const&) = default;
};
BOOST_DESCRIBE_STRUCT(competitor_observed, (), (ref, at, customer, competitor, strength))

struct breach_reported {
    PATRON_FACT_HEAD
    breach_rule rule{};
    patron::severity severity;
    std::optional<std::string> evidence{};
    friend bool operator==(breach_reported const&, breach_reported const&) = default;
};
BOOST_DESCRIBE_STRUCT(breach_reported, (), (ref, at, customer, rule, severity, evidence))

struct advice_given {
    PATRON_FACT_HEAD
    std::string by;
    std::optional<std::string> result{};
    friend bool operator==(advice_given const&, advice_given const&) = default;
};
BOOST_DESCRIBE_STRUCT(advice_given, (), (ref, at, customer, by, result))

struct advice_taken {
    PATRON_FACT_HEAD
    std::string by;
    std::optional<std::string> result{};
    friend bool operator==(advice_taken const&, advice_taken const&) = default;
};
BOOST_DESCRIBE_STRUCT(advice_taken, (), (ref, at, customer, by, result))

struct gift_registered {
    PATRON_FACT_HEAD
    money amount;
    std::string kind;
    std::optional<std::string> person{};
    friend bool operator==(gift_registered const&, gift_registered const&) = default;
};
BOOST_DESCRIBE_STRUCT(gift_registered, (), (ref, at, customer, amount, kind, person))

struct development_step {
    PATRON_FACT_HEAD
    std::string to;
    std::optional<std::string> evidence{};
    friend bool operator==(development_step const&, development_step const&) = default;
};
BOOST_DESCRIBE_STRUCT(development_step, (), (ref, at, customer, to, evidence))

struct obstacle_found {
    PATRON_FACT_HEAD
    std::string obstacle;
    std::optional<bool> blocking{};
    friend bool operator==(obstacle_found const&, obstacle_found const&) = default;
};
BOOST_DESCRIBE_STRUCT(obstacle_found, (), (ref, at, customer, obstacle, blocking))

struct obstacle_removed {
    PATRON_FACT_HEAD
    std::string obstacle;
    std::optional<bool> blocking{};
    friend bool operator==(obstacle_removed const&, obstacle_removed const&) = default;
};
BOOST_DESCRIBE_STRUCT(obstacle_removed, (), (ref, at, customer, obstacle, blocking))

struct relationship_ended {
    PATRON_FACT_HEAD
    party by{};
    std::string cause;
    friend bool operator==(relationship_ended const&, relationship_ended const&) = default;
};
BOOST_DESCRIBE_STRUCT(relationship_ended, (), (ref, at, customer, by, cause))

struct relationship_reopened {
    PATRON_FACT_HEAD
    std::optional<std::string> cause{};
    friend bool operator==(relationship_reopened const&, relationship_reopened const&) = default;
};
BOOST_DESCRIBE_STRUCT(relationship_reopened, (), (ref, at, customer, cause))

/// Closes the period and reviews the whole book.
struct review_held {
    std::string ref;
    moment at;
    patron::period period;
    friend bool operator==(review_held const&, review_held const&) = default;
};
BOOST_DESCRIBE_STRUCT(review_held, (), (ref, at, period))

/// Mends an earlier fact, in a closed period too (BASE-6). `customer` may be left out.
struct corrected {
    std::string ref;
    moment at;
    std::optional<std::string> customer{};
    std::string of;                       ///< the `ref` of the fact that it mends
    std::vector<field_change> changes{};  ///< at least one; in a feed, the fields themselves
    friend bool operator==(corrected const&, corrected const&) = default;
};
BOOST_DESCRIBE_STRUCT(corrected, (), (ref, at, customer, of, changes))

/// The host has fulfilled a reward that was granted. `effect` is its id, as decisions and rows have it (POW-1).
struct reward_fulfilled {
    PATRON_FACT_HEAD
    std::string effect;
    std::optional<std::string> by{};
    friend bool operator==(reward_fulfilled const&, reward_fulfilled const&) = default;
};
BOOST_DESCRIBE_STRUCT(reward_fulfilled, (), (ref, at, customer, effect, by))

struct reward_reversed {
    PATRON_FACT_HEAD
    std::string effect;
    std::string cause;
    friend bool operator==(reward_reversed const&, reward_reversed const&) = default;
};
BOOST_DESCRIBE_STRUCT(reward_reversed, (), (ref, at, customer, effect, cause))

/// The customer appeals against a sanction (POW-2).
struct sanction_appealed {
    PATRON_FACT_HEAD
    std::string effect;
    std::optional<std::string> cause{};
    friend bool operator==(sanction_appealed const&, sanction_appealed const&) = default;
};
BOOST_DESCRIBE_STRUCT(sanction_appealed, (), (ref, at, customer, effect, cause))

struct appeal_decided {
    PATRON_FACT_HEAD
    std::string effect;
    bool upheld = false;  ///< the sanction stands
    std::string by;
    friend bool operator==(appeal_decided const&, appeal_decided const&) = default;
};
BOOST_DESCRIBE_STRUCT(appeal_decided, (), (ref, at, customer, effect, upheld, by))

/// A sanction is dropped: it was wrong to impose it.
struct sanction_withdrawn {
    PATRON_FACT_HEAD
    std::string effect;
    std::string cause;
    std::optional<std::string> by{};
    friend bool operator==(sanction_withdrawn const&, sanction_withdrawn const&) = default;
};
BOOST_DESCRIBE_STRUCT(sanction_withdrawn, (), (ref, at, customer, effect, cause, by))

/// The person who may do so ends a sanction (POW-14).
struct sanction_lifted {
    PATRON_FACT_HEAD
    std::string effect;
    std::string by;
    friend bool operator==(sanction_lifted const&, sanction_lifted const&) = default;
};
BOOST_DESCRIBE_STRUCT(sanction_lifted, (), (ref, at, customer, effect, by))

/// The order waits: a check held it, or `by` holds it whatever a check says, and gives a `reason` (CRE-5). An override
/// that names the order releases it.
struct order_held {
    PATRON_FACT_HEAD
    std::string order;
    money amount;  ///< of the whole order
    std::optional<hold_step>
        step{};  ///< where it waits; when left out, for its delivery if it was placed, else as an order
    std::vector<hold_reason> reasons{};
    std::optional<day> until{};  ///< the last day on which it waits; without end when left out
    std::optional<std::string> by{};
    std::optional<std::string> reason{};
    std::optional<ranged<0, 3650>> terms_days{};  ///< that were asked for; the customer's own when left out
    std::optional<std::string> quotation{};       ///< that the order will take up
    std::optional<day> delivery_date{};           ///< requested
    friend bool operator==(order_held const&, order_held const&) = default;
};
BOOST_DESCRIBE_STRUCT(order_held, (),
                      (ref, at, customer, order, amount, step, reasons, until, by, reason, terms_days, quotation,
                       delivery_date))

/// The held order is turned down by the person who may do so (CRE-5).
struct hold_rejected {
    PATRON_FACT_HEAD
    std::string order;
    std::string by;
    std::string reason;
    friend bool operator==(hold_rejected const&, hold_rejected const&) = default;
};
BOOST_DESCRIBE_STRUCT(hold_rejected, (), (ref, at, customer, order, by, reason))

/// We have offered to supply for that amount, and are bound until the offer is ordered, withdrawn or past its last day.
struct quotation_made {
    PATRON_FACT_HEAD
    std::string quotation;
    money amount;
    std::optional<day> until{};  ///< the last day on which it binds; when left out, until it is ordered or withdrawn
    friend bool operator==(quotation_made const&, quotation_made const&) = default;
};
BOOST_DESCRIBE_STRUCT(quotation_made, (), (ref, at, customer, quotation, amount, until))

/// What is left of a quotation, or `amount` of it, is offered no more.
struct quotation_withdrawn {
    PATRON_FACT_HEAD
    std::string quotation;
    std::optional<money> amount{};
    friend bool operator==(quotation_withdrawn const&, quotation_withdrawn const&) = default;
};
BOOST_DESCRIBE_STRUCT(quotation_withdrawn, (), (ref, at, customer, quotation, amount))

/// Somebody else answers for what the customer owes, up to that amount.
struct guarantee_received {
    PATRON_FACT_HEAD
    std::string guarantee;
    money amount;
    std::optional<std::string> by{};  ///< who does: a bank, an insurer, a parent company
    std::optional<day> until{};       ///< the last day on which it may be drawn upon; without end when left out
    friend bool operator==(guarantee_received const&, guarantee_received const&) = default;
};
BOOST_DESCRIBE_STRUCT(guarantee_received, (), (ref, at, customer, guarantee, amount, by, until))

/// What is left of a guarantee, or `amount` of it, is given back.
struct guarantee_returned {
    PATRON_FACT_HEAD
    std::string guarantee;
    std::optional<money> amount{};
    friend bool operator==(guarantee_returned const&, guarantee_returned const&) = default;
};
BOOST_DESCRIBE_STRUCT(guarantee_returned, (), (ref, at, customer, guarantee, amount))
/// The dealer gets `amount` for each unit of the product that it sells on (POW-9): instead of what it got before.
struct dealer_support_set {
    PATRON_FACT_HEAD
    std::string product;
    money amount;
    std::optional<day> until{};  ///< the last day; without end when left out
    std::optional<std::string> by{};
    friend bool operator==(dealer_support_set const&, dealer_support_set const&) = default;
};
BOOST_DESCRIBE_STRUCT(dealer_support_set, (), (ref, at, customer, product, amount, until, by))

/// The customer and we agree on a tier as a goal (SEG-4): instead of the goal before.
struct promotion_planned {
    PATRON_FACT_HEAD
    promotion_goal tier{};
    day due;  ///< it is to be reached by the end of this day
    std::optional<std::string> by{};
    friend bool operator==(promotion_planned const&, promotion_planned const&) = default;
};
BOOST_DESCRIBE_STRUCT(promotion_planned, (), (ref, at, customer, tier, due, by))

/// A rebate agreement with each customer of a kind (POW-13).
struct rebate_offered {
    std::string ref;
    moment at;
    std::string agreement;
    customer_kind kind{};
    rebate_basis basis{};
    rebate_method method{};
    std::vector<rebate_band> bands{};  ///< at least one
    std::optional<day> from{};
    std::optional<day> until{};
    std::optional<std::string> product{};
    std::optional<rebate_measure> by{};
    std::optional<money> cap{};
    std::optional<money> minimum{};
    friend bool operator==(rebate_offered const&, rebate_offered const&) = default;
};
BOOST_DESCRIBE_STRUCT(rebate_offered, (),
                      (ref, at, agreement, kind, basis, method, bands, from, until, product, by, cap, minimum))

#undef PATRON_FACT_HEAD

}  // namespace patron::v1
