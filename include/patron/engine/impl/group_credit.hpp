#pragma once
// What customers owe together, and the limits that they share (CRE-1).
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/dated_rates.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// The groups of a book on a day. A view of the book: `book_customers`, or customers that are told again.
template <class Book>
class group_credit {
    using place = typename Book::place;
    using reading = typename Book::reading;

public:
    group_credit(Book const& book, day on, exposure_switches const& counts = {}) noexcept
        : book_{&book}, on_{on}, counts_{counts} {}

    /// Adds the groups above a customer that have a limit, with what their members owe in all.
    /// Errors: errc::amount_overflow; errc::impossible_now for a group that is its own member.
    result<void> look(credit_view& into, std::string_view code, std::string_view parent) const {
        auto const has_members = book_->is_parent(code);
        if (parent.empty() && !has_members) return {};
        auto const below = book_->read();
        auto const self = *book_->find(code);
        if (has_members) {
            if (auto const own = add(into, self, self, below); !own) return own;
        }
        for (std::size_t levels = 0; !parent.empty();) {
            if (parent == code || ++levels > most_levels) return leads_back(parent);
            auto const above = book_->find(parent);
            if (!above) return {};  // it was named, and never enrolled: it has no limit
            if (auto const added = add(into, *above, self, below); !added) return added;
            parent = book_->profile_of(*above).parent;
        }
        into.picture.groups = into.groups;
        return {};
    }

    /// All whose exposure counts where the customer's does: the members, itself among them, of the highest group above it
    /// that has a limit. Empty where none has. Errors: as look.
    [[nodiscard]] result<std::vector<place>> sharers(std::string_view code, std::string_view parent) const {
        std::vector<place> all;
        std::optional<place> top;
        auto const rise_to = [&](place at) {
            auto const* records = book_->records_of(at);
            auto const limit = limit_of(book_->state_of(at), records);
            if (limit.kind != limit_kind::not_set && mode_of(records) != pool_mode::default_only) top = at;
        };
        if (auto const own = book_->find(code); own && book_->is_parent(code)) rise_to(*own);
        for (std::size_t levels = 0; !parent.empty();) {
            if (parent == code || ++levels > most_levels) return leads_back(parent);
            auto const above = book_->find(parent);
            if (!above) break;
            rise_to(*above);
            parent = book_->profile_of(*above).parent;
        }
        if (!top) return all;
        auto const seen = each_member(*top, book_->read(), [&](place at) {
            all.push_back(at);
            return result<void>{};
        });
        if (!seen) return seen.error();
        return all;
    }

private:
    static constexpr std::size_t most_levels = 8;

    static error leads_back(std::string_view parent) {
        return {.code = errc::impossible_now,
                .field = "parent",
                .saw = std::string{parent},
                .remedy =
                    "groups above a customer lead back to it, or are more than 8 deep: enrol one of them with "
                    "another parent"};
    }

    [[nodiscard]] static pool_mode mode_of(customer_records const* records) noexcept {
        return records == nullptr ? pool_mode::shared : records->credit->mode;
    }
    /// The pool of one group, if it has a limit, as it is to the member that is asked about.
    result<void> add(credit_view& into, place at, place asked, reading const& below) const {
        auto const& state = book_->state_of(at);
        auto const* records = book_->records_of(at);
        auto limit = limit_of(state, records);
        auto mode = mode_of(records);
        if (limit.kind == limit_kind::not_set) return {};
        auto const own = base_limit(book_->state_of(asked), book_->records_of(asked));
        if (mode == pool_mode::default_only && own.kind != limit_kind::not_set) return {};
        if (at == asked) {  // to itself the limit is its own, of which its members may take a part
            if (mode == pool_mode::default_only) return {};
            if (mode == pool_mode::own_plus_pool) mode = pool_mode::shared;
        }
        auto const is_taken_from = mode_of(records) == pool_mode::own_plus_pool;
        if (limit.kind == limit_kind::amount) {
            auto const amount = book_->in_currency({limit.amount, state.in}, into.picture.in, on_);
            if (!amount) return amount.error();
            if (!amount.value()) into.picture.rate_missing = state.in;
            limit.amount = amount.value().value_or(0);
        }
        result<std::int64_t> used = 0;
        std::vector<running_amount> ending;
        if (is_taken_from) used = taken_from(at, asked, into.picture, below, ending);
        else if (mode == pool_mode::shared) used = exposure_of(at, asked, into.picture, below, ending);
        if (!used) return used.error();
        into.groups.push_back({.group = book_->code_of(at), .mode = mode, .limit = limit, .used = used.value()});
        if (!ending.empty()) into.groups.back().guarantees = into.group_guarantees.emplace_back(std::move(ending));
        return {};
    }
    /// With its seasons and its last day, but where one for a time stands for it: then that, until its own last day.
    [[nodiscard]] credit_limit limit_of(customer_state const& state, customer_records const* records) const {
        auto const own = base_limit(state, records);
        if (records == nullptr || !records->credit->base) return own;
        auto const on = number_of(on_);
        auto last = no_day;
        for (auto const& t : records->credit->temporary_limits) {
            if (t.in_force(on) && (last == no_day || t.until < last)) last = t.until;
        }
        if (last == no_day) return own;
        auto limit = records->credit->limit_on(on);
        limit.until = last;
        return limit;
    }
    /// What of it counts on the day, in minor units; nothing where there is none or it has run out.
    [[nodiscard]] std::optional<wide_amount> amount_of(credit_limit const& limit) const {
        auto const now = patron::limit_on(limit, {}, number_of(on_));
        if (now.kind == limit_kind::unlimited) return INT64_MAX;
        if (now.kind == limit_kind::not_set) return std::nullopt;
        return now.amount;
    }
    /// What a member may owe by itself: its own limit, or the nearest group's default. In its own currency.
    [[nodiscard]] result<wide_amount> own_limit(place at) const {
        auto const& state = book_->state_of(at);
        auto const own = limit_of(state, book_->records_of(at));
        if (own.kind != limit_kind::not_set) return amount_of(own).value_or(0);
        auto parent = book_->profile_of(at).parent;
        for (std::size_t levels = 0; !parent.empty() && levels < most_levels; ++levels) {
            auto const above = book_->find(parent);
            if (!above) break;
            auto const* records = book_->records_of(*above);
            auto const& group_state = book_->state_of(*above);
            auto const limit = limit_of(group_state, records);
            if (mode_of(records) == pool_mode::default_only && limit.kind != limit_kind::not_set) {
                auto const amount = amount_of(limit);
                if (!amount) return wide_amount{0};
                if (*amount == INT64_MAX) return *amount;
                auto const told = book_->in_currency(
                    {static_cast<std::int64_t>(std::min<wide_amount>(*amount, INT64_MAX)), group_state.in}, state.in,
                    on_);
                if (!told) return told.error();
                return wide_amount{told.value().value_or(0)};
            }
            parent = book_->profile_of(*above).parent;
        }
        return wide_amount{0};
    }
    /// What a member owes on the day, as the rules count it; in its own currency.
    [[nodiscard]] result<std::int64_t> owed_by(place at) const {
        return counted_on(book_->state_of(at), book_->records_of(at), number_of(on_), counts_);
    }
    /// Of the group and all below it, in the credit currency of the picture.
    result<std::int64_t> exposure_of(place root, place asked, credit_picture& picture, reading const& below,
                                     std::vector<running_amount>& ending) const {
        return sum_over(root, asked, picture, below, ending, [this](place at) { return owed_by(at); });
    }
    /// What others than the one asked about owe beyond their own limits, without those of their standings; and to the
    /// group itself also what it owes.
    result<std::int64_t> taken_from(place root, place asked, credit_picture& picture, reading const& below,
                                    std::vector<running_amount>& ending) const {
        return sum_over(root, asked, picture, below, ending, [&](place at) -> result<std::int64_t> {
            if (at == asked && at != root) return std::int64_t{0};
            auto const owed = owed_by(at);
            if (!owed) return owed.error();
            if (at == root) return std::max<std::int64_t>(owed.value(), 0);
            auto const own = own_limit(at);
            if (!own) return own.error();
            return static_cast<std::int64_t>(std::max<wide_amount>(owed.value() - own.value(), 0));
        });
    }
    /// Adds up what `part` takes of each member. `ending`: guarantees of the others that will run out.
    template <class Part>
    result<std::int64_t> sum_over(place root, place asked, credit_picture& picture, reading const& below,
                                  std::vector<running_amount>& ending, Part const& part) const {
        wide_amount sum = 0;
        auto const counted = each_member(root, below, [&](place at) -> result<void> {
            result<std::int64_t> const amount = part(at);
            if (!amount) return amount.error();
            auto const in = book_->state_of(at).in;
            auto const owed = book_->in_currency({amount.value(), in}, picture.in, on_);
            if (!owed) return owed.error();
            if (!owed.value()) picture.rate_missing = in;
            else sum += *owed.value();
            return at == asked ? result<void>{} : append_ending(ending, at, picture);
        });
        if (!counted) return counted.error();
        if (sum == static_cast<std::int64_t>(sum)) return static_cast<std::int64_t>(sum);
        return error{.code = errc::amount_overflow,
                     .field = "group",
                     .saw = std::string{book_->code_of(root)},
                     .remedy = "the group's exposure passes 2^63 - 1 minor units"};
    }
    /// In the credit currency of the picture, never less than they come to.
    result<void> append_ending(std::vector<running_amount>& ending, place at, credit_picture& picture) const {
        auto const* records = book_->records_of(at);
        if (records == nullptr || !counts_.security) return {};
        auto const in = book_->state_of(at).in;
        for (auto const& g : records->credit->guarantees) {
            auto const kept = g.until == no_day ? 0 : g.kept(number_of(on_));
            if (kept == 0) continue;
            auto const amount = book_->in_currency({kept, in}, picture.in, on_, conversion::up);
            if (!amount) return amount.error();
            if (!amount.value()) picture.rate_missing = in;
            else ending.push_back({*amount.value(), g.until});
        }
        return {};
    }
    /// The group itself and all below it; the first error ends it.
    template <class Each>
    result<void> each_member(place root, reading const& below, Each const& each) const {
        std::vector<std::pair<place, std::size_t>> open{{root, 0}};
        while (!open.empty()) {
            auto const [at, depth] = open.back();
            open.pop_back();
            if (auto const done = each(at); !done) return done;
            auto is_too_deep = false;
            below.each_below(at, [&](place member) {
                is_too_deep = depth == most_levels;
                if (member != root && !is_too_deep) open.emplace_back(member, depth + 1);
            });
            if (!is_too_deep) continue;
            return error{.code = errc::impossible_now,
                         .field = "parent",
                         .saw = std::string{book_->code_of(at)},
                         .remedy =
                             "groups are more than 8 deep, or lead back to themselves: enrol one of them with "
                             "another parent"};
        }
        return {};
    }

    Book const* book_;
    day on_;
    exposure_switches counts_;
};

}  // namespace patron::v1::detail
