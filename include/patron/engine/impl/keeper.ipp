#pragma once
// Included at the end of engine.ipp, whose insides it works on.

namespace patron::inline v1 {

namespace detail {

PATRON_FN void keeper::keep_journal(bool on) { engine_->impl_->keeps_journal = on; }
PATRON_FN journal keeper::take_noted() { return std::exchange(engine_->impl_->noted, {}); }
PATRON_FN void keeper::set_as_of(std::optional<day> as_of) noexcept { engine_->impl_->options.as_of = as_of; }

PATRON_FN void keeper::set_rulebooks(std::vector<house_rules> all, std::uint16_t in_force) {
    auto& e = *engine_->impl_;
    BOOST_ASSERT(in_force < all.size());
    e.rulebooks.clear();
    for (auto& rules : all) e.rulebooks.push_back(std::make_unique<dated_rules const>(std::move(rules)));
    e.rulebook = in_force;
    e.options.rules = e.rulebooks[in_force]->rules();
}
PATRON_FN std::size_t keeper::rulebook_count() const noexcept { return engine_->impl_->rulebooks.size(); }
PATRON_FN void keeper::set_older(older_entries read) { engine_->impl_->older = std::move(read); }

/// Takes in what a store holds, one entry after the other.
class restorer {
public:
    using impl = engine::impl;
    restorer(impl& e, impl::worker& w, restore_options const& how, restore_outcome& out)
        : e_{e}, w_{w}, how_{how}, out_{out} {}

    result<void> take(journal_entry const& entry) {
        auto const& bytes = entry.bytes;
        if (is_encoded_fact(bytes)) {
            auto const taken = take_fact(entry);
            w_.priced.clear();
            return taken;
        }
        switch (static_cast<mark>(bytes.front())) {
            case mark::stage_change:
            case mark::refolded: return {};  // worked out again
            case mark::decided: return compare(entry);
            case mark::later: return take_later(entry);
            case mark::dropped: return forget_pending(bytes.substr(1));
            case mark::ruled: return take_ruling(entry);
            case mark::priced:  //
                w_.priced = bytes;
                return {};
            case mark::review_held: return review(entry);
            case mark::advanced: return advance(entry);
        }
        return damaged(entry, "its first byte is no mark of this release");
    }

private:
    static error damaged(journal_entry const& entry, std::string why) {
        return {.code = errc::damaged,
                .field = "slot " + std::to_string(entry.slot) +
                         (entry.customer.empty() ? "" : ", customer " + std::string{entry.customer}),
                .saw = {},
                .remedy = "an entry of the store cannot be taken in: " + std::move(why)};
    }
    [[nodiscard]] bool is_view() const noexcept { return how_.view.has_value(); }

    result<void> take_fact(journal_entry const& entry) {
        auto decoded = decode(entry.bytes, entry.customer);
        if (!decoded) return damaged(entry, decoded.error().message());
        auto& f = decoded.value();
        if (auto const sound = validate(f); !sound) return damaged(entry, sound.error().message());
        auto hint = impl::hint_of(f);
        if (is_view() && hint.head.at.on() > *how_.view) {
            ++out_.facts_later;
            return {};
        }
        w_.correcting.reset();
        if (kind_of(f) == fact_kind::corrected && entry.slot != book_slot) {
            w_.correcting = e_.find(entry.customer);
            if (!w_.correcting) {
                if (is_view()) return skip();
                return damaged(entry, "it corrects a fact of a customer that is not known");
            }
        }
        auto const outcome = e_.apply_one(w_, f, hint);
        if (!outcome) {
            if (is_view()) return skip();
            return damaged(entry, outcome.error().message());
        }
        ++out_.facts;
        auto const was_pending = forget_pending(hint.head.ref, hint.kept_at);
        if (!was_pending.has_value()) return was_pending.error();
        if (was_pending.value()) return {};
        if (entry.slot == book_slot) {
            e_.keep_reference(hint);  // later entries of the book's own slot may correct it
        } else {
            w_.refs.emplace_back(hint.ref_hash, hint.kept_at);
        }
        return {};
    }
    result<void> skip() {
        ++out_.facts_later;
        return {};
    }

    result<void> take_later(journal_entry const& entry) {
        auto const fact_bytes = entry.bytes.substr(1);
        if (fact_bytes.empty() || !is_encoded_fact(fact_bytes)) return damaged(entry, "no fact follows its mark");
        auto const decoded = decode(fact_bytes, entry.customer);
        if (!decoded) return damaged(entry, decoded.error().message());
        auto hint = impl::hint_of(decoded.value());
        w_.bytes.assign(fact_bytes);
        w_.bytes += '\0';
        w_.bytes += entry.customer;
        e_.add_pending(w_, hint, entry.customer);
        std::lock_guard const lock{e_.pending_guard};
        e_.refs_of_pending.emplace(std::string{hint.head.ref}, hint.kept_at);
        w_.refs.emplace_back(hint.ref_hash, hint.kept_at);
        return {};
    }

    result<void> forget_pending(std::string_view ref) {
        std::lock_guard const lock{e_.pending_guard};
        auto const found = e_.refs_of_pending.find(ref);
        if (found == e_.refs_of_pending.end()) return {};
        std::erase(e_.pending, found->second);
        e_.refs_of_pending.erase(found);
        return {};
    }
    /// True when the fact was pending: its reference stands for the one in effect now.
    result<bool> forget_pending(std::string_view ref, log_place now) {
        std::lock_guard const lock{e_.pending_guard};
        if (e_.refs_of_pending.empty()) return false;
        auto const found = e_.refs_of_pending.find(ref);
        if (found == e_.refs_of_pending.end()) return false;
        std::erase(e_.pending, found->second);
        for (auto& [hash, place] : w_.refs) {
            if (place == found->second) {
                place = now;
                e_.refs_of_pending.erase(found);
                return true;
            }
        }
        e_.refs.replace(stable_hash(ref), found->second, now);
        e_.refs_of_pending.erase(found);
        return true;
    }

    result<void> take_ruling(journal_entry const& entry) {
        auto const r = decode_ruling(entry.bytes);
        if (entry.slot >= customer_slots || r.rulebook < 0 ||
            static_cast<std::size_t>(r.rulebook) >= e_.rulebooks.size()) {
            return damaged(entry, "the store has no rulebook " + std::to_string(r.rulebook));
        }
        auto const number = static_cast<std::uint16_t>(r.rulebook);
        if (auto const owner = e_.find(entry.customer)) {
            e_.come_under(w_, *owner, number, r.through);
        } else {
            e_.slots[entry.slot]->first_rulebook = number;
        }
        return {};
    }

    result<void> review(journal_entry const& entry) {
        auto const month = period::at_index(get_number(entry.bytes, 1));
        if (entry.slot >= customer_slots || (month < period{first_day} || month > period{last_day}))
            return damaged(entry, "it is no review of a month");
        if (is_view() && month.last() > *how_.view) return {};
        std::vector<decision> none;
        e_.review_slot(w_, entry.slot, month, none);
        return {};
    }
    result<void> advance(journal_entry const& entry) {
        auto const on = day_of(get_number(entry.bytes, 1));
        if (entry.slot >= customer_slots || on < first_day || on > last_day)
            return damaged(entry, "it is no day to be brought to");
        if (is_view() && on > *how_.view) return {};
        std::vector<decision> none;
        w_.report.clear();
        w_.report.want_decisions = e_.wants_decisions(w_);
        e_.advance_slot(w_, entry.slot, due_by::the(on, true, e_.options.reviews), none);
        w_.advanced_to = std::max(w_.advanced_to, number_of(on));
        return {};
    }

    result<void> compare(journal_entry const& entry) {
        if (!w_.comparing) return {};
        ++out_.decisions;
        auto const kept = entry.bytes.substr(1);
        auto const found = w_.made.find(entry.customer);
        std::string made;
        if (found != w_.made.end()) {
            made = std::move(found->second.front());
            found->second.pop_front();
            if (found->second.empty()) w_.made.erase(found);
        }
        if (made != kept) out_.different.push_back({std::string{entry.customer}, std::string{kept}, std::move(made)});
        return {};
    }

    impl& e_;
    impl::worker& w_;
    restore_options const& how_;
    restore_outcome& out_;
};

PATRON_FN result<restore_outcome> keeper::restore(std::span<journal_entry const> entries, restore_options const& how) {
    auto& e = *engine_->impl_;
    // entries of the book's own slot are few and may concern the whole book: they go first, on this thread
    auto const threads = entries.size() < 1'024 ? 1U : std::clamp(how.threads, 1U, 64U);
    prepare_threads(threads);
    if (e.restoring.size() < threads) e.restoring.resize(threads);
    std::vector<result<void>> ended(threads + 1);
    std::vector<restore_outcome> outcomes(threads + 1);
    auto const take_share = [&](unsigned t, auto const& is_mine, std::size_t report) {
        auto& w = e.restoring[t];
        w.index = t;
        w.restoring = true;
        w.comparing = how.record_decisions;
        restorer one{e, w, how, outcomes[report]};
        for (auto const& entry : entries) {
            if (!is_mine(entry)) continue;
            if (entry.slot >= slots_in_all || entry.bytes.empty()) {
                ended[report] = error{.code = errc::damaged, .remedy = "the store gives an entry of no slot"};
            } else {
                ended[report] = one.take(entry);
            }
            if (!ended[report]) return;
        }
    };
    take_share(0, [](journal_entry const& entry) { return entry.slot >= customer_slots; }, threads);
    // which thread a slot belongs to must not change between calls: decisions wait there to be compared
    e.crew.run(threads, [&](unsigned t) {
        take_share(
            t, [&](journal_entry const& entry) { return entry.slot < customer_slots && entry.slot % threads == t; }, t);
    });
    restore_outcome all;
    for (std::size_t r = 0; r <= threads; ++r) {
        if (!ended[r]) return ended[r].error();
        all.facts += outcomes[r].facts;
        all.decisions += outcomes[r].decisions;
        all.facts_later += outcomes[r].facts_later;
        std::move(outcomes[r].different.begin(), outcomes[r].different.end(), std::back_inserter(all.different));
    }
    for (unsigned t = 0; t < threads; ++t) {
        auto& w = e.restoring[t];
        for (auto const& [hash, place] : w.refs) e.refs.add(hash, place);
        w.refs.clear();
        e.latest = std::max(e.latest, w.latest);
        e.advanced_to = std::max(e.advanced_to, w.advanced_to);
    }
    return all;
}

PATRON_FN void keeper::finish_comparing(restore_outcome& into) {
    for (auto& w : engine_->impl_->restoring) {
        for (auto& [customer, made] : w.made) {
            for (auto& one : made) into.different.push_back({customer, {}, std::move(one)});
        }
        w.made.clear();
    }
}

PATRON_FN std::vector<decision> keeper::advance(std::uint16_t slot, day on) {
    auto& e = *engine_->impl_;
    std::vector<decision> decided;
    e.serial.report.clear();
    e.serial.report.want_decisions = e.wants_decisions(e.serial);
    e.advance_one(e.serial, slot, due_by::the(on, true, e.options.reviews), decided);
    e.noted.take(e.serial.noted);
    e.advanced_to = std::max(e.advanced_to, number_of(on));
    return decided;
}

PATRON_FN batch_outcome keeper::take_effect(std::optional<day> as_of) {
    auto& e = *engine_->impl_;
    e.options.as_of = as_of;
    struct due_fact {
        moment at;
        log_place place;
        fact content;
    };
    std::vector<due_fact> due;
    for (auto const place : e.pending) {
        auto const kept = e.pending_at(place);
        auto decoded = decode(kept.bytes, kept.customer);
        BOOST_ASSERT(decoded.has_value());
        auto const at = head_of(decoded.value()).at;
        if (!as_of || at.on() <= *as_of) due.push_back({at, place, std::move(decoded.value())});
    }
    std::sort(due.begin(), due.end(), [](due_fact const& a, due_fact const& b) {
        if (a.at != b.at) return a.at < b.at;
        return head_of(a.content).ref < head_of(b.content).ref;
    });
    batch_outcome out;
    for (auto& one : due) {
        ++out.read;
        std::erase(e.pending, one.place);
        auto hint = engine::impl::hint_of(one.content);
        e.refs_of_pending.erase(std::string{hint.head.ref});
        auto const taken = e.apply_one(e.serial, one.content, hint);
        if (taken) {
            e.refs.replace(hint.ref_hash, one.place, hint.kept_at);
            ++out.applied;
            for (auto& d : e.serial.report.decisions) {
                if (e.options.record_decisions) out.decisions.push_back(std::move(d));
            }
        } else {
            out.rejected.push_back(taken.error());
            auto const customer = hint.head.customer;
            e.serial.noted.add(customer.empty() ? book_slot : slot_of_customer(customer), customer,
                               mark_of(mark::dropped, hint.head.ref));
        }
        if (e.keeps_journal) e.noted.take(e.serial.noted);
        e.serial.noted.clear();
        e.latest = std::max(e.latest, e.serial.latest);
    }
    return out;
}
PATRON_FN std::uint64_t keeper::pending() const noexcept { return engine_->impl_->pending.size(); }

PATRON_FN result<std::optional<money>> keeper::counted_for(std::string_view code, money asked, day on) const {
    auto const& e = *engine_->impl_;
    auto const at = e.find(code);
    if (!at) return engine::impl::unknown(code);
    return e.desk(on).counted_for(*at, asked);
}
PATRON_FN day keeper::known_day() const noexcept { return day_of(engine_->impl_->shown_day()); }
PATRON_FN result<std::optional<day>> keeper::day_of_fact(std::string_view ref) const {
    auto const& e = *engine_->impl_;
    auto const hash = stable_hash(ref);
    std::string bytes;
    if (auto const place = e.refs.find(hash, ref); place != 0) {
        bytes = e.log.at(place).bytes;
    } else {
        auto older = e.older_fact(hash, ref);
        if (!older) return older.error();
        bytes = std::move(older.value().bytes);
    }
    if (bytes.empty()) return std::optional<day>{};
    auto const told = decode(bytes, {});
    if (!told) return told.error();
    return std::optional{head_of(told.value()).at.on()};
}

PATRON_FN result<std::vector<std::uint16_t>> keeper::slots_deciding_credit(std::string_view code) const {
    auto const& e = *engine_->impl_;
    std::vector<std::uint16_t> all{slot_of_customer(code)};
    auto const at = e.find(code);
    if (!at) return all;
    auto const parent = e.slot_at(*at).profile(engine::impl::position_of(*at)).parent;
    auto const customers = e.customers();
    group_credit const groups{customers, {}};
    auto const sharers = groups.sharers(code, parent);
    if (!sharers) return sharers.error();
    for (auto const one : sharers.value()) {
        all.push_back(slot_of_customer(e.slot_at(one).identities[engine::impl::position_of(one)].code_text()));
    }
    for (auto above = std::string_view{parent}; !above.empty();) {  // it ends: `sharers` has looked
        all.push_back(slot_of_customer(above));
        auto const group = e.find(above);
        above = group ? e.slot_at(*group).profile(engine::impl::position_of(*group)).parent : std::string_view{};
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

PATRON_FN credit_file const* keeper::credit_of(std::string_view code) const {
    auto const& e = *engine_->impl_;
    auto const at = e.find(code);
    if (!at) return nullptr;
    auto const* records = e.slot_at(*at).identities[engine::impl::position_of(*at)].records.get();
    return records == nullptr ? nullptr : &*records->credit;
}

PATRON_FN slot& keeper::slot_at(std::uint16_t number) { return *engine_->impl_->slots[number]; }
PATRON_FN std::vector<lifecycle::stage_change> keeper::changes_of(std::uint16_t slot, std::uint32_t position) const {
    return engine_->impl_->changes_of(engine::impl::place_of(slot, position));
}
PATRON_FN void keeper::prepare_threads(unsigned threads) {
    auto& e = *engine_->impl_;
    if (e.cursors.size() < threads) e.cursors.resize(threads);
    if (e.restoring.size() < threads) e.restoring.resize(threads);
    for (unsigned t = 0; t < threads; ++t) e.restoring[t].index = t;
}
PATRON_FN void keeper::begin_chain(unsigned thread, std::uint16_t slot, std::uint32_t position,
                                   std::span<lifecycle::stage_change const> changes) {
    auto& e = *engine_->impl_;
    auto const owner = engine::impl::place_of(slot, position);
    auto& w = e.restoring[thread];
    for (auto const& change : changes) {
        e.slot_at(owner).add_change(position, change);
        e.append_unnoted(w, owner, encode_change(change));
    }
    e.append_unnoted(w, owner, std::string_view{"\x3e", 1});
}
PATRON_FN std::vector<std::string_view> keeper::book_facts() const {
    auto const& e = *engine_->impl_;
    std::vector<std::string_view> all;
    for (auto at = e.book_facts; at != 0; at = e.log.at(at).previous) all.push_back(e.log.at(at).bytes);
    std::reverse(all.begin(), all.end());
    return all;
}
PATRON_FN void keeper::add_book_fact(std::string_view bytes) {
    auto& e = *engine_->impl_;
    e.book_facts = e.log.append(e.cursors[0], e.book_facts, no_customer, bytes);
    e.take_market(bytes);
    e.refs.add(stable_hash(encoded_ref(bytes)), e.book_facts);
}
PATRON_FN std::vector<keeper::pending_fact> keeper::pending_facts() const {
    auto const& e = *engine_->impl_;
    std::vector<pending_fact> all;
    all.reserve(e.pending.size());
    for (auto const at : e.pending) all.push_back(e.pending_at(at));
    return all;
}
PATRON_FN void keeper::add_pending(pending_fact const& f) {
    auto& e = *engine_->impl_;
    auto const ref = encoded_ref(f.bytes);
    engine::impl::hint hint;
    e.serial.bytes.assign(f.bytes);
    e.serial.bytes += '\0';
    e.serial.bytes += f.customer;
    e.add_pending(e.serial, hint, f.customer);
    e.refs.add(stable_hash(ref), hint.kept_at);
    e.refs_of_pending.emplace(std::string{ref}, hint.kept_at);
}
PATRON_FN older_references keeper::references() const {
    auto const& e = *engine_->impl_;
    older_references all;
    all.shards() = e.older_refs.shards();
    all.shards().resize(older_references::shard_count);
    for (std::size_t s = 0; s < e.refs.shards().size(); ++s) {
        e.refs.shards()[s].each([&](std::uint32_t hash, log_place place) {
            auto const owner = e.log.at(place).owner;
            if (owner != no_customer && owner != kept_for_later) all.shards()[s].add(hash, owner);
        });
    }
    return all;
}
PATRON_FN void keeper::set_older_references(older_references all) { engine_->impl_->older_refs = std::move(all); }
PATRON_FN keeper::book_marks keeper::marks() const noexcept {
    auto const& e = *engine_->impl_;
    return {e.latest, e.closed_by_fact, e.advanced_to};
}
PATRON_FN void keeper::set_marks(book_marks m) noexcept {
    auto& e = *engine_->impl_;
    e.latest = std::max(e.latest, m.latest);
    e.closed_by_fact = std::max(e.closed_by_fact, m.closed_by_fact);
    e.advanced_to = std::max(e.advanced_to, m.advanced_to);
}

}  // namespace detail

}  // namespace patron::v1
