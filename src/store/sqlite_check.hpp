#pragma once
// Looks through a whole store, by a connection that nobody else uses.
#include "sqlite_beside.hpp"
#include "sqlite_directory.hpp"
#include "sqlite_journal.hpp"
#include "sqlite_snapshot.hpp"

#include <string>
#include <utility>
#include <vector>

namespace patron::store_detail {

/// A set of pairs, in any order, as two numbers: what the journal says of a run against what the run says.
struct pair_sum {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t other_sum = 0;

    void add(directory_pair p) noexcept {
        char bytes[pair_size];
        put_fixed(bytes, p);
        auto const h = stable_hash({bytes, sizeof bytes});
        ++count;
        sum += h;
        other_sum += h * h | 1U;
    }
    friend bool operator==(pair_sum const&, pair_sum const&) = default;
};

class store_check {
public:
    store_check(database& d, files& calls, std::string snapshot)
        : database_{d}, calls_{calls}, snapshot_{std::move(snapshot)} {}

    result<store_report> run() {
        if (auto const begun = database_.run("PRAGMA query_only=ON; BEGIN", "verify"); !begun) return begun.error();
        // what stops one part of it is a fault, and the others are looked at all the same; but for no memory, no disk
        for (auto const part : {&store_check::pages, &store_check::runs, &store_check::entries, &store_check::marks,
                                &store_check::rulebooks, &store_check::notes, &store_check::personal}) {
            if (auto const done = (this->*part)(); !done) {
                if (done.error().code != errc::damaged) return done.error();
                fault(done.error());
            }
        }
        (void)database_.run("COMMIT", "verify");
        auto const found = load_snapshot_of(calls_, snapshot_, [&](auto const& find) { return find(database_); });
        if (!found && found.error().code != errc::damaged) return found.error();
        if (!found) fault(found.error());
        return std::move(report_);
    }

private:
    struct run_of {
        directory_run run;
        pair_sum of_pieces{};
        pair_sum of_journal{};
        bool readable = true;
    };

    void fault(std::string what) {
        constexpr std::size_t most = 100;
        if (report_.faults.size() < most) report_.faults.push_back(std::move(what));
    }
    void fault(error const& e) { fault(e.field + ": " + e.saw); }

    result<void> pages() {
        query q{database_, "PRAGMA integrity_check"};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return {};
            if (auto const said = q.text(0); said != "ok") fault("database: " + said);
        }
    }

    result<void> runs() {
        query q{database_, "SELECT run, level, first, last, pieces FROM directory_run ORDER BY first"};
        std::uint64_t expected = 1;
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) break;
            auto& r = runs_.emplace_back(
                directory_run{q.number(0), static_cast<int>(q.number(1)), q.natural(2), q.natural(3), q.number(4)});
            if (r.run.first != expected || r.run.last < r.run.first) {
                fault("directory, run " + std::to_string(r.run.number) + ": entries from " +
                      std::to_string(r.run.first) + " on, not from " + std::to_string(expected));
            }
            expected = r.run.last + 1;
            if (auto const done = pieces(r); !done) {
                if (done.error().code != errc::damaged) return done;
                fault(done.error());
                r.readable = false;
            }
        }
        query orphan{
            database_,
            "SELECT piece >> 24 FROM directory_piece WHERE piece >> 24 NOT IN (SELECT run FROM directory_run) LIMIT 1"};
        auto const found = orphan.next();
        if (!found) return found.error();
        if (found.value()) fault("directory: pieces of run " + orphan.text(0) + ", which is not there");
        return {};
    }
    result<void> pieces(run_of& r) {
        run_reader reader{database_, r.run.number};
        std::int64_t pieces = 0;
        auto last = std::optional<directory_pair>{};
        for (;;) {
            auto const more = reader.next_piece();
            if (!more) return more.error();
            if (!more.value()) {
                if (pieces != r.run.pieces)
                    fault("directory, run " + std::to_string(r.run.number) + ": pieces are missing");
                return {};
            }
            ++pieces;
            for (; !reader.at_end_of_piece(); reader.step()) {
                auto const p = reader.pair();
                if (last && p <= *last) fault("directory, run " + std::to_string(r.run.number) + ": not in order");
                last = p;
                r.of_pieces.add(p);
            }
        }
    }

    /// The chain of rows, what they hold, what is derived from them.
    result<void> entries() {
        query q{database_, "SELECT position, digest, body FROM journal ORDER BY position"};
        query marks{database_, "SELECT position, seal, held FROM directory_mark ORDER BY position"};
        query outbox{database_, "SELECT position, entry FROM outbox ORDER BY position"};
        digest before{};
        std::uint64_t expected = 1;
        auto run = runs_.begin();
        auto mark = marks.next();
        if (!mark) return mark.error();
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) break;
            auto const position = q.natural(0);
            auto const body = q.bytes(2);
            auto const place = "journal, row of entry " + std::to_string(position);
            if (position != expected) {
                fault(place + ": entries from " + std::to_string(expected) + " on are not there, or twice");
            }
            auto const right = digest_of_row(view_of(before), position, body);
            if (q.bytes(1) != view_of(right)) fault(place + ": it is not what was appended");
            auto const chained = q.bytes(1);  // the next row is checked against what this one says
            if (chained.size() == before.size()) std::copy(chained.begin(), chained.end(), before.begin());

            body_reader reader{body};
            journal_entry e;
            auto at = position;
            auto const decisions_before = report_.decisions;
            for (; reader.next(e); ++at) {
                ++report_.entries;
                ++held_.versions.of(e.slot);
                auto const kind = kind_of_entry(e.bytes);
                if (kind == entry_kind::fact_told) ++report_.facts;
                if (kind == entry_kind::decision_made) ++report_.decisions;
                while (run != runs_.end() && run->run.last < at) ++run;
                if (run != runs_.end() && run->run.first <= at) {
                    run->of_journal.add(pair_of(key_of(e.slot, e.customer), at - run->run.first));
                }
            }
            held_.decisions = report_.decisions;
            if (!reader.sound()) fault(place + ": bytes that are no entry");
            expected = at;
            if (report_.decisions > decisions_before) {
                auto const next = outbox.next();
                if (!next) return next.error();
                if (!next.value() || outbox.natural(0) != decisions_before + 1 || outbox.natural(1) != position) {
                    fault("outbox: decision " + std::to_string(decisions_before + 1) + " is not said to be in the " +
                          place);
                }
            }
            while (mark.value() && marks.natural(0) < expected) {
                auto const said = read_mark(marks.bytes(2), marks.number(1));
                if (marks.natural(0) != expected - 1 || !said || said->versions != held_.versions ||
                    said->decisions != held_.decisions) {
                    fault("directory, mark of entry " + marks.text(0) + ": it is not what the journal holds there");
                }
                marked_.push_back(marks.natural(0));
                mark = marks.next();
                if (!mark) return mark.error();
            }
        }
        auto const rest = outbox.next();
        if (!rest) return rest.error();
        if (rest.value()) fault("outbox: decision " + outbox.text(0) + " is in no row of the journal");
        if (mark.value()) fault("directory, mark of entry " + marks.text(0) + ": there is no such entry");
        last_ = expected - 1;
        whole_ = true;
        return {};
    }

    result<void> marks() {
        if (!whole_) return {};
        for (auto const& r : runs_) {
            auto const place = "directory, run " + std::to_string(r.run.number) + ": ";
            if (r.run.last > last_) fault(place + "it goes on behind the last entry");
            if (r.readable && r.of_pieces != r.of_journal) {
                fault(place + "it is not what the journal says; rebuild_directory makes it anew");
            }
            if (!std::binary_search(marked_.begin(), marked_.end(), r.run.last)) fault(place + "no mark of its end");
        }
        return {};
    }

    result<void> rulebooks() {
        query q{database_, "SELECT number, version, text, digest FROM rulebook ORDER BY number"};
        for (std::uint32_t expected = 0;; ++expected) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return {};
            auto const number = static_cast<std::uint32_t>(q.number(0));
            if (number != expected) fault("rulebook " + std::to_string(expected) + ": it is not there");
            expected = number;
            if (q.bytes(3) != view_of(digest_of_rulebook(number, q.bytes(1), q.bytes(2)))) {
                fault("rulebook " + std::to_string(number) + ": it is not what was added");
            }
        }
    }

    result<void> notes() {
        query q{database_, "SELECT name, value, seal FROM note ORDER BY name"};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return {};
            if (q.number(2) != seal_of_row({q.bytes(0), q.bytes(1)})) {
                fault("note " + q.text(0) + ": it is not what was written");
            }
        }
    }
    result<void> personal() {
        query q{database_, "SELECT customer, pseudonym, text, seal FROM personal ORDER BY customer, pseudonym"};
        for (;;) {
            auto const more = q.next();
            if (!more) return more.error();
            if (!more.value()) return {};
            if (q.number(3) != seal_of_row({q.bytes(0), q.bytes(1), q.bytes(2)})) {
                fault("personal text of " + q.text(0) + ", " + q.text(1) + ": it is not what was written");
            }
        }
    }

    database& database_;
    files& calls_;
    std::string snapshot_;
    store_report report_;
    std::vector<run_of> runs_;
    std::vector<std::uint64_t> marked_;
    journal_mark held_;
    std::uint64_t last_ = 0;
    bool whole_ = false;
};

[[nodiscard]] inline result<store_report> check_store(database& d, files& calls, std::string const& snapshot) {
    return store_check{d, calls, snapshot}.run();
}

}  // namespace patron::store_detail
