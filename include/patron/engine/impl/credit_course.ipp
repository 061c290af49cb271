#pragma once
#include <patron/engine/credit_course.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/retold_customer.hpp>
#include <patron/engine/impl/sum_of_currency.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace patron::inline v1 {

namespace detail {

/// Folds one customer's facts and asks, before each order counts, whether it would have passed.
class lending {
public:
    explicit lending(engine_options const& options) : customer_{options} {}

    result<void> tell(fact const& f) {
        auto const on = head_of(f).at.on();
        if (auto const* order = std::get_if<order_placed>(&f)) {
            customer_.come_to(on);
            if (auto const judged = judge(*order, on); !judged) return judged;
        }
        if (auto const* invoice = std::get_if<invoice_issued>(&f)) {
            if (invoice->order && refused_.contains(*invoice->order)) invoiced_refused_.insert(invoice->invoice);
        }
        customer_.tell(f);
        return {};
    }

    /// What is owed for more than so many days on that day.
    result<credit_course> end(day_number on, int lost_after_days) {
        out_.in = customer_.state().in;
        for (auto const& i : customer_.records().ledger.invoices()) {
            if (i.disputed || i.open <= 0 || std::int64_t{on} - i.due <= lost_after_days) continue;
            if (auto const added = add(out_.lost, i.open); !added) return added.error();
            auto const is_spared = invoiced_refused_.contains(i.invoice);
            if (auto const added = add(out_.spared, is_spared ? i.open : 0); !added) return added.error();
        }
        return out_;
    }

private:
    result<void> judge(order_placed const& order, day on) {
        auto const& state = customer_.state();
        auto const& records = customer_.records();
        auto const& rules = customer_.rules_on(on).credit;
        auto const amount = state.in.is_own() ? result<money>{order.amount} : order.amount.owned_as(state.in);
        if (!amount) return {};  // no such order was taken
        credit_view view;
        auto const seen = look(view, state, &records, customer_.profile(), number_of(on), order.order, rules);
        if (!seen) return seen;
        view.picture.in = amount.value().in();
        credit_request request{
            .amount = amount.value().minor_units(), .step = credit_step::order, .order = order.order};
        auto const* offer = order.quotation ? records.credit->find_quotation(*order.quotation) : nullptr;
        request.replaces = take_own(view, records.credit->reserved_for(order.order, number_of(on)), offer,
                                    offer == nullptr ? 0 : offer->taken_by(request.amount, number_of(on)),
                                    number_of(on), rules.counts);
        auto const answer = check_credit(view.picture, request, rules);
        if (!answer) return answer.error();
        ++out_.orders;
        if (auto const added = add(out_.ordered, request.amount); !added) return added;
        if (answer.value().verdict == credit_verdict::approve) return {};
        ++out_.orders_refused;
        refused_.emplace(order.order);
        return add(out_.refused, request.amount);
    }
    static result<void> add(std::int64_t& sum, std::int64_t more) {
        if (!__builtin_add_overflow(sum, more, &sum)) return {};
        return error{
            .code = errc::amount_overflow,
            .field = "amount",
            .saw = std::to_string(more),
            .remedy = "the orders of a customer, and of all in one currency, add up to less than 2^63 minor units"};
    }

    retold_customer customer_;
    std::set<std::string, std::less<>> refused_{};           ///< orders
    std::set<std::string, std::less<>> invoiced_refused_{};  ///< invoices of such orders
    credit_course out_{};
};

}  // namespace detail

PATRON_FN result<credit_course> credit_course_of(engine const& book, std::string_view code, day on,
                                                 int lost_after_days) {
    auto const facts = book.facts_of(code);
    if (!facts) return facts.error();
    detail::lending told{book.options()};
    for (auto const& f : facts.value()) {
        if (head_of(f).at.on() > on) continue;
        if (auto const done = told.tell(f); !done) return done.error();
    }
    return told.end(number_of(on), lost_after_days);
}

PATRON_FN result<std::vector<credit_course>> sums_of(std::span<credit_course const> courses) {
    std::vector<credit_course> sums;
    for (auto const& c : courses) {
        if (c.orders == 0 && c.lost == 0) continue;
        auto* const at = &detail::sum_of(sums, c.in);
        at->orders += c.orders;
        at->orders_refused += c.orders_refused;
        for (auto const part :
             {&credit_course::ordered, &credit_course::refused, &credit_course::lost, &credit_course::spared}) {
            if (!__builtin_add_overflow(at->*part, c.*part, &(at->*part))) continue;
            return error{
                .code = errc::amount_overflow,
                .field = "amount",
                .saw = "a sum beyond 64 bits of minor units",
                .remedy = "the orders in " + std::string{c.in.code()} + " add up to less than 2^63 minor units"};
        }
    }
    return sums;
}

PATRON_FN result<std::vector<credit_course>> credit_courses_of(engine const& book, day on, int lost_after_days) {
    std::vector<std::string> codes;
    book.each_by_code([&](customer_row const& row) {
        codes.emplace_back(row.profile.code);
        return true;
    });
    std::vector<credit_course> all;
    all.reserve(codes.size());
    for (auto const& code : codes) {
        auto const one = credit_course_of(book, code, on, lost_after_days);
        if (!one) return one.error();
        all.push_back(one.value());
    }
    return sums_of(all);
}

}  // namespace patron::v1
