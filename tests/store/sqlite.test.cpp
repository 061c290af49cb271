#include <patron/store/sqlite.hpp>  // first: the header stands on its own

#include <patron/testing/event_store_laws.hpp>

#include <catch2/catch_test_macros.hpp>

#include "sqlite_place.hpp"

using namespace sqlite_test;

TEST_CASE("a store in SQLite keeps the laws of event stores", "[store][sqlite][threads]") {
    place const here;
    auto const broken = testing::event_store_laws([&]() -> result<any_event_store> {
        auto opened = store::sqlite_store::open(here / "book.db");
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
    });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}
