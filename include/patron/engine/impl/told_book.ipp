#pragma once
// Included at the end of engine.ipp, whose insides it works on.

namespace patron::inline v1 {

namespace detail {

PATRON_FN std::vector<std::string_view> told_book::codes() const {
    std::vector<std::string_view> all;
    all.reserve(book_->size());
    for (auto const& slot : book_->impl_->slots) {
        for (std::uint32_t position = 0; position < slot->states.size(); ++position) {
            all.push_back(slot->identities[position].code_text());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

PATRON_FN result<std::vector<told_event>> told_book::of(std::string_view code) const {
    using kind = engine::impl::told_step::kind;
    auto const at = book_->impl_->find(code);
    if (!at) return engine::impl::unknown(code);
    auto story = book_->impl_->story_of(*at, nullptr);
    if (!story) return story.error();
    std::vector<told_event> all;
    all.reserve(story.value().steps.size());
    for (auto& step : story.value().steps) {
        if (step.what == kind::told) {
            all.push_back({.content = std::move(step.content), .priced = std::move(step.priced)});
        } else if (step.what == kind::review) {
            all.push_back({.review = period::at_index(step.month)});
        }
    }
    return all;
}

PATRON_FN dated_rates const& told_book::rates() const noexcept { return book_->impl_->rates; }

PATRON_FN result<std::vector<told_book::membership>> told_book::memberships() const {
    auto const& e = *book_->impl_;
    std::vector<membership> all;
    for (std::size_t s = 0; s < e.slots.size(); ++s) {
        auto const& slot = *e.slots[s];
        auto const& words = slot.words();
        auto const is_customer = [&](std::string_view word) { return !word.empty() && e.find(word).has_value(); };
        if (std::none_of(words.begin(), words.end(), is_customer)) continue;  // nobody here was ever in a group
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            auto const code = slot.identities[position].code_text();
            auto const note = [&](std::string_view group) {
                if (is_customer(group)) all.push_back({code, std::string{group}});
            };
            auto const read = e.each_entry(detail::place_of(s, position), {}, [&](std::string_view bytes) {
                if (!is_encoded_fact(bytes)) return;
                auto const kind = encoded_kind(bytes);
                if (kind != fact_kind::customer_enrolled && kind != fact_kind::corrected) return;
                auto const told = decode(bytes, code);
                if (!told) return;
                if (auto const* enrolled = std::get_if<customer_enrolled>(&told.value())) {
                    if (enrolled->parent) note(*enrolled->parent);
                } else {
                    for (auto const& change : std::get<corrected>(told.value()).changes) {
                        if (change.field == "parent") note(change.value);
                    }
                }
            });
            if (!read) return read.error();
        }
    }
    return all;
}

PATRON_FN bool told_book::may_share(std::string_view code, std::vector<told_event> const& story) const {
    auto const names_a_group = [](told_event const& one) {
        auto const* enrolled = one.review ? nullptr : std::get_if<customer_enrolled>(&one.content);
        return enrolled != nullptr && enrolled->parent && !enrolled->parent->empty();
    };
    return std::any_of(story.begin(), story.end(), names_a_group) || book_->impl_->customers().is_parent(code);
}

}  // namespace detail

}  // namespace patron::v1
