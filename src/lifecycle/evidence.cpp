#include <patron/lifecycle/impl/evidence.ipp>
