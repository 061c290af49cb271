#pragma once
// Where tests of the SQLite store keep their files, and what they put into them.
#include <patron/fact/fact.hpp>
#include <patron/store/sqlite.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

namespace sqlite_test {

using namespace patron;

/// A folder of its own, gone afterwards.
class place {
public:
    place() {
        static std::atomic<int> count{0};
        folder_ = std::filesystem::temp_directory_path() /
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

inline store::sqlite_store opened(std::string const& path, store::sqlite_options options = {}) {
    return std::move(store::sqlite_store::open(path, std::move(options)).value());
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

inline std::string bytes_of(std::string const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_bytes(std::string const& path, std::string const& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

}  // namespace sqlite_test
