# cmake -DCOMPILE=<command, joined by |> -DSOURCE=<file> -DDIAGNOSTIC=<regex> -P check_rejected.cmake:
# the source compiles as it stands; with PATRON_BREAK it is refused, in words that match the regex
string(REPLACE "|" ";" compile "${COMPILE}")
set(compile ${compile} -c ${SOURCE} -o ${OBJECT})

execute_process(COMMAND ${compile} RESULT_VARIABLE failed ERROR_VARIABLE words)
if(failed)
    message(FATAL_ERROR "the sound form of ${SOURCE} does not compile:\n${words}")
endif()

execute_process(COMMAND ${compile} -DPATRON_BREAK RESULT_VARIABLE failed ERROR_VARIABLE words)
if(NOT failed)
    message(FATAL_ERROR "${SOURCE} compiles with PATRON_BREAK, and must not")
endif()
if(NOT words MATCHES "${DIAGNOSTIC}")
    message(FATAL_ERROR "${SOURCE} is refused, but not with \"${DIAGNOSTIC}\":\n${words}")
endif()
string(REGEX MATCH "[^\n]*${DIAGNOSTIC}[^\n]*" line "${words}")
message(STATUS "refused as it should be: ${line}")
