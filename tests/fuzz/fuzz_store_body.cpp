#include "../../src/store/journal_body.hpp"

#include "check.hpp"

using namespace patron;
using namespace patron::store_detail;

/// Whatever a row's bytes: nothing is read behind them, and what reads as sound is what a writer would write.
extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string_view const body{reinterpret_cast<char const*>(data), size};
    body_reader reader{body};
    body_writer again;
    journal_entry e;
    std::uint64_t count = 0;
    while (reader.next(e)) {
        ++count;
        PATRON_EXPECT(e.slot < slots_in_all);
        PATRON_EXPECT(!e.bytes.empty());
        if (kind_of_entry(e.bytes) == entry_kind::fact_told) (void)reference_in(e.bytes);
        again.add(e);
    }
    PATRON_EXPECT(count <= reader.count());
    if (!reader.sound()) return 0;
    PATRON_EXPECT(count == reader.count());
    PATRON_EXPECT(again.body() == body);
    return 0;
}
