#pragma once
#include <patron/customer/deposit.hpp>

#include <algorithm>
#include <utility>

namespace patron::inline v1 {

PATRON_FN deposit_balance deposit_account::balance(day_number on) const noexcept {
    deposit_balance b;
    for (auto const& m : moves_) {
        if (m.on > on) break;
        switch (m.kind) {
            case deposit_move_kind::paid: b.paid += m.amount; break;
            case deposit_move_kind::forfeited: b.forfeited += m.amount; break;
            case deposit_move_kind::refunded: b.refunded += m.amount; break;
        }
    }
    b.held = b.paid - b.forfeited - b.refunded;
    return b;
}

PATRON_FN std::int64_t deposit_account::available(day_number on) const noexcept {
    std::int64_t held = 0;
    auto at = moves_.begin();
    auto const apply = [&held](deposit_move const& m) {
        held += m.kind == deposit_move_kind::paid ? m.amount : -m.amount;
    };
    for (; at != moves_.end() && at->on <= on; ++at) apply(*at);
    auto least = held;
    while (at != moves_.end()) {
        auto const today = at->on;
        for (; at != moves_.end() && at->on == today; ++at) apply(*at);
        least = std::min(least, held);
    }
    return least;
}

PATRON_FN result<void> deposit_account::enter(deposit_move move) {
    if (move.amount <= 0) {
        return error{.code = errc::out_of_range,
                     .field = "amount",
                     .saw = std::to_string(move.amount),
                     .remedy = "give an amount above zero"};
    }
    if (move.on == no_day) {
        return error{.code = errc::out_of_range, .field = "on", .saw = "no day", .remedy = "state its day"};
    }
    if (move.why.empty()) { return error{.code = errc::missing_field, .field = "why", .saw = {}, .remedy = "say why"}; }
    if (move.kind == deposit_move_kind::paid) {
        std::int64_t all = 0;  // bounds every sum in the account
        if (__builtin_add_overflow(balance().paid, move.amount, &all)) {
            return error{.code = errc::amount_overflow,
                         .field = "amount",
                         .saw = std::to_string(move.amount),
                         .remedy = "all that was paid in fits in 64 bits of minor units"};
        }
    } else if (auto const most = available(move.on); move.amount > most) {
        return error{.code = errc::impossible_now,
                     .field = "amount",
                     .saw = std::to_string(move.amount),
                     .remedy = "at most " + std::to_string(most) + ", which are held"};
    }
    auto const behind = std::upper_bound(moves_.begin(), moves_.end(), move.on,
                                         [](day_number on, deposit_move const& m) { return on < m.on; });
    moves_.insert(behind, std::move(move));
    return {};
}

PATRON_FN result<void> deposit_account::pay(std::int64_t amount, day_number on, std::string_view why) {
    return enter({deposit_move_kind::paid, amount, on, std::string{why}});
}
PATRON_FN result<void> deposit_account::forfeit(std::int64_t amount, day_number on, std::string_view why) {
    return enter({deposit_move_kind::forfeited, amount, on, std::string{why}});
}
PATRON_FN result<void> deposit_account::refund(std::int64_t amount, day_number on, std::string_view why) {
    return enter({deposit_move_kind::refunded, amount, on, std::string{why}});
}

}  // namespace patron::v1
