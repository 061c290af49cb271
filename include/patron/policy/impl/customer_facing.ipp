#pragma once
#include <patron/policy/customer_facing.hpp>

#include <utility>

namespace patron::inline v1::policy {

PATRON_FN customer_facing customer_facing::of(std::span<kept_effect const> kept, deposit_account const* deposit,
                                              profit_share_account const* share, day_number on) {
    customer_facing out;
    auto const disclosed = share != nullptr && share->is_disclosed(on);
    for (auto const& k : kept) {
        if (k.step == effect_step::proposed || k.since > on) continue;
        if (k.code == effect_code::profit_share && !disclosed) continue;
        shown_effect s;
        s.code = k.code;
        s.step = k.step;
        s.amount = k.amount;
        s.since = k.since;
        s.deadline = k.deadline;
        s.until = k.until;
        s.review_on = k.review_on;
        s.notice_until = k.notice_until;
        s.appeal_until = k.appeal_until;
        s.ends_when = k.ends_when;
        s.target = k.target;
        s.lifted_by = k.person;
        if (k.code == effect_code::year_end_award_cancelled && !disclosed) s.amount.reset();
        out.effects_.push_back(std::move(s));
    }
    if (deposit != nullptr) out.deposit_ = deposit->balance(on);
    if (disclosed) out.share_ = {share->terms().rate, share->payable()};
    return out;
}

}  // namespace patron::v1::policy
