// Durable appends, each beside bare SQLite doing the same: WAL, synchronous=FULL, a row a fact, in batches of the same
// size. On a disk, not in memory: what is measured is mostly the flush.
#include <patron/fact/fact.hpp>
#include <patron/store/sqlite.hpp>
#include <patron/store/stored_book.hpp>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace patron;

constexpr std::size_t all_facts = 2'000'000;
constexpr std::uint32_t all_customers = 200'000;

/// A folder on the disk that the program is started on, gone at the end.
std::string const& folder() {
    struct scratch {
        std::string path = "build/store-bench-" + std::to_string(::getpid());
        scratch() { std::filesystem::create_directories(path); }
        scratch(scratch const&) = delete;
        scratch& operator=(scratch const&) = delete;
        ~scratch() {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
    };
    static scratch const here;
    return here.path;
}
std::string new_path(char const* name) {
    static int count = 0;
    return folder() + '/' + name + std::to_string(++count) + ".db";
}
void remove(std::string const& path) {
    for (auto const* const end : {"", "-wal", "-shm", ".snapshot"}) std::filesystem::remove(path + end);
}

std::string numbered(char const* prefix, std::size_t n, std::size_t width) {
    auto digits = std::to_string(n);
    return prefix + std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

/// Orders of customers at random, encoded; all of one piece of memory.
struct order_book {
    std::string text;
    std::vector<journal_entry> entries;
    std::vector<std::string_view> refs;

    order_book() {
        struct cut {
            std::size_t customer, fact, end;
        };
        std::vector<cut> cuts;
        std::mt19937_64 random{42};
        for (std::size_t i = 0; i < all_facts; ++i) {
            order_placed f;
            f.ref = f.order = numbered("SO-", i, 8);
            f.at = day{std::chrono::year{2023} / 1 / 1} + std::chrono::days{static_cast<int>(730 * i / all_facts)};
            f.customer = numbered("C-", random() % all_customers, 7);
            f.amount = money{static_cast<std::int64_t>(100'00 + random() % 10'000'00), currency::literal("CNY")};
            auto const customer = text.size();
            text += f.customer;
            auto const begin = text.size();
            encode(text, fact{f});
            cuts.push_back({customer, begin, text.size()});
        }
        std::string_view const all = text;
        for (auto const& c : cuts) {
            auto const customer = all.substr(c.customer, c.fact - c.customer);
            auto const bytes = all.substr(c.fact, c.end - c.fact);
            entries.push_back({slot_of_customer(customer), customer, bytes});
            refs.push_back(encoded_ref(bytes));
        }
    }
};
order_book const& orders() {
    static order_book const all;
    return all;
}

void note_facts(benchmark::State& state, std::size_t facts) {
    state.counters["facts_per_second"] =
        benchmark::Counter(static_cast<double>(facts), benchmark::Counter::kIsIterationInvariantRate);
}

/// SQLite as its documentation has it.
class bare {
public:
    struct batch {
        std::size_t from, count;
    };

    explicit bare(std::string path) : path_{std::move(path)} {
        check(sqlite3_open(path_.c_str(), &db_));
        run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE fact(customer TEXT, ref TEXT, fact BLOB)");
        check(sqlite3_prepare_v2(db_, "INSERT INTO fact VALUES(?1, ?2, ?3)", -1, &insert_, nullptr));
        check(sqlite3_prepare_v2(db_, "BEGIN IMMEDIATE", -1, &begin_, nullptr));
        check(sqlite3_prepare_v2(db_, "COMMIT", -1, &commit_, nullptr));
    }
    bare(bare const&) = delete;
    bare& operator=(bare const&) = delete;
    ~bare() {
        for (auto* const s : {insert_, begin_, commit_}) sqlite3_finalize(s);
        sqlite3_close(db_);
        remove(path_);
    }
    batch prepare(std::size_t from, std::size_t count) { return {from, count}; }
    void append(batch const& b) {
        step(begin_);
        for (auto i = b.from; i < b.from + b.count; ++i) {
            auto const& e = orders().entries[i];
            auto const ref = orders().refs[i];
            sqlite3_bind_text(insert_, 1, e.customer.data(), static_cast<int>(e.customer.size()), SQLITE_STATIC);
            sqlite3_bind_text(insert_, 2, ref.data(), static_cast<int>(ref.size()), SQLITE_STATIC);
            sqlite3_bind_blob(insert_, 3, e.bytes.data(), static_cast<int>(e.bytes.size()), SQLITE_STATIC);
            step(insert_);
        }
        step(commit_);
    }

private:
    static void check(int code) {
        if (code != SQLITE_OK) std::abort();
    }
    void run(char const* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    static void step(sqlite3_stmt* s) {
        if (sqlite3_step(s) != SQLITE_DONE) std::abort();
        sqlite3_reset(s);
    }

    std::string path_;
    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* begin_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
};

/// Ours: `exactly` as a book appends that has seen all of a slot, as it has when it alone writes; `any` as others do.
template <bool exactly>
class kept {
public:
    explicit kept(std::string path) : path_{std::move(path)}, store_{store::sqlite_store::open(path_).value()} {}
    kept(kept const&) = delete;
    kept& operator=(kept const&) = delete;
    ~kept() { remove(path_); }

    append_batch prepare(std::size_t from, std::size_t count) {
        append_batch batch;
        batch.entries.assign(orders().entries.begin() + static_cast<std::ptrdiff_t>(from),
                             orders().entries.begin() + static_cast<std::ptrdiff_t>(from + count));
        if (!exactly) return batch;
        std::vector<bool> named(slots_in_all);
        for (auto const& e : batch.entries) {
            if (!named[e.slot]) batch.expected.push_back({e.slot, expected_version::exactly(versions_.of(e.slot))});
            named[e.slot] = true;
        }
        for (auto const& e : batch.entries) ++versions_.of(e.slot);
        return batch;
    }
    void append(append_batch const& batch) {
        if (store_.append(batch).value().appended != batch.entries.size()) std::abort();
    }

private:
    std::string path_;
    store::sqlite_store store_;
    slot_versions versions_;
};

/// One batch an iteration, in a store that grows; a new one when all facts are in it. What the batch is made of is not
/// the store's concern: the clock runs for the append alone.
template <class Store>
void appends(benchmark::State& state) {
    auto const count = static_cast<std::size_t>(state.range(0));
    (void)orders();
    auto place = std::make_unique<Store>(new_path("appends"));
    std::size_t from = 0;
    for (auto _ : state) {
        if (from + count > all_facts) {
            place = nullptr;
            place = std::make_unique<Store>(new_path("appends"));
            from = 0;
        }
        auto const batch = place->prepare(from, count);
        auto const begin = std::chrono::steady_clock::now();
        place->append(batch);
        state.SetIterationTime(std::chrono::duration<double>{std::chrono::steady_clock::now() - begin}.count());
        from += count;
    }
    note_facts(state, count);
}

/// So many threads append single facts, all together the same number of them.
void threaded_appends(benchmark::State& state, std::size_t count) {
    constexpr std::size_t facts = 800;
    (void)orders();
    auto place = std::make_unique<kept<false>>(new_path("threads"));
    std::size_t from = 0;
    for (auto _ : state) {
        if (from + facts > all_facts) std::abort();
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < count; ++t) {
            threads.emplace_back([&, t] {
                for (auto i = from + t; i < from + facts; i += count) place->append(place->prepare(i, 1));
            });
        }
        threads.clear();
        from += facts;
    }
    note_facts(state, facts);
}
void one_thread(benchmark::State& state) { threaded_appends(state, 1); }
void eight_threads(benchmark::State& state) { threaded_appends(state, 8); }

/// A book of customers with a limit and some open items each, whose reservations are durable before they are told.
class credit_desk {
public:
    credit_desk() : path_{new_path("checks")}, book_{made(path_)} {}
    credit_desk(credit_desk const&) = delete;
    credit_desk& operator=(credit_desk const&) = delete;
    ~credit_desk() { remove(path_); }

    /// Customers take turns.
    void reserve(std::size_t n) {
        credit_query asked;
        asked.amount = money{10'00, currency::literal("CNY")};
        auto const found = book_.check(numbered("C-", n % customers, 7), asked, reservation_wish);
        if (!found || !found.value().reservation) std::abort();
    }

private:
    static constexpr std::size_t customers = 5'000;
    static constexpr int open_items = 20;
    static inline std::optional<store::reservation_wish> const reservation_wish{store::reservation_wish{}};

    static store::stored_book made(std::string const& path) {
        auto book = store::stored_book::open(store::sqlite_store::open(path).value()).value();
        day const on{std::chrono::year{2024} / 1 / 2};
        auto const cny = currency::literal("CNY");
        std::vector<received> rows;
        for (std::size_t c = 0; c < customers; ++c) {
            auto const code = numbered("C-", c, 7);
            rows.push_back({0, fact{customer_enrolled{
                                   .ref = "E" + code, .at = on, .customer = code, .name = "Dealer", .currency = cny}}});
            rows.push_back(
                {0, fact{limit_set{
                        .ref = "L" + code, .at = on, .customer = code, .amount = money{1'000'000'000'00, cny}}}});
            for (int i = 0; i < open_items; ++i) {
                auto const name = "I" + std::to_string(i) + code;
                rows.push_back({0, fact{invoice_issued{.ref = name,
                                                       .at = on,
                                                       .customer = code,
                                                       .invoice = name,
                                                       .amount = money{100'00, cny},
                                                       .due = on + std::chrono::days{30 + i}}}});
            }
        }
        if (!book.apply(rows).value().rejected.empty()) std::abort();
        return book;
    }

    std::string path_;
    store::stored_book book_;
};
void reserving_checks(benchmark::State& state) {
    credit_desk desk;
    std::size_t n = 0;
    for (auto _ : state) desk.reserve(n++);
}
/// So many threads share the same number of checks.
void threaded_checks(benchmark::State& state, std::size_t count) {
    constexpr std::size_t checks = 800;
    credit_desk desk;
    std::size_t from = 0;
    for (auto _ : state) {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < count; ++t) {
            threads.emplace_back([&, t] {
                for (auto i = from + t; i < from + checks; i += count) desk.reserve(i);
            });
        }
        threads.clear();
        from += checks;
    }
}
void checks_of_one_thread(benchmark::State& state) { threaded_checks(state, 1); }
void checks_of_eight_threads(benchmark::State& state) { threaded_checks(state, 8); }

/// A snapshot of the size that a book of a million customers has, and its file read into memory and no more.
constexpr std::size_t image_bytes = 400'000;
std::string const& saved_snapshot() {
    struct saved {
        std::string path = new_path("snapshot");
        saved() {
            auto place = store::sqlite_store::open(path).value();
            std::vector<std::string> texts(customer_slots, std::string(image_bytes, '\0'));
            std::mt19937_64 random{1};
            std::vector<slot_image> images;
            for (std::uint16_t s = 0; s < customer_slots; ++s) {
                for (std::size_t i = 0; i + 8 <= image_bytes; i += 8) {
                    auto const word = random();
                    texts[s].replace(i, 8, reinterpret_cast<char const*>(&word), 8);
                }
                images.push_back({s, 1, texts[s]});
            }
            place.save_snapshot(images).value();
        }
    };
    static saved const one;
    return one.path;
}
void load_snapshot(benchmark::State& state) {
    auto place = store::sqlite_store::open(saved_snapshot()).value();
    for (auto _ : state) {
        auto const found = place.load_snapshot().value();
        benchmark::DoNotOptimize(found->slots.back().bytes.back());
    }
}
void fread_snapshot(benchmark::State& state) {
    auto const path = saved_snapshot() + ".snapshot";
    auto const size = std::filesystem::file_size(path);
    for (auto _ : state) {
        auto* const in = std::fopen(path.c_str(), "rb");
        std::unique_ptr<char[]> const memory{new char[size]};
        if (in == nullptr || std::fread(memory.get(), 1, size, in) != size) std::abort();
        benchmark::DoNotOptimize(memory[size - 1]);
        std::fclose(in);
    }
}

BENCHMARK(appends<bare>)
    ->Name("store/bare")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(appends<kept<true>>)
    ->Name("store/append")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(appends<kept<false>>)
    ->Name("store/append_any")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(one_thread)->Name("store/append/thread1")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(eight_threads)->Name("store/append/threads8")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(reserving_checks)->Name("store/check")->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(checks_of_one_thread)->Name("store/check/thread1")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(checks_of_eight_threads)->Name("store/check/threads8")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(load_snapshot)->Name("store/snapshot/load")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(fread_snapshot)->Name("store/snapshot/fread")->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
