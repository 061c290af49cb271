#include <patron/feed/block_reader.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

using namespace patron;

namespace {

/// A source that gives `text` a few bytes at a time, as a pipe may.
feed::block_reader::source source_of(std::string text, std::size_t at_once = 1000) {
    return [text = std::move(text), at_once, at = std::size_t{0}](std::span<char> into) mutable -> result<std::size_t> {
        auto const n = std::min({into.size(), at_once, text.size() - at});
        std::memcpy(into.data(), text.data() + at, n);
        at += n;
        return n;
    };
}

struct whole {
    std::string text;
    std::vector<std::uint64_t> first_lines;
    std::vector<error> skipped;
    std::size_t largest = 0;
};

whole read_all(feed::block_reader reader) {
    whole all;
    feed::block block;
    for (;;) {
        auto const more = reader.next(block);
        REQUIRE(more.has_value());
        if (!more.value()) return all;
        all.text += block.text;
        all.first_lines.push_back(block.first_line);
        all.skipped.insert(all.skipped.end(), block.skipped.begin(), block.skipped.end());
        all.largest = std::max({all.largest, block.text.capacity()});
    }
}

std::string order(int number) {
    return R"({"fact":"order_placed","ref":"R)" + std::to_string(number) +
           R"(","at":"2025-01-31","customer":"C","order":"O","amount":"1.00"})";
}

TEST_CASE("blocks hold whole lines, and together the source", "[feed][block_reader]") {
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += std::string(static_cast<std::size_t>(i * 7 % 60), 'x') + (i % 3 == 0 ? "\r\n" : "\n");
    bool const ended = GENERATE(true, false);
    if (!ended) text += "the last line";
    auto const block_bytes = GENERATE(std::size_t{1}, std::size_t{64}, std::size_t{1000}, std::size_t{1'000'000});
    auto const at_once = GENERATE(std::size_t{1}, std::size_t{100}, std::size_t{1'000'000});

    feed::block_reader reader{source_of(text, at_once), "feed", {.block_bytes = block_bytes}};
    feed::block block;
    std::string joined;
    std::uint64_t line = 1;
    while (reader.next(block).value()) {
        CHECK(block.first_line == line);
        CHECK((block.text.ends_with('\n') || joined.size() + block.text.size() == text.size()));
        CHECK(block.text.size() <= std::max<std::size_t>(block_bytes, 256));
        joined += block.text;
        line += static_cast<std::uint64_t>(std::ranges::count(block.text, '\n'));
    }
    CHECK(joined == text);
    CHECK(reader.bytes_read() == text.size());
    CHECK_FALSE(reader.next(block).value());
}

TEST_CASE("an empty source has no blocks", "[feed][block_reader]") {
    CHECK(read_all({source_of(""), "feed"}).first_lines.empty());
}

TEST_CASE("a row of exactly the longest size passes, one byte more does not", "[feed][block_reader]") {
    auto const longest = GENERATE(std::size_t{1}, std::size_t{10}, std::size_t{100});
    auto const ended = GENERATE("", "\n");
    auto const all =
        read_all({source_of("a\n" + std::string(longest, 'b') + ended), "feed", {.longest_record = longest}});
    CHECK(all.text == "a\n" + std::string(longest, 'b') + ended);
    CHECK(all.skipped.empty());

    auto const over =
        read_all({source_of("a\n" + std::string(longest + 1, 'b') + ended), "feed", {.longest_record = longest}});
    CHECK(over.text == "a\n");
    REQUIRE(over.skipped.size() == 1);
    CHECK(over.skipped[0].line == 2);
}

TEST_CASE("a line of a gigabyte is one error, in bounded memory", "[feed][block_reader]") {
    // 1 GB between two sound rows, made as it is read
    constexpr std::uint64_t huge = 1'000'000'000;
    auto const before = order(1) + "\n{\"fact\":\"";
    auto const after = "\"}\n" + order(2) + "\n";
    std::uint64_t given = 0;
    auto const source = [&](std::span<char> into) -> result<std::size_t> {
        std::size_t n = 0;
        auto const put = [&](std::string_view text, std::uint64_t from) {
            auto const part = text.substr(given - from, into.size() - n);
            std::memcpy(into.data() + n, part.data(), part.size());
            n += part.size();
            given += part.size();
        };
        if (given < before.size()) {
            put(before, 0);
        } else if (given < before.size() + huge) {
            n = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), before.size() + huge - given));
            std::memset(into.data(), 'x', n);
            given += n;
        } else if (given < before.size() + huge + after.size()) {
            put(after, before.size() + huge);
        }
        return n;
    };
    feed::block_reader reader{source, "big.jsonl"};
    feed::json_lines const parser;
    feed::block block;
    std::vector<feed::record> records;
    std::vector<error> skipped;
    while (reader.next(block).value()) {
        CHECK(block.text.capacity() <= 3 * 1024 * 1024);
        skipped.insert(skipped.end(), block.skipped.begin(), block.skipped.end());
        parser.parse(block.text, block.first_line, records);
    }
    REQUIRE(skipped.size() == 1);
    CHECK(skipped[0].code == errc::too_long);
    CHECK(skipped[0].line == 2);
    CHECK(skipped[0].source == "big.jsonl");
    CHECK(skipped[0].remedy == "a row has at most 1048576 bytes");
    REQUIRE(records.size() == 2);
    CHECK(records[0].line == 1);
    CHECK(records[1].line == 3);
    CHECK(records[1].content.has_value());
    CHECK(reader.bytes_read() == before.size() + huge + after.size());
}

TEST_CASE("rows of CSV end outside quotes", "[feed][block_reader]") {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "\"" + std::to_string(i) + "\nsecond \"\"line\"\"\",b\n";
    auto const block_bytes = GENERATE(std::size_t{1}, std::size_t{50}, std::size_t{1000});
    feed::block_reader reader{source_of(text), "feed", {.format = feed::format::csv, .block_bytes = block_bytes}};
    feed::block block;
    std::string joined;
    while (reader.next(block).value()) {
        CHECK(block.text.starts_with('"'));
        CHECK(block.text.ends_with(",b\n"));
        CHECK(std::ranges::count(block.text, '"') % 6 == 0);
        joined += block.text;
    }
    CHECK(joined == text);
}

TEST_CASE("a quote that never closes costs its line, not the rest of the file", "[feed][block_reader]") {
    // far more than the longest record follows it
    std::string text = "customer,at,order,amount\n\"C,2025-01-31,0,1.00\n";
    for (int i = 1; i <= 400; ++i) text += "C,2025-01-31," + std::to_string(i) + ",1.00\n";
    feed::csv_options how;
    how.kind = fact_kind::order_placed;
    feed::block_reader reader{source_of(text), "feed", {.format = feed::format::csv, .longest_record = 500}};
    std::vector<feed::record> records;
    REQUIRE(feed::for_each(reader, how, [&](feed::record&& r) { records.push_back(std::move(r)); }));
    REQUIRE(records.size() == 401);
    CHECK(records[0].content.error().line == 2);
    for (std::size_t i = 1; i < records.size(); ++i) {
        REQUIRE(records[i].content.has_value());
        REQUIRE(records[i].line == i + 2);
    }
}

TEST_CASE("however a source is cut, the records are the same", "[feed][block_reader]") {
    std::mt19937 random{11};
    for (int round = 0; round < 300; ++round) {
        std::string csv = "a,at,customer,order,amount\n";
        for (auto n = random() % 200; n > 0; --n) {
            static constexpr char const* pieces[] = {"a",   ",",  "\"", "\n", "\r\n", "\"\"", "x,2025-01-31,C,O,1.00\n",
                                                     "\",", ",\""};
            csv += pieces[random() % std::size(pieces)];
        }
        feed::csv_options how;
        how.kind = fact_kind::order_placed;
        how.map = {{"at", "at"}, {"customer", "customer"}, {"order", "order"}, {"amount", "amount"}};
        auto const read = [&](std::size_t block_bytes, std::size_t at_once) {
            feed::block_reader reader{
                source_of(csv, at_once), "feed", {.format = feed::format::csv, .block_bytes = block_bytes}};
            std::vector<feed::record> records;
            REQUIRE(feed::for_each(reader, how, [&](feed::record&& r) { records.push_back(std::move(r)); }));
            return records;
        };
        CAPTURE(csv);
        auto const at_once = read(1'000'000, 1'000'000);
        for (std::size_t const block_bytes : {1U, 7U, 40U}) {
            auto const cut = read(block_bytes, 1 + block_bytes * 3);
            REQUIRE(cut.size() == at_once.size());
            for (std::size_t i = 0; i < cut.size(); ++i) {
                REQUIRE(cut[i].line == at_once[i].line);
                REQUIRE((cut[i].content == at_once[i].content));
            }
        }
    }
}

TEST_CASE("a header is read before the rows", "[feed][block_reader]") {
    feed::block_reader reader{source_of("a,\"b\nc\"\r\n1,2\n", 2), "feed", {.format = feed::format::csv}};
    CHECK(reader.header().value() == "a,\"b\nc\"");
    feed::block block;
    REQUIRE(reader.next(block).value());
    CHECK(block.text == "1,2\n");
    CHECK(block.first_line == 3);
    CHECK(reader.header().value().empty());

    feed::block_reader endless{
        source_of(std::string(200, 'x')), "feed", {.format = feed::format::csv, .longest_record = 100}};
    CHECK(endless.header().error().code == errc::too_long);
}

TEST_CASE("a source that fails says so by its name", "[feed][block_reader]") {
    int calls = 0;
    feed::block_reader reader{[&](std::span<char> into) -> result<std::size_t> {
                                  if (calls++ > 0) return error{.code = errc::io_failure, .remedy = "plug it in"};
                                  into[0] = '\n';
                                  return std::size_t{1};
                              },
                              "broken.jsonl",
                              {.block_bytes = 8}};
    feed::block block;
    auto const failed = reader.next(block);
    REQUIRE(failed.has_error());
    CHECK(failed.error().code == errc::io_failure);
    CHECK(failed.error().source == "broken.jsonl");

    auto const absent = feed::block_reader::open("no/such/file.jsonl");
    REQUIRE(absent.has_error());
    CHECK(absent.error().code == errc::io_failure);
    CHECK(absent.error().source == "no/such/file.jsonl");
    CHECK(!absent.error().saw.empty());
}

TEST_CASE("a directory is no feed", "[feed][block_reader]") {
    auto const outcome =
        feed::for_each(std::filesystem::temp_directory_path().string(), feed::options{}, [](feed::record&&) {});
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == errc::io_failure);
}

TEST_CASE("for_each hands over every record of a file until it is told to stop", "[feed][block_reader]") {
    auto const path = std::filesystem::temp_directory_path() / "patron_block_reader.test.jsonl";
    {
        auto* const file = std::fopen(path.string().c_str(), "wb");
        REQUIRE(file != nullptr);
        auto const text = order(1) + "\n{\n" + order(2);  // cut off: no line end
        std::fwrite(text.data(), 1, text.size(), file);
        std::fclose(file);
    }
    std::vector<feed::record> records;
    REQUIRE(feed::for_each(path.string(), feed::options{}, [&](feed::record&& r) { records.push_back(std::move(r)); }));
    REQUIRE(records.size() == 3);
    CHECK(records[1].content.error().source == path.string());
    CHECK(records[1].content.error().line == 2);
    CHECK(head_of(records[2].content.value()).ref == "R2");

    int seen = 0;
    REQUIRE(feed::for_each(path.string(), feed::options{}, [&](feed::record&&) { return ++seen < 2; }));
    CHECK(seen == 2);

    auto const opened = feed::block_reader::open(path.string());
    REQUIRE(opened.has_value());
    CHECK(opened.value().bytes_total() == std::filesystem::file_size(path));
    std::filesystem::remove(path);
}

}  // namespace
