#include "check.hpp"

#include <patron/insight/risk_model_json.hpp>

using namespace patron;

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const read = insight::risk_model_from(text);
    if (!read) {
        PATRON_EXPECT(!read.error().remedy.empty());
        PATRON_EXPECT(is_clean_utf8(read.error().message()));
        return 0;
    }
    auto const again = insight::risk_model_from(to_json(read.value()));
    PATRON_EXPECT(again.has_value());
    PATRON_EXPECT(again.value() == read.value());
    return 0;
}
