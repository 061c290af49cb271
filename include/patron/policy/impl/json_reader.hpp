/// JSON that a person has written: what is wrong is named with its path and its line.
#pragma once
#include <patron/base/id.hpp>
#include <patron/policy/decision_table.hpp>
#include <patron/policy/impl/table_words.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::policy::detail {

/// Walks JSON that a parser has accepted: where each value stands, and whether an object names a field twice.
class json_outline {
public:
    explicit json_outline(std::string_view text) : text_{text} { value({}); }

    [[nodiscard]] std::uint64_t line_of(std::string path) const {
        for (;;) {
            if (auto const found = lines_.find(path); found != lines_.end()) return found->second;
            auto const cut = path.find_last_of(".[");
            if (cut == std::string::npos) return 1;
            path.resize(cut);  // what is missing would stand in what is there
        }
    }
    [[nodiscard]] std::string const& named_twice() const noexcept { return named_twice_; }

private:
    void skip_space() {
        for (; at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r');
             ++at_)
            line_ += text_[at_] == '\n' ? 1 : 0;
    }
    std::string_view string() {
        auto const from = at_++;
        for (; text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
        ++at_;
        return text_.substr(from, at_ - from);
    }
    /// Complexity: the nesting is bounded by the parser's bound.
    void value(std::string const& path) {  // NOLINT(misc-no-recursion)
        skip_space();
        lines_.emplace(path, line_);
        if (text_[at_] == '"') {
            string();
        } else if (text_[at_] == '{') {
            object(path);
        } else if (text_[at_] == '[') {
            ++at_;
            skip_space();
            for (std::size_t i = 0; text_[at_] != ']'; ++i) {
                value(path + '[' + std::to_string(i) + ']');
                next();
            }
            ++at_;
        } else {
            while (at_ < text_.size() && std::string_view{",]} \n\t\r"}.find(text_[at_]) == std::string_view::npos)
                ++at_;
        }
    }
    void object(std::string const& path) {  // NOLINT(misc-no-recursion)
        std::set<std::string, std::less<>> names;
        ++at_;
        skip_space();
        while (text_[at_] != '}') {
            auto const raw = string();
            auto name = std::string{raw.substr(1, raw.size() - 2)};
            if (name.find('\\') != std::string::npos)
                name = std::string_view{boost::json::parse(raw).get_string()};  // an escape may spell the same name
            auto here = path;
            here.append(path.empty() ? "" : ".").append(name);
            if (!names.insert(std::move(name)).second && named_twice_.empty()) {
                lines_[here] = line_;
                named_twice_ = here;
            }
            skip_space();
            ++at_;  // the colon
            value(here);
            next();
        }
        ++at_;
    }
    void next() {
        skip_space();
        if (text_[at_] == ',') ++at_;
        skip_space();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
    std::map<std::string, std::uint64_t, std::less<>> lines_;
    std::string named_twice_;
};

class json_reader {
public:
    explicit json_reader(json_outline const& outline) noexcept : outline_{outline} {}

    [[nodiscard]] error fault(errc code, std::string const& path, std::string_view saw, std::string remedy) const {
        auto e = table_fault(code, path, saw, std::move(remedy));
        e.line = outline_.line_of(path);
        return e;
    }

protected:
    [[nodiscard]] std::uint64_t line_of(std::string const& path) const { return outline_.line_of(path); }

    [[nodiscard]] error of_kind(std::string const& path, boost::json::value const& v, std::string const& wanted) const {
        auto const kind = boost::json::to_string(v.kind());
        return fault(errc::malformed, path, {kind.data(), kind.size()}, "give " + wanted);
    }

    [[nodiscard]] result<void> only(boost::json::object const& o, std::string const& here,
                                    std::initializer_list<std::string_view> known) const {
        return only(o, here, std::vector<std::string_view>{known});
    }
    [[nodiscard]] result<void> only(boost::json::object const& o, std::string const& here,
                                    std::vector<std::string_view> const& known) const {
        for (auto const& member : o) {
            std::string_view const name{member.key().data(), member.key().size()};
            if (std::ranges::find(known, name) != known.end()) continue;
            std::string all;
            for (auto const k : known) all.append(all.empty() ? "" : ", ").append(k);
            return fault(errc::unknown_field, (here.empty() ? "" : here + '.') + patron::detail::shown(name), {},
                         "give one of " + all);
        }
        return {};
    }

    [[nodiscard]] result<void> text_of(boost::json::value const& v, std::string const& path, std::string& into) const {
        if (!v.is_string()) return of_kind(path, v, "a text");
        std::string_view const text{v.get_string().data(), v.get_string().size()};
        if (!is_clean_utf8(text)) return fault(errc::invalid_utf8, path, text, "give text without control characters");
        if (text.size() > longest_text) return fault(errc::too_long, path, text, "give at most 4096 bytes");
        into = text;
        return {};
    }
    [[nodiscard]] result<void> text_in(boost::json::object const& o, std::string const& here, std::string_view name,
                                       bool required, std::string& into) const {
        auto const path = here + (here.empty() ? "" : ".") + std::string{name};
        auto const* const v = o.if_contains(name);
        if (v != nullptr) return text_of(*v, path, into);
        if (required) return fault(errc::missing_field, path, {}, "give a text");
        return {};
    }
    [[nodiscard]] result<void> flag_in(boost::json::object const& o, std::string const& here, std::string_view name,
                                       bool& into) const {
        auto const* const v = o.if_contains(name);
        if (v == nullptr) return {};
        if (!v->is_bool()) return of_kind(here + '.' + std::string{name}, *v, "true or false");
        into = v->get_bool();
        return {};
    }
    template <class Enum, std::size_t N>
    [[nodiscard]] result<void> choice_in(boost::json::object const& o, std::string const& here, std::string_view name,
                                         std::string_view const (&names)[N], Enum& into) const {
        if (!o.contains(name)) return {};
        std::string word;
        if (auto const ok = text_in(o, here, name, true, word); !ok) return ok;
        if (auto const chosen = named<Enum>(names, word)) {
            into = *chosen;
            return {};
        }
        std::string all;
        for (auto const n : names) all.append(all.empty() ? "" : ", ").append(n);
        return fault(errc::unknown_reference, here + '.' + std::string{name}, word, "give one of " + all);
    }

    [[nodiscard]] result<void> words_of(boost::json::value const& v, std::string const& path, std::size_t most,
                                        std::vector<std::string>& into) const {
        if (!v.is_array()) return of_kind(path, v, "a list of words");
        if (v.get_array().size() > most)
            return fault(errc::too_long, path, std::to_string(v.get_array().size()), "at most " + std::to_string(most));
        into.clear();
        for (std::size_t i = 0; i < v.get_array().size(); ++i) {
            std::string word;
            if (auto const ok = text_of(v.get_array()[i], path + '[' + std::to_string(i) + ']', word); !ok) return ok;
            into.push_back(std::move(word));
        }
        return {};
    }

private:
    json_outline const& outline_;
};

}  // namespace patron::v1::policy::detail
