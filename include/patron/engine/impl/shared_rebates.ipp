#pragma once
// Included at the end of engine.ipp, whose insides it works on: accounts that a customer's own book does not hold, since who
// counts for them may change later: offers to a kind, and agreements on what a group's members trade (POW-13).

namespace patron::inline v1 {

namespace detail {

using rebate_days = std::vector<rebate_book::days>;

/// The days on which what was said holds: each from its day on, the first from the beginning.
template <class Value>
rebate_days days_of(std::vector<std::pair<day, Value>> said, Value const& wanted) {
    std::stable_sort(said.begin(), said.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    rebate_days out;
    auto from = first_day;
    for (std::size_t i = 0; i < said.size(); ++i) {
        auto const is_last = i + 1 == said.size();
        if (!is_last && said[i + 1].first == said[i].first) continue;  // said otherwise on the same day
        auto const until = is_last ? last_day : said[i + 1].first - std::chrono::days{1};
        if (said[i].second == wanted && from <= until) {
            if (!out.empty() && out.back().until + std::chrono::days{1} == from) {
                out.back().until = until;
            } else {
                out.push_back({from, until});
            }
        }
        if (!is_last) from = said[i + 1].first;
    }
    return out;
}

/// The days that both have. Each is in order, without overlaps.
inline rebate_days days_in_both(rebate_days const& a, rebate_days const& b) {
    rebate_days out;
    for (auto const& one : a) {
        for (auto const& other : b) {
            rebate_book::days const both{std::max(one.from, other.from), std::min(one.until, other.until)};
            if (both.from <= both.until) out.push_back(both);
        }
    }
    return out;
}

inline rebate_agreed agreed_by(rebate_offered const& f) {
    rebate_agreed out;
    out.ref = f.ref;
    out.at = f.at;
    out.agreement = f.agreement;
    out.basis = f.basis;
    out.method = f.method;
    out.bands = f.bands;
    out.from = f.from;
    out.until = f.until;
    out.product = f.product;
    out.by = f.by;
    out.cap = f.cap;
    out.minimum = f.minimum;
    return out;
}

/// Under which volumes are gathered beside those of the customer's own agreements, whose names have no such byte.
inline std::string beside(std::string_view agreement) { return std::string{"\x1f"}.append(agreement); }

/// What was paid out under an agreement, as it was told.
struct told_settlement {
    day on;
    std::int64_t amount = 0;  ///< minor units
    bool is_final = false;
};

/// Volumes of several customers by month, each the sum until the month's end.
class summed_progress {
public:
    void add(std::map<period, rebate_progress> const& of_one) {
        std::array<wide, 4> before{};
        for (auto const& [month, progress] : of_one) {
            auto& sum = changes_[month];
            sum.is_out_of_range = sum.is_out_of_range || progress.is_out_of_range;
            auto const now = parts_of(progress);
            for (std::size_t i = 0; i < now.size(); ++i) sum.parts[i] += now[i] - before[i];
            before = now;
        }
    }
    [[nodiscard]] std::map<period, rebate_progress> total() const {
        std::map<period, rebate_progress> out;
        std::array<wide, 4> sum{};
        auto is_out_of_range = false;
        for (auto const& [month, change] : changes_) {
            is_out_of_range = is_out_of_range || change.is_out_of_range;
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += change.parts[i];
            auto& into = out[month];
            into.is_out_of_range =
                is_out_of_range || std::any_of(sum.begin(), sum.end(), [](wide w) { return w > INT64_MAX; });
            if (into.is_out_of_range) continue;
            into.counted = {static_cast<std::int64_t>(sum[0]), static_cast<std::int64_t>(sum[1])};
            into.taken_off = {static_cast<std::int64_t>(sum[2]), static_cast<std::int64_t>(sum[3])};
        }
        return out;
    }

private:
    __extension__ using wide = __int128;
    struct change_of_month {
        std::array<wide, 4> parts{};
        bool is_out_of_range = false;
    };
    static std::array<wide, 4> parts_of(rebate_progress const& p) {
        return {p.counted.value, p.counted.quantity, p.taken_off.value, p.taken_off.quantity};
    }
    std::map<period, change_of_month> changes_;
};

}  // namespace detail

/// An account that is worked out when it is read.
struct engine::impl::shared_account {
    rebate_agreed agreed;
    rebate_terms terms;
    std::optional<customer_kind> offered_to{};
    std::map<period, rebate_progress> volumes{};  ///< by month, or where one is asked for at its end alone
    std::vector<detail::told_settlement> settled{};
    std::vector<std::string> left_out{};

    /// As it stands at the end of a day.
    [[nodiscard]] row_rebate at(day on) const {
        rebate_progress progress;
        if (auto const after = volumes.upper_bound(period{on}); after != volumes.begin()) {
            progress = std::prev(after)->second;
        }
        __extension__ __int128 paid = 0;
        for (auto const& one : settled) {
            if (one.on > on) continue;
            paid += one.amount;
            progress.is_final = progress.is_final || one.is_final;
        }
        row_rebate out{.agreement = agreed.agreement,
                       .basis = terms.basis(),
                       .method = terms.method(),
                       .measure = terms.measure(),
                       .is_final = progress.is_final,
                       .is_out_of_range = progress.is_out_of_range || paid > INT64_MAX,
                       .is_of_members = !offered_to,
                       .offered_to = offered_to,
                       .left_out = left_out};
        if (out.is_out_of_range) return out;
        auto const earned = rebate_account{terms, progress}.balance();
        if (!earned) {
            out.is_out_of_range = true;
            return out;
        }
        // what was paid beyond all that was ever earned was owed back at once
        auto const told = static_cast<std::int64_t>(paid);
        progress.paid = std::min(told, earned.value().accrued);
        if (progress.is_final) progress.forfeited = INT64_MAX;  // all that is open
        rebate_account const account{terms, progress};
        out.volume = account.net();
        out.balance = account.balance().value();
        auto const beyond = told - progress.paid;
        out.balance.accrued += beyond;  // not more than what was paid
        out.balance.clawed_back += beyond;
        return out;
    }
};

PATRON_FN void engine::impl::take_offer(fact const& told) {
    if (auto const* offer = std::get_if<rebate_offered>(&told)) {
        offers.push_back(*offer);
        return;
    }
    auto const* correction = std::get_if<corrected>(&told);
    if (correction == nullptr) return;
    for (auto& offer : offers) {
        if (offer.ref != correction->of) continue;
        fact mended{offer};
        if (detail::change_fields(mended, correction->changes)) offer = std::get<rebate_offered>(mended);
    }
}

PATRON_FN result<void> engine::impl::can_offer(rebate_offered const& f, std::string_view instead_of) const {
    auto const agreed = detail::agreed_by(f);
    auto in = currency_of(agreed);
    if (in.is_own()) in = currency::literal("EUR");  // no amount names one, so that any does
    if (auto const can = rebate_book{}.can_open(agreed, in); !can) return can.error();
    auto const terms = rebate_terms::of(agreed, in);
    for (auto const& known : offers) {
        if (known.agreement != f.agreement || known.ref == instead_of) continue;
        auto const other = rebate_terms::of(detail::agreed_by(known), in);
        if (known.kind == f.kind && other && other.value() == terms.value()) continue;  // told again
        return error{.code = errc::impossible_now,
                     .field = "agreement",
                     .saw = f.agreement,
                     .remedy =
                         "an offer of that name has other terms or is for another kind; correct that one, or give "
                         "this its own name"};
    }
    return {};
}

namespace detail {

/// What enrolments say of a customer, with the days.
template <class Steps, class Value, class Take>
std::vector<std::pair<day, Value>> said_by_enrolments(Steps const& steps, Value now, Take const& take) {
    std::vector<customer_enrolled const*> all;
    for (auto const& step : steps) {
        if (auto const* f = std::get_if<customer_enrolled>(&step.content)) all.push_back(f);
    }
    std::stable_sort(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->at.on() < b->at.on(); });
    std::vector<std::pair<day, Value>> out;
    for (auto const* f : all) {
        take(now, *f);
        out.emplace_back(f->at.on(), now);
    }
    return out;
}

template <class Steps>
rebate_days days_of_kind(Steps const& steps, customer_kind wanted) {
    return days_of(said_by_enrolments(steps, std::optional<customer_kind>{},
                                      [](auto& now, customer_enrolled const& f) {
                                          if (f.kind) now = f.kind;
                                      }),
                   std::optional{wanted});
}
template <class Steps>
rebate_days days_below(Steps const& steps, std::string const& group) {
    return days_of(said_by_enrolments(steps, std::string{},
                                      [](auto& now, customer_enrolled const& f) {
                                          if (f.parent) now = *f.parent;
                                      }),
                   group);
}

/// What was told to be paid under an agreement.
template <class Steps>
std::vector<told_settlement> settlements_of(Steps const& steps, std::string_view agreement, currency in) {
    std::vector<told_settlement> out;
    for (auto const& step : steps) {
        auto const* f = std::get_if<rebate_settled>(&step.content);
        if (f == nullptr || f->agreement != agreement || !f->amount) continue;
        auto const amount = f->amount->owned_as(in);
        if (!amount || amount.value().in() != in) continue;  // it was refused, and told to a view of the past
        out.push_back({f->at.on(), amount.value().minor_units(), f->kind == settlement_kind::final_});
    }
    return out;
}

/// The days up to the final settlement: what happens later counts no more.
inline rebate_days days_until_settled(std::vector<told_settlement> const& settled) {
    rebate_book::days all;
    for (auto const& one : settled) {
        if (one.is_final) all.until = std::min(all.until, one.on);
    }
    return {all};
}

/// An agreement of the customer itself, in effect or about to be.
template <class Steps>
rebate_agreed const* agreed_in(Steps const& steps, std::string_view agreement) {
    for (auto const& step : steps) {
        auto const* f = std::get_if<rebate_agreed>(&step.content);
        if (f != nullptr && f->agreement == agreement) return f;
    }
    return nullptr;
}

}  // namespace detail

PATRON_FN result<void> engine::impl::fits_offers(place owner, fact const& f) const {
    auto const offer_of = [&](std::string_view name) -> rebate_offered const* {
        auto const found =
            std::find_if(offers.begin(), offers.end(), [&](rebate_offered const& o) { return o.agreement == name; });
        return found == offers.end() ? nullptr : &*found;
    };
    auto const in = slot_at(owner).states[position_of(owner)].in;
    if (auto const* agreed = std::get_if<rebate_agreed>(&f)) {
        if (offer_of(agreed->agreement) == nullptr) return {};
        auto const told = story_of(owner, nullptr, agreed->ref);
        if (!told) return told.error();
        if (detail::agreed_in(told.value().steps, agreed->agreement) != nullptr ||
            detail::settlements_of(told.value().steps, agreed->agreement, in).empty()) {
            return {};
        }
        return error{.code = errc::impossible_now,
                     .field = "agreement",
                     .saw = agreed->agreement,
                     .remedy = "the offer of that name was paid on; give the customer's own agreement its own name"};
    }
    auto const& settled = std::get<rebate_settled>(f);
    auto const& records = slot_at(owner).identities[position_of(owner)].records;
    auto const* own = records ? records->rebates->find(settled.agreement) : nullptr;
    if (own != nullptr && own->is_in_effect && !own->is_of_members()) return {};  // it is settled where it is kept
    auto const* offer = offer_of(settled.agreement);
    auto const is_of_members = own != nullptr && own->is_in_effect;
    if (!is_of_members && offer == nullptr) {
        return error{.code = errc::unknown_reference,
                     .field = "agreement",
                     .saw = settled.agreement,
                     .remedy = "agree on the rebate before it is settled"};
    }
    if (!settled.amount) {
        return error{.code = errc::missing_field,
                     .field = "amount",
                     .saw = settled.agreement,
                     .remedy =
                         "say what was paid out: the account of an offer or of a group's members is worked out "
                         "when it is read"};
    }
    auto const told = story_of(owner, nullptr, settled.ref);
    if (!told) return told.error();
    auto const& steps = told.value().steps;
    auto const before = detail::settlements_of(steps, settled.agreement, in);
    if (std::any_of(before.begin(), before.end(), [](auto const& one) { return one.is_final; })) {
        return error{.code = errc::impossible_now,
                     .field = "agreement",
                     .saw = settled.agreement,
                     .remedy = "it was settled for good already"};
    }
    if (!is_of_members && before.empty() && detail::days_of_kind(steps, offer->kind).empty()) {
        return error{.code = errc::impossible_now,
                     .field = "agreement",
                     .saw = settled.agreement,
                     .remedy = "it is offered to the kind " + std::string{machine::name_of(offer->kind)} +
                               ", which the customer never was; correct its enrolment"};
    }
    auto const terms = rebate_terms::of(is_of_members ? own->agreed : detail::agreed_by(*offer), in);
    if (!terms) return terms.error();
    auto const amount = settled.amount->owned_as(in);
    if (!amount || amount.value().in() != in) return {};  // refused with the others that are in another currency
    auto const units = amount.value().minor_units();
    if (units != 0 && units < terms.value().minimum()) {
        return error{.code = errc::out_of_range,
                     .field = "amount",
                     .saw = settled.amount->to_string(),
                     .remedy = "the agreement pays " + money{terms.value().minimum(), in}.to_string() +
                               " at the least; leave less open, or settle it for good with nothing"};
    }
    return {};
}

PATRON_FN bool engine::impl::has_shared_rebates(place owner) const {
    if (!offers.empty()) return true;
    auto const& records = slot_at(owner).identities[position_of(owner)].records;
    if (!records) return false;
    auto const& entries = records->rebates->entries();
    return std::any_of(entries.begin(), entries.end(), [](auto const& e) { return e.is_of_members(); });
}

PATRON_FN std::vector<engine::impl::gathered> engine::impl::offered_to(place owner, story const& told) const {
    std::vector<gathered> out;
    auto const in = slot_at(owner).states[position_of(owner)].in;
    for (auto const& offer : offers) {
        auto const agreed = detail::agreed_by(offer);
        if (detail::agreed_in(told.steps, offer.agreement) != nullptr || !rebate_terms::of(agreed, in)) continue;
        auto const is_told_again = std::any_of(out.begin(), out.end(), [&](gathered const& one) {
            return one.agreed.agreement == detail::beside(offer.agreement);
        });
        auto const settled = detail::settlements_of(told.steps, offer.agreement, in);
        auto days =
            detail::days_in_both(detail::days_of_kind(told.steps, offer.kind), detail::days_until_settled(settled));
        if (is_told_again || days.empty()) continue;
        auto one = agreed;
        one.agreement = detail::beside(offer.agreement);
        out.push_back({std::move(one), std::move(days)});
    }
    return out;
}

PATRON_FN result<std::shared_ptr<std::vector<detail::told_book::membership> const>> engine::impl::memberships() const {
    std::lock_guard const lock{known_memberships_.guard};
    auto const now = enrolments.load(std::memory_order_relaxed);
    if (known_memberships_.all && known_memberships_.of_enrolments == now) return known_memberships_.all;
    auto all = std::make_shared<std::vector<detail::told_book::membership>>();
    for (std::size_t s = 0; s < slots.size(); ++s) {
        auto const& slot = *slots[s];
        auto const& words = slot.words();
        auto const is_customer = [&](std::string_view word) { return !word.empty() && find(word).has_value(); };
        if (std::none_of(words.begin(), words.end(), is_customer)) continue;  // nobody here was ever in a group
        for (std::uint32_t position = 0; position < slot.states.size(); ++position) {
            auto const code = slot.identities[position].code_text();
            auto const note = [&](std::string_view group) {
                if (is_customer(group)) all->push_back({code, std::string{group}});
            };
            auto const read = each_entry(place_of(s, position), {}, [&](std::string_view bytes) {
                if (!is_encoded_fact(bytes)) return;
                auto const kind = encoded_kind(bytes);
                if (kind != fact_kind::customer_enrolled && kind != fact_kind::corrected) return;
                auto const told = decode(bytes, code);
                if (!told) return;
                if (auto const* enrolled = std::get_if<customer_enrolled>(&told.value())) {
                    if (enrolled->parent) note(*enrolled->parent);
                } else {
                    for (auto const& change : std::get<corrected>(told.value()).changes) {
                        if (change.field == "parent") note(change.value);
                    }
                }
            });
            if (!read) return read.error();
        }
    }
    known_memberships_.of_enrolments = now;
    known_memberships_.all = std::move(all);
    return known_memberships_.all;
}

PATRON_FN result<std::map<engine::impl::place, std::vector<rebate_book::days>>> engine::impl::ever_below(
    place group) const {
    auto const known = memberships();
    if (!known) return known.error();
    std::map<std::string_view, std::vector<std::string_view>> below;
    for (auto const& one : *known.value()) {
        auto& members = below[one.group];
        if (std::find(members.begin(), members.end(), one.customer) == members.end()) members.push_back(one.customer);
    }
    std::map<place, std::vector<rebate_book::days>> out;
    struct open_group {
        std::string_view code;
        detail::rebate_days when;
        std::vector<std::string_view> above;
    };
    auto const own_code = slot_at(group).identities[position_of(group)].code_text();
    std::vector<open_group> groups{{own_code, {{first_day, last_day}}, {own_code}}};
    while (!groups.empty()) {
        auto const next = std::move(groups.back());
        groups.pop_back();
        for (auto const member : below[next.code]) {
            // a group that is its own member counts once
            if (std::find(next.above.begin(), next.above.end(), member) != next.above.end()) continue;
            auto const at = *find(member);
            auto const told = story_of(at, nullptr);
            if (!told) return told.error();
            auto const when =
                detail::days_in_both(detail::days_below(told.value().steps, std::string{next.code}), next.when);
            if (when.empty()) continue;
            auto& days = out[at];  // one at a time is above it, so that no day is here yet
            days.insert(days.end(), when.begin(), when.end());
            auto above = next.above;
            above.push_back(member);
            groups.push_back({member, when, std::move(above)});
        }
    }
    return out;
}

PATRON_FN result<std::vector<engine::impl::shared_account>> engine::impl::shared_accounts(place owner,
                                                                                          story const& told, day until,
                                                                                          bool by_month) const {
    std::vector<shared_account> out;
    auto const in = slot_at(owner).states[position_of(owner)].in;
    if (in.is_own()) return out;
    auto const volumes_of =
        [&](place customer, story const& of,
            std::vector<gathered> const& what) -> result<std::vector<std::map<period, rebate_progress>>> {
        std::vector<std::map<period, rebate_progress>> all(what.size());
        auto const note = [&](period month, rebate_book const& book) {
            for (std::size_t i = 0; i < what.size(); ++i) {
                auto const* e = book.find(what[i].agreed.agreement);
                if (e != nullptr) all[i][month] = e->account.progress();
            }
        };
        if (by_month) {
            auto const done = at_month_ends(customer, of, until, what, note);
            if (!done) return done.error();
            return all;
        }
        auto const folded = refold(customer, of, until, false, what);
        if (!folded) return folded.error();
        note(period{until}, *folded.value().customer.records->rebates);
        return all;
    };
    auto const named_as = [](std::string_view beside) { return beside.substr(1); };

    // agreements of the customer on what its members trade
    std::vector<gathered> of_members;
    for (auto const& step : told.steps) {
        auto const* f = std::get_if<rebate_agreed>(&step.content);
        if (f == nullptr || f->scope != rebate_scope::members || f->at.on() > until) continue;
        auto terms = rebate_terms::of(*f, in);
        auto const name = detail::beside(f->agreement);
        auto const is_known = std::any_of(of_members.begin(), of_members.end(),
                                          [&](gathered const& one) { return one.agreed.agreement == name; });
        if (!terms || is_known) continue;
        auto settled = detail::settlements_of(told.steps, f->agreement, in);
        auto agreed = *f;
        agreed.agreement = name;
        agreed.scope.reset();
        of_members.push_back({std::move(agreed), detail::days_until_settled(settled)});
        out.push_back({.agreed = *f, .terms = std::move(terms.value()), .settled = std::move(settled)});
    }
    if (!of_members.empty()) {
        std::vector<detail::summed_progress> sums(of_members.size());
        auto const add = [&](place customer, story const& of,
                             std::vector<rebate_book::days> const& days) -> result<void> {
            auto what = of_members;
            for (auto& one : what) one.only_on = detail::days_in_both(*one.only_on, days);
            auto const code = slot_at(customer).identities[position_of(customer)].code_text();
            auto const& state = slot_at(customer).states[position_of(customer)];
            if (state.in != in && !state.in.is_own()) {
                for (auto& one : out) one.left_out.emplace_back(code);
            }
            if (state.in != in) return {};
            auto const volumes = volumes_of(customer, of, what);
            if (!volumes) return volumes.error();
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i].add(volumes.value()[i]);
            return {};
        };
        if (auto const added = add(owner, told, {{first_day, last_day}}); !added) return added.error();
        auto const members = ever_below(owner);
        if (!members) return members.error();
        for (auto const& [member, days] : members.value()) {
            auto const of = story_of(member, nullptr);
            if (!of) return of.error();
            if (auto const added = add(member, of.value(), days); !added) return added.error();
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            out[i].volumes = sums[i].total();
            std::sort(out[i].left_out.begin(), out[i].left_out.end());
        }
    }

    // offers to its kind
    if (offers.empty()) return out;
    auto const offered = offered_to(owner, told);
    auto const volumes = volumes_of(owner, told, offered);
    if (!volumes) return volumes.error();
    for (auto const& offer : offers) {
        if (offer.at.on() > until || detail::agreed_in(told.steps, offer.agreement) != nullptr) continue;
        auto const agreed = detail::agreed_by(offer);
        auto terms = rebate_terms::of(agreed, in);
        auto const is_known = std::any_of(out.begin(), out.end(), [&](shared_account const& one) {
            return one.offered_to && one.agreed.agreement == offer.agreement;
        });
        if (!terms || is_known) continue;
        auto settled = detail::settlements_of(told.steps, offer.agreement, in);
        auto const counted = std::find_if(offered.begin(), offered.end(), [&](gathered const& one) {
            return named_as(one.agreed.agreement) == offer.agreement;
        });
        // what was paid stays, also where it is told later that the customer never was of that kind
        if (counted == offered.end() && settled.empty()) continue;
        shared_account one{.agreed = agreed,
                           .terms = std::move(terms.value()),
                           .offered_to = offer.kind,
                           .settled = std::move(settled)};
        if (counted != offered.end()) {
            one.volumes = volumes.value()[static_cast<std::size_t>(counted - offered.begin())];
        }
        out.push_back(std::move(one));
    }
    return out;
}

PATRON_FN void engine::impl::add_shared_rebates(std::vector<row_rebate>& into, place owner, day until) const {
    auto const told = story_of(owner, nullptr);
    auto const accounts =
        told ? shared_accounts(owner, told.value(), until, false) : result<std::vector<shared_account>>{told.error()};
    if (!accounts) throw std::runtime_error{accounts.error().message()};
    for (auto const& one : accounts.value()) into.push_back(one.at(until));
}

PATRON_FN result<std::vector<rebates_of_month>> engine::impl::rebates_by_month(place owner, story const& all,
                                                                               day until) const {
    std::map<period, std::vector<row_rebate>> own;
    auto const read = at_month_ends(owner, all, until, {},
                                    [&own](period month, rebate_book const& book) { own[month] = rebates_in(book); });
    if (!read) return read.error();
    std::vector<shared_account> shared;
    if (has_shared_rebates(owner)) {
        auto told = shared_accounts(owner, all, until, true);
        if (!told) return told.error();
        shared = std::move(told.value());
    }
    std::set<period> months;
    for (auto const& [month, rebates] : own) months.insert(month);
    for (auto const& one : shared) {
        for (auto const& [month, volumes] : one.volumes) months.insert(month);
    }
    std::vector<rebates_of_month> out;
    std::vector<row_rebate> own_now;
    for (auto const month : months) {
        if (auto const now = own.find(month); now != own.end()) own_now = now->second;
        rebates_of_month at{month, own_now};
        for (auto const& one : shared) {
            if (one.agreed.at.on() <= month.last()) at.rebates.push_back(one.at(std::min(month.last(), until)));
        }
        if (!at.rebates.empty() || !out.empty()) out.push_back(std::move(at));
    }
    return out;
}

}  // namespace patron::v1
