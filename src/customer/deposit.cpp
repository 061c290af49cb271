#include <patron/customer/impl/deposit.ipp>
