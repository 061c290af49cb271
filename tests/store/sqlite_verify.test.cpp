#include <patron/store/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include "sqlite_place.hpp"

#include <algorithm>

using namespace sqlite_test;

namespace {

/// A store with everything in it, runs of several levels too.
void fill(std::string const& path) {
    auto store = opened(path, with(small_runs()));
    for (int i = 0; i < 60; ++i) {
        entries batch;
        for (int n = 0; n < 9; ++n) batch.push_back(order("C-" + std::to_string(n), "O-" + std::to_string(i * 9 + n)));
        batch.push_back(decision("C-1", std::to_string(i)));
        auto b = batch_of(batch);
        b.personal = {{"C-1", std::to_string(i), "Li"}};
        b.notes = {{"n", std::to_string(i)}};
        REQUIRE(store.append(b));
    }
    REQUIRE(store.add_rulebook("v1", "share = 1"));
    REQUIRE(store.add_rulebook("v2", "share = 2"));
    REQUIRE(store.save_snapshot({{1, 2, "image"}}));
    REQUIRE(store.verify().value().faults.empty());
}

}  // namespace

TEST_CASE("looking through a store finds what a stray hand has changed, and says where", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    fill(path);
    auto const good = bytes_of(path);
    struct harm {
        char const* sql;
        char const* place;  ///< what the fault names
    };
    for (auto const& [sql, place_said] : std::initializer_list<harm>{
             {"UPDATE journal SET body = zeroblob(length(body)) WHERE position = 101", "journal, row of entry 101"},
             {"UPDATE journal SET body = body || x'00' WHERE position = 101", "journal, row of entry 101"},
             {"UPDATE journal SET digest = zeroblob(32) WHERE position = 101", "journal, row of entry 101"},
             {"UPDATE journal SET digest = x'' WHERE position = 101", "journal, row of entry 101"},
             {"DELETE FROM journal WHERE position = 101", "journal, row of entry 111"},
             {"DELETE FROM journal WHERE position = 1", "journal, row of entry 11"},
             {"DELETE FROM journal WHERE position > 401", "directory, run"},
             {"UPDATE journal SET position = 1000 WHERE position = 591", "journal, row of entry 1000"},
             {"INSERT INTO journal SELECT 601, digest, body FROM journal WHERE position = 591",
              "journal, row of entry 601"},
             {"DELETE FROM outbox WHERE position = 30", "outbox: decision 30"},
             {"DELETE FROM outbox WHERE position = 60", "outbox: decision 60"},
             {"UPDATE outbox SET entry = 1 WHERE position = 30", "outbox: decision 30"},
             {"INSERT INTO outbox VALUES(61, 1)", "outbox: decision 61"},
             {"UPDATE directory_piece SET pairs = zeroblob(length(pairs)) WHERE piece = (SELECT max(piece) FROM "
              "directory_piece)",
              "directory, run"},
             {"DELETE FROM directory_piece WHERE piece = (SELECT max(piece) FROM directory_piece)", "directory, run"},
             {"INSERT INTO directory_piece VALUES(999999999999, 1, 1, x'00')", "directory: pieces of run"},
             {"DELETE FROM directory_run WHERE first = 1", "directory, run"},
             {"UPDATE directory_run SET last = last + 1", "directory, run"},
             {"UPDATE directory_run SET last = last - 1 WHERE last = (SELECT max(last) FROM directory_run)",
              "directory, run"},
             {"UPDATE directory_run SET pieces = pieces + 1", "directory, run"},
             {"DELETE FROM directory_mark", "directory, run"},
             {"UPDATE directory_mark SET held = zeroblob(length(held))", "directory, mark of entry"},
             {"UPDATE directory_mark SET position = position + 5000", "directory, mark of entry"},
             {"UPDATE rulebook SET text = 'share = 3' WHERE number = 1", "rulebook 1"},
             {"DELETE FROM rulebook WHERE number = 0", "rulebook 0"},
             {"UPDATE note SET value = '0'", "note n"},
             {"UPDATE personal SET text = 'Lo' WHERE pseudonym = '7'", "personal text of C-1, 7"},
             {"UPDATE personal SET pseudonym = '70' WHERE pseudonym = '7'", "personal text of C-1, 70"},
             {"UPDATE snapshot SET seal = zeroblob(32)", "snapshot"},
             {"DELETE FROM snapshot", "snapshot"},
         }) {
        CAPTURE(sql);
        auto const copy = here / "copy.db";
        std::filesystem::copy_file(path + ".snapshot", copy + ".snapshot",
                                   std::filesystem::copy_options::overwrite_existing);
        write_bytes(copy, good);
        SECTION(std::string{"while it is open: "} + sql) {
            auto store = opened(copy, with(small_runs()));
            by_hand(copy, sql);
            auto const report = store.verify().value();
            CAPTURE(report.faults);
            CHECK(std::any_of(report.faults.begin(), report.faults.end(),
                              [&](auto const& f) { return f.find(place_said) != std::string::npos; }));
        }
        SECTION(std::string{"before it is opened: "} + sql) {
            by_hand(copy, sql);
            auto options = with(small_runs());
            options.for_repair = true;
            auto store = opened(copy, options);
            auto const report = store.verify().value();
            CAPTURE(report.faults);
            CHECK(std::any_of(report.faults.begin(), report.faults.end(),
                              [&](auto const& f) { return f.find(place_said) != std::string::npos; }));
        }
    }
}

TEST_CASE("looking through a store finds pages that SQLite cannot read", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    fill(path);
    auto bytes = bytes_of(path);
    for (std::size_t at = 16'384 * 3; at < 16'384 * 3 + 400; ++at) bytes[at] = '\x55';
    write_bytes(path, bytes);
    auto options = with(small_runs());
    options.for_repair = true;
    auto const store = store::sqlite_store::open(path, options);
    if (!store) {
        CHECK(store.error().code == errc::damaged);
    } else {
        auto opened_store = store::sqlite_store::open(path, options);
        CHECK(!opened_store.value().verify().value().faults.empty());
    }
}

TEST_CASE("a directory that is wrong says so when it is asked, and is made anew from the journal", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    fill(path);
    for (auto const* const sql :
         {"UPDATE directory_piece SET pairs = zeroblob(length(pairs))", "DELETE FROM directory_piece",
          "DELETE FROM directory_run WHERE first = 1", "DELETE FROM directory_mark",
          "UPDATE directory_mark SET held = zeroblob(length(held))"}) {
        CAPTURE(sql);
        auto options = with(small_runs());
        options.for_repair = true;
        {
            by_hand(path, sql);
            auto store = opened(path, options);
            auto const read = store.read_customer("C-4", [](journal_entry const&) { return true; });
            if (read) {  // no piece, no entry: the slot's count tells
                auto const slot =
                    store.read_slot(slot_of_customer("C-4"), 0, [](journal_entry const&) { return true; });
                REQUIRE(!slot);
                CHECK(slot.error().code == errc::damaged);
            } else {
                CHECK(read.error().code == errc::damaged);
                CHECK(read.error().remedy.find("rebuild_directory") != std::string::npos);
            }
            REQUIRE(!store.verify().value().faults.empty());
            REQUIRE(store.rebuild_directory());
            REQUIRE(store.verify().value().faults.empty());
            REQUIRE(of_customer(store, "C-4").size() == 60);
            REQUIRE(of_slot(store, slot_of_customer("C-1")).size() >= 120);
        }
        auto store = opened(path, with(small_runs()));
        REQUIRE(of_customer(store, "C-4").size() == 60);
        REQUIRE(store.append(batch_of({order("C-4", "O-1000"), order("C-4", "O-4")})).value() == append_outcome{1, 1});
        by_hand(path, "DELETE FROM journal WHERE position > 600; DELETE FROM outbox WHERE entry > 600");
    }
}

TEST_CASE("a directory that lacks pieces does not pass for a customer without facts", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    fill(path);
    by_hand(path, "DELETE FROM directory_piece");
    auto store = opened(path, with(small_runs()));
    auto const read = store.read_customer("C-4", [](journal_entry const&) { return true; });
    REQUIRE(!read);
    CHECK(read.error().code == errc::damaged);
}
