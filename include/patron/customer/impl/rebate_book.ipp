#pragma once
#include <patron/customer/rebate_book.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <limits>
#include <utility>

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
    currency of_lines;  // any: what a line is of all of them does not depend on it
    std::int64_t all = 0;
    std::int64_t units = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto const place = "lines[" + std::to_string(i) + ']';
        auto const quantity = millionths_of(lines[i].quantity.value());
        if (!quantity) {
            auto e = quantity.error();
            e.field = place + ".quantity";
            return e;
        }
        auto const price = lines[i].price.owned_as(in);
        if (price && of_lines.is_own()) of_lines = price.value().in();
        if (!price || price.value().in() != of_lines) {
            return error{.code = price ? errc::currency_mismatch : price.error().code,
                         .field = place + ".price",
                         .saw = lines[i].price.to_string(),
                         .remedy = "the lines before it are in " + std::string{of_lines.code()}};
        }
        auto const value = share_of(price.value().minor_units(), quantity.value(), 1'000'000);
        if (!value || __builtin_add_overflow(all, value.value(), &all) ||
            __builtin_add_overflow(units, quantity.value(), &units)) {
            return lines_overflow(place);
        }
        out.push_back({lines[i].product, quantity.value(), value.value()});
    }
    return out;
}

/// Lines in minor units of one currency and millionths. None where one of them cannot be told so: the order stands
/// whatever its lines.
inline std::vector<rebate_book::line> measured(std::vector<order_line> const& lines, currency in) {
    auto all = try_measured(lines, in);
    return all ? std::move(all.value()) : std::vector<rebate_book::line>{};
}

/// How much of an amount, and of the quantities of its lines, concerns an agreement.
struct scope {
    std::int64_t value = 1;  ///< of `of_value`
    std::int64_t of_value = 1;
    std::int64_t quantity = 0;  ///< of all of the order

    /// Precondition: the lines have been measured, so that their sums fit.
    static scope of(rebate_terms const& terms, std::vector<rebate_book::line> const& lines) {
        scope s;
        auto const& product = terms.product();
        if (product) s.value = 0;
        if (lines.empty()) return s;
        std::int64_t all = 0;
        std::int64_t mine = 0;
        std::int64_t all_units = 0;
        std::int64_t units = 0;
        for (auto const& line : lines) {
            all += line.value;
            all_units += line.quantity;
            if (product && line.product != *product) continue;
            mine += line.value;
            units += line.quantity;
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

/// An order of nothing has no parts: its quantities count whole.
inline rebate_volume volume_of_nothing(scope const& s) noexcept { return {0, s.quantity}; }

template <class Work>
rebate_volume by_part(Work work) {
    return {work(&rebate_volume::value), work(&rebate_volume::quantity)};
}
/// Errors: errc::amount_overflow; nothing has changed then.
inline result<void> grow(rebate_volume& sum, rebate_volume const& by) {
    auto larger = sum;
    if (__builtin_add_overflow(larger.value, by.value, &larger.value) ||
        __builtin_add_overflow(larger.quantity, by.quantity, &larger.quantity)) {
        return lines_overflow("volume");
    }
    sum = larger;
    return {};
}
inline rebate_volume less(rebate_volume const& a, rebate_volume const& b) noexcept {
    return {a.value - b.value, a.quantity - b.quantity};
}
inline rebate_volume larger(rebate_volume const& a, rebate_volume const& b) noexcept {
    return {std::max(a.value, b.value), std::max(a.quantity, b.quantity)};
}
/// `sum` less `before` plus `after`, both of which are parts of one whole.
inline result<void> replace(rebate_volume& sum, rebate_volume const& before, rebate_volume const& after) {
    auto rest = less(sum, before);
    if (auto const larger = grow(rest, after); !larger) return larger;
    sum = rest;
    return {};
}

/// All that is off: a loss of no order that is named is one with a counterpart that names one but has none itself.
inline result<rebate_volume> total_of(rebate_book::losses const& l) {
    auto const matched = by_part([&](std::int64_t rebate_volume::* part) {
        auto const by_note = std::min(l.only_credited.*part, l.returned.*part);
        auto const by_return = std::min(l.only_returned.*part, l.credited.*part);
        return by_note + by_return + std::min(l.returned.*part - by_note, l.credited.*part - by_return);
    });
    auto const unnamed = by_part([&](std::int64_t rebate_volume::* part) {
        // never negative: of neither is more matched than there is
        auto const sum = wide{l.returned.*part} + l.credited.*part - matched.*part;
        return sum > std::numeric_limits<std::int64_t>::max() ? std::int64_t{-1} : static_cast<std::int64_t>(sum);
    });
    if (unnamed.value < 0 || unnamed.quantity < 0) return lines_overflow("volume");
    auto out = l.of_orders;
    if (auto const fits = grow(out, unnamed); !fits) return fits.error();
    return out;
}

inline bool adds_to(rebate_basis basis, rebate_book::turn what) noexcept {
    switch (basis) {
        case rebate_basis::ordered: return what == rebate_book::turn::placed;
        case rebate_basis::delivered: return what == rebate_book::turn::delivered;
        case rebate_basis::invoiced: return what == rebate_book::turn::invoiced;
        case rebate_basis::paid: return what == rebate_book::turn::settled;
    }
    return false;
}
/// Whether an account has counted it, or will.
inline bool counts_for(rebate_book::entry const& e, rebate_book::happening const& h) {
    auto const& terms = e.account.terms();
    return adds_to(terms.basis(), h.what) && h.told_at >= e.opened_at && h.told_at < e.settled_at &&
           e.in_force(day_of(h.on));
}

/// One order or invoice as an agreement sees it: what it added and what of that is off, told after told.
class trade_view {
public:
    trade_view(rebate_book::entry const& e, rebate_book::trade const& t, bool returns, bool credits)
        : entry_{e}, trade_{t}, scope_{scope::of(e.account.terms(), t.lines)}, returns_{returns}, credits_{credits} {}

    result<void> take(rebate_book::happening const& h) {
        using enum rebate_book::turn;
        if (h.told_at >= entry_.settled_at && !std::exchange(is_settled_, true)) {
            for (auto& p : parts_) p.settled = p.off;
        }
        auto const basis = entry_.account.terms().basis();
        auto const of_goods = basis != rebate_basis::paid;
        switch (h.what) {
            case placed:
            case delivered:
            case invoiced:
            case settled: return adds_to(basis, h.what) ? add(h) : result<void>{};
            case cancelled:
            case reopened:
                if (basis != rebate_basis::ordered) return {};
                // a history that begins later may not know of the cancellation
                cancelled_units_ =
                    std::max<std::int64_t>(cancelled_units_ + (h.what == cancelled ? h.amount : -h.amount), 0);
                break;
            case returned:
                if (!of_goods || !returns_) return {};
                if (auto const more = lose(h, returned_units_, returned_by_lines_); !more) return more;
                break;
            case credited:
                if (!of_goods || !credits_) return {};
                if (auto const more = lose(h, credited_units_, credited_by_lines_); !more) return more;
                break;
            case refunded:
                if (of_goods) return {};
                if (auto const more = lose(h, credited_units_, credited_by_lines_); !more) return more;
                break;
        }
        return allocate(h);
    }
    /// What of its parts counted.
    [[nodiscard]] result<rebate_volume> counted() const { return sum(&part::volume); }
    /// What is off of the parts that counted.
    [[nodiscard]] result<rebate_volume> off() const { return sum(&part::off); }

private:
    struct part {
        day_number on = no_day;
        rebate_volume volume{};
        rebate_volume off{};
        rebate_volume settled{};  ///< was off at the final settlement
        bool counts = false;
        std::string_view invoice{};
    };

    [[nodiscard]] result<rebate_volume> sum(rebate_volume part::* which) const {
        rebate_volume out;
        for (auto const& p : parts_) {
            if (!p.counts) continue;
            if (auto const fits = grow(out, p.*which); !fits) return fits.error();
        }
        return out;
    }
    result<void> add(rebate_book::happening const& h) {
        part p{.on = h.on, .invoice = h.invoice};
        if (h.what == rebate_book::turn::placed && h.amount == 0) {
            p.volume = volume_of_nothing(scope_);
        } else {
            std::int64_t all = 0;
            if (__builtin_add_overflow(added_units_, h.amount, &all)) return lines_overflow("amount");
            auto const before = scope_.volume(added_units_, trade_.whole);
            auto const after = scope_.volume(all, trade_.whole);
            if (!before || !after) return lines_overflow("amount");
            p.volume = less(after.value(), before.value());
            added_units_ = all;
        }
        p.counts = counts_for(entry_, h);
        auto const behind = std::upper_bound(parts_.begin(), parts_.end(), p.on,
                                             [](day_number on, part const& x) { return on < x.on; });
        parts_.insert(behind, p);
        return allocate(h);
    }
    result<void> lose(rebate_book::happening const& h, std::int64_t& units, rebate_volume& by_lines) {
        if (h.lines.empty()) {
            if (__builtin_add_overflow(units, h.amount, &units)) return lines_overflow("amount");
            return {};
        }
        auto const of = scope::of(entry_.account.terms(), h.lines);
        auto const v = h.amount == 0 ? result<rebate_volume>{volume_of_nothing(of)} : of.volume(h.amount, h.amount);
        if (!v) return v.error();
        return grow(by_lines, v.value());
    }
    /// Brings what is off to what was lost: more of it from the latest part on, less from the earliest on.
    result<void> allocate(rebate_book::happening const& h) {
        auto const cancelled = scope_.volume(cancelled_units_, trade_.whole);
        auto const returned = scope_.volume(returned_units_, trade_.whole);
        auto const credited = scope_.volume(credited_units_, trade_.whole);
        if (!cancelled || !returned || !credited) return lines_overflow("amount");
        auto came_back = returned.value();
        if (auto const fits = grow(came_back, returned_by_lines_); !fits) return fits;
        came_back = larger(less(came_back, never_invoiced_), {});
        auto lost = credited.value();
        if (auto const fits = grow(lost, credited_by_lines_); !fits) return fits;
        lost = larger(lost, came_back);
        if (auto const fits = grow(lost, cancelled.value()); !fits) return fits;
        auto const held = by_part([&](std::int64_t rebate_volume::* which) { return allocate(which, lost.*which, h); });
        if (h.what == rebate_book::turn::returned && entry_.account.terms().basis() == rebate_basis::invoiced) {
            // what came back before it was invoiced is not on the invoice that follows
            auto const more = larger(less(came_back, held), {});
            return grow(never_invoiced_, more);
        }
        return {};
    }
    std::int64_t allocate(std::int64_t rebate_volume::* which, std::int64_t lost, rebate_book::happening const& h) {
        std::int64_t held = 0;  // parts of one whole, each of which fits
        for (auto const& p : parts_) held += p.off.*which;
        auto const take = [&](part& p) {
            auto const more = std::min(p.volume.*which - p.off.*which, lost - held);
            if (more <= 0) return;
            p.off.*which += more;
            held += more;
        };
        if (h.what == rebate_book::turn::credited) {
            for (auto& p : parts_) {
                if (p.invoice == h.invoice) take(p);
            }
        }
        for (auto p = parts_.rbegin(); p != parts_.rend() && held < lost; ++p) take(*p);
        for (auto p = parts_.begin(); p != parts_.end() && held > lost; ++p) {
            auto const again = std::min(p->off.*which - p->settled.*which, held - lost);
            p->off.*which -= again;
            held -= again;
        }
        return held;
    }

    rebate_book::entry const& entry_;
    rebate_book::trade const& trade_;
    scope scope_;
    bool returns_;
    bool credits_;
    bool is_settled_ = false;
    std::vector<part> parts_{};  ///< by day, and of one day as told
    std::int64_t added_units_ = 0;
    std::int64_t cancelled_units_ = 0;
    std::int64_t returned_units_ = 0;
    std::int64_t credited_units_ = 0;
    rebate_volume returned_by_lines_{};
    rebate_volume credited_by_lines_{};
    rebate_volume never_invoiced_{};
};

inline bool is_a_loss(rebate_book::turn t) noexcept {
    using enum rebate_book::turn;
    return t == cancelled || t == reopened || t == returned || t == credited || t == refunded;
}

}  // namespace rebate_detail

/// Gathers the moves of one fact.
struct rebate_book::worker {
    rebate_book const& book;
    moves out{};

    static trade const* find(trades const& all, std::string_view name) {
        auto const found = all.find(name);
        return found == all.end() ? nullptr : &found->second;
    }
    [[nodiscard]] happening told(turn what, day_number on, std::int64_t amount) const {
        return {.what = what, .on = on, .told_at = book.told_, .amount = amount};
    }
    [[nodiscard]] bool counts_now(entry const& e, day_number on) const {
        return !e.account.is_final() && e.in_force(day_of(on));
    }

    /// What one more happening does to an account: what counts, and the losses as they stand then.
    static result<moves::move> change(entry const& e, trade const& t, happening const& h) {
        moves::move m{.off = e.off};
        auto const counts = [&e](happening const& x) { return rebate_detail::counts_for(e, x); };
        if (!counts(h) && std::none_of(t.happened.begin(), t.happened.end(), counts)) return m;
        auto const lost = std::any_of(t.happened.begin(), t.happened.end(),
                                      [](happening const& x) { return rebate_detail::is_a_loss(x.what); });
        struct outcome {
            rebate_volume counted{};
            rebate_volume off{};
        };
        auto const seen = [&](bool returns, bool credits, outcome& before, outcome& after) -> result<void> {
            rebate_detail::trade_view view{e, t, returns, credits};
            auto const read = [&view](outcome& into) -> result<void> {
                auto const counted = view.counted();
                if (!counted) return counted.error();
                auto const off = view.off();
                if (!off) return off.error();
                into = {counted.value(), off.value()};
                return {};
            };
            for (auto const& x : t.happened) {
                if (auto const taken = view.take(x); !taken) return taken;
            }
            if (auto const done = read(before); !done) return done;
            if (auto const taken = view.take(h); !taken) return taken;
            return read(after);
        };
        outcome before;
        outcome after;
        if (auto const done = seen(true, true, before, after); !done) return done.error();
        m.counts = rebate_detail::less(after.counted, before.counted);
        if (!lost && !rebate_detail::is_a_loss(h.what)) return m;
        outcome before_credits;
        outcome after_credits;
        outcome before_returns;
        outcome after_returns;
        if (auto const done = seen(false, true, before_credits, after_credits); !done) return done.error();
        if (auto const done = seen(true, false, before_returns, after_returns); !done) return done.error();
        auto const excess = [](outcome const& all, outcome const& some) {
            return rebate_detail::larger(rebate_detail::less(all.off, some.off), {});
        };
        if (auto const fits = rebate_detail::replace(m.off.of_orders, before.off, after.off); !fits)
            return fits.error();
        if (auto const fits = rebate_detail::replace(m.off.only_returned, excess(before, before_credits),
                                                     excess(after, after_credits));
            !fits) {
            return fits.error();
        }
        if (auto const fits = rebate_detail::replace(m.off.only_credited, excess(before, before_returns),
                                                     excess(after, after_returns));
            !fits) {
            return fits.error();
        }
        return m;
    }
    /// Adds what `work` says for each account that the basis concerns.
    template <class Concerns, class Work>
    void each(Concerns concerns, Work work) {
        for (std::size_t i = 0; i < book.entries_.size(); ++i) {
            auto const& e = book.entries_[i];
            if (!concerns(e) || e.is_of_members() || e.account.is_out_of_range()) continue;
            auto worked = work(e);
            auto m = worked ? worked.value() : moves::move{.off = e.off, .out_of_range = true};
            m.entry = i;
            if (m.counts == rebate_volume{} && m.off == e.off && !m.out_of_range) continue;
            auto counted = e.account.counted();
            m.out_of_range =
                m.out_of_range || !rebate_detail::grow(counted, m.counts) || !rebate_detail::total_of(m.off);
            out.accounts.push_back(m);
        }
    }
    /// Lets all accounts of a basis that `concerns` accepts see a happening of an order or an invoice, and notes it.
    template <class Concerns>
    void happen(bool of_invoice, std::string_view name, trade begun, happening h, Concerns concerns) {
        auto const* known = find(of_invoice ? book.invoices_ : book.orders_, name);
        auto const& t = known == nullptr ? begun : *known;
        each([&](entry const& e) { return concerns(e.account.terms().basis()); },
             [&](entry const& e) { return change(e, t, h); });
        note(of_invoice, name, known == nullptr ? std::move(begun) : trade{}, std::move(h));
    }
    void note(bool of_invoice, std::string_view name, trade begun, happening h) {
        out.notes.push_back({of_invoice, std::string{name}, std::move(begun), std::move(h)});
    }
    void happen_to_order(order_progress const& part, happening h) {
        happen(false, part.order, {.whole = part.ordered}, std::move(h),
               [](rebate_basis b) { return b != rebate_basis::paid; });
    }
    /// By the day of the fact, since it names no order.
    template <class Concerns>
    void lose_unnamed(rebate_volume losses::* which, day_number on, Concerns concerns, std::vector<line> const& lines,
                      std::int64_t amount) {
        each([&](entry const& e) { return concerns(e.account.terms().basis()) && e.in_force(day_of(on)); },
             [&](entry const& e) -> result<moves::move> {
                 moves::move m{.off = e.off};
                 auto const scope = rebate_detail::scope::of(e.account.terms(), lines);
                 auto const v = amount == 0 ? result<rebate_volume>{rebate_detail::volume_of_nothing(scope)}
                                            : scope.volume(amount, lines.empty() ? 0 : amount);
                 if (!v) return v.error();
                 if (auto const fits = rebate_detail::grow(m.off.*which, v.value()); !fits) return fits.error();
                 return m;
             });
    }
    void count_payment(std::int64_t amount, day_number on) {
        each([&](entry const& e) { return e.account.terms().basis() == rebate_basis::paid && counts_now(e, on); },
             [&](entry const& e) { return result<moves::move>{{.counts = {amount, 0}, .off = e.off}}; });
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
    if (known != nullptr && known->is_in_effect && !known->has(terms.value(), agreed.scope)) {
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
    for (auto& known : entries_) {
        if (known.account.terms().agreement() != agreed.agreement) continue;
        if (known.is_in_effect) return;
        if (known.has(terms.value(), agreed.scope)) {
            known.agreed = agreed;
            known.is_in_effect = in_effect;
            return;
        }
        std::erase_if(entries_, [&](entry const& e) { return &e == &known; });
        break;
    }
    entries_.push_back({.account = rebate_account{std::move(terms.value())},
                        .agreed = agreed,
                        .opened_at = told_,
                        .is_in_effect = in_effect});
}

PATRON_FN void rebate_book::gather(rebate_agreed const& agreed, currency in, std::vector<days> only_on) {
    BOOST_ASSERT(find(agreed.agreement) == nullptr);
    open(agreed, in, false);
    entries_.back().only_on = std::move(only_on);
}

PATRON_FN result<std::int64_t> rebate_book::settle(std::string_view agreement, settlement_kind kind) {
    auto const at = std::find_if(entries_.begin(), entries_.end(),
                                 [&](entry const& e) { return e.account.terms().agreement() == agreement; });
    BOOST_ASSERT(at != entries_.end());
    auto const due = at->account.settle(kind);
    if (due && kind == settlement_kind::final_) at->settled_at = told_;
    return due;
}

PATRON_FN rebate_book::moves rebate_book::placed(order_placed const& f, std::int64_t amount, currency in) const {
    worker w{*this};
    trade begun{.whole = amount, .lines = rebate_detail::measured(f.lines, in)};
    w.happen(false, f.order, std::move(begun), w.told(turn::placed, number_of(f.at.on()), amount),
             [](rebate_basis b) { return b == rebate_basis::ordered; });
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::cancelled(order_progress const& part, day_number on) const {
    worker w{*this};
    w.happen_to_order(part, w.told(turn::cancelled, on, part.amount));
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::reopened(order_progress const& part, day_number on) const {
    worker w{*this};
    w.happen_to_order(part, w.told(turn::reopened, on, part.amount));
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::delivered(order_progress const& part, day_number on) const {
    worker w{*this};
    w.happen_to_order(part, w.told(turn::delivered, on, part.amount));
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::invoiced(std::string_view invoice, order_progress const& part,
                                                   std::int64_t drawn, day_number on) const {
    worker w{*this};
    auto h = w.told(turn::invoiced, on, part.amount);
    h.invoice = invoice;
    trade begun{.whole = part.amount, .order = std::string{part.order}};
    if (part.order.empty()) {
        w.happen(true, invoice, begun, std::move(h), [](rebate_basis b) { return b == rebate_basis::invoiced; });
    } else {
        w.happen_to_order(part, h);
        w.note(true, invoice, std::move(begun), std::move(h));
    }
    std::int64_t counts = 0;
    for (auto const& r : receipts_) {
        if (w.out.drawn == drawn) break;
        auto settles = w.told(turn::settled, on, std::min(r.amount, drawn - w.out.drawn));
        w.out.drawn += settles.amount;
        if (r.from == receipt::source::credit) continue;
        if (r.from == receipt::source::refund) {
            counts += settles.amount;
        } else {
            settles.on = r.on;
            settles.told_at = r.told_at;
        }
        w.note(true, invoice, {}, std::move(settles));
    }
    if (counts > 0) w.count_payment(counts, on);
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::paid(std::int64_t amount, std::vector<invoice_payment> const& settles,
                                               day_number on) const {
    worker w{*this};
    auto rest = amount;
    for (auto const& part : settles) {
        rest -= part.amount;
        w.note(true, part.invoice, {}, w.told(turn::settled, on, part.amount));
    }
    if (rest > 0) w.out.received.push_back({receipt::source::payment, on, told_, rest});
    w.count_payment(amount, on);
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::returned(goods_returned const& f, std::int64_t amount, std::int64_t ordered,
                                                   currency in) const {
    worker w{*this};
    auto h = w.told(turn::returned, number_of(f.at.on()), amount);
    h.lines = rebate_detail::measured(f.lines, in);
    if (f.order) {
        w.happen_to_order({.order = *f.order, .ordered = ordered, .amount = amount}, std::move(h));
    } else {
        w.lose_unnamed(
            &losses::returned, h.on, [](rebate_basis b) { return b != rebate_basis::paid; }, h.lines, amount);
    }
    return std::move(w.out);
}

PATRON_FN rebate_book::moves rebate_book::credited(std::string_view invoice, std::int64_t amount, std::int64_t open,
                                                   day_number on) const {
    worker w{*this};
    auto h = w.told(turn::credited, on, amount);
    h.invoice = invoice;
    auto const* known = worker::find(invoices_, invoice);
    if (known != nullptr && !known->order.empty()) {
        w.happen_to_order({.order = known->order, .ordered = 0, .amount = amount}, std::move(h));
    } else {
        w.lose_unnamed(
            &losses::credited, on,
            [](rebate_basis b) { return b == rebate_basis::ordered || b == rebate_basis::delivered; }, {}, amount);
        w.happen(true, invoice, {}, std::move(h), [](rebate_basis b) { return b == rebate_basis::invoiced; });
    }
    auto const beyond = amount - std::min(amount, open);
    if (beyond == 0) return std::move(w.out);
    std::int64_t was_paid = 0;  // never more than the invoice
    if (known != nullptr) {
        for (auto const& x : known->happened) {
            if (x.what == turn::settled) was_paid += x.amount;
            if (x.what == turn::refunded) was_paid -= x.amount;
        }
    }
    auto const refunded = std::min(beyond, was_paid);
    if (refunded > 0) {
        w.happen(true, invoice, {}, w.told(turn::refunded, on, refunded),
                 [](rebate_basis b) { return b == rebate_basis::paid; });
        w.out.received.push_back({receipt::source::refund, on, told_, refunded});
    }
    if (beyond > refunded) w.out.received.push_back({receipt::source::credit, on, told_, beyond - refunded});
    return std::move(w.out);
}

PATRON_FN void rebate_book::take(moves const& all) {
    for (auto const& m : all.accounts) {
        auto& e = entries_[m.entry];
        if (m.out_of_range) {
            e.account.mark_out_of_range();
            continue;
        }
        if (m.counts != rebate_volume{}) {
            auto const counted = e.account.count(m.counts);
            BOOST_ASSERT(counted.has_value());
            (void)counted;
        }
        auto const total = rebate_detail::total_of(m.off);
        BOOST_ASSERT(total.has_value());
        auto const& off = e.account.taken_off();
        auto const more = rebate_detail::larger(rebate_detail::less(total.value(), off), {});
        auto const again = rebate_detail::larger(rebate_detail::less(off, total.value()), {});
        e.account.give_back(again);
        auto const taken = e.account.take_off(more);
        BOOST_ASSERT(taken.has_value());
        (void)taken;
        e.off = m.off;
    }
    for (auto const& n : all.notes) {
        auto& of = n.of_invoice ? invoices_ : orders_;
        auto const known = of.try_emplace(n.of, n.begun).first;
        known->second.happened.push_back(n.what);
    }
    auto drawn = all.drawn;
    auto left = receipts_.begin();
    for (; left != receipts_.end() && left->amount <= drawn; ++left) drawn -= left->amount;
    if (left != receipts_.end()) left->amount -= drawn;
    receipts_.erase(receipts_.begin(), left);
    receipts_.insert(receipts_.end(), all.received.begin(), all.received.end());
    ++told_;
}

}  // namespace patron::v1
