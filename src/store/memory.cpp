#include <patron/fact/fact.hpp>
#include <patron/store/memory.hpp>

#include "checks.hpp"
#include "digest.hpp"

#include <map>
#include <mutex>

namespace patron::inline v1::store {

using namespace store_detail;

struct memory_store::impl {
    struct entry {
        std::string customer;
        std::string bytes;
        digest chained;

        [[nodiscard]] journal_entry seen_as(std::uint16_t slot) const { return {slot, customer, bytes}; }
    };
    struct one_slot {
        std::vector<entry> entries;
        std::map<std::string, std::size_t, std::less<>> references;  ///< of facts: where they stand
    };
    struct place {
        std::uint16_t slot;
        std::size_t at;
    };

    std::recursive_mutex guard;  // a decider reads while it holds the lock
    std::vector<one_slot> slots = std::vector<one_slot>(slots_in_all);
    std::vector<place> outbox;
    std::vector<kept_rulebook> rulebooks;
    std::map<std::pair<std::string, std::string>, std::string, std::less<>> people;
    std::map<std::string, std::string, std::less<>> notes;
    std::shared_ptr<std::vector<std::string> const> snapshot_bytes;
    std::vector<slot_image> snapshot;

    static digest chain(std::vector<entry> const& before, journal_entry const& e) {
        return digest_of({before.empty() ? std::string_view{} : view_of(before.back().chained), e.customer,
                          std::string_view{"\0", 1}, e.bytes});
    }

    result<append_outcome> append(append_batch const& batch) {
        if (auto const sound = check_entries(batch); !sound) return sound.error();
        std::array<bool, slots_in_all> vouched{};
        for (auto const& e : batch.expected) {
            auto const held = slots[e.slot].entries.size();
            if (!e.version.allows(held)) return stale(e.slot, held);
            if (!e.version.is_any()) vouched[e.slot] = true;
        }
        // looked at in full before anything changes
        append_outcome out;
        std::vector<bool> is_duplicate(batch.entries.size());
        std::map<std::pair<std::uint16_t, std::string_view>, journal_entry const*> in_batch;
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            auto const& e = batch.entries[i];
            if (vouched[e.slot] || kind_of_entry(e.bytes) != entry_kind::fact_told) continue;
            auto const ref = encoded_ref(e.bytes);
            auto const& known = slots[e.slot].references;
            journal_entry before{};
            if (auto const found = known.find(ref); found != known.end()) {
                before = slots[e.slot].entries[found->second].seen_as(e.slot);
            } else if (auto const [twin, first] = in_batch.try_emplace({e.slot, ref}, &e); !first) {
                before = *twin->second;
            } else {
                continue;
            }
            if (before != e) return conflicting(ref);
            is_duplicate[i] = true;
        }
        decltype(people) new_people;
        for (auto const& p : batch.personal) new_people[{p.customer, p.pseudonym}] = p.text;
        decltype(notes) new_notes;
        for (auto const& [name, value] : batch.notes) new_notes[name] = value;
        std::map<std::uint16_t, std::size_t> held;
        for (auto const& e : batch.entries) held.emplace(e.slot, slots[e.slot].entries.size());
        auto const decided = outbox.size();
        try {
            for (std::size_t i = 0; i < batch.entries.size(); ++i) {
                if (is_duplicate[i]) {
                    ++out.duplicate;
                } else {
                    add(batch.entries[i]);
                    ++out.appended;
                }
            }
        } catch (...) {  // no memory: then nothing of it
            for (auto const& [slot, count] : held) shorten(slots[slot], count);
            outbox.resize(decided);
            throw;
        }
        put(people, new_people);
        put(notes, new_notes);
        return out;
    }

    void add(journal_entry const& e) {
        auto& slot = slots[e.slot];
        auto const kind = kind_of_entry(e.bytes);
        auto const at = slot.entries.size();
        slot.entries.push_back({std::string{e.customer}, std::string{e.bytes}, chain(slot.entries, e)});
        if (kind == entry_kind::fact_told) slot.references.emplace(encoded_ref(e.bytes), at);
        if (kind == entry_kind::decision_made) outbox.push_back({e.slot, at});
    }
    static void shorten(one_slot& slot, std::size_t count) {
        for (; slot.entries.size() > count; slot.entries.pop_back()) {
            auto const& bytes = slot.entries.back().bytes;
            if (kind_of_entry(bytes) != entry_kind::fact_told) continue;
            auto const found = slot.references.find(encoded_ref(bytes));
            if (found != slot.references.end() && found->second == slot.entries.size() - 1)
                slot.references.erase(found);
        }
    }
    template <class Map>
    static void put(Map& into, Map& what) noexcept {
        for (auto& [key, value] : what) {
            if (auto const found = into.find(key); found != into.end()) found->second.swap(value);
        }
        into.merge(what);
    }
};

memory_store::memory_store() : impl_{std::make_shared<impl>()} {}

result<append_outcome> memory_store::append(append_batch const& batch) {
    std::lock_guard const lock{impl_->guard};
    return impl_->append(batch);
}

result<append_outcome> memory_store::append_with(append_decider const& decide) {
    std::lock_guard const lock{impl_->guard};
    auto const batch = decide();
    if (!batch) return batch.error();
    return impl_->append(batch.value());
}

result<slot_versions> memory_store::versions() {
    std::lock_guard const lock{impl_->guard};
    slot_versions v;
    for (std::uint16_t s = 0; s < slots_in_all; ++s) v.of(s) = impl_->slots[s].entries.size();
    return v;
}

result<void> memory_store::read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
    std::lock_guard const lock{impl_->guard};
    if (slot >= slots_in_all) return {};
    auto const& entries = impl_->slots[slot].entries;
    for (auto i = static_cast<std::size_t>(after); i < entries.size(); ++i) {
        if (!each(entries[i].seen_as(slot))) break;
    }
    return {};
}

result<void> memory_store::read_customer(std::string_view code, entry_visitor const& each) {
    std::lock_guard const lock{impl_->guard};
    auto const slot = slot_of_customer(code);
    for (auto const& e : impl_->slots[slot].entries) {
        if (!e.customer.empty() && e.customer != code) continue;
        if (!each(e.seen_as(slot))) break;
    }
    return {};
}

result<void> memory_store::read_since(slot_versions const& seen, entry_visitor const& each) {
    std::lock_guard const lock{impl_->guard};
    for (std::uint16_t s = 0; s < slots_in_all; ++s) {
        auto const& entries = impl_->slots[s].entries;
        for (auto i = static_cast<std::size_t>(seen.of(s)); i < entries.size(); ++i) {
            if (!each(entries[i].seen_as(s))) return {};
        }
    }
    return {};
}

result<std::vector<kept_decision>> memory_store::decisions(std::uint64_t from, std::uint64_t most) {
    std::lock_guard const lock{impl_->guard};
    std::vector<kept_decision> out;
    for (auto position = std::max<std::uint64_t>(from, 1); position <= impl_->outbox.size() && out.size() < most;
         ++position) {
        auto const [slot, at] = impl_->outbox[position - 1];
        auto const& e = impl_->slots[slot].entries[at];
        out.push_back({position, slot, e.customer, e.bytes.substr(1)});
    }
    return out;
}

result<std::uint32_t> memory_store::add_rulebook(std::string_view version, std::string_view text) {
    std::lock_guard const lock{impl_->guard};
    for (auto const& r : impl_->rulebooks) {
        if (r.text == text) return r.number;
    }
    auto const number = static_cast<std::uint32_t>(impl_->rulebooks.size());
    impl_->rulebooks.push_back({number, std::string{version}, std::string{text}});
    return number;
}

result<std::vector<kept_rulebook>> memory_store::rulebooks() {
    std::lock_guard const lock{impl_->guard};
    return impl_->rulebooks;
}

result<std::vector<personal_text>> memory_store::personal(std::string_view customer) {
    std::lock_guard const lock{impl_->guard};
    std::vector<personal_text> out;
    for (auto const& [key, text] : impl_->people) {
        if (key.first == customer) out.push_back({key.first, key.second, text});
    }
    return out;
}

result<std::uint64_t> memory_store::erase_personal(std::string_view customer, std::string_view pseudonym) {
    std::lock_guard const lock{impl_->guard};
    return std::erase_if(impl_->people, [&](auto const& one) {
        return one.first.first == customer && (pseudonym.empty() || one.first.second == pseudonym);
    });
}

result<std::optional<std::string>> memory_store::note(std::string_view name) {
    std::lock_guard const lock{impl_->guard};
    auto const found = impl_->notes.find(name);
    if (found == impl_->notes.end()) return std::optional<std::string>{};
    return std::optional{found->second};
}

result<void> memory_store::save_snapshot(std::vector<slot_image> const& images) {
    auto bytes = std::make_shared<std::vector<std::string>>();
    bytes->reserve(images.size());
    auto kept = images;
    for (auto& image : kept) image.bytes = bytes->emplace_back(image.bytes);
    std::lock_guard const lock{impl_->guard};
    impl_->snapshot_bytes = std::move(bytes);
    impl_->snapshot = std::move(kept);
    return {};
}

result<std::optional<kept_snapshot>> memory_store::load_snapshot() {
    std::lock_guard const lock{impl_->guard};
    if (!impl_->snapshot_bytes) return std::optional<kept_snapshot>{};
    return std::optional{kept_snapshot{impl_->snapshot, impl_->snapshot_bytes}};
}

result<store_report> memory_store::verify() {
    std::lock_guard const lock{impl_->guard};
    store_report out;
    for (std::uint16_t s = 0; s < slots_in_all; ++s) {
        digest last{};
        for (std::size_t i = 0; i < impl_->slots[s].entries.size(); ++i) {
            auto const& e = impl_->slots[s].entries[i];
            ++out.entries;
            auto const kind = kind_of_entry(e.bytes);
            if (kind == entry_kind::fact_told) ++out.facts;
            if (kind == entry_kind::decision_made) ++out.decisions;
            auto const chained = digest_of(
                {i == 0 ? std::string_view{} : view_of(last), e.customer, std::string_view{"\0", 1}, e.bytes});
            if (chained != e.chained) {
                out.faults.push_back("slot " + std::to_string(s) + ", entry " + std::to_string(i) +
                                     ": it is not what was appended");
            }
            last = e.chained;
        }
    }
    return out;
}

}  // namespace patron::v1::store
