/// The numbers of a rulebook's sections, as a file has them.
#pragma once
#include <patron/policy/impl/house_numbers.hpp>
#include <patron/policy/impl/json_reader.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::inline v1::policy::detail {

class number_reader : public json_reader {
public:
    using json_reader::json_reader;

protected:
    /// A section is an object of groups of numbers; `each` visits them with their names, "group.number".
    template <class EachNumber>
    [[nodiscard]] result<void> read_numbers(boost::json::value const& v, std::string const& section,
                                            std::span<rule_note const> notes, EachNumber const& each) const {
        if (!v.is_object()) return of_kind(section, v, "an object");
        auto const& groups = v.get_object();
        std::vector<std::string_view> known;
        std::map<std::string_view, std::vector<std::string_view>> fields;
        for (auto const& note : notes) {
            if (note.unit == rule_unit::text) continue;
            auto& in_group = fields[group_of(note.name)];
            if (in_group.empty()) known.push_back(group_of(note.name));
            in_group.push_back(field_of(note.name));
        }
        if (auto const ok = only(groups, section, known); !ok) return ok;
        for (auto const& group : groups) {
            std::string_view const name{group.key().data(), group.key().size()};
            auto const here = section + '.' + std::string{name};
            if (!group.value().is_object()) return of_kind(here, group.value(), "an object");
            if (auto const ok = only(group.value().get_object(), here, fields[name]); !ok) return ok;
        }
        std::optional<error> failed;
        each([&](std::string_view name, auto&& into) {
            auto const& note = *note_in(notes, name);
            if (failed || note.unit == rule_unit::text) return;
            auto const* const group = groups.if_contains(group_of(name));
            auto const* const field = group == nullptr ? nullptr : group->get_object().if_contains(field_of(name));
            if (field == nullptr) return;
            if (auto const ok = read(*field, section + '.' + std::string{name}, note, into); !ok) failed = ok.error();
        });
        if (failed) return *failed;
        return {};
    }

private:
    [[nodiscard]] result<std::int64_t> number_of(boost::json::value const& v, std::string const& at,
                                                 rule_note const& note) const {
        std::int64_t n = 0;
        auto const digits = digits_of(note.unit);
        if (v.is_int64() && note.unit != rule_unit::share) {
            if (__builtin_mul_overflow(v.get_int64(), digits == 3 ? 1'000 : 1, &n))
                return fault(errc::out_of_range, at, boost::json::serialize(v), range_text(note));
        } else if (v.is_uint64()) {
            return fault(errc::out_of_range, at, boost::json::serialize(v), range_text(note));
        } else if (v.is_string() && digits > 0) {
            std::string_view const saw{v.get_string().data(), v.get_string().size()};
            auto text = saw;
            if (note.unit == rule_unit::share) {
                if (!text.ends_with('%')) return fault(errc::malformed, at, saw, "give a share such as \"50 %\"");
                text.remove_suffix(1);
                if (text.ends_with(' ')) text.remove_suffix(1);
            }
            auto const parsed = decimal::parse(text);
            if (!parsed) return fault(parsed.error().code, at, saw, range_text(note));
            auto const units = scaled(parsed.value(), digits, saw);
            if (!units) return fault(units.error().code, at, saw, units.error().remedy);
            n = units.value();
        } else {
            return of_kind(at, v,
                           note.unit == rule_unit::share         ? "a share such as \"50 %\""
                           : note.unit == rule_unit::weight      ? "a weight such as \"1.5\""
                           : note.unit == rule_unit::minor_units ? "a whole number, in minor units of the currency"
                                                                 : "a whole number");
        }
        if (n < note.least || n > note.most)
            return fault(errc::out_of_range, at, number_text(n, note.unit), range_text(note));
        return n;
    }

    /// A number into whatever keeps it; the ranges of the notes fit.
    template <class Number>
        requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>)
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    Number& into) const {
        auto const n = number_of(v, at, note);
        if (!n) return n.error();
        into = static_cast<Number>(n.value());
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    basis_points& into) const {
        std::int32_t n = 0;
        if (auto const ok = read(v, at, note, n); !ok) return ok;
        into = basis_points{n};
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    std::chrono::month& into) const {
        unsigned n = 0;
        if (auto const ok = read(v, at, note, n); !ok) return ok;
        into = std::chrono::month{n};
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const&,
                                    bool& into) const {
        if (!v.is_bool()) return of_kind(at, v, "true or false");
        into = v.get_bool();
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const&,
                                    credit_verdict& into) const {
        std::string word;
        if (auto const ok = text_of(v, at, word); !ok) return ok;
        for (auto const one : {credit_verdict::approve, credit_verdict::hold, credit_verdict::refuse}) {
            if (name_of(one) != word) continue;
            into = one;
            return {};
        }
        return fault(errc::unknown_reference, at, word, "give approve, hold or refuse");
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const&,
                                    credit_rule_set& into) const {
        std::vector<std::string> words;
        if (auto const ok = words_of(v, at, credit_rule_count, words); !ok) return ok;
        into = {};
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto const rule = credit_rule_of(words[i]);
            if (!rule)
                return fault(errc::unknown_reference, at + '[' + std::to_string(i) + ']', words[i],
                             "give one of " + all_credit_rules());
            into = into.with(*rule);
        }
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    std::vector<dunning_step>& into) const {
        if (!v.is_array()) return of_kind(at, v, "a list of levels");
        if (v.get_array().size() > static_cast<std::size_t>(most_levels))
            return fault(errc::too_long, at, std::to_string(v.get_array().size()),
                         "at most " + std::to_string(most_levels));
        into.clear();
        for (std::size_t i = 0; i < v.get_array().size(); ++i) {
            auto const here = at + '[' + std::to_string(i) + ']';
            auto const& one = v.get_array()[i];
            if (!one.is_object()) return of_kind(here, one, "an object with enter and leave");
            if (auto const ok = only(one.get_object(), here, {"enter", "leave"}); !ok) return ok;
            dunning_step step;
            for (auto const& [name, days] : {std::pair{"enter", &step.enter}, std::pair{"leave", &step.leave}}) {
                auto const* const given = one.get_object().if_contains(name);
                if (given == nullptr) return fault(errc::missing_field, here + '.' + name, {}, "give a number of days");
                if (auto const ok = read(*given, here + '.' + name, note, *days); !ok) return ok;
            }
            into.push_back(step);
        }
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    std::vector<std::string>& into) const {
        if (auto const ok = words_of(v, at, static_cast<std::size_t>(note.most), into); !ok) return ok;
        for (auto const& word : into) {
            // stores keep them in a line, apart by spaces
            if (word.empty() || word.size() > longest_identifier || word.find(' ') != std::string::npos)
                return fault(errc::malformed, at, word, "give words of 1 to 128 bytes without spaces");
        }
        return {};
    }
    [[nodiscard]] result<void> read(boost::json::value const&, std::string const&, rule_note const&,
                                    std::string&) const {
        return {};
    }

    /// Null is nothing.
    template <class T>
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    std::optional<T>& into) const {
        if (v.is_null()) {
            into.reset();
            return {};
        }
        return read(v, at, note, into.emplace());
    }
    /// By the effect's code. What bounds are left out are none; other numbers keep their default.
    template <class T>
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    by_effect<T>& into) const {
        if (!v.is_object()) return of_kind(at, v, "an object with effects and their numbers");
        if constexpr (!std::is_integral_v<T>) into = {};
        for (auto const& member : v.get_object()) {
            std::string_view const name{member.key().data(), member.key().size()};
            auto const code = effect_code_of(name);
            auto const here = at + '.' + patron::detail::shown(name);
            if (!code || (std::is_integral_v<T> && !is_sanction(*code)))
                return fault(errc::unknown_field, here, {},
                             std::is_integral_v<T> ? "give a penalty or deterrent of the list in the schema"
                                                   : "give an effect of the list in the schema");
            if (auto const ok = read(member.value(), here, note, into[static_cast<std::size_t>(*code)]); !ok) return ok;
        }
        return {};
    }
    template <class T, std::size_t N>
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    std::array<T, N>& into) const {
        return read_list(v, at, note, into);
    }
    template <class Owner, class Field>
    [[nodiscard]] result<void> read(boost::json::value const& v, std::string const& at, rule_note const& note,
                                    field_list<Owner, Field> const& into) const {
        return read_list(v, at, note, into);
    }
    template <class List>
    [[nodiscard]] result<void> read_list(boost::json::value const& v, std::string const& at, rule_note const& note,
                                         List& into) const {
        if (!v.is_array() || v.get_array().size() != into.size())
            return of_kind(at, v, "a list of " + std::to_string(into.size()));
        for (std::size_t i = 0; i < into.size(); ++i) {
            if (auto const ok = read(v.get_array()[i], at + '[' + std::to_string(i) + ']', note, into[i]); !ok)
                return ok;
        }
        return {};
    }

    [[nodiscard]] static std::string all_credit_rules() {
        std::string all;
        for (std::size_t i = 0; i < credit_rule_count; ++i)
            all.append(all.empty() ? "" : ", ").append(name_of(static_cast<credit_rule>(i)));
        return all;
    }
};

}  // namespace patron::v1::policy::detail
