#pragma once
// SQLite's handles as values, and its errors as ours.
#include <patron/base/result.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace patron::store_detail {

/// What to do about an error of SQLite's, and of which kind it is for us.
inline error sqlite_failure(int code, std::string_view saw, std::string_view doing, std::string const& path) {
    error e{
        .code = errc::io_failure, .field = std::string{doing}, .saw = std::string{saw.substr(0, 80)}, .source = path};
    switch (code & 0xFF) {
        case SQLITE_NOMEM: throw std::bad_alloc{};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            e.code = errc::busy;
            e.remedy = "another process is writing to it: try again, or wait longer (busy_timeout)";
            break;
        case SQLITE_CORRUPT:
            e.code = errc::damaged;
            e.remedy = "put back a backup; verify tells what else is wrong";
            break;
        case SQLITE_NOTADB:
            e.code = errc::foreign_file;
            e.remedy =
                "it is no store of patron's, or its first page is damaged: look at the path, or put back a backup";
            break;
        case SQLITE_FULL: e.remedy = "make room on the disk, and try again"; break;
        case SQLITE_CANTOPEN: e.remedy = "look at the path, its folder and the rights to them"; break;
        case SQLITE_READONLY:
            if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY) {
                e.remedy =
                    "who wrote to it was killed: open it once for writing, so that its last commit is made whole";
                break;
            }
            [[fallthrough]];
        case SQLITE_PERM:
        case SQLITE_AUTH: e.remedy = "look at the rights to the file and to its folder"; break;
        case SQLITE_TOOBIG:
            e.code = errc::too_long;
            e.remedy = "SQLite keeps at most a billion bytes in one place";
            break;
        default: e.remedy = "look at the disk and at the system's log, and try again"; break;
    }
    return e;
}

class database {
public:
    database() = default;

    /// `path` is what errors name, `file` what is opened.
    static result<database> open(std::string const& file, std::string path, int flags, char const* vfs,
                                 std::chrono::milliseconds busy_timeout) {
        database d;
        d.state_ = std::make_unique<state>(std::move(path), busy_timeout);
        sqlite3* raw = nullptr;
        auto const code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, vfs);
        d.handle_.reset(raw);
        if (raw == nullptr) throw std::bad_alloc{};
        if (code != SQLITE_OK) return d.failed("open");
        sqlite3_extended_result_codes(raw, 1);
        sqlite3_busy_handler(raw, &database::wait, d.state_.get());
        // the schema of a file from anywhere runs nothing
        sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
        return d;
    }

    [[nodiscard]] sqlite3* raw() const noexcept { return handle_.get(); }
    [[nodiscard]] std::string const& path() const noexcept { return state_->path; }

    [[nodiscard]] error failed(std::string_view doing) const { return failed(doing, sqlite3_extended_errcode(raw())); }
    [[nodiscard]] error failed(std::string_view doing, int code) const {
        return sqlite_failure(code,
                              code == sqlite3_extended_errcode(raw()) ? sqlite3_errmsg(raw()) : sqlite3_errstr(code),
                              doing, path());
    }
    [[nodiscard]] error damaged(std::string field, std::string saw, std::string remedy = {}) const {
        if (remedy.empty()) remedy = "put back a backup; verify tells what else is wrong";
        return {.code = errc::damaged,
                .field = std::move(field),
                .saw = std::move(saw),
                .remedy = std::move(remedy),
                .source = path()};
    }

    /// How long the calls that follow wait for other processes.
    void be_patient_for(std::chrono::milliseconds most) noexcept { state_->busy_timeout = most; }

    /// Statements without values.
    result<void> run(std::string const& sql, std::string_view doing) {
        if (sqlite3_exec(raw(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed(doing);
        return {};
    }

private:
    struct state {
        state(std::string p, std::chrono::milliseconds most) : path{std::move(p)}, busy_timeout{most} {}
        std::string path;
        std::chrono::milliseconds busy_timeout;
        std::chrono::steady_clock::time_point since{};
    };
    /// Asks often at first, for most transactions take less than a millisecond; SQLite's own handler sleeps too long.
    static int wait(void* context, int asked) {
        auto& s = *static_cast<state*>(context);
        auto const now = std::chrono::steady_clock::now();
        if (asked == 0) s.since = now;
        if (now - s.since >= s.busy_timeout) return 0;
        std::this_thread::sleep_for(std::chrono::microseconds{asked < 20 ? 100 : asked < 60 ? 500 : 2'000});
        return 1;
    }
    struct closer {
        void operator()(sqlite3* d) const noexcept { sqlite3_close_v2(d); }
    };

    std::unique_ptr<state> state_;  // where the busy handler looks; it outlives the handle
    std::unique_ptr<sqlite3, closer> handle_;
};

struct statement_closer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
};
/// A statement that is compiled when it is first used.
struct prepared {
    char const* sql;
    std::unique_ptr<sqlite3_stmt, statement_closer> compiled{};
};

/// One run of a statement. Values that are bound, and those that it gives, are views until the next step.
class query {
public:
    /// Precondition: no other query is using `p`.
    query(database& d, prepared& p) : database_{d} {
        if (!p.compiled) compile(p);
        statement_ = p.compiled.get();
    }
    /// Of its own: for what is read while others are asked.
    query(database& d, char const* sql) : database_{d}, own_{sql} {
        compile(own_);
        statement_ = own_.compiled.get();
    }
    query(query const&) = delete;
    query& operator=(query const&) = delete;
    ~query() {
        if (statement_ != nullptr) {
            sqlite3_reset(statement_);
            if (held_text_) sqlite3_clear_bindings(statement_);
        }
    }

    template <class... Values>
    query& with(Values const&... values) {
        int at = 0;
        if (statement_ != nullptr) (bind(++at, values), ...);
        return *this;
    }
    /// Whether there is a row, another one each time.
    result<bool> next() {
        if (code_ == SQLITE_OK) {
            auto const code = sqlite3_step(statement_);
            if (code == SQLITE_ROW) return true;
            if (code == SQLITE_DONE) return false;
            code_ = code;
        }
        return database_.failed("query", code_);
    }
    /// Runs it to its end.
    result<void> done() {
        for (;;) {
            auto const more = next();
            if (!more) return more.error();
            if (!more.value()) return {};
        }
    }

    [[nodiscard]] std::int64_t number(int column) const noexcept { return sqlite3_column_int64(statement_, column); }
    [[nodiscard]] std::uint64_t natural(int column) const noexcept {
        return static_cast<std::uint64_t>(number(column));
    }
    [[nodiscard]] std::string_view bytes(int column) const {
        auto const* const at = static_cast<char const*>(sqlite3_column_blob(statement_, column));
        if (at == nullptr && sqlite3_errcode(database_.raw()) == SQLITE_NOMEM) throw std::bad_alloc{};
        return at == nullptr ? std::string_view{}
                             : std::string_view{at, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    [[nodiscard]] std::string text(int column) const { return std::string{bytes(column)}; }

private:
    struct as_blob {
        std::string_view bytes;
    };
    void compile(prepared& p) {
        sqlite3_stmt* raw = nullptr;
        code_ = sqlite3_prepare_v3(database_.raw(), p.sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
        p.compiled.reset(raw);
    }
    void noted(int code) {
        if (code_ == SQLITE_OK) code_ = code;
    }
    void bind(int at, std::int64_t n) { noted(sqlite3_bind_int64(statement_, at, n)); }
    void bind(int at, std::uint64_t n) { bind(at, static_cast<std::int64_t>(n)); }
    void bind(int at, int n) { bind(at, std::int64_t{n}); }
    void bind(int at, std::uint32_t n) { bind(at, std::int64_t{n}); }
    void bind(int at, std::string_view text) {
        held_text_ = true;
        noted(sqlite3_bind_text64(statement_, at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                                  SQLITE_UTF8));
    }
    void bind(int at, as_blob b) {
        held_text_ = true;
        noted(sqlite3_bind_blob64(statement_, at, b.bytes.data() == nullptr ? "" : b.bytes.data(), b.bytes.size(),
                                  SQLITE_STATIC));
    }
    friend as_blob blob(std::string_view bytes) noexcept;

    database& database_;
    prepared own_{nullptr};
    sqlite3_stmt* statement_ = nullptr;
    int code_ = SQLITE_OK;
    bool held_text_ = false;
};
[[nodiscard]] inline query::as_blob blob(std::string_view bytes) noexcept { return {bytes}; }

}  // namespace patron::store_detail
