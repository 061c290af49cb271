#include <patron/engine/impl/crew.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

using namespace patron;

TEST_CASE("each part is done once, whatever number of threads comes next", "[engine][crew]") {
    detail::crew crew;
    for (int round = 0; round < 500; ++round) {
        auto const threads = static_cast<unsigned>(round * 7 % 5 + 1);
        std::vector<int> done(5, 0);  // each thread writes its own, and the caller reads them all afterwards
        crew.run(threads, [&](unsigned t) { ++done[t]; });
        for (unsigned t = 0; t < 5; ++t) REQUIRE(done[t] == (t < threads ? 1 : 0));
    }
}

TEST_CASE("what a part throws reaches the caller, and the crew works on", "[engine][crew]") {
    detail::crew crew;
    std::atomic<int> done = 0;
    for (unsigned thrower = 0; thrower < 3; ++thrower) {
        CHECK_THROWS_MATCHES(crew.run(3,
                                      [&](unsigned t) {
                                          if (t == thrower) throw std::length_error{"full"};
                                          ++done;
                                      }),
                             std::length_error, Catch::Matchers::Message("full"));
    }
    CHECK(done == 6);
    crew.run(3, [&](unsigned) { ++done; });
    CHECK(done == 9);
}
