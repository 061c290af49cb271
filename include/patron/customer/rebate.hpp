/// Rebate agreements: what a volume earns, and the account whose books balance at any date (POW-13).
#pragma once
#include <patron/base/money.hpp>
#include <patron/fact/vocabulary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patron::inline v1 {

/// What was traded under an agreement. Either part may come alone: a feed without order lines has no quantities.
struct rebate_volume {
    std::int64_t value = 0;     ///< minor units of the agreement's currency; never negative
    std::int64_t quantity = 0;  ///< millionths of a unit; never negative

    friend bool operator==(rebate_volume const&, rebate_volume const&) = default;
};

/// A quantity in millionths.
/// Errors: errc::wrong_scale beyond six digits after the point, errc::amount_overflow.
[[nodiscard]] PATRON_API result<std::int64_t> millionths_of(decimal quantity);

/// The currency that an agreement's cap, minimum or bands name first; the customer's own where they name none.
[[nodiscard]] PATRON_API currency currency_of(rebate_agreed const& agreed) noexcept;

/// The terms of an agreement, checked: whatever is held here can be worked out.
///
/// A band begins at its `from`, which belongs to it, and ends where the next begins; the last has no end. What the bands
/// measure and what a rate is applied to may differ: "from 1 000 units on, 2 % of their value".
class rebate_terms {
public:
    /// The most bands that an agreement may have.
    static constexpr std::size_t most_bands = 64;

    /// The terms of an agreement with a customer whose amounts are in `in`. Bands may come in any order.
    ///
    /// Errors: errc::missing_field without a band; errc::out_of_range for a rate above 100 % or below zero, an edge below
    ///         zero, two bands from one edge, a day `until` before `from`, a product without a name; errc::malformed where
    ///         edges are not of the measure that the agreement names; errc::currency_mismatch, errc::wrong_scale;
    ///         errc::too_long beyond `most_bands`. The field says which band: "bands[2].rate".
    [[nodiscard]] PATRON_API static result<rebate_terms> of(rebate_agreed const& agreed, currency in);

    [[nodiscard]] std::string const& agreement() const noexcept { return agreement_; }
    [[nodiscard]] rebate_basis basis() const noexcept { return basis_; }
    [[nodiscard]] rebate_method method() const noexcept { return method_; }
    [[nodiscard]] rebate_measure measure() const noexcept { return measure_; }
    [[nodiscard]] currency in() const noexcept { return in_; }
    /// Whether what happened on that day counts: both ends do.
    [[nodiscard]] bool in_force(day on) const noexcept { return from_ <= on && (!until_ || on <= *until_); }
    /// The product that alone counts; nothing: all do.
    [[nodiscard]] std::optional<std::string> const& product() const noexcept { return product_; }
    /// The least that is paid out at once; zero without one.
    [[nodiscard]] std::int64_t minimum() const noexcept { return minimum_; }

    /// What the volume since the agreement's start earns: exact, rounded once, half to even, then capped.
    ///
    /// incremental: each band's rate on its own part. retroactive: the reached top band's rate on all. rolling: each reached
    /// band's rate on all up to the band's end. total: each reached band's rate on all.
    /// Errors:     errc::amount_overflow beyond 2^63 - 1 minor units, unless the cap lies below; it names the agreement.
    /// Complexity: linear in bands.
    /// Example:    10 % from 0, 25 % from 1 000.00; 2 000.00 earns 350.00, 500.00, 600.00 and 700.00.
    [[nodiscard]] PATRON_API result<std::int64_t> earned(rebate_volume const& volume) const;

    friend bool operator==(rebate_terms const&, rebate_terms const&) = default;

private:
    struct band {
        std::int64_t from = 0;  ///< minor units or millionths
        std::int64_t rate = 0;  ///< hundredths of a millionth of the value, or minor units a unit
        bool per_unit = false;

        friend bool operator==(band const&, band const&) = default;
    };

    std::string agreement_{};
    std::vector<band> bands_{};  ///< ascending
    std::optional<std::string> product_{};
    std::optional<std::int64_t> cap_{};
    std::int64_t minimum_ = 0;
    day from_{};
    std::optional<day> until_{};
    rebate_basis basis_{};
    rebate_method method_{};
    rebate_measure measure_{};
    currency in_{};
};

/// Where an agreement stands. In minor units, none negative, and at any time
/// accrued = paid + open + reversed + forfeited + clawed_back.
struct rebate_balance {
    std::int64_t accrued = 0;    ///< what the volume earns before anything is taken off
    std::int64_t paid = 0;       ///< paid out, less what was clawed back of it
    std::int64_t open = 0;       ///< earned and not yet paid
    std::int64_t reversed = 0;   ///< lost by what was taken off, before it was paid
    std::int64_t forfeited = 0;  ///< left below the minimum by the final settlement
    std::int64_t clawed_back =
        0;  ///< lost by what was taken off, after it was paid: the customer owes it or has repaid it

    friend bool operator==(rebate_balance const&, rebate_balance const&) = default;
};

/// All that an account has come to know; what it says follows from this and its terms alone.
struct rebate_progress {
    rebate_volume counted{};       ///< all that counted
    rebate_volume taken_off{};     ///< returns, cancellations, credit notes
    std::int64_t paid = 0;         ///< by settlements, less what settlements have clawed back; never negative
    std::int64_t clawed_back = 0;  ///< by settlements; never negative
    std::int64_t forfeited = 0;    ///< by the final settlement; never negative
    bool is_final = false;
    bool is_out_of_range = false;  ///< a volume has passed 64 bits; the sums above have stopped before it

    friend bool operator==(rebate_progress const&, rebate_progress const&) = default;
};

/// The account of one agreement: volumes as they come, in any order, and settlements.
///
/// What it says follows from the volumes and the settlements alone, so that facts which arrive late or in another order give
/// the same books. Thread safety: as a plain value.
class rebate_account {
public:
    explicit rebate_account(rebate_terms terms) : terms_{std::move(terms)} {}
    /// Goes on with an account that was written down. Precondition: an account of these terms had come so far.
    rebate_account(rebate_terms terms, rebate_progress const& so_far) : terms_{std::move(terms)}, progress_{so_far} {}

    [[nodiscard]] rebate_terms const& terms() const noexcept { return terms_; }
    [[nodiscard]] rebate_progress const& progress() const noexcept { return progress_; }
    /// All that counted.
    [[nodiscard]] rebate_volume const& counted() const noexcept { return progress_.counted; }
    /// All that was taken off: returns, cancellations, credit notes.
    [[nodiscard]] rebate_volume const& taken_off() const noexcept { return progress_.taken_off; }
    /// What counts, less what was taken off; never below zero.
    [[nodiscard]] PATRON_API rebate_volume net() const noexcept;
    [[nodiscard]] bool is_final() const noexcept { return progress_.is_final; }
    /// Whether a volume has passed what 64 bits hold. Its balance is not told from then on, and it is not settled.
    [[nodiscard]] bool is_out_of_range() const noexcept { return progress_.is_out_of_range; }

    /// Adds to what counts. Errors: errc::impossible_now after the final settlement, errc::amount_overflow; nothing changes
    /// then.
    [[nodiscard]] PATRON_API result<void> count(rebate_volume const& more);
    /// Takes off, also after the final settlement: what is returned takes its rebate with it.
    /// Errors: errc::amount_overflow; nothing changes then.
    [[nodiscard]] PATRON_API result<void> take_off(rebate_volume const& less);
    /// Takes back what was taken off: a cancelled order is reopened. Precondition: no more than was taken off.
    PATRON_API void give_back(rebate_volume const& again) noexcept;
    /// Says that a volume came which the account cannot hold. There is no way back but to count anew.
    void mark_out_of_range() noexcept { progress_.is_out_of_range = true; }

    /// Errors: errc::amount_overflow where the account is out of range or its volume earns more than 64 bits hold; it
    ///         names the agreement and what helps.
    [[nodiscard]] PATRON_API result<rebate_balance> balance() const;

    /// Works out what is due since the agreement's start, deducts what was paid and gives what is to be paid now; negative:
    /// what is to be clawed back. A partial settlement of less than the minimum pays nothing and leaves it open; the final
    /// one forfeits it. Settling again with nothing new pays nothing.
    /// Errors: errc::impossible_now after the final settlement, errc::amount_overflow; nothing changes then.
    [[nodiscard]] PATRON_API result<std::int64_t> settle(settlement_kind kind);

    friend bool operator==(rebate_account const&, rebate_account const&) = default;

private:
    rebate_terms terms_;
    rebate_progress progress_{};
};

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/customer/impl/rebate.ipp>
#endif
