#include <patron/lifecycle/impl/standing.ipp>
