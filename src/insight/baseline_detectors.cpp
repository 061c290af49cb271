#include <patron/insight/impl/baseline_detectors.ipp>
