/// What early warning keeps of a month end to learn from it once its labels are known (RET-4).
#pragma once
#include <patron/insight/risk_model.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace patron::inline v1::insight {

/// Candidates of a month end with their features as they were then.
struct training_month {
    day at{};
    std::vector<std::uint32_t> customers{};  ///< by number, ascending
    std::vector<double> features{};          ///< by risk_feature, then customer
    /// By risk_component and customer, what each said then, as far as it ranks; empty where nothing was trained.
    std::vector<double> scores{};
    std::vector<std::uint8_t> silent{};  ///< 1: no order within the horizon; empty until that is known

    /// The values of a feature.
    [[nodiscard]] std::span<double const> feature(std::size_t index) const noexcept {
        return std::span{features}.subspan(index * customers.size(), customers.size());
    }
    friend bool operator==(training_month const&, training_month const&) = default;
};

}  // namespace patron::v1::insight
