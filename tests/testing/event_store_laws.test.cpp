#include <patron/testing/event_store_laws.hpp>  // first: the header stands on its own

#include <patron/store/memory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string_view>

using namespace patron;

namespace {

/// A store in memory with a fault of its own.
template <class Fault>
struct faulty : store::memory_store {
    result<append_outcome> append(append_batch const& batch) {
        return append_with([&]() -> result<append_batch> { return batch; });
    }
    result<append_outcome> append_with(append_decider const& decide) {
        if constexpr (requires { Fault::batch; }) {
            return memory_store::append_with([&]() -> result<append_batch> {
                auto batch = decide();
                if (batch) Fault::batch(batch.value());
                return batch;
            });
        } else {
            return memory_store::append_with(decide);
        }
    }
    result<void> read_slot(std::uint16_t slot, std::uint64_t after, entry_visitor const& each) {
        if constexpr (requires { Fault::after(after); }) after = Fault::after(after);
        return memory_store::read_slot(slot, after, each);
    }
    result<void> read_customer(std::string_view code, entry_visitor const& each) {
        if constexpr (requires { Fault::sees(journal_entry{}); }) {
            return memory_store::read_customer(code,
                                               [&](journal_entry const& e) { return !Fault::sees(e) || each(e); });
        } else {
            return memory_store::read_customer(code, each);
        }
    }
    result<std::vector<kept_decision>> decisions(std::uint64_t from, std::uint64_t most) {
        auto all = memory_store::decisions(from, most);
        if constexpr (requires { Fault::decided(all.value()); }) Fault::decided(all.value());
        return all;
    }
    result<std::uint64_t> erase_personal(std::string_view customer, std::string_view pseudonym) {
        if constexpr (requires { Fault::forgets_all; }) pseudonym = {};
        return memory_store::erase_personal(customer, pseudonym);
    }
    result<void> save_snapshot(std::vector<slot_image> const& images) {
        if constexpr (requires { Fault::keeps_first; }) {
            if (memory_store::load_snapshot().value()) return {};
        }
        return memory_store::save_snapshot(images);
    }
};

template <class Fault>
std::vector<std::string> broken_by() {
    faulty<Fault> const place;
    return testing::event_store_laws([&]() -> result<any_event_store> { return any_event_store{place}; });
}
bool names(std::vector<std::string> const& broken, std::string_view what) {
    return std::any_of(broken.begin(), broken.end(), [&](auto const& b) { return b.find(what) != std::string::npos; });
}

struct no_fault {};
struct forgets_expectations {
    static void batch(append_batch& b) { b.expected.clear(); }
};
struct loses_the_last {
    static void batch(append_batch& b) {
        if (b.entries.size() > 1) b.entries.pop_back();
    }
};
struct turns_around {
    static void batch(append_batch& b) { std::reverse(b.entries.begin(), b.entries.end()); }
};
struct keeps_no_people {
    static void batch(append_batch& b) { b.personal.clear(); }
};
struct keeps_no_notes {
    static void batch(append_batch& b) { b.notes.clear(); }
};
struct reads_from_the_start {
    static std::uint64_t after(std::uint64_t) { return 0; }
};
struct misses_the_slots_own {
    static bool sees(journal_entry const& e) { return !e.customer.empty(); }
};
struct numbers_from_zero {
    static void decided(std::vector<kept_decision>& all) {
        for (auto& d : all) --d.position;
    }
};
struct erases_everybody {
    static constexpr bool forgets_all = true;
};
struct keeps_the_first_snapshot {
    static constexpr bool keeps_first = true;
};
/// Each time it is opened it is another.
std::vector<std::string> broken_by_forgetting() {
    return testing::event_store_laws(
        []() -> result<any_event_store> { return any_event_store{store::memory_store{}}; });
}

}  // namespace

TEST_CASE("the laws of event stores find no fault with a sound store, and name that of another", "[testing][laws]") {
    CHECK(broken_by<no_fault>().empty());
    CHECK(names(broken_by<forgets_expectations>(), "should be empty and is not goes through"));
    CHECK(names(broken_by<loses_the_last>(), "says otherwise than what it did"));
    CHECK(names(broken_by<turns_around>(), "in its order"));
    CHECK(names(broken_by<keeps_no_people>(), "personal texts"));
    CHECK(names(broken_by<keeps_no_notes>(), "note"));
    CHECK(names(broken_by<reads_from_the_start>(), "behind `after`"));
    CHECK(names(broken_by<misses_the_slots_own>(), "the slot's own"));
    CHECK(names(broken_by<numbers_from_zero>(), "position"));
    CHECK(names(broken_by<erases_everybody>(), "one pseudonym's text"));
    CHECK(names(broken_by<keeps_the_first_snapshot>(), "saved last"));
    CHECK(names(broken_by_forgetting(), "reopened"));
}

TEST_CASE("a store that does not open breaks the laws in words", "[testing][laws]") {
    auto const broken = testing::event_store_laws(
        []() -> result<any_event_store> { return error{.code = errc::io_failure, .remedy = "no disk"}; });
    REQUIRE(broken.size() == 1);
    CHECK(broken.front().find("no disk") != std::string::npos);
}
