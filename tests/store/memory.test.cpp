#include <patron/store/memory.hpp>  // first: the header stands on its own

#include <patron/testing/event_store_laws.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("a store in memory keeps the laws of event stores", "[store][memory][threads]") {
    store::memory_store const place;
    auto const broken = testing::event_store_laws([&]() -> result<any_event_store> { return any_event_store{place}; });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}
