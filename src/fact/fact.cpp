#include <patron/fact/impl/fact.ipp>
