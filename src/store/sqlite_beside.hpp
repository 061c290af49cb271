#pragma once
// What stands beside the journal, in no chain: notes, rulebooks, personal texts, which can be erased. Each row is sealed
// by itself, so that a damaged one is not taken for what was written.
#include <patron/base/hash.hpp>

#include "digest.hpp"
#include "journal_body.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace patron::store_detail {

inline constexpr char const* tables_beside =
    "CREATE TABLE note(name TEXT PRIMARY KEY, value TEXT NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE rulebook(number INTEGER PRIMARY KEY, version TEXT NOT NULL, text TEXT NOT NULL, digest BLOB NOT "
    "NULL);"
    "CREATE TABLE personal(customer TEXT NOT NULL, pseudonym TEXT NOT NULL, text TEXT NOT NULL, "
    "seal INTEGER NOT NULL, PRIMARY KEY(customer, pseudonym)) WITHOUT ROWID;";

/// Of a row's texts, each as long as it is. Notices what a disk does, not who means harm.
[[nodiscard]] inline std::int64_t seal_of_row(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (auto const text : texts) {
        append_fixed(all, static_cast<std::uint64_t>(text.size()));
        all += text;
    }
    return static_cast<std::int64_t>(stable_hash(all));
}

[[nodiscard]] inline digest digest_of_rulebook(std::uint32_t number, std::string_view version, std::string_view text) {
    std::string head;
    append_fixed(head, number);
    append_fixed(head, static_cast<std::uint64_t>(version.size()));
    return digest_of({head, version, text});
}

}  // namespace patron::store_detail
