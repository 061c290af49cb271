// Whole replays, reviews and memory, each beside what bounds it: parsing or splitting the same bytes
// and doing nothing else, or one pass over the bytes that must be read and written.
#include <patron/engine/engine.hpp>
#include <patron/engine/what_if.hpp>
#include <patron/feed/block_reader.hpp>
#include <patron/feed/csv.hpp>
#include <patron/feed/json_lines.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/tokenizer.hpp>

#include <malloc.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace patron;

constexpr std::size_t all_facts = 5'000'000;
constexpr std::uint32_t all_customers = 200'000;

std::string numbered(char const* prefix, std::size_t n, std::size_t width) {
    auto digits = std::to_string(n);
    return prefix + std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

/// The day of fact `i` of `count`: they are spread evenly over two years.
std::string day_text(std::size_t i, std::size_t count) {
    return to_string(day{std::chrono::year{2023} / 1 / 1} + std::chrono::days{static_cast<int>(730 * i / count)});
}

/// Enrolments, then orders and what follows them in date order: of ten facts seven are orders, and one each
/// a delivery, an invoice and a payment.
std::string json_feed(std::size_t facts, std::uint32_t customers) {
    std::mt19937_64 random{42};
    std::string text;
    text.reserve(facts * 132);
    std::vector<std::uint32_t> last_order_of(customers, 0);
    std::vector<bool> invoiced(customers, false);
    for (std::size_t i = 0; i < facts; ++i) {
        auto const n = numbered("SO-", i, 8);
        auto const enrols = i < customers;
        auto const c = enrols ? static_cast<std::uint32_t>(i) : static_cast<std::uint32_t>(random() % customers);
        auto const amount = std::to_string(100 + random() % 90'000) + '.' + std::to_string(10 + random() % 90) + " CNY";
        auto const head =
            "\",\"at\":\"" + day_text(enrols ? 0 : i, facts) + "\",\"customer\":\"" + numbered("C-", c, 7) + '"';
        auto const what = enrols ? 10U : static_cast<unsigned>(random() % 10);
        if (enrols) {
            text += "{\"ref\":\"E" + n + head + R"(,"fact":"customer_enrolled","name":"Dealer number )" +
                    std::to_string(c) + R"(","region":"West","owner":"li.wei","currency":"CNY"})" + '\n';
        } else if (what == 7 && last_order_of[c] != 0) {
            text += "{\"ref\":\"D" + n + head + R"(,"fact":"goods_delivered","order":")" +
                    numbered("SO-", last_order_of[c], 8) + "\"}\n";
            last_order_of[c] = 0;
        } else if (what == 8) {
            text += "{\"ref\":\"I" + n + head + R"(,"fact":"invoice_issued","invoice":"I)" + n + R"(","amount":")" +
                    amount + R"(","due":"2025-01-31"})" + '\n';
            invoiced[c] = true;
        } else if (what == 9 && invoiced[c]) {
            text += "{\"ref\":\"P" + n + head + R"(,"fact":"payment_received","amount":")" + amount + "\"}\n";
        } else {
            text += "{\"ref\":\"" + n + head + R"(,"fact":"order_placed","order":")" + n + R"(","amount":")" + amount +
                    "\"}\n";
            last_order_of[c] = static_cast<std::uint32_t>(i);
        }
    }
    return text;
}

std::string csv_feed(std::size_t facts, std::uint32_t customers) {
    std::mt19937_64 random{42};
    std::string text = "InvoiceDate,CustomerID,Invoice,Country,Total\n";
    text.reserve(facts * 60);
    for (std::size_t i = 0; i < facts; ++i) {
        text += day_text(i, facts) + ',' + numbered("C-", random() % customers, 7) + ',' + numbered("SO-", i, 8) +
                ",United Kingdom," + std::to_string(100 + random() % 90'000) + '.' +
                std::to_string(10 + random() % 90) + '\n';
    }
    return text;
}

std::string const& big_json() {
    static auto const text = json_feed(all_facts, all_customers);
    return text;
}
std::string const& big_csv() {
    static auto const text = csv_feed(all_facts, all_customers);
    return text;
}

/// Blocks of whole lines.
std::vector<std::string_view> blocks_of(std::string_view text, std::size_t size) {
    std::vector<std::string_view> blocks;
    while (!text.empty()) {
        auto end = text.size() <= size ? text.size() : text.rfind('\n', size) + 1;
        blocks.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return blocks;
}

/// Reads, applies, brings to the end, prints every customer: all that `replay` does but the disk.
template <class Parser>
std::size_t replay(Parser const& parser, std::string_view text, unsigned threads) {
    engine book;
    auto const blocks = blocks_of(text, feed::reader_options{}.block_bytes);
    std::vector<std::vector<feed::record>> rows(threads);
    for (std::size_t b = 0; b < blocks.size(); b += threads) {
        auto const count = std::min<std::size_t>(threads, blocks.size() - b);
        std::vector<std::thread> others;
        auto const parse = [&](std::size_t t) {
            rows[t].clear();
            parser.parse(blocks[b + t], 1 + b + t, rows[t]);
        };
        for (std::size_t t = 1; t < count; ++t) others.emplace_back(parse, t);
        parse(0);
        for (auto& other : others) other.join();
        for (std::size_t t = 0; t < count; ++t) {
            if (!book.apply(rows[t], {.threads = threads, .stop_on_error = false}).rejected.empty()) std::abort();
        }
    }
    (void)book.advance_to(*book.latest_day(), threads);
    std::size_t bytes = 0;
    std::string line;
    book.each_by_code([&](customer_row const& row) {
        line.clear();
        append_json(line, row);
        bytes += line.size();
        return true;
    });
    return bytes;
}

void note_facts(benchmark::State& state, std::size_t facts) {
    state.counters["facts_per_second"] =
        benchmark::Counter(static_cast<double>(facts), benchmark::Counter::kIsIterationInvariantRate);
}

void replay_json(benchmark::State& state, unsigned threads) {
    feed::json_lines const parser;
    auto const& text = big_json();
    for (auto _ : state) benchmark::DoNotOptimize(replay(parser, text, threads));
    note_facts(state, all_facts);
}

std::string const& million_facts() {
    static auto const text = json_feed(1'000'000, 40'000);
    return text;
}

/// What was freed goes back to the system: each side takes its pages anew, as the command does, and not those that the side
/// before it has left.
void forget_pages() { malloc_trim(0); }

void replay_million(benchmark::State& state) {
    feed::json_lines const parser;
    auto const& text = million_facts();
    forget_pages();
    for (auto _ : state) benchmark::DoNotOptimize(replay(parser, text, 1));
    note_facts(state, 1'000'000);
}

/// The same under two rulebooks, each fact parsed once, and every customer compared and printed.
void what_if_million(benchmark::State& state) {
    feed::json_lines const parser;
    auto const& text = million_facts();
    lifecycle::lifecycle_rules candidate;
    candidate.version = "candidate-1";
    candidate.decline.late_from_gaps = 3;
    forget_pages();
    for (auto _ : state) {
        what_if both{{}, {}, candidate};
        std::vector<feed::record> rows;
        std::size_t line = 0;
        for (auto const block : blocks_of(text, feed::reader_options{}.block_bytes)) {
            rows.clear();
            parser.parse(block, ++line, rows);
            auto const outcome = both.apply(rows);
            if (!outcome.a.rejected.empty() || !outcome.b.rejected.empty()) std::abort();
        }
        (void)both.advance_to(*both.latest_day());
        std::size_t bytes = 0;
        std::string text_of_one;
        auto const sum = both.compare([&](compared_customer const& c) {
            text_of_one.clear();
            append_json(text_of_one, c);
            bytes += text_of_one.size();
            return true;
        });
        if (!sum || sum.value().customers == 0) std::abort();
        benchmark::DoNotOptimize(bytes);
    }
    note_facts(state, 1'000'000);
}

void parse_json(benchmark::State& state) {
    auto const& text = big_json();
    for (auto _ : state) {
        std::size_t fields = 0;
        for (std::string_view rest = text; !rest.empty();) {
            auto const end = rest.find('\n');
            fields += boost::json::parse(rest.substr(0, end)).as_object().size();
            rest.remove_prefix(end + 1);
        }
        benchmark::DoNotOptimize(fields);
    }
    note_facts(state, all_facts);
}

void replay_csv(benchmark::State& state) {
    auto const& text = big_csv();
    auto const header_end = text.find('\n');
    auto const parser =
        feed::csv::make(
            {.kind = fact_kind::order_placed,
             .map = {{"at", "InvoiceDate"}, {"customer", "CustomerID"}, {"order", "Invoice"}, {"amount", "Total"}},
             .fixed = {},
             .where = {},
             .separator = ',',
             .date_format = {},
             .common = {.default_currency = currency::literal("GBP"), .source = {}}},
            std::string_view{text}.substr(0, header_end))
            .value();
    for (auto _ : state) benchmark::DoNotOptimize(replay(parser, std::string_view{text}.substr(header_end + 1), 1));
    note_facts(state, all_facts);
}

void split_csv(benchmark::State& state) {
    auto const& text = big_csv();
    for (auto _ : state) {
        std::size_t cells = 0;
        std::string line;
        for (std::string_view rest = text; !rest.empty();) {
            auto const end = rest.find('\n');
            line = rest.substr(0, end);
            boost::tokenizer<boost::escaped_list_separator<char>> const row{line};
            for (auto const& cell : row) cells += cell.size();
            rest.remove_prefix(end + 1);
        }
        benchmark::DoNotOptimize(cells);
    }
    note_facts(state, all_facts);
}

void replay_customers(benchmark::State& state) {
    constexpr std::size_t facts = 3'000'000;
    auto const text = json_feed(facts, static_cast<std::uint32_t>(state.range(0)));
    feed::json_lines const parser;
    for (auto _ : state) benchmark::DoNotOptimize(replay(parser, text, 1));
    note_facts(state, facts);
}

/// A million customers with names and ten orders each, as `apply` leaves them.
std::unique_ptr<engine> million() {
    constexpr std::uint32_t customers = 1'000'000;
    auto book = std::make_unique<engine>();
    std::vector<received> rows;
    std::mt19937_64 random{7};
    auto const flush = [&] {
        if (!book->apply(rows).rejected.empty()) std::abort();
        rows.clear();
    };
    std::size_t n = 0;
    for (int round = 0; round <= 10; ++round) {
        day const on = day{std::chrono::year{2024} / 1 / 3} + std::chrono::days{round * 30};
        for (std::uint32_t c = 0; c < customers; ++c) {
            auto const code = numbered("C-", c, 7);
            if (round == 0) {
                customer_enrolled f;
                f.ref = "E" + code;
                f.at = on;
                f.customer = code;
                f.name = "Dealer number " + std::to_string(c);
                f.region = "West";
                f.owner = "li.wei";
                f.currency = currency::literal("CNY");
                rows.push_back({0, fact{std::move(f)}});
            } else {
                order_placed f;
                f.ref = f.order = numbered("SO-", ++n, 8);
                f.at = on;
                f.customer = code;
                f.amount = money{static_cast<std::int64_t>(100'00 + random() % 10'000'00), currency::literal("CNY")};
                rows.push_back({0, fact{std::move(f)}});
            }
            if (rows.size() == 4'096) flush();
        }
    }
    flush();
    return book;
}

std::size_t resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * 4'096;
}

/// What a review must read and write of a customer that has orders only: its flat state.
void pass_over_states(benchmark::State& state) {
    std::vector<customer_state> states(1'000'000);
    for (auto _ : state) {
        for (auto& s : states) {
            std::uint64_t words[sizeof(customer_state) / 8];
            std::memcpy(words, &s, sizeof words);
            for (auto& w : words) w += 1;
            std::memcpy(static_cast<void*>(&s), words, sizeof words);
        }
        benchmark::ClobberMemory();
    }
}

void review_and_memory(benchmark::State& state) {
    malloc_trim(0);
    auto const before = resident_bytes();
    auto const book = million();
    malloc_trim(0);
    state.counters["bytes_per_customer"] = static_cast<double>(resident_bytes() - before) / 1'000'000;
    period month{std::chrono::year{2024}, std::chrono::October};
    (void)book->advance_to(month.last());
    for (auto _ : state) {
        month = month + 1;
        (void)book->advance_to(month.last());
    }
}

BENCHMARK_CAPTURE(replay_json, one, 1U)
    ->Name("replay/json/one_thread")
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(replay_json, two, 2U)
    ->Name("replay/json/two_threads")
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(replay_million)->Name("what_if/replay")->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(what_if_million)->Name("what_if/two_rulebooks")->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(parse_json)
    ->Name("replay/json/boost_json_parse")
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(replay_csv)->Name("replay/csv/one_thread")->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(split_csv)
    ->Name("replay/csv/boost_tokenizer_split")
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(replay_customers)
    ->Name("replay/customers")
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(pass_over_states)->Name("review/pass_over_states")->Unit(benchmark::kMillisecond);
BENCHMARK(review_and_memory)->Name("review/million")->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
