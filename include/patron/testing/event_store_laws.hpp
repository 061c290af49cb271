/// The laws of an event store: what patron relies on, whatever keeps the book. Works in any test framework.
#pragma once
#include <patron/engine/event_store.hpp>
#include <patron/fact/fact.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace patron::inline v1::testing {

namespace detail {

/// An entry that owns its bytes.
struct law_entry {
    std::uint16_t slot{};
    std::string customer{};
    std::string bytes{};

    [[nodiscard]] journal_entry seen() const { return {slot, customer, bytes}; }
    friend bool operator==(law_entry const&, law_entry const&) = default;
};

inline law_entry law_order(std::string customer, std::string ref, std::int64_t minor_units = 100) {
    order_placed f;
    f.ref = f.order = std::move(ref);
    f.at = day{std::chrono::year{2024} / 3 / 1};
    f.customer = customer;
    f.amount = money{minor_units, currency::literal("CNY")};
    law_entry e{.slot = slot_of_customer(customer), .customer = std::move(customer)};
    encode(e.bytes, fact{f});
    return e;
}

/// A customer of another slot than `other`.
inline std::string law_customer_apart_from(std::string_view other) {
    for (int i = 0;; ++i) {
        auto code = "law-" + std::to_string(i);
        if (slot_of_customer(code) != slot_of_customer(other)) return code;
    }
}
/// Another customer of the same slot.
inline std::string law_customer_beside(std::string_view other) {
    for (int i = 0;; ++i) {
        auto code = "beside-" + std::to_string(i);
        if (slot_of_customer(code) == slot_of_customer(other)) return code;
    }
}

struct law_trial {
    std::vector<std::string>& broken;

    void expect(bool holds, std::string what) const {
        if (!holds) broken.push_back(std::move(what));
    }
    /// The value, or a default with the fault noted.
    template <class T>
    T value(result<T> r, std::string const& what) const {
        if (r) return std::move(r.value());
        broken.push_back(what + " fails: " + r.error().message());
        return T{};
    }
    void done(result<void> const& r, std::string const& what) const {
        if (!r) broken.push_back(what + " fails: " + r.error().message());
    }
    template <class T>
    void refused(result<T> const& r, errc code, std::string const& what) const {
        if (r) {
            broken.push_back(what + " goes through");
        } else if (r.error().code != code) {
            broken.push_back(what + " is refused with another error: " + r.error().message());
        }
    }
    static append_batch batch_of(std::vector<law_entry> const& entries, std::vector<slot_expectation> expected = {}) {
        append_batch b{.expected = std::move(expected)};
        for (auto const& e : entries) b.entries.push_back(e.seen());
        return b;
    }
    template <class Read>
    std::vector<law_entry> all(Read const& read, std::string const& what) const {
        std::vector<law_entry> out;
        done(read([&](journal_entry const& e) {
                 out.push_back({e.slot, std::string{e.customer}, std::string{e.bytes}});
                 return true;
             }),
             what);
        return out;
    }
};

}  // namespace detail

/// The laws of an `event_store`, as its concept states them: order, expected versions, atomicity, references that take
/// effect once, deciders, decisions by position, rulebooks, personal texts, notes, snapshots, verification, what is
/// left after reopening, and several threads at once.
///
/// `open()` opens the store anew each time, at the same place: the first time an empty one, later what was kept there.
/// An earlier one is gone by then. Returns what was broken, in words; empty: nothing was seen.
/// Complexity: some thousand entries.
[[nodiscard]] inline std::vector<std::string> event_store_laws(std::function<result<any_event_store>()> const& open) {
    std::vector<std::string> broken;
    detail::law_trial const t{broken};
    using entries = std::vector<detail::law_entry>;
    using detail::law_order;
    auto opened = open();
    if (!opened) return {"the store does not open: " + opened.error().message()};
    auto store = std::make_unique<any_event_store>(std::move(opened.value()));
    auto const outcome = [](std::uint64_t appended, std::uint64_t duplicate) {
        return append_outcome{appended, duplicate};
    };

    std::string const c = "C-1";
    auto const beside = detail::law_customer_beside(c);
    auto const apart = detail::law_customer_apart_from(c);
    auto const slot = slot_of_customer(c);
    auto const slot_apart = slot_of_customer(apart);
    auto const version = [&](std::uint16_t s) { return t.value(store->versions(), "versions").of(s); };
    auto const of_slot = [&](std::uint16_t s, std::uint64_t after = 0) {
        return t.all([&](entry_visitor const& each) { return store->read_slot(s, after, each); }, "read_slot");
    };
    auto const of_customer = [&](std::string_view code) {
        return t.all([&](entry_visitor const& each) { return store->read_customer(code, each); }, "read_customer");
    };

    // empty
    t.expect(t.value(store->versions(), "versions").total() == 0, "a new store holds entries");
    t.expect(of_slot(slot).empty() && of_customer(c).empty(), "a new store gives entries");
    t.expect(!t.value(store->load_snapshot(), "load_snapshot").has_value(), "a new store has a snapshot");
    t.expect(
        !t.value(store->each_image(2, [](unsigned, slot_image const&) -> result<void> { return {}; }), "each_image"),
        "a new store has images");
    t.expect(t.value(store->decisions(0, 10), "decisions").empty(), "a new store has decisions");
    t.expect(!t.value(store->note("n"), "note").has_value(), "a new store has notes");

    // order, and what belongs to whom
    detail::law_entry const mark{slot, "", std::string{"\x3a\x01\x00\x02", 4}};
    entries const first{law_order(c, "O-1"), law_order(beside, "O-2"), mark, law_order(c, "O-3")};
    t.expect(t.value(store->append(t.batch_of(first, {{slot, expected_version::none()}})), "append") == outcome(4, 0),
             "an append says otherwise than what it did");
    t.expect(of_slot(slot) == first, "read_slot does not give what was appended, in its order");
    t.expect(of_slot(slot, 2) == entries(first.begin() + 2, first.end()), "read_slot does not begin behind `after`");
    t.expect(of_slot(slot, 4).empty() && of_slot(slot, 9).empty(), "read_slot gives more than there is");
    t.expect(of_customer(c) == entries{first[0], first[2], first[3]},
             "read_customer does not give the customer's entries and the slot's own, in their order");
    t.expect(of_customer(beside) == entries{first[1], first[2]}, "read_customer gives another customer's entries");
    t.expect(version(slot) == 4 && version(slot_apart) == 0, "versions do not count the entries of each slot");
    std::size_t visited = 0;
    t.done(store->read_slot(slot, 0, [&](journal_entry const&) { return ++visited < 2; }), "read_slot");
    t.expect(visited == 2, "a visitor that has enough is asked again");

    // expected versions, all or nothing
    entries const second{law_order(c, "O-4"), law_order(apart, "O-5")};
    using version_of = expected_version;
    t.refused(store->append(t.batch_of(second, {{slot, version_of::none()}})), errc::stale_version,
              "an append to a slot that should be empty and is not");
    t.refused(store->append(t.batch_of(second, {{slot, version_of::exactly(3)}})), errc::stale_version,
              "an append behind an entry that was not seen");
    t.refused(store->append(t.batch_of(second, {{slot, version_of::exactly(4)}, {slot_apart, version_of::exactly(1)}})),
              errc::stale_version, "an append of which one slot's version is not as expected");
    t.expect(version(slot) == 4 && of_slot(slot_apart).empty(), "a refused append leaves something behind");
    t.expect(
        t.value(store->append(t.batch_of(second, {{slot, version_of::exactly(4)}, {slot_apart, version_of::none()}})),
                "append") == outcome(2, 0),
        "an append whose versions are as expected is not made");
    t.expect(of_slot(slot_apart) == entries{second[1]}, "an append to two slots loses one of them");

    // references
    t.expect(t.value(store->append(t.batch_of(first)), "append") == outcome(1, 3),
             "facts that came before are appended again, or marks are not");
    t.expect(t.value(store->append(t.batch_of({law_order(c, "O-6"), law_order(c, "O-6")})), "append") == outcome(1, 1),
             "a fact that comes twice in one batch is appended twice");
    auto const before = version(slot);
    t.refused(store->append(t.batch_of({law_order(apart, "O-7"), law_order(c, "O-1", 999)})),
              errc::conflicting_reference, "a reference that came before with other content");
    t.refused(store->append(t.batch_of({law_order(beside, "O-1")})), errc::conflicting_reference,
              "a reference of another customer of the slot");
    t.refused(store->append(t.batch_of({law_order(c, "O-8"), law_order(c, "O-8", 7)})), errc::conflicting_reference,
              "a reference that comes with two contents in one batch");
    t.expect(version(slot) == before && version(slot_apart) == 1, "a batch with a conflict leaves something behind");
    t.refused(store->append(t.batch_of({{.slot = slots_in_all, .bytes = "\x3a"}})), errc::out_of_range,
              "an entry of a slot that does not exist");
    t.refused(store->append(t.batch_of({{.slot = slot}})), errc::missing_field, "an entry without bytes");

    // deciders
    int asked = 0;
    error const no{.code = errc::impossible_now, .field = "decider"};
    auto const refused = store->append_with([&]() -> result<append_batch> {
        ++asked;
        return no;
    });
    t.expect(asked == 1 && !refused && refused.error() == no, "a decider's error does not come back as it is");
    entries const decided{law_order(c, "O-9")};  // outlives the decider, as its views must
    t.expect(t.value(store->append_with([&]() -> result<append_batch> {
        // reads while it decides
        return t.batch_of(decided, {{slot, version_of::exactly(version(slot))}});
    }),
                     "append_with") == outcome(1, 0),
             "a decider cannot read what it appends to");
    t.expect(of_slot(slot).back() == decided[0], "what a decider wants is not appended");

    // any bytes, and large ones
    std::string bytes{decision_tag};
    for (int i = 0; i < 200'000; ++i) bytes += static_cast<char>(i * 7 % 256);
    detail::law_entry const large{book_slot, "", bytes};
    t.expect(t.value(store->append(t.batch_of({large, large})), "append") == outcome(2, 0),
             "an entry that is no fact is taken for a duplicate");
    t.expect(of_slot(book_slot) == entries{large, large}, "a large entry of any bytes does not come back as it was");

    // decisions
    auto const decision = [&](std::string customer, std::string json) {
        auto const s = slot_of_customer(customer);
        return detail::law_entry{s, std::move(customer), decision_tag + json};
    };
    t.value(store->append(t.batch_of({decision(c, "{1}"), law_order(c, "O-10"), decision(apart, "{2}")})), "append");
    t.value(store->append(t.batch_of({decision(c, "{3}")})), "append");
    auto const followed = t.value(store->decisions(3, 10), "decisions");
    t.expect(
        followed == std::vector<kept_decision>{{3, slot, c, "{1}"}, {4, slot_apart, apart, "{2}"}, {5, slot, c, "{3}"}},
        "decisions do not come by position, in the order in which they were appended");
    t.expect(t.value(store->decisions(0, 2), "decisions").size() == 2 &&
                 t.value(store->decisions(4, 1), "decisions").size() == 1,
             "decisions are more than were asked for, or fewer");
    t.expect(t.value(store->decisions(6, 10), "decisions").empty(), "there are decisions that nobody made");

    // rulebooks
    auto const house = t.value(store->add_rulebook("house-1", "share = 50"), "add_rulebook");
    auto const next = t.value(store->add_rulebook("house-2", "share = 60"), "add_rulebook");
    t.expect(house == 0 && next == 1 && t.value(store->add_rulebook("house-1", "share = 50"), "add_rulebook") == house,
             "rulebooks are not numbered from 0 on, each text once");
    t.expect(t.value(store->rulebooks(), "rulebooks") ==
                 std::vector<kept_rulebook>{{0, "house-1", "share = 50"}, {1, "house-2", "share = 60"}},
             "rulebooks do not come back as they were added");

    // personal texts and notes
    entries const of_people{law_order(c, "O-11")};
    auto with_people = t.batch_of(of_people);
    auto const& fact_of_people = with_people;
    with_people.personal = {{c, "p1", "Li Wei"}, {c, "p2", "\xe6\x9d\x8e"}, {apart, "p1", "Wang"}};
    with_people.notes = {{"n", "1"}};
    t.value(store->append(fact_of_people), "append");
    entries const of_nobody{law_order(c, "O-1", 5)};
    auto refused_people = t.batch_of(of_nobody);
    refused_people.personal = {{c, "p3", "nobody"}};
    refused_people.notes = {{"n", "2"}};
    t.refused(store->append(refused_people), errc::conflicting_reference, "a conflicting fact with a personal text");
    t.expect(t.value(store->personal(c), "personal") ==
                 std::vector<personal_text>{{c, "p1", "Li Wei"}, {c, "p2", "\xe6\x9d\x8e"}},
             "personal texts of a customer are not those that were appended with facts");
    t.expect(t.value(store->note("n"), "note") == "1", "a refused batch leaves a note");
    append_batch only_note{.notes = {{"n", "3"}}};
    t.value(store->append(only_note), "append");
    t.expect(t.value(store->note("n"), "note") == "3", "a note is not replaced");
    auto const kept = of_slot(slot);
    t.expect(t.value(store->erase_personal(c, "p1"), "erase_personal") == 1 &&
                 t.value(store->personal(c), "personal").size() == 1,
             "one pseudonym's text is not erased, or another is");
    t.expect(t.value(store->erase_personal(c, ""), "erase_personal") == 1 &&
                 t.value(store->personal(c), "personal").empty() &&
                 t.value(store->personal(apart), "personal").size() == 1,
             "a customer's texts are not erased, or another's are");
    t.expect(of_slot(slot) == kept, "erasing a personal text changes facts");

    // snapshots
    std::string const image(100'000, 'i');
    t.done(store->save_snapshot({{slot, 3, "an old image"}}), "save_snapshot");
    t.done(store->save_snapshot({{slot, 5, image}, {slot_apart, 1, std::string_view{"\0x", 2}}}), "save_snapshot");
    auto const same_snapshot = [&] {
        auto const found = t.value(store->load_snapshot(), "load_snapshot");
        return found && found->slots.size() == 2 && found->slots[0].slot == slot && found->slots[0].version == 5 &&
               found->slots[0].bytes == image && found->slots[1].slot == slot_apart &&
               found->slots[1].bytes == std::string_view{"\0x", 2};
    };
    auto const same_images = [&] {
        std::vector<detail::law_entry> seen(2);
        std::atomic<int> count = 0;
        auto const read = store->each_image(2, [&](unsigned thread, slot_image const& one) -> result<void> {
            ++count;
            if (thread < 2)
                seen[one.slot == slot ? 0 : 1] = {one.slot, std::to_string(one.version), std::string{one.bytes}};
            return {};
        });
        return read && read.value() && count == 2 && seen[0] == detail::law_entry{slot, "5", image} &&
               seen[1] == detail::law_entry{slot_apart, "1", std::string{"\0x", 2}};
    };
    t.expect(same_snapshot(), "a snapshot does not come back as it was saved last");
    t.expect(same_images(), "a snapshot's images do not come one by one as they were saved");
    t.refused(store->each_image(2, [&](unsigned, slot_image const&) -> result<void> { return no; }),
              errc::impossible_now, "reading images whose taker refuses them");

    // several threads
    constexpr int thread_count = 4;
    constexpr int each_appends = 50;
    std::vector<std::string> faults(thread_count);
    {
        std::vector<std::thread> threads;
        for (int i = 0; i < thread_count; ++i) {
            threads.emplace_back([&, i] {
                for (int n = 0; n < each_appends; ++n) {
                    auto const ref = "T-" + std::to_string(i) + "-" + std::to_string(n);
                    auto const done = store->append(detail::law_trial::batch_of({law_order(c, ref)}));
                    if (!done) faults[static_cast<std::size_t>(i)] = done.error().message();
                }
            });
        }
        for (auto& thread : threads) thread.join();
    }
    for (auto const& fault : faults) t.expect(fault.empty(), "an append of several threads fails: " + fault);
    auto const after_threads = of_slot(slot);
    t.expect(after_threads.size() == kept.size() + thread_count * each_appends,
             "appends of several threads are lost, or made twice");
    for (int i = 0; i < thread_count; ++i) {
        int n = 0;
        for (auto const& e : after_threads) {
            if (e == law_order(c, "T-" + std::to_string(i) + "-" + std::to_string(n))) ++n;
        }
        t.expect(n == each_appends, "a thread's appends are not in its order");
    }

    auto const everything = [&](slot_versions const& seen) {
        return t.all([&](entry_visitor const& each) { return store->read_since(seen, each); }, "read_since");
    };
    auto const report = t.value(store->verify(), "verify");
    for (auto const& fault : report.faults) broken.push_back("verify finds fault with a sound store: " + fault);
    auto const versions = t.value(store->versions(), "versions");
    t.expect(report.entries == versions.total() && report.decisions == 5, "verify does not see every entry");
    t.expect(everything({}).size() == versions.total() && everything(versions).empty(),
             "read_since does not give what was not seen");

    // what was acknowledged is there when the store is opened again
    store.reset();
    auto again = open();
    if (!again) {
        broken.push_back("the store does not open again: " + again.error().message());
        return broken;
    }
    store = std::make_unique<any_event_store>(std::move(again.value()));
    t.expect(t.value(store->versions(), "versions") == versions, "reopened, a store has other versions");
    t.expect(of_slot(slot) == after_threads, "reopened, a store has other entries");
    t.expect(of_customer(beside) == entries{first[1], first[2], first[2]}, "reopened, a customer has other entries");
    t.expect(t.value(store->decisions(3, 3), "decisions") == followed, "reopened, a store has other decisions");
    t.expect(t.value(store->rulebooks(), "rulebooks").size() == 2, "reopened, a store has other rulebooks");
    t.expect(t.value(store->personal(c), "personal").empty(), "reopened, an erased text is there again");
    t.expect(t.value(store->note("n"), "note") == "3", "reopened, a store has other notes");
    t.expect(same_snapshot() && same_images(), "reopened, a store has another snapshot");
    t.expect(
        t.value(store->append(t.batch_of({law_order(c, "O-1"), law_order(c, "T-0-0")})), "append") == outcome(0, 2),
        "reopened, a store does not know references that came before");
    t.refused(store->append(t.batch_of({law_order(c, "T-0-0", 1)})), errc::conflicting_reference,
              "reopened, a reference that came before with other content");
    return broken;
}

}  // namespace patron::v1::testing
