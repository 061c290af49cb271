// The exposure that is kept from fact to fact, against a recount of every customer (CRE-2), over histories of trade with
// reservations, deposits and credit notes. The short one always runs; ten million facts on demand: test_engine "[.long]".
#include <patron/engine/engine.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/stories.hpp"

using namespace patron;
using namespace patron::tests;

namespace {

/// Trade of many customers, in the order of its dates. What is told agrees with what was told before it in most cases;
/// what the engine refuses changes nothing, and is counted apart.
class trade {
public:
    trade(std::uint64_t seed, std::uint32_t customers, std::size_t facts) : random_{seed}, facts_{facts} {
        for (std::uint32_t c = 0; c < customers; ++c) of_.push_back({.code = "C" + std::to_string(c)});
    }

    [[nodiscard]] bool is_over() const noexcept { return told_ == facts_; }
    /// Two years, evenly.
    [[nodiscard]] day today() const {
        return on(2024, 1, 1) + std::chrono::days{static_cast<int>(730 * told_ / facts_)};
    }
    fact next() {
        auto f = made();
        std::visit([&](auto& one) { one.ref = "F" + std::to_string(told_); }, f);
        ++told_;
        return f;
    }

private:
    struct customer {
        std::string code{};
        std::deque<std::string> orders{};
        std::deque<std::string> invoices{};
        std::deque<std::pair<std::string, money>> reserved{};
        std::int64_t deposit = 0;
    };

    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    money amount(std::uint64_t up_to) { return {static_cast<std::int64_t>(1 + below(up_to)), cny}; }
    std::string numbered(char kind) { return kind + std::to_string(told_); }
    template <class F>
    F about(customer const& c) {
        return fact_at<F>(today(), c.code);
    }
    /// One of the last few, which may be settled already.
    std::string const& one_of(std::deque<std::string> const& names) { return names[below(names.size())]; }
    template <class T>
    static void keep(std::deque<T>& names, T name) {
        names.push_back(std::move(name));
        if (names.size() > 6) names.pop_front();
    }

    fact made() {
        if (told_ < of_.size()) return enrolled(today(), of_[told_].code);
        auto& c = of_[below(of_.size())];
        auto const kind = below(100);
        if (kind < 14 && !c.orders.empty()) {
            auto f = about<goods_delivered>(c);
            f.order = one_of(c.orders);
            if (below(2) == 0) f.amount = amount(40'000);
            return f;
        }
        if (kind < 30) {
            auto f = about<invoice_issued>(c);
            f.invoice = numbered('I');
            f.amount = amount(90'000);
            f.due = today() + std::chrono::days{static_cast<int>(below(60))};
            if (below(2) == 0 && !c.orders.empty()) f.order = one_of(c.orders);
            keep(c.invoices, f.invoice);
            return f;
        }
        if (kind < 46) {
            auto f = about<payment_received>(c);
            f.amount = amount(100'000);
            if (below(3) == 0 && !c.invoices.empty()) f.invoice = one_of(c.invoices);
            return f;
        }
        if (kind < 53 && !c.invoices.empty()) {
            auto f = about<credit_note_issued>(c);
            f.invoice = one_of(c.invoices);
            f.amount = amount(20'000);
            return f;
        }
        if (kind < 57 && !c.invoices.empty()) {
            if (below(2) != 0) {
                auto f = about<invoice_disputed>(c);
                f.invoice = one_of(c.invoices);
                return f;
            }
            auto f = about<dispute_settled>(c);
            f.invoice = one_of(c.invoices);
            return f;
        }
        if (kind < 62 && c.deposit < 50'000) {
            auto f = about<deposit_paid>(c);
            f.amount = amount(30'000);
            c.deposit += f.amount.minor_units();
            return f;
        }
        if (kind < 65 && c.deposit > 0) {
            auto f = about<deposit_refunded>(c);
            f.amount = amount(static_cast<std::uint64_t>(c.deposit));
            c.deposit -= f.amount.minor_units();
            return f;
        }
        if (kind < 74) {
            auto f = about<reservation_made>(c);
            f.reservation = numbered('R');
            f.amount = amount(50'000);
            if (below(3) != 0) f.until = today() + std::chrono::days{static_cast<int>(below(20))};  // it may lapse
            keep(c.reserved, {f.reservation, f.amount});
            return f;
        }
        if (kind < 77 && !c.reserved.empty()) {
            auto const [name, of] = c.reserved[below(c.reserved.size())];
            auto f = about<reservation_released>(c);
            f.reservation = name;
            f.amount = of;
            return f;
        }
        if (kind < 80 && !c.orders.empty()) {
            auto f = about<order_cancelled>(c);
            f.order = one_of(c.orders);
            if (below(2) == 0) f.amount = amount(10'000);
            return f;
        }
        auto f = about<order_placed>(c);
        auto const takes = !c.reserved.empty() && below(4) == 0;  // an order of a reservation's name takes it
        f.order = takes ? c.reserved[below(c.reserved.size())].first : numbered('O');
        f.amount = amount(90'000);
        keep(c.orders, f.order);
        return f;
    }

    std::mt19937_64 random_;
    std::size_t facts_;
    std::size_t told_ = 0;
    std::vector<customer> of_;
};

/// How many customers' exposure differs from the recount.
std::size_t different(engine const& book, std::size_t& compared) {
    std::size_t count = 0;
    book.each_by_code([&](customer_row const& row) {
        auto const recounted = book.recount_exposure(row.profile.code);
        ++compared;
        if (!recounted || recounted.value() != row.state.exposure) ++count;
        return true;
    });
    return count;
}

struct compared {
    std::uint64_t applied = 0;
    std::uint64_t refused = 0;
    std::size_t customers = 0;  ///< each as often as it was looked at
    std::size_t wrong = 0;
};

/// One book, looked at as often as `looks` says, and brought to the end of each month.
void play(std::uint64_t seed, std::uint32_t customers, std::size_t facts, std::size_t looks, compared& sum) {
    engine book;
    trade from{seed, customers, facts};
    std::vector<received> rows;
    std::size_t told = 0;
    std::size_t looked = 0;
    period month{from.today()};
    auto const flush = [&] {
        auto const outcome = book.apply(rows);
        sum.applied += outcome.applied;
        sum.refused += outcome.rejected.size();
        rows.clear();
    };
    while (!from.is_over()) {
        if (period const now{from.today()}; now != month) {
            flush();
            (void)book.advance_to(month.last());
            month = now;
        }
        rows.push_back({++told, from.next()});
        if (rows.size() == 4'096) flush();
        if (told * looks / facts > looked) {
            flush();
            sum.wrong += different(book, sum.customers);
            ++looked;
        }
    }
}

}  // namespace

TEST_CASE("exposure kept from fact to fact equals a recount of every customer", "[engine][properties]") {
    compared sum;
    play(1, 200, 20'000, 20, sum);
    CHECK(sum.customers == 20 * 200);
    CHECK(sum.wrong == 0);
    CHECK(sum.applied > 15'000);  // what is refused shows little
}

TEST_CASE("exposure kept from fact to fact equals a recount of every customer over ten million facts",
          "[engine][properties][.long]") {
    compared sum;
    for (std::uint64_t seed = 1; sum.applied < 10'000'000; ++seed) play(seed, 20'000, 1'000'000, 4, sum);
    WARN(sum.applied << " facts applied, " << sum.refused << " refused; " << sum.customers << " exposures compared, "
                     << sum.wrong << " of them wrong");
    CHECK(sum.wrong == 0);
}
