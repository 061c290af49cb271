#include <patron/lifecycle/impl/supply.ipp>
