// Every call that can fail is made to fail, one after the other: what was acknowledged stays, what was refused is not
// there by halves, and the error says what happened.
#include <patron/store/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include "sqlite_fault_vfs.hpp"
#include "sqlite_place.hpp"

#include <map>
#include <optional>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace sqlite_test;

namespace {

/// The system's calls, of which one fails.
class failing_files : public store_detail::posix_files {
public:
    explicit failing_files(fault_plan& plan) : plan_{plan} {}

    result<int> create(std::string const& path) override {
        if (plan_.fails()) return no("create");
        return posix_files::create(path);
    }
    result<void> write(int file, std::string_view bytes) override {
        if (!plan_.fails()) return posix_files::write(file, bytes);
        if (plan_.kind == fault::short_write) (void)posix_files::write(file, bytes.substr(0, bytes.size() / 2));
        return no("write");
    }
    result<void> sync(int) override { return plan_.fails() ? result<void>{no("flush")} : result<void>{}; }
    result<void> rename(std::string const& from, std::string const& to) override {
        if (plan_.fails()) return no("rename");
        return posix_files::rename(from, to);
    }
    result<void> rename_to_new(std::string const& from, std::string const& to) override {
        if (plan_.fails()) return no("rename");
        return posix_files::rename_to_new(from, to);
    }
    result<void> sync_folder_of(std::string const&) override {
        return plan_.fails() ? result<void>{no("flush")} : result<void>{};
    }
    result<int> open_to_read(std::string const& path) override {
        if (plan_.fails()) return no("open");
        return posix_files::open_to_read(path);
    }
    result<std::uint64_t> size(int file) override {
        if (plan_.fails()) return no("look at");
        return posix_files::size(file);
    }
    result<void> read(int file, std::uint64_t from, char* to, std::size_t size) override {
        if (plan_.fails()) return no("read");
        return posix_files::read(file, from, to, size);
    }

private:
    static error no(char const* what) { return {.code = errc::io_failure, .field = what, .remedy = "a test"}; }
    fault_plan& plan_;
};

/// What a workload was told, and what may be there because of it.
struct told {
    std::vector<entries> batches{};              ///< in their order
    std::vector<bool> acknowledged{};            ///< of each
    std::map<std::string, std::string> notes{};  ///< acknowledged
    std::vector<std::string> maybe_notes{};      ///< refused, after the acknowledged one
    std::vector<std::string> rulebooks{};
    std::vector<std::string> snapshots{};  ///< that were saved or tried, in their order
    std::size_t sure_snapshot = 0;         ///< none before this one is there any more
    int unclean = 0;                       ///< errors that are none of a disk's
    std::string first_unclean{};

    template <class T>
    bool well(result<T> const& r) {
        if (r) return true;
        auto const code = r.error().code;
        if ((code != errc::io_failure && code != errc::busy) || r.error().remedy.empty()) {
            if (unclean++ == 0) first_unclean = r.error().message();
        }
        return false;
    }
};

store::sqlite_options small_store(fault_plan* snapshot_faults, bool through_vfs) {
    auto internals = small_runs();
    internals.run_pairs = 30;
    internals.merged_runs = 2;
    if (through_vfs) internals.vfs = fault_vfs::name;
    if (snapshot_faults != nullptr) internals.snapshot_files = std::make_shared<failing_files>(*snapshot_faults);
    auto options = with(std::move(internals));
    options.busy_timeout = std::chrono::milliseconds{20};
    options.cache_bytes = 300'000;
    return options;
}

/// Everything that writes, by one handle or several, one after the other.
void work(std::string const& path, std::string const& copy, store::sqlite_options const& options, told& out) {
    std::optional<store::sqlite_store> store;
    int number = 0;
    for (int round = 0; round < 12; ++round) {
        if (!store || round % 5 == 4) {
            store.reset();
            auto opened = store::sqlite_store::open(path, options);
            if (!out.well(opened)) continue;
            store.emplace(std::move(opened.value()));
        }
        entries batch;
        for (int n = round % 4 == 0 ? 1 : round * 3; n > 0; --n) {
            ++number;
            batch.push_back(number % 7 == 0 ? decision("C-1", std::to_string(number))
                                            : order("C-" + std::to_string(number % 5), "O-" + std::to_string(number)));
            if (number % 20 == 0)
                batch.push_back({book_slot, "", "\x3a" + std::string(40'000, 'x') + std::to_string(number)});
        }
        auto b = batch_of(batch);
        auto const value = std::to_string(round);
        if (round % 3 == 1) {
            b.notes = {{"n", value}};
            b.personal = {{"C-1", value, "Li Wei"}};
        }
        auto const done =
            out.well(round % 2 == 0 ? store->append(b) : store->append_with([&]() -> result<append_batch> {
                if (auto const held = store->versions(); !held) return held.error();
                return b;
            }));
        out.batches.push_back(batch);
        out.acknowledged.push_back(done);
        if (!b.notes.empty()) {
            if (done) {
                out.notes["n"] = value;
                out.maybe_notes.clear();
            } else {
                out.maybe_notes.push_back(value);
            }
        }
        if (round % 4 == 1) {
            auto const image = "image " + value + std::string(5'000, 'i');
            out.snapshots.push_back(image);
            if (out.well(store->save_snapshot({{1, 1, image}, {2, 2, image}})))
                out.sure_snapshot = out.snapshots.size() - 1;
            out.well(store->load_snapshot());
        }
        if (round == 6 && out.well(store->add_rulebook("v", "share = 1"))) out.rulebooks.push_back("share = 1");
        if (round == 8) out.well(store->erase_personal("C-1", ""));
        if (round == 9) {
            std::filesystem::remove(copy);
            std::filesystem::remove(copy + ".snapshot");
            if (out.well(store->backup(copy))) {
                auto whole = opened(copy, small_store(nullptr, false));
                CHECK(whole.verify().value().faults.empty());
            } else if (std::filesystem::exists(copy)) {  // flushing the folder was what failed
                auto whole = opened(copy, small_store(nullptr, false));
                CHECK(whole.verify().value().faults.empty());
            }
        }
        if (round == 10) out.well(store->rebuild_directory());
        if (round == 11) out.well(store->verify());
    }
}

/// What is there is what was told.
void look(std::string const& path, told const& t) {
    auto opened_store = store::sqlite_store::open(path, small_store(nullptr, false));
    REQUIRE(opened_store);
    auto& store = opened_store.value();
    auto const report = store.verify().value();
    CAPTURE(report.faults);
    CHECK(report.faults.empty());
    auto const all = all_of(store);
    auto at = all.begin();
    for (std::size_t i = 0; i < t.batches.size(); ++i) {
        auto const& batch = t.batches[i];
        auto const is_here =
            static_cast<std::size_t>(all.end() - at) >= batch.size() && std::equal(batch.begin(), batch.end(), at);
        CAPTURE(i);
        if (t.acknowledged[i]) REQUIRE(is_here);
        if (is_here) at += static_cast<std::ptrdiff_t>(batch.size());
    }
    CHECK(at == all.end());  // nothing by halves
    auto const note = store.note("n").value();
    auto const is_sure = t.notes.contains("n") ? note == t.notes.at("n") : !note.has_value();
    CHECK((is_sure || std::find(t.maybe_notes.begin(), t.maybe_notes.end(), note) != t.maybe_notes.end()));
    CHECK(store.rulebooks().value().size() >= t.rulebooks.size());
    auto const snapshot = store.load_snapshot();
    REQUIRE(snapshot);
    if (snapshot.value()) {
        auto const image = snapshot.value()->slots.at(0).bytes;
        auto const found = std::find(t.snapshots.begin(), t.snapshots.end(), image);
        REQUIRE(found != t.snapshots.end());
        CHECK(static_cast<std::size_t>(found - t.snapshots.begin()) >= t.sure_snapshot);
    }
    // it goes on
    CHECK(store.append(batch_of({order("C-1", "O-last")})).value().appended == 1);
    CHECK(store.verify().value().faults.empty());
}

}  // namespace

TEST_CASE("whichever of SQLite's file calls fails, nothing acknowledged is lost", "[store][sqlite]") {
    fault_vfs vfs;
    place const here;
    told all_well;
    work(here / "0.db", here / "copy.db", small_store(nullptr, true), all_well);
    REQUIRE(all_well.unclean == 0);
    REQUIRE(std::find(all_well.acknowledged.begin(), all_well.acknowledged.end(), false) ==
            all_well.acknowledged.end());
    auto const calls = vfs.plan.calls;
    REQUIRE(calls > 300);
    look(here / "0.db", all_well);

    std::size_t variant = 0;
    for (long at = 0; at < calls; ++at) {
        // each call fails once, and each third with all after it
        for (auto const for_good : {false, true}) {
            if (for_good && at % 3 != 0) continue;
            auto const kind = std::array{fault::disk_full, fault::io_error, fault::short_write}[variant++ % 3];
            CAPTURE(at, for_good, static_cast<int>(kind));
            place const once;
            vfs.plan = {.at = at, .kind = kind, .for_good = for_good};
            told t;
            work(once / "book.db", once / "copy.db", small_store(nullptr, true), t);
            CHECK(vfs.plan.failed > 0);
            vfs.plan = {};
            CAPTURE(t.first_unclean);
            CHECK(t.unclean == 0);
            look(once / "book.db", t);
        }
    }
}

TEST_CASE("whichever call for a snapshot's file fails, the one before it is still there", "[store][sqlite]") {
    fault_plan plan;
    place const here;
    told all_well;
    work(here / "0.db", here / "copy.db", small_store(&plan, false), all_well);
    REQUIRE(all_well.unclean == 0);
    auto const calls = plan.calls;
    REQUIRE(calls > 30);
    std::size_t variant = 0;
    for (long at = 0; at < calls; ++at) {
        for (auto const for_good : {false, true}) {
            CAPTURE(at, for_good);
            place const once;
            plan = {.at = at, .kind = variant++ % 2 == 0 ? fault::io_error : fault::short_write, .for_good = for_good};
            told t;
            work(once / "book.db", once / "copy.db", small_store(&plan, false), t);
            CHECK(plan.failed > 0);
            CAPTURE(t.first_unclean);
            CHECK(t.unclean == 0);
            CHECK(std::find(t.acknowledged.begin(), t.acknowledged.end(), false) == t.acknowledged.end());
            look(once / "book.db", t);
        }
    }
}

TEST_CASE("when a decider cannot read the disk nothing of its transaction is written, and the store opens again",
          "[store][sqlite]") {
    fault_vfs vfs;
    place const here;
    auto const path = here / "book.db";
    auto options = small_store(nullptr, true);
    options.cache_bytes = 64 << 10;
    std::string const long_name(20'000, 'x');
    {
        auto store = opened(path, options);
        for (int i = 0; i < 60; ++i) {
            store.append(batch_of({order("C-" + std::to_string(i % 7), std::to_string(i) + long_name)})).value();
        }
    }
    auto store = opened(path, options);
    store.append(batch_of({order("C-9", "first")})).value();
    for (bool const swallowed : {false, true}) {
        CAPTURE(swallowed);
        auto const told = store.append_with([&]() -> result<append_batch> {
            vfs.plan.reads_fail = true;
            auto const read = store.read_customer("C-3", [](journal_entry const&) { return true; });
            vfs.plan.reads_fail = false;
            CHECK(read.has_error());
            if (!swallowed) return read.error();
            static auto const later = order("C-8", "later");  // as one who takes it for the fault of one row
            return append_batch{.entries = {later.seen()}};
        });
        CHECK(told.error().code == errc::io_failure);
        CHECK(store.versions().value().total() == 61);
    }
    // in a group, those before it and behind it are told so too
    std::atomic<int> refused = 0;
    std::thread slow{[&] {
        (void)store.append_with([&]() -> result<append_batch> {
            std::this_thread::sleep_for(std::chrono::milliseconds{200});
            return append_batch{};
        });
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    std::vector<std::thread> group;
    group.emplace_back([&] { refused += store.append(batch_of({order("C-20", "before")})).has_error(); });
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    group.emplace_back([&] {
        refused += store
                       .append_with([&]() -> result<append_batch> {
                           vfs.plan.reads_fail = true;
                           auto const read = store.read_customer("C-3", [](journal_entry const&) { return true; });
                           vfs.plan.reads_fail = false;
                           if (!read) return read.error();
                           return append_batch{};
                       })
                       .has_error();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    group.emplace_back([&] { refused += store.append(batch_of({order("C-21", "behind")})).has_error(); });
    slow.join();
    for (auto& one : group) one.join();
    auto const held = store.versions().value().total();
    CHECK(held + static_cast<unsigned>(refused) >= 63);  // whoever was not refused is there
    CHECK(held <= 63);
    auto again = opened(path, options);
    CHECK(again.versions().value().total() == held);
    CHECK(again.verify().value().faults.empty());
}
