#pragma once
// Members of JSON objects, one after the other, with the commas between them.
#include <patron/fact/fact.hpp>

#include <string>
#include <string_view>

namespace patron::inline v1::detail {

/// Writes into a text that ends within an object: behind its brace or behind a member.
class json_members {
public:
    explicit json_members(std::string& out) noexcept : out_{out} {}

    /// The name alone; the value is the caller's to write.
    void name(std::string_view name) const {
        if (out_.back() != '{') out_ += ',';
        append_json_string(out_, name);
        out_ += ':';
    }
    void text(std::string_view name, std::string_view value) const {
        this->name(name);
        append_json_string(out_, value);
    }
    void flag(std::string_view name, bool value) const {
        this->name(name);
        out_ += value ? "true" : "false";
    }

private:
    std::string& out_;
};

}  // namespace patron::v1::detail
