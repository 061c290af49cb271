#pragma once
#include <patron/engine/credit_course.hpp>
#include <patron/engine/impl/credit_desk.hpp>
#include <patron/engine/impl/retold_group.hpp>
#include <patron/engine/impl/sum_of_currency.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace patron::inline v1 {

namespace detail {

/// Folds customers' facts and asks, before each order counts, whether it would have passed.
class lending {
public:
    lending(told_book const& book, day until, int lost_after_days)
        : book_{&book}, until_{until}, lost_after_days_{lost_after_days} {}

    /// The courses of customers, in their order, who share no limit with any others. Sorted codes.
    /// Complexity: their facts are folded once, all together.
    [[nodiscard]] result<std::vector<credit_course>> courses_of(std::span<std::string_view const> codes) const {
        std::vector<std::vector<told_event>> stories;
        stories.reserve(codes.size());
        for (auto const code : codes) {
            auto story = book_->of(code);
            if (!story) return story.error();
            stories.push_back(std::move(story.value()));
        }
        return courses_of(codes, stories);
    }
    [[nodiscard]] result<std::vector<credit_course>> courses_of(
        std::span<std::string_view const> codes, std::span<std::vector<told_event> const> stories) const {
        retold_group group{book_->options(), rules_, book_->rates()};
        std::vector<course_so_far> courses(codes.size());
        for (std::size_t i = 0; i < codes.size(); ++i) courses[i].at = group.add(codes[i]);
        std::vector<std::size_t> told(codes.size());
        for (auto const& next : in_turn(stories)) {
            for (auto& i = told[next.whose]; i <= next.index; ++i) {
                auto const& one = stories[next.whose][i];
                if (one.on() > until_) continue;
                if (auto const done = tell(group, courses[next.whose], one); !done) {
                    auto e = done.error();
                    if (e.source.empty()) e.source = codes[next.whose];
                    return e;
                }
            }
        }
        std::vector<credit_course> out;
        out.reserve(codes.size());
        for (auto& one : courses) {
            if (auto const ended = end(group, one); !ended) return ended.error();
            out.push_back(one.course);
        }
        return out;
    }

private:
    struct course_so_far {
        retold_group::place at = 0;
        std::set<std::string, std::less<>> refused{};           ///< orders
        std::set<std::string, std::less<>> invoiced_refused{};  ///< invoices of such orders
        credit_course course{};
    };

    /// A fact among the stories of several.
    struct turn {
        moment at;
        std::size_t whose;
        std::size_t index;
    };
    /// By the moments of the facts, at one moment by the customers' codes; but each customer's own as they were told: one
    /// that was told late has its turn behind what was told before it. A review has none: it concerns its customer alone.
    [[nodiscard]] std::vector<turn> in_turn(std::span<std::vector<told_event> const> stories) const {
        std::vector<turn> all;
        for (std::size_t whose = 0; whose < stories.size(); ++whose) {
            moment latest{first_day};
            for (std::size_t i = 0; i < stories[whose].size(); ++i) {
                auto const& one = stories[whose][i];
                if (one.review || one.on() > until_) continue;
                latest = std::max(latest, head_of(one.content).at);
                all.push_back({latest, whose, i});
            }
        }
        if (stories.size() > 1) {
            std::sort(all.begin(), all.end(), [](turn const& a, turn const& b) {
                return std::tie(a.at, a.whose, a.index) < std::tie(b.at, b.whose, b.index);
            });
        }
        return all;
    }

    result<void> tell(retold_group& group, course_so_far& to, told_event const& one) const {
        auto const* order = one.review ? nullptr : std::get_if<order_placed>(&one.content);
        if (order == nullptr) {
            auto const* invoice = one.review ? nullptr : std::get_if<invoice_issued>(&one.content);
            if (invoice != nullptr && invoice->order && to.refused.contains(*invoice->order)) {
                to.invoiced_refused.insert(invoice->invoice);
            }
            (void)group.tell(to.at, one);
            return {};
        }
        auto const on = order->at.on();
        group.come_to(to.at, on);
        auto const passes = would_pass(group, to.at, *order, on);
        if (!passes) return passes.error();
        if (!group.tell(to.at, one)) return {};
        auto const amount = group[to.at].records().ledger.find_order(order->order)->ordered;
        ++to.course.orders;
        if (auto const added = add(to.course.ordered, amount); !added) return added;
        if (passes.value()) return {};
        ++to.course.orders_refused;
        to.refused.emplace(order->order);
        return add(to.course.refused, amount);
    }
    /// A check that cannot be answered, as in groups that lead back to the customer, lets nothing pass.
    [[nodiscard]] static result<bool> would_pass(retold_group const& group, retold_group::place at,
                                                 order_placed const& order, day on) {
        credit_desk const desk{retold_group::view{group}, group[at].rules_on(on).credit, on};
        credit_query asked;
        asked.amount = order.amount;
        if (auto const own = group[at].state().in; order.rate && !own.is_own()) {  // that it was taken at
            if (auto const taken_at = converted(order.amount, *order.rate, own, conversion::up))
                asked.amount = {*taken_at, own};
        }
        asked.order = order.order;
        if (order.quotation) asked.quotation = *order.quotation;
        asked.delivery_date = order.delivery_date;
        auto const answer = desk.check(at, asked);
        if (answer) return answer.value().verdict == credit_verdict::approve;
        if (answer.error().code == errc::amount_overflow) return answer.error();
        return false;
    }
    /// What is owed for longer than was asked about.
    result<void> end(retold_group const& group, course_so_far& of) const {
        auto const& customer = group[of.at];
        of.course.in = customer.state().in;
        for (auto const& i : customer.records().ledger.invoices()) {
            if (i.disputed || i.open <= 0 || std::int64_t{number_of(until_)} - i.due <= lost_after_days_) continue;
            if (auto const added = add(of.course.lost, i.open); !added) return added;
            auto const is_spared = of.invoiced_refused.contains(i.invoice);
            if (auto const added = add(of.course.spared, is_spared ? i.open : 0); !added) return added;
        }
        return {};
    }
    static result<void> add(std::int64_t& sum, std::int64_t more) {
        if (!__builtin_add_overflow(sum, more, &sum)) return {};
        return error{
            .code = errc::amount_overflow,
            .field = "amount",
            .saw = std::to_string(more),
            .remedy = "the orders of a customer, and of all in one currency, add up to less than 2^63 minor units"};
    }

    told_book const* book_;
    day until_;
    int lost_after_days_;
    std::shared_ptr<dated_rules const> rules_ = std::make_shared<dated_rules const>(book_->options().rules);
};

/// Customers who may ever have shared a limit, as indices into the sorted codes: sets of two and more, each sorted.
inline result<std::vector<std::vector<std::size_t>>> sharers_of_limits(told_book const& book,
                                                                       std::span<std::string_view const> codes) {
    auto const memberships = book.memberships();
    if (!memberships) return memberships.error();
    std::vector<std::vector<std::size_t>> sets;
    if (memberships.value().empty()) return sets;
    std::vector<std::size_t> above(codes.size());
    std::iota(above.begin(), above.end(), std::size_t{0});
    auto const top_of = [&](std::size_t i) {
        while (above[i] != i) i = above[i] = above[above[i]];
        return i;
    };
    auto const index_of = [&](std::string_view code) {
        return static_cast<std::size_t>(std::lower_bound(codes.begin(), codes.end(), code) - codes.begin());
    };
    for (auto const& m : memberships.value()) above[top_of(index_of(m.customer))] = top_of(index_of(m.group));
    std::vector<std::size_t> set_of(codes.size(), codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto& number = set_of[top_of(i)];
        if (number == codes.size()) {
            number = sets.size();
            sets.emplace_back();
        }
        sets[number].push_back(i);
    }
    std::erase_if(sets, [](auto const& set) { return set.size() < 2; });
    return sets;
}

}  // namespace detail

PATRON_FN result<credit_course> credit_course_of(engine const& book, std::string_view code, day on,
                                                 int lost_after_days) {
    detail::told_book const told{book};
    auto story = told.of(code);
    if (!story) return story.error();
    detail::lending const lent{told, on, lost_after_days};
    std::vector<std::string_view> together{code};
    if (told.may_share(code, story.value())) {
        auto const codes = told.codes();
        auto const sets = detail::sharers_of_limits(told, codes);
        if (!sets) return sets.error();
        for (auto const& set : sets.value()) {
            if (std::none_of(set.begin(), set.end(), [&](std::size_t i) { return codes[i] == code; })) continue;
            together.clear();
            for (auto const i : set) together.push_back(codes[i]);
        }
    }
    auto const courses =
        together.size() == 1 ? lent.courses_of(together, std::span{&story.value(), 1}) : lent.courses_of(together);
    if (!courses) return courses.error();
    auto const at = std::find(together.begin(), together.end(), code) - together.begin();
    return courses.value()[static_cast<std::size_t>(at)];
}

PATRON_FN result<std::vector<customer_credit_course>> credit_courses_by_customer(engine const& book, day on,
                                                                                 int lost_after_days) {
    detail::told_book const told{book};
    detail::lending const lent{told, on, lost_after_days};
    auto const codes = told.codes();
    std::vector<customer_credit_course> all;
    all.reserve(codes.size());
    for (auto const code : codes) all.push_back({std::string{code}, {}});
    auto const take = [&](std::span<std::size_t const> who) -> result<void> {
        std::vector<std::string_view> together;
        for (auto const i : who) together.push_back(codes[i]);
        auto const courses = lent.courses_of(together);
        if (!courses) return courses.error();
        for (std::size_t i = 0; i < who.size(); ++i) all[who[i]].course = courses.value()[i];
        return {};
    };
    auto const sets = detail::sharers_of_limits(told, codes);
    if (!sets) return sets.error();
    std::vector<bool> is_in_a_set(codes.size());
    for (auto const& set : sets.value()) {
        if (auto const taken = take(set); !taken) return taken.error();
        for (auto const i : set) is_in_a_set[i] = true;
    }
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (is_in_a_set[i]) continue;
        if (auto const taken = take(std::span{&i, 1}); !taken) return taken.error();
    }
    return all;
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
    auto const each = credit_courses_by_customer(book, on, lost_after_days);
    if (!each) return each.error();
    std::vector<credit_course> all;
    all.reserve(each.value().size());
    for (auto const& one : each.value()) all.push_back(one.course);
    return sums_of(all);
}

}  // namespace patron::v1
