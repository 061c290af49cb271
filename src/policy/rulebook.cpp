#include <patron/policy/impl/rulebook.ipp>
