// What the tests of the buy-till-you-die models share: golden values, the public data, simulated customers.
#pragma once
#include <patron/insight/purchase_summary.hpp>

#include <boost/json.hpp>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace models {

using namespace patron;
using namespace patron::insight;

inline boost::json::value json_in(std::filesystem::path const& path) {
    std::ifstream file{path};
    REQUIRE(file);
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    return boost::json::parse(text);
}

/// What golden.py computed from the papers' integrals, at 40 digits.
inline boost::json::value const& golden() {
    static auto const all = json_in(std::filesystem::path{PATRON_SOURCE_DIR} / "tests/insight/golden.json");
    return all;
}

inline double number(boost::json::value const& of) { return of.to_number<double>(); }

inline purchase_summary row_of(boost::json::value const& of) {
    return {.x = of.at("x").to_number<std::uint32_t>(), .t_x = number(of.at("t_x")), .T = number(of.at("T"))};
}

/// Within so many parts of the larger; what is nearly zero within as much of one in 10^12.
inline bool near(double saw, double wanted, double parts) {
    return std::abs(saw - wanted) <= parts * std::max({std::abs(saw), std::abs(wanted), 1e-12});
}

/// The path of a public data file; skips the test where the data are not at hand.
inline std::filesystem::path shared(char const* relative) {
    auto path = std::filesystem::path{PATRON_SHARED_DATA} / relative;
    if (!std::filesystem::exists(path)) SKIP("needs the public data set " << relative << " under " PATRON_SHARED_DATA);
    return path;
}

/// The two-decimal summary of the CDNOW sample behind the published parameters: weeks, to 1997-09-30.
struct published_sample {
    std::vector<purchase_summary> purchases;
    std::vector<spend_summary> spending;

    published_sample() {
        std::ifstream file{shared("cdnow/cdnow_customers_summary_with_transactions.csv")};
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::vector<std::string> cells;
            std::istringstream cut{line};
            for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
            auto const x = static_cast<std::uint32_t>(std::stoul(cells.at(1)));
            purchases.push_back({.x = x, .t_x = std::stod(cells.at(2)), .T = std::stod(cells.at(3))});
            spending.push_back({.x = x, .mean = std::stod(cells.at(4))});
        }
    }
};

/// The orders of each customer of CDNOW, from the logs as they are, by the number in the file.
inline std::map<int, std::vector<dated_amount>> orders_of(bool sample) {
    std::ifstream file{shared(sample ? "cdnow/CDNOW_sample.txt" : "cdnow/CDNOW_master.txt")};
    std::string line;
    if (!sample) std::getline(file, line);
    std::map<int, std::vector<dated_amount>> all;
    while (std::getline(file, line)) {
        std::istringstream cells{line};
        int id = 0, date = 0, disks = 0;
        std::string amount;
        cells >> id;
        if (sample) cells >> id;  // the number within the sample
        cells >> date >> disks >> amount;
        all[id].push_back({day{std::chrono::year{date / 10'000} / (date / 100 % 100) / (date % 100)},
                           money::parse(amount + " USD").value()});
    }
    return all;
}

inline std::vector<day> days_of(std::vector<dated_amount> const& orders) {
    std::vector<day> days;
    for (auto const& o : orders) days.push_back(o.on);
    return days;
}

inline constexpr day calibration_end{std::chrono::year{1997} / 9 / 30};

inline std::vector<purchase_summary> summaries_of(std::map<int, std::vector<dated_amount>> const& all,
                                                  day until = calibration_end) {
    std::vector<purchase_summary> out;
    for (auto const& [id, orders] : all) {
        if (auto const one = summary_of(days_of(orders), until, time_unit::week)) out.push_back(*one);
    }
    return out;
}

/// Draws that are the same with every standard library.
class draws {
public:
    explicit draws(std::uint64_t seed) : from_{seed} {}
    double uniform() { return (static_cast<double>(from_() >> 11U) + 0.5) / 9007199254740992.0; }
    double exponential() { return -std::log(uniform()); }
    double gamma(double shape) {  // Marsaglia and Tsang, 2000
        if (shape < 1) return gamma(shape + 1) * std::pow(uniform(), 1 / shape);
        auto const d = shape - 1.0 / 3;
        auto const c = 1 / std::sqrt(9 * d);
        for (;;) {
            auto const x = std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
            auto const v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            if (v > 0 && std::log(uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
        }
    }
    double beta(double a, double b) {
        auto const x = gamma(a);
        return x / (x + gamma(b));
    }

private:
    std::mt19937_64 from_;
};

}  // namespace models
