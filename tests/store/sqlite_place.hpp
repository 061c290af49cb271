#pragma once
// Where tests of the SQLite store keep their files, and what they put into them.
#include <patron/fact/fact.hpp>
#include <patron/store/sqlite.hpp>

#include "../../src/store/sqlite_internals.hpp"

#include <catch2/catch_tostring.hpp>

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

/// Results of what has no form for people are shown by their errors alone.
template <class T>
struct Catch::StringMaker<boost::system::result<T, patron::error>> {
    static std::string convert(boost::system::result<T, patron::error> const& r) {
        return r ? "a value" : r.error().message();
    }
};

namespace sqlite_test {

using namespace patron;

/// A folder of its own, gone afterwards.
class place {
public:
    place() {
        static std::atomic<int> count{0};
        // in memory where there is such a place: these tests end processes, not machines
        auto const memory = std::filesystem::path{"/dev/shm"};
        folder_ = (::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) /
                  ("patron-sqlite-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
        std::filesystem::create_directories(folder_);
    }
    place(place const&) = delete;
    place& operator=(place const&) = delete;
    ~place() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    [[nodiscard]] std::string operator/(std::string const& name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::filesystem::path const& folder() const noexcept { return folder_; }

private:
    std::filesystem::path folder_;
};

/// An entry that owns its bytes.
struct entry {
    std::uint16_t slot{};
    std::string customer{};
    std::string bytes{};

    entry() = default;
    entry(std::uint16_t s, std::string c, std::string b) : slot{s}, customer{std::move(c)}, bytes{std::move(b)} {}
    explicit entry(journal_entry const& e) : slot{e.slot}, customer{e.customer}, bytes{e.bytes} {}
    [[nodiscard]] journal_entry seen() const { return {slot, customer, bytes}; }
    friend bool operator==(entry const&, entry const&) = default;
};
using entries = std::vector<entry>;

inline entry order(std::string const& customer, std::string const& ref, std::int64_t minor_units = 100) {
    order_placed f;
    f.ref = f.order = ref;
    f.at = day{std::chrono::year{2024} / 3 / 1};
    f.customer = customer;
    f.amount = money{minor_units, currency::literal("CNY")};
    entry e{slot_of_customer(customer), customer, {}};
    encode(e.bytes, fact{f});
    return e;
}
inline entry decision(std::string const& customer, std::string const& json) {
    return {slot_of_customer(customer), customer, decision_tag + json};
}

inline append_batch batch_of(entries const& all, std::vector<slot_expectation> expected = {}) {
    append_batch b{.expected = std::move(expected)};
    for (auto const& e : all) b.entries.push_back(e.seen());
    return b;
}

/// Runs so small, and merged so soon, that a few hundred entries see every path of the directory.
inline store_detail::sqlite_internals small_runs() {
    store_detail::sqlite_internals i;
    i.run_pairs = 50;
    i.piece_pairs = 7;
    i.merged_runs = 3;
    i.last_level = 3;
    i.run_worth_closing = 20;
    return i;
}
inline store::sqlite_options with(store_detail::sqlite_internals i) {
    return {.internals = std::make_shared<store_detail::sqlite_internals const>(std::move(i))};
}

inline store::sqlite_store opened(std::string const& path, store::sqlite_options options = {}) {
    return store::sqlite_store::open(path, std::move(options)).value();
}

inline entries all_of(store::sqlite_store& s, slot_versions const& seen = {}) {
    entries out;
    s.read_since(seen, [&](journal_entry const& e) {
         out.emplace_back(e);
         return true;
     }).value();
    return out;
}
inline entries of_slot(store::sqlite_store& s, std::uint16_t slot, std::uint64_t after = 0) {
    entries out;
    s.read_slot(slot, after, [&](journal_entry const& e) {
         out.emplace_back(e);
         return true;
     }).value();
    return out;
}
inline entries of_customer(store::sqlite_store& s, std::string const& code) {
    entries out;
    s.read_customer(code, [&](journal_entry const& e) {
         out.emplace_back(e);
         return true;
     }).value();
    return out;
}

/// Statements by a connection of their own, as a stray hand would.
inline void by_hand(std::string const& path, std::string const& sql) {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    sqlite3_busy_timeout(db, 5'000);
    char* why = nullptr;
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &why) != SQLITE_OK) {
        std::string const text = why == nullptr ? "" : why;
        sqlite3_free(why);
        sqlite3_close(db);
        throw std::runtime_error{text};
    }
    sqlite3_close(db);
}

inline std::string bytes_of(std::string const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_bytes(std::string const& path, std::string const& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

}  // namespace sqlite_test
