#include <patron/store/open.hpp>  // first: the header stands on its own

#include <patron/store/memory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace patron;

TEST_CASE("an address names the store that is opened", "[store][open]") {
    auto const built_in = store::stores_built_in();
    CHECK(std::find(built_in.begin(), built_in.end(), "memory") != built_in.end());
    auto opened = store::open_store("memory:");
    REQUIRE(opened.has_value());
    CHECK(opened.value().as<store::memory_store>() != nullptr);
    CHECK(opened.value().versions().value().total() == 0);
}

TEST_CASE("an address that is none is refused with what would be one, and without what is secret in it",
          "[store][open]") {
    for (auto const* url : {"", "crm.db", "mongodb:x", "sqlite", "memory"}) {
        CAPTURE(url);
        auto const refused = store::open_store(url);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::malformed);
        CHECK(refused.error().remedy.find("sqlite:PATH") != std::string::npos);
    }
    for (auto const* url :
         {"mysql://crm:hidden@host/db", "mysql://crm:half@hidden@host/db", "mysql://h?password=hidden",
          "host=127.0.0.1 user=crm password=hidden dbname=x", "postgresql:/crm:hidden@h/x", "hidden"}) {
        CAPTURE(url);
        auto const secret = store::open_store(url);
        REQUIRE(secret.has_error());
        CHECK(secret.error().message().find("hidden") == std::string::npos);
    }
    CHECK(store::open_store("mysql://host/db").error().message().find("mysql:...") != std::string::npos);
}

TEST_CASE("what is only read or written is not made when it is not there", "[store][open]") {
    auto const built_in = store::stores_built_in();
    if (std::find(built_in.begin(), built_in.end(), "sqlite") == built_in.end())
        SKIP("there is no SQLite in this build");
    for (auto const how : {store::access::read, store::access::write}) {
        auto const refused = store::open_store("sqlite:no such book.db", how);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::io_failure);
        CHECK(refused.error().message().find("no such book.db") != std::string::npos);
    }
    CHECK(store::open_store("sqlite:").error().code == errc::malformed);
}
