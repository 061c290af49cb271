#include <patron/policy/impl/credit_hold.ipp>
