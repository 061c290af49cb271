// A second file with the same headers: header-only bodies must not be defined twice.
#include <patron/base/date.hpp>
#include <patron/base/money.hpp>

bool is_nothing(patron::money amount) { return amount.minor_units() == 0; }
