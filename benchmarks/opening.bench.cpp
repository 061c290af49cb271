// Opening a book of a million customers: from its snapshot, from its facts, and what reading the snapshot's bytes with
// plain fread and making plain structures of them takes.
#include <patron/customer/records.hpp>
#include <patron/store/sqlite.hpp>
#include <patron/store/stored_book.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace patron;
using namespace std::chrono_literals;

constexpr std::uint32_t customer_count = 1'000'000;
constexpr std::size_t fact_count = 10'000'000;
constexpr currency cny = currency::literal("CNY");

std::string numbered(char const* prefix, std::size_t n, std::size_t width) {
    auto digits = std::to_string(n);
    return prefix + std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

/// Enrolments, then orders and what follows them, over two years: of ten facts seven are orders, and one each a
/// delivery, an invoice and a payment; the mix of the replay benchmark.
class trade {
public:
    std::vector<received> next(std::size_t count) {
        std::vector<received> rows;
        rows.reserve(count);
        while (rows.size() < count && at_ < fact_count) {
            if (auto f = one()) rows.push_back({0, std::move(*f)});
            ++at_;
        }
        return rows;
    }

private:
    std::optional<fact> one() {
        auto const n = numbered("SO-", at_, 8);
        auto const enrols = at_ < customer_count;
        auto const c =
            enrols ? static_cast<std::uint32_t>(at_) : static_cast<std::uint32_t>(random_() % customer_count);
        auto const code = numbered("C-", c, 7);
        day const on = day{2023y / 1 / 1} + std::chrono::days{static_cast<int>(enrols ? 0 : 730 * at_ / fact_count)};
        money const amount{static_cast<std::int64_t>(10'000 + random_() % 9'000'000), cny};
        if (enrols) {
            return customer_enrolled{.ref = "E" + n,
                                     .at = on,
                                     .customer = code,
                                     .name = "Dealer number " + std::to_string(c),
                                     .region = "West",
                                     .owner = "li.wei",
                                     .currency = cny};
        }
        auto const what = random_() % 10;
        if (what == 7 && last_order_[c] != 0) {
            goods_delivered f{.ref = "D" + n, .at = on, .customer = code, .order = numbered("SO-", last_order_[c], 8)};
            last_order_[c] = 0;
            return f;
        }
        if (what == 8) {
            invoiced_[c] = true;
            return invoice_issued{.ref = "I" + n,
                                  .at = on,
                                  .customer = code,
                                  .invoice = "I" + n,
                                  .amount = amount,
                                  .due = day{2025y / 1 / 31}};
        }
        if (what == 9 && invoiced_[c]) {
            return payment_received{.ref = "P" + n, .at = on, .customer = code, .amount = amount};
        }
        last_order_[c] = static_cast<std::uint32_t>(at_);
        return order_placed{.ref = n, .at = on, .customer = code, .order = n, .amount = amount};
    }

    std::size_t at_ = 0;
    std::mt19937_64 random_{42};
    std::vector<std::uint32_t> last_order_ = std::vector<std::uint32_t>(customer_count);
    std::vector<bool> invoiced_ = std::vector<bool>(customer_count);
};

/// The book on disk, made once.
class place {
public:
    place() {
        remove();
        auto book = store::stored_book::open(
                        store::sqlite_store::open(file(), {.synchronous = store::sqlite_synchronous::normal}).value())
                        .value();
        trade facts;
        for (;;) {
            auto rows = facts.next(20'000);
            if (rows.empty()) break;
            if (!book.apply(rows, {.threads = 2}).value().rejected.empty()) std::abort();
        }
        if (!book.save_snapshot()) std::abort();
    }
    ~place() { remove(); }
    [[nodiscard]] static std::string file() { return (std::filesystem::current_path() / "bench_opening.db").string(); }

private:
    static void remove() {
        for (auto const* ending : {"", "-wal", "-shm", ".snapshot"}) std::filesystem::remove(file() + ending);
    }
};
place const& the_place() {
    static place const one;
    return one;
}

void open_book(benchmark::State& state, bool use_snapshot) {
    (void)the_place();
    std::uint64_t customers = 0;
    for (auto _ : state) {
        auto opened = store::stored_book::open(store::sqlite_store::open(place::file(), {.read_only = true}).value(),
                                               {.read_only = true, .use_snapshot = use_snapshot, .threads = 2});
        if (!opened) {
            state.SkipWithError(opened.error().message().c_str());
            return;
        }
        auto& book = opened.value();
        if (use_snapshot == (book.opened().from_snapshot == 0)) state.SkipWithError("not opened as it should be");
        customers = book.book().size();
        state.PauseTiming();  // giving the memory back is not opening
        { auto const gone = std::move(opened); }
        state.ResumeTiming();
    }
    state.counters["customers"] = static_cast<double>(customers);
}
void from_snapshot(benchmark::State& state) { open_book(state, true); }
void from_facts(benchmark::State& state) { open_book(state, false); }

// --- the baseline --------------------------------------------------------------------------------

struct plain_records {
    std::vector<contact> contacts;
    std::vector<agreement> agreements;
    std::vector<complaint> complaints;
    std::vector<wallet_statement> wallet;
    std::vector<observation> competitors;
    std::vector<observation> breaches;
    day_number visit = no_day;
    std::vector<ledger_order> orders;
    std::vector<ledger_invoice> invoices;
    std::int64_t unallocated = 0;
};
struct plain_customer {
    customer_state state;
    std::string code;
    std::string name;
    std::vector<std::array<std::int32_t, 2>> changes;
    std::unique_ptr<plain_records> records;
};

/// Reads an image's bytes without a doubt about them.
struct trusting_reader {
    char const* at;

    template <class T>
    T number() {
        T n;
        std::memcpy(&n, at, sizeof n);
        at += sizeof n;
        return n;
    }
    std::string_view text() {
        auto const size = number<std::uint64_t>();
        std::string_view const t{at, size};
        at += size;
        return t;
    }
};

/// What a program that trusts its own file does: reads it with fread and makes plain structures of it.
void fread_and_materialise(benchmark::State& state) {
    (void)the_place();
    auto store = store::sqlite_store::open(place::file(), {.read_only = true}).value();
    std::vector<std::size_t> offsets;
    {
        auto const snapshot = store.load_snapshot().value().value();
        std::size_t at = std::filesystem::file_size(place::file() + ".snapshot");
        std::size_t images = 0;
        for (auto const& image : snapshot.slots) images += image.bytes.size();
        at -= images;  // the images stand one behind the other at the end
        for (auto const& image : snapshot.slots) {
            offsets.push_back(at);
            at += image.bytes.size();
        }
    }
    std::size_t bytes_read = 0;
    for (auto _ : state) {
        auto const size = std::filesystem::file_size(place::file() + ".snapshot");
        auto const bytes = std::make_unique_for_overwrite<char[]>(size);
        auto* const file = std::fopen((place::file() + ".snapshot").c_str(), "rb");
        if (std::fread(bytes.get(), 1, size, file) != size) std::abort();
        std::fclose(file);
        bytes_read = size;
        std::vector<std::vector<plain_customer>> slots(customer_slots);
        std::vector<std::string> words;
        for (std::uint16_t s = 0; s < customer_slots; ++s) {
            trusting_reader in{bytes.get() + offsets[s] + 32};
            (void)in.text();
            (void)in.number<std::int64_t>();
            auto const count = in.number<std::uint64_t>();
            auto& customers = slots[s];
            customers.resize(count);
            for (auto& c : customers) c.state = in.number<customer_state>();
            (void)in.number<std::uint64_t>();
            auto const* const fixed = in.at;
            constexpr std::size_t fixed_bytes = 36;
            in.at += count * fixed_bytes;
            auto const change_count = in.number<std::uint64_t>();
            auto const* change = in.at;
            in.at += change_count * 8;
            auto const texts = in.text();
            std::size_t text_at = 0;
            for (std::size_t i = 0; i < count; ++i) {
                trusting_reader one{fixed + i * fixed_bytes + 20};
                auto& c = customers[i];
                c.changes.resize(one.number<std::uint32_t>());
                std::memcpy(c.changes.data(), change, c.changes.size() * 8);
                change += c.changes.size() * 8;
                (void)one.number<std::uint32_t>();
                auto const name_size = one.number<std::uint16_t>();
                auto const code_size = one.number<std::uint8_t>();
                (void)one.number<std::uint8_t>();
                if (one.number<std::uint8_t>() != 0) c.records = std::make_unique<plain_records>();
                c.code = texts.substr(text_at, code_size);
                c.name = texts.substr(text_at + code_size, name_size);
                text_at += std::size_t{code_size} + name_size;
            }
            for (auto n = in.number<std::uint32_t>(); n > 0; --n) words.emplace_back(in.text());
            auto const record_count = in.number<std::uint64_t>();
            trusting_reader record{in.at};
            in.at += record_count * 24;
            auto const order_count = in.number<std::uint64_t>();
            trusting_reader order{in.at};
            in.at += order_count * 40;
            auto const invoice_count = in.number<std::uint64_t>();
            trusting_reader invoice{in.at};
            in.at += invoice_count * 32;
            auto numbers = in.text();
            auto const next_number = [&](std::size_t length) {
                std::string number{numbers.substr(0, length)};
                numbers.remove_prefix(length);
                return number;
            };
            for (auto& c : customers) {
                if (!c.records) continue;
                auto& r = *c.records;
                r.unallocated = record.number<std::int64_t>();
                r.orders.resize(record.number<std::uint32_t>());
                r.invoices.resize(record.number<std::uint32_t>());
                r.visit = record.number<std::int32_t>();
                (void)record.number<std::uint32_t>();  // the workload has no contacts and the like
                for (auto& o : r.orders) {
                    o.ordered = order.number<std::int64_t>();
                    o.cancelled = order.number<std::int64_t>();
                    o.delivered = order.number<std::int64_t>();
                    o.invoiced = order.number<std::int64_t>();
                    o.order = next_number(order.number<std::uint64_t>());
                }
                for (auto& i : r.invoices) {
                    i.amount = invoice.number<std::int64_t>();
                    i.open = invoice.number<std::int64_t>();
                    i.issued = invoice.number<std::int32_t>();
                    i.due = invoice.number<std::int32_t>();
                    i.invoice = next_number(invoice.number<std::uint32_t>());
                    i.disputed = invoice.number<std::uint32_t>() != 0;
                }
            }
        }
        // the references, as they are
        auto const rest = size - offsets[book_slot];
        auto const references = std::make_unique_for_overwrite<char[]>(rest);
        std::memcpy(references.get(), bytes.get() + offsets[book_slot], rest);
        benchmark::DoNotOptimize(slots.data());
        benchmark::DoNotOptimize(references.get());
        benchmark::ClobberMemory();
        state.PauseTiming();
        slots.clear();
        state.ResumeTiming();
    }
    state.counters["bytes"] = static_cast<double>(bytes_read);
}

BENCHMARK(from_snapshot)->Name("opening/from_snapshot")->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK(fread_and_materialise)
    ->Name("opening/fread_and_materialise")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK(from_facts)->Name("opening/from_facts")->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
