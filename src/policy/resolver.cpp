#include <patron/policy/impl/resolver.ipp>
