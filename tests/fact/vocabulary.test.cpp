#include <patron/fact/vocabulary.hpp>  // first: the header stands on its own

#include <patron/fact/fact.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace patron;

namespace {

// the contract's table of facts: required fields, then optional ones, without ref, at and customer
struct row {
    char const* fact;
    char const* required;
    char const* optional;
    bool whole_book = false;
};
constexpr row contract[] = {
    {"customer_enrolled", "name", "kind parent region territory owner currency terms_days channel"},
    {"wallet_stated", "period amount", "source"},
    {"order_placed", "order amount", "lines cost delegated quotation delivery_date rate"},
    {"order_cancelled", "order", "amount"},
    {"order_reopened", "order", "amount"},
    {"goods_delivered", "order", "amount"},
    {"goods_returned", "amount", "order lines rate"},
    {"invoice_issued", "invoice amount due", "order rate"},
    {"payment_received", "amount", "invoice rate"},
    {"credit_note_issued", "invoice amount", ""},
    {"invoice_disputed", "invoice", ""},
    {"dispute_settled", "invoice", ""},
    {"limit_set", "amount", "until by reason per_document mode seasons review_on"},
    {"temporary_limit_granted", "amount", "until by reason"},
    {"override_granted", "amount by reason until", "order tolerance_percent"},
    {"reservation_made", "reservation amount", "until order"},
    {"reservation_released", "reservation amount", "until order"},
    {"rate_set", "from to rate", "", true},
    {"rebate_agreed", "agreement basis method bands", "from until product by cap minimum scope"},
    {"rebate_settled", "agreement kind", "amount"},
    {"deposit_paid", "amount", ""},
    {"deposit_refunded", "amount", ""},
    {"stock_reported", "period product purchases sales closing", "opening adjustment"},
    {"resale_observed", "product price", "territory"},
    {"supply_price_set", "product channel price", "floor", true},
    {"contact_added", "person role", "department level weight known_by"},
    {"contact_left", "person", ""},
    {"visit_made", "by", "person purpose level result"},
    {"survey_answered", "aspect perceived expected", ""},
    {"complaint_raised", "complaint severity", "subject end_customer"},
    {"complaint_acknowledged", "complaint", ""},
    {"complaint_acted", "complaint", ""},
    {"complaint_confirmed", "complaint", ""},
    {"complaint_reopened", "complaint", ""},
    {"opening_spotted", "kind", "until"},
    {"agreement_signed", "agreement", "kind until territory"},
    {"agreement_ended", "agreement", "kind until territory"},
    {"competitor_observed", "competitor", "strength"},
    {"breach_reported", "rule severity", "evidence"},
    {"advice_given", "by", "result"},
    {"advice_taken", "by", "result"},
    {"gift_registered", "amount kind", "person"},
    {"development_step", "to", "evidence"},
    {"obstacle_found", "obstacle", "blocking"},
    {"obstacle_removed", "obstacle", "blocking"},
    {"relationship_ended", "by cause", ""},
    {"relationship_reopened", "", "cause"},
    {"review_held", "period", "", true},
    {"reward_fulfilled", "effect", "by"},
    {"reward_reversed", "effect cause", ""},
    {"sanction_appealed", "effect", "cause"},
    {"appeal_decided", "effect upheld by", ""},
    {"sanction_withdrawn", "effect cause", "by"},
    {"sanction_lifted", "effect by", ""},
    {"order_held", "order amount", "step reasons until by reason terms_days quotation delivery_date"},
    {"hold_rejected", "order by reason", ""},
    {"quotation_made", "quotation amount", "until"},
    {"quotation_withdrawn", "quotation", "amount"},
    {"guarantee_received", "guarantee amount", "by until"},
    {"guarantee_returned", "guarantee", "amount"},
    {"dealer_support_set", "product amount", "until by"},
    {"promotion_planned", "tier due", "by"},
    {"rebate_offered", "agreement kind basis method bands", "from until product by cap minimum", true},
};

TEST_CASE("each fact has the fields that the contract gives it", "[fact][vocabulary]") {
    static_assert(std::size(contract) + 1 == fact_kind_count, "corrected stands apart");
    for (auto const& expected : contract) {
        CAPTURE(expected.fact);
        auto const kind = fact_kind_of(expected.fact);
        REQUIRE(kind);
        std::string required;
        std::string optional;
        std::size_t at = 0;
        for (auto const& field : fields_of(*kind)) {
            if (at++ < (expected.whole_book ? 2U : 3U)) continue;
            auto& list = field.required ? required : optional;
            if (!list.empty()) list += ' ';
            list += field.name;
        }
        CHECK(required == expected.required);
        CHECK(optional == expected.optional);
    }
}

TEST_CASE("ref, at and customer come first", "[fact][vocabulary]") {
    for (auto const& expected : contract) {
        CAPTURE(expected.fact);
        auto const fields = fields_of(fact_kind_of(expected.fact).value());
        REQUIRE(fields.size() >= 2);
        CHECK(fields[0].name == "ref");
        CHECK(fields[1].name == "at");
        if (!expected.whole_book) {
            REQUIRE(fields.size() >= 3);
            CHECK(fields[2].name == "customer");
            CHECK(fields[2].required);
        }
    }
}

TEST_CASE("a correction names the fact and the fields that it mends", "[fact][vocabulary]") {
    auto const fields = fields_of(fact_kind::corrected);
    REQUIRE(fields.size() == 5);
    CHECK(fields[2].name == "customer");
    CHECK_FALSE(fields[2].required);
    CHECK(fields[3].name == "of");
    CHECK(fields[3].required);
    CHECK(fields[4].name == "changes");
    CHECK(fields[4].required);
}

TEST_CASE("the records of a list are described like facts", "[fact][vocabulary]") {
    auto const lines = fields_of(fact_kind::order_placed)[5];
    REQUIRE(lines.name == "lines");
    CHECK(lines.shape == field_shape::list);
    REQUIRE(lines.record.size() == 3);
    CHECK(lines.record[0].name == "product");
    CHECK(lines.record[0].shape == field_shape::text);
    CHECK(lines.record[1].name == "quantity");
    CHECK(lines.record[1].shape == field_shape::number);
    CHECK(lines.record[2].name == "price");
    CHECK(lines.record[2].shape == field_shape::money);
    CHECK(fields_of(fact_kind::rebate_agreed)[6].record.size() == 2);
}

}  // namespace
