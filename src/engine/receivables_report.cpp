#include <patron/engine/impl/receivables_report.ipp>
