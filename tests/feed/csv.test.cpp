#include <patron/feed/csv.hpp>  // first: the header stands on its own

#include <fact/random_fact.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view header = "Invoice,CustomerID,InvoiceDate,Country,Total";

feed::csv_options orders() {
    feed::csv_options how;
    how.kind = fact_kind::order_placed;
    how.map = {{"at", "InvoiceDate"}, {"customer", "CustomerID"}, {"order", "Invoice"}, {"amount", "Total"}};
    how.date_format = "%d/%m/%Y";
    how.common = {.default_currency = currency::literal("GBP"), .source = "orders.csv"};
    return how;
}

std::vector<feed::record> parse(feed::csv_options const& how, std::string_view rows, std::string_view first = header) {
    auto const parser = feed::csv::make(how, first);
    if (!parser) FAIL(parser.error());
    std::vector<feed::record> out;
    parser.value().parse(rows, 2, out);
    return out;
}

fact fact_of(feed::csv_options const& how, std::string_view row, std::string_view first = header) {
    auto const records = parse(how, row, first);
    REQUIRE(records.size() == 1);
    if (!records[0].content) FAIL(records[0].content.error());
    return records[0].content.value();
}

error error_of(feed::csv_options const& how, std::string_view row, std::string_view first = header) {
    auto const records = parse(how, row, first);
    REQUIRE(records.size() == 1);
    CAPTURE(row);
    REQUIRE(records[0].content.has_error());
    CHECK(!records[0].content.error().remedy.empty());
    CHECK(is_clean_utf8(records[0].content.error().message()));
    return records[0].content.error();
}

TEST_CASE("a row of mapped columns is an order", "[feed][csv]") {
    std::string_view const row = "489434,13085,1/12/2009,United Kingdom,505.3";
    order_placed const expected{.ref = feed::derived_ref(row, 2),
                                .at = 2009y / 12 / 1,
                                .customer = "13085",
                                .order = "489434",
                                .amount = 505.30_GBP,
                                .lines = {},
                                .cost = {},
                                .delegated = {}};
    CHECK(fact_of(orders(), row) == fact{expected});
    CHECK(fact_of(orders(), std::string{row} + "\n") == fact{expected});
    CHECK(fact_of(orders(), std::string{row} + "\r\n") == fact{expected});
}

TEST_CASE("quotes hold separators, line ends and quotes", "[feed][csv]") {
    auto const records = parse(orders(),
                               "\"4,\"\"5\"\"\",\"13085\",01/12/2009,\"Great\r\nBritain\",505.30\r\n"
                               "\n"
                               "2,13085,01/12/2009,,\"1.00\"");
    REQUIRE(records.size() == 2);
    CHECK(std::get<order_placed>(records[0].content.value()).order == "4,\"5\"");
    CHECK(records[0].line == 2);
    CHECK(records[1].line == 5);
    CHECK(std::get<order_placed>(records[1].content.value()).amount == 1.00_GBP);
}

TEST_CASE("a cell of a mapped field may not span lines", "[feed][csv]") {
    // fields are one line of text: the row is rejected, not the file
    CHECK(error_of(orders(), "\"4\n5\",13085,01/12/2009,GB,1.00").code == errc::invalid_utf8);
}

TEST_CASE("an empty cell is a field left out", "[feed][csv]") {
    auto how = orders();
    how.map.emplace_back("cost", "Country");
    CHECK(!std::get<order_placed>(fact_of(how, "1,C,01/12/2009,,1.00")).cost);
    CHECK(!std::get<order_placed>(fact_of(how, "1,C,01/12/2009,\"\",1.00")).cost);
    auto const e = error_of(how, "1,,01/12/2009,,1.00");
    CHECK(e.code == errc::missing_field);
    CHECK(e.field == "customer");
}

TEST_CASE("a rejected row says which field, what it saw and what would do", "[feed][csv]") {
    auto const [row, code, field, saw,
                remedy] = GENERATE(table<char const*, errc, char const*, char const*, char const*>({
        {"1,C,01/12/2009,GB", errc::malformed, "Total", "4 cells", "the header has 5 columns"},
        {"1,C,01/12/2009,GB,1,000.00", errc::malformed, "", "6 cells",
         "the header has 5 columns; a cell that holds the separator stands in quotes"},
        {"1,C,2009-12-01,GB,1.00", errc::malformed, "at", "2009-12-01", "give it as %d/%m/%Y"},
        {"1,C,01/12/09,GB,1.00", errc::malformed, "at", "01/12/09", "give it as %d/%m/%Y"},
        {"1,C,01/12/2009 ,GB,1.00", errc::malformed, "at", "01/12/2009 ", "give it as %d/%m/%Y"},
        {"1,C,31/02/2009,GB,1.00", errc::out_of_range, "at", "31/02/2009", "the calendar has no such day"},
        {"1,C,01/01/0000,GB,1.00", errc::out_of_range, "at", "01/01/0000", "give a day from 1900-01-01 to 2199-12-31"},
        {"1,C,01/12/2009,GB,1.005", errc::wrong_scale, "amount", "1.005 GBP", "give at most 2 digits after the point"},
        {"1,C,01/12/2009,GB,-5.90", errc::out_of_range, "amount", "-5.90 GBP", "amounts are not negative"},
        {"1,C,01/12/2009,GB,\"1,000.00\"", errc::malformed, "amount", "1,000.00 GBP",
         "give an amount such as \"1200.00 CNY\""},
        {"1,C,01/12/2009,GB,1e999999", errc::malformed, "amount", "1e999999 GBP",
         "give an amount such as \"1200.00 CNY\""},
        {"1,C,01/12/2009,GB,NaN", errc::malformed, "amount", "NaN", "give an amount such as \"1200.00 CNY\""},
        {"1,C,01/12/2009,GB,12\" pipe", errc::malformed, "", "1,C,01/12/2009,GB,12\" pipe",
         "put the whole cell in quotes and double each quote inside it"},
        {"1,\"C\"x,01/12/2009,GB,1.00", errc::malformed, "", "1,\"C\"x,01/12/2009,GB,1.00",
         "put the whole cell in quotes and double each quote inside it"},
        {"\"", errc::malformed, "", "\"", "close the quote that the row opens"},
        {"1,\xC3\x28,01/12/2009,GB,1.00", errc::invalid_utf8, "customer", "(not clean UTF-8)",
         "give UTF-8 without control characters"},
    }));
    auto const e = error_of(orders(), row);
    CHECK(e.code == code);
    CHECK(e.field == field);
    CHECK(e.saw == saw);
    CHECK(e.remedy == remedy);
    CHECK(e.source == "orders.csv");
    CHECK(e.line == 2);
}

TEST_CASE("a lone quote costs its own line only", "[feed][csv]") {
    auto const records =
        parse(orders(),
              "\"1,C,01/12/2009,GB,1.00\n2,C,01/12/2009,GB,1.00\n3\",C,01/12/2009,GB,1.00\n4,C,01/12/2009,\"GB,1.00");
    // the first quote does close, in the third line: that is one row, whose cell is no field's text
    REQUIRE(records.size() == 2);
    CHECK(records[0].content.error().code == errc::invalid_utf8);
    CHECK(records[0].content.error().line == 2);
    CHECK(records[1].line == 5);
    CHECK(records[1].content.error().remedy == "close the quote that the row opens");

    auto const open = parse(orders(), "\"1,C,01/12/2009,GB,1.00\n2,C,01/12/2009,GB,1.00\n3,C,01/12/2009,GB,1.00\n");
    REQUIRE(open.size() == 3);
    CHECK(open[0].content.error().line == 2);
    CHECK(open[1].content.has_value());
    CHECK(open[2].line == 4);
    CHECK(open[2].content.has_value());
}

TEST_CASE("a NUL in a cell is rejected", "[feed][csv]") {
    CHECK(error_of(orders(), std::string_view{"1,C\0D,01/12/2009,GB,1.00", 25}).code == errc::invalid_utf8);
}

TEST_CASE("dates are read in the form that is given", "[feed][csv]") {
    struct row {
        char const* format;
        char const* cell;
        char const* at;
    };
    auto const [format, cell, at] = GENERATE(table<char const*, char const*, char const*>({
        {"%d/%m/%Y", "31/1/2010", "2010-01-31"},
        {"%m/%d/%Y", "1/31/2010", "2010-01-31"},
        {"%Y%m%d", "20100131", "2010-01-31"},
        {"%Y-%m-%d %H:%M:%S", "2010-01-31 07:45:09", "2010-01-31T07:45:09Z"},
        {"%Y-%m-%d %H:%M", "2010-01-31 7:45", "2010-01-31T07:45:00Z"},
        {"%Y-%m-%dT%H:%M:%SZ", "2010-01-31T00:00:00Z", "2010-01-31"},
        {"%d.%m.%y", "31.01.68", "2068-01-31"},
        {"%d.%m.%y", "31.01.69", "1969-01-31"},
        {"", "2010-01-31", "2010-01-31"},
        {"", "2010-01-31T07:45:09Z", "2010-01-31T07:45:09Z"},
    }));
    auto how = orders();
    how.date_format = format;
    CAPTURE(format, cell);
    CHECK(head_of(fact_of(how, "1,C," + std::string{cell} + ",GB,1.00")).at.to_string() == at);
}

TEST_CASE("a date format that could be read two ways is refused", "[feed][csv]") {
    auto const format =
        GENERATE("%d/%m", "%Y", "%d/%m/%Y/%y", "%d/%m/%Y %d", "%b %d %Y", "%", "%Y-%m-%d 1", "%d/%m/%Y%");
    auto how = orders();
    how.date_format = format;
    auto const made = feed::csv::make(how, header);
    REQUIRE(made.has_error());
    CHECK(made.error().code == errc::malformed);
    CHECK(made.error().field == "date_format");
    CHECK(made.error().saw == format);
}

TEST_CASE("every field that is a date follows the format", "[feed][csv]") {
    feed::csv_options how;
    how.kind = fact_kind::invoice_issued;
    how.map = {{"at", "a"}, {"due", "d"}, {"customer", "c"}, {"invoice", "i"}, {"amount", "m"}};
    how.date_format = "%d.%m.%Y %H:%M";
    auto const read =
        std::get<invoice_issued>(fact_of(how, "01.02.2025 10:30,03.04.2025 00:00,C,I,1.00 EUR", "a,d,c,i,m"));
    CHECK(read.at.to_string() == "2025-02-01T10:30:00Z");
    CHECK(read.due == day{2025y / 4 / 3});

    how.kind = fact_kind::wallet_stated;
    how.map = {{"at", "a"}, {"period", "p"}, {"customer", "c"}, {"amount", "m"}};
    CHECK(std::get<wallet_stated>(fact_of(how, "01.02.2025 10:30,01.01.2025 00:00,C,1.00", "a,p,c,m")).period ==
          period{2025y, std::chrono::January});
    CHECK(std::get<wallet_stated>(fact_of(how, "01.02.2025 10:30,2025-01,C,1.00", "a,p,c,m")).period ==
          period{2025y, std::chrono::January});
}

TEST_CASE("a column may name the fact of its row", "[feed][csv]") {
    feed::csv_options how;
    auto const records = parse(how,
                               "order_placed,C,2025-01-31,O-1,,5.00\n"
                               "customer_enrolled,C,2025-01-31,,Acme,\n"
                               "order_placed,C,2025-01-31,O-2,Acme,5.00\n"
                               "order_plcaed,C,2025-01-31,O-2,,5.00\n"
                               "corrected,,2025-01-31,,Acme,5.00\n",
                               "fact,customer,at,order,name,amount");
    REQUIRE(records.size() == 5);
    CHECK(kind_of(records[0].content.value()) == fact_kind::order_placed);
    CHECK(std::get<customer_enrolled>(records[1].content.value()).name == "Acme");
    CHECK(records[2].content.error().code == errc::unknown_field);
    CHECK(records[2].content.error().field == "name");
    CHECK(records[3].content.error().remedy == "did you mean \"order_placed\"?");
    CHECK(records[4].content.error().field == "of");
}

TEST_CASE("fixed values and filters need no column of their own", "[feed][csv]") {
    feed::csv_options how;
    how.kind = fact_kind::customer_enrolled;
    how.map = {{"customer", "id"}, {"name", "name"}};
    how.fixed = {{"kind", "distributor"}, {"at", "2025-01-31"}};
    how.where = {{"type", "dealer"}};
    auto const records = parse(how, "1,Acme,dealer\n2,Jo,person\n3,Bmco,\"dealer\"\n", "id,name,type");
    REQUIRE(records.size() == 2);
    CHECK(std::get<customer_enrolled>(records[0].content.value()).kind == customer_kind::distributor);
    CHECK(head_of(records[1].content.value()).customer == "3");
    CHECK(records[1].line == 4);
}

TEST_CASE("a map that cannot work is refused before the first row", "[feed][csv]") {
    struct row {
        std::vector<std::pair<std::string, std::string>> map;
        errc code;
        char const* field;
        char const* remedy;
    };
    std::vector<row> const rows{
        {{{"at", "When"}},
         errc::missing_field,
         "at",
         "no such column; the header has Invoice, CustomerID, InvoiceDate, Country, Total"},
        {{{"at", "InvoiceDate"}},
         errc::missing_field,
         "customer",
         "map it to one of the columns Invoice, CustomerID, InvoiceDate, Country, Total"},
        {{{"amout", "Total"}},
         errc::unknown_field,
         "amout",
         "order_placed has ref, at, customer, order, amount, lines, cost, delegated, quotation, delivery_date, rate"},
        {{{"at", "InvoiceDate"}, {"at", "Country"}}, errc::malformed, "at", "give each field once"},
        {{{"lines", "Total"}}, errc::not_supported, "lines", "a cell holds no list: give such facts as JSON Lines"},
        {{{"fact", "Country"}}, errc::malformed, "fact", "name one fact, or map \"fact\" to a column"},
        {{},
         errc::unknown_field,
         "Invoice",
         "order_placed has ref, at, customer, order, amount, lines, cost, delegated, quotation, delivery_date, rate"},
    };
    for (auto const& [map, code, field, remedy] : rows) {
        auto how = orders();
        how.map = map;
        auto const made = feed::csv::make(how, header);
        REQUIRE(made.has_error());
        CHECK(made.error().code == code);
        CHECK(made.error().field == field);
        CHECK(made.error().remedy == remedy);
        CHECK(made.error().source == "orders.csv");
    }
    auto how = orders();
    CHECK(feed::csv::make(how, "Invoice,CustomerID,InvoiceDate,Country,Total,Total").error().code == errc::malformed);
    CHECK(feed::csv::make(how, "Invoice,\"CustomerID").error().remedy == "close the quote that the row opens");
    CHECK(feed::csv::make(how, "").error().code == errc::missing_field);
    how.kind.reset();
    CHECK(feed::csv::make(how, header).error().field == "fact");
    how.kind = fact_kind::rebate_agreed;
    how.map = {{"at", "InvoiceDate"},
               {"customer", "CustomerID"},
               {"agreement", "Invoice"},
               {"basis", "Country"},
               {"method", "Total"}};
    CHECK(feed::csv::make(how, header).error().code == errc::not_supported);
    CHECK(feed::csv::make(orders(), "\xEF\xBB\xBFInvoice,CustomerID,InvoiceDate,\"Country\",Total\r\n").has_value());
}

TEST_CASE("a header that is no text is named in clean words", "[feed][csv]") {
    auto const broken = feed::csv::make(orders(), "Invoice,\xFF\xCC,Customer\x01").error();
    CHECK(broken.code == errc::missing_field);
    CHECK(broken.remedy == "no such column; the header has Invoice, (not clean UTF-8), (not clean UTF-8)");
    CHECK(feed::csv::make(orders(), std::string(100'000, ',')).error().message().ends_with(" and 99981 more"));
}

TEST_CASE("other separators do as well", "[feed][csv]") {
    auto how = orders();
    auto const separator = GENERATE(';', '\t', '|');
    how.separator = separator;
    auto const with = [&](std::string text) {
        for (char& c : text) c = c == '#' ? separator : c;
        return text;
    };
    auto const number =
        separator == '\t' ? std::string{"1,2"} : std::string{"1"} + separator + "2";  // a tab is no text
    auto const read = std::get<order_placed>(fact_of(how, '"' + number + '"' + with("#C,D#01/12/2009##5.00"),
                                                     with("Invoice#CustomerID#InvoiceDate#Country#Total")));
    CHECK(read.order == number);
    CHECK(read.customer == "C,D");
}

TEST_CASE("any cells come back from the record that they are written as", "[feed][csv]") {
    std::mt19937 random{3};
    for (int round = 0; round < 5'000; ++round) {
        std::vector<std::string> cells(1 + random() % 6);
        std::string text;
        for (auto& cell : cells) {
            for (auto n = random() % 8; n > 0; --n) cell += "a\",;\r\n \0x\xC3"[random() % 10];
            if (&cell != &cells.front()) text += ',';
            feed::append_csv_cell(text, cell);
        }
        CAPTURE(text);
        auto const split = feed::split_csv_record(text);
        REQUIRE(split.has_value());
        REQUIRE(split.value() == cells);
    }
}

TEST_CASE("a fact's fields come back from cells", "[feed][csv]") {
    tests::random_facts random{99};
    for (int round = 0; round < 400; ++round) {
        auto f = random.any();
        auto const fields = fields_of(kind_of(f));
        bool lists = false;
        feed::csv_options how;
        how.kind = kind_of(f);
        std::string first;
        std::string row;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            lists |= fields[i].shape == field_shape::list && (fields[i].required || record_count(f, i) > 0);
            if (fields[i].shape == field_shape::list) continue;
            (first += first.empty() ? "" : ",") += fields[i].name;
            if (i > 0) row += ',';
            feed::append_csv_cell(row, text_of(f, i).value_or(""));
        }
        if (lists) continue;
        INFO(first << '\n' << row);
        REQUIRE(fact_of(how, row, first) == f);
    }
}

}  // namespace
