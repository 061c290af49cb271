#include <patron/customer/impl/receivables.ipp>
