#pragma once
// The customers of a book as a credit check looks at them.
#include <patron/engine/impl/book.hpp>
#include <patron/engine/impl/dated_rates.hpp>
#include <patron/engine/impl/kept_directory.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patron::inline v1::detail {

/// A view of all that it is made with.
class book_customers {
public:
    using place = customer_place;

    book_customers(slots const& all, kept_directory const& members, dated_rates const& rates) noexcept
        : slots_{&all}, members_{&members}, rates_{&rates} {}

    [[nodiscard]] std::optional<place> find(std::string_view code) const { return find_customer(*slots_, code); }
    [[nodiscard]] std::string_view code_of(place at) const { return identity_of(at).code_text(); }
    [[nodiscard]] customer_profile profile_of(place at) const { return slot_at(*slots_, at).profile(position_of(at)); }
    [[nodiscard]] customer_state const& state_of(place at) const {
        return slot_at(*slots_, at).states[position_of(at)];
    }
    /// Null where nothing has left any.
    [[nodiscard]] customer_records const* records_of(place at) const { return identity_of(at).records.get(); }
    /// Whether any customer was enrolled below this one. False answers are never wrong.
    [[nodiscard]] bool is_parent(std::string_view code) const {
        return std::any_of(slots_->begin(), slots_->end(), [&](auto const& slot) { return slot->has_word(code); });
    }
    /// As `dated_rates::in_currency`.
    [[nodiscard]] result<std::optional<std::int64_t>> in_currency(money amount, currency to, day on,
                                                                  conversion how = conversion::half_even) const {
        return rates_->in_currency(amount, to, on, how);
    }

    /// Who is below whom. Nobody else reads the directory as long as this lives.
    class reading {
    public:
        explicit reading(book_customers const& of) : of_{&of}, entries_{*of.members_} {}
        template <class Each>
        void each_below(place at, Each const& each) const {
            auto const members = entries_.by<by_parent>().equal_range(of_->code_of(at));
            for (auto member = members.first; member != members.second; ++member) each(member->place);
        }

    private:
        book_customers const* of_;
        kept_directory::reading entries_;
    };
    [[nodiscard]] reading read() const { return reading{*this}; }

private:
    [[nodiscard]] identity const& identity_of(place at) const {
        return slot_at(*slots_, at).identities[position_of(at)];
    }

    slots const* slots_;
    kept_directory const* members_;
    dated_rates const* rates_;
};

}  // namespace patron::v1::detail
