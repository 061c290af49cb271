#include <patron/policy/impl/reason.ipp>
