#pragma once
// From the texts of a row to its fact: what JSON Lines and CSV have in common.
#include <patron/base/id.hpp>
#include <patron/feed/record.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::feed::detail {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

/// `a == b` for the short names of fields and facts, without the call to memcmp.
[[nodiscard]] inline bool same_name(std::string_view a, std::string_view b) noexcept {
    auto const size = a.size();
    if (size != b.size()) return false;
    if (size > 16 || size < 4) return a == b;
    // two words that overlap when the name is shorter than both
    char const* const in_a = a.data();
    char const* const in_b = b.data();
    auto const words = [=]<class Word>(Word) {
        Word of_a[2];
        Word of_b[2];
        std::memcpy(&of_a[0], in_a, sizeof(Word));
        std::memcpy(&of_b[0], in_b, sizeof(Word));
        std::memcpy(&of_a[1], in_a + size - sizeof(Word), sizeof(Word));
        std::memcpy(&of_b[1], in_b + size - sizeof(Word), sizeof(Word));
        return ((of_a[0] ^ of_b[0]) | (of_a[1] ^ of_b[1])) == 0;
    };
    return size >= 8 ? words(std::uint64_t{}) : words(std::uint32_t{});
}

/// How a field reads text, found by asking its own reader: the description of facts stays the only one.
struct field_form {
    bool amount = false;       ///< takes "1.00 EUR"
    bool or_quantity = false;  ///< and a bare whole number is no amount
    bool day = false;          ///< takes YYYY-MM-DD
    bool second = false;       ///< takes YYYY-MM-DDThh:mm:ssZ too
    bool month = false;        ///< takes YYYY-MM
};

/// What is known of a kind before a row arrives.
struct kind_form {
    static constexpr std::size_t most_fields = 32;

    fact_kind kind{};
    std::span<field_info const> fields{};
    std::uint64_t required = 0;     ///< a bit a field; `ref` has none
    std::size_t changes = nowhere;  ///< of a correction, the list that its other keys go to
    std::array<field_form, most_fields> form{};
    std::size_t list = nowhere;  ///< the one list field, if any
    std::array<field_form, most_fields> record_form{};

    /// The field's index, looking first at `guess`: rows of one source keep one order.
    [[nodiscard]] std::size_t index_of(std::string_view name, std::size_t guess) const noexcept {
        if (guess < fields.size() && guess != changes && same_name(fields[guess].name, name)) return guess;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (same_name(fields[i].name, name) && i != changes) return i;
        }
        return nowhere;
    }
};

[[nodiscard]] kind_form const& form_of(fact_kind kind);

using patron::detail::shown;
[[nodiscard]] error unknown_fact(std::string_view name);
[[nodiscard]] error unknown_field(kind_form const& kind, std::string_view name);
[[nodiscard]] error given_twice(std::string_view name);
/// True when some fact has a field of that name: what a correction can change.
[[nodiscard]] bool any_fact_has(std::string_view name);

/// Fills one fact, field by field.
class assembler {
public:
    assembler(fact& into, kind_form const& kind, currency default_currency) noexcept
        : fact_{into}, kind_{kind}, default_currency_{default_currency} {}

    /// Notes that the row names the field. Errors: errc::malformed when it did before.
    [[nodiscard]] bool first_mention(std::size_t field) noexcept {
        auto const bit = std::uint64_t{1} << field;
        auto const first = (mentioned_ & bit) == 0;
        mentioned_ |= bit;
        return first;
    }
    [[nodiscard]] result<void> set(std::size_t field, std::string_view text, text_origin origin) {
        given_ |= std::uint64_t{1} << field;
        if (default_currency_.is_own() || !kind_.form[field].amount) return assign(fact_, field, text, origin);
        return assign(fact_, field, with_currency(text, kind_.form[field]), origin);
    }
    [[nodiscard]] result<void> begin_record(std::size_t field);
    [[nodiscard]] result<void> set_in_record(std::size_t field, std::size_t record_field, std::string_view text,
                                             text_origin origin);
    /// A correction's new text of a field.
    [[nodiscard]] result<void> change(std::string_view name, std::string_view text);
    /// What is left to check when every field is set; gives the fact a reference if it has none.
    [[nodiscard]] result<void> finish(std::string_view row, std::uint64_t line);

private:
    [[nodiscard]] std::string_view with_currency(std::string_view text, field_form const& form);

    fact& fact_;
    kind_form const& kind_;
    currency default_currency_;
    std::uint64_t mentioned_ = 0;
    std::uint64_t given_ = 0;
    std::string amount_{};
};

/// Appends a row with an empty fact of that kind, made where it stands: a fact is large to move.
record& begin_fact(std::vector<record>& out, std::uint64_t line, fact_kind kind);

/// Makes the last of `out` the rejected row of that line, or appends it when none was begun.
void reject(std::vector<record>& out, std::size_t begun_at, std::uint64_t line, error e, std::string const& source);

/// Makes room for the rows of `block`, about.
void reserve_rows(std::vector<record>& out, std::string_view block);

}  // namespace patron::v1::feed::detail
