#include <patron/policy/impl/credit_rules.ipp>
