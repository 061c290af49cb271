#pragma once
// The rows of a journal: entries in the order in which they were appended, each row chained to the one before.
#include "digest.hpp"
#include "journal_body.hpp"
#include "sqlite_database.hpp"

#include <functional>
#include <memory>
#include <string>

namespace patron::store_detail {

inline constexpr char const* journal_tables =
    // the digest stands before the body, so that the chain is read without it
    "CREATE TABLE journal(position INTEGER PRIMARY KEY, digest BLOB NOT NULL, body BLOB NOT NULL);"
    // a row for each of the journal's that has decisions: the number of its first one, and where it is
    "CREATE TABLE outbox(position INTEGER PRIMARY KEY, entry INTEGER NOT NULL);";

[[nodiscard]] inline digest digest_of_row(std::string_view before, std::uint64_t position, std::string_view body) {
    char number[sizeof position];
    put_fixed(number, position);
    return digest_of({before, {number, sizeof number}, body});
}

/// A row that was checked.
struct journal_row {
    std::uint64_t position = 0;  ///< of its first entry
    std::uint64_t count = 0;
    digest chained{};
    std::string body{};

    [[nodiscard]] bool holds(std::uint64_t at) const noexcept { return at >= position && at - position < count; }
};

[[nodiscard]] inline error damaged_row(database const& d, std::uint64_t position, std::string saw) {
    return d.damaged("journal, row of entry " + std::to_string(position), std::move(saw));
}

class journal {
public:
    explicit journal(database& d) : database_{d} {}

    result<void> insert(std::uint64_t position, digest const& chained, std::string_view body) {
        return query{database_, insert_}.with(position, blob(view_of(chained)), blob(body)).done();
    }
    result<void> insert_outbox(std::uint64_t decision, std::uint64_t row) {
        return query{database_, insert_outbox_}.with(decision, row).done();
    }

    /// The row that holds the entry; it stays as long as it is held. Errors: errc::damaged.
    result<std::shared_ptr<journal_row const>> row_of(std::uint64_t entry) {
        if (last_ && last_->holds(entry)) return last_;
        auto row = std::make_shared<journal_row>();
        {
            query q{database_, row_};
            auto const found = q.with(entry).next();
            if (!found) return found.error();
            if (!found.value()) return damaged_row(database_, entry, "nothing");
            row->position = q.natural(0);
            auto const chained = q.bytes(1);
            if (chained.size() != row->chained.size()) return damaged_row(database_, row->position, "no digest");
            std::copy(chained.begin(), chained.end(), row->chained.begin());
            row->body = q.bytes(2);
        }
        auto const before = digest_before(row->position);
        if (!before) return before.error();
        row->count = body_reader{row->body}.count();
        if (digest_of_row(view_of(before.value()), row->position, row->body) != row->chained || !row->holds(entry)) {
            return damaged_row(database_, row->position, "other bytes than were written");
        }
        last_ = row;
        return last_;
    }
    /// What was read belongs to a transaction that is undone.
    void forget() noexcept { last_.reset(); }

    /// The digest that the row at `position` is chained to.
    result<digest> digest_before(std::uint64_t position) {
        digest out{};
        query q{database_, digest_};
        auto const found = q.with(position).next();
        if (!found) return found.error();
        if (!found.value()) return out;
        auto const chained = q.bytes(0);
        if (chained.size() != out.size()) return damaged_row(database_, position, "no digest in the row before");
        std::copy(chained.begin(), chained.end(), out.begin());
        return out;
    }

    /// Reads the rows from the one that begins at `from` to the end; `each(position, digest, body)` has them checked,
    /// and ends the reading with an error or with false.
    template <class Each>
    result<void> scan(std::uint64_t from, Each&& each) {
        auto before = digest_before(from);
        if (!before) return before.error();
        auto expected = from;
        query q{database_, "SELECT position, digest, body FROM journal WHERE position >= ?1 ORDER BY position"};
        q.with(from);
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return {};
            auto const position = q.natural(0);
            auto const chained = q.bytes(1);
            auto const body = q.bytes(2);
            if (position != expected) {
                return damaged_row(database_, expected, "the next row is of entry " + std::to_string(position));
            }
            auto const right = digest_of_row(view_of(before.value()), position, body);
            if (view_of(right) != chained) return damaged_row(database_, position, "other bytes than were written");
            before = right;
            expected += body_reader{body}.count();
            result<bool> const on = each(position, right, body);
            if (!on) return on.error();
            if (!on.value()) return {};
        }
    }

    /// Of the last row; 0 where there is none.
    result<std::uint64_t> last_position() {
        query q{database_, last_row_};
        auto const found = q.next();
        if (!found) return found.error();
        return found.value() ? q.natural(0) : std::uint64_t{0};
    }

private:
    database& database_;
    std::shared_ptr<journal_row const> last_;  // entries are often read one after the other

    prepared insert_{"INSERT INTO journal VALUES(?1, ?2, ?3)"};
    prepared insert_outbox_{"INSERT INTO outbox VALUES(?1, ?2)"};
    prepared row_{"SELECT position, digest, body FROM journal WHERE position <= ?1 ORDER BY position DESC LIMIT 1"};
    prepared digest_{"SELECT digest FROM journal WHERE position < ?1 ORDER BY position DESC LIMIT 1"};
    prepared last_row_{"SELECT position FROM journal ORDER BY position DESC LIMIT 1"};
};

/// Reads entries by ascending position, each row once.
class entry_cursor {
public:
    explicit entry_cursor(journal& j) noexcept : journal_{j} {}

    /// Precondition: `position` is behind that of the last call.
    result<journal_entry> at(std::uint64_t position) {
        if (!row_ || !row_->holds(position)) {
            auto row = journal_.row_of(position);
            if (!row) return row.error();
            row_ = std::move(row.value());
            reader_ = body_reader{row_->body};
            next_ = row_->position;
        }
        journal_entry e;
        do {
            if (!reader_.next(e)) {
                return error{.code = errc::damaged,
                             .field = "journal, entry " + std::to_string(next_),
                             .saw = "bytes that are no entry",
                             .remedy = "put back a backup; verify tells what else is wrong"};
            }
        } while (next_++ != position);
        return e;
    }

private:
    journal& journal_;
    std::shared_ptr<journal_row const> row_;
    body_reader reader_;
    std::uint64_t next_ = 0;
};

}  // namespace patron::store_detail
