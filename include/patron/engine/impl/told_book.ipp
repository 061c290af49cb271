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
    auto const all = book_->impl_->memberships();
    if (!all) return all.error();
    return *all.value();
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
