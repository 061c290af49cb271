#include <patron/store/sqlite.hpp>  // first: the header stands on its own

#include <patron/testing/event_store_laws.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "sqlite_place.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <optional>
#include <thread>

using namespace sqlite_test;
using store::sqlite_options;
using store::sqlite_store;

namespace {

result<any_event_store> any_at(std::string const& path, sqlite_options options) {
    auto opened = sqlite_store::open(path, std::move(options));
    if (!opened) return opened.error();
    return any_event_store{std::move(opened.value())};
}

errc refusal(std::string const& path, sqlite_options options = {}) {
    auto const opened = sqlite_store::open(path, std::move(options));
    if (opened) return errc{};
    CHECK(opened.error().source.find(path) != std::string::npos);  // where, and what to do
    CHECK(!opened.error().remedy.empty());
    return opened.error().code;
}

/// The store as it would be found if the power went now: its files, and nothing in memory.
void copy_as_it_is(std::string const& from, std::string const& to) {
    for (auto const* const end : {"", "-wal", ".snapshot"}) {
        std::filesystem::remove(to + end);
        if (std::filesystem::exists(from + end)) std::filesystem::copy_file(from + end, to + end);
    }
}

/// Runs `body` in a process of its own. Returns whether it ended well.
template <class Body>
pid_t in_child(Body const& body) {
    auto const child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    return child;
}
bool ends_well(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a store in SQLite keeps the laws of event stores", "[store][sqlite][threads]") {
    place const here;
    auto const broken = testing::event_store_laws([&] { return any_at(here / "book.db", {}); });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}

TEST_CASE("a store in SQLite keeps the laws when its directory is written all the time", "[store][sqlite][threads]") {
    place const here;
    auto const broken = testing::event_store_laws([&] { return any_at(here / "book.db", with(small_runs())); });
    for (auto const& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}

TEST_CASE("reads give what a plain list of all entries gives, whatever the history", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    std::mt19937 random{2024};
    auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::vector<std::string> customers;
    for (int i = 0; i < 30; ++i) customers.push_back("C-" + std::to_string(i));
    // some share a slot
    for (int i = 0; customers.size() < 40; ++i) {
        auto code = "B-" + std::to_string(i);
        if (slot_of_customer(code) == slot_of_customer("C-1")) customers.push_back(std::move(code));
    }
    entries model;
    std::vector<kept_decision> decisions;
    slot_versions versions;
    int refs = 0;
    auto store = std::optional{opened(path, with(small_runs()))};

    for (int round = 0; round < 150; ++round) {
        append_batch batch;
        entries owned;
        for (auto n = 1 + below(below(4) == 0 ? 120 : 6); n > 0; --n) {
            auto const& c = customers[below(customers.size())];
            switch (below(8)) {
                case 0: owned.push_back({slot_of_customer(c), "", "\x3a mark " + std::to_string(refs)}); break;
                case 1: owned.push_back({book_slot, "", "\x3a book " + std::to_string(refs)}); break;
                case 2: owned.push_back(decision(c, std::to_string(refs))); break;
                default: owned.push_back(order(c, "O-" + std::to_string(refs)));
            }
            if (below(50) == 0) owned.back().bytes += std::string(below(80'000), 'x');
            if (below(50) == 0 && owned.back().bytes.front() == order(c, "x").bytes.front()) {
                owned.back() = order(c, std::string(200, 'r') + std::to_string(refs));
            }
            ++refs;
        }
        batch = batch_of(owned);
        if (below(2) == 0) {
            for (auto const& e : owned)
                batch.expected.push_back({e.slot, expected_version::exactly(versions.of(e.slot))});
        }
        REQUIRE(store->append(batch).value() == append_outcome{owned.size(), 0});
        for (auto const& e : owned) {
            model.push_back(e);
            ++versions.of(e.slot);
            if (kind_of_entry(e.bytes) == entry_kind::decision_made) {
                decisions.push_back({decisions.size() + 1, e.slot, e.customer, e.bytes.substr(1)});
            }
        }
        if (below(20) == 0) {
            store.reset();
            store.emplace(opened(path, with(small_runs())));
        } else if (below(20) == 0) {  // no orderly close
            copy_as_it_is(path, here / "copy.db");
            auto copy = opened(here / "copy.db", with(small_runs()));
            REQUIRE(all_of(copy) == model);
            REQUIRE(copy.verify().value().faults.empty());
        }
        if (round % 5 != 0) continue;

        REQUIRE(store->versions().value() == versions);
        REQUIRE(all_of(*store) == model);
        auto const& c = customers[below(customers.size())];
        auto const slot = below(4) == 0 ? book_slot : slot_of_customer(c);
        entries expected;
        std::copy_if(model.begin(), model.end(), std::back_inserter(expected), [&](entry const& e) {
            return e.slot == slot_of_customer(c) && (e.customer.empty() || e.customer == c);
        });
        REQUIRE(of_customer(*store, c) == expected);
        expected.clear();
        std::copy_if(model.begin(), model.end(), std::back_inserter(expected),
                     [&](entry const& e) { return e.slot == slot; });
        auto const after = below(expected.size() + 2);
        expected.erase(expected.begin(),
                       expected.begin() + static_cast<std::ptrdiff_t>(std::min(after, expected.size())));
        REQUIRE(of_slot(*store, slot, after) == expected);
        // what was not seen: of some moment, or of each slot another
        slot_versions seen;
        auto const moment = below(model.size() + 1);
        auto const some_more = below(2) == 0;
        for (std::size_t i = 0; i < moment; ++i) ++seen.of(model[i].slot);
        if (some_more) {
            for (auto const& code : customers) {
                auto const s = slot_of_customer(code);
                seen.of(s) = below(versions.of(s) + 1);
            }
        }
        expected.clear();
        slot_versions counted;
        for (auto const& e : model) {
            if (++counted.of(e.slot) > seen.of(e.slot)) expected.push_back(e);
        }
        REQUIRE(all_of(*store, seen) == expected);
        auto const from = 1 + below(decisions.size() + 1);
        auto const most = below(20);
        auto const end = std::min(from - 1 + most, decisions.size());
        REQUIRE(store->decisions(from, most).value() ==
                std::vector<kept_decision>(decisions.begin() + static_cast<std::ptrdiff_t>(std::min(from - 1, end)),
                                           decisions.begin() + static_cast<std::ptrdiff_t>(end)));
    }
    REQUIRE(store->info().value().runs > 3);
    auto const report = store->verify().value();
    REQUIRE(report.faults.empty());
    REQUIRE(report.entries == model.size());
    REQUIRE(report.decisions == decisions.size());
    // made anew, the directory says the same
    REQUIRE(store->rebuild_directory());
    REQUIRE(store->verify().value().faults.empty());
    REQUIRE(all_of(*store) == model);
    REQUIRE(of_customer(*store, "C-3").size() > 10);
}

TEST_CASE("many references are found again, however long ago they came", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    {
        auto store = opened(path, with(small_runs()));
        entries all;
        for (int i = 0; i < 400; ++i) all.push_back(order("C-" + std::to_string(i % 20), "O-" + std::to_string(i)));
        REQUIRE(store.append(batch_of(all)).value() == append_outcome{400, 0});
        REQUIRE(store.append(batch_of(all)).value() == append_outcome{0, 400});
        all.push_back(order("C-0", "O-new"));
        REQUIRE(store.append(batch_of(all)).value() == append_outcome{1, 400});
    }
    auto store = opened(path, with(small_runs()));
    auto other = opened(path, with(small_runs()));
    REQUIRE(store.append(batch_of({order("C-3", "O-3")})).value() == append_outcome{0, 1});
    // another handle appends; this one learns the references that came by it
    REQUIRE(other.append(batch_of({order("C-3", "O-other")})).value() == append_outcome{1, 0});
    REQUIRE(store.append(batch_of({order("C-3", "O-other")})).value() == append_outcome{0, 1});
    REQUIRE(store.append(batch_of({order("C-3", "O-other", 7)})).error().code == errc::conflicting_reference);
    // one that was vouched for is known as well
    auto const slot = slot_of_customer("C-3");
    auto const version = store.versions().value().of(slot);
    REQUIRE(store.append(batch_of({order("C-3", "O-vouched")}, {{slot, expected_version::exactly(version)}})));
    REQUIRE(store.append(batch_of({order("C-3", "O-vouched")})).value() == append_outcome{0, 1});
    // a refused batch takes its references along
    REQUIRE(!store.append(batch_of({order("C-3", "O-gone"), order("C-3", "O-3", 9)})));
    REQUIRE(store.append(batch_of({order("C-3", "O-gone", 5)})).value() == append_outcome{1, 0});
    // bytes that no fact has
    REQUIRE(store.append(batch_of({{slot, "C-3", "\x01"}})).error().code == errc::malformed);
    REQUIRE(store.verify().value().faults.empty());
}

TEST_CASE("A batch that was refused leaves no references, however many it had", "[store][sqlite]") {
    place const here;
    auto store = opened(here / "book.db");
    store.append(batch_of({order("C-taken", "O-taken")})).value();
    entries all;
    for (int i = 0; i < 6'000; ++i) all.push_back(order("C-" + std::to_string(i % 20), "O-" + std::to_string(i)));
    auto refused = all;
    refused.push_back(order("C-taken", "O-taken", 7));
    for (int times = 0; times < 3; ++times) {
        REQUIRE(store.append(batch_of(refused)).error().code == errc::conflicting_reference);
        REQUIRE(store.append(batch_of({order("C-taken", "O-taken")})).value() == append_outcome{0, 1});
    }
    // other facts stand where those would have stood
    REQUIRE(store.append(batch_of({order("C-0", "O-between")})).value() == append_outcome{1, 0});
    REQUIRE(store.append(batch_of(all)).value() == append_outcome{6'000, 0});
    REQUIRE(store.append(batch_of(all)).value() == append_outcome{0, 6'000});
    REQUIRE(store.append(batch_of(refused)).error().code == errc::conflicting_reference);
    REQUIRE(store.append(batch_of({order("C-0", "O-between", 7)})).error().code == errc::conflicting_reference);
}

TEST_CASE("two handles on one file take turns, and each sees what the other wrote", "[store][sqlite]") {
    place const here;
    auto one = opened(here / "book.db", with(small_runs()));
    auto two = opened(here / "book.db", with(small_runs()));
    auto const slot = slot_of_customer("C-1");
    entries model;
    for (int i = 0; i < 300; ++i) {
        auto& writer = i % 3 == 0 ? one : two;
        auto& reader = i % 3 == 0 ? two : one;
        auto const e = order("C-1", "O-" + std::to_string(i));
        auto const stale = expected_version::exactly(model.size() + 1);
        REQUIRE(reader.append(batch_of({e}, {{slot, stale}})).error().code == errc::stale_version);
        REQUIRE(writer.append(batch_of({e}, {{slot, expected_version::exactly(model.size())}})));
        model.push_back(e);
        REQUIRE(reader.append(batch_of({e}, {{slot, expected_version::exactly(model.size() - 1)}})).error().code ==
                errc::stale_version);
        if (i % 7 == 0) REQUIRE(of_customer(reader, "C-1") == model);
        if (i % 11 == 0) REQUIRE(of_slot(reader, slot, model.size() - 1) == entries{e});
        if (i % 50 == 0) REQUIRE((i % 100 == 0 ? one : two).rebuild_directory());
    }
    REQUIRE(all_of(one) == model);
    REQUIRE(all_of(two) == model);
    REQUIRE(two.verify().value().faults.empty());
}

TEST_CASE("processes that make one store at the same time all open it", "[store][sqlite]") {
    place const here;
    for (int n = 0; n < 40; ++n) {
        auto const path = here / ("book" + std::to_string(n) + ".db");
        std::vector<pid_t> children;
        for (int p = 0; p < 3; ++p) {
            children.push_back(in_child([&] {
                for (int times = 0; times < 3; ++times) {
                    auto store = sqlite_store::open(path);
                    if (!store || !store.value().append({.notes = {{"n", std::to_string(p)}}})) return false;
                }
                return true;
            }));
        }
        for (auto const child : children) CHECK(ends_well(child));
    }
}

TEST_CASE("two processes write to one file, and nothing is lost or made twice", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    constexpr int each = 120;
    std::vector<pid_t> children;
    for (int p = 0; p < 2; ++p) {
        children.push_back(in_child([&] {
            auto store = sqlite_store::open(path, with(small_runs()));
            if (!store) return false;
            auto const slot = slot_of_customer("C-1");
            for (int i = 0; i < each;) {
                // decides on what it has read, and again when the other was faster
                auto const version = store.value().versions().value().of(slot);
                auto const e = order("C-1", std::to_string(p) + "-" + std::to_string(i));
                auto const done = store.value().append(batch_of({e}, {{slot, expected_version::exactly(version)}}));
                if (done) ++i;
                else if (done.error().code != errc::stale_version) return false;
                auto const other =
                    order("C-" + std::to_string(p), "any-" + std::to_string(p) + "-" + std::to_string(i));
                if (!store.value().append(batch_of({other}))) return false;
            }
            return true;
        }));
    }
    for (auto const child : children) CHECK(ends_well(child));
    auto store = opened(path, with(small_runs()));
    std::vector<std::string> refs;
    for (auto const& e : of_customer(store, "C-1")) refs.emplace_back(encoded_ref(e.bytes));
    for (int p = 0; p < 2; ++p) {
        auto at = refs.begin();
        for (int i = 0; i < each; ++i) {
            auto const ref = std::to_string(p) + "-" + std::to_string(i);
            REQUIRE(std::count(refs.begin(), refs.end(), ref) == 1);
            at = std::find(at, refs.end(), ref);
            REQUIRE(at != refs.end());  // in its order
        }
    }
    REQUIRE(store.verify().value().faults.empty());
}

TEST_CASE("appends of many threads share a transaction, and a refusal among them is nobody else's",
          "[store][sqlite][threads]") {
    place const here;
    auto store = opened(here / "book.db", with(small_runs()));
    REQUIRE(store.append(batch_of({order("C-taken", "O-taken")})));
    constexpr int thread_count = 8;
    constexpr int each = 60;
    std::atomic<int> wrong{0};
    auto const expect = [&](bool holds) {
        if (!holds) ++wrong;
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < thread_count; ++t) {
        threads.emplace_back([&, t] {
            auto const customer = "C-" + std::to_string(t);
            auto const slot = slot_of_customer(customer);
            for (int i = 0; i < each; ++i) {
                auto const ref = std::to_string(t) + "-" + std::to_string(i);
                switch (i % 6) {
                    case 0:
                        expect(store.append(batch_of({order(customer, ref), order("C-taken", "O-taken", 3)}))
                                   .error()
                                   .code == errc::conflicting_reference);
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{1, 0});
                        break;
                    case 1:
                        expect(store.append(batch_of({order(customer, ref)}, {{slot, expected_version::none()}}))
                                   .error()
                                   .code == errc::stale_version);
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{1, 0});
                        break;
                    case 2:
                        expect(store
                                   .append_with([]() -> result<append_batch> {
                                       return error{.code = errc::impossible_now, .field = "test"};
                                   })
                                   .error()
                                   .code == errc::impossible_now);
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{1, 0});
                        break;
                    case 3: {
                        entries const one{order(customer, ref)};  // the batch looks at it after the decider
                        // of what it reads nobody can change anything until it is appended
                        expect(store
                                   .append_with([&]() -> result<append_batch> {
                                       auto const held = store.versions().value().of(slot);
                                       if (of_slot(store, slot).size() != held) ++wrong;
                                       if (of_customer(store, customer).size() != static_cast<std::size_t>(i)) ++wrong;
                                       return batch_of(one, {{slot, expected_version::exactly(held)}});
                                   })
                                   .value() == append_outcome{1, 0});
                        break;
                    }
                    case 4:
                        try {
                            (void)store.append_with([]() -> result<append_batch> { throw std::runtime_error{"test"}; });
                            ++wrong;
                        } catch (std::runtime_error const&) {}
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{1, 0});
                        break;
                    default:
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{1, 0});
                        expect(store.append(batch_of({order(customer, ref)})).value() == append_outcome{0, 1});
                }
            }
        });
    }
    for (auto& t : threads) t.join();
    REQUIRE(wrong == 0);
    for (int t = 0; t < thread_count; ++t) {
        entries expected;
        auto const customer = "C-" + std::to_string(t);
        for (int i = 0; i < each; ++i) expected.push_back(order(customer, std::to_string(t) + "-" + std::to_string(i)));
        REQUIRE(of_customer(store, customer) == expected);
    }
    REQUIRE(store.verify().value().faults.empty());
}

TEST_CASE("deciders and visitors read the store, and are told so when they would write to it", "[store][sqlite]") {
    place const here;
    auto store = opened(here / "book.db");
    REQUIRE(store.append(batch_of({order("C-1", "O-1"), order("C-1", "O-2")})));
    auto const all_refused = [&] {
        bool refused = true;
        auto const no = [&](auto const& r) { refused = refused && !r && r.error().code == errc::impossible_now; };
        no(store.append(batch_of({order("C-1", "O-3")})));
        no(store.append_with([]() -> result<append_batch> { return append_batch{}; }));
        no(store.add_rulebook("v", "t"));
        no(store.erase_personal("C-1", ""));
        no(store.save_snapshot({}));
        no(store.backup(here / "copy.db"));
        no(store.rebuild_directory());
        return refused;
    };
    bool refused = false;
    REQUIRE(store.append_with([&]() -> result<append_batch> {
        refused = all_refused();
        return append_batch{};
    }));
    REQUIRE(refused);
    std::size_t seen = 0;
    REQUIRE(store.read_customer("C-1", [&](journal_entry const&) {
        refused = refused && all_refused();
        seen += of_slot(store, slot_of_customer("C-1")).size() + all_of(store).size();  // one read within another
        return true;
    }));
    REQUIRE(refused);
    REQUIRE(seen == 8);
    REQUIRE(store.versions().value().total() == 2);
}

TEST_CASE("a path that holds no store of this release is refused, with the remedy", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    SECTION("a file of another kind") {
        write_bytes(path, std::string(20'000, 'x'));
        CHECK(refusal(path) == errc::foreign_file);
        CHECK(bytes_of(path) == std::string(20'000, 'x'));
    }
    SECTION("a short text") {
        write_bytes(path, "ref,customer\n");
        CHECK(refusal(path) == errc::foreign_file);
        CHECK(bytes_of(path) == "ref,customer\n");
    }
    SECTION("another program's database, as it was") {
        by_hand(path, "PRAGMA application_id=77; CREATE TABLE t(x)");
        auto const before = bytes_of(path);
        CHECK(refusal(path) == errc::foreign_file);
        CHECK(bytes_of(path) == before);
    }
    SECTION("a database of no program") {
        by_hand(path, "CREATE TABLE journal(position INTEGER PRIMARY KEY)");
        CHECK(refusal(path) == errc::foreign_file);
    }
    SECTION("a later release's") {
        { (void)opened(path); }
        by_hand(path, "PRAGMA user_version=2");
        CHECK(refusal(path) == errc::newer_format);
        CHECK(refusal(path, {.read_only = true}) == errc::newer_format);
    }
    SECTION("a folder") { CHECK(refusal(here.folder().string()) == errc::io_failure); }
    SECTION("a folder that does not exist") { CHECK(refusal(here / "no/book.db") == errc::io_failure); }
    SECTION("a file that does not exist and is not to be created") {
        CHECK(refusal(path, {.create = false}) == errc::io_failure);
        CHECK(refusal(path, {.read_only = true}) == errc::io_failure);
        CHECK(!std::filesystem::exists(path));
    }
    SECTION("an empty file becomes a store, unless it is not to be created") {
        write_bytes(path, "");
        CHECK(refusal(path, {.create = false}) == errc::io_failure);
        CHECK(opened(path).versions().value().total() == 0);
    }
    SECTION("what was killed before its tables were made becomes a store, and is none to who only reads") {
        by_hand(path, "PRAGMA page_size=16384; PRAGMA journal_mode=WAL");
        REQUIRE(!bytes_of(path).empty());
        CHECK(refusal(path, {.read_only = true}) == errc::io_failure);
        CHECK(refusal(path, {.create = false}) == errc::io_failure);
        CHECK(opened(path).versions().value().total() == 0);
    }
    SECTION("what was killed in the middle of a commit is made whole by who writes, and who only reads is told so") {
        auto const writing = here / "writing.db";
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(writing.c_str(), &db) == SQLITE_OK);
        auto const run = [&](char const* sql) {
            REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
        };
        run("PRAGMA cache_size=2; CREATE TABLE t(x)");
        run("BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
            "INSERT INTO t SELECT randomblob(4000) FROM n");
        std::filesystem::copy_file(writing, path);
        std::filesystem::copy_file(writing + "-journal", path + "-journal");
        sqlite3_close(db);
        auto const told = sqlite_store::open(path, {.read_only = true});
        REQUIRE_FALSE(told.has_value());
        CHECK(told.error().remedy.find("open it once for writing") != std::string::npos);
        CHECK(refusal(path) == errc::foreign_file);  // it is whole again, and not ours
    }
    SECTION("no path at all") { CHECK(!sqlite_store::open("")); }
}

TEST_CASE("a file or a folder that may not be written is refused", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    {
        auto store = opened(path);
        REQUIRE(store.append(batch_of({order("C-1", "O-1")})));
    }
    if (::geteuid() == 0) {  // root may write everywhere: so as somebody else
        std::filesystem::permissions(here.folder(), std::filesystem::perms{0755});
        std::filesystem::permissions(path, std::filesystem::perms{0644});
    } else {
        std::filesystem::permissions(path, std::filesystem::perms{0444});
        std::filesystem::permissions(here.folder(), std::filesystem::perms{0555});
    }
    CHECK(ends_well(in_child([&] {
        if (::geteuid() == 0 && ::seteuid(65'534) != 0) return false;
        auto const existing = sqlite_store::open(path);
        auto const fresh = sqlite_store::open(here / "fresh.db");
        return !existing && existing.error().code == errc::io_failure && !fresh &&
               fresh.error().code == errc::io_failure;
    })));
    std::filesystem::permissions(here.folder(), std::filesystem::perms{0755});
}

TEST_CASE("a store that was cut short or changed on disk never reads as another one", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    entries model;
    {
        auto store = opened(path, with(small_runs()));
        for (int i = 0; i < 40; ++i) {
            entries batch;
            for (int n = 0; n < 10; ++n)
                batch.push_back(order("C-" + std::to_string(n), "O-" + std::to_string(i * 10 + n)));
            REQUIRE(store.append(batch_of(batch)));
            model.insert(model.end(), batch.begin(), batch.end());
        }
    }
    auto const sound = bytes_of(path);
    auto const copy = here / "copy.db";
    /// Whatever is wrong is an error; what is read in full is what was written.
    auto const looked_at = [&] {
        for (auto const* const end : {"-wal", "-shm"}) std::filesystem::remove(copy + end);
        auto store = sqlite_store::open(copy, with(small_runs()));
        if (!store) {
            return store.error().code == errc::damaged || store.error().code == errc::foreign_file ||
                   store.error().code == errc::newer_format || store.error().code == errc::io_failure;
        }
        entries found;
        auto const read = store.value().read_since({}, [&](journal_entry const& e) {
            found.emplace_back(e);
            return true;
        });
        if (!read) return read.error().code == errc::damaged;
        if (found != model) return !store.value().verify().value().faults.empty();
        found.clear();
        auto const customer = store.value().read_customer("C-4", [&](journal_entry const& e) {
            found.emplace_back(e);
            return true;
        });
        return customer ? found.size() == 40 || !store.value().verify().value().faults.empty()
                        : customer.error().code == errc::damaged;
    };
    SECTION("cut short") {
        for (std::size_t size = 1; size < sound.size(); size += size < 200 ? 40 : 9'000) {
            CAPTURE(size);
            write_bytes(copy, sound.substr(0, size));
            REQUIRE(looked_at());
        }
    }
    SECTION("a bit changed") {
        std::mt19937 random{7};
        for (int i = 0; i < 300; ++i) {
            auto bytes = sound;
            auto const at = i < 100 ? static_cast<std::size_t>(i) : static_cast<std::size_t>(random() % sound.size());
            CAPTURE(at);
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
            write_bytes(copy, bytes);
            REQUIRE(looked_at());
        }
    }
}

TEST_CASE("a store is read while another process writes to it", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    auto writer = opened(path, with(small_runs()));
    REQUIRE(writer.append(batch_of({order("C-1", "O-1")})));
    auto options = with(small_runs());
    options.read_only = true;
    auto reader = opened(path, options);
    REQUIRE(all_of(reader).size() == 1);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(writer.append(batch_of({order("C-1", "P-" + std::to_string(i))})));
        if (i % 10 == 0) REQUIRE(of_customer(reader, "C-1").size() == static_cast<std::size_t>(i) + 2);
    }
    REQUIRE(reader.verify().value().faults.empty());
    REQUIRE(reader.append(batch_of({order("C-1", "O-2")})).error().code == errc::not_supported);
    REQUIRE(reader.add_rulebook("v", "t").error().code == errc::not_supported);
    REQUIRE(reader.erase_personal("C-1", "").error().code == errc::not_supported);
    REQUIRE(reader.save_snapshot({}).error().code == errc::not_supported);
    REQUIRE(reader.rebuild_directory().error().code == errc::not_supported);
    REQUIRE(reader.backup(here / "copy.db"));
    REQUIRE(opened(here / "copy.db").versions().value().total() == 201);
}

TEST_CASE("whoever finds the file taken is told so after a while, and has done nothing", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    auto store = opened(path, {.busy_timeout = std::chrono::milliseconds{30}});
    REQUIRE(store.append(batch_of({order("C-1", "O-1")})));
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    auto const refused = store.append(batch_of({order("C-1", "O-2")}));
    REQUIRE(refused.error().code == errc::busy);
    REQUIRE(refused.error().source == path);
    REQUIRE(all_of(store).size() == 1);  // reads go on
    sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    REQUIRE(store.append(batch_of({order("C-1", "O-2")})));
}

TEST_CASE("an older release's file is brought on, in one step or not at all", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    SECTION("from nothing but its mark") {
        by_hand(path, "PRAGMA application_id=1886679662");  // 0x7074726E
        auto store = opened(path);
        REQUIRE(store.info().value().schema == 1);
        REQUIRE(store.append(batch_of({order("C-1", "O-1")})));
    }
    SECTION("by the steps of a later release, with all that it holds") {
        { REQUIRE(opened(path).append(batch_of({order("C-1", "O-1")}))); }
        store_detail::sqlite_internals later;
        later.later_steps = {"CREATE TABLE region(name TEXT); INSERT INTO region VALUES('West')",
                             "ALTER TABLE region ADD COLUMN owner TEXT"};
        auto reading = with(later);
        reading.read_only = true;
        CHECK(refusal(path, reading) == errc::not_supported);
        {
            auto store = opened(path, with(later));
            REQUIRE(store.info().value().schema == 3);
            REQUIRE(all_of(store).size() == 1);
            REQUIRE(store.verify().value().faults.empty());
        }
        CHECK(refusal(path) == errc::newer_format);
        REQUIRE(opened(path, with(later)).info().value().schema == 3);
    }
    SECTION("and stays as it was when a step fails") {
        { REQUIRE(opened(path).append(batch_of({order("C-1", "O-1")}))); }
        store_detail::sqlite_internals later;
        later.later_steps = {"CREATE TABLE region(name TEXT)", "CREATE TABLE journal(x)"};
        REQUIRE(!sqlite_store::open(path, with(later)));
        auto store = opened(path);
        REQUIRE(store.info().value().schema == 1);
        REQUIRE(all_of(store).size() == 1);
    }
}

TEST_CASE("an erased text about a person is nowhere in the files any more", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    auto store = opened(path);
    std::string const first = "Li Wei of the first name";
    std::string const second = std::string(50'000, 'w') + "Li Wei of the second name";
    entries const one{order("C-1", "O-1")};
    auto batch = batch_of(one);
    batch.personal = {{"C-1", "p", first}};
    REQUIRE(store.append(batch));
    batch.personal = {{"C-1", "p", second}};
    REQUIRE(store.append(batch));
    auto const in_files = [&](std::string_view text) {
        return (bytes_of(path) + bytes_of(path + "-wal")).find(text) != std::string::npos;
    };
    REQUIRE(in_files("second name"));
    REQUIRE(store.erase_personal("C-1", "p").value() == 1);
    REQUIRE(!in_files("second name"));
    REQUIRE(!in_files("first name"));
    REQUIRE(!in_files("wwwwwwwww"));
    REQUIRE(store.erase_personal("C-1", "p").value() == 0);
    REQUIRE(store.verify().value().faults.empty());
}

TEST_CASE("a store tells where it is and what it holds", "[store][sqlite]") {
    place const here;
    auto store = opened(here / "book.db", with(small_runs()));
    entries all;
    for (int i = 0; i < 60; ++i) all.push_back(order("C-1", "O-" + std::to_string(i)));
    all.push_back(decision("C-1", "{}"));
    REQUIRE(store.append(batch_of(all)));
    REQUIRE(store.append(batch_of({order("C-1", "P-1")})));
    auto const info = store.info().value();
    CHECK(info.file == here / "book.db");
    CHECK(info.schema == 1);
    CHECK(info.entries == 62);
    CHECK(info.decisions == 1);
    CHECK(info.runs == 1);
    CHECK(info.not_yet_sorted == 1);
    CHECK(info.bytes > 0);
    // texts of any bytes
    auto const odd = std::string{"a\0'\"\xff", 5};
    append_batch batch{.personal = {{odd, odd, odd}}, .notes = {{odd, odd}}};
    REQUIRE(store.append(batch));
    CHECK(store.note(odd).value() == odd);
    CHECK(store.personal(odd).value() == std::vector<personal_text>{{odd, odd, odd}});
    CHECK(store.add_rulebook(odd, odd).value() == 0);
    CHECK(store.rulebooks().value() == std::vector<kept_rulebook>{{0, odd, odd}});
    CHECK(store.erase_personal(odd, odd).value() == 1);
}

TEST_CASE("look-ups between appends of many sizes find everything", "[store][sqlite]") {
    auto const first = GENERATE(600, 4'200, 20'000);
    auto const then = GENERATE(100, 4'200, 70'000);
    CAPTURE(first, then);
    place const here;
    auto const path = here / "book.db";
    std::size_t told = 0;
    {
        auto store = opened(path);  // with runs of the usual size
        auto const append = [&](int count) {
            entries all;
            for (int i = 0; i < count; ++i) {
                all.push_back(order("C-" + std::to_string(told % 50), "O-" + std::to_string(told)));
                ++told;
            }
            REQUIRE(store.append(batch_of(all)).value().appended == all.size());
        };
        append(first);
        REQUIRE(of_customer(store, "C-7").size() == told / 50 + (told % 50 > 7));
        append(then);
        REQUIRE(of_customer(store, "C-7").size() == told / 50 + (told % 50 > 7));
        append(then / 2);
        REQUIRE(of_slot(store, slot_of_customer("C-3")).size() >= told / 50);
        REQUIRE(store.verify().value().faults.empty());
    }
    auto store = opened(path);
    CHECK(of_customer(store, "C-7").size() == told / 50 + (told % 50 > 7));
    CHECK(store.verify().value().faults.empty());
}
