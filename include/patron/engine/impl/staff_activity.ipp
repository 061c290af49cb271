#pragma once
#include <patron/base/impl/csv_cell.hpp>
#include <patron/engine/staff_activity.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1 {

namespace staff_detail {

inline bool is_cooperation(stage s) noexcept {
    return s == stage::initial || s == stage::stable || s == stage::strategic;
}

inline bool is_save(stage from, stage to) noexcept { return from == stage::declining && is_cooperation(to); }
inline bool is_win(stage from, stage to) noexcept {
    if (!is_cooperation(to) || from == stage::declining) return false;
    return !is_cooperation(from) || from < to;
}
inline bool is_loss(stage from, stage to) noexcept {
    return to == stage::declining || (to == stage::ended && from != stage::declining);
}

/// Who had the customer in care at the end of a day.
class care {
public:
    explicit care(std::span<fact const> facts) {
        for (auto const& f : facts) {
            auto const* enrolled = std::get_if<customer_enrolled>(&f);
            if (enrolled != nullptr && enrolled->owner) since_.emplace_back(enrolled->at.on(), *enrolled->owner);
        }
        std::ranges::stable_sort(since_, {}, &std::pair<day, std::string_view>::first);
    }
    [[nodiscard]] std::string_view on(day when) const {
        std::string_view owner;
        for (auto const& [from, who] : since_) {
            if (from <= when) owner = who;
        }
        return owner;
    }

private:
    std::vector<std::pair<day, std::string_view>> since_;
};

}  // namespace staff_detail

PATRON_FN staff_record& staff_activity::of(std::string_view owner) {
    auto found = by_owner_.find(owner);
    if (found == by_owner_.end()) {
        found = by_owner_.emplace(std::string{owner}, staff_record{}).first;
        found->second.owner = owner;
    }
    return found->second;
}

PATRON_FN void staff_activity::add(std::span<fact const> facts, explanation const& story) {
    auto const in_span = [&](day on) { return on >= from_ && on <= until_; };
    staff_detail::care const care{facts};
    bool is_visited = false;
    for (auto const& f : facts) {
        if (auto const* visit = std::get_if<visit_made>(&f); visit != nullptr && in_span(visit->at.on())) {
            is_visited = true;
            ++of(visit->by).visits;
        } else if (auto const* given = std::get_if<advice_given>(&f); given != nullptr && in_span(given->at.on())) {
            ++of(given->by).advice_given;
        } else if (auto const* taken = std::get_if<advice_taken>(&f); taken != nullptr && in_span(taken->at.on())) {
            ++of(taken->by).advice_taken;
        }
    }
    for (auto const& d : story.decisions) {
        if (!d.from || !d.to || *d.from == *d.to || !concerns_stage(d) || !in_span(d.at.on())) continue;
        auto& record = of(care.on(d.at.on()));
        if (staff_detail::is_save(*d.from, *d.to)) ++record.saves;
        if (staff_detail::is_win(*d.from, *d.to)) ++record.wins;
        if (staff_detail::is_loss(*d.from, *d.to)) ++record.losses;
    }
    auto const& row = story.row;
    if (row.state.known_since == no_day || day_of(row.state.known_since) > until_ || row.state.stage == stage::ended) {
        return;
    }
    auto& record = of(care.on(until_));
    ++record.customers;
    record.customers_visited += is_visited ? 1 : 0;
    for (auto const& e : row.evidence) {
        record.customers_with_overdue_complaints += e.kind == "overdue_complaint" ? 1 : 0;
    }
    for (auto const& e : row.open_effects) record.late_rewards += e.step == effect_step::late ? 1 : 0;
}

PATRON_FN std::vector<staff_record> staff_activity::records() const {
    std::vector<staff_record> all;
    all.reserve(by_owner_.size());
    for (auto const& [owner, record] : by_owner_) all.push_back(record);
    return all;
}

PATRON_FN result<std::vector<staff_record>> staff_activity_of(engine const& book, day from, day until) {
    if (until < from) {
        return error{.code = errc::out_of_range,
                     .field = "until",
                     .saw = to_string(until),
                     .remedy = "the span ends on " + to_string(from) + " or later"};
    }
    staff_activity activity{from, until};
    std::vector<std::string> codes;
    book.each_by_code([&](customer_row const& row) {
        codes.emplace_back(row.profile.code);
        return true;
    });
    for (auto const& code : codes) {
        auto const facts = book.facts_of(code);
        if (!facts) return facts.error();
        auto const story = book.explain(code, until);
        if (!story) return story.error();
        activity.add(facts.value(), story.value());
    }
    return activity.records();
}

PATRON_FN std::string to_csv(std::span<staff_record const> records) {
    std::string out =
        "owner,customers,customers_visited,visits,advice_given,advice_taken,wins,saves,losses,customers_with_overdue_"
        "complaints,"
        "late_rewards\n";
    for (auto const& r : records) {
        out += detail::csv_cell(r.owner);
        for (auto const n : {r.customers, r.customers_visited, r.visits, r.advice_given, r.advice_taken, r.wins,
                             r.saves, r.losses, r.customers_with_overdue_complaints, r.late_rewards}) {
            out.append(",").append(std::to_string(n));
        }
        out += '\n';
    }
    return out;
}

}  // namespace patron::v1
