#pragma once
// Whose file it is, of which release, and how an older one is brought on.
#include "sqlite_beside.hpp"
#include "sqlite_database.hpp"
#include "sqlite_directory.hpp"
#include "sqlite_journal.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace patron::store_detail {

inline constexpr std::int64_t our_application = 0x7074'726E;  // "ptrn"
inline constexpr int page_bytes = 16'384;
inline constexpr int pages_before_checkpoint = 500;

/// Each brings the tables on by one version. A step that was released is never changed.
inline std::vector<std::string> schema_steps() {
    return {std::string{journal_tables} + directory::tables + tables_beside +
            "CREATE TABLE snapshot(generation INTEGER PRIMARY KEY, placed INTEGER NOT NULL, seal BLOB NOT NULL, "
            "images BLOB NOT NULL);"};
}

struct opening {
    bool read_only = false;
    bool create = true;
    std::chrono::milliseconds busy_timeout{};
    char const* vfs = nullptr;
    std::vector<std::string> later_steps{};
};

inline result<std::int64_t> pragma_number(database& d, char const* sql) {
    query q{d, sql};
    auto const found = q.next();
    if (!found) return found.error();
    return found.value() ? q.number(0) : std::int64_t{0};
}

/// Version of the tables; -1 for a database without any. Errors: errc::foreign_file, newer_format, damaged.
inline result<std::int64_t> schema_of(database& d, std::int64_t newest) {
    // of one moment: another process may be making the tables
    auto const is_alone = sqlite3_get_autocommit(d.raw()) != 0;
    if (is_alone) {
        if (auto const begun = d.run("BEGIN", "open"); !begun) return begun.error();
    }
    struct ending {
        database& d;
        bool is_alone;
        ~ending() {
            if (is_alone) sqlite3_exec(d.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    } const end{d, is_alone};
    auto const application = pragma_number(d, "PRAGMA application_id");
    if (!application) return application.error();
    auto const version = pragma_number(d, "PRAGMA user_version");
    if (!version) return version.error();
    auto const tables = pragma_number(d, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    if (application.value() == 0 && version.value() == 0 && tables.value() == 0) return -1;
    if (application.value() != our_application) {
        return error{.code = errc::foreign_file,
                     .field = "application_id",
                     .saw = std::to_string(application.value()),
                     .remedy = "it is a database of another program: look at the path",
                     .source = d.path()};
    }
    if (version.value() > newest) {
        return error{.code = errc::newer_format,
                     .field = "user_version",
                     .saw = std::to_string(version.value()),
                     .remedy = "a later release has written it, this one knows " + std::to_string(newest) +
                               ": use that one, or a backup from before",
                     .source = d.path()};
    }
    if (version.value() < 0) return d.damaged("user_version", std::to_string(version.value()));
    return version.value();
}

/// In one transaction, so that it is of the old version or of the new one.
inline result<void> bring_on(database& d, std::vector<std::string> const& steps) {
    if (auto const begun = d.run("BEGIN IMMEDIATE", "open"); !begun) return begun;
    auto const done = [&]() -> result<void> {
        auto const newest = static_cast<std::int64_t>(steps.size());
        auto const version = schema_of(d, newest);  // another process may have been first
        if (!version) return version.error();
        if (version.value() == newest) return d.run("COMMIT", "open");
        for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(version.value(), 0)); i < steps.size(); ++i) {
            if (auto const on = d.run(steps[i], "open"); !on) return on;
        }
        if (auto const said = d.run("PRAGMA application_id=" + std::to_string(our_application) +
                                        "; PRAGMA user_version=" + std::to_string(newest),
                                    "open");
            !said) {
            return said;
        }
        return d.run("COMMIT", "open");
    }();
    if (!done && sqlite3_get_autocommit(d.raw()) == 0) sqlite3_exec(d.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
}

inline result<void> use_wal(database& d, std::chrono::milliseconds patience) {
    auto const until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        std::string mode;
        auto const set = [&]() -> result<void> {
            query q{d, "PRAGMA journal_mode=WAL"};
            auto const found = q.next();
            if (!found) return found.error();
            mode = q.text(0);
            return {};
        }();
        if (set && mode == "wal") return {};
        if (set) {
            return error{.code = errc::not_supported,
                         .field = "journal_mode",
                         .saw = mode,
                         .remedy = "keep it on a file system whose files processes can share in memory",
                         .source = d.path()};
        }
        // two that make the same store at once: the handler that waits is not asked about this
        if (set.error().code != errc::busy || std::chrono::steady_clock::now() >= until) return set;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

/// A database of ours, of this release's version, in WAL mode.
inline result<database> open_database(std::string const& path, opening const& how) {
    std::error_code unknown;
    auto const whole = std::filesystem::absolute(path, unknown).string();
    auto const refused = [&](std::string saw, std::string remedy) {
        return error{.code = errc::io_failure,
                     .field = "open",
                     .saw = std::move(saw),
                     .remedy = std::move(remedy),
                     .source = path};
    };
    if (path.empty()) return refused("an empty path", "name a file");
    auto const about = std::filesystem::status(whole, unknown);
    if (std::filesystem::is_directory(about)) return refused("a folder", "name a file in it");
    if (!std::filesystem::exists(about)) {
        if (!how.create || how.read_only) return refused("no such file", "look at the path, or let it be created");
        if (!std::filesystem::is_directory(std::filesystem::path{whole}.parent_path(), unknown)) {
            return refused("no such folder", "make the folder first");
        }
    }
    // SQLite takes a file of one byte for an empty one
    if (auto const size = std::filesystem::file_size(whole, unknown); !unknown && size > 0 && size < 100) {
        return sqlite_failure(SQLITE_NOTADB, std::to_string(size) + " bytes", "open", path);
    }
    auto const flags =
        how.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (how.create ? SQLITE_OPEN_CREATE : 0);
    auto opened = database::open(whole, path, flags, how.vfs, how.busy_timeout);
    if (!opened) return opened;
    auto& d = opened.value();

    auto steps = schema_steps();
    steps.insert(steps.end(), how.later_steps.begin(), how.later_steps.end());
    auto const newest = static_cast<std::int64_t>(steps.size());
    auto const version = schema_of(d, newest);
    if (!version) return version.error();
    auto const has_no_tables = version.value() < 0;
    if (has_no_tables && (how.read_only || !how.create)) {
        return refused("an empty file", "look at the path, or let a store be created");
    }
    if (how.read_only) {
        if (version.value() == newest) return opened;
        return error{.code = errc::not_supported,
                     .field = "user_version",
                     .saw = std::to_string(version.value()),
                     .remedy = "open it without read_only once, so that it is brought on to " + std::to_string(newest),
                     .source = path};
    }
    if (sqlite3_db_readonly(d.raw(), "main") == 1) {
        return refused("a file that may not be written", "look at the rights to it, or open it read_only");
    }
    if (has_no_tables) {
        if (auto const set = d.run("PRAGMA page_size=" + std::to_string(page_bytes), "open"); !set) return set.error();
    }
    if (auto const set = use_wal(d, how.busy_timeout); !set) return set.error();
    if (version.value() < newest) {
        if (auto const done = bring_on(d, steps); !done) return done.error();
    }
    return opened;
}

}  // namespace patron::store_detail
