#include <patron/lifecycle/impl/strain.ipp>
