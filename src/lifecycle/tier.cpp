#include <patron/lifecycle/impl/tier.ipp>
