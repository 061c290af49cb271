/// Any fact of the vocabulary, and what is known of each kind at run time.
#pragma once
#include <patron/base/id.hpp>
#include <patron/fact/vocabulary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace patron::inline v1 {

// The one list of facts. Their order is their number in the fact log: new ones go to the end.
#define PATRON_FACTS(X)                                                                                     \
    X(customer_enrolled) X(wallet_stated) X(order_placed) X(order_cancelled) X(order_reopened)              \
    X(goods_delivered) X(goods_returned) X(invoice_issued) X(payment_received) X(credit_note_issued)        \
    X(invoice_disputed) X(dispute_settled) X(limit_set) X(temporary_limit_granted) X(override_granted)      \
    X(reservation_made) X(reservation_released) X(rate_set) X(rebate_agreed) X(rebate_settled)              \
    X(deposit_paid) X(deposit_refunded) X(stock_reported) X(resale_observed) X(supply_price_set)            \
    X(contact_added) X(contact_left) X(visit_made) X(survey_answered) X(complaint_raised)                   \
    X(complaint_acknowledged) X(complaint_acted) X(complaint_confirmed) X(complaint_reopened)               \
    X(opening_spotted) X(agreement_signed) X(agreement_ended) X(competitor_observed) X(breach_reported)     \
    X(advice_given) X(advice_taken) X(gift_registered) X(development_step) X(obstacle_found)                \
    X(obstacle_removed) X(relationship_ended) X(relationship_reopened) X(review_held) X(corrected)               \
    X(reward_fulfilled) X(reward_reversed) X(sanction_appealed) X(appeal_decided) X(sanction_withdrawn)     \
    X(sanction_lifted) X(order_held) X(hold_rejected) X(quotation_made) X(quotation_withdrawn)              \
    X(guarantee_received) X(guarantee_returned) X(dealer_support_set) X(promotion_planned) X(rebate_offered)

/// The number of a fact's kind, equal to its index in `fact`.
enum class fact_kind : std::uint8_t {
#define PATRON_FACT_KIND(NAME) NAME,
    PATRON_FACTS(PATRON_FACT_KIND)
#undef PATRON_FACT_KIND
};

namespace detail {
template <class First, class... Rest>
struct fact_variant {
    using type = std::variant<Rest...>;
};
#define PATRON_FACT_TYPE(NAME) , patron::NAME
using fact_variant_type = fact_variant<void PATRON_FACTS(PATRON_FACT_TYPE)>::type;
#undef PATRON_FACT_TYPE
}  // namespace detail

/// One fact of any kind.
using fact = detail::fact_variant_type;

inline constexpr std::size_t fact_kind_count = std::variant_size_v<fact>;

[[nodiscard]] inline fact_kind kind_of(fact const& f) noexcept { return static_cast<fact_kind>(f.index()); }

/// The name that feeds use, e.g. "order_placed".
[[nodiscard]] PATRON_API std::string_view name_of(fact_kind kind) noexcept;
/// The kind with that name. Complexity: one hash look-up.
[[nodiscard]] PATRON_API std::optional<fact_kind> fact_kind_of(std::string_view name) noexcept;
/// What the fact says, for people, e.g. "an order was placed" (BASE-9).
[[nodiscard]] PATRON_API std::string_view title_of(fact_kind kind, bool chinese) noexcept;
/// An empty fact of that kind, to be filled field by field.
[[nodiscard]] PATRON_API fact make_fact(fact_kind kind);

/// How a field's value is written: decides what JSON type it has and how text is read.
enum class field_shape : std::uint8_t {
    text,     ///< a name or free text
    money,    ///< a string such as "1200.00 CNY"
    number,   ///< a JSON number
    boolean,  ///< true or false
    string,   ///< a string with a form of its own: date, month, currency, enumeration, limit
    list,     ///< a list of records
};

/// One field of a fact (or of a record in a list), as its description has it.
struct field_info {
    std::string_view name;
    bool required;
    field_shape shape;
    std::span<field_info const> record;  ///< the fields of a list's records; empty otherwise
};

/// The fields of a kind in declaration order: `ref`, `at` and, where it has one, `customer` come first.
[[nodiscard]] PATRON_API std::span<field_info const> fields_of(fact_kind kind) noexcept;

/// How a value came: a field takes it only in a form that cannot have lost anything.
enum class text_origin : std::uint8_t {
    string,   ///< a JSON string
    number,   ///< a JSON number, as written
    boolean,  ///< a JSON boolean
    plain,    ///< a CSV cell or a correction: text whatever the type
};

/// Sets a scalar field from its text form. `field` is its index in `fields_of(kind_of(f))`.
/// Errors: errc::malformed, out_of_range, wrong_scale, unknown_currency, invalid_utf8, too_long,
///         with the field's name; the fact keeps its old value.
[[nodiscard]] PATRON_API result<void> assign(fact& f, std::size_t field, std::string_view value, text_origin origin);

/// Appends an empty record to a list field and returns how many it holds then.
/// Errors: errc::too_long beyond 10 000 records; errc::malformed when the field is no list.
[[nodiscard]] PATRON_API result<std::size_t> append_record(fact& f, std::size_t field);

/// Sets a field of the last record of a list. Errors: as `assign`.
[[nodiscard]] PATRON_API result<void> assign_in_record(fact& f, std::size_t field, std::size_t record_field,
                                                       std::string_view value, text_origin origin);

/// A field's value as text, in the form that `assign` reads; nothing when it was left out or is a list.
[[nodiscard]] PATRON_API std::optional<std::string> text_of(fact const& f, std::size_t field);
/// How many records a list field holds; 0 for other fields.
[[nodiscard]] PATRON_API std::size_t record_count(fact const& f, std::size_t field) noexcept;
/// A field of a record of a list, as text.
[[nodiscard]] PATRON_API std::optional<std::string> text_in_record(fact const& f, std::size_t field, std::size_t record,
                                                                   std::size_t record_field);

/// What every fact has. `customer` is empty for facts of the whole book.
struct fact_head {
    std::string_view ref;
    moment at;
    std::string_view customer;
};
[[nodiscard]] PATRON_API fact_head head_of(fact const& f) noexcept;
/// Gives the fact its reference.
PATRON_API void set_ref(fact& f, std::string_view ref);

/// Checks what types cannot: a reference and dates in range, amounts that are not negative, bands present.
/// Errors: errc::out_of_range, missing_field, invalid_utf8, too_long, with the field's name.
[[nodiscard]] PATRON_API result<void> validate(fact const& f);

/// Writes the fact as one line of the feed's JSON, without the line's end.
PATRON_API void append_json(std::string& out, fact const& f);
/// Appends `text` as a JSON string, quoted and escaped.
PATRON_API void append_json_string(std::string& out, std::string_view text);

/// Appends the fact's compact form: everything but its customer, which the log's chain knows.
PATRON_API void encode(std::string& out, fact const& f);
/// Reads back what `encode` wrote. `customer` is given to facts that have one.
/// Errors: errc::malformed on bytes that `encode` did not write; never reads beyond `bytes`.
[[nodiscard]] PATRON_API result<fact> decode(std::string_view bytes, std::string_view customer);
/// The reference of an encoded fact, without decoding it. Precondition: `encode` wrote the bytes.
[[nodiscard]] PATRON_API std::string_view encoded_ref(std::string_view bytes) noexcept;
/// Whether the bytes begin like an encoded fact; first bytes of 0x38 to 0x3F never do. Precondition: not empty.
[[nodiscard]] PATRON_API bool is_encoded_fact(std::string_view bytes) noexcept;
/// The kind of an encoded fact. Precondition: `is_encoded_fact(bytes)`.
[[nodiscard]] PATRON_API fact_kind encoded_kind(std::string_view bytes) noexcept;

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/fact/impl/fact.ipp>
#endif
