// Reading feeds only: rows to facts, against parsing or splitting the same bytes and keeping nothing.
#include <patron/feed/csv.hpp>
#include <patron/feed/json_lines.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <boost/tokenizer.hpp>

#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace patron;

constexpr std::size_t rows = 20'000;

struct order {
    std::string ref, at, customer, amount, cents;
};

std::vector<order> const& orders() {
    static auto const made = [] {
        std::mt19937 random{7};
        std::vector<order> all;
        for (std::size_t i = 0; i < rows; ++i) {
            auto const digits = [&](unsigned below, std::size_t width) {
                auto text = std::to_string(random() % below);
                return text.size() < width ? std::string(width - text.size(), '0') + text : text;
            };
            all.push_back({"SO-2025-" + std::to_string(1'000'000 + i),
                           "2025-" + std::to_string(10 + random() % 3) + '-' + std::to_string(10 + random() % 18),
                           "C-" + digits(200'000, 6), digits(100'000, 1), digits(100, 2)});
        }
        return all;
    }();
    return made;
}

// what a feed is made of: orders, what follows them, and few rows without a reference
std::string const& json_text() {
    static auto const made = [] {
        std::string all;
        std::size_t i = 0;
        for (auto const& o : orders()) {
            auto const head = R"({"fact":")";
            auto const rest = R"(","at":")" + o.at + R"(","customer":")" + o.customer + '"';
            auto const money = R"(,"amount":")" + o.amount + '.' + o.cents + " CNY\"}\n";
            switch (i++ % 4) {
                case 0:
                    all += head + std::string{R"(invoice_issued","ref":"I)"} + o.ref + rest + R"(,"invoice":"I)" +
                           o.ref + R"(","due":"2026-01-31")" + money;
                    break;
                case 1:
                    all += head + std::string{R"(payment_received","ref":"P)"} + o.ref + rest + R"(,"invoice":"I)" +
                           o.ref + '"' + money;
                    break;
                default:
                    all += head + std::string{R"(order_placed","ref":")"} + o.ref + rest + R"(,"order":")" + o.ref +
                           '"' + money;
            }
        }
        return all;
    }();
    return made;
}

constexpr std::string_view header = "Invoice,kind,CustomerID,InvoiceDate,Country,n_lines,quantity,amount";

std::string const& csv_text() {
    static auto const made = [] {
        std::string all;
        for (auto const& o : orders()) {
            all += o.ref + ",sale," + o.customer + ',' + o.at + " 07:45:00,United Kingdom,8,166," + o.amount + '.' +
                   o.cents + '\n';
        }
        return all;
    }();
    return made;
}

template <class EachLine>
void for_each_line(std::string_view text, EachLine&& each) {
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find('\n', at);
        each(text.substr(at, end - at));
        at = end + 1;
    }
}

void measured(benchmark::State& state, std::string const& text) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(rows));
}

/// In blocks, as block_reader cuts them: the facts of one block are gone before the next.
template <class Parser>
void parse_in_blocks(benchmark::State& state, Parser const& parser, std::string const& text) {
    std::vector<feed::record> records;
    for (auto _ : state) {
        for (std::string_view rest{text}; !rest.empty();) {
            auto const end = rest.size() <= 256 * 1024 ? rest.size() : rest.rfind('\n', 256 * 1024) + 1;
            records.clear();
            parser.parse(rest.substr(0, end), 2, records);
            for (auto const& r : records) {
                if (!r.content) state.SkipWithError(r.content.error().message().c_str());
            }
            rest.remove_prefix(end);
        }
    }
    measured(state, text);
}

void json_patron(benchmark::State& state) { parse_in_blocks(state, feed::json_lines{}, json_text()); }
BENCHMARK(json_patron)->Name("feed/json/patron");

void json_dom(benchmark::State& state) {
    for (auto _ : state) {
        for_each_line(json_text(), [](std::string_view line) {
            benchmark::DoNotOptimize(boost::json::parse({line.data(), line.size()}));
        });
    }
    measured(state, json_text());
}
BENCHMARK(json_dom)->Name("feed/json/boost_dom");

// the same with one parser and memory of its own for each line, as Boost.JSON is fastest
void json_dom_pooled(benchmark::State& state) {
    std::vector<unsigned char> pool(64 * 1024);
    boost::json::parser parser;
    for (auto _ : state) {
        for_each_line(json_text(), [&](std::string_view line) {
            boost::json::monotonic_resource memory{pool.data(), pool.size()};
            parser.reset(&memory);
            parser.write(line.data(), line.size());
            benchmark::DoNotOptimize(parser.release());
        });
    }
    measured(state, json_text());
}
BENCHMARK(json_dom_pooled)->Name("feed/json/boost_dom_pooled");

void csv_patron(benchmark::State& state) {
    feed::csv_options how;
    how.kind = fact_kind::order_placed;
    how.map = {{"at", "InvoiceDate"}, {"customer", "CustomerID"}, {"order", "Invoice"}, {"amount", "amount"}};
    how.date_format = "%Y-%m-%d %H:%M:%S";
    how.common.default_currency = currency::literal("GBP");
    parse_in_blocks(state, feed::csv::make(how, header).value(), csv_text());
}
BENCHMARK(csv_patron)->Name("feed/csv/patron");

void csv_tokenizer(benchmark::State& state) {
    using splitter = boost::tokenizer<boost::escaped_list_separator<char>, std::string_view::const_iterator>;
    for (auto _ : state) {
        for_each_line(csv_text(), [](std::string_view line) {
            for (auto const& cell : splitter{line.begin(), line.end()}) benchmark::DoNotOptimize(cell.data());
        });
    }
    measured(state, csv_text());
}
BENCHMARK(csv_tokenizer)->Name("feed/csv/boost_tokenizer");

// as plain as it gets: no quotes, no cells kept
void csv_memchr(benchmark::State& state) {
    for (auto _ : state) {
        for_each_line(csv_text(), [](std::string_view line) {
            for (std::size_t at = 0; at < line.size();) {
                auto const* const end = static_cast<char const*>(std::memchr(line.data() + at, ',', line.size() - at));
                auto const cell = line.substr(
                    at, end == nullptr ? line.size() - at : static_cast<std::size_t>(end - line.data()) - at);
                benchmark::DoNotOptimize(cell);
                at += cell.size() + 1;
            }
        });
    }
    measured(state, csv_text());
}
BENCHMARK(csv_memchr)->Name("feed/csv/memchr");

}  // namespace
