#include <patron/policy/impl/effect.ipp>
