#include <patron/policy/impl/ladder_reasons.ipp>
