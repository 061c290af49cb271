#include <patron/fact/fact.hpp>  // first: the header stands on its own

#include <fact/random_fact.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <limits>
#include <set>
#include <string>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;
using patron::tests::random_facts;

namespace {

std::size_t field_of(fact_kind kind, std::string_view name) {
    auto const fields = fields_of(kind);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == name) return i;
    }
    FAIL("no such field: " << name);
    return 0;
}

result<void> set(fact& f, std::string_view field, std::string_view value, text_origin origin = text_origin::string) {
    return assign(f, field_of(kind_of(f), field), value, origin);
}

std::string json_of(fact const& f) {
    std::string line;
    append_json(line, f);
    return line;
}

std::string bytes_of(fact const& f) {
    std::string bytes;
    encode(bytes, f);
    return bytes;
}

order_placed sound_order() {
    return {.ref = "SO-1",
            .at = 2026y / 3 / 2,
            .customer = "C-1",
            .order = "SO-1",
            .amount = 12.50_CNY,
            .lines = {},
            .cost = {},
            .delegated = {}};
}

TEST_CASE("each kind has a name of its own that leads back to it, and a title in both languages", "[fact]") {
    std::set<std::string_view> names;
    std::set<std::string_view> english;
    std::set<std::string_view> chinese;
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        CAPTURE(name_of(kind));
        CHECK(names.insert(name_of(kind)).second);
        CHECK(english.insert(title_of(kind, false)).second);
        CHECK(chinese.insert(title_of(kind, true)).second);
        CHECK(fact_kind_of(name_of(kind)) == kind);
        CHECK(kind_of(make_fact(kind)) == kind);
        CHECK_FALSE(title_of(kind, false).empty());
        CHECK(is_clean_utf8(title_of(kind, true)));
        CHECK(static_cast<unsigned char>(title_of(kind, true).front()) >= 0x80);
    }
    CHECK_FALSE(fact_kind_of("order_lost"));
    CHECK_FALSE(fact_kind_of(""));
    CHECK_FALSE(fact_kind_of("ORDER_PLACED"));
}

TEST_CASE("the numbers of kinds are the fact log's: new ones go to the end", "[fact]") {
    STATIC_REQUIRE(static_cast<int>(fact_kind::customer_enrolled) == 0);
    STATIC_REQUIRE(static_cast<int>(fact_kind::order_placed) == 2);
    STATIC_REQUIRE(static_cast<int>(fact_kind::complaint_raised) == 29);
    STATIC_REQUIRE(static_cast<int>(fact_kind::corrected) == 48);
    STATIC_REQUIRE(static_cast<int>(fact_kind::sanction_lifted) == 54);
    STATIC_REQUIRE(static_cast<int>(fact_kind::hold_rejected) == 56);
    STATIC_REQUIRE(static_cast<int>(fact_kind::quotation_made) == 57);
    STATIC_REQUIRE(static_cast<int>(fact_kind::promotion_planned) == 62);
    STATIC_REQUIRE(static_cast<int>(fact_kind::rebate_offered) == 63);
    STATIC_REQUIRE(fact_kind_count == 64);
}

TEST_CASE("the head of a fact is its reference, its time and its customer", "[fact]") {
    fact f = sound_order();
    CHECK(head_of(f).ref == "SO-1");
    CHECK(head_of(f).at == moment{2026y / 3 / 2});
    CHECK(head_of(f).customer == "C-1");
    set_ref(f, "SO-2");
    CHECK(head_of(f).ref == "SO-2");
    CHECK(head_of(review_held{}).customer.empty());
    CHECK(head_of(corrected{}).customer.empty());
    corrected correction;
    correction.customer = "C-9";
    fact const mended = correction;
    CHECK(head_of(mended).customer == "C-9");
}

TEST_CASE("a field takes its value in its own form only", "[fact]") {
    struct row {
        fact_kind kind;
        char const* field;
        std::string value;
        text_origin origin;
        errc code;
    };
    using enum text_origin;
    auto const [kind, field, value, origin, code] = GENERATE(values<row>({
        {fact_kind::order_placed, "amount", "12", number, errc::malformed},  // may have passed through a double
        {fact_kind::order_placed, "amount", "true", boolean, errc::malformed},
        {fact_kind::order_placed, "amount", "12.005 CNY", string, errc::wrong_scale},
        {fact_kind::order_placed, "amount", "12 RMB", string, errc::unknown_currency},
        {fact_kind::order_placed, "amount", "1e400", string, errc::malformed},
        {fact_kind::order_placed, "at", "2026-02-30", string, errc::out_of_range},
        {fact_kind::order_placed, "at", "today", string, errc::malformed},
        {fact_kind::order_placed, "at", "20260302", number, errc::malformed},
        {fact_kind::order_placed, "order", "true", boolean, errc::malformed},
        {fact_kind::order_placed, "order", "bad\xFF", string, errc::invalid_utf8},
        {fact_kind::order_placed, "order", "tab\t", string, errc::invalid_utf8},
        {fact_kind::order_placed, "order", std::string(129, 'x'), string, errc::too_long},
        {fact_kind::order_placed, "delegated", "1", number, errc::malformed},
        {fact_kind::order_placed, "delegated", "yes", plain, errc::malformed},
        {fact_kind::order_placed, "lines", "[]", plain, errc::malformed},
        {fact_kind::customer_enrolled, "name", std::string(4097, 'x'), string, errc::too_long},
        {fact_kind::customer_enrolled, "kind", "wholesaler", string, errc::out_of_range},
        {fact_kind::customer_enrolled, "kind", "Retailer", string, errc::out_of_range},
        {fact_kind::customer_enrolled, "kind", "1", number, errc::malformed},
        {fact_kind::customer_enrolled, "terms_days", "-1", number, errc::out_of_range},
        {fact_kind::customer_enrolled, "terms_days", "3651", number, errc::out_of_range},
        {fact_kind::customer_enrolled, "terms_days", "30.5", number, errc::out_of_range},
        {fact_kind::customer_enrolled, "terms_days", "thirty", string, errc::malformed},
        {fact_kind::customer_enrolled, "terms_days", "true", boolean, errc::malformed},
        {fact_kind::complaint_raised, "severity", "0", number, errc::out_of_range},
        {fact_kind::complaint_raised, "severity", "6", number, errc::out_of_range},
        {fact_kind::survey_answered, "perceived", "10.01", number, errc::out_of_range},
        {fact_kind::survey_answered, "perceived", "-0.5", number, errc::out_of_range},
        {fact_kind::competitor_observed, "strength", "1.1", number, errc::out_of_range},
        {fact_kind::wallet_stated, "period", "2026-13", string, errc::out_of_range},
        {fact_kind::wallet_stated, "period", "2026", string, errc::malformed},
        {fact_kind::limit_set, "amount", "infinite", string, errc::malformed},
        {fact_kind::invoice_issued, "due", "2026-02-29", string, errc::out_of_range},
        {fact_kind::rate_set, "from", "", string, errc::unknown_currency},
    }));
    CAPTURE(name_of(kind), field, value);
    auto f = make_fact(kind);
    auto const before = f;

    auto const outcome = set(f, field, value, origin);

    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().field == field);
    CHECK_FALSE(outcome.error().remedy.empty());
    CHECK(is_clean_utf8(outcome.error().saw));
    CHECK(outcome.error().saw.size() <= 80);
    CHECK(f == before);  // it keeps its old value
}

TEST_CASE("fields take values at their very bounds", "[fact]") {
    fact enrolled = customer_enrolled{};
    CHECK(set(enrolled, "name", std::string(4096, 'x')));
    CHECK(set(enrolled, "terms_days", "0", text_origin::number));
    CHECK(set(enrolled, "terms_days", "3650", text_origin::plain));
    CHECK(set(enrolled, "parent", std::string(128, 'x')));
    CHECK(set(enrolled, "kind", "key_account"));
    CHECK(std::get<customer_enrolled>(enrolled).kind == customer_kind::key_account);
    fact limit = limit_set{};
    CHECK(set(limit, "amount", "unlimited"));
    CHECK(std::get<limit_set>(limit).amount.is_unlimited());
    CHECK(set(limit, "amount", "0 CNY"));
    CHECK(std::get<limit_set>(limit).amount == limit_amount{0_CNY});
    fact survey = survey_answered{};
    CHECK(set(survey, "perceived", "10", text_origin::number));
    CHECK(set(survey, "expected", "0.0", text_origin::number));
    fact settled = rebate_settled{};
    CHECK(set(settled, "kind", "final"));
    CHECK(std::get<rebate_settled>(settled).kind == settlement_kind::final_);
    CHECK(text_of(settled, field_of(fact_kind::rebate_settled, "kind")) == "final");
}

TEST_CASE("a band begins at an amount or a quantity and pays a percentage or an amount per unit", "[fact]") {
    fact f = rebate_agreed{};
    auto const bands = field_of(fact_kind::rebate_agreed, "bands");
    REQUIRE(append_record(f, bands).value() == 1);
    auto const put = [&](std::size_t field, std::string_view value) {
        return assign_in_record(f, bands, field, value, text_origin::string);
    };
    auto const& band = std::get<rebate_agreed>(f).bands.front();

    CHECK(put(0, "100000 CNY"));
    CHECK(band.from == band_edge{.by_quantity = false, .value = 100'000_CNY, .units = {}});
    CHECK(put(0, "500"));
    CHECK(band.from == band_edge{.by_quantity = true, .value = {}, .units = decimal{500, 0}});
    CHECK(assign_in_record(f, bands, 0, "0.5", text_origin::number));  // no amount is a JSON number
    CHECK(band.from == band_edge{.by_quantity = true, .value = {}, .units = decimal{5, 1}});
    CHECK_FALSE(assign_in_record(f, bands, 0, "-1", text_origin::number));
    CHECK(put(0, "500.00"));
    CHECK(band.from == band_edge{.by_quantity = false, .value = money{5'000'000, currency{}}, .units = {}});
    CHECK(put(1, "2.5%"));
    CHECK(band.rate == band_rate{.per_unit = false, .percent = decimal{25, 1}, .amount = {}});
    CHECK(put(1, "1.20 CNY"));
    CHECK(band.rate == band_rate{.per_unit = true, .percent = {}, .amount = 1.20_CNY});

    CHECK(put(0, "-1 CNY").error().code == errc::out_of_range);
    CHECK(put(0, "").error().code == errc::malformed);
    CHECK(put(1, "%").error().code == errc::malformed);
    CHECK(put(1, "-1%").error().code == errc::out_of_range);
    CHECK(put(1, "100.01%").error().code == errc::out_of_range);
    CHECK(put(1, "-0.01 CNY").error().code == errc::out_of_range);
    CHECK(band.rate == band_rate{.per_unit = true, .percent = {}, .amount = 1.20_CNY});
}

TEST_CASE("a list grows record by record, up to a bound", "[fact]") {
    fact f = sound_order();
    auto const lines = field_of(fact_kind::order_placed, "lines");
    CHECK(record_count(f, lines) == 0);
    for (std::size_t n = 1; n <= 10'000; ++n) REQUIRE(append_record(f, lines).value() == n);
    auto const beyond = append_record(f, lines);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code == errc::too_long);
    CHECK(beyond.error().field == "lines");
    CHECK(record_count(f, lines) == 10'000);
    CHECK(record_count(f, 0) == 0);
    CHECK(append_record(f, 0).error().code == errc::malformed);
    CHECK(text_in_record(f, lines, 9'999, 1) == "0");
    CHECK_FALSE(text_in_record(f, lines, 10'000, 1));
    CHECK_FALSE(text_of(f, lines));
}

TEST_CASE("every field of a random fact is read back from its text", "[fact][property]") {
    random_facts random{1};
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        CAPTURE(name_of(kind));
        auto const fields = fields_of(kind);
        for (int i = 0; i < 200; ++i) {
            auto const f = random.of(kind);
            auto copy = make_fact(kind);
            for (std::size_t at = 0; at < fields.size(); ++at) {
                if (auto const value = text_of(f, at)) REQUIRE(assign(copy, at, *value, text_origin::plain));
                for (std::size_t r = 0; r < record_count(f, at); ++r) {
                    REQUIRE(append_record(copy, at));
                    for (std::size_t inner = 0; inner < fields[at].record.size(); ++inner) {
                        REQUIRE(assign_in_record(copy, at, inner, text_in_record(f, at, r, inner).value(),
                                                 text_origin::plain));
                    }
                }
            }
            REQUIRE(copy == f);
            REQUIRE(validate(f));
        }
    }
}

TEST_CASE("every random fact is read back from its bytes", "[fact][property]") {
    random_facts random{2};
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        CAPTURE(name_of(kind));
        for (int i = 0; i < 500; ++i) {
            auto const f = random.of(kind);
            auto const bytes = bytes_of(f);
            auto const read = decode(bytes, head_of(f).customer);
            REQUIRE_FALSE(read.has_error());
            REQUIRE(read.value() == f);
        }
    }
}

TEST_CASE("bytes carry extremes, and a field that equals the reference costs one byte", "[fact]") {
    fact f = sound_order();
    auto const short_form = bytes_of(f).size();
    std::get<order_placed>(f).order = "SO-9";
    CHECK(bytes_of(f).size() == short_form + 4);

    std::get<order_placed>(f).amount = money{std::numeric_limits<std::int64_t>::max(), currency{}};
    std::get<order_placed>(f).at = day{2199y / 12 / 31} + 86'399s;
    std::get<order_placed>(f).order.clear();
    CHECK(decode(bytes_of(f), "C-1").value() == f);
    std::get<order_placed>(f).amount = money{std::numeric_limits<std::int64_t>::min(), currency::literal("AED")};
    std::get<order_placed>(f).at = day{1900y / 1 / 1};
    std::get<order_placed>(f).ref.clear();
    CHECK(decode(bytes_of(f), "C-1").value() == f);
}

TEST_CASE("bytes that are cut or changed give an error or a fact, never a crash", "[fact][property]") {
    random_facts random{3};
    std::size_t refused = 0;
    std::size_t read_as_other = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto const f = random.any();
        auto bytes = bytes_of(f);
        if (i % 2 == 0) {
            bytes.resize(random.below(bytes.size()));
            auto const read = decode(bytes, "C-1");
            // a fact is complete: no beginning of it is a fact of its own
            REQUIRE(read.has_error());
            REQUIRE(read.error().code == errc::malformed);
            continue;
        }
        for (auto changes = 1 + random.below(4); changes > 0; --changes) {
            auto const at = random.below(bytes.size());
            switch (random.below(3)) {
                case 0: bytes[at] = static_cast<char>(random.below(256)); break;
                case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8))); break;
                default: bytes.insert(at, 1, static_cast<char>(random.below(256)));
            }
        }
        auto const read = decode(bytes, "C-1");
        if (read.has_error()) {
            REQUIRE(read.error().code == errc::malformed);
            ++refused;
            continue;
        }
        ++read_as_other;
        // whatever it is now, it can be shown, checked and written like any other
        auto const& other = read.value();
        (void)validate(other).has_value();
        REQUIRE_FALSE(json_of(other).empty());
        for (std::size_t at = 0; at < fields_of(kind_of(other)).size(); ++at) (void)text_of(other, at);
        REQUIRE(decode(bytes_of(other), "C-1").value() == other);
    }
    CHECK(refused > 1'000);
    CHECK(read_as_other > 1'000);
}

TEST_CASE("bytes that no fact has are refused", "[fact]") {
    auto const bytes =
        GENERATE(as<std::string>{}, "", std::string{static_cast<char>(fact_kind_count)}, "\xFF",
                 std::string{"\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 13},  // an endless number
                 std::string{"\x2F\x00\x7F", 3},                                           // a reference beyond the end
                 std::string(1'000, '\x7F'));
    auto const read = decode(bytes, "C-1");
    REQUIRE(read.has_error());
    CHECK(read.error().code == errc::malformed);

    auto longer = bytes_of(sound_order()) + '\0';
    CHECK(decode(longer, "C-1").has_error());
}

TEST_CASE("the JSON of any fact is well formed and holds every field's text", "[fact][property]") {
    random_facts random{4};
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        auto const kind = static_cast<fact_kind>(k);
        CAPTURE(name_of(kind));
        for (int i = 0; i < 100; ++i) {
            auto const f = random.of(kind);
            auto const line = json_of(f);
            CAPTURE(line);
            REQUIRE(is_clean_utf8(line));  // so it is one line
            auto const parsed = boost::json::parse(line);
            auto const& object = parsed.as_object();
            REQUIRE(object.at("fact").as_string() == name_of(kind));
            auto const fields = fields_of(kind);
            for (std::size_t at = 0; at < fields.size(); ++at) {
                auto const value = text_of(f, at);
                auto const* found = object.if_contains(fields[at].name);
                if (fields[at].shape == field_shape::list) {
                    if (kind == fact_kind::corrected) continue;  // its changes stand beside the other fields
                    REQUIRE((found != nullptr) == (record_count(f, at) > 0));
                    if (found != nullptr) REQUIRE(found->as_array().size() == record_count(f, at));
                } else {
                    REQUIRE((found != nullptr) == value.has_value());
                    if (found != nullptr && found->is_string()) REQUIRE(found->as_string() == *value);
                    if (found != nullptr && fields[at].shape == field_shape::boolean)
                        REQUIRE(found->as_bool() == (*value == "true"));
                    if (found != nullptr && fields[at].shape == field_shape::number) REQUIRE(found->is_number());
                }
            }
        }
    }
}

TEST_CASE("a fact's JSON is the feed's line", "[fact]") {
    auto order = sound_order();
    order.lines.push_back({.product = "P-1", .quantity = decimal{25, 1}, .price = 5.00_CNY});
    order.lines.push_back({.product = "P \"2\" \\", .quantity = decimal{1, 0}, .price = 0_CNY});
    order.delegated = true;
    CHECK(
        json_of(order) ==
        R"({"fact":"order_placed","ref":"SO-1","at":"2026-03-02","customer":"C-1","order":"SO-1","amount":"12.50 CNY",)"
        R"("lines":[{"product":"P-1","quantity":2.5,"price":"5.00 CNY"},{"product":"P \"2\" \\","quantity":1,"price":"0.00 CNY"}],)"
        R"("delegated":true})");
    review_held review;
    review.at = 2026y / 3 / 31;
    review.period = period{2026y, std::chrono::March};
    CHECK(json_of(review) ==
          R"({"fact":"review_held","at":"2026-03-31","period":"2026-03"})");  // no ref yet: the feed gives one
    corrected mend{
        .ref = "K-1", .at = 2026y / 4 / 1, .customer = {}, .of = "SO-1", .changes = {{"amount", "13.00 CNY"}}};
    CHECK(json_of(mend) == R"({"fact":"corrected","ref":"K-1","at":"2026-04-01","of":"SO-1","amount":"13.00 CNY"})");
    std::string quoted;
    append_json_string(quoted, std::string_view{"a\n\"\\\x01元", 8});
    CHECK(quoted == "\"a\\u000a\\\"\\\\\\u0001元\"");
}

TEST_CASE("a sound fact is valid; a flaw is named by its field", "[fact]") {
    REQUIRE(validate(sound_order()));
    auto const refusal = [](fact const& f) {
        auto const outcome = validate(f);
        REQUIRE(outcome.has_error());
        CHECK_FALSE(outcome.error().remedy.empty());
        return std::pair{outcome.error().code, outcome.error().field};
    };
    using flaw = std::pair<errc, std::string>;

    auto order = sound_order();
    order.ref.clear();
    CHECK(validate(order));  // the feed derives one
    order.customer.clear();
    CHECK(refusal(order) == flaw{errc::missing_field, "customer"});

    order = sound_order();
    order.order.clear();
    CHECK(refusal(order) == flaw{errc::missing_field, "order"});

    order = sound_order();
    order.amount = money{-1, currency::literal("CNY")};
    CHECK(refusal(order) == flaw{errc::out_of_range, "amount"});
    order.amount = 0_CNY;
    CHECK(validate(order));  // a sample is an order

    order = sound_order();
    order.cost = money{-1, currency::literal("CNY")};
    CHECK(refusal(order) == flaw{errc::out_of_range, "cost"});

    order = sound_order();
    order.at = day{1899y / 12 / 31};
    CHECK(refusal(order) == flaw{errc::out_of_range, "at"});
    order.at = day{2200y / 1 / 1};
    CHECK(refusal(order) == flaw{errc::out_of_range, "at"});

    order = sound_order();
    order.customer = "C\n1";
    CHECK(refusal(order) == flaw{errc::invalid_utf8, "customer"});
    order.customer.assign(129, 'C');
    CHECK(refusal(order) == flaw{errc::too_long, "customer"});

    order = sound_order();
    order.lines.push_back({.product = "P-1", .quantity = decimal{-1, 0}, .price = 1_CNY});
    CHECK(refusal(order) == flaw{errc::out_of_range, "quantity"});
    order.lines.front() = {.product = "", .quantity = decimal{1, 0}, .price = 1_CNY};
    CHECK(refusal(order) == flaw{errc::missing_field, "product"});

    random_facts random{5};
    auto limit = std::get<limit_set>(random.of(fact_kind::limit_set));
    limit.amount = money{-1, currency{}};
    CHECK(refusal(limit) == flaw{errc::out_of_range, "amount"});
    limit.amount = limit_amount::unlimited();
    CHECK(validate(limit));

    auto invoice = std::get<invoice_issued>(random.of(fact_kind::invoice_issued));
    invoice.due = day{2300y / 1 / 1};
    CHECK(refusal(invoice) == flaw{errc::out_of_range, "due"});

    auto wallet = std::get<wallet_stated>(random.of(fact_kind::wallet_stated));
    wallet.period = period{};
    CHECK(refusal(wallet) == flaw{errc::out_of_range, "period"});

    auto complaint = std::get<complaint_raised>(random.of(fact_kind::complaint_raised));
    complaint.severity = 9;
    CHECK(refusal(complaint) == flaw{errc::out_of_range, "severity"});

    auto survey = std::get<survey_answered>(random.of(fact_kind::survey_answered));
    survey.expected = decimal{11, 0};
    CHECK(refusal(survey) == flaw{errc::out_of_range, "expected"});

    auto rate = std::get<rate_set>(random.of(fact_kind::rate_set));
    rate.rate = decimal{};
    CHECK(refusal(rate) == flaw{errc::out_of_range, "rate"});
    rate.rate = decimal{715, 2};
    CHECK(validate(rate));
    rate.from = {};
    CHECK(refusal(rate) == flaw{errc::missing_field, "from"});

    auto rebate = std::get<rebate_agreed>(random.of(fact_kind::rebate_agreed));
    rebate.bands.front().rate = band_rate{.per_unit = false, .percent = decimal{101, 0}, .amount = {}};
    CHECK(refusal(rebate) == flaw{errc::out_of_range, "rate"});
    rebate.bands.front().rate = band_rate{.per_unit = true, .percent = {}, .amount = money{-1, currency{}}};
    CHECK(refusal(rebate) == flaw{errc::out_of_range, "rate"});
    rebate.bands.front() = {};
    CHECK(validate(rebate));
    rebate.bands.front().from.value = money{-1, currency{}};
    CHECK(refusal(rebate) == flaw{errc::out_of_range, "from"});
    rebate.bands.clear();
    CHECK(refusal(rebate) == flaw{errc::missing_field, "bands"});

    auto mend = std::get<corrected>(random.of(fact_kind::corrected));
    CHECK(validate(mend));
    mend.changes.clear();
    CHECK(refusal(mend) == flaw{errc::missing_field, "changes"});
}

}  // namespace
