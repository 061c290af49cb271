#pragma once
#include <patron/engine/impl/sum_of_currency.hpp>
#include <patron/engine/what_if.hpp>
#include <patron/machine/names.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>

namespace patron::inline v1 {

namespace detail {

inline bool same_evidence(std::vector<row_evidence> const& a, std::vector<row_evidence> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](row_evidence const& x, row_evidence const& y) {
        return std::tie(x.kind, x.weight, x.age_days, x.what) == std::tie(y.kind, y.weight, y.age_days, y.what);
    });
}

inline bool same_rebates(std::vector<row_rebate> const& a, std::vector<row_rebate> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](row_rebate const& x, row_rebate const& y) {
        return x.agreement == y.agreement && x.volume == y.volume && x.balance == y.balance &&
               x.is_final == y.is_final && x.is_out_of_range == y.is_out_of_range;
    });
}

inline course_differences differences_of(customer_course const& a, customer_course const& b) {
    auto const& x = a.row.state;
    auto const& y = b.row.state;
    auto const limit = [](customer_state const& s) {
        return std::tuple{s.limit_is_set, s.limit_is_unlimited, s.limit_is_set ? s.limit : 0, s.exposure};
    };
    auto const fell_from = [](customer_state const& s) {
        return s.stage == stage::declining ? s.fell_from : stage::prospect;
    };
    return {.stage = x.stage != y.stage || a.row.since != b.row.since || fell_from(x) != fell_from(y),
            .path = a.path != b.path,
            .share = a.row.share_millionths() != b.row.share_millionths() || x.basis != y.basis,
            .evidence = !same_evidence(a.row.evidence, b.row.evidence),
            .rebates = !same_rebates(a.row.rebates, b.row.rebates),
            .credit = limit(x) != limit(y),
            .powers = a.row.tier != b.row.tier || a.row.supply != b.row.supply ||
                      a.row.open_effects != b.row.open_effects || a.row.powers != b.row.powers};
}

inline result<void> add_rebates(std::vector<rebate_cost>& sums, customer_row const& row) {
    if (row.rebates.empty()) return {};
    auto const in = row.state.in;
    auto* const at = &sum_of(sums, in);
    for (auto const& r : row.rebates) {
        ++at->agreements;
        if (r.is_out_of_range) {
            return error{.code = errc::amount_overflow,
                         .field = "agreement",
                         .saw = r.agreement,
                         .remedy = "the rebate of " + std::string{row.profile.code} +
                                   " passes 2^63 - 1: correct its rates, or give it a cap"};
        }
        for (auto const part : {&rebate_balance::accrued, &rebate_balance::paid, &rebate_balance::open,
                                &rebate_balance::reversed, &rebate_balance::forfeited, &rebate_balance::clawed_back}) {
            auto& sum = at->balance.*part;
            if (!__builtin_add_overflow(sum, r.balance.*part, &sum)) continue;
            return error{.code = errc::amount_overflow,
                         .field = "rebates",
                         .saw = std::string{row.profile.code},
                         .remedy = "the rebates in " + std::string{in.code()} + " do not add up in 64 bits"};
        }
    }
    return {};
}

inline result<void> add_rewards(std::vector<reward_cost>& sums, customer_row const& row) {
    if (row.powers.rewarded == 0) return {};
    auto const in = row.state.in;
    auto* const at = &sum_of(sums, in);
    if (!__builtin_add_overflow(at->rewarded, row.powers.rewarded, &at->rewarded)) return {};
    return error{.code = errc::amount_overflow,
                 .field = "rewards",
                 .saw = std::string{row.profile.code},
                 .remedy = "the rewards in " + std::string{in.code()} + " do not add up in 64 bits"};
}

inline result<void> count_in(book_course& book, customer_course const& one) {
    book.flows.add(one.path);
    auto const& stays = one.path.stays;
    for (std::size_t i = 1; i < stays.size(); ++i) ++book.changes[static_cast<std::size_t>(stays[i].cause)];
    if (!one.row.evidence.empty()) ++book.customers_with_evidence;
    for (auto const& e : one.row.evidence) book.evidence_weight += static_cast<std::uint64_t>(e.weight);
    book.rewards += one.row.powers.rewards;
    book.sanctions += one.row.powers.sanctions;
    if (one.row.tier) ++book.tiers[static_cast<std::size_t>(*one.row.tier)];
    if (auto const added = add_rewards(book.reward_costs, one.row); !added) return added;
    return add_rebates(book.rebates, one.row);
}

inline void count_in(book_comparison& sum, compared_customer const& c) {
    auto const& d = c.differs;
    ++sum.customers;
    sum.differ += d.any() ? 1 : 0;
    sum.stage_differs += d.stage ? 1 : 0;
    sum.path_differs += d.path ? 1 : 0;
    sum.share_differs += d.share ? 1 : 0;
    sum.evidence_differs += d.evidence ? 1 : 0;
    sum.rebates_differ += d.rebates ? 1 : 0;
    sum.credit_differs += d.credit ? 1 : 0;
    sum.powers_differ += d.powers ? 1 : 0;
    ++sum.stages[static_cast<std::size_t>(c.a.row.state.stage)][static_cast<std::size_t>(c.b.row.state.stage)];
}

inline error in_one_book_only(std::string_view code) {
    return {.code = errc::unknown_customer,
            .field = "customer",
            .saw = std::string{code},
            .remedy = "compare two books that were fed the same facts"};
}

}  // namespace detail

PATRON_FN result<book_comparison> compare(engine const& a, engine const& b, comparison_visitor const& each) {
    book_comparison sum;
    sum.a.rulebook = a.options().rules.version;
    sum.b.rulebook = b.options().rules.version;
    if (a.size() != b.size()) {
        return error{.code = errc::unknown_customer,
                     .field = "customer",
                     .saw = std::to_string(a.size()) + " and " + std::to_string(b.size()) + " customers",
                     .remedy = "compare two books that were fed the same facts"};
    }
    result<void> going{};
    bool wanted = static_cast<bool>(each);
    a.each_by_code([&](customer_row const& row) {
        auto const& code = row.profile.code;
        auto other = b.find(code);
        if (!other) {
            going = detail::in_one_book_only(code);
            return false;
        }
        compared_customer c{.a = {row, a.history(code).value()},
                            .b = {std::move(other.value()), b.history(code).value()},
                            .differs = {}};
        c.differs = detail::differences_of(c.a, c.b);
        detail::count_in(sum, c);
        going = detail::count_in(sum.a, c.a);
        if (going) going = detail::count_in(sum.b, c.b);
        if (going && wanted) wanted = each(c);
        return going.has_value();
    });
    if (!going) return going.error();
    return sum;
}

namespace detail {

inline engine_options under(engine_options common, house_rules rules) {
    common.rules = std::move(rules);
    return common;
}

}  // namespace detail

PATRON_FN what_if::what_if(engine_options common, house_rules const& a, house_rules b)
    : a_{detail::under(common, a)}, b_{detail::under(std::move(common), std::move(b).after(a))} {}

PATRON_FN what_if_outcome what_if::apply(std::span<received> rows, batch_options how) {
    if (!how.stop_on_error) {
        auto first = a_.apply(rows, how);
        return {std::move(first), b_.apply(rows, how)};
    }
    // a row at a time: neither book may run ahead of the row at which the other stops
    what_if_outcome out;
    auto const add = [](batch_outcome& sum, batch_outcome one) {
        sum.read += one.read;
        sum.applied += one.applied;
        sum.duplicate += one.duplicate;
        sum.kept += one.kept;
        std::move(one.rejected.begin(), one.rejected.end(), std::back_inserter(sum.rejected));
        std::move(one.decisions.begin(), one.decisions.end(), std::back_inserter(sum.decisions));
    };
    for (std::size_t i = 0; i < rows.size() && out.a.rejected.empty() && out.b.rejected.empty(); ++i) {
        add(out.a, a_.apply(rows.subspan(i, 1), how));
        add(out.b, b_.apply(rows.subspan(i, 1), how));
    }
    out.a.stopped = out.b.stopped = !out.a.rejected.empty() || !out.b.rejected.empty();
    return out;
}

PATRON_FN std::pair<std::vector<decision>, std::vector<decision>> what_if::advance_to(day on, unsigned threads) {
    auto first = a_.advance_to(on, threads);
    return {std::move(first), b_.advance_to(on, threads)};
}

PATRON_FN std::optional<day> what_if::latest_day() const noexcept { return std::max(a_.latest_day(), b_.latest_day()); }

// --- shadow ----------------------------------------------------------------------------------------------

PATRON_FN result<shadow_book> shadow_book::beside(engine& live, house_rules candidate, sink differences) {
    if (live.size() != 0) {
        return error{.code = errc::impossible_now,
                     .field = "live",
                     .saw = std::to_string(live.size()) + " customers",
                     .remedy = "feed the same facts to an engine with the candidate's rules first, and give that"};
    }
    return beside(live, engine{detail::under(live.options(), std::move(candidate).after(live.options().rules))},
                  std::move(differences));
}

PATRON_FN result<shadow_book> shadow_book::beside(engine& live, engine candidate, sink differences) {
    for (auto const* const book : {static_cast<engine const*>(&live), static_cast<engine const*>(&candidate)}) {
        if (book->options().record_decisions) continue;
        return error{.code = errc::impossible_now,
                     .field = book == &live ? "live" : "candidate",
                     .saw = "record_decisions = false",
                     .remedy = "decisions are what is compared: let the engine record them"};
    }
    if (live.size() != candidate.size() || live.latest_day() != candidate.latest_day()) {
        return error{.code = errc::impossible_now,
                     .field = "candidate",
                     .saw = std::to_string(candidate.size()) + " customers",
                     .remedy = "feed it the same facts as the live book, which has " + std::to_string(live.size()) +
                               " customers"};
    }
    return shadow_book{live, std::move(candidate), std::move(differences)};
}

PATRON_FN void shadow_book::note(shadow_difference const& d) {
    ++count_;
    if (sink_) sink_(d);
}

PATRON_FN void shadow_book::note(std::vector<decision> const& live, std::vector<decision> const& candidate) {
    using key = std::tuple<moment, std::string_view, std::string_view>;
    struct sides {
        std::vector<decision const*> live;
        std::vector<decision const*> candidate;
    };
    std::map<key, sides> changes;
    for (auto const& d : live) {
        if (d.to) changes[{d.at, d.customer, d.ref}].live.push_back(&d);
    }
    for (auto const& d : candidate) {
        if (d.to) changes[{d.at, d.customer, d.ref}].candidate.push_back(&d);
    }
    auto const copy = [](std::vector<decision const*> const& all, std::size_t i) {
        return i < all.size() ? std::optional{*all[i]} : std::nullopt;
    };
    for (auto const& [of, both] : changes) {
        for (std::size_t i = 0; i < std::max(both.live.size(), both.candidate.size()); ++i) {
            if (i < both.live.size() && i < both.candidate.size() && both.live[i]->from == both.candidate[i]->from &&
                both.live[i]->to == both.candidate[i]->to && both.live[i]->event == both.candidate[i]->event) {
                continue;
            }
            note({.ref = std::string{std::get<2>(of)},
                  .customer = std::string{std::get<1>(of)},
                  .live = copy(both.live, i),
                  .candidate = copy(both.candidate, i)});
        }
    }
}

PATRON_FN void shadow_book::note(std::vector<error> const& live, std::vector<error> const& candidate) {
    auto const before = [](error const* x, error const* y) {
        return std::tie(x->line, x->code, x->field, x->saw, x->remedy, x->source) <
               std::tie(y->line, y->code, y->field, y->saw, y->remedy, y->source);
    };
    auto const sorted = [&before](std::vector<error> const& all) {
        std::vector<error const*> order;
        order.reserve(all.size());
        for (auto const& e : all) order.push_back(&e);
        std::sort(order.begin(), order.end(), before);
        return order;
    };
    auto const ours = sorted(live);
    auto const theirs = sorted(candidate);
    auto x = ours.begin();
    auto y = theirs.begin();
    while (x != ours.end() || y != theirs.end()) {
        if (y == theirs.end() || (x != ours.end() && before(*x, *y))) {
            note({.live_refused = **x++});
        } else if (x == ours.end() || before(*y, *x)) {
            note({.candidate_refused = **y++});
        } else {
            ++x;
            ++y;
        }
    }
}

PATRON_FN result<apply_outcome> shadow_book::apply(fact const& f) {
    auto const head = head_of(f);
    if (head.ref.empty()) {
        // the live book names such a fact, and the candidate must know it by that name
        if (auto const sound = validate(f); !sound) return sound.error();
        received row{.content = f};
        auto out = apply(std::span{&row, 1});
        if (!out.rejected.empty()) return std::move(out.rejected.front());
        return apply_outcome{out.kept > 0        ? fate::kept
                             : out.duplicate > 0 ? fate::duplicate
                                                 : fate::applied,
                             std::move(out.decisions)};
    }
    auto outcome = live_->apply(f);
    auto const theirs = candidate_.apply(f);
    if (outcome.has_value() != theirs.has_value()) {
        shadow_difference d{.ref = std::string{head.ref}, .customer = std::string{head.customer}};
        if (!outcome) d.live_refused = outcome.error();
        if (!theirs) d.candidate_refused = theirs.error();
        note(d);
    }
    static std::vector<decision> const none;
    note(outcome ? outcome.value().decisions : none, theirs ? theirs.value().decisions : none);
    return outcome;
}

PATRON_FN batch_outcome shadow_book::apply(std::span<received> rows, batch_options how) {
    auto out = live_->apply(rows, how);
    how.stop_on_error = false;  // what the live book has read, all of it
    auto const theirs = candidate_.apply(rows.first(static_cast<std::size_t>(out.read)), how);
    note(out.rejected, theirs.rejected);
    note(out.decisions, theirs.decisions);
    return out;
}

PATRON_FN std::vector<decision> shadow_book::advance_to(day on, unsigned threads) {
    auto out = live_->advance_to(on, threads);
    note(out, candidate_.advance_to(on, threads));
    return out;
}

// --- as data -----------------------------------------------------------------------------------------------

namespace detail {

inline void append_name(std::string& out, std::string_view name) {
    append_json_string(out, name);
    out += ':';
}

/// {"initial": 3, ...}: only what is not zero, in the order of the names.
template <class Counts, class NameOf>
void append_counts(std::string& out, Counts const& counts, NameOf name_at) {
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < std::size(counts); ++i) {
        if (counts[i] == 0) continue;
        if (!first) out += ',';
        first = false;
        append_name(out, name_at(i));
        out += std::to_string(counts[i]);
    }
    out += '}';
}

inline std::string_view stage_name_at(std::size_t i) { return name_of(static_cast<stage>(i)); }

inline void append_matrix(std::string& out,
                          std::array<std::array<std::uint64_t, stage_count>, stage_count> const& matrix) {
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < stage_count; ++i) {
        if (std::all_of(matrix[i].begin(), matrix[i].end(), [](auto n) { return n == 0; })) continue;
        if (!first) out += ',';
        first = false;
        append_name(out, stage_name_at(i));
        append_counts(out, matrix[i], stage_name_at);
    }
    out += '}';
}

inline void append_day(std::string& out, day_number on) {
    if (on == no_day) {
        out += "null";
    } else {
        append_json_string(out, to_string(day_of(on)));
    }
}

inline void append_course(std::string& out, customer_course const& c) {
    out += "{\"row\":";
    append_json(out, c.row);
    out += ",\"highest\":";
    append_json_string(out, name_of(c.path.highest));
    out += ",\"path\":[";
    auto const& stays = c.path.stays;
    for (std::size_t i = 0; i < stays.size(); ++i) {
        out += i == 0 ? "{\"stage\":" : ",{\"stage\":";
        append_json_string(out, name_of(stays[i].stage));
        out += ",\"entered\":";
        append_day(out, stays[i].entered);
        out += ",\"left\":";
        append_day(out, stays[i].left);
        if (i > 0) {
            out += ",\"cause\":";
            append_json_string(out, machine::name_of(stays[i].cause));
        }
        out += '}';
    }
    out += "],\"days\":";
    std::array<int, stage_count> days{};
    for (std::size_t s = 0; s < stage_count; ++s) days[s] = c.path.by_stage[s].cumulative_days;
    append_counts(out, days, stage_name_at);
    out += '}';
}

}  // namespace detail

PATRON_FN void append_json(std::string& out, compared_customer const& c) {
    out += "{\"customer\":";
    append_json_string(out, c.a.row.profile.code);
    out += ",\"differs\":[";
    auto const& d = c.differs;
    std::pair<bool, std::string_view> const parts[] = {
        {d.stage, "stage"},     {d.path, "path"},     {d.share, "share"},  {d.evidence, "evidence"},
        {d.rebates, "rebates"}, {d.credit, "credit"}, {d.powers, "powers"}};
    bool first = true;
    for (auto const& [differs, name] : parts) {
        if (!differs) continue;
        if (!first) out += ',';
        first = false;
        append_json_string(out, name);
    }
    out += "],\"a\":";
    detail::append_course(out, c.a);
    out += ",\"b\":";
    detail::append_course(out, c.b);
    out += '}';
}

PATRON_FN void append_json(std::string& out, book_course const& b) {
    using event = lifecycle::relationship::event;
    out += "{\"rulebook\":";
    append_json_string(out, b.rulebook);
    out += ",\"present\":";
    detail::append_counts(out, b.flows.present, detail::stage_name_at);
    out += ",\"ever\":";
    detail::append_counts(out, b.flows.ever, detail::stage_name_at);
    out += ",\"days\":";
    detail::append_counts(out, b.flows.days, detail::stage_name_at);
    out += ",\"transitions\":";
    detail::append_matrix(out, b.flows.transitions);
    out += ",\"changes\":";
    detail::append_counts(out, b.changes, [](std::size_t i) { return machine::name_of(static_cast<event>(i)); });
    out += ",\"evidence\":{\"customers\":" + std::to_string(b.customers_with_evidence) +
           ",\"weight\":" + decimal{static_cast<std::int64_t>(b.evidence_weight), 3}.to_string() + "},\"rebates\":[";
    for (auto const& r : b.rebates) {
        out += &r == &b.rebates.front() ? "{\"currency\":" : ",{\"currency\":";
        append_json_string(out, r.in.code());
        out += ",\"agreements\":" + std::to_string(r.agreements);
        std::pair<std::string_view, std::int64_t> const parts[] = {
            {"accrued", r.balance.accrued},     {"paid", r.balance.paid},
            {"open", r.balance.open},           {"reversed", r.balance.reversed},
            {"forfeited", r.balance.forfeited}, {"clawed_back", r.balance.clawed_back}};
        for (auto const& [name, units] : parts) {
            out += ',';
            detail::append_name(out, name);
            append_json_string(out, money{units, r.in}.to_string());
        }
        out += '}';
    }
    out += "],\"powers\":{\"rewards\":" + std::to_string(b.rewards) + ",\"sanctions\":" + std::to_string(b.sanctions) +
           ",\"rewarded\":[";
    for (auto const& r : b.reward_costs) {
        if (&r != &b.reward_costs.front()) out += ',';
        append_json_string(out, money{r.rewarded, r.in}.to_string());
    }
    out += "],\"tiers\":";
    detail::append_counts(out, b.tiers, [](std::size_t i) { return name_of(static_cast<customer_tier>(i)); });
    out += "}}";
}

PATRON_FN void append_json(std::string& out, book_comparison const& sum) {
    std::pair<std::string_view, std::uint64_t> const counts[] = {
        {"customers", sum.customers},    {"differ", sum.differ},         {"stage", sum.stage_differs},
        {"path", sum.path_differs},      {"share", sum.share_differs},   {"evidence", sum.evidence_differs},
        {"rebates", sum.rebates_differ}, {"credit", sum.credit_differs}, {"powers", sum.powers_differ}};
    out += '{';
    for (auto const& [name, count] : counts) {
        detail::append_name(out, name);
        out += std::to_string(count) + ',';
    }
    out += "\"stages\":";
    detail::append_matrix(out, sum.stages);
    out += '}';
}

}  // namespace patron::v1
