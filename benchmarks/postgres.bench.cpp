// Durable appends to PostgreSQL, beside the same facts a row each by bare libpq: COPY, and INSERT of many rows. All on
// the server that scripts/lib/postgres.sh starts; without one there is nothing here.
#include <patron/fact/fact.hpp>
#include <patron/store/postgres.hpp>

#include <benchmark/benchmark.h>

#include <libpq-fe.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace patron;

constexpr std::size_t batch_facts = 10'000;
constexpr std::uint32_t customers = 50'000;

std::string server_url() {
    auto const* const url = std::getenv("PATRON_TEST_POSTGRES");
    return url == nullptr ? std::string{} : std::string{url};
}

std::string fresh_name() {
    std::random_device random;
    return "b" + std::to_string(random()) + '_' + std::to_string(random());
}

/// A connection and what must not fail.
class bare {
public:
    bare() : conn_{PQconnectdb(server_url().c_str()), &PQfinish} {
        if (PQstatus(conn_.get()) != CONNECTION_OK) std::abort();
        run("SET client_min_messages = warning");
    }
    void run(std::string const& text) {
        auto* const r = PQexec(conn_.get(), text.c_str());
        auto const status = PQresultStatus(r);
        PQclear(r);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) std::abort();
    }
    void copy(std::string const& bytes) {
        if (PQputCopyData(conn_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1 ||
            PQputCopyEnd(conn_.get(), nullptr) != 1) {
            std::abort();
        }
        while (auto* const r = PQgetResult(conn_.get())) {
            if (PQresultStatus(r) != PGRES_COMMAND_OK) std::abort();
            PQclear(r);
        }
    }
    void prepare(char const* text) { PQclear(PQprepare(conn_.get(), "s", text, 0, nullptr)); }
    void prepared(std::vector<std::string> const& values) {
        std::vector<char const*> pointers;
        std::vector<int> lengths;
        std::vector<int> formats(values.size(), 1);
        for (auto const& v : values) {
            pointers.push_back(v.data());
            lengths.push_back(static_cast<int>(v.size()));
        }
        auto* const r = PQexecPrepared(conn_.get(), "s", static_cast<int>(values.size()), pointers.data(),
                                       lengths.data(), formats.data(), 1);
        if (PQresultStatus(r) != PGRES_COMMAND_OK) std::abort();
        PQclear(r);
    }

private:
    std::unique_ptr<PGconn, void (*)(PGconn*)> conn_;
};

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(value >> static_cast<unsigned>(shift));
}

/// Orders of customers in all slots, one batch after another.
class facts {
public:
    struct entry {
        std::uint16_t slot;
        std::string customer;
        std::string bytes;
    };
    void next(std::size_t count) {
        entries.clear();
        for (std::size_t i = 0; i < count; ++i) {
            order_placed f;
            f.ref = f.order = "SO-" + std::to_string(10'000'000 + n_++);
            f.at = day{std::chrono::year{2024} / 3 / 1} + std::chrono::days{static_cast<int>(n_ / 50'000)};
            f.customer = "C-" + std::to_string(1'000'000 + random_() % customers);
            f.amount = money{static_cast<std::int64_t>(100'00 + random_() % 10'000'00), currency::literal("CNY")};
            entry e{slot_of_customer(f.customer), f.customer, {}};
            encode(e.bytes, fact{f});
            entries.push_back(std::move(e));
        }
    }
    [[nodiscard]] append_batch batch() const {
        append_batch out;
        for (auto const& e : entries) out.entries.push_back({e.slot, e.customer, e.bytes});
        return out;
    }
    std::vector<entry> entries;

private:
    std::mt19937_64 random_{42};
    std::uint64_t n_ = 0;
};

/// A book in a schema of its own, dropped in the end.
class book {
public:
    book() : store{store::postgres_store::open(server_url(), {.schema = schema}).value()} {
        store.acquire(store::every_slot(), std::chrono::seconds{1}).value();
    }
    ~book() { bare{}.run("DROP SCHEMA " + schema + " CASCADE"); }
    std::string schema = fresh_name();
    store::postgres_store store;
};

/// A table of a row a fact, as one would make it.
class table {
public:
    table() {
        db.run("CREATE TABLE " + name +
               " (slot smallint NOT NULL, entry bigint NOT NULL, customer bytea NOT NULL, fact bytea NOT NULL, "
               "PRIMARY KEY (slot, entry))");
    }
    ~table() { db.run("DROP TABLE " + name); }
    bare db;
    std::string name = fresh_name();
    slot_versions versions;
};

void note(benchmark::State& state, std::size_t count) {
    state.counters["facts_per_second"] =
        benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate);
}

void patron_batch(benchmark::State& state, bool vouched) {
    book into;
    facts from;
    slot_versions versions;
    for (auto _ : state) {
        state.PauseTiming();
        from.next(batch_facts);
        auto batch = from.batch();
        if (vouched) {
            std::vector<bool> named(slots_in_all);
            for (auto const& e : from.entries) {
                if (!named[e.slot]) batch.expected.push_back({e.slot, expected_version::exactly(versions.of(e.slot))});
                named[e.slot] = true;
            }
            for (auto const& e : from.entries) ++versions.of(e.slot);
        }
        state.ResumeTiming();
        if (into.store.append(batch).value().appended != batch_facts) std::abort();
    }
    note(state, batch_facts);
}

void copy_batch(benchmark::State& state) {
    table into;
    facts from;
    std::string rows;
    for (auto _ : state) {
        state.PauseTiming();
        from.next(batch_facts);
        state.ResumeTiming();
        rows.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
        for (auto const& e : from.entries) {
            put(rows, 4, 2);
            put(rows, 2, 4);
            put(rows, e.slot, 2);
            put(rows, 8, 4);
            put(rows, into.versions.of(e.slot)++, 8);
            put(rows, e.customer.size(), 4);
            rows += e.customer;
            put(rows, e.bytes.size(), 4);
            rows += e.bytes;
        }
        rows += "\377\377";
        into.db.run("COPY " + into.name + " FROM STDIN (FORMAT binary)");
        into.db.copy(rows);
    }
    note(state, batch_facts);
}

void insert_batch(benchmark::State& state) {
    table into;
    facts from;
    auto const text =
        "INSERT INTO " + into.name + " SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])";
    into.db.prepare(text.c_str());
    for (auto _ : state) {
        state.PauseTiming();
        from.next(batch_facts);
        state.ResumeTiming();
        std::vector<std::string> arrays(4);
        for (std::size_t i = 0; i < 4; ++i) {
            put(arrays[i], 1, 4);
            put(arrays[i], 0, 4);
            put(arrays[i], i == 0 ? 21 : i == 1 ? 20 : 17, 4);
            put(arrays[i], batch_facts, 4);
            put(arrays[i], 1, 4);
        }
        for (auto const& e : from.entries) {
            put(arrays[0], 2, 4);
            put(arrays[0], e.slot, 2);
            put(arrays[1], 8, 4);
            put(arrays[1], into.versions.of(e.slot)++, 8);
            put(arrays[2], e.customer.size(), 4);
            arrays[2] += e.customer;
            put(arrays[3], e.bytes.size(), 4);
            arrays[3] += e.bytes;
        }
        into.db.prepared(arrays);
    }
    note(state, batch_facts);
}

constexpr std::size_t singles = 400;

/// Single facts, each acknowledged before its thread sends the next.
void patron_singles(benchmark::State& state, std::size_t threads) {
    book into;
    facts from;
    for (auto _ : state) {
        state.PauseTiming();
        from.next(singles);
        state.ResumeTiming();
        std::vector<std::thread> others;
        for (std::size_t t = 0; t < threads; ++t) {
            others.emplace_back([&, t] {
                for (std::size_t i = t; i < singles; i += threads) {
                    auto const& e = from.entries[i];
                    append_batch one;
                    one.entries.push_back({e.slot, e.customer, e.bytes});
                    if (!into.store.append(one)) std::abort();
                }
            });
        }
        for (auto& t : others) t.join();
    }
    note(state, singles);
}

void insert_singles(benchmark::State& state) {
    table into;
    facts from;
    into.db.prepare(("INSERT INTO " + into.name + " VALUES ($1::smallint, $2::bigint, $3::bytea, $4::bytea)").c_str());
    for (auto _ : state) {
        state.PauseTiming();
        from.next(singles);
        state.ResumeTiming();
        for (auto const& e : from.entries) {
            std::vector<std::string> values(2);
            put(values[0], e.slot, 2);
            put(values[1], into.versions.of(e.slot)++, 8);
            values.push_back(e.customer);
            values.push_back(e.bytes);
            into.db.prepared(values);
        }
    }
    note(state, singles);
}

template <class F>
void add(char const* name, F f) {
    benchmark::RegisterBenchmark(name, f)->Unit(benchmark::kMillisecond)->UseRealTime();
}

bool const registered = [] {
    if (server_url().empty()) return false;
    add("postgres/batch/patron", [](benchmark::State& s) { patron_batch(s, true); });
    add("postgres/batch/patron_looking_up", [](benchmark::State& s) { patron_batch(s, false); });
    add("postgres/batch/copy", &copy_batch);
    add("postgres/batch/insert", &insert_batch);
    add("postgres/single/patron", [](benchmark::State& s) { patron_singles(s, 1); });
    add("postgres/single/patron_8_threads", [](benchmark::State& s) { patron_singles(s, 8); });
    add("postgres/single/insert", &insert_singles);
    return true;
}();

}  // namespace
