#include <patron/policy/impl/rulebook_policy.ipp>
