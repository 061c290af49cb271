#pragma once
// What customers owe together, and the limits that they share (CRE-1).
#include <patron/engine/impl/book.hpp>
#include <patron/engine/impl/credit_view.hpp>
#include <patron/engine/impl/dated_rates.hpp>
#include <patron/engine/impl/kept_directory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// The groups of a book on a day. A view of all that it is made with.
class group_credit {
public:
    group_credit(slots const& all, kept_directory const& members, dated_rates const& rates, day on,
                 exposure_switches const& counts = {}) noexcept
        : slots_{&all}, members_{&members}, rates_{&rates}, on_{on}, counts_{counts} {}

    /// Adds the groups above a customer that have a limit, with what their members owe in all.
    /// Errors: errc::amount_overflow; errc::impossible_now for a group that is its own member.
    result<void> look(credit_view& into, std::string_view code, std::string_view parent) const {
        auto const has_members = is_parent(code);
        if (parent.empty() && !has_members) return {};
        auto const below = members_->read();
        if (has_members) {
            auto const self = *find_customer(*slots_, code);
            if (auto const own = add(into, self, self, below); !own) return own;
        }
        for (std::size_t levels = 0; !parent.empty();) {
            if (parent == code || ++levels > most_levels) return leads_back(parent);
            auto const above = find_customer(*slots_, parent);
            if (!above) return {};  // it was named, and never enrolled: it has no limit
            if (auto const added = add(into, *above, *find_customer(*slots_, code), below); !added) return added;
            parent = slot_at(*slots_, *above).profile(position_of(*above)).parent;
        }
        into.picture.groups = into.groups;
        return {};
    }

    /// All whose exposure counts where the customer's does: the members, itself among them, of the highest group above it
    /// that has a limit. Empty where none has. Errors: as look.
    [[nodiscard]] result<std::vector<customer_place>> sharers(std::string_view code, std::string_view parent) const {
        std::vector<customer_place> all;
        std::optional<customer_place> top;
        auto const rise_to = [&](customer_place at) {
            auto const& slot = slot_at(*slots_, at);
            auto const* records = slot.identities[position_of(at)].records.get();
            auto const limit = limit_of(slot.states[position_of(at)], records);
            if (limit.kind != limit_kind::not_set && mode_of(records) != pool_mode::default_only) top = at;
        };
        if (auto const own = find_customer(*slots_, code); own && is_parent(code)) rise_to(*own);
        for (std::size_t levels = 0; !parent.empty();) {
            if (parent == code || ++levels > most_levels) return leads_back(parent);
            auto const above = find_customer(*slots_, parent);
            if (!above) break;
            rise_to(*above);
            parent = slot_at(*slots_, *above).profile(position_of(*above)).parent;
        }
        if (!top) return all;
        auto const seen = each_member(*top, members_->read(), [&](customer_place at) {
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

    /// Whether any customer was enrolled below this one. False answers are never wrong.
    [[nodiscard]] bool is_parent(std::string_view code) const {
        return std::any_of(slots_->begin(), slots_->end(), [&](auto const& slot) { return slot->has_word(code); });
    }
    [[nodiscard]] static pool_mode mode_of(customer_records const* records) noexcept {
        return records == nullptr ? pool_mode::shared : records->credit->mode;
    }
    /// The pool of one group, if it has a limit, as it is to the member that is asked about.
    result<void> add(credit_view& into, customer_place at, customer_place asked,
                     kept_directory::reading const& below) const {
        auto const& slot = slot_at(*slots_, at);
        auto const position = position_of(at);
        auto const& state = slot.states[position];
        auto const* records = slot.identities[position].records.get();
        auto limit = limit_of(state, records);
        auto mode = mode_of(records);
        if (limit.kind == limit_kind::not_set) return {};
        auto const& member = slot_at(*slots_, asked).states[position_of(asked)];
        auto const* member_records = slot_at(*slots_, asked).identities[position_of(asked)].records.get();
        if (mode == pool_mode::default_only && base_limit(member, member_records).kind != limit_kind::not_set)
            return {};
        if (at == asked) {  // to itself the limit is its own, of which its members may take a part
            if (mode == pool_mode::default_only) return {};
            if (mode == pool_mode::own_plus_pool) mode = pool_mode::shared;
        }
        auto const is_taken_from = mode_of(records) == pool_mode::own_plus_pool;
        if (limit.kind == limit_kind::amount) {
            auto const amount = rates_->in_currency({limit.amount, state.in}, into.picture.in, on_);
            if (!amount) return amount.error();
            if (!amount.value()) into.picture.rate_missing = state.in;
            limit.amount = amount.value().value_or(0);
        }
        result<std::int64_t> used = 0;
        std::vector<running_amount> ending;
        if (is_taken_from) used = taken_from(at, asked, into.picture, below, ending);
        else if (mode == pool_mode::shared) used = exposure_of(at, asked, into.picture, below, ending);
        if (!used) return used.error();
        into.groups.push_back(
            {.group = slot.identities[position].code_text(), .mode = mode, .limit = limit, .used = used.value()});
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
    [[nodiscard]] result<wide_amount> own_limit(customer_place at) const {
        auto const& slot = slot_at(*slots_, at);
        auto const& state = slot.states[position_of(at)];
        auto const own = limit_of(state, slot.identities[position_of(at)].records.get());
        if (own.kind != limit_kind::not_set) return amount_of(own).value_or(0);
        auto parent = std::string_view{slot.profile(position_of(at)).parent};
        for (std::size_t levels = 0; !parent.empty() && levels < most_levels; ++levels) {
            auto const above = find_customer(*slots_, parent);
            if (!above) break;
            auto const& group = slot_at(*slots_, *above);
            auto const* records = group.identities[position_of(*above)].records.get();
            auto const& group_state = group.states[position_of(*above)];
            auto const limit = limit_of(group_state, records);
            if (mode_of(records) == pool_mode::default_only && limit.kind != limit_kind::not_set) {
                auto const amount = amount_of(limit);
                if (!amount) return wide_amount{0};
                if (*amount == INT64_MAX) return *amount;
                auto const told = rates_->in_currency(
                    {static_cast<std::int64_t>(std::min<wide_amount>(*amount, INT64_MAX)), group_state.in}, state.in,
                    on_);
                if (!told) return told.error();
                return wide_amount{told.value().value_or(0)};
            }
            parent = group.profile(position_of(*above)).parent;
        }
        return wide_amount{0};
    }
    /// What a member owes on the day, as the rules count it; in its own currency.
    [[nodiscard]] result<std::int64_t> owed_by(customer_place at) const {
        auto const& slot = slot_at(*slots_, at);
        return counted_on(slot.states[position_of(at)], slot.identities[position_of(at)].records.get(), number_of(on_),
                          counts_);
    }
    /// Of the group and all below it, in the credit currency of the picture.
    result<std::int64_t> exposure_of(customer_place root, customer_place asked, credit_picture& picture,
                                     kept_directory::reading const& below, std::vector<running_amount>& ending) const {
        return sum_over(root, asked, picture, below, ending, [this](customer_place at) { return owed_by(at); });
    }
    /// What others than the one asked about owe beyond their own limits, without those of their standings; and to the
    /// group itself also what it owes.
    result<std::int64_t> taken_from(customer_place root, customer_place asked, credit_picture& picture,
                                    kept_directory::reading const& below, std::vector<running_amount>& ending) const {
        return sum_over(root, asked, picture, below, ending, [&](customer_place at) -> result<std::int64_t> {
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
    result<std::int64_t> sum_over(customer_place root, customer_place asked, credit_picture& picture,
                                  kept_directory::reading const& below, std::vector<running_amount>& ending,
                                  Part const& part) const {
        wide_amount sum = 0;
        auto const counted = each_member(root, below, [&](customer_place at) -> result<void> {
            auto const& state = slot_at(*slots_, at).states[position_of(at)];
            result<std::int64_t> const amount = part(at);
            if (!amount) return amount.error();
            auto const owed = rates_->in_currency({amount.value(), state.in}, picture.in, on_);
            if (!owed) return owed.error();
            if (!owed.value()) picture.rate_missing = state.in;
            else sum += *owed.value();
            return at == asked ? result<void>{} : append_ending(ending, at, picture);
        });
        if (!counted) return counted.error();
        if (sum == static_cast<std::int64_t>(sum)) return static_cast<std::int64_t>(sum);
        return error{.code = errc::amount_overflow,
                     .field = "group",
                     .saw = std::string{slot_at(*slots_, root).identities[position_of(root)].code_text()},
                     .remedy = "the group's exposure passes 2^63 - 1 minor units"};
    }
    /// In the credit currency of the picture, never less than they come to.
    result<void> append_ending(std::vector<running_amount>& ending, customer_place at, credit_picture& picture) const {
        auto const& slot = slot_at(*slots_, at);
        auto const* records = slot.identities[position_of(at)].records.get();
        if (records == nullptr || !counts_.security) return {};
        auto const in = slot.states[position_of(at)].in;
        for (auto const& g : records->credit->guarantees) {
            auto const kept = g.until == no_day ? 0 : g.kept(number_of(on_));
            if (kept == 0) continue;
            auto const amount = rates_->in_currency({kept, in}, picture.in, on_, conversion::up);
            if (!amount) return amount.error();
            if (!amount.value()) picture.rate_missing = in;
            else ending.push_back({*amount.value(), g.until});
        }
        return {};
    }
    /// The group itself and all below it; the first error ends it.
    template <class Each>
    result<void> each_member(customer_place root, kept_directory::reading const& below, Each const& each) const {
        std::vector<std::pair<customer_place, std::size_t>> open{{root, 0}};
        while (!open.empty()) {
            auto const [at, depth] = open.back();
            open.pop_back();
            if (auto const done = each(at); !done) return done;
            auto const code = slot_at(*slots_, at).identities[position_of(at)].code_text();
            auto const members = below.by<by_parent>().equal_range(code);
            if (depth == most_levels && members.first != members.second) {
                return error{.code = errc::impossible_now,
                             .field = "parent",
                             .saw = std::string{code},
                             .remedy =
                                 "groups are more than 8 deep, or lead back to themselves: enrol one of them with "
                                 "another parent"};
            }
            for (auto member = members.first; member != members.second; ++member) {
                if (member->place != root) open.emplace_back(member->place, depth + 1);
            }
        }
        return {};
    }

    slots const* slots_;
    kept_directory const* members_;
    dated_rates const* rates_;
    day on_;
    exposure_switches counts_;
};

}  // namespace patron::v1::detail
