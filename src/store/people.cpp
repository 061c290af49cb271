#include "people.hpp"

#include <charconv>

namespace patron::store_detail {

std::string* person_of(fact& f) {
    return std::visit(
        [](auto& typed) -> std::string* {
            if constexpr (requires { typed.person.value(); }) {
                return typed.person ? &*typed.person : nullptr;
            } else if constexpr (requires { typed.person; }) {
                return &typed.person;
            } else {
                return nullptr;
            }
        },
        f);
}

std::string with_names(std::string_view text, std::function<std::string(std::string_view)> const& name_of) {
    std::string out;
    for (;;) {
        auto const at = text.find(pseudonym_mark);
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at);
        auto end = pseudonym_mark.size();
        while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
        auto const pseudonym = text.substr(0, end);
        auto const name = end > pseudonym_mark.size() ? name_of(pseudonym) : std::string{pseudonym};
        out += name.empty() ? std::string{pseudonym} : name;
        text.remove_prefix(end);
    }
}

result<std::vector<personal_text>*> people::of(std::string_view customer) {
    auto found = known_.find(customer);
    if (found == known_.end()) {
        auto read = from_->personal(customer);
        if (!read) return read.error();
        found = known_.emplace(std::string{customer}, std::move(read.value())).first;
    }
    return &found->second;
}

std::pair<std::string, std::string> people::count_note(std::uint16_t slot) const {
    auto const found = counts_.find(slot);
    return {"pseudonyms/" + std::to_string(slot), std::to_string(found == counts_.end() ? 0 : found->second)};
}

result<void> people::hide_name(std::string_view customer, std::string& name, std::vector<personal_text>& fresh) {
    auto const known = of(customer);
    if (!known) return known.error();
    for (auto const& one : *known.value()) {
        if (one.text != name) continue;
        name = one.pseudonym;
        return {};
    }
    // counted, not derived from the name: a digest of a name tells the name to whoever tries some
    auto const slot = slot_of_customer(customer);
    auto count = counts_.find(slot);
    if (count == counts_.end()) {
        auto const note = from_->note(count_note(slot).first);
        if (!note) return note.error();
        std::uint64_t before = 0;
        if (auto const& text = note.value()) { std::from_chars(text->data(), text->data() + text->size(), before); }
        count = counts_.emplace(slot, before).first;
    }
    personal_text one{std::string{customer}, std::string{pseudonym_mark} + std::to_string(++count->second), name};
    name = one.pseudonym;
    known.value()->push_back(one);
    fresh.push_back(std::move(one));
    return {};
}

result<void> people::hide(fact& f, std::vector<personal_text>& fresh) {
    if (auto* correction = std::get_if<corrected>(&f)) {
        for (auto& change : correction->changes) {
            if (change.field != "person") continue;
            if (!correction->customer) {
                return error{.code = errc::missing_field,
                             .field = "customer",
                             .saw = {},
                             .remedy = "name the customer when a correction changes a person"};
            }
            if (auto const hidden = hide_name(*correction->customer, change.value, fresh); !hidden) return hidden;
        }
        return {};
    }
    auto* const person = person_of(f);
    if (person == nullptr || person->empty()) return {};
    return hide_name(head_of(f).customer, *person, fresh);
}

std::string people::reveal(std::string_view customer, std::string_view text) {
    if (text.find(pseudonym_mark) == std::string_view::npos) return std::string{text};
    auto const known = of(customer);
    return with_names(text, [&](std::string_view pseudonym) {
        if (known) {
            for (auto const& one : *known.value()) {
                if (one.pseudonym == pseudonym) return one.text;
            }
        }
        return std::string{};
    });
}

result<std::string> people::pseudonym_of(std::string_view customer, std::string_view name) {
    auto const known = of(customer);
    if (!known) return known.error();
    for (auto const& one : *known.value()) {
        if (one.text == name) return one.pseudonym;
    }
    return std::string{};
}

}  // namespace patron::store_detail
