#pragma once
// One connection to PostgreSQL: prepared statements, binary parameters and results, pipelines, COPY.
#include <patron/base/result.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace patron::store_detail {

/// Appends a whole number in the server's byte order.
template <class Int>
void put_number(std::string& out, Int value) {
    std::uint64_t bits = static_cast<std::make_unsigned_t<Int>>(value);
    char bytes[sizeof(Int)];
    for (std::size_t i = sizeof(Int); i-- > 0; bits >>= 8U) bytes[i] = static_cast<char>(bits & 0xFFU);
    out.append(bytes, sizeof(Int));
}

template <class Int>
[[nodiscard]] Int number_at(char const* at) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) bits = bits << 8U | static_cast<unsigned char>(at[i]);
    return static_cast<Int>(bits);
}

/// A parameter of an array type, in the binary form: built up element by element.
class array_param {
public:
    static array_param smallints(std::size_t count) { return array_param{21, count}; }
    static array_param integers(std::size_t count) { return array_param{23, count}; }
    static array_param bigints(std::size_t count) { return array_param{20, count}; }
    static array_param byteas(std::size_t count) { return array_param{17, count}; }

    template <class Int>
    void add(Int value)
        requires std::is_integral_v<Int>
    {
        put_number(bytes_, static_cast<std::int32_t>(sizeof(Int)));
        put_number(bytes_, value);
    }
    void add(std::string_view value) {
        put_number(bytes_, static_cast<std::int32_t>(value.size()));
        bytes_ += value;
    }
    [[nodiscard]] std::string const& bytes() const noexcept { return bytes_; }

private:
    array_param(std::int32_t type, std::size_t count) {
        put_number(bytes_, std::int32_t{count == 0 ? 0 : 1});
        put_number(bytes_, std::int32_t{0});
        put_number(bytes_, type);
        if (count == 0) return;
        put_number(bytes_, static_cast<std::int32_t>(count));
        put_number(bytes_, std::int32_t{1});
    }
    std::string bytes_;
};

/// The parameters of one statement, all binary. The statement casts each, so that the types are told in one place.
class params {
public:
    params& smallint(std::uint16_t v) { return number(static_cast<std::int16_t>(v)); }
    params& integer(std::int32_t v) { return number(v); }
    params& bigint(std::uint64_t v) { return number(static_cast<std::int64_t>(v)); }
    /// bytea, or text that is UTF-8.
    params& bytes(std::string_view v) {
        values_.emplace_back(v);
        return *this;
    }
    params& array(array_param const& a) { return bytes(a.bytes()); }
    params& smallints(std::vector<std::uint16_t> const& slots) {
        auto a = array_param::smallints(slots.size());
        for (auto const s : slots) a.add(static_cast<std::int16_t>(s));
        return array(a);
    }
    [[nodiscard]] std::vector<std::string> const& values() const noexcept { return values_; }

private:
    template <class Int>
    params& number(Int v) {
        put_number(values_.emplace_back(), v);
        return *this;
    }
    std::vector<std::string> values_;
};

/// What a statement gave, in binary.
class answer {
public:
    answer() = default;
    explicit answer(PGresult* r) noexcept : held_{r} {}
    [[nodiscard]] PGresult* get() const noexcept { return held_.get(); }
    [[nodiscard]] int rows() const noexcept { return PQntuples(held_.get()); }
    [[nodiscard]] bool null(int row, int column) const noexcept { return PQgetisnull(held_.get(), row, column) != 0; }
    [[nodiscard]] std::string_view bytes(int row, int column) const noexcept {
        return {PQgetvalue(held_.get(), row, column), static_cast<std::size_t>(PQgetlength(held_.get(), row, column))};
    }
    [[nodiscard]] std::uint16_t smallint(int row, int column) const noexcept {
        return static_cast<std::uint16_t>(number_at<std::int16_t>(PQgetvalue(held_.get(), row, column)));
    }
    [[nodiscard]] std::int32_t integer(int row, int column) const noexcept {
        return number_at<std::int32_t>(PQgetvalue(held_.get(), row, column));
    }
    [[nodiscard]] std::uint64_t bigint(int row, int column) const noexcept {
        return static_cast<std::uint64_t>(number_at<std::int64_t>(PQgetvalue(held_.get(), row, column)));
    }
    /// How many rows an INSERT, UPDATE or DELETE touched.
    [[nodiscard]] std::uint64_t touched() const {
        std::string_view const text = PQcmdTuples(held_.get());
        std::uint64_t n = 0;
        for (char const c : text) n = n * 10 + static_cast<std::uint64_t>(c - '0');
        return n;
    }

private:
    struct clear {
        void operator()(PGresult* r) const noexcept { PQclear(r); }
    };
    std::unique_ptr<PGresult, clear> held_;
};

/// Where the database is and how to speak of it.
struct pg_place {
    std::vector<std::pair<std::string, std::string>> settings;
    std::string shown;     ///< without the password
    std::string password;  ///< as the URL gives it; to be kept out of every text

    /// What a server or libpq says, fit to be shown.
    [[nodiscard]] std::string clean(std::string_view said) const {
        std::string out{said};
        out.resize(out.find_last_not_of(" \n\r\t") + 1);
        constexpr std::size_t shortest = 4;  // what is shorter would be told by its gaps
        if (password.size() >= shortest) {
            for (auto at = out.find(password); at != std::string::npos; at = out.find(password, at + 3)) {
                out.replace(at, password.size(), "***");
            }
        }
        for (auto& c : out) {
            if (c == '\n' || c == '\r' || c == '\t') c = ' ';
        }
        return out;
    }
};

inline result<pg_place> pg_place_of(std::string const& url) {
    char* said = nullptr;
    std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> const parsed{PQconninfoParse(url.c_str(), &said),
                                                                                &PQconninfoFree};
    if (!parsed) {
        // libpq's words quote the URL, and with it the password
        PQfreemem(said);
        return error{.code = errc::malformed,
                     .field = "url",
                     .remedy =
                         "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %XX, "
                         "or libpq's keywords: host=HOST dbname=DATABASE"};
    }
    pg_place place;
    std::string user;
    std::string host;
    std::string port;
    std::string database;
    // a peer that goes away without a word is noticed in seconds; a URL that says otherwise is heeded
    std::map<std::string, std::string, std::less<>> unless_said{{"connect_timeout", "5"},
                                                                {"keepalives_idle", "5"},
                                                                {"keepalives_interval", "2"},
                                                                {"keepalives_count", "3"},
                                                                {"tcp_user_timeout", "10000"}};
    for (auto const* o = parsed.get(); o->keyword != nullptr; ++o) {
        if (o->val == nullptr) continue;
        std::string_view const key = o->keyword;
        place.settings.emplace_back(key, o->val);
        if (key == "user") user = std::string{o->val} + '@';
        if (key == "host") host = o->val;
        if (key == "port") port = std::string{":"} + o->val;
        if (key == "dbname") database = o->val;
        if (key == "password") place.password = o->val;
        if (auto const said_so = unless_said.find(key); said_so != unless_said.end()) unless_said.erase(said_so);
    }
    place.shown = "postgresql://" + user + host + port + '/' + database;
    for (auto const& setting : unless_said) place.settings.push_back(setting);
    place.settings.emplace_back("fallback_application_name", "patron");
    place.settings.emplace_back("client_encoding", "UTF8");
    return place;
}

/// What the last call that failed met.
enum class trouble : std::uint8_t {
    none,
    lost,      ///< no connection: nobody knows what became of what was under way
    again,     ///< rolled back for others' sake: the same may succeed now
    locked,    ///< somebody holds a lock for too long
    fenced,    ///< division by zero: what `fence_or_fail_sql` comes to
    readonly,  ///< may read only: a standby, or a role without the right
    refused,   ///< the server says no
};

class session {
public:
    /// `schema` stands for `@` in every statement; `settings` is run at each connection.
    session(std::shared_ptr<pg_place const> place, std::string schema, std::string settings)
        : place_{std::move(place)}, schema_{std::move(schema)}, settings_{std::move(settings)} {}

    [[nodiscard]] bool connected() const noexcept { return conn_ && PQstatus(conn_.get()) == CONNECTION_OK; }
    [[nodiscard]] trouble met() const noexcept { return met_; }
    void meet(trouble t) noexcept { met_ = t; }
    [[nodiscard]] int server_version() const noexcept { return PQserverVersion(conn_.get()); }
    void close() noexcept {
        conn_.reset();
        prepared_.clear();
    }

    /// Connects unless connected; one attempt. Precondition: nothing is under way.
    result<void> ready() {
        // what the server closed while nobody listened is noticed now: once a commit is sent over it, nobody
        // could tell any more that it was not received
        for (pollfd quiet{connected() ? PQsocket(conn_.get()) : -1, POLLIN, 0};
             connected() && ::poll(&quiet, 1, 0) > 0 && PQconsumeInput(conn_.get()) == 1;) {}
        if (connected()) return {};
        close();
        std::vector<char const*> keys;
        std::vector<char const*> values;
        for (auto const& [key, value] : place_->settings) {
            keys.push_back(key.c_str());
            values.push_back(value.c_str());
        }
        keys.push_back(nullptr);
        values.push_back(nullptr);
        conn_.reset(PQconnectdbParams(keys.data(), values.data(), 0));
        if (!connected()) {
            auto e = failure(trouble::lost, conn_ ? PQerrorMessage(conn_.get()) : "out of memory");
            e.field = "connection";
            close();
            return e;
        }
        PQsetNoticeProcessor(conn_.get(), [](void*, char const*) {}, nullptr);
        if (auto const done = script(settings_.c_str()); !done) {
            close();
            return done.error();
        }
        auto const me =
            run("SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint "
                "FROM pg_stat_activity WHERE pid = pg_backend_pid()");
        if (!me) return me.error();
        if (me.value().rows() == 1) backend_ = {me.value().integer(0, 0), me.value().bigint(0, 1)};
        return {};
    }

    /// The server's process at the other end, by its number and when it began; of the last connection there was.
    struct backend {
        std::int32_t process = 0;
        std::uint64_t began = 0;
    };
    [[nodiscard]] backend other_end() const noexcept { return backend_; }

    /// Whether the server is there but not yet ready.
    [[nodiscard]] bool starting() const {
        std::vector<char const*> keys;
        std::vector<char const*> values;
        for (auto const& [key, value] : place_->settings) {
            keys.push_back(key.c_str());
            values.push_back(value.c_str());
        }
        keys.push_back(nullptr);
        values.push_back(nullptr);
        return PQpingParams(keys.data(), values.data(), 0) == PQPING_REJECT;
    }

    /// Runs one or several statements without parameters.
    result<answer> script(char const* text) { return checked(answer{PQexec(conn_.get(), in_schema(text).c_str())}); }

    /// Runs a statement; `text` is a literal, known by its address.
    result<answer> run(char const* text, params const& with = {}) {
        if (auto const known = prepare(text); !known) return known.error();
        arguments const a{with};
        return checked(answer{PQexecPrepared(conn_.get(), prepared_.at(text).c_str(), a.count(), a.values.data(),
                                             a.lengths.data(), a.formats.data(), 1)});
    }

    result<void> prepare(char const* text) {
        if (prepared_.contains(text)) return {};
        auto name = "patron_" + std::to_string(prepared_.size());
        auto const made = checked(answer{PQprepare(conn_.get(), name.c_str(), in_schema(text).c_str(), 0, nullptr)});
        if (!made) return made.error();
        prepared_.emplace(text, std::move(name));
        return {};
    }

    /// Sends statements in one go: each runs unless one before it failed. Those that are prepared must be so already.
    class pipeline {
    public:
        explicit pipeline(session& s) : s_{s} { sent_ = PQenterPipelineMode(s.conn_.get()) == 1; }
        pipeline(pipeline const&) = delete;
        pipeline& operator=(pipeline const&) = delete;
        ~pipeline() { end(); }

        /// Back to one statement at a time; all answers are in.
        void end() {
            if (s_.conn_) PQexitPipelineMode(s_.conn_.get());
        }

        void run(char const* text, params const& with = {}) {
            auto const known = s_.prepared_.find(text);
            arguments const a{with};
            sent_ = sent_ && known != s_.prepared_.end() &&
                    PQsendQueryPrepared(s_.conn_.get(), known->second.c_str(), a.count(), a.values.data(),
                                        a.lengths.data(), a.formats.data(), 1) == 1;
            ++count_;
        }
        void command(char const* text) {
            sent_ = sent_ && PQsendQueryParams(s_.conn_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, 1) == 1;
            ++count_;
        }
        /// Waits for the answers of all; the first error, if there is one.
        result<std::vector<answer>> finish() {
            auto* const conn = s_.conn_.get();
            std::vector<answer> out;
            std::optional<error> wrong;
            trouble met = trouble::none;
            if (!sent_ || PQpipelineSync(conn) != 1) {
                auto e = s_.failure(trouble::lost, PQerrorMessage(conn));
                s_.close();
                return e;
            }
            for (int nulls = 0;;) {
                auto* const r = PQgetResult(conn);
                if (r == nullptr) {
                    // one after each statement; two in a row: there is no more
                    if (PQstatus(conn) != CONNECTION_OK || ++nulls > 1) break;
                    continue;
                }
                nulls = 0;
                answer a{r};
                auto const status = PQresultStatus(r);
                if (status == PGRES_PIPELINE_SYNC) break;
                if (status == PGRES_PIPELINE_ABORTED) continue;
                if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
                    out.push_back(std::move(a));
                } else if (!wrong) {
                    wrong = s_.failure_of(a);
                    met = s_.met_;
                }
            }
            if (wrong) {
                s_.met_ = met;
                if (met == trouble::lost) s_.close();
                return *wrong;
            }
            if (out.size() != count_) {
                auto e = s_.failure(trouble::lost, PQerrorMessage(conn));
                s_.close();
                return e;
            }
            return out;
        }

    private:
        session& s_;
        std::size_t count_ = 0;
        bool sent_ = true;
    };

    /// COPY in the binary form; `rows` are without header and trailer.
    result<void> copy_in(char const* text, std::string const& rows) {
        auto begun = answer{PQexec(conn_.get(), in_schema(text).c_str())};
        if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return lost_or(failure_of(begun));
        static constexpr std::string_view header{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
        static constexpr std::string_view trailer{"\377\377", 2};
        constexpr std::size_t piece = std::size_t{1} << 20U;
        bool sent = PQputCopyData(conn_.get(), header.data(), static_cast<int>(header.size())) == 1;
        for (std::size_t at = 0; sent && at < rows.size(); at += piece) {
            auto const size = std::min(piece, rows.size() - at);
            sent = PQputCopyData(conn_.get(), rows.data() + at, static_cast<int>(size)) == 1;
        }
        sent = sent && PQputCopyData(conn_.get(), trailer.data(), static_cast<int>(trailer.size())) == 1 &&
               PQputCopyEnd(conn_.get(), nullptr) == 1;
        std::optional<error> wrong;
        if (!sent) wrong = failure(trouble::lost, PQerrorMessage(conn_.get()));
        while (auto* const r = PQgetResult(conn_.get())) {
            answer const a{r};
            if (PQresultStatus(r) == PGRES_COPY_IN) {
                wrong = failure(trouble::lost, "the connection broke during COPY");
                break;
            }
            if (PQresultStatus(r) != PGRES_COMMAND_OK) wrong = failure_of(a);
        }
        if (!wrong) return {};
        return lost_or(*wrong);
    }

private:
    struct arguments {
        explicit arguments(params const& with) {
            for (auto const& v : with.values()) {
                values.push_back(v.data());
                lengths.push_back(static_cast<int>(v.size()));
                formats.push_back(1);
            }
        }
        [[nodiscard]] int count() const noexcept { return static_cast<int>(values.size()); }
        std::vector<char const*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
    };

    [[nodiscard]] std::string in_schema(char const* text) const {
        std::string out;
        for (; *text != '\0'; ++text) {
            if (*text == '@') {
                out.append(1, '"').append(schema_).append("\".");
            } else {
                out += *text;
            }
        }
        return out;
    }

    error failure(trouble what, std::string_view said) {
        met_ = what;
        return {.code = errc::io_failure,
                .field = "database",
                .saw = place_->clean(said),
                .remedy = what == trouble::lost
                              ? "see that the server runs, is reached under this address and lets this user in"
                              : "see the server's log",
                .source = place_->shown};
    }
    error failure_of(answer const& a) {
        if (a.get() == nullptr || PQstatus(conn_.get()) != CONNECTION_OK) {
            return failure(trouble::lost, PQerrorMessage(conn_.get()));
        }
        char const* const state = PQresultErrorField(a.get(), PG_DIAG_SQLSTATE);
        std::string_view const code = state == nullptr ? "" : state;
        auto what = trouble::refused;
        if (code.starts_with("08") || code == "57P01" || code == "57P02" || code == "57P03" || code == "25P03") {
            what = trouble::lost;
        } else if (code == "40001" || code == "40P01") {
            what = trouble::again;
        } else if (code == "55P03") {
            what = trouble::locked;
        } else if (code == "22012") {
            what = trouble::fenced;
        } else if (code == "25006" || code == "42501") {
            what = trouble::readonly;
        }
        char const* const said = PQresultErrorField(a.get(), PG_DIAG_MESSAGE_PRIMARY);
        auto e = failure(what, said == nullptr ? PQresultErrorMessage(a.get()) : said);
        e.saw += code.empty() ? "" : " (" + std::string{code} + ')';
        return e;
    }
    error lost_or(error e) {
        if (met_ == trouble::lost) close();
        return e;
    }
    result<answer> checked(answer a) {
        auto const status = PQresultStatus(a.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            met_ = trouble::none;
            return a;
        }
        return lost_or(failure_of(a));
    }

    struct finish {
        void operator()(PGconn* c) const noexcept { PQfinish(c); }
    };
    std::shared_ptr<pg_place const> place_;
    std::string schema_;
    std::string settings_;
    std::unique_ptr<PGconn, finish> conn_;
    boost::unordered_flat_map<char const*, std::string> prepared_;
    trouble met_ = trouble::none;
    backend backend_{};
};

}  // namespace patron::store_detail
