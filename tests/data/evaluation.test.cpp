// Early warning on public data by rolling origin: what simple detectors reach there is known from outside, measured by
// others with Python (mean AUC and precision at 10 % over the month ends, four digits). Who is scored: two purchase
// days or more, the last less than 182 days ago; lost: no purchase in 91 days.
#include "early_warning.hpp"

#include <patron/insight/baseline_detectors.hpp>

#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace patron::insight;
using namespace real_data;
using Catch::Matchers::WithinAbs;

namespace {

struct published {
    double auc;
    double precision_at_10;
};

template <risk_detector D>
void reaches(judged_months const& months, D detector, published const& known) {
    CAPTURE(D::name);
    auto const mean = months.judge(detector).mean;
    CHECK_THAT(mean.auc.value(), WithinAbs(known.auc, 0.00005));
    CHECK_THAT(mean.precision_at_10.value(), WithinAbs(known.precision_at_10, 0.00005));
}

}  // namespace

TEST_CASE("CDNOW: simple detectors rank as they are known to", "[data]") {
    auto const& months = cdnow_months();
    REQUIRE(months.ends.size() == 8);
    reaches(months, recency_detector{}, {0.6438, 0.7766});
    reaches(months, gap_ratio_detector{}, {0.5355, 0.6449});
    reaches(months, decayed_count_detector{}, {0.7077, 0.8156});
    reaches(months, bg_nbd_detector{91}, {0.7036, 0.7962});
}

TEST_CASE("Online Retail: simple detectors rank as they are known to", "[data]") {
    auto const& months = online_retail_months();
    REQUIRE(months.ends.size() == 12);
    reaches(months, recency_detector{}, {0.6499, 0.6586});
    reaches(months, gap_ratio_detector{}, {0.5184, 0.5818});
    reaches(months, decayed_count_detector{}, {0.7459, 0.7251});
    reaches(months, bg_nbd_detector{91}, {0.7490, 0.7491});
    auto recency = recency_detector{};
    auto const alerts = months.judge(recency).alerts;
    CHECK(alerts.churners == 907);
    CHECK(alerts.median_delay_days.value() == 125);
    CHECK_THAT(alerts.false_share.value(), WithinAbs(0.3615, 0.0005));  // equal risks at the cut go by number
}
