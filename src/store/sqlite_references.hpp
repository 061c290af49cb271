#pragma once
// Which entries tell a fact with a certain reference: what an append looks into that does not state what it has seen.
#include <patron/base/hash.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace patron::store_detail {

/// By hash alone: who asks reads the entries themselves.
class reference_index {
public:
    static std::uint64_t key_of(std::uint16_t slot, std::string_view ref) noexcept {
        return stable_hash(ref) ^ slot * 0x9E37'79B9'7F4A'7C15U;
    }

    [[nodiscard]] bool loaded() const noexcept { return loaded_; }
    /// The first position that was not added yet.
    [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
    void set_loaded() noexcept { loaded_ = true; }
    /// What is before was added, or has no reference.
    void reached(std::uint64_t position) noexcept { next_ = position; }

    void add(std::uint64_t key, std::uint64_t position) {
        if (!first_.try_emplace(key, position).second) more_.emplace(key, position);
    }
    /// As `add`, until `keep` or `undo`.
    void add_for_now(std::uint64_t key, std::uint64_t position) {
        add(key, position);
        for_now_.emplace_back(key, position);
    }
    [[nodiscard]] std::size_t added_for_now() const noexcept { return for_now_.size(); }
    void keep() noexcept { for_now_.clear(); }
    /// Takes out again what was added for now, but for the first `but`; what comes next is `next` then.
    void undo(std::size_t but, std::uint64_t next) {
        for (; for_now_.size() > but; for_now_.pop_back()) {
            auto const [key, position] = for_now_.back();
            if (auto const found = first_.find(key); found != first_.end() && found->second == position) {
                first_.erase(found);  // others with its key, added later, are taken out already
                continue;
            }
            auto const [begin, end] = more_.equal_range(key);
            auto const found = std::find_if(begin, end, [&](auto const& one) { return one.second == position; });
            if (found != end) more_.erase(found);
        }
        next_ = std::min(next_, next);
    }

    /// Appends the positions under the key, ascending.
    void find(std::uint64_t key, std::vector<std::uint64_t>& out) const {
        auto const found = first_.find(key);
        if (found == first_.end()) return;
        out.push_back(found->second);
        if (more_.empty()) return;
        auto const [begin, end] = more_.equal_range(key);
        for (auto at = begin; at != end; ++at) out.push_back(at->second);
        std::sort(out.begin(), out.end());
    }
    [[nodiscard]] bool knows(std::uint64_t key) const { return first_.contains(key); }

private:
    struct as_it_is {  // keys are hashes
        using is_avalanching = void;
        std::size_t operator()(std::uint64_t key) const noexcept { return static_cast<std::size_t>(key); }
    };

    boost::unordered_flat_map<std::uint64_t, std::uint64_t, as_it_is> first_;
    std::unordered_multimap<std::uint64_t, std::uint64_t> more_;  // of keys that came again
    std::vector<std::pair<std::uint64_t, std::uint64_t>> for_now_;
    std::uint64_t next_ = 1;
    bool loaded_ = false;
};

}  // namespace patron::store_detail
