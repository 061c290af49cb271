#include <patron/store/postgres.hpp>  // first: the header stands on its own

#include <patron/testing/event_store_laws.hpp>

#include "postgres_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace patron;
using namespace patron::tests;
using namespace std::chrono_literals;
using store::postgres_store;

TEST_CASE("a store in PostgreSQL keeps the laws of event stores", "[store][postgres][threads]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto const broken = testing::event_store_laws([&]() -> result<any_event_store> {
        auto opened = postgres_store::open(server.url(), {.schema = place});
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
    });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}

TEST_CASE("a process that leases the whole book keeps the same laws", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto const broken = testing::event_store_laws([&]() -> result<any_event_store> {
        auto opened = postgres_store::open(server.url(), {.schema = place, .slots = store::leasing::whole_book});
        if (!opened) return opened.error();
        return any_event_store{std::move(opened.value())};
    });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}

TEST_CASE("tables of a later release, or of another program, are not touched", "[store][postgres]") {
    postgres_server const server;
    auto const code_of = [&](std::string const& schema) {
        auto const opened = postgres_store::open(server.url(), {.schema = schema});
        return opened ? errc{} : opened.error().code;
    };
    auto const place = server.fresh_schema();
    CHECK(code_of(place) == errc{});
    (void)server.sql("UPDATE " + place + ".meta SET value = '99' WHERE name = 'format'");
    CHECK(code_of(place) == errc::newer_format);
    (void)server.sql("UPDATE " + place + ".meta SET value = 'another' WHERE name = 'application'");
    CHECK(code_of(place) == errc::foreign_file);

    for (auto const* const table : {".meta (x int)", ".meta (name text, value text)", ".note (x int)"}) {
        CAPTURE(table);
        auto const other = server.fresh_schema();
        (void)server.sql("CREATE SCHEMA " + other);
        (void)server.sql("CREATE TABLE " + other + table);
        CHECK(code_of(other) == errc::foreign_file);
        CHECK(server.sql("SELECT count(*) FROM pg_class WHERE relnamespace = '" + other + "'::regnamespace") == "1\n");
    }
    // what has nothing to do with it may stand beside it
    auto const beside = server.fresh_schema();
    (void)server.sql("CREATE SCHEMA " + beside + "; CREATE TABLE " + beside + ".invoices (x int)");
    CHECK(code_of(beside) == errc{});
}

TEST_CASE("a new book that several processes open at once is made once", "[store][postgres][threads]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    std::vector<std::string> faults(6);
    std::vector<std::thread> threads;
    for (auto& fault : faults) {
        threads.emplace_back([&] {
            auto const opened = postgres_store::open(server.url(), {.schema = place});
            if (!opened) fault = opened.error().message();
        });
    }
    for (auto& t : threads) t.join();
    for (auto const& fault : faults) CHECK(fault.empty());
}

TEST_CASE("who does not want a book to be made finds none, and makes nothing", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto const none = store::postgres_store::open(server.url(), {.schema = place, .create = false});
    REQUIRE(code_of(none) == errc::io_failure);
    CHECK(none.error().message().find(place) != std::string::npos);
    CHECK(server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = '" + place + "'") == "0\n");
    (void)server.open({.schema = place});
    CHECK(store::postgres_store::open(server.url(), {.schema = place, .create = false}).has_value());
}

TEST_CASE("what cannot be opened says why, and never the password", "[store][postgres]") {
    postgres_server const server;
    struct row {
        std::string url;
        store::postgres_options options;
        errc code;
        std::string field;
    };
    std::vector<row> const rows{
        {server.url_at("patron:wrong-s3cret@127.0.0.1:" + std::to_string(server.port())),
         {},
         errc::io_failure,
         "connection"},
        {server.url_at(server.user_and_password() + "@127.0.0.1:1"), {}, errc::io_failure, "connection"},
        {"postgresql://patron:wrong-s3cret@127.0.0.1:no/db", {}, errc::io_failure, "connection"},
        {"postgresql://patron:wrong-s3cret@[127.0.0.1/db", {}, errc::malformed, "url"},
        {"postgresql://patron:wrong-s3cret@127.0.0.1/db?wrong-s3cret=1", {}, errc::malformed, "url"},
        {"wrong-s3cret", {}, errc::malformed, "url"},
        {server.url(), {.schema = "Bad\"Name"}, errc::malformed, "schema"},
        {server.url(), {.schema = ""}, errc::malformed, "schema"},
        {server.url(), {.lease = 10ms}, errc::malformed, "lease"},
    };
    for (auto const& row : rows) {
        auto const opened = postgres_store::open(row.url, row.options);
        REQUIRE_FALSE(opened.has_value());
        auto const& e = opened.error();
        CAPTURE(e.message());
        CHECK(e.code == row.code);
        CHECK(e.field == row.field);
        CHECK_FALSE(e.remedy.empty());
        CHECK(e.message().find("wrong-s3cret") == std::string::npos);
        CHECK(e.message().find(server.password()) == std::string::npos);
    }
}

TEST_CASE("a batch of the whole book and one of a single slot are cut into rows and read back", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto book = server.open({.schema = place});
    owned_batch wide;
    for (std::uint16_t slot = 0; slot < customer_slots; ++slot) {
        for (int n = 0; n < 3; ++n) {
            wide.entries.push_back(law_order(customer_of(slot), std::to_string(slot) + '-' + std::to_string(n)));
        }
    }
    CHECK(value_of(book.append(wide.seen())) == append_outcome{wide.entries.size(), 0});
    owned_batch deep;
    auto const customer = customer_of(7);
    auto const other = testing::detail::law_customer_beside(customer);
    for (int n = 0; n < 12'000; ++n)
        deep.entries.push_back(law_order(n % 6'000 == 5 ? other : customer, "deep-" + std::to_string(n)));
    CHECK(value_of(book.append(deep.seen())) == append_outcome{12'000, 0});
    auto const rows = std::stoi(server.sql("SELECT count(*) FROM " + place + ".journal WHERE slot = 7"));
    CHECK(rows >= 3);
    CHECK(rows < 10);

    // sent again by another process, all of it is known
    book.release(store::every_slot()).value();
    auto second = server.open({.schema = place});
    CHECK(value_of(second.append(wide.seen())) == append_outcome{0, wide.entries.size()});
    CHECK(value_of(second.append(deep.seen())) == append_outcome{0, 12'000});

    std::size_t of_other = 0;
    done(second.read_customer(other, [&](journal_entry const& e) {
        CHECK(e.customer == other);
        return ++of_other > 0;
    }));
    CHECK(of_other == 2);
    std::size_t behind = 0;
    done(second.read_slot(7, 11'000, [&](journal_entry const& e) {
        if (behind == 0) CHECK(e == deep.entries[10'997].seen());
        return ++behind > 0;
    }));
    CHECK(behind == 1'003);
    check_sound(second);
}

TEST_CASE("who is refused disturbs nobody whose append shares the transaction", "[store][postgres][threads]") {
    postgres_server const server;
    auto book = server.open({.schema = server.fresh_schema()});
    auto const customer = customer_of(3);
    owned_batch const first{{law_order(customer, "taken")}, {}};
    (void)value_of(book.append(first.seen()));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t) {
        threads.emplace_back([&, t] {
            for (int n = 0; n < 30; ++n) {
                auto const ref = std::to_string(t) + '-' + std::to_string(n);
                owned_batch const good{{law_order(customer, ref), law_order(customer_of(4), ref)}, {}};
                owned_batch const bad{{law_order(customer, ref + "-bad"), law_order(customer, "taken", 7)}, {}};
                owned_batch const stale{{law_order(customer, ref + "-stale")}, {{3, expected_version::none()}}};
                if (book.append(good.seen()) != append_outcome{2, 0}) ++wrong;
                auto const conflicting = book.append(bad.seen());
                if (conflicting || conflicting.error().code != errc::conflicting_reference) ++wrong;
                auto const late = book.append(stale.seen());
                if (late || late.error().code != errc::stale_version) ++wrong;
            }
        });
    }
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(references_in(book, 3).size() == 181);
    CHECK(references_in(book, 4).size() == 180);
    check_sound(book);
}

TEST_CASE("deciders of several threads each see what the one before them did", "[store][postgres][threads]") {
    postgres_server const server;
    auto book = server.open({.schema = server.fresh_schema()});
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int n = 0; n < 25; ++n) {
                owned_batch batch;
                auto const done = book.append_with([&]() -> result<append_batch> {
                    auto const versions = book.versions();
                    if (!versions) return versions.error();
                    auto const has = versions.value().of(9);
                    std::uint64_t seen = 0;
                    auto const read = book.read_slot(9, 0, [&](journal_entry const&) { return ++seen > 0; });
                    if (!read || seen != has) ++wrong;
                    batch = {{law_order(customer_of(9), "n-" + std::to_string(has))},
                             {{9, expected_version::exactly(has)}}};
                    auto out = batch.seen();
                    out.notes = {{"last", std::to_string(has)}};
                    return out;
                });
                if (done != append_outcome{1, 0}) ++wrong;
                // a writer without a decider between them
                owned_batch const plain{{law_order(customer_of(10), std::to_string(t) + '-' + std::to_string(n))}, {}};
                if (!book.append(plain.seen())) ++wrong;
            }
        });
    }
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    auto const refs = references_in(book, 9);
    REQUIRE(refs.size() == 100);
    for (std::size_t i = 0; i < refs.size(); ++i) CHECK(refs[i] == "n-" + std::to_string(i));
    CHECK(book.note("last").value() == "99");
}

TEST_CASE("a decider that throws, appends or erases leaves a store that works", "[store][postgres]") {
    postgres_server const server;
    auto book = server.open({.schema = server.fresh_schema()});
    CHECK_THROWS_AS(book.append_with([]() -> result<append_batch> { throw std::runtime_error{"no"}; }),
                    std::runtime_error);
    owned_batch const one{{law_order(customer_of(1), "1")}, {}};
    auto const nested = book.append_with([&]() -> result<append_batch> {
        auto const inner = book.append(one.seen());
        if (!inner) return inner.error();
        return append_batch{};
    });
    REQUIRE_FALSE(nested.has_value());
    CHECK(nested.error().code == errc::not_supported);
    auto const erasing = book.append_with([&]() -> result<append_batch> {
        auto const inner = book.erase_personal("C", "");
        if (!inner) return inner.error();
        return append_batch{};
    });
    REQUIRE_FALSE(erasing.has_value());
    CHECK(erasing.error().code == errc::not_supported);
    CHECK(value_of(book.append(one.seen())) == append_outcome{1, 0});
}

TEST_CASE("a follower sees each decision once though commits overtake each other", "[store][postgres][threads]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto slow = server.open({.schema = place});
    auto fast = server.open({.schema = place});
    auto reader = server.open({.schema = place});

    // the slow one has its decision's ticket and waits for a lock when the fast one commits
    owned_batch const early{{decision_of(1, "{\"slow\"}")}, {}};
    owned_batch const late{{decision_of(2, "{\"fast\"}")}, {}};
    done(slow.acquire({1}, 1s));
    owned_batch const before{{law_order(customer_of(2), "before")}, {}};
    (void)value_of(fast.append(before.seen()));  // preparing its statements takes locks, too
    std::thread locker{[&] {
        (void)server.sql("BEGIN; LOCK TABLE " + place + ".note IN EXCLUSIVE MODE; SELECT pg_sleep(0.8); COMMIT");
    }};
    while (server.sql("SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND granted AND relation = '" +
                      place + ".note'::regclass") != "1\n") {
        std::this_thread::sleep_for(10ms);
    }
    std::thread writer{[&] {
        auto batch = early.seen();
        batch.notes = {{"n", "1"}};
        (void)slow.append(batch);
    }};
    std::this_thread::sleep_for(150ms);
    (void)value_of(fast.append(late.seen()));
    auto const first = reader.decisions(1, 10);
    REQUIRE(first.has_value());
    CHECK(first.value() == std::vector<kept_decision>{{1, 2, customer_of(2), "{\"fast\"}"}});
    writer.join();
    locker.join();
    CHECK(reader.decisions(1, 10).value() ==
          std::vector<kept_decision>{{1, 2, customer_of(2), "{\"fast\"}"}, {2, 1, customer_of(1), "{\"slow\"}"}});

    // many writers, and followers that poll while they write
    constexpr int writers = 3;
    constexpr int appends = 40;
    std::atomic<int> wrong = 0;
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            auto own = postgres_store::open(server.url(), {.schema = place});
            for (int n = 0; own && n < appends; ++n) {
                owned_batch batch;
                for (int k = 0; k <= n % 3; ++k) {
                    batch.entries.push_back(
                        decision_of(static_cast<std::uint16_t>(100 * (w + 1) + k),
                                    std::to_string(w) + '-' + std::to_string(n) + '-' + std::to_string(k)));
                }
                if (!own.value().append(batch.seen())) ++wrong;
            }
            if (!own) ++wrong;
        });
    }
    std::vector<std::vector<kept_decision>> followed(2);
    std::vector<std::thread> followers;
    for (auto& mine : followed) {
        followers.emplace_back([&] {
            auto own = postgres_store::open(server.url(), {.schema = place});
            for (bool last = false; own;) {
                auto const ended = over.load();
                auto const next = own.value().decisions(mine.size() + 1, 7);
                if (!next) {
                    ++wrong;
                    return;
                }
                mine.insert(mine.end(), next.value().begin(), next.value().end());
                if (ended && next.value().empty()) {
                    if (last) return;
                    last = true;
                }
            }
            ++wrong;
        });
    }
    for (auto& t : threads) t.join();
    over = true;
    for (auto& t : followers) t.join();
    CHECK(wrong == 0);
    CHECK(followed[0] == followed[1]);
    std::size_t expected = 2;
    for (int n = 0; n < appends; ++n) expected += static_cast<std::size_t>(writers * (n % 3 + 1));
    REQUIRE(followed[0].size() == expected);
    std::set<std::string> each_once;
    for (std::size_t i = 0; i < followed[0].size(); ++i) {
        CHECK(followed[0][i].position == i + 1);
        each_once.insert(followed[0][i].json);
    }
    CHECK(each_once.size() == expected);
    check_sound(reader);
}

TEST_CASE("what was changed behind the store's back is found, with its place", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    {
        auto book = server.open({.schema = place});
        for (int n = 0; n < 3; ++n) {
            owned_batch const one{{law_order(customer_of(5), std::to_string(n)), decision_of(5, std::to_string(n))},
                                  {}};
            (void)value_of(book.append(one.seen()));
        }
        REQUIRE(book.decisions(0, 10).value().size() == 3);
        done(book.save_snapshot({{5, 2, "image"}}));
        check_sound(book);
    }
    struct row {
        std::string change;
        std::string undo;
        std::string fault;
        bool reading_fails;
    };
    auto const j = place + ".journal";
    for (auto const& row : std::vector<row>{
             {"UPDATE " + j + " SET body = set_byte(body, 9, get_byte(body, 9) # 1) WHERE slot = 5 AND first = 2",
              "UPDATE " + j + " SET body = set_byte(body, 9, get_byte(body, 9) # 1) WHERE slot = 5 AND first = 2",
              "slot 5, entry 2", true},
             {"UPDATE " + j + " SET first = 90 WHERE slot = 5 AND first = 2",
              "UPDATE " + j + " SET first = 2 WHERE first = 90", "slot 5, entry 2: no row holds it", true},
             {"UPDATE " + j + " SET customers = '' WHERE slot = 5 AND first = 4",
              "UPDATE " + j + " SET customers = (SELECT customers FROM " + j +
                  " WHERE slot = 5 AND first = 2) WHERE slot = 5 AND first = 4",
              "slot 5, entry 4: its row says otherwise", false},
             {"UPDATE " + place + ".lease SET version = version + 1 WHERE slot = 5",
              "UPDATE " + place + ".lease SET version = version - 1 WHERE slot = 5", "slot 5: its head counts 7",
              false},
             {"UPDATE " + place + ".outbox SET entry = 0 WHERE position = 2",
              "UPDATE " + place + ".outbox SET entry = 3 WHERE position = 2",
              "outbox, position 2: slot 5, entry 0 is no decision", false},
             {"UPDATE " + place + ".outbox SET position = 9 WHERE position = 2",
              "UPDATE " + place + ".outbox SET position = 2 WHERE position = 9",
              "outbox, position 2: there is no decision", false},
             {"UPDATE " + place + ".snapshot SET bytes = 'imagf'", "UPDATE " + place + ".snapshot SET bytes = 'image'",
              "snapshot, slot 5", false},
         }) {
        CAPTURE(row.change);
        (void)server.sql(row.change);
        auto book = server.open({.schema = place});
        auto const report = book.verify();
        REQUIRE(report.has_value());
        CHECK(std::any_of(report.value().faults.begin(), report.value().faults.end(),
                          [&](std::string const& fault) { return fault.starts_with(row.fault); }));
        for (auto const& fault : report.value().faults) UNSCOPED_INFO(fault);
        auto const read = book.read_slot(5, 0, [](journal_entry const&) { return true; });
        CHECK(read.has_error() == row.reading_fails);
        if (!read) CHECK(read.error().code == errc::damaged);
        auto const snapshot = book.load_snapshot();
        CHECK(snapshot.has_error() == row.fault.starts_with("snapshot"));
        (void)server.sql(row.undo);
        check_sound(book);
    }
}

TEST_CASE("who may only read follows what others have given positions to", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto book = server.open({.schema = place});
    owned_batch const one{{decision_of(3, "1")}, {}};
    (void)value_of(book.append(one.seen()));
    auto reader = value_of(
        postgres_store::open(server.url() + "?options=-c%20default_transaction_read_only%3Don", {.schema = place}));
    CHECK(value_of(reader.decisions(0, 10)).empty());
    CHECK(value_of(book.decisions(0, 10)).size() == 1);
    CHECK(value_of(reader.decisions(0, 10)).size() == 1);
    CHECK(references_in(reader, 3).empty());
    CHECK(code_of(reader.append(one.seen())) == errc::io_failure);
    check_sound(reader);
}

TEST_CASE("each process saves the images of its own slots", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    auto one = server.open({.schema = place});
    auto two = server.open({.schema = place});
    std::string const large(3 << 20, 'x');
    std::vector<slot_image> images;
    for (std::uint16_t s = 0; s < 20; ++s) images.push_back({s, s + 1U, s == 7 ? std::string_view{large} : "small"});
    done(one.save_snapshot(images));
    done(two.save_snapshot({{500, 9, "two"}}));
    done(two.save_snapshot({{7, 11, "newer"}}));
    auto const found = one.load_snapshot();
    REQUIRE(found.has_value());
    REQUIRE(found.value().has_value());
    auto slots = found.value()->slots;
    REQUIRE(slots.size() == 21);
    std::sort(slots.begin(), slots.end(), [](auto const& a, auto const& b) { return a.slot < b.slot; });
    CHECK(slots[7].bytes == "newer");
    CHECK(slots[7].version == 11);
    CHECK(slots[8].bytes == "small");
    CHECK(slots[20].slot == 500);
}

TEST_CASE("a role that may do what the documentation says can append, and not change a fact", "[store][postgres]") {
    postgres_server const server;
    auto const place = server.fresh_schema();
    { (void)server.open({.schema = place}); }
    // the documentation's own words
    std::ifstream from{PATRON_SOURCE_DIR "/docs/postgresql.md"};
    std::string const text{std::istreambuf_iterator<char>{from}, {}};
    auto const begin = text.find("GRANT USAGE");
    REQUIRE(begin != std::string::npos);
    auto grants = text.substr(begin, text.find("```", begin) - begin);
    auto const role = "worker_" + place;
    auto const replace_all = [&](std::string const& what, std::string const& with) {
        for (auto at = grants.find(what); at != std::string::npos; at = grants.find(what, at + with.size())) {
            grants.replace(at, what.size(), with);
        }
    };
    replace_all("patron_worker", role);
    replace_all("patron.", place + '.');
    replace_all("SCHEMA patron ", "SCHEMA " + place + ' ');
    REQUIRE(server.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'w'; " + grants).empty());
    {
        auto const url = server.url_at(role + ":w@127.0.0.1:" + std::to_string(server.port()));
        auto book = value_of(postgres_store::open(url, {.schema = place}));
        owned_batch const one{{law_order(customer_of(3), "1"), decision_of(3, "1")}, {}};
        auto batch = one.seen();
        batch.personal = {{"C", "p", "Li Wei"}};
        batch.notes = {{"n", "1"}};
        CHECK(value_of(book.append(batch)) == append_outcome{2, 0});
        CHECK(value_of(book.decisions(0, 9)).size() == 1);
        CHECK(value_of(book.add_rulebook("1", "text")) == 0);
        CHECK(value_of(book.erase_personal("C", "")) == 1);
        done(book.save_snapshot({{3, 1, "image"}}));
        CHECK(value_of(book.balance()) == slots_in_all);
        check_sound(book);
        CHECK(server.sql("SELECT string_agg(privilege_type, ' ' ORDER BY privilege_type) "
                         "FROM information_schema.role_table_grants WHERE grantee = '" +
                         role + "' AND table_schema = '" + place + "' AND table_name = 'journal'") ==
              "INSERT SELECT\n");
    }
    CHECK(server.sql("DROP OWNED BY " + role + "; DROP ROLE " + role).empty());
}
