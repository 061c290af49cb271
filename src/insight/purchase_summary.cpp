#include <patron/insight/impl/purchase_summary.ipp>
