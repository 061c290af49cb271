// What every record of every feed keeps, however broken the feed.
#pragma once
#include <patron/base/id.hpp>
#include <patron/feed/json_lines.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#define PATRON_EXPECT(CONDITION)                                       \
    do {                                                               \
        if (!(CONDITION)) {                                            \
            std::fprintf(stderr, "broken promise: %s\n", #CONDITION);  \
            std::abort();                                              \
        }                                                              \
    } while (false)

namespace patron::fuzz {

/// An accepted fact is valid, has a reference, and comes back from its JSON and its bytes.
inline void check_fact(fact const& f) {
    PATRON_EXPECT(validate(f).has_value());
    PATRON_EXPECT(!head_of(f).ref.empty());

    std::string json;
    append_json(json, f);
    std::vector<feed::record> again;
    feed::json_lines{}.parse(json, 1, again);
    PATRON_EXPECT(again.size() == 1);
    if (!again[0].content) std::fprintf(stderr, "%s\n%s\n", json.c_str(), again[0].content.error().message().c_str());
    PATRON_EXPECT(again[0].content.has_value());
    PATRON_EXPECT(again[0].content.value() == f);

    std::string bytes;
    encode(bytes, f);
    auto const decoded = decode(bytes, head_of(f).customer);
    PATRON_EXPECT(decoded.has_value());
    PATRON_EXPECT(decoded.value() == f);
}

inline void check_records(std::vector<feed::record> const& records, std::uint64_t first_line) {
    auto line = first_line;
    for (auto const& r : records) {
        PATRON_EXPECT(r.line >= line);
        line = r.line;
        if (r.content) {
            check_fact(r.content.value());
        } else {
            auto const& e = r.content.error();
            PATRON_EXPECT(e.line == r.line);
            PATRON_EXPECT(!e.remedy.empty());
            PATRON_EXPECT(is_clean_utf8(e.message()));
        }
    }
}

/// The same records, whichever way the source was cut.
inline void check_same(std::vector<feed::record> const& a, std::vector<feed::record> const& b) {
    PATRON_EXPECT(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        PATRON_EXPECT(a[i].line == b[i].line);
        PATRON_EXPECT(a[i].content == b[i].content);
    }
}

}  // namespace patron::fuzz
