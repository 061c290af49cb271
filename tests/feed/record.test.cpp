#include <patron/feed/record.hpp>  // first: the header stands on its own

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>

using namespace patron;

namespace {

TEST_CASE("a derived reference is the same for ever", "[feed][record]") {
    // stores keep these: a change here makes old feeds look new
    CHECK(feed::derived_ref("", 1) == "~6eet6qsk1dr7a");
    CHECK(feed::derived_ref("C-1,2025-01-31,12.00", 7) == "~13hcxm9jp5ty9");
}

TEST_CASE("a derived reference tells rows and lines apart", "[feed][record]") {
    std::set<std::string> seen;
    std::size_t made = 0;
    std::string row;
    for (int length = 0; length < 40; ++length, row += 'a') {
        for (std::uint64_t line = 1; line <= 100; ++line, ++made) seen.insert(feed::derived_ref(row, line));
        // a bit of any byte counts, in the last word too
        for (std::size_t i = 0; i < row.size(); ++i, ++made) {
            auto other = row;
            other[i] = 'c';
            seen.insert(feed::derived_ref(other, 1));
        }
    }
    CHECK(seen.size() == made);
    for (auto const& ref : seen) {
        REQUIRE(ref.size() == 14);
        REQUIRE(ref.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 1) == std::string::npos);
    }
}

}  // namespace
