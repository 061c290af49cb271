/// What a customer may be shown of what we decide about it (POW-7), as a type of its own.
#pragma once
#include <patron/base/currency.hpp>
#include <patron/base/rate.hpp>
#include <patron/base/text.hpp>
#include <patron/customer/kept_effect.hpp>
#include <patron/customer/profit_share.hpp>
#include <patron/customer/state.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patron::inline v1::policy {

/// A reward or sanction as the customer sees it: what it is and how it ends, without rule, cause or the person's weight.
struct shown_effect {
    effect_code code{};
    effect_step step{};
    std::optional<std::int64_t> amount{};  ///< minor units
    day_number since = no_day;
    day_number deadline = no_day;
    day_number until = no_day;
    day_number review_on = no_day;
    day_number notice_until = no_day;
    day_number appeal_until = no_day;
    way_back_kind ends_when = way_back_kind::unstated;
    std::string target{};
    std::string lifted_by{};  ///< the person to turn to

    friend bool operator==(shown_effect const&, shown_effect const&) = default;
};

/// A profit share after its disclosure.
struct shown_profit_share {
    basis_points rate{};
    std::int64_t payable = 0;  ///< what was granted of it and not taken back, minor units

    friend bool operator==(shown_profit_share const&, shown_profit_share const&) = default;
};

/// The customer-facing view. Nothing but `of` makes one, and it holds only copies of what may be shown: what it hides is
/// not in it. Letters, portals and exports for customers take this type, so that none of them can leak our own.
class customer_facing {
public:
    /// On that day, of effects and shares as they stand then. Leaves out: what is only proposed; a profit share, its rate, its
    /// amount and that there is one, before it is disclosed (without the account of its year: before its deadline); and of
    /// a cancelled year-end award how much it was, for as long (without the account: for ever).
    /// `deposit_held`: minor units.
    [[nodiscard]] PATRON_API static customer_facing of(std::span<kept_effect const> kept, std::int64_t deposit_held,
                                                       std::span<profit_share_account const> shares, day_number on);

    [[nodiscard]] std::span<shown_effect const> effects() const noexcept { return effects_; }
    [[nodiscard]] std::int64_t deposit_held() const noexcept { return deposit_held_; }
    /// The latest that is disclosed; nothing where there is none.
    [[nodiscard]] std::optional<shown_profit_share> const& profit_share() const noexcept { return share_; }

    friend bool operator==(customer_facing const&, customer_facing const&) = default;

private:
    customer_facing() = default;

    std::vector<shown_effect> effects_;
    std::int64_t deposit_held_ = 0;
    std::optional<shown_profit_share> share_{};
};

/// A line for each effect, the deposit and the profit share, for a letter. Money is in `in`.
[[nodiscard]] PATRON_API std::string to_text(customer_facing const& shown, currency in, language l);
/// One JSON object without a line's end, with the names of the structures' members.
[[nodiscard]] PATRON_API std::string to_json(customer_facing const& shown, currency in);

}  // namespace patron::v1::policy

#if defined(PATRON_HEADER_ONLY)
#    include <patron/policy/impl/customer_facing.ipp>
#endif
