#pragma once
// Whose tables a schema holds, of which format, and how they are brought up to date.
#include <patron/base/hash.hpp>

#include "postgres_schema.hpp"
#include "postgres_session.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace patron::store_detail {

/// Lower-case letters, digits and underscores, so that it needs no thought where it is quoted.
inline bool can_be_a_schema(std::string_view name) {
    return !name.empty() && name.size() <= 63 && (name.front() < '0' || name.front() > '9') &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

inline error unusable(std::string field, std::string saw, std::string remedy) {
    return {.code = errc::malformed, .field = std::move(field), .saw = std::move(saw), .remedy = std::move(remedy)};
}

inline constexpr char const tables_sql[] =
    "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
inline constexpr char const has_schema_sql[] = "SELECT 1 FROM pg_namespace WHERE nspname = $1::text";
inline constexpr char const whose_sql[] =
    "SELECT name::text, value::text FROM @meta WHERE name IN ('application', 'format')";
inline constexpr char const one_at_a_time_sql[] = "SELECT pg_advisory_xact_lock($1::bigint)";
inline constexpr char const new_format_sql[] = "UPDATE @meta SET value = $1::text WHERE name = 'format'";

/// The format of the tables in the schema; 0 where there are none.
inline result<std::size_t> format_of(session& s, std::string const& schema, std::string const& shown) {
    auto const found = s.run(tables_sql, params{}.bytes(schema));
    if (!found) return found.error();
    bool has_meta = false;
    std::string other;
    for (int i = 0; i < found.value().rows(); ++i) {
        auto const name = found.value().bytes(i, 0);
        if (name == "meta") {
            has_meta = true;
        } else if (std::find(pg_tables.begin(), pg_tables.end(), name) != pg_tables.end()) {
            other = name;
        }
    }
    error const foreign{.code = errc::foreign_file,
                        .field = "schema " + schema,
                        .saw = "a table " + (has_meta ? "meta" : other) + " that is not patron's",
                        .remedy = "name another schema in the options",
                        .source = shown};
    if (!has_meta) {
        if (!other.empty()) return foreign;
        return std::size_t{0};
    }
    auto const whose = s.run(whose_sql);
    if (!whose) {
        if (s.met() == trouble::refused) return foreign;
        return whose.error();
    }
    std::string application;
    std::string format;
    for (int i = 0; i < whose.value().rows(); ++i) {
        (whose.value().bytes(i, 0) == "format" ? format : application) = whose.value().bytes(i, 1);
    }
    if (application != "patron" || format.empty() || format.size() > 6 ||
        format.find_first_not_of("0123456789") != std::string::npos) {
        return foreign;
    }
    auto const number = static_cast<std::size_t>(std::stoul(format));
    if (number > pg_migrations.size()) {
        return error{.code = errc::newer_format,
                     .field = "schema " + schema,
                     .saw = "format " + format,
                     .remedy = "open it with the release that wrote it, or a later one; this one reads up to format " +
                               std::to_string(pg_migrations.size()),
                     .source = shown};
    }
    return number;
}

inline result<void> migrate(session& s, std::string const& schema, std::string const& shown) {
    auto const format = format_of(s, schema, shown);
    if (!format) return format.error();
    if (format.value() == pg_migrations.size()) return {};
    auto const all = [&]() -> result<void> {
        if (auto const r = s.script("BEGIN"); !r) return r.error();
        // several processes may open a new book at once
        auto const key = stable_hash("patron.migrate." + schema);
        if (auto const r = s.run(one_at_a_time_sql, params{}.bigint(key)); !r) return r.error();
        if (auto const r = s.run(has_schema_sql, params{}.bytes(schema)); !r) {
            return r.error();
        } else if (r.value().rows() == 0) {
            if (auto const made = s.script(("CREATE SCHEMA \"" + schema + '"').c_str()); !made) return made.error();
        }
        auto const now = format_of(s, schema, shown);
        if (!now) return now.error();
        for (auto i = now.value(); i < pg_migrations.size(); ++i) {
            if (auto const r = s.script(pg_migrations[i]); !r) return r.error();
        }
        if (auto const r = s.run(new_format_sql, params{}.bytes(std::to_string(pg_migrations.size()))); !r) {
            return r.error();
        }
        if (auto const r = s.script("COMMIT"); !r) return r.error();
        return {};
    };
    auto const done = all();
    if (!done && s.connected()) (void)s.script("ROLLBACK");
    return done;
}

}  // namespace patron::store_detail
