#include <patron/insight/impl/forecast_backtest.ipp>
