/// The orders that wait for credit, and what still speaks against each (CRE-5).
#pragma once
#include <patron/engine/engine.hpp>
#include <patron/policy/credit_hold.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1 {

/// A held order as a book sees it on a day.
struct held_order {
    /// A rule that spoke against it when it was held, or does now.
    struct cause {
        std::string rule{};  ///< its code
        std::string said{};  ///< in English: as it speaks now, else as it spoke when the order was held
        bool is_open = false;

        friend bool operator==(cause const&, cause const&) = default;
    };

    std::string customer{};
    currency in{};  ///< of its amount
    kept_hold hold{};
    hold_state state = hold_state::held;  ///< on that day; ready where nothing speaks against it any more
    std::vector<cause> causes{};          ///< those of its beginning first
    std::optional<credit_answer> now{};   ///< what a check says on that day; nothing where the hold has ended
};

/// Which of them are wanted.
struct held_orders_query {
    std::optional<day> on{};      ///< nothing: the day that the book has been brought to; not one before it
    std::string_view customer{};  ///< empty: of all customers
    bool ended_too = false;       ///< those too that were released, rejected or have expired, as far as they are kept
};

/// By customer, oldest first. Each that waits is checked again as of that day: what it waits for may have come.
/// Errors:     errc::unknown_customer; those of `engine::check`.
/// Complexity: one look at each customer; a credit check for each hold.
[[nodiscard]] PATRON_API result<std::vector<held_order>> held_orders(engine& book,
                                                                     held_orders_query const& wanted = {});

/// One JSON object: customer, order, amount, state, step, since, until, by, reason, reasons, decided_by, decided_because,
/// decided_on and, where it waits, `check`, the answer of today.
PATRON_API void append_json(std::string& out, held_order const& held);

/// The same for people: what waits since when, the reasons that are open and those that are met, and what would clear it.
[[nodiscard]] PATRON_API std::string to_text(held_order const& held, language l);

}  // namespace patron::v1

#if defined(PATRON_HEADER_ONLY)
#    include <patron/engine/impl/held_orders.ipp>
#endif
