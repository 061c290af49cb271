#include <patron/customer/impl/exposure.ipp>
