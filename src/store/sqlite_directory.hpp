#pragma once
// Where a customer's and a slot's entries stand in the journal. An index that each fact is written into would cost more
// than the fact. So the newest are found by memory alone, and now and then written as one sorted run; runs of a size are
// merged into a larger one, in the manner of an LSM tree. All of it is derived from the journal.
#include <patron/engine/event_store.hpp>

#include "journal_body.hpp"
#include "sqlite_database.hpp"
#include "sqlite_internals.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patron::store_detail {

/// One entry: its slot and its customer's hash as `key_of` has them, and its number over the whole journal, from 1 on.
struct directory_pair {
    std::uint64_t key{};
    std::uint64_t position{};

    friend auto operator<=>(directory_pair const&, directory_pair const&) = default;
};

inline constexpr std::uint64_t directory_hash_bits = (std::uint64_t{1} << 54U) - 1;
inline constexpr std::uint64_t key_of_book = ~std::uint64_t{0};

/// The slot in the ten high bits, the customer's hash in the others. A slot's own entries are under hash 0 and the
/// book's under the highest key of all, which no customer has.
[[nodiscard]] inline std::uint64_t key_of(std::uint16_t slot, std::string_view customer) noexcept {
    if (slot == book_slot) return key_of_book;
    auto const high = std::uint64_t{slot} << 54U;
    if (customer.empty()) return high;
    return high | std::clamp<std::uint64_t>(stable_hash(customer) & directory_hash_bits, 1, directory_hash_bits - 1);
}
struct key_range {
    std::uint64_t first;
    std::uint64_t last;
};
[[nodiscard]] inline key_range keys_of_slot(std::uint16_t slot) noexcept {
    if (slot == book_slot) return {key_of_book, key_of_book};
    auto const high = std::uint64_t{slot} << 54U;
    return {high, high | (directory_hash_bits - 1)};
}

/// A key as SQLite orders it, whose integers have a sign.
[[nodiscard]] inline std::int64_t stored_key(std::uint64_t key) noexcept {
    return static_cast<std::int64_t>(key ^ (std::uint64_t{1} << 63U));
}

/// What the journal holds up to some entry.
struct journal_mark {
    slot_versions versions{};
    std::uint64_t decisions = 0;
};
inline constexpr std::size_t mark_size = (slots_in_all + 1) * sizeof(std::uint64_t);
[[nodiscard]] inline std::string mark_bytes(journal_mark const& m) {
    std::string out(mark_size, '\0');
    for (std::uint16_t s = 0; s < slots_in_all; ++s)
        put_fixed(out.data() + s * sizeof(std::uint64_t), m.versions.of(s));
    put_fixed(out.data() + slots_in_all * sizeof(std::uint64_t), m.decisions);
    return out;
}
[[nodiscard]] inline std::optional<journal_mark> read_mark(std::string_view bytes, std::int64_t seal) {
    if (bytes.size() != mark_size || static_cast<std::int64_t>(stable_hash(bytes)) != seal) return {};
    journal_mark m;
    for (std::uint16_t s = 0; s < slots_in_all; ++s) {
        m.versions.of(s) = get_fixed<std::uint64_t>(bytes.data() + s * sizeof(std::uint64_t));
    }
    m.decisions = get_fixed<std::uint64_t>(bytes.data() + slots_in_all * sizeof(std::uint64_t));
    return m;
}

inline constexpr std::size_t pair_size = 2 * sizeof(std::uint64_t);
/// Notices what a disk or a stray hand changes in a piece; who means harm is caught by `verify`.
[[nodiscard]] inline std::int64_t seal_of_piece(std::int64_t run, std::string_view pairs) noexcept {
    return static_cast<std::int64_t>(stable_hash(pairs) + static_cast<std::uint64_t>(run) * 0x9E37'79B9'7F4A'7C15U);
}
[[nodiscard]] inline directory_pair pair_at(std::string_view pairs, std::size_t i) noexcept {
    auto const* const at = pairs.data() + i * pair_size;
    return {get_fixed<std::uint64_t>(at), get_fixed<std::uint64_t>(at + sizeof(std::uint64_t))};
}

struct directory_run {
    std::int64_t number = 0;
    int level = 0;
    std::uint64_t first = 0;  ///< positions: a run holds all of them
    std::uint64_t last = 0;
    std::shared_ptr<journal_mark const> end{};  ///< as of `last`
};

/// The newest pairs, not in a run yet.
class directory_tail {
public:
    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
    void add(std::uint64_t key, std::uint64_t position) { pairs_.push_back({key, position}); }
    void clear() noexcept {
        pairs_.clear();
        sorted_ = 0;
    }
    void drop_up_to(std::uint64_t position) {
        sort();
        std::erase_if(pairs_, [&](directory_pair const& p) { return p.position <= position; });
        sorted_ = pairs_.size();
    }
    /// Appends the positions with a key in the range, in no order.
    void find(key_range keys, std::vector<std::uint64_t>& out) {
        constexpr std::size_t scanned = 512;  // fewer than this are sooner looked through than sorted
        if (pairs_.size() - sorted_ > scanned) sort();
        auto const sorted_end = pairs_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        auto at = std::lower_bound(pairs_.begin(), sorted_end, directory_pair{keys.first, 0});
        for (; at != sorted_end && at->key <= keys.last; ++at) out.push_back(at->position);
        for (at = sorted_end; at != pairs_.end(); ++at) {
            if (at->key >= keys.first && at->key <= keys.last) out.push_back(at->position);
        }
    }
    [[nodiscard]] std::vector<directory_pair> const& sorted() {
        sort();
        return pairs_;
    }

private:
    void sort() {
        if (sorted_ == pairs_.size()) return;
        auto const middle = pairs_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        if (static_cast<std::size_t>(pairs_.end() - middle) > 4'096) {
            sort_by_digits(sorted_);
        } else {
            std::sort(middle, pairs_.end());
        }
        std::inplace_merge(pairs_.begin(), middle, pairs_.end());
        sorted_ = pairs_.size();
    }
    /// By the key's 22 high bits, in two passes that keep the order; what they leave is short, or sorted in full.
    void sort_by_digits(std::size_t from) {
        constexpr unsigned bits = 11;
        constexpr std::size_t digits = std::size_t{1} << bits;
        spare_.resize(pairs_.size() - from);
        auto* const begin = pairs_.data() + from;
        auto* source = begin;
        auto* target = spare_.data();
        for (unsigned const shift : {64 - 2 * bits, 64 - bits}) {
            std::array<std::uint32_t, digits> starts{};
            for (std::size_t i = 0; i < spare_.size(); ++i) ++starts[source[i].key >> shift & (digits - 1)];
            std::uint32_t sum = 0;
            for (auto& s : starts) s = std::exchange(sum, sum + s);
            for (std::size_t i = 0; i < spare_.size(); ++i) {
                target[starts[source[i].key >> shift & (digits - 1)]++] = source[i];
            }
            std::swap(source, target);
        }
        constexpr auto bucket_of = [](directory_pair const& p) { return p.key >> (64 - 2 * bits); };
        for (auto* at = begin; at != begin + spare_.size();) {
            auto* end = at + 1;
            while (end != begin + spare_.size() && bucket_of(*end) == bucket_of(*at)) ++end;
            if (end - at > 1) std::sort(at, end);
            at = end;
        }
    }

    std::vector<directory_pair> pairs_;
    std::vector<directory_pair> spare_;
    std::size_t sorted_ = 0;  ///< how many from the front are in order
};

/// Cuts pairs, as they come in order, into the pieces of a run.
class run_writer {
public:
    run_writer(database& d, prepared& insert, std::int64_t run, std::size_t piece_pairs)
        : database_{d}, insert_{insert}, run_{run}, most_{piece_pairs * pair_size} {
        bytes_.reserve(most_);
    }
    result<void> add(directory_pair p) {
        char bytes[pair_size];
        put_fixed(bytes, p.key);
        put_fixed(bytes + sizeof p.key, p.position);
        bytes_.append(bytes, sizeof bytes);
        return bytes_.size() < most_ ? result<void>{} : write();
    }
    result<void> end() { return bytes_.empty() ? result<void>{} : write(); }

private:
    result<void> write() {
        auto const first = pair_at(bytes_, 0);
        auto const done =
            query{database_, insert_}
                .with(run_, stored_key(first.key), first.position, blob(bytes_), seal_of_piece(run_, bytes_))
                .done();
        bytes_.clear();
        return done;
    }

    database& database_;
    prepared& insert_;
    std::int64_t run_;
    std::size_t most_;
    std::string bytes_;
};

/// Reads the pieces of a run, in order.
class run_reader {
public:
    run_reader(database& d, std::int64_t run)
        : database_{d},
          query_{d,
                 "SELECT first_key, first_position, pairs, seal FROM directory_piece WHERE run = ?1 "
                 "ORDER BY first_key, first_position"},
          run_{run} {
        query_.with(run);
    }
    /// Goes to the next piece; false behind the last. Errors: errc::damaged.
    result<bool> next_piece() {
        auto const more = query_.next();
        if (!more || !more.value()) return more;
        pairs_ = query_.bytes(2);
        at_ = 0;
        if (!sound_piece(run_, query_, pairs_)) return damage(database_, run_);
        return true;
    }
    /// What `next_piece` went to. Precondition: it went to one.
    [[nodiscard]] std::string_view pairs() const noexcept { return pairs_; }
    [[nodiscard]] bool at_end_of_piece() const noexcept { return at_ == pairs_.size() / pair_size; }
    [[nodiscard]] directory_pair pair() const noexcept { return pair_at(pairs_, at_); }
    void step() noexcept { ++at_; }

    /// Columns: first_key, first_position, pairs, seal.
    static bool sound_piece(std::int64_t run, query const& q, std::string_view pairs) noexcept {
        return !pairs.empty() && pairs.size() % pair_size == 0 && q.number(3) == seal_of_piece(run, pairs) &&
               q.number(0) == stored_key(pair_at(pairs, 0).key) && q.natural(1) == pair_at(pairs, 0).position;
    }
    static error damage(database const& d, std::int64_t run) {
        return d.damaged("directory, run " + std::to_string(run), "a piece that is not what was written",
                         "the journal has it all: rebuild_directory makes it anew");
    }

private:
    database& database_;
    query query_;
    std::int64_t run_;
    std::string_view pairs_{};
    std::size_t at_ = 0;
};

class directory {
public:
    static constexpr char const* tables =
        "CREATE TABLE directory_run(run INTEGER PRIMARY KEY, level INTEGER NOT NULL, first INTEGER NOT NULL, "
        "last INTEGER NOT NULL);"
        "CREATE TABLE directory_piece(run INTEGER NOT NULL, first_key INTEGER NOT NULL, first_position INTEGER NOT "
        "NULL, "
        "pairs BLOB NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY(run, first_key, first_position)) WITHOUT ROWID;"
        "CREATE TABLE directory_mark(position INTEGER PRIMARY KEY, seal INTEGER NOT NULL, held BLOB NOT NULL);";

    directory(database& d, sqlite_internals const& sizes) : database_{d}, sizes_{sizes} {}

    [[nodiscard]] std::vector<directory_run> const& runs() const noexcept { return runs_; }
    [[nodiscard]] directory_tail& tail() noexcept { return tail_; }
    /// The last position that is in a run.
    [[nodiscard]] std::uint64_t written() const noexcept { return runs_.empty() ? 0 : runs_.back().last; }
    void forget() {
        runs_.clear();
        tail_.clear();
    }

    /// Reads what runs there are. Errors: errc::damaged when they do not follow each other.
    result<void> load() {
        std::vector<directory_run> found;
        query q{database_, load_};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) break;
            directory_run run{q.number(0), static_cast<int>(q.number(1)), q.natural(2), q.natural(3)};
            auto const expected = found.empty() ? 1 : found.back().last + 1;
            if (run.first != expected || run.last < run.first) {
                return database_.damaged(
                    "directory, run " + std::to_string(run.number),
                    "entries from " + std::to_string(run.first) + " on, not from " + std::to_string(expected),
                    "the journal has it all: rebuild_directory makes it anew");
            }
            found.push_back(std::move(run));
        }
        auto known = runs_.begin();
        for (auto& run : found) {
            while (known != runs_.end() && known->last < run.last) ++known;
            if (known != runs_.end() && known->last == run.last) {
                run.end = known->end;
                continue;
            }
            auto mark = mark_at(run.last);
            if (!mark) return mark.error();
            run.end = std::make_shared<journal_mark const>(mark.value());
        }
        runs_ = std::move(found);
        return {};
    }

    /// What the journal held up to that position, of those that are kept. Errors: errc::damaged.
    result<journal_mark> mark_at(std::uint64_t position) {
        query q{database_, mark_};
        auto const more = q.with(position).next();
        if (!more) return more.error();
        auto const mark = more.value() ? read_mark(q.bytes(1), q.number(0)) : std::nullopt;
        if (mark) return *mark;
        return database_.damaged("directory, mark of entry " + std::to_string(position),
                                 more.value() ? "other bytes than were written" : "nothing",
                                 "the journal has it all: rebuild_directory makes it anew");
    }
    result<std::vector<std::uint64_t>> marks() {
        std::vector<std::uint64_t> out;
        query q{database_, marks_};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return out;
            out.push_back(q.natural(0));
        }
    }

    /// Appends the positions with a key in the range from the runs behind the first `skipped` and from memory: sorted.
    result<void> find(key_range keys, std::size_t skipped, std::vector<std::uint64_t>& out) {
        auto const before = static_cast<std::ptrdiff_t>(out.size());
        for (auto i = skipped; i < runs_.size(); ++i) {
            query q{database_, find_};
            q.with(runs_[i].number, stored_key(keys.first), stored_key(keys.last));
            for (;;) {
                auto const more = q.next();
                if (!more) return more.error();
                if (!more.value()) break;
                auto const pairs = q.bytes(2);
                if (!run_reader::sound_piece(runs_[i].number, q, pairs)) {
                    return run_reader::damage(database_, runs_[i].number);
                }
                auto at = lower_bound(pairs, keys.first);
                for (; at < pairs.size() / pair_size; ++at) {
                    auto const p = pair_at(pairs, at);
                    if (p.key > keys.last) break;
                    out.push_back(p.position);
                }
            }
        }
        tail_.find(keys, out);
        std::sort(out.begin() + before, out.end());
        return {};
    }

    /// Writes the pairs in memory as a run that ends with what the journal holds now, and merges what has become many.
    result<void> write_run(std::uint64_t last, journal_mark const& now) {
        if (tail_.size() == 0) return {};
        directory_run run{next_number(), 0, written() + 1, last, std::make_shared<journal_mark const>(now)};
        run_writer writer{database_, insert_piece_, run.number, sizes_.piece_pairs};
        for (auto const& p : tail_.sorted()) {
            if (auto const done = writer.add(p); !done) return done;
        }
        if (auto const done = writer.end(); !done) return done;
        auto const mark = mark_bytes(now);
        if (auto const done = query{database_, insert_mark_}
                                  .with(last, static_cast<std::int64_t>(stable_hash(mark)), blob(mark))
                                  .done();
            !done) {
            return done;
        }
        if (auto const done = insert(run); !done) return done;
        tail_.clear();
        runs_.push_back(std::move(run));
        return merge();
    }

    /// Forgets all that is written.
    result<void> clear() {
        forget();
        return database_.run("DELETE FROM directory_piece; DELETE FROM directory_run; DELETE FROM directory_mark",
                             "rebuild_directory");
    }

private:
    static std::size_t lower_bound(std::string_view pairs, std::uint64_t key) noexcept {
        std::size_t low = 0;
        for (auto high = pairs.size() / pair_size; low < high;) {
            auto const middle = (low + high) / 2;
            if (pair_at(pairs, middle).key < key) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    [[nodiscard]] std::int64_t next_number() const noexcept {
        std::int64_t most = 0;
        for (auto const& r : runs_) most = std::max(most, r.number);
        return most + 1;
    }
    result<void> insert(directory_run const& r) {
        return query{database_, insert_run_}.with(r.number, r.level, r.first, r.last).done();
    }

    /// While the newest runs of a level are as many as are merged: makes one of the next level of them.
    result<void> merge() {
        for (;;) {
            auto const level = runs_.back().level;
            auto const first =
                std::find_if(runs_.begin(), runs_.end(), [&](auto const& r) { return r.level <= level; });
            auto const count = static_cast<std::size_t>(runs_.end() - first);
            if (level >= sizes_.last_level || count < sizes_.merged_runs) return {};
            auto const merged = merge_from(static_cast<std::size_t>(first - runs_.begin()));
            if (!merged) return merged;
        }
    }

    result<void> merge_from(std::size_t from) {
        directory_run whole{next_number(), runs_.back().level + 1, runs_[from].first, runs_.back().last,
                            runs_.back().end};
        std::deque<run_reader> readers;
        std::vector<run_reader*> open;  // in the order of their runs, which is that of positions
        for (auto i = from; i < runs_.size(); ++i) {
            auto& reader = readers.emplace_back(database_, runs_[i].number);
            auto const some = reader.next_piece();
            if (!some) return some.error();
            if (some.value()) open.push_back(&reader);
        }
        run_writer writer{database_, insert_piece_, whole.number, sizes_.piece_pairs};
        while (!open.empty()) {
            std::size_t least = 0;
            for (std::size_t i = 1; i < open.size(); ++i) {
                if (open[i]->pair().key < open[least]->pair().key) least = i;
            }
            auto& reader = *open[least];
            if (auto const done = writer.add(reader.pair()); !done) return done;
            reader.step();
            if (!reader.at_end_of_piece()) continue;
            auto const more = reader.next_piece();
            if (!more) return more.error();
            if (!more.value()) open.erase(open.begin() + static_cast<std::ptrdiff_t>(least));
        }
        readers.clear();
        if (auto const done = writer.end(); !done) return done;
        for (auto i = from; i < runs_.size(); ++i) {
            if (auto const done = query{database_, delete_pieces_}.with(runs_[i].number).done(); !done) return done;
            if (auto const done = query{database_, delete_run_}.with(runs_[i].number).done(); !done) return done;
        }
        if (auto const done = insert(whole); !done) return done;
        runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(from), runs_.end());
        runs_.push_back(std::move(whole));
        return {};
    }

    database& database_;
    sqlite_internals const& sizes_;
    std::vector<directory_run> runs_;  ///< by position
    directory_tail tail_;

    prepared load_{"SELECT run, level, first, last FROM directory_run ORDER BY first"};
    prepared mark_{"SELECT seal, held FROM directory_mark WHERE position = ?1"};
    prepared marks_{"SELECT position FROM directory_mark ORDER BY position"};
    // from the last piece that begins before the range: a key may begin in the middle of it
    prepared find_{
        "SELECT first_key, first_position, pairs, seal FROM directory_piece WHERE run = ?1 AND first_key <= ?3 AND "
        "first_key >= coalesce((SELECT first_key FROM directory_piece WHERE run = ?1 AND first_key < ?2 "
        "ORDER BY first_key DESC LIMIT 1), ?2) ORDER BY first_key, first_position"};
    prepared insert_piece_{"INSERT INTO directory_piece VALUES(?1, ?2, ?3, ?4, ?5)"};
    prepared insert_run_{"INSERT INTO directory_run VALUES(?1, ?2, ?3, ?4)"};
    prepared insert_mark_{"INSERT INTO directory_mark VALUES(?1, ?2, ?3)"};
    prepared delete_pieces_{"DELETE FROM directory_piece WHERE run = ?1"};
    prepared delete_run_{"DELETE FROM directory_run WHERE run = ?1"};
};

}  // namespace patron::store_detail
