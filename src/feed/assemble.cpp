#include "assemble.hpp"

#include <patron/fact/impl/codec.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace patron::inline v1::feed {

namespace detail {

namespace {

template <class Assign, class Read>
field_form probe(field_info const& field, Assign const& takes, Read const& reads_back) {
    field_form form;
    if (field.shape != field_shape::money && field.shape != field_shape::string) return form;
    form.day = takes("2000-01-01");
    form.second = takes("2000-01-01T00:00:01Z");
    form.month = takes("2000-01");
    form.amount = takes("1.00 EUR");
    form.or_quantity = form.amount && takes("7") && reads_back() == "7";
    return form;
}

kind_form make_form(fact_kind kind) {
    kind_form made;
    made.kind = kind;
    made.fields = fields_of(kind);
    BOOST_ASSERT(made.fields.size() <= kind_form::most_fields);
    fact sample = make_fact(kind);
    for (std::size_t i = 0; i < made.fields.size(); ++i) {
        auto const& field = made.fields[i];
        if (field.required && field.name != "ref") made.required |= std::uint64_t{1} << i;
        if (field.shape != field_shape::list) {
            made.form[i] = probe(
                field, [&](std::string_view text) { return assign(sample, i, text, text_origin::plain).has_value(); },
                [&] { return text_of(sample, i).value_or(""); });
            continue;
        }
        made.list = i;
        if (kind == fact_kind::corrected) {
            made.changes = i;
            made.required &= ~(std::uint64_t{1} << i);
        }
        [[maybe_unused]] auto const begun = append_record(sample, i);
        BOOST_ASSERT(begun.has_value());
        for (std::size_t j = 0; j < field.record.size(); ++j) {
            made.record_form[j] = probe(
                field.record[j],
                [&](std::string_view text) {
                    return assign_in_record(sample, i, j, text, text_origin::plain).has_value();
                },
                [&] { return text_in_record(sample, i, 0, j).value_or(""); });
        }
    }
    return made;
}

std::string names_of(std::span<field_info const> fields) {
    std::string all;
    for (auto const& field : fields) {
        if (field.name == "changes") continue;
        if (!all.empty()) all += ", ";
        all += field.name;
    }
    return all;
}

/// Steps of one letter between two words: inserted, left out or replaced.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

// a currency, a percent sign and "unlimited" end otherwise; what else is wrong shows when it is read
bool looks_bare(std::string_view text) noexcept { return !text.empty() && text.back() >= '0' && text.back() <= '9'; }

}  // namespace

kind_form const& form_of(fact_kind kind) {
    static auto const all = [] {
        std::array<kind_form, fact_kind_count> made;
        for (std::size_t k = 0; k < fact_kind_count; ++k) made[k] = make_form(static_cast<fact_kind>(k));
        return made;
    }();
    return all[static_cast<std::size_t>(kind)];
}

error unknown_fact(std::string_view name) {
    error e{.code = errc::unknown_fact, .field = "fact", .saw = shown(name), .remedy = {}};
    if (name.size() > 40) {
        e.remedy = "name a fact of the vocabulary, such as \"order_placed\"";
        return e;
    }
    auto nearest = fact_kind::order_placed;
    auto steps = nowhere;
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const d = distance(name, name_of(static_cast<fact_kind>(k)));
        if (d < steps) {
            steps = d;
            nearest = static_cast<fact_kind>(k);
        }
    }
    e.remedy = steps <= 4 ? "did you mean \"" + std::string{name_of(nearest)} + "\"?"
                          : "name a fact of the vocabulary, such as \"order_placed\"";
    return e;
}

error unknown_field(kind_form const& kind, std::string_view name) {
    return {.code = errc::unknown_field,
            .field = shown(name),
            .saw = {},
            .remedy = std::string{name_of(kind.kind)} + " has " + names_of(kind.fields)};
}

error given_twice(std::string_view name) {
    return {.code = errc::malformed, .field = shown(name), .saw = {}, .remedy = "give each field once"};
}

bool any_fact_has(std::string_view name) {
    static auto const names = [] {
        std::vector<std::string_view> all;
        for (std::size_t k = 0; k < fact_kind_count; ++k) {
            for (auto const& field : fields_of(static_cast<fact_kind>(k))) {
                if (field.shape != field_shape::list) all.push_back(field.name);
            }
        }
        std::ranges::sort(all);
        return all;
    }();
    return std::ranges::binary_search(names, name);
}

std::string_view assembler::with_currency(std::string_view text, field_form const& form) {
    if (!looks_bare(text) || (form.or_quantity && text.find('.') == std::string_view::npos)) return text;
    amount_.assign(text);
    amount_ += ' ';
    amount_ += default_currency_.code();
    return amount_;
}

result<void> assembler::begin_record(std::size_t field) {
    given_ |= std::uint64_t{1} << field;
    if (auto const begun = append_record(fact_, field); !begun) return begun.error();
    return {};
}

result<void> assembler::set_in_record(std::size_t field, std::size_t record_field, std::string_view text,
                                      text_origin origin) {
    auto const& form = kind_.record_form[record_field];
    if (!default_currency_.is_own() && form.amount) text = with_currency(text, form);
    return assign_in_record(fact_, field, record_field, text, origin);
}

result<void> assembler::change(std::string_view name, std::string_view text) {
    if (!any_fact_has(name)) {
        return error{
            .code = errc::unknown_field,
            .field = shown(name),
            .saw = {},
            .remedy = "no fact has this field; a correction has of, ref, at, customer and the fields that change"};
    }
    if (auto const begun = append_record(fact_, kind_.changes); !begun) return begun.error();
    if (auto const named = assign_in_record(fact_, kind_.changes, 0, name, text_origin::plain); !named) return named;
    auto set = assign_in_record(fact_, kind_.changes, 1, text, text_origin::plain);
    if (!set) {
        auto e = set.error();
        e.field = name;
        return e;
    }
    return set;
}

result<void> assembler::finish(std::string_view row, std::uint64_t line) {
    if (auto const missing = kind_.required & ~given_; missing != 0) {
        std::string needed;
        for (std::size_t i = 0; i < kind_.fields.size(); ++i) {
            if ((kind_.required >> i & 1U) == 0) continue;
            if (!needed.empty()) needed += ", ";
            needed += kind_.fields[i].name;
        }
        return error{.code = errc::missing_field,
                     .field = std::string{kind_.fields[static_cast<std::size_t>(std::countr_zero(missing))].name},
                     .saw = {},
                     .remedy = std::string{name_of(kind_.kind)} + " needs " + needed};
    }
    if (auto const sound = patron::detail::validate_assigned(fact_); !sound) return sound;
    if (head_of(fact_).ref.empty()) set_ref(fact_, derived_ref(row, line));
    return {};
}

namespace {

/// Becomes a result that holds an empty fact, without a copy or move on the way.
template <std::size_t I>
struct empty_fact {
    operator result<fact>() const {  // NOLINT: being converted is what it is for
        return result<fact>{boost::system::in_place_value, std::in_place_index<I>};
    }
};

template <std::size_t... I>
constexpr auto make_beginners(std::index_sequence<I...>) {
    using beginner = record& (*)(std::vector<record>&, std::uint64_t);
    return std::array<beginner, sizeof...(I)>{[](std::vector<record>& out, std::uint64_t line) -> record& {
        return out.emplace_back(line, empty_fact<I>{});
    }...};
}

}  // namespace

record& begin_fact(std::vector<record>& out, std::uint64_t line, fact_kind kind) {
    static constexpr auto beginners = make_beginners(std::make_index_sequence<fact_kind_count>{});
    return beginners[static_cast<std::size_t>(kind)](out, line);
}

void reject(std::vector<record>& out, std::size_t begun_at, std::uint64_t line, error e, std::string const& source) {
    e.line = line;
    e.source = source;
    if (out.size() == begun_at) {
        out.push_back({line, std::move(e)});
    } else {
        out.back().content = std::move(e);
    }
}

void reserve_rows(std::vector<record>& out, std::string_view block) {
    auto const rows = block.size() / 100 + 1;
    if (out.capacity() - out.size() < rows) out.reserve(std::max(out.size() + rows, 2 * out.capacity()));
}

}  // namespace detail

std::string derived_ref(std::string_view row, std::uint64_t line) {
    // Eight bytes a step: a hash of single bytes would cost more than the rest of the row. Refs are kept
    // in stores, so this is a format: whatever changes here makes old feeds look new.
    constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15U;  // 2^64 / golden ratio
    auto const mix = [](std::uint64_t h, std::uint64_t word) {
        h = (h ^ word) * odd;
        return h ^ (h >> 29U);
    };
    auto hash = mix(mix(odd, line), row.size());
    auto const word_of = [](std::string_view bytes) {
        if constexpr (std::endian::native == std::endian::little) {
            if (bytes.size() == 8) {
                std::uint64_t word{};
                std::memcpy(&word, bytes.data(), 8);
                return word;
            }
        }
        std::uint64_t word = 0;
        for (std::size_t i = bytes.size(); i-- > 0;) word = word << 8U | static_cast<unsigned char>(bytes[i]);
        return word;
    };
    while (row.size() >= 8) {
        hash = mix(hash, word_of(row.substr(0, 8)));
        row.remove_prefix(8);
    }
    hash = mix(mix(hash, word_of(row)), 0);
    hash ^= hash >> 32U;

    // Crockford's base 32: no letter that is read as a digit
    std::string ref(14, '~');
    for (std::size_t i = 13; i > 0; --i, hash >>= 5U) ref[i] = "0123456789abcdefghjkmnpqrstvwxyz"[hash & 31U];
    return ref;
}

}  // namespace patron::v1::feed
