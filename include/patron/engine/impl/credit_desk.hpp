#pragma once
// The credit check over a book (CRE-3): gathers what it looks at, and asks.
#include <patron/engine/engine.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/dated_rates.hpp>
#include <patron/engine/impl/document_rate.hpp>
#include <patron/engine/impl/group_credit.hpp>
#include <patron/lifecycle/standing.hpp>

#include <algorithm>
#include <cstdint>

namespace patron::inline v1::detail {

/// Answers for one book, as it stands on a day: `book_customers`, or customers that are told again. A view of the rules.
template <class Book>
class credit_desk {
    using place = typename Book::place;

public:
    credit_desk(Book book, credit_rules const& rules, day on) noexcept : book_{book}, rules_{&rules}, on_{on} {}

    /// Whether a check needs a complete ledger, also of a customer who has only placed orders.
    [[nodiscard]] bool looks_at_each_order() const noexcept { return rules_->horizon_days.has_value(); }

    /// Errors: those of `engine::check`.
    [[nodiscard]] result<credit_answer> check(place at, credit_query const& asked) const {
        auto const& state = book_.state_of(at);
        auto const* records = book_.records_of(at);
        auto const profile = book_.profile_of(at);
        auto const on = number_of(on_);
        if (auto const known = check_quotation(records, asked); !known) return known.error();
        if (asked.delivery_date && *asked.delivery_date < on_) {
            return error{.code = errc::out_of_range,
                         .field = "delivery_date",
                         .saw = to_string(*asked.delivery_date),
                         .remedy = "the day is that of the question or a later one"};
        }
        credit_view view;
        if (auto const seen = look(view, state, records, profile, on, order_of(records, asked), *rules_); !seen)
            return seen.error();

        credit_request request{.step = asked.step, .order = asked.order, .terms_days = asked.terms_days};
        auto const amount = in_some_currency(state, asked.amount);
        if (!amount) return amount.error();
        view.picture.in = state.in.is_own() ? amount.value().in() : state.in;
        group_credit const groups{book_, on_, rules_->counts};
        if (auto const seen = groups.look(view, profile.code, profile.parent); !seen) return seen.error();
        auto const* const placed = records == nullptr ? nullptr : records->ledger.find_order(order_of(records, asked));
        auto const in_credit_currency = asked.step == credit_step::quote || asked.step == credit_step::order
                                            ? book_.in_currency(amount.value(), view.picture.in, on_, conversion::up)
                                            : by_document(placed, amount.value(), view.picture.in);
        if (!in_credit_currency) return in_credit_currency.error();
        if (in_credit_currency.value()) {
            request.amount = *in_credit_currency.value();
        } else {
            request.rate_missing = amount.value().in();
        }
        request.replaces = counted_already(view, records, state, asked, request.amount, on);
        if (placed != nullptr) {
            request.delivery_date = placed->delivery_date;
            if (counts_itself(asked.step)) {
                request.replaced_delivery_date = placed->delivery_date;
                request.replaced_delivered = std::max<std::int64_t>(request.replaces - exposure_of(*placed).open, 0);
            }
        }
        if (asked.delivery_date) request.delivery_date = number_of(*asked.delivery_date);
        return check_credit(view.picture, request, *rules_);
    }

    /// What a check on the day counts for an amount, in the customer's currency: rounded up. Nothing without a rate.
    /// Errors: those of `check` that are about the amount.
    [[nodiscard]] result<std::optional<money>> counted_for(place at, money asked) const {
        auto const& state = book_.state_of(at);
        auto const amount = in_some_currency(state, asked);
        if (!amount) return amount.error();
        auto const in = state.in.is_own() ? amount.value().in() : state.in;
        auto const counted = book_.in_currency(amount.value(), in, on_, conversion::up);
        if (!counted) return counted.error();
        if (!counted.value()) return std::optional<money>{};
        return std::optional{money{*counted.value(), in}};
    }

private:
    /// An amount of an order that was placed: by the rate that it was taken at, where it is in the order's currency.
    result<std::optional<std::int64_t>> by_document(ledger_order const* placed, money amount, currency to) const {
        auto const of = placed == nullptr ? document_rate{} : document_rate::of_all(*placed);
        if (!of.is_for(amount)) return book_.in_currency(amount, to, on_, conversion::up);
        if (auto const own = of.own_part(amount.minor_units())) return own;
        return error{.code = errc::amount_overflow,
                     .field = "amount",
                     .saw = amount.to_string(),
                     .remedy = "it is beyond 64 bits in " + std::string{to.code()}};
    }
    static result<money> in_some_currency(customer_state const& state, money asked) {
        if (!asked.in().is_own()) return asked;
        if (!state.in.is_own()) return asked.owned_as(state.in);
        return error{.code = errc::unknown_currency,
                     .field = "amount",
                     .saw = asked.to_string(),
                     .remedy = "the customer has no currency yet: write one behind the amount"};
    }
    /// The order that is asked about, or that a reservation asked about is for.
    static std::string_view order_of(customer_records const* records, credit_query const& asked) {
        if (!asked.order.empty() || records == nullptr) return asked.order;
        auto const* kept = records->credit->find_reservation(asked.reservation);
        return kept == nullptr ? asked.reservation : kept->for_order();
    }
    /// Whether at this step the exposure counts the order already.
    static constexpr bool counts_itself(credit_step s) noexcept {
        return s == credit_step::change || s == credit_step::delivery || s == credit_step::invoice;
    }
    /// A quotation is for the steps at which it is made and taken up, and an order takes up one that there is.
    static result<void> check_quotation(customer_records const* records, credit_query const& asked) {
        if (asked.quotation.empty() || asked.step == credit_step::quote) return {};
        if (asked.step != credit_step::order) {
            return error{.code = errc::impossible_now,
                         .field = "quotation",
                         .saw = std::string{asked.quotation},
                         .remedy = "an order takes up its quotation when it is placed: name one at quote or order"};
        }
        if (records != nullptr && records->credit->find_quotation(asked.quotation) != nullptr) return {};
        return error{.code = errc::unknown_reference,
                     .field = "quotation",
                     .saw = std::string{asked.quotation},
                     .remedy = "no quotation of that name was made to the customer"};
    }
    /// What of a document the exposure counts already.
    [[nodiscard]] std::int64_t counted_already(credit_view& view, customer_records const* records,
                                               customer_state const& state, credit_query const& asked,
                                               std::int64_t amount, day_number on) const {
        if (records == nullptr) return 0;
        auto const& credit = *records->credit;
        auto const* reserved = credit.find_reservation(asked.reservation);
        if (reserved == nullptr && asked.step == credit_step::order && !asked.order.empty())
            reserved = credit.reserved_for(asked.order, on);
        auto const* offer = asked.quotation.empty() ? nullptr : credit.find_quotation(asked.quotation);
        auto const of_offer = offer == nullptr                   ? 0
                              : asked.step == credit_step::order ? offer->taken_by(amount, on)
                                                                 : offer->open(on);
        auto const own = take_own(view, reserved, offer, of_offer, on, rules_->counts);
        if (reserved != nullptr || !counts_itself(asked.step) || asked.order.empty()) return own;
        if (!records->ledger_is_complete) return state.order_numbers.maybe(stable_hash(asked.order)) ? amount : 0;
        auto const* order = records->ledger.find_order(asked.order);
        if (order == nullptr) return 0;
        return asked.step == credit_step::change ? order->uninvoiced() : std::min(amount, order->uninvoiced());
    }

    Book book_;
    credit_rules const* rules_;
    day on_;
};

}  // namespace patron::v1::detail
