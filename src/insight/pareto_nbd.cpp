#include <patron/insight/impl/pareto_nbd.ipp>
