#pragma once
// One customer, told again fact by fact, for whoever looks at it in between.
#include <patron/customer/profile.hpp>
#include <patron/engine/fold.hpp>
#include <patron/engine/impl/dated_rules.hpp>

#include <memory>
#include <variant>

namespace patron::inline v1::detail {

/// Under the rules of a book; reviews are held at each month's end. Stays where it is: its rules refer to one another.
class retold_customer {
public:
    explicit retold_customer(engine_options const& options) : rules_{options.rules}, how_{rules_.under(options)} {
        how_.reviews = review_mode::monthly;
        customer_.records = std::make_unique<customer_records>();
        customer_.records->ledger_is_complete = true;
    }

    /// Lets time pass up to the beginning of that day. The first of all makes the customer known.
    void come_to(day on) {
        auto& state = customer_.state;
        if (state.known_since == no_day) {
            state.known_since = state.since = number_of(on);
            state.closed_through = period{on}.index() - 1;
        }
        let_pass(how_, state, customer_.records, on, false, report_);
        report_.clear();
    }
    /// A fact that the book has taken.
    void tell(fact const& f) {
        come_to(head_of(f).at.on());
        (void)fold(how_, customer_.state, customer_.records, f, report_);
        report_.clear();
        if (auto const* enrolled = std::get_if<customer_enrolled>(&f)) {
            if (enrolled->channel) how_.market.channel = *enrolled->channel;
            if (enrolled->territory) how_.market.territory = *enrolled->territory;
            if (enrolled->terms_days) profile_.terms_days = enrolled->terms_days->value();
        }
    }

    [[nodiscard]] customer_state const& state() const noexcept { return customer_.state; }
    [[nodiscard]] customer_records const& records() const noexcept { return *customer_.records; }
    /// Nothing but the terms.
    [[nodiscard]] customer_profile const& profile() const noexcept { return profile_; }
    [[nodiscard]] house_rules const& rules_on(day on) const noexcept { return rules_.on(number_of(on)); }
    [[nodiscard]] fold_rules const& how() const noexcept { return how_; }

private:
    dated_rules rules_;
    fold_rules how_;
    folded_customer customer_{};
    customer_profile profile_{};
    fold_report report_{};
};

}  // namespace patron::v1::detail
