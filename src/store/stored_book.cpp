#include <patron/engine/impl/keeper.hpp>
#include <patron/engine/impl/marks.hpp>
#include <patron/lifecycle/rules_text.hpp>
#include <patron/store/stored_book.hpp>

#include "people.hpp"
#include "snapshot.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>

namespace patron::inline v1::store {

using namespace store_detail;

namespace {

constexpr std::string_view reviews_note = "reviews";
constexpr std::string_view latest_note = "latest_day";
constexpr std::string_view brought_note = "brought_to";
constexpr std::string_view rulebook_note = "rulebook";

/// Entries that own their bytes, between a store's reading and the book's taking them in.
class entry_batch {
public:
    static constexpr std::size_t most = 1U << 16U;

    void add(journal_entry const& e) { held_.add(e.slot, e.customer, e.bytes); }
    [[nodiscard]] std::vector<journal_entry> entries() const { return held_.entries(); }
    void clear() { held_.clear(); }

private:
    patron::detail::journal held_;
};

/// The store's entries that are behind `known`, some at a time; `take(entries)` may read the store itself.
template <class Take>
result<void> each_batch(any_event_store& from, slot_versions known, Take const& take) {
    for (;;) {
        entry_batch some;
        std::size_t count = 0;
        auto const read = from.read_since(known, [&](journal_entry const& e) {
            some.add(e);
            ++known.of(e.slot);
            return ++count < entry_batch::most;
        });
        if (!read) return read;
        if (count == 0) return {};
        if (auto const taken = take(some.entries()); !taken) return taken;
        if (count < entry_batch::most) return {};
    }
}

struct rulebooks {
    std::vector<house_rules> all;
    std::vector<std::string> texts;  ///< of each
    std::uint16_t in_force = 0;
    bool is_noted = false;  ///< the store says that it is in force
};

/// Before rules that have others before them: their day, and how long the text of the others is, which comes first.
constexpr std::string_view dated = "in force from ";

/// What a store keeps of rules: the file that they come from, or the numbers alone. Policies that are a program's own
/// cannot be written down.
std::string text_of(house_rules const& rules) {
    auto const own = rules.rulebook_file.empty() ? to_text(rules) : rules.rulebook_file;
    if (!rules.from || !rules.before) return own;
    auto const others = text_of(*rules.before);
    return std::string{dated} + to_string(*rules.from) + ", after " + std::to_string(others.size()) + " bytes:\n" +
           others + own;
}

constexpr std::size_t most_before = 100;

result<house_rules> rules_from(std::string_view text, std::size_t depth = 0);

result<house_rules> dated_rules_from(std::string_view text, std::size_t depth) {
    error const torn{.code = errc::malformed,
                     .field = "from",
                     .saw = std::string{text.substr(0, 40)},
                     .remedy = "it is not what was added to the store: put back a backup"};
    constexpr std::size_t day_size = 10;
    constexpr std::string_view after = ", after ";
    auto const from = parse_day(text.substr(dated.size(), day_size));
    if (!from) return torn;
    auto const rest = text.substr(dated.size() + day_size);
    if (!rest.starts_with(after)) return torn;
    std::size_t size = 0;
    auto const* const end = rest.data() + rest.size();
    auto const number = std::from_chars(rest.data() + after.size(), end, size);
    constexpr std::string_view colon = " bytes:\n";
    auto const texts = std::string_view{number.ptr, end};
    if (number.ec != std::errc{} || !texts.starts_with(colon) || texts.size() - colon.size() < size) return torn;
    auto const own_text = texts.substr(colon.size() + size);
    if (depth == most_before || own_text.starts_with(dated)) return torn;
    auto const others = rules_from(texts.substr(colon.size(), size), depth + 1);
    if (!others) return others.error();
    if (others.value().before && *others.value().from >= from.value()) return torn;
    auto own = rules_from(own_text, depth);
    if (!own) return own.error();
    own.value().from = from.value();
    return std::move(own.value()).after(others.value());
}

result<house_rules> rules_from(std::string_view text, std::size_t depth) {
    if (text.starts_with(dated)) return dated_rules_from(text, depth);
    if (text.starts_with('{')) {
        auto const book = policy::parse_rulebook(text);
        if (!book) return book.error();
        return rules_of(book.value());
    }
    auto numbers = lifecycle::parse_rules(text);
    if (!numbers) return numbers.error();
    return house_rules{std::move(numbers.value())};
}

/// All that were in force in a store, and the number of the one that is, where it says so.
result<rulebooks> kept_rulebooks(any_event_store& from) {
    auto const kept = from.rulebooks();
    if (!kept) return kept.error();
    rulebooks out;
    for (auto const& one : kept.value()) {
        auto rules = rules_from(one.text);
        if (!rules) {
            auto e = rules.error();
            e.code = errc::damaged;
            e.source = "rulebook " + std::to_string(one.number);
            return e;
        }
        out.all.push_back(std::move(rules.value()));
        out.texts.push_back(one.text);
    }
    if (out.all.empty()) return out;
    auto const note = from.note(rulebook_note);
    if (!note) return note.error();
    auto const number = note.value() ? std::strtoul(note.value()->c_str(), nullptr, 10) : 0UL;
    if (number >= out.all.size() || number > UINT16_MAX) {
        return error{.code = errc::damaged,
                     .field = "rulebook",
                     .saw = std::to_string(number),
                     .remedy = "the store names a rulebook that it does not hold"};
    }
    out.in_force = static_cast<std::uint16_t>(number);
    out.is_noted = note.value().has_value();
    return out;
}

/// Puts rules among them and in force, in memory. What a program has set is not written down, so that they stand for what
/// the store holds under their text.
result<void> put_in_force(rulebooks& in, house_rules rules) {
    auto text = text_of(rules);
    auto const at = static_cast<std::size_t>(std::find(in.texts.begin(), in.texts.end(), text) - in.texts.begin());
    if (at > UINT16_MAX) {
        return error{.code = errc::out_of_range,
                     .field = "rulebook",
                     .saw = std::to_string(at),
                     .remedy = "a store holds at most 65,536 rulebooks"};
    }
    if (at == in.all.size()) {
        in.all.push_back(std::move(rules));
        in.texts.push_back(std::move(text));
    } else {
        in.all[at] = std::move(rules);
    }
    in.is_noted = in.is_noted && in.in_force == at;
    in.in_force = static_cast<std::uint16_t>(at);
    return {};
}

/// The rulebooks of a store with the one that is to be in force, which is added when `add`.
result<rulebooks> rulebooks_of(any_event_store& from, std::optional<house_rules> const& wanted, bool add,
                               house_rules const& first) {
    auto out = kept_rulebooks(from);
    if (!out) return out;
    auto const is_new = out.value().all.empty();
    if (!wanted && !is_new) return out;
    auto coming = wanted ? house_rules{*wanted}.after(is_new ? first : out.value().all[out.value().in_force]) : first;
    std::size_t before = 0;
    for (auto const* r = &coming; r->from && r->before; r = r->before.get()) ++before;
    if (before > most_before) {
        return error{.code = errc::out_of_range,
                     .field = "from",
                     .saw = std::to_string(before) + " rulebooks before it",
                     .remedy = "at most " + std::to_string(most_before) + ": give one without a day of its own"};
    }
    if (add) {
        auto const added = from.add_rulebook(coming.version, text_of(coming));
        if (!added) return added.error();
        if (added.value() >= out.value().all.size()) {  // beside it another process may have added some
            out = kept_rulebooks(from);
            if (!out) return out;
        }
    }
    if (auto const put = put_in_force(out.value(), std::move(coming)); !put) return put.error();
    return out;
}

result<void> note_in_force(any_event_store& in, std::uint16_t number) {
    append_batch batch;
    batch.notes.emplace_back(rulebook_note, std::to_string(number));
    auto const done = in.append(batch);
    return done ? result<void>{} : done.error();
}

result<review_mode> reviews_of(any_event_store& from, std::optional<review_mode> wanted, bool& is_noted) {
    auto const note = from.note(reviews_note);
    if (!note) return note.error();
    is_noted = note.value().has_value();
    if (!is_noted) return wanted.value_or(review_mode::monthly);
    auto const held = *note.value() == "by_fact" ? review_mode::by_fact : review_mode::monthly;
    if (wanted && *wanted != held) {
        return error{
            .code = errc::impossible_now,
            .field = "reviews",
            .saw = *wanted == review_mode::by_fact ? "by fact" : "monthly",
            .remedy = held == review_mode::by_fact
                          ? "the store's reviews come by fact, as review_held; begin another store to change that"
                          : "the store's reviews are held monthly; begin another store to change that"};
    }
    return held;
}

engine_options engine_options_of(book_options const& o, rulebooks const& rules, review_mode reviews) {
    engine_options how;
    how.rules = rules.all[rules.in_force];
    how.reviews = reviews;
    how.strict = o.strict;
    how.record_decisions = o.record_decisions;
    how.assessor = o.assessor;
    return how;
}

/// The group that a fact puts a customer into; nothing for any other entry.
std::optional<std::string> parent_named_by(journal_entry const& e) {
    if (!is_encoded_fact(e.bytes)) return std::nullopt;
    auto const kind = encoded_kind(e.bytes);
    if (kind != fact_kind::customer_enrolled && kind != fact_kind::corrected) return std::nullopt;
    auto const told = decode(e.bytes, e.customer);
    if (!told) return std::nullopt;
    if (auto const* enrolled = std::get_if<customer_enrolled>(&told.value())) return enrolled->parent;
    for (auto const& change : std::get<corrected>(told.value()).changes) {
        if (change.field == "parent") return change.value;
    }
    return std::nullopt;
}

/// What an engine asks the store about a customer whose older entries it does not hold.
patron::detail::older_entries older_from(any_event_store& from) {
    return [&from](std::string_view code, std::function<bool(std::string_view)> const& each) {
        using patron::detail::mark;
        return from.read_customer(code, [&](journal_entry const& e) {
            auto const bytes = e.bytes;
            auto const first = static_cast<mark>(bytes.front());
            if (!is_encoded_fact(bytes) && first != mark::review_held && first != mark::stage_change &&
                first != mark::refolded && first != mark::ruled && first != mark::priced) {
                return true;
            }
            return each(bytes);
        });
    };
}

}  // namespace

struct stored_book::impl {
    /// Something that wants to be applied, and what became of it.
    struct request {
        std::function<void(impl&)> work;
        std::optional<error> failed{};
        std::exception_ptr thrown{};
        bool done = false;
    };

    any_event_store store;
    book_options options;
    review_mode reviews = review_mode::monthly;
    bool reviews_are_noted = false;
    opening opened;

    std::unique_ptr<engine> book;
    slot_versions known;  ///< what the book in memory covers, and is durable
    std::uint64_t snapshot_total = 0;
    std::optional<day> noted_latest;
    day_number noted_brought = no_day;
    std::uint16_t noted_rulebook = 0;
    std::optional<house_rules> adopted;  ///< those that the book was opened with, where some were given
    bool rulebook_is_noted = false;
    bool behind = true;             ///< the book in memory is not what the store holds
    bool is_spoiled = false;        ///< it has what the store refused
    bool makes_from_facts = false;  ///< so many old references came again that memory had better hold them
    std::uint64_t old_duplicates = 0;

    std::vector<personal_text> fresh_people;
    std::set<std::uint16_t> slots_of_people;
    std::set<std::uint16_t> slots_decided_by;  ///< of the works under way, beside those that they write to
    std::optional<people> persons;

    std::shared_mutex guard;  ///< of the book
    std::mutex queue_guard;
    std::condition_variable settled;
    std::vector<request*> queue;
    bool leading = false;

    impl(any_event_store s, book_options o) : store{std::move(s)}, options{std::move(o)} {}

    [[nodiscard]] patron::detail::keeper keeper() const { return patron::detail::keeper{*book}; }

    // --- opening ---------------------------------------------------------------------------------

    /// Makes the book in memory what the store holds. The store's lock may be held.
    result<void> load() {
        behind = true;
        auto rules =
            adopted ? rulebooks_again() : rulebooks_of(store, options.rules, !options.read_only, options.first_rules);
        if (!rules) return rules.error();
        auto const mode = reviews_of(store, options.reviews, reviews_are_noted);
        if (!mode) return mode.error();
        reviews = mode.value();
        auto const make = [&] {
            book = std::make_unique<engine>(engine_options_of(options, rules.value(), reviews));
            keeper().set_rulebooks(rules.value().all, rules.value().in_force);
            keeper().set_older(older_from(store));
            known = {};
        };
        make();
        noted_rulebook = rules.value().in_force;
        rulebook_is_noted = rulebook_is_noted || rules.value().is_noted;
        if (options.rules) adopted = rules.value().all[noted_rulebook];
        snapshot_total = 0;
        opened.from_snapshot = opened.from_facts = 0;
        if (options.use_snapshot && !makes_from_facts) {
            auto const taken = take_snapshot();
            if (!taken) {
                opened.snapshot_refused = taken.error();
                make();  // half of it may have been taken in
            }
        }
        auto const caught_up = take_new(options.threads);
        if (!caught_up) return caught_up;
        opened.from_facts = known.total() - opened.from_snapshot;
        keeper().keep_journal(!options.read_only);
        stay_on_day();
        behind = is_spoiled = false;
        old_duplicates = 0;
        return {};
    }
    /// Before it is read: what the store refused is not to be seen.
    result<void> without_what_was_refused() {
        {
            std::shared_lock const lock{guard};
            if (!is_spoiled) return {};
        }
        std::unique_lock const lock{guard};
        return is_spoiled ? load() : result<void>{};
    }

    /// Takes a snapshot in, if there is a sound one of the whole book. Errors: why it is not used.
    result<void> take_snapshot() {
        auto const versions = store.versions();
        if (!versions) return versions.error();
        auto const threads = std::clamp(options.threads, 1U, 64U);
        auto keep = keeper();
        keep.prepare_threads(threads);
        slot_versions covered;
        std::vector<char> seen(slots_in_all);  // no bits: threads write to their own
        std::string of_book;                   // its image comes last, on this thread
        std::mutex book_guard;
        auto const found = store.each_image(threads, [&](unsigned thread, slot_image const& image) -> result<void> {
            if (image.slot >= slots_in_all || image.version > versions.value().of(image.slot)) {
                return not_usable("it is not of this store");
            }
            seen[image.slot] = 1;
            covered.of(image.slot) = image.version;
            if (image.slot != book_slot) return read_image(keep, thread, image.slot, image.bytes);
            std::lock_guard const lock{book_guard};
            of_book = image.bytes;
            return {};
        });
        if (!found) return found.error();
        if (!found.value()) return {};
        if (std::find(seen.begin(), seen.end(), 0) != seen.end()) return not_usable("slots are missing");
        if (auto const sound = read_image(keep, 0, book_slot, of_book); !sound) return sound;
        known = covered;
        opened.from_snapshot = snapshot_total = covered.total();
        return {};
    }
    static error not_usable(std::string why) {
        return {.code = errc::damaged,
                .field = "snapshot",
                .saw = {},
                .remedy = std::move(why) + "; the book is made from its facts instead"};
    }

    /// Takes in what the store holds beyond what is known.
    result<void> take_new(unsigned threads) {
        return each_batch(store, known, [&](std::vector<journal_entry> const& entries) -> result<void> {
            auto const taken = keeper().restore(entries, {.threads = threads});
            if (!taken) return taken.error();
            for (auto const& e : entries) ++known.of(e.slot);
            return {};
        });
    }

    /// The day that the book is for is never before what is in effect already.
    void stay_on_day() {
        if (!options.as_of) return;
        auto const latest = book->latest_day();
        as_of = latest ? std::max(*latest, *options.as_of) : *options.as_of;
        keeper().set_as_of(as_of);
    }
    std::optional<day> as_of;

    /// Before anything is judged: what others have appended is taken in.
    result<void> catch_up() {
        if (behind) return load();
        auto const versions = store.versions();
        if (!versions) return versions.error();
        if (versions.value() == known) return {};
        for (std::uint16_t s = 0; s < slots_in_all; ++s) {
            if (versions.value().of(s) < known.of(s)) return load();
        }
        behind = true;  // until all of it is taken in
        keeper().keep_journal(false);
        // what only the store holds is read by this thread alone, which has its lock
        auto const taken = take_new(opened.from_snapshot > 0 ? 1U : options.threads);
        if (!taken && taken.error().code == errc::damaged) return load();  // under a rulebook that came meanwhile
        if (!taken) return taken;
        keeper().keep_journal(true);
        stay_on_day();
        behind = false;
        return {};
    }

    // --- writing ---------------------------------------------------------------------------------

    /// Runs the work under the store's lock and appends what it leads to. Threads that come meanwhile share the next
    /// append. Errors: those of the store.
    result<void> commit(std::function<void(impl&)> work) {
        if (options.read_only) {
            return error{.code = errc::not_supported,
                         .field = {},
                         .saw = {},
                         .remedy = "the book was opened for reading only; open it for writing"};
        }
        request mine{.work = std::move(work)};
        std::unique_lock lock{queue_guard};
        queue.push_back(&mine);
        while (!mine.done) {
            if (leading) {
                settled.wait(lock);
                continue;
            }
            leading = true;
            std::vector<request*> group;
            group.swap(queue);
            lock.unlock();
            append(group);
            lock.lock();
            leading = false;
            for (auto* one : group) one->done = true;
            settled.notify_all();
        }
        lock.unlock();
        if (mine.thrown) std::rethrow_exception(mine.thrown);
        if (mine.failed) return *mine.failed;
        return {};
    }

    void append(std::vector<request*> const& group) {
        // held until the store has answered: whoever reads the book may ask the store for what is older, so that the
        // book's lock always comes before the store's
        std::unique_lock const lock{guard};
        constexpr int most_tries = 3;
        auto const fail = [&](error const& e) noexcept {
            try {
                for (auto* one : group) one->failed = e;
            } catch (...) {  // not even memory to say why
                for (auto* one : group) one->thrown = std::current_exception();
            }
        };
        for (int attempt = 1;; ++attempt) {
            std::optional<error> failed;
            try {
                if (makes_from_facts && opened.from_snapshot > 0) behind = true;
                if (behind) {  // outside the store's lock, within which a snapshot cannot be read
                    if (auto const loaded = load(); !loaded) return fail(loaded.error());
                }
                patron::detail::journal noted;
                auto after = known;
                auto const done = store.append_with([&]() -> result<append_batch> {
                    if (auto const caught_up = catch_up(); !caught_up) return caught_up.error();
                    persons.emplace(store);
                    fresh_people.clear();
                    slots_of_people.clear();
                    slots_decided_by.clear();
                    behind = is_spoiled = true;  // unless what the works lead to becomes durable
                    for (auto* one : group) one->work(*this);
                    noted = keeper().take_noted();
                    auto batch = batch_of(noted);
                    after = known;
                    for (auto const& e : batch.entries) ++after.of(e.slot);
                    return batch;
                });
                if (done) {
                    auto const has_noted = after != known;
                    known = after;
                    behind = is_spoiled = false;
                    if (has_noted) {
                        reviews_are_noted = rulebook_is_noted = true;
                        noted_latest = book->latest_day();
                        noted_brought = keeper().marks().advanced_to;
                    }
                    return;
                }
                failed = done.error();
            } catch (...) {
                for (auto* one : group) one->thrown = std::current_exception();
                behind = true;
                return;
            }
            // somebody wrote in between: the works are done again on what the store holds now
            if ((failed->code == errc::stale_version || failed->code == errc::lease_lost) && attempt < most_tries)
                continue;
            return fail(*failed);
        }
    }

    append_batch batch_of(patron::detail::journal const& noted) {
        append_batch batch;
        batch.entries = noted.entries();
        std::set<std::uint16_t> touched;
        if (!batch.entries.empty()) {
            // whoever shares a limit with what was reserved must be as it was looked at, in whosever slots they are
            for (auto const slot : slots_decided_by) {
                if (touched.insert(slot).second)
                    batch.expected.push_back({slot, expected_version::exactly(known.of(slot)), true});
            }
        }
        auto const fence = [&](std::uint16_t slot) {
            if (touched.insert(slot).second)
                batch.expected.push_back({slot, expected_version::exactly(known.of(slot))});
        };
        for (auto const& e : batch.entries) {
            fence(e.slot);
            // what is lent to a group's members is decided upon with the lease of the group's slot
            if (auto const parent = parent_named_by(e); parent && !parent->empty()) fence(slot_of_customer(*parent));
        }
        if (!fresh_people.empty()) {
            for (auto& one : fresh_people) {
                auto const slot = slot_of_customer(one.customer);
                auto const is_used = std::any_of(batch.entries.begin(), batch.entries.end(), [&](auto const& e) {
                    return e.slot == slot && e.bytes.find(one.pseudonym) != std::string_view::npos;
                });
                if (!is_used) continue;  // of a fact that was refused
                slots_of_people.insert(slot);
                batch.personal.push_back(std::move(one));
            }
            for (auto const slot : slots_of_people) batch.notes.push_back(persons->count_note(slot));
        }
        if (batch.entries.empty()) return batch;
        if (!reviews_are_noted) {
            batch.notes.emplace_back(reviews_note, reviews == review_mode::by_fact ? "by_fact" : "monthly");
        }
        if (!rulebook_is_noted) batch.notes.emplace_back(rulebook_note, std::to_string(noted_rulebook));
        if (auto const latest = book->latest_day(); latest && latest != noted_latest) {
            batch.notes.emplace_back(latest_note, to_string(*latest));
        }
        if (auto const brought = keeper().marks().advanced_to; brought != no_day && brought > noted_brought) {
            batch.notes.emplace_back(brought_note, to_string(day_of(brought)));
        }
        return batch;
    }

    /// A rulebook that was given is in force from the opening on. Where none was, the first fact notes which one is.
    result<void> note_rulebook() {
        if (rulebook_is_noted || !options.rules || options.read_only) return {};
        if (auto const done = note_in_force(store, noted_rulebook); !done) return done;
        rulebook_is_noted = true;
        return {};
    }
    /// What the store holds now; in force stays what this book was opened with, whatever others have put in force since.
    result<rulebooks> rulebooks_again() {
        auto all = kept_rulebooks(store);
        if (!all) return all;
        if (auto const put = put_in_force(all.value(), *adopted); !put) return put.error();
        return all;
    }

    // --- names -----------------------------------------------------------------------------------

    void reveal(decision& d) {
        people names{store};
        for (auto& why : d.why) why.what = names.reveal(d.customer, why.what);
    }
    void reveal(customer_row& row) {
        people names{store};
        for (auto& e : row.evidence) e.what = names.reveal(row.profile.code, e.what);
    }
    void reveal(explanation& story) {
        people names{store};
        reveal(story.row);
        for (auto& d : story.decisions) reveal(d);
        for (auto& r : story.present) r.what = names.reveal(story.code, r.what);
        for (auto& f : story.facts) {
            f.details = names.reveal(story.code, f.details);
            f.as_told = names.reveal(story.code, f.as_told);
        }
    }
};

stored_book::stored_book(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
stored_book::stored_book(stored_book&&) noexcept = default;
stored_book& stored_book::operator=(stored_book&&) noexcept = default;
stored_book::~stored_book() = default;

result<stored_book> stored_book::open(any_event_store store, book_options options) {
    auto i = std::make_unique<impl>(std::move(store), std::move(options));
    if (auto const loaded = i->load(); !loaded) return loaded.error();
    if (i->keeper().pending() > 0) {
        batch_outcome came;
        auto const bring = [&came](impl& b) { came = b.keeper().take_effect(b.as_of); };
        if (i->options.read_only) {
            bring(*i);
        } else if (auto const brought = i->commit(bring); !brought) {
            return brought.error();
        }
        for (auto& d : came.decisions) i->reveal(d);
        i->opened.came_into_effect = std::move(came);
    }
    if (auto const noted = i->note_rulebook(); !noted) return noted.error();
    return stored_book{std::move(i)};
}

result<apply_outcome> stored_book::apply(fact const& f) {
    if (head_of(f).ref.empty()) {
        return error{.code = errc::missing_field,
                     .field = "ref",
                     .saw = {},
                     .remedy = "give the fact a reference of its own: a store keeps each once"};
    }
    if (auto const sound = validate(f); !sound) return sound.error();
    result<apply_outcome> outcome = apply_outcome{};
    auto const done = impl_->commit([&](impl& b) {
        auto told = f;
        if (auto const hidden = b.persons->hide(told, b.fresh_people); !hidden) {
            outcome = hidden.error();
            return;
        }
        outcome = b.book->apply(told);
    });
    if (!done) return done.error();
    if (outcome) {
        for (auto& d : outcome.value().decisions) impl_->reveal(d);
    }
    return outcome;
}

result<batch_outcome> stored_book::apply(std::span<received> rows, batch_options how) {
    for (auto& row : rows) {
        if (row.content && head_of(row.content.value()).ref.empty()) {
            row.content = error{.code = errc::missing_field,
                                .field = "ref",
                                .saw = {},
                                .remedy = "give the fact a reference of its own: a store keeps each once",
                                .line = row.line};
        }
    }
    batch_outcome outcome;
    std::vector<std::pair<std::size_t, fact>> named;  // as they came, should they have to be told again
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].content) continue;
        auto& f = rows[i].content.value();
        if (person_of(f) != nullptr || kind_of(f) == fact_kind::corrected) named.emplace_back(i, f);
    }
    auto const done = impl_->commit([&](impl& b) {
        for (auto const& [i, f] : named) {
            rows[i].content = f;
            if (auto const hidden = b.persons->hide(rows[i].content.value(), b.fresh_people); !hidden) {
                auto e = hidden.error();
                e.line = rows[i].line;
                rows[i].content = e;
            }
        }
        // what only the store holds is read by this thread alone, which has its lock
        auto const threads = b.opened.from_snapshot > 0 ? 1U : how.threads;
        outcome = b.book->apply(rows, {.threads = threads, .stop_on_error = how.stop_on_error});
        constexpr std::uint64_t many = 512;
        if (b.opened.from_snapshot > 0) b.makes_from_facts = (b.old_duplicates += outcome.duplicate) > many;
    });
    if (!done) return done.error();
    for (auto& d : outcome.decisions) impl_->reveal(d);
    return outcome;
}

result<std::vector<decision>> stored_book::review(day on, unsigned threads) {
    std::vector<decision> decided;
    auto const done = impl_->commit([&](impl& b) { decided = b.book->advance_to(on, threads); });
    if (!done) return done.error();
    for (auto& d : decided) impl_->reveal(d);
    return decided;
}

namespace {

std::string reference_of(std::string_view customer, std::string_view reservation) {
    return "reservation " + std::to_string(customer.size()) + ' ' + std::string{customer} + ' ' +
           std::string{reservation};
}

/// The first day from `today` on in a month that is not closed for the customer.
day first_open_day(engine const& book, std::string_view customer, day today) {
    auto const state = book.state_of(customer);
    if (!state || period{today}.index() > state.value().closed_through) return today;
    return period::at_index(state.value().closed_through + 1).first();
}

/// Whether what is asked for is what was reserved by that name before.
result<std::string> reserved_before(engine& book, std::string_view customer, credit_query const& asked,
                                    reservation const& known) {
    auto const lapsed = known.until != no_day && number_of(*asked.on) > known.until;
    if (lapsed || (known.left == 0 && known.amount > 0)) {
        return error{.code = errc::impossible_now,
                     .field = "reservation",
                     .saw = known.name,
                     .remedy = "it was taken by its order, released, or has expired; give this one its own name"};
    }
    patron::detail::keeper keep{book};
    auto on = *asked.on;
    if (auto const in = asked.amount.in(); !in.is_own() && in != book.state_of(customer).value().in) {
        auto const made = keep.day_of_fact(reference_of(customer, known.name));  // it went by the rate of that day
        if (!made) return made.error();
        on = made.value().value_or(on);
    }
    auto const amount = keep.counted_for(customer, asked.amount, on);
    if (!amount) return amount.error();
    if (amount.value() && amount.value()->minor_units() == known.amount && known.order == asked.order) {
        return known.name;
    }
    return error{.code = errc::conflicting_reference,
                 .field = "reservation",
                 .saw = known.name,
                 .remedy = "that name was reserved for another amount or order; give this one its own"};
}

/// Reserves what was approved, in a book whose store is locked; nothing where there is nothing to keep.
result<std::optional<std::string>> reserve(engine& book, std::string_view customer, credit_query const& asked,
                                           reservation_wish const& wish) {
    patron::detail::keeper keep{book};
    auto const amount = keep.counted_for(customer, asked.amount, *asked.on);
    if (!amount) return amount.error();
    if (!amount.value() || amount.value()->minor_units() == 0) return std::optional<std::string>{};
    reservation_made f;
    f.at = moment{*asked.on};
    f.customer = customer;
    f.reservation = wish.name;
    f.amount = *amount.value();
    f.until = wish.until;
    if (!asked.order.empty()) f.order = std::string{asked.order};
    if (f.reservation.empty()) {
        auto const* credit = keep.credit_of(customer);
        auto number = credit == nullptr ? std::size_t{0} : credit->reservations.size();
        do {
            f.reservation = std::string{customer} + "-R" + std::to_string(++number);
        } while (credit != nullptr && credit->find_reservation(f.reservation) != nullptr);
    }
    f.ref = reference_of(f.customer, f.reservation);
    auto const made = book.apply(f);
    if (!made) return made.error();
    if (made.value().fate == fate::applied) return std::optional{f.reservation};
    return error{.code = errc::impossible_now,
                 .field = "on",
                 .saw = to_string(f.at.on()),
                 .remedy = "a reservation is made on the day that the book is for, or before"};
}

hold_step step_of(credit_step s) noexcept {
    switch (s) {
        case credit_step::change: return hold_step::change;
        case credit_step::reopen: return hold_step::reopen;
        case credit_step::delivery: return hold_step::delivery;
        default: return hold_step::order;
    }
}

/// Lets the order wait for what the check said, in a book whose store is locked, unless it waits already. False where its
/// amount is not known for want of a rate: then there is nothing to keep.
result<bool> keep_waiting(engine& book, std::string_view customer, credit_query const& asked,
                          credit_answer const& answer, hold_wish const& wish) {
    patron::detail::keeper keep{book};
    auto const* credit = keep.credit_of(customer);
    auto const* known = credit == nullptr ? nullptr : credit->find_hold(asked.order);
    if (known != nullptr && known->waits(number_of(*asked.on))) return true;
    auto const amount = keep.counted_for(customer, asked.amount, *asked.on);
    if (!amount) return amount.error();
    if (!amount.value()) return false;
    order_held f;
    f.at = moment{*asked.on};
    f.customer = customer;
    f.order = asked.order;
    f.amount = *amount.value();
    f.step = step_of(asked.step);
    if (asked.terms_days) f.terms_days = *asked.terms_days;
    if (!asked.quotation.empty()) f.quotation = std::string{asked.quotation};
    f.delivery_date = asked.delivery_date;
    f.until = wish.until;
    for (auto const& r : answer.rules) {
        if (r.outcome == credit_verdict::approve || r.overridden) continue;
        f.reasons.push_back({std::string{r.why.rule}, sentence(r.why, amount.value()->in(), language::en)});
    }
    auto const nth = credit == nullptr ? 0 : std::ranges::count(credit->holds, f.order, &kept_hold::order);
    // names may be as long as a reference: their hash stands for them
    f.ref = "hold " + std::to_string(stable_hash(f.customer)) + ' ' + std::to_string(stable_hash(f.order)) + ' ' +
            to_string(*asked.on) + ' ' + std::to_string(nth + 1);
    auto const made = book.apply(f);
    if (!made) return made.error();
    if (made.value().fate == fate::applied) return true;
    return error{.code = errc::impossible_now,
                 .field = "on",
                 .saw = to_string(f.at.on()),
                 .remedy = "an order is held on the day that the book is for, or before"};
}

}  // namespace

result<house_rules> rules_in_force(any_event_store& from) {
    auto kept = rulebooks_of(from, std::nullopt, false, {});
    if (!kept) return kept.error();
    return std::move(kept.value().all[kept.value().in_force]);
}

result<void> check_reserving_day(day on, day known, credit_rules const& rules) {
    if (on < known) {
        return error{
            .code = errc::impossible_now,
            .field = "on",
            .saw = to_string(on),
            .remedy = "the book knows of " + to_string(known) + " already: a reservation is made on that day or later"};
    }
    if (number_of(on) - number_of(known) <= rules.reserve_days_ahead) return {};
    auto const last = std::min(known + std::chrono::days{rules.reserve_days_ahead}, last_day);
    return error{.code = errc::out_of_range,
                 .field = "on",
                 .saw = to_string(on),
                 .remedy = "the book knows of no day after " + to_string(known) + ": reserve on a day until " +
                           to_string(last) + ", or bring the book on by a review first"};
}

result<checked> stored_book::check(std::string_view customer, credit_query const& asked,
                                   std::optional<reservation_wish> const& wish, std::optional<hold_wish> const& hold) {
    if (!wish && !hold) {
        if (auto const sound = impl_->without_what_was_refused(); !sound) return sound.error();
        std::unique_lock const lock{impl_->guard};  // it may have to read the customer's older orders in
        auto answer = impl_->book->check(customer, asked);
        if (!answer) return answer.error();
        return checked{.answer = std::move(answer.value())};
    }
    if (hold) {
        if (asked.step == credit_step::quote || asked.step == credit_step::invoice) {
            return error{.code = errc::impossible_now,
                         .field = "step",
                         .saw = std::string{name_of(asked.step)},
                         .remedy = "nothing waits at that step; hold at order, change, reopen or delivery"};
        }
        if (asked.order.empty()) {
            return error{.code = errc::missing_field,
                         .field = "order",
                         .saw = {},
                         .remedy = "give the number of the order that is to wait"};
        }
    }
    if (wish && asked.step != credit_step::quote && asked.step != credit_step::order &&
        asked.step != credit_step::reopen) {
        return error{.code = errc::impossible_now,
                     .field = "step",
                     .saw = std::string{name_of(asked.step)},
                     .remedy = "at that step the exposure counts the order already; reserve at quote, order or reopen"};
    }
    result<checked> outcome = checked{};
    std::vector<std::uint16_t> leased;  // before it is decided: while a decision waits for leases a group may grow
    bool is_unleased = false;
    auto const decide = [&](impl& b) {
        outcome = checked{};
        is_unleased = false;
        auto const today = b.keeper().known_day();
        auto own = asked;
        own.on = asked.on.value_or(first_open_day(*b.book, customer, today));
        if (auto const sound = check_reserving_day(*own.on, today, b.book->options().rules.on(today).credit); !sound) {
            outcome = sound.error();
            return;
        }
        auto const& in_force = b.book->options().rules.on(*own.on).credit;
        if (wish && own.delivery_date && in_force.horizon_days &&
            number_of(*own.delivery_date) - number_of(*own.on) > *in_force.horizon_days) {
            outcome = error{.code = errc::impossible_now,
                            .field = "delivery_date",
                            .saw = to_string(*own.delivery_date),
                            .remedy =
                                "it is beyond the horizon, and what is reserved counts at once: place the order, which "
                                "does not count yet, or reserve without the date"};
            return;
        }
        auto const* credit = b.keeper().credit_of(customer);
        auto named = wish.value_or(reservation_wish{});
        if (wish && credit != nullptr && !asked.order.empty()) {
            auto const* kept = credit->reserved_for(asked.order, number_of(*own.on));
            if (kept != nullptr && named.name.empty()) named.name = kept->name;
            if (kept != nullptr && named.name != kept->name) {
                outcome =
                    error{.code = errc::conflicting_reference,
                          .field = "reservation",
                          .saw = named.name,
                          .remedy = "the order has the reservation " + kept->name + " already; release that first"};
                return;
            }
        }
        auto const* before = credit == nullptr || !wish ? nullptr : credit->find_reservation(named.name);
        if (before != nullptr) own.reservation = named.name;  // asked again: what it holds is no reason against it
        auto answer = b.book->check(customer, own);
        if (!answer) {
            outcome = answer.error();
            return;
        }
        outcome.value().answer = std::move(answer.value());
        if (before != nullptr) {
            auto name = reserved_before(*b.book, customer, own, *before);
            if (!name) {
                outcome = name.error();
                return;
            }
            outcome.value().reservation = std::move(name.value());
        } else if (hold && outcome.value().answer.verdict == credit_verdict::hold) {
            auto const kept = keep_waiting(*b.book, customer, own, outcome.value().answer, *hold);
            if (!kept) {
                outcome = kept.error();
                return;
            }
            outcome.value().is_held = kept.value();
        } else if (wish && outcome.value().answer.verdict == credit_verdict::approve) {
            auto const slots = b.keeper().slots_deciding_credit(customer);
            if (!slots) {
                outcome = slots.error();
                return;
            }
            is_unleased = !std::ranges::includes(leased, slots.value());
            if (is_unleased) return;
            auto name = reserve(*b.book, customer, own, named);
            if (!name) {
                outcome = name.error();
                return;
            }
            b.slots_decided_by.insert(slots.value().begin(), slots.value().end());
            outcome.value().reservation = std::move(name.value());
        }
    };
    constexpr int most_tries = 8;  // of a group that grows all the while, or whose leases go to others
    for (int attempt = 1;; ++attempt) {
        if (wish) {
            std::unique_lock lock{impl_->guard};
            auto const slots = impl_->keeper().slots_deciding_credit(customer);
            lock.unlock();
            if (!slots) return slots.error();
            leased = slots.value();
            if (auto const had = impl_->store.acquire(leased); !had) return had.error();
        }
        auto const done = impl_->commit(decide);
        auto const lost = !done && done.error().code == errc::lease_lost;
        if (attempt < most_tries && (lost || (done && is_unleased))) continue;
        if (!done) return done.error();
        if (!is_unleased) return outcome;
        return error{.code = errc::busy,
                     .field = "customer",
                     .saw = std::string{customer},
                     .remedy = "its group changes while it is decided upon: try again"};
    }
}

result<std::vector<held_order>> stored_book::held_orders(held_orders_query const& wanted) {
    if (auto const sound = impl_->without_what_was_refused(); !sound) return sound.error();
    std::unique_lock const lock{impl_->guard};  // a check may read older orders in
    return patron::held_orders(*impl_->book, wanted);
}

engine const& stored_book::book() const { return *impl_->book; }
any_event_store& stored_book::store() { return impl_->store; }
opening const& stored_book::opened() const { return impl_->opened; }

result<customer_row> stored_book::find(std::string_view code) {
    if (auto const sound = impl_->without_what_was_refused(); !sound) return sound.error();
    std::shared_lock const lock{impl_->guard};
    auto row = impl_->book->find(code);
    if (row) impl_->reveal(row.value());
    return row;
}

result<void> stored_book::each_by_code(engine::row_visitor const& each) {
    if (auto const sound = impl_->without_what_was_refused(); !sound) return sound;
    std::shared_lock const lock{impl_->guard};
    impl_->book->each_by_code([&](customer_row const& row) {
        auto const names_someone = std::any_of(row.evidence.begin(), row.evidence.end(), [](auto const& e) {
            return e.what.find(pseudonym_mark) != std::string::npos;
        });
        if (!names_someone) return each(row);
        auto named = row;
        impl_->reveal(named);
        return each(named);
    });
    return {};
}

result<explanation> stored_book::explain(std::string_view code, std::optional<day> on) {
    if (auto const sound = impl_->without_what_was_refused(); !sound) return sound.error();
    std::shared_lock const lock{impl_->guard};
    auto story = impl_->book->explain(code, on);
    if (story) impl_->reveal(story.value());
    return story;
}

std::vector<decision> stored_book::show_on(day on, unsigned threads) {
    std::unique_lock const lock{impl_->guard};
    impl_->keeper().keep_journal(false);
    impl_->behind = true;
    auto decided = impl_->book->advance_to(on, threads);
    for (auto& d : decided) impl_->reveal(d);
    return decided;
}

result<engine> stored_book::as_it_was(day on, unsigned threads) {
    auto rules = rulebooks_of(impl_->store, impl_->options.rules, false, impl_->options.first_rules);
    if (!rules) return rules.error();
    engine was{engine_options_of(impl_->options, rules.value(), impl_->reviews)};
    patron::detail::keeper keep{was};
    keep.set_rulebooks(rules.value().all, rules.value().in_force);
    auto const read = each_batch(impl_->store, {}, [&](std::vector<journal_entry> const& entries) -> result<void> {
        auto const taken = keep.restore(entries, {.threads = threads, .record_decisions = false, .view = on});
        if (!taken) return taken.error();
        return {};
    });
    if (!read) return read.error();
    keep.set_as_of(on);
    return was;
}

result<void> stored_book::save_snapshot() {
    if (impl_->options.read_only) {  // it may show what is not in the store, such as facts whose day has come
        return error{.code = errc::not_supported,
                     .field = "save_snapshot",
                     .saw = "a book that was opened for reading only",
                     .remedy = "open it for writing"};
    }
    std::unique_lock const lock{impl_->guard};
    if (impl_->behind) {
        if (auto const loaded = impl_->load(); !loaded) return loaded;
    }
    auto keep = impl_->keeper();
    std::vector<std::string> written;
    written.reserve(slots_in_all);
    for (std::uint16_t s = 0; s < slots_in_all; ++s) written.push_back(write_image(keep, s));
    std::vector<slot_image> images;
    images.reserve(slots_in_all);
    for (std::uint16_t s = 0; s < slots_in_all; ++s) images.push_back({s, impl_->known.of(s), written[s]});
    auto const saved = impl_->store.save_snapshot(images);
    if (saved) impl_->snapshot_total = impl_->known.total();
    return saved;
}

std::uint64_t stored_book::behind_snapshot() const {
    std::shared_lock const lock{impl_->guard};
    return impl_->known.total() - impl_->snapshot_total;
}

result<std::uint64_t> stored_book::erase_person(std::string_view customer, std::string_view person) {
    if (person.empty()) return impl_->store.erase_personal(customer, {});
    people known{impl_->store};
    auto const pseudonym = known.pseudonym_of(customer, person);
    if (!pseudonym) return pseudonym.error();
    if (pseudonym.value().empty()) return std::uint64_t{0};
    return impl_->store.erase_personal(customer, pseudonym.value());
}

// --- straight from the store ---------------------------------------------------------------------

namespace {

/// What an engine is to hold of a store.
enum class extent : std::uint8_t {
    customer,          ///< the one alone
    customer_in_book,  ///< with the facts that have no customer
    all,
};

/// An engine that holds no more of a store than is needed of it, with what restoring it found.
result<std::unique_ptr<engine>> holding(extent what, any_event_store& from, std::string_view customer,
                                        book_options const& options, bool compare,
                                        patron::detail::restore_outcome& found) {
    auto rules = rulebooks_of(from, options.rules, false, options.first_rules);
    if (!rules) return rules.error();
    bool is_noted = false;
    auto const mode = reviews_of(from, {}, is_noted);
    if (!mode) return mode.error();
    auto book = std::make_unique<engine>(engine_options_of(options, rules.value(), mode.value()));
    patron::detail::keeper keep{*book};
    keep.set_rulebooks(rules.value().all, rules.value().in_force);
    entry_batch all;
    auto const add = [&](journal_entry const& e) {
        all.add(e);
        return true;
    };
    if (what != extent::customer) {
        if (auto const read = from.read_slot(book_slot, 0, add); !read) return read.error();
    }
    if (what != extent::all) {
        if (auto const read = from.read_customer(customer, add); !read) return read.error();
    } else {
        for (std::uint16_t slot = 0; slot < book_slot; ++slot) {
            if (auto const read = from.read_slot(slot, 0, add); !read) return read.error();
        }
    }
    auto restored = keep.restore(all.entries(), {.threads = 1, .record_decisions = compare, .view = {}});
    if (!restored) return restored.error();
    found = std::move(restored.value());
    if (compare) keep.finish_comparing(found);
    return book;
}

}  // namespace

result<explanation> explain_from(any_event_store& from, std::string_view customer, std::optional<day> on,
                                 book_options const& options) {
    patron::detail::restore_outcome found;
    auto book = holding(extent::customer_in_book, from, customer, options, false, found);
    if (!book) return book.error();
    auto const row = book.value()->find(customer);
    if (row && std::any_of(row.value().rebates.begin(), row.value().rebates.end(),
                           [](row_rebate const& r) { return r.is_of_members; })) {
        book = holding(extent::all, from, customer, options, false, found);  // it may count anybody's trade
        if (!book) return book.error();
    }
    if (!on) {
        auto const latest = latest_day(from);
        if (!latest) return latest.error();
        on = latest.value();
    }
    auto story = book.value()->explain(customer, on);
    if (!story) return story;
    people names{from};
    for (auto& e : story.value().row.evidence) e.what = names.reveal(customer, e.what);
    for (auto& d : story.value().decisions) {
        for (auto& why : d.why) why.what = names.reveal(customer, why.what);
    }
    for (auto& r : story.value().present) r.what = names.reveal(customer, r.what);
    for (auto& f : story.value().facts) {
        f.details = names.reveal(customer, f.details);
        f.as_told = names.reveal(customer, f.as_told);
    }
    return story;
}

namespace {

result<std::optional<day>> day_noted(any_event_store& in, std::string_view name) {
    auto const note = in.note(name);
    if (!note) return note.error();
    if (!note.value()) return std::optional<day>{};
    auto const noted = parse_day(*note.value());
    if (!noted) {
        return error{.code = errc::damaged,
                     .field = std::string{name},
                     .saw = note.value()->substr(0, 80),
                     .remedy = "the store's note is no day"};
    }
    return std::optional{noted.value()};
}

std::string reviewed_note(std::uint16_t slot) { return "reviewed/" + std::to_string(slot); }

}  // namespace

result<std::optional<day>> latest_day(any_event_store& in) { return day_noted(in, latest_note); }
result<std::optional<day>> known_day(any_event_store& in) {
    auto const latest = latest_day(in);
    if (!latest) return latest.error();
    auto const brought = day_noted(in, brought_note);
    if (!brought) return brought.error();
    return std::max(latest.value(), brought.value());  // nothing comes before all days
}
result<std::optional<day>> reviewed_until(any_event_store& in, std::uint16_t slot) {
    return day_noted(in, reviewed_note(slot));
}

struct slot_reviewer::impl {
    any_event_store& in;
    book_options options;
    rulebooks rules;
    review_mode mode;
};
slot_reviewer::slot_reviewer(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
slot_reviewer::slot_reviewer(slot_reviewer&&) noexcept = default;
slot_reviewer& slot_reviewer::operator=(slot_reviewer&&) noexcept = default;
slot_reviewer::~slot_reviewer() = default;

result<slot_reviewer> slot_reviewer::make(any_event_store& in, book_options const& options) {
    auto rules = rulebooks_of(in, options.rules, true, options.first_rules);
    if (!rules) return rules.error();
    if (options.rules && !rules.value().is_noted) {
        if (auto const noted = note_in_force(in, rules.value().in_force); !noted) return noted.error();
    }
    bool is_noted = false;
    auto const mode = reviews_of(in, {}, is_noted);
    if (!mode) return mode.error();
    return slot_reviewer{std::make_unique<impl>(impl{in, options, std::move(rules.value()), mode.value()})};
}

result<slot_review> slot_reviewer::review(std::uint16_t slot, day on) {
    if (slot >= customer_slots) {
        return error{.code = errc::out_of_range,
                     .field = "slot",
                     .saw = std::to_string(slot),
                     .remedy = "slots of customers go from 0 to " + std::to_string(customer_slots - 1)};
    }
    auto& in = impl_->in;
    slot_review out;
    auto const before = reviewed_until(in, slot);
    if (!before) return before.error();
    if (before.value() && *before.value() >= on) return out;
    engine book{engine_options_of(impl_->options, impl_->rules, impl_->mode)};
    patron::detail::keeper keep{book};
    keep.set_rulebooks(impl_->rules.all, impl_->rules.in_force);
    entry_batch all;
    std::uint64_t count = 0;
    auto const read = in.read_slot(slot, 0, [&](journal_entry const& e) {
        all.add(e);
        ++count;
        return true;
    });
    if (!read) return read.error();
    auto const restored = keep.restore(all.entries(), {});
    if (!restored) return restored.error();
    out.customers = static_cast<std::uint32_t>(book.size());
    keep.keep_journal(true);  // an empty slot too: who comes there later finds its months closed
    out.was_due = true;
    out.decisions = keep.advance(slot, on);
    auto const noted = keep.take_noted();
    append_batch batch{.entries = noted.entries(),
                       .expected = {{slot, expected_version::exactly(count)}},
                       .personal = {},
                       .notes = {{reviewed_note(slot), to_string(on)}}};
    auto const appended = in.append(batch);
    if (!appended) return appended.error();
    return out;
}

result<audit_outcome> audit(any_event_store& of, std::optional<std::string_view> customer,
                            book_options const& options) {
    patron::detail::restore_outcome found;
    if (customer) {
        auto const book = holding(extent::customer, of, *customer, options, true, found);
        if (!book) return book.error();
        if (book.value()->size() == 0) {
            return error{.code = errc::unknown_customer,
                         .field = "customer",
                         .saw = std::string{customer->substr(0, 80)},
                         .remedy = "name a customer that the store holds facts of"};
        }
    } else {
        auto rules = rulebooks_of(of, options.rules, false, options.first_rules);
        if (!rules) return rules.error();
        bool is_noted = false;
        auto const mode = reviews_of(of, {}, is_noted);
        if (!mode) return mode.error();
        engine book{engine_options_of(options, rules.value(), mode.value())};
        patron::detail::keeper keep{book};
        keep.set_rulebooks(rules.value().all, rules.value().in_force);
        auto const read = each_batch(of, {}, [&](std::vector<journal_entry> const& entries) -> result<void> {
            // on one thread: which customer's decisions wait where must not change from batch to batch
            auto some = keep.restore(entries, {.threads = 1, .record_decisions = true, .view = {}});
            if (!some) return some.error();
            found.facts += some.value().facts;
            found.decisions += some.value().decisions;
            std::move(some.value().different.begin(), some.value().different.end(),
                      std::back_inserter(found.different));
            return {};
        });
        if (!read) return read.error();
        keep.finish_comparing(found);
    }
    audit_outcome out{.facts = found.facts, .decisions = found.decisions, .different = {}};
    for (auto& d : found.different) {
        out.different.push_back({std::move(d.customer), std::move(d.kept), std::move(d.made)});
    }
    return out;
}

std::string to_cloud_event(kept_decision const& decision, std::string_view source) {
    namespace json = boost::json;
    boost::system::error_code failed;
    auto data = json::parse(decision.json, failed);
    json::object event;
    auto const position = std::to_string(decision.position);
    event["specversion"] = "1.0";
    event["id"] = position;
    event["source"] = json::string_view{source.data(), source.size()};
    event["type"] = "patron.decision";
    event["subject"] = decision.customer;
    if (auto const* const object = data.if_object()) {
        if (auto const* const at = object->if_contains("at"); at != nullptr && at->is_string()) {
            auto time = std::string{at->get_string()};
            if (time.size() == 10) time += "T00:00:00Z";  // a day alone is no RFC 3339 time
            event["time"] = time;
        }
    }
    event["datacontenttype"] = "application/json";
    event["sequence"] = std::string(position.size() < 20 ? 20 - position.size() : 0, '0') + position;
    event["data"] = failed ? json::value(decision.json) : std::move(data);
    return json::serialize(event);
}

}  // namespace patron::v1::store
