#include <patron/testing/simulation.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace patron;
using patron::testing::simulation;
using patron::testing::simulation_options;
using namespace std::chrono_literals;

namespace {

template <class Visit>
std::size_t play(simulation_options const& options, Visit&& visit) {
    simulation book{options};
    std::size_t count = 0;
    while (auto const f = book.next()) {
        visit(*f);
        ++count;
    }
    return count;
}

/// FNV-1a, 64 bits, over the feed's lines.
std::uint64_t fingerprint(simulation_options const& options) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;
    std::string line;
    play(options, [&](fact const& f) {
        line.clear();
        append_json(line, f);
        line += '\n';
        for (char const c : line) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3U;
    });
    return hash;
}

/// Keeps the books of what was told and notes what contradicts them. It knows nothing of how facts are made.
class bookkeeper {
public:
    void operator()(fact const& f) {
        auto const head = head_of(f);
        expect(validate(f).has_value(), f, "valid");
        expect(refs_.emplace(head.ref).second, f, "a reference of its own");
        expect(head.at >= latest_, f, "in the order of dates");
        latest_ = head.at;
        ++count_of[static_cast<std::size_t>(kind_of(f))];
        if (!head.customer.empty() && kind_of(f) != fact_kind::customer_enrolled) {
            expect(book_.contains(std::string{head.customer}), f, "enrolled before");
        }
        std::visit([&](auto const& typed) { see(typed, f); }, f);
    }

    std::vector<std::string> contradictions;
    std::array<std::size_t, fact_kind_count> count_of{};
    struct account {
        bool ended = false;
        moment ended_at{};
        moment last_order{};
        std::size_t orders = 0;
        std::int64_t bought = 0;
        std::map<period, std::int64_t> bought_in;
        std::set<std::string> people, agreements, rebates, obstacles;
        std::map<std::string, int> complaints;  // 0 raised, 1 acknowledged, 2 acted, 3 confirmed
        std::map<std::string, std::int64_t> reservations;
        std::map<std::string, std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>>
            sold;                                                       // ordered, cancelled, delivered, invoiced
        std::map<std::string, std::pair<std::int64_t, bool>> invoices;  // open, disputed
        std::map<std::string, decimal> closing;
        std::int64_t deposit = 0;
        bool has_stated_share_above_half = false;
    };
    [[nodiscard]] std::map<std::string, account> const& book() const { return book_; }

private:
    void expect(bool holds, fact const& f, char const* what) {
        if (holds || contradictions.size() > 20) return;
        std::string line{what};
        line += ": ";
        append_json(line, f);
        contradictions.push_back(std::move(line));
    }
    static std::int64_t minor(std::optional<money> const& amount, std::int64_t otherwise) {
        return amount ? amount->minor_units() : otherwise;
    }

    template <class F>
    void see(F const& typed, fact const& f) {
        if constexpr (requires { typed.customer; }) {
            constexpr bool is_correction = std::is_same_v<F, corrected>;
            if constexpr (!is_correction) {
                // after the end only what was under way is settled
                auto& a = book_[typed.customer];
                constexpr bool may_follow = std::is_same_v<F, invoice_issued> || std::is_same_v<F, payment_received> ||
                                            std::is_same_v<F, dispute_settled> ||
                                            std::is_same_v<F, credit_note_issued> ||
                                            std::is_same_v<F, rebate_settled> || std::is_same_v<F, deposit_refunded> ||
                                            std::is_same_v<F, relationship_reopened> || std::is_same_v<F, order_placed>;
                if (!may_follow) expect(!a.ended, f, "not after the end");
                note(a, typed, f);
            }
        }
    }
    template <class F>
    void note(account&, F const&, fact const&) {}

    void note(account& a, order_placed const& o, fact const& f) {
        if (a.ended) {
            expect(o.at.on() - a.ended_at.on() > std::chrono::days{30}, f, "a time between the end and the way back");
            a.ended = false;
        }
        expect(o.ref == o.order, f, "an order's reference is its number");
        expect(a.sold.emplace(o.order, std::tuple{o.amount.minor_units(), 0, 0, 0}).second, f, "a new order");
        std::int64_t sum = 0;
        for (auto const& line : o.lines) sum += line.price.minor_units() * line.quantity.value().units();
        if (!o.lines.empty()) expect(sum == o.amount.minor_units(), f, "the lines add up");
        expect(o.cost && o.cost->minor_units() < o.amount.minor_units(), f, "sold above cost");
        a.last_order = o.at;
        ++a.orders;
        a.bought += o.amount.minor_units();
        a.bought_in[period{o.at.on()}] += o.amount.minor_units();
    }
    void note(account& a, order_cancelled const& c, fact const& f) {
        expect(a.sold.contains(c.order), f, "a known order");
        auto& [ordered, cancelled, delivered, invoiced] = a.sold[c.order];
        auto const rest = ordered - cancelled - delivered;
        expect(rest > 0 && minor(c.amount, rest) <= rest, f, "open to cancel");
        cancelled += minor(c.amount, rest);
    }
    void note(account& a, order_reopened const& r, fact const& f) {
        expect(a.sold.contains(r.order), f, "a known order");
        auto& [ordered, cancelled, delivered, invoiced] = a.sold[r.order];
        expect(cancelled > 0 && minor(r.amount, cancelled) <= cancelled, f, "cancelled before");
        cancelled -= minor(r.amount, cancelled);
    }
    void note(account& a, goods_delivered const& d, fact const& f) {
        expect(a.sold.contains(d.order), f, "a known order");
        auto& [ordered, cancelled, delivered, invoiced] = a.sold[d.order];
        auto const rest = ordered - cancelled - delivered;
        expect(rest > 0 && minor(d.amount, rest) <= rest, f, "still to be delivered");
        delivered += minor(d.amount, rest);
    }
    void note(account& a, goods_returned const& r, fact const& f) {
        expect(r.order && a.sold.contains(*r.order) && r.amount.minor_units() <= std::get<2>(a.sold[*r.order]), f,
               "delivered before");
    }
    void note(account& a, invoice_issued const& i, fact const& f) {
        expect(i.order && a.sold.contains(*i.order), f, "a known order");
        auto& [ordered, cancelled, delivered, invoiced] = a.sold[i.order.value_or("")];
        invoiced += i.amount.minor_units();
        expect(invoiced <= delivered, f, "delivered before");
        expect(i.due > i.at.on(), f, "due later");
        expect(a.invoices.emplace(i.invoice, std::pair{i.amount.minor_units(), false}).second, f, "a new invoice");
    }
    void take_off(account& a, std::string const& invoice, std::int64_t amount, fact const& f) {
        expect(a.invoices.contains(invoice) && a.invoices[invoice].first >= amount && amount > 0, f,
               "open on the invoice");
        a.invoices[invoice].first -= amount;
    }
    void note(account& a, payment_received const& p, fact const& f) {
        if (p.invoice) {
            expect(!a.invoices[*p.invoice].second, f, "nobody pays what is disputed");
            return take_off(a, *p.invoice, p.amount.minor_units(), f);
        }
        auto left = p.amount.minor_units();
        for (auto& [name, state] : a.invoices) {  // numbers grow with time
            auto const part = std::min(left, state.first);
            state.first -= part;
            left -= part;
        }
        expect(left == 0, f, "no more than is owed");
    }
    void note(account& a, credit_note_issued const& c, fact const& f) {
        take_off(a, c.invoice, c.amount.minor_units(), f);
    }
    void note(account& a, invoice_disputed const& d, fact const& f) {
        expect(a.invoices.contains(d.invoice) && a.invoices[d.invoice].first > 0 && !a.invoices[d.invoice].second, f,
               "open to dispute");
        a.invoices[d.invoice].second = true;
    }
    void note(account& a, dispute_settled const& d, fact const& f) {
        expect(a.invoices.contains(d.invoice) && a.invoices[d.invoice].second, f, "disputed before");
        a.invoices[d.invoice].second = false;
    }
    void note(account& a, contact_added const& c, fact const& f) {
        expect(a.people.insert(c.person).second, f, "a new person");
    }
    void note(account& a, contact_left const& c, fact const& f) {
        expect(a.people.erase(c.person) == 1, f, "a known person");
    }
    void note(account& a, visit_made const& v, fact const& f) {
        expect(!v.person || a.people.contains(*v.person), f, "a known person");
    }
    void note(account& a, complaint_raised const& c, fact const& f) {
        expect(a.complaints.emplace(c.complaint, 0).second, f, "a new complaint");
    }
    void step(account& a, std::string const& complaint, int from, int to, fact const& f) {
        expect(a.complaints.contains(complaint) && a.complaints[complaint] == from, f, "the complaint's next step");
        a.complaints[complaint] = to;
    }
    void note(account& a, complaint_acknowledged const& c, fact const& f) { step(a, c.complaint, 0, 1, f); }
    void note(account& a, complaint_acted const& c, fact const& f) { step(a, c.complaint, 1, 2, f); }
    void note(account& a, complaint_confirmed const& c, fact const& f) { step(a, c.complaint, 2, 3, f); }
    void note(account& a, complaint_reopened const& c, fact const& f) { step(a, c.complaint, 3, 1, f); }
    void note(account& a, agreement_signed const& s, fact const& f) {
        expect(a.agreements.insert(s.agreement).second, f, "a new agreement");
    }
    void note(account& a, agreement_ended const& e, fact const& f) {
        expect(a.agreements.erase(e.agreement) == 1, f, "an agreement in force");
    }
    void note(account& a, rebate_agreed const& r, fact const& f) {
        expect(a.rebates.insert(r.agreement).second, f, "a new rebate");
    }
    void note(account& a, rebate_settled const& r, fact const& f) {
        expect(a.rebates.contains(r.agreement), f, "a known rebate");
        if (r.kind == settlement_kind::final_) a.rebates.erase(r.agreement);
    }
    void note(account& a, reservation_made const& r, fact const& f) {
        expect(a.reservations.emplace(r.reservation, r.amount.minor_units()).second, f, "a new reservation");
    }
    void note(account& a, reservation_released const& r, fact const& f) {
        expect(a.reservations.contains(r.reservation) && a.reservations[r.reservation] == r.amount.minor_units(), f,
               "reserved before");
        expect(!r.order || a.sold.contains(*r.order), f, "a known order");
        a.reservations.erase(r.reservation);
    }
    void note(account& a, override_granted const& o, fact const& f) {
        expect(o.order && a.sold.contains(*o.order), f, "a known order");
    }
    void note(account& a, deposit_paid const& d, fact const&) { a.deposit += d.amount.minor_units(); }
    void note(account& a, deposit_refunded const& d, fact const& f) {
        a.deposit -= d.amount.minor_units();
        expect(a.deposit >= 0, f, "no more than was paid in");
    }
    void note(account& a, obstacle_found const& o, fact const& f) {
        expect(a.obstacles.insert(o.obstacle).second, f, "a new obstacle");
    }
    void note(account& a, obstacle_removed const& o, fact const& f) {
        expect(a.obstacles.erase(o.obstacle) == 1, f, "a known obstacle");
    }
    void note(account& a, stock_reported const& s, fact const& f) {
        auto const change =
            s.purchases.value().units() - s.sales.value().units() + (s.adjustment ? s.adjustment->units() : 0);
        expect(s.opening && s.opening->value().units() + change == s.closing.value().units(), f, "the stock adds up");
        auto const last = a.closing.find(s.product);
        expect(last == a.closing.end() || last->second == s.opening->value(), f, "opens with the last closing");
        a.closing[s.product] = s.closing.value();
    }
    void note(account& a, wallet_stated const& w, fact const& f) {
        expect(w.period <= period{w.at.on()}, f, "a month that has been");
        if (2 * a.bought_in[w.period] > w.amount.minor_units()) a.has_stated_share_above_half = true;
    }
    void note(account& a, relationship_ended const& e, fact const& f) {
        expect(!a.ended, f, "not ended before");
        for (auto const& [name, state] : a.sold) {
            auto const& [ordered, cancelled, delivered, invoiced] = state;
            expect(ordered == cancelled + delivered, f, "no order is left open");
        }
        expect(a.agreements.empty(), f, "no agreement is left in force");
        a.ended = true;
        a.ended_at = e.at;
    }
    void note(account& a, relationship_reopened const&, fact const& f) {
        expect(a.ended, f, "ended before");
        a.ended = false;
    }
    void note(account& a, customer_enrolled const& c, fact const& f) {
        (void)a;
        expect(!c.parent || book_.contains(*c.parent), f, "a known parent");
    }

    std::map<std::string, account> book_;
    std::set<std::string> refs_;
    moment latest_{first_day};
};

TEST_CASE("a simulated book never contradicts itself", "[testing][simulation]") {
    auto const seed = GENERATE(range<std::uint64_t>(1, 13));
    simulation_options options{.customers = 200, .months = seed % 3 == 0 ? 9 : 24, .seed = seed, .reviews = true};
    if (seed % 4 == 0) options.in = currency::literal("JPY");
    if (seed % 4 == 1) options.in = currency::literal("KWD");
    if (seed % 5 == 0) options.activity_percent = 400;
    if (seed % 5 == 1) options.from = period{2022y, std::chrono::June};
    CAPTURE(seed);

    bookkeeper books;
    moment last{};
    play(options, [&](fact const& f) {
        books(f);
        last = head_of(f).at;
    });

    for (auto const& line : books.contradictions) UNSCOPED_INFO(line);
    CHECK(books.contradictions.empty());
    CHECK(last.on() <= (options.from + (options.months - 1)).last());
    CHECK(books.book().size() <= 200);
    CHECK(books.book().size() > 150);
}

TEST_CASE("a book of two years tells of every kind, the rare ones rarely", "[testing][simulation]") {
    auto const seed = GENERATE(1U, 2U, 3U);
    bookkeeper books;
    auto const total =
        play({.customers = 200, .months = 24, .seed = seed, .reviews = true}, [&](fact const& f) { books(f); });
    auto const count = [&](fact_kind kind) { return books.count_of[static_cast<std::size_t>(kind)]; };
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        if (kind == fact_kind::corrected || kind == fact_kind::rate_set) continue;
        if (kind >= fact_kind::reward_fulfilled) continue;  // what answers decisions, which a feed does not know
        CAPTURE(name_of(kind));
        CHECK(count(kind) > 0);
    }
    CHECK(total > 15'000);
    CHECK(count(fact_kind::review_held) == 24);
    CHECK(count(fact_kind::complaint_raised) * 15 < count(fact_kind::order_placed));
    CHECK(count(fact_kind::breach_reported) * 30 < count(fact_kind::order_placed));
    CHECK(count(fact_kind::relationship_ended) < 40);
    CHECK(count(fact_kind::order_cancelled) * 10 < count(fact_kind::order_placed));
    CHECK(count(fact_kind::payment_received) * 10 > count(fact_kind::invoice_issued) * 8);
}

TEST_CASE("a few customers hold most of the trade, some never buy, some state that we are their main supplier",
          "[testing][simulation]") {
    bookkeeper books;
    play({.customers = 500, .months = 24, .seed = 3}, [&](fact const& f) { books(f); });
    std::vector<std::int64_t> sums;
    std::int64_t all = 0;
    std::size_t main_supplier = 0;
    for (auto const& [code, a] : books.book()) {
        sums.push_back(a.bought);
        all += a.bought;
        main_supplier += a.has_stated_share_above_half ? 1 : 0;
    }
    std::ranges::sort(sums, std::greater{});
    std::int64_t first_fifth = 0;
    for (std::size_t i = 0; i < sums.size() / 5; ++i) first_fifth += sums[i];
    CHECK(first_fifth * 10 > all * 6);
    auto const never = std::ranges::count(sums, 0);
    CHECK(never > 20);
    CHECK(never < 150);
    CHECK(main_supplier > 80);
}

TEST_CASE("the same seed gives the same bytes on every platform", "[testing][simulation]") {
    // these move only when the simulation is changed on purpose; CHANGELOG.md then says so
    CHECK(fingerprint({.customers = 50, .months = 12, .seed = 1}) == 0x5EDA'D725'EE50'7C30U);
    CHECK(fingerprint({.customers = 50, .months = 12, .seed = 2, .in = currency::literal("JPY"), .reviews = true}) ==
          0x8F7F'0664'A3D1'B6A6U);
    CHECK(fingerprint({.customers = 20, .months = 6, .seed = 1}) ==
          fingerprint({.customers = 20, .months = 6, .seed = 1}));
    CHECK(fingerprint({.customers = 20, .months = 6, .seed = 1}) !=
          fingerprint({.customers = 20, .months = 6, .seed = 3}));
}

TEST_CASE("the smallest book is a book", "[testing][simulation]") {
    bookkeeper books;
    CHECK(play({.customers = 1, .months = 1}, [&](fact const& f) { books(f); }) > 0);
    CHECK(books.contradictions.empty());

    simulation ended{{.customers = 1, .months = 1}};
    while (ended.next()) {}
    CHECK_FALSE(ended.next());  // and stays so
}

TEST_CASE("facts come as fast as a load test wants them", "[testing][simulation][slow]") {
    auto const start = std::chrono::steady_clock::now();
    auto const count = play({.customers = 10'000, .months = 24, .seed = 1}, [](fact const&) {});
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CHECK(count > 500'000);
    WARN(count << " facts, " << static_cast<double>(count) / seconds << " a second");
}

}  // namespace
