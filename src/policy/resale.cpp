#include <patron/policy/impl/resale.ipp>
