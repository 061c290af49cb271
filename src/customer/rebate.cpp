#include <patron/customer/impl/rebate.ipp>
