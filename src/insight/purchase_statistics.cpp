#include <patron/insight/impl/purchase_statistics.ipp>
