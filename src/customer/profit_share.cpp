#include <patron/customer/impl/profit_share.ipp>
