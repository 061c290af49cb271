#pragma once
#include <patron/insight/model_fit.hpp>

#include <cmath>
#include <cstdio>

namespace patron::inline v1::insight::detail {

PATRON_FN void warn_of(parameter_doubt const& doubt, std::vector<std::string>& warnings) {
    std::string const name{doubt.name};
    std::array<char, 32> shown{};
    std::snprintf(shown.data(), shown.size(), "%.4g", doubt.value);
    if (doubt.on_bound) {
        warnings.push_back(name + " ran to the end of its range, " + shown.data() +
                           ": the data do not bound it, and scores depend on the others alone");
    } else if (!(doubt.standard_error < 2 * doubt.value)) {
        warnings.push_back(name + " is hardly identified: " + shown.data() +
                           ", with a standard error of more than twice that");
    }
}

PATRON_FN void warn_of(std::string_view one, std::string_view other, double correlation,
                       std::vector<std::string>& warnings) {
    std::array<char, 16> shown{};
    std::snprintf(shown.data(), shown.size(), "%.3f", correlation);
    warnings.push_back(std::string{one} + " and " + std::string{other} +
                       " are told apart badly: their estimates have a correlation of " + shown.data());
}

}  // namespace patron::v1::insight::detail
