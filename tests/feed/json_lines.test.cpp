#include <patron/feed/json_lines.hpp>  // first: the header stands on its own

#include <fact/random_fact.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;
using patron::tests::random_facts;

namespace {

std::vector<feed::record> parse(std::string_view text, feed::options how = {}) {
    std::vector<feed::record> out;
    feed::json_lines{std::move(how)}.parse(text, 1, out);
    return out;
}

/// The one fact that the line states.
fact fact_of(std::string_view line, feed::options how = {}) {
    auto records = parse(line, std::move(how));
    REQUIRE(records.size() == 1);
    INFO(line);
    if (!records[0].content) FAIL(records[0].content.error());
    return records[0].content.value();
}

error error_of(std::string_view line, feed::options how = {}) {
    auto const records = parse(line, std::move(how));
    CAPTURE(line.substr(0, 200));
    REQUIRE(records.size() == 1);
    REQUIRE(records[0].content.has_error());
    auto e = records[0].content.error();
    CHECK(e.line == records[0].line);
    CHECK(!e.remedy.empty());
    CHECK(is_clean_utf8(e.message()));
    CHECK(e.message().size() < 800);
    return e;
}

/// A sound order with `rest` after its other fields.
std::string order(std::string_view rest) {
    return R"({"fact":"order_placed","ref":"R","at":"2025-01-31","customer":"C-1","order":"O-1")" + std::string{rest} +
           '}';
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

TEST_CASE("an order is read whatever the order of its keys", "[feed][json_lines]") {
    order_placed const expected{.ref = "R",
                                .at = 2025y / 1 / 31,
                                .customer = "C-1",
                                .order = "O-1",
                                .amount = 12.50_CNY,
                                .lines = {},
                                .cost = 7.00_CNY,
                                .delegated = true};
    CHECK(fact_of(order(R"(,"amount":"12.50 CNY","cost":"7.00 CNY","delegated":true)")) == fact{expected});
    CHECK(fact_of(R"( { "delegated" : true,"cost":"7.00 CNY", "amount":"12.50 CNY" ,"order":"O-1","customer":"C-1",)"
                  R"("at":"2025-01-31","ref":"R","fact":"order_placed" } )") == fact{expected});
}

TEST_CASE("the lines of an order keep their numbers as written", "[feed][json_lines]") {
    auto const read = std::get<order_placed>(fact_of(order(
        R"(,"amount":"12.50 CNY","lines":[{"product":"p","quantity":0.1,"price":"3.00 CNY"},{"price":"4.00","product":"q","quantity":"2"}])")));
    REQUIRE(read.lines.size() == 2);
    CHECK(read.lines[0] == order_line{"p", decimal{1, 1}, 3.00_CNY});
    CHECK(read.lines[1] == order_line{"q", decimal{2, 0}, money{4'0000, {}}});
}

TEST_CASE("null, an empty list and a field left out are the same", "[feed][json_lines]") {
    auto const plain = fact_of(order(R"(,"amount":"1.00 CNY")"));
    CHECK(fact_of(order(R"(,"amount":"1.00 CNY","cost":null,"lines":[])")) == plain);
    CHECK(fact_of(order(R"(,"amount":"1.00 CNY","lines":null)")) == plain);
}

TEST_CASE("escapes are undone, in keys too", "[feed][json_lines]") {
    auto const read = std::get<customer_enrolled>(fact_of(
        R"({"\u0066act":"customer_enrolled","ref":"a","at":"2025-01-31","customer":"C\u002d1","na\u006de":"Caf\u00e9 \"Zur Post\" \ud83d\ude00"})"));
    CHECK(read.customer == "C-1");
    CHECK(read.name == "Caf\xC3\xA9 \"Zur Post\" \xF0\x9F\x98\x80");
}

TEST_CASE("a correction takes the fields that change", "[feed][json_lines]") {
    auto const read = std::get<corrected>(fact_of(
        R"({"fact":"corrected","at":"2025-02-01","amount":"5.00 CNY","of":"R","ref":"K","delegated":true,"terms_days":30})"));
    CHECK(read.of == "R");
    CHECK(!read.customer);
    CHECK(read.changes ==
          std::vector<field_change>{{"amount", "5.00 CNY"}, {"delegated", "true"}, {"terms_days", "30"}});
}

TEST_CASE("a bare amount is in the currency that the feed is said to be in", "[feed][json_lines]") {
    feed::options const pounds{.default_currency = currency::literal("GBP")};
    auto const amount_of = [&](char const* text) {
        return std::get<order_placed>(fact_of(order(text), pounds)).amount;
    };
    CHECK(amount_of(R"(,"amount":"505.3")") == 505.30_GBP);
    CHECK(amount_of(R"(,"amount":"505.30 CNY")") == 505.30_CNY);
    CHECK(std::get<order_placed>(fact_of(order(R"(,"amount":"505.3")"))).amount == money{505'3000, {}});
    CHECK(error_of(order(R"(,"amount":"505.305")"), pounds).code == errc::wrong_scale);

    auto const limit = std::get<limit_set>(
        fact_of(R"({"fact":"limit_set","at":"2025-01-31","customer":"C","amount":"unlimited"})", pounds));
    CHECK(limit.amount.is_unlimited());
    // a bare whole number is where a band by quantity begins; with a point it is an amount
    auto const rebate = std::get<rebate_agreed>(fact_of(
        R"({"fact":"rebate_agreed","at":"2025-01-31","customer":"C","agreement":"A","basis":"paid","method":"rolling","bands":[{"from":"100","rate":"2.5%"},{"from":"200.00","rate":"3"}]})",
        pounds));
    CHECK(rebate.bands[0].from.by_quantity);
    CHECK(rebate.bands[1].from.value == 200.00_GBP);
    CHECK(rebate.bands[1].rate.amount == 3.00_GBP);
}

TEST_CASE("lines may be blank, end in CR LF or not end at all, and count", "[feed][json_lines]") {
    auto const row = order(R"(,"amount":"1.00 CNY")");
    auto const records = parse("\xEF\xBB\xBF" + row + "\r\n\n \t\r\n" + row + "\n{\n" + row);
    REQUIRE(records.size() == 4);
    CHECK(records[0].line == 1);
    CHECK(records[0].content.has_value());
    CHECK(records[1].line == 4);
    CHECK(records[1].content.has_value());
    CHECK(records[2].line == 5);
    CHECK(records[2].content.error().code == errc::malformed);
    CHECK(records[3].line == 6);
    CHECK(records[3].content.has_value());
}

TEST_CASE("a byte order mark belongs at the beginning of a source only", "[feed][json_lines]") {
    std::vector<feed::record> out;
    feed::json_lines{}.parse("\xEF\xBB\xBF" + order(R"(,"amount":"1.00 CNY")"), 2, out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].content.has_error());
}

TEST_CASE("a row without a reference gets one from its text and its line", "[feed][json_lines]") {
    std::string const row =
        R"({"fact":"order_placed","at":"2025-01-31","customer":"C-1","order":"O-1","amount":"1.00 CNY"})";
    auto const text = row + "\n" + row + "\r\n";
    auto const first = parse(text);
    auto const again = parse(text);
    REQUIRE(first.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        auto const ref = head_of(first[i].content.value()).ref;
        CHECK(ref == feed::derived_ref(row, i + 1));
        CHECK(ref == head_of(again[i].content.value()).ref);
    }
    CHECK(head_of(first[0].content.value()).ref != head_of(first[1].content.value()).ref);
}

TEST_CASE("a rejected row says which field, what it saw and what would do", "[feed][json_lines]") {
    struct row {
        char const* rest;
        errc code;
        char const* field;
        char const* saw;
        char const* remedy;
    };
    auto const [rest, code, field, saw,
                remedy] = GENERATE(table<char const*, errc, char const*, char const*, char const*>({
        {R"(,"amount":"1.00 CNY","amout":"1")", errc::unknown_field, "amout", "",
         "order_placed has ref, at, customer, order, amount, lines, cost, delegated, quotation, delivery_date, rate"},
        {R"()", errc::missing_field, "amount", "", "order_placed needs at, customer, order, amount"},
        {R"(,"amount":null)", errc::missing_field, "amount", "", "order_placed needs at, customer, order, amount"},
        {R"(,"amount":"1.00 CNY","order":"O-2")", errc::malformed, "order", "", "give each field once"},
        {R"(,"amount":"1.00 CNY","cost":null,"cost":null)", errc::malformed, "cost", "", "give each field once"},
        {R"(,"amount":"1.00 CNY","fact":"order_placed")", errc::malformed, "fact", "", "give each field once"},
        {R"(,"amount":12.5)", errc::malformed, "amount", "12.5", "give a string such as \"1200.00 CNY\""},
        {R"(,"amount":NaN)", errc::malformed, "amount", "NaN}",
         "give one JSON object a line; this one breaks at column 92"},
        {R"(,"amount":Infinity)", errc::malformed, "amount", "Infinity}",
         "give one JSON object a line; this one breaks at column 92"},
        {R"(,"amount":"-1.00 CNY")", errc::out_of_range, "amount", "-1.00 CNY", "amounts are not negative"},
        {R"(,"amount":"1.001 CNY")", errc::wrong_scale, "amount", "1.001 CNY", "give at most 2 digits after the point"},
        {R"(,"amount":"1.00 XTS")", errc::unknown_currency, "amount", "XTS",
         "give an ISO 4217 code in upper case, such as \"CNY\""},
        {R"(,"amount":"99999999999999999999 CNY")", errc::amount_overflow, "amount", "99999999999999999999 CNY",
         "amounts are at most 2^63 - 1 minor units"},
        {R"(,"amount":"1.00 CNY","delegated":"yes")", errc::malformed, "delegated", "yes", "give true or false"},
        {R"(,"amount":"1.00 CNY","lines":{})", errc::malformed, "lines", "",
         "a row is one object of values and of lists of flat records"},
        {R"(,"amount":"1.00 CNY","lines":[1])", errc::malformed, "lines", "",
         "a row is one object of values and of lists of flat records"},
        {R"(,"amount":"1.00 CNY","lines":"none")", errc::malformed, "lines", "none",
         "give a list of objects, such as [{...}]"},
        {R"(,"amount":[])", errc::malformed, "amount", "", "give one value, not a list"},
        {R"(,"amount":"1.00 CNY","lines":[{"product":"p","quantity":1,"price":"1"},{"product":"p","price":"1"}])",
         errc::missing_field, "quantity", "", "give it in record 2 of lines"},
        {R"(,"amount":"1.00 CNY","lines":[{"product":"p","product":"p"}])", errc::malformed, "product", "",
         "give each field once"},
        {R"(,"amount":"1.00 CNY","lines":[{"colour":"red"}])", errc::unknown_field, "colour", "",
         "a record of lines has product, quantity, price"},
        {R"(,"amount":"1.00 CNY","lines":[{"product":"p","quantity":1e3,"price":"1"}])", errc::malformed, "quantity",
         "1e3", "write numbers in plain digits, without an exponent"},
    }));
    auto const e = error_of(order(rest), {.source = "orders.jsonl"});
    CHECK(e.code == code);
    CHECK(e.field == field);
    CHECK(e.saw == saw);
    CHECK(e.remedy == remedy);
    CHECK(e.source == "orders.jsonl");
    CHECK(e.line == 1);
}

TEST_CASE("a row that names no known fact is told the nearest one", "[feed][json_lines]") {
    CHECK(error_of(R"({"fact":"order_plaed"})").remedy == "did you mean \"order_placed\"?");
    CHECK(error_of(R"({"fact":"order_plaed"})").code == errc::unknown_fact);
    CHECK(error_of(R"({"fact":"zzzzzzzzzzzzzzzzzzzzzz"})").remedy ==
          "name a fact of the vocabulary, such as \"order_placed\"");
    CHECK(error_of(R"({"fact":""})").code == errc::unknown_fact);
    CHECK(error_of("{\"fact\":\"" + std::string(1'000'000, 'x') + "\"}").saw.size() <= 80);
    CHECK(error_of(R"({"at":"2025-01-31"})").code == errc::missing_field);
    CHECK(error_of(R"({"at":"2025-01-31"})").field == "fact");
    CHECK(error_of(R"({"fact":3})").code == errc::malformed);
    CHECK(error_of(R"({"fact":null})").code == errc::malformed);
    CHECK(error_of(R"({"fact":["order_placed"]})").code == errc::malformed);
}

TEST_CASE("a correction that mends nothing sensible is rejected", "[feed][json_lines]") {
    struct row {
        char const* rest;
        errc code;
        char const* field;
    };
    auto const [rest, code, field] = GENERATE(table<char const*, errc, char const*>({
        {R"("of":"R")", errc::missing_field, "changes"},
        {R"("amount":"1.00")", errc::missing_field, "of"},
        {R"("of":"R","amuont":"1.00")", errc::unknown_field, "amuont"},
        {R"("of":"R","amount":"1.00","amount":"2.00")", errc::malformed, "amount"},
        {R"("of":"R","until":null)", errc::malformed, "until"},
        {R"("of":"R","lines":[])", errc::malformed, "lines"},
        {R"("of":"R","changes":"x")", errc::unknown_field, "changes"},
        {R"("of":"R","terms_days":1e2)", errc::malformed, "terms_days"},
    }));
    auto const e = error_of(R"({"fact":"corrected","at":"2025-01-31",)" + std::string{rest} + "}");
    CHECK(e.code == code);
    CHECK(e.field == field);
}

TEST_CASE("hostile rows are rejected, and cost nothing but themselves", "[feed][json_lines]") {
    struct row {
        std::string text;
        errc code;
    };
    auto const sound = order(R"(,"amount":"1.00 CNY")");
    auto const with = [](std::string value) { return order(R"(,"amount":"1.00 CNY","cost":)" + value); };
    std::vector<row> const rows{
        {repeated("[", 20'000), errc::too_long},
        {repeated("[", 20'000) + repeated("]", 20'000), errc::too_long},
        {repeated(R"({"a":)", 20'000), errc::too_long},
        {with(repeated("[", 20'000)), errc::too_long},
        {order(R"(,"lines":)" + repeated(R"([{"product":)", 20'000)), errc::too_long},
        {order(R"(,"lines":[)" + repeated("1,", 500'000) + "1]"), errc::malformed},
        {order(R"(,"lines":[)" + repeated("{},", 500'000) + "{}]"), errc::too_long},
        {order(R"(,"lines":[)" + repeated(R"({"product":"p","quantity":1,"price":"1"},)", 10'000) +
               R"({"product":"p","quantity":1,"price":"1"}])"),
         errc::too_long},
        {"[" + repeated("1,", 1'000'000) + "1]", errc::malformed},
        {"{" + repeated(R"("a":1,)", 100'000) + R"("b":1})", errc::too_long},
        {with("1e999999"), errc::malformed},
        {with("-1e-999999999999999999999"), errc::malformed},
        {with("1" + std::string(100'000, '0')), errc::malformed},
        {with("\"" + std::string(100'000, '9') + "\""), errc::amount_overflow},
        {R"({"fact":"order_placed","at":"0000-01-01","customer":"C","order":"O","amount":"1"})", errc::out_of_range},
        {R"({"fact":"order_placed","at":"-001-01-01","customer":"C","order":"O","amount":"1"})", errc::malformed},
        {R"({"fact":"order_placed","at":"2025-02-29","customer":"C","order":"O","amount":"1"})", errc::out_of_range},
        {R"({"fact":"order_placed","at":"2025-01-31","customer":1e9,"order":"O","amount":"1"})", errc::malformed},
        {std::string{"{\"fact\":\"order\0placed\"}", 23}, errc::invalid_utf8},
        {std::string(1, '\0'), errc::invalid_utf8},
        {R"({"fact":"order_placed","at":"2025-01-31","customer":"C\u0000","order":"O","amount":"1"})",
         errc::invalid_utf8},
        {R"({"fact":"order_placed","at":"2025-01-31","customer":"\ud800","order":"O","amount":"1"})", errc::malformed},
        {"{\"fact\":\"order_placed\",\"customer\":\"\xC3\x28\"}", errc::invalid_utf8},
        {"{\"fact\":\"order_placed\",\"customer\":\"\xF0\x9F\x98\"}", errc::invalid_utf8},
        {"{\"fact\":\"order_placed\",\"\xFF\":1}", errc::invalid_utf8},
        {"\xFF\xFE{", errc::invalid_utf8},
        {"\"", errc::malformed},
        {"{\"", errc::malformed},
        {"{", errc::malformed},
        {sound.substr(0, sound.size() - 1), errc::malformed},
        {sound + sound, errc::malformed},
        {sound + ",", errc::malformed},
        {"// " + sound, errc::malformed},
        {"true", errc::malformed},
        {"{} {}", errc::malformed},
    };
    for (auto const& [text, code] : rows) {
        CAPTURE(text.substr(0, 120));
        auto const records = parse(sound + "\n" + text + "\n" + sound);
        REQUIRE(records.size() == 3);
        CHECK(records[0].content.has_value());
        REQUIRE(records[1].content.has_error());
        CHECK(records[1].content.error().code == code);
        CHECK(records[1].content.error().line == 2);
        CHECK(is_clean_utf8(records[1].content.error().message()));
        CHECK(records[1].content.error().message().size() < 800);
        CHECK(records[2].content.has_value());
    }
}

TEST_CASE("any fact reads back from the JSON that it is written as", "[feed][json_lines]") {
    random_facts random{20250131};
    std::string text;
    std::vector<fact> written;
    for (std::size_t k = 0; k < fact_kind_count; ++k) {
        for (int i = 0; i < 40; ++i) {
            auto f = random.of(static_cast<fact_kind>(k));
            if (auto* const correction = std::get_if<corrected>(&f)) {
                static constexpr char const* names[] = {"amount", "order", "until", "kind"};
                correction->changes.resize(std::min<std::size_t>(correction->changes.size(), std::size(names)));
                for (std::size_t c = 0; c < correction->changes.size(); ++c) correction->changes[c].field = names[c];
            }
            append_json(text, f);
            text += '\n';
            written.push_back(std::move(f));
        }
    }
    auto const records = parse(text);
    REQUIRE(records.size() == written.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        std::string line;
        append_json(line, written[i]);
        INFO(line);
        if (!records[i].content) FAIL(records[i].content.error());
        REQUIRE(records[i].content.value() == written[i]);
        REQUIRE(records[i].line == i + 1);
    }
}

TEST_CASE("one parser serves several threads", "[feed][json_lines][threads]") {
    random_facts random{7};
    std::string text;
    for (int i = 0; i < 300; ++i) {
        append_json(text, random.of(fact_kind::order_placed));
        text += i % 7 == 0 ? "\n{\n" : "\n";
    }
    feed::json_lines const parser{{.default_currency = currency::literal("EUR")}};
    std::vector<std::vector<feed::record>> read(4);
    {
        std::vector<std::jthread> threads;
        for (auto& out : read) threads.emplace_back([&] { parser.parse(text, 1, out); });
    }
    for (auto const& out : read) {
        REQUIRE(out.size() == read[0].size());
        for (std::size_t i = 0; i < out.size(); ++i) REQUIRE((out[i].content == read[0][i].content));
    }
}

}  // namespace
