#pragma once
// One customer, told again fact by fact, for whoever looks at it in between.
#include <patron/customer/profile.hpp>
#include <patron/engine/fold.hpp>
#include <patron/engine/impl/dated_rules.hpp>
#include <patron/engine/impl/priced.hpp>
#include <patron/engine/impl/told_book.hpp>

#include <memory>
#include <utility>
#include <variant>

namespace patron::inline v1::detail {

/// Under the rules of a book. What it is told of outlives it.
class retold_customer {
public:
    explicit retold_customer(engine_options const& options)
        : retold_customer{options, std::make_shared<dated_rules const>(options.rules)} {}
    /// `rules`: those of the options, for whoever retells many customers.
    retold_customer(engine_options const& options, std::shared_ptr<dated_rules const> rules)
        : rules_{std::move(rules)}, how_{rules_->under(options)} {
        customer_.records = std::make_unique<customer_records>();
        customer_.records->ledger_is_complete = true;
    }

    /// Lets time pass up to the beginning of that day. The first of all makes the customer known.
    void come_to(day on) {
        auto& state = customer_.state;
        if (!is_known()) {
            state.known_since = state.since = number_of(on);
            state.closed_through = how_.reviews == review_mode::monthly ? period{on}.index() - 1 : 0;
        }
        let_pass(how_, state, customer_.records, on, false, report_);
        report_.clear();
    }
    /// A fact that the book has taken, or a review that it has held. False where it is not taken any more: on an earlier
    /// day it may rest on what came later.
    bool tell(told_event const& one) {
        if (one.review) return review(*one.review);
        auto const& f = one.content;
        come_to(head_of(f).at.on());
        auto const judged_by = prices_in(one.priced);
        how_.market.prices = &judged_by;
        auto const taken = fold(how_, customer_.state, customer_.records, f, report_);
        how_.market.prices = nullptr;
        report_.clear();
        if (!taken) return false;
        if (auto const* enrolled = std::get_if<customer_enrolled>(&f)) {
            if (enrolled->channel) how_.market.channel = *enrolled->channel;
            if (enrolled->territory) how_.market.territory = *enrolled->territory;
            if (enrolled->terms_days) profile_.terms_days = enrolled->terms_days->value();
            if (enrolled->parent) profile_.parent = *enrolled->parent;
        }
        return true;
    }

    [[nodiscard]] bool is_known() const noexcept { return customer_.state.known_since != no_day; }
    [[nodiscard]] customer_state const& state() const noexcept { return customer_.state; }
    [[nodiscard]] customer_records const& records() const noexcept { return *customer_.records; }
    /// Nothing but the terms and the group.
    [[nodiscard]] customer_profile const& profile() const noexcept { return profile_; }
    [[nodiscard]] house_rules const& rules_on(day on) const noexcept { return rules_->on(number_of(on)); }
    [[nodiscard]] fold_rules const& how() const noexcept { return how_; }

private:
    bool review(period month) {
        auto& state = customer_.state;
        if (!is_known() || state.closed_through >= month.index()) return false;
        let_pass(how_, state, customer_.records, month.last(), true, report_);
        hold_review(how_, state, customer_.records, month, report_);
        report_.clear();
        return true;
    }

    std::shared_ptr<dated_rules const> rules_;
    fold_rules how_;
    folded_customer customer_{};
    customer_profile profile_{};
    fold_report report_{};
};

}  // namespace patron::v1::detail
