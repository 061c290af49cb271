/// Why something was decided, as data; text in two languages is made from it (BASE-4).
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/text.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// The unit of the numbers in a reason.
enum class measure : std::uint8_t {
    none,    ///< the rule has no number
    share,   ///< millionths of a whole
    weight,  ///< thousandths of the weight that confirms a decline of an initial cooperation
    days,
    count,
    percent,
    amount,  ///< minor units of the customer's currency
};

/// Whether a rule was met.
enum class verdict : std::uint8_t { met, not_met, unknown };

[[nodiscard]] PATRON_API std::string_view name_of(verdict v) noexcept;

/// One rule that was looked at: what it saw, what it takes, and the verdict.
struct reason {
    std::string_view rule;  ///< stable code, static storage, e.g. "share_of_wallet"
    measure unit = measure::none;
    std::optional<std::int64_t> saw{};        ///< nothing: unknown
    std::optional<std::int64_t> threshold{};  ///< nothing: the rule has none
    patron::verdict verdict = patron::verdict::met;
    std::string what{};  ///< the order, person, agreement … that it is about

    friend bool operator==(reason const&, reason const&) = default;
};

/// What the rule saw, as text: "62.50 %", "45 days", "1.25", "1200.00 CNY"; "unknown" where it is.
[[nodiscard]] PATRON_API std::string saw_text(reason const& r, currency in);
/// The threshold in the same form; empty when the rule has none.
[[nodiscard]] PATRON_API std::string threshold_text(reason const& r, currency in);
/// The reason as a clause for people.
[[nodiscard]] PATRON_API std::string sentence(reason const& r, currency in, language l);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/reason.ipp>
#endif
