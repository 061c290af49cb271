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

/// What is looked for: the slot in the ten high bits, then bits of the customer's hash. They are few, so that a pair is
/// one number: who finds another customer's entry passes over it, in a store of a hundred million customers every
/// fortieth time.
using directory_key = std::uint32_t;
inline constexpr unsigned directory_hash_size = 22;
inline constexpr directory_key directory_hash_bits = (directory_key{1} << directory_hash_size) - 1;
inline constexpr directory_key key_of_book = ~directory_key{0};

/// A slot's own entries are under hash 0 and the book's under the highest key of all, which no customer has.
[[nodiscard]] inline directory_key key_of(std::uint16_t slot, std::string_view customer) noexcept {
    if (slot == book_slot) return key_of_book;
    auto const high = static_cast<directory_key>(slot) << directory_hash_size;
    if (customer.empty()) return high;
    auto const hash = static_cast<directory_key>(stable_hash(customer) >> (54U - directory_hash_size));
    return high | std::clamp<directory_key>(hash & directory_hash_bits, 1, directory_hash_bits - 1);
}
struct key_range {
    directory_key first;
    directory_key last;
};
[[nodiscard]] inline key_range keys_of_slot(std::uint16_t slot) noexcept {
    if (slot == book_slot) return {key_of_book, key_of_book};
    auto const high = static_cast<directory_key>(slot) << directory_hash_size;
    return {high, high | (directory_hash_bits - 1)};
}

/// One entry: its key, and in the low bits where it stands, counted from where its run begins.
using directory_pair = std::uint64_t;
inline constexpr std::uint64_t most_in_run = std::uint64_t{1} << 32U;
[[nodiscard]] constexpr directory_pair pair_of(directory_key key, std::uint64_t offset) noexcept {
    return std::uint64_t{key} << 32U | offset;
}
[[nodiscard]] constexpr directory_key key_in(directory_pair p) noexcept { return static_cast<directory_key>(p >> 32U); }
[[nodiscard]] constexpr std::uint64_t offset_in(directory_pair p) noexcept { return p & (most_in_run - 1); }

/// A pair as SQLite orders it, whose integers have a sign.
[[nodiscard]] inline std::int64_t stored_pair(directory_pair p) noexcept {
    return static_cast<std::int64_t>(p ^ (std::uint64_t{1} << 63U));
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

inline constexpr std::size_t pair_size = sizeof(directory_pair);
/// Notices what a disk or a stray hand changes in a piece; who means harm is caught by `verify`.
[[nodiscard]] inline std::int64_t seal_of_piece(std::int64_t run, std::string_view pairs) noexcept {
    return static_cast<std::int64_t>(stable_hash(pairs) + static_cast<std::uint64_t>(run) * 0x9E37'79B9'7F4A'7C15U);
}
[[nodiscard]] inline directory_pair pair_at(std::string_view pairs, std::size_t i) noexcept {
    return get_fixed<directory_pair>(pairs.data() + i * pair_size);
}

struct directory_run {
    std::int64_t number = 0;
    int level = 0;
    std::uint64_t first = 0;  ///< positions: a run holds all of them
    std::uint64_t last = 0;
    std::int64_t pieces = 0;                    ///< numbered from 0 on, in order
    std::shared_ptr<journal_mark const> end{};  ///< as of `last`
};

/// The newest pairs, not in a run yet.
class directory_tail {
public:
    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
    /// Precondition: `position` is one more than the last time, if there was one.
    void add(directory_key key, std::uint64_t position) {
        if (pairs_.empty()) first_ = position;
        pairs_.push_back(pair_of(key, position - first_));
    }
    void clear() noexcept {
        pairs_.clear();
        sorted_ = 0;
    }
    void drop_up_to(std::uint64_t position) {
        if (pairs_.empty() || position < first_) return;
        sort();
        auto const dropped = position + 1 - first_;
        std::erase_if(pairs_, [&](directory_pair p) { return offset_in(p) < dropped; });
        for (auto& p : pairs_) p -= dropped;
        first_ += dropped;
        sorted_ = pairs_.size();
    }
    /// Appends the positions with a key in the range, in no order.
    void find(key_range keys, std::vector<std::uint64_t>& out) {
        constexpr std::size_t scanned = 512;  // fewer than this are sooner looked through than sorted
        if (pairs_.size() - sorted_ > scanned) sort();
        auto const sorted_end = pairs_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        auto at = std::lower_bound(pairs_.begin(), sorted_end, pair_of(keys.first, 0));
        for (; at != sorted_end && key_in(*at) <= keys.last; ++at) out.push_back(first_ + offset_in(*at));
        for (at = sorted_end; at != pairs_.end(); ++at) {
            if (key_in(*at) >= keys.first && key_in(*at) <= keys.last) out.push_back(first_ + offset_in(*at));
        }
    }
    [[nodiscard]] std::vector<directory_pair> const& sorted() {
        sort();
        return pairs_;
    }

private:
    void sort() {
        auto const from_middle = [&] { return pairs_.begin() + static_cast<std::ptrdiff_t>(sorted_); };
        if (pairs_.size() - sorted_ > 4'096) {
            sort_by_key(sorted_);
        } else {
            std::sort(from_middle(), pairs_.end());
        }
        if (sorted_ > 0) std::inplace_merge(pairs_.begin(), from_middle(), pairs_.end());
        sorted_ = pairs_.size();
    }
    /// Digit by digit, each pass in the order that the one before has left: they came in the order of their offsets.
    /// Iterators into `pairs_` do not outlive it.
    void sort_by_key(std::size_t from) {
        constexpr unsigned digit_bits = 11;
        constexpr std::size_t digits = std::size_t{1} << digit_bits;
        constexpr std::array<unsigned, 3> shifts{32, 32 + digit_bits, 32 + 2 * digit_bits};
        std::array<std::array<std::uint32_t, digits>, shifts.size()> starts{};
        for (auto i = from; i < pairs_.size(); ++i) {
            for (std::size_t d = 0; d < shifts.size(); ++d) ++starts[d][pairs_[i] >> shifts[d] & (digits - 1)];
        }
        spare_.resize(pairs_.size());
        auto* source = pairs_.data() + from;
        auto* target = spare_.data() + from;
        auto const count = pairs_.size() - from;
        for (std::size_t d = 0; d < shifts.size(); ++d) {
            std::uint32_t sum = 0;
            for (auto& s : starts[d]) sum += std::exchange(s, sum);
            for (std::size_t i = 0; i < count; ++i) {
                target[starts[d][source[i] >> shifts[d] & (digits - 1)]++] = source[i];
            }
            std::swap(source, target);
        }
        static_assert(shifts.size() % 2 == 1);  // so that it ends in the spare
        std::copy(pairs_.begin(), pairs_.begin() + static_cast<std::ptrdiff_t>(from), spare_.begin());
        pairs_.swap(spare_);
    }

    std::vector<directory_pair> pairs_;
    std::vector<directory_pair> spare_;
    std::uint64_t first_ = 0;  ///< position that offset 0 stands for
    std::size_t sorted_ = 0;   ///< how many from the front are in order
};

/// Pieces of a run stand behind those of the runs before: SQLite fills its pages best from one end.
inline constexpr unsigned piece_number_bits = 24;
[[nodiscard]] constexpr std::int64_t piece_id(std::int64_t run, std::int64_t piece) noexcept {
    return (run << piece_number_bits) + piece;
}

/// Cuts pairs, as they come in order, into the pieces of a run.
class run_writer {
public:
    run_writer(database& d, prepared& insert, std::int64_t run, std::size_t piece_pairs)
        : database_{d}, insert_{insert}, run_{run}, bytes_(piece_pairs * pair_size, '\0') {}
    /// Whether a piece is full then, and `write` has to follow.
    [[nodiscard]] bool add(directory_pair p) noexcept {
        put_fixed(bytes_.data() + used_, p);
        used_ += pair_size;
        return used_ == bytes_.size();
    }
    result<void> write() {
        auto const pairs = std::string_view{bytes_}.substr(0, used_);
        used_ = 0;
        return query{database_, insert_}
            .with(piece_id(run_, pieces_++), stored_pair(pair_at(pairs, 0)), seal_of_piece(run_, pairs), blob(pairs))
            .done();
    }
    result<void> end() { return used_ == 0 ? result<void>{} : write(); }
    [[nodiscard]] std::int64_t pieces() const noexcept { return pieces_; }

private:
    database& database_;
    prepared& insert_;
    std::int64_t run_;
    std::string bytes_;
    std::size_t used_ = 0;
    std::int64_t pieces_ = 0;
};

/// Reads the pieces of a run, in order.
class run_reader {
public:
    /// From that piece on.
    run_reader(database& d, std::int64_t run, std::int64_t piece = 0)
        : database_{d},
          query_{
              d,
              "SELECT first, seal, pairs, piece FROM directory_piece WHERE piece >= ?1 AND piece < ?2 ORDER BY piece"},
          run_{run},
          piece_{piece} {
        query_.with(piece_id(run, piece), piece_id(run + 1, 0));
    }
    run_reader(database& d, prepared& p, std::int64_t run, std::int64_t piece)
        : database_{d}, query_{d, p}, run_{run}, piece_{piece} {
        query_.with(piece_id(run, piece), piece_id(run + 1, 0));
    }
    /// Goes to the next piece; false behind the last. Errors: errc::damaged.
    result<bool> next_piece() {
        auto const more = query_.next();
        if (!more || !more.value()) return more;
        pairs_ = query_.bytes(2);
        at_ = 0;
        if (pairs_.empty() || pairs_.size() % pair_size != 0 || query_.number(1) != seal_of_piece(run_, pairs_) ||
            query_.number(3) != piece_id(run_, piece_) || query_.number(0) != stored_pair(pair_at(pairs_, 0))) {
            return damage(database_, run_);
        }
        ++piece_;
        return true;
    }
    /// How many pieces it has passed, counted from the run's first.
    [[nodiscard]] std::int64_t passed() const noexcept { return piece_; }
    /// What `next_piece` went to. Precondition: it went to one.
    [[nodiscard]] std::string_view pairs() const noexcept { return pairs_; }
    [[nodiscard]] bool at_end_of_piece() const noexcept { return at_ == pairs_.size() / pair_size; }
    [[nodiscard]] directory_pair pair() const noexcept { return pair_at(pairs_, at_); }
    void step() noexcept { ++at_; }

    static error damage(database const& d, std::int64_t run) {
        return d.damaged("directory, run " + std::to_string(run), "a piece that is not what was written",
                         "the journal has it all: rebuild_directory makes it anew");
    }

private:
    database& database_;
    query query_;
    std::int64_t run_;
    std::int64_t piece_;
    std::string_view pairs_{};
    std::size_t at_ = 0;
};

class directory {
public:
    static constexpr char const* tables =
        "CREATE TABLE directory_run(run INTEGER PRIMARY KEY, level INTEGER NOT NULL, first INTEGER NOT NULL, "
        "last INTEGER NOT NULL, pieces INTEGER NOT NULL);"
        "CREATE TABLE directory_piece(piece INTEGER PRIMARY KEY, first INTEGER NOT NULL, seal INTEGER NOT NULL, "
        "pairs BLOB NOT NULL);"
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
            directory_run run{q.number(0), static_cast<int>(q.number(1)), q.natural(2), q.natural(3), q.number(4)};
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
            auto const least = pair_of(keys.first, 0);
            auto const most = pair_of(keys.last, most_in_run - 1);
            auto const piece = last_piece_from(runs_[i], least);
            if (!piece) return piece.error();
            run_reader reader{database_, find_, runs_[i].number, piece.value()};
            for (bool all_seen = false; !all_seen;) {
                auto const more = reader.next_piece();
                if (!more) return more.error();
                if (!more.value()) {
                    if (reader.passed() != runs_[i].pieces) return run_reader::damage(database_, runs_[i].number);
                    break;
                }
                auto const pairs = reader.pairs();
                for (auto at = lower_bound(pairs, least); at < pairs.size() / pair_size; ++at) {
                    auto const p = pair_at(pairs, at);
                    all_seen = p > most;
                    if (all_seen) break;
                    out.push_back(runs_[i].first + offset_in(p));
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
        directory_run run{next_number(), 0, written() + 1, last, 0, std::make_shared<journal_mark const>(now)};
        run_writer writer{database_, insert_piece_, run.number, sizes_.piece_pairs};
        for (auto const p : tail_.sorted()) {
            if (!writer.add(p)) continue;
            if (auto const done = writer.write(); !done) return done;
        }
        if (auto const done = writer.end(); !done) return done;
        run.pieces = writer.pieces();
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
    static std::size_t lower_bound(std::string_view pairs, directory_pair least) noexcept {
        std::size_t low = 0;
        for (auto high = pairs.size() / pair_size; low < high;) {
            auto const middle = (low + high) / 2;
            if (pair_at(pairs, middle) < least) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// The piece that the pairs from `least` on begin in.
    result<std::int64_t> last_piece_from(directory_run const& run, directory_pair least) {
        std::int64_t low = 0;
        for (auto high = run.pieces; high - low > 1;) {
            auto const middle = low + (high - low) / 2;
            query q{database_, first_};
            auto const found = q.with(piece_id(run.number, middle)).next();
            if (!found) return found.error();
            if (!found.value()) return run_reader::damage(database_, run.number);
            if (q.number(0) <= stored_pair(least)) low = middle;
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
        return query{database_, insert_run_}.with(r.number, r.level, r.first, r.last, r.pieces).done();
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
        directory_run whole{next_number(),   runs_.back().level + 1, runs_[from].first, runs_.back().last, 0,
                            runs_.back().end};
        // the first pair of each that is left, as it will be: then the least of all is the next
        std::deque<run_reader> readers;
        std::vector<directory_pair> heads;
        std::vector<std::uint64_t> moves;  // what a run's offsets grow by
        constexpr auto at_end = ~directory_pair{0};
        static_assert(offset_in(at_end) == most_in_run - 1);  // no pair has it
        for (auto i = from; i < runs_.size(); ++i) {
            auto& reader = readers.emplace_back(database_, runs_[i].number);
            moves.push_back(runs_[i].first - whole.first);
            auto const some = reader.next_piece();
            if (!some) return some.error();
            if (!some.value()) return run_reader::damage(database_, runs_[i].number);  // none is empty
            heads.push_back(reader.pair() + moves.back());
        }
        run_writer writer{database_, insert_piece_, whole.number, sizes_.piece_pairs};
        for (;;) {
            std::size_t least = 0;
            auto pair = heads[0];
            for (std::size_t i = 1; i < heads.size(); ++i) {
                least = heads[i] < pair ? i : least;
                pair = heads[i] < pair ? heads[i] : pair;
            }
            if (pair == at_end) break;
            if (writer.add(pair)) {
                if (auto const done = writer.write(); !done) return done;
            }
            auto& reader = readers[least];
            reader.step();
            if (reader.at_end_of_piece()) {
                auto const more = reader.next_piece();
                if (!more) return more.error();
                if (!more.value()) {
                    auto const& run = runs_[from + least];
                    if (reader.passed() != run.pieces) return run_reader::damage(database_, run.number);
                    heads[least] = at_end;
                    continue;
                }
            }
            heads[least] = reader.pair() + moves[least];
        }
        readers.clear();
        if (auto const done = writer.end(); !done) return done;
        whole.pieces = writer.pieces();
        for (auto i = from; i < runs_.size(); ++i) {
            if (auto const done = query{database_, delete_pieces_}
                                      .with(piece_id(runs_[i].number, 0), piece_id(runs_[i].number + 1, 0))
                                      .done();
                !done)
                return done;
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

    prepared load_{"SELECT run, level, first, last, pieces FROM directory_run ORDER BY first"};
    prepared mark_{"SELECT seal, held FROM directory_mark WHERE position = ?1"};
    prepared marks_{"SELECT position FROM directory_mark ORDER BY position"};
    prepared find_{
        "SELECT first, seal, pairs, piece FROM directory_piece WHERE piece >= ?1 AND piece < ?2 ORDER BY piece"};
    prepared first_{"SELECT first FROM directory_piece WHERE piece = ?1"};
    prepared insert_piece_{"INSERT INTO directory_piece VALUES(?1, ?2, ?3, ?4)"};
    prepared insert_run_{"INSERT INTO directory_run VALUES(?1, ?2, ?3, ?4, ?5)"};
    prepared insert_mark_{"INSERT INTO directory_mark VALUES(?1, ?2, ?3)"};
    prepared delete_pieces_{"DELETE FROM directory_piece WHERE piece >= ?1 AND piece < ?2"};
    prepared delete_run_{"DELETE FROM directory_run WHERE run = ?1"};
};

}  // namespace patron::store_detail
