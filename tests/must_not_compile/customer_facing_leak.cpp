// What is written for a customer takes the customer-facing view; our own effects are none (POW-7).
#include <patron/policy/customer_facing.hpp>

#include <vector>

using namespace patron;

std::size_t letter_to_customer(policy::customer_facing const& shown);

std::size_t write(std::vector<kept_effect> const& ours) {
#if defined(PATRON_BREAK)
    return letter_to_customer(ours);
#else
    return letter_to_customer(policy::customer_facing::of(ours, 0, {}, 0));
#endif
}
