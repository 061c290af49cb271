/// What pressure costs: each use of a penalty or deterrent strains the relationship, and the strain fades (POW-3).
#pragma once
#include <patron/base/rate.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/state.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace patron::inline v1::lifecycle {

namespace detail {
constexpr std::array<std::int32_t, effect_count> default_strains() {
    std::array<std::int32_t, effect_count> by{};
    auto const set = [&by](effect_code c, std::int32_t n) { by[static_cast<std::size_t>(c)] = n; };
    using enum effect_code;
    set(written_warning, 50);
    set(credit_cut, 200);
    set(cash_only, 300);
    set(staff_withdrawn, 150);
    set(promotion_withdrawn, 150);
    set(deposit_forfeited, 400);
    set(year_end_award_cancelled, 300);
    set(tier_loss, 200);
    set(add_distributor, 600);
    set(suspend_supply, 800);
    set(terminate, 1'000);
    return by;
}
}  // namespace detail

/// Weights are in thousandths; 1 000 is what a termination strains.
struct strain_rules {
    std::array<std::int32_t, effect_count> of = detail::default_strains();  ///< of one use; not negative
    int fades_over_days = 365;              ///< to nothing, evenly, from the first day on which it was in force
    basis_points share_of_evidence{5'000};  ///< how much of the strain weighs as evidence of decline (REL-4)
    std::int32_t most_evidence = 1'000;     ///< at most so much of it
};

/// The strain of all sanctions that were in force, in thousandths, on that day.
///
/// A sanction strains from the first day on which it was in force, also after it was lifted; one that was withdrawn does
/// not, nor one that never came into force. It is computed from the sanctions themselves and rounded once, down, so that
/// it is the same whenever and however often it is asked for. Complexity: linear; no allocation.
[[nodiscard]] PATRON_API std::int32_t strain_of(std::span<kept_effect const> kept, day_number on,
                                                strain_rules const& rules = {}) noexcept;

/// What the strain weighs as evidence of decline, in thousandths (REL-4).
[[nodiscard]] PATRON_API std::int32_t evidence_weight(std::int32_t strain, strain_rules const& rules = {}) noexcept;

}  // namespace patron::v1::lifecycle

#if defined(PATRON_HEADER_ONLY)
#    include <patron/lifecycle/impl/strain.ipp>
#endif
