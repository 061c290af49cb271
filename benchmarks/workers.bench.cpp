// The periodic review of a shared book by one worker and by two, on the server that scripts/lib/postgres.sh starts; each
// with a store of its own, as processes have. Without a server there is nothing here.
#include <patron/store/postgres.hpp>
#include <patron/store/stored_book.hpp>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace patron;

constexpr std::uint32_t customers = 200'000;
constexpr std::size_t facts = 2'400'000;

std::string server_url() {
    auto const* const url = std::getenv("PATRON_TEST_POSTGRES");
    return url == nullptr ? std::string{} : std::string{url};
}

/// A book of orders over two years, made once.
struct shared_book {
    std::string schema = "w" + std::to_string(std::random_device{}());
    period next{std::chrono::year{2026}, std::chrono::January};  ///< the month that is reviewed next

    shared_book() {
        auto book = store::stored_book::open(open(store::leasing::whole_book)).value();
        std::mt19937_64 random{7};
        std::vector<received> rows;
        for (std::size_t i = 0; i < facts; ++i) {
            order_placed f;
            f.ref = f.order = "SO-" + std::to_string(i);
            f.at = day{std::chrono::year{2024} / 1 / 1} + std::chrono::days{static_cast<int>(730 * i / facts)};
            f.customer = "C-" + std::to_string(random() % customers);
            f.amount = money{static_cast<std::int64_t>(10'000 + random() % 900'000), currency::literal("CNY")};
            rows.push_back({0, fact{std::move(f)}});
            if (rows.size() == 20'000 || i + 1 == facts) {
                if (!book.apply(rows).value().rejected.empty()) std::abort();
                rows.clear();
            }
        }
    }
    [[nodiscard]] store::postgres_store open(store::leasing slots) const {
        return store::postgres_store::open(server_url(), {.schema = schema, .slots = slots}).value();
    }
};
shared_book& the_book() {
    static shared_book one;
    return one;
}

/// What `patron worker` does until every slot that it may hold has been brought to the day.
void work(any_event_store& place, day on) {
    auto& leases = *place.as<store::postgres_store>();
    std::vector<bool> done(customer_slots);
    for (std::size_t idle = 0; idle < 2;) {
        (void)leases.balance();
        bool any = false;
        auto reviewer = store::slot_reviewer::make(place).value();
        auto const until = std::chrono::steady_clock::now() + std::chrono::milliseconds{300};
        for (auto const& lease : leases.held()) {
            if (lease.slot == book_slot || done[lease.slot] || std::chrono::steady_clock::now() > until) continue;
            auto const reviewed = reviewer.review(lease.slot, on);
            if (reviewed) done[lease.slot] = true;
            any = any || (reviewed && reviewed.value().was_due);
        }
        idle = any ? 0 : idle + 1;
    }
}

void review(benchmark::State& state, std::size_t workers) {
    auto& book = the_book();
    std::vector<any_event_store> places;
    for (std::size_t w = 0; w < workers; ++w) places.emplace_back(book.open(store::leasing::as_written));
    // who works has made itself known, and holds its share
    for (int turn = 0; turn < 3; ++turn) {
        for (auto& place : places) (void)place.as<store::postgres_store>()->balance();
    }
    for (auto _ : state) {
        auto const on = book.next.last();
        book.next = book.next + 1;
        std::vector<std::thread> others;
        for (std::size_t w = 1; w < workers; ++w) others.emplace_back([&, w] { work(places[w], on); });
        work(places[0], on);
        for (auto& other : others) other.join();
        for (std::uint16_t s = 0; s < customer_slots; ++s) {
            if (store::reviewed_until(places[0], s).value() != on) std::abort();
        }
    }
}

bool const registered = [] {
    if (server_url().empty()) return false;
    for (std::size_t const workers : {1U, 2U}) {
        benchmark::RegisterBenchmark(workers == 1 ? "workers/review/one" : "workers/review/two",
                                     [workers](benchmark::State& s) { review(s, workers); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime()
            ->Iterations(1);
    }
    return true;
}();

}  // namespace
