#include <patron/policy/impl/credit.ipp>
