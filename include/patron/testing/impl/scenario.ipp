#pragma once
#include <patron/testing/scenario.hpp>

#include <algorithm>

namespace patron::inline v1::testing {

namespace detail {

inline engine_options recording(engine_options options) {
    options.record_decisions = true;
    return options;
}

inline std::string path_text(std::vector<patron::stage> const& path) {
    std::string text;
    for (auto const s : path) text.append(text.empty() ? "" : " -> ").append(name_of(s));
    return text;
}

}  // namespace detail

PATRON_FN scenario::scenario() : scenario{engine_options{}} {}
PATRON_FN scenario::scenario(engine_options options) : engine_{detail::recording(std::move(options))} {}

PATRON_FN void scenario::tell(fact f, bool is_given) {
    ++told_;
    if (head_of(f).ref.empty()) set_ref(f, "fact " + std::to_string(told_));
    auto outcome = engine_.apply(f);
    if (!outcome) {
        (is_given ? faults_ : rejected_).push_back(outcome.error());
        latest_refused_ = !is_given;
        return;
    }
    latest_refused_ = false;
    if (is_given) return;
    auto& decided = outcome.value().decisions;
    decisions_.insert(decisions_.end(), decided.begin(), decided.end());
}

PATRON_FN scenario& scenario::reviewed_through(period month) & {
    auto const decided = engine_.advance_to(month.last());
    decisions_.insert(decisions_.end(), decided.begin(), decided.end());
    return *this;
}

PATRON_FN std::optional<patron::stage> scenario::stage(std::string_view customer) const {
    auto const state = engine_.state_of(customer);
    if (!state) return std::nullopt;
    return state.value().stage;
}

PATRON_FN std::vector<std::string> scenario::rules_named(std::string_view customer) const {
    std::vector<std::string> rules;
    auto const latest =
        std::find_if(decisions_.rbegin(), decisions_.rend(), [&](decision const& d) { return d.customer == customer; });
    if (latest == decisions_.rend()) return rules;
    for (auto const& r : latest->why) rules.emplace_back(r.rule);
    return rules;
}

PATRON_FN finding scenario::then_stage(std::string_view customer, patron::stage expected) const {
    auto const seen = stage(customer);
    if (!seen) return {false, "no customer " + std::string{customer} + " in the story"};
    if (*seen == expected) return {true};
    std::string message =
        std::string{customer} + " is " + std::string{name_of(*seen)} + ", not " + std::string{name_of(expected)};
    if (auto const story = engine_.explain(customer)) message += '\n' + to_text(story.value(), language::en);
    return {false, std::move(message)};
}

PATRON_FN finding scenario::then_path(std::string_view customer, std::vector<patron::stage> const& expected) const {
    auto const history = engine_.history(customer);
    if (!history) return {false, history.error().message()};
    std::vector<patron::stage> path;
    for (auto const& stay : history.value().stays) path.push_back(stay.stage);
    if (path == expected) return {true};
    return {false, std::string{customer} + " went " + detail::path_text(path) + ", not " + detail::path_text(expected)};
}

PATRON_FN finding scenario::then_refused(errc code, std::string_view field) const {
    if (!latest_refused_) return {false, "the latest fact was taken"};
    auto const& e = rejected_.back();
    if (e.code == code && e.field == field) return {true};
    return {false, "refused otherwise: " + e.message()};
}

}  // namespace patron::v1::testing
