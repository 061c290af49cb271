#include <patron/customer/impl/price_list.ipp>
