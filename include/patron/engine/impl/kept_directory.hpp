#pragma once
// The ordered directory of a book, brought up to date when it is read.
#include <patron/engine/impl/book.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>

namespace patron::inline v1::detail {

/// Exposure over limit, less what penalties take off it, in millionths; INT64_MIN without a limit.
inline std::int64_t credit_use(customer_state const& s, customer_records const* records) noexcept {
    if (!s.limit_is_set || s.limit_is_unlimited) return INT64_MIN;
    auto const limit = s.limit - std::min(s.limit, powers_in(records).limit_cut());
    if (limit == 0) return s.exposure > 0 ? INT64_MAX : 0;
    __extension__ using wide = __int128;
    auto const use = wide{s.exposure} * 1'000'000 / limit;
    return use > INT64_MAX ? INT64_MAX : use < INT64_MIN + 1 ? INT64_MIN + 1 : static_cast<std::int64_t>(use);
}

/// Thread safety: readers among themselves.
class kept_directory {
public:
    /// The slots outlive it.
    explicit kept_directory(slots const& of) noexcept : slots_{&of} {}

    /// Up to date, and nobody else's, as long as this lives.
    class reading {
    public:
        explicit reading(kept_directory const& of) : lock_{of.guard_}, entries_{&of.entries_} { of.catch_up(); }
        template <class Tag>
        [[nodiscard]] auto const& by() const {
            return entries_->template get<Tag>();
        }

    private:
        std::lock_guard<std::mutex> lock_;
        directory const* entries_;
    };
    [[nodiscard]] reading read() const { return reading{*this}; }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    void catch_up() const {
        for (std::size_t s = 0; s < slots_->size(); ++s) {
            auto& slot = *(*slots_)[s];
            for (auto const position : slot.changed) {
                auto const& state = slot.states[position];
                auto const profile = slot.profile(position);
                directory_entry entry{.place = place_of(s, position),
                                      .code = profile.code,
                                      .stage = state.stage,
                                      .owner = profile.owner,
                                      .region = profile.region,
                                      .parent = profile.parent,
                                      .next_due = state.next_due,
                                      .credit_use = credit_use(state, slot.identities[position].records.get())};
                auto const at = entries_.find(entry.place);
                if (at == entries_.end()) {
                    entries_.insert(entry);
                } else {
                    entries_.replace(at, entry);
                }
                slot.identities[position].in_directory_as_it_is = true;
            }
            slot.changed.clear();
            slot.changed.shrink_to_fit();
        }
    }

    slots const* slots_;
    mutable directory entries_;
    mutable std::mutex guard_;
};

}  // namespace patron::v1::detail
