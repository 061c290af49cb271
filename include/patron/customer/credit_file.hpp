/// What was granted to a customer on credit beside its limit: for a time, for an order, against security; and the orders
/// that wait for credit (CRE-1, CRE-4, CRE-5).
#pragma once
#include <patron/customer/state.hpp>
#include <patron/fact/vocabulary.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1 {

namespace detail {
__extension__ using wide_amount = __int128;
}

/// What kind of limit there is. Zero is an amount (BASE-8).
enum class limit_kind : std::uint8_t { not_set, amount, unlimited };

/// A limit of a customer or a group, in minor units of the credit currency (CRE-1).
struct credit_limit {
    limit_kind kind = limit_kind::not_set;
    std::int64_t amount = 0;        ///< when of that kind; never negative
    day_number until = no_day;      ///< the last day on which it is valid; no_day: it does not run out
    day_number review_on = no_day;  ///< when somebody is to look at it again; no_day: nobody said
    /// By calendar month, January first: the part of an amount that counts in that month, rounded down.
    std::array<std::int32_t, 12> season_basis_points{10'000, 10'000, 10'000, 10'000, 10'000, 10'000,
                                                     10'000, 10'000, 10'000, 10'000, 10'000, 10'000};

    [[nodiscard]] static constexpr credit_limit of(std::int64_t minor_units, day_number until = no_day) noexcept {
        return {.kind = limit_kind::amount, .amount = minor_units, .until = until};
    }
    [[nodiscard]] static constexpr credit_limit unlimited(day_number until = no_day) noexcept {
        return {.kind = limit_kind::unlimited, .until = until};
    }
    [[nodiscard]] constexpr bool has_run_out(day_number on) const noexcept { return until != no_day && on > until; }
    /// Whether it is another one in some months.
    [[nodiscard]] constexpr bool has_seasons() const noexcept {
        return std::any_of(season_basis_points.begin(), season_basis_points.end(), [](int n) { return n != 10'000; });
    }

    friend bool operator==(credit_limit const&, credit_limit const&) = default;
};

/// A limit for some days: where it is higher than the other, it stands for it, and then reverts by itself.
struct temporary_limit {
    day_number from = no_day;
    day_number until = no_day;  ///< the last day; a temporary limit always has one
    bool is_unlimited = false;
    std::int64_t amount = 0;

    [[nodiscard]] constexpr bool in_force(day_number on) const noexcept { return from <= on && on <= until; }
    friend bool operator==(temporary_limit const&, temporary_limit const&) = default;
};

/// What is left of a limit and of those for a time on a day.
struct limit_in_force {
    limit_kind kind = limit_kind::not_set;
    detail::wide_amount amount = 0;  ///< minor units; a season's part may pass 64 bits
    bool is_expired = false;         ///< there was a limit, it has run out, and none for a time stands for it
};

/// The limit of a day: the season's part of `base`, or one for a time where that is higher.
/// Complexity: linear in those for a time.
[[nodiscard]] inline limit_in_force limit_on(credit_limit const& base, std::span<temporary_limit const> temporary,
                                             day_number on) noexcept {
    limit_in_force out;
    if (base.kind != limit_kind::not_set) {
        out.is_expired = base.has_run_out(on);
        if (!out.is_expired) {
            out.kind = base.kind;
            out.amount = base.amount;
        }
    }
    constexpr int whole = 10'000;
    auto const& season = base.season_basis_points;
    if (out.kind == limit_kind::amount && base.has_seasons()) {
        auto const month = static_cast<unsigned>(std::chrono::year_month_day{day_of(on)}.month());
        out.amount = out.amount * season[month - 1] / whole;
    }
    for (auto const& t : temporary) {
        if (!t.in_force(on)) continue;
        out.is_expired = false;
        if (t.is_unlimited) {
            out.kind = limit_kind::unlimited;
        } else if (out.kind == limit_kind::not_set || (out.kind == limit_kind::amount && t.amount > out.amount)) {
            out.kind = limit_kind::amount;
            out.amount = t.amount;
        }
    }
    if (out.kind != limit_kind::amount) out.amount = 0;
    return out;
}

/// Whether an override of an amount, and so much more of it, rounded down, is enough for another.
[[nodiscard]] constexpr bool is_within(std::int64_t amount, std::int64_t granted, int tolerance_basis_points) noexcept {
    return amount <= detail::wide_amount{granted} + detail::wide_amount{granted} * tolerance_basis_points / 10'000;
}

/// The part of an override that an order, or a reservation for it, has used.
struct override_use {
    std::string order{};
    std::int64_t amount = 0;
};

/// An approval beyond the rules, by a person, up to an amount and a day (CRE-5).
struct kept_override {
    std::string order{};  ///< empty: for any, and for so much in sum
    std::string by{};
    std::string reason{};
    std::int64_t amount = 0;  ///< as it was granted
    std::int32_t tolerance_basis_points =
        0;  ///< so much more passes, of the amount; beside what the rules allow, the higher
    day_number from = no_day;
    day_number until = no_day;
    std::vector<override_use> uses{};  ///< of one for any order; in sum at most `amount`

    [[nodiscard]] bool in_force(day_number on) const noexcept { return from <= on && on <= until; }
    /// What of it no other order has used.
    [[nodiscard]] std::int64_t left_for(std::string_view wanted) const noexcept {
        auto left = amount;
        for (auto const& use : uses) left -= use.order == wanted ? 0 : use.amount;
        return left;
    }
    [[nodiscard]] std::int64_t used_by(std::string_view wanted) const noexcept {
        std::int64_t used = 0;
        for (auto const& use : uses) used += use.order == wanted ? use.amount : 0;
        return used;
    }
};

/// A part of the limit that is kept for an order to come.
struct reservation {
    std::string name{};
    std::string order{};  ///< the order that will take it; empty: one of the reservation's own name
    std::int64_t amount = 0;
    std::int64_t left = 0;      ///< neither taken by the order, nor released, nor expired
    day_number until = no_day;  ///< the last day that it is kept; no_day: until it is taken or released

    /// What of it is kept on that day.
    [[nodiscard]] std::int64_t kept(day_number on) const noexcept { return until == no_day || on <= until ? left : 0; }
    [[nodiscard]] std::string_view for_order() const noexcept { return order.empty() ? name : order; }
    [[nodiscard]] bool is_for(std::string_view placed) const noexcept { return for_order() == placed; }
};

/// An offer to supply that binds us: what is left of it may still be ordered (CRE-2).
struct quotation {
    std::string name{};
    std::int64_t amount = 0;
    std::int64_t left = 0;      ///< neither ordered nor withdrawn
    day_number until = no_day;  ///< the last day on which it binds; no_day: until it is ordered or withdrawn

    /// What of it may be ordered on that day.
    [[nodiscard]] std::int64_t open(day_number on) const noexcept { return until == no_day || on <= until ? left : 0; }
    /// What of it an order of that amount takes. The rest stays open; an order after its last day takes nothing.
    [[nodiscard]] std::int64_t taken_by(std::int64_t order, day_number on) const noexcept {
        return std::min(order, open(on));
    }
};

/// What somebody else answers for if the customer does not pay (CRE-2).
struct guarantee {
    std::string name{};
    std::string by{};  ///< empty: it was not told
    std::int64_t amount = 0;
    std::int64_t left = 0;      ///< neither returned nor lapsed
    day_number until = no_day;  ///< the last day on which it may be drawn upon; no_day: until it is returned

    /// What of it may be drawn upon on that day.
    [[nodiscard]] std::int64_t kept(day_number on) const noexcept { return until == no_day || on <= until ? left : 0; }
};

/// How far a hold has come (CRE-5).
enum class hold_state : std::uint8_t {
    held,      ///< something speaks against it
    ready,     ///< nothing does any more; the next step may take it up
    released,  ///< a person let it go, or it was taken up when ready
    rejected,
    expired,  ///< nobody decided in time
};

/// An order that waits. Whether it is ready by now is for a check to say.
struct kept_hold {
    std::string order{};
    std::string by{};                    ///< who holds it whatever a check says; empty: a check held it
    std::string reason{};                ///< theirs
    std::vector<hold_reason> reasons{};  ///< what the check said then
    std::int64_t amount = 0;             ///< of the whole order
    std::optional<int> terms_days{};     ///< that were asked for; nothing: the customer's own
    day_number delivery_date = no_day;   ///< requested; no_day: none
    std::string quotation{};             ///< that the order will take up; empty: none
    hold_step step = hold_step::order;
    day_number from = no_day;
    day_number until = no_day;            ///< the last day on which it waits; no_day: without end
    hold_state state = hold_state::held;  ///< held, released or rejected
    std::string decided_by{};             ///< empty: it went on because it was ready, or was cancelled
    std::string decided_because{};
    day_number decided_on = no_day;
    bool has_gone_on = false;  ///< at its step, or the order was cancelled: nothing of it is left

    [[nodiscard]] bool is_forced() const noexcept { return !by.empty(); }
    /// Whether it still waits on that day or would do so on one after it.
    [[nodiscard]] bool is_open(day_number on) const noexcept {
        return state == hold_state::held && (until == no_day || on <= until);
    }
    [[nodiscard]] bool waits(day_number on) const noexcept { return from <= on && is_open(on); }
    /// Whether a person's word is needed for the order on that day: also where one let it go, up to an amount and a day.
    [[nodiscard]] bool needs_release(day_number on) const noexcept {
        auto const was_let_go = state == hold_state::released && !has_gone_on && (until == no_day || on <= until);
        return is_forced() && from <= on && (was_let_go || is_open(on));
    }
    void decide(hold_state now, day_number on, std::string who, std::string why) {
        state = now;
        decided_on = on;
        decided_by = std::move(who);
        decided_because = std::move(why);
    }
};

/// All of it. Thread safety: as a plain value.
struct credit_file {
    static constexpr int holds_kept_days = 366;  ///< after they ended

    /// The limit beside those for a time; nothing while all there ever was is an amount for good: then the flat state has it.
    std::optional<credit_limit> base{};
    std::optional<std::int64_t> document_limit{};  ///< set with the limit: the most that one document may come to
    pool_mode mode = pool_mode::shared;            ///< set with the limit: what it means to a group's members
    std::vector<temporary_limit> temporary_limits{};
    std::vector<kept_override> overrides{};
    std::vector<reservation> reservations{};
    std::vector<kept_hold> holds{};  ///< oldest first; of an order at most one that waits
    std::int64_t deposit = 0;        ///< held; never negative
    std::vector<quotation> quotations{};
    std::vector<guarantee> guarantees{};

    [[nodiscard]] bool empty() const noexcept {
        return !base && !document_limit && mode == pool_mode::shared && temporary_limits.empty() && overrides.empty() &&
               reservations.empty() && holds.empty() && deposit == 0 && quotations.empty() && guarantees.empty();
    }
    [[nodiscard]] reservation const* find_reservation(std::string_view name) const noexcept {
        auto const found = std::find_if(reservations.begin(), reservations.end(),
                                        [&](reservation const& r) { return r.name == name; });
        return found == reservations.end() ? nullptr : &*found;
    }
    /// The one that an order takes on that day; null when none is kept for it.
    [[nodiscard]] reservation const* reserved_for(std::string_view order, day_number on) const noexcept {
        auto const found = std::find_if(reservations.begin(), reservations.end(),
                                        [&](reservation const& r) { return r.kept(on) > 0 && r.is_for(order); });
        return found == reservations.end() ? nullptr : &*found;
    }
    /// The latest hold of an order; null when it never had one.
    [[nodiscard]] kept_hold const* find_hold(std::string_view order) const noexcept {
        auto const found =
            std::find_if(holds.rbegin(), holds.rend(), [&](kept_hold const& h) { return h.order == order; });
        return found == holds.rend() ? nullptr : &*found;
    }
    [[nodiscard]] kept_hold* find_hold(std::string_view order) noexcept {
        return const_cast<kept_hold*>(std::as_const(*this).find_hold(order));
    }
    /// Forgets what ended long ago, but for orders that were turned down.
    void hold(kept_hold one) {
        std::erase_if(holds, [&](kept_hold const& h) {
            if (h.state == hold_state::rejected) return false;
            auto const ended = h.state == hold_state::held ? h.until : h.decided_on;
            return ended != no_day && std::int64_t{one.from} - ended > holds_kept_days;
        });
        holds.push_back(std::move(one));
    }
    [[nodiscard]] std::int64_t reserved() const noexcept {
        std::int64_t sum = 0;
        for (auto const& r : reservations) sum += r.left;
        return sum;
    }
    [[nodiscard]] quotation const* find_quotation(std::string_view name) const noexcept {
        auto const found =
            std::find_if(quotations.begin(), quotations.end(), [&](quotation const& q) { return q.name == name; });
        return found == quotations.end() ? nullptr : &*found;
    }
    [[nodiscard]] guarantee const* find_guarantee(std::string_view name) const noexcept {
        auto const found =
            std::find_if(guarantees.begin(), guarantees.end(), [&](guarantee const& g) { return g.name == name; });
        return found == guarantees.end() ? nullptr : &*found;
    }
    /// What is offered and may be ordered on that day.
    [[nodiscard]] detail::wide_amount quoted(day_number on) const noexcept {
        detail::wide_amount sum = 0;
        for (auto const& q : quotations) sum += q.open(on);
        return sum;
    }
    /// What is left of guarantees, also of those that have run out since time last came to the customer.
    [[nodiscard]] detail::wide_amount guaranteed() const noexcept {
        detail::wide_amount sum = 0;
        for (auto const& g : guarantees) sum += g.left;
        return sum;
    }
    /// What is guaranteed on that day.
    [[nodiscard]] detail::wide_amount guaranteed(day_number on) const noexcept {
        detail::wide_amount sum = 0;
        for (auto const& g : guarantees) sum += g.kept(on);
        return sum;
    }
    /// The limit of a day, those for a time among it. Precondition: `base`.
    [[nodiscard]] credit_limit limit_on(day_number on) const noexcept {
        auto const limit = patron::limit_on(*base, temporary_limits, on);
        auto const amount = std::min<detail::wide_amount>(limit.amount, INT64_MAX);
        return {.kind = limit.kind, .amount = static_cast<std::int64_t>(amount)};
    }

    /// An order of that amount was placed, or one that is reserved for so much in all: what lets it through is used up by
    /// it. An override for that order alone comes first, then the one that it has used before, then the least that is
    /// enough. Where none is, none has let it through.
    void use_override(std::string_view by, std::int64_t needed, day_number on, int tolerance_basis_points) {
        kept_override* best = nullptr;
        for (auto& o : overrides) {
            auto const tolerance = std::max(o.tolerance_basis_points, tolerance_basis_points);
            if (!o.in_force(on) || !is_within(needed, o.left_for(by), tolerance)) continue;
            if (o.order == by) return give_back(by, INT64_MAX);
            if (!o.order.empty() || needed == 0) continue;
            auto const rank = [&](kept_override const& x) { return std::pair{x.used_by(by) == 0, x.left_for(by)}; };
            if (best == nullptr || rank(o) < rank(*best)) best = &o;
        }
        if (best == nullptr) return;
        auto const part = std::min(needed, best->left_for(by));
        give_back(by, INT64_MAX);
        if (part > 0) best->uses.push_back({std::string{by}, part});
    }
    /// What was to be used by the order will not be: up to an amount of it is there for others again.
    void give_back(std::string_view by, std::int64_t most) {
        for (auto& o : overrides) {
            for (auto& use : o.uses) {
                if (use.order != by) continue;
                auto const part = std::min(use.amount, most);
                use.amount -= part;
                most -= part;
            }
            std::erase_if(o.uses, [](override_use const& use) { return use.amount == 0; });
        }
    }
};

}  // namespace patron::v1
