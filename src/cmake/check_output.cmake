# cmake -DPROGRAM=<exe> -DEXPECTED=<file> -P check_output.cmake: the program prints the golden file
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE actual COMMAND_ERROR_IS_FATAL ANY)
if(NOT EXISTS ${EXPECTED})
    message(FATAL_ERROR "no golden output ${EXPECTED}; the program printed:\n${actual}")
endif()
file(READ ${EXPECTED} expected)
if(NOT actual STREQUAL expected)
    message(FATAL_ERROR "expected (${EXPECTED}):\n${expected}\nactual:\n${actual}")
endif()
