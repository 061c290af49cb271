/// How the library is built: compiled or header-only, and what its shared form exports.
#pragma once
#include <patron/version.hpp>

#if defined(PATRON_HEADER_ONLY)
#    define PATRON_API
#    define PATRON_FN inline
#elif defined(_WIN32)
#    if defined(PATRON_BUILDING)
#        define PATRON_API __declspec(dllexport)
#    elif defined(PATRON_SHARED)
#        define PATRON_API __declspec(dllimport)
#    else
#        define PATRON_API
#    endif
#    define PATRON_FN
#else
#    define PATRON_API __attribute__((visibility("default")))
#    define PATRON_FN
#endif
