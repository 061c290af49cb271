#include <patron/policy/impl/decision_table.ipp>
