#pragma once
#include <patron/customer/rebate_book.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <limits>

namespace patron::inline v1 {

namespace rebate_detail {

__extension__ using wide = __int128;

inline error lines_overflow(std::string field) {
    return {.code = errc::amount_overflow,
            .field = std::move(field),
            .saw = "a sum beyond 64 bits",
            .remedy = "split the order"};
}

/// What of `amount` belongs to `part` of `of_whole`, half to even. Preconditions: none is negative, of_whole > 0.
inline result<std::int64_t> share_of(std::int64_t amount, std::int64_t part, std::int64_t of_whole) {
    auto const product = wide{amount} * part;
    auto units = product / of_whole;
    auto const rest = 2 * (product % of_whole);
    if (rest > of_whole || (rest == of_whole && units % 2 != 0)) ++units;
    if (units > std::numeric_limits<std::int64_t>::max()) return lines_overflow("lines");
    return static_cast<std::int64_t>(units);
}

inline result<std::vector<rebate_book::line>> try_measured(std::vector<order_line> const& lines, currency in) {
    std::vector<rebate_book::line> out;
    out.reserve(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto const place = "lines[" + std::to_string(i) + ']';
        auto const quantity = millionths_of(lines[i].quantity.value());
        if (!quantity) {
            auto e = quantity.error();
            e.field = place + ".quantity";
            return e;
        }
        auto const price = lines[i].price.owned_as(in);
        if (!price || price.value().in() != in) {
            return error{.code = price ? errc::currency_mismatch : price.error().code,
                         .field = place + ".price",
                         .saw = lines[i].price.to_string(),
                         .remedy = "the customer's amounts are in " + std::string{in.code()}};
        }
        auto const value = share_of(price.value().minor_units(), quantity.value(), 1'000'000);
        if (!value) return lines_overflow(place);
        out.push_back({lines[i].product, quantity.value(), value.value()});
    }
    return out;
}

/// Lines in minor units and millionths. None where one of them cannot be told so: the order stands whatever its lines.
inline std::vector<rebate_book::line> measured(std::vector<order_line> const& lines, currency in) {
    auto all = try_measured(lines, in);
    return all ? std::move(all.value()) : std::vector<rebate_book::line>{};
}

/// How much of an amount, and of the quantities of its lines, concerns an agreement.
struct scope {
    std::int64_t value = 1;  ///< of `of_value`
    std::int64_t of_value = 1;
    std::int64_t quantity = 0;  ///< of all of the order

    static result<scope> of(rebate_terms const& terms, std::vector<rebate_book::line> const* lines) {
        scope s;
        auto const& product = terms.product();
        if (product) s.value = 0;
        if (lines == nullptr || lines->empty()) return s;
        std::int64_t all = 0;
        std::int64_t mine = 0;
        std::int64_t all_units = 0;
        std::int64_t units = 0;
        for (auto const& line : *lines) {
            auto const is_mine = !product || line.product == *product;
            if (__builtin_add_overflow(all, line.value, &all) ||
                __builtin_add_overflow(all_units, line.quantity, &all_units)) {
                return lines_overflow("lines");
            }
            if (is_mine) {
                mine += line.value;
                units += line.quantity;
            }
        }
        s.quantity = units;
        if (!product) return s;
        if (all > 0) {
            s.value = mine;
            s.of_value = all;
        } else if (all_units > 0) {  // given for nothing: by what is most of it
            s.value = units;
            s.of_value = all_units;
        }
        return s;
    }
    /// Of so much of an order of that size.
    [[nodiscard]] result<rebate_volume> volume(std::int64_t amount, std::int64_t ordered) const {
        auto const in_value = share_of(amount, value, of_value);
        if (!in_value) return in_value.error();
        if (ordered == 0) return rebate_volume{in_value.value(), 0};
        auto const in_units = share_of(amount, quantity, ordered);
        if (!in_units) return in_units.error();
        return rebate_volume{in_value.value(), in_units.value()};
    }
};

}  // namespace rebate_detail

/// Gathers the moves of one fact.
struct rebate_book::worker {
    rebate_book const& book;
    moves out{};

    [[nodiscard]] traded_order const* order(std::string_view name) const {
        auto const found = book.orders_.find(name);
        return found == book.orders_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] static std::vector<line> const* lines_of(traded_order const* order) {
        return order == nullptr ? nullptr : &order->lines;
    }
    /// The volume of what an order has come to, between two of its states.
    static result<rebate_volume> volume(rebate_terms const& terms, order_progress const& part,
                                        std::vector<line> const* lines) {
        auto const scope = rebate_detail::scope::of(terms, lines);
        if (!scope) return scope.error();
        auto const before = scope.value().volume(part.before, part.ordered);
        if (!before) return before.error();
        auto const after = scope.value().volume(part.after, part.ordered);
        if (!after) return after.error();
        return rebate_volume{after.value().value - before.value().value,
                             after.value().quantity - before.value().quantity};
    }
    /// Adds one move where the account can take it.
    result<void> add(move const& m) {
        auto const& e = book.entries_[m.entry];
        auto const off = off_of(e, m);
        if (!off) return off.error();
        if (auto const fits = e.account.can_take(m.counts, off.value()); !fits) return fits;
        out.push_back(m);
        return {};
    }
    /// All that the move takes off: what was cancelled, and by how much the larger of returned and credited grows.
    static result<rebate_volume> off_of(entry const& e, move const& m) {
        auto const grows = [](std::int64_t returned, std::int64_t credited, std::int64_t more_returned,
                              std::int64_t more_credited, std::int64_t at_once) -> result<std::int64_t> {
            std::int64_t r = 0;
            std::int64_t c = 0;
            std::int64_t off = 0;
            if (__builtin_add_overflow(returned, more_returned, &r) ||
                __builtin_add_overflow(credited, more_credited, &c) ||
                __builtin_add_overflow(std::max(r, c) - std::max(returned, credited), at_once, &off)) {
                return rebate_detail::lines_overflow("amount");
            }
            return off;
        };
        auto const value =
            grows(e.returned.value, e.credited.value, m.returned.value, m.credited.value, m.taken_off.value);
        if (!value) return value.error();
        auto const quantity = grows(e.returned.quantity, e.credited.quantity, m.returned.quantity, m.credited.quantity,
                                    m.taken_off.quantity);
        if (!quantity) return quantity.error();
        return rebate_volume{value.value(), quantity.value()};
    }
    /// Calls `work(terms, move)` for each account that the basis concerns; a move that stays empty is left out.
    template <class Concerns, class Work>
    result<void> each(Concerns concerns, Work work) {
        for (std::size_t i = 0; i < book.entries_.size(); ++i) {
            auto const& e = book.entries_[i];
            if (!concerns(e)) continue;
            move m{.entry = i};
            if (auto const worked = work(e.account.terms(), m); !worked) return worked;
            if (m.counts == rebate_volume{} && m.taken_off == rebate_volume{} && m.returned == rebate_volume{} &&
                m.credited == rebate_volume{}) {
                continue;
            }
            if (auto const added = add(m); !added) return added;
        }
        return {};
    }
    /// For facts that add to a basis by their own day.
    result<moves> counting(rebate_basis basis, day_number on, order_progress const& part,
                           std::vector<line> const* lines) {
        auto const done = each(
            [&](entry const& e) {
                auto const& terms = e.account.terms();
                return terms.basis() == basis && terms.in_force(day_of(on)) && !e.account.is_final();
            },
            [&](rebate_terms const& terms, move& m) -> result<void> {
                auto const v = volume(terms, part, lines);
                if (!v) return v.error();
                m.counts = v.value();
                return {};
            });
        if (!done) return done.error();
        return std::move(out);
    }
};

PATRON_FN rebate_book::entry const* rebate_book::find(std::string_view agreement) const noexcept {
    for (auto const& e : entries_) {
        if (e.account.terms().agreement() == agreement) return &e;
    }
    return nullptr;
}

PATRON_FN result<void> rebate_book::can_open(rebate_agreed const& agreed, currency in) const {
    auto const terms = rebate_terms::of(agreed, in);
    if (!terms) return terms.error();
    if (terms.value().basis() == rebate_basis::paid &&
        (terms.value().product() || terms.value().measure() == rebate_measure::quantity)) {
        return error{.code = errc::not_supported,
                     .field = "basis",
                     .saw = "paid",
                     .remedy = "payments name no products and no quantities; take the basis invoiced"};
    }
    auto const* known = find(agreed.agreement);
    if (known != nullptr && known->is_in_effect && known->account.terms() != terms.value()) {
        return error{
            .code = errc::impossible_now,
            .field = "agreement",
            .saw = agreed.agreement,
            .remedy = "an agreement of that name has other terms; correct that one, or give this its own name"};
    }
    return {};
}

PATRON_FN void rebate_book::open(rebate_agreed const& agreed, currency in, bool in_effect) {
    auto terms = rebate_terms::of(agreed, in);
    BOOST_ASSERT(terms.has_value());
    if (auto* known = find(agreed.agreement)) {
        if (known->is_in_effect) return;
        if (known->account.terms() == terms.value()) {
            known->agreed = agreed;
            known->is_in_effect = in_effect;
            return;
        }
        std::erase_if(entries_, [&](entry const& e) { return &e == known; });
    }
    entries_.push_back(
        {.account = rebate_account{std::move(terms.value())}, .agreed = agreed, .is_in_effect = in_effect});
}

PATRON_FN result<rebate_book::moves> rebate_book::placed(order_placed const& f, std::int64_t amount,
                                                         currency in) const {
    auto const lines = rebate_detail::measured(f.lines, in);
    worker w{*this};
    // an order of nothing has no parts: its quantities count whole
    auto const whole = std::max<std::int64_t>(amount, 1);
    auto const done = w.each(
        [&](entry const& e) {
            auto const& terms = e.account.terms();
            return terms.basis() == rebate_basis::ordered && terms.in_force(f.at.on()) && !e.account.is_final();
        },
        [&](rebate_terms const& terms, move& m) -> result<void> {
            auto const scope = rebate_detail::scope::of(terms, &lines);
            if (!scope) return scope.error();
            auto const v = scope.value().volume(whole, whole);
            if (!v) return v.error();
            m.counts = {amount == 0 ? 0 : v.value().value, v.value().quantity};
            return {};
        });
    if (!done) return done.error();
    return std::move(w.out);
}

PATRON_FN result<rebate_book::moves> rebate_book::cancelled(order_progress const& part, day_number on) const {
    worker w{*this};
    auto const* order = w.order(part.order);
    auto const day_counted = order == nullptr ? on : order->placed;
    auto const done = w.each(
        [&](entry const& e) {
            auto const& terms = e.account.terms();
            return terms.basis() == rebate_basis::ordered && terms.in_force(day_of(day_counted));
        },
        [&](rebate_terms const& terms, move& m) -> result<void> {
            auto const v = worker::volume(terms, part, worker::lines_of(order));
            if (!v) return v.error();
            m.taken_off = v.value();
            return {};
        });
    if (!done) return done.error();
    return std::move(w.out);
}

PATRON_FN result<rebate_book::moves> rebate_book::reopened(order_progress const& part, day_number on) const {
    worker w{*this};
    auto const* order = w.order(part.order);
    auto const day_counted = order == nullptr ? on : order->placed;
    return w.counting(rebate_basis::ordered, day_counted, part, worker::lines_of(order));
}

PATRON_FN result<rebate_book::moves> rebate_book::delivered(order_progress const& part, day_number on) const {
    worker w{*this};
    return w.counting(rebate_basis::delivered, on, part, worker::lines_of(w.order(part.order)));
}

PATRON_FN result<rebate_book::moves> rebate_book::invoiced(order_progress const& part, day_number on) const {
    worker w{*this};
    return w.counting(rebate_basis::invoiced, on, part, worker::lines_of(w.order(part.order)));
}

PATRON_FN result<rebate_book::moves> rebate_book::paid(std::int64_t amount, day_number on) const {
    worker w{*this};
    return w.counting(rebate_basis::paid, on, {.order = {}, .ordered = 0, .before = 0, .after = amount}, nullptr);
}

PATRON_FN result<rebate_book::moves> rebate_book::returned(goods_returned const& f, std::int64_t amount,
                                                           std::int64_t ordered, currency in) const {
    auto const lines = rebate_detail::measured(f.lines, in);
    worker w{*this};
    auto const* order = f.order ? w.order(*f.order) : nullptr;
    auto const has_lines = !lines.empty();
    auto const done = w.each(
        [&](entry const& e) {
            auto const& terms = e.account.terms();
            if (terms.basis() == rebate_basis::paid) return false;
            auto const counted = order == nullptr ? number_of(f.at.on()) : order->counted(terms.basis());
            return counted != no_day && terms.in_force(day_of(counted));
        },
        [&](rebate_terms const& terms, move& m) -> result<void> {
            auto const scope = rebate_detail::scope::of(terms, has_lines ? &lines : worker::lines_of(order));
            if (!scope) return scope.error();
            auto const of = has_lines ? amount : ordered;
            auto const v = scope.value().volume(amount, of);
            if (!v) return v.error();
            m.returned = v.value();
            if (has_lines && amount == 0) m.returned.quantity = scope.value().quantity;
            return {};
        });
    if (!done) return done.error();
    return std::move(w.out);
}

PATRON_FN result<rebate_book::moves> rebate_book::credited(std::string_view invoice, std::int64_t amount,
                                                           std::int64_t open,
                                                           std::function<std::int64_t(std::string_view)> const& ordered,
                                                           day_number on) const {
    worker w{*this};
    auto const found = invoices_.find(invoice);
    auto const* known = found == invoices_.end() ? nullptr : &found->second;
    auto const* order = known == nullptr || known->order.empty() ? nullptr : w.order(known->order);
    auto const of_order = order == nullptr ? 0 : ordered(known->order);
    auto const was_paid = std::max<std::int64_t>(amount - open, 0);
    auto const done = w.each(
        [&](entry const& e) {
            auto const& terms = e.account.terms();
            auto counted = on;
            if (terms.basis() == rebate_basis::invoiced && known != nullptr) {
                counted = known->issued;
            } else if (terms.basis() != rebate_basis::paid && order != nullptr) {
                counted = order->counted(terms.basis());
            }
            return counted != no_day && terms.in_force(day_of(counted));
        },
        [&](rebate_terms const& terms, move& m) -> result<void> {
            if (terms.basis() == rebate_basis::paid) {
                m.taken_off = {was_paid, 0};
                return {};
            }
            auto const scope = rebate_detail::scope::of(terms, worker::lines_of(order));
            if (!scope) return scope.error();
            auto const v = scope.value().volume(amount, of_order);
            if (!v) return v.error();
            m.credited = v.value();
            return {};
        });
    if (!done) return done.error();
    return std::move(w.out);
}

PATRON_FN void rebate_book::take(moves const& all) {
    for (auto const& m : all) {
        auto& e = entries_[m.entry];
        auto const off = worker::off_of(e, m);
        BOOST_ASSERT(off.has_value());
        if (m.counts != rebate_volume{}) {
            auto const counted = e.account.count(m.counts);
            BOOST_ASSERT(counted.has_value());
            (void)counted;
        }
        auto const taken = e.account.take_off(off.value());
        BOOST_ASSERT(taken.has_value());
        (void)taken;
        e.returned = {e.returned.value + m.returned.value, e.returned.quantity + m.returned.quantity};
        e.credited = {e.credited.value + m.credited.value, e.credited.quantity + m.credited.quantity};
    }
}

PATRON_FN void rebate_book::remember(order_placed const& f, currency in) {
    auto lines = rebate_detail::measured(f.lines, in);
    orders_.insert_or_assign(f.order, traded_order{.placed = number_of(f.at.on()), .lines = std::move(lines)});
}

PATRON_FN void rebate_book::remember(goods_delivered const& f) {
    auto const order = orders_.find(f.order);
    if (order == orders_.end()) return;
    order->second.delivered = std::max(order->second.delivered, number_of(f.at.on()));
}

PATRON_FN void rebate_book::remember(invoice_issued const& f) {
    auto const on = number_of(f.at.on());
    invoices_.insert_or_assign(f.invoice, traded_invoice{on, f.order.value_or("")});
    if (!f.order) return;
    if (auto const order = orders_.find(*f.order); order != orders_.end()) {
        order->second.invoiced = std::max(order->second.invoiced, on);
    }
}

}  // namespace patron::v1
