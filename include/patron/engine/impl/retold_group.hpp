#pragma once
// Customers that may share limits, told again together, for whoever asks in between what each may buy on credit.
#include <patron/engine/impl/dated_rates.hpp>
#include <patron/engine/impl/retold_customer.hpp>
#include <patron/engine/impl/told_book.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::inline v1::detail {

/// Who is below whom is as enrolments have told so far. What it is told of outlives it.
class retold_group {
public:
    using place = std::uint32_t;

    retold_group(engine_options const& options, std::shared_ptr<dated_rules const> rules, dated_rates const& rates)
        : options_{&options}, rules_{std::move(rules)}, rates_{&rates} {}

    /// One who will be told of. The code outlives it.
    place add(std::string_view code) {
        auto const at = static_cast<place>(members_.size());
        members_.push_back({code, std::make_unique<retold_customer>(*options_, rules_), {}});
        places_.emplace(code, at);
        return at;
    }
    /// False where the fact was not taken.
    bool tell(place at, told_event const& one) {
        auto& customer = *members_[at].customer;
        auto const before = customer.profile().parent;
        auto const taken = customer.tell(one);
        if (auto const after = customer.profile().parent; after != before) {
            if (auto* const old = below(before)) std::erase(*old, at);
            if (auto* const now = below(after)) now->push_back(at);
        }
        return taken;
    }
    void come_to(place at, day on) { members_[at].customer->come_to(on); }
    [[nodiscard]] retold_customer const& operator[](place at) const { return *members_[at].customer; }

    /// What a credit check looks at: a book that holds whom it was told of.
    class view {
    public:
        using place = retold_group::place;

        explicit view(retold_group const& of) noexcept : of_{&of} {}

        [[nodiscard]] std::optional<place> find(std::string_view code) const {
            auto const found = of_->places_.find(code);
            if (found == of_->places_.end() || !(*of_)[found->second].is_known()) return std::nullopt;
            return found->second;
        }
        [[nodiscard]] std::string_view code_of(place at) const { return of_->members_[at].code; }
        [[nodiscard]] customer_profile profile_of(place at) const {
            auto profile = (*of_)[at].profile();
            profile.code = code_of(at);
            return profile;
        }
        [[nodiscard]] customer_state const& state_of(place at) const { return (*of_)[at].state(); }
        [[nodiscard]] customer_records const* records_of(place at) const { return &(*of_)[at].records(); }
        [[nodiscard]] bool is_parent(std::string_view code) const {
            auto const found = of_->places_.find(code);
            return found != of_->places_.end() && !of_->members_[found->second].below.empty();
        }
        [[nodiscard]] result<std::optional<std::int64_t>> in_currency(money amount, currency to, day on,
                                                                      conversion how = conversion::half_even) const {
            return of_->rates_->in_currency(amount, to, on, how);
        }

        class reading {
        public:
            explicit reading(retold_group const& of) noexcept : of_{&of} {}
            template <class Each>
            void each_below(place at, Each const& each) const {
                for (auto const member : of_->members_[at].below) each(member);
            }

        private:
            retold_group const* of_;
        };
        [[nodiscard]] reading read() const noexcept { return reading{*of_}; }

    private:
        retold_group const* of_;
    };

private:
    struct member {
        std::string_view code;
        std::unique_ptr<retold_customer> customer;
        std::vector<place> below;
    };
    [[nodiscard]] std::vector<place>* below(std::string_view code) {
        auto const found = places_.find(code);
        return found == places_.end() ? nullptr : &members_[found->second].below;
    }

    engine_options const* options_;
    std::shared_ptr<dated_rules const> rules_;
    dated_rates const* rates_;
    std::vector<member> members_{};
    boost::unordered_flat_map<std::string_view, place> places_{};
};

}  // namespace patron::v1::detail
