#include <patron/testing/risk_detector_laws.hpp>

#include <patron/insight/baseline_detectors.hpp>
#include <patron/insight/early_warning.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <string_view>

using namespace patron;
using namespace patron::insight;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

constexpr day start{2022y / 1 / 10};
constexpr day until{2023y / 6 / 30};

purchase_stream bought() {
    std::mt19937_64 random{11};
    std::vector<std::vector<purchase_day>> all(60);
    for (std::size_t c = 0; c < all.size(); ++c) {
        auto const gap = 4 + random() % 60;
        auto const stops = c % 2 == 0 ? 100 + random() % 300 : 540;
        for (auto on = random() % 90; on < stops; on += 1 + random() % (2 * gap)) {
            all[c].push_back({.on = start + std::chrono::days{on}, .amount = 50.00_USD});
        }
    }
    return purchase_stream::of(all).value();
}

/// Days since the last purchase, and a way to be wrong.
enum class fault { none, counts_questions, forgets_some, ranks, no_number, by_position };

class silence {
public:
    explicit silence(fault how) : how_{how} {}

    void bought(std::uint32_t customer, purchase_day const& p) {
        if (customer >= last_.size()) last_.resize(customer + 1);
        last_[customer] = p.on;
    }
    void month_ended(day) {}
    void risks(day at, std::span<std::uint32_t const> of, std::span<double> out) const {
        ++asked_;
        for (std::size_t i = 0; i < of.size(); ++i) {
            if (how_ == fault::forgets_some && of[i] == 2) continue;
            out[i] = static_cast<double>((at - last_[of[i]]).count());
            if (how_ == fault::counts_questions) out[i] += asked_;
            if (how_ == fault::ranks) out[i] /= static_cast<double>(of.size());
            if (how_ == fault::by_position) out[i] += static_cast<double>(i);
            if (how_ == fault::no_number && out[i] == 0) out[i] = std::numeric_limits<double>::quiet_NaN();
        }
    }

private:
    fault how_;
    std::vector<day> last_{};
    mutable int asked_ = 0;
};
static_assert(risk_detector<silence>);

std::vector<std::string> broken_by(fault how) {
    return testing::risk_detector_laws([how] { return silence{how}; }, bought(), until);
}

bool says(std::vector<std::string> const& broken, std::string_view words) {
    return std::any_of(broken.begin(), broken.end(),
                       [&](auto const& line) { return line.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("the stock detectors keep the laws", "[testing][risk_detector_laws]") {
    auto const book = bought();
    std::vector<std::string> const none;
    CHECK(testing::risk_detector_laws([] { return silence{fault::none}; }, book, until) == none);
    CHECK(testing::risk_detector_laws([] { return early_warning{}; }, book, until) == none);
    auto const untrained = [] { return early_warning{{.horizon_days = 28, .trained = false}}; };
    CHECK(testing::risk_detector_laws(untrained, book, until) == none);
    CHECK(testing::risk_detector_laws([] { return recency_detector{}; }, book, until) == none);
    CHECK(testing::risk_detector_laws([] { return gap_ratio_detector{}; }, book, until) == none);
    CHECK(testing::risk_detector_laws([] { return decayed_count_detector{}; }, book, until) == none);
    CHECK(testing::risk_detector_laws([] { return bg_nbd_detector{91}; }, book, until) == none);
}

TEST_CASE("the laws see what is wrong with a detector", "[testing][risk_detector_laws]") {
    CHECK(broken_by(fault::none).empty());
    CHECK(says(broken_by(fault::counts_questions), "asked again"));
    CHECK(says(broken_by(fault::counts_questions), "not asked before"));
    CHECK(says(broken_by(fault::forgets_some), "has no answer"));
    CHECK(says(broken_by(fault::ranks), "who else is asked"));
    CHECK(says(broken_by(fault::by_position), "order of the question"));
    CHECK(says(broken_by(fault::no_number), "not a number"));
}

TEST_CASE("the laws are tried without a book too", "[testing][risk_detector_laws]") {
    CHECK(testing::risk_detector_laws([] { return early_warning{}; }, purchase_stream{}, until).empty());
}
