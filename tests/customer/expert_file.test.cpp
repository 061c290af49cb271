// What is kept of advice and of orders that were left to us (POW-11).
#include <patron/customer/expert_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace patron;

TEST_CASE("a result of advice is good, poor or untold", "[customer][expert]") {
    CHECK(advice_result_of("good") == advice_result::good);
    CHECK(advice_result_of("poor") == advice_result::poor);
    CHECK(advice_result_of("sold well") == advice_result::untold);
    CHECK(advice_result_of("") == advice_result::untold);
    CHECK(advice_result_of("Good") == advice_result::untold);
    CHECK(advice_result_of(std::nullopt) == advice_result::untold);
}

TEST_CASE("what is too old is forgotten once the first that was told is", "[customer][expert]") {
    expert_file file;
    CHECK(file.empty());
    file.advice = {{.on = 10}, {.on = 5, .is_taken = true}, {.on = 20}};
    file.delegated = {7, 30};
    CHECK_FALSE(file.empty());
    file.forget_before(7);
    CHECK(file.advice.size() == 3);  // the first is not too old: the late one waits
    CHECK(file.delegated.size() == 2);
    file.forget_before(11);
    REQUIRE(file.advice.size() == 1);
    CHECK(file.advice.front().on == 20);
    CHECK(file.delegated == std::vector<day_number>{30});
    file.forget_before(31);
    CHECK(file.empty());
}
