#pragma once
#include <patron/base/impl/divided.hpp>
#include <patron/engine/engine.hpp>
#include <patron/engine/impl/assess_by.hpp>
#include <patron/engine/impl/book.hpp>
#include <patron/engine/impl/book_customers.hpp>
#include <patron/engine/impl/change_fields.hpp>
#include <patron/engine/impl/credit_desk.hpp>
#include <patron/engine/impl/crew.hpp>
#include <patron/engine/impl/dated_rules.hpp>
#include <patron/engine/impl/keeper.hpp>
#include <patron/engine/impl/kept_directory.hpp>
#include <patron/engine/impl/marks.hpp>
#include <patron/engine/impl/priced.hpp>
#include <patron/engine/impl/rated.hpp>
#include <patron/engine/impl/told_book.hpp>
#include <patron/machine/names.hpp>

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

namespace patron::inline v1 {

namespace detail {

/// The fields of a fact but `ref`, `at` and `customer`, as "order=O1 amount=10.00 CNY".
inline std::string details_of(fact const& f) {
    std::string details;
    auto const fields = fields_of(kind_of(f));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == "ref" || fields[i].name == "at" || fields[i].name == "customer") continue;
        auto shown = text_of(f, i);
        if (auto const count = record_count(f, i); count > 0) shown = std::to_string(count) + " records";
        if (!shown) continue;
        if (!details.empty()) details += ' ';
        details.append(fields[i].name).append(1, '=').append(*shown);
    }
    return details;
}

/// `part` of `whole` of an amount, rounded half to even; nothing beyond 64 bits. Precondition: the whole is above zero.
inline std::optional<std::int64_t> part_of(std::int64_t amount, std::int64_t part, std::int64_t whole) {
    __extension__ using wide = __int128;
    auto const out = divided(wide{amount} * part, whole, rounding::half_even);
    if (out > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(out);
}

}  // namespace detail

struct engine::impl {
    using place = detail::customer_place;
    using log_place = detail::log_place;

    engine_options options;
    detail::fact_log log;
    detail::reference_index refs{log};
    detail::page_pool pool;  // outlives the slots
    detail::slots slots;
    std::vector<detail::fact_log::cursor> cursors{1};
    log_place book_facts = 0;  // head of the chain of facts that have no customer
    price_list prices;         // as book_facts tell it
    detail::dated_rates rates;
    std::vector<rebate_offered> offers;  // as they are mended, in the order in which they were told
    int closed_by_fact = 0;              // index of the latest period that a review_held closed
    std::int64_t latest = INT64_MIN;
    std::uint64_t unnamed = 0;
    detail::kept_directory directory{slots};

    /// What one thread works with.
    struct worker {
        unsigned index = 0;
        std::string bytes;
        fold_report report;
        std::int64_t latest = INT64_MIN;
        detail::journal noted;  ///< for the store, when there is one

        // while entries of a store are taken in
        bool restoring = false;
        bool comparing = false;                                 ///< decisions with those that were kept
        std::optional<place> correcting;                        ///< whose fact the correction that comes next is of
        std::string priced;                                     ///< the mark of the fact that comes next
        day_number advanced_to = no_day;                        ///< by a mark of a slot
        std::vector<std::pair<std::uint64_t, log_place>> refs;  ///< of facts taken in, to be kept at the end
        std::map<std::string, std::deque<std::string>, std::less<>> made;  ///< decisions not compared yet
    };
    worker serial;
    detail::crew crew;

    // --- what a store adds -----------------------------------------------------------------------

    bool keeps_journal = false;
    detail::journal noted;                ///< since it was last taken
    detail::older_entries older;          ///< reads what the store holds of a customer and memory does not
    detail::older_references older_refs;  ///< of facts that only the store holds
    std::vector<std::unique_ptr<detail::dated_rules const>> rulebooks;  ///< by number
    std::uint16_t rulebook = 0;                                         ///< the number of the one in force
    std::vector<log_place> pending;                                     ///< facts that are later than as_of
    std::map<std::string, log_place, std::less<>> refs_of_pending;      ///< of those that came from a store
    std::vector<worker> restoring;                                      ///< those who take in what a store holds
    std::mutex pending_guard;

    explicit impl(engine_options o) : options{std::move(o)} {
        slots.reserve(detail::slot_count);
        for (std::size_t s = 0; s < detail::slot_count; ++s) slots.push_back(std::make_unique<detail::slot>(pool));
        rulebooks.push_back(std::make_unique<detail::dated_rules const>(options.rules));
    }

    [[nodiscard]] fold_rules rules_by(std::uint16_t number) const { return rulebooks[number]->under(options); }
    [[nodiscard]] fold_rules rules() const { return rules_by(rulebook); }
    [[nodiscard]] fold_rules rules_in(detail::slot& slot) const {
        auto how = rules();
        how.memory = &slot.memory;
        return how;
    }

    static place place_of(std::size_t slot, std::uint32_t position) { return detail::place_of(slot, position); }
    [[nodiscard]] detail::slot& slot_at(place p) const { return detail::slot_at(slots, p); }
    static std::uint32_t position_of(place p) { return detail::position_of(p); }
    [[nodiscard]] std::optional<place> find(std::string_view code) const { return detail::find_customer(slots, code); }

    static error unknown(std::string_view code) {
        return {.code = errc::unknown_customer,
                .field = "customer",
                .saw = std::string{code.substr(0, 80)},
                .remedy = "enrol the customer first, by customer_enrolled"};
    }

    // --- the log ---------------------------------------------------------------------------------

    /// Puts an entry behind the customer's others; for the store too, when there is one.
    void append(worker& w, place owner, std::string_view bytes) {
        append_unnoted(w, owner, bytes);
        if (keeps_journal && !w.restoring) note(w, owner, bytes);
    }
    void append_unnoted(worker& w, place owner, std::string_view bytes) {
        auto& id = slot_at(owner).identities[position_of(owner)];
        id.latest = log.append(cursors[w.index], id.latest, owner, bytes);
    }
    void note(worker& w, place owner, std::string_view bytes) {
        w.noted.add(static_cast<std::uint16_t>(owner >> detail::position_bits),
                    slot_at(owner).identities[position_of(owner)].code_text(), bytes);
    }
    void append_changes(worker& w, place owner, std::vector<lifecycle::stage_change> const& changes) {
        for (auto const& change : changes) {
            slot_at(owner).add_change(position_of(owner), change);
            append(w, owner, detail::encode_change(change));
        }
    }
    /// Notes what was decided about the customer, or compares it when it is restored.
    void append_decisions(worker& w, place owner, std::vector<decision> const& decisions) {
        if (decisions.empty() || (w.restoring ? !w.comparing : !keeps_journal)) return;
        auto const in = slot_at(owner).states[position_of(owner)].in;
        for (auto const& d : decisions) {
            std::string bytes{decision_tag};
            append_json(bytes, d, in);
            if (w.restoring) {
                w.made[d.customer].push_back(bytes.substr(1));
            } else {
                note(w, owner, bytes);
            }
        }
    }
    [[nodiscard]] bool wants_decisions(worker const& w) const noexcept {
        return w.restoring ? w.comparing : options.record_decisions || keeps_journal;
    }

    /// The customer's entries in memory, oldest first, and whether the store holds older ones.
    struct chain {
        std::vector<log_place> places;
        bool older_in_store = false;
    };
    [[nodiscard]] chain chain_of(place owner) const {
        chain all;
        for (auto at = slot_at(owner).identities[position_of(owner)].latest; at != 0;) {
            auto const entry = log.at(at);
            all.older_in_store = detail::is_mark(entry.bytes, detail::mark::advanced);
            if (all.older_in_store) break;
            all.places.push_back(at);
            at = entry.previous;
        }
        std::reverse(all.places.begin(), all.places.end());
        return all;
    }

    /// Hands the customer's entries to `visit(bytes)`, oldest first, those that only the store holds among them.
    /// `next_ref`: of the fact that is about to be taken in, where there is one: the store may hold it, and later ones.
    /// Errors: those of the store.
    template <class Visit>
    result<void> each_entry(place owner, std::string_view next_ref, Visit&& visit) const {
        auto const all = chain_of(owner);
        if (all.older_in_store) {
            auto first_ref = next_ref;  // what the store has of it and later is in memory too, or not yet
            for (auto const at : all.places) {
                if (!is_encoded_fact(log.at(at).bytes)) continue;
                first_ref = encoded_ref(log.at(at).bytes);
                break;
            }
            auto const code = slot_at(owner).identities[position_of(owner)].code_text();
            auto const read = older(code, [&](std::string_view bytes) {
                if (!first_ref.empty() && is_encoded_fact(bytes) && encoded_ref(bytes) == first_ref) return false;
                visit(bytes);
                return true;
            });
            if (!read) return read;
        }
        for (auto const at : all.places) visit(log.at(at).bytes);
        return {};
    }

    /// Reads the orders taken so far into a ledger that was not needed before. Errors: those of the store.
    result<void> complete_ledger(place owner, std::string_view next_ref) {
        auto& slot = slot_at(owner);
        auto& records = slot.identities[position_of(owner)].records;
        if (!records) records = std::make_unique<customer_records>(&slot.memory);
        if (records->ledger_is_complete) return {};
        auto const code = slot.identities[position_of(owner)].code_text();
        std::vector<order_placed> orders;
        auto const read = each_entry(owner, next_ref, [&](std::string_view bytes) {
            if (!is_encoded_fact(bytes) || encoded_kind(bytes) != fact_kind::order_placed) return;
            auto order = decode(bytes, code);
            if (order) orders.push_back(std::get<order_placed>(std::move(order.value())));
        });
        if (!read) return read;
        for (auto const& order : orders) enter_order(records->ledger, slot.states[position_of(owner)], order);
        records->ledger_is_complete = true;
        return {};
    }

    /// Before an agreement takes effect: what the customer traded since its start is read again into an account for it.
    /// Errors: those of the store.
    result<void> gather_volumes(place owner, rebate_agreed const& agreed) {
        auto& slot = slot_at(owner);
        auto const& state = slot.states[position_of(owner)];
        auto& records = slot.identities[position_of(owner)].records;
        auto const* known = records ? records->rebates->find(agreed.agreement) : nullptr;
        if (known != nullptr || (state.orders == 0 && !records) || state.in.is_own()) return {};
        auto const told = story_of(owner, nullptr, agreed.ref);
        if (!told) return told.error();
        gathered const one{.agreed = agreed};
        auto again = refold(owner, told.value(), latest_in_effect(), false, {&one, 1});
        if (!again) return again.error();
        if (!records) records = std::make_unique<customer_records>(&slot.memory);
        records->rebates = std::move(again.value().customer.records->rebates);
        return {};
    }

    // --- applying --------------------------------------------------------------------------------

    /// What is known of a row before its turn, and where its fact went.
    struct hint {
        fact_head head;  // views the row
        std::uint64_t code_hash = 0;
        std::uint64_t ref_hash = 0;
        std::uint32_t position = detail::hash_index::none;  ///< where the customer should stand
        log_place seen_at = 0;                              ///< the fact that came with this reference; 0: none
        log_place kept_at = 0;                              ///< where this one was kept; 0: it was not
        bool stands_alone = false;  ///< concerns more than one customer, so that no thread may run beside it

        /// False for a row that could not be read. Precondition: facts without a reference have been named.
        [[nodiscard]] bool is_fact() const noexcept { return !head.ref.empty(); }
    };
    /// Tells whether the reference was seen: nothing when it is new.
    std::optional<result<fate>> seen_before(worker const& w, hint const& h, std::string_view bytes,
                                            std::optional<place> owner) const {
        if (w.restoring) return std::nullopt;
        if (h.seen_at == 0) {
            auto const before = older_fact(h.ref_hash, h.head.ref);
            if (!before) return before.error();
            if (before.value().bytes.empty()) return std::nullopt;
            if (detail::is_told_again(before.value().bytes, bytes) && before.value().owner == owner)
                return fate::duplicate;
        } else {
            auto const stored = log.at(h.seen_at);
            if (detail::is_told_again(stored.bytes, bytes) && stored.owner == owner.value_or(detail::no_customer)) {
                return fate::duplicate;
            }
            if (stored.owner == detail::kept_for_later) {  // dropped when its day came: it still has no other effect
                auto const dropped = pending_at(h.seen_at);
                if (dropped.bytes == bytes && dropped.customer == h.head.customer) return fate::duplicate;
            }
        }
        return error{
            .code = errc::conflicting_reference,
            .field = "ref",
            .saw = std::string{h.head.ref.substr(0, 80)},
            .remedy = "the reference came before with other content; give the fact its own, or send a correction"};
    }

    /// A fact that only the store holds, by its reference; no bytes when there is none.
    struct stored_fact {
        place owner = detail::no_customer;
        std::string bytes{};
    };
    [[nodiscard]] result<stored_fact> older_fact(std::uint64_t hash, std::string_view ref) const {
        stored_fact out;
        result<void> read;
        (void)older_refs.find(hash, [&](place candidate) {
            auto const one = each_entry(candidate, {}, [&](std::string_view bytes) {
                if (out.bytes.empty() && is_encoded_fact(bytes) && encoded_ref(bytes) == ref)
                    out = {candidate, std::string{bytes}};
            });
            if (!one) read = one;
            return !out.bytes.empty();
        });
        if (!read) return read.error();
        return out;
    }

    static hint hint_of(fact const& f) {
        auto const head = head_of(f);
        return {.head = head,
                .code_hash = stable_hash(head.customer),
                .ref_hash = stable_hash(head.ref),
                .stands_alone = kind_of(f) == fact_kind::corrected || head.customer.empty()};
    }
    [[nodiscard]] detail::slot& slot_of(hint const& h) const { return *slots[detail::slot_of(h.code_hash)]; }

    result<fate> apply_one(worker& w, fact const& given, hint& h) {
        w.report.clear();
        auto const& head = h.head;
        w.bytes.clear();
        encode(w.bytes, given);
        auto const kind = kind_of(given);
        if (kind == fact_kind::corrected) return correct(w, std::get<corrected>(given), h);
        if (head.customer.empty()) return apply_to_book(w, given, h);

        auto const code_hash = h.code_hash;
        auto const slot_number = detail::slot_of(code_hash);
        auto& slot = *slots[slot_number];
        auto known = std::optional{h.position};
        if (h.position == detail::hash_index::none || slot.identities[h.position].code_text() != head.customer) {
            known = slot.find(code_hash, head.customer);  // not looked up, new when it was, or hashed as another
        }
        auto const owner = known ? std::optional{place_of(slot_number, *known)} : std::nullopt;
        if (is_later(w, head.at)) return keep_for_later(w, h, head);
        if (auto const before = seen_before(w, h, w.bytes, owner)) return *before;
        if (!w.restoring && !known && kind != fact_kind::customer_enrolled &&
            (kind != fact_kind::order_placed || options.strict)) {
            return unknown(head.customer);
        }

        customer_state fresh;
        auto const on = head.at.on();
        if (!known) {
            fresh.known_since = fresh.since = number_of(on);
            fresh.closed_through = options.reviews == review_mode::monthly
                                       ? std::max(period{on}.index() - 1, closed_by_advance(slot))
                                       : slot.closed_by_fact;
        }
        auto& state = known ? slot.states[*known] : fresh;
        if (period{on}.index() <= state.closed_through) return closed(head.at, state.closed_through);
        if (known && needs_ledger(state, given)) {
            auto const& records = slot.identities[*known].records;
            if (!records || !records->ledger_is_complete) {
                if (auto const read = complete_ledger(*owner, head.ref); !read) return read.error();
            }
        }
        auto const* const so_far = known ? slot.identities[*known].records.get() : nullptr;
        auto const rated = detail::with_rate(given, state.in, rates, so_far == nullptr ? nullptr : &so_far->ledger);
        auto const& f = rated ? *rated : given;
        if (rated) {
            w.bytes.clear();
            encode(w.bytes, f);
        }

        if (known && !w.restoring && (kind == fact_kind::rebate_agreed || kind == fact_kind::rebate_settled)) {
            if (auto const fits = fits_offers(*owner, f); !fits) return fits.error();
        }
        if (known && kind == fact_kind::rebate_agreed) {
            auto const read = gather_volumes(*owner, std::get<rebate_agreed>(f));
            if (!read) return read.error();
        }

        auto const number = !w.restoring ? rulebook
                            : known      ? slot.identities[*known].rulebook
                                         : std::exchange(slot.first_rulebook, std::uint16_t{0});
        auto const number_before = known ? slot.identities[*known].rulebook : 0;
        auto const closed_before = state.closed_through;
        auto how = rules_by(number);
        how.memory = &slot.memory;
        std::string priced;
        price_list judged_by;
        if (known) how.market = market_of(slot, *known);
        if (known && detail::asks_for_prices(f)) {
            how.market.in = state.in;
            how.market.prices = &prices;
            priced = w.restoring ? std::exchange(w.priced, {}) : detail::prices_for(f, how.market);
            judged_by = detail::prices_in(priced);
            how.market.prices = &judged_by;
        }
        w.report.customer = head.customer;
        w.report.want_decisions = wants_decisions(w);
        std::unique_ptr<customer_records> none;
        auto& records = known ? slot.identities[*known].records : none;
        auto const keys_before = directory_keys(state);
        if (auto const taken = fold(how, state, records, f, w.report); !taken) {
            if (records && records->rebates.if_held() != nullptr) records->rebates.edit().forget_waiting();
            return taken.error();
        }

        auto const position = known ? *known : slot.add(code_hash, head.customer);
        auto const at = place_of(slot_number, position);
        if (!known) {
            slot.states[position] = fresh;
            slot.identities[position].records = std::move(none);
        } else if (keys_before != directory_keys(state)) {
            slot.touch(position);
        }
        if (number != number_before) come_under(w, at, number, closed_before);
        append_changes(w, at, w.report.changes);
        if (!priced.empty()) append(w, at, priced);
        append(w, at, w.bytes);
        append_decisions(w, at, w.report.decisions);
        if (kind == fact_kind::customer_enrolled) {
            enrolments.fetch_add(1, std::memory_order_relaxed);
            slot.enrol(position, std::get<customer_enrolled>(f), log.at(slot.identities[position].latest).bytes);
        }
        h.kept_at = slot.identities[position].latest;
        w.latest = std::max<std::int64_t>(w.latest, number_of(on));
        return fate::applied;
    }

    /// Notes that the customer is judged by another rulebook from here on.
    void come_under(worker& w, place owner, std::uint16_t number, std::int32_t closed_through) {
        slot_at(owner).identities[position_of(owner)].rulebook = number;
        append(w, owner, detail::encode_ruling({number, closed_through}));
    }

    static std::tuple<stage, day_number, std::int64_t, std::int64_t, bool, bool> directory_keys(
        customer_state const& s) {
        return {s.stage, s.next_due, s.limit_is_set ? s.exposure : 0, s.limit, s.limit_is_set, s.limit_is_unlimited};
    }

    /// The latest month that `advance_to` closed for all of the slot, customers to come included.
    static int closed_by_advance(detail::slot const& slot) {
        if (slot.advanced_to == no_day) return 0;
        period const month{day_of(slot.advanced_to)};
        return month.index() - (month.last() == day_of(slot.advanced_to) ? 0 : 1);
    }

    static error closed(moment at, int through) {
        return {.code = errc::closed_period,
                .field = "at",
                .saw = at.to_string(),
                .remedy = "months through " + period::at_index(through).to_string() +
                          " are closed; send a correction, or date the fact in an open month"};
    }

    [[nodiscard]] bool is_later(worker const& w, moment at) const {
        return !w.restoring && options.as_of && at.on() > *options.as_of;
    }

    /// Stores a fact that is later than `as_of`. Its customer may not be known yet, so that the code goes along.
    result<fate> keep_for_later(worker& w, hint& h, fact_head const& head) {
        auto const size = w.bytes.size();
        w.bytes += '\0';
        w.bytes += head.customer;
        if (auto const before = seen_before(w, h, w.bytes, detail::kept_for_later)) return *before;
        add_pending(w, h, head.customer);
        if (keeps_journal && !w.restoring) {
            w.noted.add(head.customer.empty() ? book_slot : slot_of_customer(head.customer), head.customer,
                        detail::mark_of(detail::mark::later, std::string_view{w.bytes}.substr(0, size)));
        }
        return fate::kept;
    }
    /// Precondition: `w.bytes` holds the fact, a zero byte and its customer's code.
    void add_pending(worker& w, hint& h, std::string_view) {
        h.kept_at = log.append(cursors[w.index], 0, detail::kept_for_later, w.bytes);
        std::lock_guard const lock{pending_guard};  // rare, and from any thread
        pending.push_back(h.kept_at);
    }
    /// A pending entry's fact and its customer.
    [[nodiscard]] detail::keeper::pending_fact pending_at(log_place at) const {
        auto const bytes = log.at(at).bytes;
        auto const zero = bytes.rfind('\0');  // codes have none
        return {bytes.substr(zero + 1), bytes.substr(0, zero)};
    }
    /// How many facts of a customer are kept for later. Complexity: linear in all that are kept.
    [[nodiscard]] std::uint64_t kept_of(std::string_view code) const {
        std::uint64_t count = 0;
        for (auto const at : pending) count += pending_at(at).customer == code ? 1 : 0;
        return count;
    }

    result<fate> apply_to_book(worker& w, fact const& f, hint& h) {
        auto const& head = h.head;
        if (is_later(w, head.at)) return keep_for_later(w, h, head);
        if (auto const before = seen_before(w, h, w.bytes, std::nullopt)) return *before;
        if (auto const* review = std::get_if<review_held>(&f)) {
            if (options.reviews == review_mode::by_fact && review->period.index() <= closed_by_fact) {
                return error{.code = errc::closed_period,
                             .field = "period",
                             .saw = review->period.to_string(),
                             .remedy = "the period was reviewed before; reviews go forward"};
            }
            if (options.reviews == review_mode::monthly) {
                return error{
                    .code = errc::impossible_now,
                    .field = "fact",
                    .saw = "review_held",
                    .remedy = "the book reviews itself monthly; let reviews come by fact to hold them from the feed"};
            }
            if (review->period.first() > head.at.on()) {
                return error{.code = errc::impossible_now,
                             .field = "period",
                             .saw = review->period.to_string(),
                             .remedy = "a period is reviewed once it has begun"};
            }
            // restored, each slot has its own mark of the review, at its place among the facts
            w.restoring ? void(closed_by_fact = review->period.index()) : review_book(w, review->period);
        }
        if (auto const* offer = std::get_if<rebate_offered>(&f); offer != nullptr && !w.restoring) {
            if (auto const fits = can_offer(*offer, {}); !fits) return fits.error();
        }
        append_to_book(w, h);
        w.latest = std::max<std::int64_t>(w.latest, number_of(head.at.on()));
        return fate::applied;
    }

    void append_to_book(worker& w, hint& h) {
        book_facts = log.append(cursors[w.index], book_facts, detail::no_customer, w.bytes);
        h.kept_at = book_facts;
        take_market(w.bytes);
        if (keeps_journal && !w.restoring) w.noted.add(book_slot, {}, w.bytes);
    }

    /// What a fact of the book, or a correction of one, says of prices, rates and offers.
    void take_market(std::string_view bytes) {
        auto const kind = encoded_kind(bytes);
        if (kind != fact_kind::supply_price_set && kind != fact_kind::rate_set && kind != fact_kind::rebate_offered &&
            kind != fact_kind::corrected) {
            return;
        }
        auto told = decode(bytes, {});
        if (!told) return;
        take_offer(told.value());
        if (kind == fact_kind::rebate_offered) return;
        if (auto const* price = std::get_if<supply_price_set>(&told.value())) return prices.tell(*price);
        if (auto* rate = std::get_if<rate_set>(&told.value())) return rates.tell(std::move(*rate));
        auto const& correction = std::get<corrected>(told.value());
        rates.correct(correction.of, correction.changes);
        auto const before = prices.told_by(correction.of);
        if (!before) return;
        fact mended{*before};
        if (detail::change_fields(mended, correction.changes)) {
            (void)prices.correct(correction.of, std::get<supply_price_set>(mended));
        }
    }
    [[nodiscard]] static policy::dealer_market market_of(detail::slot const& slot, std::uint32_t position) {
        auto const& id = slot.identities[position];
        return {
            .prices = nullptr, .channel = slot.words()[id.channel], .territory = slot.words()[id.territory], .in = {}};
    }

    void review_book(worker& w, period month) {
        closed_by_fact = month.index();
        std::vector<decision> all;
        for (std::size_t s = 0; s < slots.size(); ++s) {
            bring_under_rulebook(w, s,
                                 [&](customer_state const& state) { return state.closed_through < month.index(); });
            if (keeps_journal) {
                w.noted.add(static_cast<std::uint16_t>(s), {},
                            detail::mark_of(detail::mark::review_held, month.index()));
            }
            review_slot(w, s, month, all);
        }
        std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.customer < b.customer; });
        w.report.clear();
        w.report.decisions = std::move(all);
    }

    /// Holds the review of one month in one slot.
    void review_slot(worker& w, std::size_t s, period month, std::vector<decision>& all) {
        auto& slot = *slots[s];
        slot.closed_by_fact = month.index();
        auto const held = detail::mark_of(detail::mark::review_held, month.index());
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            auto& state = slot.states[position];
            if (state.closed_through >= month.index()) continue;
            auto& id = slot.identities[position];
            auto how = rules_by(id.rulebook);
            how.memory = &slot.memory;
            how.market = market_of(slot, position);
            w.report.clear();
            w.report.customer = id.code_text();
            w.report.want_decisions = wants_decisions(w);
            auto const keys_before = directory_keys(state);
            let_pass(how, state, id.records, month.last(), true, w.report);
            hold_review(how, state, id.records, month, w.report);
            if (keys_before != directory_keys(state)) slot.touch(position);
            auto const at = place_of(s, position);
            append_changes(w, at, w.report.changes);
            append_unnoted(w, at, held);  // the store has the slot's own mark
            append_decisions(w, at, w.report.decisions);
            for (auto& d : w.report.decisions) all.push_back(std::move(d));
        }
    }

    /// Before time passes for a slot: brings those of its customers for whom something is due under the rulebook in
    /// force. Their marks stand before that of the slot, so that who restores them knows by which rules.
    template <class Due>
    void bring_under_rulebook(worker& w, std::size_t s, Due const& is_due) {
        auto& slot = *slots[s];
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            if (slot.identities[position].rulebook == rulebook || !is_due(slot.states[position])) continue;
            come_under(w, place_of(s, position), rulebook, slot.states[position].closed_through);
        }
    }

    /// Brings one slot to what is due, under the rulebook in force, and notes it.
    void advance_one(worker& w, std::size_t s, due_by due, std::vector<decision>& decided) {
        if (rulebook != 0) {
            bring_under_rulebook(w, s, [&](customer_state const& state) {
                return state.closed_through < due.last_review ||
                       (state.next_due != no_day && state.next_due <= due.today);
            });
        }
        if (keeps_journal) {
            w.noted.add(static_cast<std::uint16_t>(s), {}, detail::mark_of(detail::mark::advanced, due.today));
        }
        advance_slot(w, s, due, decided);
    }

    /// Brings one slot to what is due, each customer under the rulebook that it came under.
    void advance_slot(worker& w, std::size_t s, due_by due, std::vector<decision>& decided) {
        auto& slot = *slots[s];
        slot.advanced_to = std::max(slot.advanced_to, due.today);
        auto const count = static_cast<std::uint32_t>(slot.states.size());
        for (std::uint32_t position = 0; position < count; ++position) {
            if (constexpr std::uint32_t ahead = 16; position + ahead < count) {
                detail::touch(&slot.states[position + ahead], sizeof(customer_state));
                detail::touch(&slot.identities[position + ahead]);
            }
            auto& state = slot.states[position];
            auto& id = slot.identities[position];
            auto const due_before = state.next_due;
            w.report.customer = id.code_text();
            auto how = rules_by(id.rulebook);
            how.memory = &slot.memory;
            how.market = market_of(slot, position);
            let_pass(how, state, id.records, due, w.report);
            if (state.next_due != due_before || !w.report.changes.empty()) slot.touch(position);
            if (w.report.changes.empty() && w.report.decisions.empty()) continue;
            append_changes(w, place_of(s, position), w.report.changes);
            append_decisions(w, place_of(s, position), w.report.decisions);
            std::move(w.report.decisions.begin(), w.report.decisions.end(), std::back_inserter(decided));
            w.report.clear();
        }
    }

    // --- folding again ---------------------------------------------------------------------------

    /// A customer's story step by step, as its chain in the log tells it.
    struct told_step {
        enum class kind : std::uint8_t {
            told,          ///< a fact as it is in effect, corrections carried out
            review,        ///< by fact: the review of `month`
            pass,          ///< time passed up to `on`, before the facts of that day
            pass_through,  ///< time passed to the end of `on`
            ruled,         ///< by another rulebook from here on; the one before ruled through `month`
        };
        kind what{};
        patron::fact content{};
        std::string as_told{};  ///< the fields before the first correction, where there was one
        std::string priced{};   ///< the mark of the list prices that it was judged by
        int month = 0;
        day_number on = no_day;
        std::uint16_t rulebook = 0;
    };
    struct story {
        std::vector<told_step> steps;
        std::vector<corrected> corrections;
        std::string priced{};  ///< while it is told: the mark of the next fact
    };

    /// Errors: those of a correction.
    /// `next_ref`: of the fact that is about to be taken in, where there is one.
    [[nodiscard]] result<story> story_of(place owner, corrected const* one_more, std::string_view next_ref = {}) const {
        using enum told_step::kind;
        auto const code = slot_at(owner).identities[position_of(owner)].code_text();
        story all;
        result<void> sound;
        if (one_more != nullptr) next_ref = one_more->ref;
        auto const read = each_entry(owner, next_ref, [&](std::string_view bytes) {
            if (sound) sound = tell(all, bytes, code);
        });
        if (!read) return read.error();
        if (!sound) return sound.error();
        if (one_more != nullptr) {
            if (auto const mended = carry_out(all, *one_more); !mended) return mended.error();
            all.steps.pop_back();  // whoever takes it lets its day pass, to report what comes of that
        }
        return all;
    }

    static result<void> tell(story& all, std::string_view bytes, std::string_view code) {
        using enum told_step::kind;
        if (detail::is_mark(bytes, detail::mark::review_held)) {
            all.steps.push_back({.what = review, .month = detail::get_number(bytes, 1)});
        } else if (detail::is_mark(bytes, detail::mark::stage_change)) {
            // a fact's own change stands before it on the same day; a review's, at the end of its month
            auto const change = detail::decode_change(bytes);
            auto const reviewed = change.cause == lifecycle::relationship::event::review_held;
            all.steps.push_back({.what = reviewed ? pass_through : pass, .on = change.on});
        } else if (detail::is_mark(bytes, detail::mark::ruled)) {
            auto const r = detail::decode_ruling(bytes);
            all.steps.push_back(
                {.what = ruled, .month = r.through, .rulebook = static_cast<std::uint16_t>(r.rulebook)});
        } else if (is_encoded_fact(bytes)) {
            auto decoded = decode(bytes, code);
            if (!decoded) return decoded.error();
            if (auto* correction = std::get_if<corrected>(&decoded.value())) return carry_out(all, *correction);
            all.steps.push_back(
                {.what = told, .content = std::move(decoded.value()), .priced = std::exchange(all.priced, {})});
        } else if (detail::is_mark(bytes, detail::mark::priced)) {
            all.priced = bytes;
        }
        return {};
    }

    /// Changes the fact that a correction names, and moves it to where its date belongs among what came before.
    static result<void> carry_out(story& all, corrected const& correction) {
        auto& steps = all.steps;
        auto const target = std::find_if(steps.begin(), steps.end(), [&](told_step const& s) {
            return s.what == told_step::kind::told && head_of(s.content).ref == correction.of;
        });
        if (target == steps.end()) {
            return error{.code = errc::unknown_reference,
                         .field = "of",
                         .saw = correction.of,
                         .remedy = "name the reference of a fact of this customer that is no correction"};
        }
        std::vector<std::string> refs{correction.of};
        if (auto const* agreed = std::get_if<rebate_agreed>(&target->content)) {
            add_tellings(refs, steps, *agreed, correction);
        }
        for (auto const& ref : refs) {
            if (auto const done = carry_out(steps, ref, correction.changes); !done) return done;
        }
        steps.push_back({.what = told_step::kind::pass, .on = number_of(correction.at.on())});
        all.corrections.push_back(correction);
        return {};
    }
    /// An agreement that was told more than once is one agreement: what changes its terms changes them in every telling.
    /// Another name makes another agreement of the telling that is named, and another day is that telling's own, unless
    /// the agreement's start follows from it.
    static void add_tellings(std::vector<std::string>& refs, std::vector<told_step> const& steps,
                             rebate_agreed const& agreed, corrected const& correction) {
        auto const changes = [&](std::string_view field) {
            return std::any_of(correction.changes.begin(), correction.changes.end(),
                               [&](field_change const& c) { return c.field == field; });
        };
        if (changes("agreement")) return;
        for (auto const& step : steps) {
            auto const* other = std::get_if<rebate_agreed>(&step.content);
            if (step.what != told_step::kind::told || other == nullptr || other->ref == agreed.ref ||
                other->agreement != agreed.agreement) {
                continue;
            }
            if (changes("at") && (agreed.from || other->from)) continue;
            refs.push_back(other->ref);
        }
    }
    static result<void> carry_out(std::vector<told_step>& steps, std::string_view ref,
                                  std::vector<field_change> const& changes) {
        auto const target = std::find_if(steps.begin(), steps.end(), [&](told_step const& s) {
            return s.what == told_step::kind::told && head_of(s.content).ref == ref;
        });
        auto const at_before = head_of(target->content).at;
        auto as_told = target->as_told;
        if (as_told.empty()) as_told = "at=" + at_before.to_string() + ' ' + detail::details_of(target->content);
        if (auto const changed = detail::change_fields(target->content, changes); !changed) return changed.error();
        target->as_told = std::move(as_told);
        auto const at = head_of(target->content).at;
        if (at == at_before) return {};
        auto moved = std::move(*target);
        steps.erase(target);
        auto const number = number_of(at.on());
        auto const later = std::find_if(steps.begin(), steps.end(), [&](told_step const& s) {
            switch (s.what) {
                case told_step::kind::told: return head_of(s.content).at > at;
                case told_step::kind::review: return s.month >= period{at.on()}.index();
                case told_step::kind::pass: return s.on > number;
                case told_step::kind::pass_through: break;
                case told_step::kind::ruled: return s.month >= period{at.on()}.index();
            }
            return s.on >= number;
        });
        steps.insert(later, std::move(moved));
        return {};
    }

    /// One customer folded again, as far as its story goes until the end of `until`.
    struct refold_result {
        folded_customer customer;
        fold_report report;
        policy::dealer_market market{};  ///< as enrolments have told of it; views the story
    };
    /// An agreement whose volumes are gathered, although the story does not tell of it.
    struct gathered {
        rebate_agreed agreed;
        std::optional<std::vector<rebate_book::days>> only_on{};  ///< nothing: all of its days
    };
    /// `before_each`: is called before each fact with what is known until then.
    template <class Look>
    result<refold_result> refold(place owner, story const& all, day until, bool want_decisions,
                                 std::span<gathered const> more, Look&& before_each) const {
        using enum told_step::kind;
        refold_result out;
        auto& state = out.customer.state;
        auto& records = out.customer.records;
        records = std::make_unique<customer_records>();
        records->ledger_is_complete = true;
        out.report.customer = slot_at(owner).identities[position_of(owner)].code_text();
        out.report.want_decisions = want_decisions;
        await_agreements(owner, all, more, *records);
        auto const last = number_of(until);
        std::uint16_t number = 0;
        auto& market = out.market;
        for (auto const& step : all.steps) {
            auto const known = state.known_since != no_day;
            auto how = rules_by(number);
            how.market = market;
            switch (step.what) {
                case ruled:
                    if (known) {
                        auto const through = std::min(period::at_index(step.month).last(), until);
                        let_pass(how, state, records, through, true, out.report);
                    }
                    if (step.rulebook < rulebooks.size()) number = step.rulebook;
                    break;
                case review:
                    if (!known || period::at_index(step.month).last() > until || state.closed_through >= step.month)
                        break;
                    let_pass(how, state, records, period::at_index(step.month).last(), true, out.report);
                    hold_review(how, state, records, period::at_index(step.month), out.report);
                    break;
                case pass:
                case pass_through:
                    if (known) {
                        let_pass(how, state, records, day_of(std::min(step.on, last)), step.what == pass_through,
                                 out.report);
                    }
                    break;
                case told:
                    auto const on = head_of(step.content).at.on();
                    if (on > until) break;
                    before_each(on, records->rebates);
                    if (!known) {
                        state.known_since = state.since = number_of(on);
                        state.closed_through = options.reviews == review_mode::monthly ? period{on}.index() - 1 : 0;
                    }
                    auto const judged_by = detail::prices_in(step.priced);
                    how.market.prices = &judged_by;
                    fold_report one;
                    one.customer = out.report.customer;
                    one.want_decisions = want_decisions;
                    if (auto const taken = fold(how, state, records, step.content, one); !taken) {
                        // on an earlier day it may rest on what came later
                        if (until < latest_in_effect()) break;
                        return taken.error();
                    }
                    std::move(one.changes.begin(), one.changes.end(), std::back_inserter(out.report.changes));
                    std::move(one.decisions.begin(), one.decisions.end(), std::back_inserter(out.report.decisions));
                    if (auto const* enrolled = std::get_if<customer_enrolled>(&step.content)) {
                        if (enrolled->channel) market.channel = *enrolled->channel;
                        if (enrolled->territory) market.territory = *enrolled->territory;
                    }
            }
        }
        return out;
    }
    result<refold_result> refold(place owner, story const& all, day until, bool want_decisions,
                                 std::span<gathered const> more = {}) const {
        return refold(owner, all, until, want_decisions, more, [](auto const&...) {});
    }
    /// Opens the accounts of all agreements of a story before it begins: each counts from its own first day on, however
    /// late it was told of.
    void await_agreements(place owner, story const& all, std::span<gathered const> more, customer_records& into) const {
        auto const in = slot_at(owner).states[position_of(owner)].in;
        if (in.is_own()) return;
        auto const await = [&](rebate_agreed const& agreed,
                               std::optional<std::vector<rebate_book::days>> const& only_on) {
            if (only_on && only_on->empty()) return;
            if (into.rebates->find(agreed.agreement) != nullptr || !into.rebates->can_open(agreed, in)) return;
            into.rebates.edit().gather(agreed, in, only_on.value_or(std::vector<rebate_book::days>{}));
        };
        for (auto const& step : all.steps) {
            auto const* agreed = std::get_if<rebate_agreed>(&step.content);
            if (step.what == told_step::kind::told && agreed != nullptr) await(*agreed, {});
        }
        for (auto const& one : more) await(one.agreed, one.only_on);
    }
    /// The day up to which facts are in effect. What a store holds as in effect stays so.
    [[nodiscard]] day latest_in_effect() const { return keeps_journal ? last_day : options.as_of.value_or(last_day); }

    result<fate> correct(worker& w, corrected const& f, hint& h) {
        auto owner = w.correcting.value_or(detail::no_customer);
        auto const target = w.restoring && w.correcting ? 0 : refs.find(stable_hash(f.of), f.of);
        bool found = target != 0 || w.correcting.has_value();
        if (target != 0) {
            owner = log.at(target).owner;
        } else if (!found) {
            auto const before = older_fact(stable_hash(f.of), f.of);
            if (!before) return before.error();
            found = !before.value().bytes.empty();
            owner = before.value().owner;
        }
        auto const owner_or_none = owner == detail::no_customer ? std::nullopt : std::optional{owner};
        if (is_later(w, f.at) || owner == detail::kept_for_later) {
            return keep_for_later(w, h, {f.ref, f.at, f.customer ? std::string_view{*f.customer} : std::string_view{}});
        }
        if (auto const before = seen_before(w, h, w.bytes, owner_or_none)) return *before;
        if (!found) {
            return error{.code = errc::unknown_reference,
                         .field = "of",
                         .saw = f.of,
                         .remedy = "name the reference of a fact that came before"};
        }
        if (owner == detail::no_customer) return correct_book_fact(w, f, target, h);
        auto& slot = slot_at(owner);
        auto const position = position_of(owner);
        if (f.customer && *f.customer != slot.identities[position].code_text()) {
            return error{.code = errc::impossible_now,
                         .field = "customer",
                         .saw = *f.customer,
                         .remedy = "the fact belongs to " + std::string{slot.identities[position].code_text()}};
        }
        auto const told = story_of(owner, &f);
        if (!told) return told.error();
        auto const old = slot.states[position];
        auto again = refold(owner, told.value(), latest_in_effect(), false);
        if (!again) return again.error();
        auto& fresh = again.value();
        if (fresh.customer.state.known_since == no_day) {
            return error{
                .code = errc::impossible_now,
                .field = "of",
                .saw = f.of,
                .remedy = "the customer's only fact in effect stays on or before the day that the book is for"};
        }
        // what was reviewed stays reviewed, and what has lapsed stays so: time is brought to where it was
        auto const number_before = slot.identities[position].rulebook;
        auto const number = w.restoring ? number_before : rulebook;
        auto how = rules_by(number);
        auto how_before = rules_by(number_before);
        how.market = how_before.market = fresh.market;
        if (options.reviews == review_mode::monthly) {
            let_pass(how_before, fresh.customer.state, fresh.customer.records,
                     period::at_index(old.closed_through).last(), true, fresh.report);
        }
        if (slot.advanced_to != no_day) {
            let_pass(how, fresh.customer.state, fresh.customer.records, day_of(slot.advanced_to), true, fresh.report);
        }
        fresh.customer.state.closed_through = std::max(fresh.customer.state.closed_through, old.closed_through);
        w.report.clear();
        w.report.customer = slot.identities[position].code_text();
        w.report.want_decisions = wants_decisions(w);
        let_pass(how, fresh.customer.state, fresh.customer.records, f.at.on(), false, w.report);
        if (wants_decisions(w) && old.stage != fresh.customer.state.stage) {
            w.report.decisions.push_back({.ref = f.ref,
                                          .at = f.at,
                                          .customer = std::string{w.report.customer},
                                          .from = old.stage,
                                          .to = fresh.customer.state.stage,
                                          .event = "corrected",
                                          .why = {{.rule = "corrected", .what = f.of}},
                                          .rulebook = rulebooks[number]->on(number_of(f.at.on())).version});
        }
        if (auto* book = fresh.customer.records->rebates.if_held()) book->forget_waiting();
        slot.states[position] = fresh.customer.state;
        slot.identities[position].records = std::move(fresh.customer.records);
        for (auto const& step : told.value().steps) {  // all of them in order: a later one may have said otherwise
            if (auto const* enrolled = std::get_if<customer_enrolled>(&step.content);
                enrolled != nullptr && step.what == told_step::kind::told) {
                slot.enrol(position, *enrolled);
            }
        }
        enrolments.fetch_add(1, std::memory_order_relaxed);
        slot.touch(position);
        if (number != number_before) come_under(w, owner, number, old.closed_through);
        append(w, owner, std::string{static_cast<char>(detail::mark::refolded)});
        slot.forget_changes(position);
        append_changes(w, owner, fresh.report.changes);
        append_changes(w, owner, w.report.changes);
        append(w, owner, w.bytes);
        append_decisions(w, owner, w.report.decisions);
        h.kept_at = slot.identities[position].latest;
        w.latest = std::max<std::int64_t>(w.latest, number_of(f.at.on()));
        return fate::applied;
    }

    result<fate> correct_book_fact(worker& w, corrected const& f, log_place target, hint& h) {
        auto original = decode(log.at(target).bytes, {});
        if (!original) return original.error();
        if (kind_of(original.value()) == fact_kind::review_held || kind_of(original.value()) == fact_kind::corrected) {
            return error{.code = errc::not_supported,
                         .field = "of",
                         .saw = f.of,
                         .remedy = "a review or a correction cannot be corrected; correct the facts themselves"};
        }
        if (kind_of(original.value()) == fact_kind::rebate_offered) {  // it may have been mended before
            auto const known =
                std::find_if(offers.begin(), offers.end(), [&](rebate_offered const& o) { return o.ref == f.of; });
            if (known != offers.end()) original = fact{*known};
        }
        if (auto const changed = detail::change_fields(original.value(), f.changes); !changed) return changed.error();
        if (auto const* offer = std::get_if<rebate_offered>(&original.value())) {
            if (auto const fits = can_offer(*offer, f.of); !fits) return fits.error();
        }
        append_to_book(w, h);
        return fate::applied;
    }

    // --- batches ---------------------------------------------------------------------------------

    struct thread_outcome {
        std::uint64_t applied = 0;
        std::uint64_t duplicate = 0;
        std::uint64_t kept = 0;
        std::vector<std::pair<std::size_t, error>> rejected;
        std::vector<std::pair<std::size_t, decision>> decisions;
    };

    /// The rows of one call, and what became of them.
    struct batch {
        std::span<received> rows;
        std::vector<hint> hints{};
        std::vector<worker> workers{};
        std::vector<thread_outcome> outcomes{};

        [[nodiscard]] unsigned threads() const noexcept { return static_cast<unsigned>(workers.size()); }
    };
    batch make_batch(std::span<received> rows, unsigned threads) {
        batch b{.rows = rows};
        b.workers.resize(threads);
        b.outcomes.resize(threads);
        for (unsigned t = 0; t < threads; ++t) b.workers[t].index = t;
        if (cursors.size() < threads) cursors.resize(threads);
        b.hints.resize(rows.size());
        crew.run(threads, [&](unsigned t) {
            for (auto i = rows.size() * t / threads; i < rows.size() * (t + 1) / threads; ++i) {
                if (rows[i].content) b.hints[i] = hint_of(rows[i].content.value());
            }
        });
        return b;
    }

    /// Gives a fact without reference the next name.
    void name_if_needed(fact& f, hint& h) {
        if (!h.head.ref.empty()) return;
        set_ref(f, "~" + std::to_string(++unnamed));
        h = hint_of(f);
    }

    static constexpr std::size_t longest_run = 4'096;

    /// The end of the rows from `from` on that may run together: each concerns one customer, and no two have the same
    /// reference, so that it does not matter which of them is looked up, applied or kept first.
    std::size_t end_of_run(batch& b, std::size_t from) {
        std::vector<std::uint32_t> seen(2 * longest_run);
        auto const last = std::min(b.rows.size(), from + longest_run);
        for (auto i = from; i < last; ++i) {
            auto& h = b.hints[i];
            if (h.stands_alone) return i;
            if (!h.is_fact()) {
                if (!b.rows[i].content) continue;
                name_if_needed(b.rows[i].content.value(), h);
            }
            auto const hash = static_cast<std::uint32_t>(h.ref_hash) | 1U;
            auto at = (h.ref_hash >> 32U) % seen.size();
            for (; seen[at] != 0; at = (at + 1) % seen.size()) {
                if (seen[at] == hash) return i;  // or another of that hash: an earlier end does no harm
            }
            seen[at] = hash;
        }
        return last;
    }

    static constexpr std::size_t window = 32;  // rows that are looked up together

    /// Brings near what the rows will touch. Memory is slow and can do much at once: each step asks for the next piece of
    /// every row, and the rows do not wait for one another.
    void fetch(batch& b, std::span<std::size_t const> some) const {
        constexpr auto none = detail::hash_index::none;
        for (auto const i : some) {
            constexpr std::size_t of_most_facts = 192;
            detail::touch(&b.rows[i], of_most_facts);  // another thread may have read it in
            slot_of(b.hints[i]).fetch_index(b.hints[i].code_hash);
        }
        for (auto const i : some) b.hints[i].position = slot_of(b.hints[i]).guess(b.hints[i].code_hash);
        for (auto const i : some) {
            if (b.hints[i].position != none) slot_of(b.hints[i]).fetch_identity(b.hints[i].position);
        }
        auto const each_ledger = [&](auto&& fetch_from) {
            for (auto const i : some) {
                if (b.hints[i].position == none) continue;
                auto const* records = slot_of(b.hints[i]).identities[b.hints[i].position].records.get();
                if (records == nullptr || !records->ledger_is_complete) continue;
                fetch_from(records->ledger, b.rows[i].content.value());
            }
        };
        each_ledger([](ledger const& from, fact const& f) { fetch_ledger(from, f); });
        each_ledger([](ledger const& from, fact const& f) {
            if (auto const* delivered = std::get_if<goods_delivered>(&f)) from.fetch_found_order(delivered->order);
        });
    }
    static void fetch_ledger(ledger const& from, fact const& f) noexcept {
        if (auto const* placed = std::get_if<order_placed>(&f)) {
            from.fetch_order(placed->order);
        } else if (auto const* delivered = std::get_if<goods_delivered>(&f)) {
            from.fetch_order(delivered->order);
        } else if (auto const* issued = std::get_if<invoice_issued>(&f)) {
            from.fetch_invoice(issued->invoice);
        } else if (auto const* paid = std::get_if<payment_received>(&f)) {
            if (paid->invoice) from.fetch_invoice(*paid->invoice);
        }
    }

    /// Calls `work(rows)` with the numbers of up to `window` rows at a time of which `wanted(hint)` holds.
    template <class Wanted, class Work>
    static void by_windows(batch const& b, std::size_t from, std::size_t to, Wanted wanted, Work const& work) {
        boost::container::static_vector<std::size_t, window> some;
        for (auto i = from; i < to; ++i) {
            if (!b.hints[i].is_fact() || !wanted(b.hints[i])) continue;
            some.push_back(i);
            if (some.size() < window) continue;
            work(std::span<std::size_t const>{some});
            some.clear();
        }
        work(std::span<std::size_t const>{some});
    }

    /// Applies the rows of a run. Threads share references out by their hash and customers by their slot, stage by stage,
    /// so that none ever waits for another within a stage.
    void apply_run(batch& b, std::size_t from, std::size_t to) {
        constexpr std::size_t worth_a_thread = 128;
        auto const threads = std::clamp(static_cast<unsigned>((to - from) / worth_a_thread), 1U, b.threads());
        auto const look_up = [&](std::span<std::size_t const> some) {
            for (auto const i : some) refs.fetch(b.hints[i].ref_hash);
            for (auto const i : some) b.hints[i].seen_at = refs.find(b.hints[i].ref_hash, b.hints[i].head.ref);
        };
        auto const apply = [&](std::span<std::size_t const> some, unsigned t) {
            fetch(b, some);
            for (auto const i : some) apply_row(b, i, t);
        };
        auto const keep = [&](std::span<std::size_t const> some) {
            for (auto const i : some) keep_reference(b.hints[i]);
        };
        if (threads == 1) {
            by_windows(
                b, from, to, [](hint const&) { return true; },
                [&](std::span<std::size_t const> some) {
                    look_up(some);
                    apply(some, 0);
                    keep(some);
                });
        } else {
            auto const share = [&](unsigned t, auto part, auto const& stage) {
                by_windows(b, from, to, [&](hint const& h) { return part(h) % threads == t; }, stage);
            };
            auto const by_reference = [](hint const& h) { return detail::reference_index::shard_number(h.ref_hash); };
            auto const by_slot = [](hint const& h) { return detail::slot_of(h.code_hash); };
            crew.run(threads, [&](unsigned t) { share(t, by_reference, look_up); });
            crew.run(threads, [&](unsigned t) {
                share(t, by_slot, [&](std::span<std::size_t const> some) { apply(some, t); });
            });
            crew.run(threads, [&](unsigned t) { share(t, by_reference, keep); });
        }
        for (auto& w : b.workers) noted.take(w.noted);  // a slot's entries come from one thread in a run
        for (auto i = from; i < to; ++i) {
            if (!b.rows[i].content) b.outcomes[0].rejected.emplace_back(i, b.rows[i].content.error());
        }
    }

    /// Applies one row that stands alone, or that must be the last when it is refused.
    void apply_alone(batch& b, std::size_t i) {
        if (!b.rows[i].content) {
            b.outcomes[0].rejected.emplace_back(i, b.rows[i].content.error());
            return;
        }
        name_if_needed(b.rows[i].content.value(), b.hints[i]);
        b.hints[i].seen_at = refs.find(b.hints[i].ref_hash, b.hints[i].head.ref);
        apply_row(b, i, 0);
        keep_reference(b.hints[i]);
        noted.take(b.workers[0].noted);
    }
    void keep_reference(hint const& h) {
        if (h.kept_at != 0) refs.add(h.ref_hash, h.kept_at);
    }

    /// Precondition: the row has content.
    void apply_row(batch& b, std::size_t i, unsigned t) {
        auto& row = b.rows[i];
        auto& out = b.outcomes[t];
        auto const outcome = apply_one(b.workers[t], row.content.value(), b.hints[i]);
        if (!outcome) {
            auto e = outcome.error();
            e.line = row.line;
            out.rejected.emplace_back(i, std::move(e));
            return;
        }
        switch (outcome.value()) {
            case fate::applied: ++out.applied; break;
            case fate::duplicate: ++out.duplicate; break;
            case fate::kept: ++out.kept; break;
        }
        if (outcome.value() == fate::applied && options.record_decisions) {
            for (auto& d : b.workers[t].report.decisions) out.decisions.emplace_back(i, std::move(d));
        }
    }

    /// The profile as it was known on that day: later enrolments had not told of it yet.
    static void show_profile_of(explanation& out, story const& all, day until) {
        auto& p = out.row.profile;
        out.texts = std::make_shared<std::list<std::string>>();
        out.code = p.code;
        out.name = p.code;
        p.code = out.texts->emplace_back(p.code);
        p = {.code = p.code,
             .name = p.code,
             .kind = {},
             .parent = {},
             .region = {},
             .territory = {},
             .owner = {},
             .channel = {},
             .terms_days = {}};
        auto const keep = [&](std::string_view& into, std::optional<std::string> const& told) {
            if (told) into = out.texts->emplace_back(*told);
        };
        for (auto const& step : all.steps) {
            if (step.what != told_step::kind::told) continue;
            auto const* f = std::get_if<customer_enrolled>(&step.content);
            if (f == nullptr || f->at.on() > until) continue;
            out.name = f->name;
            keep(p.parent, f->parent);
            keep(p.region, f->region);
            keep(p.territory, f->territory);
            keep(p.owner, f->owner);
            keep(p.channel, f->channel);
            if (f->kind) p.kind = f->kind;
            if (f->terms_days) p.terms_days = f->terms_days->value();
        }
        p.name = out.texts->emplace_back(out.name);
    }

    // --- reading ---------------------------------------------------------------------------------

    [[nodiscard]] customer_row row_at(place p) const {
        auto& slot = slot_at(p);
        auto const position = position_of(p);
        customer_row row{
            .profile = slot.profile(position), .state = slot.states[position], .since = {}, .evidence = {}};
        fill_row(row, slot.identities[position].records.get(), shown_day());
        if (has_shared_rebates(p)) add_shared_rebates(row.rebates, p, latest_in_effect());
        return row;
    }
    void fill_row(customer_row& row, customer_records const* records, day_number on) const {
        if (row.state.since != no_day) row.since = day_of(row.state.since);
        if (records != nullptr) row.rebates = rebates_in(*records->rebates);
        fill_powers(row, records, on);
        if (row.state.stage == stage::prospect || row.state.stage == stage::ended) return;
        for (auto const& e : assessed(row.state, records, on).evidence) {
            row.evidence.push_back({lifecycle::name_of(e.kind), e.weight, e.age_days, std::string{e.what}});
        }
    }
    [[nodiscard]] lifecycle::assessment assessed(customer_state const& state, customer_records const* records,
                                                 day_number on) const {
        return detail::under_rules_of(
            rules(), on, [&](fold_rules const& how) { return detail::assess_by(how, {state, records}, on, false); });
    }
    void fill_powers(customer_row& row, customer_records const* records, day_number on) const {
        auto const& file = powers_in(records);
        if (file.empty() && !rulebooks[rulebook]->on(on).powers) return;
        row.tier = file.tier_of(row.state.tier);
        row.supply = file.supply.rung;
        if (file.has_plan()) {
            row.planned_tier = file.planned_tier;
            row.planned_by = day_of(file.planned_by);
        }
        row.powers = file.totals;
        row.fulfilment = lifecycle::fulfilment_of(file.effects, on);
        for (auto const& e : file.effects) {
            auto const is_past = e.is_over() || (e.step == effect_step::done && traits_of(e.code).is_once);
            if (!is_past) row.open_effects.push_back(e);
        }
        if (row.state.limit_is_set) row.state.limit -= std::min(row.state.limit, file.limit_cut());
    }
    static std::vector<row_rebate> rebates_in(rebate_book const& book) {
        std::vector<row_rebate> out;
        for (auto const& e : book.entries()) {
            if (!e.is_in_effect || e.is_of_members()) continue;
            auto const balance = e.account.balance();
            out.push_back({.agreement = e.account.terms().agreement(),
                           .basis = e.account.terms().basis(),
                           .method = e.account.terms().method(),
                           .measure = e.account.terms().measure(),
                           .volume = balance ? e.account.net() : rebate_volume{},
                           .balance = balance ? balance.value() : rebate_balance{},
                           .is_final = e.account.is_final(),
                           .is_out_of_range = !balance});
        }
        return out;
    }
    /// Hands the accounts to `add(month, book)` as they stand at the end of each month that a story tells of, up to the end
    /// of a day.
    template <class Add>
    result<void> at_month_ends(place owner, story const& all, day until, std::span<gathered const> more,
                               Add&& add) const {
        std::set<period> months;
        auto latest_told = first_day;
        auto in_order = true;
        for (auto const& step : all.steps) {
            if (step.what != told_step::kind::told) continue;
            auto const on = head_of(step.content).at.on();
            if (on > until) continue;
            months.insert(period{on});
            in_order = in_order && on >= latest_told;
            latest_told = std::max(latest_told, on);
        }
        if (!in_order) {
            for (auto const month : months) {
                auto const then = refold(owner, all, std::min(month.last(), until), false, more);
                if (!then) return then.error();
                add(month, *then.value().customer.records->rebates);
            }
            return {};
        }
        std::optional<period> current;
        auto const last = refold(owner, all, until, false, more, [&](day on, auto const& rebates) {
            if (current && period{on} > *current) add(*current, *rebates);
            current = period{on};
        });
        if (!last) return last.error();
        if (current) add(*current, *last.value().customer.records->rebates);
        return {};
    }

    // --- accounts that a customer's own book does not hold, in shared_rebates.ipp ------------------

    struct shared_account;
    /// What a fact of the book, or a correction of one, says of offers.
    void take_offer(fact const& told);
    /// Errors: those of an agreement's terms; errc::impossible_now for one of that name with other terms.
    [[nodiscard]] result<void> can_offer(rebate_offered const& f, std::string_view instead_of) const;
    /// Whether an agreement may stand in the place of an offer, and a settlement be told of an account that is worked out.
    [[nodiscard]] result<void> fits_offers(place owner, fact const& f) const;
    [[nodiscard]] bool has_shared_rebates(place owner) const;
    /// Throws std::runtime_error where the store cannot be read.
    void add_shared_rebates(std::vector<row_rebate>& into, place owner, day until) const;
    [[nodiscard]] result<std::vector<shared_account>> shared_accounts(place owner, story const& told, day until,
                                                                      bool by_month) const;
    [[nodiscard]] result<std::vector<rebates_of_month>> rebates_by_month(place owner, story const& all,
                                                                         day until) const;
    /// The offers that concern a customer, without those in whose place an agreement of its own stands.
    [[nodiscard]] std::vector<gathered> offered_to(place owner, story const& told) const;
    [[nodiscard]] result<std::map<place, std::vector<rebate_book::days>>> ever_below(place group) const;
    [[nodiscard]] result<std::shared_ptr<std::vector<detail::told_book::membership> const>> memberships() const;
    std::atomic<std::uint64_t> enrolments{0};  ///< how often it was told who is below whom
    struct known_memberships {
        std::mutex guard{};
        std::uint64_t of_enrolments = 0;
        std::shared_ptr<std::vector<detail::told_book::membership> const> all{};
    };
    mutable known_memberships known_memberships_{};

    [[nodiscard]] day_number shown_day() const {
        auto const latest_fact = latest == INT64_MIN ? number_of(first_day) : static_cast<day_number>(latest);
        return std::max(advanced_to, latest_fact);  // no_day comes before all days
    }
    day_number advanced_to = no_day;

    [[nodiscard]] detail::book_customers customers() const { return {slots, directory, rates}; }
    [[nodiscard]] detail::credit_desk<detail::book_customers> desk(day on) const {
        return {customers(), rulebooks[rulebook]->on(number_of(on)).credit, on};
    }

    // --- net prices ------------------------------------------------------------------------------

    using purchase_key = std::tuple<std::string, std::string, currency>;  // product, channel
    using purchases = std::map<purchase_key, policy::net_purchase>;

    /// Adds what one customer bought in the months, with the rebates on it at their end.
    result<void> add_purchases(purchases& into, place owner, period from, period until) const {
        auto const told = story_of(owner, nullptr);
        if (!told) return told.error();
        auto const offered = offered_to(owner, told.value());
        auto folded = refold(owner, told.value(), until.last(), false, offered);
        if (!folded) return folded.error();
        auto const& customer = folded.value().customer;
        for (auto const& one : offered) {
            auto& rebates = folded.value().customer.records->rebates;
            if (rebates->find(one.agreed.agreement) != nullptr)
                rebates.edit().open(one.agreed, customer.state.in, true);
        }
        auto const shared = shared_over(told.value(), until, customer);
        std::string channel;
        for (auto const& step : told.value().steps) {
            if (step.what != told_step::kind::told) continue;
            if (auto const* enrolled = std::get_if<customer_enrolled>(&step.content)) {
                if (enrolled->channel) channel = *enrolled->channel;
            }
            auto const* order = std::get_if<order_placed>(&step.content);
            if (order == nullptr || period{order->at.on()} < from || period{order->at.on()} > until) continue;
            if (is_cancelled(customer, *order)) continue;
            for (auto const& line : order->lines) {
                if (auto const added = add_line(into, *order, line, channel, customer, shared); !added) {
                    auto e = added.error();
                    if (e.source.empty()) e.source = "order " + order->order + " of " + order->customer;
                    return e;
                }
            }
        }
        return {};
    }
    static bool is_cancelled(folded_customer const& customer, order_placed const& order) {
        auto const* kept = customer.records->ledger.find_order(order.order);
        return kept != nullptr && kept->ordered > 0 && kept->cancelled == kept->ordered;
    }

    /// Over how much the rebate of each agreement is shared out: what counts for it, or what was ordered under it where not
    /// all of that was delivered, invoiced or paid yet.
    static std::vector<rebate_volume> shared_over(story const& told, period until, folded_customer const& customer) {
        std::vector<rebate_volume> out;
        for (auto const& agreed : customer.records->rebates->entries()) {
            auto const& terms = agreed.account.terms();
            rebate_volume ordered;
            auto const add = [](std::int64_t& sum, std::int64_t more) {
                if (__builtin_add_overflow(sum, more, &sum)) sum = INT64_MAX;
            };
            for (auto const& step : told.steps) {
                auto const* order = std::get_if<order_placed>(&step.content);
                if (step.what != told_step::kind::told || order == nullptr || period{order->at.on()} > until ||
                    !agreed.in_force(order->at.on()) || is_cancelled(customer, *order)) {
                    continue;
                }
                for (auto const& line : order->lines) {
                    auto const worth = worth_of(*order, line, customer);
                    if (!worth || !counts_for(terms, line, worth.value())) continue;
                    add(ordered.value, worth.value().value);
                    add(ordered.quantity, worth.value().quantity);
                }
            }
            auto const net = agreed.account.balance() ? agreed.account.net() : rebate_volume{};
            out.push_back({std::max(ordered.value, net.value), std::max(ordered.quantity, net.quantity)});
        }
        return out;
    }
    struct line_worth {
        std::int64_t quantity = 0;  ///< millionths
        std::int64_t value = 0;     ///< minor units
        currency in{};
    };
    /// A line of an order in another currency is worth what the order's rate makes of it in the customer's.
    static result<line_worth> worth_of(order_placed const& order, order_line const& line,
                                       folded_customer const& customer) {
        auto const quantity = millionths_of(line.quantity.value());
        if (!quantity) return quantity.error();
        auto const price = line.price.owned_as(customer.state.in);
        if (!price) return price.error();
        auto const value = detail::part_of(price.value().minor_units(), quantity.value(), 1'000'000);
        if (!value) return too_much_bought(line.product);
        auto const in = price.value().in();
        if (in == customer.state.in || in != order.amount.in() || !order.rate) {
            return line_worth{quantity.value(), *value, in};
        }
        auto const own = detail::converted({*value, in}, *order.rate, customer.state.in, detail::conversion::half_even);
        if (!own) return too_much_bought(line.product);
        return line_worth{quantity.value(), *own, customer.state.in};
    }
    static bool counts_for(rebate_terms const& terms, order_line const& line, line_worth const& worth) {
        return terms.in() == worth.in && (!terms.product() || *terms.product() == line.product);
    }
    static error too_much_bought(std::string product) {
        return {.code = errc::amount_overflow,
                .field = "lines",
                .saw = std::move(product),
                .remedy = "the sums pass 2^63 - 1: ask for fewer months"};
    }
    static result<void> add_line(purchases& into, order_placed const& order, order_line const& line,
                                 std::string const& channel, folded_customer const& customer,
                                 std::vector<rebate_volume> const& shared) {
        auto const worth = worth_of(order, line, customer);
        if (!worth) return worth.error();
        auto const [quantity, value, in] = worth.value();
        if (quantity == 0) return {};
        auto& sum = into[{line.product, channel, in}];
        sum.product = line.product;
        sum.channel = channel;
        sum.in = in;
        for (std::size_t i = 0; i < shared.size(); ++i) {
            auto const& agreed = customer.records->rebates->entries()[i];
            auto const& terms = agreed.account.terms();
            if (!agreed.is_in_effect || !agreed.in_force(order.at.on()) || !counts_for(terms, line, worth.value())) {
                continue;
            }
            auto const balance = agreed.account.balance();
            if (!balance) return balance.error();
            auto const net = agreed.account.net();
            if (net.value == 0 && net.quantity == 0) continue;
            auto const paid = balance.value().paid + balance.value().open;  // fits: not more than what accrued
            auto const part = net.value > 0 ? detail::part_of(paid, value, shared[i].value)
                                            : detail::part_of(paid, quantity, shared[i].quantity);
            if (!part || __builtin_add_overflow(sum.rebate, *part, &sum.rebate)) return too_much_bought(line.product);
        }
        if (__builtin_add_overflow(sum.value, value, &sum.value) ||
            __builtin_add_overflow(sum.quantity, quantity, &sum.quantity)) {
            return too_much_bought(line.product);
        }
        return {};
    }

    template <class Range>
    void visit(Range const& range, row_visitor const& each) const {
        for (auto at = range.first; at != range.second; ++at) {
            if (!each(row_at(at->place))) return;
        }
    }

    [[nodiscard]] std::vector<lifecycle::stage_change> changes_of(place p) const {
        return slot_at(p).changes_of(position_of(p));
    }
};

PATRON_FN engine::engine(engine_options options) : impl_{std::make_unique<impl>(std::move(options))} {}
PATRON_FN engine::engine(engine&&) noexcept = default;
PATRON_FN engine& engine::operator=(engine&&) noexcept = default;
PATRON_FN engine::~engine() = default;

PATRON_FN result<apply_outcome> engine::apply(fact const& f) {
    if (auto const sound = validate(f); !sound) return sound.error();
    auto& e = *impl_;
    auto named = f;
    auto hint = impl::hint_of(named);
    e.name_if_needed(named, hint);
    hint.seen_at = e.refs.find(hint.ref_hash, hint.head.ref);
    auto const outcome = e.apply_one(e.serial, named, hint);
    if (!outcome) return outcome.error();
    e.keep_reference(hint);
    e.noted.take(e.serial.noted);
    e.latest = std::max(e.latest, e.serial.latest);
    apply_outcome out{outcome.value(), {}};
    if (out.fate == fate::applied && e.options.record_decisions) out.decisions = std::move(e.serial.report.decisions);
    return out;
}

PATRON_FN batch_outcome engine::apply(std::span<received> rows, batch_options how) {
    auto& e = *impl_;
    auto const threads = how.stop_on_error ? 1U : std::clamp(how.threads, 1U, 64U);
    auto b = e.make_batch(rows, threads);
    batch_outcome out;
    while (out.read < rows.size() && !out.stopped) {
        auto const from = static_cast<std::size_t>(out.read);
        auto const to = how.stop_on_error ? from : e.end_of_run(b, from);
        if (to > from) {
            e.apply_run(b, from, to);
            out.read += to - from;
        } else {
            e.apply_alone(b, from);
            ++out.read;
            out.stopped = how.stop_on_error && !b.outcomes[0].rejected.empty();
        }
    }

    std::vector<std::pair<std::size_t, error>> rejected;
    std::vector<std::pair<std::size_t, decision>> decisions;
    for (unsigned t = 0; t < threads; ++t) {
        auto& part = b.outcomes[t];
        out.applied += part.applied;
        out.duplicate += part.duplicate;
        out.kept += part.kept;
        std::move(part.rejected.begin(), part.rejected.end(), std::back_inserter(rejected));
        std::move(part.decisions.begin(), part.decisions.end(), std::back_inserter(decisions));
        e.latest = std::max(e.latest, b.workers[t].latest);
    }
    auto const by_row = [](auto const& x, auto const& y) { return x.first < y.first; };
    std::stable_sort(rejected.begin(), rejected.end(), by_row);
    std::stable_sort(decisions.begin(), decisions.end(), by_row);
    for (auto& [row, problem] : rejected) out.rejected.push_back(std::move(problem));
    for (auto& [row, d] : decisions) out.decisions.push_back(std::move(d));
    return out;
}

PATRON_FN std::vector<decision> engine::advance_to(day on, unsigned threads) {
    auto& e = *impl_;
    threads = std::clamp(threads, 1U, 64U);
    if (e.cursors.size() < threads) e.cursors.resize(threads);
    std::vector<std::vector<decision>> decided(threads);
    std::vector<impl::worker> workers(threads);
    auto const due = due_by::the(on, true, e.options.reviews);
    e.crew.run(threads, [&](unsigned t) {
        auto& w = workers[t];
        w.index = t;
        w.report.want_decisions = e.wants_decisions(w);
        for (std::size_t s = t; s < e.slots.size(); s += threads) { e.advance_one(w, s, due, decided[t]); }
    });
    for (auto& w : workers) e.noted.take(w.noted);
    e.advanced_to = std::max(e.advanced_to, number_of(on));
    std::vector<decision> all;
    if (!e.options.record_decisions) return all;
    for (auto& part : decided) std::move(part.begin(), part.end(), std::back_inserter(all));
    std::stable_sort(all.begin(), all.end(), [](decision const& a, decision const& b) {
        return std::tie(a.at, a.customer) < std::tie(b.at, b.customer);
    });
    return all;
}

PATRON_FN void engine::change_rules(house_rules rules) {
    auto& e = *impl_;
    BOOST_ASSERT(e.rulebooks.size() < UINT16_MAX);
    e.rulebook = static_cast<std::uint16_t>(e.rulebooks.size());
    e.options.rules = std::move(rules).after(e.options.rules);
    e.rulebooks.push_back(std::make_unique<detail::dated_rules const>(e.options.rules));
}

PATRON_FN std::size_t engine::size() const noexcept {
    std::size_t count = 0;
    for (auto const& slot : impl_->slots) count += slot->states.size();
    return count;
}

PATRON_FN std::optional<day> engine::latest_day() const noexcept {
    if (impl_->latest == INT64_MIN) return std::nullopt;
    return day_of(static_cast<day_number>(impl_->latest));
}

PATRON_FN engine_options const& engine::options() const noexcept { return impl_->options; }

PATRON_FN result<customer_row> engine::find(std::string_view code) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    return impl_->row_at(*p);
}

PATRON_FN result<customer_state> engine::state_of(std::string_view code) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    return impl_->slot_at(*p).states[impl::position_of(*p)];
}

PATRON_FN result<policy::customer_facing> engine::customer_facing(std::string_view code, std::optional<day> on) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto const seen = on ? number_of(*on) : impl_->shown_day();
    auto const* const records = impl_->slot_at(*p).identities[impl::position_of(*p)].records.get();
    auto const& file = powers_in(records);
    return policy::customer_facing::of(file.effects, records == nullptr ? 0 : records->credit->deposit,
                                       file.profit_shares, seen);
}

PATRON_FN result<std::int64_t> engine::recount_exposure(std::string_view code) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto const told = impl_->story_of(*p, nullptr);
    if (!told) return told.error();
    auto again = impl_->refold(*p, told.value(), impl_->latest_in_effect(), false);
    if (!again) return again.error();
    auto& [customer, report, market] = again.value();
    auto how = impl_->rules();
    how.market = market;
    if (auto const until = impl_->slot_at(*p).advanced_to; until != no_day && customer.state.known_since != no_day) {
        let_pass(how, customer.state, customer.records, day_of(until), true, report);
    }
    return customer.records->recount_exposure();
}

PATRON_FN result<credit_answer> engine::check(std::string_view code, credit_query const& asked) {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto const on = asked.on.value_or(day_of(impl_->shown_day()));
    auto const desk = impl_->desk(on);
    if (desk.looks_at_each_order() || !asked.order.empty() ||
        impl_->slot_at(*p).identities[impl::position_of(*p)].records) {
        if (auto const read = impl_->complete_ledger(*p, {}); !read) return read.error();
    }
    return desk.check(*p, asked);
}

PATRON_FN void engine::each_by_code(row_visitor const& each) const {
    // one pass over everything: sorting the codes once costs a fraction of keeping the directory in step
    std::vector<std::pair<std::string_view, impl::place>> codes;
    codes.reserve(size());
    for (std::size_t s = 0; s < impl_->slots.size(); ++s) {
        auto const& identities = impl_->slots[s]->identities;
        for (std::uint32_t position = 0; position < identities.size(); ++position) {
            codes.emplace_back(identities[position].code_text(), impl::place_of(s, position));
        }
    }
    std::sort(codes.begin(), codes.end());
    for (auto const& [code, place] : codes) {
        if (!each(impl_->row_at(place))) return;
    }
}
PATRON_FN void engine::each_state(std::function<void(customer_state const&)> const& each) const {
    for (auto const& slot : impl_->slots) {
        for (std::size_t position = 0; position < slot->states.size(); ++position) each(slot->states[position]);
    }
}
PATRON_FN void engine::each_in_stage(stage s, row_visitor const& each) const {
    impl_->visit(impl_->directory.read().by<detail::by_stage>().equal_range(s), each);
}
PATRON_FN void engine::each_owned_by(std::string_view owner, row_visitor const& each) const {
    impl_->visit(impl_->directory.read().by<detail::by_owner>().equal_range(owner), each);
}
PATRON_FN void engine::each_in_region(std::string_view region, row_visitor const& each) const {
    impl_->visit(impl_->directory.read().by<detail::by_region>().equal_range(region), each);
}
PATRON_FN void engine::each_due_until(day until, row_visitor const& each) const {
    auto const directory = impl_->directory.read();
    auto const& index = directory.by<detail::by_due>();
    impl_->visit(std::pair{index.upper_bound(no_day), index.upper_bound(number_of(until))}, each);
}
PATRON_FN void engine::each_by_credit_use(row_visitor const& each) const {
    auto const directory = impl_->directory.read();
    auto const& index = directory.by<detail::by_credit_use>();
    impl_->visit(std::pair{index.begin(), index.lower_bound(INT64_MIN)}, each);
}

PATRON_FN result<lifecycle::stage_history> engine::history(std::string_view code) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto const changes = impl_->changes_of(*p);
    auto const& state = impl_->slot_at(*p).states[impl::position_of(*p)];
    return lifecycle::make_history(changes, state.known_since, impl_->shown_day());
}

PATRON_FN lifecycle::stage_flows engine::flows() const {
    lifecycle::stage_flows all;
    for (std::size_t s = 0; s < impl_->slots.size(); ++s) {
        auto const& slot = *impl_->slots[s];
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            all.add(lifecycle::make_history(impl_->changes_of(impl::place_of(s, position)),
                                            slot.states[position].known_since, impl_->shown_day()));
        }
    }
    return all;
}

PATRON_FN price_list const& engine::prices() const noexcept { return impl_->prices; }

PATRON_FN result<std::vector<policy::net_purchase>> engine::net_purchases(period from, period until) const {
    std::vector<policy::net_purchase> out;
    std::vector<std::pair<std::string_view, impl::place>> codes;
    for (std::size_t s = 0; s < impl_->slots.size(); ++s) {
        auto const& slot = *impl_->slots[s];
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            if (slot.states[position].orders == 0) continue;
            codes.emplace_back(slot.identities[position].code_text(), impl::place_of(s, position));
        }
    }
    std::sort(codes.begin(), codes.end());
    for (auto const& [code, place] : codes) {
        impl::purchases of_customer;
        if (auto const added = impl_->add_purchases(of_customer, place, from, until); !added) return added.error();
        for (auto& [key, bought] : of_customer) {
            bought.customer = code;
            out.push_back(std::move(bought));
        }
    }
    return out;
}

PATRON_FN result<std::vector<rebates_of_month>> engine::rebates_by_month(std::string_view code, day until) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto const told = impl_->story_of(*p, nullptr);
    if (!told) return told.error();
    return impl_->rebates_by_month(*p, told.value(), until);
}

PATRON_FN std::span<rebate_offered const> engine::offers() const noexcept { return impl_->offers; }

PATRON_FN result<std::vector<fact>> engine::facts_of(std::string_view code) const {
    auto const p = impl_->find(code);
    if (!p) return impl::unknown(code);
    auto story = impl_->story_of(*p, nullptr);
    if (!story) return story.error();
    std::vector<fact> all;
    for (auto& step : story.value().steps) {
        if (step.what == impl::told_step::kind::told) all.push_back(std::move(step.content));
    }
    return all;
}

PATRON_FN result<explanation> engine::explain(std::string_view code, std::optional<day> on) const {
    auto const& e = *impl_;
    auto const p = e.find(code);
    if (!p) return impl::unknown(code);
    auto const story = e.story_of(*p, nullptr);
    if (!story) return story.error();
    auto const until = on.value_or(day_of(e.shown_day()));
    auto again = e.refold(*p, story.value(), until, true);
    if (!again) return again.error();
    auto& told = again.value();
    auto& state = told.customer.state;
    auto how = e.rules();
    how.market = told.market;
    if (state.known_since != no_day) let_pass(how, state, told.customer.records, until, true, told.report);

    explanation out;
    out.on = until;
    auto const& rules = e.rulebooks[e.rulebook]->on(number_of(until));
    out.rulebook = rules.version;
    out.decisions = std::move(told.report.decisions);
    out.row.profile = e.slot_at(*p).profile(impl::position_of(*p));
    impl::show_profile_of(out, story.value(), until);
    out.row.state = state;
    e.fill_row(out.row, told.customer.records.get(), number_of(until));
    if (e.has_shared_rebates(*p)) e.add_shared_rebates(out.row.rebates, *p, until);
    customer_view const view{state, told.customer.records.get()};
    auto const a = e.assessed(state, view.records, number_of(until));
    out.present = reasons_for(state, a, lifecycle::relationship::event::review_held, state.stage, rules);
    out.expert = a.expert;
    out.next_actions = lifecycle::next_actions(view, a, rules);
    for (auto const& step : story.value().steps) {
        if (step.what != impl::told_step::kind::told) continue;
        auto const head = head_of(step.content);
        if (head.at.on() > until) {
            ++out.facts_later;
            continue;
        }
        out.facts.push_back({.ref = std::string{head.ref},
                             .at = head.at,
                             .fact = name_of(kind_of(step.content)),
                             .details = detail::details_of(step.content),
                             .corrected = !step.as_told.empty(),
                             .as_told = step.as_told});
    }
    for (auto const& correction : story.value().corrections) {
        std::string details = "of=" + correction.of;
        for (auto const& change : correction.changes)
            details.append(1, ' ').append(change.field).append(1, '=').append(change.value);
        out.facts.push_back({.ref = correction.ref,
                             .at = correction.at,
                             .fact = name_of(fact_kind::corrected),
                             .details = std::move(details),
                             .corrected = false,
                             .as_told = {}});
    }
    out.facts_later += e.kept_of(code);
    return out;
}

PATRON_FN std::size_t engine::bytes_held() const noexcept {
    auto const& e = *impl_;
    auto const bytes = e.log.bytes_held() + e.refs.bytes_held() + e.pool.bytes_held();
    return bytes + e.directory.size() * (sizeof(detail::directory_entry) + 7 * 3 * sizeof(void*));
}

}  // namespace patron::v1

#include <patron/engine/impl/keeper.ipp>
#include <patron/engine/impl/shared_rebates.ipp>
#include <patron/engine/impl/told_book.ipp>
