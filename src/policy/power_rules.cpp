#include <patron/policy/impl/power_rules.ipp>
