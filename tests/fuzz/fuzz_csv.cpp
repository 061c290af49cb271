#include "check.hpp"

#include <patron/feed/block_reader.hpp>

#include <algorithm>
#include <cstring>

using namespace patron;

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    // two bytes choose the options, the rest is a file with its header
    if (size < 2) return 0;
    feed::csv_options how;
    if (data[0] < fact_kind_count) how.kind = static_cast<fact_kind>(data[0]);
    if ((data[1] & 1U) != 0) how.date_format = "%d/%m/%Y %H:%M";
    if ((data[1] & 2U) != 0) how.date_format = "%Y%m%d";
    if ((data[1] & 4U) != 0) how.common.default_currency = currency::literal("JPY");
    if ((data[1] & 8U) != 0) how.separator = ';';
    if ((data[1] & 16U) != 0) how.fixed = {{"at", "2025-01-31"}};
    std::string_view const text{reinterpret_cast<char const*>(data) + 2, size - 2};

    auto const read = [&](std::size_t block_bytes, std::size_t at_once) {
        std::size_t at = 0;
        feed::block_reader reader{
            [&](std::span<char> into) -> result<std::size_t> {
                auto const n = std::min({into.size(), text.size() - at, at_once});
                std::memcpy(into.data(), text.data() + at, n);
                at += n;
                return n;
            },
            "",
            {.format = feed::format::csv, .separator = how.separator, .block_bytes = block_bytes}};
        std::vector<feed::record> records;
        auto const done = feed::for_each(reader, how, [&](feed::record&& r) { records.push_back(std::move(r)); });
        if (!done) PATRON_EXPECT(is_clean_utf8(done.error().message()) && records.empty());
        return records;
    };
    auto const at_once = read(1'000'000, 1'000'000);
    fuzz::check_records(at_once, 1);
    fuzz::check_same(at_once, read(16, 11));
    return 0;
}
