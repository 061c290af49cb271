#include <patron/engine/row.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace patron;

namespace {

constexpr currency cny = currency::literal("CNY");

customer_row plain() {
    customer_row row;
    row.profile.code = "C1";
    row.profile.name = "Chen, \"North\"";
    row.state.stage = stage::initial;
    row.state.in = cny;
    row.state.exposure = 120'00;
    row.since = day{std::chrono::year{2024} / 1 / 5};
    return row;
}
std::string json(customer_row const& row) {
    std::string out;
    append_json(out, row);
    return out;
}
std::string csv(customer_row const& row) {
    std::string out;
    append_csv(out, row);
    return out;
}
std::size_t cells(std::string const& line) {
    std::size_t count = 1;
    bool quoted = false;
    for (char const c : line) {
        if (c == '"') quoted = !quoted;
        if (c == ',' && !quoted) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a row has the fields of the contract, and null where nothing is known", "[engine][row]") {
    CHECK(json(plain()) == R"({"customer":"C1","name":"Chen, \"North\"","stage":"initial","since":"2024-01-05",)"
                           R"("share_of_wallet":null,"share_basis":"own_history","tier":null,"abc":null,"limit":null,)"
                           R"("exposure":"120.00 CNY","available":null,"standing":"good","supply":null,"risk":null,)"
                           R"("evidence":[],"rebates":[],"open_effects":[],"promotion_plan":null,"fulfilment":null})");
}

TEST_CASE("a limit not set, of zero, of an amount and without bound print apart", "[engine][row]") {
    auto row = plain();
    CHECK_FALSE(row.available().has_value());
    row.state.limit_is_set = true;
    CHECK(json(row).find(R"("limit":"0.00 CNY","exposure":"120.00 CNY","available":"-120.00 CNY")") !=
          std::string::npos);
    row.state.limit = 200'00;
    CHECK(row.available() == money{80'00, cny});
    row.state.limit_is_unlimited = true;
    CHECK_FALSE(row.available().has_value());
    CHECK(json(row).find(R"("limit":"unlimited","exposure":"120.00 CNY","available":"unlimited")") !=
          std::string::npos);
}

TEST_CASE("what is available never wraps", "[engine][row]") {
    auto row = plain();
    row.state.limit_is_set = true;
    row.state.limit = std::numeric_limits<std::int64_t>::max();
    row.state.exposure = -1;
    CHECK(row.available() == money{std::numeric_limits<std::int64_t>::max(), cny});
}

TEST_CASE("a share, a decline and its evidence are shown", "[engine][row]") {
    auto row = plain();
    row.state.stage = stage::declining;
    row.state.fell_from = stage::stable;
    row.state.share_millionths = 437'500;
    row.state.basis = share_basis::stated;
    row.evidence.push_back({"competitor", 1'250, 12, "Acme"});
    row.evidence.push_back({"missed_order", 500, 40, ""});
    auto const text = json(row);
    CHECK(
        text.find(
            R"("stage":"declining","since":"2024-01-05","fell_from":"stable","share_of_wallet":0.4375,"share_basis":"stated")") !=
        std::string::npos);
    CHECK(
        text.find(
            R"([{"kind":"competitor","weight":1.25,"age_days":12,"what":"Acme"},{"kind":"missed_order","weight":0.5,"age_days":40}])") !=
        std::string::npos);
    CHECK(csv(row).find("competitor=1.25;missed_order=0.5") != std::string::npos);
    row.state.share_millionths = 0;
    CHECK(json(row).find(R"("share_of_wallet":0,)") != std::string::npos);  // zero is known
}

TEST_CASE("the CSV row has a cell for each name of its header, quoted where it must be", "[engine][row]") {
    std::string header;
    append_csv_header(header);
    CHECK(csv(plain()).starts_with(R"(C1,"Chen, ""North""",initial,2024-01-05,)"));
    CHECK(cells(csv(plain())) == cells(header));
    CHECK(cells(header) == 18);
}

TEST_CASE("a customer without any amount yet owes nothing in whichever currency it will have", "[engine][row]") {
    auto row = plain();
    row.state.in = currency{};
    row.state.exposure = 0;
    CHECK(json(row).find(R"("exposure":"0")") != std::string::npos);
}
