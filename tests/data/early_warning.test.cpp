// The risk that a book has learnt, on the public books by rolling origin: mean area under the curve, and mean precision
// among the tenth with the highest risk. Others have, by the same protocol:
//   Online Retail II: silence alone .650, .659; BG/NBD .749, .749; boosting on all features .756, .749
//   CDNOW:            silence alone .644, .777; BG/NBD .704, .796; a logistic regression with BG/NBD .711, .828
//   dealers:          silence alone .670; decayed counts .740; a logistic regression .772, .567
#include "early_warning.hpp"

#include <patron/insight/early_warning.hpp>

using namespace patron::insight;
using namespace real_data;

namespace {

evaluation judged(judged_months const& months, bool trained = true) {
    early_warning detector{{.horizon_days = months.protocol.horizon_days, .trained = trained}};
    return months.judge(detector);
}

/// Of customers with six purchases or more.
double established_area(judged_months months) {
    months.protocol.least_purchases = 6;
    return judged(months).mean.auc.value();
}

}  // namespace

TEST_CASE("Online Retail: early warning ranks better than any simple score", "[data]") {
    auto const& months = online_retail_months();
    auto const found = judged(months);
    CHECK(found.mean.auc.value() >= .765);
    CHECK(found.mean.precision_at_10.value() >= .76);
    CHECK(established_area(months) >= .745);
    CHECK(found.alerts.caught.value() >= .405);
    CHECK(found.alerts.false_share.value() <= .262);
    CHECK(judged(months, false).mean.auc.value() >= .750);
}

TEST_CASE("CDNOW: early warning ranks better than any simple score", "[data]") {
    auto const& months = cdnow_months();
    auto const found = judged(months);
    CHECK(found.mean.auc.value() >= .711);
    CHECK(found.mean.precision_at_10.value() >= .822);
    CHECK(established_area(months) >= .69);
    CHECK(judged(months, false).mean.auc.value() >= .7095);
}

TEST_CASE("dealers: early warning ranks better than any simple score", "[data]") {
    auto const found = judged(dealers_months());
    CHECK(found.mean.auc.value() >= .79);
    CHECK(found.mean.precision_at_10.value() >= .57);
    CHECK(judged(dealers_months(), false).mean.auc.value() >= .74);
}
