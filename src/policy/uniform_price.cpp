#include <patron/policy/impl/uniform_price.ipp>
