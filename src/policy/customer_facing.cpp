#include <patron/policy/impl/customer_facing.ipp>
