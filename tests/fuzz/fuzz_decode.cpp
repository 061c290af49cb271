#include "check.hpp"

using namespace patron;

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    auto const read = decode({reinterpret_cast<char const*>(data), size}, "C-1");
    if (!read) return 0;
    // bytes that encode did not write may hold what no feed would: then validate says so, and no more is promised
    std::string bytes;
    encode(bytes, read.value());
    auto const again = decode(bytes, "C-1");
    PATRON_EXPECT(again.has_value());
    PATRON_EXPECT(again.value() == read.value());
    PATRON_EXPECT(encoded_ref(bytes) == head_of(read.value()).ref);
    if (validate(read.value())) {
        std::string json;
        append_json(json, read.value());
        PATRON_EXPECT(is_clean_utf8(json));
    }
    return 0;
}
