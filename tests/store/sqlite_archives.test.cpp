// What past releases have written is read for ever.
#include <patron/store/sqlite.hpp>
#include <patron/store/stored_book.hpp>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

using namespace patron;
namespace fs = std::filesystem;

TEST_CASE("the stores and snapshots of every release are read today", "[store][sqlite][archives]") {
    int releases = 0;
    for (auto const& folder : fs::directory_iterator{fs::path{PATRON_SOURCE_DIR} / "tests" / "archives"}) {
        if (!folder.is_directory()) continue;
        ++releases;
        CAPTURE(folder.path());
        auto const here = fs::current_path() / ("patron_archive_" + std::to_string(::getpid()));
        fs::remove_all(here);
        fs::copy(folder.path(), here);  // opening writes beside the file
        for (auto const& one : fs::directory_iterator{here}) fs::permissions(one, fs::perms::owner_all);
        std::ifstream lines{folder.path() / "book.jsonl", std::ios::binary};
        std::string const wanted{std::istreambuf_iterator<char>{lines}, {}};
        for (bool const use_snapshot : {true, false}) {
            auto place = store::sqlite_store::open((here / "book.db").string());
            INFO((place ? "" : place.error().message()));
            REQUIRE(place.has_value());
            CHECK(place.value().verify().value().faults.empty());
            auto opened = store::stored_book::open(std::move(place.value()), {.use_snapshot = use_snapshot});
            REQUIRE(opened.has_value());
            auto& book = opened.value();
            INFO((book.opened().snapshot_refused ? book.opened().snapshot_refused->message() : ""));
            CHECK((book.opened().from_snapshot > 0) == use_snapshot);
            std::string rows;
            book.each_by_code([&](customer_row const& row) {
                append_json(rows, row);
                rows += '\n';
                return true;
            });
            CHECK(rows == wanted);
            CHECK(store::audit(book.store()).value().different.empty());
        }
        fs::remove_all(here);
    }
    CHECK(releases >= 1);
}
