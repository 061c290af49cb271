/// How much of the terms a customer's payments take (RET-4).
#pragma once
#include <patron/customer/running_level.hpp>
#include <patron/customer/state.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace patron::inline v1 {

/// A part of a payment that settles one invoice.
struct settled_invoice_part {
    std::int64_t invoiced = 0;  ///< minor units, the whole invoice
    std::int64_t settled = 0;   ///< of it, by this payment
    day_number issued = no_day;
    day_number due = no_day;
};

/// The part of its terms that each day's payment took: one observation a day, since invoices that are paid together are one
/// decision. 48 bytes, integers, updated in constant time.
///
/// Of a day the largest part of an invoice tells, of equal ones the longest. Less than a tenth of its invoice tells nothing:
/// it is a rest, a bank's charge, a difference of rates. Terms shorter than a week are taken as a week. Days are told in their
/// order; an earlier one tells nothing.
class payment_rhythm {
public:
    static constexpr std::int64_t whole_terms = 1'000;  ///< a payment on the due day
    static constexpr std::int32_t least_terms_days = 7;

    /// `since`: the present cooperation began; what was paid before is forgotten then. no_day: it is the first.
    constexpr void paid(settled_invoice_part const& part, day_number on, day_number since) noexcept {
        if (part.settled <= 0 || part.settled < part.invoiced / 10) return;
        if (last_ != no_day && since != no_day && last_ < since) *this = {};
        if (last_ != no_day && on < last_) return;
        auto const terms = std::max(std::int64_t{part.due} - part.issued, std::int64_t{least_terms_days}) + 1;
        auto const days = std::max<std::int64_t>(std::int64_t{on} - part.issued, 0) + 1;
        auto const taken = std::max<std::int64_t>(whole_terms * days / terms, 1);
        if (on != last_) {
            if (last_ != no_day) close();
            last_ = on;
            largest_ = taken_by_largest_ = 0;
        }
        if (part.settled < largest_ || (part.settled == largest_ && taken <= taken_by_largest_)) return;
        largest_ = part.settled;
        taken_by_largest_ = taken;
    }

    /// The latest day with a payment; no_day: none.
    [[nodiscard]] constexpr day_number last() const noexcept { return last_; }
    /// How many of those days in a row, up to the latest, went beyond the terms.
    [[nodiscard]] constexpr std::uint32_t late_in_row() const noexcept {
        return is_late(taken_by_largest_) ? late_before_ + 1 : 0;
    }
    /// The level of what payments took, in thousandths of the terms.
    [[nodiscard]] constexpr running_level level() const noexcept {
        auto out = before_;
        if (last_ != no_day) out.add(static_cast<std::uint64_t>(taken_by_largest_));
        return out;
    }

    /// Whether it can have come about by `paid`: asked of bytes from outside.
    [[nodiscard]] constexpr bool is_sound() const noexcept {
        if (last_ == no_day) return *this == payment_rhythm{};
        return last_ >= number_of(first_day) && last_ <= number_of(last_day) && before_.is_sound() && largest_ > 0 &&
               taken_by_largest_ > 0 && late_before_ <= before_.count();
    }

    friend constexpr bool operator==(payment_rhythm const&, payment_rhythm const&) = default;

private:
    static constexpr bool is_late(std::int64_t taken) noexcept { return taken > whole_terms; }
    constexpr void close() noexcept {
        before_.add(static_cast<std::uint64_t>(taken_by_largest_));
        late_before_ = is_late(taken_by_largest_) ? late_before_ + 1 : 0;
    }

    running_level before_{};  // without the latest day
    std::int64_t largest_ = 0;
    std::int64_t taken_by_largest_ = 0;
    day_number last_ = no_day;
    std::uint32_t late_before_ = 0;
};
static_assert(std::is_trivially_copyable_v<payment_rhythm> && sizeof(payment_rhythm) == 48);

}  // namespace patron::v1
