#pragma once
// What a book was told, for whoever folds its customers again.
#include <patron/engine/engine.hpp>
#include <patron/engine/impl/dated_rates.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::detail {

/// One step of a customer's story.
struct told_event {
    std::optional<period> review{};  ///< a month was reviewed, in a book that is reviewed by fact; else a fact was told
    fact content{};                  ///< as it is in effect, corrections carried out
    std::string priced{};            ///< the mark of the list prices that it was judged by; see priced.hpp

    /// Of the fact, or the last of the month.
    [[nodiscard]] day on() const { return review ? review->last() : head_of(content).at.on(); }
};

/// A view: the book outlives it, and does not change meanwhile.
class told_book {
public:
    explicit told_book(engine const& book) noexcept : book_{&book} {}

    [[nodiscard]] engine_options const& options() const noexcept { return book_->options(); }
    /// Of all customers, sorted.
    [[nodiscard]] PATRON_API std::vector<std::string_view> codes() const;
    /// A customer's story as it was told. Errors: errc::unknown_customer; those of the store.
    [[nodiscard]] PATRON_API result<std::vector<told_event>> of(std::string_view code) const;
    /// The rates that are in effect at its end. They live as long as the book.
    [[nodiscard]] PATRON_API dated_rates const& rates() const noexcept;

    /// A customer, and the code of a group that it was ever enrolled below.
    struct membership {
        std::string_view customer;
        std::string group;
    };
    /// All there ever were in a group that is a customer itself; of a group's name that was corrected both.
    /// Errors: those of the store. Complexity: linear in the customers; in a book with groups, in their entries.
    [[nodiscard]] PATRON_API result<std::vector<membership>> memberships() const;
    /// Whether the customer may ever have been in a group, or been one. False answers are never wrong.
    [[nodiscard]] PATRON_API bool may_share(std::string_view code, std::vector<told_event> const& story) const;

private:
    engine const* book_;
};

}  // namespace patron::v1::detail
