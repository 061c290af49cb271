#include <patron/testing/impl/simulation.ipp>
