#include <patron/base/impl/touch.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace patron;

TEST_CASE("touching memory reads it and changes nothing", "[base][touch]") {
    std::vector<char> const memory(1, 'x');  // a byte alone: what is asked for beyond it is never read
    detail::touch(memory.data());
    detail::touch(memory.data(), 1'000);
    CHECK(memory.front() == 'x');
}
