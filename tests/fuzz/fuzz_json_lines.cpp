#include "check.hpp"

#include <patron/feed/block_reader.hpp>

#include <algorithm>
#include <cstring>

using namespace patron;

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    std::vector<feed::record> at_once;
    feed::json_lines{}.parse(text, 1, at_once);
    fuzz::check_records(at_once, 1);

    std::size_t at = 0;
    feed::block_reader reader{[&](std::span<char> into) -> result<std::size_t> {
                                  auto const n = std::min<std::size_t>({into.size(), text.size() - at, 13});
                                  std::memcpy(into.data(), text.data() + at, n);
                                  at += n;
                                  return n;
                              },
                              "",
                              {.block_bytes = 16}};
    std::vector<feed::record> cut;
    PATRON_EXPECT(
        feed::for_each(reader, feed::options{}, [&](feed::record&& r) { cut.push_back(std::move(r)); }).has_value());
    fuzz::check_same(at_once, cut);

    std::vector<feed::record> in_pounds;
    feed::json_lines{{.default_currency = currency::literal("GBP")}}.parse(text, 1, in_pounds);
    fuzz::check_records(in_pounds, 1);
    return 0;
}
