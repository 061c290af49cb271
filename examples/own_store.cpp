// Can a store be mine? Any type with the members of the concept is one; the laws tell whether it keeps its promises.
#include <patron/store/memory.hpp>
#include <patron/store/stored_book.hpp>
#include <patron/testing/event_store_laws.hpp>

#include <iostream>
#include <memory>

using namespace patron;
using namespace patron::literals;
using namespace std::chrono_literals;

// tag::store[]
/// A store that stands before another and lets a bookkeeper read along.
struct watched_store : store::memory_store {
    std::shared_ptr<int> appends = std::make_shared<int>(0);

    result<append_outcome> append(append_batch const& batch) {
        return append_with([&]() -> result<append_batch> { return batch; });
    }
    result<append_outcome> append_with(append_decider const& decide) {
        auto const done = memory_store::append_with(decide);
        if (done) *appends += 1;
        return done;
    }
};
static_assert(event_store<watched_store>);
// end::store[]

int main() {
    watched_store const place;  // copies are handles to the same
    // tag::laws[]
    auto const broken = testing::event_store_laws([]() -> result<any_event_store> {
        static watched_store const one;
        return any_event_store{one};
    });
    std::cout << (broken.empty() ? "keeps every law\n" : broken.front() + '\n');
    // end::laws[]

    auto book = store::stored_book::open(place).value();
    order_placed order{.ref = "SO-1", .at = 2026y / 3 / 2, .customer = "C-1001", .order = "SO-1", .amount = 120.00_CNY};
    book.apply(order).value();
    book.apply(order).value();  // told again: no second effect
    std::cout << *place.appends << " appends, " << book.book().size() << " customer, "
              << book.book().state_of("C-1001").value().orders << " order\n";
}
