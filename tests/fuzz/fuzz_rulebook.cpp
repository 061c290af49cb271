#include "check.hpp"

#include <patron/policy/rulebook_check.hpp>

using namespace patron;

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const read = policy::parse_rulebook(text);
    if (!read) {
        PATRON_EXPECT(!read.error().remedy.empty());
        PATRON_EXPECT(is_clean_utf8(read.error().message()));
        return 0;
    }
    auto const again = policy::parse_rulebook(to_json(read.value()));
    PATRON_EXPECT(again.has_value());
    PATRON_EXPECT(again.value() == read.value());
    for (auto const& f : policy::check(read.value(), {.most_steps = 2'000})) PATRON_EXPECT(!to_text(f).empty());
    return 0;
}
