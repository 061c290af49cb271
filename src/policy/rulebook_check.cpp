#include <patron/policy/impl/rulebook_check.ipp>
