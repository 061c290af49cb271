#include <patron/insight/scores.hpp>

#include "models.hpp"

#include <patron/insight/impl/vector_math.hpp>

#include <array>

using namespace models;

namespace {

/// Customers of all kinds: none but a first purchase, few, and hundreds; silent since yesterday, or for years.
struct book {
    std::vector<std::uint32_t> x;
    std::vector<double> t_x;
    std::vector<double> T;

    explicit book(std::size_t customers) {
        draws from{17};
        for (std::size_t i = 0; i < customers; ++i) {
            auto const many = std::exp(7 * from.uniform()) - 1;
            x.push_back(from.uniform() < .4 ? 0 : static_cast<std::uint32_t>(many));
            T.push_back(std::floor(from.uniform() * 1500) / 7);
            t_x.push_back(x.back() == 0 ? 0 : T.back() * from.uniform());
        }
    }
    [[nodiscard]] summary_columns columns() const { return {x, t_x, T}; }
    [[nodiscard]] purchase_summary row(std::size_t i) const { return {x[i], t_x[i], T[i]}; }
};

std::int64_t rounded(double score) { return std::llround(score * 1e6); }

template <class Model>
void compare_paths(Model const& model, std::size_t customers) {
    book const all{customers};
    std::vector<double> fast(customers), plain(customers);
    REQUIRE(p_alive(model, all.columns(), fast));
    REQUIRE(p_alive(model, all.columns(), plain, score_path::scalar));
    for (std::size_t i = 0; i < customers; ++i) {
        CAPTURE(i, all.x[i], all.t_x[i], all.T[i]);
        REQUIRE(rounded(fast[i]) == rounded(plain[i]));
        REQUIRE(std::abs(fast[i] - p_alive(model, all.row(i))) < 1e-12);
    }
    for (auto const horizon : {.5, 13.0, 400.0}) {
        REQUIRE(expected_purchases(model, all.columns(), horizon, fast));
        REQUIRE(expected_purchases(model, all.columns(), horizon, plain, score_path::scalar));
        for (std::size_t i = 0; i < customers; ++i) {
            CAPTURE(i, all.x[i], all.t_x[i], all.T[i], horizon);
            REQUIRE(rounded(fast[i]) == rounded(plain[i]));
            REQUIRE(std::abs(fast[i] - expected_purchases(model, all.row(i), horizon)) < 1e-11 * (1 + fast[i]));
        }
    }
}

}  // namespace

TEST_CASE("many scores at once are those of one customer at a time, on both paths", "[insight][scores]") {
    compare_paths(bg_nbd{.243, 4.414, .793, 2.426}, 3'001);
    compare_paths(bg_nbd{2, 30, 1, 3}, 1'001);
    compare_paths(mbg_nbd{.525, 6.183, .891, 1.614}, 3'001);
    compare_paths(mbg_nbd{.05, .4, .02, 40}, 1'001);
    compare_paths(pareto_nbd{.553, 10.578, .606, 11.669}, 2'001);
    compare_paths(pareto_nbd{.3, 200, 4, .7}, 501);
}

TEST_CASE("a score does not depend on what stands beside it", "[insight][scores]") {
    book const all{700};
    bg_nbd const model{.243, 4.414, .793, 2.426};
    std::vector<double> whole(700), part(1);
    REQUIRE(expected_purchases(model, all.columns(), 26, whole, score_path::scalar));
    for (auto const i : {0U, 1U, 5U, 333U, 699U}) {
        summary_columns const one{std::span{all.x}.subspan(i, 1), std::span{all.t_x}.subspan(i, 1),
                                  std::span{all.T}.subspan(i, 1)};
        REQUIRE(expected_purchases(model, one, 26, part, score_path::scalar));
        REQUIRE(part[0] == whole[i]);
    }
}

TEST_CASE("without a horizon nothing is expected; without customers nothing is done", "[insight][scores]") {
    book const all{9};
    std::vector<double> out(9, -1);
    REQUIRE(expected_purchases(bg_nbd{.243, 4.414, .793, 2.426}, all.columns(), 0, out));
    REQUIRE(out == std::vector<double>(9, 0.0));
    REQUIRE(p_alive(bg_nbd{}, {}, {}));
}

TEST_CASE("columns of different lengths are refused, and nothing is written", "[insight][scores]") {
    book const all{9};
    std::vector<double> out(8, -1);
    auto const refused = p_alive(bg_nbd{}, all.columns(), out);
    REQUIRE(refused.error().field == "out");
    REQUIRE(out == std::vector<double>(8, -1.0));
    auto cut = all.columns();
    cut.t_x = cut.t_x.first(3);
    out.resize(9);
    REQUIRE(expected_purchases(pareto_nbd{}, cut, 1, out).error().field == "t_x");
    cut = all.columns();
    cut.T = cut.T.first(3);
    REQUIRE(p_alive(mbg_nbd{}, cut, out).error().field == "T");
}

TEST_CASE("exp and log of many numbers are those of the standard library to a few last digits", "[insight][scores]") {
    for (std::size_t count = 0; count < 20; ++count) {
        std::array<double, 20> powers{}, logs{};
        for (std::size_t i = 0; i < count; ++i) {
            powers[i] = 3.7 * static_cast<double>(i) - 30;
            logs[i] = std::exp(powers[i]);
        }
        auto const arguments = powers;
        auto const values = logs;
        insight::detail::exp_each(powers.data(), count);
        insight::detail::log_each(logs.data(), count);
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(near(powers[i], std::exp(arguments[i]), 1e-15));
            CHECK(near(logs[i], std::log(values[i]), 1e-15));
        }
        if (count < 20) CHECK(powers[count] == 0);
    }
}
