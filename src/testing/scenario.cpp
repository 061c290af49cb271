#include <patron/testing/impl/scenario.ipp>
