#include <patron/feed/json_lines.hpp>

#include "assemble.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <functional>

namespace patron::inline v1::feed {

namespace {

namespace json = boost::json;

/// A value as it stands in the row, or the beginning of a list or of a record in one.
struct token {
    enum class shape : std::uint8_t { string, number, boolean, null, list, record };
    std::string_view key;
    std::string_view text;
    shape is;
    bool in_record;  ///< a value of the record begun last, not of the row itself
};

/// Takes the parser's events and keeps the keys and values of one line, without copying those that
/// stand in the line as they are.
class collector {
public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    void begin(std::string_view line) {
        line_ = line;
        tokens_.clear();
        unescaped_.clear();
        // views of it stay good: unescaping never makes text longer
        if (unescaped_.capacity() < line.size()) unescaped_.reserve(line.size());
        key_ = {};
        depth_ = 0;
        keys_ = 0;
        misplaced_ = too_many_ = false;
        part_ = unescaped_.size();
    }

    [[nodiscard]] std::vector<token> const& tokens() const noexcept { return tokens_; }
    /// The key that was read last: where a broken line broke.
    [[nodiscard]] std::string_view last_key() const noexcept { return key_; }
    /// The row is no object of values and lists of flat records; `last_key` says where.
    [[nodiscard]] bool misplaced() const noexcept { return misplaced_; }
    [[nodiscard]] bool too_many() const noexcept { return too_many_; }

    bool on_document_begin(json::error_code&) noexcept { return true; }
    bool on_document_end(json::error_code&) noexcept { return true; }
    bool on_object_begin(json::error_code& e) { return nest(depth_ == 0 || depth_ == 2, token::shape::record, e); }
    bool on_object_end(std::size_t, json::error_code&) noexcept { return --depth_, true; }
    bool on_array_begin(json::error_code& e) { return nest(depth_ == 1, token::shape::list, e); }
    bool on_array_end(std::size_t, json::error_code&) noexcept { return --depth_, true; }

    bool on_key_part(json::string_view s, std::size_t, json::error_code&) { return keep(s), true; }
    bool on_key(json::string_view s, std::size_t n, json::error_code& e) {
        auto const key = whole(s, n);
        if (misplaced_) return true;
        key_ = key;
        if (depth_ == 1 && ++keys_ > json_lines::most_keys) {
            too_many_ = true;
            return stop(e);
        }
        return true;
    }
    bool on_string_part(json::string_view s, std::size_t, json::error_code&) { return keep(s), true; }
    bool on_string(json::string_view s, std::size_t n, json::error_code&) {
        return put(whole(s, n), token::shape::string);
    }
    bool on_number_part(json::string_view s, json::error_code&) { return keep(s), true; }
    bool on_int64(std::int64_t, json::string_view s, json::error_code&) { return number(s); }
    bool on_uint64(std::uint64_t, json::string_view s, json::error_code&) { return number(s); }
    bool on_double(double, json::string_view s, json::error_code&) { return number(s); }
    bool on_bool(bool b, json::error_code&) { return put(b ? "true" : "false", token::shape::boolean); }
    bool on_null(json::error_code&) { return put({}, token::shape::null); }
    bool on_comment_part(json::string_view, json::error_code&) noexcept { return true; }
    bool on_comment(json::string_view, json::error_code&) noexcept { return true; }

private:
    // the lists of facts hold at most 10 000 records of at most 3 fields
    static constexpr std::size_t most_tokens = 64'000;

    static bool stop(json::error_code& e) {
        e = json::make_error_code(json::error::input_error);
        return false;
    }
    bool nest(bool in_place, token::shape as, json::error_code& e) {
        ++depth_;
        if (misplaced_) return true;  // read on: the rest may be broken in a worse way
        if (!in_place) {
            misplaced_ = true;
        } else if (depth_ > 1) {
            tokens_.push_back({key_, {}, as, false});
            if (tokens_.size() > most_tokens) {
                too_many_ = true;
                return stop(e);
            }
        }
        return true;
    }
    bool put(std::string_view text, token::shape as) {
        if (misplaced_) return true;
        if (depth_ == 1 || depth_ == 3) {
            tokens_.push_back({key_, text, as, depth_ == 3});
        } else {
            misplaced_ = true;
        }
        return true;
    }
    bool number(json::string_view s) {
        if (part_ == unescaped_.size()) return put({s.data(), s.size()}, token::shape::number);
        keep(s);
        return put(take(), token::shape::number);
    }
    void keep(json::string_view s) { unescaped_.append(s.data(), s.size()); }
    std::string_view take() {
        std::string_view const text{unescaped_.data() + part_, unescaped_.size() - part_};
        part_ = unescaped_.size();
        return text;
    }
    std::string_view whole(json::string_view s, std::size_t n) {
        std::less_equal<char const*> const before{};
        if (s.size() == n && before(line_.data(), s.data()) && before(s.data() + n, line_.data() + line_.size())) {
            return {s.data(), n};
        }
        keep(s);
        return take();
    }

    std::string_view line_{};
    std::vector<token> tokens_{};
    std::string unescaped_{};
    std::string_view key_{};
    std::size_t part_ = 0;
    std::size_t depth_ = 0;
    std::size_t keys_ = 0;
    bool misplaced_ = false;
    bool too_many_ = false;
};

json::parse_options strict() {
    json::parse_options how;
    how.max_depth = json_lines::deepest_nesting;
    how.numbers = json::number_precision::none;  // the fields read their own text
    return how;
}

constexpr std::string_view blanks = " \t\r";

/// Parses the rows of one block one after the other, in memory that it uses again.
class row_parser {
public:
    explicit row_parser(options const& how) : how_{how}, parser_{strict()} {}

    void parse(std::string_view row, std::uint64_t line, std::vector<record>& out) {
        auto const begun_at = out.size();
        if (auto outcome = read(row, line, out); !outcome) {
            detail::reject(out, begun_at, line, std::move(outcome).error(), how_.source);
        }
    }

private:
    result<void> read(std::string_view row, std::uint64_t line, std::vector<record>& out) {
        auto& got = parser_.handler();
        got.begin(row);
        parser_.reset();
        json::error_code failed;
        auto const used = parser_.write_some(false, row.data(), row.size(), failed);
        if (failed || row.find_first_not_of(blanks, used) != std::string_view::npos) return broken(row, used, failed);
        if (got.misplaced()) return not_flat();

        auto const& tokens = got.tokens();
        auto const* const kind = find_fact(tokens);
        if (kind == nullptr) {
            return error{.code = errc::missing_field,
                         .field = "fact",
                         .saw = {},
                         .remedy = "name the fact that the row states, such as \"fact\":\"order_placed\""};
        }
        if (kind->is != token::shape::string) return wrong_type(*kind, "give the fact's name as a string");
        auto const* const form = form_called(kind->text);
        if (form == nullptr) return detail::unknown_fact(kind->text);
        detail::assembler build{detail::begin_fact(out, line, form->kind).content.value(), *form,
                                how_.default_currency};
        if (auto filled = fill(build, *form, tokens, kind); !filled) return filled;
        return build.finish(row, line);
    }

    /// The form of the kind with that name, most often from the few that the source has.
    detail::kind_form const* form_called(std::string_view name) {
        if (name.empty()) return nullptr;
        auto const slot =
            (name.size() * 5 + static_cast<unsigned char>(name.front()) + static_cast<unsigned char>(name.back())) %
            recent_.size();
        if (!detail::same_name(recent_[slot].name, name)) {
            auto const kind = fact_kind_of(name);
            if (!kind) return nullptr;
            recent_[slot] = {name_of(*kind), &detail::form_of(*kind)};
        }
        return recent_[slot].form;
    }

    static token const* find_fact(std::vector<token> const& tokens) {
        auto const found = std::ranges::find_if(tokens, [](token const& t) {
            return detail::same_name(t.key, "fact") && !t.in_record && t.is != token::shape::record;
        });
        return found == tokens.end() ? nullptr : &*found;
    }

    result<void> fill(detail::assembler& build, detail::kind_form const& form, std::vector<token> const& tokens,
                      token const* kind) const {
        auto const* const end = tokens.data() + tokens.size();
        std::size_t guess = 0;
        for (auto const* at = tokens.data(); at != end;) {
            if (at == kind) {
                ++at;
                continue;
            }
            auto const field = form.index_of(at->key, guess);
            if (field == detail::nowhere) {
                if (at->key == "fact") return detail::given_twice("fact");
                if (form.changes == detail::nowhere) return detail::unknown_field(form, at->key);
                if (auto changed = change(build, tokens.data(), *at); !changed) return changed;
                ++at;
                continue;
            }
            guess = field + 1;
            if (!build.first_mention(field)) return detail::given_twice(at->key);
            if (at->is == token::shape::null) {
                ++at;
            } else if (form.fields[field].shape == field_shape::list) {
                if (at->is != token::shape::list) return wrong_type(*at, "give a list of objects, such as [{...}]");
                if (auto filled = fill_list(build, form.fields[field], field, ++at, end); !filled) return filled;
            } else {
                if (at->is == token::shape::list) return wrong_type(*at, "give one value, not a list");
                if (auto set = give(*at, [&](auto text, auto from) { return build.set(field, text, from); }); !set)
                    return set;
                ++at;
            }
        }
        return {};
    }

    /// Reads the records of a list; `at` goes from the list's first token to what follows the list.
    static result<void> fill_list(detail::assembler& build, field_info const& info, std::size_t field, token const*& at,
                                  token const* end) {
        for (std::size_t number = 1; at != end && at->is == token::shape::record; ++number) {
            if (auto begun = build.begin_record(field); !begun) return begun;
            std::uint64_t mentioned = 0;
            std::uint64_t given = 0;
            for (++at; at != end && at->in_record; ++at) {
                auto const inner = index_in(info.record, at->key);
                if (inner == info.record.size()) return unknown_in_record(info, at->key);
                auto const bit = std::uint64_t{1} << inner;
                if ((mentioned & bit) != 0) return detail::given_twice(at->key);
                mentioned |= bit;
                if (at->is == token::shape::null) continue;
                given |= bit;
                auto const set =
                    give(*at, [&](auto text, auto from) { return build.set_in_record(field, inner, text, from); });
                if (!set) return set;
            }
            for (std::size_t i = 0; i < info.record.size(); ++i) {
                if (!info.record[i].required || (given >> i & 1U) != 0) continue;
                return error{.code = errc::missing_field,
                             .field = std::string{info.record[i].name},
                             .saw = {},
                             .remedy = "give it in record " + std::to_string(number) + " of " + std::string{info.name}};
            }
        }
        return {};
    }

    static std::size_t index_in(std::span<field_info const> fields, std::string_view name) noexcept {
        return static_cast<std::size_t>(std::ranges::find(fields, name, &field_info::name) - fields.begin());
    }

    template <class Take>
    static result<void> give(token const& t, Take const& take) {
        if (t.is == token::shape::number && t.text.find_first_of("eE") != std::string_view::npos) {
            return wrong_type(t, "write numbers in plain digits, without an exponent");
        }
        switch (t.is) {
            case token::shape::number: return take(t.text, text_origin::number);
            case token::shape::boolean: return take(t.text, text_origin::boolean);
            default: return take(t.text, text_origin::string);
        }
    }

    static result<void> change(detail::assembler& build, token const* first, token const& t) {
        if (std::any_of(first, &t, [&](token const& other) { return other.key == t.key; }))
            return detail::given_twice(t.key);
        if (t.is == token::shape::null || t.is == token::shape::list) {
            return wrong_type(t, "a correction gives a field its new value: a string, a number, true or false");
        }
        return give(t, [&](auto text, auto) { return build.change(t.key, text); });
    }

    static error wrong_type(token const& t, char const* remedy) {
        return {.code = errc::malformed, .field = detail::shown(t.key), .saw = detail::shown(t.text), .remedy = remedy};
    }

    static error unknown_in_record(field_info const& list, std::string_view name) {
        std::string known;
        for (auto const& field : list.record) (known += known.empty() ? "" : ", ") += field.name;
        return {.code = errc::unknown_field,
                .field = detail::shown(name),
                .saw = {},
                .remedy = "a record of " + std::string{list.name} + " has " + known};
    }

    /// Why the row is no JSON object, in the words that help most.
    error broken(std::string_view row, std::size_t used, json::error_code const& failed) const {
        auto const& got = parser_.handler();
        error e{.code = errc::malformed, .field = detail::shown(got.last_key()), .saw = {}, .remedy = {}};
        if (failed == json::error::too_deep) {
            e.code = errc::too_long;
            e.remedy = "nest at most " + std::to_string(json_lines::deepest_nesting) + " deep";
        } else if (got.too_many()) {
            e.code = errc::too_long;
            e.remedy = "give at most " + std::to_string(json_lines::most_keys) +
                       " fields, and at most 10000 records in a list";
        } else if (auto const dirty = first_unclean(row); dirty != row.size()) {
            e.code = errc::invalid_utf8;
            e.remedy = "give UTF-8 without control characters; the bad byte is at column " + std::to_string(dirty + 1);
        } else {
            auto const from = std::min(used, row.size());
            e.saw = detail::shown(row.substr(from, 40));
            e.remedy = "give one JSON object a line; this one breaks at column " + std::to_string(from + 1);
        }
        return e;
    }

    error not_flat() const {
        auto const key = parser_.handler().last_key();
        return {.code = errc::malformed,
                .field = detail::shown(key),
                .saw = {},
                .remedy = "a row is one object of values and of lists of flat records"};
    }

    /// The first byte that is no clean UTF-8, tabs between values apart; the row's size when there is none.
    static std::size_t first_unclean(std::string_view row) {
        for (std::size_t at = 0; at < row.size();) {
            std::size_t length = 1;
            auto const lead = static_cast<unsigned char>(row[at]);
            if (lead >= 0xC0) length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
            if (row[at] != '\t' && row[at] != '\r' && !is_clean_utf8(row.substr(at, length))) return at;
            at += length;
        }
        return row.size();
    }

    options const& how_;
    json::basic_parser<collector> parser_;
    struct recent_kind {
        std::string_view name{};
        detail::kind_form const* form = nullptr;
    };
    std::array<recent_kind, 16> recent_{};
};

}  // namespace

void json_lines::parse(std::string_view block, std::uint64_t first_line, std::vector<record>& out) const {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (first_line == 1 && block.starts_with(byte_order_mark)) block.remove_prefix(byte_order_mark.size());
    detail::reserve_rows(out, block);
    row_parser rows{how_};
    for (auto line = first_line; !block.empty(); ++line) {
        auto const end = std::min(block.find('\n'), block.size());
        auto row = block.substr(0, end);
        block.remove_prefix(std::min(end + 1, block.size()));
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (row.find_first_not_of(blanks) == std::string_view::npos) continue;
        rows.parse(row, line, out);
    }
}

}  // namespace patron::v1::feed
