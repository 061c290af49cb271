#include <patron/insight/impl/gamma_gamma.ipp>
