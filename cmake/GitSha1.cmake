# Run at every build: writes the commit of the sources to OUTPUT, and touches it only when it changed.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD
    OUTPUT_VARIABLE sha1 OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
    set(sha1 "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define RECOUP_GIT_SHA1 \"${sha1}\"\n")
