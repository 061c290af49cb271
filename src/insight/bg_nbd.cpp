#include <patron/insight/impl/bg_nbd.ipp>
