#include <patron/store/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include "sqlite_place.hpp"

#include <atomic>
#include <thread>

using namespace sqlite_test;

namespace {

/// Images that can be told from those of another `seed`.
struct pictures {
    std::vector<std::string> texts;
    std::vector<slot_image> images;

    explicit pictures(unsigned seed, std::size_t count = 5, std::size_t size = 300) {
        std::mt19937 random{seed};
        for (std::size_t i = 0; i < count; ++i) {
            texts.emplace_back(i == 1 ? 0 : size + i, '\0');
            for (auto& c : texts.back()) c = static_cast<char>(random());
        }
        for (std::size_t i = 0; i < count; ++i) {
            images.push_back({static_cast<std::uint16_t>(i * 200), seed * 10 + i, texts[i]});
        }
    }
};

bool same(result<std::optional<kept_snapshot>> const& found, pictures const& p) {
    if (!found || !found.value() || found.value()->slots.size() != p.images.size()) return false;
    for (std::size_t i = 0; i < p.images.size(); ++i) {
        auto const& a = found.value()->slots[i];
        if (a.slot != p.images[i].slot || a.version != p.images[i].version || a.bytes != p.images[i].bytes)
            return false;
    }
    return true;
}
bool is_damaged(result<std::optional<kept_snapshot>> const& found) {
    return !found && found.error().code == errc::damaged && !found.error().source.empty();
}

}  // namespace

TEST_CASE("a snapshot comes back as it was saved, whatever its size, and outlives the store's memory",
          "[store][sqlite]") {
    place const here;
    std::optional<kept_snapshot> kept;
    pictures const large{3, 40, 200'000};
    {
        auto store = opened(here / "book.db");
        REQUIRE(!store.load_snapshot().value().has_value());
        REQUIRE(store.save_snapshot({}));
        REQUIRE(store.load_snapshot().value()->slots.empty());
        pictures const one{1};
        REQUIRE(store.save_snapshot(one.images));
        REQUIRE(same(store.load_snapshot(), one));
        REQUIRE(store.save_snapshot(large.images));
        kept = store.load_snapshot().value();
        REQUIRE(store.verify().value().faults.empty());
    }
    REQUIRE(same(result<std::optional<kept_snapshot>>{kept}, large));
    REQUIRE(same(opened(here / "book.db").load_snapshot(), large));
}

TEST_CASE("a snapshot that is not what was saved last is refused, wherever it was changed", "[store][sqlite]") {
    place const here;
    auto const path = here / "book.db";
    auto const file = path + ".snapshot";
    pictures const old{1};
    pictures const last{2};
    auto store = opened(path);
    REQUIRE(store.save_snapshot(old.images));
    auto const old_bytes = bytes_of(file);
    REQUIRE(store.save_snapshot(last.images));
    auto const bytes = bytes_of(file);
    REQUIRE(same(store.load_snapshot(), last));

    SECTION("a bit changed, at any place") {
        for (std::size_t at = 0; at < bytes.size(); at += at < 80 ? 1 : 13) {
            CAPTURE(at);
            auto changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
            write_bytes(file, changed);
            REQUIRE(is_damaged(store.load_snapshot()));
        }
        REQUIRE(store.verify().value().faults.size() == 1);
    }
    SECTION("cut short, or longer") {
        for (std::size_t size = 0; size < bytes.size(); size += 31) {
            write_bytes(file, bytes.substr(0, size));
            REQUIRE(is_damaged(store.load_snapshot()));
        }
        write_bytes(file, bytes + 'x');
        REQUIRE(is_damaged(store.load_snapshot()));
    }
    SECTION("an older one put back") {
        write_bytes(file, old_bytes);
        REQUIRE(is_damaged(store.load_snapshot()));
    }
    SECTION("another store's, of the same number") {
        auto other = opened(here / "other.db");
        REQUIRE(other.save_snapshot(old.images));
        pictures const others{9};
        REQUIRE(other.save_snapshot(others.images));
        write_bytes(file, bytes_of(here / "other.db.snapshot"));
        REQUIRE(is_damaged(store.load_snapshot()));
    }
    SECTION("gone") {
        std::filesystem::remove(file);
        REQUIRE(is_damaged(store.load_snapshot()));
    }
    SECTION("in a store that saved none") {
        auto other = opened(here / "other.db");
        write_bytes(here / "other.db.snapshot", bytes);
        REQUIRE(is_damaged(other.load_snapshot()));
    }
    SECTION("or the list in the database was changed") {
        by_hand(path, "UPDATE snapshot SET images = zeroblob(length(images))");
        REQUIRE(is_damaged(store.load_snapshot()));
    }
    SECTION("or that is a folder") {
        std::filesystem::remove(file);
        std::filesystem::create_directory(file);
        REQUIRE(!store.load_snapshot());
        std::filesystem::remove(file);
    }
    REQUIRE(store.save_snapshot(last.images));  // and another one is as good as ever
    REQUIRE(same(store.load_snapshot(), last));
    REQUIRE(store.verify().value().faults.empty());
}

TEST_CASE("what a process has left half written is cleared away by the next", "[store][sqlite]") {
    place const here;
    auto store = opened(here / "book.db");
    write_bytes(here / "book.db.snapshot.999999999-1.tmp", "half");
    write_bytes(here / ("book.db.snapshot." + std::to_string(::getppid()) + "-1.tmp"), "of a process that lives");
    pictures const one{1};
    REQUIRE(store.save_snapshot(one.images));
    REQUIRE(!std::filesystem::exists(here / "book.db.snapshot.999999999-1.tmp"));
    REQUIRE(std::filesystem::exists(here / ("book.db.snapshot." + std::to_string(::getppid()) + "-1.tmp")));
}

TEST_CASE("two that save snapshots at once leave one of theirs", "[store][sqlite][threads]") {
    place const here;
    pictures const a{1};
    pictures const b{2};
    auto one = opened(here / "book.db");
    auto two = opened(here / "book.db");
    std::atomic<bool> well{true};
    auto const save = [&](store::sqlite_store& s, pictures const& p) {
        for (int i = 0; i < 30; ++i) {
            if (!s.save_snapshot(p.images)) well = false;
            auto const found = s.load_snapshot();
            if (!same(found, a) && !same(found, b)) well = false;
        }
    };
    std::thread other{[&] { save(two, b); }};
    save(one, a);
    other.join();
    REQUIRE(well);
    auto const last = one.load_snapshot();
    REQUIRE((same(last, a) || same(last, b)));
    REQUIRE(two.verify().value().faults.empty());
}

TEST_CASE("a copy of a live store is the store of one moment, whole", "[store][sqlite][threads]") {
    place const here;
    auto store = opened(here / "book.db", with(small_runs()));
    pictures const one{1};
    REQUIRE(store.save_snapshot(one.images));
    std::atomic<bool> enough{false};
    std::atomic<int> failed{0};
    std::thread writer{[&] {
        for (int i = 0; !enough; ++i) {
            // batches of three: a copy never has a part of one
            entries batch;
            for (int n = 0; n < 3; ++n) {
                batch.push_back(order("C-" + std::to_string(n), std::to_string(i) + "-" + std::to_string(n)));
            }
            if (!store.append(batch_of(batch))) ++failed;
        }
    }};
    for (int i = 0; i < 8; ++i) {
        auto const path = here / ("copy" + std::to_string(i) + ".db");
        auto const before = store.versions().value().total();
        REQUIRE(store.backup(path));
        auto const after = store.versions().value().total();
        auto copy = opened(path, with(small_runs()));
        auto const held = copy.versions().value().total();
        CHECK(held >= before);
        CHECK(held <= after);
        CHECK(held % 3 == 0);
        CHECK(copy.verify().value().faults.empty());
        CHECK(same(copy.load_snapshot(), one));
        auto const all = all_of(store);
        CHECK(all_of(copy) == entries(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(held)));
        CHECK(copy.append(batch_of({order("C-9", "O-9")})));  // it is a store like any other
    }
    enough = true;
    writer.join();
    REQUIRE(failed == 0);
    // nothing is left beside them
    for (auto const& each : std::filesystem::directory_iterator{here.folder()}) {
        CHECK(each.path().extension() != ".tmp");
    }
}

TEST_CASE("a copy replaces nothing, and needs a place to be", "[store][sqlite]") {
    place const here;
    auto store = opened(here / "book.db");
    REQUIRE(store.append(batch_of({order("C-1", "O-1")})));
    write_bytes(here / "there.db", "something");
    CHECK(store.backup(here / "there.db").error().code == errc::io_failure);
    CHECK(bytes_of(here / "there.db") == "something");
    write_bytes(here / "other.db.snapshot", "something");
    CHECK(store.backup(here / "other.db").error().code == errc::io_failure);
    CHECK(!std::filesystem::exists(here / "other.db"));
    CHECK(store.backup(here / "book.db").error().code == errc::io_failure);
    CHECK(store.backup(here / "no/folder.db").error().code == errc::io_failure);
    CHECK(store.verify().value().faults.empty());
    SECTION("and goes without a snapshot that is damaged") {
        pictures const one{1};
        REQUIRE(store.save_snapshot(one.images));
        write_bytes(here / "book.db.snapshot", "something");
        REQUIRE(store.backup(here / "copy.db"));
        auto copy = opened(here / "copy.db");
        CHECK(!copy.load_snapshot().value().has_value());
        CHECK(copy.verify().value().faults.empty());
        CHECK(all_of(copy).size() == 1);
    }
}
