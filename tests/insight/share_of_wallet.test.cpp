#include <patron/insight/share_of_wallet.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>

using namespace patron;
using namespace std::chrono;

namespace {

constexpr period jan{2024y, January};
constexpr period feb = jan + 1;
constexpr period mar = jan + 2;

struct nobody_knows {
    std::optional<std::int64_t> estimate(customer_view, period) const { return std::nullopt; }
};
struct always {
    std::int64_t monthly;
    std::optional<std::int64_t> estimate(customer_view, period) const { return monthly; }
};
static_assert(insight::wallet_estimate<nobody_knows>);
static_assert(insight::wallet_estimate<insight::last_statement>);

struct customer {
    customer_state state{};
    customer_records records{};

    customer& bought(period month, std::int64_t amount) {
        state.monthly.add(month, amount);
        return *this;
    }
    customer& stated(period month, std::int64_t amount) {
        records.wallet.push_back({month.index(), amount});
        return *this;
    }
    [[nodiscard]] customer_view view() const { return {state, &records}; }
};

}  // namespace

TEST_CASE("months whose wallet was stated are compared with our sales in those months", "[insight][share_of_wallet]") {
    auto const c = customer{}.bought(jan, 100).bought(feb, 200).bought(mar, 600).stated(jan, 400).stated(feb, 400);
    auto const share = insight::share_over(c.view(), mar, 3, nobody_knows{});
    CHECK(share.basis == share_basis::stated);
    CHECK(share.purchased == 300);  // March is not stated, so that our 600 do not count either
    CHECK(share.wallet == 800);
    CHECK(share.millionths == 375'000);
}

TEST_CASE("statements outside the window do not count", "[insight][share_of_wallet]") {
    auto const c = customer{}.bought(mar, 50).stated(jan - 1, 1'000).stated(mar + 1, 1'000).stated(mar, 100);
    CHECK(insight::share_over(c.view(), mar, 3, nobody_knows{}).millionths == 500'000);
    CHECK(insight::share_over(c.view(), mar, 1, nobody_knows{}).millionths == 500'000);
}

TEST_CASE("a share is cut, not rounded, to millionths, and one is the most", "[insight][share_of_wallet]") {
    CHECK(insight::share_over(customer{}.bought(mar, 2).stated(mar, 3).view(), mar, 3, nobody_knows{}).millionths ==
          666'666);
    CHECK(insight::share_over(customer{}.bought(mar, 300).stated(mar, 100).view(), mar, 3, nobody_knows{}).millionths ==
          1'000'000);
    CHECK(insight::share_over(customer{}.bought(mar, INT64_MAX).stated(mar, 1).view(), mar, 3, nobody_knows{})
              .millionths == 1'000'000);
}

TEST_CASE("more returned than bought is a share of zero, which is known", "[insight][share_of_wallet]") {
    auto const share = insight::share_over(customer{}.bought(mar, -5).stated(mar, 100).view(), mar, 3, nobody_knows{});
    CHECK(share.is_known());
    CHECK(share.millionths == 0);
}

TEST_CASE("where nothing is known the share is unknown, not zero", "[insight][share_of_wallet]") {
    auto const c = customer{}.bought(mar, 100);
    auto const share = insight::share_over(c.view(), mar, 3, nobody_knows{});
    CHECK_FALSE(share.is_known());
    CHECK(share.millionths == -1);
    CHECK(share.basis == share_basis::own_history);
    CHECK_FALSE(insight::share_over({c.state, nullptr}, mar, 3, nobody_knows{}).is_known());
    // a wallet of nothing has no parts
    CHECK_FALSE(insight::share_over(customer{}.stated(mar, 0).view(), mar, 3, nobody_knows{}).is_known());
}

TEST_CASE("an estimate stands for each month of the window", "[insight][share_of_wallet]") {
    auto const c = customer{}.bought(jan, 30).bought(mar, 30);
    auto const share = insight::share_over(c.view(), mar, 3, always{40});
    CHECK(share.basis == share_basis::estimated);
    CHECK(share.wallet == 120);
    CHECK(share.millionths == 500'000);
    CHECK_FALSE(insight::share_over(c.view(), mar, 3, always{INT64_MAX}).is_known());  // 3 x that is no amount
}

TEST_CASE("sums beyond 64 bits are never wrapped", "[insight][share_of_wallet]") {
    auto const wide = customer{}.stated(feb, INT64_MAX).stated(mar, INT64_MAX).bought(mar, 1);
    CHECK_FALSE(insight::share_over(wide.view(), mar, 3, nobody_knows{}).is_known());
    auto const ours = customer{}.stated(feb, 1).stated(mar, 1).bought(feb, INT64_MAX).bought(mar, INT64_MAX);
    CHECK(insight::share_over(ours.view(), mar, 3, nobody_knows{}).millionths == 1'000'000);
}

TEST_CASE("an older statement estimates the wallet until it is too old", "[insight][share_of_wallet]") {
    auto const c = customer{}.stated(jan, 100).stated(feb, 301);
    insight::last_statement const year{12};
    CHECK(year.estimate(c.view(), mar) == 200);       // (100 + 301) / 2
    CHECK(year.estimate(c.view(), jan + 12) == 200);  // January is twelve months old: still in force
    CHECK(year.estimate(c.view(), jan + 13) == 301);
    CHECK(year.estimate(c.view(), jan + 14) == std::nullopt);
    CHECK(year.estimate(c.view(), jan) == 100);  // what is stated for a later month is not known yet
    CHECK(year.estimate({c.state, nullptr}, mar) == std::nullopt);
}

TEST_CASE("windows end with a whole month", "[insight][share_of_wallet]") {
    CHECK(insight::last_whole_month(sys_days{2024y / 2 / 29}) == feb);
    CHECK(insight::last_whole_month(sys_days{2024y / 2 / 28}) == jan);
    CHECK(insight::last_whole_month(sys_days{2024y / 1 / 31}) == jan);
    CHECK(insight::last_whole_month(sys_days{2024y / 2 / 1}) == jan);
}
