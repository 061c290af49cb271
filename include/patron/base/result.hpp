/// Errors as values: what went wrong, where, and what would mend it.
#pragma once
#include <patron/config.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace patron::inline v1 {

/// Every way in which a call can fail. Values are stable; new ones are added at the end.
enum class errc : std::uint8_t {
    amount_overflow = 1,    ///< an amount does not fit in 64 bits of minor units
    currency_mismatch,      ///< two amounts of different currencies met
    wrong_scale,            ///< more decimal digits than the currency has
    unknown_currency,       ///< not an ISO 4217 code
    malformed,              ///< the text is not of the form that the field takes
    out_of_range,           ///< the value is well formed but outside what the field allows
    missing_field,          ///< a required field is absent
    unknown_field,          ///< the fact has no such field
    unknown_fact,           ///< no fact of that name
    unknown_customer,       ///< no customer with that code
    unknown_reference,      ///< no fact, order, invoice or complaint with that name
    conflicting_reference,  ///< the same reference arrived before with other content
    closed_period,          ///< the fact's month was already reviewed
    impossible_now,         ///< the fact contradicts what is known of the customer
    invalid_utf8,           ///< the text is not UTF-8, or has a control character
    too_long,               ///< a line, field or nesting beyond the stated bound
    unsound_machine,        ///< a machine loaded at run time fails its checks
    not_supported,          ///< well formed, but this build or release cannot do it
    io_failure,             ///< the operating system, or a database, refused a read or write
    stale_version,          ///< somebody else has written since: read what is new, and decide again
    damaged,                ///< what is stored is not what was written
    foreign_file,           ///< the file is of another program
    newer_format,           ///< written by a later release
    busy,                   ///< another process holds what is needed; try again
    lease_lost,             ///< the slot was taken over by another process
    unsound_rules,          ///< rules of a rulebook contradict one another, or leave an input without an answer
};

/// The stable name of `code`, e.g. "closed_period".
[[nodiscard]] PATRON_API std::string_view name_of(errc code) noexcept;

/// A failure: its kind, its place and its remedy.
///
/// Every text is UTF-8 and for people; programs look at `code` and `field`.
struct error {
    errc code{};
    std::string field{};   ///< the field or argument at fault; empty when it is the whole
    std::string saw{};     ///< the offending value, shortened to at most 80 bytes
    std::string remedy{};  ///< what would be accepted instead
    std::string source{};  ///< the file or stream; empty when there is none
    std::uint64_t line{};  ///< line in `source`, counted from 1; 0 when there is none

    /// One line for people: place, field, what was seen, what would mend it.
    [[nodiscard]] PATRON_API std::string message() const;

    friend bool operator==(error const&, error const&) = default;
};

/// Writes `message()`.
PATRON_API std::ostream& operator<<(std::ostream&, error const&);

/// A value, or the error that stands in its place.
template <class T>
using result = boost::system::result<T, error>;

/// What `result<T>::value()` throws when there is no value: a broken promise of the caller.
[[noreturn]] PATRON_API void throw_exception_from_error(error const&, boost::source_location const&);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/base/impl/result.ipp>
#endif
