#include <patron/store/postgres.hpp>  // first: the header stands on its own

#include <patron/testing/event_store_laws.hpp>

#include "postgres_server.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace patron;

TEST_CASE("a store in PostgreSQL keeps the laws of event stores", "[store][postgres][threads]") {
    tests::postgres_server const server;
    auto const place = server.fresh_schema();
    auto const broken = testing::event_store_laws([&]() -> result<any_event_store> {
        auto opened = store::postgres_store::open(server.url(), {.schema = place});
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
    });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}
